/* RFC 9651 4.1, one function per algorithm there. */
#include "codec/sfv.h"

#include "base/writer.h"
#include "codec/base64.h"
#include "codec/sfv_chars.h"
#include "codec/utf8.h"

typedef bool (*char_class)(uint8_t c);

static bool all(struct httpa_slice s, char_class is)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is(s.p[i])) {
            return false;
        }
    }
    return true;
}

/* Appends |s| if it is a non-empty name of these classes. */
static void put_name(struct httpa_buf *b, struct httpa_slice s,
                     char_class is_start, char_class is)
{
    if (s.n == 0 || !is_start(s.p[0]) || !all(s, is)) {
        b->failed = true;
        return;
    }
    httpa_buf_put_slice(b, s);
}

static void put_key(struct httpa_buf *b, struct httpa_slice key)
{
    put_name(b, key, httpa_sfv_is_key_start, httpa_sfv_is_key);
}

/* The sign of |v|; returns its magnitude, or fails the buffer. */
static uint64_t put_sign(struct httpa_buf *b, int64_t v)
{
    if (v > HTTPA_SFV_INTEGER_MAX || v < -HTTPA_SFV_INTEGER_MAX) {
        b->failed = true;
        return 0;
    }
    if (v < 0) {
        httpa_buf_put_byte(b, '-');
    }
    return (uint64_t)(v < 0 ? -v : v);
}

/* 4.1.4 */
static void put_integer(struct httpa_buf *b, int64_t v)
{
    httpa_write_decimal(b, put_sign(b, v));
}

/* 4.1.5: no zeros at the end, but one digit behind the dot */
static void put_decimal(struct httpa_buf *b, int64_t v)
{
    uint64_t n = put_sign(b, v);
    httpa_write_decimal(b, n / 1000);
    httpa_buf_put_byte(b, '.');
    uint64_t part = n % 1000;
    uint64_t unit = 100;
    do {
        httpa_buf_put_byte(b, (uint8_t)('0' + part / unit));
        part %= unit;
        unit /= 10;
    } while (part > 0);
}

/* 4.1.6 */
static void put_string(struct httpa_buf *b, struct httpa_slice s)
{
    if (!all(s, httpa_sfv_is_printable)) {
        b->failed = true;
        return;
    }
    httpa_buf_put_byte(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\') {
            httpa_buf_put_byte(b, '\\');
        }
        httpa_buf_put_byte(b, s.p[i]);
    }
    httpa_buf_put_byte(b, '"');
}

/* 4.1.8 */
static void put_bytes(struct httpa_buf *b, struct httpa_slice s)
{
    httpa_buf_put_byte(b, ':');
    httpa_base64_write(b, s);
    httpa_buf_put_byte(b, ':');
}

/* 4.1.11 */
static void put_display(struct httpa_buf *b, struct httpa_slice s)
{
    if (!httpa_utf8_valid(s)) {
        b->failed = true;
        return;
    }
    httpa_buf_put_str(b, "%\"");
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (httpa_sfv_is_printable(c) && c != '%' && c != '"') {
            httpa_buf_put_byte(b, c);
        } else {
            httpa_buf_put_byte(b, '%');
            httpa_write_hex(b, httpa_slice_of(&c, 1));
        }
    }
    httpa_buf_put_byte(b, '"');
}

/* 4.1.3.1 */
static void put_bare(struct httpa_buf *b, struct httpa_sfv_bare v)
{
    switch (v.type) {
    case HTTPA_SFV_INTEGER:
        put_integer(b, v.integer);
        return;
    case HTTPA_SFV_DECIMAL:
        put_decimal(b, v.integer);
        return;
    case HTTPA_SFV_STRING:
        put_string(b, v.text);
        return;
    case HTTPA_SFV_TOKEN:
        put_name(b, v.text, httpa_sfv_is_token_start, httpa_sfv_is_token);
        return;
    case HTTPA_SFV_BYTES:
        put_bytes(b, v.text);
        return;
    case HTTPA_SFV_BOOLEAN:
        httpa_buf_put_str(b, v.integer != 0 ? "?1" : "?0");
        return;
    case HTTPA_SFV_DATE:
        httpa_buf_put_byte(b, '@');
        put_integer(b, v.integer);
        return;
    case HTTPA_SFV_DISPLAY:
        put_display(b, v.text);
        return;
    case HTTPA_SFV_INNER_LIST:
        break;
    }
    b->failed = true; /* an inner list is no bare item */
}

/* 4.1.1.2 and 4.1.2: what is true goes without saying */
static void
put_keyed(struct httpa_buf *b, struct httpa_slice key, struct httpa_sfv_bare v)
{
    put_key(b, key);
    if (v.type != HTTPA_SFV_BOOLEAN || v.integer == 0) {
        httpa_buf_put_byte(b, '=');
        put_bare(b, v);
    }
}

static void
put_param(struct httpa_buf *b, struct httpa_slice key, struct httpa_sfv_bare v)
{
    httpa_buf_put_byte(b, ';');
    put_keyed(b, key, v);
}

struct httpa_sfv_writer httpa_sfv_writer_of(struct httpa_buf *out)
{
    return (struct httpa_sfv_writer){ .out = out };
}

static void separate(struct httpa_sfv_writer *w)
{
    bool *begun = w->inner ? &w->inner_begun : &w->begun;
    if (*begun) {
        httpa_buf_put_str(w->out, w->inner ? " " : ", ");
    }
    *begun = true;
}

void httpa_sfv_put(struct httpa_sfv_writer *w, struct httpa_sfv_bare v)
{
    separate(w);
    put_bare(w->out, v);
}

void httpa_sfv_put_member(struct httpa_sfv_writer *w, struct httpa_slice key,
                          struct httpa_sfv_bare v)
{
    if (w->inner) {
        w->out->failed = true; /* inner lists have no keys */
        return;
    }
    separate(w);
    put_keyed(w->out, key, v);
}

void httpa_sfv_put_param(struct httpa_sfv_writer *w, const char *key,
                         struct httpa_sfv_bare v)
{
    if (w->inner ? !w->inner_begun : !w->begun) {
        w->out->failed = true; /* of nothing */
        return;
    }
    put_param(w->out, httpa_slice_str(key), v);
}

void httpa_sfv_put_open(struct httpa_sfv_writer *w, struct httpa_slice key)
{
    if (w->inner) {
        w->out->failed = true; /* inner lists do not nest */
        return;
    }
    separate(w);
    if (key.n > 0) {
        put_key(w->out, key);
        httpa_buf_put_byte(w->out, '=');
    }
    httpa_buf_put_byte(w->out, '(');
    w->inner = true;
    w->inner_begun = false;
}

void httpa_sfv_put_close(struct httpa_sfv_writer *w)
{
    if (!w->inner) {
        w->out->failed = true;
        return;
    }
    httpa_buf_put_byte(w->out, ')');
    w->inner = false;
}

/* 4.1.1.2 */
static void write_params(const struct httpa_sfv *doc,
                         const struct httpa_sfv_item *item,
                         struct httpa_buf *out)
{
    for (size_t i = 0; i < item->param_count; i++) {
        const struct httpa_sfv_param *p = httpa_sfv_param_at(doc, item, i);
        put_param(out, p->key, p->value);
    }
}

/* 4.1.1.1 */
static void write_inner_list(const struct httpa_sfv *doc,
                             const struct httpa_sfv_item *item,
                             struct httpa_sfv_writer *w)
{
    httpa_sfv_put_open(w, item->key);
    for (size_t i = 0; i < item->inner_count; i++) {
        const struct httpa_sfv_item *inner = httpa_sfv_inner(doc, item, i);
        httpa_sfv_put(w, inner->value);
        write_params(doc, inner, w->out);
    }
    httpa_sfv_put_close(w);
}

enum httpa_err
httpa_sfv_write(const struct httpa_sfv *doc, struct httpa_buf *out)
{
    struct httpa_sfv_writer w = httpa_sfv_writer_of(out);
    if (doc->kind == HTTPA_SFV_ITEM && doc->member_count != 1) {
        out->failed = true;
    }
    for (size_t i = 0; i < doc->member_count; i++) {
        const struct httpa_sfv_item *m = &doc->members[i];
        if (m->value.type == HTTPA_SFV_INNER_LIST) {
            write_inner_list(doc, m, &w);
        } else if (doc->kind == HTTPA_SFV_DICTIONARY) {
            httpa_sfv_put_member(&w, m->key, m->value);
        } else {
            httpa_sfv_put(&w, m->value);
        }
        write_params(doc, m, out);
    }
    return httpa_buf_check(out);
}
