/*
 * Writing one sealed message (doc/protocol.md 8).
 *
 *   err = httpa_message_writer_init(&w, &start, HTTPA_PADDING_DEFAULT);
 *   err = httpa_message_write_head(&w, &head, HTTPA_WRITE_MORE, &out);
 *   err = httpa_message_write_data(&w, piece, HTTPA_WRITE_MORE, &out);
 *   err = httpa_message_write_data(&w, piece, HTTPA_WRITE_END, &out);
 *
 * Every call appends whole records to the caller's buffer.  Content leaves in
 * records of 16,384 bytes; a shorter one is held back until there is more, a
 * flush, or the end, so that a message of known length has the length that
 * httpa_sealed_length says, however it was cut into calls.
 *
 * The same bytes are never sealed twice: after any error, lack of room in
 * |out| included, the writer is dead and repeats the error.  Give it a buffer
 * with room (httpa_message_write_room).
 */
#ifndef HTTPA_SESSION_MESSAGE_WRITE_H
#define HTTPA_SESSION_MESSAGE_WRITE_H

#include <httpa/exchange.h>

#include "session/record.h"

/* What is to happen after the bytes of a call. */
enum httpa_write {
    HTTPA_WRITE_MORE,  /* more comes at once: hold a short record back */
    HTTPA_WRITE_FLUSH, /* nothing for a while: everything leaves now */
    HTTPA_WRITE_END    /* these were the last: final record */
};

struct httpa_message_writer {
    struct httpa_lane lane;
    enum httpa_padding padding;
    enum httpa_err err; /* sticky */
    bool head;          /* the head was written */
    bool ended;         /* the final record was written */
    struct httpa_buf held;    /* content that waits for its record */
    struct httpa_buf scratch; /* head or trailers in RFC 9292 form */
};

/* |w| is all zeros or was used before and not wiped by _done. */
HTTPA_MUST_USE enum httpa_err
httpa_message_writer_init(struct httpa_message_writer *w,
                          const struct httpa_lane_start *start,
                          enum httpa_padding padding);

/* From now on every call answers |err|: the message cannot be written. */
void httpa_message_writer_fail(struct httpa_message_writer *w,
                               enum httpa_err err);

/* Wipes and frees. */
void httpa_message_writer_done(struct httpa_message_writer *w);

/*
 * Of all functions below: HTTPA_ERR_USAGE out of order, HTTPA_ERR_REKEY key
 * or indexes used up, HTTPA_ERR_SPACE |out| is full.
 *
 * The head, in RFC 9292 form; with HTTPA_WRITE_END the only record.
 * HTTPA_ERR_RANGE: it breaks a limit of codec/bhttp.h.
 */
HTTPA_MUST_USE enum httpa_err
httpa_message_write_head(struct httpa_message_writer *w,
                         const struct httpa_head *head, enum httpa_write then,
                         struct httpa_buf *out);

/* Content; an empty |data| flushes or ends. */
HTTPA_MUST_USE enum httpa_err
httpa_message_write_data(struct httpa_message_writer *w,
                         struct httpa_slice data, enum httpa_write then,
                         struct httpa_buf *out);

/* A sign of life; may come before the head, not after the end. */
HTTPA_MUST_USE enum httpa_err
httpa_message_write_filler(struct httpa_message_writer *w,
                           struct httpa_buf *out);

/* What is held back, then trailers as the final record. */
HTTPA_MUST_USE enum httpa_err
httpa_message_write_trailers(struct httpa_message_writer *w,
                             const struct httpa_fields *trailers,
                             struct httpa_buf *out);

/* Bytes that a call with |data_n| bytes of content appends at most. */
size_t httpa_message_write_room(const struct httpa_message_writer *w,
                                size_t data_n);

/* The RFC 9292 bytes of the head or trailers written last: what TH2 hashes.
 * Valid until the next call. */
struct httpa_slice
httpa_message_write_raw(const struct httpa_message_writer *w);

#endif
