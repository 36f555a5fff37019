#include "session/record.h"

#include <string.h>

#include "base/secret.h"
#include "base/writer.h"

#define FINAL_BIT 0x80000000u
#define LENGTH_BITS 0x0001ffffu

/* doc/protocol.md 8.4 */
#define PAD_BELOW 1024u
#define PAD_TO 128u

/* The most zeros that one record gets, and its type byte. */
#define TAIL_MAX (1u + PAD_TO)

enum httpa_err httpa_lane_init(struct httpa_lane *lane,
                               const struct httpa_lane_start *start)
{
    if (start->bind.n > sizeof(lane->bind)) {
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = HTTPA_OK;
    if (!start->keyed) {
        err = httpa_aead_init(&lane->aead, start->crypto,
                              start->traffic->suite,
                              httpa_traffic_key(start->traffic));
    }
    if (err != HTTPA_OK) {
        return err;
    }
    lane->meter = start->meter;
    memcpy(lane->iv, start->traffic->iv, sizeof(lane->iv));
    lane->n = start->n;
    lane->index = 0;
    lane->bind_n = (uint8_t)start->bind.n;
    if (start->bind.n > 0) {
        memcpy(lane->bind, start->bind.p, start->bind.n);
    }
    return HTTPA_OK;
}

void httpa_lane_done(struct httpa_lane *lane)
{
    httpa_aead_done(&lane->aead);
    httpa_wipe(lane, sizeof(*lane));
}

enum httpa_err
httpa_record_header_read(const uint8_t bytes[HTTPA_RECORD_HEADER],
                         struct httpa_record_header *ret_h)
{
    uint32_t word = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                    (uint32_t)bytes[2] << 8 | bytes[3];
    uint32_t length = word & LENGTH_BITS;
    if ((word & ~(FINAL_BIT | LENGTH_BITS)) != 0) {
        return HTTPA_ERR_MALFORMED;
    }
    if (length < HTTPA_LIMIT_RECORD_MIN || length > HTTPA_LIMIT_RECORD) {
        return HTTPA_ERR_RANGE;
    }
    ret_h->final = (word & FINAL_BIT) != 0;
    ret_h->length = length;
    return HTTPA_OK;
}

static void write_header(uint8_t to[HTTPA_RECORD_HEADER],
                         struct httpa_record_header h)
{
    struct httpa_buf b = httpa_buf_fixed(to, HTTPA_RECORD_HEADER);
    httpa_write_u32(&b, (h.final ? FINAL_BIT : 0) | (uint32_t)h.length);
}

/* Bytes of plaintext: data, type, padding. */
static size_t plain_size(size_t data_n, enum httpa_padding padding)
{
    size_t n = data_n + 1;
    bool pads = padding == HTTPA_PADDING_DEFAULT && n < PAD_BELOW;
    return pads ? (n + PAD_TO - 1) / PAD_TO * PAD_TO : n;
}

size_t httpa_record_size(size_t data_n, enum httpa_padding padding)
{
    return HTTPA_RECORD_HEADER + plain_size(data_n, padding) +
           HTTPA_RECORD_TAG;
}

uint64_t httpa_sealed_length(size_t head_len, uint64_t content_len,
                             enum httpa_padding padding)
{
    uint64_t whole = content_len / HTTPA_RECORD_DATA;
    size_t rest = (size_t)(content_len % HTTPA_RECORD_DATA);
    return httpa_record_size(head_len, padding) +
           whole * httpa_record_size(HTTPA_RECORD_DATA, padding) +
           (rest > 0 ? httpa_record_size(rest, padding) : 0);
}

/* The index of the next record is used up whatever follows. */
static enum httpa_err next_nonce(struct httpa_lane *lane, size_t aad_n,
                                 size_t text_n,
                                 uint8_t ret_nonce[HTTPA_AEAD_NONCE])
{
    if (lane->index > HTTPA_LIMIT_RECORD_INDEX) {
        return HTTPA_ERR_REKEY;
    }
    enum httpa_err err = httpa_meter_take(lane->meter, aad_n, text_n);
    if (err == HTTPA_OK) {
        httpa_schedule_nonce(lane->iv, lane->n, lane->index++, ret_nonce);
    }
    return err;
}

static struct httpa_aead_parts aad_of(const struct httpa_lane *lane,
                                      const uint8_t *header)
{
    return httpa_aead_two(httpa_slice_of(header, HTTPA_RECORD_HEADER),
                          httpa_slice_of(lane->bind, lane->bind_n));
}

enum httpa_err httpa_record_seal(struct httpa_lane *lane,
                                 const struct httpa_record *record,
                                 enum httpa_padding padding,
                                 struct httpa_buf *out)
{
    struct httpa_slice data = record->data;
    if (data.n > HTTPA_LIMIT_RECORD_DATA) {
        return HTTPA_ERR_RANGE;
    }
    size_t plain_n = plain_size(data.n, padding);
    uint8_t *to = httpa_buf_room(out, httpa_record_size(data.n, padding));
    if (to == NULL) {
        return HTTPA_ERR_SPACE;
    }
    uint8_t tail[TAIL_MAX] = { (uint8_t)record->type };
    uint8_t nonce[HTTPA_AEAD_NONCE];
    enum httpa_err err = next_nonce(
        lane, HTTPA_RECORD_HEADER + (size_t)lane->bind_n, plain_n, nonce);
    if (err != HTTPA_OK) {
        return err;
    }
    write_header(to, (struct httpa_record_header){
                         .final = record->final,
                         .length = plain_n + HTTPA_RECORD_TAG });
    err = httpa_aead_seal(
        &lane->aead, nonce, aad_of(lane, to),
        httpa_aead_two(data, httpa_slice_of(tail, plain_n - data.n)),
        to + HTTPA_RECORD_HEADER);
    if (err == HTTPA_OK) {
        httpa_buf_grew(out, httpa_record_size(data.n, padding));
    }
    return err;
}

/* The type is the last byte that is not zero.  How much is padding is told by
 * the length of the record, so the time of this tells nothing new. */
static enum httpa_err split(struct httpa_slice plain,
                            struct httpa_record *ret_record)
{
    size_t n = plain.n;
    while (n > 0 && plain.p[n - 1] == 0) {
        n--;
    }
    if (n == 0 || plain.p[n - 1] > HTTPA_RECORD_FILLER) {
        return HTTPA_ERR_MALFORMED;
    }
    ret_record->type = (enum httpa_record_type)plain.p[n - 1];
    ret_record->data = httpa_slice_of(plain.p, n - 1);
    return HTTPA_OK;
}

enum httpa_err httpa_record_open(struct httpa_lane *lane,
                                 struct httpa_record_header header,
                                 struct httpa_slice sealed, uint8_t *to,
                                 struct httpa_record *ret_record)
{
    uint8_t bytes[HTTPA_RECORD_HEADER];
    uint8_t nonce[HTTPA_AEAD_NONCE];
    if (sealed.n != header.length || sealed.n < HTTPA_LIMIT_RECORD_MIN) {
        return HTTPA_ERR_USAGE;
    }
    size_t plain_n = sealed.n - HTTPA_RECORD_TAG;
    write_header(bytes, header);
    enum httpa_err err = next_nonce(
        lane, HTTPA_RECORD_HEADER + (size_t)lane->bind_n, plain_n, nonce);
    if (err == HTTPA_OK) {
        err = httpa_aead_open(&lane->aead, nonce, aad_of(lane, bytes), sealed,
                              to);
    }
    struct httpa_record record = { .final = header.final };
    if (err == HTTPA_OK) {
        err = split(httpa_slice_of(to, plain_n), &record);
    }
    if (err == HTTPA_OK) {
        *ret_record = record;
    }
    return err;
}
