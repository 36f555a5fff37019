/*
 * Whether a document is its maker's, and the one that was asked for: its
 * signatures up to a pinned root, and its subject.  How old it is, the store
 * judges (store.h); what it means for evidence, the verifiers.
 */
#ifndef HTTPA_COLLATERAL_PROOF_H
#define HTTPA_COLLATERAL_PROOF_H

#include "collateral/need.h"
#include "evidence/intel/verify.h"
#include "evidence/snp/verify.h"

/* Roots by their keys. */
struct httpa_collateral_pins {
    const struct httpa_snp_root *amd; /* HTTPA_SNP_ROOTS */
    const uint8_t *intel;             /* HTTPA_INTEL_PIN */
};

/* Those of the makers. */
struct httpa_collateral_pins httpa_collateral_pins(void);

/*
 * |file| is as it stands in a folder, with its signers where it has some
 * (dir.h); |issuers| are the certificates of |need->issuers_file|, or empty.
 *   HTTPA_ERR_KEY         under another root
 *   HTTPA_ERR_CHAIN, HTTPA_ERR_EXPIRED, HTTPA_ERR_SIGNATURE
 *   HTTPA_ERR_EVIDENCE    of another platform, chip or TCB
 *   HTTPA_ERR_MISSING     issuers are not there
 *   those of parsing
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_prove(const struct httpa_crypto *crypto,
                       const struct httpa_collateral_pins *pins,
                       const struct httpa_collateral_need *need,
                       struct httpa_slice file, struct httpa_slice issuers,
                       int64_t now_s);

#endif
