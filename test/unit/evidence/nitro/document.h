/*
 * What the tests of this folder share: a PKI of this run in the place of
 * AWS's, and documents under it.  A fake of the device: it signs whatever a
 * test says.  No certificate is stored; time is an argument.
 */
#ifndef HTTPA_TEST_NITRO_DOCUMENT_H
#define HTTPA_TEST_NITRO_DOCUMENT_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "../support.h"
#include "codec/cbor_write.h"
#include "codec/der.h"
#include "crypto/hash.h"
#include "evidence/nitro/nitro.h"
#include "unit/evidence/again.h"

#define HOUR INT64_C(3600)

#define CA_USAGE "critical,digitalSignature,keyCertSign,cRLSign"
#define CA_YES "critical,CA:TRUE"
#define CA_NO "critical,CA:FALSE"

struct cert {
    EVP_PKEY *key;
    X509 *x;
    uint8_t der[HTTPA_NITRO_CERT_MAX];
    size_t n;
};

struct design {
    const char *name;
    const char *curve;
    int64_t from_s;
    int64_t to_s;
    const char *constraints;
    const char *usage; /* NULL: says nothing */
};

static const struct design design_root = {
    "root", "P-384", NOW - 9999 * HOUR, NOW + 9999 * HOUR, CA_YES, CA_USAGE
};
static const struct design design_middle = {
    "instance", "P-384", NOW - HOUR, NOW + 23 * HOUR,
    "critical,CA:TRUE,pathlen:0", "critical,keyCertSign"
};
static const struct design design_leaf = {
    "enclave", "P-384", NOW - 60, NOW + 3 * HOUR, CA_NO,
    "digitalSignature,nonRepudiation"
};

static inline void add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, NULL, x, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
    assert_non_null(ext);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

static inline void set_cn(X509_NAME *name, const char *cn)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)cn, -1,
                                                -1, 0),
                     1);
}

/* A certificate of |d| by |issuer|; NULL: by itself. */
static inline struct cert make_cert(const struct design *d,
                                    const struct cert *issuer)
{
    static long serial;
    struct cert c = { .key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", d->curve),
                      .x = X509_new() };
    X509_set_version(c.x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c.x), ++serial);
    set_cn(X509_get_subject_name(c.x), d->name);
    X509_set_issuer_name(c.x, X509_get_subject_name(
                                  issuer != NULL ? issuer->x : c.x));
    ASN1_TIME_set(X509_getm_notBefore(c.x), d->from_s);
    ASN1_TIME_set(X509_getm_notAfter(c.x), d->to_s);
    X509_set_pubkey(c.x, c.key);
    add_extension(c.x, NID_basic_constraints, d->constraints);
    if (d->usage != NULL) {
        add_extension(c.x, NID_key_usage, d->usage);
    }
    assert_true(X509_sign(c.x, issuer != NULL ? issuer->key : c.key,
                          EVP_sha384()) > 0);
    unsigned char *p = c.der;
    int n = i2d_X509(c.x, NULL);
    assert_true(n > 0 && (size_t)n <= sizeof(c.der));
    c.n = (size_t)i2d_X509(c.x, &p);
    return c;
}

static inline void free_cert(struct cert *c)
{
    EVP_PKEY_free(c->key);
    X509_free(c->x);
}

/* ------------------------------------------------------------------ the PKI */

static struct cert top, middle, leaf;
static uint8_t pin[32];        /* of |top| */
static uint8_t doc_rd[HTTPA_RD_LEN];

static inline void pin_of(const struct cert *c, uint8_t to[32])
{
    struct httpa_digest d;
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA256,
                              httpa_slice_of(c->der, c->n), &d));
    memcpy(to, d.bytes, 32);
}

static inline int open_pki(void **state)
{
    if (open_crypto(state) != 0) {
        return -1;
    }
    top = make_cert(&design_root, NULL);
    middle = make_cert(&design_middle, &top);
    leaf = make_cert(&design_leaf, &middle);
    pin_of(&top, pin);
    memset(doc_rd, 0x5a, sizeof(doc_rd));
    return 0;
}

static inline int close_pki(void **state)
{
    free_cert(&top);
    free_cert(&middle);
    free_cert(&leaf);
    again_forget();
    return close_crypto(state);
}

/* ------------------------------------------------------------ the documents */

#define PCRS 9u

struct document {
    int64_t at_s;
    const struct cert *leaf;
    const struct cert *bundle[3]; /* root first; ends with NULL */
    EVP_PKEY *signer;             /* NULL: the leaf's */
    struct httpa_slice user_data; /* n is 0: null */
    struct httpa_slice nonce;
    uint8_t first_byte[PCRS]; /* of each register; the rest is zeros */
    uint32_t pcr_mask;
    bool tagged;
};

/* PCR 0 to 4 and 8, rd in user_data: what passes. */
static inline struct document good_document(void)
{
    return (struct document){
        .at_s = NOW,
        .leaf = &leaf,
        .bundle = { &top, &middle },
        .user_data = httpa_slice_of(doc_rd, sizeof(doc_rd)),
        .first_byte = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0, 0, 0, 0xa8 },
        .pcr_mask = 0x11f,
    };
}

static inline void put_optional(struct httpa_buf *b, const char *name,
                                struct httpa_slice v)
{
    httpa_cbor_put_str(b, name);
    if (v.n > 0) {
        httpa_cbor_put_bytes(b, v);
    } else {
        httpa_cbor_put_null(b);
    }
}

static inline void put_pcrs(struct httpa_buf *b, const struct document *d)
{
    httpa_cbor_put_str(b, "pcrs");
    httpa_cbor_put_map(b, (uint64_t)__builtin_popcount(d->pcr_mask));
    for (unsigned i = 0; i < PCRS; i++) {
        uint8_t value[48] = { d->first_byte[i] };
        if ((d->pcr_mask >> i & 1) != 0) {
            httpa_cbor_put_uint(b, i);
            httpa_cbor_put_bytes(b, httpa_slice_of(value, sizeof(value)));
        }
    }
}

static inline void put_certs(struct httpa_buf *b, const struct document *d)
{
    size_t n = 0;
    while (n < COUNT(d->bundle) && d->bundle[n] != NULL) {
        n++;
    }
    httpa_cbor_put_str(b, "certificate");
    httpa_cbor_put_bytes(b, httpa_slice_of(d->leaf->der, d->leaf->n));
    httpa_cbor_put_str(b, "cabundle");
    httpa_cbor_put_array(b, n);
    for (size_t i = 0; i < n; i++) {
        httpa_cbor_put_bytes(b, httpa_slice_of(d->bundle[i]->der,
                                               d->bundle[i]->n));
    }
}

static inline void put_payload(struct httpa_buf *b, const struct document *d)
{
    httpa_cbor_put_map(b, 9);
    httpa_cbor_put_str(b, "module_id");
    httpa_cbor_put_str(b, "i-0-enc0");
    httpa_cbor_put_str(b, "digest");
    httpa_cbor_put_str(b, "SHA384");
    httpa_cbor_put_str(b, "timestamp");
    httpa_cbor_put_int(b, d->at_s * 1000 + 346);
    put_pcrs(b, d);
    put_certs(b, d);
    put_optional(b, "public_key", (struct httpa_slice){ 0 });
    put_optional(b, "user_data", d->user_data);
    put_optional(b, "nonce", d->nonce);
    assert_ok(httpa_buf_check(b));
}

/* r || s, 48 bytes each, whatever the curve of |key|. */
static inline void sign_raw(EVP_PKEY *key, struct httpa_slice tbs,
                            struct httpa_buf *out)
{
    uint8_t der[256];
    size_t n = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key),
                     1);
    assert_int_equal(EVP_DigestSign(ctx, der, &n, tbs.p, tbs.n), 1);
    EVP_MD_CTX_free(ctx);
    assert_ok(httpa_der_ecdsa_to_raw(httpa_slice_of(der, n), 48, out));
}

/* A growing buffer with the document; httpa_buf_done it. */
static inline struct httpa_buf make_document(const struct document *d)
{
    uint8_t head[8], sig[96];
    struct httpa_buf protected_header = httpa_buf_fixed(head, sizeof(head));
    struct httpa_buf signature = httpa_buf_fixed(sig, sizeof(sig));
    struct httpa_buf payload = httpa_buf_growing(HTTPA_NITRO_MAX);
    struct httpa_buf tbs = httpa_buf_growing(HTTPA_NITRO_MAX);
    struct httpa_buf out = httpa_buf_growing(HTTPA_NITRO_MAX);
    httpa_cose_put_protected(&protected_header, HTTPA_COSE_ES384);
    put_payload(&payload, d);
    struct httpa_cose_sign1 m = {
        .protected_header = httpa_buf_slice(&protected_header),
        .payload = httpa_buf_slice(&payload),
    };
    httpa_cose_put_signed(&tbs, &m, (struct httpa_slice){ 0 }, m.payload);
    sign_raw(d->signer != NULL ? d->signer : d->leaf->key,
             httpa_buf_slice(&tbs), &signature);
    m.signature = httpa_buf_slice(&signature);
    httpa_cose_sign1_write(
        &out, d->tagged ? HTTPA_COSE_TAGGED : HTTPA_COSE_UNTAGGED, &m);
    assert_ok(httpa_buf_check(&out));
    httpa_buf_done(&payload);
    httpa_buf_done(&tbs);
    return out;
}

/* The id of the first check of |v| that failed or is open. */
static inline const char *first_open(const struct httpa_verdict *v)
{
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (c->outcome == HTTPA_OUTCOME_FAIL ||
            c->outcome == HTTPA_OUTCOME_UNKNOWN) {
            return c->id;
        }
    }
    return "";
}

static inline const struct httpa_check *
find_check(const struct httpa_verdict *v, const char *id)
{
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (strcmp(c->id, id) == 0) {
            return c;
        }
    }
    fail_msg("no check %s", id);
    return NULL;
}

#endif
