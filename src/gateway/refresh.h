/*
 * Fetching the collateral of our own evidence into the folder of
 * --collateral, by a thread of its own: a handshake never waits for a maker.
 *
 * At the start what is missing is fetched, within bounds.  Then everything is
 * asked for again every so often (--collateral-every), sooner where something
 * lapses sooner, with jitter; what fails is tried again after a pause that
 * grows.  Evidence that changes (new firmware under a running guest) and
 * SIGHUP are reasons to ask at once; however many come, one round at a time
 * runs.  What comes is proved before it replaces anything (store.h), and sent
 * from the next handshake on.
 *
 * After each round our own evidence is judged as a client would, and with
 * Intel's newest evaluation, so that operators hear before clients refuse.
 */
#ifndef HTTPA_GATEWAY_REFRESH_H
#define HTTPA_GATEWAY_REFRESH_H

#include "collateral/fetch.h"
#include "gateway/quoter.h"

struct httpa_refresh;

/* All of it is borrowed. */
struct httpa_refresh_config {
    const struct httpa_crypto *crypto;
    struct httpa_quoter *quoter; /* which keeps evidence */
    const char *dir;
    const char *bases[HTTPA_COLLATERAL_SOURCES]; /* NULL: the maker's own */
    const char *cacert;                          /* NULL: the system's */
    uint32_t every_s;
    /* Files changed; on the thread. */
    void (*changed)(void *ctx);
    void *ctx;
};

/* What operators see; any thread. */
struct httpa_refresh_facts {
    int64_t last_ok_s; /* everything was there; 0: never */
    int64_t last_failure_s;
    uint64_t failures; /* rounds */
    /* Unix time from which clients that demand UpToDate refuse, where they
     * know what we know; 0: none that is known. */
    int64_t refused_from_s;
};

/* Looks what is needed and fetches what is not there.  It is no failure when
 * that cannot be had: the thread goes on trying.
 *   HTTPA_ERR_CONFIG  URLs or folder; it has been said
 *   HTTPA_ERR_MEMORY */
HTTPA_MUST_USE enum httpa_err
httpa_refresh_new(const struct httpa_refresh_config *config,
                  struct httpa_refresh **ret);

/* Starts the thread. */
HTTPA_MUST_USE enum httpa_err httpa_refresh_start(struct httpa_refresh *r);

/* Ends it, also in the middle of a round.  NULL is fine. */
void httpa_refresh_free(struct httpa_refresh *r);

/* Asks for a round now, from any thread.  NULL is fine. */
void httpa_refresh_now(struct httpa_refresh *r);

struct httpa_refresh_facts httpa_refresh_facts(const struct httpa_refresh *r);

#endif
