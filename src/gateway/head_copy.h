/* A head that owns its bytes, for what outlives the callback it came in. */
#ifndef HTTPA_GATEWAY_HEAD_COPY_H
#define HTTPA_GATEWAY_HEAD_COPY_H

#include <httpa/message.h>

struct httpa_head_copy {
    struct httpa_head head;
    uint8_t *bytes; /* heap: the field array, then all text */
    size_t used;
    size_t size;
};

/*
 * Copies |head| with room for |extra_fields| more fields of |extra_bytes| in
 * all.  HTTPA_ERR_MEMORY.  |ret| is zeroed or done before.
 */
HTTPA_MUST_USE enum httpa_err
httpa_head_copy(const struct httpa_head *head, size_t extra_fields,
                size_t extra_bytes, struct httpa_head_copy *ret);

/* Adds a field, copied.  HTTPA_ERR_SPACE beyond what was asked for. */
HTTPA_MUST_USE enum httpa_err httpa_head_copy_add(struct httpa_head_copy *c,
                                                  const char *name,
                                                  struct httpa_slice value);

/* Wipes and frees. */
void httpa_head_copy_done(struct httpa_head_copy *c);

#endif
