#include "tool/strict.h"

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
static const struct httpa_cca_policy cca = { .insecure_any_platform = true };
static const struct httpa_tpm_policy tpm = { .trust = HTTPA_AK_INSECURE_ANY,
                                             .over_something = true };

static const struct httpa_set open_set = { .name = "UNPINNED" };

/* Under Azure's paravisor the report names the key of the vTPM beside it. */
static const struct httpa_snp_policy snp_azure = {
    .insecure_any_tcb = true,
    .vcek = true,
    .vlek = true,
    .provisional_firmware = true,
    .via = HTTPA_VIA_AZURE,
};
/* Which does not set SEPT_VE_DISABLE: it would handle the exceptions. */
static const struct httpa_intel_policy intel_azure = {
    .status = up_to_date,
    .status_count = 1,
    .hardening_warns = true,
    .no_sept_ve_disable = true,
    .via = HTTPA_VIA_AZURE,
};
static const struct httpa_tpm_policy tpm_azure = { .trust = HTTPA_AK_HARDWARE,
                                                   .over_something = true };

#define HCL HTTPA_MEDIA_TYPE_HCL
#define AZURE_TDX HTTPA_MEDIA_TYPE_AZURE_TDX
#define TPM "application/vnd.httpa.tpm"

static const struct {
    const char *media_type;
    struct httpa_profile profile;
} rows[] = {
    { HCL, { .type = "sev-snp", .snp = &snp_azure } }, /* before others */
    { AZURE_TDX, { .type = "tdx", .intel = &intel_azure } },
    { "application/vnd.httpa.snp-report", { .type = "sev-snp", .snp = &snp } },
    { "application/vnd.httpa.tdx-quote", { .type = "tdx", .intel = &intel } },
    { "application/vnd.httpa.sgx-quote", { .type = "sgx", .intel = &intel } },
    { "application/vnd.httpa.nitro", { .type = "nitro", .nitro = &nitro } },
    { "application/eat-collection", { .type = "cca", .cca = &cca } },
    { TPM, { .type = "tpm", .tpm = &tpm } },
};

static size_t
count(const struct httpa_evidence *items, size_t n, const char *media_type)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        found += httpa_slice_is(items[i].media_type, media_type);
    }
    return found;
}

/* Those whose report or quote is of a paravisor. */
static size_t count_azure(const struct httpa_evidence *items, size_t n)
{
    return count(items, n, HCL) + count(items, n, AZURE_TDX);
}

static void add(struct httpa_strict *s, size_t i, struct httpa_profile profile)
{
    struct httpa_profile *to = i == 0 ? &s->first : &s->with[i - 1];
    profile.name = "strict default";
    profile.sets = &open_set;
    profile.set_count = 1;
    *to = profile;
}

/* How many of |items| have a profile, each of another kind; the profiles. */
static size_t add_all(const struct httpa_evidence *items, size_t n,
                      struct httpa_strict *s)
{
    bool is_azure = count_azure(items, n) > 0;
    size_t added = 0;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct httpa_profile profile = rows[k].profile;
        if (is_azure && profile.tpm != NULL) {
            profile.tpm = &tpm_azure;
        }
        if (count(items, n, rows[k].media_type) == 1) {
            add(s, added++, profile);
        }
    }
    return added;
}

bool httpa_strict_for(const struct httpa_evidence *items, size_t n,
                      struct httpa_strict *ret)
{
    *ret = (struct httpa_strict){ 0 };
    bool is_bare = count_azure(items, n) > 0 && count(items, n, TPM) != 1;
    if (n == 0 || is_bare || add_all(items, n, ret) != n) {
        return false;
    }
    ret->first.with_count = n - 1;
    ret->first.with = ret->with;
    ret->policy = (struct httpa_policy){
        .name = "strict default",
        .note = "No policy was given: which code runs, and whose service it "
                "is, is not judged.",
        .identity = { .require = HTTPA_IDENTITY_NONE },
        .accept = &ret->first,
        .accept_count = 1,
        .insecure_unpinned = true,
    };
    httpa_policy_defaults(&ret->policy);
    return true;
}
