/*
 * Clear copies (doc/protocol.md 10.4): inner fields that a sender repeats in
 * the outer head, for firewalls and routers, and lists in Attest-Clear.
 *
 * The outer head is gone when the inner one opens, so what may be a copy is
 * kept until then.
 */
#ifndef HTTPA_WIRE_CLEAR_H
#define HTTPA_WIRE_CLEAR_H

#include <httpa/message.h>

#include "wire/ahl.h"

/* Appends |outer| to |kept|, a buffer with room for HTTPA_CLEAR_KEPT_MAX: what
 * of it is a copy is known when the inner head opens. */
#define HTTPA_CLEAR_KEPT_MAX 131072u
HTTPA_MUST_USE enum httpa_err
httpa_clear_keep(const struct httpa_fields *outer, struct httpa_buf *kept);

/*
 * Compares what Attest-Clear of |sealed| names.
 * HTTPA_ERR_CLEAR      a copy is missing or differs: `clear`
 * HTTPA_ERR_HEAD       a name that may not be listed
 */
HTTPA_MUST_USE enum httpa_err
httpa_clear_compare(const struct httpa_ahl *sealed, struct httpa_slice kept,
                    const struct httpa_fields *inner);

/* Whether inner fields called |name| may be copied to the outside. */
bool httpa_clear_may(struct httpa_slice name);

#endif
