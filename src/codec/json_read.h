/*
 * Reading JSON (RFC 8259) that somebody else wrote and signed: the whole
 * document is looked at once, then its values are walked without allocating.
 *
 *   struct httpa_json_value doc, info, id;
 *   err = httpa_json_read(text, &doc);
 *   err = httpa_json_find(doc, "tcbInfo", &info);  // info.raw is what is
 * signed err = httpa_json_find(info, "id", &id); err = httpa_json_text(id,
 * &text);
 *
 *   struct httpa_json_items items;
 *   err = httpa_json_items_of(info, &items);
 *   while (httpa_json_next(&items, &name, &value)) {
 *       ...
 *   }
 *
 * Strict: RFC 8259's grammar to the last byte, UTF-8 without a byte order
 * mark, no name twice in an object, no escapes in names, and the limits
 * below.  Policies of ours are read elsewhere, with line numbers; this is for
 * vendors' documents.
 */
#ifndef HTTPA_CODEC_JSON_READ_H
#define HTTPA_CODEC_JSON_READ_H

#include <httpa/slice.h>

/* Levels of objects and arrays: they cost stack. */
#define HTTPA_JSON_READ_DEPTH 16u

/* Members of one object: each is compared with each. */
#define HTTPA_JSON_READ_MEMBERS 64u

enum httpa_json_kind {
    HTTPA_JSON_NULL = 0,
    HTTPA_JSON_FALSE,
    HTTPA_JSON_TRUE,
    HTTPA_JSON_NUMBER,
    HTTPA_JSON_STRING,
    HTTPA_JSON_ARRAY,
    HTTPA_JSON_OBJECT
};

/* |raw| is exactly the bytes of the value, from the first to the last of its
 * own, as they stand in the document. */
struct httpa_json_value {
    enum httpa_json_kind kind;
    struct httpa_slice raw;
};

/*
 * Reads a document that is the whole of |in|, but for white space around it.
 * Every other function takes values that came from here, and can fail only
 * because a value is another one than was asked for.
 *   HTTPA_ERR_MALFORMED  not JSON, not UTF-8, or an escape in a name
 *   HTTPA_ERR_TRUNCATED  ended before it was complete
 *   HTTPA_ERR_TRAILING   bytes behind it
 *   HTTPA_ERR_DUPLICATE  a name twice in one object
 *   HTTPA_ERR_RANGE      deeper, or more members, than the limits above
 */
HTTPA_MUST_USE enum httpa_err
httpa_json_read(struct httpa_slice in, struct httpa_json_value *ret_value);

/* The member |name| of |object|.
 *   HTTPA_ERR_MISSING    not there
 *   HTTPA_ERR_MALFORMED  |object| is none */
HTTPA_MUST_USE enum httpa_err
httpa_json_find(struct httpa_json_value object, const char *name,
                struct httpa_json_value *ret_value);

/* What is inside an array or an object. */
struct httpa_json_items {
    struct httpa_slice rest;
    bool named;
};

/* HTTPA_ERR_MALFORMED: neither array nor object. */
HTTPA_MUST_USE enum httpa_err
httpa_json_items_of(struct httpa_json_value container,
                    struct httpa_json_items *ret_items);

/* The next one, in order, with its name (empty in an array); false at the
 * end. */
bool httpa_json_next(struct httpa_json_items *items,
                     struct httpa_slice *ret_name,
                     struct httpa_json_value *ret_value);

/* The characters of a string without escapes: what stands between its quotes.
 * HTTPA_ERR_MALFORMED: no string, or an escape in it. */
HTTPA_MUST_USE enum httpa_err
httpa_json_text(struct httpa_json_value value, struct httpa_slice *ret_text);

/* HTTPA_ERR_MALFORMED: no number, or one with a sign, fraction or exponent.
 * HTTPA_ERR_RANGE: above 2^64 - 1. */
HTTPA_MUST_USE enum httpa_err
httpa_json_uint(struct httpa_json_value value, uint64_t *ret_number);

#endif
