#include "certs.h"
#include "codec/pem.h"
#include "evidence/tpm/chain.h"
#include "support/shared.h"

/* A machine "vm" with the number 9 of project "p", number 5, in zone "z"; of
 * production, then not. */
#define PRODUCTION                                                             \
    "3019" "0c017a" "020105" "0c0170" "020109" "0c02766d" "a007" "3005"        \
    "a103" "0101ff"
#define NO_PRODUCTION                                                          \
    "3019" "0c017a" "020105" "0c0170" "020109" "0c02766d" "a007" "3005"        \
    "a103" "010100"

/* Whose root the policy trusts: a certificate, a key, or something else. */
enum trust { BY_FILE, BY_KEY, BY_OTHER_KEY, BY_NOTHING };

struct made {
    struct httpa_buf der[ROLES];
    struct httpa_buf pub;
};

static struct made make_all(const struct cert_wish w[ROLES], enum cert_key ak)
{
    struct made m = { .pub = make_public(ak) };
    for (size_t i = 0; i < ROLES; i++) {
        m.der[i] = make_cert(&w[i]);
    }
    return m;
}

static void unmake(struct made *m)
{
    for (size_t i = 0; i < ROLES; i++) {
        httpa_buf_done(&m->der[i]);
    }
    httpa_buf_done(&m->pub);
}

static struct httpa_digest key_of(struct httpa_slice der)
{
    struct httpa_cert *cert = NULL;
    assert_ok(httpa_cert_read(crypto, der, &cert));
    struct httpa_digest d = digest_of(HTTPA_SHA256, httpa_cert_spki(cert));
    httpa_cert_free(cert);
    return d;
}

struct question {
    enum trust trust;
    bool is_ek;
    bool rootless; /* the evidence has no root */
    int64_t now_s;
    struct httpa_digest key; /* of the good root */
};

/* What the answer said of the machine: "zone/project/number/instance/id". */
static char machine[128];

static void read_machine(const struct httpa_verdict *v)
{
    static const char *const names[] = { "gce_zone", "gce_project",
                                         "gce_project_number", "gce_instance",
                                         "gce_instance_id" };
    size_t at = 0;
    machine[0] = '\0';
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct httpa_claim *c = httpa_verdict_find(v, 0, names[i]);
        if (c != NULL) {
            at += (size_t)snprintf(machine + at, sizeof(machine) - at, "%.*s/",
                                   (int)c->value.bytes.n,
                                   (const char *)c->value.bytes.p);
        }
    }
}

static enum httpa_err ask(const struct made *m, const struct question *q,
                          int64_t *ret_lapses_s)
{
    static const uint8_t nobody[32] = { 1 };
    struct httpa_slice root = httpa_buf_slice(&m->der[ROOT]);
    struct httpa_slice keys[2] = { httpa_slice_of(nobody, 32),
                                   httpa_digest_slice(&q->key) };
    struct httpa_tpm_policy policy = {
        .roots = &root,
        .root_count = q->trust == BY_FILE,
        .root_keys = keys,
        .root_key_count = q->trust == BY_KEY         ? 2
                          : q->trust == BY_OTHER_KEY ? 1
                                                     : 0,
    };
    struct httpa_tpm_vouched w = { .policy = &policy,
                                   .key = httpa_buf_slice(&m->pub),
                                   .is_ek = q->is_ek };
    struct httpa_verify_in in = { .crypto = crypto, .now_s = q->now_s };
    struct httpa_verdict *v = httpa_verdict_new();
    assert_non_null(v);
    for (size_t i = 0; i < ROLES - (q->rootless ? 1u : 0u); i++) {
        w.chain.der[w.chain.n++] = httpa_buf_slice(&m->der[i]);
    }
    enum httpa_err err = httpa_tpm_chain_check(&w, &in, v, 0, ret_lapses_s);
    read_machine(v);
    httpa_verdict_free(v);
    return err;
}

/* ------------------------------------------------------------------- rows */

struct row {
    const char *why;
    enum httpa_err err;
    enum role of; /* what |change| changes */
    struct cert_wish change;
    enum trust trust;
    bool is_ek;
    bool rootless;
    enum cert_key ak; /* another key than the leaf's */
    int64_t later_s;  /* than NOW */
    const char *machine;
};

#define NONE ((const char *)-1) /* no such extension */

static const struct row rows[] = {
    { "all is well", HTTPA_OK, .trust = BY_KEY },
    { "a root in a file", HTTPA_OK, .trust = BY_FILE },
    { "which need not be in the evidence", HTTPA_OK, .trust = BY_FILE,
      .rootless = true },
    { "a key alone does not verify", HTTPA_ERR_CHAIN, .trust = BY_KEY,
      .rootless = true },
    { "another root", HTTPA_ERR_CHAIN, .trust = BY_OTHER_KEY },
    { "no root at all", HTTPA_ERR_MISSING, .trust = BY_NOTHING },
    { "an endorsement key", HTTPA_OK, LEAF,
      { .usage = "keyEncipherment" }, .trust = BY_KEY, .is_ek = true },
    { "a key that may not sign", HTTPA_ERR_CHAIN, LEAF,
      { .usage = "keyEncipherment" }, .trust = BY_KEY },
    { "no usage is any", HTTPA_OK, LEAF, { .usage = NONE }, .trust = BY_KEY },
    { "a certificate of a CA", HTTPA_ERR_CHAIN, LEAF,
      { .basic = "critical,CA:TRUE", .usage = NONE }, .trust = BY_FILE },
    { "AK's own use", HTTPA_OK, LEAF, { .eku = "2.23.133.8.3" },
      .trust = BY_KEY },
    { "which is not an EK's", HTTPA_ERR_CHAIN, LEAF, { .eku = "2.23.133.8.3" },
      .trust = BY_KEY, .is_ek = true },
    { "no use named (AK)", HTTPA_OK, LEAF, { .eku = NONE }, .trust = BY_KEY },
    { "no use named (EK)", HTTPA_ERR_CHAIN, LEAF, { .eku = NONE },
      .trust = BY_KEY, .is_ek = true },
    { "a use of another kind", HTTPA_ERR_CHAIN, LEAF, { .eku = "serverAuth" },
      .trust = BY_KEY },
    { "another key in the quote", HTTPA_ERR_KEY, .trust = BY_KEY,
      .ak = KEY_OTHER },
    { "another key in the certificate", HTTPA_ERR_KEY, LEAF,
      { .key = KEY_OTHER }, .trust = BY_KEY },
    { "an RSA key", HTTPA_OK, LEAF, { .key = KEY_RSA }, .trust = BY_KEY,
      .ak = KEY_RSA },
    { "signed by somebody else", HTTPA_ERR_CHAIN, LEAF, { .by = KEY_OTHER },
      .trust = BY_KEY },
    { "an issuer that is none", HTTPA_ERR_CHAIN, MIDDLE,
      { .basic = "critical,CA:FALSE" }, .trust = BY_KEY },
    { "an issuer that may not", HTTPA_ERR_CHAIN, MIDDLE,
      { .usage = "critical,digitalSignature" }, .trust = BY_KEY },
    { "too long a path", HTTPA_ERR_CHAIN, ROOT,
      { .basic = "critical,CA:TRUE,pathlen:0" }, .trust = BY_KEY },
    { "names that the issuer may not", HTTPA_ERR_CHAIN, MIDDLE,
      { .names = "critical,permitted;DNS:tpm.example" }, .trust = BY_KEY },
    { "the leaf has ended", HTTPA_ERR_EXPIRED, .trust = BY_KEY,
      .later_s = YEAR + 1 },
    { "and is the first to end", HTTPA_OK, .trust = BY_KEY,
      .later_s = YEAR - 1 },
    { "the root has ended", HTTPA_ERR_EXPIRED, ROOT, { .to_s = NOW - 1 },
      .trust = BY_KEY },
    { "not yet", HTTPA_ERR_EXPIRED, MIDDLE, { .from_s = NOW + 1 },
      .trust = BY_KEY },
    { "the root's key in another's certificate", HTTPA_ERR_CHAIN, ROOT,
      { .by = KEY_OTHER }, .trust = BY_KEY },
    { "the root's key under another issuer", HTTPA_ERR_CHAIN, ROOT,
      { .issuer = "somebody" }, .trust = BY_KEY },
    { "a root of the same name", HTTPA_ERR_CHAIN, ROOT,
      { .key = KEY_OTHER, .by = KEY_OTHER }, .trust = BY_KEY },
    { "Google's machine", HTTPA_OK, LEAF, { .machine = PRODUCTION },
      .trust = BY_KEY, .machine = "z/p/5/vm/9/" },
    { "also where the key is an EK", HTTPA_OK, LEAF, { .machine = PRODUCTION },
      .trust = BY_KEY, .is_ek = true, .machine = "z/p/5/vm/9/" },
    { "Google's own machine", HTTPA_ERR_CHAIN, LEAF,
      { .machine = NO_PRODUCTION }, .trust = BY_KEY },
    { "a machine that is none", HTTPA_ERR_TRUNCATED, LEAF,
      { .machine = "3005" "0c017a" }, .trust = BY_KEY },
};

static const char *text(const char *good, const char *change)
{
    return change == NONE ? NULL : change != NULL ? change : good;
}

static void apply(struct cert_wish *w, const struct cert_wish *c)
{
    w->key = c->key != KEY_LEAF ? c->key : w->key;
    w->by = c->by != KEY_LEAF ? c->by : w->by;
    w->issuer = text(w->issuer, c->issuer);
    w->basic = text(w->basic, c->basic);
    w->usage = text(w->usage, c->usage);
    w->eku = text(w->eku, c->eku);
    w->machine = text(w->machine, c->machine);
    w->from_s = c->from_s != 0 ? c->from_s : w->from_s;
    w->to_s = c->to_s != 0 ? c->to_s : w->to_s;
}

static void one_fault_each(void **state)
{
    (void)state;
    struct cert_wish good[ROLES];
    good_certs(good);
    struct httpa_buf root = make_cert(&good[ROOT]);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct cert_wish w[ROLES];
        int64_t lapses_s = -1;
        good_certs(w);
        apply(&w[r->of], &r->change);
        w[LEAF].alt = "DNS:vm.example";
        w[MIDDLE].names = r->change.names;
        struct made m = make_all(w, r->ak);
        struct question q = { .trust = r->trust,
                              .is_ek = r->is_ek,
                              .rootless = r->rootless,
                              .now_s = NOW + r->later_s,
                              .key = key_of(httpa_buf_slice(&root)) };
        enum httpa_err err = ask(&m, &q, &lapses_s);
        if (err != r->err ||
            strcmp(machine, r->machine != NULL ? r->machine : "") != 0 ||
            lapses_s != (err == HTTPA_OK ? NOW + YEAR : -1)) {
            fail_msg("%s: %s, \"%s\"", r->why, httpa_err_name(err), machine);
        }
        unmake(&m);
    }
    httpa_buf_done(&root);
}

/* Nothing in a certificate is unsigned, and a root that is known by its key is
 * signed by itself. */
static void no_changed_byte_passes(void **state)
{
    (void)state;
    struct cert_wish w[ROLES];
    int64_t lapses_s;
    good_certs(w);
    w[LEAF].machine = PRODUCTION;
    struct made m = make_all(w, KEY_LEAF);
    struct question q = { .trust = BY_KEY,
                          .now_s = NOW,
                          .key = key_of(httpa_buf_slice(&m.der[ROOT])) };
    assert_ok(ask(&m, &q, &lapses_s));
    const size_t step = under_valgrind() ? 37 : 1;
    for (size_t i = 0; i < ROLES; i++) {
        for (size_t at = 0; at < m.der[i].n; at += step) {
            m.der[i].p[at] ^= 1;
            if (ask(&m, &q, &lapses_s) == HTTPA_OK) {
                fail_msg("byte %zu of certificate %zu may change", at, i);
            }
            m.der[i].p[at] ^= 1;
        }
    }
    assert_ok(ask(&m, &q, &lapses_s));
    unmake(&m);
}

/* ------------------------------------------------------- what is built in */

static const struct httpa_tpm_builtin *builtin(const char *name)
{
    size_t n = 0;
    const struct httpa_tpm_builtin *all = httpa_tpm_builtins(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i].name, name) == 0) {
            return &all[i];
        }
    }
    fail_msg("%s is not built in", name);
    return NULL;
}

static void built_in_keys_are_keys(void **state)
{
    (void)state;
    size_t n = 0;
    const struct httpa_tpm_builtin *all = httpa_tpm_builtins(&n);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < n; i++) {
        assert_true(all[i].key_count > 0);
        for (size_t k = 0; k < all[i].key_count; k++) {
            assert_int_equal(all[i].keys[k].n, 32);
        }
    }
    assert_true(builtin("gce")->of_eks);
    assert_false(builtin("azure")->of_eks);
}

static bool read_pem(const char *name, struct httpa_buf *der)
{
    char path[128];
    struct httpa_buf pem_text = httpa_buf_growing(65536);
    struct httpa_slice label;
    *der = httpa_buf_growing(HTTPA_CERT_MAX);
    (void)snprintf(path, sizeof(path),
                   "vectors/tpm2/gce-cos-sha256-no-nonce/%s", name);
    bool there = shared_read(path, &pem_text);
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&pem_text));
    if (there) {
        assert_ok(httpa_pem_next(&pem, &label, der));
    }
    httpa_buf_done(&pem_text);
    return there;
}

/* A machine of Google's, under the root of 2018, at its manifest's time. */
static void a_real_machine(void **state)
{
    (void)state;
    static const char *const files[] = { "ak_cert.pem", "ak_intermediate.pem",
                                         "ak_root.pem" };
    struct made m = { .pub = httpa_buf_growing(4096) };
    int64_t lapses_s;
    if (!shared_read("vectors/tpm2/gce-cos-sha256-no-nonce/ak.tpmt_public",
                     &m.pub)) {
        skip();
    }
    for (size_t i = 0; i < ROLES; i++) {
        assert_true(read_pem(files[i], &m.der[i]));
    }
    struct question q = { .trust = BY_KEY, .now_s = 1640995200 };
    memcpy(q.key.bytes, builtin("gce")->keys[1].p, 32);
    q.key.n = 32;
    assert_ok(ask(&m, &q, &lapses_s));
    assert_string_equal(machine, "us-central1-a/google.com:wuale-gcp-testing/"
                                 "117478743145/cos-test/6797026933021542085/");
    memcpy(q.key.bytes, builtin("azure")->keys[0].p, 32);
    assert_err(HTTPA_ERR_CHAIN, ask(&m, &q, &lapses_s));
    unmake(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_fault_each),
        cmocka_unit_test(no_changed_byte_passes),
        cmocka_unit_test(built_in_keys_are_keys),
        cmocka_unit_test(a_real_machine),
    };
    return cmocka_run_group_tests(tests, make_cert_keys, free_cert_keys);
}
