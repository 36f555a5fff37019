#include "crypto/aead.h"

#include <openssl/core_names.h>
#include <string.h>

#include "base/reader.h"
#include "base/secret.h"
#include "crypto/openssl.h"

/* EVP directions. */
enum { OPEN = 0, SEAL = 1 };

/* Up to here a copy costs less than a second call: a record's header and what
 * it is bound to, and text that is padded. */
#define AAD_JOINED 64u
#define TEXT_JOINED 2048u

enum httpa_err httpa_aead_init(struct httpa_aead *a,
                               const struct httpa_crypto *crypto,
                               const struct httpa_suite *suite,
                               struct httpa_slice key)
{
    if (key.n != suite->key_size) {
        httpa_aead_done(a);
        return HTTPA_ERR_USAGE;
    }
    EVP_CIPHER_CTX *ctx = a->ctx != NULL ? a->ctx : EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_MEMORY);
    }
    /* The same cipher again must be NULL: naming it would free and allocate
     * its state anew. */
    const EVP_CIPHER *cipher =
        a->suite == suite ? NULL : crypto->aead[suite->id];
    a->ctx = ctx;
    a->suite = suite;
    if (EVP_CipherInit_ex2(ctx, cipher, key.p, NULL, SEAL, NULL) != 1) {
        httpa_aead_done(a);
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    return HTTPA_OK;
}

void httpa_aead_done(struct httpa_aead *a)
{
    EVP_CIPHER_CTX_free(a->ctx); /* wipes the key schedule */
    *a = (struct httpa_aead){ 0 };
}

/* AAD (|to| NULL) or text; false if OpenSSL fails. */
static bool update(EVP_CIPHER_CTX *ctx, struct httpa_slice in, uint8_t *to)
{
    int n = 0;
    return in.n == 0 || (EVP_CipherUpdate(ctx, to, &n, in.p, (int)in.n) == 1 &&
                         (size_t)n == in.n);
}

/* Two parts of AAD; as one where they are short, since a call costs more than
 * the copy. */
static bool update_aad(EVP_CIPHER_CTX *ctx, struct httpa_aead_parts aad)
{
    uint8_t both[AAD_JOINED];
    if (aad.second.n == 0 ||
        aad.first.n + aad.second.n > sizeof(both)) {
        return update(ctx, aad.first, NULL) && update(ctx, aad.second, NULL);
    }
    struct httpa_buf b = httpa_buf_fixed(both, sizeof(both));
    httpa_buf_put_slice(&b, aad.first);
    httpa_buf_put_slice(&b, aad.second);
    return update(ctx, httpa_buf_slice(&b), NULL);
}

static void place(struct httpa_slice s, uint8_t *to)
{
    if (s.n > 0 && s.p != to) {
        memcpy(to, s.p, s.n);
    }
}

/* Two parts of text; sealed in place as one where they are short. */
static bool update_text(EVP_CIPHER_CTX *ctx, struct httpa_aead_parts text,
                        uint8_t *to)
{
    uint8_t *second = to + text.first.n;
    size_t n = text.first.n + text.second.n;
    if (text.second.n == 0 || n > TEXT_JOINED) {
        return update(ctx, text.first, to) && update(ctx, text.second, second);
    }
    place(text.second, second);
    place(text.first, to);
    return update(ctx, httpa_slice_of(to, n), to);
}

/* Tags leave and enter as a parameter; a ctrl would be translated into one. */
static bool get_tag(EVP_CIPHER_CTX *ctx, uint8_t *ret_tag)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, ret_tag,
                                HTTPA_AEAD_TAG),
        OSSL_PARAM_END,
    };
    return EVP_CIPHER_CTX_get_params(ctx, params) == 1;
}

static bool set_tag(EVP_CIPHER_CTX *ctx, uint8_t *tag)
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag,
                                HTTPA_AEAD_TAG),
        OSSL_PARAM_END,
    };
    return EVP_CIPHER_CTX_set_params(ctx, params) == 1;
}

/* Starts an operation: direction, nonce, then the AAD. */
static bool start(struct httpa_aead *a, int direction, const uint8_t *nonce,
                  struct httpa_aead_parts aad)
{
    return EVP_CipherInit_ex2(a->ctx, NULL, NULL, nonce, direction, NULL) ==
               1 &&
           update_aad(a->ctx, aad);
}

static bool fits(struct httpa_aead_parts p)
{
    return p.first.n <= HTTPA_AEAD_TEXT_MAX &&
           p.second.n <= HTTPA_AEAD_TEXT_MAX - p.first.n;
}

enum httpa_err httpa_aead_seal(struct httpa_aead *a,
                               const uint8_t nonce[HTTPA_AEAD_NONCE],
                               struct httpa_aead_parts aad,
                               struct httpa_aead_parts text,
                               uint8_t *ret_sealed)
{
    if (a->ctx == NULL || !fits(aad) || !fits(text)) {
        return HTTPA_ERR_USAGE;
    }
    uint8_t *tag = ret_sealed + text.first.n + text.second.n;
    uint8_t none[16];
    int n = 0;
    if (!start(a, SEAL, nonce, aad) ||
        !update_text(a->ctx, text, ret_sealed) ||
        EVP_CipherFinal_ex(a->ctx, none, &n) != 1 || !get_tag(a->ctx, tag)) {
        httpa_wipe(ret_sealed, text.first.n + text.second.n + HTTPA_AEAD_TAG);
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    return HTTPA_OK;
}

enum httpa_err httpa_aead_open(struct httpa_aead *a,
                               const uint8_t nonce[HTTPA_AEAD_NONCE],
                               struct httpa_aead_parts aad,
                               struct httpa_slice sealed, uint8_t *ret_text)
{
    if (sealed.n < HTTPA_AEAD_TAG) {
        return HTTPA_ERR_TAG;
    }
    struct httpa_slice text =
        httpa_slice_of(sealed.p, sealed.n - HTTPA_AEAD_TAG);
    if (a->ctx == NULL || !fits(aad) || !fits(httpa_aead_one(text))) {
        httpa_wipe(ret_text, text.n);
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = HTTPA_ERR_CRYPTO;
    uint8_t tag[HTTPA_AEAD_TAG];
    struct httpa_reader r = httpa_reader_of(httpa_slice_from(sealed, text.n));
    httpa_read_into(&r, tag, sizeof(tag));
    uint8_t none[16];
    int n = 0;
    if (start(a, OPEN, nonce, aad) && update(a->ctx, text, ret_text) &&
        set_tag(a->ctx, tag)) {
        err = EVP_CipherFinal_ex(a->ctx, none, &n) == 1 ? HTTPA_OK
                                                        : HTTPA_ERR_TAG;
    }
    if (err != HTTPA_OK) {
        httpa_wipe(ret_text, text.n);
        return httpa_crypto_fail(err);
    }
    return HTTPA_OK;
}
