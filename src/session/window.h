/*
 * The replay window of one base (doc/protocol.md 9.5): which numbers were
 * used, exactly 1,024 below the highest one.  Numbers that fell out of it
 * count as used.  A plain object: whoever shares it holds a lock.
 */
#ifndef HTTPA_SESSION_WINDOW_H
#define HTTPA_SESSION_WINDOW_H

#include <httpa/slice.h>

#include "wire/limits.h"

struct httpa_window {
    uint64_t top; /* highest number used; 0: none */
    uint64_t bits[HTTPA_LIMIT_WINDOW / 64]; /* number n is bit n mod 1,024 */
};

/* Test-and-set.  HTTPA_OK: |n| is new and now used.  HTTPA_ERR_REPLAY: seen,
 * or left of the window.  HTTPA_ERR_RANGE: 0, or above HTTPA_LIMIT_NUMBER. */
HTTPA_MUST_USE enum httpa_err httpa_window_take(struct httpa_window *w,
                                                uint64_t n);

/* Whether httpa_window_take would refuse |n|; changes nothing. */
bool httpa_window_used(const struct httpa_window *w, uint64_t n);

#endif
