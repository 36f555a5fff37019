#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "crypto/hash.h"
#include "support.h"

/* A CA and a service of this run, made with OpenSSL itself. */
struct made {
    EVP_PKEY *key;
    X509 *cert;
    uint8_t der[2048];
    uint8_t spki[256];
    struct httpa_slice cert_der;
    struct httpa_slice spki_der;
};
static struct made ca, service, other;

/* Leaves for the right host whose extensions say what the key is for. */
static const struct usage {
    const char *why;
    const char *key_usage; /* NULL: without the extension */
    const char *eku;
    bool serves; /* as doc/protocol.md 7.1, row `ca`, wants it */
} usages[] = {
    { "a client's", NULL, "clientAuth", false },
    { "no signature", "critical,keyAgreement", NULL, false },
    { "a server's, no signature", "keyEncipherment", "serverAuth", false },
    { "a signature, a client's", "digitalSignature", "clientAuth", false },
    { "any is not said to be a server", NULL, "anyExtendedKeyUsage", false },
    { "gone with Netscape", NULL, "msSGC", false },
    { "a server's", NULL, "serverAuth", true },
    { "a server's and a client's", NULL, "critical,clientAuth,serverAuth",
      true },
    { "a signature", "critical,digitalSignature", NULL, true },
    { "both", "digitalSignature,keyEncipherment", "serverAuth", true },
};
static struct made used[COUNT(usages)];

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_non_null(ext);
    assert_int_equal(X509_add_ext(cert, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

static void make_for(struct made *m, const char *cn, const struct made *issuer,
                     const struct usage *usage)
{
    unsigned char *p = m->der, *q = m->spki;
    static long serial = 1;
    m->key = EVP_EC_gen("P-256");
    m->cert = X509_new();
    X509_NAME *name = X509_get_subject_name(m->cert);
    (void)X509_set_version(m->cert, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(m->cert), serial++);
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     (const unsigned char *)cn, -1, -1, 0);
    (void)X509_set_issuer_name(
        m->cert, X509_get_subject_name(issuer != NULL ? issuer->cert
                                                      : m->cert));
    (void)ASN1_TIME_set(X509_getm_notBefore(m->cert), NOW - 1000);
    (void)ASN1_TIME_set(X509_getm_notAfter(m->cert), NOW + 1000);
    (void)X509_set_pubkey(m->cert, m->key);
    if (issuer == NULL) {
        add_extension(m->cert, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(m->cert, NID_key_usage, "critical,keyCertSign");
    } else {
        add_extension(m->cert, NID_subject_alt_name, cn);
    }
    if (usage != NULL && usage->key_usage != NULL) {
        add_extension(m->cert, NID_key_usage, usage->key_usage);
    }
    if (usage != NULL && usage->eku != NULL) {
        add_extension(m->cert, NID_ext_key_usage, usage->eku);
    }
    assert_true(X509_sign(m->cert, issuer != NULL ? issuer->key : m->key,
                          EVP_sha256()) > 0);
    m->cert_der = httpa_slice_of(m->der, (size_t)i2d_X509(m->cert, &p));
    m->spki_der = httpa_slice_of(m->spki, (size_t)i2d_PUBKEY(m->key, &q));
}

static void make(struct made *m, const char *cn, const struct made *issuer)
{
    make_for(m, cn, issuer, NULL);
}

static void drop(struct made *m)
{
    X509_free(m->cert);
    EVP_PKEY_free(m->key);
}

static int open_all(void **state)
{
    make(&ca, "test CA", NULL);
    make(&service, "DNS:a.example", &ca);
    make(&other, "DNS:b.example", &ca);
    for (size_t i = 0; i < COUNT(usages); i++) {
        make_for(&used[i], "DNS:a.example", &ca, &usages[i]);
    }
    return open_crypto(state);
}

static int close_all(void **state)
{
    for (size_t i = 0; i < COUNT(usages); i++) {
        drop(&used[i]);
    }
    drop(&other);
    drop(&service);
    drop(&ca);
    return close_crypto(state);
}

static void show_key(struct fixture *f)
{
    f->in.service_spki = service.spki_der;
    f->in.service_chain = &service.cert_der;
    f->in.service_chain_count = 1;
}
static void pinned(struct fixture *f)
{
    struct httpa_digest d;
    show_key(f);
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA256, service.spki_der, &d));
    memcpy(f->pins[1], d.bytes, 32);
    f->policy.identity.require = HTTPA_IDENTITY_PINNED;
    f->policy.identity.spki_sha256 = (const uint8_t(*)[32])f->pins;
    f->policy.identity.spki_count = 2;
}
static void other_key(struct fixture *f)
{
    pinned(f);
    f->in.service_spki = other.spki_der;
}
static void no_key(struct fixture *f)
{
    pinned(f);
    f->in.service_spki = (struct httpa_slice){ 0 };
}
static void zero_pin_no_key(struct fixture *f)
{
    no_key(f);
    f->policy.identity.spki_count = 1; /* 32 zero bytes */
}
static void only_a_chain(struct fixture *f)
{
    pinned(f);
    f->in.service_spki = ca.spki_der;
}
static void own_ca(struct fixture *f)
{
    show_key(f);
    f->policy.identity.require = HTTPA_IDENTITY_PINNED;
    f->policy.identity.ca_roots = &ca.cert_der;
    f->policy.identity.ca_root_count = 1;
}
static void other_ca(struct fixture *f)
{
    own_ca(f);
    f->policy.identity.ca_roots = &other.cert_der;
}
static void other_host(struct fixture *f)
{
    own_ca(f);
    f->in.service_spki = other.spki_der;
    f->in.service_chain = &other.cert_der;
}
static void other_leaf(struct fixture *f)
{
    own_ca(f);
    f->in.service_spki = other.spki_der; /* signed E; the chain is not its */
}
static void no_chain(struct fixture *f)
{
    own_ca(f);
    f->in.service_chain_count = 0;
}
static void chain_over(struct fixture *f)
{
    own_ca(f);
    f->in.now_s = NOW + 1001;
}
static void bad_root(struct fixture *f)
{
    own_ca(f);
    f->list[0] = httpa_slice_str("root");
    f->policy.identity.ca_roots = f->list;
}
static void with_port(struct fixture *f)
{
    own_ca(f);
    f->in.origin = httpa_slice_str("https://a.example:8443");
    f->origins[0] = f->in.origin;
}
static void address(struct fixture *f)
{
    own_ca(f);
    f->in.origin = httpa_slice_str("https://[::1]:8443");
    f->origins[0] = f->in.origin;
}
static void webpki(struct fixture *f)
{
    show_key(f);
    f->policy.identity.require = HTTPA_IDENTITY_WEBPKI;
    f->in.public_roots = &ca.cert_der;
    f->in.public_root_count = 1;
}
static void webpki_no_roots(struct fixture *f)
{
    webpki(f);
    f->in.public_root_count = 0;
}
static void webpki_other_host(struct fixture *f)
{
    webpki(f);
    f->in.service_spki = other.spki_der;
    f->in.service_chain = &other.cert_der;
}
static void webpki_names(struct fixture *f)
{
    webpki_other_host(f);
    f->list[0] = httpa_slice_str("c.example");
    f->list[1] = httpa_slice_str("b.example");
    f->policy.identity.names = f->list;
    f->policy.identity.name_count = 2;
}
static void measured(struct fixture *f)
{
    f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
    add_reference(f, 0, 0, equal("sha256.pcr11", "33"));
    set_script(f, "mr=aa11\nsha256.pcr11=33");
}
static void measured_other(struct fixture *f)
{
    measured(f);
    set_script(f, "mr=aa11\nsha256.pcr11=34");
}

static void rows_of_identity(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "a pinned key", pinned, HTTPA_OK, "" },
        { "same image, other key", other_key, HTTPA_ERR_IDENTITY,
          "identity.pinned" },
        { "no key at all", no_key, HTTPA_ERR_IDENTITY, "identity.pinned" },
        { "zeros pin nobody", zero_pin_no_key, HTTPA_ERR_IDENTITY,
          "identity.pinned" },
        { "a certificate is not a signature", only_a_chain,
          HTTPA_ERR_IDENTITY, "identity.pinned" },
        { "the owner's CA", own_ca, HTTPA_OK, "" },
        { "another CA", other_ca, HTTPA_ERR_IDENTITY, "identity.pinned" },
        { "for another host", other_host, HTTPA_ERR_IDENTITY,
          "identity.pinned" },
        { "of another key than signed", other_leaf, HTTPA_ERR_IDENTITY,
          "identity.pinned" },
        { "no chain", no_chain, HTTPA_ERR_IDENTITY, "identity.pinned" },
        { "a chain that is over", chain_over, HTTPA_ERR_IDENTITY,
          "identity.pinned" },
        { "a root that is none", bad_root, HTTPA_ERR_IDENTITY,
          "identity.pinned" },
        { "a port is not part of a host", with_port, HTTPA_OK, "" },
        { "an address is another host", address, HTTPA_ERR_IDENTITY,
          "identity.pinned" },
        { "a public certificate", webpki, HTTPA_OK, "" },
        { "without public roots", webpki_no_roots, HTTPA_ERR_IDENTITY,
          "identity.webpki" },
        { "for another name", webpki_other_host, HTTPA_ERR_IDENTITY,
          "identity.webpki" },
        { "that the policy names", webpki_names, HTTPA_OK, "" },
        { "a measured configuration", measured, HTTPA_OK, "" },
        { "another one", measured_other, HTTPA_ERR_APPRAISAL,
          "paper.measurement.set" },
    };
    run_rows(rows, COUNT(rows));
}

/* What a certificate is for is asked of the leaf where it says so. */
static size_t now_used;
static void own_ca_used(struct fixture *f)
{
    own_ca(f);
    f->in.service_spki = used[now_used].spki_der;
    f->in.service_chain = &used[now_used].cert_der;
}
static void webpki_used(struct fixture *f)
{
    webpki(f);
    f->in.service_spki = used[now_used].spki_der;
    f->in.service_chain = &used[now_used].cert_der;
}

static void leaves_are_for_servers(void **state)
{
    (void)state;
    for (now_used = 0; now_used < COUNT(usages); now_used++) {
        const struct usage *u = &usages[now_used];
        const enum httpa_err err = u->serves ? HTTPA_OK : HTTPA_ERR_IDENTITY;
        const struct row rows[] = {
            { u->why, own_ca_used, err, u->serves ? "" : "identity.pinned" },
            { u->why, webpki_used, err, u->serves ? "" : "identity.webpki" },
        };
        run_rows(rows, COUNT(rows));
    }
}

/* Weak identities are accepted with a warning, strong ones without. */
static void weak_ones_warn(void **state)
{
    (void)state;
    static const struct {
        struct row row;
        enum httpa_outcome outcome;
    } cases[] = {
        { { "pinned", pinned, HTTPA_OK, "" }, HTTPA_OUTCOME_PASS },
        { { "ca", own_ca, HTTPA_OK, "" }, HTTPA_OUTCOME_PASS },
        { { "measured", measured, HTTPA_OK, "" }, HTTPA_OUTCOME_PASS },
        { { "webpki", webpki, HTTPA_OK, "" }, HTTPA_OUTCOME_WARN },
        { { "none", NULL, HTTPA_OK, "" }, HTTPA_OUTCOME_WARN },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct httpa_verdict *v = httpa_verdict_new();
        run_row(&cases[i].row, v);
        assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_YOURS),
                         cases[i].outcome);
        assert_int_equal(httpa_verdict_facts(v)->identity, cases[i].outcome);
        httpa_verdict_free(v);
    }
}

static void the_subject_is_shown(void **state)
{
    (void)state;
    static const struct row row = { "ca", own_ca, HTTPA_OK, "" };
    struct httpa_verdict *v = httpa_verdict_new();
    run_row(&row, v);
    assert_slice_is(httpa_verdict_facts(v)->subject, "CN=DNS:a.example");
    assert_int_equal(httpa_verdict_facts(v)->lapses_first->lapses_s,
                     NOW + 1000);
    httpa_verdict_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_identity),
        cmocka_unit_test(leaves_are_for_servers),
        cmocka_unit_test(weak_ones_warn),
        cmocka_unit_test(the_subject_is_shown),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
