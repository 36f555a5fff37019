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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_characters),
        cmocka_unit_test(letters_and_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
