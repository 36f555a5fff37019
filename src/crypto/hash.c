#include "crypto/hash.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/openssl.h"

static const struct {
    const char *name;
    size_t size;
} hashes[HTTPA_HASH_COUNT] = {
    [HTTPA_SHA256] = { "SHA2-256", 32 },
    [HTTPA_SHA384] = { "SHA2-384", 48 },
    [HTTPA_SHA512] = { "SHA2-512", 64 },
};

const char *httpa_hash_openssl_name(enum httpa_hash_id id)
{
    return hashes[id].name;
}

size_t httpa_hash_size(enum httpa_hash_id id)
{
    return hashes[id].size;
}

struct httpa_slice httpa_digest_slice(const struct httpa_digest *d)
{
    return httpa_slice_of(d->bytes, d->n);
}

bool httpa_digest_equal(const struct httpa_digest *a,
                        const struct httpa_digest *b)
{
    return a->id == b->id && a->n == b->n &&
           httpa_ct_equal(a->bytes, b->bytes, a->n);
}

enum httpa_err httpa_hash_once(const struct httpa_crypto *crypto,
                               enum httpa_hash_id id, struct httpa_slice in,
                               struct httpa_digest *ret_digest)
{
    struct httpa_hash h;
    enum httpa_err err = httpa_hash_init(&h, crypto, id);
    if (err == HTTPA_OK) {
        httpa_hash_update(&h, in);
        err = httpa_hash_final(&h, ret_digest);
    }
    httpa_hash_done(&h);
    return err;
}

enum httpa_err httpa_crypto_sha256(const struct httpa_crypto *crypto,
                                   struct httpa_slice in,
                                   uint8_t ret_digest[32])
{
    struct httpa_digest digest;
    enum httpa_err err = httpa_hash_once(crypto, HTTPA_SHA256, in, &digest);
    if (err == HTTPA_OK) {
        memcpy(ret_digest, digest.bytes, 32);
    }
    return err;
}

enum httpa_err httpa_hash_init(struct httpa_hash *h,
                               const struct httpa_crypto *crypto,
                               enum httpa_hash_id id)
{
    *h = (struct httpa_hash){ .id = id };
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_MEMORY);
    }
    if (EVP_DigestInit_ex2(ctx, crypto->md[id], NULL) != 1) {
        EVP_MD_CTX_free(ctx);
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    h->ctx = ctx;
    return HTTPA_OK;
}

void httpa_hash_update(struct httpa_hash *h, struct httpa_slice in)
{
    if (!h->failed && in.n > 0 && EVP_DigestUpdate(h->ctx, in.p, in.n) != 1) {
        h->failed = true;
    }
}

enum httpa_err httpa_hash_copy(const struct httpa_hash *from,
                               struct httpa_hash *ret_to)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_MEMORY);
    }
    if (EVP_MD_CTX_copy_ex(ctx, from->ctx) != 1) {
        EVP_MD_CTX_free(ctx);
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    *ret_to = *from;
    ret_to->ctx = ctx;
    return HTTPA_OK;
}

enum httpa_err httpa_hash_final(struct httpa_hash *h,
                                struct httpa_digest *ret_digest)
{
    struct httpa_digest d = { .id = h->id };
    unsigned int n = 0;
    if (h->failed || EVP_DigestFinal_ex(h->ctx, d.bytes, &n) != 1 ||
        n != hashes[h->id].size) {
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    h->failed = true; /* used up */
    d.n = n;
    *ret_digest = d;
    return HTTPA_OK;
}

void httpa_hash_done(struct httpa_hash *h)
{
    EVP_MD_CTX_free(h->ctx);
    *h = (struct httpa_hash){ 0 };
}
