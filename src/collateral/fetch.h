/*
 * Asking the makers, over libcurl.
 *
 * Bounded in everything: time to connect, time of a try, tries, time of all,
 * bytes.  HTTPS, but for a loopback address; redirects are not followed, since
 * none of these services sends any.  What comes is a candidate: it is proved
 * under the pinned roots (proof.h), and then may replace what is there
 * (store.h).
 */
#ifndef HTTPA_COLLATERAL_FETCH_H
#define HTTPA_COLLATERAL_FETCH_H

#include <stdatomic.h>

#include "collateral/proof.h"
#include "collateral/store.h"

struct httpa_collateral_fetch {
    const struct httpa_crypto *crypto;
    const char *dir;
    int64_t now_s;
    const char *bases[HTTPA_COLLATERAL_SOURCES]; /* NULL: the maker's own */
    const char *cacert;                          /* NULL: the system's */
    uint64_t total_ms; /* for everything; not 0 */
    const _Atomic bool *stop; /* NULL, or what ends it early once it is true */

    /* Set by httpa_collateral_fetch_start: */
    uint64_t began_ms;
    struct httpa_collateral_pins pins;
    /* And then the longest time that a service asked for. */
    int64_t retry_after_s;
};

enum httpa_collateral_got {
    HTTPA_COLLATERAL_NEW,
    HTTPA_COLLATERAL_UNCHANGED,
    HTTPA_COLLATERAL_NEWER_THERE, /* the answer was older: kept */
    HTTPA_COLLATERAL_LASTS        /* not asked for: what is there lasts */
};

/* Looks at the base URLs.
 *   HTTPA_ERR_USAGE  no URL, HTTP without TLS to another machine, or no time
 *   HTTPA_ERR_IO, HTTPA_ERR_MEMORY  no folder, no libcurl */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_fetch_start(struct httpa_collateral_fetch *f,
                             struct httpa_collateral_diag *diag);

/*
 * Gets one document, with the chain that comes with it, into the folder.
 *   HTTPA_ERR_MISSING  its maker does not have it
 *   HTTPA_ERR_TIMEOUT, HTTPA_ERR_BUSY, HTTPA_ERR_IO  no answer in time, after
 *                      some tries
 *   HTTPA_ERR_REFUSED  another status, or a redirect
 *   HTTPA_ERR_ABORTED  |stop|
 *   those of httpa_collateral_put and httpa_collateral_issuers
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_fetch_one(struct httpa_collateral_fetch *f,
                           const struct httpa_collateral_need *need,
                           enum httpa_collateral_got *ret_got,
                           struct httpa_collateral_diag *diag);

/* Whether what is there makes do without asking: it is its maker's, and has
 * not lapsed.  |ret_facts| is what it says. */
bool httpa_collateral_fetch_has(const struct httpa_collateral_fetch *f,
                                const struct httpa_collateral_need *need,
                                struct httpa_collateral_facts *ret_facts);

/* Who is told how it went; |ctx| is theirs. */
struct httpa_collateral_listener {
    void (*got)(void *ctx, const struct httpa_collateral_need *need,
                enum httpa_collateral_got how);
    void (*failed)(void *ctx, const char *why);
    void *ctx;
};

/* Gets all of |needs|, as far as it can be had; of the lines that a chip was
 * guessed to be of, one has it.  Whether all is there. */
bool httpa_collateral_fetch_all(struct httpa_collateral_fetch *f,
                                const struct httpa_collateral_needs *needs,
                                const struct httpa_collateral_listener *to);

/*
 * The same document as its maker will publish it next: Intel's TCB info and
 * identity of the earliest evaluation.  Proved, appended to |ret_file| as a
 * file of the folder would be, and put nowhere: clients take the highest
 * evaluation they see.
 *   HTTPA_ERR_UNSUPPORTED  there is no such thing of this document
 *   those of above
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_fetch_early(struct httpa_collateral_fetch *f,
                             const struct httpa_collateral_need *need,
                             struct httpa_buf *ret_file,
                             struct httpa_collateral_diag *diag);

/*
 * Puts those documents of |needs| into |c| instead of the ones of the present
 * evaluation; |ret_issued_s| is when one of them was issued.
 *   HTTPA_ERR_UNSUPPORTED  |needs| has none of that kind
 *   those of above */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_fetch_next(struct httpa_collateral_fetch *f,
                            const struct httpa_collateral_needs *needs,
                            struct httpa_collateral *c, int64_t *ret_issued_s,
                            struct httpa_collateral_diag *diag);

#endif
