/* Requests outside HTTPA that --allow-untrusted names: passed on as they are,
 * and marked, so that the application can tell them from sealed ones. */
#include "engine/forward.h"
#include "gateway/state.h"

static void note(struct httpa_gate *gate, const struct httpa_head *head)
{
    struct httpa_log_line line = { .kind = HTTPA_METRICS_UNTRUSTED,
                                   .outcome = "ok",
                                   .why = "forwarded" };
    httpa_metrics_message(&gate->gateway->metrics, line.kind, line.outcome);
    if (gate->log.form != HTTPA_LOG_NONE) {
        httpa_log_request(&gate->log, head, &line);
        httpa_log_write(&gate->log, &line);
    }
}

/* httpa-* of a stranger goes, ours comes. */
static enum httpa_err
mark(const struct httpa_fields *from, struct httpa_fields *to)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < from->n; i++) {
        if (!httpa_slice_starts(from->v[i].name, "httpa-")) {
            err = httpa_fields_add(to, from->v[i].name, from->v[i].value);
        }
    }
    return err == HTTPA_OK
               ? httpa_fields_add(to, httpa_slice_str("httpa-trust"),
                                  httpa_slice_str("none"))
               : err;
}

void httpa_gateway_untrusted(struct httpa_gate *gate, struct httpa_exchange *x,
                             const struct httpa_head *head,
                             struct httpa_content content)
{
    struct httpa_field room[HTTPA_FIELDS_MAX + 1];
    struct httpa_head marked = *head;
    note(gate, head);
    marked.fields =
        (struct httpa_fields){ .v = room, .cap = HTTPA_FIELDS_MAX + 1 };
    if (mark(&head->fields, &marked.fields) == HTTPA_OK) {
        httpa_forward(x, &marked, content, gate->upstream);
    }
}
