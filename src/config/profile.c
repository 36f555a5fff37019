/* `accept`: profiles and their measurement sets. */
#include "config/policy.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The longest list of names a profile can have, with room. */
#define NAMES_MAX 24u

static enum httpa_err read_dates(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at,
                                 int64_t *not_before_s, int64_t *not_after_s)
{
    struct httpa_config_at child;
    enum httpa_err err = HTTPA_OK;
    if (httpa_config_find(at, "not_before", &child)) {
        err = httpa_config_time(doc, &child, not_before_s);
    }
    if (err == HTTPA_OK && httpa_config_find(at, "not_after", &child)) {
        err = httpa_config_time(doc, &child, not_after_s);
        if (err == HTTPA_OK && *not_after_s < *not_before_s) {
            err = httpa_config_fail(doc, &child, "is before \"not_before\"");
        }
    }
    return err;
}

static enum httpa_err read_note(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at)
{
    struct httpa_config_at child;
    return httpa_config_find(at, "note", &child)
               ? httpa_config_note(doc, &child, NULL)
               : HTTPA_OK;
}

static enum httpa_err read_set(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at,
                               const struct httpa_config_type *type,
                               struct httpa_set *set)
{
    struct httpa_config_at child;
    if (!json_is_object(at->value)) {
        return httpa_config_fail(doc, at, "must be an object");
    }
    enum httpa_err err = read_note(doc, at);
    if (err == HTTPA_OK && httpa_config_find(at, "name", &child)) {
        err = httpa_config_text(doc, &child, &set->name);
    }
    if (err == HTTPA_OK) {
        err = read_dates(doc, at, &set->not_before_s, &set->not_after_s);
    }
    return err == HTTPA_OK ? type->read_references(doc, at, set) : err;
}

static enum httpa_err read_sets(struct httpa_config_doc *doc,
                                const struct httpa_config_at *profile_at,
                                const struct httpa_config_type *type,
                                struct httpa_profile *profile)
{
    struct httpa_config_at at;
    if (!httpa_config_find(profile_at, "measurements", &at)) {
        return httpa_config_fail(doc, profile_at,
                                 "\"measurements\" is missing");
    }
    size_t n = json_array_size(at.value);
    if (type->read_references == NULL) {
        return json_is_array(at.value) && n == 0
                   ? HTTPA_OK
                   : httpa_config_fail(doc, &at,
                                       "must be [] for type %s: a remote "
                                       "verifier judges measurements",
                                       type->name);
    }
    if (!json_is_array(at.value) || n == 0 || n > HTTPA_POLICY_SETS_MAX) {
        return httpa_config_fail(doc, &at, "must be a list of 1 to %u sets",
                                 HTTPA_POLICY_SETS_MAX);
    }
    struct httpa_set *sets =
        httpa_config_alloc(doc->arena, n * sizeof(*sets));
    if (sets == NULL) {
        return httpa_config_no_memory(doc);
    }
    profile->sets = sets;
    for (; profile->set_count < n; profile->set_count++) {
        struct httpa_config_at child =
            httpa_config_nth(&at, profile->set_count);
        enum httpa_err err =
            read_set(doc, &child, type, &sets[profile->set_count]);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    return HTTPA_OK;
}

/* Members of all profiles, then those of the type: the closed list. */
static enum httpa_err check_names(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at,
                                  const struct httpa_config_type *type)
{
    static const char *const common[] = { "name",       "type",
                                          "note",       "not_before",
                                          "not_after",  "measurements",
                                          "with" };
    const char *names[NAMES_MAX];
    size_t count = COUNT(common) - (at->up->key != NULL &&
                                    strcmp(at->up->key, "with") == 0);
    memcpy(names, common, count * sizeof(names[0]));
    for (size_t i = 0; type->settings[i] != NULL; i++) {
        names[count++] = type->settings[i];
    }
    for (size_t i = 0; i < json_object_size(at->value); i++) {
        struct httpa_config_at child = httpa_config_nth(at, i);
        size_t n = 0;
        while (n < count && strcmp(names[n], child.key) != 0) {
            n++;
        }
        if (n < count) {
            continue;
        }
        const char *near = httpa_config_nearest(child.key, names, count);
        return near != NULL
                   ? httpa_config_fail_key(doc, &child,
                                           "unknown member \"%.64s\" for type "
                                           "%s; did you mean \"%s\"?",
                                           child.key, type->name, near)
                   : httpa_config_fail_key(
                         doc, &child, "unknown member \"%.64s\" for type %s",
                         child.key, type->name);
    }
    return HTTPA_OK;
}

static enum httpa_err find_type(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at,
                                const struct httpa_config_type **ret_type)
{
    struct httpa_config_at child;
    if (!json_is_object(at->value)) {
        return httpa_config_fail(doc, at, "must be an object");
    }
    if (!httpa_config_find(at, "type", &child)) {
        return httpa_config_fail(doc, at, "\"type\" is missing");
    }
    return httpa_config_type_find(doc, &child, ret_type);
}

/* Everything of a profile but `with`. */
static enum httpa_err read_alone(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    struct httpa_profile *profile = to;
    const struct httpa_config_type *type;
    struct httpa_config_at child;
    enum httpa_err err = find_type(doc, at, &type);
    if (err == HTTPA_OK) {
        err = check_names(doc, at, type);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    profile->type = type->name;
    if (!httpa_config_find(at, "name", &child)) {
        return httpa_config_fail(doc, at, "\"name\" is missing");
    }
    err = httpa_config_text(doc, &child, &profile->name);
    if (err == HTTPA_OK) {
        err = read_note(doc, at);
    }
    if (err == HTTPA_OK) {
        err = read_dates(doc, at, &profile->not_before_s,
                         &profile->not_after_s);
    }
    if (err == HTTPA_OK) {
        err = read_sets(doc, at, type, profile);
    }
    return err == HTTPA_OK ? type->read_settings(doc, at, profile) : err;
}

enum httpa_err httpa_config_profile(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = {
        read_alone, sizeof(struct httpa_profile), HTTPA_POLICY_PROFILES_MAX
    };
    struct httpa_profile *profile = to;
    struct httpa_config_at child;
    const void *v;
    enum httpa_err err = read_alone(doc, at, profile);
    if (err == HTTPA_OK && httpa_config_find(at, "with", &child)) {
        err = httpa_config_array(doc, &child, &list, &v, &profile->with_count);
        profile->with = err == HTTPA_OK ? v : NULL;
    }
    return err;
}
