#include "session/meter.h"

#include "support/test.h"
#include "wire/limits.h"

static void budget_of_blocks(void **state)
{
    struct httpa_meter m;
    (void)state;
    httpa_meter_init(&m, httpa_suite_find(
                             httpa_slice_str("TLS_AES_128_GCM_SHA256")));
    uint64_t budget = m.suite->budget;
    assert_ok(httpa_meter_take(&m, 20, 17)); /* 2 + 2 + 2 */
    assert_int_equal(atomic_load(&m.used), 6);
    assert_false(httpa_meter_half(&m));
    assert_false(httpa_meter_low(&m));
    atomic_store(&m.used, budget / 2);
    assert_true(httpa_meter_half(&m));
    atomic_store(&m.used, budget - HTTPA_LIMIT_REKEY_ROOM);
    assert_false(httpa_meter_low(&m));
    atomic_store(&m.used, budget - HTTPA_LIMIT_REKEY_ROOM + 1);
    assert_true(httpa_meter_low(&m));
    atomic_store(&m.used, budget - 6);
    assert_err(HTTPA_ERR_REKEY, httpa_meter_take(&m, 20, 33));
    assert_ok(httpa_meter_take(&m, 20, 32)); /* exactly what is left */
    assert_err(HTTPA_ERR_REKEY, httpa_meter_take(&m, 0, 0));
    assert_true(atomic_load(&m.used) == budget);
}

static void budget_of_operations(void **state)
{
    struct httpa_meter m;
    (void)state;
    httpa_meter_init(&m, httpa_suite_find(httpa_slice_str(
                             "TLS_CHACHA20_POLY1305_SHA256")));
    assert_ok(httpa_meter_take(&m, 20, 65536));
    assert_int_equal(atomic_load(&m.used), 1);
    atomic_store(&m.used, m.suite->budget);
    assert_err(HTTPA_ERR_REKEY, httpa_meter_take(&m, 0, 0));
    assert_ok(httpa_meter_take(NULL, 20, 65536));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budget_of_blocks),
        cmocka_unit_test(budget_of_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
