/* Who vouches for the keys of TPMs: files, and what is built in. */
#include "config/policy.h"

#include <stdio.h>
#include <string.h>

#define BUILTIN "builtin:"

/* Public keys that one list may bring: more than are built in. */
#define KEYS_MAX 16u

struct roots {
    struct httpa_slice *certificates;
    size_t certificate_n;
    struct httpa_slice *keys;
    size_t key_n;
    bool of_eks;
};

/* "builtin:gce, builtin:azure" */
static void
list_names(const struct roots *r, char *text, size_t size)
{
    size_t count = 0;
    size_t at = 0;
    const struct httpa_tpm_builtin *all = httpa_tpm_builtins(&count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].of_eks || !r->of_eks) {
            int n = snprintf(text + at, size - at, "%s" BUILTIN "%s",
                             at > 0 ? ", " : "", all[i].name);
            at += n > 0 && (size_t)n < size - at ? (size_t)n : 0;
        }
    }
}

static enum httpa_err read_builtin(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at,
                                   struct roots *r)
{
    const char *name = json_string_value(at->value);
    char known[128] = "";
    size_t count = 0;
    const struct httpa_tpm_builtin *all = httpa_tpm_builtins(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name + strlen(BUILTIN), all[i].name) != 0 ||
            (r->of_eks && !all[i].of_eks) ||
            all[i].key_count > KEYS_MAX - r->key_n) {
            continue;
        }
        memcpy(&r->keys[r->key_n], all[i].keys,
               all[i].key_count * sizeof(all[i].keys[0]));
        r->key_n += all[i].key_count;
        return HTTPA_OK;
    }
    list_names(r, known, sizeof(known));
    return httpa_config_fail(doc, at,
                             "no such root is built in, of these keys: %.64s; "
                             "there is %s; or name a file",
                             name, known);
}

static enum httpa_err read_one(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at,
                               struct roots *r)
{
    const char *name = json_string_value(at->value);
    if (name != NULL && strncmp(name, BUILTIN, strlen(BUILTIN)) == 0) {
        return read_builtin(doc, at, r);
    }
    return httpa_config_certificate_file(doc, at, r->certificates,
                                         &r->certificate_n);
}

enum httpa_err httpa_config_tpm_roots(struct httpa_config_doc *doc,
                                      const struct httpa_config_at *at,
                                      void *to)
{
    struct httpa_tpm_policy *tpm = to;
    struct roots r = { .of_eks = strcmp(at->key, "ek_roots") == 0 };
    r.certificates =
        httpa_config_alloc(doc->arena, HTTPA_CONFIG_CERTIFICATES_MAX *
                                           sizeof(*r.certificates));
    r.keys = httpa_config_alloc(doc->arena, KEYS_MAX * sizeof(*r.keys));
    if (r.certificates == NULL || r.keys == NULL) {
        return httpa_config_no_memory(doc);
    }
    if (!json_is_array(at->value) || json_array_size(at->value) == 0) {
        return httpa_config_fail(doc, at,
                                 "must be a list of files and built-in roots, "
                                 "not empty");
    }
    for (size_t i = 0; i < json_array_size(at->value); i++) {
        struct httpa_config_at child = httpa_config_nth(at, i);
        enum httpa_err err = read_one(doc, &child, &r);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    tpm->roots = r.certificates;
    tpm->root_count = r.certificate_n;
    tpm->root_keys = r.keys;
    tpm->root_key_count = r.key_n;
    return HTTPA_OK;
}
