#include "codec/cbor.h"

#include "codec/utf8.h"

/* RFC 8949 3: the upper three bits of an initial byte. */
enum major {
    MAJOR_UINT,
    MAJOR_NINT,
    MAJOR_BYTES,
    MAJOR_TEXT,
    MAJOR_ARRAY,
    MAJOR_MAP,
    MAJOR_TAG,
    MAJOR_SIMPLE
};

#define INITIAL_FALSE 0xf4
#define INITIAL_TRUE 0xf5
#define INITIAL_NULL 0xf6
#define BREAK 0xff

/* RFC 8949 3.3: smaller simple values have no second byte. */
#define SIMPLE_MIN 32u

struct head {
    enum major major;
    bool indefinite;
    uint64_t arg;
};

struct httpa_cbor httpa_cbor_of(struct httpa_slice in, unsigned flags)
{
    return (struct httpa_cbor){ .in = httpa_reader_of(in), .flags = flags };
}

static struct httpa_cbor failed(enum httpa_err err)
{
    return (struct httpa_cbor){ .err = err };
}

/* Nothing is left after a failure, so that no loop goes on. */
void httpa_cbor_fail(struct httpa_cbor *c, enum httpa_err err)
{
    if (c->err == HTTPA_OK) {
        c->err = err;
    }
    c->in.in = (struct httpa_slice){ 0 };
}

bool httpa_cbor_more(const struct httpa_cbor *c)
{
    return c->in.in.n > 0;
}

enum httpa_err httpa_cbor_end(const struct httpa_cbor *c)
{
    if (c->err != HTTPA_OK) {
        return c->err;
    }
    return httpa_cbor_more(c) ? HTTPA_ERR_TRAILING : HTTPA_OK;
}

enum httpa_cbor_type httpa_cbor_peek(const struct httpa_cbor *c)
{
    static const enum httpa_cbor_type of_major[] = {
        HTTPA_CBOR_UINT,  HTTPA_CBOR_NINT, HTTPA_CBOR_BYTES, HTTPA_CBOR_TEXT,
        HTTPA_CBOR_ARRAY, HTTPA_CBOR_MAP,  HTTPA_CBOR_TAG,   HTTPA_CBOR_OTHER
    };
    if (!httpa_cbor_more(c)) {
        return HTTPA_CBOR_NOTHING;
    }
    switch (c->in.in.p[0]) {
    case INITIAL_FALSE:
    case INITIAL_TRUE:
        return HTTPA_CBOR_BOOL;
    case INITIAL_NULL:
        return HTTPA_CBOR_NULL;
    default:
        return of_major[c->in.in.p[0] >> 5];
    }
}

/* An argument of 1, 2, 4 or 8 bytes, refused where fewer would have held it
 * (RFC 8949 4.2.1).  Bytes of a float are no number: any will do. */
static uint64_t read_arg(struct httpa_cbor *c, enum major major, unsigned info)
{
    uint64_t v = 0, min = 0;
    switch (info) {
    case 24:
        v = httpa_read_u8(&c->in);
        min = major == MAJOR_SIMPLE ? SIMPLE_MIN : 24;
        break;
    case 25:
        v = httpa_read_u16(&c->in);
        min = UINT8_MAX + UINT64_C(1);
        break;
    case 26:
        v = httpa_read_u32(&c->in);
        min = UINT16_MAX + UINT64_C(1);
        break;
    default:
        v = httpa_read_u64(&c->in);
        min = UINT32_MAX + UINT64_C(1);
        break;
    }
    if (!httpa_reader_ok(&c->in)) {
        httpa_cbor_fail(c, HTTPA_ERR_TRUNCATED);
    } else if (v < min && (major != MAJOR_SIMPLE || info == 24)) {
        httpa_cbor_fail(c, HTTPA_ERR_MALFORMED);
    }
    return v;
}

/* RFC 8949 3.2: strings, arrays and maps can be indefinite. */
static void allow_indefinite(struct httpa_cbor *c, enum major major)
{
    bool container = major == MAJOR_ARRAY || major == MAJOR_MAP;
    if (container && (c->flags & HTTPA_CBOR_INDEFINITE) != 0) {
        return;
    }
    bool string = major == MAJOR_BYTES || major == MAJOR_TEXT;
    httpa_cbor_fail(c, container || string ? HTTPA_ERR_UNSUPPORTED
                                           : HTTPA_ERR_MALFORMED);
}

/* The head of the next item; after a failure that of a zero. */
static struct head read_head(struct httpa_cbor *c)
{
    if (!httpa_cbor_more(c)) {
        httpa_cbor_fail(c, HTTPA_ERR_TRUNCATED);
        return (struct head){ 0 };
    }
    uint8_t first = httpa_read_u8(&c->in);
    unsigned info = first & 31;
    struct head h = { .major = first >> 5, .arg = info };
    if (info == 31) {
        h.indefinite = true;
        allow_indefinite(c, h.major);
    } else if (info >= 28) {
        httpa_cbor_fail(c, HTTPA_ERR_MALFORMED);
    } else if (info >= 24) {
        h.arg = read_arg(c, h.major, info);
    }
    return c->err == HTTPA_OK ? h : (struct head){ 0 };
}

static struct head expect(struct httpa_cbor *c, enum major major)
{
    struct head h = read_head(c);
    if (c->err == HTTPA_OK && h.major == major) {
        return h;
    }
    httpa_cbor_fail(c, HTTPA_ERR_MALFORMED);
    return (struct head){ 0 };
}

uint64_t httpa_cbor_uint(struct httpa_cbor *c)
{
    return expect(c, MAJOR_UINT).arg;
}

int64_t httpa_cbor_int(struct httpa_cbor *c)
{
    bool negative = httpa_cbor_peek(c) == HTTPA_CBOR_NINT;
    struct head h = expect(c, negative ? MAJOR_NINT : MAJOR_UINT);
    if (h.arg > INT64_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    if (c->err != HTTPA_OK) {
        return 0;
    }
    return negative ? -1 - (int64_t)h.arg : (int64_t)h.arg;
}

static struct httpa_slice read_string(struct httpa_cbor *c, struct head h)
{
    if (h.arg > c->in.in.n) {
        httpa_cbor_fail(c, HTTPA_ERR_TRUNCATED);
        return (struct httpa_slice){ 0 };
    }
    struct httpa_slice s = httpa_read_slice(&c->in, (size_t)h.arg);
    if (h.major == MAJOR_TEXT && !httpa_utf8_valid(s)) {
        httpa_cbor_fail(c, HTTPA_ERR_MALFORMED);
        return (struct httpa_slice){ 0 };
    }
    return s;
}

struct httpa_slice httpa_cbor_bytes(struct httpa_cbor *c)
{
    return read_string(c, expect(c, MAJOR_BYTES));
}

struct httpa_slice
httpa_cbor_bytes_of(struct httpa_cbor *c, size_t min, size_t max)
{
    struct httpa_slice s = httpa_cbor_bytes(c);
    if (s.n < min || s.n > max) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    return s;
}

struct httpa_slice httpa_cbor_text(struct httpa_cbor *c)
{
    return read_string(c, expect(c, MAJOR_TEXT));
}

static bool take(struct httpa_cbor *c, uint8_t initial)
{
    if (httpa_cbor_more(c) && c->in.in.p[0] == initial) {
        (void)httpa_read_u8(&c->in);
        return true;
    }
    return false;
}

bool httpa_cbor_bool(struct httpa_cbor *c)
{
    if (take(c, INITIAL_TRUE)) {
        return true;
    }
    if (!take(c, INITIAL_FALSE)) {
        httpa_cbor_fail(c, httpa_cbor_more(c) ? HTTPA_ERR_MALFORMED
                                              : HTTPA_ERR_TRUNCATED);
    }
    return false;
}

bool httpa_cbor_null(struct httpa_cbor *c)
{
    return take(c, INITIAL_NULL);
}

uint64_t httpa_cbor_tag(struct httpa_cbor *c)
{
    return expect(c, MAJOR_TAG).arg;
}

static void skip_item(struct httpa_cbor *c, unsigned depth);

static bool has_next(struct httpa_cbor *c, struct head h, uint64_t n)
{
    return c->err == HTTPA_OK && (h.indefinite ? !take(c, BREAK) : n < h.arg);
}

/* Each an integer or text, and none there twice: one value has one encoding
 * here, so that keys are compared as encoded (doc/protocol.md 2.2). */
static void
check_keys(struct httpa_cbor *c, const struct httpa_slice *keys, size_t n)
{
    for (size_t i = 0; i < n && c->err == HTTPA_OK; i++) {
        struct httpa_cbor key = httpa_cbor_of(keys[i], c->flags);
        (void)httpa_cbor_key(&key);
        if (key.err != HTTPA_OK) {
            httpa_cbor_fail(c, key.err);
        }
        for (size_t k = 0; k < i; k++) {
            if (httpa_slice_equal(keys[k], keys[i])) {
                httpa_cbor_fail(c, HTTPA_ERR_DUPLICATE);
            }
        }
    }
}

/* Passes over what a map of head |h| holds; returns how many entries. */
static uint64_t
skip_entries(struct httpa_cbor *c, struct head h, unsigned depth)
{
    struct httpa_slice keys[HTTPA_CBOR_MAP_MAX];
    uint64_t n = 0;
    for (; has_next(c, h, n); n++) {
        struct httpa_slice from = c->in.in;
        skip_item(c, depth);
        if (n < HTTPA_CBOR_MAP_MAX) {
            keys[n] = httpa_slice_of(from.p, from.n - c->in.in.n);
        }
        skip_item(c, depth);
    }
    if (n > HTTPA_CBOR_MAP_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    if (c->err == HTTPA_OK) {
        check_keys(c, keys, (size_t)n);
    }
    return n;
}

/* Passes over what a container of head |h| holds; returns how many. */
static uint64_t skip_items(struct httpa_cbor *c, struct head h, unsigned depth)
{
    if (depth >= HTTPA_CBOR_DEPTH) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
        return 0;
    }
    if (h.major == MAJOR_MAP) {
        return skip_entries(c, h, depth + 1);
    }
    uint64_t n = 0;
    for (; has_next(c, h, n); n++) {
        skip_item(c, depth + 1);
    }
    return n;
}

/* Recursion ends at HTTPA_CBOR_DEPTH; a failed reader yields zeros. */
static void skip_item(struct httpa_cbor *c, unsigned depth)
{
    struct head h = read_head(c);
    switch (h.major) {
    case MAJOR_BYTES:
    case MAJOR_TEXT:
        (void)read_string(c, h);
        break;
    case MAJOR_ARRAY:
    case MAJOR_MAP:
        (void)skip_items(c, h, depth);
        break;
    case MAJOR_TAG:
        if (depth >= HTTPA_CBOR_DEPTH) {
            httpa_cbor_fail(c, HTTPA_ERR_RANGE);
        }
        skip_item(c, depth + 1);
        break;
    case MAJOR_UINT:
    case MAJOR_NINT:
    case MAJOR_SIMPLE:
        break;
    }
}

struct httpa_slice httpa_cbor_skip(struct httpa_cbor *c)
{
    struct httpa_slice from = c->in.in;
    skip_item(c, 0);
    if (c->err != HTTPA_OK) {
        return (struct httpa_slice){ 0 };
    }
    return httpa_slice_of(from.p, from.n - c->in.in.n);
}

static struct httpa_cbor
enter(struct httpa_cbor *c, enum major major, uint64_t *ret_n)
{
    struct head h = expect(c, major);
    struct httpa_slice from = c->in.in;
    uint64_t n = skip_items(c, h, 0);
    if (c->err != HTTPA_OK) {
        return failed(c->err);
    }
    *ret_n = n;
    size_t len = from.n - c->in.in.n - (h.indefinite ? 1 : 0);
    return httpa_cbor_of(httpa_slice_of(from.p, len), c->flags);
}

struct httpa_cbor httpa_cbor_array(struct httpa_cbor *c, size_t *ret_n)
{
    uint64_t n = 0;
    struct httpa_cbor items = enter(c, MAJOR_ARRAY, &n);
    if (ret_n != NULL && items.err == HTTPA_OK) {
        *ret_n = (size_t)n; /* each is a byte at least */
    }
    return items;
}

struct httpa_cbor_key httpa_cbor_key(struct httpa_cbor *c)
{
    struct httpa_cbor_key key = { 0 };
    switch (httpa_cbor_peek(c)) {
    case HTTPA_CBOR_UINT:
    case HTTPA_CBOR_NINT:
        key.number = httpa_cbor_int(c);
        break;
    case HTTPA_CBOR_TEXT:
        key.is_text = true;
        key.text = httpa_cbor_text(c);
        break;
    case HTTPA_CBOR_NOTHING:
        httpa_cbor_fail(c, HTTPA_ERR_TRUNCATED);
        break;
    default:
        httpa_cbor_fail(c, HTTPA_ERR_UNSUPPORTED);
    }
    return key;
}

struct httpa_cbor_map httpa_cbor_map(struct httpa_cbor *c)
{
    uint64_t n = 0;
    struct httpa_cbor items = enter(c, MAJOR_MAP, &n);
    if (items.err != HTTPA_OK) {
        return (struct httpa_cbor_map){ 0 };
    }
    return (struct httpa_cbor_map){ .items = items.in.in,
                                    .n = (size_t)n,
                                    .flags = items.flags };
}

struct httpa_cbor httpa_cbor_map_items(const struct httpa_cbor_map *m)
{
    return httpa_cbor_of(m->items, m->flags);
}

static bool same_key(struct httpa_cbor_key a, struct httpa_cbor_key b)
{
    if (a.is_text != b.is_text) {
        return false;
    }
    return a.is_text ? httpa_slice_equal(a.text, b.text) : a.number == b.number;
}

struct httpa_cbor
httpa_cbor_find(const struct httpa_cbor_map *m, struct httpa_cbor_key key)
{
    struct httpa_cbor items = httpa_cbor_map_items(m);
    while (httpa_cbor_more(&items)) {
        bool found = same_key(httpa_cbor_key(&items), key);
        struct httpa_slice value = httpa_cbor_skip(&items);
        if (found) {
            return httpa_cbor_of(value, m->flags);
        }
    }
    return failed(HTTPA_ERR_MISSING);
}

struct httpa_cbor
httpa_cbor_find_int(const struct httpa_cbor_map *m, int64_t key)
{
    return httpa_cbor_find(m, (struct httpa_cbor_key){ .number = key });
}

struct httpa_cbor
httpa_cbor_find_text(const struct httpa_cbor_map *m, const char *key)
{
    struct httpa_cbor_key text = { .is_text = true,
                                   .text = httpa_slice_str(key) };
    return httpa_cbor_find(m, text);
}
