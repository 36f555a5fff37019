/* What is written, what is refused, and that our reader agrees. */
#include "engine/http1_write.h"
#include "http1_trace.h"

static struct httpa_field room[8];

static struct httpa_head request(const char *method, const char *path)
{
    struct httpa_head head;
    httpa_head_init(&head, room, COUNT(room));
    head.is_request = true;
    head.method = httpa_slice_str(method);
    head.path = httpa_slice_str(path);
    head.authority = httpa_slice_str("a");
    return head;
}

static struct httpa_head response(unsigned status)
{
    struct httpa_head head;
    httpa_head_init(&head, room, COUNT(room));
    head.status = status;
    return head;
}

static void add(struct httpa_head *head, const char *name, const char *value)
{
    assert_ok(httpa_fields_add(&head->fields, httpa_slice_str(name),
                               httpa_slice_str(value)));
}

#define FORM(kind_, len_, version_, to_head_, close_)                          \
    {                                                                          \
        .content = { .kind = HTTPA_CONTENT_##kind_, .len = len_ },             \
        .version = version_, .to_head = to_head_, .close = close_              \
    }

static void framing_of_responses(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        struct httpa_http1_form form;
        const char *want;
        bool close;
    } rows[] = {
        { 200, FORM(SIZED, 5, 11, false, false), "content-length: 5\r\n",
          false },
        { 200, FORM(NONE, 0, 11, false, false), "content-length: 0\r\n",
          false },
        { 200, FORM(OPEN, 0, 11, false, false),
          "transfer-encoding: chunked\r\n", false },
        { 200, FORM(OPEN, 0, 10, false, false), "connection: close\r\n", true },
        { 200, FORM(SIZED, 5, 10, false, false),
          "content-length: 5\r\nconnection: keep-alive\r\n", false },
        { 200, FORM(SIZED, 5, 11, false, true),
          "content-length: 5\r\nconnection: close\r\n", true },
        { 200, FORM(SIZED, 5, 11, true, false), "content-length: 5\r\n",
          false },
        { 200, FORM(OPEN, 0, 11, true, false), "", false },
        { 204, FORM(NONE, 0, 11, false, false), "", false },
        { 204, FORM(OPEN, 0, 11, false, false), "", false },
        { 304, FORM(SIZED, 5, 11, false, false), "content-length: 5\r\n",
          false },
        { 304, FORM(NONE, 0, 11, false, false), "", false },
        { 100, FORM(NONE, 0, 11, false, true), "", true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf out = httpa_buf_growing(1000);
        struct httpa_http1_writer w;
        struct httpa_head head = response(rows[i].status);
        assert_ok(httpa_http1_write_head(&w, &out, &head, &rows[i].form));
        struct httpa_slice s = httpa_buf_slice(&out);
        const uint8_t *lf = memchr(s.p, '\n', s.n);
        s = httpa_slice_from(s, (size_t)(lf - s.p) + 1);
        s.n -= 2;
        assert_slice_is(s, rows[i].want);
        assert_int_equal(w.close, rows[i].close);
        httpa_buf_done(&out);
    }
}

static void framing_of_requests(void **state)
{
    (void)state;
    static const struct {
        struct httpa_http1_form form;
        const char *want;
    } rows[] = {
        { FORM(NONE, 0, 0, false, false),
          "PUT /x HTTP/1.1\r\nhost: a\r\nb: c\r\n\r\n" },
        { FORM(SIZED, 0, 0, false, false),
          "PUT /x HTTP/1.1\r\nhost: a\r\nb: c\r\ncontent-length: 0\r\n\r\n" },
        { FORM(OPEN, 0, 0, false, true),
          "PUT /x HTTP/1.1\r\nhost: a\r\nb: c\r\n"
          "transfer-encoding: chunked\r\nconnection: close\r\n\r\n" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf out = httpa_buf_growing(1000);
        struct httpa_http1_writer w;
        struct httpa_head head = request("PUT", "/x");
        add(&head, "Content-Length", "77");
        add(&head, "host", "evil");
        add(&head, "transfer-encoding", "x");
        add(&head, "Upgrade", "h2c");
        add(&head, "connection", "b");
        add(&head, "b", "c");
        assert_ok(httpa_http1_write_head(&w, &out, &head, &rows[i].form));
        assert_slice_is(httpa_buf_slice(&out), rows[i].want);
        httpa_buf_done(&out);
    }
}

static void date_only_when_missing(void **state)
{
    (void)state;
    struct httpa_http1_form form = FORM(SIZED, 0, 11, false, false);
    form.date = httpa_slice_str("now");
    struct httpa_buf out = httpa_buf_growing(1000);
    struct httpa_http1_writer w;
    struct httpa_head head = response(200);
    assert_ok(httpa_http1_write_head(&w, &out, &head, &form));
    assert_slice_is(httpa_buf_slice(&out), "HTTP/1.1 200 OK\r\ndate: now\r\n"
                                           "content-length: 0\r\n\r\n");
    httpa_buf_reset(&out);
    add(&head, "date", "then");
    assert_ok(httpa_http1_write_head(&w, &out, &head, &form));
    assert_slice_is(httpa_buf_slice(&out), "HTTP/1.1 200 OK\r\ndate: then\r\n"
                                           "content-length: 0\r\n\r\n");
    httpa_buf_done(&out);
}

static void refuses_what_could_split(void **state)
{
    (void)state;
    static const struct {
        const char *why, *method, *path, *authority, *name, *value;
    } rows[] = {
        { "CRLF in a value", "GET", "/", "a", "b", "c\r\nd: e" },
        { "LF in a value", "GET", "/", "a", "b", "c\nd: e" },
        { "CR in a value", "GET", "/", "a", "b", "c\r" },
        { "control in a value", "GET", "/", "a", "b", "\x01" },
        { "colon in a name", "GET", "/", "a", "b:", "c" },
        { "empty name", "GET", "/", "a", "", "c" },
        { "space in a name", "GET", "/", "a", "b c", "d" },
        { "CRLF in a name", "GET", "/", "a", "b\r\nc", "d" },
        { "space in the method", "GET /", "/", "a", "b", "c" },
        { "empty method", "", "/", "a", "b", "c" },
        { "space in the path", "GET", "/ HTTP/1.1", "a", "b", "c" },
        { "CRLF in the path", "GET", "/\r\nx: y", "a", "b", "c" },
        { "empty path", "GET", "", "a", "b", "c" },
        { "path without slash", "GET", "x", "a", "b", "c" },
        { "CRLF in the authority", "GET", "/", "a\r\nb: c", "b", "c" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf out = httpa_buf_growing(1000);
        struct httpa_http1_form form = FORM(NONE, 0, 0, false, false);
        struct httpa_http1_writer w;
        struct httpa_head head = request(rows[i].method, rows[i].path);
        head.authority = httpa_slice_str(rows[i].authority);
        add(&head, rows[i].name, rows[i].value);
        httpa_buf_put_str(&out, "before");
        if (httpa_http1_write_head(&w, &out, &head, &form) != HTTPA_ERR_USAGE) {
            fail_msg("not refused: %s", rows[i].why);
        }
        assert_slice_is(httpa_buf_slice(&out), "before");
        httpa_buf_done(&out);
    }
    struct httpa_head head = request("GET", "/");
    assert_ok(httpa_fields_add(&head.fields, httpa_slice_str("b"),
                               httpa_slice_of("c\0d", 3)));
    struct httpa_buf out = httpa_buf_growing(1000);
    struct httpa_http1_form form = FORM(NONE, 0, 0, false, false);
    struct httpa_http1_writer w;
    assert_err(HTTPA_ERR_USAGE, httpa_http1_write_head(&w, &out, &head, &form));
    httpa_buf_done(&out);
}

/* Writes |pieces| as content; true when all was accepted. */
static bool write_content(struct httpa_http1_writer *w, struct httpa_buf *out,
                          const char *const *pieces)
{
    for (; *pieces != NULL; pieces++) {
        struct httpa_slice before, after;
        size_t n = strlen(*pieces);
        if (httpa_http1_write_frame(w, n, &before, &after) != HTTPA_OK) {
            return false;
        }
        httpa_buf_put_slice(out, before);
        httpa_buf_put(out, *pieces, n);
        httpa_buf_put_slice(out, after);
    }
    return true;
}

static void content_keeps_its_word(void **state)
{
    (void)state;
    static const char *const abc[] = { "ab", "c", NULL };
    static const struct {
        struct httpa_http1_form form;
        bool content, end;
        const char *trace;
    } rows[] = {
        { FORM(SIZED, 3, 11, false, false), true, true, "200:abc." },
        { FORM(OPEN, 0, 11, false, false), true, true, "200:abc+t=u." },
        { FORM(OPEN, 0, 10, false, false), true, true, "200:abc..." },
        { FORM(SIZED, 2, 11, false, false), false, true, "200:ab." },
        { FORM(SIZED, 4, 11, false, false), true, false, "200:abc..." },
        { FORM(NONE, 0, 11, false, false), false, true, "200." },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf out = httpa_buf_growing(1000);
        struct httpa_http1_writer w;
        struct httpa_head head = response(200);
        assert_ok(httpa_http1_write_head(&w, &out, &head, &rows[i].form));
        assert_int_equal(write_content(&w, &out, abc), rows[i].content);
        add(&head, "t", "u");
        assert_err(rows[i].end ? HTTPA_OK : HTTPA_ERR_USAGE,
                   httpa_http1_write_end(&w, &out, &head.fields));
        check(HTTPA_HTTP1_RESPONSES, false, httpa_buf_slice(&out),
              rows[i].trace, "read back");
        httpa_buf_done(&out);
    }
}

static void large_chunk_lines(void **state)
{
    (void)state;
    struct httpa_http1_writer w = { .mode = HTTPA_HTTP1_CHUNKED };
    struct httpa_slice before, after;
    assert_ok(
        httpa_http1_write_frame(&w, 0xfedcba9876543210u, &before, &after));
    assert_slice_is(before, "fedcba9876543210\r\n");
    assert_slice_is(after, "\r\n");
    assert_err(HTTPA_ERR_USAGE,
               httpa_http1_write_frame(&w, 0, &before, &after));
}

static void no_room_leaves_no_half_head(void **state)
{
    (void)state;
    uint8_t small[40];
    struct httpa_buf out = httpa_buf_fixed(small, sizeof(small));
    struct httpa_http1_form form = FORM(NONE, 0, 0, false, false);
    struct httpa_http1_writer w;
    struct httpa_head head = request("GET", "/a-path-that-is-rather-long");
    httpa_buf_put_str(&out, "x");
    assert_err(HTTPA_ERR_SPACE, httpa_http1_write_head(&w, &out, &head, &form));
    assert_slice_is(httpa_buf_slice(&out), "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_of_responses),
        cmocka_unit_test(framing_of_requests),
        cmocka_unit_test(date_only_when_missing),
        cmocka_unit_test(refuses_what_could_split),
        cmocka_unit_test(content_keeps_its_word),
        cmocka_unit_test(large_chunk_lines),
        cmocka_unit_test(no_room_leaves_no_half_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
