/* Verification with a PKI of our own: what passes, and that nothing else
 * does. */
#include "maker.h"

/* Every byte, but for valgrind. */
#define STEP (under_valgrind() ? 41u : 1u)

static const struct maker_wish honest = { .line = HTTPA_SNP_MILAN };

static enum httpa_err verify(struct maker *m)
{
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_err err = maker_verify(m, v);
    httpa_verdict_free(v);
    return err;
}

static void honest_reports_pass(void **state)
{
    static const struct maker_wish rows[] = {
        { .line = HTTPA_SNP_MILAN },
        { .line = HTTPA_SNP_MILAN, .vlek = true },
        { .line = HTTPA_SNP_GENOA, .wrapped_hwid = true },
        { .line = HTTPA_SNP_TURIN },
        { .line = HTTPA_SNP_TURIN, .vlek = true },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct maker m;
        maker_init(&m, &rows[i]);
        assert_ok(verify(&m));
        maker_done(&m);
    }
}

static void no_changed_byte_passes(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    for (size_t i = 0; i < sizeof(m.report); i += STEP) {
        uint8_t before = m.report[i];
        m.report[i] ^= (uint8_t)(1u << i % 8);
        if (verify(&m) == HTTPA_OK) {
            fail_msg("byte %zu changed, and it passed", i);
        }
        m.report[i] = before;
    }
    assert_ok(verify(&m));
    maker_done(&m);
}

/* Each byte of each certificate; the root's are judged by its key alone, so
 * those outside the key may differ. */
static void no_changed_certificate_passes(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    struct httpa_buf *all[] = { &m.leaf.der, &m.ask.der };
    for (size_t c = 0; c < COUNT(all); c++) {
        for (size_t i = 0; i < all[c]->n; i += 3 * STEP) {
            uint8_t before = all[c]->p[i];
            all[c]->p[i] ^= (uint8_t)(1u << i % 8);
            if (verify(&m) == HTTPA_OK) {
                fail_msg("certificate %zu, byte %zu", c, i);
            }
            all[c]->p[i] = before;
        }
    }
    maker_done(&m);
}

/* A certificate for the root's key, of somebody else and without the right to
 * sign lists: DER, for OPENSSL_free. */
static int make_foreign_root(struct maker *m, unsigned char **ret_der)
{
    const unsigned char *at = m->ark.der.p;
    X509 *x = d2i_X509(NULL, &at, (long)m->ark.der.n);
    X509_NAME *name = X509_NAME_new();
    maker_name(name, "Somebody");
    X509_set_issuer_name(x, name);
    X509_EXTENSION_free(
        X509_delete_ext(x, X509_get_ext_by_NID(x, NID_key_usage, -1)));
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, NULL, NID_key_usage,
                                             "critical,keyCertSign");
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    assert_true(X509_sign(x, m->leaf.key, EVP_sha384()) > 0);
    int n = i2d_X509(x, ret_der);
    X509_NAME_free(name);
    X509_free(x);
    return n;
}

/* Who is judged cannot take the root's revocation list away by sending
 * another certificate for the root's key, before or after it. */
static void a_foreign_root_hides_no_list(void **state)
{
    struct maker m;
    unsigned char *der = NULL;
    (void)state;
    maker_init(&m, &honest);
    maker_list(&m, &m.ark, true, MAKER_NOW - 10, MAKER_NOW + 10);
    int n = make_foreign_root(&m, &der);
    for (size_t place = 0; place < 2; place++) {
        struct httpa_endorsement all[5];
        memcpy(all + 1 - place, m.endorsements, sizeof(m.endorsements));
        all[4 * place] = (struct httpa_endorsement){
            httpa_slice_str(HTTPA_ENDORSEMENT_CERT),
            httpa_slice_of(der, (size_t)n)
        };
        struct httpa_verify_in in = {
            .crypto = m.crypto,
            .value = httpa_slice_of(m.report, sizeof(m.report)),
            .rd = m.rd,
            .endorsements = all,
            .endorsement_count = COUNT(all),
            .now_s = MAKER_NOW,
        };
        struct httpa_verdict *v = httpa_verdict_new();
        assert_int_not_equal(httpa_snp_verify(&in, m.roots, v, 0), HTTPA_OK);
        httpa_verdict_free(v);
    }
    OPENSSL_free(der);
    maker_done(&m);
}

static void what_is_missing_is_undecided(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    for (size_t i = 0; i < 3; i++) {
        struct httpa_endorsement kept = m.endorsements[i];
        m.endorsements[i].media_type = httpa_slice_str("text/plain");
        assert_err(HTTPA_ERR_UNDECIDED, verify(&m));
        m.endorsements[i] = kept;
    }
    assert_ok(verify(&m));
    maker_done(&m);
}

static void another_root_is_refused(void **state)
{
    struct maker m;
    struct maker other;
    (void)state;
    maker_init(&m, &honest);
    maker_init(&other, &honest);
    /* its own root is not pinned: as if it were missing */
    struct httpa_endorsement own = m.endorsements[2];
    m.endorsements[2] = other.endorsements[2];
    assert_err(HTTPA_ERR_UNDECIDED, verify(&m));
    /* and the pinned one did not sign this */
    memcpy(m.roots, other.roots, sizeof(m.roots));
    assert_err(HTTPA_ERR_CHAIN, verify(&m));
    m.endorsements[2] = own;
    assert_err(HTTPA_ERR_UNDECIDED, verify(&m));
    maker_done(&m);
    maker_done(&other);
}

/* The root of another product line vouches for nothing here. */
static void lines_do_not_mix(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    m.roots[0].line = HTTPA_SNP_GENOA;
    assert_err(HTTPA_ERR_UNDECIDED, verify(&m));
    m.roots[0].line = HTTPA_SNP_MILAN;
    m.report[0x188] = 0x1a;
    maker_sign(&m);
    assert_err(HTTPA_ERR_EVIDENCE, verify(&m));
    maker_done(&m);
}

static void a_certificate_that_does_not_fit(void **state)
{
    static const struct {
        struct maker_wish wish;
        enum httpa_err err;
    } rows[] = {
        { { .spl_off = 1 }, HTTPA_ERR_EVIDENCE },
        { { .spl_off = (uint8_t)-1 }, HTTPA_ERR_EVIDENCE },
        { { .left_out = "1.3.6.1.4.1.3704.1.3.8" }, HTTPA_ERR_MISSING },
        { { .line = HTTPA_SNP_TURIN, .left_out = "1.3.6.1.4.1.3704.1.3.9" },
          HTTPA_ERR_MISSING },
        { { .leaf_ends_s = MAKER_NOW - 1 }, HTTPA_ERR_EXPIRED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct maker m;
        maker_init(&m, &rows[i].wish);
        assert_err(rows[i].err, verify(&m));
        maker_done(&m);
    }
}

/* Signed again by the right key: only the certificate can tell. */
static void another_chip_is_refused(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    m.report[0x1a0] ^= 1;
    maker_sign(&m);
    assert_err(HTTPA_ERR_EVIDENCE, verify(&m));
    /* a zero name is no match, unless the platform masks it */
    memset(m.report + 0x1a0, 0, 64);
    maker_sign(&m);
    assert_err(HTTPA_ERR_EVIDENCE, verify(&m));
    m.report[0x48] |= 2;
    maker_sign(&m);
    assert_ok(verify(&m));
    /* and the other kind of key does not pass for this one */
    m.report[0x48] = 4;
    maker_sign(&m);
    assert_err(HTTPA_ERR_UNDECIDED, verify(&m));
    maker_done(&m);
}

static enum httpa_outcome
said_of_the_list(struct maker *m, enum httpa_err expected)
{
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_outcome outcome = HTTPA_OUTCOME_UNKNOWN;
    assert_err(expected, maker_verify(m, v));
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (strcmp(c->id, "sev-snp.crl") == 0) {
            outcome = c->outcome;
            assert_int_equal(c->lapses_s != 0, outcome == HTTPA_OUTCOME_PASS);
        }
    }
    httpa_verdict_free(v);
    return outcome;
}

static void revoked_is_refused(void **state)
{
    static const struct {
        bool by_ask;
        bool revokes;
        int64_t from_s;
        int64_t to_s;
        enum httpa_err err;
        enum httpa_outcome outcome;
    } rows[] = {
        { false, false, -10, 10, HTTPA_OK, HTTPA_OUTCOME_PASS },
        { false, true, -10, 10, HTTPA_ERR_CHAIN, HTTPA_OUTCOME_FAIL },
        /* an old list that does not name it says nothing; else it does */
        { false, false, -20, -10, HTTPA_OK, HTTPA_OUTCOME_SKIP },
        { false, true, -20, -10, HTTPA_ERR_CHAIN, HTTPA_OUTCOME_FAIL },
        { false, false, 10, 20, HTTPA_OK, HTTPA_OUTCOME_SKIP },
        /* one that the root did not sign is none */
        { true, true, -10, 10, HTTPA_OK, HTTPA_OUTCOME_SKIP },
    };
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    assert_int_equal(said_of_the_list(&m, HTTPA_OK), HTTPA_OUTCOME_SKIP);
    for (size_t i = 0; i < COUNT(rows); i++) {
        maker_list(&m, rows[i].by_ask ? &m.ask : &m.ark, rows[i].revokes,
                   MAKER_NOW + rows[i].from_s, MAKER_NOW + rows[i].to_s);
        assert_int_equal(said_of_the_list(&m, rows[i].err), rows[i].outcome);
    }
    maker_done(&m);
}

static void it_is_bound(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    for (size_t i = 0; i < sizeof(m.rd); i++) {
        m.rd[i] ^= 1;
        assert_err(HTTPA_ERR_EVIDENCE, verify(&m));
        m.rd[i] ^= 1;
    }
    /* offline: a nonce, padded with zeros */
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_verify_in in = {
        .crypto = m.crypto,
        .value = httpa_slice_of(m.report, sizeof(m.report)),
        .nonce = httpa_slice_of(m.rd, sizeof(m.rd)),
        .endorsements = m.endorsements,
        .endorsement_count = 3,
        .now_s = MAKER_NOW,
    };
    assert_ok(httpa_snp_verify(&in, m.roots, v, 0));
    in.nonce.n--;
    httpa_verdict_free(v);
    v = httpa_verdict_new();
    assert_err(HTTPA_ERR_EVIDENCE, httpa_snp_verify(&in, m.roots, v, 0));
    httpa_verdict_free(v);
    maker_done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_reports_pass),
        cmocka_unit_test(no_changed_byte_passes),
        cmocka_unit_test(no_changed_certificate_passes),
        cmocka_unit_test(a_foreign_root_hides_no_list),
        cmocka_unit_test(what_is_missing_is_undecided),
        cmocka_unit_test(another_root_is_refused),
        cmocka_unit_test(lines_do_not_mix),
        cmocka_unit_test(a_certificate_that_does_not_fit),
        cmocka_unit_test(another_chip_is_refused),
        cmocka_unit_test(revoked_is_refused),
        cmocka_unit_test(it_is_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
