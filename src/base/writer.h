/*
 * Writing integers and length-prefixed bytes in wire order.  All are appends
 * to a struct httpa_buf with its sticky failure (see <httpa/slice.h>).  v8,
 * v16 and v32 are the notation of doc/protocol.md: a big-endian length of
 * that width, then the bytes; a length that does not fit fails the buffer.
 */
#ifndef HTTPA_BASE_WRITER_H
#define HTTPA_BASE_WRITER_H

#include <httpa/slice.h>

void httpa_write_u16(struct httpa_buf *b, uint16_t v);
void httpa_write_u32(struct httpa_buf *b, uint32_t v);
void httpa_write_u64(struct httpa_buf *b, uint64_t v);

void httpa_write_v8(struct httpa_buf *b, struct httpa_slice s);
void httpa_write_v16(struct httpa_buf *b, struct httpa_slice s);
void httpa_write_v32(struct httpa_buf *b, struct httpa_slice s);

/* The ASCII bytes of |s| and one zero byte: lbl(s) of doc/protocol.md. */
void httpa_write_label(struct httpa_buf *b, const char *s);

/* Decimal digits of |v|, no padding. */
void httpa_write_decimal(struct httpa_buf *b, uint64_t v);

/* Lower-case hex of |s|. */
void httpa_write_hex(struct httpa_buf *b, struct httpa_slice s);

#endif
