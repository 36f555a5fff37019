/*
 * The serving side: connections come in, requests go to a handler, replies
 * go out.
 *
 * One request and its reply are a `struct httpa_exchange`.  Its life:
 *
 *   on_request(app, x, head, content)   the server's handler, once per
 *                                       request; it says who listens with
 *                                       httpa_exchange_listen(x, ...)
 *     on_data ... on_data               the content as it arrives
 *     on_trailers                       only when there are any
 *     on_end                            the request is whole
 *   httpa_reply_head(x, ...)            at any time from on_request on, also
 *   httpa_reply_data(x, ...) ...        before the request has ended
 *   httpa_reply_trailers(x, ...)
 *   httpa_reply_end(x)
 *     on_close(user, HTTPA_OK)          the reply is with the kernel
 *
 * on_close comes exactly once for every exchange that on_request saw, and
 * comes last.  x is valid until it returns, so whatever hangs on x is freed
 * there and nowhere else.  Any value but HTTPA_OK means that the peer did
 * not get the whole reply, and says why: HTTPA_ERR_ABORTED the peer went
 * away or httpa_reply_abort was called, HTTPA_ERR_TIMEOUT it stood still,
 * HTTPA_ERR_MALFORMED or HTTPA_ERR_LIMIT its content broke the rules (when
 * no reply had begun, the server has answered 400, 408 or 413 itself),
 * HTTPA_ERR_USAGE the reply contradicted its own head.
 *
 * Replies cannot fail in your hands: once the connection is broken the
 * functions do nothing, and on_close is on its way.
 *
 * Back-pressure is two rules, one for each direction.
 *   in:  httpa_exchange_pause(x) stops on_data, httpa_exchange_resume(x)
 *        starts it again; meanwhile the peer's window closes.
 *   out: when httpa_reply_full(x) says true, produce no more until on_drain.
 *        A handler that goes on nevertheless is cut off at 4 MiB.
 *
 * What the server does by itself: keep-alive and pipelining in order, 100
 * (Continue) at once when asked for, HTTP/1.0 peers (no chunks, no 1xx),
 * HEAD, half-closed peers, all time-outs, Date, and reading on after an
 * early reply (doc/protocol.md: up to 1 MiB or 5 s, then a lingering close).
 * After httpa_reply_end the rest of the request is thrown away unseen.
 *
 * Heads: `head` and its fields are borrowed for the call.  Names are lower
 * case.  Hop-by-hop and framing fields and Host are not among them: see
 * engine/http1_read.h.
 */
#ifndef HTTPA_ENGINE_SERVER_H
#define HTTPA_ENGINE_SERVER_H

#include <httpa/message.h>

#include "engine/content.h"
#include "engine/loop.h"
#include "engine/tls.h"

struct httpa_server;
struct httpa_exchange;

typedef void (*httpa_request_fn)(void *app, struct httpa_exchange *x,
                                 const struct httpa_head *head,
                                 struct httpa_content content);

/* Times in ms.  httpa_server_defaults fills in what engine.md found good. */
struct httpa_server_config {
    httpa_request_fn on_request;
    void *app;
    struct httpa_tls *tls;       /* NULL: plain.  Borrowed; outlives us */
    uint32_t head_timeout_ms;    /* first to last byte of a head */
    uint32_t content_timeout_ms; /* content, or our reply, without progress */
    uint32_t idle_timeout_ms;    /* between two requests */
    uint32_t linger_ms;          /* reading on after an early reply */
    uint64_t linger_bytes;
    uint32_t connections_max; /* of this server; more are closed at once */
};

struct httpa_server_config httpa_server_defaults(void);

/* |config| is copied.  HTTPA_ERR_MEMORY. */
HTTPA_MUST_USE enum httpa_err
httpa_server_new(struct httpa_loop *loop,
                 const struct httpa_server_config *config,
                 struct httpa_server **ret_server);

/*
 * Accepts on |fd|, a bound listening socket of engine/listen.h.  The server
 * owns |fd| from now on, also on failure.  May be called several times.
 * HTTPA_ERR_MEMORY, HTTPA_ERR_IO.
 */
HTTPA_MUST_USE enum httpa_err
httpa_server_listen(struct httpa_server *server, int fd);

/*
 * The listening sockets end with this server: no new connection begins on them
 * (httpa_listen_last_call), and httpa_server_stop, which has to follow, takes
 * those under way for a moment before it closes them.  Not for sockets that
 * somebody holds a duplicate of and goes on with: it is the socket that goes
 * deaf, whoever holds it.
 */
void httpa_server_last_call(struct httpa_server *server);

/*
 * Stops gracefully: takes what waits in the listeners and closes them, lets
 * running exchanges finish, tells peers `Connection: close`, gives idle
 * peers a second to send what may be under way.  After |grace_ms| it cuts
 * what is left.  Calls |on_stopped| when the last connection is gone and
 * the server freed.  Exchanges go on as ever, on_close included.
 */
void httpa_server_stop(struct httpa_server *server, uint32_t grace_ms,
                       void (*on_stopped)(void *arg), void *arg);

/* Open connections now, and requests since the start. */
size_t httpa_server_connections(const struct httpa_server *server);
uint64_t httpa_server_requests(const struct httpa_server *server);

/* Any of these may be NULL, except on_close. */
struct httpa_exchange_events {
    void (*on_data)(void *user, struct httpa_slice data); /* never empty */
    void (*on_trailers)(void *user, const struct httpa_fields *trailers);
    void (*on_end)(void *user);
    void (*on_drain)(void *user);
    void (*on_close)(void *user, enum httpa_err why);
};

/* Who listens.  Inside on_request, once.  |events| must outlive the
 * exchange (make it static const).  Without it the server answers 500. */
void httpa_exchange_listen(struct httpa_exchange *x,
                           const struct httpa_exchange_events *events,
                           void *user);

/* Counted neither: two pauses need one resume. */
void httpa_exchange_pause(struct httpa_exchange *x);
void httpa_exchange_resume(struct httpa_exchange *x);

/* The peer's address as text ("192.0.2.1:4711", "[2001:db8::1]:4711",
 * "unix"), for logs; valid as long as x. */
const char *httpa_exchange_peer(struct httpa_exchange *x);

/* 10 or 11. */
unsigned httpa_exchange_version(const struct httpa_exchange *x);

struct httpa_loop *httpa_exchange_loop(struct httpa_exchange *x);

/*
 * The final head, once.  |head| is borrowed for the call.  Its status is 200
 * to 599.  Framing and Connection are the server's: fields of these names
 * are left out.  |content| says what follows: SIZED becomes Content-Length,
 * OPEN becomes chunked (closing the connection for HTTP/1.0), NONE means
 * there is nothing (and Content-Length: 0 unless status or method forbid).
 * A field that cannot be written (CR, LF, NUL, no token) aborts.
 */
void httpa_reply_head(struct httpa_exchange *x, const struct httpa_head *head,
                      struct httpa_content content);

/* Content; |data| is borrowed for the call.  For HEAD, 204 and 304 it is
 * dropped.  More than was declared aborts. */
void httpa_reply_data(struct httpa_exchange *x, struct httpa_slice data);

/* Trailers, at most once, after the content and before the end.  Left out
 * when the reply is not chunked. */
void httpa_reply_trailers(struct httpa_exchange *x,
                          const struct httpa_fields *trailers);

/* The reply is whole.  Less than was declared aborts. */
void httpa_reply_end(struct httpa_exchange *x);

/* Sends what was given out now instead of at the end of this wake-up. */
void httpa_reply_flush(struct httpa_exchange *x);

/* Breaks off so that the peer can tell: no last chunk, a short length, or a
 * reset.  Also before httpa_reply_head. */
void httpa_reply_abort(struct httpa_exchange *x);

/* True: wait for on_drain. */
bool httpa_reply_full(const struct httpa_exchange *x);

/* A whole small reply: text/plain, |text| its content. */
void httpa_reply_text(struct httpa_exchange *x, unsigned status,
                      const char *text);

#endif
