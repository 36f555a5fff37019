/*
 * COSE_Sign1 (RFC 9052 4.2): one payload, one signature.
 *
 * Form only: what is to be verified, and with which algorithm and key, is
 * handed to the crypto layer.  Stricter than the RFC where every token we
 * know is: the algorithm is in the protected header, no parameter is there
 * twice (within or across the two headers), and a critical parameter that is
 * not understood ends it.
 */
#ifndef HTTPA_CODEC_COSE_H
#define HTTPA_CODEC_COSE_H

#include <httpa/slice.h>

/* RFC 9053 2, RFC 8230 2, RFC 9864 */
#define HTTPA_COSE_ES256 (-7)
#define HTTPA_COSE_EDDSA (-8)
#define HTTPA_COSE_ES384 (-35)
#define HTTPA_COSE_ES512 (-36)
#define HTTPA_COSE_PS256 (-37)
#define HTTPA_COSE_PS384 (-38)
#define HTTPA_COSE_PS512 (-39)

/* The tag of a COSE_Sign1 (RFC 9052 2). */
#define HTTPA_COSE_SIGN1_TAG 18u

/* Certificates in x5chain: a device chain has four or five. */
#define HTTPA_COSE_CHAIN_MAX 8u

enum httpa_cose_form {
    HTTPA_COSE_UNTAGGED, /* AWS Nitro */
    HTTPA_COSE_TAGGED,   /* Arm CCA */
    HTTPA_COSE_EITHER    /* reading only */
};

struct httpa_cose_sign1 {
    struct httpa_slice protected_header; /* encoded map, as it is signed */
    int64_t alg;                         /* any integer: check before use */
    struct httpa_slice kid;              /* n is 0 when there is none */
    struct httpa_slice x5chain[HTTPA_COSE_CHAIN_MAX]; /* DER, leaf first */
    size_t x5chain_n;
    size_t open_n; /* parameters that nobody signs */
    struct httpa_slice payload;
    bool detached; /* the payload travels elsewhere */
    struct httpa_slice signature;
};

/*
 * Reads a COSE_Sign1 that is the whole of |in|.  Slices are borrowed from
 * |in|.  Errors: those of httpa_cbor_end; HTTPA_ERR_MALFORMED when a member
 * or parameter is of a wrong type, a text alg, or the tag is not as |form|
 * says; HTTPA_ERR_MISSING without alg in the protected header;
 * HTTPA_ERR_DUPLICATE for a parameter in both headers; HTTPA_ERR_UNSUPPORTED
 * for "crit"; HTTPA_ERR_RANGE for a longer chain.
 */
HTTPA_MUST_USE enum httpa_err
httpa_cose_sign1_read(struct httpa_slice in, enum httpa_cose_form form,
                      struct httpa_cose_sign1 *ret_m);

/* Writes it: kid and x5chain, when there, into the unprotected header; the
 * protected header as given. */
void httpa_cose_sign1_write(struct httpa_buf *b, enum httpa_cose_form form,
                            const struct httpa_cose_sign1 *m);

/* The encoded protected header {1: alg}. */
void httpa_cose_put_protected(struct httpa_buf *b, int64_t alg);

/* What is signed (RFC 9052 4.4): Sig_structure with context "Signature1".
 * |payload| is the detached one where it is. */
void httpa_cose_put_signed(struct httpa_buf *b,
                           const struct httpa_cose_sign1 *m,
                           struct httpa_slice external_aad,
                           struct httpa_slice payload);

/* Bytes of r and of s in an ECDSA signature of COSE, which is r || s
 * (RFC 9053 2.1); 0 when |alg| is not ECDSA.  codec/der.h converts. */
size_t httpa_cose_ecdsa_width(int64_t alg);

#endif
