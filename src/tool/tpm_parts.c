#include "tool/tpm_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "codec/cbor_write.h"
#include "codec/der.h"
#include "codec/hex.h"
#include "codec/pem.h"
#include "tool/file.h"
#include "tool/say.h"

#define PART_MAX 65536u
#define PATH_BYTES 4096
#define REGISTERS 24
#define DIGEST_MAX 64u

/* TCG Algorithm Registry and TPM 2.0 Part 2, as far as it is written here */
enum {
    ALG_RSA = 0x0001,
    ALG_SHA256 = 0x000b,
    ALG_NULL = 0x0010,
    ALG_RSASSA = 0x0014,
    ALG_RSAPSS = 0x0016,
    ALG_ECDSA = 0x0018,
    ALG_ECC = 0x0023,
    CURVE_P256 = 0x0003,
    CURVE_P384 = 0x0004
};

/* fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA,
 * restricted, sign: what an attestation key has. */
#define AK_ATTRIBUTES 0x00050072u

static const struct {
    const char *name;
    uint16_t alg;
    size_t size;
} hashes[] = { { "sha1", 0x0004, 20 }, /* so that a verdict can refuse it */
               { "sha256", 0x000b, 32 },
               { "sha384", 0x000c, 48 },
               { "sha512", 0x000d, 64 } };

struct parts {
    const char *dir;
    struct httpa_buf attest;
    struct httpa_buf signature;
    struct httpa_buf ak;
    struct httpa_buf log;
    struct httpa_buf chain; /* CBOR: an array of certificates, or nothing */
    json_t *pcrs;
};

static bool name_file(const struct parts *p, const char *name, char *path)
{
    int n = snprintf(path, PATH_BYTES, "%s/%s", p->dir, name);
    return n > 0 && n < PATH_BYTES;
}

static bool
read_part(const struct parts *p, const char *name, struct httpa_buf *to)
{
    char path[PATH_BYTES];
    *to = httpa_buf_growing(PART_MAX);
    return name_file(p, name, path) && httpa_file_read(path, to);
}

static bool is_there(const struct parts *p, const char *name)
{
    char path[PATH_BYTES];
    return name_file(p, name, path) && httpa_file_exists(path);
}

/* Some services strip the TPMT_SIGNATURE from an RSASSA signature. */
static bool read_signature(struct parts *p)
{
    struct httpa_buf raw;
    bool ok = read_part(p, "quote.sig", &raw);
    uint16_t alg = 0;
    if (ok && raw.n > 2) {
        alg = (uint16_t)(raw.p[0] << 8 | raw.p[1]);
    }
    p->signature = httpa_buf_growing(PART_MAX);
    if (alg != ALG_RSASSA && alg != ALG_RSAPSS && alg != ALG_ECDSA) {
        httpa_write_u16(&p->signature, ALG_RSASSA);
        httpa_write_u16(&p->signature, ALG_SHA256);
        httpa_write_v16(&p->signature, httpa_buf_slice(&raw));
    } else {
        httpa_buf_put_slice(&p->signature, httpa_buf_slice(&raw));
    }
    httpa_buf_done(&raw);
    return ok && httpa_buf_check(&p->signature) == HTTPA_OK;
}

/* ------------------------------------------------ TPMT_PUBLIC from a bare key
 */

static void
put_public_head(const struct parts *p, struct httpa_buf *out, uint16_t type)
{
    httpa_write_u16(out, type);
    httpa_write_u16(out, ALG_SHA256); /* nameAlg */
    httpa_write_u32(out, AK_ATTRIBUTES);
    httpa_write_u16(out, 0); /* authPolicy */
    httpa_write_u16(out, ALG_NULL);
    /* the scheme that signed, with its hash */
    httpa_buf_put(out, p->signature.p, p->signature.n < 4 ? 0 : 4);
}

static void
put_rsa(const struct parts *p, struct httpa_slice bits, struct httpa_buf *out)
{
    struct httpa_der d = httpa_der_of(bits);
    struct httpa_der in = httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
    struct httpa_slice n = httpa_der_big(&in);
    uint64_t e = httpa_der_uint(&in);
    put_public_head(p, out, ALG_RSA);
    httpa_write_u16(out, (uint16_t)(n.n * 8));
    httpa_write_u32(out, e == 65537 ? 0 : (uint32_t)e);
    httpa_write_v16(out, n);
}

static void
put_ecc(const struct parts *p, struct httpa_slice bits, struct httpa_buf *out)
{
    size_t width = (bits.n - 1) / 2;
    put_public_head(p, out, ALG_ECC);
    httpa_write_u16(out, width == 32 ? CURVE_P256 : CURVE_P384);
    httpa_write_u16(out, ALG_NULL);
    httpa_write_v16(out, httpa_slice_of(bits.p + 1, width));
    httpa_write_v16(out, httpa_slice_of(bits.p + 1 + width, width));
}

/* RFC 5280 4.1.2.7 */
static bool put_public(const struct parts *p, struct httpa_slice spki,
                       struct httpa_buf *out)
{
    struct httpa_der d = httpa_der_of(spki);
    struct httpa_der in = httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
    (void)httpa_der_value(&in, HTTPA_DER_SEQUENCE);
    struct httpa_slice bits = httpa_der_bits(&in);
    if (httpa_der_end(&in) != HTTPA_OK || bits.n == 0) {
        return false;
    }
    if (bits.p[0] == 0x04 && (bits.n == 65 || bits.n == 97)) {
        put_ecc(p, bits, out);
    } else {
        put_rsa(p, bits, out);
    }
    return httpa_buf_check(out) == HTTPA_OK;
}

static bool read_bare_key(struct parts *p)
{
    struct httpa_buf text;
    struct httpa_buf der = httpa_buf_growing(PART_MAX);
    struct httpa_slice label;
    bool ok = read_part(p, "ak_pub.pem", &text);
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
    ok = ok && httpa_pem_next(&pem, &label, &der) == HTTPA_OK &&
         put_public(p, httpa_buf_slice(&der), &p->ak);
    if (ok) {
        httpa_say("ak_pub.pem is a bare key: that it is an attestation key, "
                  "which signs nothing but what its TPM made, is assumed and "
                  "not shown");
    } else {
        httpa_say("%s/ak_pub.pem: not a public key that can be used", p->dir);
    }
    httpa_buf_done(&text);
    httpa_buf_done(&der);
    return ok;
}

static bool read_key(struct parts *p)
{
    if (is_there(p, "ak.tpmt_public")) {
        return read_part(p, "ak.tpmt_public", &p->ak);
    }
    p->ak = httpa_buf_growing(PART_MAX);
    return read_bare_key(p);
}

/* ------------------------------------------------------------- certificates */

/* Of the attestation key, leaf first; each may be left out, and a file may
 * hold several. */
static const char *const chain_files[] = { "ak_cert.pem", "ak_intermediate.pem",
                                           "ak_root.pem" };

/* Appends the certificates of |text|, and how many they are. */
static bool
put_certificates(struct httpa_slice text, struct httpa_buf *out, size_t *n)
{
    struct httpa_pem pem = httpa_pem_of(text);
    while (httpa_pem_more(&pem)) {
        struct httpa_buf der = httpa_buf_growing(PART_MAX);
        struct httpa_slice label;
        bool ok = httpa_pem_next(&pem, &label, &der) == HTTPA_OK &&
                  httpa_slice_is(label, "CERTIFICATE");
        if (ok) {
            httpa_cbor_put_bytes(out, httpa_buf_slice(&der));
            ++*n;
        }
        httpa_buf_done(&der);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool read_chain(struct parts *p)
{
    struct httpa_buf certificates = httpa_buf_growing(PART_MAX);
    size_t n = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof(chain_files) / sizeof(chain_files[0]);
         i++) {
        struct httpa_buf text;
        if (!is_there(p, chain_files[i])) {
            continue;
        }
        ok = read_part(p, chain_files[i], &text);
        if (ok && !put_certificates(httpa_buf_slice(&text), &certificates,
                                    &n)) {
            httpa_say("%s/%s: not PEM with certificates", p->dir,
                      chain_files[i]);
            ok = false;
        }
        httpa_buf_done(&text);
    }
    p->chain = httpa_buf_growing(PART_MAX);
    if (ok && n > 0) {
        httpa_cbor_put_array(&p->chain, n);
        httpa_buf_put_slice(&p->chain, httpa_buf_slice(&certificates));
        ok = httpa_buf_check(&p->chain) == HTTPA_OK;
    }
    httpa_buf_done(&certificates);
    return ok;
}

/* ---------------------------------------------------------------- registers */

/* Without the file: a quote whose values nobody kept. */
static bool read_pcrs(struct parts *p)
{
    char path[PATH_BYTES];
    json_error_t error;
    if (!is_there(p, "pcrs.json")) {
        return true;
    }
    p->pcrs = name_file(p, "pcrs.json", path)
                  ? json_load_file(path, JSON_REJECT_DUPLICATES, &error)
                  : NULL;
    if (p->pcrs == NULL) {
        httpa_say("%s: %s", path, error.text);
    }
    return p->pcrs != NULL;
}

static bool put_bank(const json_t *values, size_t size, struct httpa_buf *out)
{
    httpa_cbor_put_map(out, json_object_size(values));
    size_t found = 0;
    for (int pcr = 0; pcr < REGISTERS; pcr++) {
        char key[4];
        uint8_t room[DIGEST_MAX];
        struct httpa_buf digest = httpa_buf_fixed(room, sizeof(room));
        (void)snprintf(key, sizeof(key), "%d", pcr);
        const char *hex = json_string_value(json_object_get(values, key));
        if (hex == NULL) {
            continue;
        }
        if (httpa_hex_read(httpa_slice_str(hex), &digest) != HTTPA_OK ||
            digest.n != size) {
            return false;
        }
        found++;
        httpa_cbor_put_uint(out, (uint64_t)pcr);
        httpa_cbor_put_bytes(out, httpa_buf_slice(&digest));
    }
    return found == json_object_size(values);
}

static bool put_pcrs(const struct parts *p, struct httpa_buf *out)
{
    const char *hash = json_string_value(json_object_get(p->pcrs, "hash"));
    if (p->pcrs == NULL) {
        httpa_cbor_put_map(out, 0);
        return true;
    }
    const json_t *values = json_object_get(p->pcrs, "pcrs");
    for (size_t i = 0; hash != NULL && i < sizeof(hashes) / sizeof(hashes[0]);
         i++) {
        if (strcmp(hash, hashes[i].name) == 0) {
            httpa_cbor_put_map(out, 1);
            httpa_cbor_put_uint(out, hashes[i].alg);
            if (put_bank(values, hashes[i].size, out)) {
                return true;
            }
        }
    }
    httpa_say("%s/pcrs.json: {\"hash\": \"sha256\", \"pcrs\": {\"0\": hex}} is "
              "expected, in sha256, sha384 or sha512",
              p->dir);
    return false;
}

/* ----------------------------------------------------------------- together */

static bool put_all(const struct parts *p, struct httpa_buf *out)
{
    httpa_cbor_put_map(out, 4u + (p->chain.n > 0) + (p->log.n > 0));
    httpa_cbor_put_uint(out, 1);
    httpa_cbor_put_bytes(out, httpa_buf_slice(&p->attest));
    httpa_cbor_put_uint(out, 2);
    httpa_cbor_put_bytes(out, httpa_buf_slice(&p->signature));
    httpa_cbor_put_uint(out, 3);
    httpa_cbor_put_bytes(out, httpa_buf_slice(&p->ak));
    httpa_cbor_put_uint(out, 4);
    if (!put_pcrs(p, out)) {
        return false;
    }
    if (p->chain.n > 0) {
        httpa_cbor_put_uint(out, 5);
        httpa_buf_put_slice(out, httpa_buf_slice(&p->chain));
    }
    if (p->log.n > 0) {
        httpa_cbor_put_uint(out, 7);
        httpa_cbor_put_bytes(out, httpa_buf_slice(&p->log));
    }
    return httpa_buf_check(out) == HTTPA_OK;
}

bool httpa_tpm_parts_read(const char *dir, struct httpa_buf *ret_value)
{
    struct parts p = { .dir = dir };
    bool ok = read_part(&p, "quote.tpms_attest", &p.attest) &&
              read_signature(&p) && read_key(&p) && read_chain(&p) &&
              read_pcrs(&p);
    if (ok && is_there(&p, "eventlog.bin")) {
        ok = read_part(&p, "eventlog.bin", &p.log);
    }
    ok = ok && put_all(&p, ret_value);
    json_decref(p.pcrs);
    httpa_buf_done(&p.attest);
    httpa_buf_done(&p.signature);
    httpa_buf_done(&p.ak);
    httpa_buf_done(&p.log);
    httpa_buf_done(&p.chain);
    return ok;
}
