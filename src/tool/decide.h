/*
 * What to do after a failure: the table of doc/protocol.md 15.  A row is
 * chosen from what was seen; what follows is read from it, and nowhere else
 * is anything sent a second time.
 */
#ifndef HTTPA_TOOL_DECIDE_H
#define HTTPA_TOOL_DECIDE_H

#include <httpa/client.h>
#include <httpa/verdict.h>

#include "tool/transport.h"

enum httpa_step {
    HTTPA_STEP_STOP,
    HTTPA_STEP_AGAIN,     /* the same under a new number, after a while */
    HTTPA_STEP_AS_POST,   /* AtHS: the same bytes as POST */
    HTTPA_STEP_WITH_DATE, /* AtHS: with the service's time */
    HTTPA_STEP_SUPERSEDE, /* once, naming the number given up */
    HTTPA_STEP_RENEW,     /* a new session, then the same */
    HTTPA_STEP_FORGET     /* the session is gone: stop, others make one */
};

struct httpa_decision {
    unsigned row;              /* doc/protocol.md 15 */
    enum httpa_step safe;      /* the request may be repeated */
    enum httpa_step other;     /* it may not */
    unsigned tries;            /* how often the step may be taken */
    enum httpa_exit safe_exit; /* when it was, or there is none */
    enum httpa_exit other_exit;
    const char *seen; /* for a person */
    const char *next; /* command to type, with the URL behind it; or NULL */
};

/* An exchange with the service, as far as it got. */
struct httpa_sighting {
    struct httpa_transport_report transport;
    bool is_attest;     /* method of an AtHS */
    bool marked;        /* Attest-Version, Attest-Binder or Attest-Error */
    bool has_binder;    /* Attest-Binder */
    char token[64];     /* Attest-Error in the clear */
    char sealed[64];    /* the sealed one */
    enum httpa_err err; /* of the library; HTTPA_OK */
    bool genuine;       /* sealed: the head record verified */
    bool complete;      /* sealed: so did the final record */
    bool again_unknown; /* base-unknown before, on a session under 10 s old */
};

/* NULL: nothing failed. */
const struct httpa_decision *
httpa_decide_hello(const struct httpa_sighting *seen);
const struct httpa_decision *
httpa_decide_request(const struct httpa_sighting *seen);

/* GET, HEAD, OPTIONS, PUT, DELETE, or an Idempotency-Key. */
bool httpa_decide_is_safe(const struct httpa_head *inner);

/* Milliseconds before try |n| (from 0) of this step. */
uint64_t httpa_decide_wait_ms(const struct httpa_decision *decision,
                              const struct httpa_transport_report *report,
                              unsigned n);

#endif
