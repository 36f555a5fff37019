/*
 * One outer HTTP exchange over libcurl, which knows names, proxies, TLS roots
 * and HTTP/2 as users expect.  It is kept from all cleverness: no retries, no
 * redirects, no answers to 401 or 407, no decompression, no cookies of its
 * own, and no second sending of bytes that were handed out: sealed bytes go
 * out once.  What to do after a failure is decide.h's.
 */
#ifndef HTTPA_TOOL_TRANSPORT_H
#define HTTPA_TOOL_TRANSPORT_H

#include <httpa/exchange.h>

#include "tool/jar.h"
#include "tool/options.h"

/* doc/protocol.md 17.3 */
#define HTTPA_TRANSPORT_CONNECT_MS 10000u
#define HTTPA_TRANSPORT_ATHS_MS 30000u
#define HTTPA_TRANSPORT_SILENCE_MS 60000u
#define HTTPA_TRANSPORT_FILLER_MS 4000u

struct httpa_transport_options {
    const char *cacert;
    const char *proxy;
    const char *proxy_user;
    struct httpa_options_list resolve;
    bool outer_insecure;
    bool http1;
    bool verbose;
    uint64_t max_time_ms; /* for everything; 0: none */
};

struct httpa_transport; /* connections that are kept, and the deadline */

/* |options| is borrowed.  HTTPA_ERR_MEMORY. */
HTTPA_MUST_USE enum httpa_err
httpa_transport_new(const struct httpa_transport_options *options,
                    struct httpa_transport **ret_transport);
void httpa_transport_free(struct httpa_transport *transport);

enum httpa_pull {
    HTTPA_PULL_MORE, /* appended something */
    HTTPA_PULL_WAIT, /* nothing yet: when |source_fd| is readable */
    HTTPA_PULL_END,  /* that was all */
    HTTPA_PULL_FAIL  /* give up */
};

/* What is sent, and who takes what comes.  A callback that fails ends it. */
struct httpa_transport_call {
    const char *url;
    const char *method;
    const struct httpa_head *head; /* its fields; content-length included */
    uint64_t length;               /* or HTTPA_LENGTH_UNKNOWN */
    /* |waited_ms|: since something was last handed out */
    enum httpa_pull (*pull)(void *ctx, uint64_t waited_ms,
                            struct httpa_buf *out);
    int source_fd; /* -1: none */
    enum httpa_err (*on_head)(void *ctx, const struct httpa_head *head);
    enum httpa_err (*on_data)(void *ctx, struct httpa_slice in);
    void *ctx;
    struct httpa_jar *jar;
    uint64_t total_ms; /* 0: no limit but silence */
};

enum httpa_transport_end {
    HTTPA_TRANSPORT_DONE,    /* an answer, to its end */
    HTTPA_TRANSPORT_UNSENT,  /* failed before any content was handed out */
    HTTPA_TRANSPORT_LOST,    /* connection lost, or silence */
    HTTPA_TRANSPORT_STOPPED, /* a callback ended it */
    HTTPA_TRANSPORT_TIMEOUT, /* --max-time */
    HTTPA_TRANSPORT_BREAK    /* Ctrl-C */
};

struct httpa_transport_report {
    enum httpa_transport_end end;
    unsigned status;       /* 0: no head came */
    bool sent;             /* content was handed out */
    char why[256];         /* the transport's words, for a person */
    int64_t retry_after_s; /* -1: not said */
    char location[256];    /* of a redirect, cleaned; or empty */
    char engine[96];       /* Server or Via, cleaned; or empty */
    char coding[32];       /* Content-Encoding, which nobody asked for */
    char started[200];     /* the beginning of an answer that is not ours */
};

void httpa_transport_run(struct httpa_transport *transport,
                         const struct httpa_transport_call *call,
                         struct httpa_transport_report *ret_report);

/* Waits, but not past the deadline or Ctrl-C: false then. */
bool httpa_transport_pause(struct httpa_transport *transport, uint64_t ms);

/* Whether Ctrl-C was typed; the deadline has passed. */
bool httpa_transport_interrupted(void);
const _Atomic bool *httpa_transport_interruption(void); /* the same, to watch */
bool httpa_transport_too_late(const struct httpa_transport *transport);

/* Time until the deadline, for something that needs |at_most_ms|. */
uint64_t
httpa_transport_left_ms(const struct httpa_transport *t, uint64_t at_most_ms);

int64_t httpa_transport_now_s(void);
uint64_t httpa_transport_now_ms(void); /* monotonic */

#endif
