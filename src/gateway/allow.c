#include "gateway/allow.h"

#include <string.h>

#include "base/ascii.h"

/* A method, or "*" for each, which is a token too. */
static bool is_method(const char *p, size_t n)
{
    return httpa_ascii_is_token(httpa_slice_of(p, n));
}

bool httpa_allow_fits(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon != NULL && is_method(text, (size_t)(colon - text)) &&
           colon[1] == '/' && strpbrk(colon, " ?#,") == NULL;
}

static struct httpa_slice without_query(struct httpa_slice path)
{
    const void *mark =
        path.n > 0 ? memchr(path.p, '?', path.n) : (const void *)NULL;
    return mark != NULL ? httpa_slice_of(
                              path.p, (size_t)((const uint8_t *)mark - path.p))
                        : path;
}

/* A segment is nothing, begins with a dot, or hides one behind an escape. */
static bool is_plain(struct httpa_slice path)
{
    static const char *const traps[] = { "//",  "/.",  "%2e", "%2E", "%2f",
                                         "%2F", "%5c", "%5C", "\\",  ";" };
    for (size_t t = 0; t < sizeof(traps) / sizeof(traps[0]); t++) {
        if (path.n > 0 &&
            memmem(path.p, path.n, traps[t], strlen(traps[t])) != NULL) {
            return false;
        }
    }
    return true;
}

static bool path_fits(const char *rule, struct httpa_slice path)
{
    size_t n = strlen(rule);
    if (n == 1) {
        return true;
    }
    if (!is_plain(path)) {
        return false;
    }
    return rule[n - 1] == '/' ? httpa_slice_starts(path, rule)
                              : httpa_slice_is(path, rule);
}

static bool rule_fits(const char *rule, const struct httpa_head *head)
{
    const char *colon = strchr(rule, ':');
    struct httpa_slice method = httpa_slice_of(rule, (size_t)(colon - rule));
    if (!httpa_slice_is(method, "*") &&
        !httpa_slice_equal(method, head->method)) {
        return false;
    }
    return path_fits(colon + 1, without_query(head->path));
}

bool httpa_allow_match(const struct httpa_settings_list *rules,
                       const struct httpa_head *head)
{
    for (size_t i = 0; i < rules->n; i++) {
        if (rule_fits(rules->v[i], head)) {
            return true;
        }
    }
    return false;
}
