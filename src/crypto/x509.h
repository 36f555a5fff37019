/*
 * X.509 certificates (RFC 5280): reading one, and verifying a chain.
 *
 * No network, no clock, no default trust: roots and time are arguments.
 * Times are Unix seconds in 64 bits, so notAfter 9999-12-31 works.
 */
#ifndef HTTPA_CRYPTO_X509_H
#define HTTPA_CRYPTO_X509_H

#include <httpa/slice.h>

#include "crypto/crypto.h"
#include "crypto/key.h"
#include "crypto/sign.h"

#define HTTPA_CERT_MAX 16384 /* bytes of one; vendors stay below 4 KB */
#define HTTPA_CHAIN_MAX 10   /* certificates, end entity included */

struct httpa_cert;

/* Reads exactly one certificate in DER.
 *   HTTPA_ERR_MALFORMED  does not parse, or bytes behind it
 *   HTTPA_ERR_RANGE      longer than HTTPA_CERT_MAX */
HTTPA_MUST_USE enum httpa_err httpa_cert_read(const struct httpa_crypto *crypto,
                                              struct httpa_slice der,
                                              struct httpa_cert **ret_cert);

void httpa_cert_free(struct httpa_cert *cert);

/* All borrowed from |cert|.  The SPKI is as the certificate has it. */
struct httpa_slice httpa_cert_der(const struct httpa_cert *cert);
struct httpa_slice httpa_cert_spki(const struct httpa_cert *cert);
struct httpa_slice httpa_cert_subject(const struct httpa_cert *cert); /* DER */
struct httpa_slice httpa_cert_issuer(const struct httpa_cert *cert);  /* DER */

/* The public key.  Errors as httpa_pubkey_read. */
HTTPA_MUST_USE enum httpa_err
httpa_cert_pubkey(const struct httpa_crypto *crypto,
                  const struct httpa_cert *cert,
                  struct httpa_pubkey **ret_pubkey);

/* httpa_verify (crypto/sign.h) with the key of |cert|, for what is shown again
 * and again, as collateral is: a memo (crypto/memo.h) remembers it.  Errors
 * also as httpa_pubkey_read. */
HTTPA_MUST_USE enum httpa_err
httpa_cert_verify(const struct httpa_crypto *crypto,
                  const struct httpa_cert *cert, enum httpa_scheme scheme,
                  struct httpa_slice message, struct httpa_slice signature);

/* Appends the subject for people: RFC 2253, UTF-8, controls escaped. */
HTTPA_MUST_USE enum httpa_err
httpa_cert_write_subject(const struct httpa_cert *cert, struct httpa_buf *out);

/* notBefore and notAfter.  A chain is refused from the second of notAfter
 * on. */
int64_t httpa_cert_not_before(const struct httpa_cert *cert);
int64_t httpa_cert_not_after(const struct httpa_cert *cert);

/* The value (extnValue's content) of the extension |oid| (dotted decimal),
 * borrowed.
 *   HTTPA_ERR_MISSING    not there
 *   HTTPA_ERR_DUPLICATE  there twice
 *   HTTPA_ERR_USAGE      |oid| is no OID */
HTTPA_MUST_USE enum httpa_err
httpa_cert_extension(const struct httpa_cert *cert, const char *oid,
                     struct httpa_slice *ret_value);

/* Whether extendedKeyUsage is there and names |oid| (dotted decimal). */
bool httpa_cert_has_eku(const struct httpa_cert *cert, const char *oid);

/* Whether basicConstraints says that it may issue certificates. */
bool httpa_cert_is_ca(const struct httpa_cert *cert);

/* Whether its key may sign what is no certificate: keyUsage, where there is
 * one, says digitalSignature. */
bool httpa_cert_may_sign(const struct httpa_cert *cert);

/* Whether |cert| is for |host|: DNS name or literal address, in
 * subjectAltName only, a wildcard only as a whole left-most label. */
bool httpa_cert_is_for(const struct httpa_cert *cert, const char *host);

/* Whether |cert| is its own issuer, and signed itself.  httpa_chain_verify
 * takes roots for what they are; one that comes from a stranger and is known
 * by its key has to be asked this. */
bool httpa_cert_signs_itself(const struct httpa_crypto *crypto,
                             const struct httpa_cert *cert);

struct httpa_chain_rules {
    /* Trusted whatever they look like; an intermediate may be one. */
    const struct httpa_cert *const *roots;
    size_t root_count;
    int64_t time_s; /* every certificate must be valid then */
    /* Critical extensions that the caller judges itself, dotted decimal; any
     * other one that OpenSSL does not process fails. */
    const char *const *critical;
    size_t critical_count;
    const char *eku;  /* NULL, or what the end entity's must name */
    const char *host; /* NULL, or whom it must be for */
    /* Of a server: keyUsage, where the end entity has it, says
     * digitalSignature, and EKU, where it has it, serverAuth; no issuer's EKU
     * forbids the latter. */
    bool of_server;
};

/*
 * Verifies that |certs[0]| chains to a root, the others (any order, any
 * number needed) in between: signatures, validity, basicConstraints, path
 * length, key usage and name constraints of issuers, no SHA-1 and nothing
 * weaker than RSA-2048.  No revocation.  On success the earliest notAfter of
 * the path is when this result lapses.
 *   HTTPA_ERR_CHAIN    no valid path, or a rule above broken
 *   HTTPA_ERR_EXPIRED  a path, but not valid at time_s
 *   HTTPA_ERR_RANGE    no or more than HTTPA_CHAIN_MAX certificates
 */
HTTPA_MUST_USE enum httpa_err httpa_chain_verify(
    const struct httpa_crypto *crypto, const struct httpa_cert *const *certs,
    size_t count, const struct httpa_chain_rules *rules, int64_t *ret_lapses_s);

#endif
