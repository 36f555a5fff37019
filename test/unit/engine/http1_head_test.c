/*
 * Fields and framing.  Most rows are published ways to make two parties
 * disagree about where a message ends (request smuggling); in each the
 * content is what one of the two would take for the next request.
 */
#include "http1_trace.h"

#define P "POST / HTTP/1.1\r\nHost: a\r\n"
#define G "GET / HTTP/1.1\r\nHost: a\r\n"
#define EVIL "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n"
#define TE "Transfer-Encoding: chunked\r\n"

static const struct row requests[] = {
    /* what is fine, so that the refusals below mean something */
    ROW("length", P "Content-Length: 3\r\n\r\nabc", "POST /@a:abc."),
    ROW("length 0", P "Content-Length: 0\r\n\r\n", "POST /@a."),
    ROW("leading zeros are digits", P "Content-Length: 003\r\n\r\nabc",
        "POST /@a:abc."),
    ROW("chunked", P TE "\r\n3\r\nabc\r\n0\r\n\r\n", "POST /@a:abc."),
    ROW("chunked in another case, and white space around it",
        P "transfer-ENCODING: \t CHUNKED \t\r\n\r\n0\r\n\r\n", "POST /@a."),
    ROW("no length: no content", P "\r\n" EVIL, "POST /@a.GET /evil@a."),
    ROW("content of any method", G "Content-Length: 3\r\n\r\nabc",
        "GET /@a:abc."),
    ROW("fields in order, lower-cased, trimmed, repeated",
        G "B:  1 \r\na_b:\t2\r\nB:\r\n\r\n", "GET /@a{b=1}{a_b=2}{b=}."),
    ROW("obs-text and inner white space stay", G "A: x \t y \xe9\r\n\r\n",
        "GET /@a{a=x \t y \xe9}."),

    /* CL.TE and TE.CL */
    ROW("CL.TE", P "Content-Length: 6\r\n" TE "\r\n0\r\n\r\nG",
        "!coding-with-length"),
    ROW("TE.CL", P TE "Content-Length: 4\r\n\r\n12\r\n" EVIL "0\r\n\r\n",
        "!coding-with-length"),
    ROW("both, length 0", P TE "Content-Length: 0\r\n\r\n0\r\n\r\n",
        "!coding-with-length"),
    ROW("both, length junk", P TE "Content-Length: x\r\n\r\n0\r\n\r\n",
        "!coding-with-length"),

    /* CL.CL */
    ROW("two lengths", P "Content-Length: 3\r\nContent-Length: 0\r\n\r\nabc",
        "!length-repeated"),
    ROW("two equal lengths",
        P "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "!length-repeated"),
    ROW("two lengths, other case",
        P "Content-Length: 3\r\ncontent-length: 0\r\n\r\nabc",
        "!length-repeated"),
    ROW("list of lengths", P "Content-Length: 3, 3\r\n\r\nabc", "!length"),
    ROW("plus", P "Content-Length: +3\r\n\r\nabc", "!length"),
    ROW("minus", P "Content-Length: -3\r\n\r\nabc", "!length"),
    ROW("hex", P "Content-Length: 0x3\r\n\r\nabc", "!length"),
    ROW("fraction", P "Content-Length: 3.0\r\n\r\nabc", "!length"),
    ROW("exponent", P "Content-Length: 3e0\r\n\r\nabc", "!length"),
    ROW("underscore, as some languages read numbers",
        P "Content-Length: 1_0\r\n\r\nabc", "!length"),
    ROW("space inside", P "Content-Length: 1 0\r\n\r\nabc", "!length"),
    ROW("quotes", P "Content-Length: \"3\"\r\n\r\nabc", "!length"),
    ROW("empty", P "Content-Length:\r\n\r\nabc", "!length"),
    ROW("letter behind", P "Content-Length: 3a\r\n\r\nabc", "!length"),
    ROW("other digits of Unicode", P "Content-Length: \xd9\xa3\r\n\r\nabc",
        "!length"),
    ROW("wraps 64 bits to 3",
        P "Content-Length: 18446744073709551619\r\n\r\nabc", "!length-size"),
    ROW("above 2^53", P "Content-Length: 9007199254740993\r\n\r\n",
        "!length-size"),
    ROW("vertical tab before", P "Content-Length:\v3\r\n\r\nabc", "!control"),
    ROW("NUL behind", P "Content-Length: 3\0\r\n\r\nabc", "!control"),

    /* TE.TE: codings one side may not recognise */
    ROW("xchunked", P "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "!coding"),
    ROW("chunked twice in a list",
        P "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "!coding"),
    ROW("identity", P "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "!coding"),
    ROW("identity behind chunked",
        P "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "!coding"),
    ROW("gzip before chunked",
        P "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "!coding"),
    ROW("two lines", P TE "Transfer-Encoding: x\r\n\r\n0\r\n\r\n",
        "!coding-repeated"),
    ROW("two equal lines", P TE TE "\r\n0\r\n\r\n", "!coding-repeated"),
    ROW("quoted", P "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        "!coding"),
    ROW("parameter", P "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n",
        "!coding"),
    ROW("comma before", P "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n",
        "!coding"),
    ROW("comma behind", P "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
        "!coding"),
    ROW("empty", P "Transfer-Encoding:\r\n\r\n0\r\n\r\n", "!coding"),
    ROW("dotless i, folded by some to i",
        P "Transfer-Encoding: chun\xc4\xb1ked\r\n\r\n0\r\n\r\n", "!coding"),
    ROW("Kelvin sign, folded by some to k",
        P "Transfer-Encoding: chun\xe2\x84\xaa"
          "ed\r\n\r\n0\r\n\r\n",
        "!coding"),
    ROW("vertical tab", P "Transfer-Encoding:\vchunked\r\n\r\n0\r\n\r\n",
        "!control"),
    ROW("form feed", P "Transfer-Encoding: chunked\f\r\n\r\n0\r\n\r\n",
        "!control"),
    ROW("backspace", P "Transfer-Encoding: \bchunked\r\n\r\n0\r\n\r\n",
        "!control"),
    ROW("NUL behind", P "Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n",
        "!control"),
    ROW("bare CR before", P "Transfer-Encoding:\rchunked\r\n\r\n0\r\n\r\n",
        "!control"),
    ROW("space before the colon",
        P "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "!field-name"),
    ROW("tab before the colon",
        P "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", "!field-name"),
    ROW("control before the colon",
        P "Transfer-Encoding\x01: chunked\r\n\r\n0\r\n\r\n", "!field-name"),
    ROW("space before the name",
        P " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "!obs-fold"),
    ROW("folded value", P "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "!obs-fold"),
    ROW("folded onto another field",
        P "A: b\r\n\tTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "!obs-fold"),
    ROW("hidden behind a bare LF",
        P "A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "!bare-lf"),
    ROW("hidden behind a bare CR", P "A: b\rTransfer-Encoding: chunked\r\n\r\n",
        "!control"),
    ROW("underscore instead of hyphen is another field",
        P "Transfer_Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
        "POST /@a{transfer_encoding=chunked}."),
    ROW("in HTTP/1.0", "POST / HTTP/1.0\r\n" TE "\r\n0\r\n\r\n",
        "!coding-in-1.0"),
    ROW("chunked named in TE instead", P "TE: chunked\r\n\r\n", "POST /@a."),

    /* names and lines */
    ROW("no colon", G "Foo\r\n\r\n", "!field-name"),
    ROW("no name", G ": b\r\n\r\n", "!field-name"),
    ROW("NUL in a name", G "Fo\0o: b\r\n\r\n", "!field-name"),
    ROW("byte above ASCII in a name", G "F\xc3\xb6: b\r\n\r\n", "!field-name"),
    ROW("parentheses in a name", G "F(o): b\r\n\r\n", "!field-name"),
    ROW("white space before the first field",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "!obs-fold"),
    ROW("white space alone on a line", G " \r\n\r\n", "!obs-fold"),
    ROW("bare LF in the middle", G "A: b\nC: d\r\n\r\n", "!bare-lf"),
    ROW("bare LF as the empty line", G "\n", "!bare-lf"),
    ROW("LF LF ends the head for some", "GET / HTTP/1.1\r\nHost: a\n\n",
        "!bare-lf"),
    ROW("LF CR", G "A: b\n\rC: d\r\n\r\n", "!bare-lf"),
    ROW("CR before CRLF", G "A: b\r\r\n\r\n", "!control"),
    ROW("bare CR in a value", G "A: b\rC\r\n\r\n", "!control"),
    ROW("DEL in a value", G "A: \x7f\r\n\r\n", "!control"),
    ROW("escape in a value", G "A: \x1b[0m\r\n\r\n", "!control"),
    ROW("second request line among the fields", G "GET /evil HTTP/1.1\r\n\r\n",
        "!field-name"),

    /* Connection */
    ROW("what Connection names is not for the next hop",
        G "Connection: X-Hop, close\r\nX-Hop: 1\r\nA: b\r\n\r\n",
        "GET /@a{a=b}."),
    ROW("a field named before it stands",
        G "X-Hop: 1\r\nConnection: , x-hop,"
          "\r\n\r\n",
        "GET /@a."),
    ROW("it cannot take away framing",
        P "Connection: Content-Length\r\nContent-Length: 3\r\n\r\nabc",
        "POST /@a:abc."),
    ROW("it cannot take away Host", G "Connection: host\r\n\r\n", "GET /@a."),
    ROW("no token in it", G "Connection: a b\r\n\r\n", "!connection"),
    ROW("too many names in it", G "Connection: a,b,c,d,e,f,g,h,i\r\n\r\n",
        "!connection"),
    ROW("an upgrade is not passed on (h2c smuggling)",
        G "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
          "HTTP2-Settings: AAMAAABk\r\n\r\n",
        "GET /@a."),
    ROW("hop-by-hop by tradition",
        G "Proxy-Connection: close\r\nKeep-Alive: 5\r\nTE: trailers\r\n\r\n",
        "GET /@a."),

    /* Expect */
    ROW("100-continue",
        P "Expect: 100-CONTINUE\r\nContent-Length: 1\r\n"
          "\r\nx",
        "POST /@a:x."),
    ROW("anything else (0.CL gadget)",
        P "Expect: y 100-continue\r\n"
          "Content-Length: 1\r\n\r\nx",
        "!expect"),

    /* 0.CL: a length some front ends do not see */
    ROW("0.CL, line wrapped", G "Content-Length:\r\n 7\r\n\r\nGET /a",
        "!obs-fold"),
    ROW("0.CL, space before the colon", G "Content-Length : 7\r\n\r\nGET /a",
        "!field-name"),
    ROW("0.CL, control before the name",
        G "\x0b"
          "Content-Length: 7\r\n\r\nGET /a",
        "!field-name"),
    ROW("0.CL, name split by a bare CR", G "Content-\rLength: 7\r\n\r\nGET /a",
        "!field-name"),
    ROW("CL.0: a length on GET counts", G "Content-Length: 31\r\n\r\n" EVIL,
        "GET /@a:GET /evil HTTP/1.1\r\nHost: a\r\n\r\n."),
};

#define R "HTTP/1.1 200 OK\r\n"

static const struct row responses[] = {
    ROW("length", R "Content-Length: 3\r\n\r\nabc", "200:abc."),
    ROW("chunked", R TE "\r\n3\r\nabc\r\n0\r\n\r\n", "200:abc."),
    ROW("until close", R "\r\nabc", "200:abc..."),
    ROW("204 has nothing", "HTTP/1.1 204 No\r\n\r\n", "204."),
    ROW("204 with length 0", "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n",
        "204."),
    ROW("204 with content",
        "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n"
        "abc",
        "!no-content"),
    ROW("204 chunked", "HTTP/1.1 204 No\r\n" TE "\r\n0\r\n\r\n", "!no-content"),
    ROW("304 describes, and brings nothing",
        "HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\n", "304."),
    ROW("1xx before the answer",
        "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n" R
        "Content-Length: 0\r\n\r\n",
        "<100><103{link=x}>200."),
    ROW("1xx with content", "HTTP/1.1 100 C\r\nContent-Length: 3\r\n\r\nabc",
        "!no-content"),
    ROW("101 unasked", "HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n", "!switched"),
    ROW("both framings", R TE "Content-Length: 3\r\n\r\n0\r\n\r\n",
        "!coding-with-length"),
    ROW("two lengths", R "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "!length-repeated"),
    ROW("chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\n" TE "\r\n0\r\n\r\n",
        "!coding-in-1.0"),
    ROW("another coding", R "Transfer-Encoding: gzip\r\n\r\n", "!coding"),
    ROW("response splitting by bare LF", R "A: b\nSet-Cookie: c\r\n\r\n",
        "!bare-lf"),
    ROW("Host and Expect mean nothing here",
        R "Host: x, y\r\nExpect: z\r\nContent-Length: 0\r\n\r\n",
        "200{host=x, y}{expect=z}."),
};

static void published_desyncs(void **state)
{
    (void)state;
    assert_true(COUNT(requests) >= 80);
    check_rows(HTTPA_HTTP1_REQUESTS, requests, COUNT(requests));
}

static void answers(void **state)
{
    (void)state;
    check_rows(HTTPA_HTTP1_RESPONSES, responses, COUNT(responses));
}

static void answers_to_head(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("length describes", R "Content-Length: 3\r\n\r\n", "200."),
        ROW("chunked describes", R TE "\r\n", "200."),
        ROW("nothing declared", R "\r\n", "200."),
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        check(HTTPA_HTTP1_RESPONSES, true,
              httpa_slice_of(rows[i].in, rows[i].n), rows[i].want, rows[i].why);
    }
}

/* What a head says beside its fields. */
static void verdicts_beside_the_fields(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool keep_alive;
        bool expect;
        enum httpa_content_kind kind;
        uint64_t len;
    } rows[] = {
        { G "\r\n", true, false, HTTPA_CONTENT_NONE, 0 },
        { G "Connection: close\r\n\r\n", false, false, HTTPA_CONTENT_NONE, 0 },
        { "GET / HTTP/1.0\r\n\r\n", false, false, HTTPA_CONTENT_NONE, 0 },
        { "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true, false,
          HTTPA_CONTENT_NONE, 0 },
        { G "Connection: keep-alive, close\r\n\r\n", false, false,
          HTTPA_CONTENT_NONE, 0 },
        { P "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", true, true,
          HTTPA_CONTENT_SIZED, 5 },
        { P TE "\r\n", true, false, HTTPA_CONTENT_OPEN, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_field room[HTTPA_FIELDS_MAX];
        struct httpa_http1_reader r;
        struct httpa_http1_event ev;
        struct httpa_slice in = httpa_slice_str(rows[i].in);
        httpa_http1_reader_init(&r, HTTPA_HTTP1_REQUESTS, room);
        assert_ok(httpa_http1_read(&r, &in, &ev));
        assert_int_equal(ev.kind, HTTPA_HTTP1_HEAD);
        assert_int_equal(r.keep_alive, rows[i].keep_alive);
        assert_int_equal(r.expect_continue, rows[i].expect);
        assert_int_equal(r.content.kind, rows[i].kind);
        assert_int_equal(r.content.len, rows[i].len);
        httpa_http1_reader_done(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_desyncs),
        cmocka_unit_test(answers),
        cmocka_unit_test(answers_to_head),
        cmocka_unit_test(verdicts_beside_the_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
