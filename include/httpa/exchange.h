/*
 * One request and its answer, sealed: what client and server share.
 *
 * A sealed message is a sequence of records: a head, content, perhaps
 * trailers, the last one marked final (doc/protocol.md, "Records").  The
 * outer HTTP message that carries it is always a POST answered with 200; its
 * method, target, status and fields mean nothing.
 *
 * Both sides work in the same way, in a streaming fashion and without I/O:
 *
 *   reading   give ciphertext as it arrives, in pieces of any size, and take
 *             events: HTTPA_EVENT_HEAD once, then DATA and FILLER any number
 *             of times, perhaps TRAILERS, then END.  Only bytes whose record
 *             verified are ever delivered.  A message is complete at END and
 *             not before: when the outer message ends without it, what was
 *             delivered is genuine and incomplete.
 *   writing   give plaintext, take records ready to be sent.  Every call
 *             appends whole records to a buffer of the caller's.
 *
 * Slices in an event point into the exchange and are valid until the next
 * call on it.
 */
#ifndef HTTPA_EXCHANGE_H
#define HTTPA_EXCHANGE_H

#include <httpa/message.h>

enum httpa_event_type {
    HTTPA_EVENT_NONE = 0, /* needs more input */
    HTTPA_EVENT_HEAD,     /* head, checked by the rebuilding rules */
    HTTPA_EVENT_DATA,     /* a piece of content */
    HTTPA_EVENT_FILLER,   /* a sign of life, no data */
    HTTPA_EVENT_TRAILERS, /* trailers, checked */
    HTTPA_EVENT_END       /* the final record verified: complete */
};

struct httpa_event {
    enum httpa_event_type type;
    const struct httpa_head *head;       /* HEAD */
    struct httpa_slice data;             /* DATA */
    const struct httpa_fields *trailers; /* TRAILERS */
};

/* Room for one outer head of ours: request heads stay under 7 kB, response
 * heads under 3.5 kB (doc/protocol.md, "Limits"). */
#define HTTPA_OUTER_BYTES 7168u
#define HTTPA_OUTER_FIELDS 40u

/* An outer head that owns its bytes: may be kept, must not be copied. */
struct httpa_outer {
    struct httpa_head head;
    struct httpa_field fields[HTTPA_OUTER_FIELDS];
    uint8_t bytes[HTTPA_OUTER_BYTES];
    size_t used;
};

/* Content whose length is not known when it begins. */
#define HTTPA_LENGTH_UNKNOWN UINT64_MAX

/* How records are padded (doc/protocol.md, "Padding"). */
enum httpa_padding {
    HTTPA_PADDING_DEFAULT = 0, /* under 1 KiB: to a multiple of 128 */
    HTTPA_PADDING_NONE
};

/* Bytes that the sealed form of a message with |head_len| bytes of RFC 9292
 * head and |content_len| bytes of content, written without flushes, fillers
 * or trailers, has: its outer Content-Length. */
uint64_t httpa_sealed_length(size_t head_len, uint64_t content_len,
                             enum httpa_padding padding);

#endif
