#include <jansson.h>

#include "codec/json.h"
#include "support/test.h"

static uint8_t room[4096];
static struct httpa_buf out;

static struct httpa_json start(enum httpa_json_form form)
{
    out = httpa_buf_fixed(room, sizeof(room));
    return httpa_json_of(&out, form);
}

static void document(struct httpa_json *j)
{
    static const uint8_t hash[] = { 0xde, 0xad };
    httpa_json_object(j);
    httpa_json_key(j, "s");
    httpa_json_str(j, "text");
    httpa_json_key_slice(j, httpa_slice_str("a"));
    httpa_json_array(j);
    httpa_json_integer(j, -1);
    httpa_json_unsigned(j, UINT64_MAX);
    httpa_json_integer(j, INT64_MIN);
    httpa_json_object(j);
    httpa_json_end(j);
    httpa_json_array(j);
    httpa_json_end(j);
    httpa_json_end(j);
    httpa_json_key(j, "t");
    httpa_json_boolean(j, true);
    httpa_json_key(j, "f");
    httpa_json_boolean(j, false);
    httpa_json_key(j, "n");
    httpa_json_null(j);
    httpa_json_key(j, "none");
    httpa_json_str(j, NULL);
    httpa_json_key(j, "h");
    httpa_json_hex(j, httpa_slice_of(hash, sizeof(hash)));
    httpa_json_key(j, "at");
    httpa_json_time(j, 0);
    httpa_json_end(j);
}

static void compact(void **state)
{
    (void)state;
    struct httpa_json j = start(HTTPA_JSON_COMPACT);
    document(&j);
    assert_ok(httpa_json_check(&j));
    assert_slice_is(httpa_buf_slice(&out),
                    "{\"s\":\"text\",\"a\":[-1,18446744073709551615,"
                    "-9223372036854775808,{},[]],\"t\":true,\"f\":false,"
                    "\"n\":null,\"none\":null,\"h\":\"dead\","
                    "\"at\":\"1970-01-01T00:00:00Z\"}");
}

/* A reader in C takes no document with a NUL in a key. */
static void no_nul_in_keys(void **state)
{
    (void)state;
    struct httpa_json j = start(HTTPA_JSON_COMPACT);
    httpa_json_object(&j);
    httpa_json_key_slice(&j, httpa_slice_of((const uint8_t *)"a\0b", 3));
    httpa_json_string(&j, httpa_slice_of((const uint8_t *)"c\0d", 3));
    httpa_json_end(&j);
    assert_ok(httpa_json_check(&j));
    assert_slice_is(httpa_buf_slice(&out),
                    "{\"a\xef\xbf\xbd" "b\":\"c\\u0000d\"}");
}

static void thousandths(void **state)
{
    (void)state;
    static const uint64_t in[] = { 0, 7, 60, 500, 1001, 1500, 2000 };
    struct httpa_json j = start(HTTPA_JSON_COMPACT);
    httpa_json_array(&j);
    for (size_t i = 0; i < COUNT(in); i++) {
        httpa_json_thousandths(&j, in[i]);
    }
    httpa_json_end(&j);
    assert_ok(httpa_json_check(&j));
    assert_slice_is(httpa_buf_slice(&out),
                    "[0,0.007,0.06,0.5,1.001,1.5,2]");
}

static void pretty(void **state)
{
    (void)state;
    struct httpa_json j = start(HTTPA_JSON_PRETTY);
    document(&j);
    assert_ok(httpa_json_check(&j));
    assert_slice_is(httpa_buf_slice(&out),
                    "{\n"
                    "  \"s\": \"text\",\n"
                    "  \"a\": [\n"
                    "    -1,\n"
                    "    18446744073709551615,\n"
                    "    -9223372036854775808,\n"
                    "    {},\n"
                    "    []\n"
                    "  ],\n"
                    "  \"t\": true,\n"
                    "  \"f\": false,\n"
                    "  \"n\": null,\n"
                    "  \"none\": null,\n"
                    "  \"h\": \"dead\",\n"
                    "  \"at\": \"1970-01-01T00:00:00Z\"\n"
                    "}");
}

static const struct {
    const char *in;
    const char *out;
    const char *why;
} strings[] = {
    { "", "\"\"", "nothing" },
    { "a/b", "\"a/b\"", "a slash needs nothing" },
    { "\"\\", "\"\\\"\\\\\"", "quote and backslash" },
    { "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"", "short forms" },
    { "\x01\x1f", "\"\\u0001\\u001f\"", "other C0" },
    { "\x1b[31m", "\"\\u001b[31m\"", "no colour on a terminal" },
    { "\x7f", "\"\\u007f\"", "DEL" },
    { "\xc2\x80\xc2\x9b\xc2\x9f", "\"\\u0080\\u009b\\u009f\"", "C1" },
    { "\xc2\xa0", "\"\xc2\xa0\"", "behind C1" },
    { "f\xc3\xbcr", "\"f\xc3\xbcr\"", "two bytes" },
    { "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", "four bytes" },
    { "a\xff!", "\"a\xef\xbf\xbd!\"", "a byte that is never UTF-8" },
    { "\xc3", "\"\xef\xbf\xbd\"", "truncated" },
    { "\xc3\"", "\"\xef\xbf\xbd\\\"\"", "a lead byte eats no quote" },
    { "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
      "a surrogate" },
};

static void string_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(strings); i++) {
        struct httpa_json j = start(HTTPA_JSON_COMPACT);
        httpa_json_str(&j, strings[i].in);
        assert_ok(httpa_json_check(&j));
        assert_slice_is(httpa_buf_slice(&out), strings[i].out);
    }
    struct httpa_json j = start(HTTPA_JSON_COMPACT);
    httpa_json_string(&j, httpa_slice_of("a\0b", 3));
    assert_ok(httpa_json_check(&j));
    assert_slice_is(httpa_buf_slice(&out), "\"a\\u0000b\"");
}

/* Whatever the bytes, an independent reader takes the document. */
static void any_bytes_make_valid_json(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (size_t round = 0; round < 2000; round++) {
        uint8_t bytes[24];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (uint8_t)(seed >> 24);
        }
        bytes[0] |= 1; /* the reader takes no NUL in a key */
        struct httpa_slice s = httpa_slice_of(bytes, sizeof(bytes));
        struct httpa_json j = start(HTTPA_JSON_PRETTY);
        httpa_json_object(&j);
        httpa_json_key_slice(&j, httpa_slice_of(bytes, 1));
        httpa_json_string(&j, s);
        httpa_json_end(&j);
        assert_ok(httpa_json_check(&j));
        json_t *read =
            json_loadb((const char *)out.p, out.n, JSON_ALLOW_NUL, NULL);
        assert_non_null(read);
        json_decref(read);
    }
}

/* Each misuse is told, and writes nothing more. */

static void value_without_key(struct httpa_json *j)
{
    httpa_json_object(j);
    httpa_json_null(j);
}

static void key_without_value(struct httpa_json *j)
{
    httpa_json_object(j);
    httpa_json_key(j, "k");
    httpa_json_end(j);
}

static void two_keys(struct httpa_json *j)
{
    httpa_json_object(j);
    httpa_json_key(j, "k");
    httpa_json_key(j, "l");
}

static void key_in_array(struct httpa_json *j)
{
    httpa_json_array(j);
    httpa_json_key(j, "k");
}

static void key_on_top(struct httpa_json *j)
{
    httpa_json_key(j, "k");
}

static void two_documents(struct httpa_json *j)
{
    httpa_json_null(j);
    httpa_json_null(j);
}

static void end_too_many(struct httpa_json *j)
{
    httpa_json_array(j);
    httpa_json_end(j);
    httpa_json_end(j);
}

static void end_too_few(struct httpa_json *j)
{
    httpa_json_array(j);
}

static void nothing(struct httpa_json *j)
{
    (void)j;
}

static void too_deep(struct httpa_json *j)
{
    for (size_t i = 0; i <= HTTPA_JSON_DEPTH_MAX; i++) {
        httpa_json_array(j);
    }
    for (size_t i = 0; i <= HTTPA_JSON_DEPTH_MAX; i++) {
        httpa_json_end(j);
    }
}

static void misuse(void **state)
{
    (void)state;
    static void (*const cases[])(struct httpa_json *) = {
        value_without_key, key_without_value, two_keys,     key_in_array,
        key_on_top,        two_documents,     end_too_many, end_too_few,
        nothing,           too_deep,
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct httpa_json j = start(HTTPA_JSON_COMPACT);
        cases[i](&j);
        assert_err(HTTPA_ERR_USAGE, httpa_json_check(&j));
    }
}

static void full_depth(void **state)
{
    (void)state;
    struct httpa_json j = start(HTTPA_JSON_COMPACT);
    for (size_t i = 0; i < HTTPA_JSON_DEPTH_MAX; i++) {
        httpa_json_array(&j);
    }
    for (size_t i = 0; i < HTTPA_JSON_DEPTH_MAX; i++) {
        httpa_json_end(&j);
    }
    assert_ok(httpa_json_check(&j));
    assert_int_equal(out.n, 2 * HTTPA_JSON_DEPTH_MAX);
}

static void no_room(void **state)
{
    (void)state;
    out = httpa_buf_fixed(room, 8);
    struct httpa_json j = httpa_json_of(&out, HTTPA_JSON_COMPACT);
    httpa_json_str(&j, "12345678");
    assert_err(HTTPA_ERR_SPACE, httpa_json_check(&j));

    j = start(HTTPA_JSON_COMPACT);
    httpa_json_time(&j, INT64_MAX);
    assert_err(HTTPA_ERR_SPACE, httpa_json_check(&j));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact),
        cmocka_unit_test(pretty),
        cmocka_unit_test(no_nul_in_keys),
        cmocka_unit_test(thousandths),
        cmocka_unit_test(string_table),
        cmocka_unit_test(any_bytes_make_valid_json),
        cmocka_unit_test(misuse),
        cmocka_unit_test(full_depth),
        cmocka_unit_test(no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
