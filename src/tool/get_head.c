/* The inner head of a request. */
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/writer.h"
#include "codec/base64.h"
#include "tool/file.h"
#include "tool/get.h"
#include "tool/say.h"

/* All of a request's fields; doc/protocol.md 8.6 allows 65,000. */
#define ROOM 65536u

/* What is sent unless -H says something else. */
struct defaults {
    struct httpa_get_head *h;
    const struct httpa_get_settings *s;
};

static struct httpa_slice trim(struct httpa_slice s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = httpa_slice_from(s, 1);
    }
    while (s.n > 0 && strchr(" \t\r\n", s.p[s.n - 1]) != NULL) {
        s.n--;
    }
    return s;
}

/* Copied, so that lines of a file may go. */
static struct httpa_slice keep(struct httpa_get_head *h, struct httpa_slice s)
{
    size_t start = h->room.n;
    httpa_buf_put_slice(&h->room, s);
    return httpa_slice_of(h->room.p + start, h->room.n - start);
}

static bool
add(struct httpa_get_head *h, struct httpa_slice name, struct httpa_slice value)
{
    struct httpa_slice kept = keep(h, name);
    return httpa_fields_add(&h->head.fields, kept, keep(h, value)) ==
               HTTPA_OK &&
           httpa_buf_check(&h->room) == HTTPA_OK;
}

/* RFC 9110 5.5 */
static bool is_value(struct httpa_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

/* "Name: value", "Name;" for an empty one, "Name:" for none. */
static bool add_line(struct httpa_get_head *h, struct httpa_slice line)
{
    struct httpa_slice name = line;
    name.n = 0;
    while (name.n < line.n && line.p[name.n] != ':' && line.p[name.n] != ';') {
        name.n++;
    }
    bool is_empty = name.n + 1 == line.n && line.p[name.n] == ';';
    if (name.n == line.n || !httpa_ascii_is_token(name) ||
        (line.p[name.n] == ';' && !is_empty)) {
        httpa_say("-H: \"Name: value\" is expected");
        return false;
    }
    struct httpa_slice value = trim(httpa_slice_from(line, name.n + 1));
    if (!is_value(value)) {
        httpa_say("-H: control characters in a value");
        return false;
    }
    if (httpa_slice_is_nocase(name, "host") ||
        httpa_slice_is_nocase(name, "content-length")) {
        httpa_say("-H: Host and Content-Length are not yours to say: what was "
                  "verified, what is sent");
        return false;
    }
    return (value.n == 0 && !is_empty) || add(h, name, value);
}

static bool add_file(struct httpa_get_head *h, const char *path)
{
    struct httpa_buf text = httpa_buf_growing(ROOM);
    bool ok = httpa_file_read(path, &text);
    struct httpa_slice rest = httpa_buf_slice(&text);
    while (ok && rest.n > 0) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t n = end != NULL ? (size_t)(end - rest.p) + 1 : rest.n;
        struct httpa_slice line = trim(httpa_slice_of(rest.p, n));
        ok = line.n == 0 || add_line(h, line);
        rest = httpa_slice_from(rest, n);
    }
    httpa_buf_done(&text);
    return ok;
}

/* Whether some -H names |name|, be it to remove it. */
static bool is_named(const struct defaults *d, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < d->s->headers.n; i++) {
        const char *line = d->s->headers.v[i];
        if (strlen(line) > n && (line[n] == ':' || line[n] == ';') &&
            httpa_slice_is_nocase(httpa_slice_of(line, n), name)) {
            return true;
        }
    }
    return httpa_fields_find(&d->h->head.fields, name) != NULL;
}

static bool
add_default(const struct defaults *d, const char *name, const char *value)
{
    return value == NULL || value[0] == '\0' || is_named(d, name) ||
           add(d->h, httpa_slice_str(name), httpa_slice_str(value));
}

static bool add_user(const struct defaults *d)
{
    struct httpa_buf text = httpa_buf_growing(ROOM);
    if (d->s->user == NULL) {
        return true;
    }
    httpa_buf_put_str(&text, "Basic ");
    httpa_base64_write(&text, httpa_slice_str(d->s->user));
    httpa_buf_put_byte(&text, 0);
    bool ok = httpa_buf_check(&text) == HTTPA_OK &&
              add_default(d, "authorization", (const char *)text.p);
    httpa_buf_done(&text);
    return ok;
}

/* Where it is known applications are told: many do not take chunks. */
static bool add_length(const struct defaults *d, const struct httpa_body *body,
                       const char *method)
{
    uint8_t room[24];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    uint64_t n = body->source.length;
    bool expects = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
                   strcmp(method, "PATCH") == 0;
    if (n == HTTPA_LENGTH_UNKNOWN || (n == 0 && !expects)) {
        return true;
    }
    httpa_write_decimal(&text, n);
    return add(d->h, httpa_slice_str("content-length"), httpa_buf_slice(&text));
}

bool httpa_get_head_make(struct httpa_get_head *h,
                         const struct httpa_get_settings *s,
                         const struct httpa_body *body, const char *method,
                         const char *path, bool foreign)
{
    struct defaults d = { h, s };
    h->room = httpa_buf_growing(ROOM);
    httpa_head_init(&h->head, h->fields, HTTPA_FIELDS_MAX);
    h->head.is_request = true;
    h->head.method = httpa_slice_str(method);
    h->head.path = httpa_slice_str(path);
    /* all of it now: what points into it must not move */
    bool ok = httpa_buf_room(&h->room, ROOM) != NULL;
    for (size_t i = 0; ok && !foreign && i < s->headers.n; i++) {
        const char *line = s->headers.v[i];
        ok = line[0] == '@' ? add_file(h, line + 1)
                            : add_line(h, httpa_slice_str(line));
    }
    ok = ok &&
         add_default(&d, "user-agent",
                     s->agent != NULL ? s->agent : "httpa/" HTTPA_VERSION) &&
         add_default(&d, "accept", "*/*") &&
         add_default(&d, "content-type", body->type) &&
         add_length(&d, body, method) &&
         (foreign || (add_default(&d, "cookie", s->cookie) && add_user(&d)));
    if (!ok) {
        httpa_say("the head of the request cannot be made");
    }
    return ok;
}

void httpa_get_head_done(struct httpa_get_head *h)
{
    httpa_buf_done(&h->room);
}
