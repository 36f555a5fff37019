/*
 * SHA-256, SHA-384 and SHA-512: in one call, or piece by piece.
 *
 * Incremental hashing is sticky like the buffers of base: a failed update is
 * remembered and httpa_hash_final tells.
 *
 *   struct httpa_hash h;
 *   err = httpa_hash_init(&h, crypto, HTTPA_SHA256);
 *   httpa_hash_update(&h, a);
 *   httpa_hash_update(&h, b);
 *   err = httpa_hash_final(&h, &digest);
 *   httpa_hash_done(&h);
 */
#ifndef HTTPA_CRYPTO_HASH_H
#define HTTPA_CRYPTO_HASH_H

#include <httpa/slice.h>

#include "crypto/crypto.h"

enum httpa_hash_id { HTTPA_SHA256, HTTPA_SHA384, HTTPA_SHA512 };

#define HTTPA_HASH_COUNT 3
#define HTTPA_HASH_MAX 64 /* bytes of the longest digest */

/* A digest knows its hash; bytes behind `n` are zero. */
struct httpa_digest {
    enum httpa_hash_id id;
    size_t n; /* httpa_hash_size(id) */
    uint8_t bytes[HTTPA_HASH_MAX];
};

struct httpa_hash {
    enum httpa_hash_id id;
    bool failed;
    void *ctx; /* NULL: not initialised, or done */
};

/* 32, 48 or 64. */
size_t httpa_hash_size(enum httpa_hash_id id);

/* The bytes of |d|, borrowed from it. */
struct httpa_slice httpa_digest_slice(const struct httpa_digest *d);

/* Constant-time equality, of hash and bytes. */
bool httpa_digest_equal(const struct httpa_digest *a,
                        const struct httpa_digest *b);

/* The digest of |in|. */
HTTPA_MUST_USE enum httpa_err httpa_hash_once(const struct httpa_crypto *crypto,
                                              enum httpa_hash_id id,
                                              struct httpa_slice in,
                                              struct httpa_digest *ret_digest);

/* Starts; allocates, so httpa_hash_done must follow (also after an error,
 * where it does nothing). */
HTTPA_MUST_USE enum httpa_err httpa_hash_init(struct httpa_hash *h,
                                              const struct httpa_crypto *crypto,
                                              enum httpa_hash_id id);

void httpa_hash_update(struct httpa_hash *h, struct httpa_slice in);

/* Makes |ret_to|, an object without a state, a second state equal to |from|;
 * both go on independently and both need httpa_hash_done. */
HTTPA_MUST_USE enum httpa_err httpa_hash_copy(const struct httpa_hash *from,
                                              struct httpa_hash *ret_to);

/* The digest of everything so far.  The state is used up: only
 * httpa_hash_done may follow.  HTTPA_ERR_CRYPTO also for an earlier failed
 * update. */
HTTPA_MUST_USE enum httpa_err httpa_hash_final(struct httpa_hash *h,
                                               struct httpa_digest *ret_digest);

/* Wipes and frees. */
void httpa_hash_done(struct httpa_hash *h);

#endif
