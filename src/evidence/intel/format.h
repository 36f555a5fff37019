/*
 * Quotes of Intel's Quoting Enclaves, as bytes: version 3 (SGX), 4 (TDX, SGX)
 * and 5 (both, the body with a type of its own), ECDSA P-256, with the
 * certificates of the platform inside (Intel SGX and TDX DCAP Quoting Library
 * API, A.3, A.4).
 *
 * Form only: nothing here is believed.  Slices are borrowed from the input.
 * Fields that no check and no claim needs are not taken out.
 */
#ifndef HTTPA_EVIDENCE_INTEL_FORMAT_H
#define HTTPA_EVIDENCE_INTEL_FORMAT_H

#include <httpa/slice.h>

/* Bytes of a quote with its padding: a chain has 4 KB, and drivers hand out
 * buffers of 8 or 16 KB. */
#define HTTPA_INTEL_QUOTE_MAX 65536u

#define HTTPA_INTEL_REPORT_DATA 64u
#define HTTPA_INTEL_COMPONENTS 16u /* security versions of a platform */
#define HTTPA_INTEL_SIGNATURE 64u  /* r || s */

/* Report body of an enclave, 384 bytes. */
struct httpa_intel_enclave {
    struct httpa_slice bytes; /* all of it: what a QE's report is signed as */
    struct httpa_slice cpu_svn;
    struct httpa_slice misc_select; /* 4 */
    struct httpa_slice ext_prod_id;
    struct httpa_slice attributes; /* 16 */
    struct httpa_slice mrenclave;
    struct httpa_slice mrsigner;
    struct httpa_slice config_id;
    uint16_t isv_prod_id;
    uint16_t isv_svn;
    uint16_t config_svn;
    struct httpa_slice family_id;
    struct httpa_slice report_data;
};

/* ATTRIBUTES, first byte */
#define HTTPA_INTEL_ENCLAVE_DEBUG 0x02u
#define HTTPA_INTEL_ENCLAVE_PROVISION_KEY 0x10u

/* Report body of a trust domain, 584 bytes; TDX 1.5: 648. */
struct httpa_intel_td {
    struct httpa_slice tee_tcb_svn; /* when the domain was launched */
    struct httpa_slice mrseam;
    struct httpa_slice mrsignerseam;
    struct httpa_slice seam_attributes;
    uint64_t attributes;
    struct httpa_slice attributes_bytes;
    struct httpa_slice xfam;
    struct httpa_slice mrtd;
    struct httpa_slice mr_config_id;
    struct httpa_slice mr_owner;
    struct httpa_slice mr_owner_config;
    struct httpa_slice rtmr[4];
    struct httpa_slice report_data;
    struct httpa_slice tee_tcb_svn_2; /* now; empty before TDX 1.5 */
    struct httpa_slice mr_service_td; /* likewise */
};

/* TDATTRIBUTES */
#define HTTPA_INTEL_TD_DEBUG UINT64_C(0xff) /* any of the group TUD */
#define HTTPA_INTEL_TD_SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define HTTPA_INTEL_TD_MIGRATABLE (UINT64_C(1) << 29)
#define HTTPA_INTEL_TD_PERFMON (UINT64_C(1) << 63)

struct httpa_intel_quote {
    unsigned version;
    bool is_tdx;
    struct httpa_slice signed_part;     /* by the attestation key */
    struct httpa_intel_td td;           /* is_tdx */
    struct httpa_intel_enclave enclave; /* otherwise */
    struct httpa_slice report_data;     /* of the one that is there */
    struct httpa_slice signature;
    struct httpa_slice ak; /* attestation key: x || y */
    struct httpa_intel_enclave qe;
    struct httpa_slice qe_signature; /* by the platform's key */
    struct httpa_slice qe_auth;
    struct httpa_slice pck_chain; /* PEM, leaf first */
    size_t padding;               /* zeros behind the quote */
};

/* Reads exactly the 384 bytes of |in|; HTTPA_ERR_TRUNCATED, _TRAILING. */
HTTPA_MUST_USE enum httpa_err
httpa_intel_enclave_read(struct httpa_slice in,
                         struct httpa_intel_enclave *ret_enclave);

/*
 * Reads a quote.  Lengths inside must fill what they are in; behind the
 * whole, zeros may follow.
 *   HTTPA_ERR_TRUNCATED, _TRAILING
 *   HTTPA_ERR_RANGE        longer than HTTPA_INTEL_QUOTE_MAX, or a body of
 *                          another size than its type has
 *   HTTPA_ERR_UNSUPPORTED  another version, vendor, key type or body, or
 *                          without a certificate chain inside
 */
HTTPA_MUST_USE enum httpa_err
httpa_intel_quote_read(struct httpa_slice in,
                       struct httpa_intel_quote *ret_quote);

#endif
