/*
 * What a peer is told when something is refused (doc/protocol.md 14): closed
 * sets of Attest-Error tokens, one in the clear for strangers, one sealed for
 * whoever holds a base.  A stranger learns the token and nothing else: the
 * content is a constant.
 */
#ifndef HTTPA_WIRE_REFUSAL_H
#define HTTPA_WIRE_REFUSAL_H

#include <httpa/slice.h>

enum httpa_token {
    HTTPA_TOKEN_NONE = 0,
    HTTPA_TOKEN_UNKNOWN, /* not in our set: judge by the status */
    HTTPA_TOKEN_MALFORMED,
    HTTPA_TOKEN_VERSION,
    HTTPA_TOKEN_SUITE,
    HTTPA_TOKEN_GROUP,
    HTTPA_TOKEN_DATE,
    HTTPA_TOKEN_UNTRUSTED,
    HTTPA_TOKEN_CLIENT,
    HTTPA_TOKEN_POLICY,
    HTTPA_TOKEN_TARGET, /* in both sets */
    HTTPA_TOKEN_BASE_UNKNOWN,
    HTTPA_TOKEN_REPLAY,
    HTTPA_TOKEN_TOO_LARGE,
    HTTPA_TOKEN_CHALLENGE,
    HTTPA_TOKEN_BUSY,
    HTTPA_TOKEN_DRAINING,
    HTTPA_TOKEN_HEAD,
    HTTPA_TOKEN_CLEAR,
    HTTPA_TOKEN_SEEN,
    HTTPA_TOKEN_SECRET,
    HTTPA_TOKEN_REKEY,
    HTTPA_TOKEN_UPSTREAM,
    HTTPA_TOKEN_COUNT
};

struct httpa_refusal {
    enum httpa_token token;
    const char *name;    /* the Token of Attest-Error */
    unsigned clear;      /* outer status; 0: never in the clear */
    unsigned sealed;     /* inner status; 0: never sealed */
    const char *problem; /* the constant content, application/problem+json */
};

/* The row of |token|; NULL for NONE and UNKNOWN. */
const struct httpa_refusal *httpa_refusal_row(enum httpa_token token);

/* How an error is told to a stranger.  Never NULL: an error without a row of
 * its own is BUSY if it is ours (5xx, 7xx, 9xx), else MALFORMED.  LIMIT is
 * content over its limit: a head over its own is RANGE. */
const struct httpa_refusal *httpa_refusal_clear(enum httpa_err err);

/* How an error of a request whose ticket verified is told, sealed.  Never
 * NULL: HEAD, or UPSTREAM if the error is ours. */
const struct httpa_refusal *httpa_refusal_sealed(enum httpa_err err);

/* The token that a peer named; UNKNOWN when it is not in the closed set of
 * refusals in the clear (or, if |sealed|, of sealed ones). */
enum httpa_token httpa_refusal_read(struct httpa_slice name, bool sealed);

#endif
