#include "codec/sfv.h"
#include "support/test.h"

static const struct {
    int64_t v;
    unsigned places;
    int64_t want;
    const char *why;
} rows[] = {
    { 5, 0, 5000, "an integer" },
    { 15, 1, 1500, "one place" },
    { -12345, 3, -12345, "three places" },
    { 12344, 4, 1234, "down" },
    { 12346, 4, 1235, "up" },
    { 12345, 4, 1234, "half to even: down" },
    { 12355, 4, 1236, "half to even: up" },
    { -12355, 4, -1236, "the sign plays no part" },
    { 123450001, 8, 1235, "just above half" },
    { 123449999, 8, 1234, "just below half" },
    { 999999999999, 0, 999999999999000, "the largest integer part" },
    { 999999999999999, 3, 999999999999999, "the largest" },
    { 0, 18, 0, "nothing" },
    { INT64_MIN, 18, -9223, "the smallest int64_t" },
};

static const struct {
    int64_t v;
    unsigned places;
    const char *why;
} bad[] = {
    { 1000000000000, 0, "13 digits in front" },
    { 1000000000000000, 3, "13 digits in front" },
    { 9999999999999995, 4, "13 digits once rounded" },
    { INT64_MAX, 0, "far too large" },
    { INT64_MIN, 0, "far too small" },
    { 0, 19, "places past int64_t" },
};

static void rounded(void **state)
{
    (void)state;
    int64_t got = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_ok(httpa_sfv_round(rows[i].v, rows[i].places, &got));
        if (got != rows[i].want) {
            fail_msg("%s: %lld", rows[i].why, (long long)got);
        }
    }
}

static void refused(void **state)
{
    (void)state;
    int64_t kept = 42;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_err(HTTPA_ERR_RANGE,
                   httpa_sfv_round(bad[i].v, bad[i].places, &kept));
    }
    assert_int_equal(kept, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounded),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
