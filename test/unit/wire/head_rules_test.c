#include "wire/head_rules.h"

#include "codec/bhttp.h"
#include "support/test.h"

#define TARGET "https://api.example.com"

static struct httpa_field room[HTTPA_FIELDS_MAX];
static uint8_t cookies[HTTPA_LIMIT_COOKIES];
static uint8_t *path_copy;

/* Adds "name: value" lines, separated by '|'. */
static void add_lines(struct httpa_fields *fields, char *lines)
{
    char *save = NULL;
    for (char *at = strtok_r(lines, "|", &save); at != NULL;
         at = strtok_r(NULL, "|", &save)) {
        char *colon = strstr(at, ": ");
        assert_non_null(colon);
        struct httpa_slice name = httpa_slice_of(at, (size_t)(colon - at));
        assert_ok(
            httpa_fields_add(fields, name, httpa_slice_str(colon + 2)));
    }
}

/* The fields that are left, as they were written. */
static void join_lines(const struct httpa_fields *fields, char *out, size_t n)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < fields->n; i++) {
        used += (size_t)snprintf(
            out + used, n - used, "%s%.*s: %.*s", i > 0 ? "|" : "",
            (int)fields->v[i].name.n, (const char *)fields->v[i].name.p,
            (int)fields->v[i].value.n, (const char *)fields->v[i].value.p);
    }
}

struct row {
    const char *method;
    const char *scheme;
    const char *authority;
    const char *path;
    const char *fields;
    const char *left; /* NULL: refused */
    enum httpa_err err;
    const char *why;
};

#define HOST "https", "api.example.com"
#define GOOD(fields, left, why)                                            \
    { "POST", HOST, "/v1", fields, left, HTTPA_OK, why }
#define BAD(fields, why)                                                   \
    { "POST", HOST, "/v1", fields, NULL, HTTPA_ERR_HEAD, why }
#define PATH(path, why)                                                    \
    { "GET", HOST, path, "", "", HTTPA_OK, why }
#define NO_PATH(path, why)                                                 \
    { "GET", HOST, path, "", NULL, HTTPA_ERR_HEAD, why }

static const struct row rows[] = {
    GOOD("accept: */*|x-a: 1", "accept: */*|x-a: 1", "as it is"),
    GOOD("x-a: 1|x-a: 2", "x-a: 1|x-a: 2", "lines are not merged"),
    GOOD("x-a: ", "x-a: ", "an empty value"),
    GOOD("x-a: caf\xc3\xa9", "x-a: caf\xc3\xa9", "bytes above 0x7f"),
    GOOD("cookie: a=1|x: 1|cookie: b=2|cookie: c", "cookie: a=1; b=2; c|x: 1",
         "cookies are one line"),
    GOOD("host: api.example.com", "", "host is dropped"),
    GOOD("via: 1.1 x|forwarded: for=1|x-real-ip: 1|expect: 100-continue",
         "", "a hop's own"),
    GOOD("x-forwarded-for: 1|x-forwarded-: 1|x-forwarded: 1",
         "x-forwarded: 1", "by prefix"),
    GOOD("httpa-base: x|httpa-trust: sealed|httpa: 1", "httpa: 1",
         "ours to set"),
    GOOD("attest-supersedes: 1", "", "never delivered"),
    GOOD("te: trailers", "te: trailers", "the one te"),
    GOOD("content-length: 0", "content-length: 0", "zero"),
    GOOD("content-length: 9007199254740992",
         "content-length: 9007199254740992", "2^53"),
    BAD("content-length: 9007199254740993", "above 2^53"),
    BAD("content-length: 00000000000000001", "17 digits"),
    BAD("content-length: -1", "a sign"),
    BAD("content-length: +1", "a sign"),
    BAD("content-length: 1, 1", "a list"),
    BAD("content-length: 0x1", "hex"),
    BAD("content-length: ", "empty"),
    BAD("content-length: 1|content-length: 1", "twice, equal"),
    BAD("content-type: a/b|content-type: a/b", "twice"),
    BAD("authorization: a|x: 1|authorization: b", "twice"),
    BAD("host: api.example.com|host: api.example.com", "twice"),
    BAD("content-digest: a|content-digest: a", "twice"),
    BAD("host: evil.example", "another host"),
    BAD("host: API.example.com", "not byte for byte"),
    BAD("connection: close", "hop by hop"),
    BAD("proxy-connection: close", "hop by hop"),
    BAD("keep-alive: 1", "hop by hop"),
    BAD("transfer-encoding: chunked", "smuggling"),
    BAD("transfer-encoding: identity", "smuggling"),
    BAD("upgrade: h2c", "another protocol"),
    BAD("http2-settings: x", "another protocol"),
    BAD("proxy-authorization: x", "a hop's"),
    BAD("proxy-authenticate: x", "a hop's"),
    BAD("trailer: x", "framing"),
    BAD("te: gzip", "framing"),
    BAD("te: trailers, gzip", "framing"),
    BAD("X-A: 1", "upper case"),
    BAD("x a: 1", "a space in a name"),
    BAD("x:a: 1", "a colon in a name"),
    BAD(":path: /x", "a pseudo-field"),
    BAD("x\xc3: 1", "not ASCII in a name"),
    BAD("x-a:  1", "a blank first"),
    BAD("x-a: 1 ", "a blank last"),
    BAD("x-a: 1\t", "a blank last"),
    BAD("x-a: 1\r\nevil: 1", "CR LF"),
    BAD("x-a: 1\nevil: 1", "LF"),
    BAD("x-a: 1\r", "CR"),
    { "CONNECT", HOST, "/", "", NULL, HTTPA_ERR_HEAD, "a tunnel" },
    { "TRACE", HOST, "/", "", NULL, HTTPA_ERR_HEAD, "an echo" },
    { "", HOST, "/", "", NULL, HTTPA_ERR_HEAD, "no method" },
    { "G T", HOST, "/", "", NULL, HTTPA_ERR_HEAD, "not a token" },
    { "GET\r\nX:", HOST, "/", "", NULL, HTTPA_ERR_HEAD, "not a token" },
    { "A2345678901234567890123456789012", HOST, "/", "", "", HTTPA_OK, "32" },
    { "A23456789012345678901234567890123", HOST, "/", "", NULL,
      HTTPA_ERR_HEAD, "33" },
    { "connect", HOST, "/", "", "", HTTPA_OK, "methods have case" },
    { "GET", "http", "api.example.com", "/", "", NULL, HTTPA_ERR_INNER_TARGET,
      "another scheme" },
    { "GET", "https", "API.example.com", "/", "", NULL,
      HTTPA_ERR_INNER_TARGET, "not byte for byte" },
    { "GET", "https", "api.example.com:443", "/", "", NULL,
      HTTPA_ERR_INNER_TARGET, "the default port" },
    { "GET", "https", "evil.example", "/", "", NULL, HTTPA_ERR_INNER_TARGET,
      "another origin" },
    { "GET", "https", "", "/", "", NULL, HTTPA_ERR_INNER_TARGET, "none" },
    PATH("/", "root"),
    PATH("/a/../b//c;d=e?f=g&h?/", "not normalised"),
    PATH("/%41%7f%00", "well-formed percent"),
    PATH("/-._~!$&'()*+,;=:@/?", "all marks"),
    NO_PATH("", "empty"),
    NO_PATH("a", "relative"),
    NO_PATH("*", "* is for OPTIONS"),
    NO_PATH("http://x/", "absolute form"),
    NO_PATH("/a b", "a space"),
    NO_PATH("/a#b", "a fragment"),
    NO_PATH("/\x7f", "a control"),
    NO_PATH("/\xc3\xa9", "a byte above"),
    NO_PATH("/a\r\nx", "CR LF"),
    NO_PATH("/\"", "a quote"),
    NO_PATH("/{x}", "braces"),
    NO_PATH("/a\\b", "a backslash"),
    NO_PATH("/%4", "cut percent"),
    NO_PATH("/%", "cut percent"),
    NO_PATH("/%g0", "not hex"),
    { "OPTIONS", HOST, "*", "", "", HTTPA_OK, "server-wide OPTIONS" },
};

static enum httpa_err judge(const struct row *row, struct httpa_head *head,
                            char *lines, struct httpa_head_verdict *v)
{
    struct httpa_buf b = httpa_buf_fixed(cookies, sizeof(cookies));
    httpa_head_init(head, room, HTTPA_FIELDS_MAX);
    head->is_request = true;
    head->method = httpa_slice_str(row->method);
    head->scheme = httpa_slice_str(row->scheme);
    head->authority = httpa_slice_str(row->authority);
    /* Exactly its bytes, so that a sanitizer sees a look past "%4". */
    path_copy = exact_copy(row->path, strlen(row->path));
    head->path = httpa_slice_of(path_copy, strlen(row->path));
    add_lines(&head->fields, lines);
    return httpa_head_rules_request(head, httpa_slice_str(TARGET), &b, v);
}

static void requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char lines[512];
        char left[512];
        struct httpa_head head;
        struct httpa_head_verdict v;
        snprintf(lines, sizeof(lines), "%s", rows[i].fields);
        enum httpa_err err = judge(&rows[i], &head, lines, &v);
        free(path_copy);
        path_copy = NULL;
        if (err != rows[i].err || (err == HTTPA_OK) != (v.rule == NULL)) {
            fail_msg("%s %s [%s] (%s): %s, rule %s", rows[i].method,
                     rows[i].path, rows[i].fields, rows[i].why,
                     httpa_err_name(err), v.rule != NULL ? v.rule : "none");
        }
        if (err == HTTPA_OK) {
            join_lines(&head.fields, left, sizeof(left));
            assert_string_equal(left, rows[i].left);
        }
    }
}

static void limits_of_requests(void **state)
{
    static char path[HTTPA_LIMIT_PATH + 2];
    static char value[HTTPA_BHTTP_VALUE_MAX + 8];
    struct row row = { "GET", HOST, path, "", "", HTTPA_OK, "" };
    struct httpa_head head;
    struct httpa_head_verdict v;
    char none[1] = "";
    (void)state;
    memset(path, '/', HTTPA_LIMIT_PATH);
    assert_ok(judge(&row, &head, none, &v));
    free(path_copy);
    path[HTTPA_LIMIT_PATH] = '/';
    assert_err(HTTPA_ERR_HEAD, judge(&row, &head, none, &v));
    free(path_copy);
    row.path = "/";
    memset(value, 'x', sizeof(value) - 1);
    memcpy(value, "a: ", 3);
    value[3 + HTTPA_BHTTP_VALUE_MAX] = '\0';
    assert_ok(judge(&row, &head, value, &v));
    free(path_copy);
    value[3 + HTTPA_BHTTP_VALUE_MAX] = 'x';
    assert_err(HTTPA_ERR_HEAD, judge(&row, &head, value, &v));
    free(path_copy);
    char two[] = "cookie: aaaaaaaa|cookie: b";
    struct httpa_buf small = httpa_buf_fixed(cookies, 4);
    httpa_head_init(&head, room, HTTPA_FIELDS_MAX);
    head.is_request = true;
    head.method = httpa_slice_str("GET");
    head.scheme = httpa_slice_str("https");
    head.authority = httpa_slice_str("api.example.com");
    head.path = httpa_slice_str("/");
    add_lines(&head.fields, two);
    assert_err(HTTPA_ERR_SPACE,
               httpa_head_rules_request(&head, httpa_slice_str(TARGET), &small,
                                        &v));
    head.is_request = false;
    assert_err(HTTPA_ERR_HEAD,
               httpa_head_rules_request(&head, httpa_slice_str(TARGET), &small,
                                        &v));
}

static void responses(void **state)
{
    static const struct {
        unsigned status;
        const char *method;
        const char *fields;
        const char *left; /* NULL: refused */
        bool none;
        int length; /* -1: not said */
    } is[] = {
        { 200, "GET", "content-length: 5", "content-length: 5", false, 5 },
        { 200, "GET", "set-cookie: a|set-cookie: b",
          "set-cookie: a|set-cookie: b", false, -1 },
        { 200, "HEAD", "content-length: 5", "content-length: 5", true, -1 },
        { 204, "GET", "", "", true, -1 },
        { 304, "GET", "content-length: 5", "content-length: 5", true, -1 },
        { 599, "", "via: 1", "via: 1", false, -1 },
        { 200, "GET", "httpa-trust: sealed|attest-expires: @1", "", false,
          -1 },
        { 199, "GET", "", NULL, false, -1 },
        { 101, "GET", "", NULL, false, -1 },
        { 600, "GET", "", NULL, false, -1 },
        { 0, "GET", "", NULL, false, -1 },
        { 200, "GET", "transfer-encoding: chunked", NULL, false, -1 },
        { 200, "GET", "connection: close", NULL, false, -1 },
        { 200, "GET", "location: /a|location: /a", NULL, false, -1 },
        { 200, "GET", "retry-after: 1|retry-after: 1", NULL, false, -1 },
        { 304, "GET", "content-length: x", NULL, false, -1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(is); i++) {
        char lines[256];
        char left[256];
        struct httpa_head head;
        struct httpa_head_verdict v;
        httpa_head_init(&head, room, HTTPA_FIELDS_MAX);
        head.status = is[i].status;
        snprintf(lines, sizeof(lines), "%s", is[i].fields);
        add_lines(&head.fields, lines);
        enum httpa_err err = httpa_head_rules_response(
            &head, httpa_slice_str(is[i].method), &v);
        assert_err(is[i].left != NULL ? HTTPA_OK : HTTPA_ERR_HEAD, err);
        if (err == HTTPA_OK) {
            join_lines(&head.fields, left, sizeof(left));
            assert_string_equal(left, is[i].left);
            assert_int_equal(v.content.none, is[i].none);
            assert_int_equal(v.content.has_length, is[i].length >= 0);
            assert_true(is[i].length < 0 ||
                        v.content.length == (uint64_t)is[i].length);
        } else {
            assert_non_null(v.rule);
        }
    }
}

static void trailers(void **state)
{
    static const struct {
        const char *fields;
        bool fine;
    } is[] = {
        { "x-checksum: 1|grpc-status: 0", true },
        { "", true },
        { "content-length: 1", false },
        { "content-anything: 1", false },
        { "host: a", false },
        { "authorization: a", false },
        { "cookie: a", false },
        { "set-cookie: a", false },
        { "cache-control: a", false },
        { "te: trailers", false },
        { "trailer: a", false },
        { "range: a", false },
        { "attest-binder: a", false },
        { "transfer-encoding: chunked", false },
        { "connection: close", false },
        { "X: 1", false },
        { "x: 1\r\ny: 1", false },
    };
    struct httpa_fields many = { .v = room, .cap = HTTPA_FIELDS_MAX };
    const char *rule = NULL;
    (void)state;
    for (size_t i = 0; i < COUNT(is); i++) {
        char lines[256];
        struct httpa_fields f = { .v = room, .cap = HTTPA_FIELDS_MAX };
        snprintf(lines, sizeof(lines), "%s", is[i].fields);
        add_lines(&f, lines);
        rule = NULL;
        assert_err(is[i].fine ? HTTPA_OK : HTTPA_ERR_HEAD,
                   httpa_head_rules_trailers(&f, &rule));
        assert_int_equal(rule == NULL, is[i].fine);
    }
    for (size_t i = 0; i < HTTPA_LIMIT_TRAILERS + 1; i++) {
        many.v[many.n++] = (struct httpa_field){ httpa_slice_str("x"),
                                                 httpa_slice_str("1") };
    }
    assert_err(HTTPA_ERR_HEAD, httpa_head_rules_trailers(&many, &rule));
    many.n--;
    assert_ok(httpa_head_rules_trailers(&many, &rule));
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_buf b = httpa_buf_fixed(cookies, sizeof(cookies));
    struct httpa_head head;
    struct httpa_head_verdict v;
    (void)arg;
    httpa_head_init(&head, room, HTTPA_FIELDS_MAX);
    if (httpa_bhttp_head_read(in, &head) == HTTPA_OK &&
        httpa_head_rules_request(&head, httpa_slice_str(TARGET), &b, &v) ==
            HTTPA_OK) {
        assert_null(httpa_fields_find(&head.fields, "host"));
        assert_null(httpa_fields_find(&head.fields, "transfer-encoding"));
        assert_true(httpa_fields_count(&head.fields, "cookie") <= 1);
    }
}

static void mutants_do_no_harm(void **state)
{
    struct row row = { "POST", HOST, "/v1?a=%41", "", "", HTTPA_OK, "" };
    char lines[] = "cookie: a|te: trailers|cookie: b|content-length: 5|"
                   "x-forwarded-for: 1|attest-clear: te";
    uint8_t bytes[512];
    struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_head head;
    (void)state;
    httpa_head_init(&head, room, HTTPA_FIELDS_MAX);
    head.is_request = true;
    head.method = httpa_slice_str(row.method);
    head.scheme = httpa_slice_str(row.scheme);
    head.authority = httpa_slice_str(row.authority);
    head.path = httpa_slice_str(row.path);
    add_lines(&head.fields, lines);
    assert_ok(httpa_bhttp_head_write(&head, &b));
    mutate(httpa_buf_slice(&b), read_mutant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests),          cmocka_unit_test(responses),
        cmocka_unit_test(limits_of_requests), cmocka_unit_test(trailers),
        cmocka_unit_test(mutants_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
