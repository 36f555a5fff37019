/*
 * Reading one sealed message, as it arrives (doc/protocol.md 8, 10).
 *
 *   err = httpa_message_reader_init(&r, &start, &expect);
 *   for each piece of ciphertext:
 *       do {
 *           err = httpa_message_read(&r, &piece, &event);
 *       } while (err == HTTPA_OK && event.type != HTTPA_EVENT_NONE);
 *   at the end of the outer message:
 *       err = httpa_message_read_end(&r);
 *
 * Holds one record, and no more memory than bytes of it arrived.  Nothing is
 * handed out before its record verified.  The head comes judged and filtered
 * by wire/head_rules.h, content-length is compared with the content, order,
 * final record and limits are enforced; after an error the reader is dead and
 * repeats the error.
 */
#ifndef HTTPA_SESSION_MESSAGE_READ_H
#define HTTPA_SESSION_MESSAGE_READ_H

#include <httpa/exchange.h>

#include "session/record.h"
#include "wire/ahl.h"
#include "wire/head_rules.h"

enum httpa_message_form {
    HTTPA_MESSAGE_REQUEST,
    HTTPA_MESSAGE_RESPONSE,
    HTTPA_MESSAGE_ATHS /* the response of a handshake */
};

/* What a message must be. */
struct httpa_message_expect {
    enum httpa_message_form form;
    struct httpa_slice target; /* REQUEST: of the base; must outlive */
    struct httpa_slice method; /* RESPONSE: of the request; must outlive */
};

enum httpa_message_stage {
    HTTPA_STAGE_HEAD = 0, /* no head yet */
    HTTPA_STAGE_CONTENT,
    HTTPA_STAGE_FINAL, /* the final record was delivered, END is due */
    HTTPA_STAGE_ENDED
};

struct httpa_message_reader {
    struct httpa_lane lane;
    struct httpa_message_expect expect;
    enum httpa_err err; /* sticky */
    enum httpa_message_stage stage;
    uint8_t header[HTTPA_RECORD_HEADER];
    size_t header_n;
    struct httpa_record_header now; /* of the record that is arriving */
    struct httpa_buf record;        /* its bytes, then its plaintext */
    bool opened;       /* |record| holds plaintext of the last event */
    unsigned empty;    /* records without data in a row */
    uint64_t content;  /* bytes of content so far */
    struct httpa_slice raw;
    struct httpa_head_verdict verdict; /* of the head */
    struct httpa_head head;
    struct httpa_fields trailers;
    struct httpa_buf room; /* joined cookies */

    /* Large, written before it is read, and no secret: neither cleared at the
     * beginning nor wiped at the end. */
    struct httpa_ahl ahl; /* of the head */
    struct httpa_field fields[HTTPA_FIELDS_MAX];
};

/* How much of a reader has to be zero before httpa_message_reader_init. */
#define HTTPA_MESSAGE_READER_ZEROED offsetof(struct httpa_message_reader, ahl)

/* |r| is zero as far as HTTPA_MESSAGE_READER_ZEROED, or was used before and
 * not wiped by _done. */
HTTPA_MUST_USE enum httpa_err
httpa_message_reader_init(struct httpa_message_reader *r,
                          const struct httpa_lane_start *start,
                          const struct httpa_message_expect *expect);

/* Wipes and frees. */
void httpa_message_reader_done(struct httpa_message_reader *r);

/*
 * Takes bytes from the front of |in| and gives the next event; NONE when all
 * of |in| was taken and none is complete.  Slices in the event are valid until
 * the next call.
 *
 *   HTTPA_ERR_TAG           a record does not verify
 *   HTTPA_ERR_MALFORMED, HTTPA_ERR_RANGE  not a record, not a head
 *   HTTPA_ERR_ORDER         a record where it may not stand
 *   HTTPA_ERR_TRAILING      bytes behind the final record
 *   HTTPA_ERR_HEAD          the head, trailers or the length of the content
 *                           break a rule (r->verdict.rule)
 *   HTTPA_ERR_INNER_TARGET  the authority is not the base's
 *   HTTPA_ERR_LIMIT         too many records without data
 *   HTTPA_ERR_REKEY         key or indexes used up
 *   and of the Attest-* fields in the head those of httpa_ahl_read.
 */
HTTPA_MUST_USE enum httpa_err
httpa_message_read(struct httpa_message_reader *r, struct httpa_slice *in,
                   struct httpa_event *ret_event);

/* The outer message ended: HTTPA_OK if END was given, else
 * HTTPA_ERR_TRUNCATED, or the error that was met before. */
HTTPA_MUST_USE enum httpa_err
httpa_message_read_end(struct httpa_message_reader *r);

/* The data of the record behind the last event as it was sealed: what TH2
 * hashes of a head.  Valid as the event is. */
struct httpa_slice
httpa_message_read_raw(const struct httpa_message_reader *r);

/* The Attest-* fields of the head, after HTTPA_EVENT_HEAD; of the trailers of
 * a handshake, after HTTPA_EVENT_TRAILERS. */
const struct httpa_ahl *
httpa_message_read_ahl(const struct httpa_message_reader *r);

#endif
