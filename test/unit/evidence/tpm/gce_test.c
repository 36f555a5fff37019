#include "codec/hex.h"
#include "evidence/tpm/gce.h"
#include "support/test.h"

/* zone "z", project number 5, project "p", instance 9, "vm" */
#define NAMES "0c017a" "020105" "0c0170" "020109" "0c02766d"

static enum httpa_err
read_hex(const char *hex, struct httpa_buf *bytes, struct httpa_tpm_gce *g)
{
    httpa_buf_reset(bytes);
    assert_ok(httpa_hex_read(httpa_slice_str(hex), bytes));
    return httpa_tpm_gce_read(httpa_buf_slice(bytes), g);
}

static void forms(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
        enum httpa_err err;
        bool production;
    } rows[] = {
        { "no properties", "3010" NAMES, HTTPA_OK, false },
        { "of production", "3019" NAMES "a007" "3005" "a103" "0101ff", HTTPA_OK,
          true },
        { "of none", "3019" NAMES "a007" "3005" "a103" "010100", HTTPA_OK,
          false },
        { "no property", "3014" NAMES "a002" "3000", HTTPA_OK, false },
        { "a version alone", "3019" NAMES "a007" "3005" "a003" "020107",
          HTTPA_OK, false },
        { "as Google's: others behind it",
          "3023" NAMES "a011" "300f" "a003" "020100" "a103" "0101ff" "a203"
          "010100", HTTPA_OK, true },
        { "twice", "301e" NAMES "a00c" "300a" "a103" "010100" "a103" "0101ff",
          HTTPA_ERR_MALFORMED, false },
        { "in another order",
          "301e" NAMES "a00c" "300a" "a103" "0101ff" "a003" "020100",
          HTTPA_ERR_MALFORMED, false },
        { "a property without its tag", "3017" NAMES "a005" "3003" "0101ff",
          HTTPA_ERR_MALFORMED, false },
        { "a truth that is no DER", "3019" NAMES "a007" "3005" "a103" "010101",
          HTTPA_ERR_MALFORMED, false },
        { "two in one tag",
          "301c" NAMES "a00a" "3008" "a106" "0101ff" "0101ff",
          HTTPA_ERR_TRAILING, false },
        { "behind the properties", "301b" NAMES "a009" "3005" "a103" "0101ff"
          "0500", HTTPA_ERR_TRAILING, false },
        { "behind all members", "301b" NAMES "a007" "3005" "a103" "0101ff"
          "0500", HTTPA_ERR_TRAILING, false },
        { "behind it all", "3010" NAMES "00", HTTPA_ERR_TRAILING, false },
        { "a negative number",
          "3010" "0c017a" "0201ff" "0c0170" "020109" "0c02766d",
          HTTPA_ERR_RANGE, false },
        { "no zone", "300f" "0c00" "020105" "0c0170" "020109" "0c02766d",
          HTTPA_ERR_RANGE, false },
        { "no UTF-8", "3010" "0c01ff" "020105" "0c0170" "020109" "0c02766d",
          HTTPA_ERR_MALFORMED, false },
        { "another kind of text",
          "3010" "13017a" "020105" "0c0170" "020109" "0c02766d",
          HTTPA_ERR_MALFORMED, false },
        { "less", "300c" "0c017a" "020105" "0c0170" "020109",
          HTTPA_ERR_TRUNCATED, false },
        { "nothing", "", HTTPA_ERR_TRUNCATED, false },
    };
    (void)state;
    struct httpa_buf bytes = httpa_buf_growing(1024);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_tpm_gce g = { .production = false };
        enum httpa_err err = read_hex(rows[i].hex, &bytes, &g);
        if (err != rows[i].err || g.production != rows[i].production) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        if (err == HTTPA_OK) {
            assert_true(httpa_slice_is(g.zone, "z"));
            assert_true(httpa_slice_is(g.project, "p"));
            assert_true(httpa_slice_is(g.instance, "vm"));
            assert_int_equal(g.project_number, 5);
            assert_int_equal(g.instance_id, 9);
        } else {
            assert_null(g.zone.p); /* left alone */
        }
    }
    httpa_buf_done(&bytes);
}

/* Every beginning of it is refused, and read no further than it goes. */
static void truncated(void **state)
{
    (void)state;
    struct httpa_buf bytes = httpa_buf_growing(1024);
    struct httpa_tpm_gce g;
    assert_ok(read_hex("3019" NAMES "a007" "3005" "a103" "0101ff", &bytes, &g));
    for (size_t n = 0; n < bytes.n; n++) {
        uint8_t *cut = exact_copy(bytes.p, n);
        assert_true(httpa_tpm_gce_read(httpa_slice_of(cut, n), &g) != HTTPA_OK);
        free(cut);
    }
    httpa_buf_done(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
