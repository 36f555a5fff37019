/*
 * Lists made here, each wrong in one way; and vendors' lists, ECDSA and
 * RSASSA-PSS, under their own issuers.  Time is an argument, so nothing in
 * this test ever expires.
 */
#include "crypto/crl.h"

#include "codec/pem.h"
#include "support.h"
#include "support/shared.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define NOW INT64_C(1760000000)
#define DAY INT64_C(86400)

struct party {
    EVP_PKEY *key;
    struct httpa_cert *cert;
};

static void set_name(X509_NAME *name, const char *cn)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)cn, -1,
                                                -1, 0),
                     1);
}

static void set_usage(X509 *x, const char *usage)
{
    X509_EXTENSION *ext =
        X509V3_EXT_nconf_nid(NULL, NULL, NID_key_usage, usage);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

/* A certificate of |name| by |issuer|, signed by itself: nobody looks. */
static struct party make_party(const char *name, const char *issuer,
                               long serial, const char *usage, bool rsa)
{
    struct party p = {
        .key = rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
                   : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
    };
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    set_name(X509_get_subject_name(x), name);
    set_name(X509_get_issuer_name(x), issuer);
    ASN1_TIME_set(X509_getm_notBefore(x), NOW - DAY);
    ASN1_TIME_set(X509_getm_notAfter(x), NOW + DAY);
    X509_set_pubkey(x, p.key);
    if (usage != NULL) {
        set_usage(x, usage);
    }
    assert_true(X509_sign(x, p.key, EVP_sha256()) > 0);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    X509_free(x);
    assert_ok(httpa_cert_read(crypto, httpa_slice_of(der, (size_t)n), &p.cert));
    OPENSSL_free(der);
    return p;
}

static void unmake_party(struct party *p)
{
    EVP_PKEY_free(p->key);
    httpa_cert_free(p->cert);
}

enum flaw {
    FLAW_NONE,
    FLAW_NO_NEXT,
    FLAW_CRITICAL,       /* of the list */
    FLAW_ENTRY_CRITICAL, /* of the first entry */
    FLAW_SHA1,
    FLAW_PSS,
    FLAW_PSS_SHA1
};

static void add_critical(X509_CRL *crl, X509_REVOKED *entry)
{
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
    ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 1);
    X509_EXTENSION *ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
    assert_int_equal(entry != NULL ? X509_REVOKED_add_ext(entry, ext, -1)
                                   : X509_CRL_add_ext(crl, ext, -1),
                     1);
    X509_EXTENSION_free(ext);
    ASN1_OBJECT_free(oid);
    ASN1_OCTET_STRING_free(value);
}

static void add_entry(X509_CRL *crl, long serial, bool critical)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, NOW - DAY);
    ASN1_INTEGER_set(number, serial);
    X509_REVOKED_set_serialNumber(entry, number);
    X509_REVOKED_set_revocationDate(entry, when);
    if (critical) {
        add_critical(crl, entry);
    }
    assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
    ASN1_TIME_free(when);
    ASN1_INTEGER_free(number);
}

static void sign_list(X509_CRL *crl, EVP_PKEY *key, enum flaw flaw)
{
    bool sha1 = flaw == FLAW_SHA1 || flaw == FLAW_PSS_SHA1;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    assert_int_equal(EVP_DigestSignInit(ctx, &how,
                                        sha1 ? EVP_sha1() : EVP_sha256(), NULL,
                                        key),
                     1);
    if (flaw == FLAW_PSS || flaw == FLAW_PSS_SHA1) {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) >
                    0);
    }
    assert_true(X509_CRL_sign_ctx(crl, ctx) > 0);
    EVP_MD_CTX_free(ctx);
}

/* A list by |name| of the serials 7 and 9; free() it. */
static struct httpa_slice
make_list(const char *name, EVP_PKEY *key, enum flaw flaw)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *issuer = X509_NAME_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, NOW - DAY);
    ASN1_TIME *to = ASN1_TIME_set(NULL, NOW + DAY);
    set_name(issuer, name);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, issuer);
    X509_CRL_set1_lastUpdate(crl, from);
    if (flaw != FLAW_NO_NEXT) {
        X509_CRL_set1_nextUpdate(crl, to);
    }
    add_entry(crl, 7, flaw == FLAW_ENTRY_CRITICAL);
    add_entry(crl, 9, false);
    if (flaw == FLAW_CRITICAL) {
        add_critical(crl, NULL);
    }
    sign_list(crl, key, flaw);
    unsigned char *der = NULL;
    int n = i2d_X509_CRL(crl, &der);
    assert_true(n > 0);
    uint8_t *copy = exact_copy(der, (size_t)n);
    OPENSSL_free(der);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    X509_NAME_free(issuer);
    X509_CRL_free(crl);
    return httpa_slice_of(copy, (size_t)n);
}

static void free_list(struct httpa_slice list)
{
    free((void *)(uintptr_t)list.p);
}

static void one_flaw_each(void **state)
{
    static const struct {
        const char *why;
        const char *issuer; /* of the list */
        const char *usage;  /* of the issuer's certificate */
        bool rsa;
        bool other_key;
        enum flaw flaw;
        enum httpa_err read;
        enum httpa_err verify;
    } rows[] = {
        { "good", "ca", "critical,keyCertSign,cRLSign", false, false, 0, 0, 0 },
        { "no keyUsage at all", "ca", NULL, false, false, 0, 0, 0 },
        { "RSA, PKCS #1", "ca", NULL, true, false, 0, 0, 0 },
        { "RSA, PSS", "ca", NULL, true, false, FLAW_PSS, 0, 0 },
        { "may sign certificates only", "ca", "keyCertSign", false, false, 0, 0,
          HTTPA_ERR_CHAIN },
        { "another name", "Ca", NULL, false, false, 0, 0, HTTPA_ERR_CHAIN },
        { "another key", "ca", NULL, false, true, 0, 0, HTTPA_ERR_SIGNATURE },
        { "SHA-1", "ca", NULL, true, false, FLAW_SHA1, 0, HTTPA_ERR_SIGNATURE },
        { "SHA-1 inside PSS", "ca", NULL, true, false, FLAW_PSS_SHA1, 0,
          HTTPA_ERR_SIGNATURE },
        { "no nextUpdate: good for ever", "ca", NULL, false, false,
          FLAW_NO_NEXT, HTTPA_ERR_MISSING, 0 },
        { "critical extension", "ca", NULL, false, false, FLAW_CRITICAL,
          HTTPA_ERR_UNSUPPORTED, 0 },
        { "critical extension of an entry", "ca", NULL, false, false,
          FLAW_ENTRY_CRITICAL, HTTPA_ERR_UNSUPPORTED, 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct party ca =
            make_party("ca", "root", 1, rows[i].usage, rows[i].rsa);
        struct party other = make_party("ca", "root", 1, NULL, rows[i].rsa);
        struct httpa_slice der =
            make_list(rows[i].issuer, rows[i].other_key ? other.key : ca.key,
                      rows[i].flaw);
        struct httpa_crl *crl = NULL;
        enum httpa_err err = httpa_crl_read(crypto, der, &crl);
        if (err != rows[i].read) {
            fail_msg("%s: read: %s", rows[i].why, httpa_err_name(err));
        }
        err = crl != NULL ? httpa_crl_verify(crypto, crl, ca.cert) : HTTPA_OK;
        if (err != rows[i].verify) {
            fail_msg("%s: verify: %s", rows[i].why, httpa_err_name(err));
        }
        assert_true((crl == NULL) == (rows[i].read != HTTPA_OK));
        httpa_crl_free(crl);
        free_list(der);
        unmake_party(&ca);
        unmake_party(&other);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static void times_and_serials(void **state)
{
    static const struct {
        const char *issuer;
        long serial;
        enum httpa_err err;
    } asked[] = {
        { "ca", 7, HTTPA_ERR_CHAIN },   { "ca", 8, HTTPA_OK },
        { "ca", 9, HTTPA_ERR_CHAIN },   { "ca", -7, HTTPA_OK },
        { "CA", 8, HTTPA_ERR_MISSING }, { "ca2", 7, HTTPA_ERR_MISSING },
    };
    (void)state;
    struct party ca = make_party("ca", "root", 1, NULL, false);
    struct httpa_slice der = make_list("ca", ca.key, FLAW_NONE);
    struct httpa_crl *crl = NULL;
    assert_ok(httpa_crl_read(crypto, der, &crl));
    assert_true(httpa_crl_this_update(crl) == NOW - DAY);
    assert_true(httpa_crl_next_update(crl) == NOW + DAY);
    assert_true(
        httpa_slice_equal(httpa_crl_issuer(crl), httpa_cert_subject(ca.cert)));
    assert_err(HTTPA_ERR_EXPIRED, httpa_crl_at(crl, NOW - DAY - 1));
    assert_ok(httpa_crl_at(crl, NOW - DAY));
    assert_ok(httpa_crl_at(crl, NOW + DAY - 1));
    assert_err(HTTPA_ERR_EXPIRED, httpa_crl_at(crl, NOW + DAY));
    for (size_t i = 0; i < COUNT(asked); i++) {
        struct party leaf =
            make_party("leaf", asked[i].issuer, asked[i].serial, NULL, false);
        assert_err(asked[i].err, httpa_crl_check(crl, leaf.cert));
        unmake_party(&leaf);
    }
    httpa_crl_free(crl);
    free_list(der);
    unmake_party(&ca);
}

struct original {
    const struct party *ca;
    struct httpa_slice der;
};

/* Not one bit of a list is outside its signature or free to vary. */
static void try_list(struct httpa_slice in, void *arg)
{
    static size_t count;
    const struct original *o = arg;
    struct httpa_crl *crl = NULL;
    if (count++ % 41 != 0 && under_valgrind()) {
        return; /* enough of them to see memory misused */
    }
    if (httpa_slice_equal(in, o->der) ||
        httpa_crl_read(crypto, in, &crl) != HTTPA_OK) {
        return;
    }
    assert_int_not_equal(HTTPA_OK, httpa_crl_verify(crypto, crl, o->ca->cert));
    httpa_crl_free(crl);
}

static void mutations(void **state)
{
    (void)state;
    struct party ca = make_party("ca", "root", 1, NULL, false);
    struct httpa_slice der = make_list("ca", ca.key, FLAW_NONE);
    struct original o = { .ca = &ca, .der = der };
    mutate(der, try_list, &o);
    struct httpa_crl *crl = NULL;
    uint8_t *longer = exact_copy(der.p, der.n);
    longer = realloc(longer, der.n + 1);
    longer[der.n] = 0;
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_crl_read(crypto, httpa_slice_of(longer, der.n + 1), &crl));
    free(longer);
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_crl_read(crypto, httpa_slice_of(NULL, 0), &crl));
    assert_err(
        HTTPA_ERR_RANGE,
        httpa_crl_read(crypto, httpa_slice_of(der.p, HTTPA_CRL_MAX + 1), &crl));
    free_list(der);
    unmake_party(&ca);
    assert_int_equal(ERR_peek_error(), 0);
}

/* ---- vendors ---- */

static struct httpa_buf read_file(const char *name)
{
    char path[160];
    struct httpa_buf b = httpa_buf_growing(65536);
    (void)snprintf(path, sizeof(path), "vectors/%s", name);
    if (!shared_read(path, &b)) {
        skip();
    }
    return b;
}

/* The certificate at |place| of a file. */
static struct httpa_cert *read_cert(const char *name, unsigned place)
{
    struct httpa_buf text = read_file(name);
    struct httpa_buf der = httpa_buf_growing(HTTPA_CERT_MAX);
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
    struct httpa_cert *cert = NULL;
    for (unsigned i = 0; i <= place; i++) {
        struct httpa_slice label;
        httpa_buf_reset(&der);
        assert_ok(httpa_pem_next(&pem, &label, &der));
    }
    assert_ok(httpa_cert_read(crypto, httpa_buf_slice(&der), &cert));
    httpa_buf_done(&der);
    httpa_buf_done(&text);
    return cert;
}

static void vendors(void **state)
{
    static const struct {
        const char *crl;
        const char *chain;
        unsigned issuer; /* its place in |chain| */
        const char *other;
    } rows[] = {
        { "sev-snp/trust/milan_ark.crl.der", "sev-snp/trust/milan_ark.pem", 0,
          "sev-snp/trust/genoa_ark.pem" },
        { "sev-snp/trust/genoa_ark.crl.der", "sev-snp/trust/genoa_ark.pem", 0,
          "sev-snp/trust/milan_ark.pem" },
        { "tdx/v4-uptodate/pck_crl.der",
          "tdx/v4-uptodate/pck_crl_issuer_chain.pem", 0,
          "sgx/v3-phala/pck_crl_issuer_chain.pem" },
        { "tdx/v4-uptodate/root_ca_crl.der",
          "tdx/v4-uptodate/pck_crl_issuer_chain.pem", 1,
          "tdx/v4-uptodate/pck_crl_issuer_chain.pem" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf der = read_file(rows[i].crl);
        struct httpa_cert *issuer = read_cert(rows[i].chain, rows[i].issuer);
        struct httpa_cert *other = read_cert(rows[i].other, 0);
        struct httpa_crl *crl = NULL;
        assert_ok(httpa_crl_read(crypto, httpa_buf_slice(&der), &crl));
        assert_ok(httpa_crl_verify(crypto, crl, issuer));
        assert_err(HTTPA_ERR_CHAIN, httpa_crl_verify(crypto, crl, other));
        httpa_crl_free(crl);
        der.p[der.n - 40] ^= 1;
        assert_ok(httpa_crl_read(crypto, httpa_buf_slice(&der), &crl));
        assert_err(HTTPA_ERR_SIGNATURE, httpa_crl_verify(crypto, crl, issuer));
        httpa_crl_free(crl);
        httpa_cert_free(issuer);
        httpa_cert_free(other);
        httpa_buf_done(&der);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_flaw_each),
        cmocka_unit_test(times_and_serials),
        cmocka_unit_test(mutations),
        cmocka_unit_test(vendors),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
