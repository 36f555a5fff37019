/* What documents say about themselves: made here, every kind. */
#include "collateral/facts.h"

#include "codec/pem.h"
#include "unit/evidence/intel/documents.h"
#include "unit/evidence/snp/maker.h"

static struct maker m;
static struct httpa_collateral_facts facts;

static int make(void **state)
{
    static const struct maker_wish wish = { .line = HTTPA_SNP_MILAN };
    (void)state;
    maker_init(&m, &wish);
    maker_list(&m, &m.ark, false, MAKER_NOW - 5, MAKER_NOW + 95);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    maker_done(&m);
    return 0;
}

static enum httpa_err look(const char *type, struct httpa_slice value)
{
    const struct httpa_endorsement e = { httpa_slice_str(type), value };
    return httpa_collateral_look(m.crypto, &e, &facts);
}

static void certificates(void **state)
{
    struct httpa_cert *ask = NULL;
    struct httpa_buf pem = httpa_buf_growing(65536);
    (void)state;
    assert_ok(look(HTTPA_ENDORSEMENT_CERT, httpa_buf_slice(&m.ask.der)));
    assert_string_equal(facts.kind, "certificate");
    assert_non_null(strstr(facts.whom, "CN="));
    assert_ok(httpa_cert_read(m.crypto, httpa_buf_slice(&m.ask.der), &ask));
    assert_int_equal(facts.lapses_s, httpa_cert_not_after(ask));
    httpa_cert_free(ask);
    httpa_pem_write(&pem, "CERTIFICATE", httpa_buf_slice(&m.ask.der));
    httpa_pem_write(&pem, "CERTIFICATE", httpa_buf_slice(&m.ark.der));
    assert_ok(look(HTTPA_ENDORSEMENT_CHAIN, httpa_buf_slice(&pem)));
    assert_non_null(strstr(facts.whom, "CN="));
    httpa_buf_cut(&pem, pem.n - 40);
    assert_true(look(HTTPA_ENDORSEMENT_CHAIN, httpa_buf_slice(&pem)) !=
                HTTPA_OK);
    assert_int_equal(look(HTTPA_ENDORSEMENT_CHAIN, httpa_slice_str("")),
                     HTTPA_ERR_MISSING);
    httpa_buf_done(&pem);
}

static void lists(void **state)
{
    (void)state;
    assert_ok(look(HTTPA_ENDORSEMENT_CRL, httpa_buf_slice(&m.list)));
    assert_string_equal(facts.kind, "crl");
    assert_string_equal(facts.whom, "ARK");
    assert_int_equal(facts.issued_s, MAKER_NOW - 5);
    assert_int_equal(facts.lapses_s, MAKER_NOW + 95);
}

static void documents_of_intel(void **state)
{
    struct httpa_buf b = httpa_buf_growing(65536);
    (void)state;
    put_info(&b, &good_info);
    assert_ok(look(HTTPA_INTEL_TYPE_TCB_INFO, httpa_buf_slice(&b)));
    assert_string_equal(facts.kind, "tcb-info");
    assert_string_equal(facts.whom, "TDX FMSPC b0c06f000001");
    assert_int_equal(facts.issued_s, 1750328163); /* 2025-06-19T10:16:03Z */
    assert_int_equal(facts.lapses_s, 1752920163);
    assert_int_equal(facts.evaluation, 17);
    httpa_buf_reset(&b);
    put_identity(&b, &good_identity);
    assert_ok(look(HTTPA_INTEL_TYPE_QE_IDENTITY, httpa_buf_slice(&b)));
    assert_string_equal(facts.kind, "qe-identity");
    httpa_buf_reset(&b);
    put_evaluations(&b, &good_evaluations);
    assert_ok(look(HTTPA_INTEL_TYPE_EVALUATIONS, httpa_buf_slice(&b)));
    assert_string_equal(facts.kind, "tcb-evaluations");
    assert_string_equal(facts.whom, "TDX");
    assert_int_equal(facts.lapses_s, 1752920163);
    httpa_buf_done(&b);
}

/* A key of Arm CCA has no dates. */
static void keys(void **state)
{
    struct httpa_cert *ask = NULL;
    struct httpa_buf pem = httpa_buf_growing(65536);
    (void)state;
    assert_ok(httpa_cert_read(m.crypto, httpa_buf_slice(&m.ask.der), &ask));
    httpa_pem_write(&pem, "PUBLIC KEY", httpa_cert_spki(ask));
    assert_ok(look(HTTPA_ENDORSEMENT_CPAK, httpa_buf_slice(&pem)));
    assert_string_equal(facts.kind, "cpak");
    assert_int_equal(strlen(facts.whom), strlen("CPAK ") + 64);
    assert_int_equal(facts.lapses_s, 0);
    httpa_pem_write(&pem, "PUBLIC KEY", httpa_cert_spki(ask));
    assert_int_equal(look(HTTPA_ENDORSEMENT_CPAK, httpa_buf_slice(&pem)),
                     HTTPA_ERR_MALFORMED);
    httpa_buf_reset(&pem);
    httpa_pem_write(&pem, "CERTIFICATE", httpa_buf_slice(&m.ask.der));
    assert_int_equal(look(HTTPA_ENDORSEMENT_CPAK, httpa_buf_slice(&pem)),
                     HTTPA_ERR_MALFORMED);
    httpa_cert_free(ask);
    httpa_buf_done(&pem);
}

/* No cut of any document is one. */
static void truncated(void **state)
{
    const struct {
        const char *type;
        struct httpa_slice value;
    } rows[] = {
        { HTTPA_ENDORSEMENT_CERT, httpa_buf_slice(&m.leaf.der) },
        { HTTPA_ENDORSEMENT_CRL, httpa_buf_slice(&m.list) },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t n = 0; n < rows[i].value.n; n++) {
            assert_int_not_equal(
                look(rows[i].type, httpa_slice_of(rows[i].value.p, n)),
                HTTPA_OK);
        }
    }
    assert_int_equal(look("text/html", httpa_slice_str("<html>")),
                     HTTPA_ERR_UNSUPPORTED);
}

static void age_by_evaluation_then_date(void **state)
{
    const struct httpa_collateral_facts a = { .evaluation = 17,
                                              .issued_s = 20 };
    const struct httpa_collateral_facts b = { .evaluation = 18,
                                              .issued_s = 10 };
    const struct httpa_collateral_facts c = { .evaluation = 18,
                                              .issued_s = 11 };
    (void)state;
    assert_true(httpa_collateral_is_older(&a, &b));
    assert_false(httpa_collateral_is_older(&b, &a));
    assert_true(httpa_collateral_is_older(&b, &c));
    assert_false(httpa_collateral_is_older(&b, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates),
        cmocka_unit_test(lists),
        cmocka_unit_test(documents_of_intel),
        cmocka_unit_test(keys),
        cmocka_unit_test(truncated),
        cmocka_unit_test(age_by_evaluation_then_date),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
