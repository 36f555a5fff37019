/* The question to a TPM (doc/protocol.md 11.2): does the attestation key live
 * beside the endorsement key? */
#ifndef HTTPA_EVIDENCE_TPM_ASK_H
#define HTTPA_EVIDENCE_TPM_ASK_H

#include <httpa/evidence.h>

/* What httpa_verifier_tpm.ask and .replied do. */
HTTPA_MUST_USE enum httpa_err httpa_tpm_ask(const struct httpa_verify_in *in,
                                            const struct httpa_random *random,
                                            struct httpa_challenge *ret);
HTTPA_MUST_USE enum httpa_err
httpa_tpm_replied(const struct httpa_challenge *challenge,
                  struct httpa_slice value);

#endif
