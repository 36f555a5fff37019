/*
 * Reports and certificates of no AMD: a root, an intermediate, a VCEK or VLEK
 * and what it signs, made when the test runs.
 */
#ifndef HTTPA_TEST_SNP_MAKER_H
#define HTTPA_TEST_SNP_MAKER_H

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/hash.h"
#include "evidence/snp/verify.h"
#include "support/test.h"
#include "unit/evidence/again.h"

#ifndef MAKER_NOW
#define MAKER_NOW INT64_C(1760000000)
#endif
#ifndef MAKER_LIFE_S
#define MAKER_LIFE_S 86400 /* of certificates, to come */
#endif
#define MAKER_CHIP 0x5a /* each byte of the chip's name */

struct maker_cert {
    EVP_PKEY *key;
    struct httpa_buf der;
};

struct maker {
    struct httpa_crypto *crypto;
    struct maker_cert ark;
    struct maker_cert ask;
    struct maker_cert leaf;
    struct httpa_snp_root roots[HTTPA_SNP_ROOTS];
    struct httpa_endorsement endorsements[4]; /* leaf, ASK, ARK, a list */
    size_t endorsement_count;
    struct httpa_buf list;
    uint8_t report[HTTPA_SNP_REPORT];
    uint8_t rd[HTTPA_RD_LEN];
};

/* What a test may want otherwise. */
struct maker_wish {
    enum httpa_snp_line line;
    bool vlek;
    bool wrapped_hwid;
    int64_t leaf_ends_s;  /* 0: later */
    const char *left_out; /* the OID of an extension that is not there */
    uint8_t spl_off;      /* added to the SPL of microcode */
};

static const char *const maker_lines[] = { "Milan-B0", "Genoa", "Turin" };

static inline void maker_name(X509_NAME *name, const char *cn)
{
    const unsigned char *o = (const unsigned char *)"Nobody";
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, o, -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               (const unsigned char *)cn, -1, -1, 0);
}

static inline void
maker_extension(X509 *x, const char *oid, const void *p, size_t n)
{
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING_set(value, p, (int)n);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
    ASN1_OBJECT_free(object);
    ASN1_OCTET_STRING_free(value);
}

static inline void maker_ca(X509 *x)
{
    static const struct {
        int nid;
        const char *value;
    } ext[] = { { NID_basic_constraints, "critical,CA:TRUE" },
                { NID_key_usage, "critical,keyCertSign,cRLSign" } };
    for (size_t i = 0; i < COUNT(ext); i++) {
        X509_EXTENSION *e =
            X509V3_EXT_nconf_nid(NULL, NULL, ext[i].nid, ext[i].value);
        assert_int_equal(X509_add_ext(x, e, -1), 1);
        X509_EXTENSION_free(e);
    }
}

static inline void
maker_spl(X509 *x, const struct maker_wish *w, const char *last, uint8_t spl)
{
    char oid[40];
    uint8_t wide[] = { 2, 2, 0, spl };
    uint8_t narrow[] = { 2, 1, spl };
    (void)snprintf(oid, sizeof(oid), "1.3.6.1.4.1.3704.1.%s", last);
    if (w->left_out != NULL && strcmp(w->left_out, oid) == 0) {
        return;
    }
    if (spl > 0x7f) {
        maker_extension(x, oid, wide, sizeof(wide));
    } else {
        maker_extension(x, oid, narrow, sizeof(narrow));
    }
}

/* TCB: boot loader 4, TEE 1, SNP 24, microcode 219, FMC 2. */
static inline void maker_leaf_extensions(X509 *x, const struct maker_wish *w)
{
    uint8_t text[64] = { 0x16 };
    uint8_t chip[66] = { 4, 64 };
    const char *line = maker_lines[w->line];
    bool turin = w->line == HTTPA_SNP_TURIN;
    size_t size = turin ? 8 : 64;
    text[1] = (uint8_t)strlen(line);
    memcpy(text + 2, line, strlen(line));
    maker_extension(x, "1.3.6.1.4.1.3704.1.2", text, 2 + strlen(line));
    maker_spl(x, w, "3.1", 4);
    maker_spl(x, w, "3.2", 1);
    maker_spl(x, w, "3.3", 24);
    maker_spl(x, w, "3.8", (uint8_t)(219 + w->spl_off));
    if (turin) {
        maker_spl(x, w, "3.9", 2);
    }
    if (w->vlek) {
        maker_extension(x, "1.3.6.1.4.1.3704.1.5",
                        "\x16\x05"
                        "cloud",
                        7);
        return;
    }
    memset(chip + 2, MAKER_CHIP, 64);
    chip[1] = (uint8_t)size;
    maker_extension(x, "1.3.6.1.4.1.3704.1.4",
                    w->wrapped_hwid ? chip : chip + 2,
                    w->wrapped_hwid ? size + 2 : size);
}

static inline struct maker_cert
maker_cert(const char *cn, const char *issuer_cn,
           const struct maker_cert *issuer, const struct maker_wish *leaf)
{
    struct maker_cert c = {
        .key = EVP_PKEY_Q_keygen(NULL, NULL, "EC",
                                 leaf == NULL ? "P-256" : "P-384"),
        .der = httpa_buf_growing(HTTPA_CERT_MAX),
    };
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 0); /* as AMD's have */
    maker_name(X509_get_subject_name(x), cn);
    maker_name(X509_get_issuer_name(x), issuer_cn);
    ASN1_TIME_set(X509_getm_notBefore(x), MAKER_NOW - 86400);
    ASN1_TIME_set(X509_getm_notAfter(x), leaf != NULL && leaf->leaf_ends_s != 0
                                             ? leaf->leaf_ends_s
                                             : MAKER_NOW + MAKER_LIFE_S);
    X509_set_pubkey(x, c.key);
    if (leaf == NULL) {
        maker_ca(x);
    } else {
        maker_leaf_extensions(x, leaf);
    }
    assert_true(
        X509_sign(x, issuer != NULL ? issuer->key : c.key, EVP_sha384()) > 0);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    httpa_buf_put(&c.der, der, (size_t)n);
    OPENSSL_free(der);
    X509_free(x);
    return c;
}

static inline void maker_cert_done(struct maker_cert *c)
{
    EVP_PKEY_free(c->key);
    httpa_buf_done(&c->der);
}

static inline void maker_put(uint8_t *to, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = (uint8_t)(v >> 8 * i);
    }
}

/* Signs the report as it stands. */
static inline void maker_sign(struct maker *m)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t der[160];
    size_t n = sizeof(der);
    assert_int_equal(
        EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, m->leaf.key), 1);
    assert_int_equal(EVP_DigestSign(ctx, der, &n, m->report, HTTPA_SNP_SIGNED),
                     1);
    EVP_MD_CTX_free(ctx);
    const unsigned char *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
    memset(m->report + 0x2a0, 0, 144);
    assert_int_equal(
        BN_bn2lebinpad(ECDSA_SIG_get0_r(sig), m->report + 0x2a0, 48), 48);
    assert_int_equal(
        BN_bn2lebinpad(ECDSA_SIG_get0_s(sig), m->report + 0x2e8, 48), 48);
    ECDSA_SIG_free(sig);
}

static inline uint64_t maker_tcb(enum httpa_snp_line line)
{
    return line == HTTPA_SNP_TURIN
               ? UINT64_C(219) << 56 | 24u << 24 | 1u << 16 | 4u << 8 | 2u
               : UINT64_C(219) << 56 | UINT64_C(24) << 48 | 1u << 8 | 4u;
}

static inline void maker_report(struct maker *m, const struct maker_wish *w)
{
    uint64_t tcb = maker_tcb(w->line);
    uint8_t *r = m->report;
    memset(r, 0, sizeof(m->report));
    maker_put(r, 3, 4);
    maker_put(r + 8, 0x30000, 8);
    maker_put(r + 0x34, 1, 4);
    maker_put(r + 0x38, tcb, 8);
    maker_put(r + 0x40, 0x25, 8);
    maker_put(r + 0x48, w->vlek ? 4 : 0, 4);
    memcpy(r + 0x50, m->rd, 64);
    memset(r + 0x90, 0x11, 48);
    memset(r + 0xc0, 0x22, 32);
    maker_put(r + 0x180, tcb, 8);
    r[0x188] = w->line == HTTPA_SNP_TURIN ? 0x1a : 0x19;
    r[0x189] = w->line == HTTPA_SNP_GENOA ? 0x11 : 1;
    r[0x18a] = 1;
    if (!w->vlek) {
        memset(r + 0x1a0, MAKER_CHIP, w->line == HTTPA_SNP_TURIN ? 8 : 64);
    }
    maker_put(r + 0x1e0, tcb, 8);
    memcpy(r + 0x1e8, "\x1d\x37\x01\x00\x1d\x37\x01\x00", 8);
    maker_put(r + 0x1f0, tcb, 8);
    maker_sign(m);
}

static inline void maker_init(struct maker *m, const struct maker_wish *w)
{
    const char *name = w->vlek ? "SEV-VLEK" : "SEV-VCEK";
    struct httpa_digest digest;
    memset(m, 0, sizeof(*m));
    memset(m->rd, 0x77, sizeof(m->rd));
    assert_ok(httpa_crypto_new(&m->crypto));
    m->ark = maker_cert("ARK", "ARK", NULL, NULL);
    m->ask = maker_cert("SEV", "ARK", &m->ark, NULL);
    m->leaf = maker_cert(name, "SEV", &m->ask, w);
    struct maker_cert *all[] = { &m->leaf, &m->ask, &m->ark };
    for (size_t i = 0; i < 3; i++) {
        m->endorsements[i] =
            (struct httpa_endorsement){ httpa_slice_str(HTTPA_ENDORSEMENT_CERT),
                                        httpa_buf_slice(&all[i]->der) };
    }
    m->endorsement_count = 3;
    struct httpa_cert *ark = NULL;
    assert_ok(httpa_cert_read(m->crypto, httpa_buf_slice(&m->ark.der), &ark));
    assert_ok(httpa_hash_once(m->crypto, HTTPA_SHA256, httpa_cert_spki(ark),
                              &digest));
    httpa_cert_free(ark);
    m->roots[0].line = w->line;
    memcpy(m->roots[0].spki_sha256, digest.bytes, 32);
    maker_report(m, w);
}

static inline void maker_done(struct maker *m)
{
    maker_cert_done(&m->ark);
    maker_cert_done(&m->ask);
    maker_cert_done(&m->leaf);
    httpa_buf_done(&m->list);
    again_forget();
    httpa_crypto_free(m->crypto);
}

/* The GUIDs of VCEK, ASK and ARK in a host's table of certificates. */
static const char *const maker_guids[] = { "63da758de6644564adc5f4b93be8accd",
                                           "4ab7b379bbac4fe4a02f05aef327c782",
                                           "c0b406a4a803495297433fb6014cd0ae" };

/* Writes such a table to |to|; |efi|: with mixed-endian GUIDs.  Returns its
 * bytes. */
static inline size_t
maker_table(const struct maker *m, bool efi, uint8_t *to, size_t cap)
{
    static const uint8_t mixed[] = { 3, 2, 1, 0, 5,  4,  7,  6,
                                     8, 9, 10, 11, 12, 13, 14, 15 };
    const struct maker_cert *certs[] = { &m->leaf, &m->ask, &m->ark };
    size_t at = 24 * 4;
    memset(to, 0, at);
    for (size_t i = 0; i < 3; i++) {
        uint8_t guid[16];
        uint8_t *entry = to + 24 * i;
        assert_int_equal(unhex(maker_guids[i], guid, sizeof(guid)), 16);
        for (size_t j = 0; j < 16; j++) {
            entry[j] = guid[efi ? mixed[j] : j];
        }
        maker_put(entry + 16, at, 4);
        maker_put(entry + 20, certs[i]->der.n, 4);
        assert_true(at + certs[i]->der.n <= cap);
        memcpy(to + at, certs[i]->der.p, certs[i]->der.n);
        at += certs[i]->der.n;
    }
    return at;
}

/* Brings a list of |by|'s along: every certificate here has the serial number
 * 0, so that one that names it names them all. */
static inline void maker_list(struct maker *m, const struct maker_cert *by,
                              bool revokes, int64_t from_s, int64_t to_s)
{
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, from_s);
    ASN1_TIME *to = ASN1_TIME_set(NULL, to_s);
    X509_NAME *name = X509_NAME_new();
    unsigned char *der = NULL;
    maker_name(name, "ARK");
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, name);
    X509_CRL_set1_lastUpdate(list, from);
    X509_CRL_set1_nextUpdate(list, to);
    if (revokes) {
        X509_REVOKED *entry = X509_REVOKED_new();
        ASN1_INTEGER *serial = ASN1_INTEGER_new();
        ASN1_INTEGER_set(serial, 0);
        X509_REVOKED_set_serialNumber(entry, serial);
        X509_REVOKED_set_revocationDate(entry, from);
        X509_CRL_add0_revoked(list, entry);
        ASN1_INTEGER_free(serial);
    }
    assert_true(X509_CRL_sign(list, by->key, EVP_sha384()) > 0);
    int n = i2d_X509_CRL(list, &der);
    httpa_buf_done(&m->list);
    m->list = httpa_buf_growing(HTTPA_CERT_MAX);
    httpa_buf_put(&m->list, der, (size_t)n);
    m->endorsements[3] =
        (struct httpa_endorsement){ httpa_slice_str(HTTPA_ENDORSEMENT_CRL),
                                    httpa_buf_slice(&m->list) };
    m->endorsement_count = 4;
    OPENSSL_free(der);
    X509_NAME_free(name);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    X509_CRL_free(list);
}

static const struct httpa_snp_root *maker_roots;

static inline enum httpa_err maker_verify_snp(const struct httpa_verify_in *in,
                                              struct httpa_verdict *v,
                                              unsigned of)
{
    return httpa_snp_verify(in, maker_roots, v, of);
}

/* One maker at a time, so the roots are the same while a memory lives. */
static const struct httpa_verifier maker_snp = { .verify = maker_verify_snp,
                                                 .is_watched = true };

static inline enum httpa_err
maker_verify(struct maker *m, struct httpa_verdict *v)
{
    struct httpa_verify_in in = { .crypto = m->crypto,
                                  .value = httpa_slice_of(m->report,
                                                          sizeof(m->report)),
                                  .rd = m->rd,
                                  .endorsements = m->endorsements,
                                  .endorsement_count = m->endorsement_count,
                                  .now_s = MAKER_NOW };
    maker_roots = m->roots;
    return again_verify(&maker_snp, &in, v);
}

#endif
