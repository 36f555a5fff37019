/*
 * Rebuilding: what an inner head must satisfy before it becomes a message
 * again, and what is taken out of it (doc/protocol.md 10).
 *
 * An inner head is data of a peer, judged like a message from the network:
 * nothing in it may influence framing, hops, or the meaning of httpa-*
 * fields.  Judging also filters: what is left may be written by an HTTP
 * serialiser as it stands.
 *
 * A refusal names its rule: a constant of a few words ("transfer-encoding",
 * "path: bytes"), for logs and the client's message, never for the peer.
 */
#ifndef HTTPA_WIRE_HEAD_RULES_H
#define HTTPA_WIRE_HEAD_RULES_H

#include <httpa/message.h>

#include "wire/limits.h"

/* What the head says about the content behind it. */
struct httpa_content_rule {
    bool none;       /* no byte of content may follow */
    bool has_length; /* content-length stands and counts what follows */
    uint64_t length;
};

struct httpa_head_verdict {
    struct httpa_content_rule content;
    const char *rule; /* what was broken, static; NULL when HTTPA_OK */
};

/*
 * Judges a request and filters head->fields in place: host, cookie lines but
 * the first (joined in |room|), attest-*, and the removed names go.  |target|
 * is that of the base.
 *
 * HTTPA_ERR_HEAD          a rule is broken; ret_verdict->rule says which
 * HTTPA_ERR_INNER_TARGET  scheme and authority are not |target|
 * HTTPA_ERR_SPACE         |room| is too small for the cookies
 */
HTTPA_MUST_USE enum httpa_err
httpa_head_rules_request(struct httpa_head *head, struct httpa_slice target,
                         struct httpa_buf *room,
                         struct httpa_head_verdict *ret_verdict);

/* The same for a response to a request of |method|. */
HTTPA_MUST_USE enum httpa_err
httpa_head_rules_response(struct httpa_head *head, struct httpa_slice method,
                          struct httpa_head_verdict *ret_verdict);

/* Judges inner trailers; nothing is removed. */
HTTPA_MUST_USE enum httpa_err
httpa_head_rules_trailers(const struct httpa_fields *trailers,
                          const char **ret_rule);

/*
 * The other direction: makes a head (or trailers) that an HTTP stack handed
 * over fit to be sealed.  Names become lower case (copied into |room| where
 * they are not), values lose blanks at their ends, and what a hop may not
 * pass on goes: the fields that Connection names, all refused and removed
 * names, host.  A |room| that grows moves, so give it its size beforehand.
 * HTTPA_ERR_HEAD: a name or value that cannot be sealed at all;
 * HTTPA_ERR_LIMIT: too many fields; HTTPA_ERR_SPACE.
 */
HTTPA_MUST_USE enum httpa_err
httpa_head_rules_prepare(struct httpa_fields *fields, struct httpa_buf *room);

/* The same for trailers: everything that they may not hold goes. */
HTTPA_MUST_USE enum httpa_err
httpa_head_rules_prepare_trailers(struct httpa_fields *fields,
                                  struct httpa_buf *room);

#endif
