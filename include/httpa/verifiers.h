/*
 * The verifiers of this library, one or two for each type of evidence; what
 * they are is in <httpa/evidence.h>, which includes this file.
 */
#ifndef HTTPA_VERIFIERS_H
#define HTTPA_VERIFIERS_H

#include <httpa/slice.h>

struct httpa_verifier;

/* TPM 2.0 quotes, application/vnd.httpa.tpm, type "tpm". */
extern const struct httpa_verifier httpa_verifier_tpm;

/* AMD SEV-SNP attestation reports, application/vnd.httpa.snp-report, type
 * "sev-snp".  Endorsements: the VCEK or VLEK, its ASK or ASVK, the ARK, and the
 * ARK's revocation list. */
extern const struct httpa_verifier httpa_verifier_snp;

/* Azure's paravisor over one: only profiles via azure take it, and only beside
 * a quote of the vTPM whose key it names, the claim "hardware_ak". */
#define HTTPA_MEDIA_TYPE_HCL "application/vnd.httpa.hcl"
extern const struct httpa_verifier httpa_verifier_snp_azure;

/* AWS Nitro Enclaves, application/vnd.httpa.nitro, type "nitro". */
extern const struct httpa_verifier httpa_verifier_nitro;

/* EAT as CWT, application/eat+cwt, type "dev". */
extern const struct httpa_verifier httpa_verifier_eat;

/* Intel quotes, application/vnd.httpa.tdx-quote and .sgx-quote, types "tdx"
 * and "sgx".  Intel's collateral comes as endorsements; their media types are
 * application/vnd.httpa.intel-tcb-info, -qe-identity, -tcb-evaluations (JSON,
 * the last one for `grace_days` alone), -tcb-chain,
 * -qe-chain (PEM), -pck-crl and -root-crl (DER). */
extern const struct httpa_verifier httpa_verifier_tdx;
extern const struct httpa_verifier httpa_verifier_sgx;

/* Azure's paravisor over a TD: its runtime data and the quote over them, as
 * httpa_verifier_snp_azure has a report. */
#define HTTPA_MEDIA_TYPE_AZURE_TDX "application/vnd.httpa.azure-tdx"
extern const struct httpa_verifier httpa_verifier_tdx_azure;

/*
 * Appends a value of that type: from the paravisor's report, NV index
 * 0x01400001 of the vTPM, and from the quote that the host made of the TDREPORT
 * in it.  HTTPA_ERR_UNSUPPORTED: not a report over TDX; else it does not parse.
 */
HTTPA_MUST_USE enum httpa_err httpa_azure_tdx_write(struct httpa_slice report,
                                                    struct httpa_slice quote,
                                                    struct httpa_buf *out);

/* Results of remote verifiers (draft-ietf-rats-ear), type "ear": JWT,
 * application/eat+jwt; CWT, application/vnd.httpa.ear-cwt. */
extern const struct httpa_verifier httpa_verifier_ear_jwt;
extern const struct httpa_verifier httpa_verifier_ear_cwt;

/* Arm CCA, application/eat-collection, type "cca".  Endorsements: CPAKs. */
extern const struct httpa_verifier httpa_verifier_cca;

/* All of the above, for programs that take evidence of any type: a policy says
 * which is accepted. */
const struct httpa_verifier *const *httpa_verifiers_known(size_t *ret_count);

#endif
