#include "base/ascii.h"

#include <string.h>

bool httpa_ascii_is_tchar(uint8_t c)
{
    return httpa_ascii_is_alpha(c) || httpa_ascii_is_digit(c) ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}
