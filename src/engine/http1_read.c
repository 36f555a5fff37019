#include "engine/http1_read.h"

#include <string.h>

#include "engine/http1_head.h"

/* An idle connection keeps no more than this of a large head's storage. */
#define SECTION_KEEP 4096u

void httpa_http1_reader_init(struct httpa_http1_reader *r,
                             enum httpa_http1_role role,
                             struct httpa_field *room)
{
    *r = (struct httpa_http1_reader){
        .role = role,
        .room = room,
        .section = httpa_buf_growing(HTTPA_HTTP1_HEAD_MAX),
    };
}

void httpa_http1_reader_done(struct httpa_http1_reader *r)
{
    httpa_buf_done(&r->section);
    *r = (struct httpa_http1_reader){ 0 };
}

void httpa_http1_reader_expect(struct httpa_http1_reader *r, bool to_head)
{
    r->to_head = to_head;
}

bool httpa_http1_reader_idle(const struct httpa_http1_reader *r)
{
    return r->fault == HTTPA_HTTP1_FINE && r->state == HTTPA_HTTP1_AT_HEAD &&
           (r->whole || r->section.n == 0);
}

static void new_section(struct httpa_http1_reader *r)
{
    if (r->section.cap > SECTION_KEEP) {
        httpa_buf_done(&r->section);
        r->section = httpa_buf_growing(HTTPA_HTTP1_HEAD_MAX);
    } else {
        httpa_buf_reset(&r->section);
    }
    r->line_at = 0;
    r->whole = false;
}

/* Which limit the section breaks at |n| bytes. */
static enum httpa_http1_fault
check_size(const struct httpa_http1_reader *r, size_t n)
{
    if (r->state == HTTPA_HTTP1_AT_TRAILERS) {
        return n > HTTPA_HTTP1_TRAILERS_MAX ? HTTPA_HTTP1_TRAILER_SIZE
                                            : HTTPA_HTTP1_FINE;
    }
    if (r->line_at == 0 && n > HTTPA_HTTP1_LINE_MAX) {
        return HTTPA_HTTP1_LINE_SIZE;
    }
    return n > HTTPA_HTTP1_HEAD_MAX ? HTTPA_HTTP1_HEAD_SIZE : HTTPA_HTTP1_FINE;
}

/* Accounts for the line that ends with the LF at |p|, which brings the
 * section to |end| bytes. */
static enum httpa_http1_fault
end_line(struct httpa_http1_reader *r, const uint8_t *p, size_t at, size_t end)
{
    uint8_t before = 0;
    if (at > 0) {
        before = p[at - 1];
    } else if (r->section.n > 0) {
        before = r->section.p[r->section.n - 1];
    }
    if (before != '\r' || end - r->line_at < 2) {
        return HTTPA_HTTP1_BARE_LF;
    }
    r->whole = end - r->line_at == 2;
    r->line_at = end;
    return HTTPA_HTTP1_FINE;
}

/* Moves bytes into the section, up to and including its empty line.  Whole
 * lines are looked at as they come, so that a peer who never ends its head
 * is refused at the first bad line end or at the limit. */
static enum httpa_http1_fault
collect(struct httpa_http1_reader *r, struct httpa_slice *in)
{
    size_t start = r->section.n;
    size_t at = 0; /* bytes of |in| taken */
    while (at < in->n && !r->whole) {
        const uint8_t *lf = memchr(in->p + at, '\n', in->n - at);
        size_t next = lf != NULL ? (size_t)(lf - in->p) + 1 : in->n;
        enum httpa_http1_fault fault = check_size(r, start + next);
        if (fault == HTTPA_HTTP1_FINE && lf != NULL) {
            fault = end_line(r, in->p, next - 1, start + next);
        }
        if (fault != HTTPA_HTTP1_FINE) {
            return fault;
        }
        at = next;
    }
    httpa_buf_put(&r->section, in->p, at);
    *in = httpa_slice_from(*in, at);
    return r->section.failed ? HTTPA_HTTP1_MEMORY : HTTPA_HTTP1_FINE;
}

/* Where the content of the head just parsed is read. */
static void enter_content(struct httpa_http1_reader *r)
{
    bool chunked = r->content.kind == HTTPA_CONTENT_OPEN;
    bool bare = r->role == HTTPA_HTTP1_RESPONSES &&
                (r->to_head || r->head.status == 304);
    r->left = r->content.kind == HTTPA_CONTENT_SIZED ? r->content.len : 0;
    if (bare || (!chunked && r->left == 0)) {
        r->state = HTTPA_HTTP1_AT_END;
    } else if (!chunked) {
        r->state = HTTPA_HTTP1_AT_SIZED;
    } else if (r->state != HTTPA_HTTP1_AT_CLOSE) {
        r->state = HTTPA_HTTP1_AT_CHUNKED;
        httpa_http1_chunked_init(&r->chunked);
    }
}

static enum httpa_http1_fault
whole_head(struct httpa_http1_reader *r, struct httpa_http1_event *ev)
{
    enum httpa_http1_fault fault = httpa_http1_head_parse(r);
    if (fault != HTTPA_HTTP1_FINE) {
        return fault;
    }
    if (!r->head.is_request && r->head.status < 200) {
        ev->kind = HTTPA_HTTP1_INTERIM;
        return ++r->interims > HTTPA_HTTP1_INTERIMS_MAX ? HTTPA_HTTP1_INTERIMS
                                                        : HTTPA_HTTP1_FINE;
    }
    enter_content(r);
    ev->kind = HTTPA_HTTP1_HEAD;
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault read_head(struct httpa_http1_reader *r,
                                        struct httpa_slice *in,
                                        struct httpa_http1_event *ev)
{
    if (in->n == 0) {
        return HTTPA_HTTP1_FINE;
    }
    if (r->whole) {
        new_section(r);
    }
    enum httpa_http1_fault fault = collect(r, in);
    if (fault != HTTPA_HTTP1_FINE || !r->whole) {
        return fault;
    }
    if (r->section.n > 2) {
        return whole_head(r, ev);
    }
    /* RFC 9112 2.2: an empty line before a request, once. */
    if (r->role == HTTPA_HTTP1_RESPONSES || r->skipped) {
        return r->role == HTTPA_HTTP1_RESPONSES ? HTTPA_HTTP1_STATUS_LINE
                                                : HTTPA_HTTP1_REQUEST_LINE;
    }
    r->skipped = true;
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault read_sized(struct httpa_http1_reader *r,
                                         struct httpa_slice *in,
                                         struct httpa_http1_event *ev)
{
    size_t n = in->n < r->left ? in->n : (size_t)r->left;
    if (n > 0) {
        ev->kind = HTTPA_HTTP1_DATA;
        ev->data = httpa_slice_of(in->p, n);
        *in = httpa_slice_from(*in, n);
        r->left -= n;
    }
    if (r->left == 0) {
        r->state = HTTPA_HTTP1_AT_END;
    }
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault read_chunked(struct httpa_http1_reader *r,
                                           struct httpa_slice *in,
                                           struct httpa_http1_event *ev)
{
    enum httpa_http1_fault fault =
        httpa_http1_chunked_read(&r->chunked, in, &ev->data);
    if (ev->data.n > 0) {
        ev->kind = HTTPA_HTTP1_DATA;
    }
    if (r->chunked.state == HTTPA_CHUNK_LAST) {
        r->state = HTTPA_HTTP1_AT_TRAILERS;
        new_section(r);
    }
    return fault;
}

static enum httpa_http1_fault read_until_close(struct httpa_http1_reader *r,
                                               struct httpa_slice *in,
                                               struct httpa_http1_event *ev)
{
    (void)r;
    if (in->n > 0) {
        ev->kind = HTTPA_HTTP1_DATA;
        ev->data = *in;
        *in = httpa_slice_from(*in, in->n);
    }
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault read_trailers(struct httpa_http1_reader *r,
                                            struct httpa_slice *in,
                                            struct httpa_http1_event *ev)
{
    enum httpa_http1_fault fault = collect(r, in);
    if (fault != HTTPA_HTTP1_FINE || !r->whole) {
        return fault;
    }
    r->state = HTTPA_HTTP1_AT_END;
    fault = httpa_http1_trailers_parse(r);
    if (fault == HTTPA_HTTP1_FINE && r->trailers.n > 0) {
        ev->kind = HTTPA_HTTP1_TRAILERS;
    }
    return fault;
}

static enum httpa_http1_fault end_message(struct httpa_http1_reader *r,
                                          struct httpa_slice *in,
                                          struct httpa_http1_event *ev)
{
    (void)in;
    r->state = HTTPA_HTTP1_AT_HEAD;
    r->whole = true;
    r->skipped = false;
    r->interims = 0;
    ev->kind = HTTPA_HTTP1_END;
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault (*const steps[])(struct httpa_http1_reader *,
                                               struct httpa_slice *,
                                               struct httpa_http1_event *) = {
    [HTTPA_HTTP1_AT_HEAD] = read_head,
    [HTTPA_HTTP1_AT_SIZED] = read_sized,
    [HTTPA_HTTP1_AT_CHUNKED] = read_chunked,
    [HTTPA_HTTP1_AT_CLOSE] = read_until_close,
    [HTTPA_HTTP1_AT_TRAILERS] = read_trailers,
    [HTTPA_HTTP1_AT_END] = end_message,
};

static enum httpa_err answer(struct httpa_http1_reader *r,
                             const struct httpa_http1_event *ev,
                             struct httpa_http1_event *ret_event)
{
    if (r->fault == HTTPA_HTTP1_FINE) {
        *ret_event = *ev;
    }
    return httpa_http1_refusal(r->fault)->err;
}

enum httpa_err httpa_http1_read(struct httpa_http1_reader *r,
                                struct httpa_slice *in,
                                struct httpa_http1_event *ret_event)
{
    struct httpa_http1_event ev = { .kind = HTTPA_HTTP1_MORE };
    bool stuck = false;
    while (r->fault == HTTPA_HTTP1_FINE && ev.kind == HTTPA_HTTP1_MORE &&
           !stuck) {
        size_t n = in->n;
        int state = (int)r->state;
        r->fault = steps[r->state](r, in, &ev);
        stuck = in->n == n && (int)r->state == state;
    }
    return answer(r, &ev, ret_event);
}

enum httpa_err httpa_http1_read_eof(struct httpa_http1_reader *r,
                                    struct httpa_http1_event *ret_event)
{
    struct httpa_http1_event ev = { .kind = HTTPA_HTTP1_MORE };
    if (r->fault == HTTPA_HTTP1_FINE && !httpa_http1_reader_idle(r)) {
        bool ends =
            r->state == HTTPA_HTTP1_AT_CLOSE || r->state == HTTPA_HTTP1_AT_END;
        r->fault = ends ? end_message(r, NULL, &ev) : HTTPA_HTTP1_CUT_OFF;
    }
    return answer(r, &ev, ret_event);
}
