/*
 * A quote taken apart: is the key one that only a TPM can sign with, does the
 * signature verify, does it bind what we expect, and do the register values
 * beside it give the digest inside it (doc/protocol.md 6.5).
 *
 * Each step is a function of its own so that a verdict can name it.  Nothing
 * here judges values: policies do.
 */
#ifndef HTTPA_EVIDENCE_TPM_QUOTE_H
#define HTTPA_EVIDENCE_TPM_QUOTE_H

#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "evidence/tpm/format.h"

/* The hash that the TPM calls |alg|; HTTPA_ERR_UNSUPPORTED for SHA-1, with
 * which nothing is ever verified here. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_hash_id(uint16_t alg, enum httpa_hash_id *ret_id);

/* The key inside |pub|.  HTTPA_ERR_UNSUPPORTED: RSA outside 2048 to 4096 bits
 * or not 65537; HTTPA_ERR_MALFORMED: not on its curve. */
HTTPA_MUST_USE enum httpa_err httpa_tpm_key(const struct httpa_crypto *crypto,
                                            const struct httpa_tpm_public *pub,
                                            struct httpa_pubkey **ret_key);

/* Appends the Name of the key whose TPMT_PUBLIC is |in|: nameAlg || digest
 * (Part 1, 16).  HTTPA_ERR_UNSUPPORTED: nameAlg is SHA-1 or unknown. */
HTTPA_MUST_USE enum httpa_err httpa_tpm_name(const struct httpa_crypto *crypto,
                                             struct httpa_slice in,
                                             struct httpa_buf *ret_name);

/* HTTPA_ERR_KEY unless |cert| is for the key in |pub|; errors of
 * httpa_tpm_key and httpa_cert_pubkey. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_certifies(const struct httpa_crypto *crypto,
                    const struct httpa_cert *cert,
                    const struct httpa_tpm_public *pub);

/* HTTPA_ERR_KEY unless |pub| is a restricted signing key that was made inside
 * a TPM and cannot leave it: only such a key refuses to sign what merely looks
 * like a quote. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_ak_check(const struct httpa_tpm_public *pub);

/*
 * HTTPA_OK only if |signature| (TPMT_SIGNATURE) is one of |attest| under
 * |key|; then *ret_hash is the hash of the scheme.
 * HTTPA_ERR_UNSUPPORTED  SHA-1, or a pair of key and hash that is not used
 * HTTPA_ERR_SIGNATURE, HTTPA_ERR_KEY, and errors of the parser
 */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_quote_signature(const struct httpa_crypto *crypto,
                          const struct httpa_pubkey *key,
                          struct httpa_slice attest,
                          const struct httpa_tpm_signature *signature,
                          enum httpa_hash_id *ret_hash);

/* HTTPA_ERR_EVIDENCE unless extraData is |expected| and is not empty; time
 * depends on the lengths only. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_quote_binds(const struct httpa_tpm_attest *attest,
                      struct httpa_slice expected);

/*
 * HTTPA_ERR_EVIDENCE unless |pcrs| holds exactly the selected registers and
 * their values, hashed with the hash of the signing scheme, are the digest
 * that was signed.  A selection without any register fails.
 */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_quote_digest(const struct httpa_crypto *crypto,
                       enum httpa_hash_id hash,
                       const struct httpa_tpm_attest *attest,
                       const struct httpa_tpm_pcrs *pcrs, size_t pcrs_n);

/* HTTPA_ERR_EVIDENCE unless the quote covers some register, with a digest of
 * |hash|: all that there is to say of it without values. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_quote_covers(enum httpa_hash_id hash,
                       const struct httpa_tpm_attest *attest);

/* The hash over the selected values as TPM2_Quote computes it (Part 3,
 * 18.4).  HTTPA_ERR_MISSING: a selected value is not there. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_pcr_digest(const struct httpa_crypto *crypto, enum httpa_hash_id hash,
                     const struct httpa_tpm_attest *attest,
                     const struct httpa_tpm_pcrs *pcrs, size_t pcrs_n,
                     struct httpa_digest *ret_digest);

#endif
