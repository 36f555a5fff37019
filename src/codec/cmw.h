/*
 * Conceptual message wrappers (RFC 9999): what evidence, endorsements and
 * certificates travel in.  A wrapper is one of
 *
 *   record      [type, value, ? ind]           type: media type or number
 *   tag         TN(content format)(value)
 *   collection  { ? "__cmwc_t": type, label: wrapper... }
 *
 * Only the CBOR forms: application/cmw+json would bring a JSON reader, with
 * its allocations and its doubts, into the library for nothing httpa sends.
 *
 * A wrapper is checked to the bottom when it is read, so that what is then
 * found in it has no errors of form left.  Slices are borrowed.  A wrapper
 * protects nothing by itself.
 *
 *   struct httpa_cmw all, evidence;
 *   err = httpa_cmw_read(content, &all);
 *   ...
 *   err = httpa_cmw_find(&all, "evidence", &evidence);
 *   if (err == HTTPA_OK && httpa_cmw_is(&evidence, "application/eat+cwt")) {
 *       appraise(evidence.value);
 *   }
 */
#ifndef HTTPA_CODEC_CMW_H
#define HTTPA_CODEC_CMW_H

#include "codec/cbor.h"

/* Collections in collections: httpa nests two; bounds the stack. */
#define HTTPA_CMW_DEPTH 4u

/* Bits of `ind`, what a value is for. */
#define HTTPA_CMW_REFERENCE_VALUES 1u
#define HTTPA_CMW_ENDORSEMENTS 2u
#define HTTPA_CMW_EVIDENCE 4u
#define HTTPA_CMW_RESULTS 8u
#define HTTPA_CMW_POLICY 16u

/* The largest content format that has a tag of its own. */
#define HTTPA_CMW_TAGGED_MAX 65024u

enum httpa_cmw_kind { HTTPA_CMW_RECORD, HTTPA_CMW_TAG, HTTPA_CMW_COLLECTION };

struct httpa_cmw {
    enum httpa_cmw_kind kind;

    /* record and tag */
    struct httpa_slice media_type; /* n is 0 when given by number */
    uint16_t content_format;       /* CoAP; where media_type is empty */
    struct httpa_slice value;
    uint32_t ind; /* 0 when left out */

    /* collection */
    struct httpa_slice collection_type; /* "__cmwc_t"; may be empty */
    struct httpa_cbor_map entries;      /* "__cmwc_t" among them */
    size_t n;                           /* entries, "__cmwc_t" not counted */
};

/* Walks through a collection. */
struct httpa_cmw_iter {
    struct httpa_cbor items;
};

/*
 * Reads the wrapper that is the whole of |in|.  Errors: those of
 * httpa_cbor_end; HTTPA_ERR_MALFORMED for a wrong type, number of members, or
 * media type; HTTPA_ERR_RANGE for a content format, ind or tag outside its
 * range, or nesting; HTTPA_ERR_MISSING for a collection of nothing.
 */
HTTPA_MUST_USE enum httpa_err
httpa_cmw_read(struct httpa_slice in, struct httpa_cmw *ret_cmw);

/* The entry of |collection| with that label; HTTPA_ERR_MISSING when there is
 * none, HTTPA_ERR_MALFORMED when it is not a collection. */
HTTPA_MUST_USE enum httpa_err httpa_cmw_find(const struct httpa_cmw *collection,
                                             const char *label,
                                             struct httpa_cmw *ret_cmw);

/* Walks through the entries of |collection| in their order, "__cmwc_t" left
 * out: false when there are no more.  A record or tag has none. */
struct httpa_cmw_iter httpa_cmw_entries(const struct httpa_cmw *collection);
bool httpa_cmw_next(struct httpa_cmw_iter *it, struct httpa_cbor_key *ret_label,
                    struct httpa_cmw *ret_cmw);

/* Whether |type|, as a record has it, is |media_type|: compared without case
 * and without parameters (doc/protocol.md 5.4). */
bool httpa_cmw_is_type(struct httpa_slice type, const char *media_type);

/* True for a record whose media type is |media_type| in that sense. */
bool httpa_cmw_is(const struct httpa_cmw *cmw, const char *media_type);

/*
 * Writing.  A collection of |n| entries is this head, then |n| times a label
 * and a record or another collection; labels in the order of RFC 8949 4.2.1:
 * shorter first, then bytewise.
 */
void httpa_cmw_put_collection(struct httpa_buf *b, size_t n);
void httpa_cmw_put_label(struct httpa_buf *b, const char *label);

/* A record; |ind| is left out when 0. */
void httpa_cmw_put_record(struct httpa_buf *b, const char *media_type,
                          struct httpa_slice value, uint32_t ind);

/* The same with a content format for the type. */
void httpa_cmw_put_record_cf(struct httpa_buf *b, uint16_t content_format,
                             struct httpa_slice value, uint32_t ind);

/* The tag form; a format above HTTPA_CMW_TAGGED_MAX fails the buffer. */
void httpa_cmw_put_tag(struct httpa_buf *b, uint16_t content_format,
                       struct httpa_slice value);

#endif
