/* The rows behind options.h, shared by its reader and its writer of help. */
#ifndef HTTPA_GATEWAY_OPTIONS_TABLE_H
#define HTTPA_GATEWAY_OPTIONS_TABLE_H

#include "gateway/options.h"

enum httpa_gateway_option_kind {
    HTTPA_GATEWAY_OPTION_TEXT,    /* const char * */
    HTTPA_GATEWAY_OPTION_LIST,    /* struct httpa_settings_list */
    HTTPA_GATEWAY_OPTION_SECONDS, /* uint32_t; "30s", "10m", "2h", "1d" */
    HTTPA_GATEWAY_OPTION_COUNT,   /* uint32_t */
    HTTPA_GATEWAY_OPTION_FLAG     /* bool */
};

struct httpa_gateway_option {
    const char *group; /* begins one in --help; else NULL */
    const char *name;
    const char *argument; /* as --help shows it; NULL: a flag */
    enum httpa_gateway_option_kind kind;
    bool digest;                /* decides who gets plain text */
    size_t offset;              /* in struct httpa_settings */
    const char *fallback;       /* default value; NULL: not set */
    bool (*fits)(const char *); /* NULL: any text */
    const char *expect;         /* what a value must be, in words */
    const char *help;           /* lines separated by \n */
};

/* In the order of --help; the last row has no name. */
extern const struct httpa_gateway_option httpa_gateway_option_table[];

static inline const void *
httpa_gateway_option_at(const struct httpa_settings *s,
                        const struct httpa_gateway_option *o)
{
    return (const char *)s + o->offset;
}

#endif
