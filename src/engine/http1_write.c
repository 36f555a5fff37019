#include "engine/http1_write.h"

#include <string.h>

#include "base/ascii.h"
#include "base/writer.h"
#include "engine/http1_parse.h"

/* Written here or for one connection only: never copied from a head. */
static const struct {
    const char *name;
    size_t n;
} ours[] = {
#define ROW(name)                                                              \
    {                                                                          \
        name, sizeof(name) - 1                                                 \
    }
    ROW("host"),
    ROW("connection"),
    ROW("content-length"),
    ROW("transfer-encoding"),
    ROW("keep-alive"),
    ROW("te"),
    ROW("proxy-connection"),
    ROW("upgrade"),
    ROW("http2-settings"),
    ROW("expect"),
#undef ROW
};

static bool is_ours(struct httpa_slice name)
{
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (name.n == ours[i].n && httpa_slice_is_nocase(name, ours[i].name)) {
            return true;
        }
    }
    return false;
}

/* RFC 9110 15; a phrase is optional, and kind to those who read logs. */
static const struct {
    unsigned status;
    const char *phrase;
} phrases[] = {
    { 100, "Continue" },
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 206, "Partial Content" },
    { 301, "Moved Permanently" },
    { 302, "Found" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 417, "Expectation Failed" },
    { 421, "Misdirected Request" },
    { 422, "Unprocessable Content" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
};

static const char *phrase_of(unsigned status)
{
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
        if (phrases[i].status == status) {
            return phrases[i].phrase;
        }
    }
    return "";
}

static uint8_t *copy(uint8_t *to, const void *p, size_t n)
{
    if (n > 0) {
        memcpy(to, p, n);
    }
    return to + n;
}

/* False when it cannot be written safely; no room shows in |out|. */
static bool put_field(struct httpa_buf *out, struct httpa_slice name,
                      struct httpa_slice value)
{
    size_t n = name.n + value.n + 4;
    uint8_t *to = httpa_buf_room(out, n);
    if (to != NULL) {
        to = copy(to, name.p, name.n);
        to = copy(to, ": ", 2);
        to = copy(to, value.p, value.n);
        (void)copy(to, "\r\n", 2);
        httpa_buf_grew(out, n);
    }
    return httpa_ascii_is_token(name) && !httpa_http1_has_control(value);
}

/* All fields but ours; false when one cannot be written. */
static bool put_fields(struct httpa_buf *out, const struct httpa_fields *fields)
{
    bool fine = true;
    for (size_t i = 0; i < fields->n; i++) {
        if (!is_ours(fields->v[i].name)) {
            fine &= put_field(out, fields->v[i].name, fields->v[i].value);
        }
    }
    return fine;
}

static bool is_path(struct httpa_slice path)
{
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] <= 0x20 || path.p[i] >= 0x7f) {
            return false;
        }
    }
    return path.n > 0 && (path.p[0] == '/' || httpa_slice_is(path, "*"));
}

static bool
put_request_line(struct httpa_buf *out, const struct httpa_head *head)
{
    httpa_buf_put_slice(out, head->method);
    httpa_buf_put_byte(out, ' ');
    httpa_buf_put_slice(out, head->path);
    httpa_buf_put_str(out, " HTTP/1.1\r\n");
    bool fine = put_field(out, httpa_slice_str("host"), head->authority);
    return fine && httpa_ascii_is_token(head->method) && is_path(head->path);
}

static bool has_date(const struct httpa_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (fields->v[i].name.n == 4 &&
            httpa_slice_is_nocase(fields->v[i].name, "date")) {
            return true;
        }
    }
    return false;
}

static bool put_status_line(struct httpa_buf *out,
                            const struct httpa_head *head,
                            const struct httpa_http1_form *form)
{
    httpa_buf_put_str(out, "HTTP/1.1 ");
    httpa_write_decimal(out, head->status);
    httpa_buf_put_byte(out, ' ');
    httpa_buf_put_str(out, phrase_of(head->status));
    httpa_buf_put(out, "\r\n", 2);
    if (form->date.n > 0 && !has_date(&head->fields)) {
        put_field(out, httpa_slice_str("date"), form->date);
    }
    return head->status >= 100 && head->status <= 599;
}

static void
put_length(struct httpa_http1_writer *w, struct httpa_buf *out, uint64_t len)
{
    w->mode = HTTPA_HTTP1_COUNTED;
    w->left = len;
    httpa_buf_put_str(out, "content-length: ");
    httpa_write_decimal(out, len);
    httpa_buf_put(out, "\r\n", 2);
}

static void put_chunked(struct httpa_http1_writer *w, struct httpa_buf *out)
{
    w->mode = HTTPA_HTTP1_CHUNKED;
    httpa_buf_put_str(out, "transfer-encoding: chunked\r\n");
}

static void request_framing(struct httpa_http1_writer *w, struct httpa_buf *out,
                            struct httpa_content content)
{
    w->mode = HTTPA_HTTP1_BARE;
    if (content.kind == HTTPA_CONTENT_SIZED) {
        put_length(w, out, content.len);
    } else if (content.kind == HTTPA_CONTENT_OPEN) {
        put_chunked(w, out);
    }
}

/* RFC 9112 6.3 from the other side. */
static void response_framing(struct httpa_http1_writer *w,
                             struct httpa_buf *out, unsigned status,
                             const struct httpa_http1_form *form)
{
    struct httpa_content content = form->content;
    if (status < 200 || status == 204) {
        w->mode = HTTPA_HTTP1_BARE;
    } else if (status == 304 || form->to_head) {
        if (content.kind == HTTPA_CONTENT_SIZED) {
            put_length(w, out, content.len);
        }
        w->mode = HTTPA_HTTP1_BARE;
    } else if (content.kind != HTTPA_CONTENT_OPEN) {
        put_length(w, out,
                   content.kind == HTTPA_CONTENT_SIZED ? content.len : 0);
    } else if (form->version == 11) {
        put_chunked(w, out);
    } else {
        w->mode = HTTPA_HTTP1_TO_CLOSE;
        w->close = true;
    }
}

static void put_connection(struct httpa_http1_writer *w, struct httpa_buf *out,
                           const struct httpa_head *head, unsigned version)
{
    bool interim = !head->is_request && head->status < 200;
    if (w->close && !interim) {
        httpa_buf_put_str(out, "connection: close\r\n");
    } else if (!head->is_request && version == 10) {
        httpa_buf_put_str(out, "connection: keep-alive\r\n");
    }
}

enum httpa_err httpa_http1_write_head(struct httpa_http1_writer *w,
                                      struct httpa_buf *out,
                                      const struct httpa_head *head,
                                      const struct httpa_http1_form *form)
{
    size_t start = out->n;
    *w = (struct httpa_http1_writer){ .close = form->close };
    bool fine = head->is_request ? put_request_line(out, head)
                                 : put_status_line(out, head, form);
    fine &= put_fields(out, &head->fields);
    if (head->is_request) {
        request_framing(w, out, form->content);
    } else {
        response_framing(w, out, head->status, form);
    }
    put_connection(w, out, head, form->version);
    httpa_buf_put(out, "\r\n", 2);
    if (!fine || out->failed) {
        httpa_buf_cut(out, start);
    }
    return fine ? httpa_buf_check(out) : HTTPA_ERR_USAGE;
}

static struct httpa_slice chunk_line(struct httpa_http1_writer *w, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = sizeof(w->line);
    w->line[--at] = '\n';
    w->line[--at] = '\r';
    do {
        w->line[--at] = (uint8_t)hex[n & 15];
        n >>= 4;
    } while (n > 0);
    return httpa_slice_of(w->line + at, sizeof(w->line) - at);
}

enum httpa_err httpa_http1_write_frame(struct httpa_http1_writer *w, size_t n,
                                       struct httpa_slice *ret_before,
                                       struct httpa_slice *ret_after)
{
    if (n == 0 || w->mode == HTTPA_HTTP1_BARE ||
        (w->mode == HTTPA_HTTP1_COUNTED && n > w->left)) {
        return HTTPA_ERR_USAGE;
    }
    *ret_before = (struct httpa_slice){ 0 };
    *ret_after = (struct httpa_slice){ 0 };
    if (w->mode == HTTPA_HTTP1_COUNTED) {
        w->left -= n;
    } else if (w->mode == HTTPA_HTTP1_CHUNKED) {
        *ret_before = chunk_line(w, n);
        *ret_after = httpa_slice_str("\r\n");
    }
    return HTTPA_OK;
}

enum httpa_err httpa_http1_write_end(struct httpa_http1_writer *w,
                                     struct httpa_buf *out,
                                     const struct httpa_fields *trailers)
{
    size_t start = out->n;
    bool fine = w->mode != HTTPA_HTTP1_COUNTED || w->left == 0;
    if (w->mode == HTTPA_HTTP1_CHUNKED) {
        httpa_buf_put_str(out, "0\r\n");
        fine = trailers == NULL || put_fields(out, trailers);
        httpa_buf_put(out, "\r\n", 2);
    }
    if (!fine || out->failed) {
        httpa_buf_cut(out, start);
    }
    return fine ? httpa_buf_check(out) : HTTPA_ERR_USAGE;
}
