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

static inline bool httpa_ascii_is_alpha(uint8_t c)
{
    return httpa_ascii_is_lower(httpa_ascii_lower(c));
}

/* RFC 9110 5.6.2 tchar: a bit for each code, 64 to a word.  Every byte of
 * every field name passes here. */
static inline bool httpa_ascii_is_tchar(uint8_t c)
{
    static const uint64_t set[4] = { UINT64_C(0x03ff6cfa00000000),
                                     UINT64_C(0x57ffffffc7fffffe), 0, 0 };
    return (set[c >> 6] >> (c & 63) & 1) != 0;
}

/* RFC 9110 5.6.2 token: tchars alone, one at least. */
bool httpa_ascii_is_token(struct httpa_slice s);

/* |s| without the spaces and tabs around it: RFC 9110 5.6.3 OWS. */
struct httpa_slice httpa_ascii_trim(struct httpa_slice s);

#endif
