/*
 * The service key as it arrives: a bare SPKI, or the leaf of a PEM chain
 * (doc/protocol.md 5.4, "chain").
 */
#ifndef HTTPA_HANDSHAKE_CHAIN_H
#define HTTPA_HANDSHAKE_CHAIN_H

#include "crypto/x509.h"

#define HTTPA_CHAIN_CERTS_MAX 6u

struct httpa_chain {
    struct httpa_cert *certs[HTTPA_CHAIN_CERTS_MAX]; /* leaf first */
    size_t cert_count;                               /* 0: a bare key */
    struct httpa_slice spki; /* of the leaf, or borrowed from the input */
};

/*
 * Reads |in|, PEM or DER SPKI by |is_pem|.  httpa_chain_done must follow, also
 * after an error.  HTTPA_ERR_MALFORMED, HTTPA_ERR_RANGE (more than six).
 */
HTTPA_MUST_USE enum httpa_err
httpa_chain_read(const struct httpa_crypto *crypto, struct httpa_slice in,
                 bool is_pem, struct httpa_chain *chain);

void httpa_chain_done(struct httpa_chain *chain);

#endif
