#include "base/writer.h"

#include <string.h>

static void big_endian(struct httpa_buf *b, uint64_t v, size_t n)
{
    uint8_t out[8];
    for (size_t i = n; i > 0; i--) {
        out[i - 1] = (uint8_t)v;
        v >>= 8;
    }
    httpa_buf_put(b, out, n);
}

void httpa_write_u16(struct httpa_buf *b, uint16_t v)
{
    big_endian(b, v, 2);
}

void httpa_write_u32(struct httpa_buf *b, uint32_t v)
{
    big_endian(b, v, 4);
}

void httpa_write_u64(struct httpa_buf *b, uint64_t v)
{
    big_endian(b, v, 8);
}

static void prefixed(struct httpa_buf *b, struct httpa_slice s, size_t width)
{
    if ((uint64_t)s.n >> (8 * width) != 0) {
        b->failed = true;
        return;
    }
    big_endian(b, s.n, width);
    httpa_buf_put_slice(b, s);
}

void httpa_write_v8(struct httpa_buf *b, struct httpa_slice s)
{
    prefixed(b, s, 1);
}

void httpa_write_v16(struct httpa_buf *b, struct httpa_slice s)
{
    prefixed(b, s, 2);
}

void httpa_write_v32(struct httpa_buf *b, struct httpa_slice s)
{
    prefixed(b, s, 4);
}

void httpa_write_label(struct httpa_buf *b, const char *s)
{
    httpa_buf_put(b, s, strlen(s) + 1);
}

void httpa_write_decimal(struct httpa_buf *b, uint64_t v)
{
    char digits[20]; /* 2^64 - 1 has 20 digits */
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    httpa_buf_put(b, digits + at, sizeof(digits) - at);
}

void httpa_write_hex(struct httpa_buf *b, struct httpa_slice s)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t *to = httpa_buf_room(b, 2 * s.n);
    for (size_t i = 0; to != NULL && i < s.n; i++) {
        to[2 * i] = (uint8_t)hex[s.p[i] >> 4];
        to[2 * i + 1] = (uint8_t)hex[s.p[i] & 15];
    }
    if (to != NULL) {
        httpa_buf_grew(b, 2 * s.n);
    }
}
