/* Character classes by ASCII alone: no locale, no signed char. */
#ifndef HTTPA_BASE_ASCII_H
#define HTTPA_BASE_ASCII_H

#include <stdbool.h>
#include <stdint.h>

#include <httpa/slice.h>

static inline uint8_t httpa_ascii_lower(uint8_t c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static inline bool httpa_ascii_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool httpa_ascii_is_lower(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool httpa_ascii_is_hex(uint8_t c)
{
    uint8_t lower = httpa_ascii_lower(c);
    return httpa_ascii_is_digit(c) || (lower >= 'a' && lower <= 'f');
}

static inline bool httpa_ascii_is_alpha(uint8_t c)
{
    return httpa_ascii_is_lower(httpa_ascii_lower(c));
}

/* What a byte is, as bits; every byte of every field is asked for them. */
enum httpa_ascii_class {
    HTTPA_ASCII_NO_TCHAR = 1 << 0, /* not of RFC 9110 5.6.2 */
    HTTPA_ASCII_UPPER = 1 << 1,    /* A to Z */
    HTTPA_ASCII_BREAKS = 1 << 2,   /* NUL, CR, LF: end a value somewhere */
    HTTPA_ASCII_CONTROL = 1 << 3   /* of RFC 9110 5.5: all but the tab */
};

extern const uint8_t httpa_ascii_classes[256];

static inline bool httpa_ascii_is_tchar(uint8_t c)
{
    return (httpa_ascii_classes[c] & HTTPA_ASCII_NO_TCHAR) == 0;
}

/* All classes that bytes of |s| are in. */
unsigned httpa_ascii_seen(struct httpa_slice s);

/* RFC 9110 5.6.2 token: tchars alone, one at least. */
bool httpa_ascii_is_token(struct httpa_slice s);

/* |s| without the spaces and tabs around it: RFC 9110 5.6.3 OWS. */
struct httpa_slice httpa_ascii_trim(struct httpa_slice s);

#endif
