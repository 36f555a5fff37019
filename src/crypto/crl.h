/*
 * Certificate revocation lists (RFC 5280, 5): reading one, verifying it with
 * the certificate of its issuer, asking it about a certificate.
 *
 * No network and no clock, as in "crypto/x509.h".  Complete lists of one
 * issuer only: a list or an entry with a critical extension (indirect lists,
 * deltas, lists for some reasons or some certificates) is refused, and so is
 * one that does not say when the next is due.
 *
 *   err = httpa_crl_read(crypto, der, &crl);
 *   err = httpa_crl_verify(crypto, crl, issuer);   // a certificate of a chain
 *   err = httpa_crl_at(crl, now_s);
 *   err = httpa_crl_check(crl, cert);
 */
#ifndef HTTPA_CRYPTO_CRL_H
#define HTTPA_CRYPTO_CRL_H

#include <httpa/slice.h>

#include "crypto/crypto.h"
#include "crypto/x509.h"

/* Bytes of one: vendors' have some KB, and 40 for each that is revoked. */
#define HTTPA_CRL_MAX 262144u

struct httpa_crl;

/* Reads exactly one list in DER.
 *   HTTPA_ERR_MALFORMED    does not parse, bytes behind it, or two signature
 *                          algorithms are named
 *   HTTPA_ERR_MISSING      no nextUpdate
 *   HTTPA_ERR_UNSUPPORTED  a critical extension
 *   HTTPA_ERR_RANGE        longer than HTTPA_CRL_MAX */
HTTPA_MUST_USE enum httpa_err httpa_crl_read(const struct httpa_crypto *crypto,
                                             struct httpa_slice der,
                                             struct httpa_crl **ret_crl);

void httpa_crl_free(struct httpa_crl *crl);

/* The issuer's name in DER, borrowed. */
struct httpa_slice httpa_crl_issuer(const struct httpa_crl *crl);

int64_t httpa_crl_this_update(const struct httpa_crl *crl);
int64_t httpa_crl_next_update(const struct httpa_crl *crl);

/*
 * Whether |issuer| signed it; that |issuer| itself is to be believed is what
 * httpa_chain_verify says.
 *   HTTPA_ERR_CHAIN      |issuer| has another name, byte for byte, or a
 *                        keyUsage without cRLSign
 *   HTTPA_ERR_SIGNATURE  does not verify; or with SHA-1 or weaker
 */
HTTPA_MUST_USE enum httpa_err
httpa_crl_verify(const struct httpa_crypto *crypto, const struct httpa_crl *crl,
                 const struct httpa_cert *issuer);

/* HTTPA_ERR_EXPIRED before thisUpdate, and from the second of nextUpdate
 * on. */
HTTPA_MUST_USE enum httpa_err
httpa_crl_at(const struct httpa_crl *crl, int64_t time_s);

/* Whether it lists |cert|.
 *   HTTPA_ERR_MISSING  |cert| has another issuer, byte for byte: the list
 *                      says nothing about it
 *   HTTPA_ERR_CHAIN    listed: revoked */
HTTPA_MUST_USE enum httpa_err
httpa_crl_check(const struct httpa_crl *crl, const struct httpa_cert *cert);

#endif
