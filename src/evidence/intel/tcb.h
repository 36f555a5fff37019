/*
 * How current a platform is: the first level of Intel's lists that it meets,
 * merged over the platform, the TDX module and the Quoting Enclave (Intel
 * SGX and TDX DCAP Quote Verification Library, 4.1.2.4.16, .17).
 */
#ifndef HTTPA_EVIDENCE_INTEL_TCB_H
#define HTTPA_EVIDENCE_INTEL_TCB_H

#include "evidence/intel/collateral.h"

/* The security versions of a platform: of its certificate, never those that
 * the quote itself says. */
struct httpa_intel_platform {
    uint8_t components[HTTPA_INTEL_COMPONENTS];
    uint16_t pce_svn;
};

/* What was found.  A list that no level of was met has not supported. */
struct httpa_intel_tcb {
    enum httpa_intel_status status; /* of all together */
    int64_t date_s;                 /* of the platform's level; 0: none */
    int64_t outdated_s; /* of the oldest level that is out of date; 0: none */
    struct httpa_slice advisories[3 * HTTPA_INTEL_ADVISORIES_MAX];
    size_t advisory_count; /* of all matched levels, each once */
    enum httpa_intel_status platform;
    enum httpa_intel_status module;
    enum httpa_intel_status qe;
};

/* |td| is NULL for SGX; |qe_svn| is the ISVSVN of the Quoting Enclave. */
void httpa_intel_tcb_find(const struct httpa_intel_tcb_info *info,
                          const struct httpa_intel_qe_identity *identity,
                          const struct httpa_intel_platform *platform,
                          const struct httpa_intel_td *td, uint16_t qe_svn,
                          struct httpa_intel_tcb *ret_tcb);

/* |status| of a platform, with |other| of its module or QE. */
enum httpa_intel_status httpa_intel_status_merge(enum httpa_intel_status status,
                                                 enum httpa_intel_status other);

/*
 * Whether |td| runs under the module that |info| is about: its signer and
 * attributes, by its version.  HTTPA_ERR_EVIDENCE: no.
 */
HTTPA_MUST_USE enum httpa_err
httpa_intel_module_check(const struct httpa_intel_tcb_info *info,
                         const struct httpa_intel_td *td);

#endif
