/* The listener for operators: /livez, /readyz, /metrics (P6). */
#include "gateway/state.h"

#define METRICS_MAX 262144u

static void on_close(void *user, enum httpa_err why)
{
    (void)user;
    (void)why;
}

static const struct httpa_exchange_events answered = { .on_close = on_close };

static void answer_livez(struct httpa_gate *gate, struct httpa_exchange *x)
{
    (void)gate;
    httpa_reply_text(x, 200, "ok\n");
}

static void answer_readyz(struct httpa_gate *gate, struct httpa_exchange *x)
{
    struct httpa_gateway *g = gate->gateway;
    if (httpa_gateway_ready(g)) {
        httpa_reply_text(x, 200, "ready\n");
    } else if (atomic_load(&g->draining)) {
        httpa_reply_text(x, 503, "draining\n");
    } else if (!atomic_load(&g->upstream_answers)) {
        httpa_reply_text(x, 503, "upstream does not answer\n");
    } else {
        httpa_reply_text(x, 503, "no evidence in the last minute\n");
    }
}

static void look_at_collateral(struct httpa_gateway *g,
                               struct httpa_metrics_now *now)
{
    struct httpa_gateway_pieces *p =
        httpa_gateway_collateral_hold(g->collateral);
    if (p != NULL) {
        now->collateral_pieces = p->all.n;
        now->collateral_issued_s = p->issued_s;
        now->collateral_lapses_s = p->lapses_s;
        int64_t left_s = p->lapses_s - httpa_gate_now_s();
        now->collateral_left_s = left_s > 0 ? left_s : 0;
    }
    httpa_gateway_pieces_release(p);
    struct httpa_refresh_facts facts = httpa_refresh_facts(g->refresh);
    now->collateral_ok_s = facts.last_ok_s;
    now->collateral_failed_s = facts.last_failure_s;
    now->collateral_failures = facts.failures;
    now->refused_from_s = facts.refused_from_s;
}

static struct httpa_metrics_now look(struct httpa_gateway *g)
{
    struct httpa_metrics_now now = {
        .quotes_waiting = httpa_quoter_waiting(g->quoter),
        .started_s = g->started_s,
        .ready = httpa_gateway_ready(g),
        .draining = atomic_load(&g->draining),
    };
    httpa_service_stats(g->service, &now.service);
    look_at_collateral(g, &now);
    if (g->keyring != NULL) {
        now.quote_key_ends_s = httpa_keyring_ends_s(g->keyring);
    }
    for (size_t i = 0; i < g->gate_count; i++) {
        now.connections += atomic_load(&g->gates[i].connections);
    }
    return now;
}

static void answer_metrics(struct httpa_gate *gate, struct httpa_exchange *x)
{
    struct httpa_metrics_now now = look(gate->gateway);
    struct httpa_buf out = httpa_buf_growing(METRICS_MAX);
    struct httpa_field type = {
        .name = httpa_slice_str("content-type"),
        .value = httpa_slice_str("text/plain; version=0.0.4; charset=utf-8"),
    };
    struct httpa_head head;
    httpa_metrics_write(&gate->gateway->metrics, &now, &out);
    if (httpa_buf_check(&out) != HTTPA_OK) {
        httpa_reply_text(x, 500, "out of memory\n");
    } else {
        httpa_head_init(&head, &type, 1);
        head.fields.n = 1;
        head.status = 200;
        httpa_reply_head(x, &head, httpa_content_sized(out.n));
        httpa_reply_data(x, httpa_buf_slice(&out));
        httpa_reply_end(x);
    }
    httpa_buf_done(&out);
}

static const struct {
    const char *path;
    void (*answer)(struct httpa_gate *gate, struct httpa_exchange *x);
} pages[] = {
    { "/livez", answer_livez },
    { "/readyz", answer_readyz },
    { "/metrics", answer_metrics },
};

void httpa_gateway_ops(void *app, struct httpa_exchange *x,
                       const struct httpa_head *head,
                       struct httpa_content content)
{
    (void)content;
    httpa_exchange_listen(x, &answered, app);
    if (!httpa_slice_is(head->method, "GET") &&
        !httpa_slice_is(head->method, "HEAD")) {
        httpa_reply_text(x, 405, "GET only\n");
        return;
    }
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (httpa_slice_is(head->path, pages[i].path)) {
            pages[i].answer(app, x);
            return;
        }
    }
    httpa_reply_text(x, 404, "/livez, /readyz, /metrics\n");
}
