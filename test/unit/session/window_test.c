#include "session/window.h"

#include "support/test.h"

#define W HTTPA_LIMIT_WINDOW
#define MAX HTTPA_LIMIT_NUMBER

/* In order, on one window. */
static const struct {
    uint64_t n;
    enum httpa_err want;
    const char *why;
} rows[] = {
    { 0, HTTPA_ERR_RANGE, "numbers begin at 1" },
    { 1, HTTPA_OK, "the first" },
    { 1, HTTPA_ERR_REPLAY, "at once again" },
    { 9, HTTPA_OK, "a jump" },
    { 8, HTTPA_OK, "late" },
    { 7, HTTPA_OK, "later" },
    { 7, HTTPA_ERR_REPLAY, "late and again" },
    { 64, HTTPA_OK, "first bit of a word" },
    { 63, HTTPA_OK, "last bit of a word" },
    { 63, HTTPA_ERR_REPLAY, "seen" },
    { 64, HTTPA_ERR_REPLAY, "seen" },
    { 127, HTTPA_OK, "word edge" },
    { 128, HTTPA_OK, "word edge" },
    { W, HTTPA_OK, "a window's length" },
    { 2, HTTPA_OK, "W - 2 below the top" },
    { 1, HTTPA_ERR_REPLAY, "W - 1 below the top, seen" },
    { W + 1, HTTPA_OK, "moves by one" },
    { 1, HTTPA_ERR_REPLAY, "W below: stale" },
    { 2, HTTPA_ERR_REPLAY, "W - 1 below: seen" },
    { 3, HTTPA_OK, "inside, new" },
    { W + 3, HTTPA_OK, "moves by two" },
    { W + 2, HTTPA_OK, "the one jumped over is new, 2 is forgotten" },
    { 3, HTTPA_ERR_REPLAY, "stale" },
    { 4, HTTPA_OK, "exactly W - 1 below" },
    { 4, HTTPA_ERR_REPLAY, "seen" },
    { W + 4, HTTPA_OK, "next" },
    { 5, HTTPA_OK, "exactly W - 1 below" },
    { W + 6, HTTPA_OK, "5 becomes stale" },
    { 6, HTTPA_ERR_REPLAY, "stale, never used" },
    { 3 * W, HTTPA_OK, "more than a window" },
    { 3 * W - W + 1, HTTPA_OK, "oldest in the window" },
    { 3 * W - W, HTTPA_ERR_REPLAY, "one older" },
    { 2 * W + 1, HTTPA_ERR_REPLAY, "seen" },
    { 4 * W, HTTPA_OK, "exactly a window: all are new" },
    { 3 * W, HTTPA_ERR_REPLAY, "stale" },
    { 3 * W + 1, HTTPA_OK, "its bit was cleared" },
    { 4 * W + W - 1, HTTPA_OK, "one less than a window" },
    { 4 * W, HTTPA_ERR_REPLAY, "kept, seen" },
    { 4 * W + 1, HTTPA_OK, "kept, new" },
    { MAX - 1, HTTPA_OK, "the far end" },
    { MAX, HTTPA_OK, "the last" },
    { MAX, HTTPA_ERR_REPLAY, "the last again" },
    { MAX - W + 1, HTTPA_OK, "oldest" },
    { MAX - W, HTTPA_ERR_REPLAY, "stale" },
    { MAX + 1, HTTPA_ERR_RANGE, "beyond" },
    { UINT64_MAX, HTTPA_ERR_RANGE, "far beyond" },
};

static void table(void **state)
{
    struct httpa_window w = { 0 };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t n = rows[i].n;
        if (rows[i].want != HTTPA_ERR_RANGE) {
            assert_int_equal(httpa_window_used(&w, n),
                             rows[i].want == HTTPA_ERR_REPLAY);
        }
        enum httpa_err got = httpa_window_take(&w, n);
        if (got != rows[i].want) {
            fail_msg("row %zu, %llu (%s): %s", i, (unsigned long long)n,
                     rows[i].why, httpa_err_name(got));
        }
    }
}

/* Against the plainest model: a set of all numbers ever used. */
static void same_as_a_set(void **state)
{
    enum { N = 6000 };
    static bool used[N + 1];
    struct httpa_window w = { 0 };
    uint64_t top = 0;
    uint32_t x = 1;
    (void)state;
    for (size_t i = 0; i < 200000; i++) {
        x = x * 1664525u + 1013904223u;
        uint64_t reach = top + 8 < N ? top + 8 : N;
        uint64_t back = reach < 2000 ? reach - 1 : 2000;
        uint64_t n = reach - (x >> 8) % (back + 1);
        n = n == 0 ? 1 : n;
        bool fresh = !used[n] && (n > top || top - n < W);
        assert_int_equal(httpa_window_take(&w, n) == HTTPA_OK, fresh);
        used[n] = used[n] || fresh;
        top = n > top ? n : top;
    }
    assert_true(top > 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(same_as_a_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
