/*
 * Signatures: a closed table of schemes.
 *
 * Four of them have a name on the wire (parameter `alg` of Attest-Signatures).
 * The others serve evidence: COSE and TPM write ECDSA as r || s, TPMs use
 * RSASSA-PKCS1-v1_5 and RSASSA-PSS whose salt may have any length.  A scheme
 * fits one kind of key; any other kind is HTTPA_ERR_KEY.
 */
#ifndef HTTPA_CRYPTO_SIGN_H
#define HTTPA_CRYPTO_SIGN_H

#include <httpa/slice.h>

#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "crypto/key.h"

enum httpa_scheme {
    HTTPA_SIGN_ED25519,           /* RFC 8032 */
    HTTPA_SIGN_ECDSA_P256_SHA256, /* DER Ecdsa-Sig-Value, as in TLS */
    HTTPA_SIGN_ECDSA_P384_SHA384,
    HTTPA_SIGN_RSA_PSS_SHA256, /* MGF1 SHA-256, salt of 32 bytes */
    HTTPA_SIGN_ES256,          /* P-256, SHA-256, r || s: 64 bytes */
    HTTPA_SIGN_ES384,          /* P-384, SHA-384, r || s: 96 bytes */
    HTTPA_SIGN_RSASSA_SHA256,  /* PKCS #1 v1.5 */
    HTTPA_SIGN_RSASSA_SHA384,
    HTTPA_SIGN_RSAPSS_ANY_SHA256, /* PSS, salt of any length */
    HTTPA_SIGN_RSAPSS_ANY_SHA384,
    HTTPA_SIGN_ES512 /* P-521, SHA-512, r || s: 132 bytes */
};

#define HTTPA_SCHEME_COUNT 11
#define HTTPA_SIGNATURE_MAX 1024 /* bytes: RSA-8192 */

/* The scheme that the Token |alg| names.  HTTPA_ERR_UNSUPPORTED: none. */
HTTPA_MUST_USE enum httpa_err httpa_scheme_find(struct httpa_slice alg,
                                                enum httpa_scheme *ret_scheme);

/* The Token of a scheme; NULL where it has none. */
const char *httpa_scheme_name(enum httpa_scheme scheme);

/* The scheme with a Token that fits |kind|, which is one of a private key. */
enum httpa_scheme httpa_scheme_of(enum httpa_key_kind kind);

/* Appends the signature of |message| to |out|.
 * HTTPA_ERR_KEY: the key does not fit.  HTTPA_ERR_SPACE: |out| is full. */
HTTPA_MUST_USE enum httpa_err httpa_sign(const struct httpa_crypto *crypto,
                                         const struct httpa_key *key,
                                         enum httpa_scheme scheme,
                                         struct httpa_slice message,
                                         struct httpa_buf *out);

/* HTTPA_OK only if |signature| is one of |message| under |pubkey|;
 * HTTPA_ERR_SIGNATURE if not, HTTPA_ERR_KEY if the key does not fit. */
HTTPA_MUST_USE enum httpa_err httpa_verify(const struct httpa_crypto *crypto,
                                           const struct httpa_pubkey *pubkey,
                                           enum httpa_scheme scheme,
                                           struct httpa_slice message,
                                           struct httpa_slice signature);

#endif
