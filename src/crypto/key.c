#include "crypto/key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/secret.h"
#include "crypto/openssl.h"

/* Sizes that are safe and that a verifier need not fear. */
#define RSA_MIN_BITS 2048
#define RSA_MAX_BITS 8192
#define RSA_NEW_BITS 3072

/* What stands before the point in the SPKI of a key (RFC 5480 2). */
static const uint8_t p256_head[] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
};
static const uint8_t p384_head[] = {
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
};
static const uint8_t p521_head[] = {
    0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
    0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00,
};

static const struct {
    const char *type;
    const char *curve;
    size_t field;  /* bytes of a coordinate */
    size_t spki_n; /* bytes of an SPKI in the one encoding; 0: they vary */
    const uint8_t *head; /* curves only */
} kinds[] = {
    [HTTPA_KEY_ED25519] = { "ED25519", NULL, 0, 44, NULL },
    [HTTPA_KEY_P256] = { "EC", "prime256v1", 32, 91, p256_head },
    [HTTPA_KEY_P384] = { "EC", "secp384r1", 48, 120, p384_head },
    [HTTPA_KEY_RSA] = { "RSA", NULL, 0, 0, NULL },
    [HTTPA_KEY_P521] = { "EC", "secp521r1", 66, 158, p521_head },
};

#define FIELD_MAX 66u

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static bool has_curve(const EVP_PKEY *pkey, const char *curve)
{
    char name[32];
    size_t n = 0;
    return EVP_PKEY_get_group_name(pkey, name, sizeof(name), &n) == 1 &&
           strcmp(name, curve) == 0;
}

static bool has_rsa_size(const EVP_PKEY *pkey)
{
    int bits = EVP_PKEY_get_bits(pkey);
    return bits >= RSA_MIN_BITS && bits <= RSA_MAX_BITS;
}

static enum httpa_err find_kind(const EVP_PKEY *pkey,
                                enum httpa_key_kind *ret_kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (EVP_PKEY_is_a(pkey, kinds[i].type) == 1 &&
            (kinds[i].curve == NULL || has_curve(pkey, kinds[i].curve)) &&
            (i != HTTPA_KEY_RSA || has_rsa_size(pkey))) {
            *ret_kind = (enum httpa_key_kind)i;
            return HTTPA_OK;
        }
    }
    return httpa_crypto_fail(HTTPA_ERR_UNSUPPORTED);
}

/* The uncompressed point ends the SPKI of an EC key (RFC 5480 2). */
static struct httpa_slice find_point(enum httpa_key_kind kind,
                                     const uint8_t *spki)
{
    if (kinds[kind].curve == NULL) {
        return (struct httpa_slice){ 0 };
    }
    size_t n = 1 + 2 * kinds[kind].field;
    return httpa_slice_of(spki + kinds[kind].spki_n - n, n);
}

/* OpenSSL keeps the form in which it read a key: a curve written out and a
 * compressed point change the length, a hybrid point its first byte. */
static bool is_canonical(enum httpa_key_kind kind, const uint8_t *spki,
                         size_t n)
{
    return (kinds[kind].spki_n == 0 || kinds[kind].spki_n == n) &&
           (kinds[kind].curve == NULL || find_point(kind, spki).p[0] == 4);
}

/* Writes the SPKI to |spki|, HTTPA_SPKI_MAX bytes, and its length. */
static enum httpa_err write_spki(const EVP_PKEY *pkey, enum httpa_key_kind kind,
                                 uint8_t *spki, size_t *ret_n)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(pkey, &der);
    enum httpa_err err = HTTPA_ERR_CRYPTO;
    if (n > 0 && n <= HTTPA_SPKI_MAX) {
        memcpy(spki, der, (size_t)n);
        *ret_n = (size_t)n;
        err = is_canonical(kind, spki, *ret_n) ? HTTPA_OK : HTTPA_ERR_MALFORMED;
    }
    OPENSSL_free(der);
    return err == HTTPA_OK ? err : httpa_crypto_fail(err);
}

/* ---- private keys ---- */

/* Takes |pkey|, also when it fails. */
static enum httpa_err adopt_private(EVP_PKEY *pkey, struct httpa_key **ret_key)
{
    struct httpa_key *key = calloc(1, sizeof(*key));
    if (key == NULL) {
        EVP_PKEY_free(pkey);
        return HTTPA_ERR_MEMORY;
    }
    key->pkey = pkey;
    enum httpa_err err = find_kind(pkey, &key->kind);
    if (err == HTTPA_OK && key->kind == HTTPA_KEY_P521) {
        err = HTTPA_ERR_UNSUPPORTED;
    }
    if (err == HTTPA_OK) {
        err = write_spki(pkey, key->kind, key->spki, &key->spki_n);
    }
    if (err != HTTPA_OK) {
        httpa_key_free(key);
        return err;
    }
    *ret_key = key;
    return HTTPA_OK;
}

enum httpa_err httpa_key_generate(const struct httpa_crypto *crypto,
                                  enum httpa_key_kind kind,
                                  struct httpa_key **ret_key)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx =
        EVP_PKEY_CTX_new_from_name(crypto->lib, kinds[kind].type, NULL);
    bool ok = ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1;
    if (ok && kinds[kind].curve != NULL) {
        ok = EVP_PKEY_CTX_set_group_name(ctx, kinds[kind].curve) == 1;
    } else if (ok && kind == HTTPA_KEY_RSA) {
        size_t bits = RSA_NEW_BITS;
        OSSL_PARAM params[] = {
            OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &bits),
            OSSL_PARAM_END,
        };
        ok = EVP_PKEY_CTX_set_params(ctx, params) == 1;
    }
    ok = ok && EVP_PKEY_generate(ctx, &pkey) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok ? adopt_private(pkey, ret_key)
              : httpa_crypto_fail(HTTPA_ERR_CRYPTO);
}

/* Without this, OpenSSL would ask for a passphrase on the terminal. */
static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
    (void)buf, (void)size, (void)writing, (void)ctx;
    return -1;
}

enum httpa_err httpa_key_read_pem(const struct httpa_crypto *crypto,
                                  struct httpa_slice pem,
                                  struct httpa_key **ret_key)
{
    if (pem.n > HTTPA_KEY_PEM_MAX) {
        return HTTPA_ERR_RANGE;
    }
    BIO *bio =
        BIO_new_mem_buf(pem.n > 0 ? (const void *)pem.p : "", (int)pem.n);
    if (bio == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_MEMORY);
    }
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey_ex(bio, NULL, no_passphrase, NULL,
                                                crypto->lib, NULL);
    BIO_free(bio);
    return pkey != NULL ? adopt_private(pkey, ret_key)
                        : httpa_crypto_fail(HTTPA_ERR_MALFORMED);
}

enum httpa_err httpa_key_write_pem(const struct httpa_key *key,
                                   struct httpa_buf *out)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_MEMORY);
    }
    enum httpa_err err = HTTPA_ERR_CRYPTO;
    char *text = NULL;
    if (PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL,
                                      NULL) == 1) {
        long n = BIO_get_mem_data(bio, &text);
        httpa_buf_put(out, text, (size_t)n);
        httpa_wipe(text, (size_t)n);
        err = httpa_buf_check(out);
    }
    BIO_free(bio);
    return err == HTTPA_OK ? err : httpa_crypto_fail(err);
}

enum httpa_key_kind httpa_key_kind_of(const struct httpa_key *key)
{
    return key->kind;
}

struct httpa_slice httpa_key_spki(const struct httpa_key *key)
{
    return httpa_slice_of(key->spki, key->spki_n);
}

void httpa_key_free(struct httpa_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->pkey); /* wipes */
        free(key);
    }
}

/* ---- public keys ---- */

/* RFC 8017 3.1: e is odd and at least 3; more than 64 bits would only cost
 * the verifier time. */
static bool has_good_exponent(const EVP_PKEY *pkey)
{
    BIGNUM *e = NULL;
    bool ok = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
              BN_is_odd(e) && BN_num_bits(e) >= 2 && BN_num_bits(e) <= 64;
    BN_free(e);
    return ok;
}

/* Takes |pkey|, also when it fails. */
static enum httpa_err adopt_public(EVP_PKEY *pkey,
                                   struct httpa_pubkey **ret_pubkey)
{
    struct httpa_pubkey *pubkey = calloc(1, sizeof(*pubkey));
    if (pubkey == NULL) {
        EVP_PKEY_free(pkey);
        return HTTPA_ERR_MEMORY;
    }
    pubkey->pkey = pkey;
    enum httpa_err err = find_kind(pkey, &pubkey->kind);
    if (err == HTTPA_OK && pubkey->kind == HTTPA_KEY_RSA &&
        !has_good_exponent(pkey)) {
        err = httpa_crypto_fail(HTTPA_ERR_UNSUPPORTED);
    }
    if (err == HTTPA_OK) {
        err = write_spki(pkey, pubkey->kind, pubkey->spki, &pubkey->spki_n);
    }
    if (err != HTTPA_OK) {
        httpa_pubkey_free(pubkey);
        return err;
    }
    *ret_pubkey = pubkey;
    return HTTPA_OK;
}

/* A key of |type| from parameters (NULL: an earlier step failed); |fault| is
 * what a refusal means. */
static enum httpa_err from_params(const struct httpa_crypto *crypto,
                                  const char *type, OSSL_PARAM *params,
                                  enum httpa_err fault, EVP_PKEY **ret_pkey)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(crypto->lib, type, NULL);
    bool ok = params != NULL && ctx != NULL &&
              EVP_PKEY_fromdata_init(ctx) == 1 &&
              EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (!ok) {
        return httpa_crypto_fail(fault);
    }
    *ret_pkey = pkey;
    return HTTPA_OK;
}

/* Takes |pkey|, also when it fails: the key of |kind| with the uncompressed
 * |point|. */
static enum httpa_err adopt_point(EVP_PKEY *pkey, enum httpa_key_kind kind,
                                  const uint8_t *point,
                                  struct httpa_pubkey **ret_pubkey)
{
    struct httpa_pubkey *pubkey = calloc(1, sizeof(*pubkey));
    if (pubkey == NULL) {
        EVP_PKEY_free(pkey);
        return HTTPA_ERR_MEMORY;
    }
    size_t n = 1 + 2 * kinds[kind].field;
    size_t head_n = kinds[kind].spki_n - n;
    pubkey->pkey = pkey;
    pubkey->kind = kind;
    pubkey->spki_n = kinds[kind].spki_n;
    memcpy(pubkey->spki, kinds[kind].head, head_n);
    memcpy(pubkey->spki + head_n, point, n);
    *ret_pubkey = pubkey;
    return HTTPA_OK;
}

/* The key of |kind| with the uncompressed |point|.  OpenSSL 3.0 takes three
 * times as long as a verification to read or write an SPKI: the one encoding
 * of a key on a curve is known, so neither is asked of it. */
static enum httpa_err from_point(const struct httpa_crypto *crypto,
                                 enum httpa_key_kind kind, const uint8_t *point,
                                 struct httpa_pubkey **ret_pubkey)
{
    size_t n = 1 + 2 * kinds[kind].field;
    char curve[16];
    uint8_t bytes[1 + 2 * FIELD_MAX];
    OPENSSL_strlcpy(curve, kinds[kind].curve, sizeof(curve));
    memcpy(bytes, point, n);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes, n),
        OSSL_PARAM_END,
    };
    EVP_PKEY *pkey = NULL;
    enum httpa_err err =
        from_params(crypto, "EC", params, HTTPA_ERR_MALFORMED, &pkey);
    return err == HTTPA_OK ? adopt_point(pkey, kind, point, ret_pubkey) : err;
}

/* Whether |spki| is the one encoding of a point on a curve, and which. */
static bool
is_plain_point(struct httpa_slice spki, enum httpa_key_kind *ret_kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        size_t head_n = kinds[i].spki_n - 1 - 2 * kinds[i].field;
        if (kinds[i].head != NULL && spki.n == kinds[i].spki_n &&
            memcmp(spki.p, kinds[i].head, head_n) == 0 && spki.p[head_n] == 4) {
            *ret_kind = (enum httpa_key_kind)i;
            return true;
        }
    }
    return false;
}

enum httpa_err httpa_pubkey_read(const struct httpa_crypto *crypto,
                                 struct httpa_slice spki,
                                 struct httpa_pubkey **ret_pubkey)
{
    if (spki.n > HTTPA_SPKI_MAX) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_key_kind kind;
    if (is_plain_point(spki, &kind)) {
        return from_point(crypto, kind, find_point(kind, spki.p).p, ret_pubkey);
    }
    const unsigned char *at = spki.p;
    EVP_PKEY *pkey =
        spki.n > 0 ? d2i_PUBKEY_ex(NULL, &at, (long)spki.n, crypto->lib, NULL)
                   : NULL;
    if (pkey == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_MALFORMED);
    }
    struct httpa_pubkey *pubkey = NULL;
    enum httpa_err err = adopt_public(pkey, &pubkey);
    if (err != HTTPA_OK) {
        return err;
    }
    if (!httpa_slice_equal(spki, httpa_pubkey_spki(pubkey))) {
        httpa_pubkey_free(pubkey);
        return HTTPA_ERR_MALFORMED;
    }
    *ret_pubkey = pubkey;
    return HTTPA_OK;
}

enum httpa_err httpa_pubkey_share(const struct httpa_crypto *crypto,
                                  struct httpa_slice spki, EVP_PKEY *pkey,
                                  struct httpa_pubkey **ret_pubkey)
{
    enum httpa_key_kind kind;
    if (pkey == NULL || !is_plain_point(spki, &kind) ||
        EVP_PKEY_up_ref(pkey) != 1) {
        return httpa_pubkey_read(crypto, spki, ret_pubkey);
    }
    return adopt_point(pkey, kind, find_point(kind, spki.p).p, ret_pubkey);
}

enum httpa_err httpa_pubkey_from_ec(const struct httpa_crypto *crypto,
                                    enum httpa_key_kind kind,
                                    struct httpa_slice x, struct httpa_slice y,
                                    struct httpa_pubkey **ret_pubkey)
{
    if (kinds[kind].curve == NULL) {
        return HTTPA_ERR_USAGE;
    }
    size_t field = kinds[kind].field;
    if (x.n > field || y.n > field) {
        return HTTPA_ERR_MALFORMED;
    }
    uint8_t point[1 + 2 * FIELD_MAX] = { 4 };
    if (x.n > 0 && y.n > 0) {
        memcpy(point + 1 + field - x.n, x.p, x.n);
        memcpy(point + 1 + 2 * field - y.n, y.p, y.n);
    }
    return from_point(crypto, kind, point, ret_pubkey);
}

enum httpa_err httpa_pubkey_from_rsa(const struct httpa_crypto *crypto,
                                     struct httpa_slice modulus,
                                     uint32_t exponent,
                                     struct httpa_pubkey **ret_pubkey)
{
    if (modulus.n > RSA_MAX_BITS / 8) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    BIGNUM *n = BN_bin2bn(modulus.p, (int)modulus.n, NULL);
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (n != NULL && b != NULL &&
        OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_ulong(b, OSSL_PKEY_PARAM_RSA_E, exponent) == 1) {
        params = OSSL_PARAM_BLD_to_param(b);
    }
    OSSL_PARAM_BLD_free(b);
    EVP_PKEY *pkey = NULL;
    enum httpa_err err =
        from_params(crypto, "RSA", params, HTTPA_ERR_UNSUPPORTED, &pkey);
    OSSL_PARAM_free(params);
    BN_free(n);
    return err == HTTPA_OK ? adopt_public(pkey, ret_pubkey) : err;
}

enum httpa_key_kind httpa_pubkey_kind_of(const struct httpa_pubkey *pubkey)
{
    return pubkey->kind;
}

struct httpa_slice httpa_pubkey_spki(const struct httpa_pubkey *pubkey)
{
    return httpa_slice_of(pubkey->spki, pubkey->spki_n);
}

struct httpa_slice httpa_pubkey_point(const struct httpa_pubkey *pubkey)
{
    return find_point(pubkey->kind, pubkey->spki);
}

void httpa_pubkey_free(struct httpa_pubkey *pubkey)
{
    if (pubkey != NULL) {
        EVP_PKEY_free(pubkey->pkey);
        free(pubkey);
    }
}
