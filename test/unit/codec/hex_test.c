#include "codec/hex.h"
#include "support/test.h"

static const struct {
    const char *in;
    enum httpa_err err;
    const char *out;
    const char *why;
} rows[] = {
    { "", HTTPA_OK, "", "no byte" },
    { "00ff", HTTPA_OK, "\x00\xff", "ends of the range" },
    { "aAbBcCdDeEfF", HTTPA_OK, "\xaa\xbb\xcc\xdd\xee\xff", "either case" },
    { "0123456789", HTTPA_OK, "\x01\x23\x45\x67\x89", "digits" },
    { "0", HTTPA_ERR_MALFORMED, NULL, "half a byte" },
    { "000", HTTPA_ERR_MALFORMED, NULL, "a byte and a half" },
    { "0g", HTTPA_ERR_MALFORMED, NULL, "above f" },
    { "/0", HTTPA_ERR_MALFORMED, NULL, "below 0" },
    { ":0", HTTPA_ERR_MALFORMED, NULL, "above 9" },
    { "@0", HTTPA_ERR_MALFORMED, NULL, "below A" },
    { "`0", HTTPA_ERR_MALFORMED, NULL, "below a" },
    { "00 1", HTTPA_ERR_MALFORMED, NULL, "a space" },
    { "0x00", HTTPA_ERR_MALFORMED, NULL, "a prefix" },
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[16] = "before";
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_buf_put_str(&b, "before");
        enum httpa_err err = httpa_hex_read(httpa_slice_str(rows[i].in), &b);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        size_t n = err == HTTPA_OK ? strlen(rows[i].in) / 2 : 0;
        assert_int_equal(b.n, 6 + n);
        assert_memory_equal(room, "before", 6);
        assert_memory_equal(room + 6, n > 0 ? rows[i].out : "", n);
        assert_ok(httpa_buf_check(&b));
    }
}

static void no_room(void **state)
{
    (void)state;
    uint8_t room[2];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    assert_err(HTTPA_ERR_SPACE, httpa_hex_read(httpa_slice_str("010203"), &b));
    assert_int_equal(b.n, 0);
    assert_true(b.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
