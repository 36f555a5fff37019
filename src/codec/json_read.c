#include "codec/json_read.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/utf8.h"

/* Where the scan is.  Sticky: nothing is left after a failure. */
struct scan {
    struct httpa_slice in;
    enum httpa_err err;
    unsigned depth;
};

static void fail(struct scan *s, enum httpa_err err)
{
    if (s->err == HTTPA_OK) {
        s->err = err;
    }
    s->in = (struct httpa_slice){ 0 };
}

/* The next byte, 0 at the end: no token begins or goes on with it. */
static uint8_t peek(const struct scan *s)
{
    return s->in.n > 0 ? s->in.p[0] : 0;
}

static void skip(struct scan *s, size_t n)
{
    s->in = httpa_slice_from(s->in, n);
}

static void fail_here(struct scan *s)
{
    fail(s, s->in.n > 0 ? HTTPA_ERR_MALFORMED : HTTPA_ERR_TRUNCATED);
}

static bool take(struct scan *s, uint8_t c)
{
    if (c == peek(s) && s->in.n > 0) {
        skip(s, 1);
        return true;
    }
    return false;
}

static void expect(struct scan *s, uint8_t c)
{
    if (!take(s, c)) {
        fail_here(s);
    }
}

/* RFC 8259 2: ws */
static void skip_space(struct scan *s)
{
    uint8_t c = peek(s);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        skip(s, 1);
        c = peek(s);
    }
}

/* ---- scalars ---- */

static void scan_word(struct scan *s, const char *word)
{
    for (; *word != '\0' && s->err == HTTPA_OK; word++) {
        expect(s, (uint8_t)*word);
    }
}

static void scan_digits(struct scan *s)
{
    if (!httpa_ascii_is_digit(peek(s))) {
        fail_here(s);
    }
    while (httpa_ascii_is_digit(peek(s))) {
        skip(s, 1);
    }
}

/* RFC 8259 6: no leading zeros, digits on both sides of a point. */
static void scan_number(struct scan *s)
{
    (void)take(s, '-');
    if (!take(s, '0')) {
        scan_digits(s);
    }
    if (take(s, '.')) {
        scan_digits(s);
    }
    if (take(s, 'e') || take(s, 'E')) {
        (void)(take(s, '+') || take(s, '-'));
        scan_digits(s);
    }
}

/* Behind a reverse solidus. */
static void scan_escape(struct scan *s)
{
    uint8_t c = peek(s);
    if (c == 0 || strchr("\"\\/bfnrtu", c) == NULL) {
        fail_here(s);
        return;
    }
    skip(s, 1);
    for (int i = 0; c == 'u' && i < 4; i++) {
        if (!httpa_ascii_is_hex(peek(s))) {
            fail_here(s);
        }
        skip(s, 1);
    }
}

/* RFC 8259 7; that the whole document is UTF-8 was asked before. */
static void scan_string(struct scan *s)
{
    expect(s, '"');
    while (s->err == HTTPA_OK && !take(s, '"')) {
        if (take(s, '\\')) {
            scan_escape(s);
        } else if (peek(s) < 0x20) {
            fail_here(s); /* or the end */
        } else {
            skip(s, 1);
        }
    }
}

/* ---- values ---- */

static void scan_value(struct scan *s);

/* What lies between |from| and where |s| now is. */
static struct httpa_slice since(const struct scan *s, struct httpa_slice from)
{
    return httpa_slice_of(from.p, s->err == HTTPA_OK ? from.n - s->in.n : 0);
}

static struct httpa_slice unquoted(struct httpa_slice raw)
{
    return raw.n < 2 ? (struct httpa_slice){ 0 }
                     : httpa_slice_of(raw.p + 1, raw.n - 2);
}

static bool has_escape(struct httpa_slice text)
{
    return text.n > 0 && memchr(text.p, '\\', text.n) != NULL;
}

/* Two names of the same bytes are the same, since none has an escape. */
static void scan_name(struct scan *s, struct httpa_slice *names, size_t n)
{
    struct httpa_slice from = s->in;
    scan_string(s);
    names[n] = unquoted(since(s, from));
    if (has_escape(names[n])) {
        fail(s, HTTPA_ERR_MALFORMED);
    }
    for (size_t i = 0; s->err == HTTPA_OK && i < n; i++) {
        if (httpa_slice_equal(names[i], names[n])) {
            fail(s, HTTPA_ERR_DUPLICATE);
        }
    }
}

/* Behind the brace. */
static void scan_object(struct scan *s)
{
    struct httpa_slice names[HTTPA_JSON_READ_MEMBERS];
    size_t n = 0;
    skip_space(s);
    if (take(s, '}')) {
        return;
    }
    do {
        if (n == HTTPA_JSON_READ_MEMBERS) {
            fail(s, HTTPA_ERR_RANGE);
            return;
        }
        skip_space(s);
        scan_name(s, names, n++);
        skip_space(s);
        expect(s, ':');
        scan_value(s);
        skip_space(s);
    } while (take(s, ','));
    expect(s, '}');
}

/* Behind the bracket. */
static void scan_array(struct scan *s)
{
    skip_space(s);
    if (take(s, ']')) {
        return;
    }
    do {
        scan_value(s);
        skip_space(s);
    } while (take(s, ','));
    expect(s, ']');
}

static void scan_container(struct scan *s)
{
    if (s->depth == HTTPA_JSON_READ_DEPTH) {
        fail(s, HTTPA_ERR_RANGE);
        return;
    }
    s->depth++;
    if (take(s, '{')) {
        scan_object(s);
    } else {
        expect(s, '[');
        scan_array(s);
    }
    s->depth--;
}

/* The kind that a value's first byte tells; false: it is none. */
static bool kind_of(uint8_t first, enum httpa_json_kind *ret_kind)
{
    static const struct {
        uint8_t first;
        enum httpa_json_kind kind;
    } kinds[] = {
        { 'n', HTTPA_JSON_NULL },   { 'f', HTTPA_JSON_FALSE },
        { 't', HTTPA_JSON_TRUE },   { '-', HTTPA_JSON_NUMBER },
        { '"', HTTPA_JSON_STRING }, { '[', HTTPA_JSON_ARRAY },
        { '{', HTTPA_JSON_OBJECT },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].first == first) {
            *ret_kind = kinds[i].kind;
            return true;
        }
    }
    *ret_kind = HTTPA_JSON_NUMBER;
    return httpa_ascii_is_digit(first);
}

static void scan_value(struct scan *s)
{
    enum httpa_json_kind kind;
    skip_space(s);
    if (s->err != HTTPA_OK || !kind_of(peek(s), &kind)) {
        fail_here(s);
        return;
    }
    switch (kind) {
    case HTTPA_JSON_NULL:
        scan_word(s, "null");
        break;
    case HTTPA_JSON_FALSE:
        scan_word(s, "false");
        break;
    case HTTPA_JSON_TRUE:
        scan_word(s, "true");
        break;
    case HTTPA_JSON_NUMBER:
        scan_number(s);
        break;
    case HTTPA_JSON_STRING:
        scan_string(s);
        break;
    default:
        scan_container(s);
        break;
    }
}

/* The value that |s| stands before, and whatever space that takes. */
static struct httpa_json_value take_value(struct scan *s)
{
    struct httpa_json_value value = { 0 };
    skip_space(s);
    struct httpa_slice from = s->in;
    (void)kind_of(peek(s), &value.kind);
    scan_value(s);
    value.raw = since(s, from);
    return value;
}

enum httpa_err
httpa_json_read(struct httpa_slice in, struct httpa_json_value *ret_value)
{
    struct scan s = { .in = in };
    if (!httpa_utf8_valid(in)) {
        return HTTPA_ERR_MALFORMED;
    }
    struct httpa_json_value value = take_value(&s);
    skip_space(&s);
    if (s.err != HTTPA_OK) {
        return s.err;
    }
    if (s.in.n > 0) {
        return HTTPA_ERR_TRAILING;
    }
    *ret_value = value;
    return HTTPA_OK;
}

/* ---- walking what was read ---- */

/* Values that were read before are passed by their quotes and brackets alone:
 * to find a member, most others are walked over. */

/* The bytes of the string at |i|, quotes included. */
static size_t string_size(struct httpa_slice in, size_t i)
{
    size_t end = i + 1;
    while (end < in.n && in.p[end] != '"') {
        end += in.p[end] == '\\' ? 2 : 1;
    }
    return (end < in.n ? end + 1 : in.n) - i;
}

static size_t container_size(struct httpa_slice in)
{
    size_t i = 0;
    size_t depth = 0;
    do {
        uint8_t c = in.p[i];
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
        i += c == '"' ? string_size(in, i) : 1;
    } while (i < in.n && depth > 0);
    return i;
}

static struct httpa_json_value pass_value(struct scan *s)
{
    struct httpa_json_value value = { 0 };
    skip_space(s);
    struct httpa_slice from = s->in;
    (void)kind_of(peek(s), &value.kind);
    switch (value.kind) {
    case HTTPA_JSON_STRING:
        skip(s, string_size(from, 0));
        break;
    case HTTPA_JSON_ARRAY:
    case HTTPA_JSON_OBJECT:
        skip(s, container_size(from));
        break;
    default:
        scan_value(s);
        break;
    }
    value.raw = since(s, from);
    return value;
}

enum httpa_err httpa_json_items_of(struct httpa_json_value container,
                                   struct httpa_json_items *ret_items)
{
    if (container.kind != HTTPA_JSON_ARRAY &&
        container.kind != HTTPA_JSON_OBJECT) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret_items = (struct httpa_json_items){
        .rest = unquoted(container.raw),
        .named = container.kind == HTTPA_JSON_OBJECT,
    };
    return HTTPA_OK;
}

bool httpa_json_next(struct httpa_json_items *items,
                     struct httpa_slice *ret_name,
                     struct httpa_json_value *ret_value)
{
    struct scan s = { .in = items->rest };
    struct httpa_slice name = { 0 };
    skip_space(&s);
    if (s.in.n == 0) {
        return false;
    }
    if (items->named) {
        name = pass_value(&s).raw;
        skip_space(&s);
        expect(&s, ':');
    }
    *ret_value = pass_value(&s);
    skip_space(&s);
    (void)take(&s, ',');
    *ret_name = unquoted(name);
    items->rest = s.in;
    return s.err == HTTPA_OK;
}

enum httpa_err httpa_json_find(struct httpa_json_value object, const char *name,
                               struct httpa_json_value *ret_value)
{
    struct httpa_json_items items;
    struct httpa_json_value value;
    struct httpa_slice at;
    if (object.kind != HTTPA_JSON_OBJECT) {
        return HTTPA_ERR_MALFORMED;
    }
    enum httpa_err err = httpa_json_items_of(object, &items);
    while (err == HTTPA_OK && httpa_json_next(&items, &at, &value)) {
        if (httpa_slice_is(at, name)) {
            *ret_value = value;
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_MISSING;
}

enum httpa_err
httpa_json_text(struct httpa_json_value value, struct httpa_slice *ret_text)
{
    struct httpa_slice text = unquoted(value.raw);
    if (value.kind != HTTPA_JSON_STRING || has_escape(text)) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret_text = text;
    return HTTPA_OK;
}

enum httpa_err
httpa_json_uint(struct httpa_json_value value, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (value.kind != HTTPA_JSON_NUMBER) {
        return HTTPA_ERR_MALFORMED;
    }
    for (size_t i = 0; i < value.raw.n; i++) {
        if (!httpa_ascii_is_digit(value.raw.p[i])) {
            return HTTPA_ERR_MALFORMED;
        }
        unsigned digit = value.raw.p[i] - (unsigned)'0';
        if (number > (UINT64_MAX - digit) / 10) {
            return HTTPA_ERR_RANGE;
        }
        number = number * 10 + digit;
    }
    *ret_number = number;
    return HTTPA_OK;
}
