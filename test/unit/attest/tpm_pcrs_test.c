#include "attest/tpm_pcrs.h"

#include "support/test.h"

static void what_is_understood(void **state)
{
    static const struct {
        const char *text;
        size_t banks;
        uint16_t hash;
        uint32_t mask;
    } rows[] = {
        { "sha256:0", 1, HTTPA_TPM_SHA256, 1 },
        { "sha256:0-23", 1, HTTPA_TPM_SHA256, 0xffffff },
        { "sha256:0-7,16", 1, HTTPA_TPM_SHA256, 0x100ff },
        { "sha384:23,0", 1, HTTPA_TPM_SHA384, 0x800001 },
        { "sha256:1,1", 1, HTTPA_TPM_SHA256, 2 },
        { "sha512:4-4+sha256:1", 2, HTTPA_TPM_SHA512, 16 },
        { "sha256:0+sha384:0+sha512:0", 3, HTTPA_TPM_SHA256, 1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_attest_diag diag;
        struct httpa_tpm_values v = { 0 };
        assert_ok(httpa_tpm_pcrs_parse(rows[i].text, &v, &diag));
        assert_int_equal(v.select_n, rows[i].banks);
        assert_int_equal(v.select[0].hash, rows[i].hash);
        assert_int_equal(v.select[0].mask, rows[i].mask);
    }
}

static void what_is_not(void **state)
{
    static const char *const rows[] = {
        "",           "sha256",      "sha256:",
        "sha256:24",  "sha256:0-24", "sha256:7-0",
        "sha256:0,",  "sha256:0+",   "sha256:0 ",
        " sha256:0",  "sha1:0",      "sm3:0",
        "sha256:-1",  "sha256:0--1", "sha256:0+sha256:1",
        "SHA256:0",   "sha256:0x1",  "sha256:4294967296",
        "sha256:all",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_attest_diag diag;
        struct httpa_tpm_values v = { .select_n = 7 };
        enum httpa_err err = httpa_tpm_pcrs_parse(rows[i], &v, &diag);
        if (err != HTTPA_ERR_CONFIG) {
            fail_msg("\"%s\": %s", rows[i], httpa_err_name(err));
        }
        assert_int_equal(v.select_n, 7);
        assert_non_null(strstr(diag.text, "sha256:0-7,16+sha384:0"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_understood),
        cmocka_unit_test(what_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
