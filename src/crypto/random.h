/*
 * Randomness as an argument: struct httpa_random of <httpa/crypto.h>.
 *
 * Not for the message path: one call costs more than sealing a small record.
 */
#ifndef HTTPA_CRYPTO_RANDOM_H
#define HTTPA_CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"

/* |n| bytes to |ret_p|.  Fails as the source does; |ret_p| is then wiped. */
HTTPA_MUST_USE enum httpa_err httpa_random_fill(const struct httpa_random *rng,
                                                uint8_t *ret_p, size_t n);

#endif
