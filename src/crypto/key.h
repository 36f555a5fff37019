/*
 * Signing keys: private ones of ours (<httpa/crypto.h>), public ones of
 * anybody.
 *
 * A public key is accepted only as it would be written back: named curve,
 * uncompressed point, DER to the last byte; so one key has one SPKI and one
 * digest to pin.
 */
#ifndef HTTPA_CRYPTO_KEY_H
#define HTTPA_CRYPTO_KEY_H

#include <httpa/slice.h>

#include "crypto/crypto.h"

#define HTTPA_SPKI_MAX 1200 /* bytes: SPKI of RSA-8192, and some air */

struct httpa_pubkey;

/* Reads a SubjectPublicKeyInfo.
 *   HTTPA_ERR_MALFORMED    does not parse, bytes behind it, point off the
 *                          curve, or not the canonical encoding
 *   HTTPA_ERR_UNSUPPORTED  as for httpa_key_read_pem
 *   HTTPA_ERR_RANGE        longer than HTTPA_SPKI_MAX */
HTTPA_MUST_USE enum httpa_err
httpa_pubkey_read(const struct httpa_crypto *crypto, struct httpa_slice spki,
                  struct httpa_pubkey **ret_pubkey);

/* From big-endian coordinates (COSE, TPM); |kind| is P256, P384 or P521,
 * |x| and |y| at most its field size, shorter ones are padded on the left.
 *   HTTPA_ERR_USAGE      another kind
 *   HTTPA_ERR_MALFORMED  longer, or not on the curve */
HTTPA_MUST_USE enum httpa_err
httpa_pubkey_from_ec(const struct httpa_crypto *crypto,
                     enum httpa_key_kind kind, struct httpa_slice x,
                     struct httpa_slice y, struct httpa_pubkey **ret_pubkey);

/* From a big-endian modulus and a public exponent, which is odd and at least
 * 3 (a TPM's 0 means 65537: the caller says so).
 * HTTPA_ERR_UNSUPPORTED: size or exponent. */
HTTPA_MUST_USE enum httpa_err
httpa_pubkey_from_rsa(const struct httpa_crypto *crypto,
                      struct httpa_slice modulus, uint32_t exponent,
                      struct httpa_pubkey **ret_pubkey);

enum httpa_key_kind httpa_pubkey_kind_of(const struct httpa_pubkey *pubkey);

/* SubjectPublicKeyInfo in DER, borrowed from the key. */
struct httpa_slice httpa_pubkey_spki(const struct httpa_pubkey *pubkey);

/* The uncompressed point 0x04 || x || y of an EC key, borrowed from it; empty
 * for other kinds. */
struct httpa_slice httpa_pubkey_point(const struct httpa_pubkey *pubkey);

void httpa_pubkey_free(struct httpa_pubkey *pubkey);

#endif
