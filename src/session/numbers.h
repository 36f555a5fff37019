/*
 * The client's side of message numbers (doc/protocol.md 9.4): each number is
 * taken once, and none is taken while so many are unanswered, or one is so
 * old, that the server's window could lose it.
 *
 * A plain object of one thread, or behind its owner's lock.
 */
#ifndef HTTPA_SESSION_NUMBERS_H
#define HTTPA_SESSION_NUMBERS_H

#include "session/window.h"

struct httpa_numbers {
    uint64_t last;    /* the number taken last; 0: none */
    uint64_t lowest;  /* no number below it is unanswered */
    unsigned waiting; /* unanswered numbers */
    uint64_t answered[HTTPA_LIMIT_WINDOW / 64];
};

/* Takes the next number.  HTTPA_ERR_BUSY: 512 are unanswered, or the oldest
 * unanswered is 1,024 back; wait or use another base.  HTTPA_ERR_REKEY: none
 * is left. */
HTTPA_MUST_USE enum httpa_err httpa_numbers_take(struct httpa_numbers *s,
                                                 uint64_t *ret_n);

/* |n| is answered (its response head verified) or given up.  A second time,
 * or a number never taken, does nothing. */
void httpa_numbers_settle(struct httpa_numbers *s, uint64_t n);

#endif
