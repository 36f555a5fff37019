#include "tool/strict.h"

#include <string.h>

/* Levels 0 to 3: a paravisor or an SVSM lies between guest and hardware. */
#define ANY_VMPL 0x0f

static const struct httpa_slice up_to_date[] = {
    { (const uint8_t *)"UpToDate", 8 },
};

static const struct httpa_snp_policy snp = {
    .insecure_any_tcb = true, /* AMD signs no list of what is current */
    .vcek = true,
    .vlek = true,
    .vmpls = ANY_VMPL,
    .provisional_firmware = true, /* clouds update before they commit */
};
static const struct httpa_intel_policy intel = {
    .status = up_to_date,
    .status_count = 1,
    .hardening_warns = true,
};
/* The certificates of a document last three hours. */
static const struct httpa_nitro_policy nitro = { .max_age_s = 10800 };
static const struct httpa_tpm_policy tpm = { .trust = HTTPA_AK_INSECURE_ANY,
                                             .over_something = true };

static const struct httpa_set open_set = { .name = "UNPINNED" };

static const struct httpa_profile profiles[] = {
    { .type = "sev-snp", .snp = &snp },   { .type = "tdx", .intel = &intel },
    { .type = "sgx", .intel = &intel },   { .type = "tpm", .tpm = &tpm },
    { .type = "nitro", .nitro = &nitro },
};

static const char *type_of(struct httpa_slice media_type)
{
    size_t n = 0;
    const struct httpa_verifier *const *known = httpa_verifiers_known(&n);
    for (size_t i = 0; i < n; i++) {
        if (httpa_slice_is(media_type, known[i]->media_type)) {
            return known[i]->type;
        }
    }
    return "";
}

static const struct httpa_profile *profile_of(const char *type)
{
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        if (strcmp(profiles[i].type, type) == 0) {
            return &profiles[i];
        }
    }
    return NULL;
}

static bool add(struct httpa_strict *s, size_t i, const char *type)
{
    const struct httpa_profile *profile = profile_of(type);
    struct httpa_profile *to = i == 0 ? &s->first : &s->with[i - 1];
    if (profile == NULL) {
        return false;
    }
    *to = *profile;
    to->name = "strict default";
    to->sets = &open_set;
    to->set_count = 1;
    if (i > 0) {
        s->first.with_count = i;
    }
    return true;
}

bool httpa_strict_for(const struct httpa_evidence *items, size_t n,
                      struct httpa_strict *ret)
{
    *ret = (struct httpa_strict){ 0 };
    for (size_t i = 0; i < n; i++) {
        const char *type = type_of(items[i].media_type);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(type, type_of(items[k].media_type)) == 0) {
                return false;
            }
        }
        if (!add(ret, i, type)) {
            return false;
        }
    }
    ret->first.with = ret->with;
    ret->policy = (struct httpa_policy){
        .name = "strict default",
        .note = "No policy was given: which code runs, and whose service it "
                "is, is not judged.",
        .identity = { .require = HTTPA_IDENTITY_NONE },
        .accept = &ret->first,
        .accept_count = n > 0,
        .insecure_unpinned = true,
    };
    httpa_policy_defaults(&ret->policy);
    return n > 0;
}
