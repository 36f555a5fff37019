/*
 * What Intel says about platforms and Quoting Enclaves: TCB info and QE
 * identity of the provisioning certification service (API version 4, and the
 * older TCB info of version 2), as JSON whose one value is signed byte for
 * byte.
 *
 * Everything a verification needs is looked at while reading, so that walking
 * the levels afterwards cannot fail.  Nothing is believed yet: |signed_part|
 * and |signature| are for the caller.  All slices are borrowed.
 *
 * Collateral comes to the verifiers as endorsements of these media types:
 */
#ifndef HTTPA_EVIDENCE_INTEL_COLLATERAL_H
#define HTTPA_EVIDENCE_INTEL_COLLATERAL_H

#include "codec/json_read.h"
#include "evidence/intel/format.h"

#define HTTPA_INTEL_TYPE_TCB_INFO "application/vnd.httpa.intel-tcb-info"
#define HTTPA_INTEL_TYPE_QE_IDENTITY "application/vnd.httpa.intel-qe-identity"
/* When Intel has evaluated platforms anew: needed for `grace_days` alone, and
 * signed by the signer of the TCB info. */
#define HTTPA_INTEL_TYPE_EVALUATIONS                                           \
    "application/vnd.httpa.intel-tcb-evaluations"
/* PEM: the signer of either, then the root */
#define HTTPA_INTEL_TYPE_TCB_CHAIN "application/vnd.httpa.intel-tcb-chain"
#define HTTPA_INTEL_TYPE_QE_CHAIN "application/vnd.httpa.intel-qe-chain"
/* DER */
#define HTTPA_INTEL_TYPE_PCK_CRL "application/vnd.httpa.intel-pck-crl"
#define HTTPA_INTEL_TYPE_ROOT_CRL "application/vnd.httpa.intel-root-crl"
/* PEM.  May be there and is not used: the issuer of a PCK's list is the CA
 * beside the PCK in the quote, which has been verified already. */
#define HTTPA_INTEL_TYPE_PCK_CRL_CHAIN                                         \
    "application/vnd.httpa.intel-pck-crl-chain"

/* A real one has 20 KB. */
#define HTTPA_INTEL_COLLATERAL_MAX 262144u

/* Of one list; real ones have 20 levels and 4 modules. */
#define HTTPA_INTEL_LEVELS_MAX 128u

/* Of one level, and characters of each. */
#define HTTPA_INTEL_ADVISORIES_MAX 32u
#define HTTPA_INTEL_ADVISORY_LEN 40u

/* The words of Intel, and the last three, which a verifier finds. */
enum httpa_intel_status {
    HTTPA_INTEL_UP_TO_DATE,
    HTTPA_INTEL_SW_HARDENING_NEEDED,
    HTTPA_INTEL_CONFIGURATION_NEEDED,
    HTTPA_INTEL_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    HTTPA_INTEL_OUT_OF_DATE,
    HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED,
    HTTPA_INTEL_REVOKED,
    HTTPA_INTEL_TD_RELAUNCH_ADVISED,
    HTTPA_INTEL_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
    HTTPA_INTEL_NOT_SUPPORTED
};

const char *httpa_intel_status_name(enum httpa_intel_status status);

/* One level of a platform, of a TDX module or of a QE. */
struct httpa_intel_level {
    uint8_t sgx[HTTPA_INTEL_COMPONENTS]; /* platform */
    uint8_t tdx[HTTPA_INTEL_COMPONENTS]; /* platform, TDX */
    uint16_t svn; /* PCESVN of a platform, ISVSVN of the others */
    int64_t date_s;
    enum httpa_intel_status status;
    struct httpa_slice advisories[HTTPA_INTEL_ADVISORIES_MAX];
    size_t advisory_count;
};

/* Levels, highest first. */
enum httpa_intel_levels_kind {
    HTTPA_INTEL_LEVELS_SVN,    /* module, QE */
    HTTPA_INTEL_LEVELS_SGX_V2, /* TCB info of version 2 */
    HTTPA_INTEL_LEVELS_SGX,
    HTTPA_INTEL_LEVELS_TDX
};

struct httpa_intel_levels {
    enum httpa_intel_levels_kind kind;
    struct httpa_json_items items;
};

/* The next one, from a copy of what was read; false at the end. */
bool httpa_intel_level_next(struct httpa_intel_levels *levels,
                            struct httpa_intel_level *ret_level);

struct httpa_intel_dates {
    int64_t issue_s;
    int64_t next_s;
};

/* What is signed, and r || s. */
struct httpa_intel_signed {
    struct httpa_slice bytes;
    uint8_t signature[HTTPA_INTEL_SIGNATURE];
};

/* A TDX module; |id| is empty for the one without a version. */
struct httpa_intel_module {
    struct httpa_slice id;
    uint8_t mrsigner[48];
    uint8_t attributes[8];
    uint8_t attributes_mask[8];
    struct httpa_intel_levels levels; /* with an id */
};

struct httpa_intel_tcb_info {
    struct httpa_intel_signed proof;
    bool is_tdx;
    struct httpa_intel_dates dates;
    uint8_t fmspc[6];
    uint8_t pce_id[2];
    uint32_t evaluation_number;
    struct httpa_intel_levels levels;
    struct httpa_intel_module module;   /* TDX */
    struct httpa_json_items identities; /* TDX: of modules with a version */
};

/*
 * Errors of httpa_json_read, httpa_json_find and the scalars, and
 *   HTTPA_ERR_UNSUPPORTED  another version, id or tcbType; TDX below version
 *                          3
 *   HTTPA_ERR_RANGE        longer or more than the limits above; not exactly
 *                          16 components
 *   HTTPA_ERR_MALFORMED    hex of another length, no date, an unknown status
 */
HTTPA_MUST_USE enum httpa_err
httpa_intel_tcb_info_read(struct httpa_slice in,
                          struct httpa_intel_tcb_info *ret_info);

/* The module identity with |version|, "TDX_%02X"; false: none. */
bool httpa_intel_module_find(const struct httpa_intel_tcb_info *info,
                             uint8_t version,
                             struct httpa_intel_module *ret_module);

struct httpa_intel_qe_identity {
    struct httpa_intel_signed proof;
    bool is_tdx; /* TD_QE, else QE */
    struct httpa_intel_dates dates;
    uint8_t misc_select[4];
    uint8_t misc_select_mask[4];
    uint8_t attributes[16];
    uint8_t attributes_mask[16];
    uint8_t mrsigner[32];
    uint16_t isv_prod_id;
    uint32_t evaluation_number;
    struct httpa_intel_levels levels;
};

HTTPA_MUST_USE enum httpa_err
httpa_intel_qe_identity_read(struct httpa_slice in,
                             struct httpa_intel_qe_identity *ret_identity);

/* Evaluations that Intel still signs collateral for ("tcbEvalNumbers");
 * levels with an older date than |tcb_date_s| are out of date under it. */
struct httpa_intel_evaluation {
    uint32_t number;
    int64_t event_s; /* the recovery event that was its reason */
    int64_t tcb_date_s;
};

struct httpa_intel_evaluations {
    struct httpa_intel_signed proof;
    bool is_tdx;
    struct httpa_intel_dates dates;
    struct httpa_json_items items;
};

/* Errors as above; HTTPA_ERR_DUPLICATE: a number twice. */
HTTPA_MUST_USE enum httpa_err
httpa_intel_evaluations_read(struct httpa_slice in,
                             struct httpa_intel_evaluations *ret_evaluations);

bool httpa_intel_evaluation_next(struct httpa_json_items *items,
                                 struct httpa_intel_evaluation *ret);

/*
 * The first evaluation under which a level of |date_s| is out of date: the
 * lowest number above all under which it is not.  False when there is none of
 * those: Intel lists the last few, and it may have been out of date before.
 * False also when the first one is above |number|, which has called it so.
 */
bool httpa_intel_evaluations_find(const struct httpa_intel_evaluations *e,
                                  int64_t date_s, uint32_t number,
                                  struct httpa_intel_evaluation *ret);

#endif
