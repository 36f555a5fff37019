/*
 * What the tests of this folder share: one crypto context per executable,
 * and a source of randomness that counts.
 */
#ifndef HTTPA_TEST_CRYPTO_SUPPORT_H
#define HTTPA_TEST_CRYPTO_SUPPORT_H

#include "crypto/crypto.h"
#include "crypto/random.h"
#include "support/test.h"

static struct httpa_crypto *crypto;

static inline int open_crypto(void **state)
{
    (void)state;
    return httpa_crypto_new(&crypto) == HTTPA_OK ? 0 : -1;
}

static inline int close_crypto(void **state)
{
    (void)state;
    httpa_crypto_free(crypto);
    return 0;
}

/* Fills with *ctx, *ctx + 1, ...: the keys of the vectors. */
static inline enum httpa_err count_up(void *ctx, uint8_t *p, size_t n)
{
    uint8_t *next = ctx;
    for (size_t i = 0; i < n; i++) {
        p[i] = (*next)++;
    }
    return HTTPA_OK;
}

/* Bytes written in hex; valid until the next call but one. */
static inline struct httpa_slice hex(const char *text)
{
    static uint8_t room[2][8192];
    static int turn;
    turn = !turn;
    return httpa_slice_of(room[turn], unhex(text, room[turn], 8192));
}

static inline void assert_slice_hex(struct httpa_slice s, const char *want)
{
    assert_hex(s.p, s.n, want);
}

#endif
