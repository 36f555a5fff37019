/* The answer of a sealed message: sealed and sent (doc/protocol.md 9.6). */
#include "gateway/sealed.h"

#include <string.h>

#include "base/writer.h"

/* A head of 65,000 bytes in its record. */
#define HEAD_ROOM 70000u

static struct httpa_content framing(const struct httpa_outer *outer)
{
    const struct httpa_field *f =
        httpa_fields_find(&outer->head.fields, "content-length");
    uint64_t n = 0;
    for (size_t i = 0; f != NULL && i < f->value.n; i++) {
        n = n * 10 + (uint64_t)(f->value.p[i] - '0');
    }
    return f != NULL ? httpa_content_sized(n) : httpa_content_open();
}

static void send_outer(struct httpa_sealed *s, const struct httpa_outer *outer,
                       struct httpa_content content)
{
    s->sized = content.kind == HTTPA_CONTENT_SIZED;
    httpa_reply_head(s->visit.x, &outer->head, content);
    httpa_visit_sent(&s->visit);
    if (!s->complete) {
        httpa_visit_watch(&s->visit, httpa_sealed_silence);
    }
}

/* Sends what was written to |out| and empties it. */
static void put_out(struct httpa_sealed *s, struct httpa_buf *out)
{
    if (out->n > 0) {
        httpa_reply_data(s->visit.x, httpa_buf_slice(out));
        httpa_visit_sent(&s->visit);
    }
    httpa_buf_reset(out);
}

static void stop(struct httpa_sealed *s)
{
    s->ended = true;
    httpa_visit_unwatch(&s->visit);
}

void httpa_sealed_cut(struct httpa_sealed *s, const char *detail)
{
    if (s->ended) {
        return;
    }
    stop(s);
    httpa_visit_outcome(&s->visit, "aborted", detail);
    httpa_reply_abort(s->visit.x);
    if (s->call != NULL) {
        httpa_call_abort(s->call);
    }
}

/* What a refusal is called in the log; the sealed tokens of 14.2. */
static const char *outcome_of(enum httpa_err why)
{
    switch (why) {
    case HTTPA_ERR_INNER_TARGET:
        return "target";
    case HTTPA_ERR_SEEN:
        return "seen";
    case HTTPA_ERR_REKEY:
        return "rekey";
    case HTTPA_ERR_IO:
    case HTTPA_ERR_TIMEOUT:
    case HTTPA_ERR_MEMORY:
    case HTTPA_ERR_CRYPTO:
    case HTTPA_ERR_DEVICE:
        return "upstream";
    default:
        return "head";
    }
}

void httpa_sealed_refuse(struct httpa_sealed *s, enum httpa_err why,
                         const char *detail)
{
    struct httpa_outer outer;
    struct httpa_buf out = httpa_buf_growing(HEAD_ROOM);
    bool begun = httpa_trusted_reply_begun(s->trusted);
    if (s->ended || s->refused) {
        return;
    }
    enum httpa_err err =
        httpa_trusted_refuse(s->trusted, why, httpa_gate_now_s(), &outer, &out);
    if (err != HTTPA_OK) {
        httpa_sealed_cut(s, detail);
        httpa_buf_done(&out);
        return;
    }
    s->refused = true;
    if (!begun) {
        send_outer(s, &outer, httpa_content_sized(out.n));
    }
    put_out(s, &out);
    stop(s);
    s->visit.line.status = why == HTTPA_ERR_TIMEOUT ? 504 : 0;
    httpa_visit_outcome(&s->visit, outcome_of(why), detail);
    httpa_reply_end(s->visit.x);
    httpa_buf_done(&out);
}

static enum httpa_err begin(struct httpa_sealed *s,
                            const struct httpa_head *head, uint64_t content_len,
                            struct httpa_buf *out)
{
    struct httpa_outer outer;
    int64_t now_s = httpa_gate_now_s();
    if (httpa_trusted_reply_begun(s->trusted)) {
        return httpa_trusted_reply_head(s->trusted, head, content_len, now_s,
                                        out);
    }
    enum httpa_err err =
        httpa_trusted_reply(s->trusted, head, content_len, now_s, &outer, out);
    if (err == HTTPA_OK) {
        send_outer(s, &outer, framing(&outer));
    }
    return err;
}

/* The head has to wait until the request is complete. */
static void keep_answer(struct httpa_sealed *s, const struct httpa_head *head,
                        uint64_t content_len)
{
    if (httpa_head_copy(head, 0, 0, &s->answer) != HTTPA_OK) {
        httpa_sealed_cut(s, "memory");
        return;
    }
    s->answer_waits = true;
    s->answer_length = content_len;
    if (s->call != NULL) {
        httpa_call_pause(s->call);
    }
}

void httpa_sealed_reply(struct httpa_sealed *s, const struct httpa_head *head,
                        uint64_t content_len)
{
    struct httpa_buf *out = &s->visit.gate->scratch;
    enum httpa_err err = begin(s, head, content_len, out);
    if (err == HTTPA_OK) {
        s->head_sent = true;
        s->visit.line.status = head->status;
        put_out(s, out);
    } else if (err == HTTPA_ERR_ORDER) {
        keep_answer(s, head, content_len);
    } else if (err == HTTPA_ERR_HEAD) {
        if (s->call != NULL) {
            httpa_call_abort(s->call);
        }
        httpa_sealed_refuse(s, HTTPA_ERR_IO, "answer-head");
    } else {
        httpa_sealed_cut(s, httpa_err_name(err));
    }
    httpa_buf_reset(out);
}

void httpa_sealed_reply_data(struct httpa_sealed *s, struct httpa_slice data)
{
    struct httpa_buf *out = &s->visit.gate->scratch;
    enum httpa_err err =
        httpa_trusted_reply_data(s->trusted, data, !s->sized, out);
    if (err == HTTPA_OK) {
        s->visit.line.bytes_out += data.n;
        put_out(s, out);
    } else {
        httpa_sealed_cut(s, httpa_err_name(err));
    }
    httpa_buf_reset(out);
}

void httpa_sealed_reply_end(struct httpa_sealed *s)
{
    struct httpa_buf *out = &s->visit.gate->scratch;
    const struct httpa_fields *trailers =
        s->sized ? NULL : &s->trailers.head.fields;
    s->end_waits = true;
    if (s->answer_waits) {
        return;
    }
    enum httpa_err err = httpa_trusted_reply_end(s->trusted, trailers, out);
    if (err == HTTPA_OK) {
        put_out(s, out);
        stop(s);
        httpa_reply_end(s->visit.x);
    } else if (err != HTTPA_ERR_ORDER) {
        httpa_sealed_cut(s, httpa_err_name(err));
    }
    httpa_buf_reset(out);
}

void httpa_sealed_reply_resume(struct httpa_sealed *s)
{
    if (s->ended || s->refused) {
        return;
    }
    if (s->answer_waits) {
        s->answer_waits = false;
        httpa_sealed_reply(s, &s->answer.head, s->answer_length);
        if (s->call != NULL) {
            httpa_call_resume(s->call);
        }
    }
    if (s->end_waits && !s->ended) {
        httpa_sealed_reply_end(s);
    }
}

void httpa_sealed_own_answer(struct httpa_sealed *s, unsigned status,
                             const char *type, struct httpa_slice content)
{
    struct httpa_field fields[2];
    struct httpa_head head;
    uint8_t digits[24];
    struct httpa_buf b = httpa_buf_fixed(digits, sizeof(digits));
    httpa_head_init(&head, fields, 2);
    head.status = status;
    if (type != NULL) {
        httpa_write_decimal(&b, content.n);
        fields[0] = (struct httpa_field){ httpa_slice_str("content-type"),
                                          httpa_slice_str(type) };
        fields[1] = (struct httpa_field){ httpa_slice_str("content-length"),
                                          httpa_buf_slice(&b) };
        head.fields.n = 2;
    }
    httpa_sealed_reply(s, &head, content.n);
    if (content.n > 0 && !s->ended) {
        httpa_sealed_reply_data(s, content);
    }
    if (!s->ended) {
        httpa_sealed_reply_end(s);
    }
}

void httpa_sealed_silence(struct httpa_visit *v)
{
    struct httpa_sealed *s = (struct httpa_sealed *)v;
    struct httpa_outer outer;
    uint8_t room[512];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    enum httpa_err err = HTTPA_OK;
    if (s->sized || httpa_reply_full(v->x)) {
        return; /* doc/protocol.md 8.5: the length was promised */
    }
    if (!httpa_trusted_reply_begun(s->trusted)) {
        err = httpa_trusted_reply_early(s->trusted, &outer);
        if (err == HTTPA_OK) {
            send_outer(s, &outer, httpa_content_open());
        }
    }
    if (err == HTTPA_OK) {
        err = httpa_trusted_reply_filler(s->trusted, &out);
    }
    if (err != HTTPA_OK) {
        httpa_sealed_cut(s, httpa_err_name(err));
        return;
    }
    atomic_fetch_add(&v->gate->gateway->metrics.fillers, 1);
    put_out(s, &out);
    httpa_reply_flush(v->x);
}
