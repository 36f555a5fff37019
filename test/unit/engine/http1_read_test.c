/* The reader's states: pipelining, trailers, ends, limits, wild input. */
#include "http1_trace.h"

#define P "POST / HTTP/1.1\r\nHost: a\r\n"
#define TE "Transfer-Encoding: chunked\r\n\r\n"

static const struct row trailers[] = {
    ROW("passed apart", P TE "0\r\nA: b\r\nC:\r\n\r\n", "POST /@a+a=b+c=."),
    ROW("then the next request",
        P TE "1\r\nx\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
        "POST /@a:x+a=b.GET /@b."),
    ROW("a length is no trailer (TR.CL)", P TE "0\r\nContent-Length: 5\r\n\r\n",
        "!"),
    ROW("nor a coding", P TE "0\r\nTransfer-Encoding: chunked\r\n\r\n", "!"),
    ROW("nor Host", P TE "0\r\nHost: b\r\n\r\n", "!"),
    ROW("nor Connection", P TE "0\r\nConnection: x\r\n\r\n", "!"),
    ROW("credentials and cookies are left out",
        P TE "0\r\nAuthorization: x\r\nCookie: y\r\nContent-Type: z\r\n"
             "Attest-Ticket: t\r\nA: b\r\n\r\n",
        "POST /@a+a=b."),
    ROW("folded", P TE "0\r\nA: b\r\n c\r\n\r\n", "!"),
    ROW("bare LF (TERM.TRAILER)", P TE "0\r\nA: b\n\r\n", "!"),
    ROW("bare LF as the end", P TE "0\r\n\n", "!"),
    ROW("space before the colon", P TE "0\r\nA : b\r\n\r\n", "!"),
    ROW("junk instead of the end",
        P TE "0\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n", "!"),
    ROW("unfinished", P TE "0\r\nA: b\r\n", "POST /@a..."),
};

/* As check(), but a "!" stands for any refusal after the head. */
static void trailer_sections(void **state)
{
    (void)state;
    static const char *const reasons[] = {
        "POST /@a!trailer-name",
        "POST /@a!obs-fold",
        "POST /@a!bare-lf",
        "POST /@a!field-name",
    };
    static const size_t which[] = { 0, 0, 0, 0, 1, 2, 2, 3, 3 };
    size_t refused = 0;
    for (size_t i = 0; i < COUNT(trailers); i++) {
        bool is_refused = strcmp(trailers[i].want, "!") == 0;
        check(HTTPA_HTTP1_REQUESTS, false,
              httpa_slice_of(trailers[i].in, trailers[i].n),
              is_refused ? reasons[which[refused]] : trailers[i].want,
              trailers[i].why);
        refused += is_refused;
    }
}

static void after_an_error_only_the_error(void **state)
{
    (void)state;
    struct httpa_field room[HTTPA_FIELDS_MAX];
    struct httpa_http1_reader r;
    struct httpa_http1_event ev = { .kind = HTTPA_HTTP1_END };
    httpa_http1_reader_init(&r, HTTPA_HTTP1_REQUESTS, room);
    struct httpa_slice in = httpa_slice_str("x\n");
    assert_err(HTTPA_ERR_MALFORMED, httpa_http1_read(&r, &in, &ev));
    in = httpa_slice_str("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_err(HTTPA_ERR_MALFORMED, httpa_http1_read(&r, &in, &ev));
    assert_err(HTTPA_ERR_MALFORMED, httpa_http1_read_eof(&r, &ev));
    assert_int_equal(ev.kind, HTTPA_HTTP1_END);
    assert_false(httpa_http1_reader_idle(&r));
    httpa_http1_reader_done(&r);
}

static void ends_of_connections(void **state)
{
    (void)state;
    static const struct {
        enum httpa_http1_role role;
        const char *in;
        enum httpa_err err;
        enum httpa_http1_kind kind;
    } rows[] = {
        { HTTPA_HTTP1_REQUESTS, "", HTTPA_OK, HTTPA_HTTP1_MORE },
        { HTTPA_HTTP1_REQUESTS, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTPA_OK,
          HTTPA_HTTP1_MORE },
        { HTTPA_HTTP1_REQUESTS, "G", HTTPA_ERR_TRUNCATED, 0 },
        { HTTPA_HTTP1_REQUESTS, P "Content-Length: 3\r\n\r\nab",
          HTTPA_ERR_TRUNCATED, 0 },
        { HTTPA_HTTP1_REQUESTS, P TE "3\r\nabc\r\n", HTTPA_ERR_TRUNCATED, 0 },
        { HTTPA_HTTP1_REQUESTS, P TE "3\r\nabc\r\n0\r\n", HTTPA_ERR_TRUNCATED,
          0 },
        { HTTPA_HTTP1_RESPONSES, "HTTP/1.1 200 OK\r\n\r\nabc", HTTPA_OK,
          HTTPA_HTTP1_END },
        { HTTPA_HTTP1_RESPONSES, "HTTP/1.0 200 OK\r\n\r\n", HTTPA_OK,
          HTTPA_HTTP1_END },
        { HTTPA_HTTP1_RESPONSES, "HTTP/1.1 200 OK\r\n", HTTPA_ERR_TRUNCATED,
          0 },
        { HTTPA_HTTP1_RESPONSES,
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
          HTTPA_ERR_TRUNCATED, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_field room[HTTPA_FIELDS_MAX];
        struct httpa_http1_reader r;
        struct httpa_http1_event ev = { .kind = HTTPA_HTTP1_HEAD };
        struct httpa_slice in = httpa_slice_str(rows[i].in);
        httpa_http1_reader_init(&r, rows[i].role, room);
        while (ev.kind != HTTPA_HTTP1_MORE) {
            assert_ok(httpa_http1_read(&r, &in, &ev));
        }
        ev.kind = 0;
        assert_err(rows[i].err, httpa_http1_read_eof(&r, &ev));
        assert_int_equal(ev.kind, rows[i].kind);
        httpa_http1_reader_done(&r);
    }
}

/* |head|, |n| times |unit|, |tail|: the verdict is |want|. */
static void check_long(const char *head, const char *unit, size_t n,
                       const char *tail, const char *want)
{
    struct httpa_buf b = httpa_buf_growing(1 << 20);
    httpa_buf_put_str(&b, head);
    for (size_t i = 0; i < n; i++) {
        httpa_buf_put_str(&b, unit);
    }
    httpa_buf_put_str(&b, tail);
    assert_ok(httpa_buf_check(&b));
    struct httpa_http1_reader r;
    static struct httpa_field room[HTTPA_FIELDS_MAX];
    const size_t steps[] = { b.n, 1, 1000 };
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct httpa_buf t = httpa_buf_growing(1 << 20);
        httpa_http1_reader_init(&r, HTTPA_HTTP1_REQUESTS, room);
        trace(&r, httpa_buf_slice(&b), steps[i], &t);
        struct httpa_slice got = httpa_buf_slice(&t);
        size_t tail_n = strlen(want);
        assert_true(got.n >= tail_n);
        assert_slice_is(httpa_slice_from(got, got.n - tail_n), want);
        httpa_buf_done(&t);
        httpa_http1_reader_done(&r);
    }
    httpa_buf_done(&b);
}

static void limits(void **state)
{
    (void)state;
    static const char tail[] = " HTTP/1.1\r\nHost: a\r\n\r\n";
    check_long("GET /", "a", 16384, tail, "@a.");
    check_long("GET /", "a", HTTPA_HTTP1_LINE_MAX, "", "!line-size");
    check_long("GET / HTTP/1.1\r\nHost: a\r\nA: ", "a", 60000, "\r\n\r\n",
               "}.");
    check_long("GET / HTTP/1.1\r\nHost: a\r\nA: ", "a", HTTPA_HTTP1_HEAD_MAX,
               "", "!head-size");
    check_long("GET / HTTP/1.1\r\n", "A: b\r\n", 256, "Host: a\r\n\r\n", "}.");
    check_long("GET / HTTP/1.1\r\n", "A: b\r\n", 257, "Host: a\r\n\r\n",
               "!field-count");
    check_long("GET / HTTP/1.1\r\nHost: a\r\n", "a", 256, ":\r\n\r\n", "=}.");
    check_long("GET / HTTP/1.1\r\nHost: a\r\n", "a", 257, ":\r\n\r\n",
               "!field-name");
    check_long(P TE "0\r\n", "A: b\r\n", 64, "\r\n", "+a=b.");
    check_long(P TE "0\r\n", "A: b\r\n", 65, "\r\n", "!trailer-count");
    check_long(P TE "0\r\nA: ", "a", HTTPA_HTTP1_TRAILERS_MAX, "",
               "!trailer-size");
    /* A limit is reached before the line end that would show a fault. */
    check_long("GET /", "a", HTTPA_HTTP1_LINE_MAX, "\n", "!line-size");
}

static void too_many_interims(void **state)
{
    (void)state;
    struct httpa_field room[HTTPA_FIELDS_MAX];
    struct httpa_http1_reader r;
    struct httpa_http1_event ev;
    httpa_http1_reader_init(&r, HTTPA_HTTP1_RESPONSES, room);
    for (unsigned i = 0; i <= HTTPA_HTTP1_INTERIMS_MAX; i++) {
        struct httpa_slice in = httpa_slice_str("HTTP/1.1 103 E\r\n\r\n");
        enum httpa_err err = httpa_http1_read(&r, &in, &ev);
        assert_err(i < HTTPA_HTTP1_INTERIMS_MAX ? HTTPA_OK : HTTPA_ERR_LIMIT,
                   err);
    }
    httpa_http1_reader_done(&r);
}

static void read_both(struct httpa_slice in, void *arg)
{
    static struct httpa_field room[HTTPA_FIELDS_MAX];
    enum httpa_http1_role role = *(enum httpa_http1_role *)arg;
    uint8_t *whole[2];
    struct httpa_buf t[2];
    for (size_t i = 0; i < 2; i++) {
        struct httpa_http1_reader r;
        t[i] = httpa_buf_growing(1 << 16);
        httpa_http1_reader_init(&r, role, room);
        trace(&r, in, i == 0 ? in.n + 1 : 1, &t[i]);
        httpa_http1_reader_done(&r);
        whole[i] = t[i].p;
    }
    assert_int_equal(t[0].n, t[1].n);
    if (t[0].n > 0) {
        assert_memory_equal(whole[0], whole[1], t[0].n);
    }
    httpa_buf_done(&t[0]);
    httpa_buf_done(&t[1]);
}

static void wild_input(void **state)
{
    (void)state;
    static const char request[] =
        "POST /a?b HTTP/1.1\r\nHost: a\r\nConnection: x\r\nX: y\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5;e=f\r\nabcde\r\n0\r\nT: u\r\n"
        "\r\nGET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    static const char answer[] =
        "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
        "hiHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
        "0\r\n\r\nHTTP/1.0 200 OK\r\n\r\nrest";
    enum httpa_http1_role role = HTTPA_HTTP1_REQUESTS;
    mutate(httpa_slice_str(request), read_both, &role);
    role = HTTPA_HTTP1_RESPONSES;
    mutate(httpa_slice_str(answer), read_both, &role);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trailer_sections),
        cmocka_unit_test(after_an_error_only_the_error),
        cmocka_unit_test(ends_of_connections),
        cmocka_unit_test(limits),
        cmocka_unit_test(too_many_interims),
        cmocka_unit_test(wild_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
