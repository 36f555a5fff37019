/* Building an outer head that owns its bytes (struct httpa_outer). */
#ifndef HTTPA_WIRE_OUTER_H
#define HTTPA_WIRE_OUTER_H

#include <httpa/exchange.h>

#include "wire/ahl.h"

/* An empty head with |status|, or of a request when 0. */
void httpa_outer_init(struct httpa_outer *outer, unsigned status);

/* Appends a field, copying |value|; |name| is a literal.
 * HTTPA_ERR_LIMIT: a field or byte too many. */
HTTPA_MUST_USE enum httpa_err httpa_outer_add(struct httpa_outer *outer,
                                              const char *name,
                                              struct httpa_slice value);

/* Appends every field of |ahl|. */
HTTPA_MUST_USE enum httpa_err
httpa_outer_add_ahl(struct httpa_outer *outer, const struct httpa_ahl *ahl);

/* Appends what every request carries (doc/protocol.md 13.3): |content_type|,
 * Cache-Control, Accept, User-Agent. */
HTTPA_MUST_USE enum httpa_err
httpa_outer_add_request(struct httpa_outer *outer,
                        struct httpa_slice content_type);

/* Appends Content-Length: |n|. */
HTTPA_MUST_USE enum httpa_err
httpa_outer_add_length(struct httpa_outer *outer, uint64_t n);

/* What no outer message of the protocol may have (doc/protocol.md 13.5): a
 * content coding or a range.  HTTPA_ERR_MALFORMED. */
HTTPA_MUST_USE enum httpa_err
httpa_outer_check(const struct httpa_fields *fields);

#endif
