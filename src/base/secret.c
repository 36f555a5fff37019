#include "base/secret.h"

#include <string.h>

/* A call through a volatile pointer cannot be proved to be memset, so it
 * cannot be dropped as a dead store. */
static void *(*const volatile wipe_fn)(void *, int, size_t) = memset;

void httpa_wipe(void *p, size_t n)
{
    if (n > 0) {
        wipe_fn(p, 0, n);
    }
}

bool httpa_ct_equal(const void *a, const void *b, size_t n)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t diff = 0;
    for (size_t i = 0; i < n; i++) {
        diff = (uint8_t)(diff | (x[i] ^ y[i]));
    }
    return diff == 0;
}
