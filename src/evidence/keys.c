/* Keys that a policy names since no program builds them in. */
#include "evidence/appraise.h"

#include <string.h>

/* Types have one limit each, in public, and one room here. */
_Static_assert(HTTPA_POLICY_KEYS_MAX == HTTPA_EAR_KEYS_MAX &&
                   HTTPA_POLICY_KEYS_MAX == HTTPA_CCA_KEYS_MAX,
               "one room for the keys of a type");

struct list {
    const struct httpa_slice *v;
    size_t n;
};

static struct list
keys_of(const struct httpa_profile *profile, const char *type)
{
    if (strcmp(type, "ear") == 0 && profile->ear != NULL) {
        return (struct list){ profile->ear->keys, profile->ear->key_count };
    }
    if (strcmp(type, "cca") == 0 && profile->cca != NULL) {
        return (struct list){ profile->cca->cpaks, profile->cca->cpak_count };
    }
    return (struct list){ NULL, 0 };
}

static bool
is_in(struct httpa_slice key, const struct httpa_slice *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (httpa_slice_equal(key, keys[i])) {
            return true;
        }
    }
    return false;
}

/* Adds those of |profile| that are new: profiles of one maker's platforms name
 * the same ones. */
static size_t add(const struct httpa_profile *profile, const char *type,
                  struct httpa_slice *keys, size_t n)
{
    struct list more = keys_of(profile, type);
    if (more.n > HTTPA_POLICY_KEYS_MAX || n > HTTPA_POLICY_KEYS_MAX) {
        return HTTPA_POLICY_KEYS_MAX + 1;
    }
    for (size_t i = 0; i < more.n; i++) {
        if (is_in(more.v[i], keys, n)) {
            continue;
        }
        if (n == HTTPA_POLICY_KEYS_MAX) {
            return HTTPA_POLICY_KEYS_MAX + 1;
        }
        keys[n++] = more.v[i];
    }
    return n;
}

size_t httpa_policy_keys(const struct httpa_policy *policy, const char *type,
                         struct httpa_slice keys[HTTPA_POLICY_KEYS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; policy != NULL && i < policy->accept_count; i++) {
        const struct httpa_profile *p = &policy->accept[i];
        n = add(p, type, keys, n);
        for (size_t k = 0; k < p->with_count; k++) {
            n = add(&p->with[k], type, keys, n);
        }
    }
    return n;
}
