#include "collateral/diag.h"

#include <stdarg.h>
#include <stdio.h>

void httpa_collateral_say(struct httpa_collateral_diag *diag,
                          const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(diag->text, sizeof(diag->text), format, args);
    va_end(args);
}
