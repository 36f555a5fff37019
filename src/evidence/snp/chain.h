/* The certificates that came along, and the chain from the key that signed to
 * a pinned root of AMD. */
#ifndef HTTPA_EVIDENCE_SNP_CHAIN_H
#define HTTPA_EVIDENCE_SNP_CHAIN_H

#include "evidence/snp/verify.h"

/* Certificates that are looked at; a report needs three. */
#define HTTPA_SNP_CERTS_MAX 64u

struct httpa_snp_chain {
    struct httpa_cert *certs[HTTPA_SNP_CERTS_MAX];
    size_t count;
    const struct httpa_cert *root; /* a pinned one, or NULL */
    const struct httpa_cert *cert; /* of the key that signed, or NULL */
    const struct httpa_cert *ask;  /* its issuer, once it was followed */
    struct httpa_snp_leaf leaf;    /* what it says */
    int64_t lapses_s;
};

/* Reads what |in| has.  HTTPA_ERR_RANGE: too many.  What is no certificate is
 * passed over: endorsements are candidates. */
HTTPA_MUST_USE enum httpa_err
httpa_snp_chain_read(const struct httpa_verify_in *in,
                     struct httpa_snp_chain *ret);
void httpa_snp_chain_free(struct httpa_snp_chain *chain);

/*
 * Finds the key that should have signed |report| and follows its chain at
 * |in->now_s|.
 *   HTTPA_ERR_UNDECIDED  a certificate is missing
 *   HTTPA_ERR_EXPIRED, HTTPA_ERR_CHAIN
 *   those of httpa_snp_leaf_read
 */
HTTPA_MUST_USE enum httpa_err
httpa_snp_chain_follow(const struct httpa_verify_in *in,
                       const struct httpa_snp_root roots[HTTPA_SNP_ROOTS],
                       const struct httpa_snp_report *report,
                       struct httpa_snp_chain *chain);

/* What the root's revocation lists say of the issuer. */
enum httpa_snp_revoked {
    HTTPA_SNP_NOT_LOOKED,      /* no list of this root came along */
    HTTPA_SNP_OF_ANOTHER_TIME, /* one did, and is not current */
    HTTPA_SNP_NOT_REVOKED,
    HTTPA_SNP_REVOKED /* by a list of whatever time */
};

/* |ret_issued_s|, |ret_lapses_s|: of the list that says so longest; 0 where
 * none does. */
HTTPA_MUST_USE enum httpa_snp_revoked
httpa_snp_chain_revoked(const struct httpa_verify_in *in,
                        const struct httpa_snp_chain *chain,
                        int64_t *ret_issued_s, int64_t *ret_lapses_s);

#endif
