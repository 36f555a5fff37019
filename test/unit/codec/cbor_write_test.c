#include "codec/cbor_write.h"
#include "codec/cbor.h"
#include "support/test.h"

struct row {
    int64_t v;
    const char *hex;
};

static const struct row integers[] = {
    { 0, "00" },
    { 23, "17" },
    { 24, "1818" },
    { 255, "18ff" },
    { 256, "190100" },
    { 65535, "19ffff" },
    { 65536, "1a00010000" },
    { INT64_C(4294967295), "1affffffff" },
    { INT64_C(4294967296), "1b0000000100000000" },
    { INT64_MAX, "1b7fffffffffffffff" },
    { -1, "20" },
    { -24, "37" },
    { -25, "3818" },
    { -1000, "3903e7" },
    { INT64_MIN, "3b7fffffffffffffff" },
};

static void every_width_is_the_shortest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(integers); i++) {
        uint8_t room[16];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_cbor_put_int(&b, integers[i].v);
        assert_hex(b.p, b.n, integers[i].hex);
        struct httpa_cbor c = httpa_cbor_of(httpa_buf_slice(&b), 0);
        assert_true(httpa_cbor_int(&c) == integers[i].v);
        assert_ok(httpa_cbor_end(&c));
    }
    uint8_t room[16];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cbor_put_uint(&b, UINT64_MAX);
    assert_hex(b.p, b.n, "1bffffffffffffffff");
}

static void one_of_each(void **state)
{
    (void)state;
    uint8_t room[64];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cbor_put_tag(&b, 61);
    httpa_cbor_put_map(&b, 2);
    httpa_cbor_put_uint(&b, 1);
    httpa_cbor_put_array(&b, 4);
    httpa_cbor_put_bool(&b, true);
    httpa_cbor_put_bool(&b, false);
    httpa_cbor_put_null(&b);
    httpa_cbor_put_bytes(&b, httpa_slice_of("\1\2", 2));
    httpa_cbor_put_str(&b, "a");
    httpa_cbor_put_bytes_head(&b, 1);
    httpa_buf_put_byte(&b, 7);
    httpa_cbor_put_text(&b, (struct httpa_slice){ 0 });
    assert_hex(b.p, b.n, "d83d" "a2" "01" "84f5f4f6420102" "6161" "4107" "60");
}

static void what_does_not_fit_fails_the_buffer(void **state)
{
    (void)state;
    uint8_t room[4];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cbor_put_str(&b, "abcd");
    assert_err(HTTPA_ERR_SPACE, httpa_buf_check(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_width_is_the_shortest),
        cmocka_unit_test(one_of_each),
        cmocka_unit_test(what_does_not_fit_fails_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
