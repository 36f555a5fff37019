#include "base/ascii.h"
#include "support/test.h"

static void token_characters(void **state)
{
    (void)state;
    static const char tchars[] = "!#$%&'*+-.^_`|~0123456789"
                                 "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int c = 0; c < 256; c++) {
        bool want = c != 0 && strchr(tchars, c) != NULL;
        assert_int_equal(httpa_ascii_is_tchar((uint8_t)c), want);
    }
}

static void classes(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        uint8_t one = (uint8_t)c;
        unsigned want = httpa_ascii_is_tchar(one) ? 0 : HTTPA_ASCII_NO_TCHAR;
        want |= c >= 'A' && c <= 'Z' ? HTTPA_ASCII_UPPER : 0;
        want |= c == 0 || c == '\r' || c == '\n' ? HTTPA_ASCII_BREAKS : 0;
        want |= (c < 0x20 && c != '\t') || c == 0x7f ? HTTPA_ASCII_CONTROL : 0;
        assert_int_equal(httpa_ascii_seen(httpa_slice_of(&one, 1)), want);
    }
    assert_int_equal(httpa_ascii_seen(httpa_slice_of(NULL, 0)), 0);
    assert_int_equal(httpa_ascii_seen(httpa_slice_str("a\rB")),
                     HTTPA_ASCII_NO_TCHAR | HTTPA_ASCII_UPPER |
                         HTTPA_ASCII_BREAKS | HTTPA_ASCII_CONTROL);
}

static void letters_and_digits(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        bool upper = c >= 'A' && c <= 'Z';
        bool lower = c >= 'a' && c <= 'z';
        assert_int_equal(httpa_ascii_is_alpha((uint8_t)c), upper || lower);
        assert_int_equal(httpa_ascii_is_lower((uint8_t)c), lower);
        assert_int_equal(httpa_ascii_is_digit((uint8_t)c),
                         c >= '0' && c <= '9');
        assert_int_equal(httpa_ascii_lower((uint8_t)c), upper ? c + 32 : c);
    }
}

static void tokens(void **state)
{
    (void)state;
    assert_true(httpa_ascii_is_token(httpa_slice_str("GET")));
    assert_true(httpa_ascii_is_token(httpa_slice_str("*")));
    assert_false(httpa_ascii_is_token(httpa_slice_str("")));
    assert_false(httpa_ascii_is_token(httpa_slice_str("a b")));
    assert_false(httpa_ascii_is_token(httpa_slice_str("ab:")));
    assert_false(httpa_ascii_is_token(httpa_slice_of(NULL, 0)));
}

static void optional_white_space(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out;
    } rows[] = {
        { "a", "a" },         { " a", "a" }, { "a\t ", "a" },
        { "\t a b ", "a b" }, { "", "" },    { " \t ", "" },
        { "\ra\n", "\ra\n" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct httpa_slice got = httpa_ascii_trim(httpa_slice_str(rows[i].in));
        assert_true(httpa_slice_equal(got, httpa_slice_str(rows[i].out)));
    }
    assert_int_equal(httpa_ascii_trim(httpa_slice_of(NULL, 0)).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_characters),
        cmocka_unit_test(classes),
        cmocka_unit_test(letters_and_digits),
        cmocka_unit_test(tokens),
        cmocka_unit_test(optional_white_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
