/*
 * Writing CBOR (RFC 8949 4.2.1): definite lengths, every integer and length
 * as short as it can be.  Appends to a struct httpa_buf with its sticky
 * failure.  The caller writes so many items as an array or map says, and the
 * keys of a map in the order of their encodings, bytewise: with keys of these
 * sorts that is 0, 1, 2... then -1, -2... then texts by length, then bytes.
 */
#ifndef HTTPA_CODEC_CBOR_WRITE_H
#define HTTPA_CODEC_CBOR_WRITE_H

#include <httpa/slice.h>

void httpa_cbor_put_uint(struct httpa_buf *b, uint64_t v);
void httpa_cbor_put_int(struct httpa_buf *b, int64_t v);
void httpa_cbor_put_bytes(struct httpa_buf *b, struct httpa_slice s);

/* |s| must be UTF-8: the caller vouches for it. */
void httpa_cbor_put_text(struct httpa_buf *b, struct httpa_slice s);
void httpa_cbor_put_str(struct httpa_buf *b, const char *s);

/* The head of a byte string of |n| bytes, which the caller appends. */
void httpa_cbor_put_bytes_head(struct httpa_buf *b, uint64_t n);

/* |n| items follow; of a map, |n| keys each with its value. */
void httpa_cbor_put_array(struct httpa_buf *b, uint64_t n);
void httpa_cbor_put_map(struct httpa_buf *b, uint64_t n);

/* One item follows. */
void httpa_cbor_put_tag(struct httpa_buf *b, uint64_t number);

void httpa_cbor_put_bool(struct httpa_buf *b, bool v);
void httpa_cbor_put_null(struct httpa_buf *b);

#endif
