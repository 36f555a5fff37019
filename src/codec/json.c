#include "codec/json.h"

#include "base/writer.h"
#include "codec/time.h"
#include "codec/utf8.h"

struct httpa_json
httpa_json_of(struct httpa_buf *out, enum httpa_json_form form)
{
    return (struct httpa_json){ .out = out, .form = form };
}

static uint32_t level(const struct httpa_json *j)
{
    return 1u << (j->depth - 1);
}

static bool in_object(const struct httpa_json *j)
{
    return j->depth > 0 && (j->objects & level(j)) != 0;
}

static void line(struct httpa_json *j)
{
    if (j->form == HTTPA_JSON_PRETTY) {
        httpa_buf_put_byte(j->out, '\n');
        for (unsigned i = 0; i < j->depth; i++) {
            httpa_buf_put_str(j->out, "  ");
        }
    }
}

/* The comma and the line in front of a member. */
static void separate(struct httpa_json *j)
{
    if ((j->begun & level(j)) != 0) {
        httpa_buf_put_byte(j->out, ',');
    }
    j->begun |= level(j);
    line(j);
}

/* Whether a value may stand here; what has to stand before it is written. */
static bool place(struct httpa_json *j)
{
    if (j->misused || j->done || (in_object(j) && !j->keyed)) {
        j->misused = true;
        return false;
    }
    if (j->depth == 0) {
        j->done = true;
    } else if (!j->keyed) {
        separate(j);
    }
    j->keyed = false;
    return true;
}

static void begin(struct httpa_json *j, uint8_t bracket, bool object)
{
    if (j->depth == HTTPA_JSON_DEPTH_MAX) {
        j->misused = true;
    }
    if (!place(j)) {
        return;
    }
    httpa_buf_put_byte(j->out, bracket);
    j->done = false;
    j->depth++;
    j->begun &= ~level(j);
    j->objects &= ~level(j);
    j->objects |= object ? level(j) : 0;
}

void httpa_json_object(struct httpa_json *j)
{
    begin(j, '{', true);
}

void httpa_json_array(struct httpa_json *j)
{
    begin(j, '[', false);
}

void httpa_json_end(struct httpa_json *j)
{
    if (j->misused || j->depth == 0 || j->keyed) {
        j->misused = true;
        return;
    }
    bool object = in_object(j);
    bool empty = (j->begun & level(j)) == 0;
    j->depth--;
    if (!empty) {
        line(j);
    }
    httpa_buf_put_byte(j->out, object ? '}' : ']');
    j->done = j->depth == 0;
}

static void escape(struct httpa_buf *b, uint32_t c)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i < sizeof(short_forms) - 1; i += 2) {
        if (c == (uint8_t)short_forms[i]) {
            httpa_buf_put_byte(b, '\\');
            httpa_buf_put_byte(b, (uint8_t)short_forms[i + 1]);
            return;
        }
    }
    uint8_t low = (uint8_t)c;
    httpa_buf_put_str(b, "\\u00");
    httpa_write_hex(b, httpa_slice_of(&low, 1));
}

/* One character of |n| bytes at |p|, or one byte that is none (0). */
static void put_char(struct httpa_buf *b, const uint8_t *p, size_t n)
{
    if (n == 0) {
        httpa_buf_put_str(b, "\xef\xbf\xbd"); /* U+FFFD */
    } else if (n == 1 &&
               (p[0] < 0x20 || p[0] == 0x7f || p[0] == '"' || p[0] == '\\')) {
        escape(b, p[0]);
    } else if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) {
        escape(b, p[1]); /* U+0080 to U+009F */
    } else {
        httpa_buf_put(b, p, n);
    }
}

/* RFC 8259 allows NUL in a key; readers in C then refuse the document. */
static void put_string(struct httpa_buf *b, struct httpa_slice s, bool is_key)
{
    httpa_buf_put_byte(b, '"');
    while (s.n > 0) {
        size_t n = is_key && s.p[0] == 0 ? 0 : httpa_utf8_char(s);
        put_char(b, s.p, n);
        s = httpa_slice_from(s, n > 0 ? n : 1);
    }
    httpa_buf_put_byte(b, '"');
}

void httpa_json_key_slice(struct httpa_json *j, struct httpa_slice key)
{
    if (j->misused || !in_object(j) || j->keyed) {
        j->misused = true;
        return;
    }
    separate(j);
    put_string(j->out, key, true);
    httpa_buf_put_str(j->out, j->form == HTTPA_JSON_PRETTY ? ": " : ":");
    j->keyed = true;
}

void httpa_json_key(struct httpa_json *j, const char *key)
{
    httpa_json_key_slice(j, httpa_slice_str(key));
}

void httpa_json_string(struct httpa_json *j, struct httpa_slice s)
{
    if (place(j)) {
        put_string(j->out, s, false);
    }
}

static void word(struct httpa_json *j, const char *s)
{
    if (place(j)) {
        httpa_buf_put_str(j->out, s);
    }
}

void httpa_json_str(struct httpa_json *j, const char *s)
{
    if (s == NULL) {
        word(j, "null");
    } else {
        httpa_json_string(j, httpa_slice_str(s));
    }
}

void httpa_json_integer(struct httpa_json *j, int64_t v)
{
    if (place(j)) {
        if (v < 0) {
            httpa_buf_put_byte(j->out, '-');
        }
        httpa_write_decimal(j->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    }
}

void httpa_json_unsigned(struct httpa_json *j, uint64_t v)
{
    if (place(j)) {
        httpa_write_decimal(j->out, v);
    }
}

void httpa_json_thousandths(struct httpa_json *j, uint64_t v)
{
    if (!place(j)) {
        return;
    }
    httpa_write_decimal(j->out, v / 1000);
    uint64_t rest = v % 1000;
    if (rest > 0) {
        httpa_buf_put_byte(j->out, '.');
    }
    for (uint64_t unit = 100; rest > 0; rest %= unit, unit /= 10) {
        httpa_buf_put_byte(j->out, (uint8_t)('0' + rest / unit));
    }
}

void httpa_json_boolean(struct httpa_json *j, bool v)
{
    word(j, v ? "true" : "false");
}

void httpa_json_null(struct httpa_json *j)
{
    word(j, "null");
}

void httpa_json_hex(struct httpa_json *j, struct httpa_slice s)
{
    if (place(j)) {
        httpa_buf_put_byte(j->out, '"');
        httpa_write_hex(j->out, s);
        httpa_buf_put_byte(j->out, '"');
    }
}

void httpa_json_time(struct httpa_json *j, int64_t unix_s)
{
    if (place(j)) {
        httpa_buf_put_byte(j->out, '"');
        httpa_time_write_rfc3339(j->out, unix_s);
        httpa_buf_put_byte(j->out, '"');
    }
}

enum httpa_err httpa_json_check(const struct httpa_json *j)
{
    if (j->misused || !j->done) {
        return HTTPA_ERR_USAGE;
    }
    return httpa_buf_check(j->out);
}
