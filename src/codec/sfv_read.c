/* RFC 9651 4.2, one function per algorithm there. */
#include "codec/sfv.h"

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/sfv_chars.h"
#include "codec/utf8.h"

struct parser {
    struct httpa_slice in; /* what is left */
    struct httpa_sfv *doc;
    bool strict;
};

typedef bool (*char_class)(uint8_t c);

static bool at(const struct parser *p, char_class is)
{
    return p->in.n > 0 && is(p->in.p[0]);
}

static bool take(struct parser *p, char c)
{
    if (p->in.n == 0 || p->in.p[0] != (uint8_t)c) {
        return false;
    }
    p->in = httpa_slice_from(p->in, 1);
    return true;
}

static struct httpa_slice take_bytes(struct parser *p, size_t n)
{
    struct httpa_slice s = httpa_slice_of(p->in.p, n);
    p->in = httpa_slice_from(p->in, n);
    return s;
}

static struct httpa_slice take_while(struct parser *p, char_class is)
{
    size_t n = 0;
    while (n < p->in.n && is(p->in.p[n])) {
        n++;
    }
    return take_bytes(p, n);
}

static bool is_sp(uint8_t c)
{
    return c == ' ';
}

static bool is_ows(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* What the caller's text room cannot hold is the peer's excess, not a fault
 * of the caller. */
static enum httpa_err decoded(struct parser *p, enum httpa_err err, size_t from,
                              struct httpa_slice *ret)
{
    if (err == HTTPA_OK) {
        err = httpa_buf_check(&p->doc->text);
    }
    if (err != HTTPA_OK) {
        return err == HTTPA_ERR_SPACE ? HTTPA_ERR_LIMIT : err;
    }
    *ret = httpa_slice_from(httpa_buf_slice(&p->doc->text), from);
    return HTTPA_OK;
}

static int64_t digits_value(struct httpa_slice digits)
{
    int64_t v = 0;
    for (size_t i = 0; i < digits.n; i++) {
        v = v * 10 + (digits.p[i] - '0');
    }
    return v;
}

/* 4.2.4: at most 15 digits, or 12, a dot and 3 */
static enum httpa_err read_number(struct parser *p, struct httpa_sfv_bare *ret)
{
    static const int64_t scale[] = { 0, 100, 10, 1 };
    bool negative = take(p, '-');
    struct httpa_slice whole = take_while(p, httpa_ascii_is_digit);
    bool decimal = whole.n > 0 && take(p, '.');
    if (whole.n == 0 || whole.n > (decimal ? 12u : 15u)) {
        return HTTPA_ERR_MALFORMED;
    }
    int64_t v = digits_value(whole);
    if (decimal) {
        struct httpa_slice part = take_while(p, httpa_ascii_is_digit);
        if (part.n == 0 || part.n > 3) {
            return HTTPA_ERR_MALFORMED;
        }
        v = v * 1000 + digits_value(part) * scale[part.n];
    }
    v = negative ? -v : v;
    *ret = decimal ? httpa_sfv_decimal(v) : httpa_sfv_integer(v);
    return HTTPA_OK;
}

/* 4.2.9 */
static enum httpa_err read_date(struct parser *p, struct httpa_sfv_bare *ret)
{
    struct httpa_sfv_bare number;
    (void)take(p, '@');
    enum httpa_err err = read_number(p, &number);
    if (err != HTTPA_OK || number.type != HTTPA_SFV_INTEGER) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret = httpa_sfv_date(number.integer);
    return HTTPA_OK;
}

static enum httpa_err
unescape(struct parser *p, struct httpa_slice s, struct httpa_slice *ret)
{
    size_t from = p->doc->text.n;
    for (size_t i = 0; i < s.n; i++) {
        i += s.p[i] == '\\' ? 1 : 0;
        httpa_buf_put_byte(&p->doc->text, s.p[i]);
    }
    return decoded(p, HTTPA_OK, from, ret);
}

/* 4.2.5 */
static enum httpa_err read_string(struct parser *p, struct httpa_sfv_bare *ret)
{
    (void)take(p, '"');
    struct httpa_slice s = p->in;
    bool escaped = false;
    size_t n = 0;
    for (; n < s.n && s.p[n] != '"'; n++) {
        if (s.p[n] == '\\') {
            escaped = true;
            n++;
            if (n == s.n || (s.p[n] != '"' && s.p[n] != '\\')) {
                return HTTPA_ERR_MALFORMED;
            }
        }
        if (!httpa_sfv_is_printable(s.p[n])) {
            return HTTPA_ERR_MALFORMED;
        }
    }
    s = take_bytes(p, n);
    if (!take(p, '"')) {
        return HTTPA_ERR_MALFORMED;
    }
    enum httpa_err err = escaped ? unescape(p, s, &s) : HTTPA_OK;
    *ret = httpa_sfv_string(s);
    return err;
}

/* 4.2.6 */
static enum httpa_err read_token(struct parser *p, struct httpa_sfv_bare *ret)
{
    *ret = httpa_sfv_token(take_while(p, httpa_sfv_is_token));
    return HTTPA_OK;
}

static bool is_not_colon(uint8_t c)
{
    return c != ':';
}

/* 4.2.7 */
static enum httpa_err read_bytes(struct parser *p, struct httpa_sfv_bare *ret)
{
    (void)take(p, ':');
    struct httpa_slice s = take_while(p, is_not_colon);
    if (!take(p, ':')) {
        return HTTPA_ERR_MALFORMED;
    }
    size_t from = p->doc->text.n;
    enum httpa_err err = httpa_base64_read(
        s, p->strict ? HTTPA_BASE64_STRICT : HTTPA_BASE64_LAX_END,
        &p->doc->text);
    err = decoded(p, err, from, &s);
    *ret = httpa_sfv_bytes(s);
    return err;
}

/* 4.2.8 */
static enum httpa_err read_boolean(struct parser *p, struct httpa_sfv_bare *ret)
{
    (void)take(p, '?');
    bool yes = take(p, '1');
    if (!yes && !take(p, '0')) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret = httpa_sfv_boolean(yes);
    return HTTPA_OK;
}

static bool is_upper_hex(uint8_t c)
{
    return c >= 'A' && c <= 'F';
}

/* Appends the byte of the two hex digits behind a "%"; upper-case ones are
 * not allowed. */
static enum httpa_err percent(struct parser *p)
{
    if (p->in.n < 2) {
        return HTTPA_ERR_MALFORMED;
    }
    struct httpa_slice hex = take_bytes(p, 2);
    if (is_upper_hex(hex.p[0]) || is_upper_hex(hex.p[1])) {
        return HTTPA_ERR_MALFORMED;
    }
    return httpa_hex_read(hex, &p->doc->text);
}

/* 4.2.10 */
static enum httpa_err read_display(struct parser *p, struct httpa_sfv_bare *ret)
{
    if (!take(p, '%') || !take(p, '"')) {
        return HTTPA_ERR_MALFORMED;
    }
    size_t from = p->doc->text.n;
    enum httpa_err err = HTTPA_OK;
    while (err == HTTPA_OK && !take(p, '"')) {
        if (!at(p, httpa_sfv_is_printable)) {
            return HTTPA_ERR_MALFORMED;
        }
        if (take(p, '%')) {
            err = percent(p);
        } else {
            httpa_buf_put_byte(&p->doc->text, take_bytes(p, 1).p[0]);
        }
    }
    struct httpa_slice s = { 0 };
    err = decoded(p, err, from, &s);
    if (err == HTTPA_OK && !httpa_utf8_valid(s)) {
        err = HTTPA_ERR_MALFORMED;
    }
    *ret = httpa_sfv_display(s);
    return err;
}

/* 4.2.3.1: the first character tells the type */
static enum httpa_err read_bare(struct parser *p, struct httpa_sfv_bare *ret)
{
    if (at(p, httpa_ascii_is_digit)) {
        return read_number(p, ret);
    }
    if (at(p, httpa_sfv_is_token_start)) {
        return read_token(p, ret);
    }
    switch (p->in.n > 0 ? p->in.p[0] : 0) {
    case '-':
        return read_number(p, ret);
    case '"':
        return read_string(p, ret);
    case ':':
        return read_bytes(p, ret);
    case '?':
        return read_boolean(p, ret);
    case '@':
        return read_date(p, ret);
    case '%':
        return read_display(p, ret);
    default:
        return HTTPA_ERR_MALFORMED;
    }
}

/* 4.2.3.3 */
static enum httpa_err read_key(struct parser *p, struct httpa_slice *ret)
{
    if (!at(p, httpa_sfv_is_key_start)) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret = take_while(p, httpa_sfv_is_key);
    return HTTPA_OK;
}

static struct httpa_sfv_param *find_param(struct parser *p,
                                          const struct httpa_sfv_item *item,
                                          struct httpa_slice key)
{
    struct httpa_sfv_param *of = &p->doc->params[item->param_first];
    for (size_t i = 0; i < item->param_count; i++) {
        if (httpa_slice_equal(of[i].key, key)) {
            return &of[i];
        }
    }
    return NULL;
}

static enum httpa_err keep_param(struct parser *p, struct httpa_sfv_item *item,
                                 struct httpa_sfv_param param)
{
    struct httpa_sfv_param *old = find_param(p, item, param.key);
    if (old != NULL) {
        *old = param;
        return p->strict ? HTTPA_ERR_DUPLICATE : HTTPA_OK;
    }
    if (p->doc->param_count == p->doc->param_max) {
        return HTTPA_ERR_LIMIT;
    }
    p->doc->params[p->doc->param_count++] = param;
    item->param_count++;
    return HTTPA_OK;
}

/* 4.2.3.2 */
static enum httpa_err read_params(struct parser *p, struct httpa_sfv_item *item)
{
    item->param_first = (uint32_t)p->doc->param_count;
    item->param_count = 0;
    while (take(p, ';')) {
        struct httpa_sfv_param param = { .value = httpa_sfv_boolean(true) };
        (void)take_while(p, is_sp);
        enum httpa_err err = read_key(p, &param.key);
        if (err == HTTPA_OK && take(p, '=')) {
            err = read_bare(p, &param.value);
        }
        if (err == HTTPA_OK) {
            err = keep_param(p, item, param);
        }
        if (err != HTTPA_OK) {
            return err;
        }
    }
    return HTTPA_OK;
}

/* 4.2.3 */
static enum httpa_err read_item(struct parser *p, struct httpa_sfv_item *ret)
{
    enum httpa_err err = read_bare(p, &ret->value);
    return err == HTTPA_OK ? read_params(p, ret) : err;
}

/* 4.2.1.2 */
static enum httpa_err
read_inner_list(struct parser *p, struct httpa_sfv_item *ret)
{
    ret->value.type = HTTPA_SFV_INNER_LIST;
    ret->inner_first = (uint32_t)p->doc->inner_count;
    for (;;) {
        (void)take_while(p, is_sp);
        if (take(p, ')')) {
            return read_params(p, ret);
        }
        if (p->doc->inner_count == p->doc->inner_max) {
            return HTTPA_ERR_LIMIT;
        }
        struct httpa_sfv_item item = { 0 };
        enum httpa_err err = read_item(p, &item);
        if (err != HTTPA_OK) {
            return err;
        }
        p->doc->inners[p->doc->inner_count++] = item;
        ret->inner_count++;
        if (p->in.n == 0 || (p->in.p[0] != ' ' && p->in.p[0] != ')')) {
            return HTTPA_ERR_MALFORMED;
        }
    }
}

/* 4.2.1.1 */
static enum httpa_err
read_item_or_list(struct parser *p, struct httpa_sfv_item *ret)
{
    return take(p, '(') ? read_inner_list(p, ret) : read_item(p, ret);
}

/* A member of a Dictionary, from its key on */
static enum httpa_err read_keyed(struct parser *p, struct httpa_sfv_item *ret)
{
    enum httpa_err err = read_key(p, &ret->key);
    if (err != HTTPA_OK) {
        return err;
    }
    if (take(p, '=')) {
        return read_item_or_list(p, ret);
    }
    ret->value = httpa_sfv_boolean(true);
    return read_params(p, ret);
}

static enum httpa_err
keep_member(struct parser *p, const struct httpa_sfv_item *item)
{
    struct httpa_sfv *doc = p->doc;
    for (size_t i = 0; item->key.n > 0 && i < doc->member_count; i++) {
        if (httpa_slice_equal(doc->members[i].key, item->key)) {
            doc->members[i] = *item;
            return p->strict ? HTTPA_ERR_DUPLICATE : HTTPA_OK;
        }
    }
    if (doc->member_count == doc->member_max) {
        return HTTPA_ERR_LIMIT;
    }
    doc->members[doc->member_count++] = *item;
    return HTTPA_OK;
}

static enum httpa_err read_member(struct parser *p)
{
    struct httpa_sfv_item item = { 0 };
    enum httpa_err err;
    if (p->doc->kind == HTTPA_SFV_DICTIONARY) {
        err = read_keyed(p, &item);
    } else if (p->doc->kind == HTTPA_SFV_LIST) {
        err = read_item_or_list(p, &item);
    } else {
        err = read_item(p, &item);
    }
    return err == HTTPA_OK ? keep_member(p, &item) : err;
}

/* 4.2.1 and 4.2.2 */
static enum httpa_err read_members(struct parser *p)
{
    while (p->in.n > 0) {
        enum httpa_err err = read_member(p);
        if (err != HTTPA_OK) {
            return err;
        }
        (void)take_while(p, is_ows);
        if (p->in.n == 0) {
            return HTTPA_OK;
        }
        if (!take(p, ',')) {
            return HTTPA_ERR_MALFORMED;
        }
        (void)take_while(p, is_ows);
        if (p->in.n == 0) {
            return HTTPA_ERR_MALFORMED; /* a comma at the end */
        }
    }
    return HTTPA_OK;
}

static void forget(struct httpa_sfv *doc)
{
    doc->member_count = 0;
    doc->inner_count = 0;
    doc->param_count = 0;
    httpa_buf_reset(&doc->text);
}

/* 4.2 */
static enum httpa_err read_top(struct parser *p)
{
    (void)take_while(p, is_sp);
    if (p->in.n == 0 && p->strict) {
        return HTTPA_ERR_MISSING;
    }
    if (p->doc->kind != HTTPA_SFV_ITEM) {
        return read_members(p);
    }
    enum httpa_err err = read_member(p);
    (void)take_while(p, is_sp);
    return err == HTTPA_OK && p->in.n > 0 ? HTTPA_ERR_MALFORMED : err;
}

enum httpa_err httpa_sfv_read(struct httpa_sfv *doc, enum httpa_sfv_kind kind,
                              struct httpa_slice in, enum httpa_sfv_mode mode)
{
    struct parser p = { .in = in,
                        .doc = doc,
                        .strict = mode == HTTPA_SFV_STRICT };
    forget(doc);
    doc->kind = kind;
    enum httpa_err err = read_top(&p);
    if (err != HTTPA_OK) {
        forget(doc);
    }
    return err;
}
