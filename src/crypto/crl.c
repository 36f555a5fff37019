#include "crypto/crl.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "crypto/openssl.h"

/* ---- reading ---- */

/* Moves |at| into the SEQUENCE there; its length, 0 where there is none. */
static long enter(const unsigned char **at, long n)
{
    long length = 0;
    int tag = 0;
    int class = 0;
    int how = ASN1_get_object(at, &length, &tag, &class, n);
    return how == V_ASN1_CONSTRUCTED && tag == V_ASN1_SEQUENCE ? length : 0;
}

/* RFC 5280 5.1.1.2: the algorithm outside is the one that is signed, inside.
 * OpenSSL compares them for certificates, and not for lists; it has no
 * accessor for the inner one either, and i2d_re_X509_CRL_tbs would forget the
 * bytes that were signed. */
static bool names_one_algorithm(const X509_CRL *crl, struct httpa_slice der)
{
    const unsigned char *at = der.p;
    const X509_ALGOR *outer = NULL;
    ASN1_INTEGER *version = NULL;
    long n = enter(&at, enter(&at, (long)der.n));
    const unsigned char *end = at + n;
    if (n > 0 && *at == V_ASN1_INTEGER) {
        version = d2i_ASN1_INTEGER(NULL, &at, n);
    }
    X509_ALGOR *inner = d2i_X509_ALGOR(NULL, &at, (long)(end - at));
    X509_CRL_get0_signature(crl, NULL, &outer);
    bool ok = inner != NULL && X509_ALGOR_cmp(inner, outer) == 0;
    X509_ALGOR_free(inner);
    ASN1_INTEGER_free(version);
    return ok;
}

static bool parse(struct httpa_crl *c, const struct httpa_crypto *crypto,
                  struct httpa_slice der)
{
    const unsigned char *at = der.p;
    c->x509 = X509_CRL_new_ex(crypto->lib, NULL);
    c->der = malloc(der.n);
    c->der_n = der.n;
    if (c->x509 == NULL || c->der == NULL ||
        d2i_X509_CRL(&c->x509, &at, (long)der.n) == NULL ||
        at != der.p + der.n || !names_one_algorithm(c->x509, der)) {
        return false;
    }
    memcpy(c->der, der.p, der.n);
    int n = i2d_X509_NAME(X509_CRL_get_issuer(c->x509), &c->issuer);
    c->issuer_n = n > 0 ? (size_t)n : 0;
    return n > 0 && httpa_x509_time(X509_CRL_get0_lastUpdate(c->x509),
                                    &c->this_update_s);
}

/* RFC 5280 5.2, 5.3: whoever does not process a critical extension must not
 * use the list.  Those that exist all narrow or widen what it is about. */
static bool has_critical(X509_CRL *crl)
{
    if (X509_CRL_get_ext_by_critical(crl, 1, -1) >= 0) {
        return true;
    }
    STACK_OF(X509_REVOKED) *listed = X509_CRL_get_REVOKED(crl);
    for (int i = 0; i < sk_X509_REVOKED_num(listed); i++) {
        if (X509_REVOKED_get_ext_by_critical(sk_X509_REVOKED_value(listed, i),
                                             1, -1) >= 0) {
            return true;
        }
    }
    return false;
}

static enum httpa_err fill_in(struct httpa_crl *c,
                              const struct httpa_crypto *crypto,
                              struct httpa_slice der)
{
    if (!parse(c, crypto, der)) {
        return HTTPA_ERR_MALFORMED;
    }
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(c->x509);
    if (next == NULL) {
        return HTTPA_ERR_MISSING;
    }
    if (!httpa_x509_time(next, &c->next_update_s)) {
        return HTTPA_ERR_MALFORMED;
    }
    if (has_critical(c->x509)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    return crypto->memo != NULL
               ? httpa_hash_once(crypto, HTTPA_SHA256, der, &c->sha256)
               : HTTPA_OK;
}

/* A new list, or one more use of one that is known. */
static enum httpa_err read_crl(const struct httpa_crypto *crypto,
                               struct httpa_slice der,
                               struct httpa_crl **ret_crl)
{
    if (der.n > HTTPA_CRL_MAX) {
        return HTTPA_ERR_RANGE;
    }
    if (der.n == 0) {
        return HTTPA_ERR_MALFORMED;
    }
    struct httpa_crl *c = httpa_memo_find_crl(crypto->memo, der);
    if (c != NULL) {
        *ret_crl = c;
        return HTTPA_OK;
    }
    c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    c->users = 1;
    c->memo = crypto->memo;
    enum httpa_err err = fill_in(c, crypto, der);
    if (err != HTTPA_OK) {
        httpa_crl_free(c);
        return httpa_crypto_fail(err);
    }
    *ret_crl = c;
    return HTTPA_OK;
}

enum httpa_err httpa_crl_read(const struct httpa_crypto *crypto,
                              struct httpa_slice der,
                              struct httpa_crl **ret_crl)
{
    enum httpa_err err = read_crl(crypto, der, ret_crl);
    if (err == HTTPA_OK) {
        httpa_memo_instant(crypto, (*ret_crl)->this_update_s);
        httpa_memo_instant(crypto, (*ret_crl)->next_update_s);
    }
    return err;
}

void httpa_crl_free(struct httpa_crl *crl)
{
    if (crl != NULL && --crl->users == 0) {
        X509_CRL_free(crl->x509);
        OPENSSL_free(crl->issuer);
        free(crl->der);
        free(crl);
    }
}

/* ---- what it says ---- */

struct httpa_slice httpa_crl_issuer(const struct httpa_crl *crl)
{
    return httpa_slice_of(crl->issuer, crl->issuer_n);
}

int64_t httpa_crl_this_update(const struct httpa_crl *crl)
{
    return crl->this_update_s;
}

int64_t httpa_crl_next_update(const struct httpa_crl *crl)
{
    return crl->next_update_s;
}

enum httpa_err httpa_crl_at(const struct httpa_crl *crl, int64_t time_s)
{
    return time_s >= crl->this_update_s && time_s < crl->next_update_s
               ? HTTPA_OK
               : HTTPA_ERR_EXPIRED;
}

enum httpa_err
httpa_crl_check(const struct httpa_crl *crl, const struct httpa_cert *cert)
{
    if (!httpa_slice_equal(httpa_crl_issuer(crl), httpa_cert_issuer(cert))) {
        return HTTPA_ERR_MISSING;
    }
    X509_REVOKED *entry = NULL;
    return X509_CRL_get0_by_serial(crl->x509, &entry,
                                   X509_get0_serialNumber(cert->x509)) == 0
               ? HTTPA_OK
               : HTTPA_ERR_CHAIN;
}

/* ---- its signature ---- */

/* The hash of RSASSA-PSS-params (RFC 4055 3.1), SHA-1 by default. */
static int pss_hash(const X509_ALGOR *alg)
{
    int type = 0;
    const void *value = NULL;
    X509_ALGOR_get0(NULL, &type, &value, alg);
    RSA_PSS_PARAMS *params =
        type == V_ASN1_SEQUENCE
            ? ASN1_item_unpack(value, ASN1_ITEM_rptr(RSA_PSS_PARAMS))
            : NULL;
    int nid = NID_undef;
    if (params != NULL && params->hashAlgorithm != NULL) {
        nid = OBJ_obj2nid(params->hashAlgorithm->algorithm);
    }
    RSA_PSS_PARAMS_free(params);
    return nid;
}

static bool is_strong(const X509_CRL *crl)
{
    const X509_ALGOR *alg = NULL;
    int hash = NID_undef;
    int key = NID_undef;
    X509_CRL_get0_signature(crl, NULL, &alg);
    int nid = X509_CRL_get_signature_nid(crl);
    if (nid == NID_rsassaPss) {
        hash = pss_hash(alg);
    } else if (OBJ_find_sigid_algs(nid, &hash, &key) != 1) {
        return false;
    }
    return hash == NID_sha256 || hash == NID_sha384 || hash == NID_sha512;
}

enum httpa_err httpa_crl_verify(const struct httpa_crypto *crypto,
                                const struct httpa_crl *crl,
                                const struct httpa_cert *issuer)
{
    if (!httpa_slice_equal(httpa_crl_issuer(crl), httpa_cert_subject(issuer)) ||
        (X509_get_key_usage(issuer->x509) & KU_CRL_SIGN) == 0) {
        return HTTPA_ERR_CHAIN;
    }
    const struct httpa_fact fact = {
        .kind = HTTPA_FACT_CRL,
        .parts = { httpa_fact_part(&issuer->sha256, httpa_cert_der(issuer)),
                   httpa_fact_part(&crl->sha256,
                                   httpa_slice_of(crl->der, crl->der_n)) },
    };
    if (httpa_memo_knows(crypto->memo, &fact)) {
        return HTTPA_OK;
    }
    EVP_PKEY *key = X509_get0_pubkey(issuer->x509);
    bool ok = key != NULL && is_strong(crl->x509) &&
              X509_CRL_verify(crl->x509, key) == 1;
    if (ok) {
        httpa_memo_learn(crypto->memo, &fact); /* the cast: as in x509.c */
        httpa_memo_keep_crl(crypto->memo, (struct httpa_crl *)(uintptr_t)crl);
    }
    return ok ? HTTPA_OK : httpa_crypto_fail(HTTPA_ERR_SIGNATURE);
}
