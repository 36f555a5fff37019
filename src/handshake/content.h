/*
 * Content of AtHS: a CMW collection both ways (doc/protocol.md 5.4).
 */
#ifndef HTTPA_HANDSHAKE_CONTENT_H
#define HTTPA_HANDSHAKE_CONTENT_H

#include <httpa/evidence.h>

#include "codec/cmw.h"
#include "handshake/quotes.h"

#define HTTPA_TYPE_SPKI "application/vnd.httpa.spki"
#define HTTPA_TYPE_PEM_CHAIN "application/pem-certificate-chain"

/* A collection of nothing to say: one entry "pad". */
void httpa_aths_content_write_pad(struct httpa_buf *out);

/* The form of a request's content.  HTTPA_ERR_LIMIT over 256 KiB, the errors
 * of httpa_cmw_read, HTTPA_ERR_MALFORMED for another CMW than a collection. */
HTTPA_MUST_USE enum httpa_err
httpa_aths_content_check(struct httpa_slice content);

/* What a response says, borrowed from where it was read. */
struct httpa_aths_content {
    struct httpa_evidence items[HTTPA_QUOTES_MAX]; /* type and value only */
    size_t item_count;
    struct httpa_slice chain; /* PEM or SPKI; empty: no entry */
    bool chain_is_pem;
    struct httpa_endorsement endorsements[HTTPA_ENDORSEMENTS_MAX];
    size_t endorsement_count; /* 0: no entry */
};

/* Appends the collection; checked by httpa_buf_check. */
void httpa_aths_content_write(const struct httpa_aths_content *c,
                              struct httpa_buf *out);

/*
 * Reads a response's content.  HTTPA_ERR_MISSING without evidence;
 * HTTPA_ERR_RANGE for an entry over its limit; otherwise as the check above.
 */
HTTPA_MUST_USE enum httpa_err
httpa_aths_content_read(struct httpa_slice in, struct httpa_aths_content *ret);

#endif
