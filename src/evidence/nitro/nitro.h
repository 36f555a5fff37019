/*
 * Attestation documents of AWS Nitro Enclaves.  README.md has the format and
 * the mistakes; format.c reads a document, verify.c has the verifier, judge.c
 * what a policy asks beyond registers.
 */
#ifndef HTTPA_EVIDENCE_NITRO_NITRO_H
#define HTTPA_EVIDENCE_NITRO_NITRO_H

#include <httpa/evidence.h>

#include "codec/cose.h"

/* Bytes of a document: the device answers with no more (struct nsm_raw). */
#define HTTPA_NITRO_MAX 0x3000u

/* Bounds of the members: those of the NSM API, and for what that leaves open
 * more than twice what was ever seen. */
#define HTTPA_NITRO_PCRS 32u
#define HTTPA_NITRO_CERT_MAX 1024u
#define HTTPA_NITRO_BUNDLE_MAX 8u
#define HTTPA_NITRO_MODULE_MAX 256u
#define HTTPA_NITRO_KEY_MAX 1024u
#define HTTPA_NITRO_DATA_MAX 512u

/* r || s of P-384 */
#define HTTPA_NITRO_SIGNATURE 96u

struct httpa_nitro {
    struct httpa_cose_sign1 cose;
    struct httpa_slice module_id; /* UTF-8 */
    int64_t timestamp_ms;         /* since 1970 */
    uint32_t pcr_mask;            /* bit i: pcr[i] is there */
    struct httpa_slice pcr[HTTPA_NITRO_PCRS];
    struct httpa_slice certificate; /* of the key that signed, DER */
    struct httpa_slice cabundle[HTTPA_NITRO_BUNDLE_MAX]; /* root first, DER */
    size_t cabundle_n;
    struct httpa_slice public_key; /* these three: n is 0 when absent, null */
    struct httpa_slice user_data;  /* or empty */
    struct httpa_slice nonce;
};

/*
 * Reads a document that is the whole of |in|; slices are borrowed from it.
 * Form only: nothing is verified.  Errors: those of httpa_cbor_end and
 * httpa_cose_sign1_read; HTTPA_ERR_RANGE for a length, number or count beyond
 * the constants above; HTTPA_ERR_MISSING without a mandatory member;
 * HTTPA_ERR_UNSUPPORTED for other headers than ES384 alone, another digest
 * than SHA384, and members that are not known, those of a NitroTPM among them.
 */
HTTPA_MUST_USE enum httpa_err httpa_nitro_read(struct httpa_slice in,
                                               struct httpa_nitro *ret_doc);

/* What httpa_verifier_nitro.verify does, with the SHA-256 of the one root (of
 * its DER, 32 bytes) that is believed: AWS's, and of another nobody's but a
 * test's. */
HTTPA_MUST_USE enum httpa_err
httpa_nitro_verify(const struct httpa_verify_in *in, const uint8_t *root_sha256,
                   struct httpa_verdict *v, unsigned of);

/* What httpa_verifier_nitro.judge does: debug mode, age. */
enum httpa_err httpa_nitro_judge(const struct httpa_profile *profile,
                                 const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of);

#endif
