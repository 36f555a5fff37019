/* A profile's own members, one fault each, on reports that verified. */
#include "maker.h"

static const struct httpa_snp_floor floor_now[] = { { "milan", 4, 1, 24, 219,
                                                      0 } };

/* What an honest Milan report of the maker meets exactly. */
static const struct httpa_snp_policy strict = {
    .floors = floor_now,
    .floor_count = 1,
    .vcek = true,
    .smt = HTTPA_DEMAND_TRUE,
    .alias_check = HTTPA_DEMAND_TRUE,
    .ecc = HTTPA_DEMAND_TRUE,
    .tsme = HTTPA_DEMAND_FALSE,
};

static struct maker m;

static enum httpa_err
judge(const struct httpa_snp_policy *policy, const char *failed)
{
    struct httpa_profile profile = { .type = "sev-snp", .snp = policy };
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_verify_in in = {
        .crypto = m.crypto,
        .value = httpa_slice_of(m.report, sizeof(m.report)),
    };
    assert_ok(maker_verify(&m, v));
    enum httpa_err err = httpa_snp_judge(&profile, &in, v, 0);
    size_t faults = 0;
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (c->outcome == HTTPA_OUTCOME_FAIL) {
            assert_string_equal(c->id, failed);
            assert_non_null(c->text);
            faults++;
        }
    }
    assert_int_equal(faults, failed != NULL);
    httpa_verdict_free(v);
    return err;
}

static void strictly_met(void **state)
{
    (void)state;
    assert_ok(judge(&strict, NULL));
}

/* A byte of the report changed and signed again. */
static void faults_of_reports(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
        const char *failed;
    } rows[] = {
        { 0x00a, 0x0b, "sev-snp.debug" },
        { 0x00a, 0x07, "sev-snp.guest_policy.migration_agent" },
        { 0x00a, 0x02, "sev-snp.guest_policy.smt" },
        { 0x030, 1, "sev-snp.vmpl" },
        { 0x040, 0x05, "sev-snp.platform_info.alias_check" },
        { 0x040, 0x21, "sev-snp.platform_info.ecc" },
        { 0x040, 0x27, "sev-snp.platform_info.tsme" },
        { 0x1f0, 3, "sev-snp.min_tcb.launch" },
        { 0x1e8, 0x1e, "sev-snp.provisional_firmware" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t before = m.report[rows[i].at];
        m.report[rows[i].at] = rows[i].value;
        maker_sign(&m);
        assert_err(HTTPA_ERR_APPRAISAL, judge(&strict, rows[i].failed));
        m.report[rows[i].at] = before;
    }
    maker_sign(&m);
}

static void faults_of_policies(void **state)
{
    static const struct httpa_snp_floor genoa[] = { { "genoa", 0, 0, 0, 0,
                                                      0 } };
    static const uint8_t other[64] = { 1 };
    const struct httpa_slice chips[] = { { other, sizeof(other) } };
    const struct {
        const char *failed;
        struct httpa_snp_policy p;
    } rows[] = {
        { "sev-snp.min_tcb",
          { .floors = genoa, .floor_count = 1, .vcek = true } },
        { "sev-snp.min_tcb", { .vcek = true } },
        { "sev-snp.signed_by", { .insecure_any_tcb = true, .vlek = true } },
        { "sev-snp.chips",
          { .insecure_any_tcb = true,
            .vcek = true,
            .chips = chips,
            .chip_count = 1 } },
        { "sev-snp.guest_policy.abi_min",
          { .insecure_any_tcb = true, .vcek = true, .abi_minor = 1 } },
        { "sev-snp.guest_policy.single_socket",
          { .insecure_any_tcb = true,
            .vcek = true,
            .single_socket = HTTPA_DEMAND_TRUE } },
        { "sev-snp.vmpl",
          { .insecure_any_tcb = true, .vcek = true, .vmpls = 1 << 2 } },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_err(HTTPA_ERR_APPRAISAL, judge(&rows[i].p, rows[i].failed));
    }
}

/* One component below its floor, whatever the others are. */
static void each_component_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct httpa_snp_floor f = floor_now[0];
        struct httpa_snp_policy p = strict;
        uint8_t *parts[] = { &f.boot_loader, &f.tee, &f.snp, &f.microcode };
        struct httpa_verdict *v = httpa_verdict_new();
        struct httpa_profile profile = { .type = "sev-snp", .snp = &p };
        struct httpa_verify_in in = { .value = httpa_slice_of(
                                          m.report, sizeof(m.report)) };
        p.floors = &f;
        (*parts[i])++;
        assert_ok(maker_verify(&m, v));
        assert_err(HTTPA_ERR_APPRAISAL, httpa_snp_judge(&profile, &in, v, 0));
        httpa_verdict_free(v);
    }
}

/* The host may go back to what it committed: that has to be good as well. */
static void committed_counts(void **state)
{
    (void)state;
    m.report[0x1e0] = 3;
    maker_sign(&m);
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_snp_policy p = strict;
    struct httpa_profile profile = { .type = "sev-snp", .snp = &p };
    struct httpa_verify_in in = { .value = httpa_slice_of(m.report,
                                                          sizeof(m.report)) };
    assert_ok(maker_verify(&m, v));
    assert_err(HTTPA_ERR_APPRAISAL, httpa_snp_judge(&profile, &in, v, 0));
    httpa_verdict_free(v);
    m.report[0x1e0] = 4;
    maker_sign(&m);
}

static void nothing_set_accepts_nothing(void **state)
{
    struct httpa_profile profile = { .type = "sev-snp" };
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_verify_in in = { .value = httpa_slice_of(m.report,
                                                          sizeof(m.report)) };
    (void)state;
    assert_ok(maker_verify(&m, v));
    assert_err(HTTPA_ERR_APPRAISAL, httpa_snp_judge(&profile, &in, v, 0));
    httpa_verdict_free(v);
}

static void vlek_and_its_cloud(void **state)
{
    static const struct maker_wish wish = { .vlek = true };
    struct httpa_snp_policy p = { .insecure_any_tcb = true, .vlek = true };
    (void)state;
    maker_done(&m);
    maker_init(&m, &wish);
    assert_ok(judge(&p, NULL));
    p.csp_id = "cloud";
    assert_ok(judge(&p, NULL));
    p.csp_id = "other";
    assert_err(HTTPA_ERR_APPRAISAL, judge(&p, "sev-snp.signed_by"));
}

static int setup(void **state)
{
    static const struct maker_wish wish = { .line = HTTPA_SNP_MILAN };
    (void)state;
    maker_init(&m, &wish);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    maker_done(&m);
    return 0;
}

/* Without a current list nobody knows; where one is, it is looked at. */
static void a_list_is_demanded(void **state)
{
    static const struct {
        int64_t from_s;
        int64_t to_s;
        enum httpa_err err;
    } rows[] = {
        { 0, 0, HTTPA_ERR_UNDECIDED }, /* none */
        { -20, -10, HTTPA_ERR_UNDECIDED },
        { 10, 20, HTTPA_ERR_UNDECIDED },
        { -10, 10, HTTPA_OK },
    };
    struct httpa_snp_policy demands = strict;
    (void)state;
    demands.crl = true;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].to_s != 0) {
            maker_list(&m, &m.ark, false, MAKER_NOW + rows[i].from_s,
                       MAKER_NOW + rows[i].to_s);
        }
        assert_err(rows[i].err, judge(&demands, NULL));
        assert_ok(judge(&strict, NULL));
    }
    demands.vmpls = 1 << 2; /* what fails goes before what is open */
    m.endorsement_count = 3;
    assert_err(HTTPA_ERR_APPRAISAL, judge(&demands, "sev-snp.vmpl"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strictly_met),
        cmocka_unit_test(faults_of_reports),
        cmocka_unit_test(faults_of_policies),
        cmocka_unit_test(each_component_counts),
        cmocka_unit_test(committed_counts),
        cmocka_unit_test(nothing_set_accepts_nothing),
        cmocka_unit_test(a_list_is_demanded),
        cmocka_unit_test(vlek_and_its_cloud),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
