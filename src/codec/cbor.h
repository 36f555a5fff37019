/*
 * Reading CBOR (RFC 8949), strictly and without allocating.
 *
 * A reader is sticky, like base/reader.h: after the first thing that is wrong
 * every call yields zeros, and httpa_cbor_end says what it was.  So a parser
 * reads item after item and asks once before it believes anything.  Loops ask
 * httpa_cbor_more on every turn.
 *
 * A container is read by a reader, or walked through a map, of its own: it is
 * checked whole when it is entered (well-formed to the bottom, so many items
 * as it says, not deeper than HTTPA_CBOR_DEPTH, no key twice in any map), and
 * the outer reader stands behind it.  The inner reader's failures are its
 * own; ask its end too.
 *
 *   struct httpa_cbor c = httpa_cbor_of(in, 0);
 *   struct httpa_cbor_map m = httpa_cbor_map(&c);
 *   enum httpa_err err = httpa_cbor_end(&c);
 *   if (err != HTTPA_OK) {
 *       return err;
 *   }
 *   struct httpa_cbor v = httpa_cbor_find_int(&m, 10);
 *   struct httpa_slice nonce = httpa_cbor_bytes(&v);
 *   err = httpa_cbor_end(&v);    // HTTPA_ERR_MISSING when there is no 10
 *
 * Refused, because a signed or hashed document has one encoding and what two
 * readers may understand in two ways is a hole: integers and lengths that are
 * not as short as they can be, indefinite lengths, duplicate keys, text that
 * is not UTF-8, keys that are neither integer nor text.  The order of keys is
 * not enforced: no attestation token seen so far is sorted.  Floats can only
 * be skipped.  All slices handed out are borrowed from the input.
 */
#ifndef HTTPA_CODEC_CBOR_H
#define HTTPA_CODEC_CBOR_H

#include "base/reader.h"

/* Levels of arrays, maps and tags: bounds the stack; tokens need five. */
#define HTTPA_CBOR_DEPTH 16u

/* Entries of a map: bounds the search for duplicates; tokens have under 25. */
#define HTTPA_CBOR_MAP_MAX 64u

/* Accept arrays and maps of indefinite length (never strings): the payload of
 * an AWS Nitro attestation document is such a map. */
#define HTTPA_CBOR_INDEFINITE 1u

enum httpa_cbor_type {
    HTTPA_CBOR_NOTHING, /* at the end, or failed */
    HTTPA_CBOR_UINT,
    HTTPA_CBOR_NINT, /* negative integer */
    HTTPA_CBOR_BYTES,
    HTTPA_CBOR_TEXT,
    HTTPA_CBOR_ARRAY,
    HTTPA_CBOR_MAP,
    HTTPA_CBOR_TAG,
    HTTPA_CBOR_BOOL,
    HTTPA_CBOR_NULL,
    HTTPA_CBOR_OTHER /* float, undefined, simple value: skip only */
};

struct httpa_cbor {
    struct httpa_reader in;
    enum httpa_err err; /* sticky: the first reason */
    unsigned flags;
};

struct httpa_cbor_map {
    struct httpa_slice items; /* key, value, key, value... */
    size_t n;                 /* entries */
    unsigned flags;
};

struct httpa_cbor_key {
    bool is_text;
    int64_t number;
    struct httpa_slice text;
};

/* A reader over all of |in|; |flags| is 0 or HTTPA_CBOR_INDEFINITE. */
struct httpa_cbor httpa_cbor_of(struct httpa_slice in, unsigned flags);

/* True while there is another item and nothing has failed. */
bool httpa_cbor_more(const struct httpa_cbor *c);

/* The type of the next item, without reading it. */
enum httpa_cbor_type httpa_cbor_peek(const struct httpa_cbor *c);

/*
 * HTTPA_OK when everything was read and nothing failed, else the first
 * reason: HTTPA_ERR_TRUNCATED, _MALFORMED (not well-formed, not shortest, not
 * UTF-8, or not of the type asked for), _UNSUPPORTED (indefinite length, key
 * of another type), _RANGE (depth, entries, integer), _DUPLICATE (key),
 * _MISSING (key), _TRAILING (items left over).
 */
HTTPA_MUST_USE enum httpa_err httpa_cbor_end(const struct httpa_cbor *c);

/* Fails |c| with |err| unless it has failed already: for a caller's own rules,
 * so that they too are asked for once. */
void httpa_cbor_fail(struct httpa_cbor *c, enum httpa_err err);

/* The next item, which must be of that type. */
uint64_t httpa_cbor_uint(struct httpa_cbor *c);
int64_t httpa_cbor_int(struct httpa_cbor *c); /* either sign */
struct httpa_slice httpa_cbor_bytes(struct httpa_cbor *c);
/* |min| to |max| of them, else it fails with HTTPA_ERR_RANGE. */
struct httpa_slice httpa_cbor_bytes_of(struct httpa_cbor *c, size_t min,
                                       size_t max);
struct httpa_slice httpa_cbor_text(struct httpa_cbor *c);
bool httpa_cbor_bool(struct httpa_cbor *c);

/* Reads a null if the next item is one, and says so; else reads nothing. */
bool httpa_cbor_null(struct httpa_cbor *c);

/* Reads the number of a tag; the next item is what it tags. */
uint64_t httpa_cbor_tag(struct httpa_cbor *c);

/* Passes over one whole item of any type, checked to the bottom like one that
 * is entered, and returns its encoding. */
struct httpa_slice httpa_cbor_skip(struct httpa_cbor *c);

/* Enters an array: a reader over its items, failed when |c| is.  |ret_n|, if
 * not NULL, becomes the number of items. */
struct httpa_cbor httpa_cbor_array(struct httpa_cbor *c, size_t *ret_n);

/* Enters a map; empty on failure. */
struct httpa_cbor_map httpa_cbor_map(struct httpa_cbor *c);

/* A reader over the keys and values, in their order: alternately
 * httpa_cbor_key and one item, while httpa_cbor_more. */
struct httpa_cbor httpa_cbor_map_items(const struct httpa_cbor_map *m);
struct httpa_cbor_key httpa_cbor_key(struct httpa_cbor *c);

/* A reader over the one value of that key; failed with HTTPA_ERR_MISSING when
 * there is none. */
struct httpa_cbor
httpa_cbor_find(const struct httpa_cbor_map *m, struct httpa_cbor_key key);
struct httpa_cbor
httpa_cbor_find_int(const struct httpa_cbor_map *m, int64_t key);
struct httpa_cbor
httpa_cbor_find_text(const struct httpa_cbor_map *m, const char *key);

#endif
