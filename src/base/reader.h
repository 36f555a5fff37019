/*
 * Reading bytes in wire order.
 *
 * A reader is sticky: once a read runs past the end it yields zeros and
 * `failed` stays set, so a parser reads field after field without a branch
 * and asks once, with httpa_reader_end, before it believes anything.  Loops
 * ask httpa_reader_ok on every turn.
 */
#ifndef HTTPA_BASE_READER_H
#define HTTPA_BASE_READER_H

#include <httpa/slice.h>

struct httpa_reader {
    struct httpa_slice in; /* what is left */
    bool failed;
};

/* A reader over all of |in|. */
struct httpa_reader httpa_reader_of(struct httpa_slice in);

bool httpa_reader_ok(const struct httpa_reader *r);

/* HTTPA_OK, HTTPA_ERR_TRUNCATED, or HTTPA_ERR_TRAILING for bytes left over. */
HTTPA_MUST_USE enum httpa_err httpa_reader_end(const struct httpa_reader *r);

uint8_t httpa_read_u8(struct httpa_reader *r);
uint16_t httpa_read_u16(struct httpa_reader *r); /* big-endian */
uint32_t httpa_read_u32(struct httpa_reader *r);
uint64_t httpa_read_u64(struct httpa_reader *r);
uint16_t httpa_read_u16le(struct httpa_reader *r);
uint32_t httpa_read_u32le(struct httpa_reader *r);
uint64_t httpa_read_u64le(struct httpa_reader *r);

/* The next |n| bytes, borrowed from the input; empty after a failure. */
struct httpa_slice httpa_read_slice(struct httpa_reader *r, size_t n);

/* Copies the next |n| bytes to |to|; zeros after a failure. */
void httpa_read_into(struct httpa_reader *r, uint8_t *to, size_t n);

/* Fails the reader unless the next |n| bytes are all zero. */
void httpa_read_zeros(struct httpa_reader *r, size_t n);

#endif
