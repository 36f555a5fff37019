#include "base/ascii.h"

enum {
    t = 0, /* a tchar in lower case, or without a case */
    U = HTTPA_ASCII_UPPER,
    N = HTTPA_ASCII_NO_TCHAR,
    C = HTTPA_ASCII_NO_TCHAR | HTTPA_ASCII_CONTROL,
    B = HTTPA_ASCII_NO_TCHAR | HTTPA_ASCII_CONTROL | HTTPA_ASCII_BREAKS
};

/* clang-format off */
const uint8_t httpa_ascii_classes[256] = {
    B, C, C, C, C, C, C, C, C, N, B, C, C, B, C, C, /* 00 */
    C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* 10 */
    N, t, N, t, t, t, t, t, N, N, t, t, N, t, t, N, /* 20 */
    t, t, t, t, t, t, t, t, t, t, N, N, N, N, N, N, /* 30 */
    N, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 40 */
    U, U, U, U, U, U, U, U, U, U, U, N, N, N, t, t, /* 50 */
    t, t, t, t, t, t, t, t, t, t, t, t, t, t, t, t, /* 60 */
    t, t, t, t, t, t, t, t, t, t, t, N, t, N, t, C, /* 70 */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* 80 */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* 90 */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* a0 */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* b0 */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* c0 */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* d0 */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* e0 */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* f0 */
};
/* clang-format on */

unsigned httpa_ascii_seen(struct httpa_slice s)
{
    unsigned seen = 0;
    for (size_t i = 0; i < s.n; i++) {
        seen |= httpa_ascii_classes[s.p[i]];
    }
    return seen;
}

bool httpa_ascii_is_token(struct httpa_slice s)
{
    return s.n > 0 && (httpa_ascii_seen(s) & HTTPA_ASCII_NO_TCHAR) == 0;
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
