#include "wire/refusal.h"

#define PROBLEM(name, title, status)                                       \
    "{\"type\":\"tag:httpa,2026:" name "\",\"title\":\"" title             \
    "\",\"status\":" #status "}"

/* A token in the clear, sealed, or both with the same status. */
#define CLEAR(id, n, title, s)                                             \
    [HTTPA_TOKEN_##id] = { HTTPA_TOKEN_##id, n, s, 0, PROBLEM(n, title, s) }
#define SEALED(id, n, title, s)                                            \
    [HTTPA_TOKEN_##id] = { HTTPA_TOKEN_##id, n, 0, s, PROBLEM(n, title, s) }
#define BOTH(id, n, title, s)                                              \
    [HTTPA_TOKEN_##id] = { HTTPA_TOKEN_##id, n, s, s, PROBLEM(n, title, s) }

/* doc/protocol.md 14.1 and 14.2. */
static const struct httpa_refusal rows[HTTPA_TOKEN_COUNT] = {
    CLEAR(MALFORMED, "malformed", "malformed", 400),
    CLEAR(VERSION, "version", "version", 400),
    CLEAR(SUITE, "suite", "suite", 400),
    CLEAR(GROUP, "group", "group", 400),
    CLEAR(DATE, "date", "date", 400),
    CLEAR(UNTRUSTED, "untrusted", "untrusted", 403),
    CLEAR(CLIENT, "client", "client", 403),
    CLEAR(POLICY, "policy", "policy", 403),
    BOTH(TARGET, "target", "target", 421),
    CLEAR(BASE_UNKNOWN, "base-unknown", "base unknown", 422),
    CLEAR(REPLAY, "replay", "replay", 422),
    CLEAR(TOO_LARGE, "too-large", "too large", 413),
    CLEAR(CHALLENGE, "challenge", "challenge", 428),
    CLEAR(BUSY, "busy", "busy", 503),
    CLEAR(DRAINING, "draining", "draining", 503),
    SEALED(HEAD, "head", "head", 400),
    SEALED(CLEAR, "clear", "clear", 400),
    SEALED(SEEN, "seen", "seen", 409),
    SEALED(SECRET, "secret", "secret", 422),
    SEALED(REKEY, "rekey", "rekey", 503),
    SEALED(UPSTREAM, "upstream", "upstream", 502),
};

const struct httpa_refusal *httpa_refusal_row(enum httpa_token token)
{
    bool known = (size_t)token < HTTPA_TOKEN_COUNT;
    return known && rows[token].name != NULL ? &rows[token] : NULL;
}

/* Errors that a stranger is told by a token of their own; those of a parser
 * are all MALFORMED. */
static const struct {
    enum httpa_err err;
    enum httpa_token token;
} in_clear[] = {
    { HTTPA_ERR_VERSION, HTTPA_TOKEN_VERSION },
    { HTTPA_ERR_SUITE, HTTPA_TOKEN_SUITE },
    { HTTPA_ERR_GROUP, HTTPA_TOKEN_GROUP },
    { HTTPA_ERR_TARGET, HTTPA_TOKEN_TARGET },
    { HTTPA_ERR_DATE, HTTPA_TOKEN_DATE },
    { HTTPA_ERR_POLICY, HTTPA_TOKEN_POLICY },
    { HTTPA_ERR_UNTRUSTED, HTTPA_TOKEN_UNTRUSTED },
    { HTTPA_ERR_REFUSED, HTTPA_TOKEN_CLIENT },
    { HTTPA_ERR_LIMIT, HTTPA_TOKEN_TOO_LARGE },
    { HTTPA_ERR_BASE_UNKNOWN, HTTPA_TOKEN_BASE_UNKNOWN },
    { HTTPA_ERR_REPLAY, HTTPA_TOKEN_REPLAY },
    { HTTPA_ERR_BUSY, HTTPA_TOKEN_BUSY },
};

static const struct {
    enum httpa_err err;
    enum httpa_token token;
} when_sealed[] = {
    { HTTPA_ERR_INNER_TARGET, HTTPA_TOKEN_TARGET },
    { HTTPA_ERR_SEEN, HTTPA_TOKEN_SEEN },
    { HTTPA_ERR_SECRET, HTTPA_TOKEN_SECRET },
    { HTTPA_ERR_CLEAR, HTTPA_TOKEN_CLEAR },
    { HTTPA_ERR_REKEY, HTTPA_TOKEN_REKEY },
};

/* Neither the peer's bytes nor his doing: evidence, the world, ourselves. */
static bool ours(enum httpa_err err)
{
    return err >= 500 && err < 600 ? true : err >= 603;
}

const struct httpa_refusal *httpa_refusal_clear(enum httpa_err err)
{
    for (size_t i = 0; i < sizeof(in_clear) / sizeof(in_clear[0]); i++) {
        if (in_clear[i].err == err) {
            return &rows[in_clear[i].token];
        }
    }
    return &rows[ours(err) ? HTTPA_TOKEN_BUSY : HTTPA_TOKEN_MALFORMED];
}

const struct httpa_refusal *httpa_refusal_sealed(enum httpa_err err)
{
    for (size_t i = 0; i < sizeof(when_sealed) / sizeof(when_sealed[0]);
         i++) {
        if (when_sealed[i].err == err) {
            return &rows[when_sealed[i].token];
        }
    }
    return &rows[ours(err) ? HTTPA_TOKEN_UPSTREAM : HTTPA_TOKEN_HEAD];
}

enum httpa_token httpa_refusal_read(struct httpa_slice name, bool sealed)
{
    for (size_t i = 0; i < HTTPA_TOKEN_COUNT; i++) {
        unsigned status = sealed ? rows[i].sealed : rows[i].clear;
        if (status != 0 && httpa_slice_is(name, rows[i].name)) {
            return rows[i].token;
        }
    }
    return HTTPA_TOKEN_UNKNOWN;
}
