/*
 * One key of each kind per executable: making an RSA key takes long,
 * especially under valgrind.
 */
#ifndef HTTPA_TEST_CRYPTO_KEY_SUPPORT_H
#define HTTPA_TEST_CRYPTO_KEY_SUPPORT_H

#include "crypto/key.h"

#include "support.h"

static const enum httpa_key_kind all_kinds[] = {
    HTTPA_KEY_ED25519,
    HTTPA_KEY_P256,
    HTTPA_KEY_P384,
    HTTPA_KEY_RSA,
};

static struct httpa_key *keys[COUNT(all_kinds)];
static struct httpa_pubkey *pubs[COUNT(all_kinds)];

static inline int open_keys(void **state)
{
    bool ok = open_crypto(state) == 0;
    for (size_t i = 0; ok && i < COUNT(all_kinds); i++) {
        ok = httpa_key_generate(crypto, all_kinds[i], &keys[i]) == HTTPA_OK &&
             httpa_pubkey_read(crypto, httpa_key_spki(keys[i]), &pubs[i]) ==
                 HTTPA_OK;
    }
    return ok ? 0 : -1;
}

static inline int close_keys(void **state)
{
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        httpa_pubkey_free(pubs[i]);
        httpa_key_free(keys[i]);
    }
    return close_crypto(state);
}

#endif
