/*
 * The Attest-* fields: one table that says of each what type it has, where
 * it may stand, where it must, and how large it may be (doc/protocol.md 4.4
 * and 18.1).  Everything that reads, writes or covers a field asks this table
 * and nothing else does.
 */
#ifndef HTTPA_WIRE_FIELDS_H
#define HTTPA_WIRE_FIELDS_H

#include <httpa/slice.h>

#include "codec/sfv.h"

/* In the order of the names' bytes, which is the order of F(S). */
enum httpa_field_id {
    HTTPA_FIELD_BASE_CREATION = 0,
    HTTPA_FIELD_BASE_ID,
    HTTPA_FIELD_BASE_TERMINATION,
    HTTPA_FIELD_BINDER,
    HTTPA_FIELD_BLOCKLIST,
    HTTPA_FIELD_CARGO,
    HTTPA_FIELD_CHALLENGE,
    HTTPA_FIELD_CIPHER_SUITE,
    HTTPA_FIELD_CIPHER_SUITES,
    HTTPA_FIELD_CLEAR,
    HTTPA_FIELD_CONFIGURATION,
    HTTPA_FIELD_DATE,
    HTTPA_FIELD_ERROR,
    HTTPA_FIELD_EXPIRES,
    HTTPA_FIELD_KEY_SHARE,
    HTTPA_FIELD_KEY_SHARES,
    HTTPA_FIELD_PARTS,
    HTTPA_FIELD_POLICIES,
    HTTPA_FIELD_QUOTES,
    HTTPA_FIELD_RANDOM,
    HTTPA_FIELD_SECRETS,
    HTTPA_FIELD_SIGNATURES,
    HTTPA_FIELD_SUPERSEDES,
    HTTPA_FIELD_SUPPORTED_GROUP,
    HTTPA_FIELD_SUPPORTED_GROUPS,
    HTTPA_FIELD_TARGET,
    HTTPA_FIELD_TICKET,
    HTTPA_FIELD_TRANSPORT,
    HTTPA_FIELD_VERSION,
    HTTPA_FIELD_VERSIONS,
    HTTPA_FIELD_COUNT
};

/* A set of fields. */
#define HTTPA_FIELD_BIT(id) (UINT32_C(1) << (id))

/* Where a field stands; bits, because a row names several. */
enum httpa_place {
    HTTPA_PLACE_ATHS_REQUEST = 1 << 0,   /* clear head */
    HTTPA_PLACE_ATHS_RESPONSE = 1 << 1,  /* clear head */
    HTTPA_PLACE_ATHS_SEALED = 1 << 2,    /* head record of that response */
    HTTPA_PLACE_ATHS_FINISHED = 1 << 3,  /* its record of type 3 */
    HTTPA_PLACE_REQUEST = 1 << 4,        /* clear head of a sealed request */
    HTTPA_PLACE_REQUEST_INNER = 1 << 5,  /* its head record */
    HTTPA_PLACE_RESPONSE = 1 << 6,       /* clear head of a sealed response */
    HTTPA_PLACE_RESPONSE_INNER = 1 << 7, /* its head record */
    HTTPA_PLACE_REFUSAL = 1 << 8,        /* refusal; not authenticated */
    HTTPA_PLACE_PREFLIGHT = 1 << 9       /* answer to OPTIONS; likewise */
};

#define HTTPA_PLACES_SEALED                                                \
    (HTTPA_PLACE_ATHS_SEALED | HTTPA_PLACE_ATHS_FINISHED |                 \
     HTTPA_PLACE_REQUEST_INNER | HTTPA_PLACE_RESPONSE_INNER)

/* Unauthenticated hints: what does not parse there is ignored. */
#define HTTPA_PLACES_LENIENT (HTTPA_PLACE_REFUSAL | HTTPA_PLACE_PREFLIGHT)

/* How much of a field may stand in a clear head, and in a sealed one. */
struct httpa_field_bounds {
    uint16_t bytes;   /* of the value as received, lines joined */
    uint16_t members; /* 1 for an Item */
};

struct httpa_field_row {
    const char *name; /* lower case */
    size_t name_n;
    enum httpa_sfv_kind kind;
    unsigned types; /* bits 1 << enum httpa_sfv_type, of every member */
    unsigned may;   /* places */
    unsigned must;  /* places; part of |may| */
    struct httpa_field_bounds clear;
    struct httpa_field_bounds sealed;
    int64_t min; /* of a member: an Integer's value, or bytes of another */
    int64_t max;
};

/* The row of |id|. */
const struct httpa_field_row *httpa_field_row(enum httpa_field_id id);

/* The field called |name| (any case); HTTPA_FIELD_COUNT when it is not ours. */
enum httpa_field_id httpa_field_find(struct httpa_slice name);

/* True for every name that begins with "attest-" (any case), known or not. */
bool httpa_field_is_attest(struct httpa_slice name);

/*
 * Judges the parsed value of the field |id| at |place|: types and number of
 * members, known parameters, repeated members, and the field's own grammar.
 *
 * HTTPA_ERR_PLACE      it may not stand there
 * HTTPA_ERR_RANGE      too many members; a number or length out of range
 * HTTPA_ERR_DUPLICATE  a Token or Integer twice in one List
 * HTTPA_ERR_MISSING    a parameter that must be there is not
 * HTTPA_ERR_MALFORMED  another type or grammar, or an unknown parameter where
 *                      none is allowed
 */
HTTPA_MUST_USE enum httpa_err
httpa_field_check(enum httpa_field_id id, enum httpa_place place,
                  const struct httpa_sfv *doc);

#endif
