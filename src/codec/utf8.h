/* Well-formed UTF-8 as RFC 3629 defines it: shortest form, no surrogates,
 * nothing above U+10FFFF. */
#ifndef HTTPA_CODEC_UTF8_H
#define HTTPA_CODEC_UTF8_H

#include <httpa/slice.h>

/* Bytes of the well-formed character that |s| starts with, 1 to 4; 0 when
 * there is none. */
size_t httpa_utf8_char(struct httpa_slice s);

/* True when all of |s| is well-formed; so is no byte at all. */
bool httpa_utf8_valid(struct httpa_slice s);

#endif
