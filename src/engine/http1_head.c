#include "engine/http1_head.h"

#include <string.h>

#include "base/ascii.h"
#include "engine/http1_parse.h"

/* 2^53: every length survives every language on the way. */
#define LENGTH_MAX (UINT64_C(1) << 53)

typedef enum httpa_http1_fault (*take_fn)(struct httpa_http1_parse *p,
                                          struct httpa_slice name,
                                          struct httpa_slice value);

/* ---- fields with a meaning for this connection ---- */

static void once(struct httpa_http1_single *s, struct httpa_slice value)
{
    s->value = value;
    s->count++;
}

static enum httpa_http1_fault take_host(struct httpa_http1_parse *p,
                                        struct httpa_slice name,
                                        struct httpa_slice value)
{
    (void)name;
    once(&p->host, value);
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault take_length(struct httpa_http1_parse *p,
                                          struct httpa_slice name,
                                          struct httpa_slice value)
{
    (void)name;
    once(&p->length, value);
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault take_coding(struct httpa_http1_parse *p,
                                          struct httpa_slice name,
                                          struct httpa_slice value)
{
    (void)name;
    once(&p->coding, value);
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault take_expect(struct httpa_http1_parse *p,
                                          struct httpa_slice name,
                                          struct httpa_slice value)
{
    (void)name;
    if (!httpa_slice_is_nocase(value, "100-continue")) {
        return HTTPA_HTTP1_EXPECT;
    }
    p->r->expect_continue = true;
    return HTTPA_HTTP1_FINE;
}

/* RFC 9110 7.6.1: one option of Connection. */
static enum httpa_http1_fault
take_option(struct httpa_http1_parse *p, struct httpa_slice option)
{
    if (httpa_slice_is_nocase(option, "close")) {
        p->close = true;
    } else if (httpa_slice_is_nocase(option, "keep-alive")) {
        p->keep = true;
    } else if (!httpa_ascii_is_token(option) ||
               p->named_count == HTTPA_HTTP1_NAMED_MAX) {
        return HTTPA_HTTP1_CONNECTION;
    } else {
        p->named[p->named_count++] = option;
    }
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault take_connection(struct httpa_http1_parse *p,
                                              struct httpa_slice name,
                                              struct httpa_slice value)
{
    enum httpa_http1_fault fault = HTTPA_HTTP1_FINE;
    (void)name;
    while (value.n > 0 && fault == HTTPA_HTTP1_FINE) {
        size_t n = httpa_http1_find(value, ',');
        struct httpa_slice option =
            httpa_ascii_trim(httpa_slice_of(value.p, n));
        value = httpa_slice_from(value, n + 1);
        if (option.n > 0) { /* RFC 9110 5.6.1.2: empty elements */
            fault = take_option(p, option);
        }
    }
    return fault;
}

static enum httpa_http1_fault leave_out(struct httpa_http1_parse *p,
                                        struct httpa_slice name,
                                        struct httpa_slice value)
{
    (void)p;
    (void)name;
    (void)value;
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault keep(struct httpa_http1_parse *p,
                                   struct httpa_slice name,
                                   struct httpa_slice value)
{
    return httpa_fields_add(&p->r->head.fields, name, value) == HTTPA_OK
               ? HTTPA_HTTP1_FINE
               : HTTPA_HTTP1_FIELD_COUNT;
}

static const struct {
    const char *name;
    size_t n;
    bool in_responses;
    take_fn take;
} specials[] = {
#define ROW(name, in_responses, take)                                          \
    {                                                                          \
        name, sizeof(name) - 1, in_responses, take                             \
    }
    ROW("host", false, take_host),
    ROW("connection", true, take_connection),
    ROW("content-length", true, take_length),
    ROW("transfer-encoding", true, take_coding),
    ROW("expect", false, take_expect),
    ROW("te", true, leave_out),
    ROW("upgrade", true, leave_out),
    ROW("keep-alive", true, leave_out),
    ROW("proxy-connection", true, leave_out),
    ROW("http2-settings", true, leave_out),
#undef ROW
};

static enum httpa_http1_fault take_field(struct httpa_http1_parse *p,
                                         struct httpa_slice name,
                                         struct httpa_slice value)
{
    bool request = p->r->head.is_request;
    for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
        if (specials[i].n == name.n && (request || specials[i].in_responses) &&
            memcmp(specials[i].name, name.p, name.n) == 0) {
            return specials[i].take(p, name, value);
        }
    }
    return keep(p, name, value);
}

/* ---- lines ---- */

/* The next line without its CRLF; the section is known to consist of such
 * lines and an empty one. */
static struct httpa_slice next_line(struct httpa_slice *section)
{
    size_t n = httpa_http1_find(*section, '\n') + 1;
    struct httpa_slice line = httpa_slice_of(section->p, n < 2 ? 0 : n - 2);
    *section = httpa_slice_from(*section, n);
    return line;
}

/* Lower-cases in place; how many bytes from the front are a name. */
static size_t lower_name(uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && httpa_ascii_is_tchar(p[i])) {
        p[i] = httpa_ascii_lower(p[i]);
        i++;
    }
    return i;
}

static enum httpa_http1_fault
field_line(struct httpa_http1_parse *p, uint8_t *line, size_t n, take_fn take)
{
    if (line[0] == ' ' || line[0] == '\t') {
        return HTTPA_HTTP1_OBS_FOLD;
    }
    size_t colon = lower_name(line, n);
    if (colon == 0 || colon == n || line[colon] != ':' ||
        colon > HTTPA_HTTP1_NAME_MAX) {
        return HTTPA_HTTP1_FIELD_NAME;
    }
    struct httpa_slice value =
        httpa_ascii_trim(httpa_slice_of(line + colon + 1, n - colon - 1));
    if (httpa_http1_has_control(value)) {
        return HTTPA_HTTP1_CONTROL;
    }
    return take(p, httpa_slice_of(line, colon), value);
}

/* All field lines of |section|, which points into the reader's own. */
static enum httpa_http1_fault field_lines(struct httpa_http1_parse *p,
                                          struct httpa_slice section,
                                          take_fn take)
{
    enum httpa_http1_fault fault = HTTPA_HTTP1_FINE;
    while (fault == HTTPA_HTTP1_FINE) {
        size_t at = p->r->section.n - section.n;
        struct httpa_slice line = next_line(&section);
        if (line.n == 0) {
            break;
        }
        fault = field_line(p, p->r->section.p + at, line.n, take);
    }
    return fault;
}

/* ---- what the fields mean together ---- */

static enum httpa_http1_fault length(struct httpa_slice s, uint64_t *ret_len)
{
    uint64_t len = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!httpa_ascii_is_digit(s.p[i])) {
            return HTTPA_HTTP1_LENGTH;
        }
        len = len > LENGTH_MAX ? len : len * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret_len = len;
    if (s.n == 0) {
        return HTTPA_HTTP1_LENGTH;
    }
    return len > LENGTH_MAX ? HTTPA_HTTP1_LENGTH_SIZE : HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault coding(const struct httpa_http1_parse *p)
{
    if (p->r->version == 10) {
        return HTTPA_HTTP1_CODING_IN_10;
    }
    if (p->length.count > 0) {
        return HTTPA_HTTP1_CODING_WITH_LENGTH;
    }
    if (p->coding.count > 1) {
        return HTTPA_HTTP1_CODING_REPEATED;
    }
    return httpa_slice_is_nocase(p->coding.value, "chunked")
               ? HTTPA_HTTP1_FINE
               : HTTPA_HTTP1_CODING;
}

/* RFC 9112 6.3, with every "may" of it refused. */
static enum httpa_http1_fault framing(struct httpa_http1_parse *p)
{
    struct httpa_content *content = &p->r->content;
    if (p->coding.count > 0) {
        *content = httpa_content_open();
        return coding(p);
    }
    if (p->length.count > 1) {
        return HTTPA_HTTP1_LENGTH_REPEATED;
    }
    if (p->length.count == 1) {
        *content = httpa_content_sized(0);
        return length(p->length.value, &content->len);
    }
    *content = httpa_content_none();
    return HTTPA_HTTP1_FINE;
}

/* What status makes of it: RFC 9112 6.3, points 1 and 8. */
static enum httpa_http1_fault response_framing(struct httpa_http1_parse *p)
{
    struct httpa_http1_reader *r = p->r;
    if (r->head.status == 101) {
        return HTTPA_HTTP1_SWITCHED;
    }
    if (r->head.status < 200 || r->head.status == 204) {
        bool some = r->content.kind == HTTPA_CONTENT_OPEN || r->content.len > 0;
        r->content = httpa_content_none();
        return some ? HTTPA_HTTP1_NO_CONTENT : HTTPA_HTTP1_FINE;
    }
    bool bare = r->to_head || r->head.status == 304;
    if (r->content.kind == HTTPA_CONTENT_NONE && !bare) {
        r->content = httpa_content_open();
        r->state = HTTPA_HTTP1_AT_CLOSE;
        p->close = true;
    }
    return HTTPA_HTTP1_FINE;
}

static bool is_named(const struct httpa_http1_parse *p, struct httpa_slice name)
{
    for (size_t i = 0; i < p->named_count; i++) {
        if (httpa_slice_equal_nocase(p->named[i], name)) {
            return true;
        }
    }
    return false;
}

/* RFC 9110 7.6.1: what Connection names is not for the next hop. */
static void drop_named(struct httpa_http1_parse *p)
{
    struct httpa_fields *fields = &p->r->head.fields;
    size_t to = 0;
    for (size_t i = 0; i < fields->n; i++) {
        if (!is_named(p, fields->v[i].name)) {
            fields->v[to++] = fields->v[i];
        }
    }
    fields->n = to;
}

static enum httpa_http1_fault conclude(struct httpa_http1_parse *p)
{
    struct httpa_http1_reader *r = p->r;
    enum httpa_http1_fault fault =
        r->head.is_request ? httpa_http1_authority(p) : HTTPA_HTTP1_FINE;
    if (fault == HTTPA_HTTP1_FINE) {
        fault = framing(p);
    }
    if (fault == HTTPA_HTTP1_FINE && !r->head.is_request) {
        fault = response_framing(p);
    }
    if (p->named_count > 0) {
        drop_named(p);
    }
    r->keep_alive = !p->close && (r->version == 11 || p->keep);
    return fault;
}

enum httpa_http1_fault httpa_http1_head_parse(struct httpa_http1_reader *r)
{
    struct httpa_http1_parse p = { .r = r };
    struct httpa_slice section = httpa_buf_slice(&r->section);
    struct httpa_slice line = next_line(&section);
    httpa_head_init(&r->head, r->room, HTTPA_FIELDS_MAX);
    r->head.is_request = r->role == HTTPA_HTTP1_REQUESTS;
    r->expect_continue = false;
    enum httpa_http1_fault fault = r->head.is_request
                                       ? httpa_http1_request_line(&p, line)
                                       : httpa_http1_status_line(&p, line);
    if (fault == HTTPA_HTTP1_FINE) {
        fault = field_lines(&p, section, take_field);
    }
    return fault == HTTPA_HTTP1_FINE ? conclude(&p) : fault;
}

/* ---- trailers ---- */

/* RFC 9110 6.5.1.  What frames or routes, and so has been decided already,
 * is an attack; what would change a message already acted on is left out. */
static const struct {
    const char *name; /* a prefix when it ends in '-' */
    bool refused;
} trailer_rows[] = {
    { "content-length", true },
    { "transfer-encoding", true },
    { "host", true },
    { "connection", true },
    { "upgrade", true },
    { "expect", true },
    { "te", false },
    { "trailer", false },
    { "keep-alive", false },
    { "content-", false },
    { "attest-", false },
    { "proxy-", false },
    { "if-", false },
    { "authorization", false },
    { "cookie", false },
    { "set-cookie", false },
    { "cache-control", false },
    { "range", false },
    { "max-forwards", false },
    { "www-authenticate", false },
    { "location", false },
    { "vary", false },
};

static bool row_fits(const char *row, struct httpa_slice name)
{
    return row[strlen(row) - 1] == '-' ? httpa_slice_starts(name, row)
                                       : httpa_slice_is(name, row);
}

static enum httpa_http1_fault take_trailer(struct httpa_http1_parse *p,
                                           struct httpa_slice name,
                                           struct httpa_slice value)
{
    for (size_t i = 0; i < sizeof(trailer_rows) / sizeof(trailer_rows[0]);
         i++) {
        if (row_fits(trailer_rows[i].name, name)) {
            return trailer_rows[i].refused ? HTTPA_HTTP1_TRAILER_NAME
                                           : HTTPA_HTTP1_FINE;
        }
    }
    return httpa_fields_add(&p->r->trailers, name, value) == HTTPA_OK
               ? HTTPA_HTTP1_FINE
               : HTTPA_HTTP1_TRAILER_COUNT;
}

enum httpa_http1_fault httpa_http1_trailers_parse(struct httpa_http1_reader *r)
{
    struct httpa_http1_parse p = { .r = r };
    r->trailers = (struct httpa_fields){
        .v = r->room,
        .cap = HTTPA_HTTP1_TRAILER_FIELDS_MAX,
    };
    return field_lines(&p, httpa_buf_slice(&r->section), take_trailer);
}
