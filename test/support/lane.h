/* The keys of doc/protocol.md, appendix A (AES-128-GCM), ready to seal
 * and open, for the tests of src/session. */
#ifndef HTTPA_TEST_LANE_H
#define HTTPA_TEST_LANE_H

#include "session/base.h"
#include "session/record.h"
#include "support/test.h"

static struct httpa_crypto *lane_crypto;
static struct httpa_keys lane_keys;

static inline int lane_setup(void **state)
{
    (void)state;
    assert_ok(httpa_crypto_new(&lane_crypto));
    const struct httpa_suite *suite =
        httpa_suite_find(httpa_slice_str("TLS_AES_128_GCM_SHA256"));
    lane_keys.client.suite = suite;
    lane_keys.server.suite = suite;
    unhex("cad32e50ffbbdd7ccd9c1718ed6233b1", lane_keys.client.key, 32);
    unhex("8dc59586e3e95bdd5b610ecd", lane_keys.client.iv, 12);
    unhex("291194a26f765d1a13da5988ff19fced", lane_keys.server.key, 32);
    unhex("5226475aaed924b3ef33ec29", lane_keys.server.iv, 12);
    return 0;
}

static inline int lane_teardown(void **state)
{
    (void)state;
    httpa_crypto_free(lane_crypto);
    return 0;
}

static inline struct httpa_lane_start
lane_start(const struct httpa_traffic *traffic, uint64_t n,
           struct httpa_slice bind)
{
    return (struct httpa_lane_start){
        .crypto = lane_crypto, .traffic = traffic, .n = n, .bind = bind
    };
}

#endif
