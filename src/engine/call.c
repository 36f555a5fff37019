#include "engine/upstream_parts.h"

#include <stdlib.h>

void httpa_call_over(struct httpa_call *call, enum httpa_err why)
{
    struct httpa_upstream *up = call->up;
    httpa_upstream_unwait(call);
    httpa_task_cancel(up->loop, &call->task);
    if (call->link != NULL) {
        call->link->call = NULL;
        httpa_link_close(call->link);
    }
    call->events->on_close(call->user, why);
    httpa_buf_done(&call->early);
    free(call);
    httpa_upstream_let_go(up);
}

void httpa_call_fail(struct httpa_call *call, enum httpa_err why)
{
    if (call->failed == HTTPA_OK) {
        call->failed = why;
        httpa_loop_soon(call->up->loop, &call->task);
    }
}

/* What the caller is told that came up while he held the call. */
static void tell(void *arg)
{
    struct httpa_call *call = arg;
    if (call->failed != HTTPA_OK) {
        httpa_call_over(call, call->failed);
        return;
    }
    call->choked = false;
    if (!call->ended && call->events->on_drain != NULL) {
        call->events->on_drain(call->user);
    }
}

/* RFC 9110 9.2.2.  A method nobody knows is not idempotent. */
static bool is_idempotent(struct httpa_slice method)
{
    static const char *const names[] = { "GET",   "HEAD", "OPTIONS",
                                         "TRACE", "PUT",  "DELETE" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (httpa_slice_is(method, names[i])) {
            return true;
        }
    }
    return false;
}

enum httpa_err httpa_call_new(struct httpa_upstream *up,
                              const struct httpa_head *head,
                              struct httpa_content content,
                              const struct httpa_call_events *events,
                              void *user, struct httpa_call **ret_call)
{
    struct httpa_http1_form form = { .content = content, .version = 11 };
    struct httpa_call *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    call->up = up;
    call->events = events;
    call->user = user;
    call->task = (struct httpa_task){ .fn = tell, .arg = call };
    call->early = httpa_buf_growing(HTTPA_CONN_QUEUE_MAX);
    call->to_head = httpa_slice_is(head->method, "HEAD");
    call->safe =
        content.kind == HTTPA_CONTENT_NONE && is_idempotent(head->method);
    enum httpa_err err =
        up->freed ? HTTPA_ERR_USAGE
                  : httpa_http1_write_head(&call->w, &call->early, head, &form);
    if (err != HTTPA_OK) {
        httpa_buf_done(&call->early);
        free(call);
        return err == HTTPA_ERR_USAGE ? err : HTTPA_ERR_MEMORY;
    }
    up->holders++;
    httpa_upstream_place(call);
    *ret_call = call;
    return HTTPA_OK;
}

static bool is_open(const struct httpa_call *call)
{
    return call->link != NULL && call->link->open;
}

static bool can_send(const struct httpa_call *call)
{
    return !call->ended && call->failed == HTTPA_OK;
}

static void send_pieces(struct httpa_call *call,
                        const struct httpa_slice *pieces, size_t count)
{
    if (is_open(call)) {
        httpa_conn_write(&call->link->conn, pieces, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        httpa_buf_put_slice(&call->early, pieces[i]);
    }
    call->choked = call->early.n > HTTPA_CONN_HIGH;
    if (call->early.failed) {
        httpa_call_fail(call, HTTPA_ERR_LIMIT);
    }
}

void httpa_call_data(struct httpa_call *call, struct httpa_slice data)
{
    struct httpa_slice pieces[3] = { [1] = data };
    if (!can_send(call) || data.n == 0) {
        return;
    }
    if (httpa_http1_write_frame(&call->w, data.n, &pieces[0], &pieces[2]) !=
        HTTPA_OK) {
        httpa_call_fail(call, HTTPA_ERR_USAGE);
        return;
    }
    send_pieces(call, pieces, 3);
}

/* Appends the end of the request, with |trailers| or without. */
static void
send_end(struct httpa_call *call, const struct httpa_fields *trailers)
{
    bool open = is_open(call);
    struct httpa_buf *out =
        open ? httpa_conn_out(&call->link->conn) : &call->early;
    enum httpa_err err = httpa_http1_write_end(&call->w, out, trailers);
    if (err != HTTPA_OK) {
        httpa_call_fail(call, err == HTTPA_ERR_USAGE ? err : HTTPA_ERR_LIMIT);
    } else if (open) {
        httpa_conn_wrote(&call->link->conn);
    }
}

void httpa_call_trailers(struct httpa_call *call,
                         const struct httpa_fields *trailers)
{
    if (can_send(call) && call->w.mode == HTTPA_HTTP1_CHUNKED) {
        send_end(call, trailers);
        call->w.mode = HTTPA_HTTP1_BARE;
    }
}

void httpa_call_end(struct httpa_call *call)
{
    if (can_send(call)) {
        send_end(call, NULL);
        call->ended = true;
        if (is_open(call)) { /* its turn begins now */
            httpa_conn_timer(&call->link->conn,
                             call->up->config.answer_timeout_ms);
        }
    }
}

void httpa_call_abort(struct httpa_call *call)
{
    httpa_call_fail(call, HTTPA_ERR_ABORTED);
}

bool httpa_call_full(const struct httpa_call *call)
{
    return is_open(call) ? httpa_conn_full(&call->link->conn) : call->choked;
}

void httpa_call_pause(struct httpa_call *call)
{
    call->paused = true;
}

void httpa_call_resume(struct httpa_call *call)
{
    if (call->paused) {
        call->paused = false;
        if (call->link != NULL) {
            httpa_link_wake(call->link);
        }
    }
}
