#include "session/window.h"

#include <string.h>

#define WORD 64u

static uint64_t bit(uint64_t n)
{
    return UINT64_C(1) << (n % WORD);
}

static size_t word(uint64_t n)
{
    return (size_t)(n % HTTPA_LIMIT_WINDOW / WORD);
}

static bool stale(const struct httpa_window *w, uint64_t n)
{
    return n <= w->top && w->top - n >= HTTPA_LIMIT_WINDOW;
}

static bool seen(const struct httpa_window *w, uint64_t n)
{
    return n <= w->top && (w->bits[word(n)] & bit(n)) != 0;
}

/* The numbers behind |top| up to |n| enter the window: their bits belonged to
 * numbers that leave it. */
static void shift(struct httpa_window *w, uint64_t n)
{
    if (n - w->top >= HTTPA_LIMIT_WINDOW) {
        memset(w->bits, 0, sizeof(w->bits));
    } else {
        for (uint64_t k = w->top + 1; k <= n; k++) {
            w->bits[word(k)] &= ~bit(k);
        }
    }
    w->top = n;
}

bool httpa_window_used(const struct httpa_window *w, uint64_t n)
{
    return stale(w, n) || seen(w, n);
}

enum httpa_err httpa_window_take(struct httpa_window *w, uint64_t n)
{
    if (n < 1 || n > HTTPA_LIMIT_NUMBER) {
        return HTTPA_ERR_RANGE;
    }
    if (httpa_window_used(w, n)) {
        return HTTPA_ERR_REPLAY;
    }
    if (n > w->top) {
        shift(w, n);
    }
    w->bits[word(n)] |= bit(n);
    return HTTPA_OK;
}
