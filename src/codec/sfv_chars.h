/* The character classes that reading and writing structured fields share. */
#ifndef HTTPA_CODEC_SFV_CHARS_H
#define HTTPA_CODEC_SFV_CHARS_H

#include "base/ascii.h"

/* RFC 9651 3.1.2: lcalpha or "*", then also digits and "_-." */
static inline bool httpa_sfv_is_key_start(uint8_t c)
{
    return httpa_ascii_is_lower(c) || c == '*';
}

static inline bool httpa_sfv_is_key(uint8_t c)
{
    return httpa_sfv_is_key_start(c) || httpa_ascii_is_digit(c) || c == '_' ||
           c == '-' || c == '.';
}

/* RFC 9651 3.3.4: ALPHA or "*", then tchar, ":" and "/" */
static inline bool httpa_sfv_is_token_start(uint8_t c)
{
    return httpa_ascii_is_alpha(c) || c == '*';
}

static inline bool httpa_sfv_is_token(uint8_t c)
{
    return httpa_ascii_is_tchar(c) || c == ':' || c == '/';
}

/* RFC 9651 3.3.3 and 3.3.8: what may stand in quotes at all */
static inline bool httpa_sfv_is_printable(uint8_t c)
{
    return c >= 0x20 && c <= 0x7e;
}

#endif
