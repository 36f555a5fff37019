#include "codec/sfv.h"
#include "support/test.h"

static uint8_t room[256];
static struct httpa_buf out;

static struct httpa_sfv_writer start(void)
{
    out = httpa_buf_fixed(room, sizeof(room));
    return httpa_sfv_writer_of(&out);
}

static struct httpa_slice str(const char *s)
{
    return httpa_slice_str(s);
}

static void item(void **state)
{
    (void)state;
    struct httpa_sfv_writer w = start();
    httpa_buf_put_str(&out, "before: "); /* no comma comes of it */
    httpa_sfv_put(&w, httpa_sfv_integer(7));
    httpa_sfv_put_param(&w, "mac", httpa_sfv_bytes(str("hi")));
    httpa_sfv_put_param(&w, "yes", httpa_sfv_boolean(true));
    httpa_sfv_put_param(&w, "no", httpa_sfv_boolean(false));
    assert_ok(httpa_buf_check(&out));
    assert_slice_is(httpa_buf_slice(&out), "before: 7;mac=:aGk=:;yes;no=?0");
}

static void list(void **state)
{
    (void)state;
    struct httpa_slice none = { 0 };
    struct httpa_sfv_writer w = start();
    httpa_sfv_put(&w, httpa_sfv_token(str("a")));
    httpa_sfv_put_open(&w, none);
    httpa_sfv_put(&w, httpa_sfv_boolean(true));
    httpa_sfv_put(&w, httpa_sfv_date(-1));
    httpa_sfv_put_param(&w, "p", httpa_sfv_integer(1));
    httpa_sfv_put_close(&w);
    httpa_sfv_put_param(&w, "q", httpa_sfv_integer(2));
    httpa_sfv_put_open(&w, none);
    httpa_sfv_put_close(&w);
    httpa_sfv_put(&w, httpa_sfv_string(str("b")));
    assert_ok(httpa_buf_check(&out));
    assert_slice_is(httpa_buf_slice(&out), "a, (?1 @-1;p=1);q=2, (), \"b\"");
}

static void dictionary(void **state)
{
    (void)state;
    struct httpa_sfv_writer w = start();
    httpa_sfv_put_member(&w, str("a"), httpa_sfv_boolean(true));
    httpa_sfv_put_param(&w, "p", httpa_sfv_decimal(-50));
    httpa_sfv_put_member(&w, str("b"), httpa_sfv_bytes(str("")));
    httpa_sfv_put_open(&w, str("c"));
    httpa_sfv_put(&w, httpa_sfv_display(str("f\xc3\xbc")));
    httpa_sfv_put_close(&w);
    assert_ok(httpa_buf_check(&out));
    assert_slice_is(httpa_buf_slice(&out), "a;p=-0.05, b=::, c=(%\"f%c3%bc\")");
}

static void bare_items(void **state)
{
    (void)state;
    const struct {
        struct httpa_sfv_bare v;
        const char *text; /* NULL: cannot be written */
        const char *why;
    } rows[] = {
        { httpa_sfv_integer(0), "0", "zero" },
        { httpa_sfv_integer(HTTPA_SFV_INTEGER_MAX), "999999999999999", "top" },
        { httpa_sfv_integer(-HTTPA_SFV_INTEGER_MAX), "-999999999999999",
          "bottom" },
        { httpa_sfv_integer(HTTPA_SFV_INTEGER_MAX + 1LL), NULL, "16 digits" },
        { httpa_sfv_integer(INT64_MIN), NULL, "far too small" },
        { httpa_sfv_date(INT64_MAX), NULL, "far too late" },
        { httpa_sfv_decimal(0), "0.0", "a Decimal has a dot" },
        { httpa_sfv_decimal(1), "0.001", "the smallest" },
        { httpa_sfv_decimal(-1), "-0.001", "the sign of a fraction" },
        { httpa_sfv_decimal(1020), "1.02", "a zero inside, none behind" },
        { httpa_sfv_decimal(HTTPA_SFV_INTEGER_MAX), "999999999999.999", "top" },
        { httpa_sfv_decimal(HTTPA_SFV_INTEGER_MAX + 1LL), NULL, "13 digits" },
        { httpa_sfv_string(str("")), "\"\"", "no character" },
        { httpa_sfv_string(str("a\"\\~ ")), "\"a\\\"\\\\~ \"", "escapes" },
        { httpa_sfv_string(str("a\n")), NULL, "a control character" },
        { httpa_sfv_string(str("\x7f")), NULL, "DEL" },
        { httpa_sfv_string(str("\xc3\xbc")), NULL, "not ASCII" },
        { httpa_sfv_token(str("")), NULL, "no empty Token" },
        { httpa_sfv_token(str("1a")), NULL, "a digit in front" },
        { httpa_sfv_token(str("a b")), NULL, "a space" },
        { httpa_sfv_token(str("a,b")), NULL, "a comma" },
        { httpa_sfv_token(str("*a:/~1")), "*a:/~1", "all that is allowed" },
        { httpa_sfv_display(str("a%\"\x01")), "%\"a%25%22%01\"", "escapes" },
        { httpa_sfv_display(str("\xff")), NULL, "not UTF-8" },
        { { .type = HTTPA_SFV_INNER_LIST }, NULL, "not a bare item" },
        { { 0 }, NULL, "no type at all" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_sfv_writer w = start();
        httpa_sfv_put(&w, rows[i].v);
        if (out.failed != (rows[i].text == NULL)) {
            fail_msg("row %zu: %s", i, rows[i].why);
        }
        if (!out.failed) {
            assert_slice_is(httpa_buf_slice(&out), rows[i].text);
        }
    }
}

static void keys(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        bool good;
    } rows[] = {
        { "a", true },    { "*", true },   { "a-_.*9z", true }, { "", false },
        { "A", false },   { "9", false },  { "-a", false },     { "aB", false },
        { "a b", false }, { "a=", false }, { "a\x80", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_sfv_writer w = start();
        httpa_sfv_put_member(&w, str(rows[i].key), httpa_sfv_integer(1));
        assert_int_equal(!out.failed, rows[i].good);
        w = start();
        httpa_sfv_put(&w, httpa_sfv_integer(1));
        httpa_sfv_put_param(&w, rows[i].key, httpa_sfv_integer(1));
        assert_int_equal(!out.failed, rows[i].good);
    }
}

static void misuse(void **state)
{
    (void)state;
    struct httpa_sfv_writer w = start();
    httpa_sfv_put_close(&w);
    assert_true(out.failed);

    w = start();
    httpa_sfv_put_param(&w, "p", httpa_sfv_integer(1));
    assert_true(out.failed);

    w = start();
    httpa_sfv_put_open(&w, str("a"));
    httpa_sfv_put_param(&w, "p", httpa_sfv_integer(1));
    assert_true(out.failed);

    w = start();
    httpa_sfv_put_open(&w, str("a"));
    httpa_sfv_put_open(&w, str("b"));
    assert_true(out.failed);

    w = start();
    httpa_sfv_put_open(&w, str("a"));
    httpa_sfv_put_member(&w, str("b"), httpa_sfv_integer(1));
    assert_true(out.failed);
}

static void whole_values(void **state)
{
    (void)state;
    static struct httpa_sfv_room parts;
    struct httpa_sfv doc = httpa_sfv_over(&parts);
    doc.kind = HTTPA_SFV_ITEM;
    start();
    assert_err(HTTPA_ERR_SPACE, httpa_sfv_write(&doc, &out)); /* no Item */

    assert_ok(httpa_sfv_read(&doc, HTTPA_SFV_DICTIONARY,
                             str(" a=?1;b=?1 ,c=( 01  2.50 ); d=\"\\\\\"  "),
                             HTTPA_SFV_STRICT));
    start();
    assert_ok(httpa_sfv_write(&doc, &out));
    assert_slice_is(httpa_buf_slice(&out), "a;b, c=(1 2.5);d=\"\\\\\"");

    struct httpa_buf small = httpa_buf_fixed(room, out.n - 1);
    assert_err(HTTPA_ERR_SPACE, httpa_sfv_write(&doc, &small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(item),         cmocka_unit_test(list),
        cmocka_unit_test(dictionary),   cmocka_unit_test(bare_items),
        cmocka_unit_test(keys),         cmocka_unit_test(misuse),
        cmocka_unit_test(whole_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
