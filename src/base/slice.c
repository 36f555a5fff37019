#include <httpa/slice.h>

#include <string.h>

#include "base/ascii.h"

struct httpa_slice httpa_slice_of(const void *p, size_t n)
{
    return (struct httpa_slice){ .p = p, .n = n };
}

struct httpa_slice httpa_slice_str(const char *s)
{
    return httpa_slice_of(s, strlen(s));
}

struct httpa_slice httpa_slice_from(struct httpa_slice s, size_t from)
{
    if (from >= s.n) {
        return (struct httpa_slice){ 0 };
    }
    return (struct httpa_slice){ .p = s.p + from, .n = s.n - from };
}

bool httpa_slice_equal(struct httpa_slice a, struct httpa_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool httpa_slice_is(struct httpa_slice a, const char *s)
{
    return httpa_slice_equal(a, httpa_slice_str(s));
}

bool httpa_slice_is_nocase(struct httpa_slice a, const char *s)
{
    if (a.n != strlen(s)) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (httpa_ascii_lower(a.p[i]) != httpa_ascii_lower((uint8_t)s[i])) {
            return false;
        }
    }
    return true;
}

bool httpa_slice_starts(struct httpa_slice a, const char *prefix)
{
    size_t n = strlen(prefix);
    return a.n >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
}
