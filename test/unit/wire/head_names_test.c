#include "wire/head_names.h"

#include "support/test.h"

static void rules_of_names(void **state)
{
    static const struct {
        const char *name;
        unsigned rules;
    } rows[] = {
        { "accept", 0 },
        { "connection", HTTPA_NAME_REFUSED | HTTPA_NAME_NO_TRAILER },
        { "content-type", HTTPA_NAME_ONCE | HTTPA_NAME_NO_TRAILER },
        { "content-x", HTTPA_NAME_NO_TRAILER },
        { "content", 0 },
        { "x-forwarded-proto", HTTPA_NAME_REMOVED },
        { "x-forwarded", 0 },
        { "httpa-base", HTTPA_NAME_OURS },
        { "attest-x", HTTPA_NAME_ATTEST | HTTPA_NAME_NO_TRAILER },
        { "te", HTTPA_NAME_NO_TRAILER },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(
            httpa_head_name_rules(httpa_slice_str(rows[i].name)),
            rows[i].rules);
    }
}

static void names_and_values(void **state)
{
    char longest[258];
    (void)state;
    memset(longest, 'a', sizeof(longest));
    assert_true(httpa_head_name_valid(httpa_slice_of(longest, 256)));
    assert_false(httpa_head_name_valid(httpa_slice_of(longest, 257)));
    assert_false(httpa_head_name_valid(httpa_slice_str("")));
    assert_false(httpa_head_name_valid(httpa_slice_str("A")));
    assert_true(httpa_head_value_valid(httpa_slice_str("")));
    assert_true(httpa_head_value_valid(httpa_slice_str("a b")));
    assert_false(httpa_head_value_valid(httpa_slice_str(" a")));
    assert_false(httpa_head_value_valid(httpa_slice_of("a\0b", 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_of_names),
        cmocka_unit_test(names_and_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
