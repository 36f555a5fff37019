/*
 * Linked before the library's only sealing function (--wrap) into the real
 * programs: every sealing of the process is written to a file as 8 bytes of
 * the key's hash and the 12 of the nonce, and a repetition within the process
 * aborts it.  The test compares the files of all processes.
 *
 * HTTPA_WATCH names the folder; without it nothing is watched.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/aead.h"

#define ENTRY 20u
#define SLOTS (1u << 21)
#define OBJECTS (1u << 18)

enum httpa_err __real_httpa_aead_init(struct httpa_aead *a,
                                      const struct httpa_crypto *crypto,
                                      const struct httpa_suite *suite,
                                      struct httpa_slice key);
enum httpa_err __real_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed);
enum httpa_err __wrap_httpa_aead_init(struct httpa_aead *a,
                                      const struct httpa_crypto *crypto,
                                      const struct httpa_suite *suite,
                                      struct httpa_slice key);
enum httpa_err __wrap_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed);

static struct {
    pthread_mutex_t lock;
    int fd; /* 0: not yet asked; -1: not watched */
    uint8_t (*slots)[ENTRY];
    size_t used;
    struct {
        const void *object;
        uint8_t key[8];
    } keyed[OBJECTS];
} seen = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t hash(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ p[i]) * 1099511628211u;
    }
    return h;
}

static void die(const char *why)
{
    fprintf(stderr, "nonce watch: %s\n", why);
    abort();
}

static bool watching(void)
{
    const char *folder = getenv("HTTPA_WATCH");
    char path[512];
    if (seen.fd == 0) {
        seen.fd = -1;
        if (folder != NULL) {
            snprintf(path, sizeof(path), "%s/%ld", folder, (long)getpid());
            seen.fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
            seen.slots = calloc(SLOTS, ENTRY);
            if (seen.fd < 0 || seen.slots == NULL) {
                die("cannot begin");
            }
        }
    }
    return seen.fd > 0;
}

static uint8_t *key_of(const void *object)
{
    size_t at = (hash(&object, sizeof(object)) >> 7) % OBJECTS;
    while (seen.keyed[at].object != NULL && seen.keyed[at].object != object) {
        at = (at + 1) % OBJECTS;
    }
    seen.keyed[at].object = object;
    return seen.keyed[at].key;
}

enum httpa_err __wrap_httpa_aead_init(struct httpa_aead *a,
                                      const struct httpa_crypto *crypto,
                                      const struct httpa_suite *suite,
                                      struct httpa_slice key)
{
    pthread_mutex_lock(&seen.lock);
    if (watching()) {
        uint64_t h = hash(key.p, key.n);
        memcpy(key_of(a), &h, sizeof(h));
    }
    pthread_mutex_unlock(&seen.lock);
    return __real_httpa_aead_init(a, crypto, suite, key);
}

static void note(const struct httpa_aead *a, const uint8_t *nonce)
{
    static const uint8_t empty[ENTRY];
    uint8_t entry[ENTRY];
    memcpy(entry, key_of(a), 8);
    memcpy(entry + 8, nonce, 12);
    size_t at = (hash(entry, ENTRY) >> 7) % SLOTS;
    while (memcmp(seen.slots[at], empty, ENTRY) != 0) {
        if (memcmp(seen.slots[at], entry, ENTRY) == 0) {
            die("one nonce twice under one key");
        }
        at = (at + 1) % SLOTS;
    }
    memcpy(seen.slots[at], entry, ENTRY);
    if (++seen.used > SLOTS / 2 || write(seen.fd, entry, ENTRY) != ENTRY) {
        die("no room");
    }
}

enum httpa_err __wrap_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed)
{
    pthread_mutex_lock(&seen.lock);
    if (watching()) {
        note(a, nonce);
    }
    pthread_mutex_unlock(&seen.lock);
    return __real_httpa_aead_seal(a, nonce, aad, text, ret_sealed);
}
