#include "gateway/allow.h"

#include "support/test.h"

static void form_of_rules(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        bool fits;
    } rows[] = {
        { "GET:/favicon.ico", true },
        { "*:/", true },
        { "GET:/public/", true },
        { "GET", false },      /* no path */
        { ":/x", false },      /* no method */
        { "GET:x", false },    /* a path begins with a slash */
        { "G T:/x", false },   /* no token */
        { "GET:/x?y", false }, /* the query plays no part */
        { "**:/x", true },     /* `*` is a tchar: a method of two stars */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(httpa_allow_fits(rows[i].rule), rows[i].fits);
    }
}

static void requests_against_rules(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        const char *method;
        const char *path;
        bool allowed;
    } rows[] = {
        { "GET:/a", "GET", "/a", true },
        { "GET:/a", "GET", "/a?q=/b", true },
        { "GET:/a", "get", "/a", false }, /* methods have case */
        { "GET:/a", "HEAD", "/a", false },
        { "GET:/a", "GET", "/a/", false }, /* exact */
        { "GET:/a", "GET", "/ab", false },
        { "GET:/a/", "GET", "/a/b/c", true },
        { "GET:/a/", "GET", "/a/", true },
        { "GET:/a/", "GET", "/a", false },
        { "*:/a/", "POST", "/a/b", true },
        { "*:/", "POST", "/any/../thing", true }, /* everything is allowed */
        /* What an application may read as something else: */
        { "GET:/a/", "GET", "/a/../secret", false },
        { "GET:/a/", "GET", "/a/.", false },
        { "GET:/a/", "GET", "/a/%2e%2e/secret", false },
        { "GET:/a/", "GET", "/a/%2E./secret", false },
        { "GET:/a/", "GET", "/a/..%2fsecret", false },
        { "GET:/a/", "GET", "/a/..%5csecret", false },
        { "GET:/a/", "GET", "/a/..\\secret", false },
        { "GET:/a/", "GET", "/a//b", false },
        { "GET:/a/", "GET", "/a/..;x/secret", false },
        { "GET:/a/", "GET", "/a/b?/../c", true }, /* that is the query */
        { "GET:/a", "GET", "*", false },
        { "GET:/a", "GET", "", false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct httpa_settings_list rules = { .v = { rows[i].rule }, .n = 1 };
        struct httpa_head head = {
            .is_request = true,
            .method = httpa_slice_str(rows[i].method),
            .path = httpa_slice_str(rows[i].path),
        };
        assert_int_equal(httpa_allow_match(&rules, &head), rows[i].allowed);
    }
}

static void no_rule_allows_nothing(void **state)
{
    (void)state;
    const struct httpa_settings_list none = { .n = 0 };
    struct httpa_head head = { .is_request = true,
                               .method = httpa_slice_str("GET"),
                               .path = httpa_slice_str("/") };
    assert_false(httpa_allow_match(&none, &head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(form_of_rules),
        cmocka_unit_test(requests_against_rules),
        cmocka_unit_test(no_rule_allows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
