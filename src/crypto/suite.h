/*
 * The cipher suites (doc/protocol.md, "Suites"), one row each.
 *
 * A suite fixes the AEAD, the hash of transcript and key schedule, and how
 * much one key may protect.  That budget is counted in units of the suite,
 * which httpa_suite_cost computes per operation: 16-byte blocks for AES-GCM
 * (2^35: advantage below 2^-58), operations for ChaCha20-Poly1305 (2^48).
 */
#ifndef HTTPA_CRYPTO_SUITE_H
#define HTTPA_CRYPTO_SUITE_H

#include <httpa/slice.h>

#include "crypto/hash.h"

enum httpa_suite_id {
    HTTPA_AES_128_GCM_SHA256,
    HTTPA_AES_256_GCM_SHA384,
    HTTPA_CHACHA20_POLY1305_SHA256
};

#define HTTPA_SUITE_COUNT 3

struct httpa_suite {
    enum httpa_suite_id id;
    const char *name; /* the Token of Attest-Cipher-Suites */
    enum httpa_hash_id hash;
    size_t hash_size; /* L: 32 or 48 bytes */
    size_t key_size;  /* bytes */
    bool by_blocks;   /* the budget counts blocks, else operations */
    uint64_t budget;  /* units that one key may protect */
};

/* The suite called |name| (case sensitive), or NULL. */
const struct httpa_suite *httpa_suite_find(struct httpa_slice name);

/* The |i|-th suite in our order of preference; NULL past the last. */
const struct httpa_suite *httpa_suite_at(size_t i);

/* Units of the budget that one operation over |aad_n| and |text_n| bytes
 * takes: blocks of both, each rounded up, plus two; or 1. */
uint64_t httpa_suite_cost(const struct httpa_suite *suite, size_t aad_n,
                          size_t text_n);

#endif
