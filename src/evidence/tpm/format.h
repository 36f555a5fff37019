/*
 * The structures of TPM 2.0 that evidence is made of (TCG TPM 2.0 Library,
 * Part 2), and the CBOR map that carries them (application/vnd.httpa.tpm,
 * doc/protocol.md, "TPM evidence").
 *
 * Form only.  Parsers are pure and strict: what they accept fills its
 * structure to the last byte.  Slices are borrowed from the input.  All of
 * them return HTTPA_ERR_TRUNCATED, _TRAILING, _RANGE (a length or number
 * outside the specification), _UNSUPPORTED (an algorithm or a structure that
 * evidence does not use), _DUPLICATE or _MALFORMED, and leave their output
 * alone then.
 */
#ifndef HTTPA_EVIDENCE_TPM_FORMAT_H
#define HTTPA_EVIDENCE_TPM_FORMAT_H

#include <httpa/slice.h>

/* TPM_ALG_ID, TCG Algorithm Registry */
enum httpa_tpm_alg {
    HTTPA_TPM_RSA = 0x0001,
    HTTPA_TPM_SHA1 = 0x0004,
    HTTPA_TPM_AES = 0x0006,
    HTTPA_TPM_SHA256 = 0x000b,
    HTTPA_TPM_SHA384 = 0x000c,
    HTTPA_TPM_SHA512 = 0x000d,
    HTTPA_TPM_NULL = 0x0010,
    HTTPA_TPM_RSASSA = 0x0014,
    HTTPA_TPM_RSAPSS = 0x0016,
    HTTPA_TPM_ECDSA = 0x0018,
    HTTPA_TPM_ECC = 0x0023,
    HTTPA_TPM_CFB = 0x0043
};

/* TPM_ECC_CURVE */
enum httpa_tpm_curve { HTTPA_TPM_P256 = 0x0003, HTTPA_TPM_P384 = 0x0004 };

/* TPMA_OBJECT, Part 2, 8.3 */
#define HTTPA_TPM_FIXED_TPM 0x00000002u
#define HTTPA_TPM_FIXED_PARENT 0x00000010u
#define HTTPA_TPM_SENSITIVE_DATA_ORIGIN 0x00000020u
#define HTTPA_TPM_RESTRICTED 0x00010000u
#define HTTPA_TPM_DECRYPT 0x00020000u
#define HTTPA_TPM_SIGN 0x00040000u

#define HTTPA_TPM_PCRS 24u /* PC Client Platform: registers of a bank */
#define HTTPA_TPM_BANKS 4u /* SHA-1, -256, -384, -512 */
#define HTTPA_TPM_DIGEST_MAX 64u
#define HTTPA_TPM_EXTRA_MAX 66u /* TPM2B_DATA: a TPMT_HA with SHA-512 */
#define HTTPA_TPM_KEY_MAX 512u  /* bytes of an RSA modulus */
#define HTTPA_TPM_CHAIN_MAX 6u  /* certificates of one chain */
#define HTTPA_TPM_NAME_MAX 66u  /* nameAlg and SHA-512 */

/* Bytes of a digest of |alg|; 0 when it is no hash that banks have. */
size_t httpa_tpm_hash_size(uint16_t alg);

/* "sha256" and the like; NULL for what httpa_tpm_hash_size does not know. */
const char *httpa_tpm_hash_name(uint16_t alg);

/* TPMS_PCR_SELECTION; bit i of |mask| is PCR i. */
struct httpa_tpm_selection {
    uint16_t hash;
    uint32_t mask;
};

/* TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE, Part 2, 10.12 */
struct httpa_tpm_attest {
    struct httpa_slice qualified_signer; /* not the key's name: a path */
    struct httpa_slice extra_data;       /* the caller's qualifyingData */
    uint64_t clock;                      /* ms while powered, see |safe| */
    uint32_t reset_count;
    uint32_t restart_count;
    bool safe;
    uint64_t firmware_version;
    struct httpa_tpm_selection select[HTTPA_TPM_BANKS]; /* each bank once */
    size_t select_n;
    struct httpa_slice pcr_digest;
};

/* Refuses another magic or type (HTTPA_ERR_UNSUPPORTED): a structure that
 * some other command signed is no quote. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_attest_read(struct httpa_slice in, struct httpa_tpm_attest *ret);

/* TPMT_PUBLIC of type RSA or ECC, Part 2, 12.2.4 */
struct httpa_tpm_public {
    uint16_t type;
    uint16_t name_alg;
    uint32_t attributes;
    struct httpa_slice auth_policy;
    uint16_t symmetric; /* HTTPA_TPM_NULL: signs */
    uint16_t symmetric_bits;
    uint16_t symmetric_mode;
    uint16_t scheme; /* HTTPA_TPM_NULL: any */
    uint16_t scheme_hash;
    uint32_t exponent;          /* RSA; 65537 for the encoded 0 */
    struct httpa_slice modulus; /* RSA */
    uint16_t curve;             /* ECC */
    struct httpa_slice x;       /* ECC, big-endian, not padded */
    struct httpa_slice y;
};

HTTPA_MUST_USE enum httpa_err
httpa_tpm_public_read(struct httpa_slice in, struct httpa_tpm_public *ret);

/* TPMT_SIGNATURE, Part 2, 11.3.4: RSASSA, RSAPSS or ECDSA */
struct httpa_tpm_signature {
    uint16_t alg;
    uint16_t hash;
    struct httpa_slice rsa;
    struct httpa_slice r; /* big-endian, leading zeros may be missing */
    struct httpa_slice s;
};

HTTPA_MUST_USE enum httpa_err
httpa_tpm_signature_read(struct httpa_slice in,
                         struct httpa_tpm_signature *ret);

/* The values of one bank; value[i] is there when bit i of |mask| is set and
 * then as long as the bank's hash. */
struct httpa_tpm_pcrs {
    uint16_t hash;
    uint32_t mask;
    struct httpa_slice value[HTTPA_TPM_PCRS];
};

struct httpa_tpm_chain {
    struct httpa_slice der[HTTPA_TPM_CHAIN_MAX]; /* leaf first */
    size_t n;
};

/* The evidence map.  What is absent is empty. */
struct httpa_tpm_evidence {
    struct httpa_slice attest;                   /* 1: TPMS_ATTEST */
    struct httpa_slice signature;                /* 2: TPMT_SIGNATURE */
    struct httpa_slice ak_public;                /* 3: TPMT_PUBLIC */
    struct httpa_tpm_pcrs pcrs[HTTPA_TPM_BANKS]; /* 4: each bank once */
    size_t pcrs_n; /* 0: a quote whose values nobody kept */
    bool has_pcrs; /* key 4 is there */
    struct httpa_tpm_chain ak_chain; /* 5 */
    struct httpa_tpm_chain ek_chain; /* 6 */
    struct httpa_slice event_log;    /* 7 */
    struct httpa_slice ek_public;    /* 8: TPMT_PUBLIC */
};

/* Also errors of httpa_cbor_end.  1 to 4 must be there (HTTPA_ERR_MISSING);
 * keys that this version does not know are refused. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_evidence_read(struct httpa_slice in, struct httpa_tpm_evidence *ret);

/* Appends the map; |e| is what a reader would have made of it. */
void httpa_tpm_evidence_write(struct httpa_buf *b,
                              const struct httpa_tpm_evidence *e);

#endif
