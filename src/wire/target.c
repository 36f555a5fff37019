#include "wire/target.h"

#include "base/ascii.h"
#include "base/writer.h"
#include "wire/ip6.h"

#define LABEL_MAX 63u /* RFC 1035 2.3.4 */
#define HOST_MAX 253u

static const struct {
    const char *name;
    uint16_t port;
} schemes[] = { { "https", 443 }, { "http", 80 } };

#define SCHEME_COUNT (sizeof(schemes) / sizeof(schemes[0]))

/* The parts of an absolute URI, borrowed. */
struct parts {
    size_t scheme;           /* in schemes */
    struct httpa_slice host; /* without brackets */
    struct httpa_slice port; /* digits; empty: none */
    bool bracketed;
};

static size_t find(struct httpa_slice s, const char *any)
{
    for (size_t i = 0; i < s.n; i++) {
        for (const char *c = any; *c != '\0'; c++) {
            if (s.p[i] == (uint8_t)*c) {
                return i;
            }
        }
    }
    return s.n;
}

static bool take_scheme(struct httpa_slice *s, size_t *ret_scheme)
{
    size_t n = find(*s, ":");
    struct httpa_slice name = httpa_slice_of(s->p, n);
    *s = httpa_slice_from(*s, n);
    for (size_t i = 0; i < SCHEME_COUNT; i++) {
        if (httpa_slice_is_nocase(name, schemes[i].name) &&
            httpa_slice_starts(*s, "://")) {
            *s = httpa_slice_from(*s, 3);
            *ret_scheme = i;
            return true;
        }
    }
    return false;
}

/* host [":" port]; host may be in brackets. */
static bool split_authority(struct httpa_slice s, struct parts *ret)
{
    ret->bracketed = s.n > 0 && s.p[0] == '[';
    if (ret->bracketed) {
        s = httpa_slice_from(s, 1);
        size_t n = find(s, "]");
        if (n == s.n) {
            return false;
        }
        ret->host = httpa_slice_of(s.p, n);
        s = httpa_slice_from(s, n + 1);
    } else {
        ret->host = httpa_slice_of(s.p, find(s, ":"));
        s = httpa_slice_from(s, ret->host.n);
    }
    ret->port = httpa_slice_from(s, 1);
    return s.n == 0 || s.p[0] == ':';
}

static bool is_digits(struct httpa_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!httpa_ascii_is_digit(s.p[i])) {
            return false;
        }
    }
    return s.n > 0;
}

static bool is_label(struct httpa_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool edge = i == 0 || i == s.n - 1;
        bool inner = s.p[i] == '-' && !edge;
        if (!httpa_ascii_is_alpha(s.p[i]) && !httpa_ascii_is_digit(s.p[i]) &&
            s.p[i] != '_' && !inner) {
            return false;
        }
    }
    return s.n >= 1 && s.n <= LABEL_MAX;
}

/* A DNS name without a final dot, or a dotted quad: a name that ends in a
 * number would be an address in a form that only some resolvers read. */
static bool is_host(struct httpa_slice host)
{
    struct httpa_slice rest = host;
    struct httpa_slice label;
    for (;;) {
        label = httpa_slice_of(rest.p, find(rest, "."));
        if (!is_label(label)) {
            return false;
        }
        if (label.n == rest.n) {
            break;
        }
        rest = httpa_slice_from(rest, label.n + 1);
    }
    return host.n <= HOST_MAX && (!is_digits(label) || httpa_ip4_valid(host));
}

static bool read_port(struct httpa_slice s, uint16_t by_default,
                      uint16_t *ret_port)
{
    unsigned port = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!httpa_ascii_is_digit(s.p[i]) || port > UINT16_MAX) {
            return false;
        }
        port = port * 10 + (unsigned)(s.p[i] - '0');
    }
    *ret_port = s.n > 0 ? (uint16_t)port : by_default;
    return s.n == 0 || (port > 0 && port <= UINT16_MAX);
}

static enum httpa_err write_host(const struct parts *u, struct httpa_buf *out)
{
    if (u->bracketed) {
        httpa_buf_put_byte(out, '[');
        enum httpa_err err = httpa_ip6_normalise(u->host, out);
        httpa_buf_put_byte(out, ']');
        return err;
    }
    if (!is_host(u->host)) {
        return HTTPA_ERR_MALFORMED;
    }
    for (size_t i = 0; i < u->host.n; i++) {
        httpa_buf_put_byte(out, httpa_ascii_lower(u->host.p[i]));
    }
    return HTTPA_OK;
}

static enum httpa_err write_origin(const struct parts *u,
                                   struct httpa_buf *out)
{
    uint16_t port;
    size_t start = out->n;
    if (!read_port(u->port, schemes[u->scheme].port, &port)) {
        return HTTPA_ERR_MALFORMED;
    }
    httpa_buf_put_str(out, schemes[u->scheme].name);
    httpa_buf_put_str(out, "://");
    enum httpa_err err = write_host(u, out);
    if (port != schemes[u->scheme].port) {
        httpa_buf_put_byte(out, ':');
        httpa_write_decimal(out, port);
    }
    if (err == HTTPA_OK && !out->failed &&
        out->n - start > HTTPA_LIMIT_TARGET) {
        err = HTTPA_ERR_RANGE;
    }
    return err != HTTPA_OK ? err : httpa_buf_check(out);
}

static bool split(struct httpa_slice uri, bool origin_only, struct parts *ret)
{
    if (!take_scheme(&uri, &ret->scheme)) {
        return false;
    }
    size_t n = find(uri, "/?#");
    if (origin_only && n != uri.n) {
        return false;
    }
    return split_authority(httpa_slice_of(uri.p, n), ret);
}

enum httpa_err httpa_target_of_uri(struct httpa_slice uri,
                                   struct httpa_buf *ret_out)
{
    struct parts u;
    size_t start = ret_out->n;
    if (!split(uri, false, &u)) {
        return HTTPA_ERR_MALFORMED;
    }
    enum httpa_err err = write_origin(&u, ret_out);
    if (err != HTTPA_OK) {
        httpa_buf_cut(ret_out, start);
    }
    return err;
}

enum httpa_err httpa_target_read(struct httpa_slice text,
                                 struct httpa_target *ret_t)
{
    uint8_t bytes[HTTPA_LIMIT_TARGET];
    struct httpa_buf same = httpa_buf_fixed(bytes, sizeof(bytes));
    struct parts u;
    if (text.n > HTTPA_LIMIT_TARGET) {
        return HTTPA_ERR_RANGE;
    }
    /* Canonical is what normalising leaves as it is. */
    if (!split(text, true, &u) || write_origin(&u, &same) != HTTPA_OK ||
        !httpa_slice_equal(text, httpa_buf_slice(&same))) {
        return HTTPA_ERR_MALFORMED;
    }
    struct httpa_target t = { .host = u.host };
    if (!read_port(u.port, schemes[u.scheme].port, &t.port)) {
        return HTTPA_ERR_MALFORMED;
    }
    t.scheme = httpa_slice_of(text.p, find(text, ":"));
    t.authority = httpa_slice_from(text, t.scheme.n + 3);
    *ret_t = t;
    return HTTPA_OK;
}

bool httpa_target_is(struct httpa_slice target, struct httpa_slice scheme,
                     struct httpa_slice authority)
{
    size_t n = scheme.n;
    return target.n == n + 3 + authority.n &&
           httpa_slice_equal(httpa_slice_of(target.p, n), scheme) &&
           httpa_slice_starts(httpa_slice_from(target, n), "://") &&
           httpa_slice_equal(httpa_slice_from(target, n + 3), authority);
}
