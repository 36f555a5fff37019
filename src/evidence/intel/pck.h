/*
 * Chains under Intel's root, and what the certificate of a platform says
 * about it (Intel SGX PCK Certificate and Certificate Revocation List
 * Profile Specification).
 *
 * The root is known by its key: a chain that comes with another one is
 * somebody else's, however well it fits together.
 */
#ifndef HTTPA_EVIDENCE_INTEL_PCK_H
#define HTTPA_EVIDENCE_INTEL_PCK_H

#include "crypto/crypto.h"
#include "crypto/x509.h"
#include "evidence/intel/tcb.h"

/* SHA-256 of the SubjectPublicKeyInfo of a root. */
#define HTTPA_INTEL_PIN 32u

/* Leaf, CA, root */
#define HTTPA_INTEL_CHAIN_MAX 3u

struct httpa_intel_chain {
    struct httpa_cert *certs[HTTPA_INTEL_CHAIN_MAX];
    size_t n;
};

/* Reads exactly |n| certificates, leaf first.  On any outcome
 * httpa_intel_chain_free may follow, and after success must.
 * Errors of httpa_pem_next and httpa_cert_read; HTTPA_ERR_MISSING,
 * HTTPA_ERR_TRAILING: fewer or more. */
HTTPA_MUST_USE enum httpa_err
httpa_intel_chain_read(const struct httpa_crypto *crypto,
                       struct httpa_slice pem, size_t n,
                       struct httpa_intel_chain *ret_chain);

void httpa_intel_chain_free(struct httpa_intel_chain *chain);

/* The last certificate, which is the root once the chain has verified. */
const struct httpa_cert *
httpa_intel_chain_root(const struct httpa_intel_chain *chain);

/*
 * Whether each certificate is the next one's, up to a root with the key
 * |pin|, and the leaf is called |leaf| (a common name).
 *   HTTPA_ERR_KEY      another root
 *   HTTPA_ERR_CHAIN, HTTPA_ERR_EXPIRED
 */
HTTPA_MUST_USE enum httpa_err
httpa_intel_chain_verify(const struct httpa_crypto *crypto,
                         const struct httpa_intel_chain *chain,
                         const uint8_t pin[HTTPA_INTEL_PIN], const char *leaf,
                         int64_t time_s, int64_t *ret_lapses_s);

/* Whether |cert| has the common name |cn|. */
bool httpa_intel_is_called(const struct httpa_cert *cert, const char *cn);

struct httpa_intel_pck {
    struct httpa_intel_platform platform;
    struct httpa_slice ppid;   /* 16 */
    struct httpa_slice fmspc;  /* 6 */
    struct httpa_slice pce_id; /* 2 */
};

/* Reads the extension 1.2.840.113741.1.13.1; slices are borrowed from it.
 * Errors of httpa_der_end, and
 *   HTTPA_ERR_MISSING    one of PPID, TCB (all of its parts), PCEID, FMSPC
 *   HTTPA_ERR_DUPLICATE  one of them twice
 *   HTTPA_ERR_RANGE      of another length or size */
HTTPA_MUST_USE enum httpa_err
httpa_intel_pck_read(struct httpa_slice extension,
                     struct httpa_intel_pck *ret_pck);

#define HTTPA_INTEL_PCK_OID "1.2.840.113741.1.13.1"

#endif
