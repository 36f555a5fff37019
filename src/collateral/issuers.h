/* The chain of a document's signer, as Intel's service sends it: PEM in a
 * header field, percent-encoded (RFC 3986 2.1). */
#ifndef HTTPA_COLLATERAL_ISSUERS_H
#define HTTPA_COLLATERAL_ISSUERS_H

#include <httpa/slice.h>

/* Bytes of such a field: real ones have 2.5 KB. */
#define HTTPA_COLLATERAL_ISSUERS_MAX 16384u

/*
 * Appends the text of |field| to |out|.  Strict: what stands for itself is
 * printable, and what is encoded is printable or a line's end.
 *   HTTPA_ERR_MALFORMED  anything else
 *   HTTPA_ERR_RANGE      longer than HTTPA_COLLATERAL_ISSUERS_MAX, or empty
 *   HTTPA_ERR_SPACE
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_issuers(struct httpa_slice field, struct httpa_buf *out);

#endif
