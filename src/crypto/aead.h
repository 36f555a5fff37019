/*
 * Authenticated encryption.
 *
 * The one door: every byte that httpa seals goes through httpa_aead_seal and
 * every byte that it opens through httpa_aead_open, keyed by
 * httpa_aead_init.  They are three external functions, called through no
 * pointer, so that a test can put itself in front of them (ld --wrap) and
 * record every (key, nonce) that was ever used.
 *
 * Neither function fetches or allocates.  A keyed object belongs to one
 * thread at a time; it costs about 1.2 KB, so whoever keeps many bases keeps
 * raw keys and re-keys a few objects:
 *
 *   struct httpa_aead a = { 0 };
 *   err = httpa_aead_init(&a, crypto, suite, key);      allocates
 *   err = httpa_aead_init(&a, crypto, suite, other);    re-keys in place
 *   httpa_aead_done(&a);
 *
 * Uniqueness of (key, nonce) is the caller's duty; see struct httpa_keys and
 * httpa_schedule_nonce in "crypto/schedule.h".
 */
#ifndef HTTPA_CRYPTO_AEAD_H
#define HTTPA_CRYPTO_AEAD_H

#include <httpa/slice.h>

#include "crypto/crypto.h"
#include "crypto/suite.h"

#define HTTPA_AEAD_KEY_MAX 32 /* bytes of the longest key */
#define HTTPA_AEAD_NONCE 12
#define HTTPA_AEAD_TAG 16

/* One operation takes at most this much text, and this much AAD. */
#define HTTPA_AEAD_TEXT_MAX 0x7ffffff0u

struct httpa_aead {
    const struct httpa_suite *suite;
    void *ctx; /* NULL: not initialised, or done */
};

/* Bytes in two pieces, taken as one string; either may be empty. */
struct httpa_aead_parts {
    struct httpa_slice first;
    struct httpa_slice second;
};

static inline struct httpa_aead_parts httpa_aead_one(struct httpa_slice s)
{
    return (struct httpa_aead_parts){ .first = s };
}

static inline struct httpa_aead_parts httpa_aead_two(struct httpa_slice first,
                                                     struct httpa_slice second)
{
    return (struct httpa_aead_parts){ .first = first, .second = second };
}

/* Keys |a| for |suite|.  |a| is all zeros or was initialised before; then its
 * memory is used again and the old key is gone.  |key| is suite->key_size
 * bytes, else HTTPA_ERR_USAGE.  After an error |a| holds no key and is done. */
HTTPA_MUST_USE enum httpa_err httpa_aead_init(struct httpa_aead *a,
                                              const struct httpa_crypto *crypto,
                                              const struct httpa_suite *suite,
                                              struct httpa_slice key);

/* Wipes and frees; |a| is all zeros afterwards. */
void httpa_aead_done(struct httpa_aead *a);

/*
 * Writes ciphertext and tag: |text| + HTTPA_AEAD_TAG bytes at |ret_sealed|.
 * Each piece of |text| may stand exactly where its ciphertext goes (in place)
 * and must not overlap it otherwise.  Empty text gives the tag alone.
 *   HTTPA_ERR_USAGE  not initialised, or longer than HTTPA_AEAD_TEXT_MAX
 * After an error |ret_sealed| holds nothing that may be sent.
 */
HTTPA_MUST_USE enum httpa_err
httpa_aead_seal(struct httpa_aead *a, const uint8_t nonce[HTTPA_AEAD_NONCE],
                struct httpa_aead_parts aad, struct httpa_aead_parts text,
                uint8_t *ret_sealed);

/*
 * Checks |sealed| (ciphertext and tag) and writes |sealed| - HTTPA_AEAD_TAG
 * bytes at |ret_text|, which may be sealed.p (in place).
 *   HTTPA_ERR_TAG    shorter than a tag, or the tag is wrong
 *   HTTPA_ERR_USAGE  not initialised, or longer than HTTPA_AEAD_TEXT_MAX
 * After an error |ret_text| is wiped: no unverified byte is ever seen, and a
 * ciphertext opened in place is gone.
 */
HTTPA_MUST_USE enum httpa_err
httpa_aead_open(struct httpa_aead *a, const uint8_t nonce[HTTPA_AEAD_NONCE],
                struct httpa_aead_parts aad, struct httpa_slice sealed,
                uint8_t *ret_text);

#endif
