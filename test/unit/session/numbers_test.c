#include "session/numbers.h"

#include "support/test.h"

static uint64_t take(struct httpa_numbers *s)
{
    uint64_t n = 0;
    assert_ok(httpa_numbers_take(s, &n));
    return n;
}

static void numbers_count_up(void **state)
{
    struct httpa_numbers s = { 0 };
    (void)state;
    assert_int_equal(take(&s), 1);
    assert_int_equal(take(&s), 2);
    httpa_numbers_settle(&s, 1);
    httpa_numbers_settle(&s, 1); /* twice is once */
    httpa_numbers_settle(&s, 3); /* never taken */
    httpa_numbers_settle(&s, 0);
    assert_int_equal(s.waiting, 1);
    assert_int_equal(take(&s), 3);
}

static void at_most_512_wait(void **state)
{
    struct httpa_numbers s = { 0 };
    uint64_t n = 7;
    (void)state;
    for (size_t i = 0; i < HTTPA_LIMIT_UNANSWERED; i++) {
        take(&s);
    }
    assert_err(HTTPA_ERR_BUSY, httpa_numbers_take(&s, &n));
    assert_int_equal(n, 7);
    httpa_numbers_settle(&s, 300);
    assert_int_equal(take(&s), HTTPA_LIMIT_UNANSWERED + 1);
}

/* One slow request must not fall out of the server's window. */
static void none_is_taken_1024_above_the_lowest(void **state)
{
    struct httpa_numbers s = { 0 };
    uint64_t n;
    (void)state;
    uint64_t slow = take(&s);
    for (size_t i = 1; i < HTTPA_LIMIT_WINDOW; i++) {
        httpa_numbers_settle(&s, take(&s));
    }
    assert_int_equal(s.last, HTTPA_LIMIT_WINDOW);
    assert_err(HTTPA_ERR_BUSY, httpa_numbers_take(&s, &n));
    httpa_numbers_settle(&s, slow);
    assert_int_equal(take(&s), HTTPA_LIMIT_WINDOW + 1);
}

static void the_end_of_numbers(void **state)
{
    struct httpa_numbers s = { .last = HTTPA_LIMIT_NUMBER - 1 };
    uint64_t n;
    (void)state;
    assert_int_equal(take(&s), HTTPA_LIMIT_NUMBER);
    httpa_numbers_settle(&s, HTTPA_LIMIT_NUMBER);
    assert_err(HTTPA_ERR_REKEY, httpa_numbers_take(&s, &n));
}

/* Whatever the order of answers, the server's window accepts every number. */
static void never_outruns_the_window(void **state)
{
    struct httpa_numbers s = { 0 };
    struct httpa_window w = { 0 };
    uint64_t open[HTTPA_LIMIT_UNANSWERED];
    size_t count = 0;
    uint32_t x = 7;
    (void)state;
    for (size_t i = 0; i < 100000; i++) {
        x = x * 1664525u + 1013904223u;
        uint64_t n;
        if ((x >> 16) % 2 == 0 && httpa_numbers_take(&s, &n) == HTTPA_OK) {
            open[count++] = n;
        } else if (count > 0) {
            size_t k = (x >> 8) % count;
            assert_ok(httpa_window_take(&w, open[k]));
            httpa_numbers_settle(&s, open[k]);
            open[k] = open[--count];
        }
        assert_int_equal(s.waiting, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_count_up),
        cmocka_unit_test(at_most_512_wait),
        cmocka_unit_test(none_is_taken_1024_above_the_lowest),
        cmocka_unit_test(the_end_of_numbers),
        cmocka_unit_test(never_outruns_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
