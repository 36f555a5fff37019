/*
 * EAT Attestation Results (draft-ietf-rats-ear): what a remote verifier says
 * of evidence that it has seen, as JWT or CWT.  README.md has the format and
 * the mistakes; jwt.c and cwt.c read a token, ear.c has what both share,
 * verify.c the verifiers, judge.c what a policy asks.
 */
#ifndef HTTPA_EVIDENCE_EAR_EAR_H
#define HTTPA_EVIDENCE_EAR_EAR_H

#include <httpa/evidence.h>

#include "crypto/sign.h"

#define HTTPA_EAR_JWT "application/eat+jwt"
#define HTTPA_EAR_CWT "application/vnd.httpa.ear-cwt"

/* Bytes of a token: verifiers append the claims of the evidence they saw. */
#define HTTPA_EAR_MAX 65536u

/* Attesters in one token: as many as items in one handshake. */
#define HTTPA_EAR_SUBMODS_MAX 16u

/* Bytes of the name of a submod, and of any other text: a page can show
 * them. */
#define HTTPA_EAR_NAME_MAX 64u
#define HTTPA_EAR_TEXT_MAX 256u

/* RFC 9711 4.1: 8 to 64 bytes; as text 8 to 88 characters. */
#define HTTPA_EAR_NONCE_MIN 8u
#define HTTPA_EAR_NONCE_MAX 64u
#define HTTPA_EAR_NONCE_TEXT_MAX 88u

/* A way to sign: closed list, each for one kind of key. */
struct httpa_ear_alg {
    const char *name; /* of JOSE */
    int64_t cose;
    enum httpa_key_kind kind;
    enum httpa_scheme scheme;
};

struct httpa_ear_submod {
    struct httpa_slice name; /* UTF-8 */
    enum httpa_ear_status status;
    enum httpa_ear_status worst; /* of its vector; UNSET: no vector, or one
                                    that claims nothing */
};

struct httpa_ear {
    const struct httpa_ear_alg *alg;
    struct httpa_slice message; /* what is signed */
    struct httpa_slice signature;
    struct httpa_slice profile;
    struct httpa_slice issuer; /* n is 0 when there is none */
    struct httpa_slice developer;
    struct httpa_slice build;
    struct httpa_slice nonce; /* as it stands; n is 0 when there is none */
    bool nonce_is_text;       /* so in base64url */
    int64_t iat_s;
    int64_t exp_s; /* 0: none */
    int64_t nbf_s;
    enum httpa_ear_status overall; /* UNSET: not there */
    struct httpa_ear_submod submods[HTTPA_EAR_SUBMODS_MAX];
    size_t submod_count;
    struct httpa_buf room; /* what was decoded: the slices are of it */
};

/*
 * Read a token that is the whole of |in|.  Form only: nothing is verified.
 * On success the caller ends with httpa_ear_done, and |in| lives as long.
 * Errors: those of the codec; HTTPA_ERR_RANGE for a length, number or count
 * beyond the limits above; HTTPA_ERR_MISSING without a mandatory claim;
 * HTTPA_ERR_DUPLICATE for a claim under both of its names;
 * HTTPA_ERR_UNSUPPORTED for another algorithm, a critical header, nested
 * submods, several nonces, or a status or trust claim that is not known.
 */
HTTPA_MUST_USE enum httpa_err httpa_ear_read_jwt(struct httpa_slice in,
                                                 struct httpa_ear *ret_ear);
HTTPA_MUST_USE enum httpa_err httpa_ear_read_cwt(struct httpa_slice in,
                                                 struct httpa_ear *ret_ear);
void httpa_ear_done(struct httpa_ear *ear);

/* NULL: none of ours. */
const struct httpa_ear_alg *httpa_ear_alg_named(struct httpa_slice name);
const struct httpa_ear_alg *httpa_ear_alg_numbered(int64_t cose);

/* The word of a status, and back; UNSET where there is none. */
const char *httpa_ear_word(enum httpa_ear_status status);
enum httpa_ear_status httpa_ear_status_named(struct httpa_slice word);

/* Of the numbers 0, 2, 32 and 96; UNSET for others. */
enum httpa_ear_status httpa_ear_status_numbered(uint64_t number);

/* Takes one more trust claim of a vector into |submod|.  HTTPA_ERR_RANGE:
 * not of -128 to 127. */
HTTPA_MUST_USE enum httpa_err
httpa_ear_weigh(struct httpa_ear_submod *submod, int64_t claim);

/* What both forms demand of what was read. */
HTTPA_MUST_USE enum httpa_err httpa_ear_check(const struct httpa_ear *ear);

/* One of the two readers. */
typedef enum httpa_err (*httpa_ear_read_fn)(struct httpa_slice in,
                                            struct httpa_ear *ret_ear);

/* judge.c: what the verifiers' judge does, with the reader of their form. */
HTTPA_MUST_USE enum httpa_err
httpa_ear_judge(httpa_ear_read_fn read, const struct httpa_profile *profile,
                const struct httpa_verify_in *in, struct httpa_verdict *v,
                unsigned of);

#endif
