/*
 * The report of Azure's paravisor (HCL, NV index 0x01400001 of the vTPM): a
 * hardware report, and the runtime data whose SHA-256 is in the first half of
 * its REPORT_DATA.  The runtime data names the vTPM's attestation key, so that
 * whoever verified the hardware report knows which quotes to believe.
 *
 * The hardware report itself is for whoever knows its type.
 */
#ifndef HTTPA_EVIDENCE_HCL_H
#define HTTPA_EVIDENCE_HCL_H

#include <httpa/evidence.h>

/* The NV index has 2,600 bytes; what is behind the data is zero. */
#define HTTPA_HCL_MAX 2600u

#define HTTPA_HCL_REPORT 1184u
#define HTTPA_HCL_MODULUS_MAX 512u /* RSA-4096 */

enum httpa_hcl_kind { HTTPA_HCL_SNP = 2, HTTPA_HCL_TDX = 4 };

struct httpa_hcl {
    enum httpa_hcl_kind kind;
    struct httpa_slice report;       /* SNP report, or TDREPORT and zeros */
    struct httpa_slice runtime_data; /* the bytes that are hashed */
    uint8_t modulus[HTTPA_HCL_MODULUS_MAX]; /* of HCLAkPub; it has the */
    size_t modulus_n;                       /* exponent 65537 */
};

/*
 * Reads |in|, all of it.
 *   HTTPA_ERR_TRUNCATED, _TRAILING  shorter than it says, or more than zeros
 *                                   behind it
 *   HTTPA_ERR_RANGE        longer than HTTPA_HCL_MAX, lengths that contradict
 *                          each other, or a key too large
 *   HTTPA_ERR_UNSUPPORTED  another version, TEE, hash, or kind of key
 *   HTTPA_ERR_MISSING      no HCLAkPub
 *   HTTPA_ERR_DUPLICATE    a second one, or a JSON member twice
 *   HTTPA_ERR_MALFORMED    anything else
 */
HTTPA_MUST_USE enum httpa_err httpa_hcl_read(struct httpa_slice in,
                                             struct httpa_hcl *ret_hcl);

/* Runtime data alone, as it stands beside a quote of a TD: |kind| and
 * |report| stay empty.  Errors as above. */
HTTPA_MUST_USE enum httpa_err
httpa_hcl_runtime_read(struct httpa_slice in, struct httpa_hcl *ret_hcl);

/*
 * Whether |report_data|, HTTPA_RD_LEN bytes that the hardware signed, is
 * SHA-256 of the runtime data, then zeros; |ret_wanted| is what it must be.
 * HTTPA_ERR_EVIDENCE: it is not; errors of httpa_hash_once.
 */
HTTPA_MUST_USE enum httpa_err
httpa_hcl_check(const struct httpa_crypto *crypto, const struct httpa_hcl *hcl,
                struct httpa_slice report_data,
                uint8_t ret_wanted[HTTPA_RD_LEN]);

/* Claims HTTPA_CLAIM_HARDWARE_AK about item |of|: only when everything else
 * has passed.  Errors of httpa_pubkey_from_rsa. */
HTTPA_MUST_USE enum httpa_err
httpa_hcl_claim_ak(const struct httpa_crypto *crypto,
                   const struct httpa_hcl *hcl, struct httpa_verdict *v,
                   unsigned of);

#endif
