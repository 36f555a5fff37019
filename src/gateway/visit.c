/* What all messages have in common: life signs, plain answers, the log. */
#include "gateway/state.h"

#include <string.h>
#include <time.h>

/* doc/protocol.md 8.5 */
#define FIRST_FILLER_MS 10000u
#define NEXT_FILLER_MS 15000u

#define CONTENT_MAX 1024u /* of an answer without an exchange */

int64_t httpa_gate_now_s(void)
{
    return (int64_t)time(NULL);
}

void httpa_visit_init(struct httpa_visit *v, struct httpa_gate *gate,
                      struct httpa_exchange *x, enum httpa_kind kind)
{
    v->gate = gate;
    v->x = x;
    v->began_ns = uv_hrtime();
    v->line.kind = httpa_metrics_kind_of(kind);
}

void httpa_visit_done(struct httpa_visit *v, enum httpa_err why)
{
    struct httpa_metrics *m = &v->gate->gateway->metrics;
    httpa_visit_unwatch(v);
    if (v->line.outcome == NULL) {
        httpa_visit_outcome(v, why == HTTPA_OK ? "ok" : "aborted", NULL);
    }
    if (why != HTTPA_OK && v->line.why == NULL) {
        v->line.why = httpa_err_name(why);
    }
    v->line.took_us = (uv_hrtime() - v->began_ns) / 1000;
    httpa_metrics_message(m, v->line.kind, v->line.outcome);
    atomic_fetch_add_explicit(&m->bytes_in, v->line.bytes_in,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&m->bytes_out, v->line.bytes_out,
                              memory_order_relaxed);
    httpa_log_write(&v->gate->log, &v->line);
}

void httpa_visit_outcome(struct httpa_visit *v, const char *outcome,
                         const char *why)
{
    v->line.outcome = outcome;
    v->line.why = why;
}

void httpa_visit_watch(struct httpa_visit *v,
                       void (*silence)(struct httpa_visit *v))
{
    v->silence = silence;
    v->quiet_since_ms = httpa_loop_now_ms(v->gate->loop);
    if (v->at == NULL) {
        v->next = v->gate->visits;
        v->at = &v->gate->visits;
        v->gate->visits = v;
        if (v->next != NULL) {
            v->next->at = &v->next;
        }
    }
}

void httpa_visit_unwatch(struct httpa_visit *v)
{
    if (v->at != NULL) {
        *v->at = v->next;
        if (v->next != NULL) {
            v->next->at = v->at;
        }
        v->at = NULL;
    }
}

void httpa_visit_sent(struct httpa_visit *v)
{
    v->talking = true;
    v->quiet_since_ms = httpa_loop_now_ms(v->gate->loop);
}

void httpa_gate_listen_for_silence(struct httpa_gate *gate)
{
    uint64_t now_ms = httpa_loop_now_ms(gate->loop);
    struct httpa_visit *next;
    for (struct httpa_visit *v = gate->visits; v != NULL; v = next) {
        next = v->next; /* |silence| may unwatch this visit, no other */
        uint64_t limit_ms = v->talking ? NEXT_FILLER_MS : FIRST_FILLER_MS;
        if (now_ms - v->quiet_since_ms >= limit_ms) {
            v->silence(v);
        }
    }
}

void httpa_visit_answer(struct httpa_visit *v, const struct httpa_outer *outer,
                        struct httpa_slice content)
{
    v->line.status = outer->head.status;
    httpa_reply_head(v->x, &outer->head,
                     content.n > 0 || outer->head.status != 204
                         ? httpa_content_sized(content.n)
                         : httpa_content_none());
    if (content.n > 0) {
        httpa_reply_data(v->x, content);
    }
    httpa_reply_end(v->x);
}

/* The token of a refusal, which is a constant of the library: found again
 * among ours, so that it outlives |outer|. */
static const char *token_of(const struct httpa_outer *outer)
{
    static const char *const tokens[] = {
        "malformed", "version", "suite",     "group",     "date",
        "untrusted", "client",  "policy",    "target",    "base-unknown",
        "replay",    "busy",    "too-large", "challenge", "draining",
    };
    const struct httpa_field *f =
        httpa_fields_find(&outer->head.fields, "attest-error");
    for (size_t i = 0; f != NULL && i < sizeof(tokens) / sizeof(tokens[0]);
         i++) {
        size_t n = strlen(tokens[i]);
        if (httpa_slice_starts(f->value, tokens[i]) &&
            (f->value.n == n || f->value.p[n] == ';')) {
            return tokens[i];
        }
    }
    return "other";
}

void httpa_visit_refuse(struct httpa_visit *v, const struct httpa_head *request,
                        enum httpa_err why, uint32_t retry_after_s)
{
    uint8_t room[CONTENT_MAX];
    struct httpa_buf content = httpa_buf_fixed(room, sizeof(room));
    struct httpa_outer outer;
    if (httpa_service_refuse(v->gate->gateway->service, request, why,
                             retry_after_s, &outer, &content) != HTTPA_OK) {
        httpa_visit_outcome(v, "other", httpa_err_name(why));
        httpa_reply_abort(v->x);
        return;
    }
    httpa_visit_outcome(v, token_of(&outer), httpa_err_name(why));
    httpa_visit_answer(v, &outer, httpa_buf_slice(&content));
}
