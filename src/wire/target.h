/*
 * Attest-Target: the ASCII serialisation of an origin (RFC 6454 6.2;
 * doc/protocol.md 5.2).  scheme "://" host [":" port], lower case, A-labels,
 * IPv6 in brackets in the form of RFC 5952, no default port, no path.  There
 * is one text for one origin, so origins are compared byte for byte.
 */
#ifndef HTTPA_WIRE_TARGET_H
#define HTTPA_WIRE_TARGET_H

#include <httpa/slice.h>

#include "wire/limits.h"

struct httpa_target {
    struct httpa_slice scheme;    /* "https" or "http" */
    struct httpa_slice authority; /* host and port as HTTP carries them */
    struct httpa_slice host;      /* without brackets */
    uint16_t port;                /* the scheme's default, if none stands */
};

/* Splits |text|, borrowed.  HTTPA_ERR_MALFORMED unless it is exactly the
 * serialisation; HTTPA_ERR_RANGE when longer than HTTPA_LIMIT_TARGET. */
HTTPA_MUST_USE enum httpa_err httpa_target_read(struct httpa_slice text,
                                                struct httpa_target *ret_t);

/* Appends the serialisation of the origin of |uri|, an absolute http or https
 * URI as a person types it: path, query and fragment are dropped.
 * HTTPA_ERR_MALFORMED: not such a URI, with user information, or a host that
 * is not ASCII; HTTPA_ERR_RANGE: too long; HTTPA_ERR_SPACE. */
HTTPA_MUST_USE enum httpa_err httpa_target_of_uri(struct httpa_slice uri,
                                                  struct httpa_buf *ret_out);

/* Whether |scheme| "://" |authority| is |target|, byte for byte. */
bool httpa_target_is(struct httpa_slice target, struct httpa_slice scheme,
                     struct httpa_slice authority);

#endif
