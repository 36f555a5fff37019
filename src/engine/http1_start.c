#include "engine/http1_parse.h"

#include <string.h>

#include "base/ascii.h"

size_t httpa_http1_find(struct httpa_slice s, uint8_t c)
{
    const uint8_t *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;
    return at != NULL ? (size_t)(at - s.p) : s.n;
}

bool httpa_http1_has_control(struct httpa_slice s)
{
    return (httpa_ascii_seen(s) & HTTPA_ASCII_CONTROL) != 0;
}

/* RFC 9112 2.3: "HTTP/" DIGIT "." DIGIT; |malformed| for anything else. */
static enum httpa_http1_fault version(struct httpa_http1_parse *p,
                                      struct httpa_slice s,
                                      enum httpa_http1_fault malformed)
{
    if (s.n != 8 || !httpa_slice_starts(s, "HTTP/") || s.p[6] != '.' ||
        !httpa_ascii_is_digit(s.p[5]) || !httpa_ascii_is_digit(s.p[7])) {
        return malformed;
    }
    if (s.p[5] != '1' || s.p[7] > '1') {
        return HTTPA_HTTP1_VERSION;
    }
    p->r->version = 10u + (unsigned)(s.p[7] - '0');
    return HTTPA_HTTP1_FINE;
}

/* Visible ASCII without what RFC 3986 forbids and nobody sends bare; each
 * percent sign with its two digits. */
static bool is_target(struct httpa_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c <= 0x20 || c >= 0x7f || strchr("#\"<>\\`", c) != NULL) {
            return false;
        }
        if (c == '%' && (s.n - i < 3 || !httpa_ascii_is_hex(s.p[i + 1]) ||
                         !httpa_ascii_is_hex(s.p[i + 2]))) {
            return false;
        }
    }
    return true;
}

/* RFC 9112 3.2.2 */
static enum httpa_http1_fault
absolute_form(struct httpa_http1_parse *p, struct httpa_slice target)
{
    struct httpa_head *head = &p->r->head;
    static const char *const schemes[] = { "http", "https" };
    size_t n = httpa_http1_find(target, ':');
    for (size_t i = 0; i < 2; i++) {
        if (httpa_slice_is_nocase(httpa_slice_of(target.p, n), schemes[i])) {
            head->scheme = httpa_slice_str(schemes[i]);
        }
    }
    target = httpa_slice_from(target, n);
    if (head->scheme.n == 0 || !httpa_slice_starts(target, "://")) {
        return HTTPA_HTTP1_TARGET;
    }
    target = httpa_slice_from(target, 3);
    n = httpa_http1_find(target, '/');
    p->target_authority = httpa_slice_of(target.p, n);
    head->path = httpa_slice_from(target, n);
    if (head->path.n == 0) { /* RFC 9112 3.2.4 for OPTIONS */
        bool options = httpa_slice_is(head->method, "OPTIONS");
        head->path = httpa_slice_str(options ? "*" : "/");
    }
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault
target(struct httpa_http1_parse *p, struct httpa_slice s)
{
    struct httpa_head *head = &p->r->head;
    if (!is_target(s)) {
        return HTTPA_HTTP1_TARGET;
    }
    if (s.p[0] != '/' && !httpa_slice_is(s, "*")) {
        return absolute_form(p, s);
    }
    head->path = s;
    return s.p[0] == '/' || httpa_slice_is(head->method, "OPTIONS")
               ? HTTPA_HTTP1_FINE
               : HTTPA_HTTP1_TARGET;
}

/* The bytes up to the next SP, which is taken too; empty without one. */
static struct httpa_slice word(struct httpa_slice *line)
{
    size_t n = httpa_http1_find(*line, ' ');
    struct httpa_slice w = httpa_slice_of(line->p, n < line->n ? n : 0);
    *line = httpa_slice_from(*line, w.n + 1);
    return w;
}

/* RFC 9112 3 */
enum httpa_http1_fault
httpa_http1_request_line(struct httpa_http1_parse *p, struct httpa_slice line)
{
    struct httpa_head *head = &p->r->head;
    head->method = word(&line);
    struct httpa_slice form = word(&line);
    if (head->method.n == 0 || form.n == 0) {
        return HTTPA_HTTP1_REQUEST_LINE;
    }
    if (!httpa_ascii_is_token(head->method)) {
        return HTTPA_HTTP1_METHOD;
    }
    if (head->method.n > HTTPA_HTTP1_METHOD_MAX) {
        return HTTPA_HTTP1_METHOD_SIZE;
    }
    enum httpa_http1_fault fault = version(p, line, HTTPA_HTTP1_REQUEST_LINE);
    if (fault != HTTPA_HTTP1_FINE) {
        return fault;
    }
    if (httpa_slice_is(head->method, "CONNECT")) {
        return HTTPA_HTTP1_CONNECT;
    }
    return target(p, form);
}

/* RFC 9112 4 */
enum httpa_http1_fault
httpa_http1_status_line(struct httpa_http1_parse *p, struct httpa_slice line)
{
    struct httpa_slice first = word(&line);
    struct httpa_slice code = word(&line);
    enum httpa_http1_fault fault = version(p, first, HTTPA_HTTP1_STATUS_LINE);
    if (fault != HTTPA_HTTP1_FINE) {
        return fault;
    }
    unsigned status = 0;
    for (size_t i = 0; i < code.n; i++) {
        if (code.n != 3 || !httpa_ascii_is_digit(code.p[i])) {
            return HTTPA_HTTP1_STATUS_LINE;
        }
        status = status * 10 + (unsigned)(code.p[i] - '0');
    }
    p->r->head.status = status;
    if (status < 100 || status > 599) {
        return HTTPA_HTTP1_STATUS_LINE;
    }
    return httpa_http1_has_control(line) ? HTTPA_HTTP1_CONTROL
                                         : HTTPA_HTTP1_FINE;
}

/* RFC 9110 4.2.1: host [":" port], the host a name, an IPv4 address or a
 * bracketed IPv6 one; no user information, no empty host. */
static bool is_authority(struct httpa_slice s)
{
    bool bracket = s.n > 0 && s.p[0] == '[';
    const char *more = bracket ? ":." : "-._~!$&'()*+,;=%";
    size_t i = bracket ? 1 : 0;
    while (i < s.n &&
           (httpa_ascii_is_alpha(s.p[i]) || httpa_ascii_is_digit(s.p[i]) ||
            (s.p[i] != 0 && strchr(more, s.p[i]) != NULL))) {
        i++;
    }
    size_t host = i;
    if (bracket && (host < 3 || host == s.n || s.p[i++] != ']')) {
        return false;
    }
    if (host == 0 || i == s.n) {
        return host > 0;
    }
    size_t digits = s.n - i - 1;
    unsigned port = 0;
    for (size_t k = i + 1; k < s.n && digits <= 5; k++) {
        if (!httpa_ascii_is_digit(s.p[k])) {
            return false;
        }
        port = port * 10 + (unsigned)(s.p[k] - '0');
    }
    return s.p[i] == ':' && digits > 0 && digits <= 5 && port <= 65535;
}

/* RFC 9112 3.2 and 3.2.2.  Where the two names of a request differ, a proxy
 * and its application may each believe another one: refused. */
enum httpa_http1_fault httpa_http1_authority(struct httpa_http1_parse *p)
{
    if (p->host.count > 1) {
        return HTTPA_HTTP1_HOST_REPEATED;
    }
    if (p->host.count == 0 && p->r->version == 11) {
        return HTTPA_HTTP1_HOST_MISSING;
    }
    struct httpa_slice named = p->target_authority;
    if ((p->host.count == 1 && !is_authority(p->host.value)) ||
        (p->r->head.scheme.n > 0 && !is_authority(named))) {
        return HTTPA_HTTP1_HOST;
    }
    if (p->host.count == 1 && p->r->head.scheme.n > 0 &&
        !httpa_slice_equal_nocase(p->host.value, named)) {
        return HTTPA_HTTP1_HOST_DIFFERS;
    }
    p->r->head.authority = p->host.count == 1 ? p->host.value : named;
    return HTTPA_HTTP1_FINE;
}
