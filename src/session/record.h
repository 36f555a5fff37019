/*
 * Records: the pieces that a sealed message consists of (doc/protocol.md 8).
 *
 *   u32      bit 31 final, bits 30..17 zero, length of what follows
 *   AEAD of  data || type || zeros        AAD: the u32 and the bind
 *
 * A lane is one message in one direction: key, number, and the index of the
 * next record, which only ever goes up.  One record, one index, one use.
 */
#ifndef HTTPA_SESSION_RECORD_H
#define HTTPA_SESSION_RECORD_H

#include <httpa/exchange.h>

#include "crypto/aead.h"
#include "crypto/schedule.h"
#include "session/meter.h"
#include "wire/limits.h"

enum httpa_record_type {
    HTTPA_RECORD_HEAD = 1,
    HTTPA_RECORD_CONTENT = 2,
    HTTPA_RECORD_TRAILERS = 3,
    HTTPA_RECORD_FILLER = 4
};

#define HTTPA_BIND_MAX HTTPA_AEAD_TAG

struct httpa_lane {
    struct httpa_aead aead;
    struct httpa_meter *meter; /* NULL: none */
    uint8_t iv[HTTPA_AEAD_NONCE];
    uint64_t n;
    uint32_t index; /* of the next record */
    uint8_t bind[HTTPA_BIND_MAX];
    uint8_t bind_n; /* 0 in the AtHS response, else 16 */
};

/* How a lane begins. */
struct httpa_lane_start {
    const struct httpa_crypto *crypto;
    const struct httpa_traffic *traffic; /* of the direction */
    struct httpa_meter *meter;           /* NULL: none */
    uint64_t n;
    struct httpa_slice bind; /* AtT or AtBr; empty in the AtHS response */
    bool keyed; /* the lane's aead holds this key already, from its tag */
};

/* The header of a record. */
struct httpa_record_header {
    bool final;
    size_t length; /* of the ciphertext that follows */
};

/* A record that opened; |data| points to where it was opened. */
struct httpa_record {
    enum httpa_record_type type;
    bool final;
    struct httpa_slice data;
};

/* |lane| is all zeros or was used before; then its memory is used again. */
HTTPA_MUST_USE enum httpa_err
httpa_lane_init(struct httpa_lane *lane, const struct httpa_lane_start *start);
void httpa_lane_done(struct httpa_lane *lane); /* wipes and frees */

/* HTTPA_ERR_MALFORMED for bits that must be zero, HTTPA_ERR_RANGE for a
 * length that no record has.  To be asked before anything is buffered. */
HTTPA_MUST_USE enum httpa_err
httpa_record_header_read(const uint8_t bytes[HTTPA_RECORD_HEADER],
                         struct httpa_record_header *ret_h);

/* Bytes of the record with |data_n| bytes of data. */
size_t httpa_record_size(size_t data_n, enum httpa_padding padding);

/*
 * Appends one record to |out|.  |data| in two pieces, which may not point
 * into |out|.
 *   HTTPA_ERR_REKEY  the key or the indexes are used up
 *   HTTPA_ERR_RANGE  more data than a record holds
 *   HTTPA_ERR_SPACE  |out| is full; nothing was appended
 */
HTTPA_MUST_USE enum httpa_err
httpa_record_seal(struct httpa_lane *lane, const struct httpa_record *record,
                  enum httpa_padding padding, struct httpa_buf *out);

/*
 * Opens |sealed| (the ciphertext behind |header|) and writes the plaintext to
 * |to|, |sealed|.n - 16 bytes, which may be where |sealed| stands.
 *   HTTPA_ERR_TAG        does not verify; |to| is wiped
 *   HTTPA_ERR_MALFORMED  no type byte, or an unknown type
 *   HTTPA_ERR_REKEY      the key or the indexes are used up
 */
HTTPA_MUST_USE enum httpa_err
httpa_record_open(struct httpa_lane *lane, struct httpa_record_header header,
                  struct httpa_slice sealed, uint8_t *to,
                  struct httpa_record *ret_record);

#endif
