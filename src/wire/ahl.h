/*
 * The Attest-* fields of one head (the paper's AHL), parsed, judged by
 * wire/fields.h, and in canonical form (doc/protocol.md 4).
 *
 * What tags and transcripts cover is never what arrived but what is in here;
 * and what is sent is what is in here.  So a head is read once into a struct
 * httpa_ahl, or built in one, and everything else works on that.
 *
 *   struct httpa_ahl ahl;                            // caller's, 9 KiB
 *   err = httpa_ahl_read(&head.fields, HTTPA_PLACE_REQUEST, &ahl);
 *   err = httpa_ahl_token(&ahl, HTTPA_FIELD_BASE_ID, &id);
 *
 *   httpa_ahl_init(&ahl, HTTPA_PLACE_RESPONSE);
 *   err = httpa_ahl_set_bare(&ahl, HTTPA_FIELD_BINDER, httpa_sfv_bytes(tag));
 *   err = httpa_ahl_check(&ahl);
 *   err = httpa_ahl_to_fields(&ahl, &head.fields);
 *
 * It owns its bytes.  Slices that it hands out point into it and live until
 * it is changed.  It may be copied: nothing in it points into itself.
 */
#ifndef HTTPA_WIRE_AHL_H
#define HTTPA_WIRE_AHL_H

#include <httpa/message.h>

#include "wire/fields.h"
#include "wire/limits.h"

/* Bytes at an offset of the text. */
struct httpa_ahl_span {
    uint16_t at;
    uint16_t n; /* 0: not there; no text is empty */
};

/* A field that this version does not know: covered, ignored. */
struct httpa_ahl_unknown {
    struct httpa_ahl_span name; /* lower case */
    struct httpa_ahl_span text; /* trimmed */
};

struct httpa_ahl {
    enum httpa_place place;
    uint32_t have; /* HTTPA_FIELD_BIT of what is there */
    struct httpa_ahl_span known[HTTPA_FIELD_COUNT];
    struct httpa_ahl_unknown unknown[HTTPA_LIMIT_AHL_FIELDS]; /* by name */
    size_t unknown_count;
    size_t wire; /* names and values as received or set, for the limit */
    size_t used;
    uint8_t text[HTTPA_LIMIT_AHL_SEALED];
};

/* Nothing, at |place|. */
void httpa_ahl_init(struct httpa_ahl *ahl, enum httpa_place place);

/*
 * Reads every field of |fields| whose name begins with "attest-".  In the
 * places HTTPA_PLACES_LENIENT what does not parse is left out and nothing
 * must be there, so that only HTTPA_ERR_LIMIT is possible.
 *
 * HTTPA_ERR_PLACE      a field that may not stand at |place|
 * HTTPA_ERR_MISSING    a field or parameter that must be there is not
 * HTTPA_ERR_DUPLICATE  an undefined field on two lines, a repeated key or
 *                      member
 * HTTPA_ERR_LIMIT      too many fields, or too many bytes together
 * HTTPA_ERR_RANGE      one value too long, too many members, a number out of
 *                      range
 * HTTPA_ERR_MALFORMED  it does not parse as what it is
 * On failure |ret_ahl| is empty.  doc/protocol.md 4.1, 4.2
 */
HTTPA_MUST_USE enum httpa_err httpa_ahl_read(const struct httpa_fields *fields,
                                             enum httpa_place place,
                                             struct httpa_ahl *ret_ahl);

/* Sets |id| to |text|, which is parsed and stored in canonical form, judged
 * as httpa_ahl_read judges.  HTTPA_ERR_USAGE when it is already there. */
HTTPA_MUST_USE enum httpa_err httpa_ahl_set(struct httpa_ahl *ahl,
                                            enum httpa_field_id id,
                                            struct httpa_slice text);

/* Sets |id| to one bare item: an Item, or a List of one member. */
HTTPA_MUST_USE enum httpa_err httpa_ahl_set_bare(struct httpa_ahl *ahl,
                                                 enum httpa_field_id id,
                                                 struct httpa_sfv_bare v);

/* Whether everything that must be at this place is: HTTPA_ERR_MISSING. */
HTTPA_MUST_USE enum httpa_err httpa_ahl_check(const struct httpa_ahl *ahl);

/* Appends every field to |ret_fields|, borrowed from |ahl|, sorted. */
HTTPA_MUST_USE enum httpa_err
httpa_ahl_to_fields(const struct httpa_ahl *ahl,
                    struct httpa_fields *ret_fields);

bool httpa_ahl_has(const struct httpa_ahl *ahl, enum httpa_field_id id);

/* The canonical text of |id|; empty when it is not there. */
struct httpa_slice httpa_ahl_text(const struct httpa_ahl *ahl,
                                  enum httpa_field_id id);

/* Appends F(S) of doc/protocol.md 4.3, S being all fields but those of the
 * set |without|.  HTTPA_ERR_SPACE. */
HTTPA_MUST_USE enum httpa_err httpa_ahl_canonical(const struct httpa_ahl *ahl,
                                                  uint32_t without,
                                                  struct httpa_buf *out);

/* No F(S) is longer: a count, and 5 bytes of lengths per field. */
#define HTTPA_AHL_CANONICAL_MAX                                            \
    (2u + HTTPA_LIMIT_AHL_SEALED + HTTPA_LIMIT_AHL_FIELDS * 29u)

/* The parsed value of |id| over |room|; HTTPA_ERR_MISSING when it is not
 * there.  Slices in it point into |ahl| and |room|. */
HTTPA_MUST_USE enum httpa_err httpa_ahl_parse(const struct httpa_ahl *ahl,
                                              enum httpa_field_id id,
                                              struct httpa_sfv_room *room,
                                              struct httpa_sfv *ret_doc);

/*
 * The value of an Item, or of a List that has exactly one member.
 * HTTPA_ERR_MISSING: not there.  HTTPA_ERR_MALFORMED: another type, or more
 * members.  HTTPA_ERR_RANGE: bytes of another length.
 */
HTTPA_MUST_USE enum httpa_err httpa_ahl_token(const struct httpa_ahl *ahl,
                                              enum httpa_field_id id,
                                              struct httpa_slice *ret_token);
HTTPA_MUST_USE enum httpa_err httpa_ahl_integer(const struct httpa_ahl *ahl,
                                                enum httpa_field_id id,
                                                int64_t *ret_v);
HTTPA_MUST_USE enum httpa_err httpa_ahl_date(const struct httpa_ahl *ahl,
                                             enum httpa_field_id id,
                                             int64_t *ret_unix_s);
HTTPA_MUST_USE enum httpa_err httpa_ahl_string(const struct httpa_ahl *ahl,
                                               enum httpa_field_id id,
                                               struct httpa_buf *ret_out);
HTTPA_MUST_USE enum httpa_err httpa_ahl_bytes(const struct httpa_ahl *ahl,
                                              enum httpa_field_id id,
                                              struct httpa_buf *ret_out);
HTTPA_MUST_USE enum httpa_err
httpa_ahl_bytes_exact(const struct httpa_ahl *ahl, enum httpa_field_id id,
                      uint8_t *ret_out, size_t n);

/* An Integer parameter of an Item.  HTTPA_ERR_MISSING without it. */
HTTPA_MUST_USE enum httpa_err
httpa_ahl_param_integer(const struct httpa_ahl *ahl, enum httpa_field_id id,
                        const char *key, int64_t *ret_v);

#endif
