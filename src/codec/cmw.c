#include "codec/cmw.h"

#include "base/ascii.h"
#include "codec/cbor_write.h"

#define COLLECTION_TYPE "__cmwc_t"

/* Assigned bits of ind. */
#define IND_ALL 31u

/* RFC 9277 4.3 by way of RFC 9999: TN(cf) has no byte 0 at its end. */
#define TAG_FIRST UINT64_C(0x63740101)
#define TAG_LAST UINT64_C(0x6374ffff)
#define TAG_RUN 255u

static size_t span_tchar(struct httpa_slice s)
{
    size_t n = 0;
    while (n < s.n && httpa_ascii_is_tchar(s.p[n])) {
        n++;
    }
    return n;
}

static bool is_visible(struct httpa_slice s, uint8_t from)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < from || s.p[i] > '~') {
            return false;
        }
    }
    return true;
}

/* type "/" subtype; parameters are looked at no further than that they are
 * printable. */
static bool is_media_type(struct httpa_slice s)
{
    size_t type = span_tchar(s);
    if (type == 0 || type == s.n || s.p[type] != '/') {
        return false;
    }
    s = httpa_slice_from(s, type + 1);
    size_t subtype = span_tchar(s);
    s = httpa_slice_from(s, subtype);
    while (s.n > 0 && s.p[0] == ' ') {
        s = httpa_slice_from(s, 1);
        subtype = s.n > 0 ? subtype : 0; /* a space at the end */
    }
    return subtype > 0 && (s.n == 0 || (s.p[0] == ';' && is_visible(s, ' ')));
}

static size_t span_digits(struct httpa_slice s)
{
    size_t n = 0;
    while (n < s.n && httpa_ascii_is_digit(s.p[n])) {
        n++;
    }
    return n > 1 && s.p[0] == '0' ? 0 : n;
}

/* Two arcs at least, no leading zeros. */
static bool is_oid(struct httpa_slice s)
{
    size_t arcs = 0;
    for (;;) {
        size_t n = span_digits(s);
        if (n == 0) {
            return false;
        }
        arcs++;
        if (n == s.n) {
            return arcs > 1;
        }
        if (s.p[n] != '.') {
            return false;
        }
        s = httpa_slice_from(s, n + 1);
    }
}

/* RFC 3986 3.1: a scheme, a colon, and something visible. */
static bool is_uri(struct httpa_slice s)
{
    size_t n = 0;
    while (n < s.n &&
           (httpa_ascii_is_alpha(s.p[n]) ||
            (n > 0 && (httpa_ascii_is_digit(s.p[n]) || s.p[n] == '+' ||
                       s.p[n] == '-' || s.p[n] == '.')))) {
        n++;
    }
    return n > 0 && n + 1 < s.n && s.p[n] == ':' && is_visible(s, '!');
}

static void read_type(struct httpa_cbor *c, struct httpa_cmw *cmw)
{
    if (httpa_cbor_peek(c) == HTTPA_CBOR_TEXT) {
        cmw->media_type = httpa_cbor_text(c);
        if (!is_media_type(cmw->media_type)) {
            httpa_cbor_fail(c, HTTPA_ERR_MALFORMED);
        }
        return;
    }
    uint64_t format = httpa_cbor_uint(c);
    if (format > UINT16_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    cmw->content_format = (uint16_t)format;
}

static uint32_t read_ind(struct httpa_cbor *c)
{
    uint64_t ind = httpa_cbor_uint(c);
    if (ind == 0 || (ind & ~(uint64_t)IND_ALL) != 0) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    return (uint32_t)ind;
}

static struct httpa_cmw read_record(struct httpa_cbor *c)
{
    struct httpa_cmw cmw = { .kind = HTTPA_CMW_RECORD };
    size_t n = 0;
    struct httpa_cbor items = httpa_cbor_array(c, &n);
    if (n != 2 && n != 3) {
        httpa_cbor_fail(&items, HTTPA_ERR_MALFORMED);
    }
    read_type(&items, &cmw);
    cmw.value = httpa_cbor_bytes(&items);
    if (n == 3) {
        cmw.ind = read_ind(&items);
    }
    enum httpa_err err = httpa_cbor_end(&items);
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
    return cmw;
}

static struct httpa_cmw read_tagged(struct httpa_cbor *c)
{
    struct httpa_cmw cmw = { .kind = HTTPA_CMW_TAG };
    uint64_t tag = httpa_cbor_tag(c);
    if (tag < TAG_FIRST || tag > TAG_LAST || (tag & 0xff) == 0) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    uint64_t off = tag - TAG_FIRST;
    cmw.content_format = (uint16_t)((off >> 8) * TAG_RUN + (off & 0xff));
    cmw.value = httpa_cbor_bytes(c);
    return cmw;
}

static bool is_collection_type(struct httpa_cbor_key key)
{
    return key.is_text && httpa_slice_is(key.text, COLLECTION_TYPE);
}

static struct httpa_slice read_collection_type(struct httpa_cbor *c)
{
    struct httpa_slice type = httpa_cbor_text(c);
    if (!is_uri(type) && !is_oid(type)) {
        httpa_cbor_fail(c, HTTPA_ERR_MALFORMED);
    }
    return type;
}

static struct httpa_cmw read_wrapper(struct httpa_cbor *c, unsigned depth);

static struct httpa_cmw read_collection(struct httpa_cbor *c, unsigned depth)
{
    struct httpa_cmw cmw = { .kind = HTTPA_CMW_COLLECTION };
    if (depth == HTTPA_CMW_DEPTH) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    cmw.entries = httpa_cbor_map(c);
    struct httpa_cbor items = httpa_cbor_map_items(&cmw.entries);
    while (httpa_cbor_more(&items)) {
        if (is_collection_type(httpa_cbor_key(&items))) {
            cmw.collection_type = read_collection_type(&items);
        } else {
            (void)read_wrapper(&items, depth + 1);
            cmw.n++;
        }
    }
    enum httpa_err err = httpa_cbor_end(&items);
    if (err == HTTPA_OK && cmw.n == 0) {
        err = HTTPA_ERR_MISSING;
    }
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
    return cmw;
}

/* Recursion ends at HTTPA_CMW_DEPTH. */
static struct httpa_cmw read_wrapper(struct httpa_cbor *c, unsigned depth)
{
    switch (httpa_cbor_peek(c)) {
    case HTTPA_CBOR_ARRAY:
        return read_record(c);
    case HTTPA_CBOR_TAG:
        return read_tagged(c);
    case HTTPA_CBOR_MAP:
        return read_collection(c, depth);
    case HTTPA_CBOR_NOTHING:
        httpa_cbor_fail(c, HTTPA_ERR_TRUNCATED);
        break;
    default:
        httpa_cbor_fail(c, HTTPA_ERR_MALFORMED);
    }
    return (struct httpa_cmw){ 0 };
}

static enum httpa_err read_one(struct httpa_cbor c, struct httpa_cmw *ret_cmw)
{
    struct httpa_cmw cmw = read_wrapper(&c, 0);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err == HTTPA_OK) {
        *ret_cmw = cmw;
    }
    return err;
}

enum httpa_err httpa_cmw_read(struct httpa_slice in, struct httpa_cmw *ret_cmw)
{
    return read_one(httpa_cbor_of(in, 0), ret_cmw);
}

enum httpa_err httpa_cmw_find(const struct httpa_cmw *collection,
                              const char *label, struct httpa_cmw *ret_cmw)
{
    if (collection->kind != HTTPA_CMW_COLLECTION) {
        return HTTPA_ERR_MALFORMED;
    }
    return read_one(httpa_cbor_find_text(&collection->entries, label), ret_cmw);
}

struct httpa_cmw_iter httpa_cmw_entries(const struct httpa_cmw *collection)
{
    return (struct httpa_cmw_iter){ .items = httpa_cbor_map_items(
                                        &collection->entries) };
}

bool httpa_cmw_next(struct httpa_cmw_iter *it, struct httpa_cbor_key *ret_label,
                    struct httpa_cmw *ret_cmw)
{
    while (httpa_cbor_more(&it->items)) {
        struct httpa_cbor_key label = httpa_cbor_key(&it->items);
        if (is_collection_type(label)) {
            (void)httpa_cbor_skip(&it->items);
            continue;
        }
        *ret_cmw = read_wrapper(&it->items, 0);
        *ret_label = label;
        return true;
    }
    return false;
}

bool httpa_cmw_is_type(struct httpa_slice type, const char *media_type)
{
    size_t n = 0;
    while (n < type.n && type.p[n] != ';' && type.p[n] != ' ') {
        n++;
    }
    return httpa_slice_is_nocase(httpa_slice_of(type.p, n), media_type);
}

bool httpa_cmw_is(const struct httpa_cmw *cmw, const char *media_type)
{
    return httpa_cmw_is_type(cmw->media_type, media_type);
}

void httpa_cmw_put_collection(struct httpa_buf *b, size_t n)
{
    httpa_cbor_put_map(b, n);
}

void httpa_cmw_put_label(struct httpa_buf *b, const char *label)
{
    httpa_cbor_put_str(b, label);
}

static void
put_value(struct httpa_buf *b, struct httpa_slice value, uint32_t ind)
{
    httpa_cbor_put_bytes(b, value);
    if (ind != 0) {
        httpa_cbor_put_uint(b, ind);
    }
}

void httpa_cmw_put_record(struct httpa_buf *b, const char *media_type,
                          struct httpa_slice value, uint32_t ind)
{
    httpa_cbor_put_array(b, ind != 0 ? 3 : 2);
    httpa_cbor_put_str(b, media_type);
    put_value(b, value, ind);
}

void httpa_cmw_put_record_cf(struct httpa_buf *b, uint16_t content_format,
                             struct httpa_slice value, uint32_t ind)
{
    httpa_cbor_put_array(b, ind != 0 ? 3 : 2);
    httpa_cbor_put_uint(b, content_format);
    put_value(b, value, ind);
}

void httpa_cmw_put_tag(struct httpa_buf *b, uint16_t content_format,
                       struct httpa_slice value)
{
    if (content_format > HTTPA_CMW_TAGGED_MAX) {
        b->failed = true;
        return;
    }
    uint64_t run = content_format / TAG_RUN;
    httpa_cbor_put_tag(b, TAG_FIRST + (run << 8) + content_format % TAG_RUN);
    httpa_cbor_put_bytes(b, value);
}
