/*
 * Asking the makers, over libcurl.
 *
 * Bounded in everything: time to connect, time of a try, tries, time of all,
 * bytes.  HTTPS, but for a loopback address; redirects are not followed, since
 * none of these services sends any.  What comes is a candidate (store.h).
 */
#ifndef HTTPA_COLLATERAL_FETCH_H
#define HTTPA_COLLATERAL_FETCH_H

#include "collateral/need.h"
#include "collateral/store.h"

struct httpa_collateral_fetch {
    const struct httpa_crypto *crypto;
    const char *dir;
    int64_t now_s;
    const char *bases[HTTPA_COLLATERAL_SOURCES]; /* NULL: the maker's own */
    const char *cacert;                          /* NULL: the system's */
    uint64_t total_ms; /* for everything; 0: none has passed, no limit */
    uint64_t began_ms; /* set by httpa_collateral_fetch_start */
};

enum httpa_collateral_got {
    HTTPA_COLLATERAL_NEW,
    HTTPA_COLLATERAL_UNCHANGED,
    HTTPA_COLLATERAL_NEWER_THERE, /* the answer was older: kept */
    HTTPA_COLLATERAL_LASTS        /* not asked for: what is there lasts */
};

/* Looks at the base URLs.
 *   HTTPA_ERR_USAGE  no URL, or HTTP without TLS to another machine
 *   HTTPA_ERR_IO, HTTPA_ERR_MEMORY  no folder, no libcurl */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_fetch_start(struct httpa_collateral_fetch *f,
                             struct httpa_collateral_diag *diag);

/*
 * Gets one document, and the chain that comes with it, into the folder.
 *   HTTPA_ERR_MISSING  its maker does not have it
 *   HTTPA_ERR_TIMEOUT, HTTPA_ERR_BUSY, HTTPA_ERR_IO  no answer in time, after
 *                      some tries
 *   HTTPA_ERR_REFUSED  another status, or a redirect
 *   those of httpa_collateral_put and httpa_collateral_issuers
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_fetch_one(const struct httpa_collateral_fetch *f,
                           const struct httpa_collateral_need *need,
                           enum httpa_collateral_got *ret_got,
                           struct httpa_collateral_diag *diag);

#endif
