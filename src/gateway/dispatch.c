/* One request: what it is (doc/protocol.md 3.1), and who takes it. */
#include "gateway/state.h"

#include <stdlib.h>

#include "gateway/allow.h"

#define CONTENT_MAX 1024u

static void on_close(void *user, enum httpa_err why)
{
    struct httpa_visit *v = user;
    httpa_visit_done(v, why);
    free(v);
}

/* Its content, if any, is thrown away by the engine. */
static const struct httpa_exchange_events answered = { .on_close = on_close };

static struct httpa_visit *
begin(struct httpa_gate *gate, struct httpa_exchange *x, enum httpa_kind kind)
{
    struct httpa_visit *v = calloc(1, sizeof(*v));
    if (v == NULL) {
        httpa_reply_abort(x);
        return NULL;
    }
    httpa_visit_init(v, gate, x, kind);
    httpa_exchange_listen(x, &answered, v);
    return v;
}

static void
answer_preflight(struct httpa_visit *v, const struct httpa_head *head)
{
    struct httpa_outer outer;
    if (httpa_service_preflight(v->gate->gateway->service, head, &outer) !=
        HTTPA_OK) {
        httpa_visit_refuse(v, head, HTTPA_ERR_MALFORMED, 0);
        return;
    }
    httpa_visit_answer(v, &outer, httpa_slice_of(NULL, 0));
}

static void
answer_discovery(struct httpa_visit *v, const struct httpa_head *head)
{
    struct httpa_gateway *g = v->gate->gateway;
    uint8_t room[CONTENT_MAX];
    struct httpa_buf content = httpa_buf_fixed(room, sizeof(room));
    struct httpa_outer outer;
    bool ready = httpa_gateway_ready(g);
    if (httpa_service_discovery(g->service, head, ready, &outer, &content) !=
        HTTPA_OK) {
        httpa_visit_refuse(v, head, HTTPA_ERR_BUSY, 1);
        return;
    }
    if (!ready) {
        httpa_visit_outcome(v, "not-ready", NULL);
    }
    httpa_visit_answer(v, &outer, httpa_buf_slice(&content));
}

/* Everything that is answered without being read. */
static void answer_at_once(struct httpa_gate *gate, struct httpa_exchange *x,
                           const struct httpa_head *head, enum httpa_kind kind)
{
    struct httpa_visit *v = begin(gate, x, kind);
    if (v == NULL) {
        return;
    }
    switch (kind) {
    case HTTPA_KIND_PREFLIGHT:
        answer_preflight(v, head);
        return;
    case HTTPA_KIND_DISCOVERY:
        answer_discovery(v, head);
        return;
    case HTTPA_KIND_UNTRUSTED:
        httpa_visit_refuse(v, head, HTTPA_ERR_UNTRUSTED, 0);
        return;
    default:
        httpa_visit_refuse(v, head, HTTPA_ERR_MALFORMED, 0);
        return;
    }
}

void httpa_gateway_dispatch(void *app, struct httpa_exchange *x,
                            const struct httpa_head *head,
                            struct httpa_content content)
{
    struct httpa_gate *gate = app;
    const struct httpa_settings *s = gate->gateway->settings;
    enum httpa_kind kind = httpa_kind_of(head);
    if (kind == HTTPA_KIND_ATHS) {
        httpa_gateway_aths(gate, x, head);
    } else if (kind == HTTPA_KIND_SEALED) {
        httpa_gateway_sealed(gate, x, head);
    } else if (kind == HTTPA_KIND_UNTRUSTED &&
               httpa_allow_match(&s->allow_untrusted, head)) {
        httpa_gateway_untrusted(gate, x, head, content);
    } else {
        answer_at_once(gate, x, head, kind);
    }
}
