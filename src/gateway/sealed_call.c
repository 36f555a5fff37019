/* The application's side of a sealed message. */
#include "gateway/sealed.h"

#include <string.h>

#include "base/writer.h"

/* Fields of P7, and room for their values beside scheme and authority. */
#define OWN_FIELDS 6u
#define OWN_BYTES 256u

static enum httpa_err add_own(struct httpa_sealed *s)
{
    const struct httpa_log_line *line = &s->visit.line;
    struct httpa_head_copy *r = &s->request;
    uint8_t room[128];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_write_hex(&b, httpa_slice_of(line->base, sizeof(line->base)));
    struct httpa_slice base = httpa_buf_slice(&b);
    httpa_buf_put_byte(&b, '-');
    httpa_write_decimal(&b, line->number);
    const struct {
        const char *name;
        struct httpa_slice value;
    } own[OWN_FIELDS] = {
        { "httpa-trust", httpa_slice_str("sealed") },
        { "httpa-base", base },
        { "httpa-message", httpa_buf_slice(&b) },
        { "httpa-client", httpa_slice_str("none") },
        { "x-forwarded-proto", r->head.scheme },
        { "x-forwarded-host", r->head.authority },
    };
    enum httpa_err err = httpa_buf_check(&b);
    for (size_t i = 0; err == HTTPA_OK && i < OWN_FIELDS; i++) {
        err = httpa_head_copy_add(r, own[i].name, own[i].value);
    }
    return err;
}

enum httpa_err
httpa_sealed_rebuild(struct httpa_sealed *s, const struct httpa_head *head)
{
    enum httpa_err err = httpa_head_copy(
        head, OWN_FIELDS, OWN_BYTES + head->scheme.n + head->authority.n,
        &s->request);
    return err == HTTPA_OK ? add_own(s) : err;
}

/* Nothing follows this head, whatever it declares (RFC 9110 6.4.1). */
static bool without_content(const struct httpa_sealed *s, unsigned status)
{
    return status == 204 || status == 304 ||
           httpa_slice_is(s->request.head.method, "HEAD");
}

static void
on_head(void *user, const struct httpa_head *head, struct httpa_content content)
{
    struct httpa_sealed *s = user;
    uint64_t len = content.kind == HTTPA_CONTENT_OPEN    ? HTTPA_LENGTH_UNKNOWN
                   : content.kind == HTTPA_CONTENT_SIZED ? content.len
                                                         : 0;
    struct httpa_field room[HTTPA_FIELDS_MAX + 1];
    struct httpa_head whole = *head;
    uint8_t digits[24];
    struct httpa_buf b = httpa_buf_fixed(digits, sizeof(digits));
    atomic_store(&s->visit.gate->gateway->upstream_answers, true);
    httpa_metrics_answer(&s->visit.gate->gateway->metrics, head->status);
    if (s->ended || s->refused) {
        return;
    }
    memcpy(room, head->fields.v, head->fields.n * sizeof(room[0]));
    whole.fields.v = room;
    whole.fields.cap = HTTPA_FIELDS_MAX + 1;
    if (content.kind == HTTPA_CONTENT_SIZED) {
        httpa_write_decimal(&b, content.len);
        room[whole.fields.n++] =
            (struct httpa_field){ .name = httpa_slice_str("content-length"),
                                  .value = httpa_buf_slice(&b) };
    }
    httpa_sealed_reply(s, &whole, without_content(s, head->status) ? 0 : len);
}

static void on_data(void *user, struct httpa_slice data)
{
    struct httpa_sealed *s = user;
    if (s->ended || s->refused) {
        return;
    }
    httpa_sealed_reply_data(s, data);
    if (httpa_reply_full(s->visit.x) && s->call != NULL) {
        httpa_call_pause(s->call);
    }
}

static void on_trailers(void *user, const struct httpa_fields *trailers)
{
    struct httpa_sealed *s = user;
    struct httpa_head head = { .fields = *trailers };
    if (s->trailers.bytes == NULL &&
        httpa_head_copy(&head, 0, 0, &s->trailers) != HTTPA_OK) {
        s->trailers.head.fields.n = 0; /* trailers may be dropped anywhere */
    }
}

static void on_end(void *user)
{
    struct httpa_sealed *s = user;
    if (!s->ended && !s->refused) {
        httpa_sealed_reply_end(s);
    }
}

static void on_drain(void *user)
{
    struct httpa_sealed *s = user;
    if (s->exchange_open) {
        httpa_exchange_resume(s->visit.x);
    }
}

static void on_close(void *user, enum httpa_err why)
{
    struct httpa_sealed *s = user;
    struct httpa_gateway *g = s->visit.gate->gateway;
    s->call = NULL;
    if (why != HTTPA_OK && why != HTTPA_ERR_ABORTED) {
        atomic_fetch_add(&g->metrics.upstream_failures, 1);
    }
    if (why == HTTPA_ERR_IO) {
        atomic_store(&g->upstream_answers, false);
    }
    if (why != HTTPA_OK && !s->ended && !s->refused) {
        httpa_sealed_refuse(
            s, why == HTTPA_ERR_TIMEOUT ? HTTPA_ERR_TIMEOUT : HTTPA_ERR_IO,
            httpa_err_name(why));
    }
    if (s->exchange_open) {
        httpa_exchange_resume(s->visit.x); /* what is left is thrown away */
    }
    httpa_sealed_let_go(s);
}

static const struct httpa_call_events events = { .on_head = on_head,
                                                 .on_data = on_data,
                                                 .on_trailers = on_trailers,
                                                 .on_end = on_end,
                                                 .on_drain = on_drain,
                                                 .on_close = on_close };

void httpa_sealed_call(struct httpa_sealed *s)
{
    s->called = true;
    if (httpa_call_new(s->visit.gate->upstream, &s->request.head, s->content,
                       &events, s, &s->call) != HTTPA_OK) {
        httpa_sealed_refuse(s, HTTPA_ERR_IO, "request");
    }
}
