#include "codec/version.h"

#include "support/test.h"

static void texts(void **state)
{
    static const struct {
        const char *text;
        enum httpa_err err;
    } rows[] = {
        { "0", HTTPA_OK },
        { "1.2.3", HTTPA_OK },
        { "1.2.3.4.5.6.7.8", HTTPA_OK },
        { "1.2.3.4.5.6.7.8.9", HTTPA_ERR_RANGE },
        { "999999999.0", HTTPA_OK },
        { "1000000000", HTTPA_ERR_RANGE },
        { "", HTTPA_ERR_MALFORMED },
        { ".1", HTTPA_ERR_MALFORMED },
        { "1.", HTTPA_ERR_MALFORMED },
        { "1..2", HTTPA_ERR_MALFORMED },
        { "v1", HTTPA_ERR_MALFORMED },
        { "1.0-rc1", HTTPA_ERR_MALFORMED },
        { "1 ", HTTPA_ERR_MALFORMED },
        { "-1", HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_version v;
        assert_err(rows[i].err,
                   httpa_version_read(httpa_slice_str(rows[i].text), &v));
    }
}

static void order(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool at_least;
    } rows[] = {
        { "1", "1", true },        { "1.0.0", "1", true },
        { "1", "1.0.1", false },   { "1.10", "1.9", true },
        { "1.9", "1.10", false },  { "2", "1.99.99", true },
        { "1.99.99", "2", false }, { "1.0.0.0.0.0.0.1", "1", true },
        { "1", "1.0.0.0.0.0.0.1", false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_version a, b;
        assert_ok(httpa_version_read(httpa_slice_str(rows[i].a), &a));
        assert_ok(httpa_version_read(httpa_slice_str(rows[i].b), &b));
        assert_int_equal(httpa_version_at_least(&a, &b), rows[i].at_least);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(texts),
                                        cmocka_unit_test(order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
