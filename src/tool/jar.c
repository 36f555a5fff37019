#include "tool/jar.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/time.h"

/* What stands before |c|; |rest| goes on behind it. */
static struct httpa_slice split(struct httpa_slice *rest, char c)
{
    const uint8_t *at = rest->n > 0 ? memchr(rest->p, c, rest->n) : NULL;
    struct httpa_slice head = *rest;
    if (at == NULL) {
        *rest = httpa_slice_from(*rest, rest->n);
        return httpa_ascii_trim(head);
    }
    head.n = (size_t)(at - rest->p);
    *rest = httpa_slice_from(*rest, head.n + 1);
    return httpa_ascii_trim(head);
}

/* RFC 6265 5.1.4 */
static bool path_fits(const struct httpa_jar *jar, struct httpa_slice path)
{
    size_t n = strlen(jar->path);
    if (path.n == 0 || path.p[0] != '/') {
        return true; /* the default path: our own folder */
    }
    return path.n <= n && memcmp(jar->path, path.p, path.n) == 0 &&
           (path.p[path.n - 1] == '/' || path.n == n ||
            jar->path[path.n] == '/');
}

struct attributes {
    bool refused;
    bool ended;
};

static struct attributes read_attributes(const struct httpa_jar *jar,
                                         struct httpa_slice rest, int64_t now_s)
{
    struct attributes a = { false, false };
    while (rest.n > 0) {
        struct httpa_slice value = split(&rest, ';');
        struct httpa_slice name = split(&value, '=');
        int64_t end_s = 0;
        value = httpa_ascii_trim(value);
        if (httpa_slice_is_nocase(name, "path")) {
            a.refused = a.refused || !path_fits(jar, value);
        } else if (httpa_slice_is_nocase(name, "secure")) {
            a.refused = a.refused || !jar->is_https;
        } else if (httpa_slice_is_nocase(name, "max-age")) {
            a.ended = value.n > 0 && (value.p[0] == '-' || value.p[0] == '0');
        } else if (httpa_slice_is_nocase(name, "expires") &&
                   httpa_time_read_imf(value, &end_s) == HTTPA_OK) {
            a.ended = a.ended || end_s <= now_s;
        }
    }
    return a;
}

static size_t bytes_but(const struct httpa_jar *jar, size_t except)
{
    size_t n = 0;
    for (size_t i = 0; i < HTTPA_JAR_COOKIES; i++) {
        n += i != except ? jar->v[i].len : 0;
    }
    return n;
}

/* The place of the cookie |name|, else a free one, else the end. */
static size_t find(const struct httpa_jar *jar, struct httpa_slice name)
{
    size_t room = HTTPA_JAR_COOKIES;
    for (size_t i = 0; i < HTTPA_JAR_COOKIES; i++) {
        const struct httpa_jar_cookie *c = &jar->v[i];
        if (c->len == 0) {
            room = room < i ? room : i;
        } else if (httpa_slice_equal(httpa_slice_of(c->text, c->name_len),
                                     name)) {
            return i;
        }
    }
    return room;
}

/* A header of ours is made of it: no controls. */
static bool is_plain(struct httpa_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < 0x20 || s.p[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

static void
keep_one(struct httpa_jar *jar, struct httpa_slice text, int64_t now_s)
{
    struct httpa_slice pair = split(&text, ';');
    struct attributes a = read_attributes(jar, text, now_s);
    struct httpa_slice value = pair;
    struct httpa_slice name = split(&value, '=');
    size_t at = find(jar, name);
    if (a.refused || at == HTTPA_JAR_COOKIES || name.n == 0 ||
        !is_plain(pair) || pair.n == name.n ||
        pair.n > HTTPA_JAR_COOKIE_BYTES ||
        bytes_but(jar, at) + pair.n > HTTPA_JAR_BYTES) {
        return;
    }
    jar->v[at].len = a.ended ? 0 : pair.n;
    jar->v[at].name_len = name.n;
    memcpy(jar->v[at].text, pair.p, pair.n);
}

void httpa_jar_keep(struct httpa_jar *jar, const struct httpa_fields *fields,
                    int64_t now_s)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (httpa_slice_is_nocase(fields->v[i].name, "set-cookie")) {
            keep_one(jar, fields->v[i].value, now_s);
        }
    }
}

void httpa_jar_put(const struct httpa_jar *jar, struct httpa_buf *out)
{
    size_t start = out->n;
    for (size_t i = 0; i < HTTPA_JAR_COOKIES; i++) {
        if (jar->v[i].len > 0) {
            httpa_buf_put_str(out, out->n > start ? "; " : "");
            httpa_buf_put(out, jar->v[i].text, jar->v[i].len);
        }
    }
}
