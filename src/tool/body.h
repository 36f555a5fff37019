/* The content that -d, --data-binary, --data-raw, --data-urlencode, -F and -T
 * make, and what it means for method and fields. */
#ifndef HTTPA_TOOL_BODY_H
#define HTTPA_TOOL_BODY_H

#include "tool/options.h"
#include "tool/source.h"

struct httpa_body {
    struct httpa_source source;
    struct httpa_buf bytes; /* -d, -F: all of it */
    char type[96];          /* Content-Type, or empty */
    const char *method;     /* what it asks for, or NULL */
};

/* Says what is wrong.  Always to be ended with httpa_body_done. */
bool httpa_body_make(struct httpa_body *body,
                     const struct httpa_options_parts *parts,
                     const char *upload);
void httpa_body_done(struct httpa_body *body);

#endif
