#include "codec/cbor_write.h"

#include "base/writer.h"

/* RFC 8949 3: major types, in place. */
enum major {
    MAJOR_UINT = 0 << 5,
    MAJOR_NINT = 1 << 5,
    MAJOR_BYTES = 2 << 5,
    MAJOR_TEXT = 3 << 5,
    MAJOR_ARRAY = 4 << 5,
    MAJOR_MAP = 5 << 5,
    MAJOR_TAG = 6 << 5
};

#define INITIAL_FALSE 0xf4
#define INITIAL_TRUE 0xf5
#define INITIAL_NULL 0xf6

static void put_head(struct httpa_buf *b, enum major major, uint64_t v)
{
    if (v < 24) {
        httpa_buf_put_byte(b, (uint8_t)(major | v));
    } else if (v <= UINT8_MAX) {
        httpa_buf_put_byte(b, (uint8_t)(major | 24));
        httpa_buf_put_byte(b, (uint8_t)v);
    } else if (v <= UINT16_MAX) {
        httpa_buf_put_byte(b, (uint8_t)(major | 25));
        httpa_write_u16(b, (uint16_t)v);
    } else if (v <= UINT32_MAX) {
        httpa_buf_put_byte(b, (uint8_t)(major | 26));
        httpa_write_u32(b, (uint32_t)v);
    } else {
        httpa_buf_put_byte(b, (uint8_t)(major | 27));
        httpa_write_u64(b, v);
    }
}

void httpa_cbor_put_uint(struct httpa_buf *b, uint64_t v)
{
    put_head(b, MAJOR_UINT, v);
}

void httpa_cbor_put_int(struct httpa_buf *b, int64_t v)
{
    if (v < 0) {
        put_head(b, MAJOR_NINT, (uint64_t)(-1 - v));
    } else {
        put_head(b, MAJOR_UINT, (uint64_t)v);
    }
}

void httpa_cbor_put_bytes_head(struct httpa_buf *b, uint64_t n)
{
    put_head(b, MAJOR_BYTES, n);
}

void httpa_cbor_put_bytes(struct httpa_buf *b, struct httpa_slice s)
{
    put_head(b, MAJOR_BYTES, s.n);
    httpa_buf_put_slice(b, s);
}

void httpa_cbor_put_text(struct httpa_buf *b, struct httpa_slice s)
{
    put_head(b, MAJOR_TEXT, s.n);
    httpa_buf_put_slice(b, s);
}

void httpa_cbor_put_str(struct httpa_buf *b, const char *s)
{
    httpa_cbor_put_text(b, httpa_slice_str(s));
}

void httpa_cbor_put_array(struct httpa_buf *b, uint64_t n)
{
    put_head(b, MAJOR_ARRAY, n);
}

void httpa_cbor_put_map(struct httpa_buf *b, uint64_t n)
{
    put_head(b, MAJOR_MAP, n);
}

void httpa_cbor_put_tag(struct httpa_buf *b, uint64_t number)
{
    put_head(b, MAJOR_TAG, number);
}

void httpa_cbor_put_bool(struct httpa_buf *b, bool v)
{
    httpa_buf_put_byte(b, v ? INITIAL_TRUE : INITIAL_FALSE);
}

void httpa_cbor_put_null(struct httpa_buf *b)
{
    httpa_buf_put_byte(b, INITIAL_NULL);
}
