/* What sets and profiles of each type may have (doc/policy.md, "Types"). */
#include "config/policy.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

bool httpa_config_is_common(const char *key)
{
    static const char *const names[] = { "name", "note", "not_before",
                                         "not_after" };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(key, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum httpa_err httpa_config_set_room(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *set_at,
                                     struct httpa_set *set,
                                     struct httpa_reference **ret_room)
{
    if (json_object_size(set_at->value) > HTTPA_POLICY_REFERENCES_MAX) {
        return httpa_config_fail(doc, set_at, "has too many members");
    }
    *ret_room = httpa_config_alloc(
        doc->arena, (json_object_size(set_at->value) + 1) * sizeof(**ret_room));
    set->references = *ret_room;
    return *ret_room != NULL ? HTTPA_OK : httpa_config_no_memory(doc);
}

bool httpa_config_is_any(const json_t *value)
{
    return json_is_string(value) &&
           strcmp(json_string_value(value), "any") == 0;
}

/* A register of |len| bytes, or "any"; |what| says why so many. */
static enum httpa_err read_register(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at,
                                    size_t len, const char *what,
                                    struct httpa_reference *ref)
{
    struct httpa_slice bytes;
    if (httpa_config_is_any(at->value)) {
        ref->kind = HTTPA_REFERENCE_ANY;
        return HTTPA_OK;
    }
    enum httpa_err err = httpa_config_hex(doc, at, &bytes);
    if (err == HTTPA_OK && bytes.n != len) {
        err = httpa_config_fail(doc, at,
                                "must be %zu hex digits (%s) or \"any\", "
                                "has %zu",
                                2 * len, what, 2 * bytes.n);
    }
    ref->value = httpa_value_bytes(bytes);
    return err;
}

static enum httpa_err unknown_pcr(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at)
{
    static const char *const names[] = { "name", "note", "not_before",
                                         "not_after", "bank" };
    const char *near = httpa_config_nearest(at->key, names, COUNT(names));
    if (near == NULL) {
        return httpa_config_fail_key(doc, at,
                                     "unknown member \"%.64s\"; registers are "
                                     "pcr0 to pcr23",
                                     at->key);
    }
    return httpa_config_fail_key(
        doc, at, "unknown member \"%.64s\"; did you mean \"%s\"?", at->key,
        near);
}

/* -------------------------------------------------------------------- tpm */

struct bank {
    const char *name;
    size_t len;
    const char *what;
};
static const struct bank banks[] = { { "sha256", 32, "bank sha256" },
                                     { "sha384", 48, "bank sha384" } };

#define PCR_COUNT 24u

static enum httpa_err find_bank(struct httpa_config_doc *doc,
                                const struct httpa_config_at *set_at,
                                const struct bank **ret_bank)
{
    static const char *const words[] = { "sha256", "sha384", NULL };
    struct httpa_config_at at;
    size_t i;
    if (!httpa_config_find(set_at, "bank", &at)) {
        return httpa_config_fail(doc, set_at, "\"bank\" is missing");
    }
    enum httpa_err err = httpa_config_word(doc, &at, words, &i);
    if (err == HTTPA_OK) {
        *ret_bank = &banks[i];
    }
    return err;
}

/* "pcr0" to "pcr23", without leading zeros. */
static bool is_pcr(const char *key)
{
    char name[8];
    for (unsigned i = 0; i < PCR_COUNT; i++) {
        (void)snprintf(name, sizeof(name), "pcr%u", i);
        if (strcmp(key, name) == 0) {
            return true;
        }
    }
    return false;
}

static enum httpa_err read_pcr(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at,
                               const struct bank *bank,
                               struct httpa_reference *ref)
{
    char *name = httpa_config_alloc(doc->arena, 16);
    if (name == NULL) {
        return httpa_config_no_memory(doc);
    }
    (void)snprintf(name, 16, "%s.%s", bank->name, at->key);
    ref->name = name;
    return read_register(doc, at, bank->len, bank->what, ref);
}

static enum httpa_err read_tpm_references(struct httpa_config_doc *doc,
                                          const struct httpa_config_at *set_at,
                                          struct httpa_set *set)
{
    struct httpa_reference *room;
    const struct bank *bank = NULL;
    enum httpa_err err = find_bank(doc, set_at, &bank);
    if (err == HTTPA_OK) {
        err = httpa_config_set_room(doc, set_at, set, &room);
    }
    for (size_t i = 0; err == HTTPA_OK && i < json_object_size(set_at->value);
         i++) {
        struct httpa_config_at at = httpa_config_nth(set_at, i);
        if (httpa_config_is_common(at.key) || strcmp(at.key, "bank") == 0) {
            continue;
        }
        err = is_pcr(at.key)
                  ? read_pcr(doc, &at, bank, &room[set->reference_count])
                  : unknown_pcr(doc, &at);
        set->reference_count++;
    }
    return err;
}

/* An AK Name is a hash algorithm and its digest (TPM 2.0 Part 1, 16). */
static enum httpa_err read_name(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    struct httpa_slice *name = to;
    enum httpa_err err = httpa_config_hex(doc, at, name);
    if (err == HTTPA_OK && name->n != 2 + 32 && name->n != 2 + 48 &&
        name->n != 2 + 64) {
        err = httpa_config_fail(doc, at,
                                "must be a Name of 68, 100 or 132 hex digits, "
                                "has %zu",
                                2 * name->n);
    }
    return err;
}

static enum httpa_err read_names(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { read_name,
                                                   sizeof(struct httpa_slice),
                                                   64 };
    struct httpa_tpm_policy *tpm = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &tpm->name_count);
    if (err == HTTPA_OK) {
        tpm->names = v;
    }
    return err;
}

static enum httpa_err read_trust(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "pinned", "ek", "chain", NULL };
    static const enum httpa_ak_trust trusts[] = { HTTPA_AK_PINNED, HTTPA_AK_EK,
                                                  HTTPA_AK_CHAIN };
    struct httpa_tpm_policy *tpm = to;
    size_t i;
    enum httpa_err err = httpa_config_word(doc, at, words, &i);
    if (err == HTTPA_OK) {
        tpm->trust = trusts[i];
    }
    return err;
}

/* In `with` of a profile via azure, whose report names the key. */
static bool is_named_by_hardware(const struct httpa_config_at *ak_at)
{
    struct httpa_config_at via;
    const struct httpa_config_at *with = ak_at->up->up;
    const char *word = with->key != NULL && strcmp(with->key, "with") == 0 &&
                               httpa_config_find(with->up, "via", &via)
                           ? json_string_value(via.value)
                           : NULL;
    return word != NULL && strcmp(word, "azure") == 0;
}

/* Each kind of trust has one member beside it, and no other. */
static enum httpa_err read_ak(struct httpa_config_doc *doc,
                              const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "trust", read_trust, 0, HTTPA_CONFIG_MANDATORY },
        { "names", read_names, 0, HTTPA_CONFIG_OPTIONAL },
        { "ek_roots", httpa_config_tpm_roots, 0, HTTPA_CONFIG_OPTIONAL },
        { "ak_roots", httpa_config_tpm_roots, 0, HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    static const struct {
        const char *trust;
        const char *member;
    } pairs[] = { [HTTPA_AK_PINNED] = { "pinned", "names" },
                  [HTTPA_AK_EK] = { "ek", "ek_roots" },
                  [HTTPA_AK_CHAIN] = { "chain", "ak_roots" } };
    struct httpa_tpm_policy *tpm = to;
    struct httpa_config_at child;
    enum httpa_err err =
        httpa_config_object(doc, at, members, COUNT(members), tpm);
    bool hardware = err == HTTPA_OK && tpm->trust == HTTPA_AK_PINNED &&
                    tpm->names == NULL && is_named_by_hardware(at);
    for (size_t i = 1; err == HTTPA_OK && i < COUNT(pairs); i++) {
        bool there = httpa_config_find(at, pairs[i].member, &child);
        if (i == tpm->trust && !there && !hardware) {
            err = httpa_config_fail(doc, at, "trust \"%s\" needs \"%s\"",
                                    pairs[i].trust, pairs[i].member);
        } else if (i != tpm->trust && there) {
            err = httpa_config_fail_key(
                doc, &child, "trust \"%s\" does not look at \"%s\"",
                pairs[tpm->trust].trust, pairs[i].member);
        }
    }
    tpm->trust = hardware ? HTTPA_AK_HARDWARE : tpm->trust;
    return err;
}

static enum httpa_err read_event_log(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "ignore", "replay", NULL };
    size_t i;
    enum httpa_err err = httpa_config_word(doc, at, words, &i);
    if (err == HTTPA_OK) {
        ((struct httpa_tpm_policy *)to)->replay_event_log = i == 1;
    }
    return err;
}

static enum httpa_err read_boot(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "secure_boot", httpa_config_bool,
          offsetof(struct httpa_tpm_policy, secure_boot),
          HTTPA_CONFIG_MANDATORY },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

static enum httpa_err read_tpm_settings(struct httpa_config_doc *doc,
                                        const struct httpa_config_at *at,
                                        struct httpa_profile *profile)
{
    static const struct {
        const char *name;
        httpa_config_read_fn read;
    } rows[] = { { "ak", read_ak },
                 { "event_log", read_event_log },
                 { "boot", read_boot } };
    struct httpa_config_at child;
    struct httpa_tpm_policy *tpm = httpa_config_alloc(doc->arena, sizeof(*tpm));
    if (tpm == NULL) {
        return httpa_config_no_memory(doc);
    }
    tpm->no_reset_since_base = true;
    profile->tpm = tpm;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool there = httpa_config_find(at, rows[i].name, &child);
        enum httpa_err err = there ? rows[i].read(doc, &child, tpm) : HTTPA_OK;
        if (err != HTTPA_OK) {
            return err;
        }
    }
    if (tpm->trust == HTTPA_AK_UNSET) {
        return httpa_config_fail(doc, at, "\"ak\" is missing");
    }
    if (httpa_config_find(at, "boot", &child) && !tpm->replay_event_log) {
        return httpa_config_fail_key(doc, &child,
                                     "\"boot\" needs \"event_log\": "
                                     "\"replay\"");
    }
    if (httpa_config_find(at, "no_reset_since_base", &child)) {
        return httpa_config_bool(doc, &child, &tpm->no_reset_since_base);
    }
    return HTTPA_OK;
}

/* -------------------------------------------------------------------- dev */

static enum httpa_err read_claim(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at,
                                 struct httpa_reference *ref)
{
    enum httpa_err err = HTTPA_OK;
    struct httpa_slice text;
    struct httpa_config_at name_at = *at;
    json_t *name = json_string(at->key);
    name_at.value = name;
    err = httpa_config_text(doc, &name_at, &ref->name);
    json_decref(name);
    if (err != HTTPA_OK || httpa_config_is_any(at->value)) {
        ref->kind = HTTPA_REFERENCE_ANY;
    } else if (json_is_integer(at->value)) {
        ref->value = httpa_value_integer(json_integer_value(at->value));
    } else if (json_is_boolean(at->value)) {
        ref->value = httpa_value_boolean(json_is_true(at->value));
    } else {
        err = httpa_config_slice(doc, at, &text);
        ref->value = httpa_value_text(text);
    }
    return err;
}

static enum httpa_err read_dev_references(struct httpa_config_doc *doc,
                                          const struct httpa_config_at *set_at,
                                          struct httpa_set *set)
{
    struct httpa_reference *room;
    enum httpa_err err = httpa_config_set_room(doc, set_at, set, &room);
    for (size_t i = 0; err == HTTPA_OK && i < json_object_size(set_at->value);
         i++) {
        struct httpa_config_at at = httpa_config_nth(set_at, i);
        if (!httpa_config_is_common(at.key)) {
            err = read_claim(doc, &at, &room[set->reference_count++]);
        }
    }
    return err;
}

static enum httpa_err read_dev_settings(struct httpa_config_doc *doc,
                                        const struct httpa_config_at *at,
                                        struct httpa_profile *profile)
{
    struct httpa_config_at child;
    struct httpa_dev_policy *dev = httpa_config_alloc(doc->arena, sizeof(*dev));
    if (dev == NULL) {
        return httpa_config_no_memory(doc);
    }
    profile->dev = dev;
    if (!httpa_config_find(at, "root_key", &child)) {
        return httpa_config_fail(doc, at, "\"root_key\" is missing");
    }
    return httpa_config_public_key(doc, &child, &dev->root_spki);
}

/* ------------------------------------------------------------------ nitro */

static const struct httpa_config_register nitro_pcrs[] = {
    { .key = "pcr0", .bytes = 48, .mentioned = true },
    { .key = "pcr1", .bytes = 48, .mentioned = true },
    { .key = "pcr2", .bytes = 48, .mentioned = true },
    { .key = "pcr3", .bytes = 48 },
    { .key = "pcr4", .bytes = 48 },
    { .key = "pcr8", .bytes = 48 },
};

static enum httpa_err
read_nitro_references(struct httpa_config_doc *doc,
                      const struct httpa_config_at *set_at,
                      struct httpa_set *set)
{
    return httpa_config_registers(doc, set_at, nitro_pcrs, COUNT(nitro_pcrs),
                                  set);
}

static enum httpa_err read_nitro_settings(struct httpa_config_doc *doc,
                                          const struct httpa_config_at *at,
                                          struct httpa_profile *profile)
{
    struct httpa_config_at child;
    struct httpa_nitro_policy *nitro =
        httpa_config_alloc(doc->arena, sizeof(*nitro));
    if (nitro == NULL) {
        return httpa_config_no_memory(doc);
    }
    nitro->max_age_s = HTTPA_NITRO_MAX_AGE_S;
    profile->nitro = nitro;
    return httpa_config_find(at, "max_age", &child)
               ? httpa_config_duration(doc, &child, &nitro->max_age_s)
               : HTTPA_OK;
}

/* ------------------------------------------------------------------ types */

static const char *const tpm_settings[] = { "ak", "event_log", "boot",
                                            "no_reset_since_base", NULL };
static const char *const dev_settings[] = { "root_key", NULL };
static const char *const nitro_settings[] = { "max_age", NULL };

static const struct httpa_config_type types[] = {
    { "tpm", read_tpm_references, read_tpm_settings, tpm_settings },
    { "dev", read_dev_references, read_dev_settings, dev_settings },
    { "nitro", read_nitro_references, read_nitro_settings, nitro_settings },
    { "sev-snp", httpa_config_snp_references, httpa_config_snp_settings,
      httpa_config_snp_members },
    { "tdx", httpa_config_tdx_references, httpa_config_tdx_settings,
      httpa_config_tdx_members },
    { "sgx", httpa_config_sgx_references, httpa_config_sgx_settings,
      httpa_config_sgx_members },
    { "cca", httpa_config_cca_references, httpa_config_cca_settings,
      httpa_config_cca_members },
    { "ear", NULL, httpa_config_ear_settings, httpa_config_ear_members },
};

enum httpa_err httpa_config_type_find(struct httpa_config_doc *doc,
                                      const struct httpa_config_at *at,
                                      const struct httpa_config_type **ret_type)
{
    const char *words[COUNT(types) + 1] = { NULL };
    size_t i;
    for (size_t n = 0; n < COUNT(types); n++) {
        words[n] = types[n].name;
    }
    enum httpa_err err = httpa_config_word(doc, at, words, &i);
    if (err == HTTPA_OK) {
        *ret_type = &types[i];
    }
    return err;
}
