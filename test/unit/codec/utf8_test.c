#include "codec/utf8.h"
#include "support/test.h"

static const struct {
    const char *in;
    size_t n; /* of the first character; 0: not well-formed */
    const char *why;
} rows[] = {
    { "a", 1, "ASCII" },
    { "\x7f", 1, "the last of one byte" },
    { "\x80", 0, "a continuation alone" },
    { "\xbf", 0, "a continuation alone" },
    { "\xc0\x80", 0, "U+0000 too long" },
    { "\xc1\xbf", 0, "U+007F too long" },
    { "\xc2\x80", 2, "U+0080" },
    { "\xdf\xbf", 2, "U+07FF" },
    { "\xdf", 0, "truncated" },
    { "\xdf\x7f", 0, "no continuation" },
    { "\xdf\xc0", 0, "no continuation" },
    { "\xe0\x9f\xbf", 0, "U+07FF too long" },
    { "\xe0\xa0\x80", 3, "U+0800" },
    { "\xe2\x82\xac", 3, "U+20AC" },
    { "\xe2\x82", 0, "truncated" },
    { "\xe2\x28\xa1", 0, "second byte" },
    { "\xe2\x82\x28", 0, "third byte" },
    { "\xed\x9f\xbf", 3, "U+D7FF" },
    { "\xed\xa0\x80", 0, "first surrogate" },
    { "\xed\xbf\xbf", 0, "last surrogate" },
    { "\xee\x80\x80", 3, "U+E000" },
    { "\xef\xbf\xbf", 3, "U+FFFF" },
    { "\xf0\x8f\xbf\xbf", 0, "U+FFFF too long" },
    { "\xf0\x90\x80\x80", 4, "U+10000" },
    { "\xf0\x9f\x98\x80", 4, "U+1F600" },
    { "\xf0\x9f\x98", 0, "truncated" },
    { "\xf0\x9f\x98\xc0", 0, "fourth byte" },
    { "\xf4\x8f\xbf\xbf", 4, "U+10FFFF" },
    { "\xf4\x90\x80\x80", 0, "U+110000" },
    { "\xf5\x80\x80\x80", 0, "never a lead byte" },
    { "\xff", 0, "never" },
};

static void first_character(void **state)
{
    (void)state;
    assert_int_equal(httpa_utf8_char((struct httpa_slice){ 0 }), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = strlen(rows[i].in);
        uint8_t *c = exact_copy(rows[i].in, n);
        if (httpa_utf8_char(httpa_slice_of(c, n)) != rows[i].n) {
            fail_msg("row %zu: %s", i, rows[i].why);
        }
        assert_int_equal(httpa_utf8_valid(httpa_slice_of(c, n)),
                         rows[i].n == n);
        free(c);
    }
}

static void whole_texts(void **state)
{
    (void)state;
    assert_true(httpa_utf8_valid((struct httpa_slice){ 0 }));
    assert_true(httpa_utf8_valid(httpa_slice_str("a\xc3\xbc\xe2\x82\xac z")));
    assert_false(httpa_utf8_valid(httpa_slice_str("a\xc3\xbc\xe2\x82")));
}

static void mutant(struct httpa_slice in, void *arg)
{
    (void)arg;
    (void)httpa_utf8_valid(in);
}

static void mutants_are_survived(void **state)
{
    (void)state;
    mutate(httpa_slice_str("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"), mutant,
           NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_character),
        cmocka_unit_test(whole_texts),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
