#include "codec/version.h"

#include "base/ascii.h"

static size_t span_digits(struct httpa_slice s)
{
    size_t n = 0;
    while (n < s.n && httpa_ascii_is_digit(s.p[n])) {
        n++;
    }
    return n;
}

static uint32_t number(struct httpa_slice digits)
{
    uint32_t v = 0;
    for (size_t i = 0; i < digits.n; i++) {
        v = 10 * v + (digits.p[i] - (uint32_t)'0');
    }
    return v;
}

enum httpa_err httpa_version_read(struct httpa_slice text,
                                  struct httpa_version *ret_v)
{
    struct httpa_version v = { { 0 } };
    for (size_t i = 0; i < HTTPA_VERSION_PARTS; i++) {
        size_t n = span_digits(text);
        if (n == 0 || (n < text.n && text.p[n] != '.')) {
            return HTTPA_ERR_MALFORMED;
        }
        if (n > HTTPA_VERSION_DIGITS) {
            return HTTPA_ERR_RANGE;
        }
        v.part[i] = number(httpa_slice_of(text.p, n));
        if (n == text.n) {
            *ret_v = v;
            return HTTPA_OK;
        }
        text = httpa_slice_from(text, n + 1);
    }
    return HTTPA_ERR_RANGE;
}

bool httpa_version_at_least(const struct httpa_version *a,
                            const struct httpa_version *b)
{
    size_t i = 0;
    while (i + 1 < HTTPA_VERSION_PARTS && a->part[i] == b->part[i]) {
        i++;
    }
    return a->part[i] >= b->part[i];
}
