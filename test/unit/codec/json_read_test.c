#include <jansson.h>

#include "codec/json_read.h"
#include "support/test.h"

/* |text| in a heap copy of its own length, which |value| borrows from. */
struct doc {
    uint8_t *bytes;
    struct httpa_json_value value;
};

static struct doc read_doc(const char *text)
{
    struct doc d = { .bytes = exact_copy(text, strlen(text)) };
    assert_ok(httpa_json_read(httpa_slice_of(d.bytes, strlen(text)), &d.value));
    return d;
}

static void grammar(void **state)
{
    static const struct {
        const char *text;
        enum httpa_err err;
    } rows[] = {
        { "null", 0 },
        { " \t\r\n{ } ", 0 },
        { "[ ]", 0 },
        { "[1 , 2]", 0 },
        { "{\"a\" : 1 , \"b\":[{}]}", 0 },
        { "-0", 0 },
        { "-0.50e+07", 0 },
        { "1E9", 0 },
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", 0 },
        { "\"\xc3\xa9\"", 0 },
        { "\"\x7f\"", 0 }, /* RFC 8259 7: from %x20 on */
        { "{\"a\":1,\"A\":1}", 0 },
        { "[{\"a\":1},{\"a\":1}]", 0 },
        { "", HTTPA_ERR_TRUNCATED },
        { " ", HTTPA_ERR_TRUNCATED },
        { "nul", HTTPA_ERR_TRUNCATED },
        { "nulL", HTTPA_ERR_MALFORMED },
        { "nullx", HTTPA_ERR_TRAILING },
        { "{} {}", HTTPA_ERR_TRAILING },
        { "[1,]", HTTPA_ERR_MALFORMED },
        { "[,1]", HTTPA_ERR_MALFORMED },
        { "[1 2]", HTTPA_ERR_MALFORMED },
        { "[1", HTTPA_ERR_TRUNCATED },
        { "[1}", HTTPA_ERR_MALFORMED },
        { "{\"a\":1,}", HTTPA_ERR_MALFORMED },
        { "{\"a\"}", HTTPA_ERR_MALFORMED },
        { "{\"a\":}", HTTPA_ERR_MALFORMED },
        { "{a:1}", HTTPA_ERR_MALFORMED },
        { "{1:1}", HTTPA_ERR_MALFORMED },
        { "{\"a\":1", HTTPA_ERR_TRUNCATED },
        { "01", HTTPA_ERR_TRAILING },
        { "-", HTTPA_ERR_TRUNCATED },
        { "+1", HTTPA_ERR_MALFORMED },
        { ".5", HTTPA_ERR_MALFORMED },
        { "5.", HTTPA_ERR_TRUNCATED },
        { "5.e1", HTTPA_ERR_MALFORMED },
        { "1e", HTTPA_ERR_TRUNCATED },
        { "NaN", HTTPA_ERR_MALFORMED },
        { "'a'", HTTPA_ERR_MALFORMED },
        { "\"a", HTTPA_ERR_TRUNCATED },
        { "\"a\\\"", HTTPA_ERR_TRUNCATED },
        { "\"\n\"", HTTPA_ERR_MALFORMED },
        { "\"\\x41\"", HTTPA_ERR_MALFORMED },
        { "\"\\u00g0\"", HTTPA_ERR_MALFORMED },
        { "\"\\u00", HTTPA_ERR_TRUNCATED },
        { "/**/1", HTTPA_ERR_MALFORMED },
        { "\xef\xbb\xbf{}", HTTPA_ERR_MALFORMED },   /* byte order mark */
        { "\"\xc0\x80\"", HTTPA_ERR_MALFORMED },     /* not shortest */
        { "\"\xed\xa0\x80\"", HTTPA_ERR_MALFORMED }, /* a surrogate */
        { "{\"a\":1,\"a\":1}", HTTPA_ERR_DUPLICATE },
        { "[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]", HTTPA_ERR_DUPLICATE },
        /* would be a second "a" */
        { "{\"a\":1,\"\\u0061\":1}", HTTPA_ERR_MALFORMED },
        { "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", 0 },
        { "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", HTTPA_ERR_RANGE },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = strlen(rows[i].text);
        uint8_t *bytes = exact_copy(rows[i].text, n);
        struct httpa_json_value value;
        enum httpa_err err = httpa_json_read(httpa_slice_of(bytes, n), &value);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].text, httpa_err_name(err));
        }
        free(bytes);
    }
    struct httpa_json_value value;
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_json_read(httpa_slice_of("[1\0]", 4), &value));
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_json_read(httpa_slice_of("\"\\\0\"", 4), &value));
}

/* One member more than is compared. */
static void many_members(void **state)
{
    (void)state;
    for (unsigned n = HTTPA_JSON_READ_MEMBERS; n < HTTPA_JSON_READ_MEMBERS + 2;
         n++) {
        char text[2048] = "{";
        size_t at = 1;
        for (unsigned i = 0; i < n; i++) {
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\"%u\":0",
                                   i > 0 ? "," : "", i);
        }
        text[at++] = '}';
        struct httpa_json_value value;
        assert_err(n > HTTPA_JSON_READ_MEMBERS ? HTTPA_ERR_RANGE : HTTPA_OK,
                   httpa_json_read(httpa_slice_of(text, at), &value));
    }
}

static void raw_bytes(void **state)
{
    (void)state;
    struct doc d = read_doc(" { \"a\" : { \"x\" :1 , \"y\":[ 2 ] } , "
                            "\"b\":\"s\" } ");
    struct httpa_json_value a;
    struct httpa_json_value y;
    assert_ok(httpa_json_find(d.value, "a", &a));
    assert_slice_is(a.raw, "{ \"x\" :1 , \"y\":[ 2 ] }");
    assert_ok(httpa_json_find(a, "y", &y));
    assert_slice_is(y.raw, "[ 2 ]");
    assert_int_equal(y.kind, HTTPA_JSON_ARRAY);
    assert_err(HTTPA_ERR_MISSING, httpa_json_find(d.value, "x", &y));
    assert_err(HTTPA_ERR_MALFORMED, httpa_json_find(y, "x", &a));
    free(d.bytes);
}

static void items(void **state)
{
    static const char *const values[] = { "1", "\"]\"", "[2,{}]", "{\"}\":3}",
                                          "true" };
    (void)state;
    struct doc d = read_doc("[1 , \"]\" ,[2,{}],{\"}\":3}, true ]");
    struct httpa_json_items it;
    struct httpa_json_value value;
    struct httpa_slice name;
    assert_ok(httpa_json_items_of(d.value, &it));
    for (size_t i = 0; i < COUNT(values); i++) {
        assert_true(httpa_json_next(&it, &name, &value));
        assert_int_equal(name.n, 0);
        assert_slice_is(value.raw, values[i]);
    }
    assert_false(httpa_json_next(&it, &name, &value));
    free(d.bytes);
    d = read_doc("{ \"a\" : 1 ,\"b\":{}}");
    assert_ok(httpa_json_items_of(d.value, &it));
    assert_true(httpa_json_next(&it, &name, &value));
    assert_slice_is(name, "a");
    assert_slice_is(value.raw, "1");
    assert_true(httpa_json_next(&it, &name, &value));
    assert_slice_is(name, "b");
    assert_ok(httpa_json_items_of(value, &it));
    assert_false(httpa_json_next(&it, &name, &value));
    free(d.bytes);
    d = read_doc("7");
    assert_err(HTTPA_ERR_MALFORMED, httpa_json_items_of(d.value, &it));
    free(d.bytes);
}

static void scalars(void **state)
{
    static const struct {
        const char *text;
        enum httpa_err as_uint;
        uint64_t number;
        enum httpa_err as_text;
        const char *string;
    } rows[] = {
        { "0", 0, 0, HTTPA_ERR_MALFORMED, NULL },
        { "18446744073709551615", 0, UINT64_MAX, HTTPA_ERR_MALFORMED, NULL },
        { "18446744073709551616", HTTPA_ERR_RANGE, 0, HTTPA_ERR_MALFORMED,
          NULL },
        { "-1", HTTPA_ERR_MALFORMED, 0, HTTPA_ERR_MALFORMED, NULL },
        { "1.0", HTTPA_ERR_MALFORMED, 0, HTTPA_ERR_MALFORMED, NULL },
        { "1e3", HTTPA_ERR_MALFORMED, 0, HTTPA_ERR_MALFORMED, NULL },
        { "true", HTTPA_ERR_MALFORMED, 0, HTTPA_ERR_MALFORMED, NULL },
        { "\"\"", HTTPA_ERR_MALFORMED, 0, 0, "" },
        { "\"1\"", HTTPA_ERR_MALFORMED, 0, 0, "1" },
        { "\"a\\u0062\"", HTTPA_ERR_MALFORMED, 0, HTTPA_ERR_MALFORMED, NULL },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct doc d = read_doc(rows[i].text);
        uint64_t number = 0;
        struct httpa_slice string = { 0 };
        assert_err(rows[i].as_uint, httpa_json_uint(d.value, &number));
        assert_true(number == rows[i].number);
        assert_err(rows[i].as_text, httpa_json_text(d.value, &string));
        if (rows[i].string != NULL) {
            assert_slice_is(string, rows[i].string);
        }
        free(d.bytes);
    }
}

static size_t count(struct httpa_json_value value)
{
    struct httpa_json_items it;
    struct httpa_json_value item;
    struct httpa_slice name;
    size_t n = 1;
    if (httpa_json_items_of(value, &it) == HTTPA_OK) {
        while (httpa_json_next(&it, &name, &item)) {
            n += count(item);
        }
    }
    return n;
}

static size_t count_theirs(json_t *value)
{
    size_t n = 1;
    size_t i;
    const char *name;
    json_t *item;
    json_array_foreach(value, i, item)
    {
        n += count_theirs(item);
    }
    json_object_foreach(value, name, item)
    {
        n += count_theirs(item);
    }
    return n;
}

/* Whatever we take, another strict reader takes, and sees as much in it. */
static void try_document(struct httpa_slice in, void *arg)
{
    struct httpa_json_value value;
    json_error_t why;
    (void)arg;
    if (httpa_json_read(in, &value) == HTTPA_OK) {
        json_t *theirs =
            json_loadb((const char *)in.p, in.n,
                       JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
        if (theirs == NULL) {
            fail_msg("%.*s: %s", (int)in.n, (const char *)in.p, why.text);
        }
        assert_int_equal(count(value), count_theirs(theirs));
        json_decref(theirs);
    }
}

static void mutations(void **state)
{
    (void)state;
    mutate(httpa_slice_str("{\"tcbInfo\":{\"id\":\"TDX\",\"v\":[3,-0.5e2,0],"
                           "\"l\":[{\"s\":true,\"t\":\"\\n \xc3\xa9\"},null]},"
                           " \"sig\":\"00\"}"),
           try_document, NULL);
}

/* To get at a member, others are passed by their quotes and brackets. */
static void passing_over(void **state)
{
    static const char text[] =
        "{\"a\":{\"s\":\"}\\\"]{\\\\\"} ,\"b\" : [ \"]\\\\\", {\"c\":\"[\"},[[]],"
        "-1.5e3,true ],\"e\":\"\",\"n\":12 ,\"z\":{\"z\":[1]}}";
    static const struct {
        const char *name;
        const char *raw;
    } rows[] = {
        { "a", "{\"s\":\"}\\\"]{\\\\\"}" },
        { "b", "[ \"]\\\\\", {\"c\":\"[\"},[[]],-1.5e3,true ]" },
        { "e", "\"\"" },
        { "n", "12" },
        { "z", "{\"z\":[1]}" },
    };
    struct httpa_json_value doc;
    (void)state;
    assert_ok(httpa_json_read(httpa_slice_str(text), &doc));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_json_value value;
        assert_ok(httpa_json_find(doc, rows[i].name, &value));
        assert_slice_is(value.raw, rows[i].raw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passing_over),
        cmocka_unit_test(grammar),   cmocka_unit_test(many_members),
        cmocka_unit_test(raw_bytes), cmocka_unit_test(items),
        cmocka_unit_test(scalars),   cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
