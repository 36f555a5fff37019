/* Verifying and judging SEV-SNP reports; the verifier is in
 * <httpa/evidence.h>. */
#ifndef HTTPA_EVIDENCE_SNP_VERIFY_H
#define HTTPA_EVIDENCE_SNP_VERIFY_H

#include "evidence/snp/vcek.h"

/* An AMD root key (ARK) by the SHA-256 of its SPKI, and what it is for. */
struct httpa_snp_root {
    enum httpa_snp_line line;
    uint8_t spki_sha256[32];
};

#define HTTPA_SNP_ROOTS 3u

/* The claim that tells of the revocation lists at hand: "current", "not
 * current", "none". */
#define HTTPA_SNP_CLAIM_CRL "crl"

/* AMD's own: Milan, Genoa (also Bergamo and Siena), Turin. */
extern const struct httpa_snp_root httpa_snp_amd[HTTPA_SNP_ROOTS];

/* struct httpa_verifier's verify, under |roots| instead of AMD's. */
HTTPA_MUST_USE enum httpa_err
httpa_snp_verify(const struct httpa_verify_in *in,
                 const struct httpa_snp_root roots[HTTPA_SNP_ROOTS],
                 struct httpa_verdict *v, unsigned of);

/* struct httpa_verifier's judge. */
HTTPA_MUST_USE enum httpa_err
httpa_snp_judge(const struct httpa_profile *profile,
                const struct httpa_verify_in *in, struct httpa_verdict *v,
                unsigned of);

/* The same for a report that came |via|; the profile must say so too. */
HTTPA_MUST_USE enum httpa_err
httpa_snp_judge_via(const struct httpa_profile *profile,
                    const struct httpa_verify_in *in, enum httpa_via via,
                    struct httpa_verdict *v, unsigned of);

/* struct httpa_verifier's verify for Azure's paravisor, under |roots|. */
HTTPA_MUST_USE enum httpa_err
httpa_snp_azure_verify(const struct httpa_verify_in *in,
                       const struct httpa_snp_root roots[HTTPA_SNP_ROOTS],
                       struct httpa_verdict *v, unsigned of);

/* The product that policies name: "milan", "genoa", "bergamo" (Siena is the
 * same silicon and tells no difference), "turin". */
const char *httpa_snp_product(enum httpa_snp_line line,
                              const struct httpa_snp_report *report);

#endif
