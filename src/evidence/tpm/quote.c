#include "evidence/tpm/quote.h"

#include <string.h>

#include "base/reader.h"
#include "base/secret.h"
#include "base/writer.h"
#include "crypto/sign.h"

enum httpa_err httpa_tpm_hash_id(uint16_t alg, enum httpa_hash_id *ret_id)
{
    switch (alg) {
    case HTTPA_TPM_SHA256:
        *ret_id = HTTPA_SHA256;
        return HTTPA_OK;
    case HTTPA_TPM_SHA384:
        *ret_id = HTTPA_SHA384;
        return HTTPA_OK;
    case HTTPA_TPM_SHA512:
        *ret_id = HTTPA_SHA512;
        return HTTPA_OK;
    default:
        return HTTPA_ERR_UNSUPPORTED;
    }
}

enum httpa_err httpa_tpm_key(const struct httpa_crypto *crypto,
                             const struct httpa_tpm_public *pub,
                             struct httpa_pubkey **ret_key)
{
    if (pub->type == HTTPA_TPM_ECC) {
        enum httpa_key_kind kind =
            pub->curve == HTTPA_TPM_P384 ? HTTPA_KEY_P384 : HTTPA_KEY_P256;
        return httpa_pubkey_from_ec(crypto, kind, pub->x, pub->y, ret_key);
    }
    /* HTTPA_TPM_KEY_MAX bounds it above; doc/protocol.md 6.5 */
    if (pub->modulus.n < 256 || pub->exponent != 65537) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    return httpa_pubkey_from_rsa(crypto, pub->modulus, pub->exponent, ret_key);
}

enum httpa_err httpa_tpm_name(const struct httpa_crypto *crypto,
                              struct httpa_slice in, struct httpa_buf *ret_name)
{
    struct httpa_tpm_public pub;
    enum httpa_hash_id id;
    struct httpa_digest digest;
    enum httpa_err err = httpa_tpm_public_read(in, &pub);
    if (err == HTTPA_OK) {
        err = httpa_tpm_hash_id(pub.name_alg, &id);
    }
    if (err == HTTPA_OK) {
        err = httpa_hash_once(crypto, id, in, &digest);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    httpa_write_u16(ret_name, pub.name_alg);
    httpa_buf_put_slice(ret_name, httpa_digest_slice(&digest));
    return httpa_buf_check(ret_name);
}

enum httpa_err httpa_tpm_certifies(const struct httpa_crypto *crypto,
                                   const struct httpa_cert *cert,
                                   const struct httpa_tpm_public *pub)
{
    struct httpa_pubkey *ours = NULL;
    struct httpa_pubkey *theirs = NULL;
    enum httpa_err err = httpa_tpm_key(crypto, pub, &ours);
    if (err == HTTPA_OK) {
        err = httpa_cert_pubkey(crypto, cert, &theirs);
    }
    if (err == HTTPA_OK && !httpa_slice_equal(httpa_pubkey_spki(ours),
                                              httpa_pubkey_spki(theirs))) {
        err = HTTPA_ERR_KEY;
    }
    httpa_pubkey_free(ours);
    httpa_pubkey_free(theirs);
    return err;
}

enum httpa_err httpa_tpm_ak_check(const struct httpa_tpm_public *pub)
{
    const uint32_t must = HTTPA_TPM_FIXED_TPM | HTTPA_TPM_FIXED_PARENT |
                          HTTPA_TPM_SENSITIVE_DATA_ORIGIN |
                          HTTPA_TPM_RESTRICTED | HTTPA_TPM_SIGN;
    bool good = (pub->attributes & must) == must &&
                (pub->attributes & HTTPA_TPM_DECRYPT) == 0 &&
                pub->symmetric == HTTPA_TPM_NULL;
    return good ? HTTPA_OK : HTTPA_ERR_KEY;
}

struct row {
    uint16_t alg;
    uint16_t hash;
    enum httpa_key_kind kind;
    enum httpa_scheme scheme;
};

/* RSAPSS: TPMs before revision 1.38 use the longest salt that fits. */
static const struct row schemes[] = {
    { HTTPA_TPM_ECDSA, HTTPA_TPM_SHA256, HTTPA_KEY_P256, HTTPA_SIGN_ES256 },
    { HTTPA_TPM_ECDSA, HTTPA_TPM_SHA384, HTTPA_KEY_P384, HTTPA_SIGN_ES384 },
    { HTTPA_TPM_RSASSA, HTTPA_TPM_SHA256, HTTPA_KEY_RSA,
      HTTPA_SIGN_RSASSA_SHA256 },
    { HTTPA_TPM_RSASSA, HTTPA_TPM_SHA384, HTTPA_KEY_RSA,
      HTTPA_SIGN_RSASSA_SHA384 },
    { HTTPA_TPM_RSAPSS, HTTPA_TPM_SHA256, HTTPA_KEY_RSA,
      HTTPA_SIGN_RSAPSS_ANY_SHA256 },
    { HTTPA_TPM_RSAPSS, HTTPA_TPM_SHA384, HTTPA_KEY_RSA,
      HTTPA_SIGN_RSAPSS_ANY_SHA384 },
};

static const struct row *
find_scheme(const struct httpa_tpm_signature *s, enum httpa_key_kind kind)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const struct row *row = &schemes[i];
        if (row->alg == s->alg && row->hash == s->hash && row->kind == kind) {
            return row;
        }
    }
    return NULL;
}

/* Appends |v| as |width| bytes.  A TPM may drop leading zeros or pad. */
static enum httpa_err
put_padded(struct httpa_buf *b, struct httpa_slice v, size_t width)
{
    while (v.n > width && v.p[0] == 0) {
        v = httpa_slice_from(v, 1);
    }
    if (v.n > width) {
        return HTTPA_ERR_RANGE;
    }
    for (size_t i = v.n; i < width; i++) {
        httpa_buf_put_byte(b, 0);
    }
    httpa_buf_put_slice(b, v);
    return HTTPA_OK;
}

static enum httpa_err put_signature(struct httpa_buf *b,
                                    const struct httpa_tpm_signature *s,
                                    enum httpa_key_kind kind)
{
    if (s->alg != HTTPA_TPM_ECDSA) {
        httpa_buf_put_slice(b, s->rsa);
        return HTTPA_OK;
    }
    size_t width = kind == HTTPA_KEY_P384 ? 48 : 32;
    enum httpa_err err = put_padded(b, s->r, width);
    return err == HTTPA_OK ? put_padded(b, s->s, width) : err;
}

enum httpa_err
httpa_tpm_quote_signature(const struct httpa_crypto *crypto,
                          const struct httpa_pubkey *key,
                          struct httpa_slice attest,
                          const struct httpa_tpm_signature *signature,
                          enum httpa_hash_id *ret_hash)
{
    uint8_t room[HTTPA_TPM_KEY_MAX];
    struct httpa_buf raw = httpa_buf_fixed(room, sizeof(room));
    enum httpa_hash_id hash;
    enum httpa_key_kind kind = httpa_pubkey_kind_of(key);
    const struct row *row = find_scheme(signature, kind);
    if (row == NULL) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    enum httpa_err err = httpa_tpm_hash_id(signature->hash, &hash);
    if (err == HTTPA_OK) {
        err = put_signature(&raw, signature, kind);
    }
    if (err == HTTPA_OK) {
        err = httpa_buf_check(&raw);
    }
    if (err == HTTPA_OK) {
        err = httpa_verify(crypto, key, row->scheme, attest,
                           httpa_buf_slice(&raw));
    }
    if (err == HTTPA_OK) {
        *ret_hash = hash;
    }
    return err;
}

enum httpa_err httpa_tpm_quote_binds(const struct httpa_tpm_attest *attest,
                                     struct httpa_slice expected)
{
    bool same = expected.n > 0 && attest->extra_data.n == expected.n &&
                httpa_ct_equal(attest->extra_data.p, expected.p, expected.n);
    return same ? HTTPA_OK : HTTPA_ERR_EVIDENCE;
}

static const struct httpa_tpm_pcrs *
find_bank(const struct httpa_tpm_pcrs *pcrs, size_t n, uint16_t hash)
{
    for (size_t i = 0; i < n; i++) {
        if (pcrs[i].hash == hash) {
            return &pcrs[i];
        }
    }
    return NULL;
}

static enum httpa_err hash_bank(struct httpa_hash *h,
                                const struct httpa_tpm_selection *select,
                                const struct httpa_tpm_pcrs *bank)
{
    for (unsigned pcr = 0; pcr < HTTPA_TPM_PCRS; pcr++) {
        if ((select->mask >> pcr & 1) == 0) {
            continue;
        }
        if (bank == NULL || (bank->mask >> pcr & 1) == 0) {
            return HTTPA_ERR_MISSING;
        }
        httpa_hash_update(h, bank->value[pcr]);
    }
    return HTTPA_OK;
}

enum httpa_err
httpa_tpm_pcr_digest(const struct httpa_crypto *crypto, enum httpa_hash_id hash,
                     const struct httpa_tpm_attest *attest,
                     const struct httpa_tpm_pcrs *pcrs, size_t pcrs_n,
                     struct httpa_digest *ret_digest)
{
    struct httpa_hash h = { 0 };
    enum httpa_err err = httpa_hash_init(&h, crypto, hash);
    for (size_t i = 0; err == HTTPA_OK && i < attest->select_n; i++) {
        const struct httpa_tpm_selection *select = &attest->select[i];
        err = hash_bank(&h, select, find_bank(pcrs, pcrs_n, select->hash));
    }
    if (err == HTTPA_OK) {
        err = httpa_hash_final(&h, ret_digest);
    }
    httpa_hash_done(&h);
    return err;
}

/* Values beside those that were quoted would be claims that nobody signed. */
static bool only_selected(const struct httpa_tpm_attest *attest,
                          const struct httpa_tpm_pcrs *pcrs, size_t pcrs_n)
{
    for (size_t i = 0; i < pcrs_n; i++) {
        uint32_t selected = 0;
        for (size_t j = 0; j < attest->select_n; j++) {
            if (attest->select[j].hash == pcrs[i].hash) {
                selected = attest->select[j].mask;
            }
        }
        if ((pcrs[i].mask & ~selected) != 0) {
            return false;
        }
    }
    return true;
}

static bool selects_any(const struct httpa_tpm_attest *attest)
{
    uint32_t any = 0;
    for (size_t i = 0; i < attest->select_n; i++) {
        any |= attest->select[i].mask;
    }
    return any != 0;
}

enum httpa_err httpa_tpm_quote_covers(enum httpa_hash_id hash,
                                      const struct httpa_tpm_attest *attest)
{
    return selects_any(attest) &&
                   attest->pcr_digest.n == httpa_hash_size(hash)
               ? HTTPA_OK
               : HTTPA_ERR_EVIDENCE;
}

enum httpa_err httpa_tpm_quote_digest(const struct httpa_crypto *crypto,
                                      enum httpa_hash_id hash,
                                      const struct httpa_tpm_attest *attest,
                                      const struct httpa_tpm_pcrs *pcrs,
                                      size_t pcrs_n)
{
    struct httpa_digest digest;
    if (!selects_any(attest) || !only_selected(attest, pcrs, pcrs_n)) {
        return HTTPA_ERR_EVIDENCE;
    }
    enum httpa_err err =
        httpa_tpm_pcr_digest(crypto, hash, attest, pcrs, pcrs_n, &digest);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_ERR_EVIDENCE;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    bool same = attest->pcr_digest.n == digest.n &&
                httpa_ct_equal(attest->pcr_digest.p, digest.bytes, digest.n);
    return same ? HTTPA_OK : HTTPA_ERR_EVIDENCE;
}
