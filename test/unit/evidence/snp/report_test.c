/* The form of a report: lengths, versions, bits that must be set or clear. */
#include "evidence/snp/report.h"
#include "support/test.h"

static uint8_t bytes[HTTPA_SNP_REPORT];

/* The smallest report that parses: version 2, VCEK. */
static void start(void)
{
    memset(bytes, 0, sizeof(bytes));
    bytes[0] = 2;
    bytes[0x0a] = 2; /* bit 17 of POLICY */
    bytes[0x34] = 1;
}

static enum httpa_err read_it(struct httpa_snp_report *r)
{
    return httpa_snp_report_read(httpa_slice_of(bytes, sizeof(bytes)), r);
}

static void lengths(void **state)
{
    struct httpa_snp_report r;
    (void)state;
    start();
    assert_ok(read_it(&r));
    for (size_t n = 0; n < sizeof(bytes); n++) {
        uint8_t *exact = malloc(n + 1);
        memcpy(exact, bytes, n);
        assert_err(HTTPA_ERR_TRUNCATED,
                   httpa_snp_report_read(httpa_slice_of(exact, n), &r));
        free(exact);
    }
    uint8_t longer[sizeof(bytes) + 1] = { 0 };
    memcpy(longer, bytes, sizeof(bytes));
    assert_err(
        HTTPA_ERR_TRAILING,
        httpa_snp_report_read(httpa_slice_of(longer, sizeof(longer)), &r));
}

struct row {
    size_t at;
    uint8_t value;
    enum httpa_err err;
};

static void single_bytes(void **state)
{
    static const struct row rows[] = {
        { 0x000, 0, HTTPA_ERR_UNSUPPORTED }, /* version */
        { 0x000, 1, HTTPA_ERR_UNSUPPORTED },
        { 0x000, 3, HTTPA_OK },
        { 0x000, 5, HTTPA_OK },
        { 0x000, 6, HTTPA_ERR_UNSUPPORTED },
        { 0x001, 1, HTTPA_ERR_UNSUPPORTED },
        { 0x00a, 0, HTTPA_ERR_MALFORMED }, /* POLICY bit 17 */
        { 0x00b, 4, HTTPA_ERR_MALFORMED }, /* POLICY bit 26 */
        { 0x030, 3, HTTPA_OK },            /* VMPL */
        { 0x030, 4, HTTPA_ERR_MALFORMED },
        { 0x034, 0, HTTPA_ERR_UNSUPPORTED }, /* algorithm */
        { 0x034, 2, HTTPA_ERR_UNSUPPORTED },
        { 0x040, 0xff, HTTPA_OK },         /* PLATFORM_INFO: told, not judged */
        { 0x048, 4, HTTPA_OK },            /* VLEK */
        { 0x048, 8, HTTPA_ERR_MALFORMED }, /* another signer */
        { 0x048, 0x1c, HTTPA_ERR_UNSUPPORTED }, /* nobody */
        { 0x048, 0x20, HTTPA_ERR_MALFORMED },
        { 0x04c, 1, HTTPA_ERR_MALFORMED },
        { 0x188, 1, HTTPA_ERR_MALFORMED }, /* version 2 has no CPUID */
        { 0x18b, 1, HTTPA_ERR_MALFORMED },
        { 0x19f, 1, HTTPA_ERR_MALFORMED },
        { 0x1eb, 1, HTTPA_ERR_MALFORMED },
        { 0x1f8, 1, HTTPA_ERR_MALFORMED }, /* of version 5 only */
        { 0x208, 1, HTTPA_ERR_MALFORMED },
        { 0x29f, 1, HTTPA_ERR_MALFORMED },
        { 0x2a0, 1, HTTPA_OK },
        { 0x2d0, 1, HTTPA_ERR_MALFORMED }, /* upper part of R */
        { 0x318, 1, HTTPA_ERR_MALFORMED }, /* and of S */
        { 0x330, 1, HTTPA_ERR_MALFORMED },
        { 0x49f, 1, HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_snp_report r;
        start();
        bytes[rows[i].at] = rows[i].value;
        if (read_it(&r) != rows[i].err) {
            fail_msg("0x%03zx = 0x%02x", rows[i].at, rows[i].value);
        }
    }
}

static void later_versions_have_more(void **state)
{
    struct httpa_snp_report r;
    (void)state;
    start();
    bytes[0] = 5;
    bytes[0x188] = 0x1a;
    bytes[0x1f8] = 7;
    assert_ok(read_it(&r));
    assert_int_equal(r.cpuid[0], 0x1a);
}

/* R and S stand in the report with their least byte first. */
static void a_signature_is_turned_round(void **state)
{
    struct httpa_snp_report r;
    (void)state;
    start();
    for (size_t i = 0; i < 48; i++) {
        bytes[0x2a0 + i] = (uint8_t)i;
        bytes[0x2e8 + i] = (uint8_t)(100 + i);
    }
    assert_ok(read_it(&r));
    for (size_t i = 0; i < 48; i++) {
        assert_int_equal(r.signature[i], 47 - i);
        assert_int_equal(r.signature[48 + i], 147 - i);
    }
}

static void tcb_by_component(void **state)
{
    (void)state;
    uint64_t raw = UINT64_C(0x0807060504030201);
    struct httpa_snp_tcb milan = httpa_snp_tcb_of(raw, false);
    struct httpa_snp_tcb turin = httpa_snp_tcb_of(raw, true);
    static const uint8_t old[] = { 1, 2, 7, 8, 0 };
    static const uint8_t new[] = { 2, 3, 4, 8, 1 };
    assert_memory_equal(milan.v, old, sizeof(old));
    assert_memory_equal(turin.v, new, sizeof(new));
    /* larger as a number, and one component smaller */
    struct httpa_snp_tcb a = httpa_snp_tcb_of(UINT64_C(2) << 56, false);
    struct httpa_snp_tcb b = httpa_snp_tcb_of(UINT64_C(1) << 56 | 5, false);
    assert_int_equal(httpa_snp_tcb_below(&a, &b), 0);
    assert_int_equal(httpa_snp_tcb_below(&b, &a), 3);
    assert_int_equal(httpa_snp_tcb_below(&a, &a), HTTPA_SNP_COMPONENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths),
        cmocka_unit_test(single_bytes),
        cmocka_unit_test(later_versions_have_more),
        cmocka_unit_test(a_signature_is_turned_round),
        cmocka_unit_test(tcb_by_component),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
