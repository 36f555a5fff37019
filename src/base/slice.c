#include <httpa/slice.h>

#include "base/ascii.h"

bool httpa_slice_equal_nocase(struct httpa_slice a, struct httpa_slice b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        uint8_t differ = a.p[i] ^ b.p[i];
        /* Letters differ in case by this one bit. */
        if (differ != 0 &&
            (differ != 0x20 || !httpa_ascii_is_alpha(a.p[i]))) {
            return false;
        }
    }
    return true;
}
