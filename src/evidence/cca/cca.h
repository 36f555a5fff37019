/*
 * Tokens of Arm's Confidential Compute Architecture.  README.md has the format
 * and the mistakes; format.c reads a token, key.c its keys, verify.c has the
 * verifier, judge.c what a policy asks beyond registers.
 */
#ifndef HTTPA_EVIDENCE_CCA_CCA_H
#define HTTPA_EVIDENCE_CCA_CCA_H

#include <httpa/evidence.h>

#include "codec/cose.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

/* Bytes of a token: three times the longest one seen. */
#define HTTPA_CCA_MAX 8192u

/* Bounds of members that the specifications leave open. */
#define HTTPA_CCA_COMPONENTS_MAX 32u /* 16 were seen */
#define HTTPA_CCA_NAME_MAX 64u       /* of a component: type, version */
#define HTTPA_CCA_CONFIG_MAX 1024u
#define HTTPA_CCA_SERVICE_MAX 1024u

#define HTTPA_CCA_REMS 4u
#define HTTPA_CCA_CHALLENGE 64u
#define HTTPA_CCA_PERSONALIZATION 64u
#define HTTPA_CCA_IMPLEMENTATION 32u
#define HTTPA_CCA_INSTANCE 33u

/* How one token is signed: a curve has one hash. */
struct httpa_cca_alg {
    int64_t cose;
    enum httpa_scheme scheme;
    enum httpa_key_kind kind;
    int64_t curve;   /* of a COSE_Key (RFC 9053 7.1) */
    size_t width;    /* of r, s, x and y */
};

/* A part of the platform's firmware; n is 0 in what is not there. */
struct httpa_cca_component {
    struct httpa_slice type;    /* text */
    struct httpa_slice version; /* text */
    struct httpa_slice measurement;
    struct httpa_slice signer_id;
    struct httpa_slice hash; /* text */
};

struct httpa_cca_platform {
    struct httpa_cose_sign1 cose;
    const struct httpa_cca_alg *alg;
    struct httpa_slice profile;
    struct httpa_slice challenge; /* the hash of the RAK claim */
    struct httpa_slice implementation_id;
    struct httpa_slice instance_id;
    struct httpa_slice config;
    uint16_t lifecycle;
    struct httpa_slice service; /* text; n is 0: not there */
    struct httpa_cca_component components[HTTPA_CCA_COMPONENTS_MAX];
    size_t components_n;
};

struct httpa_cca_realm {
    struct httpa_cose_sign1 cose;
    const struct httpa_cca_alg *alg;
    struct httpa_slice profile; /* n is 0: none, as in the first version */
    struct httpa_slice challenge;
    struct httpa_slice personalization;
    struct httpa_slice rak; /* the claim's bytes */
    enum httpa_hash_id rak_hash;
    struct httpa_slice rim;
    struct httpa_slice rem[HTTPA_CCA_REMS];
};

struct httpa_cca {
    struct httpa_cca_platform platform;
    struct httpa_cca_realm realm;
};

/*
 * Reads the token that is all of |in|; slices are borrowed.  Errors: those of
 * httpa_cose_sign1_read; HTTPA_ERR_RANGE for a member outside its bounds;
 * HTTPA_ERR_UNSUPPORTED for a profile, algorithm, claim or tag that is not
 * known, and unsigned parameters; HTTPA_ERR_MISSING.
 */
HTTPA_MUST_USE enum httpa_err httpa_cca_read(struct httpa_slice in,
                                             struct httpa_cca *ret_token);

/* The key of a RAK claim: a point 0x04 || x || y, or a COSE_Key.
 * HTTPA_ERR_KEY: of another curve than |alg| needs. */
HTTPA_MUST_USE enum httpa_err
httpa_cca_rak(const struct httpa_crypto *crypto, struct httpa_slice claim,
              const struct httpa_cca_alg *alg, struct httpa_pubkey **ret_key);

/* What lifecycle |v| is called, "secured" among them; "unknown". */
const char *httpa_cca_lifecycle(uint16_t v);

HTTPA_MUST_USE enum httpa_err
httpa_cca_judge(const struct httpa_profile *profile,
                const struct httpa_verify_in *in, struct httpa_verdict *v,
                unsigned of);

#endif
