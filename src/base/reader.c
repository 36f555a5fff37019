#include "base/reader.h"

#include <string.h>

struct httpa_reader httpa_reader_of(struct httpa_slice in)
{
    return (struct httpa_reader){ .in = in };
}

bool httpa_reader_ok(const struct httpa_reader *r)
{
    return !r->failed;
}

enum httpa_err httpa_reader_end(const struct httpa_reader *r)
{
    if (r->failed) {
        return HTTPA_ERR_TRUNCATED;
    }
    return r->in.n == 0 ? HTTPA_OK : HTTPA_ERR_TRAILING;
}

struct httpa_slice httpa_read_slice(struct httpa_reader *r, size_t n)
{
    if (r->failed || n > r->in.n) {
        r->failed = true;
        return (struct httpa_slice){ 0 };
    }
    struct httpa_slice s = { .p = r->in.p, .n = n };
    r->in = httpa_slice_from(r->in, n);
    return s;
}

void httpa_read_into(struct httpa_reader *r, uint8_t *to, size_t n)
{
    struct httpa_slice s = httpa_read_slice(r, n);
    if (s.n == n && n > 0) {
        memcpy(to, s.p, n);
    } else {
        memset(to, 0, n);
    }
}

void httpa_read_zeros(struct httpa_reader *r, size_t n)
{
    struct httpa_slice s = httpa_read_slice(r, n);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != 0) {
            r->failed = true;
        }
    }
}

static uint64_t big_endian(struct httpa_reader *r, size_t n)
{
    struct httpa_slice s = httpa_read_slice(r, n);
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        v = v << 8 | s.p[i];
    }
    return v;
}

static uint64_t little_endian(struct httpa_reader *r, size_t n)
{
    struct httpa_slice s = httpa_read_slice(r, n);
    uint64_t v = 0;
    for (size_t i = s.n; i > 0; i--) {
        v = v << 8 | s.p[i - 1];
    }
    return v;
}

uint8_t httpa_read_u8(struct httpa_reader *r)
{
    return (uint8_t)big_endian(r, 1);
}

uint16_t httpa_read_u16(struct httpa_reader *r)
{
    return (uint16_t)big_endian(r, 2);
}

uint32_t httpa_read_u32(struct httpa_reader *r)
{
    return (uint32_t)big_endian(r, 4);
}

uint64_t httpa_read_u64(struct httpa_reader *r)
{
    return big_endian(r, 8);
}

uint16_t httpa_read_u16le(struct httpa_reader *r)
{
    return (uint16_t)little_endian(r, 2);
}

uint32_t httpa_read_u32le(struct httpa_reader *r)
{
    return (uint32_t)little_endian(r, 4);
}

uint64_t httpa_read_u64le(struct httpa_reader *r)
{
    return little_endian(r, 8);
}
