#include "codec/utf8.h"

/* RFC 3629 4: the lead byte gives the length, and the second byte the range
 * that shuts out long forms, surrogates and what is above U+10FFFF. */
static const struct {
    uint8_t lead_min, lead_max;
    uint8_t second_min, second_max;
    uint8_t n;
} forms[] = {
    { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
    { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
    { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
    { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static bool continues(struct httpa_slice s, size_t n)
{
    for (size_t i = 2; i < n; i++) {
        if (s.p[i] < 0x80 || s.p[i] > 0xbf) {
            return false;
        }
    }
    return true;
}

size_t httpa_utf8_char(struct httpa_slice s)
{
    if (s.n == 0) {
        return 0;
    }
    if (s.p[0] < 0x80) {
        return 1;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (s.p[0] < forms[i].lead_min || s.p[0] > forms[i].lead_max) {
            continue;
        }
        bool good = s.n >= forms[i].n && s.p[1] >= forms[i].second_min &&
                    s.p[1] <= forms[i].second_max && continues(s, forms[i].n);
        return good ? forms[i].n : 0;
    }
    return 0;
}

bool httpa_utf8_valid(struct httpa_slice s)
{
    while (s.n > 0) {
        size_t n = httpa_utf8_char(s);
        if (n == 0) {
            return false;
        }
        s = httpa_slice_from(s, n);
    }
    return true;
}
