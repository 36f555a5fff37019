#include "crypto/tpm.h"

#include <limits.h>
#include <string.h>

#include <openssl/rsa.h>

#include "base/secret.h"
#include "base/writer.h"
#include "crypto/hkdf.h"
#include "crypto/openssl.h"
#include "crypto/sign.h"

/* Longest key that MakeCredential derives is one hash. */
#define DERIVED_MAX HTTPA_HASH_MAX

/* One block of either KDF: writes up to |n| bytes, or fails. */
static enum httpa_err put_block(enum httpa_err err, struct httpa_digest *block,
                                uint8_t *to, size_t n)
{
    if (err == HTTPA_OK) {
        memcpy(to, block->bytes, n < block->n ? n : block->n);
    }
    httpa_wipe(block, sizeof(*block));
    return err;
}

static struct httpa_slice label_of(const char *label)
{
    return httpa_slice_of(label, strlen(label) + 1);
}

static void store_u32(uint8_t to[4], size_t v)
{
    struct httpa_buf b = httpa_buf_fixed(to, 4);
    httpa_write_u32(&b, (uint32_t)v);
}

enum httpa_err httpa_tpm_kdfa(const struct httpa_crypto *crypto,
                              enum httpa_hash_id hash, struct httpa_slice key,
                              const struct httpa_tpm_info *info,
                              uint8_t *ret_out, size_t n)
{
    if (n == 0 || n > DERIVED_MAX) {
        return HTTPA_ERR_RANGE;
    }
    uint8_t counter[4];
    uint8_t bits[4];
    store_u32(bits, n * 8);
    const struct httpa_slice in[] = {
        { counter, 4 }, label_of(info->label), info->u, info->v, { bits, 4 },
    };
    enum httpa_err err = HTTPA_OK;
    size_t step = httpa_hash_size(hash);
    for (size_t at = 0; err == HTTPA_OK && at < n; at += step) {
        struct httpa_digest block;
        store_u32(counter, at / step + 1);
        err = httpa_hmac(crypto, hash, key, in, 5, &block);
        err = put_block(err, &block, ret_out + at, n - at);
    }
    if (err != HTTPA_OK) {
        httpa_wipe(ret_out, n);
    }
    return err;
}

static enum httpa_err hash_all(const struct httpa_crypto *crypto,
                               enum httpa_hash_id hash,
                               const struct httpa_slice *in, size_t count,
                               struct httpa_digest *ret_digest)
{
    struct httpa_hash h;
    enum httpa_err err = httpa_hash_init(&h, crypto, hash);
    if (err == HTTPA_OK) {
        for (size_t i = 0; i < count; i++) {
            httpa_hash_update(&h, in[i]);
        }
        err = httpa_hash_final(&h, ret_digest);
    }
    httpa_hash_done(&h);
    return err;
}

enum httpa_err httpa_tpm_kdfe(const struct httpa_crypto *crypto,
                              enum httpa_hash_id hash, struct httpa_slice z,
                              const struct httpa_tpm_info *info,
                              uint8_t *ret_out, size_t n)
{
    if (n == 0 || n > DERIVED_MAX) {
        return HTTPA_ERR_RANGE;
    }
    uint8_t counter[4];
    const struct httpa_slice in[] = {
        { counter, 4 }, z, label_of(info->label), info->u, info->v,
    };
    enum httpa_err err = HTTPA_OK;
    size_t step = httpa_hash_size(hash);
    for (size_t at = 0; err == HTTPA_OK && at < n; at += step) {
        struct httpa_digest block;
        store_u32(counter, at / step + 1);
        err = hash_all(crypto, hash, in, 5, &block);
        err = put_block(err, &block, ret_out + at, n - at);
    }
    if (err != HTTPA_OK) {
        httpa_wipe(ret_out, n);
    }
    return err;
}

static const EVP_CIPHER *cfb_for(const struct httpa_crypto *crypto,
                                 size_t key_n)
{
    switch (key_n) {
    case 16:
        return crypto->cfb_128;
    case 32:
        return crypto->cfb_256;
    default:
        return NULL;
    }
}

enum httpa_err httpa_tpm_cfb_encrypt(const struct httpa_crypto *crypto,
                                     struct httpa_slice key,
                                     const uint8_t iv[16],
                                     struct httpa_slice in, uint8_t *ret_out)
{
    const EVP_CIPHER *cipher = cfb_for(crypto, key.n);
    if (cipher == NULL || in.n > INT_MAX) {
        return HTTPA_ERR_USAGE;
    }
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool ok = ctx != NULL &&
              EVP_EncryptInit_ex2(ctx, cipher, key.p, iv, NULL) == 1 &&
              (in.n == 0 ||
               EVP_EncryptUpdate(ctx, ret_out, &n, in.p, (int)in.n) == 1) &&
              (size_t)n == in.n;
    EVP_CIPHER_CTX_free(ctx);
    return ok ? HTTPA_OK : httpa_crypto_fail(HTTPA_ERR_CRYPTO);
}

/* OAEP's parameters; the label's copy goes to |ctx|. */
static bool set_oaep(EVP_PKEY_CTX *ctx, const struct httpa_crypto *crypto,
                     enum httpa_hash_id hash, const char *label)
{
    void *copy = OPENSSL_memdup(label, strlen(label) + 1);
    if (copy == NULL) {
        return false;
    }
    if (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(ctx, crypto->md[hash]) != 1 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, crypto->md[hash]) != 1 ||
        EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy, (int)strlen(label) + 1) !=
            1) {
        OPENSSL_free(copy);
        return false;
    }
    return true;
}

enum httpa_err httpa_tpm_oaep_encrypt(const struct httpa_crypto *crypto,
                                      const struct httpa_pubkey *pubkey,
                                      enum httpa_hash_id hash,
                                      const char *label,
                                      struct httpa_slice message,
                                      struct httpa_buf *out)
{
    if (pubkey->kind != HTTPA_KEY_RSA) {
        return HTTPA_ERR_KEY;
    }
    size_t size = (size_t)EVP_PKEY_get_size(pubkey->pkey);
    if (message.n > size - 2 * httpa_hash_size(hash) - 2) { /* RFC 8017 7.1.1 */
        return HTTPA_ERR_RANGE;
    }
    uint8_t sealed[HTTPA_SIGNATURE_MAX];
    size_t n = sizeof(sealed);
    EVP_PKEY_CTX *ctx =
        EVP_PKEY_CTX_new_from_pkey(crypto->lib, pubkey->pkey, NULL);
    bool ok = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
              set_oaep(ctx, crypto, hash, label) &&
              EVP_PKEY_encrypt(ctx, sealed, &n, message.p, message.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (!ok) {
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    httpa_buf_put(out, sealed, n);
    return httpa_buf_check(out);
}
