/* The request of a sealed message (doc/protocol.md 9.6). */
#include "gateway/sealed.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/doctor.h"

/* What names the message, in the log and to the application. */
static void note_ticket(struct httpa_sealed *s)
{
    struct httpa_log_line *line = &s->visit.line;
    struct httpa_trusted_info info;
    httpa_trusted_info(s->trusted, &info);
    line->has_base = true;
    memcpy(line->base, info.base_hash, sizeof(line->base));
    line->number = info.number;
}

static void note_head(struct httpa_sealed *s, const struct httpa_head *head)
{
    s->is_atsp = httpa_slice_is(head->method, "ATTEST");
    s->visit.line.kind = s->is_atsp ? HTTPA_METRICS_ATSP : HTTPA_METRICS_TRR;
    httpa_log_request(&s->visit.gate->log, head, &s->visit.line);
}

/* doc/protocol.md 10.2 has judged it: digits, and few enough. */
static struct httpa_content declared(const struct httpa_head *head)
{
    const struct httpa_field *f =
        httpa_fields_find(&head->fields, "content-length");
    uint64_t n = 0;
    if (f == NULL) {
        return httpa_content_open();
    }
    for (size_t i = 0; i < f->value.n; i++) {
        n = n * 10 + (uint64_t)(f->value.p[i] - '0');
    }
    return httpa_content_sized(n);
}

static enum httpa_err
take_head(struct httpa_sealed *s, const struct httpa_head *head)
{
    s->has_head = true;
    note_head(s, head);
    s->content = declared(head);
    s->collects = s->is_atsp || (s->content.kind == HTTPA_CONTENT_SIZED &&
                                 s->content.len <= HTTPA_SEALED_COLLECT);
    s->body = httpa_buf_growing(s->is_atsp ? HTTPA_SEALED_ATSP_MAX
                                           : HTTPA_SEALED_COLLECT);
    if (s->is_atsp) {
        /* doc/protocol.md 11.1 */
        return httpa_slice_is(head->path, "/") ? HTTPA_OK : HTTPA_ERR_HEAD;
    }
    enum httpa_err err = httpa_sealed_rebuild(s, head);
    if (err == HTTPA_OK) {
        err = httpa_doctor_take(s, head);
        s->called = s->doctor != NULL;
    }
    return err;
}

static enum httpa_err take_data(struct httpa_sealed *s, struct httpa_slice data)
{
    s->visit.line.bytes_in += data.n;
    if (s->doctor != NULL) {
        httpa_doctor_data(s->doctor);
        return HTTPA_OK;
    }
    if (s->collects) {
        httpa_buf_put_slice(&s->body, data);
        if (httpa_buf_check(&s->body) != HTTPA_OK) {
            return s->is_atsp ? HTTPA_ERR_LIMIT : HTTPA_ERR_MEMORY;
        }
        return HTTPA_OK;
    }
    if (!s->called) {
        httpa_sealed_call(s);
    }
    if (s->call != NULL) {
        httpa_call_data(s->call, data);
    }
    return HTTPA_OK;
}

/* Everything verified. */
static void take_end(struct httpa_sealed *s)
{
    s->complete = true;
    if (s->is_atsp) {
        httpa_sealed_atsp(s);
        return;
    }
    if (!s->called) {
        if (s->content.kind == HTTPA_CONTENT_OPEN) {
            s->content = httpa_content_none();
        }
        httpa_sealed_call(s);
        if (s->call != NULL && s->body.n > 0) {
            httpa_call_data(s->call, httpa_buf_slice(&s->body));
        }
        httpa_buf_done(&s->body);
    }
    if (s->call != NULL) {
        httpa_call_end(s->call);
    }
    if (s->doctor != NULL) {
        httpa_doctor_end(s->doctor);
    }
    httpa_sealed_reply_resume(s);
    if (!s->ended) {
        httpa_visit_watch(&s->visit, httpa_sealed_silence);
    }
}

static enum httpa_err take(struct httpa_sealed *s, const struct httpa_event *ev)
{
    switch (ev->type) {
    case HTTPA_EVENT_HEAD:
        return take_head(s, ev->head);
    case HTTPA_EVENT_DATA:
        return take_data(s, ev->data);
    case HTTPA_EVENT_TRAILERS:
        if (s->call != NULL) {
            httpa_call_trailers(s->call, ev->trailers);
        }
        return HTTPA_OK;
    case HTTPA_EVENT_END:
        take_end(s);
        return HTTPA_OK;
    case HTTPA_EVENT_NONE:
    case HTTPA_EVENT_FILLER:
        break;
    }
    return HTTPA_OK;
}

/* All of |in|, event by event; stops when the message is answered. */
static enum httpa_err feed(struct httpa_sealed *s, struct httpa_slice in)
{
    for (;;) {
        struct httpa_event event = { .type = HTTPA_EVENT_NONE };
        size_t used = 0;
        enum httpa_err err = httpa_trusted_read(s->trusted, in, &used, &event);
        if (err == HTTPA_OK) {
            err = take(s, &event);
        }
        in = httpa_slice_from(in, used);
        if (err != HTTPA_OK || s->refused ||
            (event.type == HTTPA_EVENT_NONE && in.n == 0)) {
            return err;
        }
    }
}

/* doc/protocol.md 9.6: the application's request is broken off, the answer
 * is `head` if there is still room for one. */
static void fail(struct httpa_sealed *s, enum httpa_err err)
{
    if (s->is_atsp && err == HTTPA_ERR_LIMIT) {
        httpa_sealed_own_answer(s, 413, NULL, httpa_slice_of(NULL, 0));
        return;
    }
    if (s->call != NULL) {
        httpa_call_abort(s->call);
    }
    httpa_sealed_refuse(s, err, httpa_err_name(err));
}

static void on_data(void *user, struct httpa_slice data)
{
    struct httpa_sealed *s = user;
    if (s->refused || s->ended) {
        return;
    }
    enum httpa_err err = feed(s, data);
    if (err != HTTPA_OK) {
        fail(s, err);
        return;
    }
    if (s->has_head && !s->collects && !s->called && !s->complete &&
        !s->refused) {
        httpa_sealed_call(s); /* the application may have something to say */
    }
    if (s->call != NULL && httpa_call_full(s->call)) {
        httpa_exchange_pause(s->visit.x);
    }
}

static void on_end(void *user)
{
    struct httpa_sealed *s = user;
    if (s->refused || s->ended) {
        return;
    }
    enum httpa_err err = httpa_trusted_read_end(s->trusted);
    if (err != HTTPA_OK) {
        fail(s, err);
    }
}

static void on_drain(void *user)
{
    struct httpa_sealed *s = user;
    if (s->call != NULL) {
        httpa_call_resume(s->call);
    }
}

static void on_close(void *user, enum httpa_err why)
{
    struct httpa_sealed *s = user;
    s->exchange_open = false;
    s->ended = true;
    httpa_quoter_cancel(s->job);
    s->job = NULL;
    httpa_doctor_free(s->doctor);
    s->doctor = NULL;
    httpa_visit_done(&s->visit, why);
    if (s->call != NULL) {
        httpa_call_abort(s->call);
    }
    httpa_sealed_let_go(s);
}

static const struct httpa_exchange_events events = { .on_data = on_data,
                                                     .on_end = on_end,
                                                     .on_drain = on_drain,
                                                     .on_close = on_close };

void httpa_sealed_let_go(struct httpa_sealed *s)
{
    if (s->exchange_open || s->call != NULL) {
        return;
    }
    httpa_trusted_free(s->trusted);
    httpa_head_copy_done(&s->request);
    httpa_head_copy_done(&s->answer);
    httpa_head_copy_done(&s->trailers);
    httpa_buf_done(&s->body);
    free(s->outer_host);
    free(s);
}

/* What the path made of Host, for `httpa doctor`. */
static void note_host(struct httpa_sealed *s, const struct httpa_head *outer)
{
    s->outer_host = malloc(outer->authority.n + 1);
    if (s->outer_host != NULL) {
        memcpy(s->outer_host, outer->authority.p, outer->authority.n);
        s->outer_host[outer->authority.n] = '\0';
    }
}

void httpa_gateway_sealed(struct httpa_gate *gate, struct httpa_exchange *x,
                          const struct httpa_head *head)
{
    struct httpa_sealed *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        httpa_reply_abort(x);
        return;
    }
    httpa_visit_init(&s->visit, gate, x, HTTPA_KIND_SEALED);
    s->exchange_open = true;
    httpa_exchange_listen(x, &events, s);
    enum httpa_err err = httpa_service_open(gate->gateway->service, head,
                                            httpa_gate_now_s(), &s->trusted);
    if (err != HTTPA_OK) {
        s->refused = true;
        s->ended = true;
        httpa_visit_refuse(&s->visit, head, err, 0);
        return;
    }
    note_ticket(s);
    if (gate->gateway->settings->doctor) {
        note_host(s, head);
    }
}
