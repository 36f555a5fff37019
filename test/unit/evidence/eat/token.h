/* Tokens for the tests of this folder: a key of this run, one way to write. */
#ifndef HTTPA_TEST_EAT_TOKEN_H
#define HTTPA_TEST_EAT_TOKEN_H

#include "crypto/key.h"
#include "evidence/eat/eat.h"
#include "../support.h"

static struct httpa_key *signer;
static uint8_t token_rd[HTTPA_RD_LEN];

static inline int open_signer(void **state)
{
    memset(token_rd, 0x5a, sizeof(token_rd));
    return open_crypto(state) == 0 &&
                   httpa_key_generate(crypto, HTTPA_KEY_P256, &signer) ==
                       HTTPA_OK
               ? 0
               : -1;
}

static inline int close_signer(void **state)
{
    httpa_key_free(signer);
    return close_crypto(state);
}

/* {"app": "demo", "build": h'00ff', "port": 7, "ok": true}, not in order */
static inline void write_token(struct httpa_buf *out)
{
    static const uint8_t build[] = { 0x00, 0xff };
    const struct httpa_eat_claim claims[] = {
        { httpa_slice_str("build"),
          httpa_value_bytes(httpa_slice_of(build, sizeof(build))) },
        { httpa_slice_str("port"), httpa_value_integer(7) },
        { httpa_slice_str("app"), httpa_value_str("demo") },
        { httpa_slice_str("ok"), httpa_value_boolean(true) },
    };
    const struct httpa_eat_content content = { .rd = token_rd,
                                               .iat_s = NOW,
                                               .claims = claims,
                                               .claim_count = COUNT(claims) };
    assert_ok(httpa_eat_write(crypto, signer, &content, out));
}

#endif
