/*
 * What the service makes of an AtHS request: the checks of doc/protocol.md
 * 5.8, in their order, and what was chosen.
 */
#ifndef HTTPA_HANDSHAKE_JUDGE_H
#define HTTPA_HANDSHAKE_JUDGE_H

#include "crypto/group.h"
#include "crypto/suite.h"
#include "handshake/demands.h"
#include "wire/ahl.h"

/* What the service can do and knows; borrowed. */
struct httpa_aths_rules {
    const struct httpa_crypto *crypto;
    const char *const *origins;
    size_t origin_count;
    const char *label; /* of this process */
    int64_t now_s;
    uint32_t date_window_s; /* 0: Attest-Date is not judged */
    bool draining;
    bool has_fresh;          /* an attester answers */
    int64_t quote_key_age_s; /* not-after - not-before; 0: no quote key */
};

/* What was chosen. */
struct httpa_aths_choice {
    const char *origin; /* one of the rules' */
    const struct httpa_suite *suite;
    const struct httpa_group *group;
    uint8_t share[HTTPA_SHARE_MAX]; /* the client's, of that group */
    size_t share_len;
    enum httpa_binding binding; /* first acceptable one of the client's */
    bool also_key;              /* offered `key` beside: show ours */
    bool allow_untrusted;
};

/*
 * Judges |request|, read at the place of an AtHS request, and |content|.
 * The error is the first check that failed: BUSY (draining), VERSION, TARGET,
 * SUITE, MALFORMED, GROUP, DATE, REFUSED (client proofs), POLICY, LIMIT.
 */
HTTPA_MUST_USE enum httpa_err
httpa_aths_judge(const struct httpa_aths_rules *rules,
                 const struct httpa_ahl *request, struct httpa_slice content,
                 struct httpa_aths_choice *ret_choice);

#endif
