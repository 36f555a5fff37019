/* Chunked content, each trick with its reason: RFC 9112 7.1. */
#include "http1_trace.h"

#define P "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
#define A "POST /@a"

static const struct row rows[] = {
    ROW("two chunks", P "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", A ":abcde."),
    ROW("hex of both cases",
        P "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
        A ":01234567890123456789."),
    ROW("leading zeros", P "0003\r\nabc\r\n0000\r\n\r\n", A ":abc."),
    ROW("CRLF in the data", P "4\r\n\r\n\r\n\r\n0\r\n\r\n", A ":\r\n\r\n."),
    ROW("extension", P "3;a=b;c=\"d e\"\r\nabc\r\n0;x\r\n\r\n", A ":abc."),
    ROW("no size", P "\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("no size, but an extension", P ";a\r\nabc\r\n", A "!chunk-size"),
    ROW("0x", P "0x3\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("plus", P "+3\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("minus", P "-1\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("space before", P " 3\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("space behind", P "3 \r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("space before the extension", P "3 ;a\r\nabc\r\n", A "!chunk-size"),
    ROW("tab behind", P "3\t\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("letter behind", P "3g\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("comma", P "3,4\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("underscore", P "1_0\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("NUL", P "3\0\r\nabc\r\n0\r\n\r\n", A "!chunk-size"),
    ROW("wraps 64 bits to 3", P "10000000000000003\r\nabc\r\n",
        A "!chunk-large"),
    ROW("wraps 32 bits to 3: a large chunk, no small one",
        P "100000003\r\nabc\r\n0\r\n\r\n", A ":abc\r\n0\r\n\r\n..."),
    ROW("above 2^53", P "20000000000001\r\n", A "!chunk-large"),
    ROW("zeros without end", P "00000000000000000\r\n", A "!chunk-large"),
    ROW("bare LF behind the size (TERM.EXT)", P "3\nabc\r\n0\r\n\r\n",
        A "!bare-lf"),
    ROW("bare LF behind an extension (EXT.TERM)", P "3;a\nabc\r\n0\r\n\r\n",
        A "!bare-lf"),
    ROW("bare CR behind the size", P "3\rXabc\r\n0\r\n\r\n", A "!control"),
    ROW("bare CR in an extension", P "3;a\rb\r\nabc\r\n", A "!control"),
    ROW("CR CR LF", P "3\r\r\nabc\r\n", A "!control"),
    ROW("empty extension", P "3;\r\nabc\r\n0\r\n\r\n", A "!chunk-ext"),
    ROW("control in an extension", P "3;\x01\r\nabc\r\n", A "!chunk-ext"),
    ROW("byte above ASCII in an extension", P "3;\xe9\r\nabc\r\n",
        A "!chunk-ext"),
    ROW("data longer than its size", P "3\r\nabcd\r\n0\r\n\r\n",
        A ":abc!chunk-end"),
    ROW("data ends in LF only (SPILL.TERM)", P "3\r\nabc\n0\r\n\r\n",
        A ":abc!chunk-end"),
    ROW("data ends in CR only", P "3\r\nabc\r0\r\n\r\n", A ":abc!chunk-end"),
    ROW("any two bytes instead of CRLF", P "3\r\nabcXX0\r\n\r\n",
        A ":abc!chunk-end"),
    ROW("nothing between chunks", P "3\r\nabc2\r\nde\r\n", A ":abc!chunk-end"),
    ROW("data shorter than its size swallows the next line",
        P "5\r\nabc\r\n0\r\n\r\n", A ":abc\r\n!chunk-end"),
    ROW("unfinished", P "3\r\nab", A ":ab..."),
};

static void tricks(void **state)
{
    (void)state;
    check_rows(HTTPA_HTTP1_REQUESTS, rows, COUNT(rows));
}

static void extension_limit(void **state)
{
    (void)state;
    for (size_t n = HTTPA_HTTP1_EXT_MAX - 1; n <= HTTPA_HTTP1_EXT_MAX; n++) {
        struct httpa_buf b = httpa_buf_growing(1000);
        httpa_buf_put_str(&b, P "1;");
        for (size_t i = 0; i < n; i++) {
            httpa_buf_put_byte(&b, 'e');
        }
        httpa_buf_put_str(&b, "\r\nx\r\n0\r\n\r\n");
        check(HTTPA_HTTP1_REQUESTS, false, httpa_buf_slice(&b),
              n < HTTPA_HTTP1_EXT_MAX ? A ":x." : A "!chunk-ext",
              "256 bytes from the semicolon on");
        httpa_buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tricks),
        cmocka_unit_test(extension_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
