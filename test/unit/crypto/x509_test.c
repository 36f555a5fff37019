/*
 * Chains made here, each broken in one way.  No certificate is stored: the
 * time of verification is an argument, so nothing in this test ever expires.
 */
#include "crypto/x509.h"
#include "crypto/sign.h"

#include "support.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define NOW INT64_C(1760000000)
#define DAY INT64_C(86400)
#define END_OF_TIME INT64_C(253402300799) /* 9999-12-31 23:59:59 */
#define VENDOR_OID "1.3.6.1.4.1.99999.1"
#define EKU_SERVER "1.3.6.1.5.5.7.3.1"
#define EKU_EK "2.23.133.8.1"

struct extension {
    int nid; /* 0: the vendor's, |value| is hex of the content */
    const char *value;
};

struct design {
    const char *name;
    const char *issuer;
    int64_t from_s;
    int64_t to_s;
    struct extension ext[4]; /* ends with a NULL value */
    const char *digest;      /* NULL: SHA256 */
    int rsa_bits;            /* 0: P-256 */
};

struct made {
    EVP_PKEY *key;
    struct httpa_cert *cert;
};

#define CA                                                                     \
    {                                                                          \
        NID_basic_constraints, "critical,CA:TRUE"                              \
    }
#define CA_LAST                                                                \
    {                                                                          \
        NID_basic_constraints, "critical,CA:TRUE,pathlen:0"                    \
    }
#define NOT_CA                                                                 \
    {                                                                          \
        NID_basic_constraints, "critical,CA:FALSE"                             \
    }
#define SIGNS                                                                  \
    {                                                                          \
        NID_key_usage, "critical,keyCertSign"                                  \
    }
#define SIGNS_NOT                                                              \
    {                                                                          \
        NID_key_usage, "critical,digitalSignature"                             \
    }
#define SAN(s)                                                                 \
    {                                                                          \
        NID_subject_alt_name, s                                                \
    }
#define EKU(s)                                                                 \
    {                                                                          \
        NID_ext_key_usage, s                                                   \
    }
#define VENDOR_CRITICAL                                                        \
    {                                                                          \
        0, "3000"                                                              \
    }

static void add_extension(X509 *x, struct extension e)
{
    X509_EXTENSION *ext = NULL;
    if (e.nid == 0) {
        ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
        ASN1_OBJECT *oid = OBJ_txt2obj(VENDOR_OID, 1);
        struct httpa_slice bytes = hex(e.value);
        ASN1_OCTET_STRING_set(value, bytes.p, (int)bytes.n);
        ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
        ASN1_OBJECT_free(oid);
        ASN1_OCTET_STRING_free(value);
    } else {
        X509V3_CTX ctx;
        X509V3_set_ctx(&ctx, NULL, x, NULL, NULL, 0);
        ext = X509V3_EXT_nconf_nid(NULL, &ctx, e.nid, e.value);
    }
    assert_non_null(ext);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

static void set_name(X509_NAME *name, const char *cn)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)cn, -1,
                                                -1, 0),
                     1);
}

static EVP_PKEY *make_key(int rsa_bits)
{
    return rsa_bits > 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)rsa_bits)
                        : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

/* A certificate of |d|, signed by |issuer| (NULL: by itself). */
static struct made make(const struct design *d, const struct made *issuer)
{
    struct made m = { .key = make_key(d->rsa_bits) };
    X509 *x = X509_new();
    X509_set_version(x, 2);
    static long serial;
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    set_name(X509_get_subject_name(x), d->name);
    set_name(X509_get_issuer_name(x), d->issuer);
    ASN1_TIME_set(X509_getm_notBefore(x), d->from_s);
    ASN1_TIME_set(X509_getm_notAfter(x), d->to_s);
    X509_set_pubkey(x, m.key);
    for (size_t i = 0; i < COUNT(d->ext) && d->ext[i].value != NULL; i++) {
        add_extension(x, d->ext[i]);
    }
    const char *name = d->digest != NULL ? d->digest : "SHA256";
    EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
    assert_true(X509_sign(x, issuer != NULL ? issuer->key : m.key, md) > 0);
    EVP_MD_free(md);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    X509_free(x);
    uint8_t *copy = exact_copy(der, (size_t)n);
    OPENSSL_free(der);
    assert_ok(
        httpa_cert_read(crypto, httpa_slice_of(copy, (size_t)n), &m.cert));
    free(copy);
    return m;
}

static void unmake(struct made *m)
{
    EVP_PKEY_free(m->key);
    httpa_cert_free(m->cert);
}

static const struct design good_root = {
    .name = "root",
    .issuer = "root",
    .from_s = NOW - 900 * DAY,
    .to_s = END_OF_TIME,
    .ext = { CA, SIGNS },
};
static const struct design good_middle = {
    .name = "middle",
    .issuer = "root",
    .from_s = NOW - 90 * DAY,
    .to_s = NOW + 90 * DAY,
    .ext = { CA_LAST, SIGNS },
};
static const struct design good_leaf = {
    .name = "leaf",
    .issuer = "middle",
    .from_s = NOW - DAY,
    .to_s = NOW + 9 * DAY,
    .ext = { NOT_CA },
};

/* root <- middle <- leaf with the designs of a row, NULL meaning good. */
struct chain {
    struct made root, middle, leaf;
};

static struct chain make_chain(const struct design *root,
                               const struct design *middle,
                               const struct design *leaf)
{
    struct chain c;
    c.root = make(root != NULL ? root : &good_root, NULL);
    c.middle = make(middle != NULL ? middle : &good_middle, &c.root);
    c.leaf = make(leaf != NULL ? leaf : &good_leaf, &c.middle);
    return c;
}

static void unmake_chain(struct chain *c)
{
    unmake(&c->root);
    unmake(&c->middle);
    unmake(&c->leaf);
}

static const char *const vendor[] = { VENDOR_OID };
static const char *const other_oid[] = { "1.2.3.4" };

#define LEAF(...)                                                              \
    &(const struct design)                                                     \
    {                                                                          \
        .name = "leaf", .issuer = "middle", .from_s = NOW - DAY,               \
        .to_s = NOW + 9 * DAY, __VA_ARGS__                                     \
    }
#define MIDDLE(...)                                                            \
    &(const struct design)                                                     \
    {                                                                          \
        .name = "middle", .issuer = "root", .from_s = NOW - 90 * DAY,          \
        .to_s = NOW + 90 * DAY, __VA_ARGS__                                    \
    }
#define ROOT(...)                                                              \
    &(const struct design)                                                     \
    {                                                                          \
        .name = "root", .issuer = "root", .from_s = NOW - 900 * DAY,           \
        .to_s = END_OF_TIME, __VA_ARGS__                                       \
    }

static const struct row {
    const char *why;
    enum httpa_err err;
    const struct design *root, *middle, *leaf;
    const char *host, *eku;
    bool of_server;
    const char *const *critical; /* one OID, or NULL */
    int64_t time_s;              /* 0: NOW */
} rows[] = {
    { .why = "good", .err = HTTPA_OK },
    { .why = "last second of the leaf",
      .err = HTTPA_OK,
      .time_s = NOW + 9 * DAY - 1 },
    { .why = "one second later",
      .err = HTTPA_ERR_EXPIRED,
      .time_s = NOW + 9 * DAY },
    { .why = "before the leaf",
      .err = HTTPA_ERR_EXPIRED,
      .time_s = NOW - DAY - 1 },
    { .why = "middle expired",
      .err = HTTPA_ERR_EXPIRED,
      .middle = &(const struct design){ .name = "middle",
                                        .issuer = "root",
                                        .from_s = NOW - 90 * DAY,
                                        .to_s = NOW - 1,
                                        .ext = { CA, SIGNS } } },
    { .why = "root expired",
      .err = HTTPA_ERR_EXPIRED,
      .root = &(const struct design){ .name = "root",
                                      .issuer = "root",
                                      .from_s = NOW - 900 * DAY,
                                      .to_s = NOW - 1,
                                      .ext = { CA, SIGNS } } },
    { .why = "leaf that never ends",
      .err = HTTPA_OK,
      .leaf = &(const struct design){ .name = "leaf",
                                      .issuer = "middle",
                                      .from_s = NOW,
                                      .to_s = END_OF_TIME } },
    { .why = "middle is no CA",
      .err = HTTPA_ERR_CHAIN,
      .middle = MIDDLE(.ext = { NOT_CA }) },
    { .why = "middle without basicConstraints",
      .err = HTTPA_ERR_CHAIN,
      .middle = MIDDLE(.ext = { { 0 } }) },
    { .why = "middle may not sign certificates",
      .err = HTTPA_ERR_CHAIN,
      .middle = MIDDLE(.ext = { CA, SIGNS_NOT }) },
    { .why = "path longer than the root allows",
      .err = HTTPA_ERR_CHAIN,
      .root = ROOT(.ext = { CA_LAST, SIGNS }) },
    { .why = "outside the middle's name constraints",
      .err = HTTPA_ERR_CHAIN,
      .middle = MIDDLE(.ext = { CA,
                                SIGNS,
                                { NID_name_constraints,
                                  "critical,permitted;DNS:good.example" } }),
      .leaf = LEAF(.ext = { SAN("DNS:bad.example") }) },
    { .why = "inside them",
      .err = HTTPA_OK,
      .middle = MIDDLE(.ext = { CA,
                                SIGNS,
                                { NID_name_constraints,
                                  "critical,permitted;DNS:good.example" } }),
      .leaf = LEAF(.ext = { SAN("DNS:www.good.example") }) },
    { .why = "unknown critical extension",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { VENDOR_CRITICAL }) },
    { .why = "the same, judged by the caller",
      .err = HTTPA_OK,
      .leaf = LEAF(.ext = { VENDOR_CRITICAL }),
      .critical = vendor },
    { .why = "the caller judges another one",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { VENDOR_CRITICAL }),
      .critical = other_oid },
    { .why = "unknown critical extension in the middle",
      .err = HTTPA_ERR_CHAIN,
      .middle = MIDDLE(.ext = { CA, SIGNS, VENDOR_CRITICAL }) },
    { .why = "allowing it allows nothing else",
      .err = HTTPA_ERR_CHAIN,
      .middle = MIDDLE(.ext = { NOT_CA, VENDOR_CRITICAL }),
      .critical = vendor },
    { .why = "SHA-1", .err = HTTPA_ERR_CHAIN, .leaf = LEAF(.digest = "SHA1") },
    { .why = "RSA of 1024 bits in the middle",
      .err = HTTPA_ERR_CHAIN,
      .middle = MIDDLE(.ext = { CA, SIGNS }, .rsa_bits = 1024) },
    { .why = "RSA of 2048 bits",
      .err = HTTPA_OK,
      .middle = MIDDLE(.ext = { CA, SIGNS }, .rsa_bits = 2048) },
    { .why = "names another issuer",
      .err = HTTPA_ERR_CHAIN,
      .leaf = &(const struct design){ .name = "leaf",
                                      .issuer = "nobody",
                                      .from_s = NOW,
                                      .to_s = NOW + DAY } },
    { .why = "EK certificate: critical directory name",
      .err = HTTPA_OK,
      .leaf = LEAF(.ext = { SAN("critical,RID:2.23.133.2.1"), EKU(EKU_EK) }),
      .eku = EKU_EK },
    { .why = "key usage asked for and not there",
      .err = HTTPA_ERR_CHAIN,
      .eku = EKU_EK },
    { .why = "another one there",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { EKU("serverAuth") }),
      .eku = EKU_EK },
    { .why = "host",
      .err = HTTPA_OK,
      .leaf = LEAF(.ext = { SAN("DNS:api.example.com"), EKU("serverAuth") }),
      .host = "api.example.com",
      .eku = EKU_SERVER },
    { .why = "host in capitals",
      .err = HTTPA_OK,
      .leaf = LEAF(.ext = { SAN("DNS:API.example.com") }),
      .host = "api.example.com" },
    { .why = "another host",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { SAN("DNS:api.example.com") }),
      .host = "www.example.com" },
    { .why = "suffix of the name",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { SAN("DNS:example.com") }),
      .host = "api.example.com" },
    { .why = "wildcard",
      .err = HTTPA_OK,
      .leaf = LEAF(.ext = { SAN("DNS:*.example.com") }),
      .host = "api.example.com" },
    { .why = "wildcard over two labels",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { SAN("DNS:*.example.com") }),
      .host = "a.b.example.com" },
    { .why = "wildcard in a part of a label",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { SAN("DNS:a*.example.com") }),
      .host = "api.example.com" },
    { .why = "common name only",
      .err = HTTPA_ERR_CHAIN,
      .leaf = &(const struct design){ .name = "api.example.com",
                                      .issuer = "middle",
                                      .from_s = NOW,
                                      .to_s = NOW + DAY },
      .host = "api.example.com" },
    { .why = "address",
      .err = HTTPA_OK,
      .leaf = LEAF(.ext = { SAN("IP:192.0.2.1") }),
      .host = "192.0.2.1" },
    { .why = "address as a name",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { SAN("IP:192.0.2.1") }),
      .host = "192.0.2.2" },
    { .why = "no host at all",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { SAN("DNS:api.example.com") }),
      .host = "" },
    { .why = "a server's that says nothing",
      .err = HTTPA_OK,
      .of_server = true },
    { .why = "a server's that says it",
      .err = HTTPA_OK,
      .leaf = LEAF(.ext = { SIGNS_NOT, EKU("serverAuth,clientAuth") }),
      .of_server = true },
    { .why = "a client's, nobody asks",
      .err = HTTPA_OK,
      .leaf = LEAF(.ext = { EKU("clientAuth") }) },
    { .why = "a client's",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { EKU("clientAuth") }),
      .of_server = true },
    { .why = "keyUsage without signatures",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { { NID_key_usage, "keyAgreement" } }),
      .of_server = true },
    { .why = "keyUsage for certificates",
      .err = HTTPA_ERR_CHAIN,
      .leaf = LEAF(.ext = { SIGNS, EKU("serverAuth") }),
      .of_server = true },
    { .why = "an issuer of mail's",
      .err = HTTPA_ERR_CHAIN,
      .middle = MIDDLE(.ext = { CA, SIGNS, EKU("emailProtection") }),
      .of_server = true },
    { .why = "an issuer of servers'",
      .err = HTTPA_OK,
      .middle = MIDDLE(.ext = { CA, SIGNS, EKU("serverAuth") }),
      .of_server = true },
};

static enum httpa_err verify_row(const struct row *r, struct chain *c,
                                 int64_t *ret_lapses_s)
{
    const struct httpa_cert *const certs[] = { c->leaf.cert, c->middle.cert };
    const struct httpa_cert *const roots[] = { c->root.cert };
    const struct httpa_chain_rules rules = {
        .roots = roots,
        .root_count = 1,
        .time_s = r->time_s != 0 ? r->time_s : NOW,
        .critical = r->critical,
        .critical_count = r->critical != NULL ? 1 : 0,
        .eku = r->eku,
        .host = r->host,
        .of_server = r->of_server,
    };
    return httpa_chain_verify(crypto, certs, 2, &rules, ret_lapses_s);
}

static void one_fault_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct chain c = make_chain(rows[i].root, rows[i].middle, rows[i].leaf);
        int64_t lapses_s = -1;
        enum httpa_err err = verify_row(&rows[i], &c, &lapses_s);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        assert_true((lapses_s == -1) == (err != HTTPA_OK));
        unmake_chain(&c);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static void shapes_of_chains(void **state)
{
    (void)state;
    struct chain c = make_chain(NULL, NULL, NULL);
    struct chain o = make_chain(NULL, NULL, NULL); /* same names, other keys */
    const struct httpa_cert *root = c.root.cert;
    const struct httpa_cert *middle = c.middle.cert;
    const struct httpa_cert *leaf = c.leaf.cert;
    const struct {
        const char *why;
        enum httpa_err err;
        const struct httpa_cert *certs[5];
        size_t count;
        const struct httpa_cert *root;
    } shapes[] = {
        { "with the root itself", HTTPA_OK, { leaf, middle, root }, 3, root },
        { "in any order", HTTPA_OK, { leaf, root, middle }, 3, root },
        { "intermediate as root", HTTPA_OK, { leaf }, 1, middle },
        { "the leaf itself is trusted", HTTPA_OK, { leaf }, 1, leaf },
        { "link missing", HTTPA_ERR_CHAIN, { leaf }, 1, root },
        { "link of the same name",
          HTTPA_ERR_CHAIN,
          { leaf, o.middle.cert },
          2,
          root },
        { "root of the same name",
          HTTPA_ERR_CHAIN,
          { leaf, middle },
          2,
          o.root.cert },
        { "a root in the chain is not trusted",
          HTTPA_ERR_CHAIN,
          { o.leaf.cert, o.middle.cert, o.root.cert },
          3,
          root },
        { "middle first: it is what was verified",
          HTTPA_OK,
          { middle, leaf },
          2,
          root },
        { "none", HTTPA_ERR_RANGE, { leaf }, 0, root },
        { "too many", HTTPA_ERR_RANGE, { leaf }, HTTPA_CHAIN_MAX + 1, root },
    };
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct httpa_chain_rules rules = { .roots = &shapes[i].root,
                                           .root_count = 1,
                                           .time_s = NOW };
        int64_t lapses_s = 0;
        enum httpa_err err = httpa_chain_verify(
            crypto, shapes[i].certs, shapes[i].count, &rules, &lapses_s);
        if (err != shapes[i].err) {
            fail_msg("%s: %s", shapes[i].why, httpa_err_name(err));
        }
        rules.root_count = 0; /* nothing is trusted by default */
        assert_int_not_equal(
            HTTPA_OK, httpa_chain_verify(crypto, shapes[i].certs,
                                         shapes[i].count, &rules, &lapses_s));
    }
    unmake_chain(&c);
    unmake_chain(&o);
}

static void lapses_with_the_first_of_the_path(void **state)
{
    (void)state;
    struct chain c = make_chain(NULL, MIDDLE(.ext = { CA, SIGNS }), NULL);
    int64_t lapses_s = 0;
    assert_ok(verify_row(&rows[0], &c, &lapses_s));
    assert_true(lapses_s == NOW + 9 * DAY);
    assert_true(httpa_cert_not_before(c.leaf.cert) == NOW - DAY);
    assert_true(httpa_cert_not_after(c.root.cert) == END_OF_TIME);
    unmake_chain(&c);
    static const struct design forever = {
        .name = "leaf", .issuer = "middle", .from_s = NOW, .to_s = END_OF_TIME
    };
    c = make_chain(NULL, NULL, &forever);
    assert_ok(verify_row(&rows[0], &c, &lapses_s));
    assert_true(lapses_s == NOW + 90 * DAY); /* the middle's */
    unmake_chain(&c);
}

static void what_it_says(void **state)
{
    (void)state;
    struct made root = make(&good_root, NULL);
    static const struct design d = {
        .name = "gr\xc3\xbc\xc3\x9f\n,dich",
        .issuer = "root",
        .from_s = NOW,
        .to_s = NOW + DAY,
        .ext = { { 0, "0403616263" }, EKU("serverAuth," EKU_EK) },
    };
    struct made m = make(&d, &root);
    struct httpa_slice value;
    assert_ok(httpa_cert_extension(m.cert, VENDOR_OID, &value));
    assert_slice_hex(value, "0403616263");
    assert_err(HTTPA_ERR_MISSING,
               httpa_cert_extension(m.cert, "1.2.3.4", &value));
    assert_err(HTTPA_ERR_USAGE,
               httpa_cert_extension(m.cert, "serverAuth", &value));
    assert_true(httpa_cert_has_eku(m.cert, EKU_EK));
    assert_true(httpa_cert_has_eku(m.cert, EKU_SERVER));
    assert_false(httpa_cert_has_eku(m.cert, "1.3.6.1.5.5.7.3.2"));
    assert_false(httpa_cert_has_eku(root.cert, EKU_SERVER));
    uint8_t room[64];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    assert_ok(httpa_cert_write_subject(m.cert, &out));
    assert_slice_is(httpa_buf_slice(&out), "CN=gr\xc3\xbc\xc3\x9f\\0A\\,dich");
    struct httpa_pubkey *pub = NULL;
    assert_ok(httpa_cert_pubkey(crypto, m.cert, &pub));
    assert_true(
        httpa_slice_equal(httpa_cert_spki(m.cert), httpa_pubkey_spki(pub)));
    httpa_pubkey_free(pub);
    assert_int_equal(httpa_cert_subject(m.cert).p[0], 0x30);
    assert_true(httpa_slice_equal(httpa_cert_issuer(m.cert),
                                  httpa_cert_subject(root.cert)));
    assert_true(httpa_cert_signs_itself(crypto, root.cert));
    assert_false(httpa_cert_signs_itself(crypto, m.cert));
    unmake(&m);
    static const struct design twice = {
        .name = "leaf",
        .issuer = "root",
        .from_s = NOW,
        .to_s = NOW + DAY,
        .ext = { { 0, "3000" }, { 0, "3001" }, EKU("serverAuth"), EKU(EKU_EK) },
    };
    m = make(&twice, &root);
    assert_err(HTTPA_ERR_DUPLICATE,
               httpa_cert_extension(m.cert, VENDOR_OID, &value));
    assert_false(httpa_cert_has_eku(m.cert, EKU_EK));
    unmake(&m);
    unmake(&root);
    httpa_cert_free(NULL);
    assert_int_equal(ERR_peek_error(), 0);
}

/* A changed certificate does not read, or does not verify: not one bit of it
 * is outside the signature or free to vary. */
static void try_chain(struct httpa_slice in, void *arg)
{
    struct chain *c = arg;
    struct httpa_cert *cert = NULL;
    if (httpa_slice_equal(in, httpa_cert_der(c->leaf.cert)) ||
        httpa_cert_read(crypto, in, &cert) != HTTPA_OK) {
        return;
    }
    struct chain changed = *c;
    changed.leaf.cert = cert;
    int64_t lapses_s = 0;
    assert_int_not_equal(HTTPA_OK, verify_row(&rows[0], &changed, &lapses_s));
    httpa_cert_free(cert);
}

static void mutations(void **state)
{
    (void)state;
    struct chain c = make_chain(NULL, NULL, NULL);
    mutate(httpa_cert_der(c.leaf.cert), try_chain, &c);
    uint8_t longer[2048];
    struct httpa_slice der = httpa_cert_der(c.leaf.cert);
    memcpy(longer, der.p, der.n);
    longer[der.n] = 0;
    struct httpa_cert *cert = NULL;
    assert_err(
        HTTPA_ERR_MALFORMED,
        httpa_cert_read(crypto, httpa_slice_of(longer, der.n + 1), &cert));
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_cert_read(crypto, httpa_slice_of(NULL, 0), &cert));
    static const uint8_t big[HTTPA_CERT_MAX + 1];
    assert_err(
        HTTPA_ERR_RANGE,
        httpa_cert_read(crypto, httpa_slice_of(big, sizeof(big)), &cert));
    assert_null(cert);
    unmake_chain(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_fault_each),
        cmocka_unit_test(shapes_of_chains),
        cmocka_unit_test(lapses_with_the_first_of_the_path),
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
