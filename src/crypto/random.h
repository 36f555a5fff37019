/*
 * Randomness as an argument.
 *
 * Whoever needs random bytes takes a const struct httpa_random *, so that a
 * test can repeat an exchange to the byte.  Programs pass
 * httpa_random_system().  Not for the message path: one call costs more than
 * sealing a small record.
 */
#ifndef HTTPA_CRYPTO_RANDOM_H
#define HTTPA_CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include <httpa/error.h>

struct httpa_random {
    /* Writes |n| random bytes to |p|; any error means none may be used. */
    enum httpa_err (*fill)(void *ctx, uint8_t *p, size_t n);
    void *ctx;
};

/* OpenSSL's generator, seeded by the system; safe in threads. */
struct httpa_random httpa_random_system(void);

/* |n| bytes to |ret_p|.  Fails as the source does; |ret_p| is then wiped. */
HTTPA_MUST_USE enum httpa_err httpa_random_fill(const struct httpa_random *rng,
                                                uint8_t *ret_p, size_t n);

#endif
