/* CBOR: what is read strictly has one encoding, so writing it again makes
 * the same bytes; reading and skipping agree on what is well-formed. */
#include "fuzz.h"

#include "codec/cbor.h"
#include "codec/cbor_write.h"

static void copy(struct httpa_cbor *c, struct httpa_buf *b);

static void copy_array(struct httpa_cbor *c, struct httpa_buf *b)
{
    size_t n = 0, seen = 0;
    struct httpa_cbor items = httpa_cbor_array(c, &n);
    httpa_cbor_put_array(b, n);
    while (httpa_cbor_more(&items)) {
        copy(&items, b);
        seen++;
    }
    if (httpa_cbor_end(&items) != HTTPA_OK) { /* a map inside: its keys */
        httpa_cbor_fail(c, httpa_cbor_end(&items));
    }
    must(c->err != HTTPA_OK || seen == n);
}

static struct httpa_cbor
find(const struct httpa_cbor_map *m, struct httpa_cbor_key key)
{
    return key.is_text ? httpa_cbor_find(m, key)
                       : httpa_cbor_find_int(m, key.number);
}

static void copy_map(struct httpa_cbor *c, struct httpa_buf *b)
{
    struct httpa_cbor_map m = httpa_cbor_map(c);
    struct httpa_cbor items = httpa_cbor_map_items(&m);
    size_t seen = 0;
    httpa_cbor_put_map(b, m.n);
    while (httpa_cbor_more(&items)) {
        struct httpa_cbor_key key = httpa_cbor_key(&items);
        struct httpa_cbor found = find(&m, key);
        must(found.in.in.p == items.in.in.p);
        if (key.is_text) {
            httpa_cbor_put_text(b, key.text);
        } else {
            httpa_cbor_put_int(b, key.number);
        }
        copy(&items, b);
        seen++;
    }
    if (httpa_cbor_end(&items) != HTTPA_OK) {
        httpa_cbor_fail(c, httpa_cbor_end(&items));
    }
    must(c->err != HTTPA_OK || seen == m.n);
}

static void copy_int(struct httpa_cbor *c, struct httpa_buf *b)
{
    struct httpa_cbor big = *c;
    int64_t v = httpa_cbor_int(c);
    if (c->err == HTTPA_ERR_RANGE) { /* of 64 bits and a sign */
        *c = big;
        httpa_buf_put_slice(b, httpa_cbor_skip(c));
    } else {
        httpa_cbor_put_int(b, v);
    }
}

static void copy(struct httpa_cbor *c, struct httpa_buf *b)
{
    switch (httpa_cbor_peek(c)) {
    case HTTPA_CBOR_UINT:
        httpa_cbor_put_uint(b, httpa_cbor_uint(c));
        break;
    case HTTPA_CBOR_NINT:
        copy_int(c, b);
        break;
    case HTTPA_CBOR_BYTES:
        httpa_cbor_put_bytes(b, httpa_cbor_bytes(c));
        break;
    case HTTPA_CBOR_TEXT:
        httpa_cbor_put_text(b, httpa_cbor_text(c));
        break;
    case HTTPA_CBOR_ARRAY:
        copy_array(c, b);
        break;
    case HTTPA_CBOR_MAP:
        copy_map(c, b);
        break;
    case HTTPA_CBOR_TAG:
        httpa_cbor_put_tag(b, httpa_cbor_tag(c));
        if (httpa_cbor_more(c)) {
            copy(c, b);
        } else {
            httpa_cbor_fail(c, HTTPA_ERR_TRUNCATED);
        }
        break;
    case HTTPA_CBOR_BOOL:
        httpa_cbor_put_bool(b, httpa_cbor_bool(c));
        break;
    case HTTPA_CBOR_NULL:
        must(httpa_cbor_null(c));
        httpa_cbor_put_null(b);
        break;
    default:
        httpa_buf_put_slice(b, httpa_cbor_skip(c));
    }
}

/* Also bounds the recursion of copy. */
static bool well_formed(struct httpa_slice in, unsigned flags)
{
    struct httpa_cbor c = httpa_cbor_of(in, flags);
    while (httpa_cbor_more(&c)) {
        (void)httpa_cbor_skip(&c);
    }
    return httpa_cbor_end(&c) == HTTPA_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    bool strict = well_formed(in, 0),
         lax = well_formed(in, HTTPA_CBOR_INDEFINITE);
    must(lax || !strict);
    for (unsigned flags = 0; flags <= HTTPA_CBOR_INDEFINITE; flags++) {
        if (!(flags == 0 ? strict : lax)) {
            continue;
        }
        struct httpa_buf b = httpa_buf_growing(2 * size + 16);
        struct httpa_cbor c = httpa_cbor_of(in, flags);
        while (httpa_cbor_more(&c)) {
            copy(&c, &b);
        }
        must(httpa_buf_check(&b) == HTTPA_OK);
        if (strict && httpa_cbor_end(&c) == HTTPA_OK) {
            must(httpa_slice_equal(httpa_buf_slice(&b), in));
        }
        httpa_buf_done(&b);
    }
    return 0;
}
