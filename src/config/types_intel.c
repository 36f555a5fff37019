/* Profiles and sets of types "tdx" and "sgx" (doc/policy.md 3.10, 3.11). */
#include "config/policy.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define AT(member) offsetof(struct httpa_intel_policy, member)

#define STATUS_MAX 8u
#define ADVISORIES_MAX 256u /* Intel has some dozens of platforms */
#define FMSPC_MAX 64u
#define FMSPC_BYTES 6u

/* ------------------------------------------------------------------- sets */

static const struct httpa_config_register of_tdx[] = {
    { .key = "mrtd", .bytes = 48, .mentioned = true },
    { .key = "rtmr0", .bytes = 48, .mentioned = true },
    { .key = "rtmr1", .bytes = 48, .mentioned = true },
    { .key = "rtmr2", .bytes = 48, .mentioned = true },
    { .key = "rtmr3", .bytes = 48 },
    { .key = "mr_config_id", .bytes = 48 },
    { .key = "mr_owner", .bytes = 48 },
    { .key = "mr_owner_config", .bytes = 48 },
    { .key = "mr_service_td", .bytes = 48 },
};

enum httpa_err httpa_config_tdx_references(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *set_at,
                                           struct httpa_set *set)
{
    return httpa_config_registers(doc, set_at, of_tdx, COUNT(of_tdx), set);
}

static const struct httpa_config_register of_sgx[] = {
    { .key = "mrenclave", .bytes = 32 },
    { .key = "mrsigner", .bytes = 32 },
    { .key = "isv_prod_id" },
    { .key = "isv_svn_min", .claim = "isv_svn", .at_least = true },
    { .key = "config_id", .bytes = 64 },
    { .key = "config_svn_min", .claim = "config_svn", .at_least = true },
    { .key = "family_id", .bytes = 16 },
    { .key = "ext_prod_id", .bytes = 16 },
};

static bool gives(const struct httpa_config_at *set_at, const char *key)
{
    struct httpa_config_at at;
    return httpa_config_find(set_at, key, &at) &&
           !httpa_config_is_any(at.value);
}

/* A signer signs many enclaves, debuggable and withdrawn ones too: it names
 * the code only together with a product and a least version. */
static enum httpa_err check_enclave(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *set_at)
{
    static const char *const beside[] = { "isv_prod_id", "isv_svn_min" };
    struct httpa_config_at at;
    if (httpa_config_find(set_at, "mrenclave", &at)) {
        return HTTPA_OK;
    }
    if (!httpa_config_find(set_at, "mrsigner", &at)) {
        return httpa_config_fail(doc, set_at,
                                 "\"mrenclave\" is missing, or \"mrsigner\" "
                                 "with \"isv_prod_id\" and \"isv_svn_min\"");
    }
    for (size_t i = 0; i < COUNT(beside); i++) {
        if (!gives(set_at, beside[i])) {
            return httpa_config_fail(doc, set_at,
                                     "\"mrsigner\" without \"mrenclave\" needs "
                                     "a value of \"%s\"",
                                     beside[i]);
        }
    }
    return HTTPA_OK;
}

enum httpa_err httpa_config_sgx_references(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *set_at,
                                           struct httpa_set *set)
{
    enum httpa_err err = check_enclave(doc, set_at);
    return err == HTTPA_OK ? httpa_config_registers(doc, set_at, of_sgx,
                                                    COUNT(of_sgx), set)
                           : err;
}

/* ------------------------------------------------------------------- tcb */

/* struct httpa_slice: Intel's words, but those that never pass and those that
 * only this verifier makes, which count as OutOfDate. */
static enum httpa_err read_status(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "UpToDate",
                                         "SWHardeningNeeded",
                                         "ConfigurationNeeded",
                                         "ConfigurationAndSWHardeningNeeded",
                                         "OutOfDate",
                                         "OutOfDateConfigurationNeeded",
                                         NULL };
    static const char *const never[] = { "Revoked", "NotSupported" };
    const char *text = json_string_value(at->value);
    size_t word = 0;
    for (size_t i = 0; text != NULL && i < COUNT(never); i++) {
        if (strcmp(text, never[i]) == 0) {
            return httpa_config_fail(doc, at, "\"%s\" is never accepted",
                                     never[i]);
        }
    }
    enum httpa_err err = httpa_config_word(doc, at, words, &word);
    *(struct httpa_slice *)to = httpa_slice_str(words[word]);
    return err;
}

static enum httpa_err read_statuses(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { read_status,
                                                   sizeof(struct httpa_slice),
                                                   STATUS_MAX };
    struct httpa_intel_policy *intel = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &intel->status_count);
    intel->status = err == HTTPA_OK ? v : NULL;
    return err;
}

static enum httpa_err read_advisories(struct httpa_config_doc *doc,
                                      const struct httpa_config_at *at,
                                      void *to)
{
    static const struct httpa_config_list list = { httpa_config_slice,
                                                   sizeof(struct httpa_slice),
                                                   ADVISORIES_MAX };
    struct httpa_intel_policy *intel = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &intel->advisory_count);
    intel->advisories = err == HTTPA_OK ? v : NULL;
    return err;
}

/* Intel stops signing an evaluation after a year or so: a longer grace would
 * be none that it can be asked about. */
#define GRACE_DAYS_MAX 365u

static enum httpa_err read_grace_days(struct httpa_config_doc *doc,
                                      const struct httpa_config_at *at,
                                      void *to)
{
    struct httpa_intel_policy *intel = to;
    enum httpa_err err = httpa_config_u32(doc, at, &intel->grace_days);
    return err == HTTPA_OK && intel->grace_days > GRACE_DAYS_MAX
               ? httpa_config_fail(doc, at, "must be at most %u days",
                                   GRACE_DAYS_MAX)
               : err;
}

static enum httpa_err read_tcb(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "status", read_statuses, 0, HTTPA_CONFIG_MANDATORY },
        { "advisories", read_advisories, 0, HTTPA_CONFIG_OPTIONAL },
        { "min_evaluation_number", httpa_config_u32, AT(min_evaluation_number),
          HTTPA_CONFIG_OPTIONAL },
        { "grace_days", read_grace_days, 0, HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

/* --------------------------------------------------------------- members */

/* A member that says what must be, kept as what may be. */
static enum httpa_err read_sept(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    bool demanded = true;
    enum httpa_err err = httpa_config_bool(doc, at, &demanded);
    *(bool *)to = !demanded;
    return err;
}

static enum httpa_err read_td_attributes(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         void *to)
{
    static const struct httpa_config_member members[] = {
        { "sept_ve_disable", read_sept, AT(no_sept_ve_disable),
          HTTPA_CONFIG_OPTIONAL },
        { "migratable", httpa_config_bool, AT(migratable),
          HTTPA_CONFIG_OPTIONAL },
        { "perfmon", httpa_config_bool, AT(perfmon), HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

static enum httpa_err read_enclave_attributes(struct httpa_config_doc *doc,
                                              const struct httpa_config_at *at,
                                              void *to)
{
    static const struct httpa_config_member members[] = {
        { "provision_key", httpa_config_bool, AT(provision_key),
          HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

static enum httpa_err read_fmspc(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    enum httpa_err err = httpa_config_hex(doc, at, to);
    return err == HTTPA_OK && ((struct httpa_slice *)to)->n != FMSPC_BYTES
               ? httpa_config_fail(doc, at,
                                   "must be an FMSPC of 12 hex digits")
               : err;
}

static enum httpa_err read_fmspcs(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { read_fmspc,
                                                   sizeof(struct httpa_slice),
                                                   FMSPC_MAX };
    struct httpa_intel_policy *intel = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &intel->fmspc_count);
    intel->fmspc = err == HTTPA_OK ? v : NULL;
    return err;
}

static enum httpa_err read_min_svn(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "module", httpa_config_u8, AT(min_module_svn),
          HTTPA_CONFIG_OPTIONAL },
        { "seam_loader", httpa_config_u8, AT(min_seam_loader_svn),
          HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

static enum httpa_err
read_settings(struct httpa_config_doc *doc, const struct httpa_config_at *at,
              const struct httpa_config_setting *rows, size_t count,
              struct httpa_profile *profile)
{
    struct httpa_intel_policy *intel =
        httpa_config_alloc(doc->arena, sizeof(*intel));
    if (intel == NULL) {
        return httpa_config_no_memory(doc);
    }
    profile->intel = intel;
    enum httpa_err err = httpa_config_settings(doc, at, rows, count, intel);
    return err == HTTPA_OK && intel->status == NULL
               ? httpa_config_fail(doc, at, "\"tcb\" is missing")
               : err;
}

const char *const httpa_config_tdx_members[] = { "via",   "tcb",
                                                 "attributes", "fmspc",
                                                 "min_tee_tcb_svn", NULL };

enum httpa_err httpa_config_tdx_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile)
{
    static const struct httpa_config_setting rows[] = {
        { "via", httpa_config_via, AT(via) },
        { "tcb", read_tcb, 0 },
        { "attributes", read_td_attributes, 0 },
        { "fmspc", read_fmspcs, 0 },
        { "min_tee_tcb_svn", read_min_svn, 0 },
    };
    return read_settings(doc, at, rows, COUNT(rows), profile);
}

const char *const httpa_config_sgx_members[] = { "tcb", "attributes", "fmspc",
                                                 NULL };

enum httpa_err httpa_config_sgx_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile)
{
    static const struct httpa_config_setting rows[] = {
        { "tcb", read_tcb, 0 },
        { "attributes", read_enclave_attributes, 0 },
        { "fmspc", read_fmspcs, 0 },
    };
    return read_settings(doc, at, rows, COUNT(rows), profile);
}
