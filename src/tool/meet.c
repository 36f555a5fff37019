/* The handshake of a peer: one try, the question to a device, the table. */
#include <stdlib.h>
#include <string.h>

#include "codec/time.h"
#include "tool/cache.h"
#include "tool/copy.h"
#include "tool/peer.h"
#include "tool/say.h"
#include "tool/vendors.h"

/* An AtHS response is at most 262,144 bytes before it is sealed (17.1). */
#define ANSWER_MAX (400u * 1024u)

/* One outer answer, kept whole. */
struct whole {
    struct httpa_copy head;
    struct httpa_buf content;
    struct httpa_slice send;
    bool sent;
};

static enum httpa_pull
pull_whole(void *ctx, uint64_t waited_ms, struct httpa_buf *out)
{
    struct whole *w = ctx;
    (void)waited_ms;
    if (w->sent) {
        return HTTPA_PULL_END;
    }
    w->sent = true;
    httpa_buf_put_slice(out, w->send);
    return HTTPA_PULL_MORE;
}

static enum httpa_err whole_head(void *ctx, const struct httpa_head *head)
{
    return httpa_copy_head(&((struct whole *)ctx)->head, head);
}

static enum httpa_err whole_data(void *ctx, struct httpa_slice in)
{
    struct whole *w = ctx;
    httpa_buf_put_slice(&w->content, in);
    return httpa_buf_check(&w->content);
}

static void exchange(struct httpa_peer *peer, struct whole *w,
                     const char *method, const struct httpa_head *head,
                     struct httpa_transport_report *ret_report)
{
    struct httpa_transport_call call = {
        .url = peer->outer_url,
        .method = method,
        .head = head,
        .length = w->send.n,
        .pull = pull_whole,
        .source_fd = -1,
        .on_head = whole_head,
        .on_data = whole_data,
        .ctx = w,
        .jar = &peer->jar,
        .total_ms = HTTPA_TRANSPORT_ATHS_MS,
    };
    w->content = httpa_buf_growing(ANSWER_MAX);
    httpa_transport_run(peer->world->transport, &call, ret_report);
}

static void whole_done(struct whole *w)
{
    if (w != NULL) {
        httpa_copy_done(&w->head);
        httpa_buf_done(&w->content);
        free(w);
    }
}

/* ------------------------------------------------- the device's own answer */

/* doc/protocol.md 11.2: reads the sealed reply of |ask|. */
static enum httpa_err read_reply(struct httpa_request *ask,
                                 const struct whole *w, int64_t now_s,
                                 unsigned *ret_status, struct httpa_buf *reply)
{
    struct httpa_slice in = httpa_buf_slice(&w->content);
    enum httpa_err err = httpa_request_answer(ask, &w->head.head);
    bool more = true;
    while (err == HTTPA_OK && more) {
        struct httpa_event event;
        size_t used = 0;
        err = httpa_request_read(ask, in, now_s, &used, &event);
        if (err != HTTPA_OK) {
            break;
        }
        in = httpa_slice_from(in, used);
        if (event.type == HTTPA_EVENT_HEAD) {
            *ret_status = event.head->status;
        } else if (event.type == HTTPA_EVENT_DATA) {
            httpa_buf_put_slice(reply, event.data);
        }
        more = event.type != HTTPA_EVENT_NONE || in.n > 0;
    }
    return err == HTTPA_OK ? httpa_request_read_end(ask) : err;
}

static enum httpa_err send_ask(struct httpa_peer *peer,
                               struct httpa_request *ask,
                               struct httpa_slice content, int64_t now_s,
                               unsigned *ret_status, struct httpa_buf *reply)
{
    static const struct httpa_clear_names none;
    struct httpa_field room[1];
    struct httpa_head inner;
    struct httpa_outer *outer = malloc(sizeof(*outer));
    struct whole *w = calloc(1, sizeof(*w));
    struct httpa_buf sealed = httpa_buf_growing(ANSWER_MAX);
    struct httpa_transport_report report;
    enum httpa_err err = HTTPA_ERR_MEMORY;
    if (outer == NULL || w == NULL) {
        goto out;
    }
    httpa_head_init(&inner, room, 1);
    inner.is_request = true;
    inner.method = httpa_slice_str("ATTEST");
    inner.path = httpa_slice_str("/");
    err = httpa_fields_add(&inner.fields, httpa_slice_str("content-type"),
                           httpa_slice_str("application/cmw+cbor"));
    if (err == HTTPA_OK) {
        err = httpa_request_begin(ask, &inner, content.n, none, outer, &sealed);
    }
    if (err == HTTPA_OK) {
        err = httpa_request_data(ask, content, false, &sealed);
    }
    if (err == HTTPA_OK) {
        err = httpa_request_end(ask, NULL, &sealed);
    }
    if (err == HTTPA_OK) {
        w->send = httpa_buf_slice(&sealed);
        exchange(peer, w, "POST", &outer->head, &report);
        err = report.end == HTTPA_TRANSPORT_DONE
                  ? read_reply(ask, w, now_s, ret_status, reply)
                  : HTTPA_ERR_ABORTED;
    }
out:
    httpa_buf_done(&sealed);
    whole_done(w);
    free(outer);
    return err;
}

static enum httpa_err
ask_device(struct httpa_peer *peer, struct httpa_hello *hello)
{
    int64_t now_s = httpa_transport_now_s();
    struct httpa_buf content = httpa_buf_growing(ANSWER_MAX);
    struct httpa_buf reply = httpa_buf_growing(ANSWER_MAX);
    struct httpa_request *ask = NULL;
    struct httpa_activation activation;
    unsigned status = 0;
    enum httpa_err err = httpa_hello_ask(hello, now_s, &content, &ask);
    if (err == HTTPA_OK) {
        err = send_ask(peer, ask, httpa_buf_slice(&content), now_s, &status,
                       &reply);
    }
    httpa_request_free(ask);
    if (err == HTTPA_OK) {
        err = httpa_hello_replied(hello, status, httpa_buf_slice(&reply), now_s,
                                  &peer->session);
    }
    if (err == HTTPA_OK && httpa_hello_activation(hello, &activation)) {
        httpa_cache_activation_add(&activation, now_s);
    }
    httpa_buf_done(&content);
    httpa_buf_done(&reply);
    return err;
}

/* ---------------------------------------------------------------- one try */

static void
note_marks(const struct httpa_head *head, struct httpa_sighting *seen)
{
    struct httpa_slice token = httpa_refusal_token(head);
    (void)httpa_say_clean(token, seen->token, sizeof(seen->token));
    seen->marked = token.n > 0 ||
                   httpa_fields_find(&head->fields, "attest-version") != NULL;
}

static enum httpa_err
judge(struct httpa_peer *peer, struct httpa_hello *hello, const struct whole *w)
{
    enum httpa_err err =
        httpa_hello_answer(hello, &w->head.head, httpa_buf_slice(&w->content),
                           httpa_transport_now_s(), &peer->session);
    if (err == HTTPA_ERR_UNDECIDED && peer->world->settings->collateral_fetch) {
        err = httpa_vendors_ask(peer->world, hello, &peer->session);
    }
    if (err == HTTPA_ERR_UNDECIDED && httpa_hello_wants_reply(hello)) {
        err = ask_device(peer, hello);
    }
    peer->verdict = httpa_hello_take_verdict(hello);
    return err;
}

static void one_try(struct httpa_peer *peer, struct httpa_hello *hello,
                    struct httpa_sighting *seen)
{
    struct whole *w = calloc(1, sizeof(*w));
    *seen = (struct httpa_sighting){ .is_attest = !peer->post,
                                     .err = HTTPA_ERR_MEMORY };
    if (w == NULL) {
        return;
    }
    w->send = httpa_hello_content(hello);
    exchange(peer, w, peer->post ? "POST" : "ATTEST",
             &httpa_hello_outer(hello)->head, &seen->transport);
    seen->err = HTTPA_OK;
    if (w->head.bytes != NULL) {
        note_marks(&w->head.head, seen);
    }
    if (seen->transport.end == HTTPA_TRANSPORT_STOPPED) {
        seen->err = HTTPA_ERR_LIMIT;
    } else if (seen->marked && seen->token[0] == '\0' &&
               seen->transport.end == HTTPA_TRANSPORT_DONE) {
        seen->err = judge(peer, hello, w);
    }
    whole_done(w);
}

/* -------------------------------------------------------------- the table */

struct meeting {
    struct httpa_peer *peer;
    struct httpa_cache_activations activations;
    struct httpa_client_config config;
    struct httpa_hello *hello;
    int64_t clock_s; /* what is added to ours, after `date` */
};

static void configure(struct meeting *m)
{
    struct httpa_world *w = m->peer->world;
    m->config = (struct httpa_client_config){
        .crypto = w->crypto,
        .random = httpa_random_system(),
        .policy = m->peer->policy,
        .suites = w->suite_count > 0 ? w->suites : NULL,
        .suite_count = w->suite_count,
        .groups = w->group_count > 0 ? w->groups : NULL,
        .group_count = w->group_count,
        .padding = w->settings->pad != NULL ? HTTPA_PADDING_NONE
                                            : HTTPA_PADDING_DEFAULT,
        .activations = m->activations.v,
        .activation_count = m->activations.n,
        .public_roots = m->peer->root_v,
        .public_root_count = m->peer->root_n,
        .verified = w->verified,
    };
    m->config.verifiers = httpa_verifiers_known(&m->config.verifier_count);
}

/* Collateral may have become more with the try before. */
static enum httpa_err prepare(struct meeting *m)
{
    const struct httpa_collateral *c = m->peer->world->collateral;
    m->config.endorsements = c != NULL ? c->v : NULL;
    m->config.endorsement_count = c != NULL ? c->n : 0;
    httpa_hello_free(m->hello);
    m->hello = NULL;
    httpa_verdict_free(m->peer->verdict);
    m->peer->verdict = NULL;
    return httpa_hello_new(&m->config, httpa_slice_str(m->peer->place.origin),
                           httpa_transport_now_s() + m->clock_s, &m->hello);
}

/* Takes one step of |d|; false: there is none left. */
static bool step(struct meeting *m, const struct httpa_decision *d,
                 const struct httpa_sighting *seen, unsigned taken)
{
    if (d->safe == HTTPA_STEP_STOP || taken >= d->tries) {
        return false;
    }
    if (d->safe == HTTPA_STEP_AS_POST) {
        m->peer->post = true;
        return true; /* the same bytes */
    }
    if (d->safe == HTTPA_STEP_WITH_DATE) {
        m->config.send_date = true;
    }
    return httpa_transport_pause(
               m->peer->world->transport,
               httpa_decide_wait_ms(d, &seen->transport, taken)) &&
           prepare(m) == HTTPA_OK;
}

static bool is_over(const struct httpa_sighting *seen)
{
    return seen->transport.end == HTTPA_TRANSPORT_TIMEOUT ||
           seen->transport.end == HTTPA_TRANSPORT_BREAK;
}

static const struct httpa_decision *
meet(struct meeting *m, struct httpa_sighting *seen)
{
    unsigned taken[32] = { 0 };
    bool was_post = m->peer->post;
    for (;;) {
        one_try(m->peer, m->hello, seen);
        const struct httpa_decision *d = httpa_decide_hello(seen);
        if (d == NULL) {
            m->peer->made_ms = httpa_transport_now_ms();
            if (m->peer->post && !was_post) {
                httpa_cache_set_post(m->peer->place.origin,
                                     httpa_transport_now_s());
            }
            return NULL;
        }
        if (is_over(seen) || !step(m, d, seen, taken[d->row])) {
            return d;
        }
        taken[d->row]++;
    }
}

const struct httpa_decision *
httpa_peer_meet(struct httpa_peer *peer, struct httpa_sighting *ret_seen)
{
    int64_t now_s = httpa_transport_now_s();
    if (peer->session != NULL &&
        httpa_session_left_s(peer->session, now_s) > 0) {
        return NULL;
    }
    httpa_peer_drop(peer);
    struct meeting m = { .peer = peer };
    peer->post = peer->post || peer->world->settings->attest_method != NULL ||
                 httpa_cache_wants_post(peer->place.origin, now_s);
    httpa_cache_activations_load(&m.activations, now_s);
    configure(&m);
    *ret_seen = (struct httpa_sighting){ .marked = true };
    enum httpa_err err = prepare(&m);
    const struct httpa_decision *d;
    if (err == HTTPA_OK) {
        d = meet(&m, ret_seen);
    } else {
        ret_seen->err = err;
        d = httpa_decide_hello(ret_seen);
    }
    httpa_hello_free(m.hello);
    httpa_cache_activations_done(&m.activations);
    return d;
}
