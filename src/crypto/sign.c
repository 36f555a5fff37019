#include "crypto/sign.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "crypto/openssl.h"

/* Salt of PSS: RSA_PSS_SALTLEN_*; 0 for everything else. */
static const struct {
    const char *name;
    enum httpa_key_kind kind;
    enum httpa_hash_id hash; /* unused with Ed25519 */
    int padding;             /* RSA only */
    int salt;
    size_t raw; /* bytes of ECDSA's r || s; 0: not so */
} schemes[HTTPA_SCHEME_COUNT] = {
    [HTTPA_SIGN_ED25519] = { "ed25519", HTTPA_KEY_ED25519, HTTPA_SHA512, 0, 0,
                             0 },
    [HTTPA_SIGN_ECDSA_P256_SHA256] = { "ecdsa-p256-sha256", HTTPA_KEY_P256,
                                       HTTPA_SHA256, 0, 0, 0 },
    [HTTPA_SIGN_ECDSA_P384_SHA384] = { "ecdsa-p384-sha384", HTTPA_KEY_P384,
                                       HTTPA_SHA384, 0, 0, 0 },
    [HTTPA_SIGN_RSA_PSS_SHA256] = { "rsa-pss-sha256", HTTPA_KEY_RSA,
                                    HTTPA_SHA256, RSA_PKCS1_PSS_PADDING,
                                    RSA_PSS_SALTLEN_DIGEST, 0 },
    [HTTPA_SIGN_ES256] = { NULL, HTTPA_KEY_P256, HTTPA_SHA256, 0, 0, 64 },
    [HTTPA_SIGN_ES384] = { NULL, HTTPA_KEY_P384, HTTPA_SHA384, 0, 0, 96 },
    [HTTPA_SIGN_RSASSA_SHA256] = { NULL, HTTPA_KEY_RSA, HTTPA_SHA256,
                                   RSA_PKCS1_PADDING, 0, 0 },
    [HTTPA_SIGN_RSASSA_SHA384] = { NULL, HTTPA_KEY_RSA, HTTPA_SHA384,
                                   RSA_PKCS1_PADDING, 0, 0 },
    [HTTPA_SIGN_RSAPSS_ANY_SHA256] = { NULL, HTTPA_KEY_RSA, HTTPA_SHA256,
                                       RSA_PKCS1_PSS_PADDING,
                                       RSA_PSS_SALTLEN_AUTO, 0 },
    [HTTPA_SIGN_RSAPSS_ANY_SHA384] = { NULL, HTTPA_KEY_RSA, HTTPA_SHA384,
                                       RSA_PKCS1_PSS_PADDING,
                                       RSA_PSS_SALTLEN_AUTO, 0 },
    [HTTPA_SIGN_ES512] = { NULL, HTTPA_KEY_P521, HTTPA_SHA512, 0, 0, 132 },
};

/* DER of two INTEGERs of 66 bytes with sign bytes, in a SEQUENCE. */
#define ECDSA_DER_MAX 141

enum httpa_err httpa_scheme_find(struct httpa_slice alg,
                                 enum httpa_scheme *ret_scheme)
{
    for (int i = 0; i < HTTPA_SCHEME_COUNT; i++) {
        if (schemes[i].name != NULL && httpa_slice_is(alg, schemes[i].name)) {
            *ret_scheme = (enum httpa_scheme)i;
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_UNSUPPORTED;
}

const char *httpa_scheme_name(enum httpa_scheme scheme)
{
    return schemes[scheme].name;
}

enum httpa_scheme httpa_scheme_of(enum httpa_key_kind kind)
{
    static const enum httpa_scheme named[] = {
        [HTTPA_KEY_ED25519] = HTTPA_SIGN_ED25519,
        [HTTPA_KEY_P256] = HTTPA_SIGN_ECDSA_P256_SHA256,
        [HTTPA_KEY_P384] = HTTPA_SIGN_ECDSA_P384_SHA384,
        [HTTPA_KEY_RSA] = HTTPA_SIGN_RSA_PSS_SHA256,
        [HTTPA_KEY_P521] = HTTPA_SIGN_ES512, /* of no private key */
    };
    return named[kind];
}

/* ---- ECDSA: DER and r || s ---- */

/* r || s of |der|; false if it is no signature of that size. */
static bool der_to_raw(const uint8_t *der, size_t n, uint8_t *raw, size_t raw_n)
{
    const unsigned char *at = der;
    int half = (int)(raw_n / 2);
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
    bool ok = sig != NULL &&
              BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, half) == half &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, half) == half;
    ECDSA_SIG_free(sig);
    return ok;
}

/* DER of r || s: its length, 0 on failure; |der| has ECDSA_DER_MAX bytes. */
static size_t raw_to_der(struct httpa_slice raw, uint8_t *der)
{
    int half = (int)(raw.n / 2);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw.p, half, NULL);
    BIGNUM *s = BN_bin2bn(raw.p + half, half, NULL);
    if (sig == NULL || r == NULL || s == NULL ||
        ECDSA_SIG_set0(sig, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(sig);
        return 0;
    }
    unsigned char *at = der;
    int n = i2d_ECDSA_SIG(sig, NULL);
    n = n > 0 && n <= ECDSA_DER_MAX ? i2d_ECDSA_SIG(sig, &at) : 0;
    ECDSA_SIG_free(sig);
    return n > 0 ? (size_t)n : 0;
}

/* ---- sign and verify ---- */

/* The digest by name; Ed25519 hashes by itself. */
static const char *digest_name(enum httpa_scheme scheme)
{
    return scheme == HTTPA_SIGN_ED25519
               ? NULL
               : httpa_hash_openssl_name(schemes[scheme].hash);
}

/* MGF1's hash is the digest by default (RFC 8017 A.2.3). */
static bool set_padding(EVP_PKEY_CTX *ctx, enum httpa_scheme scheme)
{
    if (schemes[scheme].kind != HTTPA_KEY_RSA) {
        return true;
    }
    return EVP_PKEY_CTX_set_rsa_padding(ctx, schemes[scheme].padding) == 1 &&
           (schemes[scheme].padding != RSA_PKCS1_PSS_PADDING ||
            EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, schemes[scheme].salt) == 1);
}

static bool make_signature(const struct httpa_crypto *crypto, EVP_PKEY *pkey,
                           enum httpa_scheme scheme, struct httpa_slice message,
                           uint8_t *sig, size_t *n)
{
    EVP_PKEY_CTX *how = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL &&
              EVP_DigestSignInit_ex(ctx, &how, digest_name(scheme), crypto->lib,
                                    NULL, pkey, NULL) == 1 &&
              set_padding(how, scheme) &&
              EVP_DigestSign(ctx, sig, n, message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

enum httpa_err httpa_sign(const struct httpa_crypto *crypto,
                          const struct httpa_key *key, enum httpa_scheme scheme,
                          struct httpa_slice message, struct httpa_buf *out)
{
    if (key->kind != schemes[scheme].kind) {
        return HTTPA_ERR_KEY;
    }
    uint8_t sig[HTTPA_SIGNATURE_MAX];
    size_t n = sizeof(sig);
    if (!make_signature(crypto, key->pkey, scheme, message, sig, &n)) {
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    if (schemes[scheme].raw > 0) {
        uint8_t raw[ECDSA_DER_MAX];
        if (!der_to_raw(sig, n, raw, schemes[scheme].raw)) {
            return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
        }
        httpa_buf_put(out, raw, schemes[scheme].raw);
    } else {
        httpa_buf_put(out, sig, n);
    }
    return httpa_buf_check(out);
}

enum httpa_err httpa_verify(const struct httpa_crypto *crypto,
                            const struct httpa_pubkey *pubkey,
                            enum httpa_scheme scheme,
                            struct httpa_slice message,
                            struct httpa_slice signature)
{
    if (pubkey->kind != schemes[scheme].kind) {
        return HTTPA_ERR_KEY;
    }
    if (signature.n == 0 || signature.n > HTTPA_SIGNATURE_MAX) {
        return HTTPA_ERR_SIGNATURE;
    }
    uint8_t der[ECDSA_DER_MAX];
    if (schemes[scheme].raw > 0) {
        size_t n = signature.n == schemes[scheme].raw
                       ? raw_to_der(signature, der)
                       : 0;
        if (n == 0) {
            return httpa_crypto_fail(HTTPA_ERR_SIGNATURE);
        }
        signature = httpa_slice_of(der, n);
    }
    EVP_PKEY_CTX *how = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum httpa_err err = HTTPA_ERR_CRYPTO;
    if (ctx != NULL &&
        EVP_DigestVerifyInit_ex(ctx, &how, digest_name(scheme), crypto->lib,
                                NULL, pubkey->pkey, NULL) == 1 &&
        set_padding(how, scheme)) {
        err = EVP_DigestVerify(ctx, signature.p, signature.n, message.p,
                               message.n) == 1
                  ? HTTPA_OK
                  : HTTPA_ERR_SIGNATURE;
    }
    EVP_MD_CTX_free(ctx);
    return err == HTTPA_OK ? err : httpa_crypto_fail(err);
}
