#include "wire/fields.h"

#include "base/ascii.h"
#include "wire/limits.h"

#define PREFIX "attest-"

#define I HTTPA_SFV_ITEM
#define L HTTPA_SFV_LIST
#define D HTTPA_SFV_DICTIONARY

enum {
    INT = 1 << HTTPA_SFV_INTEGER,
    STR = 1 << HTTPA_SFV_STRING,
    TOK = 1 << HTTPA_SFV_TOKEN,
    BIN = 1 << HTTPA_SFV_BYTES,
    DAT = 1 << HTTPA_SFV_DATE,
    LST = 1 << HTTPA_SFV_INNER_LIST,
    ANY = INT | STR | TOK | BIN
};

enum {
    AQ = HTTPA_PLACE_ATHS_REQUEST,
    AR = HTTPA_PLACE_ATHS_RESPONSE,
    AS = HTTPA_PLACE_ATHS_SEALED,
    AF = HTTPA_PLACE_ATHS_FINISHED,
    Q = HTTPA_PLACE_REQUEST,
    QI = HTTPA_PLACE_REQUEST_INNER,
    R = HTTPA_PLACE_RESPONSE,
    RI = HTTPA_PLACE_RESPONSE_INNER,
    HINT = HTTPA_PLACE_REFUSAL | HTTPA_PLACE_PREFLIGHT,
    REFU = HTTPA_PLACE_REFUSAL,
    NO = 0
};

/* The lengths of a row: clear bytes, clear members, sealed bytes, members. */
#define SIZE(cb, cm, sb, sm) .clear = { cb, cm }, .sealed = { sb, sm }
#define ONE SIZE(HTTPA_LIMIT_VALUE, 1, HTTPA_LIMIT_VALUE_SEALED, 1)
#define OFFER SIZE(HTTPA_LIMIT_VALUE, HTTPA_LIMIT_OFFERS, 0, 0)
#define SHARES SIZE(HTTPA_LIMIT_KEY_SHARES, HTTPA_LIMIT_OFFERS, 0, 0)
#define SHARE SIZE(HTTPA_LIMIT_KEY_SHARE, 1, 0, 0)
#define BLOCK SIZE(HTTPA_LIMIT_BLOCKLIST, HTTPA_LIMIT_BLOCKED, 0, 0)
#define POLICY SIZE(HTTPA_LIMIT_POLICIES, HTTPA_LIMIT_DEMANDS,             \
                    HTTPA_LIMIT_VALUE_SEALED, HTTPA_LIMIT_DEMANDS)
#define DEMAND SIZE(HTTPA_LIMIT_VALUE, HTTPA_LIMIT_OFFERS,                 \
                    HTTPA_LIMIT_VALUE_SEALED, 1)
#define QUOTES SIZE(HTTPA_LIMIT_VALUE, HTTPA_LIMIT_ITEMS,                  \
                    HTTPA_LIMIT_QUOTES, HTTPA_LIMIT_ITEMS)
#define LABELS SIZE(HTTPA_LIMIT_VALUE, HTTPA_LIMIT_LABELS,                 \
                    HTTPA_LIMIT_SIGNATURES, HTTPA_LIMIT_LABELS)
#define COPIES SIZE(0, 0, HTTPA_LIMIT_VALUE_SEALED, HTTPA_LIMIT_COPIES)
#define GIVEN SIZE(0, 0, HTTPA_LIMIT_VALUE_SEALED, HTTPA_LIMIT_SUPERSEDED)

#define FREE .min = 0, .max = INT64_MAX
#define LEN(n) .min = n, .max = n
#define NUMBER .min = 1, .max = HTTPA_LIMIT_NUMBER

#define F(text, shape, member, where, always, size, range)                 \
    { .name = PREFIX text, .name_n = sizeof(PREFIX text) - 1,              \
      .kind = shape, .types = member, .may = where, .must = always, size,  \
      range }

/* clang-format off */
/*
 * doc/protocol.md 4.4, and 18.1 for what is reserved: a field that may stand
 * nowhere is refused wherever it stands; one that may stand somewhere and
 * means nothing yet is judged by whoever reads that message.  One row for
 * each of enum httpa_field_id, in its order.
 */
static const struct httpa_field_row rows[] = {
/* +------------------+--+----+------------+--------+-------+--------+
 * | field            |  | of | may stand  | must   | size  | value  |
 * +------------------+--+----+------------+--------+-------+--------+ */
  F("base-creation"   , L, TOK, AQ | AS    , AS     , DEMAND, FREE   ),
  F("base-id"         , I, TOK, AR | Q | RI, AR | Q , ONE   , FREE   ),
  F("base-termination", I, TOK, QI | RI    , NO     , ONE   , FREE   ),
  F("binder"          , I, BIN, R | AF     , R | AF , ONE   , FREE   ),
  F("blocklist"       , L, ANY, AQ         , NO     , BLOCK , FREE   ),
  F("cargo"           , I, BIN, NO         , NO     , ONE   , FREE   ),
  F("challenge"       , I, TOK, AQ | HINT  , NO     , ONE   , FREE   ),
  F("cipher-suite"    , I, TOK, AR         , AR     , ONE   , FREE   ),
  F("cipher-suites"   , L, TOK, AQ | HINT  , AQ     , OFFER , FREE   ),
  F("clear"           , L, TOK, QI | RI    , NO     , COPIES, FREE   ),
  F("configuration"   , I, BIN, AS         , AS     , ONE   , LEN(32)),
  F("date"            , I, DAT, AQ         , NO     , ONE   , FREE   ),
  F("error"           , I, TOK, RI | REFU  , REFU   , ONE   , FREE   ),
  F("expires"         , I, DAT, AS | RI    , NO     , ONE   , FREE   ),
  F("key-share"       , I, BIN, AR         , AR     , SHARE , FREE   ),
  F("key-shares"      , L, BIN, AQ         , AQ     , SHARES, FREE   ),
  F("parts"           , L, LST, NO         , NO     , GIVEN , FREE   ),
  F("policies"        , L, TOK, AQ | AS    , AS     , POLICY, FREE   ),
  F("quotes"          , L, BIN, AQ | AS    , AS     , QUOTES, LEN(32)),
  F("random"          , I, BIN, AQ | AR    , AQ | AR, ONE   , LEN(32)),
  F("secrets"         , L, BIN, QI         , NO     , GIVEN , FREE   ),
  F("signatures"      , D, BIN, AQ | AS    , NO     , LABELS, FREE   ),
  F("supersedes"      , L, INT, QI         , NO     , GIVEN , NUMBER ),
  F("supported-group" , I, TOK, AR         , AR     , ONE   , FREE   ),
  F("supported-groups", L, TOK, AQ | HINT  , AQ     , OFFER , FREE   ),
  F("target"          , I, STR, AQ         , AQ     , ONE   , FREE   ),
  F("ticket"          , I, INT, Q          , Q      , ONE   , NUMBER ),
  F("transport"       , I, BIN, NO         , NO     , ONE   , FREE   ),
  F("version"         , I, TOK, AR         , AR     , ONE   , FREE   ),
  F("versions"        , L, TOK, AQ | HINT  , AQ     , OFFER , FREE   ),
};
/* clang-format on */

_Static_assert(sizeof(rows) / sizeof(rows[0]) == HTTPA_FIELD_COUNT,
               "one row for each field");

const struct httpa_field_row *httpa_field_row(enum httpa_field_id id)
{
    return &rows[id];
}

enum httpa_field_id httpa_field_find(struct httpa_slice name)
{
    unsigned id = 0;
    /* The lengths tell most of them apart. */
    while (id < HTTPA_FIELD_COUNT &&
           (name.n != rows[id].name_n ||
            !httpa_slice_is_nocase(name, rows[id].name))) {
        id++;
    }
    return (enum httpa_field_id)id;
}

bool httpa_field_is_attest(struct httpa_slice name)
{
    size_t n = sizeof(PREFIX) - 1;
    return name.n >= n &&
           httpa_slice_is_nocase(httpa_slice_of(name.p, n), PREFIX);
}
