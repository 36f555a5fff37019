/* What went wrong, for a person. */
#ifndef HTTPA_COLLATERAL_DIAG_H
#define HTTPA_COLLATERAL_DIAG_H

#include <httpa/error.h>

struct httpa_collateral_diag {
    char text[512];
};

void httpa_collateral_say(struct httpa_collateral_diag *diag,
                          const char *format, ...) HTTPA_PRINTF(2, 3);

#endif
