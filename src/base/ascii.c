#include "base/ascii.h"

bool httpa_ascii_is_token(struct httpa_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!httpa_ascii_is_tchar(s.p[i])) {
            return false;
        }
    }
    return s.n > 0;
}

struct httpa_slice httpa_ascii_trim(struct httpa_slice s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = httpa_slice_from(s, 1);
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) {
        s.n--;
    }
    return s;
}
