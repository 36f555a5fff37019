#include "crypto/x509.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto/openssl.h"

/* OpenSSL's scale: 112 bits, so RSA-2048 and no SHA-1. */
#define SECURITY_LEVEL 2

/* ---- reading ---- */

bool httpa_x509_time(const ASN1_TIME *t, int64_t *ret_time_s)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    bool ok = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;
    ASN1_TIME_free(epoch);
    if (ok) {
        *ret_time_s = (int64_t)days * 86400 + seconds;
    }
    return ok;
}

static bool fill_in(struct httpa_cert *c, const struct httpa_crypto *crypto,
                    struct httpa_slice der)
{
    c->x509 = X509_new_ex(crypto->lib, NULL);
    c->der = malloc(der.n);
    if (c->x509 == NULL || c->der == NULL) {
        return false;
    }
    memcpy(c->der, der.p, der.n);
    c->der_n = der.n;
    const unsigned char *at = der.p;
    if (d2i_X509(&c->x509, &at, (long)der.n) == NULL || at != der.p + der.n) {
        return false;
    }
    int spki_n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c->x509), &c->spki);
    int subject_n = i2d_X509_NAME(X509_get_subject_name(c->x509), &c->subject);
    int issuer_n = i2d_X509_NAME(X509_get_issuer_name(c->x509), &c->issuer);
    if (spki_n <= 0 || subject_n <= 0 || issuer_n <= 0) {
        return false;
    }
    c->spki_n = (size_t)spki_n;
    c->subject_n = (size_t)subject_n;
    c->issuer_n = (size_t)issuer_n;
    return httpa_x509_time(X509_get0_notBefore(c->x509), &c->not_before_s) &&
           httpa_x509_time(X509_get0_notAfter(c->x509), &c->not_after_s);
}

/* A new certificate, or one more use of one that is known. */
static enum httpa_err read_cert(const struct httpa_crypto *crypto,
                                struct httpa_slice der,
                                struct httpa_cert **ret_cert)
{
    if (der.n > HTTPA_CERT_MAX) {
        return HTTPA_ERR_RANGE;
    }
    if (der.n == 0) {
        return HTTPA_ERR_MALFORMED;
    }
    struct httpa_cert *c = httpa_memo_find_cert(crypto->memo, der);
    if (c != NULL) {
        *ret_cert = c;
        return HTTPA_OK;
    }
    c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    c->users = 1;
    c->memo = crypto->memo;
    enum httpa_err err =
        fill_in(c, crypto, der) ? HTTPA_OK : HTTPA_ERR_MALFORMED;
    if (err == HTTPA_OK && crypto->memo != NULL) {
        err = httpa_hash_once(crypto, HTTPA_SHA256, der, &c->sha256);
    }
    if (err != HTTPA_OK) {
        httpa_cert_free(c);
        return httpa_crypto_fail(err);
    }
    *ret_cert = c;
    return HTTPA_OK;
}

enum httpa_err httpa_cert_read(const struct httpa_crypto *crypto,
                               struct httpa_slice der,
                               struct httpa_cert **ret_cert)
{
    enum httpa_err err = read_cert(crypto, der, ret_cert);
    if (err == HTTPA_OK) {
        httpa_memo_instant(crypto, (*ret_cert)->not_before_s);
        httpa_memo_instant(crypto, (*ret_cert)->not_after_s);
    }
    return err;
}

void httpa_cert_free(struct httpa_cert *cert)
{
    if (cert != NULL && --cert->users == 0) {
        X509_free(cert->x509);
        OPENSSL_free(cert->spki);
        OPENSSL_free(cert->subject);
        OPENSSL_free(cert->issuer);
        free(cert->der);
        free(cert);
    }
}

/* ---- what it says ---- */

struct httpa_slice httpa_cert_der(const struct httpa_cert *cert)
{
    return httpa_slice_of(cert->der, cert->der_n);
}

struct httpa_slice httpa_cert_spki(const struct httpa_cert *cert)
{
    return httpa_slice_of(cert->spki, cert->spki_n);
}

struct httpa_slice httpa_cert_subject(const struct httpa_cert *cert)
{
    return httpa_slice_of(cert->subject, cert->subject_n);
}

struct httpa_slice httpa_cert_issuer(const struct httpa_cert *cert)
{
    return httpa_slice_of(cert->issuer, cert->issuer_n);
}

enum httpa_err httpa_cert_pubkey(const struct httpa_crypto *crypto,
                                 const struct httpa_cert *cert,
                                 struct httpa_pubkey **ret_pubkey)
{
    return httpa_pubkey_share(crypto, httpa_cert_spki(cert),
                              X509_get0_pubkey(cert->x509), ret_pubkey);
}

enum httpa_err httpa_cert_verify(const struct httpa_crypto *crypto,
                                 const struct httpa_cert *cert,
                                 enum httpa_scheme scheme,
                                 struct httpa_slice message,
                                 struct httpa_slice signature)
{
    const uint8_t number = (uint8_t)scheme;
    const struct httpa_fact fact = {
        .kind = HTTPA_FACT_SIGNATURE,
        .parts = { { &number, 1 }, httpa_cert_spki(cert), message, signature },
    };
    struct httpa_pubkey *key = NULL;
    if (httpa_memo_knows(crypto->memo, &fact)) {
        return HTTPA_OK;
    }
    enum httpa_err err = httpa_cert_pubkey(crypto, cert, &key);
    if (err == HTTPA_OK) {
        err = httpa_verify(crypto, key, scheme, message, signature);
    }
    if (err == HTTPA_OK) {
        httpa_memo_learn(crypto->memo, &fact);
    }
    httpa_pubkey_free(key);
    return err;
}

enum httpa_err
httpa_cert_write_subject(const struct httpa_cert *cert, struct httpa_buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_MEMORY);
    }
    enum httpa_err err = HTTPA_ERR_CRYPTO;
    unsigned long flags =
        XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    if (X509_NAME_print_ex(bio, X509_get_subject_name(cert->x509), 0, flags) >=
        0) {
        char *text = NULL;
        long n = BIO_get_mem_data(bio, &text);
        httpa_buf_put(out, text, (size_t)n);
        err = httpa_buf_check(out);
    }
    BIO_free(bio);
    return err == HTTPA_OK ? err : httpa_crypto_fail(err);
}

int64_t httpa_cert_not_before(const struct httpa_cert *cert)
{
    return cert->not_before_s;
}

int64_t httpa_cert_not_after(const struct httpa_cert *cert)
{
    return cert->not_after_s;
}

enum httpa_err httpa_cert_extension(const struct httpa_cert *cert,
                                    const char *oid,
                                    struct httpa_slice *ret_value)
{
    ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
    if (wanted == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_USAGE);
    }
    int first = X509_get_ext_by_OBJ(cert->x509, wanted, -1);
    int second =
        first >= 0 ? X509_get_ext_by_OBJ(cert->x509, wanted, first) : -1;
    ASN1_OBJECT_free(wanted);
    if (first < 0) {
        return HTTPA_ERR_MISSING;
    }
    if (second >= 0) {
        return HTTPA_ERR_DUPLICATE;
    }
    const ASN1_OCTET_STRING *value =
        X509_EXTENSION_get_data(X509_get_ext(cert->x509, first));
    *ret_value = httpa_slice_of(ASN1_STRING_get0_data(value),
                                (size_t)ASN1_STRING_length(value));
    return HTTPA_OK;
}

static bool names_oid(const EXTENDED_KEY_USAGE *ekus, const ASN1_OBJECT *oid)
{
    for (int i = 0; i < sk_ASN1_OBJECT_num(ekus); i++) {
        if (OBJ_cmp(sk_ASN1_OBJECT_value(ekus, i), oid) == 0) {
            return true;
        }
    }
    return false;
}

bool httpa_cert_has_eku(const struct httpa_cert *cert, const char *oid)
{
    ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
    /* NULL also where the extension is there twice. */
    EXTENDED_KEY_USAGE *ekus =
        X509_get_ext_d2i(cert->x509, NID_ext_key_usage, NULL, NULL);
    bool found = wanted != NULL && ekus != NULL && names_oid(ekus, wanted);
    EXTENDED_KEY_USAGE_free(ekus);
    ASN1_OBJECT_free(wanted);
    ERR_clear_error();
    return found;
}

bool httpa_cert_is_ca(const struct httpa_cert *cert)
{
    return (X509_get_extension_flags(cert->x509) & EXFLAG_CA) != 0;
}

/* All ones where the extension is not there. */
bool httpa_cert_may_sign(const struct httpa_cert *cert)
{
    return (X509_get_key_usage(cert->x509) & KU_DIGITAL_SIGNATURE) != 0;
}

bool httpa_cert_is_for(const struct httpa_cert *cert, const char *host)
{
    const unsigned int flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    bool ok =
        strlen(host) > 0 &&
        (X509_check_ip_asc(cert->x509, host, 0) == 1 ||
         X509_check_host(cert->x509, host, strlen(host), flags, NULL) == 1);
    ERR_clear_error();
    return ok;
}

static struct httpa_fact
fact_of(const struct httpa_cert *issuer, const struct httpa_cert *cert)
{
    return (struct httpa_fact){
        .kind = HTTPA_FACT_CERT,
        .parts = { httpa_fact_part(&issuer->sha256, httpa_cert_der(issuer)),
                   httpa_fact_part(&cert->sha256, httpa_cert_der(cert)) },
    };
}

bool httpa_cert_signs_itself(const struct httpa_crypto *crypto,
                             const struct httpa_cert *cert)
{
    struct httpa_fact fact = fact_of(cert, cert);
    EVP_PKEY *key = X509_get0_pubkey(cert->x509);
    if (key == NULL || !httpa_slice_equal(httpa_cert_issuer(cert),
                                          httpa_cert_subject(cert))) {
        ERR_clear_error();
        return false;
    }
    bool is_known = httpa_memo_knows(crypto->memo, &fact);
    bool ok = is_known || X509_verify(cert->x509, key) == 1;
    if (ok && !is_known) {
        httpa_memo_learn(crypto->memo, &fact);
    }
    ERR_clear_error();
    return ok;
}

/* ---- chains ---- */

static bool
is_allowed(X509_EXTENSION *ext, const struct httpa_chain_rules *rules)
{
    char oid[80];
    if (OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(ext), 1) <= 0) {
        return false;
    }
    for (size_t i = 0; i < rules->critical_count; i++) {
        if (strcmp(oid, rules->critical[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether every critical extension is processed by OpenSSL or allowed. */
static bool
criticals_are_known(const X509 *x509, const struct httpa_chain_rules *rules)
{
    for (int i = 0; i < X509_get_ext_count(x509); i++) {
        X509_EXTENSION *ext = X509_get_ext(x509, i);
        if (X509_EXTENSION_get_critical(ext) != 0 &&
            X509_supported_extension(ext) != 1 && !is_allowed(ext, rules)) {
            return false;
        }
    }
    return true;
}

/* One verification, for the functions that OpenSSL calls back. */
struct chain {
    const struct httpa_crypto *crypto;
    const struct httpa_cert *const *certs;
    size_t count;
    const struct httpa_chain_rules *rules;
    X509_STORE_CTX_verify_fn verify; /* OpenSSL's own last step */
    bool is_known;                   /* which was not asked */
};

/* Called for every fault: goes on only for critical extensions that the rules
 * name. */
static int judge_fault(int ok, X509_STORE_CTX *ctx)
{
    if (ok == 1 || X509_STORE_CTX_get_error(ctx) !=
                       X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION) {
        return ok;
    }
    const struct chain *c = X509_STORE_CTX_get_app_data(ctx);
    X509 *at = X509_STORE_CTX_get_current_cert(ctx);
    if (at == NULL || !criticals_are_known(at, c->rules)) {
        return 0;
    }
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* The certificate of the caller's that OpenSSL calls |x509|; NULL: none. */
static const struct httpa_cert *
find_cert(const struct chain *c, const X509 *x509)
{
    const struct httpa_cert *const *lists[] = { c->certs, c->rules->roots };
    const size_t counts[] = { c->count, c->rules->root_count };
    for (size_t l = 0; l < 2; l++) {
        for (size_t i = 0; i < counts[l]; i++) {
            if (lists[l][i]->x509 == x509) {
                return lists[l][i];
            }
        }
    }
    return NULL;
}

/* What the |i|th certificate of the path stands for: that the next one issued
 * it.  False: not for one that the caller gave. */
static bool link_of(const struct chain *c, STACK_OF(X509) * path, int i,
                    struct httpa_fact *ret_fact)
{
    const struct httpa_cert *cert = find_cert(c, sk_X509_value(path, i));
    const struct httpa_cert *issuer = find_cert(c, sk_X509_value(path, i + 1));
    if (cert == NULL || issuer == NULL) {
        return false;
    }
    *ret_fact = fact_of(issuer, cert);
    return true;
}

static bool is_in_time(const X509 *x509, time_t now)
{
    return X509_cmp_time(X509_get0_notBefore(x509), &now) < 0 &&
           X509_cmp_time(X509_get0_notAfter(x509), &now) > 0;
}

/* Whether every signature of the path is known to be right, every issuer may
 * sign it and every certificate is valid now. */
static bool is_known_and_in_time(const struct chain *c, STACK_OF(X509) * path)
{
    struct httpa_fact fact;
    int n = sk_X509_num(path);
    for (int i = 0; i < n; i++) {
        if (!is_in_time(sk_X509_value(path, i), (time_t)c->rules->time_s)) {
            return false;
        }
    }
    for (int i = 0; i + 1 < n; i++) {
        if (X509_check_issued(sk_X509_value(path, i + 1),
                              sk_X509_value(path, i)) != X509_V_OK ||
            !link_of(c, path, i, &fact) ||
            !httpa_memo_knows(c->crypto->memo, &fact)) {
            return false;
        }
    }
    return n > 0;
}

/* The last step of OpenSSL's verification is "signatures and expiration
 * times" of the path that all other rules let pass (X509_STORE_set_verify(3)).
 * With everything known it is answered here; whatever is not plainly right is
 * OpenSSL's to judge. */
static int verify_path(X509_STORE_CTX *ctx)
{
    struct chain *c = X509_STORE_CTX_get_app_data(ctx);
    c->is_known = is_known_and_in_time(c, X509_STORE_CTX_get0_chain(ctx));
    return c->is_known ? 1 : c->verify(ctx);
}

/* Of a path that verified. */
static void remember(const struct chain *c, STACK_OF(X509) * path)
{
    struct httpa_fact fact;
    for (int i = 0; i < sk_X509_num(path); i++) {
        const struct httpa_cert *cert = find_cert(c, sk_X509_value(path, i));
        if (cert != NULL) { /* the cast: counting users changes nothing seen */
            httpa_memo_keep_cert(c->crypto->memo,
                                 (struct httpa_cert *)(uintptr_t)cert);
        }
        if (!c->is_known && i + 1 < sk_X509_num(path) &&
            link_of(c, path, i, &fact)) {
            httpa_memo_learn(c->crypto->memo, &fact);
        }
    }
}

static X509_STORE *make_store(const struct httpa_chain_rules *rules)
{
    X509_STORE *store = X509_STORE_new();
    if (store == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < rules->root_count; i++) {
        if (X509_STORE_add_cert(store, rules->roots[i]->x509) != 1) {
            X509_STORE_free(store);
            return NULL;
        }
    }
    return store;
}

static STACK_OF(X509) *
    make_stack(const struct httpa_cert *const *certs, size_t count)
{
    STACK_OF(X509) *stack = sk_X509_new_null();
    for (size_t i = 0; stack != NULL && i < count; i++) {
        if (sk_X509_push(stack, certs[i]->x509) <= 0) {
            sk_X509_free(stack);
            stack = NULL;
        }
    }
    return stack;
}

static void set_rules(X509_STORE_CTX *ctx, struct chain *c)
{
    const struct httpa_chain_rules *rules = c->rules;
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)rules->time_s);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_depth(param, HTTPA_CHAIN_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    if (rules->of_server) {
        X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
    }
    X509_STORE_CTX_set_app_data(ctx, c);
    X509_STORE_CTX_set_verify_cb(ctx, judge_fault);
    if (c->crypto->memo != NULL) {
        c->verify = X509_STORE_CTX_get_verify(ctx);
        X509_STORE_CTX_set_verify(ctx, verify_path);
    }
}

/* EKUs are all ones where the extension is not there.  More than the purpose
 * asks, which also takes keys for encryption and EKUs of Netscape's time. */
static bool signs_for_server(const struct httpa_cert *leaf)
{
    return httpa_cert_may_sign(leaf) &&
           (X509_get_extended_key_usage(leaf->x509) & XKU_SSL_SERVER) != 0;
}

static bool
leaf_obeys(const struct httpa_cert *leaf, const struct httpa_chain_rules *rules)
{
    return (rules->eku == NULL || httpa_cert_has_eku(leaf, rules->eku)) &&
           (rules->host == NULL || httpa_cert_is_for(leaf, rules->host)) &&
           (!rules->of_server || signs_for_server(leaf));
}

/* When the first certificate of the path that |ctx| verified ends. */
static bool first_end(X509_STORE_CTX *ctx, int64_t *ret_lapses_s)
{
    STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
    int64_t first = INT64_MAX;
    for (int i = 0; i < sk_X509_num(path); i++) {
        int64_t end = 0;
        if (!httpa_x509_time(X509_get0_notAfter(sk_X509_value(path, i)),
                             &end)) {
            return false;
        }
        first = end < first ? end : first;
    }
    *ret_lapses_s = first;
    return true;
}

static enum httpa_err run(X509_STORE_CTX *ctx, X509_STORE *store,
                          STACK_OF(X509) * others, struct chain *c,
                          int64_t *ret_lapses_s)
{
    if (X509_STORE_CTX_init(ctx, store, c->certs[0]->x509, others) != 1) {
        return HTTPA_ERR_CRYPTO;
    }
    set_rules(ctx, c);
    if (X509_verify_cert(ctx) == 1) {
        remember(c, X509_STORE_CTX_get0_chain(ctx));
        return first_end(ctx, ret_lapses_s) ? HTTPA_OK : HTTPA_ERR_CHAIN;
    }
    switch (X509_STORE_CTX_get_error(ctx)) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return HTTPA_ERR_EXPIRED;
    case X509_V_ERR_OUT_OF_MEM:
        return HTTPA_ERR_MEMORY;
    default:
        return HTTPA_ERR_CHAIN;
    }
}

enum httpa_err
httpa_chain_verify(const struct httpa_crypto *crypto,
                   const struct httpa_cert *const *certs, size_t count,
                   const struct httpa_chain_rules *rules, int64_t *ret_lapses_s)
{
    if (count == 0 || count > HTTPA_CHAIN_MAX) {
        return HTTPA_ERR_RANGE;
    }
    struct chain c = { .crypto = crypto,
                       .certs = certs,
                       .count = count,
                       .rules = rules };
    X509_STORE *store = make_store(rules);
    STACK_OF(X509) *others = make_stack(certs + 1, count - 1);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(crypto->lib, NULL);
    int64_t lapses_s = 0;
    enum httpa_err err = HTTPA_ERR_MEMORY;
    if (store != NULL && others != NULL && ctx != NULL) {
        err = run(ctx, store, others, &c, &lapses_s);
    }
    if (err == HTTPA_OK && !leaf_obeys(certs[0], rules)) {
        err = HTTPA_ERR_CHAIN;
    }
    X509_STORE_CTX_free(ctx);
    sk_X509_free(others);
    X509_STORE_free(store);
    if (err != HTTPA_OK) {
        return httpa_crypto_fail(err);
    }
    *ret_lapses_s = lapses_s;
    return HTTPA_OK;
}
