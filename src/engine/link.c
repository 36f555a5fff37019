#include "engine/upstream_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* How long a looked-up name is believed. */
#define RESOLVED_MS 10000u

static void wait_for(struct httpa_link *link, uint32_t timeout_ms)
{
    httpa_conn_timer(&link->conn, timeout_ms);
}

void httpa_link_close(struct httpa_link *link)
{
    if (link->conn.closing) {
        return;
    }
    httpa_upstream_unkeep(link);
    link->up->link_count--;
    httpa_task_cancel(link->up->loop, &link->wake);
    httpa_conn_close(&link->conn, false);
    httpa_upstream_room(link->up);
}

void httpa_link_wake(struct httpa_link *link)
{
    if (link->conn.paused) {
        httpa_conn_resume(&link->conn);
    } else {
        httpa_loop_soon(link->up->loop, &link->wake);
    }
}

/* ---- sending ---- */

/* Sends what the call gathered before it had a connection. */
static void send_early(struct httpa_link *link)
{
    struct httpa_call *call = link->call;
    struct httpa_slice early = httpa_buf_slice(&call->early);
    httpa_http1_reader_expect(&link->reader, call->to_head);
    httpa_conn_write(&link->conn, &early, 1);
    wait_for(link, link->up->config.answer_timeout_ms);
    if (!call->safe) {
        httpa_buf_done(&call->early);
    }
    if (call->choked && !httpa_conn_full(&link->conn)) {
        httpa_loop_soon(link->up->loop, &call->task);
    }
}

void httpa_link_take(struct httpa_link *link, struct httpa_call *call)
{
    httpa_upstream_unkeep(link);
    link->call = call;
    link->stalled = false;
    call->link = link;
    call->reused = true;
    send_early(link);
}

/* ---- answers ---- */

static void
take_event(struct httpa_link *link, const struct httpa_http1_event *ev)
{
    struct httpa_call *call = link->call;
    const struct httpa_call_events *on = call->events;
    switch (ev->kind) {
    case HTTPA_HTTP1_HEAD:
        call->begun = true;
        httpa_buf_done(&call->early);
        if (on->on_head != NULL) {
            on->on_head(call->user, &link->reader.head, link->reader.content);
        }
        break;
    case HTTPA_HTTP1_DATA:
        if (on->on_data != NULL) {
            on->on_data(call->user, ev->data);
        }
        break;
    case HTTPA_HTTP1_TRAILERS:
        if (on->on_trailers != NULL) {
            on->on_trailers(call->user, &link->reader.trailers);
        }
        break;
    default:
        break;
    }
}

/* The answer is whole; |clean|: nothing came behind it.  The connection goes
 * back to the pool before the caller hears of it, so that he may use it. */
static void end_answer(struct httpa_link *link, bool clean)
{
    struct httpa_call *call = link->call;
    link->call = NULL;
    call->link = NULL;
    if (clean && call->ended && link->reader.keep_alive &&
        httpa_conn_all_sent(&link->conn) && !link->conn.eof &&
        !link->conn.mute) {
        httpa_upstream_keep(link);
    } else {
        httpa_link_close(link);
    }
    if (call->events->on_end != NULL) {
        call->events->on_end(call->user);
    }
    httpa_call_over(call, HTTPA_OK);
}

static bool may_read(const struct httpa_link *link)
{
    const struct httpa_call *call = link->call;
    return call != NULL && !call->paused && call->failed == HTTPA_OK &&
           !link->conn.closing;
}

/* The connection is of no more use; so is the call, unless it may be sent
 * once more. */
static void lose(struct httpa_link *link, enum httpa_err why)
{
    struct httpa_call *call = link->call;
    bool silent = httpa_http1_reader_idle(&link->reader);
    link->call = NULL;
    httpa_link_close(link);
    if (call == NULL) {
        return;
    }
    call->link = NULL;
    if (call->failed != HTTPA_OK) {
        httpa_call_over(call, call->failed);
    } else if (call->safe && call->reused && !call->retried && silent &&
               !call->begun) {
        call->retried = true;
        call->reused = false;
        httpa_upstream_place(call);
    } else {
        httpa_call_over(call, why);
    }
}

/* Reads what it can of |in|; true when the answer ended. */
static bool read_answer(struct httpa_link *link, struct httpa_slice *in)
{
    struct httpa_http1_event ev = { .kind = HTTPA_HTTP1_END };
    while (may_read(link) && (in->n > 0 || ev.kind != HTTPA_HTTP1_MORE)) {
        if (httpa_http1_read(&link->reader, in, &ev) != HTTPA_OK) {
            const struct httpa_http1_refusal *why =
                httpa_http1_refusal(link->reader.fault);
            lose(link, why->err == HTTPA_ERR_LIMIT ||
                               why->err == HTTPA_ERR_UNSUPPORTED
                           ? why->err
                           : HTTPA_ERR_MALFORMED);
            return true;
        }
        if (ev.kind == HTTPA_HTTP1_END) {
            end_answer(link, in->n == 0);
            return true;
        }
        take_event(link, &ev);
    }
    return false;
}

static size_t on_bytes(void *user, struct httpa_slice in)
{
    struct httpa_link *link = user;
    size_t n = in.n;
    if (link->call == NULL) { /* an answer nobody asked for */
        httpa_link_close(link);
        return n;
    }
    wait_for(link, link->up->config.answer_timeout_ms);
    return read_answer(link, &in) ? n : n - in.n;
}

static void wake(void *arg)
{
    struct httpa_link *link = arg;
    struct httpa_slice none = { 0 };
    if (!link->conn.paused && link->call != NULL) {
        (void)read_answer(link, &none);
    }
}

/* ---- what the connection tells ---- */

static void on_open(void *user)
{
    struct httpa_link *link = user;
    link->open = true;
    httpa_conn_read(&link->conn);
    if (!link->up->unix_path) {
        link->up->good =
            (link->up->good + link->call->tries - 1) % link->up->address_count;
    }
    send_early(link);
}

static void on_eof(void *user)
{
    struct httpa_link *link = user;
    struct httpa_http1_event ev;
    bool silent = httpa_http1_reader_idle(&link->reader);
    bool ended = httpa_http1_read_eof(&link->reader, &ev) == HTTPA_OK &&
                 ev.kind == HTTPA_HTTP1_END;
    if (link->call != NULL && ended) {
        end_answer(link, false);
    } else {
        lose(link, silent ? HTTPA_ERR_IO : HTTPA_ERR_TRUNCATED);
    }
}

static void on_drain(void *user)
{
    struct httpa_link *link = user;
    struct httpa_call *call = link->call;
    link->stalled = false;
    if (call != NULL && !call->ended && call->failed == HTTPA_OK &&
        call->events->on_drain != NULL) {
        call->events->on_drain(call->user);
    }
}

static void on_sent(void *user)
{
    struct httpa_link *link = user;
    link->stalled = false;
}

/* A refused connection: the name's next address, if there is one. */
static void try_next(struct httpa_link *link)
{
    struct httpa_call *call = link->call;
    if (link->up->unix_path != NULL || call->failed != HTTPA_OK ||
        call->tries >= link->up->address_count) {
        lose(link, HTTPA_ERR_IO);
        return;
    }
    link->call = NULL;
    call->link = NULL;
    httpa_link_close(link);
    if (httpa_link_new(link->up, call) != HTTPA_OK) {
        httpa_call_over(call, HTTPA_ERR_MEMORY);
    }
}

static void on_broken(void *user, enum httpa_err why)
{
    struct httpa_link *link = user;
    (void)why;
    if (!link->open && link->call != NULL) {
        try_next(link);
        return;
    }
    lose(link, link->call != NULL && link->call->begun ? HTTPA_ERR_TRUNCATED
                                                       : HTTPA_ERR_IO);
}

/* True when it is the application's turn: to take what we queued (for two
 * time-outs in a row, as one may have begun just before), or to answer. */
static bool is_late(struct httpa_link *link)
{
    const struct httpa_call *call = link->call;
    bool queue = !httpa_conn_all_sent(&link->conn);
    bool stalled = queue && link->stalled;
    link->stalled = queue;
    return stalled || (!queue && call->ended && !call->paused);
}

static void on_time(void *user)
{
    struct httpa_link *link = user;
    if (link->call == NULL) {
        httpa_link_close(link); /* idle for too long */
    } else if (!link->open || is_late(link)) {
        link->call->safe = false; /* late is not lost: no second time */
        lose(link, HTTPA_ERR_TIMEOUT);
    } else {
        wait_for(link, link->up->config.answer_timeout_ms);
    }
}

static void free_link(struct httpa_link *link)
{
    struct httpa_upstream *up = link->up;
    if (link->gone && !link->looking_up) {
        httpa_http1_reader_done(&link->reader);
        free(link);
        httpa_upstream_let_go(up);
    }
}

static void on_closed(void *user)
{
    struct httpa_link *link = user;
    link->gone = true;
    free_link(link);
}

static const struct httpa_conn_events conn_events = {
    .on_open = on_open,
    .on_bytes = on_bytes,
    .on_eof = on_eof,
    .on_sent = on_sent,
    .on_drain = on_drain,
    .on_broken = on_broken,
    .on_time = on_time,
    .on_closed = on_closed,
};

/* ---- connecting ---- */

static void connect_next(struct httpa_link *link)
{
    struct httpa_upstream *up = link->up;
    size_t i = (up->good + link->call->tries++) % up->address_count;
    httpa_conn_connect_tcp(&link->conn, &up->addresses[i].sa.any);
}

static void remember(struct httpa_upstream *up, const struct addrinfo *list)
{
    up->address_count = 0;
    up->good = 0;
    up->resolved_ms = httpa_loop_now_ms(up->loop);
    for (; list != NULL && up->address_count < HTTPA_ADDRESSES_MAX;
         list = list->ai_next) {
        struct httpa_address *a = &up->addresses[up->address_count];
        if (list->ai_family == AF_INET) {
            a->sa.in = *(const struct sockaddr_in *)(const void *)list->ai_addr;
            up->address_count++;
        } else if (list->ai_family == AF_INET6) {
            a->sa.in6 =
                *(const struct sockaddr_in6 *)(const void *)list->ai_addr;
            up->address_count++;
        }
    }
}

static void
did_look_up(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
    struct httpa_link *link = req->data;
    link->looking_up = false;
    if (status == 0) {
        remember(link->up, list);
    }
    uv_freeaddrinfo(list);
    if (link->gone) {
        free_link(link);
    } else if (link->conn.closing || link->call == NULL) {
        httpa_link_close(link);
    } else if (status != 0 || link->up->address_count == 0) {
        lose(link, HTTPA_ERR_IO);
    } else {
        connect_next(link);
    }
}

static void look_up(struct httpa_link *link)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    char port[8];
    (void)snprintf(port, sizeof(port), "%u", link->up->config.port);
    link->lookup.data = link;
    link->looking_up = true;
    if (uv_getaddrinfo(httpa_loop_uv(link->up->loop), &link->lookup,
                       did_look_up, link->up->host, port, &hints) != 0) {
        link->looking_up = false;
        httpa_call_fail(link->call, HTTPA_ERR_IO);
    }
}

static bool must_look_up(const struct httpa_upstream *up)
{
    return !up->numeric &&
           (up->address_count == 0 ||
            httpa_loop_now_ms(up->loop) - up->resolved_ms > RESOLVED_MS);
}

enum httpa_err
httpa_link_new(struct httpa_upstream *up, struct httpa_call *call)
{
    struct httpa_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    link->up = up;
    link->call = call;
    call->link = link;
    call->reused = false;
    link->wake = (struct httpa_task){ .fn = wake, .arg = link };
    up->link_count++;
    up->holders++;
    httpa_http1_reader_init(&link->reader, HTTPA_HTTP1_RESPONSES,
                            httpa_loop_fields(up->loop));
    httpa_conn_init(&link->conn, up->loop, up->unix_path != NULL, NULL,
                    &conn_events, link);
    httpa_conn_be_patient(&link->conn);
    wait_for(link, up->config.connect_timeout_ms);
    if (up->unix_path != NULL) {
        httpa_conn_connect_unix(&link->conn, up->unix_path);
    } else if (must_look_up(up)) {
        look_up(link);
    } else {
        connect_next(link);
    }
    return HTTPA_OK;
}
