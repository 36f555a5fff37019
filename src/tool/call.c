#include "tool/call.h"

#include <stdlib.h>
#include <string.h>

#include "tool/say.h"

/* Read at once: a record's worth. */
#define PIECE 65536u

/* doc/protocol.md 15: automatic handshakes with one origin. */
#define RENEW_MS 5000u
#define YOUNG_MS 10000u

#define GIVEN_UP_MAX 8u

/* One try: one number. */
struct attempt {
    const struct httpa_call *call;
    struct httpa_call_result *result;
    struct httpa_sighting *seen;
    struct httpa_request *request;
    struct httpa_outer outer;
    struct httpa_buf first; /* the head record */
    bool first_sent;
    bool ended; /* our content is complete */
    bool muted; /* a sealed refusal: not the application's answer */
    uint8_t piece[PIECE];
};

/* ---------------------------------------------------------------- sending */

static enum httpa_pull seal_some(struct attempt *a, struct httpa_buf *out)
{
    struct httpa_source *s = a->call->source;
    bool streams = s->length == HTTPA_LENGTH_UNKNOWN;
    size_t n = 0;
    switch (httpa_source_read(s, a->piece, sizeof(a->piece), &n)) {
    case HTTPA_SOURCE_SOME:
        if (a->call->on_sent != NULL) {
            a->call->on_sent(a->call->ctx, n);
        }
        return httpa_request_data(a->request, httpa_slice_of(a->piece, n),
                                  streams, out) == HTTPA_OK
                   ? HTTPA_PULL_MORE
                   : HTTPA_PULL_FAIL;
    case HTTPA_SOURCE_LATER:
        return HTTPA_PULL_WAIT;
    case HTTPA_SOURCE_END:
        a->ended = true;
        return httpa_request_end(a->request, NULL, out) == HTTPA_OK
                   ? HTTPA_PULL_MORE
                   : HTTPA_PULL_FAIL;
    case HTTPA_SOURCE_FAIL:
        break;
    }
    return HTTPA_PULL_FAIL;
}

/* doc/protocol.md 8.5: called again after 4 s without anything to send. */
static enum httpa_pull
fill(struct attempt *a, struct httpa_buf *out, uint64_t waited_ms)
{
    if (waited_ms < HTTPA_TRANSPORT_FILLER_MS) {
        return HTTPA_PULL_WAIT;
    }
    return httpa_request_filler(a->request, out) == HTTPA_OK ? HTTPA_PULL_MORE
                                                             : HTTPA_PULL_FAIL;
}

static enum httpa_pull
on_pull(void *ctx, uint64_t waited_ms, struct httpa_buf *out)
{
    struct attempt *a = ctx;
    size_t start = out->n;
    if (!a->first_sent) {
        a->first_sent = true;
        httpa_buf_put_slice(out, httpa_buf_slice(&a->first));
        return HTTPA_PULL_MORE;
    }
    enum httpa_pull got = HTTPA_PULL_MORE;
    while (got == HTTPA_PULL_MORE && out->n == start) {
        if (a->ended) {
            return HTTPA_PULL_END;
        }
        got = seal_some(a, out);
    }
    return got == HTTPA_PULL_WAIT ? fill(a, out, waited_ms) : got;
}

/* -------------------------------------------------------------- receiving */

static enum httpa_err on_outer_head(void *ctx, const struct httpa_head *head)
{
    struct attempt *a = ctx;
    struct httpa_sighting *seen = a->seen;
    struct httpa_slice token = httpa_refusal_token(head);
    (void)httpa_say_clean(token, seen->token, sizeof(seen->token));
    seen->has_binder =
        httpa_fields_find(&head->fields, "attest-binder") != NULL;
    seen->err = httpa_request_answer(a->request, head);
    seen->marked = token.n > 0 || seen->has_binder;
    return seen->err;
}

static bool is_refusal(const char *token)
{
    static const char *const ours[] = { "rekey", "seen",   "head",
                                        "clear", "target", "secret" };
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (strcmp(token, ours[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum httpa_err
on_event(struct attempt *a, const struct httpa_event *event)
{
    enum httpa_err err = HTTPA_OK;
    switch (event->type) {
    case HTTPA_EVENT_HEAD:
        a->seen->genuine = true;
        (void)httpa_say_clean(httpa_request_error_token(a->request),
                              a->seen->sealed, sizeof(a->seen->sealed));
        a->muted = is_refusal(a->seen->sealed);
        err = a->muted ? HTTPA_OK : a->call->on_head(a->call->ctx, event->head);
        break;
    case HTTPA_EVENT_DATA:
        err = a->muted ? HTTPA_OK : a->call->on_data(a->call->ctx, event->data);
        break;
    case HTTPA_EVENT_END:
        a->seen->complete = true;
        break;
    case HTTPA_EVENT_NONE:
    case HTTPA_EVENT_FILLER:
    case HTTPA_EVENT_TRAILERS:
        break;
    }
    a->result->sink_failed = err != HTTPA_OK;
    return err;
}

static enum httpa_err on_outer_data(void *ctx, struct httpa_slice in)
{
    struct attempt *a = ctx;
    bool more = true;
    while (more) {
        struct httpa_event event = { .type = HTTPA_EVENT_NONE };
        size_t used = 0;
        a->seen->err = httpa_request_read(
            a->request, in, httpa_transport_now_s(), &used, &event);
        if (a->seen->err != HTTPA_OK) {
            return a->seen->err;
        }
        in = httpa_slice_from(in, used);
        enum httpa_err err = on_event(a, &event);
        if (err != HTTPA_OK) {
            return err;
        }
        more = event.type != HTTPA_EVENT_NONE || (in.n > 0 && used > 0);
    }
    return HTTPA_OK;
}

/* ------------------------------------------------------------- one attempt */

struct given_up {
    uint64_t v[GIVEN_UP_MAX];
    size_t n;
    bool say; /* in Attest-Supersedes */
};

static enum httpa_err
begin(struct attempt *a, struct httpa_peer *peer, const struct given_up *given)
{
    const struct httpa_call *c = a->call;
    enum httpa_err err =
        httpa_request_new(peer->session, httpa_transport_now_s(), &a->request);
    if (err == HTTPA_OK && given->say && given->n > 0) {
        err = httpa_request_supersede(a->request, given->v, given->n);
    }
    if (err == HTTPA_OK) {
        a->result->number = httpa_request_number(a->request);
        err = httpa_request_begin(a->request, c->inner, c->source->length,
                                  c->clear, &a->outer, &a->first);
    }
    a->ended = c->source->length == 0;
    return err;
}

static void send(struct attempt *a, struct httpa_peer *peer)
{
    struct httpa_source *s = a->call->source;
    const struct httpa_field *length =
        httpa_fields_find(&a->outer.head.fields, "content-length");
    uint64_t n = length != NULL ? 0 : HTTPA_LENGTH_UNKNOWN;
    for (size_t i = 0; length != NULL && i < length->value.n; i++) {
        n = n * 10 + (uint64_t)(length->value.p[i] - '0');
    }
    struct httpa_transport_call call = {
        .url = peer->outer_url,
        .method = "POST",
        .head = &a->outer.head,
        .length = n,
        .pull = on_pull,
        .source_fd = s->fd >= 0 && !s->is_file ? s->fd : -1,
        .on_head = on_outer_head,
        .on_data = on_outer_data,
        .ctx = a,
        .jar = &peer->jar,
    };
    httpa_transport_run(peer->world->transport, &call, &a->seen->transport);
    if (a->seen->genuine && a->seen->err == HTTPA_OK &&
        a->seen->transport.end == HTTPA_TRANSPORT_DONE) {
        a->seen->err = httpa_request_read_end(a->request);
    }
}

static enum httpa_err
attempt(struct httpa_peer *peer, const struct httpa_call *call,
        const struct given_up *given, struct httpa_call_result *result)
{
    struct attempt *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    result->seen = (struct httpa_sighting){
        .again_unknown = peer->unknown_once &&
                         httpa_transport_now_ms() - peer->made_ms < YOUNG_MS,
    };
    a->call = call;
    a->result = result;
    a->seen = &result->seen;
    a->first = httpa_buf_growing(2 * PIECE);
    enum httpa_err err = begin(a, peer, given);
    if (err == HTTPA_OK) {
        send(a, peer);
    }
    httpa_request_free(a->request);
    httpa_buf_done(&a->first);
    free(a);
    return err;
}

/* --------------------------------------------------------------- the table */

struct course {
    struct httpa_peer *peer;
    const struct httpa_call *call;
    struct httpa_call_result *result;
    struct given_up given;
    unsigned taken[32]; /* steps, by row */
    uint64_t renewed_ms;
};

static void give_up(struct course *c)
{
    if (c->given.n < GIVEN_UP_MAX) {
        c->given.v[c->given.n++] = c->result->number;
    }
}

static bool renew(struct course *c)
{
    uint64_t now = httpa_transport_now_ms();
    if (c->renewed_ms != 0 && now - c->renewed_ms < RENEW_MS) {
        return false;
    }
    c->renewed_ms = now;
    c->given.n = 0; /* numbers of another session */
    httpa_peer_drop(c->peer);
    return true;
}

/* Whether |d| lets the request go once more. */
static bool step(struct course *c, const struct httpa_decision *d)
{
    const struct httpa_sighting *seen = &c->result->seen;
    enum httpa_step next = c->result->safe ? d->safe : d->other;
    bool fits =
        c->taken[d->row] < d->tries && httpa_source_rewind(c->call->source);
    if (d->row == 9) {
        c->peer->unknown_once = true;
    }
    if (next == HTTPA_STEP_FORGET) {
        httpa_peer_drop(c->peer);
        return false;
    }
    if (!fits || next == HTTPA_STEP_STOP) {
        return false;
    }
    c->given.say = next == HTTPA_STEP_SUPERSEDE;
    if (seen->transport.sent) {
        give_up(c);
    }
    if (next == HTTPA_STEP_RENEW && !renew(c)) {
        return false;
    }
    uint64_t wait = httpa_decide_wait_ms(d, &seen->transport, c->taken[d->row]);
    c->taken[d->row]++;
    if (c->peer->world->settings->transport.verbose) {
        httpa_say("%s: once more, under a new number", d->seen);
    }
    return httpa_transport_pause(c->peer->world->transport, wait);
}

/* One handshake if one is needed, one try. */
static bool once(struct course *c)
{
    struct httpa_call_result *r = c->result;
    enum httpa_err err = HTTPA_ERR_EXPIRED;
    r->refused = false;
    /* a session may end between the question and the request, once */
    for (unsigned i = 0;
         i < 2 && (err == HTTPA_ERR_EXPIRED || err == HTTPA_ERR_REKEY); i++) {
        if (i > 0) {
            httpa_peer_drop(c->peer);
        }
        r->decision = httpa_peer_meet(c->peer, &r->seen);
        if (r->decision != NULL) {
            r->refused = true;
            return false;
        }
        err = attempt(c->peer, c->call, &c->given, r);
    }
    if (err != HTTPA_OK) {
        static const struct httpa_decision unfit = {
            .safe_exit = HTTPA_EXIT_USAGE,
            .other_exit = HTTPA_EXIT_USAGE,
            .seen = "the request cannot be sent; nothing was",
            .next = NULL,
        };
        r->seen.err = err;
        r->decision = &unfit;
        return false;
    }
    r->decision = httpa_decide_request(&r->seen);
    return true;
}

void httpa_call_run(struct httpa_peer *peer, const struct httpa_call *call,
                    struct httpa_call_result *ret_result)
{
    struct course c = { .peer = peer, .call = call, .result = ret_result };
    *ret_result = (struct httpa_call_result){
        .safe = call->retry_unsafe || httpa_decide_is_safe(call->inner),
    };
    for (;;) {
        bool tried = once(&c);
        const struct httpa_decision *d = ret_result->decision;
        enum httpa_transport_end end = ret_result->seen.transport.end;
        if (!tried || d == NULL || ret_result->sink_failed ||
            end == HTTPA_TRANSPORT_TIMEOUT || end == HTTPA_TRANSPORT_BREAK ||
            call->once || !step(&c, d)) {
            return;
        }
    }
}
