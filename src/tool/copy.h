/* A head that owns its bytes, for when its message is gone. */
#ifndef HTTPA_TOOL_COPY_H
#define HTTPA_TOOL_COPY_H

#include <httpa/message.h>

struct httpa_copy {
    struct httpa_head head;
    struct httpa_field fields[HTTPA_FIELDS_MAX];
    uint8_t *bytes;
};

/* HTTPA_ERR_MEMORY.  |copy| stays where it is. */
HTTPA_MUST_USE enum httpa_err
httpa_copy_head(struct httpa_copy *copy, const struct httpa_head *head);
void httpa_copy_done(struct httpa_copy *copy);

#endif
