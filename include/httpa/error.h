/*
 * Every way in which httpa can fail, in one enum.
 *
 * HTTPA_OK is 0 and the only value that means success: no other value is ever
 * returned by a function that did what was asked, and HTTPA_OK is never
 * returned with a doubt left open.  Values are grouped by hundreds; the group
 * decides who is at fault and what a program can do about it.
 *
 *   1xx  the caller misused the API, or gave too little room
 *   2xx  input that does not parse, or parses into something not allowed
 *   3xx  nothing in common: version, suite, group, target, policy
 *   4xx  authentication: a tag, a signature, a transcript does not verify
 *   5xx  evidence: does not verify, does not satisfy the policy, undecided
 *   6xx  limits and life of a base
 *   7xx  the world outside: devices, network, files
 *   9xx  our own fault
 *
 * What a stranger on the network is told is not this value but one of the
 * closed set of Attest-Error tokens (doc/protocol.md, "Errors").
 */
#ifndef HTTPA_ERROR_H
#define HTTPA_ERROR_H

#define HTTPA_MUST_USE __attribute__((warn_unused_result))
#define HTTPA_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define HTTPA_NORETURN __attribute__((noreturn))

enum httpa_err {
    HTTPA_OK = 0,

    HTTPA_ERR_USAGE = 100,   /* call out of order, or impossible arguments */
    HTTPA_ERR_SPACE = 101,   /* an output buffer is too small */
    HTTPA_ERR_CONFIG = 102,  /* a configuration, policy or file is invalid */

    HTTPA_ERR_MALFORMED = 200,   /* bytes do not parse */
    HTTPA_ERR_TRUNCATED = 201,   /* ended before it was complete */
    HTTPA_ERR_TRAILING = 202,    /* bytes after the end */
    HTTPA_ERR_PLACE = 203,       /* a field where it may not stand */
    HTTPA_ERR_DUPLICATE = 204,   /* twice what may be there once */
    HTTPA_ERR_MISSING = 205,     /* a part that must be there is not */
    HTTPA_ERR_RANGE = 206,       /* a number or length outside its limits */
    HTTPA_ERR_UNSUPPORTED = 207, /* well-formed, not known or not spoken */
    HTTPA_ERR_HEAD = 208,        /* an inner head breaks a rebuilding rule */
    HTTPA_ERR_ORDER = 209,       /* records or messages out of order */
    HTTPA_ERR_INNER_TARGET = 210, /* inner authority is not the base's */
    HTTPA_ERR_SECRET = 211,       /* secrets that are not acceptable */
    HTTPA_ERR_CLEAR = 212,        /* a clear copy is missing or differs */

    HTTPA_ERR_VERSION = 300,   /* no protocol version in common */
    HTTPA_ERR_SUITE = 301,     /* no cipher suite in common */
    HTTPA_ERR_GROUP = 302,     /* no group in common */
    HTTPA_ERR_TARGET = 303,    /* not one of my origins */
    HTTPA_ERR_DATE = 304,      /* Attest-Date outside the window */
    HTTPA_ERR_POLICY = 305,    /* a demand cannot be granted */
    HTTPA_ERR_OFFER = 306,     /* the peer chose what was not offered */
    HTTPA_ERR_UNTRUSTED = 307, /* a UtR that is not allowed */
    HTTPA_ERR_REFUSED = 308,   /* the peer refused; see the token */

    HTTPA_ERR_TAG = 400,          /* AEAD tag does not verify */
    HTTPA_ERR_SIGNATURE = 401,    /* signature does not verify */
    HTTPA_ERR_FINISHED = 402,     /* transcript MAC does not verify */
    HTTPA_ERR_BASE_UNKNOWN = 403, /* no such base, or its ticket is wrong */
    HTTPA_ERR_REPLAY = 404,       /* number used before, or left of window */
    HTTPA_ERR_BINDER = 405,       /* binder missing or wrong */
    HTTPA_ERR_SEEN = 406,         /* a superseded number was already used */
    HTTPA_ERR_CHAIN = 407,        /* certificate chain does not verify */
    HTTPA_ERR_KEY = 408,          /* key of a wrong type, or not the one */

    HTTPA_ERR_EVIDENCE = 500,  /* evidence does not verify */
    HTTPA_ERR_APPRAISAL = 501, /* verified, and refused by the policy */
    HTTPA_ERR_UNDECIDED = 502, /* collateral missing or stale */
    HTTPA_ERR_IDENTITY = 503,  /* whose service it is was not proved */
    HTTPA_ERR_NO_POLICY = 504, /* no policy for this origin */

    HTTPA_ERR_LIMIT = 600,   /* a stated limit of ours was reached */
    HTTPA_ERR_REKEY = 601,   /* the base is used up: make a new one */
    HTTPA_ERR_EXPIRED = 602, /* the base, a key or a policy has ended */
    HTTPA_ERR_BUSY = 603,    /* no room now; later */
    HTTPA_ERR_ABORTED = 604, /* the peer or the caller gave up */

    HTTPA_ERR_DEVICE = 700,  /* a TEE device failed or is not there */
    HTTPA_ERR_IO = 701,      /* file or socket */
    HTTPA_ERR_TIMEOUT = 702, /* waited long enough */

    HTTPA_ERR_MEMORY = 900, /* out of memory */
    HTTPA_ERR_CRYPTO = 901, /* the crypto library failed on valid input */
    HTTPA_ERR_INTERNAL = 902 /* cannot happen */
};

/* A short lower-case English phrase for |err|, never NULL. */
const char *httpa_strerror(enum httpa_err err);

/* The stable name of |err| as in this file, without the prefix, lower case
 * with hyphens ("base-unknown"); never NULL.  For logs and JSON. */
const char *httpa_err_name(enum httpa_err err);

#endif
