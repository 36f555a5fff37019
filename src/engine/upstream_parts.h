/*
 * The insides of the calling side, shared by upstream.c (the pool: finding,
 * making and keeping connections), link.c (one connection and the answers on
 * it) and call.c (what a caller calls).  Nobody else includes this.
 */
#ifndef HTTPA_ENGINE_UPSTREAM_PARTS_H
#define HTTPA_ENGINE_UPSTREAM_PARTS_H

#include <netinet/in.h>

#include "engine/conn.h"
#include "engine/http1_read.h"
#include "engine/http1_write.h"
#include "engine/upstream.h"

/* Addresses of one name that are tried, in order. */
#define HTTPA_ADDRESSES_MAX 8u

struct httpa_address {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } sa;
};

/* One connection to the application, busy with at most one call. */
struct httpa_link {
    struct httpa_conn conn;
    struct httpa_upstream *up;
    struct httpa_link *next; /* in the pool, latest first */
    struct httpa_link **at;  /* NULL: not in the pool */
    struct httpa_http1_reader reader;
    struct httpa_call *call; /* NULL: idle, or closing */
    struct httpa_task wake;  /* reads on with what the reader has */
    uv_getaddrinfo_t lookup;
    bool looking_up; /* memory stays until the look-up returns */
    bool open;
    bool gone;    /* closed, but for the look-up */
    bool stalled; /* the queue did not move for one time-out */
};

struct httpa_call {
    struct httpa_upstream *up;
    struct httpa_link *link; /* NULL: waiting, or over */
    struct httpa_call *next; /* waiting, first come first served */
    struct httpa_call **at;  /* NULL: not waiting */
    const struct httpa_call_events *events;
    void *user;
    struct httpa_http1_writer w;
    struct httpa_buf early; /* until there is a connection, or none is left
                             * to try: what would have been sent */
    struct httpa_task task;
    enum httpa_err failed; /* set in the caller's hands; told by the task */
    size_t tries;          /* addresses tried */
    bool safe;             /* may be sent again: idempotent, no content */
    bool reused;           /* its connection came from the pool */
    bool retried;
    bool to_head;
    bool ended; /* the request is whole */
    bool begun; /* the answer is */
    bool paused;
    bool choked; /* httpa_call_full said so before there was a link */
};

struct httpa_upstream {
    struct httpa_loop *loop;
    struct httpa_upstream_config config;
    char *unix_path;
    char *host;
    struct httpa_address addresses[HTTPA_ADDRESSES_MAX];
    size_t address_count;
    size_t good;          /* the address that worked last */
    uint64_t resolved_ms; /* when; meaningless for a numeric host */
    bool numeric;
    struct httpa_link *idle;
    size_t idle_count;
    size_t link_count; /* idle and busy, not closing */
    struct httpa_call *waiting;
    struct httpa_call **waiting_end;
    size_t waiting_count;
    size_t holders; /* links and calls that still point here */
    bool freed;
};

/* upstream.c */

/* Finds |call| a connection, or a place in the queue. */
void httpa_upstream_place(struct httpa_call *call);
void httpa_upstream_unwait(struct httpa_call *call);
/* The pool: a connection that can be used again, and one that cannot. */
void httpa_upstream_keep(struct httpa_link *link);
void httpa_upstream_unkeep(struct httpa_link *link);
/* A link or call is gone; may free |up|. */
void httpa_upstream_let_go(struct httpa_upstream *up);
/* A connection ended: somebody who waits may have another. */
void httpa_upstream_room(struct httpa_upstream *up);

/* link.c */

/* Begins a connection for |call|; HTTPA_ERR_MEMORY. */
HTTPA_MUST_USE enum httpa_err
httpa_link_new(struct httpa_upstream *up, struct httpa_call *call);
/* Gives |call| an idle connection. */
void httpa_link_take(struct httpa_link *link, struct httpa_call *call);
void httpa_link_close(struct httpa_link *link);
void httpa_link_wake(struct httpa_link *link);

/* call.c */

/* Tells |why| and frees; the link, if any, is closed. */
void httpa_call_over(struct httpa_call *call, enum httpa_err why);
/* At the end of this wake-up. */
void httpa_call_fail(struct httpa_call *call, enum httpa_err why);

#endif
