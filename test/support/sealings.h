/*
 * Every (key, nonce) that a process seals under.  The linker puts the
 * functions __wrap_* below in front of the library's only sealing function
 * (meson.build: --wrap), so none gets past.
 *
 * The includer defines, before: SEALINGS_SLOTS and SEALINGS_OBJECTS, powers
 * of two that are never filled; and, after, sealings_watched and
 * sealings_seen.
 */
#ifndef TEST_SUPPORT_SEALINGS_H
#define TEST_SUPPORT_SEALINGS_H

#include <pthread.h>
#include <string.h>

#include "crypto/aead.h"

/* 8 bytes of the key's hash and the nonce. */
#define SEALINGS_ENTRY (8u + HTTPA_AEAD_NONCE)

enum httpa_err
__real_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key);
enum httpa_err __real_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed);
enum httpa_err
__wrap_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key);
enum httpa_err __wrap_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed);

/* An open hash set of entries, and the key that each object was given. */
static struct {
    pthread_mutex_t lock;
    uint8_t (*slots)[SEALINGS_ENTRY]; /* the includer's to allocate */
    size_t used;
    struct {
        const void *object;
        uint8_t key[8];
    } keyed[SEALINGS_OBJECTS];
} sealings = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Both are called with the lock held. */
static bool sealings_watched(void);
static void
sealings_seen(const uint8_t entry[SEALINGS_ENTRY], bool is_repeated);

static uint64_t sealings_hash(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ p[i]) * 1099511628211u;
    }
    return h;
}

static uint8_t *sealings_key_of(const void *object)
{
    size_t at =
        (sealings_hash(&object, sizeof(object)) >> 7) % SEALINGS_OBJECTS;
    while (sealings.keyed[at].object != NULL &&
           sealings.keyed[at].object != object) {
        at = (at + 1) % SEALINGS_OBJECTS;
    }
    sealings.keyed[at].object = object;
    return sealings.keyed[at].key;
}

static void sealings_note(const struct httpa_aead *a, const uint8_t *nonce)
{
    static const uint8_t empty[SEALINGS_ENTRY];
    uint8_t entry[SEALINGS_ENTRY];
    memcpy(entry, sealings_key_of(a), 8);
    memcpy(entry + 8, nonce, HTTPA_AEAD_NONCE);
    size_t at = (sealings_hash(entry, sizeof(entry)) >> 7) % SEALINGS_SLOTS;
    while (memcmp(sealings.slots[at], empty, sizeof(empty)) != 0) {
        if (memcmp(sealings.slots[at], entry, sizeof(entry)) == 0) {
            sealings_seen(entry, true);
            return;
        }
        at = (at + 1) % SEALINGS_SLOTS;
    }
    memcpy(sealings.slots[at], entry, sizeof(entry));
    sealings.used++;
    sealings_seen(entry, false);
}

enum httpa_err
__wrap_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key)
{
    pthread_mutex_lock(&sealings.lock);
    if (sealings_watched()) {
        uint64_t h = sealings_hash(key.p, key.n);
        memcpy(sealings_key_of(a), &h, sizeof(h));
    }
    pthread_mutex_unlock(&sealings.lock);
    return __real_httpa_aead_init(a, crypto, suite, key);
}

enum httpa_err __wrap_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed)
{
    pthread_mutex_lock(&sealings.lock);
    if (sealings_watched()) {
        sealings_note(a, nonce);
    }
    pthread_mutex_unlock(&sealings.lock);
    return __real_httpa_aead_seal(a, nonce, aad, text, ret_sealed);
}

#endif
