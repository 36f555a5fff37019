#include "crypto/crypto.h"

#include <stdlib.h>

#include <openssl/core_names.h>

#include "crypto/openssl.h"

static const char *const aead_names[HTTPA_SUITE_COUNT] = {
    [HTTPA_AES_128_GCM_SHA256] = "AES-128-GCM",
    [HTTPA_AES_256_GCM_SHA384] = "AES-256-GCM",
    [HTTPA_CHACHA20_POLY1305_SHA256] = "ChaCha20-Poly1305",
};

static bool fetch_hashes(struct httpa_crypto *c)
{
    c->hmac = EVP_MAC_fetch(c->lib, "HMAC", NULL);
    if (c->hmac == NULL) {
        return false;
    }
    static const unsigned char nothing[1];
    for (int i = 0; i < HTTPA_HASH_COUNT; i++) {
        const char *name = httpa_hash_openssl_name((enum httpa_hash_id)i);
        char digest[16];
        OPENSSL_strlcpy(digest, name, sizeof(digest));
        OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_END,
        };
        c->md[i] = EVP_MD_fetch(c->lib, name, NULL);
        c->hmac_model[i] = EVP_MAC_CTX_new(c->hmac);
        if (c->md[i] == NULL || c->hmac_model[i] == NULL ||
            EVP_MAC_init(c->hmac_model[i], nothing, sizeof(nothing), params) !=
                1) {
            return false;
        }
    }
    return true;
}

static bool fetch_ciphers(struct httpa_crypto *c)
{
    for (int i = 0; i < HTTPA_SUITE_COUNT; i++) {
        c->aead[i] = EVP_CIPHER_fetch(c->lib, aead_names[i], NULL);
        if (c->aead[i] == NULL) {
            return false;
        }
    }
    c->cfb_128 = EVP_CIPHER_fetch(c->lib, "AES-128-CFB", NULL);
    c->cfb_256 = EVP_CIPHER_fetch(c->lib, "AES-256-CFB", NULL);
    return c->cfb_128 != NULL && c->cfb_256 != NULL;
}

static bool find_groups(struct httpa_crypto *c)
{
    for (int i = 0; i < HTTPA_GROUP_COUNT; i++) {
        c->group[i] = httpa_group_probe(c->lib, (enum httpa_group_id)i);
    }
    ERR_clear_error(); /* of groups that are not there */
    return c->group[HTTPA_X25519] && c->group[HTTPA_SECP256R1];
}

enum httpa_err httpa_crypto_new(struct httpa_crypto **ret_crypto)
{
    struct httpa_crypto *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    if (!fetch_hashes(c) || !fetch_ciphers(c) || !find_groups(c)) {
        httpa_crypto_free(c);
        return httpa_crypto_fail(HTTPA_ERR_UNSUPPORTED);
    }
    *ret_crypto = c;
    return HTTPA_OK;
}

void httpa_crypto_free(struct httpa_crypto *crypto)
{
    if (crypto == NULL) {
        return;
    }
    for (int i = 0; i < HTTPA_HASH_COUNT; i++) {
        EVP_MAC_CTX_free(crypto->hmac_model[i]);
        EVP_MD_free(crypto->md[i]);
    }
    for (int i = 0; i < HTTPA_SUITE_COUNT; i++) {
        EVP_CIPHER_free(crypto->aead[i]);
    }
    EVP_CIPHER_free(crypto->cfb_128);
    EVP_CIPHER_free(crypto->cfb_256);
    EVP_MAC_free(crypto->hmac);
    free(crypto);
}
