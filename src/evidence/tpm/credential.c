#include "evidence/tpm/credential.h"

#include <string.h>

#include "base/reader.h"
#include "base/secret.h"
#include "base/writer.h"
#include "codec/cbor.h"
#include "codec/cbor_write.h"
#include "crypto/group.h"
#include "crypto/hkdf.h"
#include "crypto/tpm.h"
#include "evidence/tpm/quote.h"

/* A TPM releases a TPM2B_DIGEST. */
#define RELEASED_MAX 64u

/* enc: u16 length and the secret, encrypted */
#define ENC_LEN (2u + HTTPA_TPM_SECRET_LEN)

enum httpa_err httpa_tpm_ek_check(const struct httpa_tpm_public *ek)
{
    const uint32_t must = HTTPA_TPM_FIXED_TPM | HTTPA_TPM_FIXED_PARENT |
                          HTTPA_TPM_SENSITIVE_DATA_ORIGIN |
                          HTTPA_TPM_RESTRICTED | HTTPA_TPM_DECRYPT;
    bool aes = ek->symmetric == HTTPA_TPM_AES &&
               ek->symmetric_mode == HTTPA_TPM_CFB &&
               (ek->symmetric_bits == 128 || ek->symmetric_bits == 256);
    bool good = (ek->attributes & must) == must &&
                (ek->attributes & HTTPA_TPM_SIGN) == 0 && aes;
    return good ? HTTPA_OK : HTTPA_ERR_KEY;
}

/* Part 1, B.10.4: the seed is random and encrypted to the key. */
static enum httpa_err
share_rsa(const struct httpa_crypto *crypto, const struct httpa_random *rng,
          const struct httpa_pubkey *key, struct httpa_secret *ret_seed,
          struct httpa_buf *ret_es)
{
    ret_seed->n = httpa_hash_size(ret_seed->hash);
    enum httpa_err err = httpa_random_fill(rng, ret_seed->bytes, ret_seed->n);
    if (err != HTTPA_OK) {
        return err;
    }
    return httpa_tpm_oaep_encrypt(crypto, key, ret_seed->hash, "IDENTITY",
                                  httpa_secret_slice(ret_seed), ret_es);
}

/* Part 1, C.6.4: the seed comes from a one-time key and the key. */
static enum httpa_err
share_ecc(const struct httpa_crypto *crypto, const struct httpa_random *rng,
          const struct httpa_pubkey *key, struct httpa_secret *ret_seed,
          struct httpa_buf *ret_es)
{
    bool p384 = httpa_pubkey_kind_of(key) == HTTPA_KEY_P384;
    size_t width = p384 ? 48 : 32;
    uint8_t room[1 + 2 * 48];
    struct httpa_buf share = httpa_buf_fixed(room, sizeof(room));
    struct httpa_slice point = httpa_pubkey_point(key);
    struct httpa_z z = { 0 };
    enum httpa_err err = httpa_kex_answer(
        crypto, rng,
        httpa_group_find(httpa_slice_str(p384 ? "secp384r1" : "secp256r1")),
        point, &share, &z);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_slice x = httpa_slice_of(share.p + 1, width);
    struct httpa_slice y = httpa_slice_of(share.p + 1 + width, width);
    struct httpa_tpm_info info = { .label = "IDENTITY",
                                   .u = x,
                                   .v = httpa_slice_of(point.p + 1, width) };
    ret_seed->n = httpa_hash_size(ret_seed->hash);
    err = httpa_tpm_kdfe(crypto, ret_seed->hash, httpa_z_slice(&z), &info,
                         ret_seed->bytes, ret_seed->n);
    httpa_z_done(&z);
    httpa_write_v16(ret_es, x);
    httpa_write_v16(ret_es, y);
    return err == HTTPA_OK ? httpa_buf_check(ret_es) : err;
}

/* Part 1, 24.4: the credential encrypted under a key of the seed and Name. */
static enum httpa_err encrypt(const struct httpa_crypto *crypto,
                              const struct httpa_secret *seed, size_t key_n,
                              struct httpa_slice name, uint8_t enc[ENC_LEN])
{
    static const uint8_t zero_iv[16];
    uint8_t key[32];
    struct httpa_tpm_info info = { .label = "STORAGE", .u = name };
    enum httpa_err err = httpa_tpm_kdfa(
        crypto, seed->hash, httpa_secret_slice(seed), &info, key, key_n);
    if (err == HTTPA_OK) {
        err = httpa_tpm_cfb_encrypt(crypto, httpa_slice_of(key, key_n), zero_iv,
                                    httpa_slice_of(enc, ENC_LEN), enc);
    }
    httpa_wipe(key, sizeof(key));
    return err;
}

/* Part 1, 24.5: the outer MAC over ciphertext and Name. */
static enum httpa_err
authenticate(const struct httpa_crypto *crypto, const struct httpa_secret *seed,
             struct httpa_slice enc, struct httpa_slice name,
             struct httpa_digest *ret_mac)
{
    uint8_t key[HTTPA_HASH_MAX];
    size_t n = httpa_hash_size(seed->hash);
    struct httpa_slice in[2] = { enc, name };
    struct httpa_tpm_info info = { .label = "INTEGRITY" };
    enum httpa_err err = httpa_tpm_kdfa(
        crypto, seed->hash, httpa_secret_slice(seed), &info, key, n);
    if (err == HTTPA_OK) {
        err = httpa_hmac(crypto, seed->hash, httpa_slice_of(key, n), in, 2,
                         ret_mac);
    }
    httpa_wipe(key, sizeof(key));
    return err;
}

static enum httpa_err
share_seed(const struct httpa_crypto *crypto, const struct httpa_random *rng,
           const struct httpa_tpm_public *ek, struct httpa_secret *seed,
           struct httpa_buf *es)
{
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_tpm_key(crypto, ek, &key);
    if (err != HTTPA_OK) {
        return err;
    }
    err = ek->type == HTTPA_TPM_RSA ? share_rsa(crypto, rng, key, seed, es)
                                    : share_ecc(crypto, rng, key, seed, es);
    httpa_pubkey_free(key);
    return err;
}

static void put_credential(struct httpa_buf *out,
                           const struct httpa_digest *mac,
                           struct httpa_slice enc, struct httpa_slice es)
{
    uint8_t room[2 + 2 + HTTPA_HASH_MAX + ENC_LEN];
    struct httpa_buf id = httpa_buf_fixed(room, sizeof(room));
    httpa_write_u16(&id, (uint16_t)(2 + mac->n + enc.n));
    httpa_write_v16(&id, httpa_digest_slice(mac));
    httpa_buf_put_slice(&id, enc);
    httpa_cbor_put_map(out, 2);
    httpa_cbor_put_uint(out, 1);
    httpa_cbor_put_bytes(out, httpa_buf_slice(&id));
    httpa_cbor_put_uint(out, 2);
    httpa_cbor_put_bytes_head(out, 2 + es.n);
    httpa_write_v16(out, es);
}

enum httpa_err httpa_tpm_make_credential(
    const struct httpa_crypto *crypto, const struct httpa_random *rng,
    const struct httpa_tpm_public *ek, struct httpa_slice ak_name,
    const uint8_t secret[HTTPA_TPM_SECRET_LEN], struct httpa_buf *out)
{
    struct httpa_secret seed = { 0 };
    struct httpa_digest mac;
    uint8_t enc[ENC_LEN] = { 0, HTTPA_TPM_SECRET_LEN };
    uint8_t es_room[HTTPA_TPM_KEY_MAX];
    struct httpa_buf es = httpa_buf_fixed(es_room, sizeof(es_room));
    struct httpa_slice sealed = httpa_slice_of(enc, sizeof(enc));

    memcpy(enc + 2, secret, HTTPA_TPM_SECRET_LEN);
    enum httpa_err err = httpa_tpm_ek_check(ek);
    if (err == HTTPA_OK) {
        err = httpa_tpm_hash_id(ek->name_alg, &seed.hash);
    }
    if (err == HTTPA_OK) {
        err = share_seed(crypto, rng, ek, &seed, &es);
    }
    if (err == HTTPA_OK) {
        err = encrypt(crypto, &seed, ek->symmetric_bits / 8, ak_name, enc);
    }
    if (err == HTTPA_OK) {
        err = authenticate(crypto, &seed, sealed, ak_name, &mac);
    }
    if (err == HTTPA_OK) {
        put_credential(out, &mac, sealed, httpa_buf_slice(&es));
        err = httpa_buf_check(out);
    }
    httpa_secret_done(&seed);
    httpa_wipe(enc, sizeof(enc));
    return err;
}

/* Whether |s| is one TPM2B and nothing else. */
static bool is_2b(struct httpa_slice s)
{
    struct httpa_reader r = httpa_reader_of(s);
    size_t n = httpa_read_u16(&r);
    return httpa_read_slice(&r, n).n > 0 && httpa_reader_end(&r) == HTTPA_OK;
}

enum httpa_err httpa_tpm_credential_read(struct httpa_slice in,
                                         struct httpa_tpm_credential *ret)
{
    struct httpa_tpm_credential c = { 0 };
    struct httpa_cbor reader = httpa_cbor_of(in, 0);
    struct httpa_cbor_map m = httpa_cbor_map(&reader);
    struct httpa_cbor id = httpa_cbor_find_int(&m, 1);
    struct httpa_cbor es = httpa_cbor_find_int(&m, 2);
    c.id_object = httpa_cbor_bytes(&id);
    c.encrypted_secret = httpa_cbor_bytes(&es);
    enum httpa_err err = httpa_cbor_end(&reader);
    if (err == HTTPA_OK) {
        err = httpa_cbor_end(&id);
    }
    if (err == HTTPA_OK) {
        err = httpa_cbor_end(&es);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    if (m.n != 2) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (!is_2b(c.id_object) || !is_2b(c.encrypted_secret)) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret = c;
    return HTTPA_OK;
}

void httpa_tpm_activated_write(struct httpa_buf *b, struct httpa_slice secret)
{
    httpa_cbor_put_map(b, 1);
    httpa_cbor_put_uint(b, 1);
    httpa_cbor_put_bytes(b, secret);
}

enum httpa_err
httpa_tpm_activated_read(struct httpa_slice in, struct httpa_slice *ret_secret)
{
    struct httpa_cbor reader = httpa_cbor_of(in, 0);
    struct httpa_cbor_map m = httpa_cbor_map(&reader);
    struct httpa_cbor value = httpa_cbor_find_int(&m, 1);
    struct httpa_slice secret = httpa_cbor_bytes(&value);
    enum httpa_err err = httpa_cbor_end(&reader);
    if (err == HTTPA_OK) {
        err = httpa_cbor_end(&value);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    if (m.n != 1) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (secret.n == 0 || secret.n > RELEASED_MAX) {
        return HTTPA_ERR_RANGE;
    }
    *ret_secret = secret;
    return HTTPA_OK;
}
