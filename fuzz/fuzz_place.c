/* URLs as users and redirects write them: what is read has a plain host, and
 * the name of its policy file stays in policy.d. */
#include "fuzz.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "tool/place.h"
#include "tool/say.h"

#define FOLDER "/policy.d/"

static bool is_plain(const char *s)
{
    return (httpa_ascii_seen(httpa_slice_str(s)) & HTTPA_ASCII_CONTROL) == 0 &&
           strchr(s, ' ') == NULL;
}

static void check(const struct httpa_place *place)
{
    static char path[HTTPA_PLACE_PATH];
    must(place->host[0] != '\0' && strchr(place->host, '/') == NULL);
    must(is_plain(place->origin) && is_plain(place->path));
    must(place->path[0] == '/');
    if (httpa_place_user_policy(place, path, sizeof(path))) {
        const char *name = strstr(path, FOLDER);
        must(name != NULL);
        name += sizeof(FOLDER) - 1;
        must(strchr(name, '/') == NULL && name[0] != '.');
    }
}

/* The first line is a URL, the second one relative to it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct httpa_place first;
    static struct httpa_place second;
    char *text = calloc(1, size + 1);
    must(text != NULL);
    memcpy(text, data, size);
    char *line = strchr(text, '\n');
    if (line != NULL) {
        *line++ = '\0';
    }
    httpa_say_quiet(true);
    (void)setenv("XDG_CONFIG_HOME", "/c", 1);
    if (httpa_place_read(text, NULL, &first)) {
        check(&first);
        if (line != NULL && httpa_place_read(line, &first, &second)) {
            check(&second);
        }
    }
    free(text);
    return 0;
}
