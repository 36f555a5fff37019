#include "gateway/head_copy.h"

#include <string.h>

#include "support/test.h"

static void copy_outlives_the_original(void **state)
{
    (void)state;
    char text[] = "POST/pathx-aone";
    struct httpa_field fields[] = {
        { httpa_slice_of(text + 9, 3), httpa_slice_of(text + 12, 3) },
        { httpa_slice_str("x-empty"), { NULL, 0 } },
    };
    struct httpa_head head = { .is_request = true,
                               .method = httpa_slice_of(text, 4),
                               .path = httpa_slice_of(text + 4, 5),
                               .fields = { .v = fields, .n = 2, .cap = 2 } };
    struct httpa_head_copy c = { 0 };
    assert_int_equal(httpa_head_copy(&head, 1, 3, &c), HTTPA_OK);
    memset(text, '?', sizeof(text));
    assert_true(httpa_slice_is(c.head.method, "POST"));
    assert_true(httpa_slice_is(c.head.path, "/path"));
    assert_true(httpa_slice_is(c.head.fields.v[0].name, "x-a"));
    assert_true(httpa_slice_is(c.head.fields.v[0].value, "one"));
    assert_int_equal(c.head.fields.v[1].value.n, 0);

    /* room for what was asked for, and no more */
    assert_int_equal(httpa_head_copy_add(&c, "x-b", httpa_slice_str("four")),
                     HTTPA_ERR_SPACE);
    assert_int_equal(httpa_head_copy_add(&c, "x-b", httpa_slice_str("two")),
                     HTTPA_OK);
    assert_int_equal(c.head.fields.n, 3);
    assert_int_equal(httpa_head_copy_add(&c, "x-c", httpa_slice_str("")),
                     HTTPA_ERR_LIMIT);
    httpa_head_copy_done(&c);
    httpa_head_copy_done(&c); /* twice does nothing */
}

static void copy_of_nothing(void **state)
{
    (void)state;
    struct httpa_head head = { .status = 204 };
    struct httpa_head_copy c = { 0 };
    assert_int_equal(httpa_head_copy(&head, 0, 0, &c), HTTPA_OK);
    assert_int_equal(c.head.status, 204);
    assert_int_equal(c.head.fields.n, 0);
    httpa_head_copy_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_outlives_the_original),
        cmocka_unit_test(copy_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
