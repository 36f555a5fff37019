#include <httpa/message.h>

#include "support/test.h"

static void fields_are_found_without_case_and_bounded(void **state)
{
    (void)state;
    struct httpa_field room[2];
    struct httpa_head head;
    httpa_head_init(&head, room, 2);
    assert_ok(httpa_fields_add(&head.fields, httpa_slice_str("A"),
                               httpa_slice_str("1")));
    assert_ok(httpa_fields_add(&head.fields, httpa_slice_str("a"),
                               httpa_slice_str("2")));
    assert_err(HTTPA_ERR_LIMIT,
               httpa_fields_add(&head.fields, httpa_slice_str("b"),
                                httpa_slice_str("3")));
    assert_int_equal(httpa_fields_count(&head.fields, "a"), 2);
    assert_slice_is(httpa_fields_find(&head.fields, "a")->value, "1");
    assert_null(httpa_fields_find(&head.fields, "b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_without_case_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
