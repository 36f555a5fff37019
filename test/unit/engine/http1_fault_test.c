#include "engine/http1_fault.h"
#include "support/test.h"

/* Logs and tests lean on the reasons: every row is there and none twice. */
static void every_fault_has_its_own_reason(void **state)
{
    (void)state;
    for (int i = 0; i < HTTPA_HTTP1_FAULTS; i++) {
        const struct httpa_http1_refusal *a =
            httpa_http1_refusal((enum httpa_http1_fault)i);
        assert_non_null(a->reason);
        assert_int_equal(a->err == HTTPA_OK, i == HTTPA_HTTP1_FINE);
        assert_int_equal(a->status == 200, i == HTTPA_HTTP1_FINE);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(
                a->reason,
                httpa_http1_refusal((enum httpa_http1_fault)k)->reason);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_its_own_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
