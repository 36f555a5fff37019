/* Profiles and sets of type "cca" (doc/policy.md 3.13). */
#include "config/policy.h"

#include <string.h>

#include "codec/version.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define KEYS_MAX 16u
#define IDS_MAX 256u
#define COMPONENTS_MAX 32u /* a token has no more */
#define IMPLEMENTATION_BYTES 32u
#define INSTANCE_BYTES 33u

/* ------------------------------------------------------------------- sets */

static const struct httpa_config_register registers[] = {
    { .key = "rim", .digest = true, .mentioned = true },
    { .key = "rem0", .digest = true },
    { .key = "rem1", .digest = true },
    { .key = "rem2", .digest = true },
    { .key = "rem3", .digest = true },
    { .key = "personalization_value", .bytes = 64 },
};

enum httpa_err httpa_config_cca_references(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *set_at,
                                           struct httpa_set *set)
{
    return httpa_config_registers(doc, set_at, registers, COUNT(registers),
                                  set);
}

/* -------------------------------------------------------------- components */

/* struct httpa_slice */
static enum httpa_err read_digest(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    struct httpa_slice *bytes = to;
    enum httpa_err err = httpa_config_hex(doc, at, bytes);
    return err == HTTPA_OK && bytes->n != 32 && bytes->n != 48 &&
                   bytes->n != 64
               ? httpa_config_fail(doc, at,
                                   "must be 64, 96 or 128 hex digits, has %zu",
                                   2 * bytes->n)
               : err;
}

/* const char * */
static enum httpa_err read_version(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    struct httpa_version version;
    const char **text = to;
    enum httpa_err err = httpa_config_text(doc, at, text);
    return err == HTTPA_OK && httpa_version_read(httpa_slice_str(*text),
                                                 &version) != HTTPA_OK
               ? httpa_config_fail(doc, at,
                                   "must be numbers with dots between, as in "
                                   "\"1.0.0\"")
               : err;
}

#define OF(member) offsetof(struct httpa_cca_demand, member)

/* struct httpa_cca_demand */
static enum httpa_err read_component(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "type", httpa_config_text, OF(type), HTTPA_CONFIG_MANDATORY },
        { "signer_id", read_digest, OF(signer_id), HTTPA_CONFIG_MANDATORY },
        { "measurement", read_digest, OF(measurement), HTTPA_CONFIG_OPTIONAL },
        { "version_min", read_version, OF(version_min),
          HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    const struct httpa_cca_demand *demand = to;
    enum httpa_err err =
        httpa_config_object(doc, at, members, COUNT(members), to);
    return err == HTTPA_OK && demand->measurement.n == 0 &&
                   demand->version_min == NULL
               ? httpa_config_fail(doc, at,
                                   "needs \"measurement\" or \"version_min\"")
               : err;
}

static enum httpa_err read_components(struct httpa_config_doc *doc,
                                      const struct httpa_config_at *at,
                                      void *to)
{
    static const struct httpa_config_list list = {
        read_component, sizeof(struct httpa_cca_demand), COMPONENTS_MAX
    };
    struct httpa_cca_policy *cca = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &cca->component_count);
    cca->components = err == HTTPA_OK ? v : NULL;
    return err;
}

/* ---------------------------------------------------------------- platform */

static enum httpa_err read_id(struct httpa_config_doc *doc,
                              const struct httpa_config_at *at, size_t len,
                              struct httpa_slice *id)
{
    enum httpa_err err = httpa_config_hex(doc, at, id);
    return err == HTTPA_OK && id->n != len
               ? httpa_config_fail(doc, at, "must be %zu hex digits, has %zu",
                                   2 * len, 2 * id->n)
               : err;
}

static enum httpa_err read_implementation(struct httpa_config_doc *doc,
                                          const struct httpa_config_at *at,
                                          void *to)
{
    return read_id(doc, at, IMPLEMENTATION_BYTES, to);
}

static enum httpa_err read_instance(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    return read_id(doc, at, INSTANCE_BYTES, to);
}

static enum httpa_err read_implementations(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *at,
                                           void *to)
{
    static const struct httpa_config_list list = {
        read_implementation, sizeof(struct httpa_slice), IDS_MAX
    };
    struct httpa_cca_policy *cca = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &cca->implementation_id_count);
    cca->implementation_ids = err == HTTPA_OK ? v : NULL;
    return err;
}

static enum httpa_err read_instances(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { read_instance,
                                                   sizeof(struct httpa_slice),
                                                   IDS_MAX };
    struct httpa_cca_policy *cca = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &cca->instance_id_count);
    cca->instance_ids = err == HTTPA_OK ? v : NULL;
    return err;
}

/* There is one word, and it is what is asked without it. */
static enum httpa_err read_state(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    (void)to;
    return json_is_string(at->value) &&
                   strcmp(json_string_value(at->value), "secured") == 0
               ? HTTPA_OK
               : httpa_config_fail(doc, at,
                                   "must be \"secured\": a platform in any "
                                   "other state is never accepted");
}

static enum httpa_err read_lifecycle(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { read_state, 1, 1 };
    const void *v;
    size_t n;
    (void)to;
    return httpa_config_array(doc, at, &list, &v, &n);
}

static enum httpa_err read_platform(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "implementation_ids", read_implementations, 0,
          HTTPA_CONFIG_MANDATORY },
        { "lifecycle", read_lifecycle, 0, HTTPA_CONFIG_OPTIONAL },
        { "components", read_components, 0, HTTPA_CONFIG_OPTIONAL },
        { "instance_ids", read_instances, 0, HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

/* -------------------------------------------------------------------- cpak */

static enum httpa_err read_cpaks(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { httpa_config_public_key,
                                                   sizeof(struct httpa_slice),
                                                   KEYS_MAX };
    struct httpa_cca_policy *cca = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &cca->cpak_count);
    cca->cpaks = err == HTTPA_OK ? v : NULL;
    return err;
}

static enum httpa_err read_endorser(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    (void)to;
    return httpa_config_fail_key(doc, at,
                                 "\"endorser\" is not in this version; name "
                                 "the keys in \"cpak\"");
}

const char *const httpa_config_cca_members[] = { "platform", "cpak",
                                                 "endorser", NULL };

enum httpa_err httpa_config_cca_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile)
{
    static const struct httpa_config_setting rows[] = {
        { "platform", read_platform, 0 },
        { "cpak", read_cpaks, 0 },
        { "endorser", read_endorser, 0 },
    };
    struct httpa_cca_policy *cca = httpa_config_alloc(doc->arena, sizeof(*cca));
    if (cca == NULL) {
        return httpa_config_no_memory(doc);
    }
    profile->cca = cca;
    enum httpa_err err =
        httpa_config_settings(doc, at, rows, COUNT(rows), cca);
    if (err == HTTPA_OK && cca->implementation_ids == NULL) {
        err = httpa_config_fail(doc, at, "\"platform\" is missing");
    }
    return err == HTTPA_OK && cca->cpaks == NULL
               ? httpa_config_fail(doc, at, "\"cpak\" is missing")
               : err;
}
