/* What a value of a register says: which code runs, or where. */
#include "evidence/appraise.h"

#include <string.h>

/* PCRs below 8 are the firmware's, those from 16 on can be reset: 16 and 23 by
 * any software, 17 to 22 by whoever makes a late launch. */
#define PCR_OWNER_FIRST 8
#define PCR_DEBUG 16
#define PCR_APPLICATION 23
#define PCR_END 24

#define NAMES_MAX 4u

struct row {
    const char *type;
    const char *names[NAMES_MAX];
    const char *needs; /* what is said of a set that gives none of them */
};

#define NEEDS(what)                                                            \
    "The set pins nothing: any code would match. Give a value " what          \
    ", or write insecure_unpinned."

/* The image, or who signed it.  Of others one part runs with any other part:
 * the application of an enclave on any kernel. */
static const struct row code[] = {
    { "sev-snp",
      { "measurement", "id_key_digest", "author_key_digest" },
      NEEDS("of measurement, id_key_digest or author_key_digest") },
    { "tdx",
      { "mrtd" }, /* whatever starts can extend the others to any value */
      NEEDS("of mrtd") },
    { "sgx", { "mrenclave", "mrsigner" }, NEEDS("of mrenclave or mrsigner") },
    { "nitro", { "pcr0", "pcr8" }, NEEDS("of pcr0 or pcr8, not zeros") },
    { "cca", { "rim" }, NEEDS("of rim") },
};

/* What only the owner's configuration or account decides. */
static const struct row place[] = {
    { "sev-snp", { "host_data" }, NULL },
    { "tdx", { "mr_config_id", "rtmr3" }, NULL },
    { "sgx", { "config_id" }, NULL },
    { "nitro", { "pcr3", "pcr4" }, NULL },
    { "cca", { "personalization_value" }, NULL },
};

#define TYPES (sizeof(code) / sizeof(code[0]))

static const struct row *find(const struct row *rows, const char *type)
{
    for (size_t i = 0; i < TYPES; i++) {
        if (strcmp(rows[i].type, type) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

/* Zeros are nothing measured: no role, no signer, no configuration. */
static bool is_nothing(const struct httpa_value *v)
{
    uint8_t zero = v->type == HTTPA_VALUE_TEXT ? '0' : 0;
    for (size_t i = 0; i < v->bytes.n; i++) {
        if (v->bytes.p[i] != zero) {
            return false;
        }
    }
    return true;
}

static bool names(const struct row *row, const struct httpa_reference *ref)
{
    for (size_t i = 0; i < NAMES_MAX && row->names[i] != NULL; i++) {
        if (strcmp(ref->name, row->names[i]) == 0) {
            return !is_nothing(&ref->value);
        }
    }
    return false;
}

/* The number behind ".pcr", or -1 where |name| is of no PCR. */
static int pcr_of(const char *name)
{
    const char *at = strstr(name, ".pcr");
    int pcr = at != NULL && at[4] != '\0' ? 0 : -1;
    for (at = pcr == 0 ? at + 4 : ""; *at >= '0' && *at <= '9'; at++) {
        pcr = pcr < PCR_END ? 10 * pcr + (*at - '0') : pcr;
    }
    return *at == '\0' ? pcr : -1;
}

/* A register after a reset: 17 to 22 begin with all ones. */
static bool is_reset(const struct httpa_value *v)
{
    uint8_t one = v->type == HTTPA_VALUE_TEXT ? 'f' : 0xff;
    for (size_t i = 0; i < v->bytes.n; i++) {
        if (v->bytes.p[i] != one) {
            return is_nothing(v);
        }
    }
    return true;
}

/* A chain of measurements begins in firmware (0 to 7) or with a late launch (17
 * to 22); before the links between, whatever starts makes of them what it
 * wants. */
static bool is_anchor(int pcr)
{
    return pcr < PCR_OWNER_FIRST || (pcr > PCR_DEBUG && pcr < PCR_APPLICATION);
}

enum httpa_pin httpa_policy_pin_of(const struct httpa_profile *profile,
                                   const struct httpa_reference *ref)
{
    int pcr = pcr_of(ref->name);
    if (ref->kind != HTTPA_REFERENCE_EQUAL ||
        !httpa_policy_pins_code(profile, ref) ||
        (pcr >= 0 && find(code, profile->type) == NULL &&
         is_reset(&ref->value))) {
        return HTTPA_PIN_NOTHING;
    }
    return find(code, profile->type) != NULL || is_anchor(pcr)
               ? HTTPA_PIN_CODE
               : HTTPA_PIN_LATER;
}

bool httpa_policy_pins_code(const struct httpa_profile *profile,
                            const struct httpa_reference *ref)
{
    const struct row *row = find(code, profile->type);
    int pcr = pcr_of(ref->name);
    return row != NULL ? names(row, ref)
                       : pcr != PCR_DEBUG && pcr != PCR_APPLICATION;
}

bool httpa_policy_pins_place(const struct httpa_profile *profile,
                             const struct httpa_reference *ref)
{
    const struct row *row = find(place, profile->type);
    int pcr = pcr_of(ref->name);
    return row != NULL ? names(row, ref)
                       : pcr >= PCR_OWNER_FIRST && pcr < PCR_DEBUG &&
                             !is_reset(&ref->value);
}

const char *httpa_policy_needs_code(const struct httpa_profile *profile)
{
    const struct row *row = find(code, profile->type);
    return row != NULL ? row->needs
                       : NEEDS("(not of PCR 16 or 23 alone, which anybody "
                               "resets)");
}
