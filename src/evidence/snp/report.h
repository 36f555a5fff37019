/*
 * AMD SEV-SNP attestation reports (SEV Secure Nested Paging Firmware ABI
 * Specification, 56860, "ATTESTATION_REPORT"), versions 2 to 5.  README.md has
 * the format; report.c reads it, vcek.c reads the certificate of the key that
 * signed, verify.c and judge.c are the verifier.
 */
#ifndef HTTPA_EVIDENCE_SNP_REPORT_H
#define HTTPA_EVIDENCE_SNP_REPORT_H

#include <httpa/evidence.h>

#define HTTPA_SNP_MEDIA_TYPE "application/vnd.httpa.snp-report"

#define HTTPA_SNP_REPORT 1184u /* bytes of a report */
#define HTTPA_SNP_SIGNED 672u  /* of it are signed */
#define HTTPA_SNP_CHIP 64u
#define HTTPA_SNP_CHIP_TURIN 8u /* then zeros */

/* A TCB_VERSION by component.  They compare one by one, never as a number. */
enum httpa_snp_component {
    HTTPA_SNP_BOOT_LOADER,
    HTTPA_SNP_TEE,
    HTTPA_SNP_SNP,
    HTTPA_SNP_MICROCODE,
    HTTPA_SNP_FMC, /* Turin only, else 0 */
    HTTPA_SNP_COMPONENTS
};

struct httpa_snp_tcb {
    uint8_t v[HTTPA_SNP_COMPONENTS];
};

/* Who signed: bits 4:2 of the word at 0x48. */
enum httpa_snp_signer { HTTPA_SNP_VCEK = 0, HTTPA_SNP_VLEK = 1 };

/* POLICY of the guest. */
#define HTTPA_SNP_POLICY_SMT (UINT64_C(1) << 16)
#define HTTPA_SNP_POLICY_MIGRATE_MA (UINT64_C(1) << 18)
#define HTTPA_SNP_POLICY_DEBUG (UINT64_C(1) << 19)
#define HTTPA_SNP_POLICY_SINGLE_SOCKET (UINT64_C(1) << 20)

/* PLATFORM_INFO. */
#define HTTPA_SNP_PLATFORM_SMT (UINT64_C(1) << 0)
#define HTTPA_SNP_PLATFORM_TSME (UINT64_C(1) << 1)
#define HTTPA_SNP_PLATFORM_ECC (UINT64_C(1) << 2)
#define HTTPA_SNP_PLATFORM_CIPHERTEXT_HIDING (UINT64_C(1) << 4)
#define HTTPA_SNP_PLATFORM_ALIAS_CHECK (UINT64_C(1) << 5)

struct httpa_snp_firmware {
    uint8_t build;
    uint8_t minor;
    uint8_t major;
};

/* Slices are borrowed from the bytes that were read. */
struct httpa_snp_report {
    uint32_t version;
    uint32_t guest_svn;
    uint64_t policy;
    uint32_t vmpl;
    uint64_t platform_info;
    bool author_key;
    bool chip_masked;
    enum httpa_snp_signer signer;
    struct httpa_slice family_id;
    struct httpa_slice image_id;
    struct httpa_slice report_data;
    struct httpa_slice measurement;
    struct httpa_slice host_data;
    struct httpa_slice id_key_digest;
    struct httpa_slice author_key_digest;
    struct httpa_slice report_id;
    struct httpa_slice report_id_ma;
    struct httpa_slice chip_id;
    uint8_t cpuid[3]; /* family, model, stepping; zeros in version 2 */
    /* As they stand; httpa_snp_tcb_of gives them their meaning. */
    uint64_t current_tcb;
    uint64_t reported_tcb;
    uint64_t committed_tcb;
    uint64_t launch_tcb;
    struct httpa_snp_firmware current;
    struct httpa_snp_firmware committed;
    struct httpa_slice signed_bytes;
    uint8_t signature[96]; /* r || s, big-endian */
};

/*
 * Reads |in|, all of it.  Form only; nothing is verified.
 *   HTTPA_ERR_TRUNCATED, _TRAILING  not 1,184 bytes
 *   HTTPA_ERR_UNSUPPORTED  another version or algorithm, or not signed
 *   HTTPA_ERR_MALFORMED    bits that must be set or clear are not
 */
HTTPA_MUST_USE enum httpa_err
httpa_snp_report_read(struct httpa_slice in, struct httpa_snp_report *r);

/* The components of |raw|; Turin has another layout than what came before. */
struct httpa_snp_tcb httpa_snp_tcb_of(uint64_t raw, bool is_turin);

/* The first component of |a| that is below that of |least|;
 * HTTPA_SNP_COMPONENTS when there is none: |a| meets it. */
size_t httpa_snp_tcb_below(const struct httpa_snp_tcb *a,
                           const struct httpa_snp_tcb *least);

/* Whether all bytes are zero. */
bool httpa_snp_is_zero(struct httpa_slice s);

#endif
