/* Where a service begins, and what stays with it. */
#include "collateral/url.h"

#include <string.h>

#include "support/test.h"

static void bases(void **state)
{
    static const struct {
        const char *text;
        bool is;
    } rows[] = {
        { "https://a.example", true },
        { "https://a.example:8443/below", true },
        { "http://127.0.0.1:80", true },
        { "http://localhost/", true },
        { "http://[::1]:1", true },
        { "http://127.0.0.1.a.example", false },
        { "http://a.example", false },
        { "ftp://a.example", false },
        { "https://u:p@a.example", false },
        { "https://a.example?q", false },
        { "https://a.example#f", false },
        { "a.example", false },
        { "", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (httpa_url_is_base(rows[i].text, 100) != rows[i].is) {
            fail_msg("%s", rows[i].text);
        }
    }
    assert_true(httpa_url_is_base("https://a.example", HTTPA_URL_MAX - 18));
    assert_false(httpa_url_is_base("https://a.example", HTTPA_URL_MAX - 17));
}

static void references(void **state)
{
    static const char base[] = "https://a.example/v1/new?nonce=x";
    static const struct {
        const char *reference;
        const char *url; /* NULL: refused */
    } rows[] = {
        { "session/1", "https://a.example/v1/session/1" },
        { "/s/1", "https://a.example/s/1" },
        { "https://a.example/s/1", "https://a.example/s/1" },
        { "https://a.example:443/s", "https://a.example:443/s" },
        { "//a.example/s", "https://a.example/s" },
        { "../../../s", "https://a.example/s" },
        { "https://a.example:444/s", NULL },
        { "https://b.example/s", NULL },
        { "https://a.example.b.example/s", NULL },
        { "//b.example/s", NULL },
        { "http://a.example/s", NULL },
        { "file:///etc/passwd", NULL },
        { "https://u@a.example/s", NULL },
        { "https://a.example@b.example/s", NULL },
        { "a b", "https://a.example/v1/a%20b" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char url[HTTPA_URL_MAX] = "";
        bool is = httpa_url_resolve(base, rows[i].reference, url);
        if (is != (rows[i].url != NULL) ||
            (is && strcmp(url, rows[i].url) != 0)) {
            fail_msg("%s: %s", rows[i].reference, url);
        }
    }
}

static void too_long(void **state)
{
    char url[HTTPA_URL_MAX], reference[HTTPA_URL_MAX];
    (void)state;
    memset(reference, 's', sizeof(reference) - 1);
    reference[sizeof(reference) - 1] = '\0';
    assert_false(httpa_url_resolve("https://a.example/", reference, url));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bases),
                                        cmocka_unit_test(references),
                                        cmocka_unit_test(too_long) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
