/*
 * Certificates of keys of no TPM: a root, an issuer and a leaf, made and
 * signed when the test runs.  Everything is right at NOW unless a wish says
 * otherwise.
 */
#ifndef HTTPA_TEST_EVIDENCE_TPM_CERTS_H
#define HTTPA_TEST_EVIDENCE_TPM_CERTS_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/writer.h"
#include "crypto/x509.h"
#include "evidence/tpm/gce.h"
#include "support.h"

#define YEAR INT64_C(31536000)

enum role { LEAF, MIDDLE, ROOT, ROLES };

enum cert_key { KEY_LEAF, KEY_MIDDLE, KEY_ROOT, KEY_OTHER, KEY_RSA, CERT_KEYS };

static EVP_PKEY *cert_keys[CERT_KEYS];

static inline int make_cert_keys(void **state)
{
    for (size_t i = 0; i < CERT_KEYS; i++) {
        cert_keys[i] =
            i == KEY_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
                         : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    }
    return open_crypto(state);
}

static inline int free_cert_keys(void **state)
{
    for (size_t i = 0; i < CERT_KEYS; i++) {
        EVP_PKEY_free(cert_keys[i]);
    }
    return close_crypto(state);
}

/* Text as OpenSSL's configuration has it; NULL: not there. */
struct cert_wish {
    enum cert_key key;
    enum cert_key by;
    const char *name;
    const char *issuer;
    const char *basic;
    const char *usage;
    const char *eku;
    const char *names; /* name constraints */
    const char *alt;   /* subjectAltName */
    const char *machine; /* hex of Google's extension */
    int64_t from_s;
    int64_t to_s;
};

/* As Google's: an issuer's EKU is that of endorsement keys, and so is the
 * leaf's. */
static inline void good_certs(struct cert_wish w[ROLES])
{
    w[LEAF] = (struct cert_wish){ .key = KEY_LEAF,
                                  .by = KEY_MIDDLE,
                                  .name = "leaf",
                                  .issuer = "middle",
                                  .basic = "critical,CA:FALSE",
                                  .usage = "critical,digitalSignature",
                                  .eku = "2.23.133.8.1" };
    w[MIDDLE] = (struct cert_wish){ .key = KEY_MIDDLE,
                                    .by = KEY_ROOT,
                                    .name = "middle",
                                    .issuer = "root",
                                    .basic = "critical,CA:TRUE,pathlen:0",
                                    .usage = "critical,keyCertSign",
                                    .eku = "2.23.133.8.1" };
    w[ROOT] = (struct cert_wish){ .key = KEY_ROOT,
                                  .by = KEY_ROOT,
                                  .name = "root",
                                  .issuer = "root",
                                  .basic = "critical,CA:TRUE",
                                  .usage = "critical,keyCertSign" };
    for (size_t i = 0; i < ROLES; i++) {
        w[i].from_s = NOW - YEAR;
        w[i].to_s = NOW + (int64_t)(i + 1) * YEAR;
    }
}

static inline void put_extension(X509 *x, int nid, const char *value)
{
    if (value != NULL) {
        X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, NULL, nid, value);
        assert_non_null(e);
        assert_int_equal(X509_add_ext(x, e, -1), 1);
        X509_EXTENSION_free(e);
    }
}

static inline void put_machine(X509 *x, const char *hex)
{
    long n = 0;
    if (hex == NULL) {
        return;
    }
    unsigned char *bytes = OPENSSL_hexstr2buf(hex, &n);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *oid = OBJ_txt2obj(HTTPA_TPM_GCE_OID, 1);
    ASN1_OCTET_STRING_set(value, bytes, (int)n);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
    ASN1_OBJECT_free(oid);
    ASN1_OCTET_STRING_free(value);
    OPENSSL_free(bytes);
}

static inline void put_name(X509_NAME *name, const char *cn)
{
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               (const unsigned char *)cn, -1, -1, 0);
}

static inline struct httpa_buf make_cert(const struct cert_wish *w)
{
    struct httpa_buf der = httpa_buf_growing(HTTPA_CERT_MAX);
    X509 *x = X509_new();
    unsigned char *bytes = NULL;
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
    put_name(X509_get_subject_name(x), w->name);
    put_name(X509_get_issuer_name(x), w->issuer);
    ASN1_TIME_set(X509_getm_notBefore(x), w->from_s);
    ASN1_TIME_set(X509_getm_notAfter(x), w->to_s);
    X509_set_pubkey(x, cert_keys[w->key]);
    put_extension(x, NID_basic_constraints, w->basic);
    put_extension(x, NID_key_usage, w->usage);
    put_extension(x, NID_ext_key_usage, w->eku);
    put_extension(x, NID_name_constraints, w->names);
    put_extension(x, NID_subject_alt_name, w->alt);
    put_machine(x, w->machine);
    assert_true(X509_sign(x, cert_keys[w->by], EVP_sha256()) > 0);
    int n = i2d_X509(x, &bytes);
    httpa_buf_put(&der, bytes, (size_t)n);
    OPENSSL_free(bytes);
    X509_free(x);
    return der;
}

/* TPMT_PUBLIC of a key, with the attributes of an attestation key. */
static inline struct httpa_buf make_public(enum cert_key key)
{
    struct httpa_buf b = httpa_buf_growing(1024);
    uint8_t bytes[256];
    bool rsa = key == KEY_RSA;
    static const char *const ecc[] = { OSSL_PKEY_PARAM_EC_PUB_X,
                                       OSSL_PKEY_PARAM_EC_PUB_Y };
    httpa_write_u16(&b, rsa ? HTTPA_TPM_RSA : HTTPA_TPM_ECC);
    httpa_write_u16(&b, HTTPA_TPM_SHA256);
    httpa_write_u32(&b, 0x00050072);
    httpa_write_u16(&b, 0);
    httpa_write_u16(&b, HTTPA_TPM_NULL);
    httpa_write_u16(&b, rsa ? HTTPA_TPM_RSASSA : HTTPA_TPM_ECDSA);
    httpa_write_u16(&b, HTTPA_TPM_SHA256);
    if (rsa) {
        httpa_write_u16(&b, 2048);
        httpa_write_u32(&b, 0);
    } else {
        httpa_write_u16(&b, HTTPA_TPM_P256);
        httpa_write_u16(&b, HTTPA_TPM_NULL);
    }
    for (size_t i = 0; i < (rsa ? 1 : COUNT(ecc)); i++) {
        BIGNUM *n = NULL;
        int size = rsa ? 256 : 32;
        assert_int_equal(EVP_PKEY_get_bn_param(cert_keys[key],
                                               rsa ? OSSL_PKEY_PARAM_RSA_N
                                                   : ecc[i],
                                               &n),
                         1);
        assert_int_equal(BN_bn2binpad(n, bytes, size), size);
        httpa_write_v16(&b, httpa_slice_of(bytes, (size_t)size));
        BN_free(n);
    }
    assert_ok(httpa_buf_check(&b));
    return b;
}

#endif
