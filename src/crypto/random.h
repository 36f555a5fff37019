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

#include <httpa/crypto.h>

/* |n| bytes to |ret_p|.  Fails as the source does; |ret_p| is then wiped. */
HTTPA_MUST_USE enum httpa_err httpa_random_fill(const struct httpa_random *rng,
                                                uint8_t *ret_p, size_t n);

#endif
