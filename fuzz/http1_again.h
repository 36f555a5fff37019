/*
 * Whatever our HTTP/1.1 reader accepts, written anew by our writer, reads as
 * the same messages: writing that again changes nothing.  And how the bytes
 * were sliced changes nothing either.
 */
#ifndef HTTPA_FUZZ_HTTP1_AGAIN_H
#define HTTPA_FUZZ_HTTP1_AGAIN_H

#include "fuzz.h"

#include "engine/http1_read.h"
#include "engine/http1_write.h"

struct again {
    struct httpa_http1_reader r;
    struct httpa_http1_writer w;
    struct httpa_buf *out;
    struct httpa_buf content; /* of the message under way */
    size_t begun;             /* where it begins in out */
    bool ended;               /* its end is written */
};

static inline void write_head(struct again *a)
{
    struct httpa_http1_form form = {
        .content = a->r.content,
        .version = 11,
        .close = !a->r.keep_alive,
    };
    if (a->r.head.is_request && a->r.head.authority.n == 0) {
        a->r.head.authority = httpa_slice_str("none");
    }
    a->begun = a->out->n;
    a->ended = false;
    httpa_buf_reset(&a->content);
    must(httpa_http1_write_head(&a->w, a->out, &a->r.head, &form) == HTTPA_OK);
}

static inline void
write_rest(struct again *a, const struct httpa_fields *trailers)
{
    struct httpa_slice before, after;
    if (a->ended) {
        return;
    }
    a->ended = true;
    if (a->content.n > 0) {
        must(httpa_http1_write_frame(&a->w, a->content.n, &before, &after) ==
             HTTPA_OK);
        httpa_buf_put_slice(a->out, before);
        httpa_buf_put_slice(a->out, httpa_buf_slice(&a->content));
        httpa_buf_put_slice(a->out, after);
    }
    must(httpa_http1_write_end(&a->w, a->out, trailers) == HTTPA_OK);
}

static inline void take(struct again *a, const struct httpa_http1_event *ev)
{
    switch (ev->kind) {
    case HTTPA_HTTP1_HEAD:
        write_head(a);
        break;
    case HTTPA_HTTP1_DATA:
        must(ev->data.n > 0);
        httpa_buf_put_slice(&a->content, ev->data);
        break;
    case HTTPA_HTTP1_TRAILERS:
        must(a->r.trailers.n <= HTTPA_HTTP1_TRAILER_FIELDS_MAX);
        write_rest(a, &a->r.trailers);
        break;
    case HTTPA_HTTP1_END:
        write_rest(a, NULL);
        a->begun = a->out->n;
        break;
    default:
        break;
    }
}

static inline void again(enum httpa_http1_role role, struct httpa_slice in,
                         size_t step, struct httpa_buf *out)
{
    static struct httpa_field room[HTTPA_FIELDS_MAX];
    struct again a = { .out = out, .content = httpa_buf_growing(1 << 20) };
    struct httpa_http1_event ev;
    enum httpa_err err = HTTPA_OK;
    httpa_http1_reader_init(&a.r, role, room);
    for (size_t at = 0; at < in.n && err == HTTPA_OK; at += step) {
        size_t n = in.n - at < step ? in.n - at : step;
        struct httpa_slice piece = httpa_slice_of(in.p + at, n);
        ev.kind = HTTPA_HTTP1_END;
        while (err == HTTPA_OK &&
               (piece.n > 0 || ev.kind != HTTPA_HTTP1_MORE)) {
            err = httpa_http1_read(&a.r, &piece, &ev);
            if (err == HTTPA_OK) {
                take(&a, &ev);
            }
        }
    }
    if (httpa_http1_read_eof(&a.r, &ev) == HTTPA_OK) {
        take(&a, &ev);
    }
    httpa_buf_cut(out, a.begun); /* a message that did not end */
    httpa_buf_done(&a.content);
    httpa_http1_reader_done(&a.r);
}

static inline void
check_again(enum httpa_http1_role role, struct httpa_slice in)
{
    struct httpa_buf first = httpa_buf_growing(1 << 20);
    struct httpa_buf sliced = httpa_buf_growing(1 << 20);
    struct httpa_buf second = httpa_buf_growing(1 << 20);
    again(role, in, in.n + 1, &first);
    again(role, in, 1, &sliced);
    again(role, httpa_buf_slice(&first), first.n + 1, &second);
    must(httpa_slice_equal(httpa_buf_slice(&first), httpa_buf_slice(&sliced)));
    must(httpa_slice_equal(httpa_buf_slice(&first), httpa_buf_slice(&second)));
    httpa_buf_done(&first);
    httpa_buf_done(&sliced);
    httpa_buf_done(&second);
}

#endif
