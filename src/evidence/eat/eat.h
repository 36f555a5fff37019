/*
 * EAT (RFC 9711) as a CWT (RFC 8392) in a COSE_Sign1: the evidence of the
 * development TEE.  README.md has the format; format.c reads it, write.c
 * writes it, verify.c has the verifier.
 */
#ifndef HTTPA_EVIDENCE_EAT_EAT_H
#define HTTPA_EVIDENCE_EAT_EAT_H

#include <httpa/evidence.h>

#include "codec/cbor.h"
#include "codec/cose.h"
#include "crypto/key.h"

#define HTTPA_EAT_MEDIA_TYPE "application/eat+cwt"

/* Bytes of a token: no claim of ours needs more, and it bounds the work. */
#define HTTPA_EAT_MAX 16384u

/* Claims with text keys: what the writer sorts, what a verdict has room for
 * beside the rest. */
#define HTTPA_EAT_CLAIMS_MAX 48u

/* Bytes of the name of a claim, and of a value: a page can show them. */
#define HTTPA_EAT_NAME_MAX 64u
#define HTTPA_EAT_VALUE_MAX 1024u

struct httpa_eat {
    struct httpa_cose_sign1 cose; /* kid is the signer's SPKI, DER */
    struct httpa_slice nonce;     /* claim 10, HTTPA_RD_LEN bytes */
    int64_t iat_s;                /* claim 6 */
    struct httpa_cbor_map claims; /* all of them */
};

/* A claim of the signer's own. */
struct httpa_eat_claim {
    struct httpa_slice name;  /* UTF-8 */
    struct httpa_value value; /* TEXT (UTF-8), BYTES, INTEGER or BOOLEAN */
};

struct httpa_eat_content {
    const uint8_t *rd; /* HTTPA_RD_LEN bytes */
    int64_t iat_s;
    const struct httpa_eat_claim *claims; /* any order, no name twice */
    size_t claim_count;
};

/*
 * Reads a token that is the whole of |in|; slices are borrowed from it.  Form
 * only: nothing is verified.  Errors: those of httpa_cbor_end and
 * httpa_cose_sign1_read; HTTPA_ERR_RANGE for a token, name, value or number of
 * claims beyond the constants above; HTTPA_ERR_MISSING without kid, nonce or
 * iat; HTTPA_ERR_UNSUPPORTED for another algorithm than ES256, a detached
 * payload, exp or nbf, or a text-keyed claim of another type.
 */
HTTPA_MUST_USE enum httpa_err httpa_eat_read(struct httpa_slice in,
                                             struct httpa_eat *ret_eat);

/* The next claim with a text key, from a reader over the map's items; false
 * when there is none.  Only for a map of httpa_eat_read. */
bool httpa_eat_next(struct httpa_cbor *items, struct httpa_eat_claim *ret);

/*
 * Appends a token signed by |key|, which is P-256.
 * HTTPA_ERR_KEY        another kind of key
 * HTTPA_ERR_RANGE      as for reading
 * HTTPA_ERR_DUPLICATE  a name twice
 * HTTPA_ERR_UNSUPPORTED  a value of another type
 * HTTPA_ERR_SPACE      |out| is full
 * HTTPA_ERR_MEMORY, HTTPA_ERR_CRYPTO
 */
HTTPA_MUST_USE enum httpa_err
httpa_eat_write(const struct httpa_crypto *crypto, const struct httpa_key *key,
                const struct httpa_eat_content *content,
                struct httpa_buf *out);

#endif
