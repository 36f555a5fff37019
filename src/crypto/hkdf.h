/*
 * RFC 2104 HMAC, RFC 5869 HKDF and the labelled expansion of
 * doc/protocol.md, "Key schedule".  For handshakes; no message needs them.
 */
#ifndef HTTPA_CRYPTO_HKDF_H
#define HTTPA_CRYPTO_HKDF_H

#include <httpa/slice.h>

#include "crypto/hash.h"

/* A secret as long as its hash.  Whoever holds one wipes it. */
struct httpa_secret {
    enum httpa_hash_id hash;
    size_t n; /* httpa_hash_size(hash) */
    uint8_t bytes[HTTPA_HASH_MAX];
};

struct httpa_slice httpa_secret_slice(const struct httpa_secret *s);
void httpa_secret_done(struct httpa_secret *s); /* wipes */

/* HMAC over the |count| pieces at |in|, taken as one string. */
HTTPA_MUST_USE enum httpa_err
httpa_hmac(const struct httpa_crypto *crypto, enum httpa_hash_id hash,
           struct httpa_slice key, const struct httpa_slice *in, size_t count,
           struct httpa_digest *ret_mac);

/* HKDF-Extract(salt, ikm).  An empty |salt| counts as zeros. */
HTTPA_MUST_USE enum httpa_err
httpa_hkdf_extract(const struct httpa_crypto *crypto, enum httpa_hash_id hash,
                   struct httpa_slice salt, struct httpa_slice ikm,
                   struct httpa_secret *ret_prk);

/* HKDF-Expand(prk, info, n).  HTTPA_ERR_RANGE: n is 0 or above 255 hashes. */
HTTPA_MUST_USE enum httpa_err
httpa_hkdf_expand(const struct httpa_crypto *crypto,
                  const struct httpa_secret *prk, struct httpa_slice info,
                  uint8_t *ret_out, size_t n);

/* XL(secret, label, context, n) of doc/protocol.md: RFC 8446 7.1 with the
 * prefix "httpa2 ".  HTTPA_ERR_RANGE: label and prefix, or context, above 255
 * bytes, or n as above. */
HTTPA_MUST_USE enum httpa_err
httpa_expand_label(const struct httpa_crypto *crypto,
                   const struct httpa_secret *secret, const char *label,
                   struct httpa_slice context, uint8_t *ret_out, size_t n);

/* The same with n = L: the next secret.  |ret_next| may be |secret|. */
HTTPA_MUST_USE enum httpa_err
httpa_expand_secret(const struct httpa_crypto *crypto,
                    const struct httpa_secret *secret, const char *label,
                    struct httpa_slice context, struct httpa_secret *ret_next);

#endif
