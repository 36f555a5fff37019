#include "evidence/hcl.h"

#include <string.h>

#include "base/reader.h"
#include "base/secret.h"
#include "codec/base64.h"
#include "codec/json_read.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "evidence/verdict.h"

#define HEADER 32u
#define DATA_HEADER 20u
#define REQUEST_ATTESTATION 2u
#define DATA_VERSION 1u
#define HASH_SHA256 1u

static const char magic[4] = { 'H', 'C', 'L', 'A' };

struct lengths {
    uint32_t report; /* the header's: all but the zeros at the end */
    uint32_t data;   /* with its own header */
    uint32_t json;
};

/* 32 bytes; a status that is not zero is a report that was not made. */
static enum httpa_err read_header(struct httpa_reader *r, struct lengths *n)
{
    struct httpa_slice name = httpa_read_slice(r, sizeof(magic));
    uint32_t version = httpa_read_u32le(r);
    n->report = httpa_read_u32le(r);
    uint32_t request = httpa_read_u32le(r);
    httpa_read_zeros(r, HEADER - 16);
    if (!httpa_slice_equal(name, httpa_slice_of(magic, sizeof(magic)))) {
        return HTTPA_ERR_MALFORMED;
    }
    return (version == 1 || version == 2) && request == REQUEST_ATTESTATION
               ? HTTPA_OK
               : HTTPA_ERR_UNSUPPORTED;
}

static enum httpa_err read_data_header(struct httpa_reader *r,
                                       struct lengths *n, uint32_t *ret_kind)
{
    n->data = httpa_read_u32le(r);
    uint32_t version = httpa_read_u32le(r);
    uint32_t kind = httpa_read_u32le(r);
    uint32_t hash = httpa_read_u32le(r);
    n->json = httpa_read_u32le(r);
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    if (version != DATA_VERSION || hash != HASH_SHA256 ||
        (kind != HTTPA_HCL_SNP && kind != HTTPA_HCL_TDX)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    *ret_kind = kind;
    return HTTPA_OK;
}

/* Three lengths say the same; none is believed alone. */
static bool agree(const struct lengths *n)
{
    return n->json <= HTTPA_HCL_MAX && n->data == DATA_HEADER + n->json &&
           n->report == HEADER + HTTPA_HCL_REPORT + n->data;
}

static bool text_is(struct httpa_json_value object, const char *name,
                    const char *expected)
{
    struct httpa_json_value value;
    struct httpa_slice text;
    return httpa_json_find(object, name, &value) == HTTPA_OK &&
           httpa_json_text(value, &text) == HTTPA_OK &&
           httpa_slice_is(text, expected);
}

/* A JWK, RFC 7518 6.3.1; "AQAB" is 65537. */
static enum httpa_err read_key(struct httpa_json_value key,
                               struct httpa_hcl *hcl)
{
    struct httpa_json_value n;
    struct httpa_slice text;
    struct httpa_buf modulus =
        httpa_buf_fixed(hcl->modulus, sizeof(hcl->modulus));
    if (!text_is(key, "kty", "RSA") || !text_is(key, "e", "AQAB")) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    enum httpa_err err = httpa_json_find(key, "n", &n);
    if (err == HTTPA_OK) {
        err = httpa_json_text(n, &text);
    }
    if (err == HTTPA_OK) {
        err = httpa_base64url_read(text, &modulus);
    }
    if (err != HTTPA_OK) {
        return err == HTTPA_ERR_SPACE ? HTTPA_ERR_RANGE : err;
    }
    hcl->modulus_n = modulus.n;
    return modulus.n > 0 && modulus.p[0] != 0 ? HTTPA_OK : HTTPA_ERR_MALFORMED;
}

/* Exactly one key has the name: of two, nobody can say which is meant. */
static enum httpa_err find_key(struct httpa_json_value keys,
                               struct httpa_json_value *ret_key)
{
    struct httpa_json_items items;
    struct httpa_json_value key;
    struct httpa_slice name;
    size_t found = 0;
    if (keys.kind != HTTPA_JSON_ARRAY ||
        httpa_json_items_of(keys, &items) != HTTPA_OK) {
        return HTTPA_ERR_MALFORMED;
    }
    while (httpa_json_next(&items, &name, &key)) {
        if (text_is(key, "kid", "HCLAkPub")) {
            *ret_key = key;
            found++;
        }
    }
    return found == 1  ? HTTPA_OK
           : found > 1 ? HTTPA_ERR_DUPLICATE
                       : HTTPA_ERR_MISSING;
}

static enum httpa_err read_runtime_data(struct httpa_hcl *hcl)
{
    struct httpa_json_value doc;
    struct httpa_json_value keys;
    struct httpa_json_value key;
    enum httpa_err err = httpa_json_read(hcl->runtime_data, &doc);
    if (err == HTTPA_OK) {
        err = httpa_json_find(doc, "keys", &keys);
    }
    if (err == HTTPA_OK) {
        err = find_key(keys, &key);
    }
    return err == HTTPA_OK ? read_key(key, hcl) : err;
}

static enum httpa_err read_all(struct httpa_reader *r, struct httpa_hcl *hcl)
{
    struct lengths n = { 0 };
    uint32_t kind = 0;
    enum httpa_err err = read_header(r, &n);
    hcl->report = httpa_read_slice(r, HTTPA_HCL_REPORT);
    if (err == HTTPA_OK) {
        err = read_data_header(r, &n, &kind);
    }
    if (err == HTTPA_OK && !agree(&n)) {
        err = HTTPA_ERR_RANGE;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    hcl->kind = kind == HTTPA_HCL_SNP ? HTTPA_HCL_SNP : HTTPA_HCL_TDX;
    hcl->runtime_data = httpa_read_slice(r, n.json);
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    httpa_read_zeros(r, r->in.n);
    return httpa_reader_ok(r) ? read_runtime_data(hcl) : HTTPA_ERR_TRAILING;
}

enum httpa_err httpa_hcl_read(struct httpa_slice in, struct httpa_hcl *ret_hcl)
{
    struct httpa_hcl hcl = { 0 };
    struct httpa_reader r = httpa_reader_of(in);
    if (in.n > HTTPA_HCL_MAX) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = read_all(&r, &hcl);
    if (err == HTTPA_OK) {
        *ret_hcl = hcl;
    }
    return err;
}

enum httpa_err httpa_hcl_runtime_read(struct httpa_slice in,
                                      struct httpa_hcl *ret_hcl)
{
    struct httpa_hcl hcl = { .runtime_data = in };
    enum httpa_err err = in.n <= HTTPA_HCL_MAX ? read_runtime_data(&hcl)
                                               : HTTPA_ERR_RANGE;
    if (err == HTTPA_OK) {
        *ret_hcl = hcl;
    }
    return err;
}

/* ---- what hardware signed, and what it then vouches for ---- */

enum httpa_err
httpa_hcl_check(const struct httpa_crypto *crypto, const struct httpa_hcl *hcl,
                struct httpa_slice report_data,
                uint8_t ret_wanted[HTTPA_RD_LEN])
{
    struct httpa_digest digest;
    enum httpa_err err =
        httpa_hash_once(crypto, HTTPA_SHA256, hcl->runtime_data, &digest);
    if (err != HTTPA_OK) {
        return err;
    }
    memset(ret_wanted, 0, HTTPA_RD_LEN);
    memcpy(ret_wanted, digest.bytes, digest.n);
    return report_data.n == HTTPA_RD_LEN &&
                   httpa_ct_equal(report_data.p, ret_wanted, HTTPA_RD_LEN)
               ? HTTPA_OK
               : HTTPA_ERR_EVIDENCE;
}

enum httpa_err httpa_hcl_claim_ak(const struct httpa_crypto *crypto,
                                  const struct httpa_hcl *hcl,
                                  struct httpa_verdict *v, unsigned of)
{
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_pubkey_from_rsa(
        crypto, httpa_slice_of(hcl->modulus, hcl->modulus_n), 65537, &key);
    if (err == HTTPA_OK) {
        httpa_verdict_claim(v, of, HTTPA_CLAIM_HARDWARE_AK,
                            httpa_value_bytes(httpa_pubkey_spki(key)));
    }
    httpa_pubkey_free(key);
    return err;
}
