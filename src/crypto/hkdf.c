#include "crypto/hkdf.h"

#include <string.h>

#include "base/secret.h"
#include "base/writer.h"
#include "crypto/openssl.h"

/* HKDF-Expand's counter is one byte (RFC 5869 2.3). */
#define EXPAND_MAX_BLOCKS 255u

/* HkdfLabel: a u16 and two strings of at most 255 bytes, each with its
 * length (RFC 8446 7.1). */
#define LABEL_MAX (2 + 2 * 256)

#define PREFIX "httpa2 "

struct httpa_slice httpa_secret_slice(const struct httpa_secret *s)
{
    return httpa_slice_of(s->bytes, s->n);
}

void httpa_secret_done(struct httpa_secret *s)
{
    httpa_wipe(s, sizeof(*s));
}

/* EVP_MAC_init takes a NULL key to mean "the one you have", so an empty key
 * needs an address. */
static const unsigned char *key_bytes(struct httpa_slice key)
{
    static const unsigned char empty[1];
    return key.n > 0 ? key.p : empty;
}

enum httpa_err httpa_hmac(const struct httpa_crypto *crypto,
                          enum httpa_hash_id hash, struct httpa_slice key,
                          const struct httpa_slice *in, size_t count,
                          struct httpa_digest *ret_mac)
{
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(crypto->hmac_model[hash]);
    if (ctx == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_MEMORY);
    }
    struct httpa_digest d = { .id = hash };
    bool ok = EVP_MAC_init(ctx, key_bytes(key), key.n, NULL) == 1;
    for (size_t i = 0; ok && i < count; i++) {
        ok = in[i].n == 0 || EVP_MAC_update(ctx, in[i].p, in[i].n) == 1;
    }
    ok = ok && EVP_MAC_final(ctx, d.bytes, &d.n, sizeof(d.bytes)) == 1 &&
         d.n == httpa_hash_size(hash);
    EVP_MAC_CTX_free(ctx);
    if (ok) {
        *ret_mac = d;
    }
    httpa_wipe(&d, sizeof(d));
    return ok ? HTTPA_OK : httpa_crypto_fail(HTTPA_ERR_CRYPTO);
}

enum httpa_err httpa_hkdf_extract(const struct httpa_crypto *crypto,
                                  enum httpa_hash_id hash,
                                  struct httpa_slice salt,
                                  struct httpa_slice ikm,
                                  struct httpa_secret *ret_prk)
{
    struct httpa_digest d;
    enum httpa_err err = httpa_hmac(crypto, hash, salt, &ikm, 1, &d);
    if (err == HTTPA_OK) {
        *ret_prk = (struct httpa_secret){ .hash = hash, .n = d.n };
        memcpy(ret_prk->bytes, d.bytes, d.n);
        httpa_wipe(&d, sizeof(d));
    }
    return err;
}

enum httpa_err httpa_hkdf_expand(const struct httpa_crypto *crypto,
                                 const struct httpa_secret *prk,
                                 struct httpa_slice info, uint8_t *ret_out,
                                 size_t n)
{
    if (n == 0 || n > EXPAND_MAX_BLOCKS * prk->n) {
        return HTTPA_ERR_RANGE;
    }
    struct httpa_digest t = { .n = 0 }; /* T(0) is empty */
    enum httpa_err err = HTTPA_OK;
    size_t at = 0;
    for (uint8_t i = 1; at < n; i++) {
        struct httpa_slice in[] = { httpa_digest_slice(&t), info, { &i, 1 } };
        struct httpa_digest next;
        err = httpa_hmac(crypto, prk->hash, httpa_secret_slice(prk), in, 3,
                         &next);
        if (err != HTTPA_OK) {
            httpa_wipe(ret_out, at);
            break;
        }
        t = next;
        size_t part = n - at < t.n ? n - at : t.n;
        memcpy(ret_out + at, t.bytes, part);
        at += part;
        httpa_wipe(&next, sizeof(next));
    }
    httpa_wipe(&t, sizeof(t));
    return err;
}

enum httpa_err httpa_expand_label(const struct httpa_crypto *crypto,
                                  const struct httpa_secret *secret,
                                  const char *label, struct httpa_slice context,
                                  uint8_t *ret_out, size_t n)
{
    size_t label_n = strlen(PREFIX) + strlen(label);
    if (n > UINT16_MAX || label_n > UINT8_MAX) {
        return HTTPA_ERR_RANGE;
    }
    uint8_t room[LABEL_MAX];
    struct httpa_buf info = httpa_buf_fixed(room, sizeof(room));
    httpa_write_u16(&info, (uint16_t)n);
    httpa_buf_put_byte(&info, (uint8_t)label_n);
    httpa_buf_put_str(&info, PREFIX);
    httpa_buf_put_str(&info, label);
    httpa_write_v8(&info, context);
    if (httpa_buf_check(&info) != HTTPA_OK) {
        return HTTPA_ERR_RANGE;
    }
    return httpa_hkdf_expand(crypto, secret, httpa_buf_slice(&info), ret_out,
                             n);
}

enum httpa_err httpa_expand_secret(const struct httpa_crypto *crypto,
                                   const struct httpa_secret *secret,
                                   const char *label,
                                   struct httpa_slice context,
                                   struct httpa_secret *ret_next)
{
    struct httpa_secret next = { .hash = secret->hash, .n = secret->n };
    enum httpa_err err =
        httpa_expand_label(crypto, secret, label, context, next.bytes, next.n);
    if (err == HTTPA_OK) {
        *ret_next = next;
    }
    httpa_secret_done(&next);
    return err;
}
