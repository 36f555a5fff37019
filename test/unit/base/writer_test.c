#include "base/writer.h"
#include "support/test.h"

static void wire_order(void **state)
{
    (void)state;
    uint8_t room[64];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_write_u16(&b, 0x0102);
    httpa_write_u32(&b, 0x03040506);
    httpa_write_u64(&b, 0x0708090a0b0c0d0e);
    httpa_write_label(&b, "hi");
    httpa_write_v8(&b, httpa_slice_str("a"));
    httpa_write_v16(&b, httpa_slice_str("bc"));
    httpa_write_v32(&b, httpa_slice_str(""));
    assert_ok(httpa_buf_check(&b));
    assert_hex(b.p, b.n,
               "0102030405060708090a0b0c0d0e686900016100026263"
               "00000000");
}

static void too_long_for_its_prefix(void **state)
{
    (void)state;
    uint8_t big[256] = { 0 };
    struct httpa_buf b = httpa_buf_growing(1024);
    httpa_write_v8(&b, httpa_slice_of(big, 255));
    assert_ok(httpa_buf_check(&b));
    httpa_write_v8(&b, httpa_slice_of(big, 256));
    assert_err(HTTPA_ERR_SPACE, httpa_buf_check(&b));
    httpa_buf_done(&b);
}

static void text(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(64);
    httpa_write_decimal(&b, 0);
    httpa_buf_put_byte(&b, ' ');
    httpa_write_decimal(&b, UINT64_MAX);
    httpa_buf_put_byte(&b, ' ');
    httpa_write_hex(&b, httpa_slice_of("\x00\xaf\x5c", 3));
    assert_slice_is(httpa_buf_slice(&b), "0 18446744073709551615 00af5c");
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wire_order),
        cmocka_unit_test(too_long_for_its_prefix),
        cmocka_unit_test(text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
