/* Where files of the user and of the system are, and what URLs mean. */
#ifndef HTTPA_TOOL_PLACE_H
#define HTTPA_TOOL_PLACE_H

#include <httpa/slice.h>

#define HTTPA_PLACE_URL 16384u
#define HTTPA_PLACE_ORIGIN 300u
#define HTTPA_PLACE_PATH 4096u

struct httpa_place {
    char url[HTTPA_PLACE_URL];       /* whole, normalised, without fragment */
    char origin[HTTPA_PLACE_ORIGIN]; /* "https://api.example.com" */
    char host[256];
    char port[8];               /* empty: the scheme's own */
    char path[HTTPA_PLACE_URL]; /* with the query */
    bool is_https;
};

/* Reads |url| (no scheme: https), relative to |base| when not NULL; says what
 * is wrong with it.  Heavy: not on a small stack. */
bool httpa_place_read(const char *url, const struct httpa_place *base,
                      struct httpa_place *ret_place);

/* policy.d/<host>.json or policy.d/<host>_<port>.json of the user or of the
 * system: the first that exists; false when there is none. */
bool httpa_place_policy(const struct httpa_place *place, char *ret_path,
                        size_t size);

/* The user's own, whether it exists or not. */
bool httpa_place_user_policy(const struct httpa_place *place, char *ret_path,
                             size_t size);

/* |name| in the user's cache folder. */
bool httpa_place_cache(const char *name, char *ret_path, size_t size);

#endif
