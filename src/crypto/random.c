#include "crypto/random.h"

#include <limits.h>

#include <openssl/rand.h>

#include "base/secret.h"
#include "crypto/openssl.h"

static enum httpa_err fill_system(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    while (n > 0) {
        int part = n > INT_MAX ? INT_MAX : (int)n;
        if (RAND_bytes(p, part) != 1) {
            return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
        }
        p += part;
        n -= (size_t)part;
    }
    return HTTPA_OK;
}

struct httpa_random httpa_random_system(void)
{
    return (struct httpa_random){ .fill = fill_system };
}

enum httpa_err httpa_random_fill(const struct httpa_random *rng, uint8_t *ret_p,
                                 size_t n)
{
    enum httpa_err err = rng->fill(rng->ctx, ret_p, n);
    if (err != HTTPA_OK) {
        httpa_wipe(ret_p, n);
    }
    return err;
}
