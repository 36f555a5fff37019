#include <httpa/slice.h>

#include "base/ascii.h"

bool httpa_slice_equal_nocase(struct httpa_slice a, struct httpa_slice b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (httpa_ascii_lower(a.p[i]) != httpa_ascii_lower(b.p[i])) {
            return false;
        }
    }
    return true;
}
