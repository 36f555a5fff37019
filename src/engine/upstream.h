/*
 * The calling side: requests to one application behind us.
 *
 * A `struct httpa_upstream` is one address and a pool of keep-alive
 * connections to it, belonging to one loop.  A `struct httpa_call` is one
 * request and the answer to it, the mirror image of an exchange
 * (engine/server.h):
 *
 *   httpa_call_new(up, head, content, events, user, &call)
 *   httpa_call_data(call, ...) ...      content, while httpa_call_full says
 *   httpa_call_trailers(call, ...)      false; else wait for on_drain
 *   httpa_call_end(call)
 *     on_head(user, head, content)      the final answer; 1xx are dropped
 *     on_data ... on_trailers
 *     on_end                            the answer is whole
 *     on_close(user, HTTPA_OK)
 *
 * on_close comes exactly once and last; the call is gone when it returns.
 * A value other than HTTPA_OK means that the answer is not whole:
 *
 *   HTTPA_ERR_IO         could not connect, or the connection broke before
 *                        the answer began
 *   HTTPA_ERR_TIMEOUT    no connection in time, or no progress in time
 *   HTTPA_ERR_BUSY       all connections are in use and the queue is full
 *   HTTPA_ERR_MALFORMED, _LIMIT, _UNSUPPORTED
 *                        not an answer by RFC 9112; 101 is UNSUPPORTED
 *   HTTPA_ERR_TRUNCATED  the answer began and broke off
 *   HTTPA_ERR_ABORTED    httpa_call_abort was called
 *   HTTPA_ERR_USAGE      the request contradicted its own head
 *
 * httpa_call_abort closes the connection without the last chunk, so the
 * application sees a broken request, never a short one that looks whole.
 *
 * An answer may come, and end, before the request has: go on or abort.
 * When it has ended on_close follows, what is left of the request is not
 * sent, and the connection is not used again.
 *
 * One retry, only when it is safe: the connection came idle from the pool,
 * broke before a byte of the answer, the method is idempotent (RFC 9110
 * 9.2.2) and there is no content.
 */
#ifndef HTTPA_ENGINE_UPSTREAM_H
#define HTTPA_ENGINE_UPSTREAM_H

#include <httpa/message.h>

#include "engine/content.h"
#include "engine/loop.h"

struct httpa_upstream;
struct httpa_call;

/* Times in ms. */
struct httpa_upstream_config {
    const char *unix_path; /* this, or host and port */
    const char *host;      /* name or address */
    uint16_t port;
    uint32_t connect_timeout_ms; /* each address; look-up included */
    uint32_t answer_timeout_ms;  /* no progress while an answer is due */
    uint32_t idle_timeout_ms;    /* in the pool */
    uint32_t connections_max;    /* of this loop; further calls wait */
    uint32_t idle_max;           /* connections kept when not in use */
    uint32_t waiting_max;        /* calls that may wait for a connection */
};

struct httpa_upstream_config httpa_upstream_defaults(void);

/* |config| is copied, its strings too.  No connection is made yet.
 * HTTPA_ERR_CONFIG (neither path nor host, path too long), _MEMORY. */
HTTPA_MUST_USE enum httpa_err
httpa_upstream_new(struct httpa_loop *loop,
                   const struct httpa_upstream_config *config,
                   struct httpa_upstream **ret_up);

/* Closes idle connections and takes no new calls; running ones finish and
 * the last frees it.  NULL is fine. */
void httpa_upstream_free(struct httpa_upstream *up);

/* Any of these may be NULL, except on_close. */
struct httpa_call_events {
    void (*on_head)(void *user, const struct httpa_head *head,
                    struct httpa_content content); /* borrowed for the call */
    void (*on_data)(void *user, struct httpa_slice data); /* never empty */
    void (*on_trailers)(void *user, const struct httpa_fields *trailers);
    void (*on_end)(void *user);
    void (*on_drain)(void *user);
    void (*on_close)(void *user, enum httpa_err why);
};

/*
 * Begins a request.  |head| needs method, path and authority (sent as Host);
 * framing, Connection and Host among its fields are left out.  Everything is
 * borrowed for this function only, except |events|, which must outlive the
 * call.  SIZED content is sent with Content-Length, OPEN chunked, NONE
 * without either.
 *
 * HTTPA_ERR_USAGE  |head| cannot be written (CR, LF, NUL, no token)
 * HTTPA_ERR_MEMORY
 * On failure there is no call and no callback comes.
 */
HTTPA_MUST_USE enum httpa_err
httpa_call_new(struct httpa_upstream *up, const struct httpa_head *head,
               struct httpa_content content,
               const struct httpa_call_events *events, void *user,
               struct httpa_call **ret_call);

/* Content; |data| is borrowed for the call.  More than was declared ends the
 * call with HTTPA_ERR_USAGE, and so does too little at httpa_call_end. */
void httpa_call_data(struct httpa_call *call, struct httpa_slice data);

/* Left out when the request is not chunked. */
void httpa_call_trailers(struct httpa_call *call,
                         const struct httpa_fields *trailers);
void httpa_call_end(struct httpa_call *call);

/* Gives up; on_close(HTTPA_ERR_ABORTED) follows. */
void httpa_call_abort(struct httpa_call *call);

/* True: wait for on_drain. */
bool httpa_call_full(const struct httpa_call *call);

/* Stops and starts on_data; two pauses need one resume. */
void httpa_call_pause(struct httpa_call *call);
void httpa_call_resume(struct httpa_call *call);

#endif
