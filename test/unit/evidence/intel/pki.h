/*
 * Quotes and collateral of no Intel: a root, a CA, the certificate of a
 * platform, a signer of collateral, lists of what is revoked, a Quoting
 * Enclave and its key, made and signed when the test runs.  Everything is
 * right for PKI_NOW unless a wish says otherwise.
 */
#ifndef HTTPA_TEST_EVIDENCE_INTEL_PKI_H
#define HTTPA_TEST_EVIDENCE_INTEL_PKI_H

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/hash.h"
#include "documents.h"
#include "maker.h"
#include "samples.h"

#define PKI_NOW "2025-07-04T10:16:31Z" /* between the dates of documents.h */
#define PKI_YEAR INT64_C(31536000)
#define PKI_DAY INT64_C(86400)

enum pki_role { PKI_ROOT, PKI_CA, PKI_PCK, PKI_SIGNER, PKI_CERTS };

/* Keys of certificates, and of none. */
enum pki_key { PKI_AK = PKI_CERTS, PKI_OTHER, PKI_KEYS };

static EVP_PKEY *pki_keys[PKI_KEYS];

static inline int pki_setup(void **state)
{
    for (size_t i = 0; i < PKI_KEYS; i++) {
        pki_keys[i] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    }
    return open_crypto(state);
}

static inline int pki_teardown(void **state)
{
    for (size_t i = 0; i < PKI_KEYS; i++) {
        EVP_PKEY_free(pki_keys[i]);
    }
    return close_crypto(state);
}

/* ---- what a test may want otherwise ---- */

struct pki_span {
    int64_t from_s;
    int64_t to_s;
};

/* Arcs of the extension. */
enum { PKI_PPID = 1, PKI_TCB, PKI_PCE_ID, PKI_FMSPC };

/* What the platform's certificate says about it; zero leaves all right. */
struct pki_platform {
    uint8_t components[HTTPA_INTEL_COMPONENTS];
    uint32_t pce_svn;
    uint8_t left_out[2]; /* an arc; below PKI_TCB: the second */
    uint8_t twice[2];
    uint8_t longer; /* an arc whose octets are one more */
    uint8_t wide;   /* a component that does not fit in a byte */
    bool trailing;  /* a byte behind the whole */
};

struct pki_wish {
    uint16_t version;
    bool is_tdx;
    bool td15;
    bool processor; /* the CA, instead of the platforms' */
    struct pki_span span[PKI_CERTS];
    struct pki_span root_crl;
    struct pki_span pck_crl;
    bool revoked[PKI_CERTS];
    struct pki_platform platform;
    uint8_t tee_svn[HTTPA_INTEL_COMPONENTS];
    uint8_t tee_svn_2[HTTPA_INTEL_COMPONENTS];
    uint8_t mrsignerseam; /* each byte */
    uint8_t attributes;   /* the first byte, of an enclave or a domain */
    uint16_t qe_svn;
    uint8_t report_data[HTTPA_INTEL_REPORT_DATA];
    struct info_design info;
    struct identity_design identity;
    struct evaluations_design evaluations;
    unsigned qe_report_by; /* a key; as below */
    unsigned quote_by;
    unsigned collateral_by;
    unsigned ak; /* the key that stands in the quote */
};

static inline struct pki_wish pki_good(uint16_t version, bool is_tdx)
{
    const int64_t now = at(PKI_NOW);
    struct pki_wish w = {
        .version = version,
        .is_tdx = is_tdx,
        .root_crl = { now - 30 * PKI_DAY, now + 300 * PKI_DAY },
        .pck_crl = { now - 5 * PKI_DAY, now + 25 * PKI_DAY },
        .platform = { .pce_svn = 13 },
        .tee_svn = { 5, 0, 5 },
        .tee_svn_2 = { 5, 0, 5 },
        .qe_svn = 4,
        .info = good_info,
        .identity = good_identity,
        .evaluations = good_evaluations,
        .qe_report_by = PKI_PCK,
        .quote_by = PKI_AK,
        .collateral_by = PKI_SIGNER,
        .ak = PKI_AK,
    };
    for (size_t i = 0; i < PKI_CERTS; i++) {
        w.span[i] = (struct pki_span){ now - PKI_YEAR, now + PKI_YEAR };
    }
    memset(w.platform.components, 3, sizeof(w.platform.components));
    for (size_t i = 0; i < sizeof(w.report_data); i++) {
        w.report_data[i] = (uint8_t)(0xc0 - i);
    }
    if (!is_tdx) {
        w.info.id = "\"SGX\"";
        w.info.module = NULL;
        w.info.identities = NULL;
        w.identity.id = "\"QE\"";
        w.evaluations.id = "\"SGX\"";
    }
    return w;
}

/* ---- signatures ---- */

/* r || s over |message|. */
static inline void
pki_sign(enum pki_key by, struct httpa_slice message, uint8_t *to)
{
    uint8_t der[96];
    size_t n = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pki_keys[by]), 1);
    assert_int_equal(EVP_DigestSign(ctx, der, &n, message.p, message.n), 1);
    EVP_MD_CTX_free(ctx);
    const unsigned char *p = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), to, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), to + 32, 32), 32);
    ECDSA_SIG_free(sig);
}

/* ---- the extension of a platform's certificate ---- */

static inline void
pki_tlv(struct httpa_buf *b, uint8_t tag, struct httpa_slice content)
{
    httpa_buf_put_byte(b, tag);
    if (content.n > 127) {
        httpa_buf_put_byte(b, 0x82);
        httpa_buf_put_byte(b, (uint8_t)(content.n >> 8));
    }
    httpa_buf_put_byte(b, (uint8_t)content.n);
    httpa_buf_put_slice(b, content);
}

/* SEQUENCE { OID of |arcs|, value } */
static inline void pki_pair(struct httpa_buf *b, const uint8_t arcs[2],
                            uint8_t tag, struct httpa_slice value)
{
    uint8_t oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 1, 13, 1, 0, 0 };
    struct httpa_buf inner = httpa_buf_growing(4096);
    oid[9] = arcs[0];
    oid[10] = arcs[1];
    pki_tlv(&inner, 6, httpa_slice_of(oid, arcs[1] != 0 ? 11 : 10));
    pki_tlv(&inner, tag, value);
    pki_tlv(b, 0x30, httpa_buf_slice(&inner));
    httpa_buf_done(&inner);
}

static inline bool pki_is(const uint8_t arcs[2], const uint8_t other[2])
{
    return arcs[0] == other[0] && arcs[1] == other[1];
}

/* Once, twice or not at all. */
static inline void
pki_put_pair(struct httpa_buf *b, const struct pki_platform *p,
             const uint8_t arcs[2], uint8_t tag, struct httpa_slice value)
{
    if (pki_is(arcs, p->left_out)) {
        return;
    }
    pki_pair(b, arcs, tag, value);
    if (pki_is(arcs, p->twice)) {
        pki_pair(b, arcs, tag, value);
    }
}

static inline void pki_octets(struct httpa_buf *b, const struct pki_platform *p,
                              uint8_t arc, const char *value, size_t n)
{
    const uint8_t arcs[2] = { arc, 0 };
    uint8_t room[32] = { 0 };
    memcpy(room, value, n);
    pki_put_pair(b, p, arcs, 4,
                 httpa_slice_of(room, n + (p->longer == arc ? 1 : 0)));
}

static inline void pki_integer(struct httpa_buf *b,
                               const struct pki_platform *p, uint8_t arc,
                               uint32_t value)
{
    const uint8_t arcs[2] = { PKI_TCB, arc };
    const uint8_t bytes[] = { 0, (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                              (uint8_t)value };
    size_t from = 3; /* the shortest that is not negative */
    while (from > 0 &&
           (value >> (8 * (4 - from)) != 0 || (bytes[from] & 0x80) != 0)) {
        from--;
    }
    pki_put_pair(b, p, arcs, 2, httpa_slice_of(bytes + from, 4 - from));
}

static inline void pki_tcb(struct httpa_buf *b, const struct pki_platform *p)
{
    static const uint8_t arcs[2] = { PKI_TCB, 0 };
    static const uint8_t cpu_svn[2] = { PKI_TCB, 18 };
    struct httpa_buf pairs = httpa_buf_growing(4096);
    for (uint8_t i = 1; i <= HTTPA_INTEL_COMPONENTS; i++) {
        pki_integer(&pairs, p, i, p->wide == i ? 256u : p->components[i - 1]);
    }
    pki_integer(&pairs, p, 17, p->pce_svn);
    pki_put_pair(&pairs, p, cpu_svn, 4,
                 httpa_slice_of(p->components, sizeof(p->components)));
    pki_put_pair(b, p, arcs, 0x30, httpa_buf_slice(&pairs));
    httpa_buf_done(&pairs);
}

static inline struct httpa_buf pki_extension(const struct pki_platform *p)
{
    static const uint8_t sgx_type[2] = { 5, 0 };
    struct httpa_buf pairs = httpa_buf_growing(4096);
    struct httpa_buf b = httpa_buf_growing(4096);
    pki_octets(&pairs, p, PKI_PPID, "0123456789abcdef", 16);
    pki_tcb(&pairs, p);
    pki_octets(&pairs, p, PKI_PCE_ID, "\x01\x02", 2);
    pki_octets(&pairs, p, PKI_FMSPC, "\xb0\xc0\x6f\x00\x00\x01", 6);
    pki_put_pair(&pairs, p, sgx_type, 0x0a, httpa_slice_of("", 1));
    pki_tlv(&b, 0x30, httpa_buf_slice(&pairs));
    if (p->trailing) {
        httpa_buf_put_byte(&b, 0);
    }
    assert_ok(httpa_buf_check(&b));
    httpa_buf_done(&pairs);
    return b;
}

/* ---- certificates and lists ---- */

static inline const char *pki_cn(const struct pki_wish *w, enum pki_role role)
{
    static const char *const names[] = {
        [PKI_ROOT] = "Intel SGX Root CA",
        [PKI_CA] = "Intel SGX PCK Platform CA",
        [PKI_PCK] = "Intel SGX PCK Certificate",
        [PKI_SIGNER] = "Intel SGX TCB Signing",
    };
    return role == PKI_CA && w->processor ? "Intel SGX PCK Processor CA"
                                          : names[role];
}

static inline enum pki_role pki_issuer(enum pki_role role)
{
    return role == PKI_PCK ? PKI_CA : PKI_ROOT;
}

static inline void pki_name(X509_NAME *name, const char *cn)
{
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               (const unsigned char *)cn, -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
                               (const unsigned char *)"Nobody, at all", -1, -1,
                               0);
}

static inline void pki_usage(X509 *x, bool is_ca)
{
    static const char *const values[2][2] = {
        { "critical,CA:FALSE", "critical,digitalSignature" },
        { "critical,CA:TRUE", "critical,keyCertSign,cRLSign" },
    };
    static const int nids[] = { NID_basic_constraints, NID_key_usage };
    for (size_t i = 0; i < COUNT(nids); i++) {
        X509_EXTENSION *e =
            X509V3_EXT_nconf_nid(NULL, NULL, nids[i], values[is_ca][i]);
        assert_int_equal(X509_add_ext(x, e, -1), 1);
        X509_EXTENSION_free(e);
    }
}

static inline void pki_about_platform(X509 *x, const struct pki_platform *p)
{
    struct httpa_buf b = pki_extension(p);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *oid = OBJ_txt2obj(HTTPA_INTEL_PCK_OID, 1);
    ASN1_OCTET_STRING_set(value, b.p, (int)b.n);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
    ASN1_OBJECT_free(oid);
    ASN1_OCTET_STRING_free(value);
    httpa_buf_done(&b);
}

#define PKI_SERIAL(role) (100 + (long)(role))

static inline X509 *pki_cert(const struct pki_wish *w, enum pki_role role)
{
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), PKI_SERIAL(role));
    pki_name(X509_get_subject_name(x), pki_cn(w, role));
    pki_name(X509_get_issuer_name(x), pki_cn(w, pki_issuer(role)));
    ASN1_TIME_set(X509_getm_notBefore(x), w->span[role].from_s);
    ASN1_TIME_set(X509_getm_notAfter(x), w->span[role].to_s);
    X509_set_pubkey(x, pki_keys[role]);
    pki_usage(x, role == PKI_ROOT || role == PKI_CA);
    if (role == PKI_PCK) {
        pki_about_platform(x, &w->platform);
    }
    assert_true(X509_sign(x, pki_keys[pki_issuer(role)], EVP_sha256()) > 0);
    return x;
}

/* Appends in PEM, leaf first. */
static inline void pki_chain(struct httpa_buf *b, const struct pki_wish *w,
                             const enum pki_role *roles, size_t n)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    for (size_t i = 0; i < n; i++) {
        X509 *x = pki_cert(w, roles[i]);
        assert_int_equal(PEM_write_bio_X509(bio, x), 1);
        X509_free(x);
    }
    long size = BIO_get_mem_data(bio, &text);
    httpa_buf_put(b, text, (size_t)size);
    BIO_free(bio);
}

static inline void pki_pck_chain(struct httpa_buf *b, const struct pki_wish *w)
{
    static const enum pki_role roles[] = { PKI_PCK, PKI_CA, PKI_ROOT };
    pki_chain(b, w, roles, COUNT(roles));
}

static inline void
pki_signer_chain(struct httpa_buf *b, const struct pki_wish *w)
{
    static const enum pki_role roles[] = { PKI_SIGNER, PKI_ROOT };
    pki_chain(b, w, roles, COUNT(roles));
}

static inline void pki_revoke(X509_CRL *crl, enum pki_role role, int64_t when_s)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, when_s);
    ASN1_INTEGER_set(serial, PKI_SERIAL(role));
    X509_REVOKED_set_serialNumber(entry, serial);
    X509_REVOKED_set_revocationDate(entry, when);
    X509_CRL_add0_revoked(crl, entry);
    ASN1_TIME_free(when);
    ASN1_INTEGER_free(serial);
}

/* The list of |by|, of the root or the CA, in DER. */
static inline void pki_crl(struct httpa_buf *b, const struct pki_wish *w,
                           enum pki_role by, struct pki_span span)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *name = X509_NAME_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, span.from_s);
    ASN1_TIME *to = ASN1_TIME_set(NULL, span.to_s);
    unsigned char *der = NULL;
    pki_name(name, pki_cn(w, by));
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, name);
    X509_CRL_set1_lastUpdate(crl, from);
    X509_CRL_set1_nextUpdate(crl, to);
    for (enum pki_role i = PKI_CA; i < PKI_CERTS; i++) {
        if (w->revoked[i] && pki_issuer(i) == by) {
            pki_revoke(crl, i, span.from_s);
        }
    }
    assert_true(X509_CRL_sign(crl, pki_keys[by], EVP_sha256()) > 0);
    int n = i2d_X509_CRL(crl, &der);
    httpa_buf_put(b, der, (size_t)n);
    OPENSSL_free(der);
    ASN1_TIME_free(to);
    ASN1_TIME_free(from);
    X509_NAME_free(name);
    X509_CRL_free(crl);
}

/* ---- documents ---- */

/* Signs {"|name|":X,"signature":"..."}: X, byte for byte. */
static inline void
pki_sign_json(struct httpa_buf *b, const char *name, unsigned by)
{
    static const char digits[] = "0123456789abcdef";
    const size_t head = strlen("{\"\":") + strlen(name);
    const size_t tail = strlen(",\"signature\":}") + strlen(SIGNATURE);
    uint8_t signature[HTTPA_INTEL_SIGNATURE];
    assert_true(b->n > head + tail);
    pki_sign(by, httpa_slice_of(b->p + head, b->n - head - tail), signature);
    uint8_t *to = b->p + b->n - 2 - 2 * sizeof(signature);
    for (size_t i = 0; i < sizeof(signature); i++) {
        to[2 * i] = (uint8_t)digits[signature[i] >> 4];
        to[2 * i + 1] = (uint8_t)digits[signature[i] & 15];
    }
}

static inline void pki_info(struct httpa_buf *b, const struct pki_wish *w)
{
    put_info(b, &w->info);
    pki_sign_json(b, "tcbInfo", w->collateral_by);
}

static inline void pki_identity(struct httpa_buf *b, const struct pki_wish *w)
{
    put_identity(b, &w->identity);
    pki_sign_json(b, "enclaveIdentity", w->collateral_by);
}

static inline void
pki_evaluations(struct httpa_buf *b, const struct pki_wish *w)
{
    put_evaluations(b, &w->evaluations);
    pki_sign_json(b, "tcbEvaluationDataNumbers", w->collateral_by);
}

/* ---- quotes ---- */

static inline void pki_fill(struct httpa_buf *b, uint8_t byte, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        httpa_buf_put_byte(b, byte);
    }
}

/* The body of an enclave, 384 bytes. */
static inline void pki_enclave(struct httpa_buf *b, uint8_t attributes,
                               uint16_t svn, const uint8_t *report_data)
{
    pki_fill(b, 9, 16);      /* CPUSVN */
    put_le(b, 0x1000000, 4); /* MISCSELECT */
    put_le(b, 0, 28);
    put_le(b, attributes, 16);
    pki_fill(b, 0x31, 32); /* MRENCLAVE */
    put_le(b, 0, 32);
    pki_fill(b, 1, 32); /* MRSIGNER, as documents.h has it */
    put_le(b, 0, 96);
    put_le(b, 2, 2); /* ISVPRODID */
    put_le(b, svn, 2);
    put_le(b, 0, 60);
    httpa_buf_put(b, report_data, HTTPA_INTEL_REPORT_DATA);
}

/* The body of a domain, 584 or 648 bytes. */
static inline void pki_td(struct httpa_buf *b, const struct pki_wish *w)
{
    httpa_buf_put(b, w->tee_svn, sizeof(w->tee_svn));
    pki_fill(b, 0x41, 48);            /* MRSEAM */
    pki_fill(b, w->mrsignerseam, 48); /* MRSIGNERSEAM */
    put_le(b, 0, 8);                  /* SEAMATTRIBUTES */
    put_le(b, HTTPA_INTEL_TD_SEPT_VE_DISABLE | w->attributes, 8);
    put_le(b, 0xe7, 8); /* XFAM */
    for (uint8_t i = 0; i < 8; i++) {
        pki_fill(b, (uint8_t)(0x50 + i), 48); /* MRTD to RTMR3 */
    }
    httpa_buf_put(b, w->report_data, sizeof(w->report_data));
    if (w->td15) {
        httpa_buf_put(b, w->tee_svn_2, sizeof(w->tee_svn_2));
        put_le(b, 0, 48);
    }
}

/* Header and body. */
static inline void
pki_signed_part(struct httpa_buf *b, const struct pki_wish *w)
{
    const struct shape header = { .version = w->version,
                                  .key_type = 2,
                                  .tee = w->is_tdx ? 0x81 : 0 };
    put_header(b, &header);
    if (w->version == 5) {
        put_le(b, !w->is_tdx ? 1 : w->td15 ? 3 : 2, 2);
        put_le(b, !w->is_tdx ? 384 : w->td15 ? 648 : 584, 4);
    }
    if (w->is_tdx) {
        pki_td(b, w);
    } else {
        pki_enclave(b, (uint8_t)(5 | w->attributes), 7, w->report_data);
    }
}

/* x || y of a key. */
static inline void pki_point(enum pki_key key, uint8_t *to)
{
    uint8_t point[65];
    size_t n = 0;
    assert_int_equal(EVP_PKEY_get_octet_string_param(pki_keys[key], "pub",
                                                     point, sizeof(point), &n),
                     1);
    assert_int_equal(n, sizeof(point));
    memcpy(to, point + 1, 64);
}

/* The report of the Quoting Enclave about PKI_AK, what goes with it, and the
 * platform's certificates. */
static inline void pki_qe(struct httpa_buf *b, const struct pki_wish *w)
{
    uint8_t hashed[64 + 32];
    uint8_t report_data[HTTPA_INTEL_REPORT_DATA] = { 0 };
    uint8_t signature[HTTPA_INTEL_SIGNATURE];
    struct httpa_digest digest;
    struct httpa_buf chain = httpa_buf_growing(65536);
    pki_point(PKI_AK, hashed);
    for (uint8_t i = 0; i < 32; i++) {
        hashed[64 + i] = i; /* QE authentication data */
    }
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA256,
                              httpa_slice_of(hashed, sizeof(hashed)), &digest));
    memcpy(report_data, digest.bytes, digest.n);
    pki_enclave(b, 0x11, w->qe_svn, report_data);
    pki_sign(w->qe_report_by, httpa_slice_of(b->p + b->n - 384, 384),
             signature);
    httpa_buf_put(b, signature, sizeof(signature));
    put_le(b, 32, 2);
    httpa_buf_put(b, hashed + 64, 32);
    pki_pck_chain(&chain, w);
    put_le(b, 5, 2);
    put_le(b, chain.n, 4);
    httpa_buf_put_slice(b, httpa_buf_slice(&chain));
    httpa_buf_done(&chain);
}

static inline void pki_quote(struct httpa_buf *b, const struct pki_wish *w)
{
    uint8_t signature[HTTPA_INTEL_SIGNATURE];
    uint8_t ak[64];
    struct httpa_buf qe = httpa_buf_growing(65536);
    bool wrapped = w->version != 3;
    pki_signed_part(b, w);
    pki_sign(w->quote_by, httpa_buf_slice(b), signature);
    pki_point(w->ak, ak);
    pki_qe(&qe, w);
    put_le(b, (wrapped ? 134u : 128u) + qe.n, 4);
    httpa_buf_put(b, signature, sizeof(signature));
    httpa_buf_put(b, ak, sizeof(ak));
    if (wrapped) {
        put_le(b, 6, 2);
        put_le(b, qe.n, 4);
    }
    httpa_buf_put_slice(b, httpa_buf_slice(&qe));
    assert_ok(httpa_buf_check(b));
    httpa_buf_done(&qe);
}

/* ---- all of it ---- */

#define PKI_MORE 4u /* pieces that a test adds */

struct pki {
    struct pki_wish wish;
    struct httpa_buf quote;
    struct httpa_buf files[PIECES + PKI_MORE];
    struct httpa_endorsement endorsements[PIECES + PKI_MORE];
    uint8_t pin[HTTPA_INTEL_PIN];
    struct httpa_verify_in in;
};

/* Appends a piece as |w| wants it. */
static inline void
pki_put(struct httpa_buf *b, const struct pki_wish *w, enum piece piece)
{
    static const enum pki_role ca_chain[] = { PKI_CA, PKI_ROOT };
    switch (piece) {
    case PIECE_ROOT_CRL:
        pki_crl(b, w, PKI_ROOT, w->root_crl);
        break;
    case PIECE_PCK_CRL:
        pki_crl(b, w, PKI_CA, w->pck_crl);
        break;
    case PIECE_INFO:
        pki_info(b, w);
        break;
    case PIECE_IDENTITY:
        pki_identity(b, w);
        break;
    case PIECE_TCB_CHAIN:
    case PIECE_QE_CHAIN:
        pki_signer_chain(b, w);
        break;
    default:
        pki_chain(b, w, ca_chain, COUNT(ca_chain));
        break;
    }
}

/* One piece more, as |w| wants it, behind the others. */
static inline void
pki_add(struct pki *p, const struct pki_wish *w, enum piece piece)
{
    size_t n = p->in.endorsement_count++;
    assert_true(n < COUNT(p->files));
    p->files[n] = httpa_buf_growing(65536);
    pki_put(&p->files[n], w, piece);
    p->endorsements[n] = (struct httpa_endorsement){
        .media_type = httpa_slice_str(pieces[piece].type),
        .value = httpa_buf_slice(&p->files[n]),
    };
}

/* Which no verification needs, so that pki_open leaves it out. */
static inline void
pki_add_evaluations(struct pki *p, const struct pki_wish *w)
{
    size_t n = p->in.endorsement_count++;
    assert_true(n < COUNT(p->files));
    p->files[n] = httpa_buf_growing(65536);
    pki_evaluations(&p->files[n], w);
    p->endorsements[n] = (struct httpa_endorsement){
        .media_type = httpa_slice_str(HTTPA_INTEL_TYPE_EVALUATIONS),
        .value = httpa_buf_slice(&p->files[n]),
    };
}

static inline void pki_set_pin(struct pki *p)
{
    uint8_t *der = NULL;
    struct httpa_digest digest;
    int n = i2d_PUBKEY(pki_keys[PKI_ROOT], &der);
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA256,
                              httpa_slice_of(der, (size_t)n), &digest));
    memcpy(p->pin, digest.bytes, sizeof(p->pin));
    OPENSSL_free(der);
}

static inline void pki_open(struct pki *p, const struct pki_wish *w)
{
    memset(p, 0, sizeof(*p));
    p->wish = *w;
    p->quote = httpa_buf_growing(65536);
    pki_quote(&p->quote, w);
    pki_set_pin(p);
    p->in = (struct httpa_verify_in){ .crypto = crypto,
                                      .value = httpa_buf_slice(&p->quote),
                                      .endorsements = p->endorsements,
                                      .now_s = at(PKI_NOW),
                                      .rd = p->wish.report_data };
    for (enum piece i = 0; i < PIECES; i++) {
        pki_add(p, w, i);
    }
}

static inline void pki_close(struct pki *p)
{
    httpa_buf_done(&p->quote);
    for (size_t i = 0; i < COUNT(p->files); i++) {
        httpa_buf_done(&p->files[i]);
    }
}

static const uint8_t *pki_pin; /* of the root that all of a program share */

static inline enum httpa_err pki_verify_tdx(const struct httpa_verify_in *in,
                                            struct httpa_verdict *v,
                                            unsigned of)
{
    return httpa_intel_verify(in, true, pki_pin, v, of);
}

static inline enum httpa_err pki_verify_sgx(const struct httpa_verify_in *in,
                                            struct httpa_verdict *v,
                                            unsigned of)
{
    return httpa_intel_verify(in, false, pki_pin, v, of);
}

/* A verifier has its roots built in: with another root it is another one,
 * and its items are not said again. */
static const struct httpa_verifier pki_verifiers[2][2] = {
    { { .verify = pki_verify_sgx }, { .verify = pki_verify_tdx } },
    { { .verify = pki_verify_sgx, .is_watched = true },
      { .verify = pki_verify_tdx, .is_watched = true } },
};

static inline enum httpa_err
pki_verify(const struct pki *p, struct httpa_verdict *v)
{
    static struct pki own;
    pki_set_pin(&own);
    bool is_usual = memcmp(own.pin, p->pin, sizeof(own.pin)) == 0;
    pki_pin = p->pin;
    return again_verify(&pki_verifiers[is_usual][p->wish.is_tdx], &p->in, v);
}

/* OK; UNDECIDED and the open check; or any failure, as EVIDENCE, and the
 * check that failed. */
static inline void
pki_expect(const struct pki *p, enum httpa_err want, const char *check)
{
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_err err = pki_verify(p, v);
    bool failed = err != HTTPA_OK && err != HTTPA_ERR_UNDECIDED;
    const char *seen =
        first(v, failed ? HTTPA_OUTCOME_FAIL : HTTPA_OUTCOME_UNKNOWN);
    if ((failed ? HTTPA_ERR_EVIDENCE : err) != want ||
        strcmp(seen, check) != 0) {
        fail_msg("want %s \"%s\", got %s \"%s\"", httpa_err_name(want), check,
                 httpa_err_name(err), seen);
    }
    httpa_verdict_free(v);
}

/* What |w| makes, looked at now. */
static inline void
pki_case(const struct pki_wish *w, enum httpa_err want, const char *check)
{
    struct pki p;
    pki_open(&p, w);
    pki_expect(&p, want, check);
    pki_close(&p);
}

#endif
