/*
 * Messages as a line of text, so that a table can say what a reader makes of
 * bytes.  A row is fed whole, byte by byte and by threes: the verdict never
 * depends on the slices.
 *
 *   GET /path@host{name=value}:content+name=value.
 *
 * Content follows ':' (once, however it was cut), trailers '+', the end is
 * '.', a refusal "!reason", an unfinished message "...".  A 1xx answer is
 * "<103>".
 */
#ifndef HTTPA_HTTP1_TRACE_H
#define HTTPA_HTTP1_TRACE_H

#include "base/writer.h"
#include "engine/http1_read.h"
#include "support/test.h"

struct row {
    const char *why;
    const char *in;
    size_t n;
    const char *want;
};
#define ROW(why, in, want)                                                     \
    {                                                                          \
        why, in, sizeof(in) - 1, want                                          \
    }

static inline void
put_head(struct httpa_buf *t, const struct httpa_http1_reader *r)
{
    if (r->head.is_request) {
        httpa_buf_put_slice(t, r->head.method);
        httpa_buf_put_str(t, " ");
        httpa_buf_put_slice(t, r->head.path);
        httpa_buf_put_str(t, "@");
        httpa_buf_put_slice(t, r->head.authority);
    } else {
        httpa_write_decimal(t, r->head.status);
    }
    for (size_t i = 0; i < r->head.fields.n; i++) {
        httpa_buf_put_str(t, "{");
        httpa_buf_put_slice(t, r->head.fields.v[i].name);
        httpa_buf_put_str(t, "=");
        httpa_buf_put_slice(t, r->head.fields.v[i].value);
        httpa_buf_put_str(t, "}");
    }
}

static inline void
put_trailers(struct httpa_buf *t, const struct httpa_fields *f)
{
    for (size_t i = 0; i < f->n; i++) {
        httpa_buf_put_str(t, "+");
        httpa_buf_put_slice(t, f->v[i].name);
        httpa_buf_put_str(t, "=");
        httpa_buf_put_slice(t, f->v[i].value);
    }
}

static inline void put_event(struct httpa_buf *t,
                             const struct httpa_http1_reader *r,
                             const struct httpa_http1_event *ev, bool *data)
{
    switch (ev->kind) {
    case HTTPA_HTTP1_MORE:
        break;
    case HTTPA_HTTP1_INTERIM:
        httpa_buf_put_str(t, "<");
        put_head(t, r);
        httpa_buf_put_str(t, ">");
        break;
    case HTTPA_HTTP1_HEAD:
        put_head(t, r);
        *data = false;
        break;
    case HTTPA_HTTP1_DATA:
        assert_true(ev->data.n > 0);
        httpa_buf_put_str(t, *data ? "" : ":");
        httpa_buf_put_slice(t, ev->data);
        *data = true;
        break;
    case HTTPA_HTTP1_TRAILERS:
        put_trailers(t, &r->trailers);
        break;
    case HTTPA_HTTP1_END:
        httpa_buf_put_str(t, ".");
        break;
    }
}

/* Reads |in| in slices of |step| bytes, each in its own allocation. */
static inline void trace(struct httpa_http1_reader *r, struct httpa_slice in,
                         size_t step, struct httpa_buf *t)
{
    enum httpa_err err = HTTPA_OK;
    bool data = false;
    for (size_t at = 0; at < in.n && err == HTTPA_OK; at += step) {
        size_t n = in.n - at < step ? in.n - at : step;
        uint8_t *piece = exact_copy(in.p + at, n);
        struct httpa_slice left = httpa_slice_of(piece, n);
        struct httpa_http1_event ev = { .kind = HTTPA_HTTP1_END };
        while (err == HTTPA_OK && (left.n > 0 || ev.kind != HTTPA_HTTP1_MORE)) {
            err = httpa_http1_read(r, &left, &ev);
            if (err == HTTPA_OK) {
                put_event(t, r, &ev, &data);
            }
        }
        free(piece);
    }
    if (err != HTTPA_OK) {
        httpa_buf_put_str(t, "!");
        httpa_buf_put_str(t, httpa_http1_refusal(r->fault)->reason);
        assert_true(httpa_http1_refusal(r->fault)->status >= 400);
    } else if (!httpa_http1_reader_idle(r)) {
        httpa_buf_put_str(t, "...");
    }
}

static inline void check(enum httpa_http1_role role, bool to_head,
                         struct httpa_slice in, const char *want,
                         const char *why)
{
    static struct httpa_field room[HTTPA_FIELDS_MAX];
    const size_t steps[] = { in.n, 1, 3 };
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct httpa_http1_reader r;
        struct httpa_buf t = httpa_buf_growing(1 << 20);
        httpa_http1_reader_init(&r, role, room);
        httpa_http1_reader_expect(&r, to_head);
        trace(&r, in, steps[i] > 0 ? steps[i] : 1, &t);
        if (!httpa_slice_is(httpa_buf_slice(&t), want)) {
            fail_msg("%s (slices of %zu):\n  want %s\n  got  %.*s", why,
                     steps[i], want, (int)t.n, (const char *)t.p);
        }
        httpa_buf_done(&t);
        httpa_http1_reader_done(&r);
    }
}

static inline void
check_rows(enum httpa_http1_role role, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check(role, false, httpa_slice_of(rows[i].in, rows[i].n), rows[i].want,
              rows[i].why);
    }
}

#endif
