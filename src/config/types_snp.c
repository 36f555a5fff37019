/* Profiles and sets of type "sev-snp" (doc/policy.md, "Type sev-snp"). */
#include "config/policy.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define FLOORS_MAX 8u
#define CHIPS_MAX 1024u
#define CHIP_BYTES 64u

/* ------------------------------------------------------------------- sets */

static const struct httpa_config_register registers[] = {
    { .key = "measurement", .bytes = 48, .mentioned = true },
    { .key = "host_data", .bytes = 32, .mentioned = true },
    { .key = "id_key_digest", .bytes = 48 },
    { .key = "author_key_digest", .bytes = 48 },
    { .key = "family_id", .bytes = 16 },
    { .key = "image_id", .bytes = 16 },
    { .key = "guest_svn_min", .claim = "guest_svn", .at_least = true },
};

enum httpa_err httpa_config_snp_references(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *set_at,
                                           struct httpa_set *set)
{
    return httpa_config_registers(doc, set_at, registers, COUNT(registers),
                                  set);
}

/* -------------------------------------------------------------- min_tcb */

static const char *const products[] = { "milan", "genoa", "bergamo",
                                        "siena", "turin", NULL };

/* Siena is Bergamo's silicon, and reports do not tell them apart. */
static const char *product_of(size_t word)
{
    return strcmp(products[word], "siena") == 0 ? "bergamo" : products[word];
}

static enum httpa_err read_product(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at,
                                   struct httpa_snp_floor *floor)
{
    struct httpa_config_at name_at = *at;
    json_t *name = json_string(at->key);
    size_t word = 0;
    name_at.value = name;
    enum httpa_err err = httpa_config_word(doc, &name_at, products, &word);
    json_decref(name);
    floor->product = product_of(word);
    return err;
}

static enum httpa_err read_floor(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at,
                                 struct httpa_snp_floor *floor)
{
#define PART(name, need)                                                       \
    {                                                                          \
#name, httpa_config_u8, offsetof(struct httpa_snp_floor, name),                \
            HTTPA_CONFIG_##need                                                \
    }
    static const struct httpa_config_member parts[] = {
        PART(boot_loader, MANDATORY), PART(tee, MANDATORY),
        PART(snp, MANDATORY),         PART(microcode, MANDATORY),
        PART(fmc, OPTIONAL),
    };
#undef PART
    enum httpa_err err = read_product(doc, at, floor);
    if (err == HTTPA_OK) {
        err = httpa_config_object(doc, at, parts, COUNT(parts), floor);
    }
    bool turin = err == HTTPA_OK && strcmp(floor->product, "turin") == 0;
    struct httpa_config_at child;
    if (err == HTTPA_OK && turin != httpa_config_find(at, "fmc", &child)) {
        err = httpa_config_fail(
            doc, at, turin ? "\"fmc\" is missing" : "only turin has \"fmc\"");
    }
    return err;
}

static enum httpa_err read_min_tcb(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    struct httpa_snp_policy *snp = to;
    size_t n = json_object_size(at->value);
    if (!json_is_object(at->value) || n == 0 || n > FLOORS_MAX) {
        return httpa_config_fail(doc, at,
                                 "must be an object with a member for each "
                                 "product that is accepted");
    }
    struct httpa_snp_floor *v = httpa_config_alloc(doc->arena, n * sizeof(*v));
    if (v == NULL) {
        return httpa_config_no_memory(doc);
    }
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; i < n && err == HTTPA_OK; i++) {
        struct httpa_config_at child = httpa_config_nth(at, i);
        err = read_floor(doc, &child, &v[i]);
    }
    snp->floors = v;
    snp->floor_count = n;
    return err;
}

/* --------------------------------------------------------------- members */

static enum httpa_err read_signer(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "vcek", "vlek", NULL };
    return httpa_config_word(doc, at, words, to);
}

static enum httpa_err read_signed_by(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { read_signer, sizeof(size_t),
                                                   2 };
    struct httpa_snp_policy *snp = to;
    const void *v;
    size_t n = 0;
    enum httpa_err err = httpa_config_array(doc, at, &list, &v, &n);
    snp->vcek = false;
    for (size_t i = 0; i < n && err == HTTPA_OK; i++) {
        snp->vcek = snp->vcek || ((const size_t *)v)[i] == 0;
        snp->vlek = snp->vlek || ((const size_t *)v)[i] == 1;
    }
    return err;
}

static enum httpa_err read_vmpl(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { httpa_config_u8, 1, 4 };
    struct httpa_snp_policy *snp = to;
    const void *v;
    size_t n = 0;
    enum httpa_err err = httpa_config_array(doc, at, &list, &v, &n);
    for (size_t i = 0; i < n && err == HTTPA_OK; i++) {
        unsigned level = ((const uint8_t *)v)[i];
        if (level > 3) {
            return httpa_config_fail(doc, at, "levels are 0 to 3");
        }
        snp->vmpls = (uint8_t)(snp->vmpls | 1u << level);
    }
    return err;
}

/* enum httpa_demand: true, false or "any" */
static enum httpa_err read_demand(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    enum httpa_demand *demand = to;
    if (!httpa_config_is_any(at->value) && !json_is_boolean(at->value)) {
        return httpa_config_fail(doc, at, "must be true, false or \"any\"");
    }
    *demand = httpa_config_is_any(at->value) ? HTTPA_DEMAND_ANY
              : json_is_true(at->value)      ? HTTPA_DEMAND_TRUE
                                             : HTTPA_DEMAND_FALSE;
    return HTTPA_OK;
}

/* "1.55" */
static enum httpa_err read_abi(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at, void *to)
{
    struct httpa_snp_policy *snp = to;
    unsigned major;
    unsigned minor;
    char rest;
    const char *text = json_string_value(at->value);
    if (text == NULL || sscanf(text, "%3u.%3u%c", &major, &minor, &rest) != 2 ||
        major > UINT8_MAX || minor > UINT8_MAX) {
        return httpa_config_fail(doc, at, "must be a version like \"1.55\"");
    }
    snp->abi_major = (uint8_t)major;
    snp->abi_minor = (uint8_t)minor;
    return HTTPA_OK;
}

enum httpa_err httpa_config_via(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "direct", "azure", NULL };
    size_t i;
    enum httpa_err err = httpa_config_word(doc, at, words, &i);
    if (err == HTTPA_OK) {
        *(enum httpa_via *)to = i == 1 ? HTTPA_VIA_AZURE : HTTPA_VIA_DIRECT;
    }
    return err;
}

#define AT(member) offsetof(struct httpa_snp_policy, member)

static enum httpa_err read_guest_policy(struct httpa_config_doc *doc,
                                        const struct httpa_config_at *at,
                                        void *to)
{
    static const struct httpa_config_member members[] = {
        { "migration_agent", httpa_config_bool, AT(migration_agent),
          HTTPA_CONFIG_OPTIONAL },
        { "smt", read_demand, AT(smt), HTTPA_CONFIG_OPTIONAL },
        { "single_socket", read_demand, AT(single_socket),
          HTTPA_CONFIG_OPTIONAL },
        { "abi_min", read_abi, 0, HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

static enum httpa_err read_platform_info(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         void *to)
{
    static const struct httpa_config_member members[] = {
        { "alias_check", read_demand, AT(alias_check), HTTPA_CONFIG_OPTIONAL },
        { "ecc", read_demand, AT(ecc), HTTPA_CONFIG_OPTIONAL },
        { "tsme", read_demand, AT(tsme), HTTPA_CONFIG_OPTIONAL },
        { "ciphertext_hiding", read_demand, AT(ciphertext_hiding),
          HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

static enum httpa_err read_chip(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    enum httpa_err err = httpa_config_hex(doc, at, to);
    return err == HTTPA_OK && ((struct httpa_slice *)to)->n != CHIP_BYTES
               ? httpa_config_fail(doc, at,
                                   "must be a CHIP_ID of 128 hex "
                                   "digits")
               : err;
}

static enum httpa_err read_chips(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { read_chip,
                                                   sizeof(struct httpa_slice),
                                                   CHIPS_MAX };
    struct httpa_snp_policy *snp = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &snp->chip_count);
    snp->chips = err == HTTPA_OK ? v : NULL;
    return err;
}

static enum httpa_err read_crl(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "optional", "required", NULL };
    struct httpa_snp_policy *snp = to;
    size_t i;
    enum httpa_err err = httpa_config_word(doc, at, words, &i);
    if (err == HTTPA_OK) {
        snp->crl = i == 1;
    }
    return err;
}

static const struct httpa_config_setting settings[] = {
    { "via", httpa_config_via, AT(via) },
    { "min_tcb", read_min_tcb, 0 },
    { "signed_by", read_signed_by, 0 },
    { "csp_id", httpa_config_text, AT(csp_id) },
    { "vmpl", read_vmpl, 0 },
    { "guest_policy", read_guest_policy, 0 },
    { "platform_info", read_platform_info, 0 },
    { "chips", read_chips, 0 },
    { "provisional_firmware", httpa_config_bool, AT(provisional_firmware) },
    { "crl", read_crl, 0 },
};

const char *const httpa_config_snp_members[] = { "via",
                                                 "min_tcb",
                                                 "signed_by",
                                                 "csp_id",
                                                 "vmpl",
                                                 "guest_policy",
                                                 "platform_info",
                                                 "chips",
                                                 "provisional_firmware",
                                                 "crl",
                                                 NULL };

enum httpa_err httpa_config_snp_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile)
{
    struct httpa_snp_policy *snp = httpa_config_alloc(doc->arena, sizeof(*snp));
    if (snp == NULL) {
        return httpa_config_no_memory(doc);
    }
    snp->vcek = true;
    profile->snp = snp;
    enum httpa_err err =
        httpa_config_settings(doc, at, settings, COUNT(settings), snp);
    if (err != HTTPA_OK) {
        return err;
    }
    if (snp->floors == NULL) {
        return httpa_config_fail(doc, at, "\"min_tcb\" is missing");
    }
    if (snp->vlek != (snp->csp_id != NULL)) {
        return httpa_config_fail(doc, at,
                                 "\"vlek\" in \"signed_by\" and \"csp_id\" go "
                                 "together");
    }
    return HTTPA_OK;
}
