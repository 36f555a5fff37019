/*
 * Structured field values, RFC 9651: reading and canonical writing.
 *
 * Every Attest-* field is one of three kinds: an Item, a List or a
 * Dictionary.  What is authenticated is never the text that arrived but the
 * canonical text of what was understood (doc/protocol.md, "Canonical form"),
 * so one module does both directions.
 *
 * Nothing is allocated.  The caller brings room for the parts of a value; a
 * value with more parts is refused, never cut.  Reading:
 *
 *   struct httpa_sfv_room room;                // 18 KiB, not cleared
 *   struct httpa_sfv doc = httpa_sfv_over(&room);
 *   err = httpa_sfv_read(&doc, HTTPA_SFV_ITEM, text, HTTPA_SFV_STRICT);
 *   ...
 *   const struct httpa_sfv_item *ticket = httpa_sfv_member(&doc, 0);
 *   if (ticket->value.type != HTTPA_SFV_INTEGER) { ... }
 *   const struct httpa_sfv_bare *mac = httpa_sfv_param(&doc, ticket, "mac");
 *   if (mac == NULL || mac->type != HTTPA_SFV_BYTES) { ... }
 *
 * Slices in a parsed value point into the text that was read or into the
 * room, so they live as long as the shorter-lived of the two.
 *
 * Writing, straight into a buffer, canonical by construction:
 *
 *   struct httpa_sfv_writer w = httpa_sfv_writer_of(&buf);
 *   httpa_sfv_put(&w, httpa_sfv_integer(7));
 *   httpa_sfv_put_param(&w, "mac", httpa_sfv_bytes(mac));
 *   err = httpa_buf_check(&buf);               // 7;mac=:....:
 *
 * One use of a room at a time; none of this is constant time, and no secret
 * passes through it in clear.
 */
#ifndef HTTPA_CODEC_SFV_H
#define HTTPA_CODEC_SFV_H

#include <httpa/slice.h>

enum httpa_sfv_kind {
    HTTPA_SFV_ITEM = 1,
    HTTPA_SFV_LIST,
    HTTPA_SFV_DICTIONARY
};

enum httpa_sfv_mode {
    /* The protocol's: as RFC, and an empty value, a repeated dictionary or
     * parameter key and base64 that is not canonical are refused. */
    HTTPA_SFV_STRICT,
    /* RFC 9651 4.2 to the letter: the last of repeated keys wins, an empty
     * List or Dictionary is one, base64 may lack padding. */
    HTTPA_SFV_RFC
};

enum httpa_sfv_type {
    HTTPA_SFV_INTEGER = 1,
    HTTPA_SFV_DECIMAL,
    HTTPA_SFV_STRING,
    HTTPA_SFV_TOKEN,
    HTTPA_SFV_BYTES,
    HTTPA_SFV_BOOLEAN,
    HTTPA_SFV_DATE,
    HTTPA_SFV_DISPLAY,
    HTTPA_SFV_INNER_LIST /* of an item only; see httpa_sfv_inner */
};

/* The largest Integer, Date and Decimal (in thousandths), RFC 9651 3.3.1. */
#define HTTPA_SFV_INTEGER_MAX 999999999999999

/* A bare item: what an item or a parameter holds. */
struct httpa_sfv_bare {
    enum httpa_sfv_type type;
    int64_t integer; /* INTEGER; DATE: Unix seconds; DECIMAL: thousandths;
                      * BOOLEAN: 0 or 1 */
    struct httpa_slice text; /* STRING, TOKEN, BYTES, DISPLAY: decoded bytes */
};

struct httpa_sfv_param {
    struct httpa_slice key;
    struct httpa_sfv_bare value;
};

/* A member of a List or Dictionary, the Item itself, or an item of an inner
 * list.  The positions at the end are for the accessors. */
struct httpa_sfv_item {
    struct httpa_slice key; /* of a Dictionary's member; else empty */
    struct httpa_sfv_bare value;
    uint32_t param_first;
    uint32_t param_count;
    uint32_t inner_first;
    uint32_t inner_count;
};

/* A parsed value over the caller's arrays. */
struct httpa_sfv {
    enum httpa_sfv_kind kind;
    struct httpa_sfv_item *members;
    size_t member_count;
    size_t member_max;
    struct httpa_sfv_item *inners; /* the items of all inner lists */
    size_t inner_count;
    size_t inner_max;
    struct httpa_sfv_param *params; /* of all items */
    size_t param_count;
    size_t param_max;
    struct httpa_buf text; /* what had to be decoded or unescaped */
};

/* Room for what the protocol's fields need: Attest-Covers may name 64
 * components, and no field, nor all together, is longer than 4 KiB. */
#define HTTPA_SFV_ROOM_MEMBERS 64
#define HTTPA_SFV_ROOM_INNERS 64
#define HTTPA_SFV_ROOM_PARAMS 128
#define HTTPA_SFV_ROOM_TEXT 4096

struct httpa_sfv_room {
    struct httpa_sfv_item members[HTTPA_SFV_ROOM_MEMBERS];
    struct httpa_sfv_item inners[HTTPA_SFV_ROOM_INNERS];
    struct httpa_sfv_param params[HTTPA_SFV_ROOM_PARAMS];
    uint8_t text[HTTPA_SFV_ROOM_TEXT];
};

/* An empty value over |room|, which need not be initialised.  A caller with
 * other needs fills a struct httpa_sfv over arrays of its own. */
struct httpa_sfv httpa_sfv_over(struct httpa_sfv_room *room);

/*
 * Parses all of |in| as |kind| into |doc|, whose former content is forgotten.
 * Several lines of one field are joined by the caller with ", " before.
 *
 * HTTPA_ERR_MALFORMED  not of that kind, or not canonical base64
 * HTTPA_ERR_DUPLICATE  strict: a key twice in one Dictionary or one item
 * HTTPA_ERR_MISSING    strict: an empty value
 * HTTPA_ERR_LIMIT      more parts than |doc| has room for
 * On failure |doc| is empty.  RFC 9651 4.2.
 */
HTTPA_MUST_USE enum httpa_err
httpa_sfv_read(struct httpa_sfv *doc, enum httpa_sfv_kind kind,
               struct httpa_slice in, enum httpa_sfv_mode mode);

/* Member |i| of a List or Dictionary; the Item is member 0.  NULL past the
 * end. */
const struct httpa_sfv_item *
httpa_sfv_member(const struct httpa_sfv *doc, size_t i);

/* The Dictionary's member with |key|, or NULL. */
const struct httpa_sfv_item *
httpa_sfv_find(const struct httpa_sfv *doc, const char *key);

/* Item |i| of the inner list |item|, or NULL. */
const struct httpa_sfv_item *httpa_sfv_inner(const struct httpa_sfv *doc,
                                             const struct httpa_sfv_item *item,
                                             size_t i);

/* The value of |item|'s parameter |key|, or NULL. */
const struct httpa_sfv_bare *httpa_sfv_param(const struct httpa_sfv *doc,
                                             const struct httpa_sfv_item *item,
                                             const char *key);

/* Parameter |i| of |item|, or NULL: for a look at all of them. */
const struct httpa_sfv_param *
httpa_sfv_param_at(const struct httpa_sfv *doc,
                   const struct httpa_sfv_item *item, size_t i);

/*
 * Appends the canonical text of |doc| to |out| (RFC 9651 4.1).  An empty
 * List or Dictionary has none.  HTTPA_ERR_SPACE when it does not fit, or
 * holds what cannot be written; |out| has then failed.
 */
HTTPA_MUST_USE enum httpa_err
httpa_sfv_write(const struct httpa_sfv *doc, struct httpa_buf *out);

/* Bare items by value; texts are borrowed until they are put. */
struct httpa_sfv_bare httpa_sfv_integer(int64_t v);
struct httpa_sfv_bare httpa_sfv_decimal(int64_t thousandths);
struct httpa_sfv_bare httpa_sfv_string(struct httpa_slice ascii);
struct httpa_sfv_bare httpa_sfv_token(struct httpa_slice token);
struct httpa_sfv_bare httpa_sfv_bytes(struct httpa_slice bytes);
struct httpa_sfv_bare httpa_sfv_boolean(bool v);
struct httpa_sfv_bare httpa_sfv_date(int64_t unix_s);
struct httpa_sfv_bare httpa_sfv_display(struct httpa_slice utf8);

/* |v| x 10^-|places| in thousandths, half to even as RFC 9651 4.1.5 rounds.
 * HTTPA_ERR_RANGE when no Decimal is that large, or |places| is over 18. */
HTTPA_MUST_USE enum httpa_err
httpa_sfv_round(int64_t v, unsigned places, int64_t *ret_thousandths);

/*
 * Writes a value piece by piece; commas, spaces and semicolons come by
 * themselves.  What cannot be written (a number out of range, a String that
 * is not printable ASCII, a Token or key of other characters, a Display
 * String that is not UTF-8) fails the buffer, like lack of room.
 */
struct httpa_sfv_writer {
    struct httpa_buf *out;
    bool begun;       /* a member stands: the next one needs a comma */
    bool inner;       /* between open and close */
    bool inner_begun; /* an inner item stands: the next one needs a space */
};

/* A writer at the start of a value; |out| may hold other bytes before it. */
struct httpa_sfv_writer httpa_sfv_writer_of(struct httpa_buf *out);

/* An Item, the next member of a List, or the next item of the open list. */
void httpa_sfv_put(struct httpa_sfv_writer *w, struct httpa_sfv_bare v);

/* The next member of a Dictionary. */
void httpa_sfv_put_member(struct httpa_sfv_writer *w, struct httpa_slice key,
                          struct httpa_sfv_bare v);

/* A parameter of what was put or closed last. */
void httpa_sfv_put_param(struct httpa_sfv_writer *w, const char *key,
                         struct httpa_sfv_bare v);

/* An inner list as the next member; |key| is empty in a List. */
void httpa_sfv_put_open(struct httpa_sfv_writer *w, struct httpa_slice key);
void httpa_sfv_put_close(struct httpa_sfv_writer *w);

#endif
