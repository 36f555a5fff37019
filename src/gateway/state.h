/*
 * What the parts of the gateway share.
 *
 * struct httpa_gateway is common to all threads.  It is filled before they
 * start and then read; what changes later is atomic, or behind functions that
 * lock.  struct httpa_gate belongs to one loop.  struct httpa_visit is one
 * request that came to it.
 */
#ifndef HTTPA_GATEWAY_STATE_H
#define HTTPA_GATEWAY_STATE_H

#include <httpa/attest.h>
#include <httpa/service.h>

#include "engine/server.h"
#include "engine/upstream.h"
#include "gateway/address.h"
#include "gateway/collateral.h"
#include "gateway/keyring.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/quoter.h"
#include "gateway/refresh.h"
#include "gateway/settings.h"

#define HTTPA_GATEWAY_LISTEN_MAX 16u

/* A certificate with its key, shared by the servers that were made with it. */
struct httpa_gateway_tls {
    struct httpa_tls *tls;
    _Atomic size_t holders;
};

struct httpa_gateway {
    const struct httpa_settings *settings;
    struct httpa_crypto *crypto;
    struct httpa_key *service_key;
    struct httpa_buf service_chain;
    struct httpa_attester *attester;
    struct httpa_quoter *quoter;
    struct httpa_keyring *keyring; /* NULL: no binding `key` */
    struct httpa_gateway_collateral *collateral; /* NULL: none */
    struct httpa_refresh *refresh;               /* NULL: not fetched */
    _Atomic int64_t left_out_s; /* when it was said that some did not fit */
    struct httpa_service *service;
    struct httpa_address upstream;
    uint8_t configuration[32];
    struct httpa_metrics metrics;
    int64_t started_s;

    struct httpa_gate *gates; /* the first one is the main thread's */
    size_t gate_count;

    _Atomic bool upstream_answers;
    _Atomic bool draining;
    _Atomic size_t gates_running; /* besides the first */

    /* The first gate's alone: */
    int64_t drain_ends_s;
    bool stopping; /* every gate was told */
};

/* A server of a gate, until it has stopped. */
struct httpa_gate_server {
    struct httpa_gate *gate;
    struct httpa_server *server;
    struct httpa_gateway_tls *tls; /* NULL: plain */
    struct httpa_gate_server *next;
    bool stops;
};

/* Listening sockets of one gate that speak the same. */
struct httpa_gate_door {
    int fds[HTTPA_GATEWAY_LISTEN_MAX];
    size_t fd_count;
};

struct httpa_gate {
    struct httpa_gateway *gateway;
    size_t index;
    uv_thread_t thread;
    struct httpa_loop *loop;
    struct httpa_upstream *upstream;
    struct httpa_gate_door clear;
    struct httpa_gate_door secure;
    struct httpa_gate_door ops; /* the first gate's only */
    struct httpa_gate_server *servers;
    struct httpa_timer tick;
    struct httpa_log log;
    struct httpa_buf scratch;    /* records on their way out; empty between */
    struct httpa_visit *visits;  /* those that wait for something */
    struct httpa_health *health; /* the first gate's only */
    _Atomic size_t connections;
    bool stopping;
    bool ended;
};

/* One request, from on_request to on_close; the first member of what each
 * kind of message needs. */
struct httpa_visit {
    struct httpa_gate *gate;
    struct httpa_exchange *x;
    struct httpa_log_line line;
    uint64_t began_ns;

    /* Signs of life (doc/protocol.md 8.5): |silence| is called when nothing
     * was sent for some time; NULL while none is due. */
    struct httpa_visit *next;
    struct httpa_visit **at; /* who points to us; NULL: not in the list */
    void (*silence)(struct httpa_visit *v);
    uint64_t quiet_since_ms;
    bool talking; /* the outer head is out */
};

/* Unix seconds now. */
int64_t httpa_gate_now_s(void);

/* Begins a visit in zeroed memory. */
void httpa_visit_init(struct httpa_visit *v, struct httpa_gate *gate,
                      struct httpa_exchange *x, enum httpa_kind kind);

/* Ends it: counts and logs.  |why| is on_close's. */
void httpa_visit_done(struct httpa_visit *v, enum httpa_err why);

/* |silence| is called after 10 s without httpa_visit_sent, then each 15 s. */
void httpa_visit_watch(struct httpa_visit *v,
                       void (*silence)(struct httpa_visit *v));
void httpa_visit_unwatch(struct httpa_visit *v);

/* Something went out. */
void httpa_visit_sent(struct httpa_visit *v);

/* Calls |silence| where it is due; about once a second. */
void httpa_gate_listen_for_silence(struct httpa_gate *gate);

/* Sends a complete answer: |outer| and |content|. */
void httpa_visit_answer(struct httpa_visit *v, const struct httpa_outer *outer,
                        struct httpa_slice content);

/* Refuses in the clear (doc/protocol.md 14.1); |request| as it came. */
void httpa_visit_refuse(struct httpa_visit *v, const struct httpa_head *request,
                        enum httpa_err why, uint32_t retry_after_s);

/* The outcome of this visit, and what operators may know besides. */
void httpa_visit_outcome(struct httpa_visit *v, const char *outcome,
                         const char *why);

/* on_request of the public listeners; |app| is the gate. */
void httpa_gateway_dispatch(void *app, struct httpa_exchange *x,
                            const struct httpa_head *head,
                            struct httpa_content content);

/* on_request of the operators' listener; |app| is the gate. */
void httpa_gateway_ops(void *app, struct httpa_exchange *x,
                       const struct httpa_head *head,
                       struct httpa_content content);

/* Each takes a request of its kind, inside on_request. */
void httpa_gateway_aths(struct httpa_gate *gate, struct httpa_exchange *x,
                        const struct httpa_head *head);
void httpa_gateway_sealed(struct httpa_gate *gate, struct httpa_exchange *x,
                          const struct httpa_head *head);
void httpa_gateway_untrusted(struct httpa_gate *gate, struct httpa_exchange *x,
                             const struct httpa_head *head,
                             struct httpa_content content);

/* What /readyz and discovery say. */
bool httpa_gateway_ready(const struct httpa_gateway *g);

#endif
