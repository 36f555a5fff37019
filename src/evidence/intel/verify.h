/*
 * The verification of a quote, with the root as an argument: the public
 * verifiers always pass Intel's, tests one of their own.
 */
#ifndef HTTPA_EVIDENCE_INTEL_VERIFY_H
#define HTTPA_EVIDENCE_INTEL_VERIFY_H

#include <httpa/evidence.h>

#include "evidence/intel/pck.h"

/* SHA-256 of the SubjectPublicKeyInfo of the Intel SGX Root CA. */
extern const uint8_t httpa_intel_root[HTTPA_INTEL_PIN];

/* As httpa_verifier.verify. */
HTTPA_MUST_USE enum httpa_err
httpa_intel_verify(const struct httpa_verify_in *in, bool is_tdx,
                   const uint8_t pin[HTTPA_INTEL_PIN], struct httpa_verdict *v,
                   unsigned of);

/* As httpa_verifier.judge: from the claims of a verified item. */
HTTPA_MUST_USE enum httpa_err
httpa_intel_judge(const struct httpa_profile *profile,
                  const struct httpa_verify_in *in, struct httpa_verdict *v,
                  unsigned of);

/* The same for a quote that came |via|; the profile must say so too. */
HTTPA_MUST_USE enum httpa_err
httpa_intel_judge_via(const struct httpa_profile *profile,
                      const struct httpa_verify_in *in, enum httpa_via via,
                      struct httpa_verdict *v, unsigned of);

/* As httpa_verifier.verify for TDX under Azure's paravisor. */
HTTPA_MUST_USE enum httpa_err
httpa_intel_azure_verify(const struct httpa_verify_in *in,
                         const uint8_t pin[HTTPA_INTEL_PIN],
                         struct httpa_verdict *v, unsigned of);

/* Adds the claims of a quote whose signature verified; with |tcb| also how
 * current it is. */
struct httpa_intel_found {
    const struct httpa_intel_quote *quote;
    const struct httpa_intel_pck *pck;
    struct httpa_slice ppid_sha256;
    const struct httpa_intel_tcb *tcb; /* NULL: not known */
    uint32_t evaluation_number;
    int64_t issued_s; /* the oldest of TCB info, QE identity, the PCK's list;
                         not of the root's, which Intel makes once a year */
    int64_t outdated_since_s; /* 0: not known, or not out of date */
};

void httpa_intel_claim(const struct httpa_intel_found *found,
                       struct httpa_verdict *v, unsigned of);

#endif
