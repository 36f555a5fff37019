/*
 * Certificates of a TPM's keys: does somebody whom the policy trusts vouch for
 * this key (doc/protocol.md 6.5, step 8)?
 */
#ifndef HTTPA_EVIDENCE_TPM_CHAIN_H
#define HTTPA_EVIDENCE_TPM_CHAIN_H

#include <httpa/evidence.h>

#include "evidence/tpm/format.h"

struct httpa_tpm_vouched {
    const struct httpa_tpm_policy *policy; /* its roots */
    struct httpa_tpm_chain chain;          /* leaf first */
    struct httpa_slice key;                /* TPMT_PUBLIC */
    bool is_ek;                            /* an endorsement key, not an AK */
};

/*
 * HTTPA_OK only if the chain leads to a root of the policy and its leaf is for
 * |w->key| and for that use.  Then *ret_lapses_s is when the first
 * certificate of the path ends, and |v| has what Google's certificates say of
 * the machine, claims "gce_...".
 * HTTPA_ERR_MISSING  no certificate, or no root
 * HTTPA_ERR_KEY      the certificate is for another key
 * Errors of httpa_chain_verify, httpa_tpm_gce_read and httpa_tpm_key.
 */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_chain_check(const struct httpa_tpm_vouched *w,
                      const struct httpa_verify_in *in,
                      struct httpa_verdict *v, unsigned of,
                      int64_t *ret_lapses_s);

#endif
