/* Outer cookies: kept for one host and path, within their limits. */
#include "support/test.h"
#include "tool/jar.h"

#define NOW_S 1795000000 /* 2026-11-18 */

static void set(struct httpa_jar *jar, const char *value)
{
    struct httpa_field v[1];
    struct httpa_fields fields = { .v = v, .cap = 1 };
    assert_int_equal(httpa_fields_add(&fields, httpa_slice_str("Set-Cookie"),
                                      httpa_slice_str(value)),
                     HTTPA_OK);
    httpa_jar_keep(jar, &fields, NOW_S);
}

static void assert_sends(const struct httpa_jar *jar, const char *expected)
{
    struct httpa_buf out = httpa_buf_growing(HTTPA_JAR_BYTES * 2);
    httpa_jar_put(jar, &out);
    httpa_buf_put_byte(&out, 0);
    assert_string_equal((const char *)out.p, expected);
    httpa_buf_done(&out);
}

static void one_by_one(void **state)
{
    static const struct {
        const char *why;
        const char *set;
        const char *sent;
    } rows[] = {
        { "plain", "lb=r1", "lb=r1" },
        { "root", "lb=r1; Path=/", "lb=r1" },
        { "our folder", "lb=r1; Path=/.well-known", "lb=r1" },
        { "our path", "lb=r1; Path=/.well-known/httpa", "lb=r1" },
        { "another path", "lb=r1; Path=/app", "" },
        { "half a name of a folder", "lb=r1; path=/.well", "" },
        { "https only, and this is http", "lb=r1; Secure", "" },
        { "flags that mean nothing here", "lb=r1; HttpOnly; SameSite=Lax",
          "lb=r1" },
        { "already over", "lb=r1; Max-Age=0", "" },
        { "over by date", "lb=r1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "" },
        { "later", "lb=r1; Expires=Fri, 01 Jan 2027 00:00:00 GMT", "lb=r1" },
        { "space around", "  lb = r1 ; Path = / ", "lb = r1" },
        { "without =", "lb", "" },
        { "without name", "=r1", "" },
        { "a header of its own", "lb=r1\r\nX: y", "" },
        { "not ASCII", "lb=\xc3\xa4", "" },
        { "nothing", "", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct httpa_jar jar = { .path = "/.well-known/httpa" };
        (void)fprintf(stderr, "%s\n", rows[i].why);
        set(&jar, rows[i].set);
        assert_sends(&jar, rows[i].sent);
    }
}

static void replaced_and_removed(void **state)
{
    struct httpa_jar jar = { .path = "/.well-known/httpa", .is_https = true };
    (void)state;
    set(&jar, "a=1; Secure");
    set(&jar, "b=2");
    set(&jar, "a=3");
    assert_sends(&jar, "a=3; b=2");
    set(&jar, "a=; Max-Age=-1");
    assert_sends(&jar, "b=2");
    set(&jar, "c=4");
    assert_sends(&jar, "c=4; b=2");
}

/* doc/protocol.md 13.7 */
static void no_more_than_16_and_4096(void **state)
{
    struct httpa_jar jar = { .path = "/.well-known/httpa" };
    char text[HTTPA_JAR_COOKIE_BYTES + 8];
    struct httpa_buf out = httpa_buf_growing(HTTPA_JAR_BYTES * 2);
    (void)state;
    for (int i = 0; i < 20; i++) {
        (void)snprintf(text, sizeof(text), "n%02d=1", i);
        set(&jar, text);
    }
    httpa_jar_put(&jar, &out);
    assert_int_equal(out.n, 16 * 5 + 15 * 2);
    httpa_buf_reset(&out);
    jar = (struct httpa_jar){ .path = "/.well-known/httpa" };
    for (int i = 0; i < 6; i++) {
        memset(text, 'x', 1000);
        text[0] = (char)('a' + i);
        text[1] = '=';
        text[1000] = '\0';
        set(&jar, text);
    }
    httpa_jar_put(&jar, &out);
    assert_int_equal(out.n, 4 * 1000 + 3 * 2);
    httpa_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_by_one),
        cmocka_unit_test(replaced_and_removed),
        cmocka_unit_test(no_more_than_16_and_4096),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
