#include "wire/target.h"

#include "support/test.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

/* What a person types, and the one text of its origin (NULL: refused). */
static const struct {
    const char *uri;
    const char *want;
    const char *why;
} rows[] = {
    { "https://api.example.com", "https://api.example.com", "as it is" },
    { "HTTPS://API.Example.COM/v1?q#f", "https://api.example.com", "case" },
    { "https://a.example:443/", "https://a.example", "default port" },
    { "http://a.example:80", "http://a.example", "default port" },
    { "https://a.example:80", "https://a.example:80", "the other's default" },
    { "https://a.example:08443", "https://a.example:8443", "zeros" },
    { "https://a.example:", "https://a.example", "an empty port is none" },
    { "https://a.example:0", NULL, "no such port" },
    { "https://a.example:65536", NULL, "no such port" },
    { "https://a.example:99999999999999999999", NULL, "overflow" },
    { "https://a.example:8a", NULL, "not a port" },
    { "https://a.example:-1", NULL, "not a port" },
    { "https://localhost:8080", "https://localhost:8080", "one label" },
    { "http://127.0.0.1:3000/x", "http://127.0.0.1:3000", "dotted quad" },
    { "http://127.1", NULL, "a short form of an address" },
    { "http://0x7f000001", "http://0x7f000001", "a name, to us" },
    { "http://256.0.0.1", NULL, "no address, and no name" },
    { "http://1.2.3.04", NULL, "a leading zero" },
    { "http://[::1]:8080/", "http://[::1]:8080", "IPv6" },
    { "http://[0:0:0:0:0:0:0:1]", "http://[::1]", "RFC 5952" },
    { "http://[2001:DB8::0:1]", "http://[2001:db8::1]", "RFC 5952" },
    { "http://[::1", NULL, "no end" },
    { "http://[::1]x", NULL, "behind the bracket" },
    { "http://[fe80::1%25eth0]", NULL, "a zone" },
    { "http://[]", NULL, "nothing" },
    { "http://::1", NULL, "no brackets" },
    { "https://user@a.example", NULL, "user information" },
    { "https://user:pw@a.example", NULL, "user information" },
    { "https://a.example\\@b", NULL, "a backslash" },
    { "https://a b", NULL, "a space" },
    { "https://caf\xc3\xa9", NULL, "not ASCII" },
    { "https://xn--caf-dma.example", "https://xn--caf-dma.example", "A-label" },
    { "https://a..b", NULL, "an empty label" },
    { "https://a.example.", NULL, "a final dot" },
    { "https://-a.example", NULL, "a hyphen first" },
    { "https://a-.example", NULL, "a hyphen last" },
    { "https://my_app:80", "https://my_app:80", "as containers are called" },
    { "https://" L63, "https://" L63, "a label of 63" },
    { "https://" L63 "b", NULL, "a label of 64" },
    { "https://", NULL, "no host" },
    { "https:///x", NULL, "no host" },
    { "https:a", NULL, "no slashes" },
    { "https", NULL, "a word" },
    { "", NULL, "nothing" },
    { "ftp://a", NULL, "another scheme" },
    { "api.example.com", NULL, "no scheme" },
};

static void one_text_for_one_origin(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[512];
        struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
        struct httpa_target t;
        struct httpa_slice uri = httpa_slice_str(rows[i].uri);
        enum httpa_err err = httpa_target_of_uri(uri, &b);
        if ((err == HTTPA_OK) != (rows[i].want != NULL)) {
            fail_msg("%s (%s): %s", rows[i].uri, rows[i].why,
                     httpa_err_name(err));
        }
        bool same = rows[i].want != NULL &&
                    strcmp(rows[i].uri, rows[i].want) == 0;
        if ((httpa_target_read(uri, &t) == HTTPA_OK) != same) {
            fail_msg("%s: read as a serialisation", rows[i].uri);
        }
        if (err == HTTPA_OK) {
            assert_slice_is(httpa_buf_slice(&b), rows[i].want);
            assert_ok(httpa_target_read(httpa_buf_slice(&b), &t));
            assert_true(httpa_target_is(httpa_buf_slice(&b), t.scheme,
                                        t.authority));
        } else {
            assert_int_equal(b.n, 0);
        }
    }
}

static void parts_of_a_target(void **state)
{
    struct httpa_target t;
    (void)state;
    assert_ok(httpa_target_read(httpa_slice_str("http://[::1]:81"), &t));
    assert_slice_is(t.scheme, "http");
    assert_slice_is(t.authority, "[::1]:81");
    assert_slice_is(t.host, "::1");
    assert_int_equal(t.port, 81);
    assert_ok(httpa_target_read(httpa_slice_str("https://a"), &t));
    assert_int_equal(t.port, 443);
    char longest[300] = "https://";
    while (strlen(longest) < HTTPA_LIMIT_TARGET + 1) {
        strcat(longest, strlen(longest) % 60 == 0 ? "." : "x");
    }
    assert_err(HTTPA_ERR_RANGE,
               httpa_target_read(httpa_slice_str(longest), &t));
    longest[HTTPA_LIMIT_TARGET] = '\0';
    assert_ok(httpa_target_read(httpa_slice_str(longest), &t));
}

static void comparison_is_bytewise(void **state)
{
    static const struct {
        const char *scheme;
        const char *authority;
        bool same;
    } is[] = {
        { "https", "a.example", true },  { "http", "a.example", false },
        { "https", "A.example", false }, { "https", "a.example:443", false },
        { "https", "", false },          { "", "https://a.example", false },
        { "https:", "/a.example", false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(is); i++) {
        assert_int_equal(httpa_target_is(httpa_slice_str("https://a.example"),
                                         httpa_slice_str(is[i].scheme),
                                         httpa_slice_str(is[i].authority)),
                         is[i].same);
    }
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    uint8_t bytes[512];
    struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_target t;
    (void)arg;
    if (httpa_target_of_uri(in, &b) == HTTPA_OK) {
        assert_ok(httpa_target_read(httpa_buf_slice(&b), &t));
    }
    if (httpa_target_read(in, &t) == HTTPA_OK) {
        assert_true(httpa_slice_equal(in, httpa_buf_slice(&b)));
    }
}

static void mutants_do_no_harm(void **state)
{
    (void)state;
    mutate(httpa_slice_str("https://[2001:db8::1:192.0.2.33]:8443/x?y#z"),
           read_mutant, NULL);
    mutate(httpa_slice_str("http://a-b.c_d.192:80"), read_mutant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_text_for_one_origin),
        cmocka_unit_test(parts_of_a_target),
        cmocka_unit_test(comparison_is_bytewise),
        cmocka_unit_test(mutants_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
