#include "engine/server_parts.h"

#include <stdlib.h>
#include <unistd.h>

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
/* What an idle peer is given to send a request that is under way. */
#define LAST_CHANCE_MS 1000u

static const struct httpa_server_config *config(const struct httpa_client *cl)
{
    return &cl->server->config;
}

static void wait_for(struct httpa_client *cl, uint32_t timeout_ms)
{
    httpa_conn_timer(&cl->conn, timeout_ms);
}

static void close_conn(struct httpa_client *cl, bool reset)
{
    httpa_task_cancel(cl->server->loop, &cl->wake);
    httpa_task_cancel(cl->server->loop, &cl->x.task);
    httpa_conn_close(&cl->conn, reset);
}

void httpa_client_wake(struct httpa_client *cl)
{
    if (cl->conn.paused) {
        httpa_conn_resume(&cl->conn);
    } else {
        httpa_loop_soon(cl->server->loop, &cl->wake);
    }
}

/* RFC 9112 9.6: our FIN, then what is still under way is read and thrown
 * away, as closing at once would reset what the peer has not read yet. */
static void linger(struct httpa_client *cl)
{
    if (cl->eof && httpa_conn_all_sent(&cl->conn)) {
        close_conn(cl, false);
        return;
    }
    if (!cl->lingering) {
        cl->lingering = true;
        httpa_conn_finish(&cl->conn);
        wait_for(cl, config(cl)->linger_ms);
        httpa_client_wake(cl);
    }
}

/* ---- the end of an exchange ---- */

static void end_exchange(struct httpa_client *cl, enum httpa_err why)
{
    struct httpa_exchange *x = &cl->x;
    if (x->active) {
        x->active = false;
        httpa_task_cancel(cl->server->loop, &x->task);
        x->events->on_close(x->user, why);
    }
}

/* The reply is with the kernel. */
static void replied(struct httpa_client *cl)
{
    struct httpa_exchange *x = &cl->x;
    end_exchange(cl, HTTPA_OK);
    if (x->w.close || cl->eof) {
        linger(cl);
        return;
    }
    wait_for(cl, !x->request_ended      ? config(cl)->linger_ms
                 : cl->server->stopping ? LAST_CHANCE_MS
                                        : config(cl)->idle_timeout_ms);
    httpa_client_wake(cl);
}

/* An answer of ours to what is no request, and the end of the connection. */
static void answer(struct httpa_client *cl, unsigned status)
{
    struct httpa_head head;
    struct httpa_http1_form form = {
        .content = httpa_content_sized(0),
        .version = 11,
        .close = true,
        .date = httpa_loop_date(cl->server->loop),
    };
    httpa_head_init(&head, NULL, 0);
    head.status = status;
    enum httpa_err err = httpa_http1_write_head(
        &cl->x.w, httpa_conn_out(&cl->conn), &head, &form);
    if (err == HTTPA_OK) {
        httpa_conn_wrote(&cl->conn);
        linger(cl);
    } else {
        close_conn(cl, false);
    }
}

/* Ends the exchange without its reply; |status| is answered when nothing
 * was answered yet, 0: nothing. */
static void
break_off(struct httpa_client *cl, unsigned status, enum httpa_err why)
{
    struct httpa_exchange *x = &cl->x;
    bool begun = x->active && x->head_sent;
    bool reset = begun && x->w.mode == HTTPA_HTTP1_TO_CLOSE;
    end_exchange(cl, why);
    if (status != 0 && !begun) {
        answer(cl, status);
        return;
    }
    httpa_conn_flush(&cl->conn);
    close_conn(cl, reset);
}

void httpa_client_cut(struct httpa_client *cl, enum httpa_err why)
{
    break_off(cl, 0, why);
}

static void tell_failure(void *arg)
{
    struct httpa_client *cl = arg;
    enum httpa_err why = cl->x.failed;
    break_off(cl, why == HTTPA_ERR_USAGE ? 500 : 0, why);
}

void httpa_exchange_fail(struct httpa_exchange *x, enum httpa_err why)
{
    if (x->failed == HTTPA_OK) {
        x->failed = why;
        httpa_loop_soon(x->client->server->loop, &x->task);
    }
}

/* ---- requests ---- */

static void nobody_closes(void *user, enum httpa_err why)
{
    (void)user;
    (void)why;
}

static const struct httpa_exchange_events nobody = {
    .on_close = nobody_closes,
};

static void begin_exchange(struct httpa_client *cl)
{
    struct httpa_exchange *x = &cl->x;
    const struct httpa_http1_reader *r = &cl->reader;
    *x = (struct httpa_exchange){
        .client = cl,
        .events = &nobody,
        .version = r->version,
        .to_head = httpa_slice_is(r->head.method, "HEAD"),
        .keep_alive = r->keep_alive,
        .active = true,
        .task = { .fn = tell_failure, .arg = cl },
    };
    cl->discarded = 0;
    cl->server->requests++;
    wait_for(cl, config(cl)->content_timeout_ms);
    if (r->expect_continue && r->version == 11 &&
        r->content.kind != HTTPA_CONTENT_NONE) {
        struct httpa_slice line = httpa_slice_str(CONTINUE);
        httpa_conn_write(&cl->conn, &line, 1);
        httpa_conn_flush(&cl->conn);
    }
    config(cl)->on_request(config(cl)->app, x, &r->head, r->content);
    if (x->events == &nobody && !x->reply_ended) {
        httpa_reply_text(x, 500, "no handler\n");
    }
}

/* True while the handler wants to see the request. */
static bool wanted(const struct httpa_exchange *x)
{
    return x->active && !x->reply_ended && x->failed == HTTPA_OK;
}

static void take_data(struct httpa_client *cl, struct httpa_slice data)
{
    struct httpa_exchange *x = &cl->x;
    if (!wanted(x)) {
        cl->discarded += data.n;
        if (cl->discarded > config(cl)->linger_bytes && !x->active) {
            linger(cl);
        }
    } else if (x->events->on_data != NULL) {
        x->events->on_data(x->user, data);
    }
}

static void take_end(struct httpa_client *cl)
{
    struct httpa_exchange *x = &cl->x;
    x->request_ended = true;
    if (!x->active) { /* what an early reply left */
        wait_for(cl, config(cl)->idle_timeout_ms);
    } else if (wanted(x) && x->events->on_end != NULL) {
        x->events->on_end(x->user);
    }
}

static void
take_event(struct httpa_client *cl, const struct httpa_http1_event *ev)
{
    struct httpa_exchange *x = &cl->x;
    switch (ev->kind) {
    case HTTPA_HTTP1_HEAD:
        begin_exchange(cl);
        break;
    case HTTPA_HTTP1_DATA:
        take_data(cl, ev->data);
        break;
    case HTTPA_HTTP1_TRAILERS:
        if (wanted(x) && x->events->on_trailers != NULL) {
            x->events->on_trailers(x->user, &cl->reader.trailers);
        }
        break;
    case HTTPA_HTTP1_END:
        take_end(cl);
        break;
    default:
        break;
    }
}

static bool may_read(const struct httpa_client *cl)
{
    const struct httpa_exchange *x = &cl->x;
    bool waits =
        x->active && (x->request_ended || (x->paused && !x->reply_ended));
    return !waits && !cl->lingering && !cl->conn.closing &&
           x->failed == HTTPA_OK;
}

/* The peer broke the rules: told to it, unless a reply is under way. */
static void refuse(struct httpa_client *cl)
{
    const struct httpa_http1_refusal *why =
        httpa_http1_refusal(cl->reader.fault);
    bool late = !cl->x.active && !cl->x.request_ended;
    break_off(cl, late ? 0 : why->status, why->err);
}

static void note_progress(struct httpa_client *cl, bool was_idle)
{
    const struct httpa_exchange *x = &cl->x;
    if (x->active && !x->request_ended) {
        wait_for(cl, config(cl)->content_timeout_ms);
    } else if (!x->active && was_idle &&
               !httpa_http1_reader_idle(&cl->reader)) {
        wait_for(cl, config(cl)->head_timeout_ms);
    }
}

static size_t on_bytes(void *user, struct httpa_slice in)
{
    struct httpa_client *cl = user;
    size_t n = in.n;
    bool was_idle = httpa_http1_reader_idle(&cl->reader);
    struct httpa_http1_event ev = { .kind = HTTPA_HTTP1_END };
    while (may_read(cl) && (in.n > 0 || ev.kind != HTTPA_HTTP1_MORE)) {
        if (httpa_http1_read(&cl->reader, &in, &ev) != HTTPA_OK) {
            refuse(cl);
            return n;
        }
        take_event(cl, &ev);
    }
    if (cl->lingering || cl->conn.closing) {
        cl->discarded += in.n;
        if (cl->discarded > config(cl)->linger_bytes) {
            close_conn(cl, false);
        }
        return n;
    }
    note_progress(cl, was_idle);
    return n - in.n;
}

static void wake(void *arg)
{
    struct httpa_client *cl = arg;
    if (!cl->conn.paused) {
        (void)on_bytes(cl, (struct httpa_slice){ 0 });
    }
}

/* ---- what the connection tells ---- */

static void on_eof(void *user)
{
    struct httpa_client *cl = user;
    struct httpa_exchange *x = &cl->x;
    cl->eof = true;
    if (x->active && !x->request_ended) {
        httpa_client_cut(cl, HTTPA_ERR_ABORTED);
    } else if (!x->active && httpa_conn_all_sent(&cl->conn)) {
        close_conn(cl, false);
    } /* else half-closed: the reply still goes out */
}

static void on_sent(void *user)
{
    struct httpa_client *cl = user;
    cl->stalled = false;
    if (cl->x.active && cl->x.reply_ended && cl->x.failed == HTTPA_OK) {
        replied(cl);
    } else if (cl->lingering && cl->eof) {
        close_conn(cl, false);
    }
}

static void on_drain(void *user)
{
    struct httpa_client *cl = user;
    struct httpa_exchange *x = &cl->x;
    cl->stalled = false;
    if (wanted(x) && x->events->on_drain != NULL) {
        x->events->on_drain(x->user);
    }
}

static void on_broken(void *user, enum httpa_err why)
{
    httpa_client_cut(user, why);
}

/* A reply whose queue stood still for two time-outs in a row is given up;
 * one alone may have begun just before. */
static void on_time_in_exchange(struct httpa_client *cl)
{
    struct httpa_exchange *x = &cl->x;
    bool queue = !httpa_conn_all_sent(&cl->conn);
    if (!x->request_ended && !x->paused && !queue) {
        break_off(cl, 408, HTTPA_ERR_TIMEOUT);
    } else if (queue && cl->stalled) {
        break_off(cl, 0, HTTPA_ERR_TIMEOUT);
    } else {
        cl->stalled = queue;
        wait_for(cl, config(cl)->content_timeout_ms);
    }
}

static void on_time(void *user)
{
    struct httpa_client *cl = user;
    if (cl->x.active) {
        on_time_in_exchange(cl);
    } else if (!cl->x.request_ended && !cl->lingering) {
        linger(cl); /* still sending, long after an early reply */
    } else if (cl->lingering || httpa_http1_reader_idle(&cl->reader)) {
        close_conn(cl, false);
    } else {
        answer(cl, 408);
    }
}

static void on_closed(void *user)
{
    struct httpa_client *cl = user;
    struct httpa_server *server = cl->server;
    httpa_http1_reader_done(&cl->reader);
    *cl->at = cl->next;
    if (cl->next != NULL) {
        cl->next->at = cl->at;
    }
    free(cl);
    httpa_server_forget(server);
}

static const struct httpa_conn_events conn_events = {
    .on_bytes = on_bytes,
    .on_eof = on_eof,
    .on_sent = on_sent,
    .on_drain = on_drain,
    .on_broken = on_broken,
    .on_time = on_time,
    .on_closed = on_closed,
};

/* ---- the connection's own life ---- */

static struct httpa_client *new_client(struct httpa_server *server)
{
    struct httpa_tls_session *tls = NULL;
    struct httpa_client *cl = calloc(1, sizeof(*cl));
    if (cl == NULL ||
        (server->config.tls != NULL &&
         httpa_tls_session_new(server->config.tls, &tls) != HTTPA_OK)) {
        free(cl);
        return NULL;
    }
    cl->server = server;
    cl->conn.tls = tls;
    cl->x.request_ended = true;
    cl->wake = (struct httpa_task){ .fn = wake, .arg = cl };
    httpa_http1_reader_init(&cl->reader, HTTPA_HTTP1_REQUESTS,
                            httpa_loop_fields(server->loop));
    return cl;
}

static void link_client(struct httpa_client *cl)
{
    struct httpa_server *server = cl->server;
    cl->next = server->clients;
    cl->at = &server->clients;
    if (cl->next != NULL) {
        cl->next->at = &cl->next;
    }
    server->clients = cl;
    server->client_count++;
    server->handles++;
}

void httpa_client_start(struct httpa_server *server, int fd,
                        const struct sockaddr_storage *peer)
{
    struct httpa_client *cl = new_client(server);
    if (cl == NULL) {
        (void)close(fd);
        return;
    }
    cl->peer.any.sa_family = peer->ss_family;
    if (peer->ss_family == AF_INET) {
        cl->peer.in = *(const struct sockaddr_in *)(const void *)peer;
    } else if (peer->ss_family == AF_INET6) {
        cl->peer.in6 = *(const struct sockaddr_in6 *)(const void *)peer;
    }
    link_client(cl);
    httpa_conn_init(&cl->conn, server->loop, peer->ss_family == AF_UNIX,
                    cl->conn.tls, &conn_events, cl);
    if (httpa_conn_open(&cl->conn, fd) != HTTPA_OK) {
        close_conn(cl, false);
        return;
    }
    wait_for(cl, server->config.head_timeout_ms);
    httpa_conn_read(&cl->conn);
}

void httpa_client_retire(struct httpa_client *cl)
{
    if (!cl->x.active && cl->x.request_ended && !cl->lingering &&
        httpa_http1_reader_idle(&cl->reader)) {
        wait_for(cl, LAST_CHANCE_MS);
    }
}
