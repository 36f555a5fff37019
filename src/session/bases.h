/*
 * The server's bases: a striped table, one lock per stripe.
 *
 * This is the one place of the library that holds locks, and the reason is
 * security: whether a number is new and who may answer it is one decision
 * (doc/protocol.md 9.5, doc/adr).  A base is here and nowhere else, in memory
 * that is kept out of core dumps, swap (as far as the system allows) and
 * child processes.
 *
 * All functions may be called from any thread.
 */
#ifndef HTTPA_SESSION_BASES_H
#define HTTPA_SESSION_BASES_H

#include "crypto/random.h"
#include "session/base.h"
#include "session/ticket.h"
#include "wire/ahl.h"

struct httpa_bases;

struct httpa_bases_config {
    size_t max;             /* bases at most, at least one */
    size_t max_unconfirmed; /* of them without a ticket yet, at least one */
};

struct httpa_bases_count {
    size_t all;
    size_t unconfirmed;
};

/* A message whose ticket verified and whose number is now used: the right to
 * answer it.  Holds a reference until httpa_bases_release. */
struct httpa_accepted {
    struct httpa_base *base;
    struct httpa_ticket ticket;
    bool first; /* the base was unconfirmed until now */
};

HTTPA_MUST_USE enum httpa_err
httpa_bases_new(const struct httpa_crypto *crypto,
                const struct httpa_random *rng,
                const struct httpa_bases_config *config,
                struct httpa_bases **ret_bases);

/* Closes and wipes everything.  No message may be running; NULL is fine. */
void httpa_bases_free(struct httpa_bases *t);

/* Makes the random bytes of a Base-ID to be say |suite| too, which stands in
 * the clear beside it: so a ticket for an id that is not there any more, or
 * never was, is opened with the same cipher (doc/protocol.md 4.5). */
void httpa_bases_mark(uint8_t random[HTTPA_BASE_ID_RANDOM],
                      const struct httpa_suite *suite);

/*
 * Adds a base, unconfirmed; an old unconfirmed one makes room if need be.
 *   HTTPA_ERR_BUSY       the table is full of confirmed ones
 *   HTTPA_ERR_DUPLICATE  the Base-ID is there already: draw another
 *   HTTPA_ERR_USAGE      its id is not marked with its suite
 *   HTTPA_ERR_MEMORY
 */
HTTPA_MUST_USE enum httpa_err
httpa_bases_insert(struct httpa_bases *t, const struct httpa_base_start *s);

/*
 * Checks 3 to 6 of doc/protocol.md 9.6 for the clear head |ahl| of a sealed
 * request, and marks its number.  |scratch| is a keyed object of the calling
 * thread, all zeros at first; it is left keyed.
 *
 *   HTTPA_ERR_MISSING, _MALFORMED, _RANGE  Base-ID or ticket are no such
 *                           thing; nothing was looked up
 *   HTTPA_ERR_BASE_UNKNOWN  unknown, ended, or the ticket does not verify:
 *                           one answer after the same work
 *   HTTPA_ERR_REPLAY        it verified, and its number is used
 */
HTTPA_MUST_USE enum httpa_err
httpa_bases_accept(struct httpa_bases *t, const struct httpa_ahl *ahl,
                   int64_t now_s, struct httpa_aead *scratch,
                   struct httpa_accepted *ret_accepted);

/* The message is done, in whatever way. */
void httpa_bases_release(struct httpa_bases *t, struct httpa_accepted *a);

/*
 * Attest-Supersedes (doc/protocol.md 9.7): marks |count| |numbers| that the
 * client gave up, all or none.
 *   HTTPA_ERR_SEEN  one of them was used: the earlier try may have run
 *   HTTPA_ERR_HEAD  one is not below the message's own number, or there twice
 */
HTTPA_MUST_USE enum httpa_err
httpa_bases_supersede(struct httpa_bases *t, const struct httpa_accepted *a,
                      const uint64_t *numbers, size_t count);

/* Takes one of the HTTPA_LIMIT_TRIES that |a|'s base has at what costs the
 * service much (doc/protocol.md 11.2); false: there is none left. */
bool httpa_bases_try(struct httpa_bases *t, const struct httpa_accepted *a);

/* A record was sent on |a|'s base: it is not idle. */
void httpa_bases_touch(struct httpa_bases *t, const struct httpa_accepted *a,
                       int64_t now_s);

/* Ends |a|'s base: no further ticket; keys go when the last message is done. */
void httpa_bases_close(struct httpa_bases *t, const struct httpa_accepted *a);

/* Every base ends in |grace_s| at the latest: the server stops. */
void httpa_bases_drain(struct httpa_bases *t, int64_t now_s, int64_t grace_s);

/*
 * Removes what has ended: unconfirmed for 30 s, expired, idle.  One call
 * looks at an eighth of the table; call it about once a second.  (Nothing
 * depends on it but memory: an ended base is refused at once.)  Returns how
 * many went.
 */
size_t httpa_bases_sweep(struct httpa_bases *t, int64_t now_s);

struct httpa_bases_count httpa_bases_count(struct httpa_bases *t);

#endif
