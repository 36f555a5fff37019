/* Sessions of Veraison's API as they come, and as they must not.  The exchange
 * itself is test/integration/veraison_test.py. */
#include "collateral/veraison.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"

#define NONCE "\"nonce\":\"AAECAwQFBgc\""
#define ACCEPT "\"accept\":[\"a/b\",\"c/d; e=\\\"f\\/g\\\"\"]"
#define WHOLE                                                                  \
    "{" NONCE ",\"expiry\":\"2030-10-12T07:20:50Z\"," ACCEPT                   \
    ",\"status\":\"complete\",\"evidence\":{\"type\":\"a/b\",\"value\":"       \
    "\"AA\"},\"result\":\"e.y.J\"}"

static enum httpa_err
read_text(const char *text, struct httpa_veraison_session *ret)
{
    return httpa_veraison_read(httpa_slice_str(text), ret);
}

static void whole(void **state)
{
    static const uint8_t nonce[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    struct httpa_veraison_session s;
    (void)state;
    assert_ok(read_text(WHOLE, &s));
    assert_int_equal(s.status, HTTPA_VERAISON_COMPLETE);
    assert_int_equal(s.nonce_n, sizeof(nonce));
    assert_memory_equal(s.nonce, nonce, sizeof(nonce));
    assert_true(httpa_slice_is(s.result, "e.y.J"));
}

static void statuses(void **state)
{
    static const struct {
        const char *text;
        enum httpa_veraison_status status;
        enum httpa_err err;
    } rows[] = {
        { "\"status\":\"waiting\"", HTTPA_VERAISON_WAITING, HTTPA_OK },
        { "\"state\":\"waiting\"", HTTPA_VERAISON_WAITING, HTTPA_OK },
        { "\"status\":\"processing\"", HTTPA_VERAISON_PROCESSING, HTTPA_OK },
        { "\"status\":\"failed\"", HTTPA_VERAISON_FAILED, HTTPA_OK },
        /* a result of what is not complete is none */
        { "\"status\":\"failed\",\"result\":\"a.b.c\"", HTTPA_VERAISON_FAILED,
          HTTPA_OK },
        { "\"status\":\"failed\",\"state\":\"complete\"",
          HTTPA_VERAISON_FAILED, HTTPA_OK },
        { "\"status\":\"Waiting\"", 0, HTTPA_ERR_UNSUPPORTED },
        { "\"status\":\"\"", 0, HTTPA_ERR_UNSUPPORTED },
        { "\"status\":0", 0, HTTPA_ERR_MALFORMED },
        { "\"status\":\"wa\\u0069ting\"", 0, HTTPA_ERR_MALFORMED },
        { "\"a\":0", 0, HTTPA_ERR_MISSING },
        { "\"status\":\"complete\"", 0, HTTPA_ERR_MISSING },
        { "\"status\":\"complete\",\"result\":\"\"", 0, HTTPA_ERR_RANGE },
        { "\"status\":\"complete\",\"result\":{}", 0, HTTPA_ERR_MALFORMED },
        { "\"status\":\"complete\",\"result\":\"a\\n\"", 0,
          HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[512];
        struct httpa_veraison_session s = { .status = HTTPA_VERAISON_WAITING };
        (void)snprintf(text, sizeof(text), "{" NONCE "," ACCEPT ",%s}",
                       rows[i].text);
        enum httpa_err err = read_text(text, &s);
        if (err != rows[i].err ||
            (err == HTTPA_OK && s.status != rows[i].status)) {
            fail_msg("%s: %s", rows[i].text, httpa_err_name(err));
        }
        assert_int_equal(s.result.n, 0);
    }
}

static void nonces(void **state)
{
    static const struct {
        const char *text;
        size_t n; /* 0: refused */
        enum httpa_err err;
    } rows[] = {
        { "\"AAECAwQFBgc=\"", 8, HTTPA_OK },
        { "\"-_-_-_-_-_8\"", 8, HTTPA_OK },
        { "\"+/+/+/+/+/8=\"", 8, HTTPA_OK },
        { "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAA==\"",
          64, HTTPA_OK },
        { "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAA\"",
          0, HTTPA_ERR_RANGE },
        { "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAA\"",
          0, HTTPA_ERR_RANGE },
        { "\"AAECAwQFBg\"", 0, HTTPA_ERR_RANGE },
        { "\"\"", 0, HTTPA_ERR_RANGE },
        { "\"====\"", 0, HTTPA_ERR_RANGE },
        { "\"AAECAw=FBgc\"", 0, HTTPA_ERR_MALFORMED },
        { "\"AAECAwQFBgd\"", 0, HTTPA_ERR_MALFORMED }, /* stray bits */
        { "\"AAECAw QFBgc\"", 0, HTTPA_ERR_MALFORMED },
        { "[]", 0, HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[512];
        struct httpa_veraison_session s;
        (void)snprintf(text, sizeof(text),
                       "{\"nonce\":%s," ACCEPT ",\"status\":\"waiting\"}",
                       rows[i].text);
        enum httpa_err err = read_text(text, &s);
        if (err != rows[i].err || (err == HTTPA_OK && s.nonce_n != rows[i].n)) {
            fail_msg("%s: %s", rows[i].text, httpa_err_name(err));
        }
    }
}

static void documents(void **state)
{
    static const struct {
        const char *text;
        enum httpa_err err;
    } rows[] = {
        { "", HTTPA_ERR_TRUNCATED },
        { "[]", HTTPA_ERR_MALFORMED },
        { "{}", HTTPA_ERR_MISSING },
        { "{" NONCE ",\"status\":\"waiting\"}", HTTPA_ERR_MISSING },
        { "{" NONCE ",\"status\":\"waiting\",\"accept\":\"a/b\"}",
          HTTPA_ERR_MALFORMED },
        { "{" ACCEPT ",\"status\":\"waiting\"}", HTTPA_ERR_MISSING },
        { "{" NONCE "," NONCE "," ACCEPT ",\"status\":\"waiting\"}",
          HTTPA_ERR_DUPLICATE },
        { "{" NONCE "," ACCEPT ",\"status\":\"waiting\"}x",
          HTTPA_ERR_TRAILING },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct httpa_veraison_session s;
        enum httpa_err err = read_text(rows[i].text, &s);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].text, httpa_err_name(err));
        }
    }
}

/* ------------------------------------------------------------- media types */

static void choices(void **state)
{
    static const struct {
        const char *first, *second;
        const char *want;
    } rows[] = {
        { "a/b", NULL, "a/b" },
        { "c/d; e=\"f/g\"", "a/b", "c/d; e=\"f/g\"" },
        { "c/d", "a/b", "a/b" },
        { "c/d", NULL, NULL },
        { "A/B", NULL, NULL },
        { NULL, NULL, NULL },
    };
    struct httpa_veraison_session s;
    (void)state;
    assert_ok(read_text(WHOLE, &s));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const types[HTTPA_VERAISON_TYPES] = { rows[i].first,
                                                          rows[i].second };
        assert_ptr_equal(httpa_veraison_choose(&s, types),
                         rows[i].want == NULL             ? NULL
                         : rows[i].want == rows[i].second ? types[1]
                                                          : types[0]);
    }
}

/* What could not be a field of HTTP is not accepted, whatever it says. */
static void odd_types(void **state)
{
    uint8_t room[512];
    char text[1024], long_type[300];
    struct httpa_veraison_session s;
    struct httpa_buf list = httpa_buf_fixed(room, sizeof(room));
    (void)state;
    memset(long_type, 'a', sizeof(long_type) - 1);
    long_type[sizeof(long_type) - 1] = '\0';
    (void)snprintf(text, sizeof(text),
                   "{" NONCE ",\"status\":\"waiting\",\"accept\":[1,\"\","
                   "\"a\\r\\nb\",\"a\\u0041\",\"\xc3\xa9\",\"%s\","
                   "\"x\\\\y\",\"ok\"]}",
                   long_type);
    assert_ok(read_text(text, &s));
    httpa_veraison_list(&s, &list);
    assert_slice_is(httpa_buf_slice(&list), "x\\y, ok");
    const char *const types[HTTPA_VERAISON_TYPES] = { long_type, "a\r\nb" };
    assert_null(httpa_veraison_choose(&s, types));
}

static void problems(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        { "{\"title\":\"Bad\",\"detail\":\"no nonce\"}", ": Bad: no nonce" },
        { "{\"detail\":\"no nonce\",\"title\":7}", ": no nonce" },
        { "<html>", "" },
        { "{\"title\":\"a\\u001b[31m\"}", "" },
        { "", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t room[64];
        struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
        httpa_veraison_problem(httpa_slice_str(rows[i].text), &out);
        assert_slice_is(httpa_buf_slice(&out), rows[i].want);
    }
}

static void try_read(struct httpa_slice in, void *arg)
{
    static const char *const types[HTTPA_VERAISON_TYPES] = { "a/b", "c/d" };
    struct httpa_veraison_session s;
    (void)arg;
    if (httpa_veraison_read(in, &s) == HTTPA_OK) {
        (void)httpa_veraison_choose(&s, types);
        assert_true(s.nonce_n >= 8 && s.nonce_n <= sizeof(s.nonce));
        assert_true((s.status == HTTPA_VERAISON_COMPLETE) ==
                    (s.result.n > 0));
    }
}

static void mutants(void **state)
{
    (void)state;
    mutate(httpa_slice_str(WHOLE), try_read, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),     cmocka_unit_test(statuses),
        cmocka_unit_test(nonces),    cmocka_unit_test(documents),
        cmocka_unit_test(choices),   cmocka_unit_test(odd_types),
        cmocka_unit_test(problems),  cmocka_unit_test(mutants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
