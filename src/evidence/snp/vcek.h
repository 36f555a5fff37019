/*
 * The certificate of the key that signs reports: VCEK (of a chip and its TCB)
 * or VLEK (of a cloud).  "Versioned Chip Endorsement Key (VCEK) Certificate
 * and KDS Interface Specification", 57230.
 */
#ifndef HTTPA_EVIDENCE_SNP_VCEK_H
#define HTTPA_EVIDENCE_SNP_VCEK_H

#include "crypto/x509.h"
#include "evidence/snp/report.h"

enum httpa_snp_line { HTTPA_SNP_MILAN, HTTPA_SNP_GENOA, HTTPA_SNP_TURIN };

struct httpa_snp_leaf {
    enum httpa_snp_signer signer;
    enum httpa_snp_line line;
    struct httpa_snp_tcb tcb;
    struct httpa_slice hwid;   /* VCEK: 64 bytes, Turin 8 */
    struct httpa_slice csp_id; /* VLEK: who it was issued to */
};

/* Whether the subject says that |cert| is a VCEK or a VLEK. */
bool httpa_snp_is_leaf(const struct httpa_cert *cert,
                       enum httpa_snp_signer signer);

/*
 * What |cert|, one of those, says; borrowed from it.
 *   HTTPA_ERR_MISSING      an extension is not there
 *   HTTPA_ERR_MALFORMED    or has another form
 *   HTTPA_ERR_UNSUPPORTED  a product line that is not known
 */
HTTPA_MUST_USE enum httpa_err httpa_snp_leaf_read(const struct httpa_cert *cert,
                                                  enum httpa_snp_signer signer,
                                                  struct httpa_snp_leaf *ret);

#endif
