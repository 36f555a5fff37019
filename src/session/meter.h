/*
 * How much one key has protected (doc/protocol.md 17.2).  Shared by all
 * messages of a base in one direction, on any thread.
 */
#ifndef HTTPA_SESSION_METER_H
#define HTTPA_SESSION_METER_H

#include <stdatomic.h>

#include <httpa/slice.h>

#include "crypto/suite.h"

struct httpa_meter {
    const struct httpa_suite *suite;
    _Atomic uint64_t used; /* units of the suite */
};

void httpa_meter_init(struct httpa_meter *m, const struct httpa_suite *suite);

/* Counts one operation over |aad_n| and |text_n| bytes before it is done.
 * HTTPA_ERR_REKEY: the budget does not allow it.  A NULL meter counts
 * nothing: the handshake's key seals one message. */
HTTPA_MUST_USE enum httpa_err httpa_meter_take(struct httpa_meter *m,
                                               size_t aad_n, size_t text_n);

/* Half of the budget is used: announce an end. */
bool httpa_meter_half(const struct httpa_meter *m);

/* Too little is left for a new request to be answered: sealed `rekey`. */
bool httpa_meter_low(const struct httpa_meter *m);

#endif
