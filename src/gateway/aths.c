/* AtHS: content, judgement, evidence, answer (doc/protocol.md 5). */
#include "gateway/state.h"

#include <stdlib.h>

#include "gateway/head_copy.h"

/* doc/protocol.md 5.4; one byte more is kept, so that the service sees that
 * it was too much. */
#define CONTENT_MAX HTTPA_GATEWAY_ANSWER_MAX

/* The answer: content, its records, fields. */
#define ANSWER_MAX (CONTENT_MAX + 65536u)

/* Doors are open again soon after a restart. */
#define DRAINING_RETRY_S 1u

struct aths {
    struct httpa_visit visit; /* first */
    struct httpa_head_copy request;
    struct httpa_buf content;
    struct httpa_keyring_key *key; /* held while |hs| lives */
    struct httpa_handshake *hs;
    struct httpa_quoter_job *job;
    bool judged;
};

static void refuse(struct aths *a, enum httpa_err why)
{
    struct httpa_gateway *g = a->visit.gate->gateway;
    uint32_t retry_s = 0;
    if (why == HTTPA_ERR_BUSY || why == HTTPA_ERR_DEVICE) {
        retry_s = atomic_load(&g->draining)
                      ? DRAINING_RETRY_S
                      : httpa_quoter_retry_after_s(g->quoter);
    }
    httpa_visit_unwatch(&a->visit);
    if (a->visit.talking) {
        /* doc/protocol.md 5.5: too late for words */
        httpa_visit_outcome(&a->visit, "aborted", httpa_err_name(why));
        httpa_reply_abort(a->visit.x);
        return;
    }
    httpa_visit_refuse(&a->visit, &a->request.head, why, retry_s);
}

static void put_out(struct aths *a, struct httpa_slice records, bool last)
{
    const struct httpa_outer *outer = httpa_handshake_outer(a->hs);
    struct httpa_exchange *x = a->visit.x;
    if (!a->visit.talking) {
        httpa_reply_head(x, &outer->head,
                         last ? httpa_content_sized(records.n)
                              : httpa_content_open());
        a->visit.line.status = outer->head.status;
    }
    httpa_reply_data(x, records);
    if (last) {
        httpa_reply_end(x);
    } else {
        httpa_reply_flush(x);
    }
    httpa_visit_sent(&a->visit);
}

static void silence(struct httpa_visit *v)
{
    struct aths *a = (struct aths *)v;
    uint8_t room[512];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    if (httpa_handshake_filler(a->hs, &out) == HTTPA_OK) {
        atomic_fetch_add(&v->gate->gateway->metrics.fillers, 1);
        put_out(a, httpa_buf_slice(&out), false);
    }
}

/* Once a minute: a start has looked at this, so evidence or the host's
 * certificates have grown since. */
#define COMPLAIN_S 60

static void say_left_out(struct httpa_gateway *g, size_t n)
{
    int64_t now_s = httpa_gate_now_s();
    int64_t said_s = atomic_load(&g->left_out_s);
    if (now_s - said_s >= COMPLAIN_S &&
        atomic_compare_exchange_strong(&g->left_out_s, &said_s, now_s)) {
        httpa_log_say("WARNING: collateral: %zu pieces do not fit beside our "
                      "evidence and are not sent",
                      n);
    }
}

/* Bytes of an answer that are left for endorsements. */
static size_t room_beside(const struct aths *a,
                          const struct httpa_evidence *evidence)
{
    const struct httpa_quote_key *key = httpa_keyring_quote_key(a->key);
    size_t used = HTTPA_GATEWAY_ANSWER_REST +
                  a->visit.gate->gateway->service_chain.n +
                  (evidence != NULL ? evidence->value.n : 0) +
                  (key != NULL ? key->evidence.value.n : 0);
    return used < CONTENT_MAX ? CONTENT_MAX - used : 0;
}

/* What the host says about the device, then what the operator's folder has,
 * as far as it fits. */
static size_t list_endorsements(struct httpa_gateway *g, size_t room,
                                struct httpa_slice chain,
                                const struct httpa_gateway_pieces *pieces,
                                struct httpa_endorsement *list)
{
    struct httpa_endorsements all = httpa_gateway_pieces_endorsements(pieces);
    size_t n = 0;
    size_t left_out = 0;
    if (chain.n > 0) {
        list[n++] = (struct httpa_endorsement){
            .media_type = httpa_slice_str(HTTPA_ENDORSEMENT_CHAIN),
            .value = chain,
        };
        room = chain.n < room ? room - chain.n : 0;
    }
    for (size_t i = 0; i < all.n; i++) {
        size_t size = all.v[i].value.n + HTTPA_GATEWAY_PIECE_REST;
        if (n < HTTPA_ENDORSEMENTS_MAX && size <= room) {
            list[n++] = all.v[i];
            room -= size;
        } else {
            left_out++;
        }
    }
    if (left_out > 0) {
        say_left_out(g, left_out);
    }
    return n;
}

static enum httpa_err
make_answer(struct aths *a, const struct httpa_evidence *evidence,
            struct httpa_buf *pem, struct httpa_buf *out)
{
    struct httpa_gateway *g = a->visit.gate->gateway;
    struct httpa_endorsement list[HTTPA_ENDORSEMENTS_MAX];
    enum httpa_err err = httpa_quoter_endorsements(g->quoter, pem);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_gateway_pieces *pieces =
        httpa_gateway_collateral_hold(g->collateral);
    struct httpa_endorsements all = {
        .v = list,
        .n = list_endorsements(g, room_beside(a, evidence),
                               httpa_buf_slice(pem), pieces, list),
    };
    err = httpa_handshake_finish(a->hs, evidence, &all, httpa_gate_now_s(),
                                 out);
    httpa_gateway_pieces_release(pieces);
    return err;
}

static void finish(struct aths *a, const struct httpa_evidence *evidence)
{
    struct httpa_buf out = httpa_buf_growing(ANSWER_MAX);
    struct httpa_buf pem = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    enum httpa_err err = make_answer(a, evidence, &pem, &out);
    httpa_buf_done(&pem);
    httpa_visit_unwatch(&a->visit);
    if (err == HTTPA_OK) {
        a->visit.line.bytes_out = out.n;
        put_out(a, httpa_buf_slice(&out), true);
    } else {
        refuse(a, err);
    }
    httpa_buf_done(&out);
}

static void on_quote(void *arg, enum httpa_err err, struct httpa_slice value)
{
    struct aths *a = arg;
    const struct httpa_gateway *g = a->visit.gate->gateway;
    struct httpa_evidence evidence = {
        .media_type = httpa_slice_str(httpa_quoter_media_type(g->quoter)),
        .value = value,
        .binding = HTTPA_BINDING_FRESH,
    };
    a->job = NULL;
    if (err != HTTPA_OK) {
        refuse(a, err);
        return;
    }
    finish(a, &evidence);
}

static void judge(struct aths *a)
{
    struct httpa_gateway *g = a->visit.gate->gateway;
    int64_t now_s = httpa_gate_now_s();
    a->judged = true;
    if (g->keyring != NULL) {
        a->key = httpa_keyring_hold(g->keyring, now_s);
    }
    enum httpa_err err = httpa_service_handshake(
        g->service, &a->request.head, httpa_buf_slice(&a->content), now_s,
        httpa_keyring_quote_key(a->key), &a->hs);
    httpa_buf_done(&a->content);
    if (err == HTTPA_OK && !httpa_handshake_wants_quote(a->hs)) {
        finish(a, NULL);
        return;
    }
    if (err == HTTPA_OK) {
        err = httpa_quoter_quote(g->quoter, a->visit.gate->loop,
                                 httpa_handshake_report_data(a->hs), on_quote,
                                 a, &a->job);
    }
    if (err == HTTPA_OK) {
        httpa_visit_watch(&a->visit, silence);
    } else {
        refuse(a, err);
    }
}

static void on_data(void *user, struct httpa_slice data)
{
    struct aths *a = user;
    size_t room = CONTENT_MAX + 1 - a->content.n;
    if (a->judged) {
        return;
    }
    a->visit.line.bytes_in += data.n;
    data.n = data.n < room ? data.n : room;
    httpa_buf_put_slice(&a->content, data);
    if (httpa_buf_check(&a->content) != HTTPA_OK) {
        a->judged = true;
        refuse(a, HTTPA_ERR_MEMORY);
    } else if (a->content.n > CONTENT_MAX) {
        judge(a);
    }
}

static void on_end(void *user)
{
    struct aths *a = user;
    if (!a->judged) {
        judge(a);
    }
}

static void on_close(void *user, enum httpa_err why)
{
    struct aths *a = user;
    httpa_quoter_cancel(a->job);
    httpa_visit_done(&a->visit, why);
    httpa_handshake_free(a->hs);
    httpa_keyring_release(a->visit.gate->gateway->keyring, a->key);
    httpa_head_copy_done(&a->request);
    httpa_buf_done(&a->content);
    free(a);
}

static const struct httpa_exchange_events events = { .on_data = on_data,
                                                     .on_end = on_end,
                                                     .on_close = on_close };

void httpa_gateway_aths(struct httpa_gate *gate, struct httpa_exchange *x,
                        const struct httpa_head *head)
{
    struct aths *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        httpa_reply_abort(x);
        return;
    }
    httpa_visit_init(&a->visit, gate, x, HTTPA_KIND_ATHS);
    a->content = httpa_buf_growing(CONTENT_MAX + 1);
    httpa_exchange_listen(x, &events, a);
    if (httpa_head_copy(head, 0, 0, &a->request) != HTTPA_OK) {
        a->judged = true;
        httpa_visit_refuse(&a->visit, head, HTTPA_ERR_MEMORY, 0);
    }
}
