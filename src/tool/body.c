#include "tool/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/writer.h"
#include "tool/file.h"
#include "tool/say.h"

/* What is built in memory; anything larger is -T's. */
#define BODY_MAX (64u * 1024u * 1024u)

static bool is(const struct httpa_options_part *p, const char *name)
{
    return strcmp(p->row->name, name) == 0;
}

/* "@FILE" without its line ends, as curl does. */
static bool put_text(struct httpa_buf *out, const char *value)
{
    if (value[0] != '@') {
        httpa_buf_put_str(out, value);
        return true;
    }
    struct httpa_buf file = httpa_buf_growing(BODY_MAX);
    bool ok = httpa_file_read(value + 1, &file);
    for (size_t i = 0; ok && i < file.n; i++) {
        if (file.p[i] != '\r' && file.p[i] != '\n' && file.p[i] != 0) {
            httpa_buf_put_byte(out, file.p[i]);
        }
    }
    httpa_buf_done(&file);
    return ok;
}

static bool put_binary(struct httpa_buf *out, const char *value)
{
    if (value[0] == '@') {
        return httpa_file_read(value + 1, out);
    }
    httpa_buf_put_str(out, value);
    return true;
}

static void put_encoded(struct httpa_buf *out, struct httpa_slice s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (httpa_ascii_is_alpha(c) || httpa_ascii_is_digit(c) || c == '-' ||
            c == '.' || c == '_' || c == '~') {
            httpa_buf_put_byte(out, c);
        } else {
            httpa_buf_put_byte(out, '%');
            httpa_buf_put_byte(out, (uint8_t)hex[c >> 4]);
            httpa_buf_put_byte(out, (uint8_t)hex[c & 15]);
        }
    }
}

/* "text", "=text", "name=text", "@file", "name@file" */
static bool put_urlencode(struct httpa_buf *out, const char *value)
{
    size_t n = strcspn(value, "=@");
    struct httpa_buf file = httpa_buf_growing(BODY_MAX);
    struct httpa_slice text = httpa_slice_str(value);
    bool ok = true;
    if (value[n] == '@') {
        ok = httpa_file_read(value + n + 1, &file);
        text = httpa_buf_slice(&file);
    } else if (value[n] == '=') {
        text = httpa_slice_str(value + n + 1);
    }
    if (value[n] != '\0' && n > 0) {
        httpa_buf_put(out, value, n);
        httpa_buf_put_byte(out, '=');
    }
    put_encoded(out, text);
    httpa_buf_done(&file);
    return ok;
}

static bool put_data(struct httpa_buf *out, const struct httpa_options_part *p)
{
    if (out->n > 0) {
        httpa_buf_put_byte(out, '&');
    }
    if (is(p, "data")) {
        return put_text(out, p->value);
    }
    if (is(p, "data-urlencode")) {
        return put_urlencode(out, p->value);
    }
    if (is(p, "data-binary")) {
        return put_binary(out, p->value);
    }
    httpa_buf_put_str(out, p->value);
    return true;
}

/* ------------------------------------------------------------ -F: RFC 7578 */

static void put_quoted(struct httpa_buf *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        switch (s[i]) {
        case '"':
            httpa_buf_put_str(out, "%22");
            break;
        case '\r':
        case '\n':
            break;
        default:
            httpa_buf_put_byte(out, (uint8_t)s[i]);
        }
    }
}

/* "name=text", "name=@file", "name=<file", both with ";type=T" */
static bool
put_field(struct httpa_buf *out, const char *value, const char *boundary)
{
    size_t n = strcspn(value, "=");
    if (value[n] == '\0' || n == 0) {
        httpa_say("-F %s: NAME=VALUE, NAME=@FILE or NAME=<FILE", value);
        return false;
    }
    const char *text = value + n + 1;
    bool is_file = text[0] == '@';
    bool reads = is_file || text[0] == '<';
    const char *type = reads ? strstr(text, ";type=") : NULL;
    size_t len = type != NULL ? (size_t)(type - text) : strlen(text);
    char path[4096];
    int k =
        snprintf(path, sizeof(path), "%.*s", (int)(len - reads), text + reads);
    httpa_buf_put_str(out, "--");
    httpa_buf_put_str(out, boundary);
    httpa_buf_put_str(out, "\r\nContent-Disposition: form-data; name=\"");
    put_quoted(out, value, n);
    if (is_file) {
        const char *slash = strrchr(path, '/');
        const char *name = slash != NULL ? slash + 1 : path;
        httpa_buf_put_str(out, "\"; filename=\"");
        put_quoted(out, name, strlen(name));
    }
    httpa_buf_put_str(out, "\"\r\n");
    if (is_file || type != NULL) {
        httpa_buf_put_str(out, "Content-Type: ");
        httpa_buf_put_str(out, type != NULL ? type + strlen(";type=")
                                            : "application/octet-stream");
        httpa_buf_put_str(out, "\r\n");
    }
    httpa_buf_put_str(out, "\r\n");
    bool ok = true;
    if (reads) {
        ok = k >= 0 && (size_t)k < sizeof(path) && httpa_file_read(path, out);
    } else {
        httpa_buf_put_str(out, text);
    }
    httpa_buf_put_str(out, "\r\n");
    return ok;
}

/* A boundary that no content guesses: from the system's generator. */
static bool make_boundary(char *room, size_t size)
{
    unsigned long long a;
    FILE *f = fopen("/dev/urandom", "rbe");
    bool ok = f != NULL && fread(&a, sizeof(a), 1, f) == 1;
    if (f != NULL) {
        (void)fclose(f);
    }
    if (ok) {
        (void)snprintf(room, size, "httpa-%016llx", a);
    }
    return ok;
}

static bool
make_form(struct httpa_body *body, const struct httpa_options_parts *parts)
{
    char boundary[32];
    bool ok = make_boundary(boundary, sizeof(boundary));
    for (size_t i = 0; ok && i < parts->n; i++) {
        if (!is(&parts->v[i], "form")) {
            httpa_say("-F and -d do not go together");
            return false;
        }
        ok = put_field(&body->bytes, parts->v[i].value, boundary);
    }
    httpa_buf_put_str(&body->bytes, "--");
    httpa_buf_put_str(&body->bytes, boundary);
    httpa_buf_put_str(&body->bytes, "--\r\n");
    (void)snprintf(body->type, sizeof(body->type),
                   "multipart/form-data; boundary=%s", boundary);
    return ok;
}

/* --------------------------------------------------------------- together */

/* One --data-binary @FILE streams from the file. */
static bool is_one_file(const struct httpa_options_parts *parts)
{
    return parts->n == 1 && is(&parts->v[0], "data-binary") &&
           parts->v[0].value[0] == '@' && strcmp(parts->v[0].value, "@-") != 0;
}

static bool
make_data(struct httpa_body *body, const struct httpa_options_parts *parts)
{
    (void)snprintf(body->type, sizeof(body->type),
                   "application/x-www-form-urlencoded");
    if (is_one_file(parts)) {
        return httpa_source_open(&body->source, parts->v[0].value + 1);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < parts->n; i++) {
        if (is(&parts->v[i], "form")) {
            httpa_say("-F and -d do not go together");
            return false;
        }
        ok = put_data(&body->bytes, &parts->v[i]);
    }
    return ok;
}

bool httpa_body_make(struct httpa_body *body,
                     const struct httpa_options_parts *parts,
                     const char *upload)
{
    body->bytes = httpa_buf_growing(BODY_MAX);
    httpa_source_memory(&body->source, httpa_slice_of(NULL, 0));
    body->type[0] = '\0';
    body->method = NULL;
    if (upload != NULL) {
        body->method = "PUT";
        if (parts->n > 0) {
            httpa_say("-T and -d or -F do not go together");
            return false;
        }
        return httpa_source_open(&body->source, upload);
    }
    if (parts->n == 0) {
        return true;
    }
    body->method = "POST";
    bool ok = is(&parts->v[0], "form") ? make_form(body, parts)
                                       : make_data(body, parts);
    if (ok && httpa_buf_check(&body->bytes) != HTTPA_OK) {
        httpa_say("too much for -d or -F: --data-binary @FILE or -T FILE "
                  "stream");
        ok = false;
    }
    if (ok && body->source.fd < 0) {
        httpa_source_memory(&body->source, httpa_buf_slice(&body->bytes));
    }
    return ok;
}

void httpa_body_done(struct httpa_body *body)
{
    httpa_source_close(&body->source);
    httpa_buf_done(&body->bytes);
}
