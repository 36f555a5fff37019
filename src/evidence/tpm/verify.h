/*
 * The verifier of application/vnd.httpa.tpm (doc/protocol.md 6.5): bytes to
 * checks and claims, and what a policy may ask of a TPM beyond registers.
 */
#ifndef HTTPA_EVIDENCE_TPM_VERIFY_H
#define HTTPA_EVIDENCE_TPM_VERIFY_H

#include <httpa/evidence.h>

/*
 * What httpa_verifier_tpm.verify does, with the qualifyingData that is
 * expected instead of an rd: a handshake puts SHA-256(rd) there, an auditor
 * the nonce of his own.  |expected| NULL: nothing to compare with, the
 * binding is SKIP.
 */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_verify(const struct httpa_verify_in *in,
                 const struct httpa_slice *expected, struct httpa_verdict *v,
                 unsigned of);

/* What httpa_verifier_tpm.judge does: AK trust, event log. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_judge(const struct httpa_profile *profile,
                const struct httpa_verify_in *in, struct httpa_verdict *v,
                unsigned of);

#endif
