/*
 * How long a message's content is, as its sender declared it.
 *
 * A head never carries framing: Content-Length and Transfer-Encoding are
 * taken out of its fields by whoever reads a message and put back by whoever
 * writes it.  Between the two stands this.  Whether bytes really follow is
 * decided by method and status as well: the answer to HEAD may be SIZED and
 * yet bring nothing.
 */
#ifndef HTTPA_ENGINE_CONTENT_H
#define HTTPA_ENGINE_CONTENT_H

#include <stdint.h>

enum httpa_content_kind {
    HTTPA_CONTENT_NONE,  /* nothing was declared and nothing comes */
    HTTPA_CONTENT_SIZED, /* exactly len bytes; 0 is possible */
    HTTPA_CONTENT_OPEN   /* its end is seen when it comes */
};

struct httpa_content {
    enum httpa_content_kind kind;
    uint64_t len; /* bytes; SIZED only */
};

static inline struct httpa_content httpa_content_none(void)
{
    return (struct httpa_content){ .kind = HTTPA_CONTENT_NONE };
}

static inline struct httpa_content httpa_content_sized(uint64_t len)
{
    return (struct httpa_content){ .kind = HTTPA_CONTENT_SIZED, .len = len };
}

static inline struct httpa_content httpa_content_open(void)
{
    return (struct httpa_content){ .kind = HTTPA_CONTENT_OPEN };
}

#endif
