#include "base/reader.h"
#include "base/secret.h"
#include "support/test.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 9 };

static struct httpa_reader all(void)
{
    return httpa_reader_of(httpa_slice_of(bytes, sizeof(bytes)));
}

static void integers(void **state)
{
    (void)state;
    struct httpa_reader r = all();
    assert_int_equal(httpa_read_u8(&r), 1);
    assert_int_equal(httpa_read_u16(&r), 0x0203);
    assert_int_equal(httpa_read_u32le(&r), 0x07060504);
    r = all();
    assert_true(httpa_read_u64(&r) == 0x0102030405060708u);
    r = all();
    assert_true(httpa_read_u64le(&r) == 0x0807060504030201u);
    r = all();
    assert_int_equal(httpa_read_u32(&r), 0x01020304);
    assert_int_equal(httpa_read_u16le(&r), 0x0605);
}

static void end_tells_short_from_long(void **state)
{
    (void)state;
    struct httpa_reader r = all();
    assert_int_equal(httpa_read_slice(&r, 8).n, 8);
    assert_err(HTTPA_ERR_TRAILING, httpa_reader_end(&r));
    httpa_read_zeros(&r, 2);
    assert_true(httpa_reader_ok(&r));
    assert_int_equal(httpa_read_u8(&r), 9);
    assert_ok(httpa_reader_end(&r));
    assert_int_equal(httpa_read_u8(&r), 0);
    assert_err(HTTPA_ERR_TRUNCATED, httpa_reader_end(&r));
}

static void failure_is_sticky_and_yields_zeros(void **state)
{
    (void)state;
    struct httpa_reader r = all();
    assert_int_equal(httpa_read_slice(&r, 12).n, 0);
    uint8_t out[4] = { 9, 9, 9, 9 };
    httpa_read_into(&r, out, sizeof(out)); /* 11 bytes are there: not used */
    assert_memory_equal(out, "\0\0\0\0", 4);
    assert_int_equal(httpa_read_u8(&r), 0);
    assert_false(httpa_reader_ok(&r));
}

static void reserved_bytes_must_be_zero(void **state)
{
    (void)state;
    struct httpa_reader r = all();
    httpa_read_zeros(&r, 1);
    assert_err(HTTPA_ERR_TRUNCATED, httpa_reader_end(&r));
}

static void constant_time_equality(void **state)
{
    (void)state;
    assert_true(httpa_ct_equal("abc", "abc", 3));
    assert_false(httpa_ct_equal("abc", "abd", 3));
    assert_false(httpa_ct_equal("abc", "bbc", 3));
    assert_true(httpa_ct_equal("a", "b", 0));
    uint8_t secret[3] = { 1, 2, 3 };
    httpa_wipe(secret, sizeof(secret));
    assert_memory_equal(secret, "\0\0\0", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(end_tells_short_from_long),
        cmocka_unit_test(failure_is_sticky_and_yields_zeros),
        cmocka_unit_test(reserved_bytes_must_be_zero),
        cmocka_unit_test(constant_time_equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
