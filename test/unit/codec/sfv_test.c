/* Accessors and values; the reader and the writer have tests of their own. */
#include "codec/sfv.h"
#include "support/test.h"

static struct httpa_sfv_room room;

static struct httpa_sfv read_dictionary(const char *text)
{
    struct httpa_sfv doc = httpa_sfv_over(&room);
    assert_ok(httpa_sfv_read(&doc, HTTPA_SFV_DICTIONARY, httpa_slice_str(text),
                             HTTPA_SFV_STRICT));
    return doc;
}

static void members(void **state)
{
    (void)state;
    struct httpa_sfv doc = read_dictionary("a=1, b=two;p=3;q, c=(4 5;r=6)");
    const struct httpa_sfv_item *b = httpa_sfv_find(&doc, "b");
    assert_ptr_equal(b, httpa_sfv_member(&doc, 1));
    assert_int_equal(b->value.type, HTTPA_SFV_TOKEN);
    assert_slice_is(b->value.text, "two");
    assert_slice_is(b->key, "b");
    assert_null(httpa_sfv_find(&doc, "d"));
    assert_null(httpa_sfv_find(&doc, ""));
    assert_null(httpa_sfv_member(&doc, 3));
}

static void params(void **state)
{
    (void)state;
    struct httpa_sfv doc = read_dictionary("a=1;x=9, b=two;p=3;q");
    const struct httpa_sfv_item *b = httpa_sfv_find(&doc, "b");
    assert_int_equal(b->param_count, 2);
    assert_int_equal(httpa_sfv_param(&doc, b, "p")->integer, 3);
    assert_int_equal(httpa_sfv_param(&doc, b, "q")->type, HTTPA_SFV_BOOLEAN);
    assert_int_equal(httpa_sfv_param(&doc, b, "q")->integer, 1);
    assert_null(httpa_sfv_param(&doc, b, "x")); /* another member's */
    assert_slice_is(httpa_sfv_param_at(&doc, b, 1)->key, "q");
    assert_null(httpa_sfv_param_at(&doc, b, 2));
}

static void inner_lists(void **state)
{
    (void)state;
    struct httpa_sfv doc = read_dictionary("a=(1 2), b=(3;k=4);z, c=()");
    const struct httpa_sfv_item *b = httpa_sfv_find(&doc, "b");
    assert_int_equal(b->value.type, HTTPA_SFV_INNER_LIST);
    assert_int_equal(b->inner_count, 1);
    const struct httpa_sfv_item *three = httpa_sfv_inner(&doc, b, 0);
    assert_int_equal(three->value.integer, 3);
    assert_int_equal(httpa_sfv_param(&doc, three, "k")->integer, 4);
    assert_null(httpa_sfv_param(&doc, three, "z"));
    assert_non_null(httpa_sfv_param(&doc, b, "z"));
    assert_null(httpa_sfv_inner(&doc, b, 1));
    assert_null(httpa_sfv_inner(&doc, httpa_sfv_find(&doc, "c"), 0));
}

static void values(void **state)
{
    (void)state;
    struct httpa_slice s = httpa_slice_str("x");
    const struct {
        struct httpa_sfv_bare v;
        enum httpa_sfv_type type;
        int64_t integer;
        const char *text;
    } rows[] = {
        { httpa_sfv_integer(-5), HTTPA_SFV_INTEGER, -5, "" },
        { httpa_sfv_decimal(1500), HTTPA_SFV_DECIMAL, 1500, "" },
        { httpa_sfv_boolean(true), HTTPA_SFV_BOOLEAN, 1, "" },
        { httpa_sfv_boolean(false), HTTPA_SFV_BOOLEAN, 0, "" },
        { httpa_sfv_date(7), HTTPA_SFV_DATE, 7, "" },
        { httpa_sfv_string(s), HTTPA_SFV_STRING, 0, "x" },
        { httpa_sfv_token(s), HTTPA_SFV_TOKEN, 0, "x" },
        { httpa_sfv_bytes(s), HTTPA_SFV_BYTES, 0, "x" },
        { httpa_sfv_display(s), HTTPA_SFV_DISPLAY, 0, "x" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(rows[i].v.type, rows[i].type);
        assert_int_equal(rows[i].v.integer, rows[i].integer);
        assert_slice_is(rows[i].v.text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members),
        cmocka_unit_test(params),
        cmocka_unit_test(inner_lists),
        cmocka_unit_test(values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
