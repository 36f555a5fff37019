#include "evidence/appraise.h"

#include <string.h>

#include "base/writer.h"

void httpa_policy_defaults(struct httpa_policy *policy)
{
    struct httpa_binding_policy *binding = &policy->binding;
    struct httpa_base_policy *base = &policy->base;
    if (!binding->fresh && !binding->batch && !binding->key) {
        binding->fresh = true;
        binding->batch = true;
    }
    if (binding->reattest_after_s == 0) {
        binding->reattest_after_s = HTTPA_POLICY_REATTEST_S;
    }
    if (!base->creation_new && !base->creation_reuse &&
        !base->creation_shared) {
        base->creation_new = true;
        base->creation_shared = true;
    }
}

/* Where in the policy, and the sentence of the first rule that was broken. */
struct rules {
    struct httpa_buf *where;
    const char *text;
};

static enum httpa_err broken(struct rules *r, const char *member,
                             const char *text)
{
    httpa_buf_put_str(r->where, member);
    r->text = text;
    return HTTPA_ERR_CONFIG;
}

/* Appends |member| and "[i]" while a list is looked at; the caller cuts it
 * off again when all is well. */
static void enter(struct rules *r, const char *member, size_t i)
{
    httpa_buf_put_str(r->where, member);
    httpa_buf_put_str(r->where, "[");
    httpa_write_decimal(r->where, i);
    httpa_buf_put_str(r->where, "]");
}

bool httpa_policy_is_remote(const struct httpa_profile *profile)
{
    return strcmp(profile->type, "ear") == 0;
}

static bool set_pins(const struct httpa_profile *profile,
                     const struct httpa_set *set, bool configuration)
{
    for (size_t i = 0; i < set->reference_count; i++) {
        const struct httpa_reference *ref = &set->references[i];
        if (ref->kind == HTTPA_REFERENCE_EQUAL &&
            (configuration ? httpa_policy_pins_place(profile, ref)
                           : httpa_policy_pins_code(profile, ref))) {
            return true;
        }
    }
    return false;
}

static bool all_sets_pin(const struct httpa_profile *profile,
                         bool configuration)
{
    for (size_t i = 0; i < profile->set_count; i++) {
        if (!set_pins(profile, &profile->sets[i], configuration)) {
            return false;
        }
    }
    return profile->set_count > 0;
}

/* Whoever meets the profile has shown the owner's configuration, itself or
 * in evidence that must be beside it. */
static bool measures_configuration(const struct httpa_profile *profile)
{
    bool yes = all_sets_pin(profile, true);
    for (size_t i = 0; i < profile->with_count; i++) {
        yes = yes || all_sets_pin(&profile->with[i], true);
    }
    return yes;
}

static bool is_value(const struct httpa_reference *ref)
{
    switch (ref->kind) {
    case HTTPA_REFERENCE_ANY:
        return true;
    case HTTPA_REFERENCE_AT_LEAST:
        return ref->value.type == HTTPA_VALUE_INTEGER;
    default:
        return ref->value.type == HTTPA_VALUE_INTEGER ||
               ref->value.type == HTTPA_VALUE_BOOLEAN ||
               ((ref->value.type == HTTPA_VALUE_TEXT ||
                 ref->value.type == HTTPA_VALUE_BYTES) &&
                ref->value.bytes.n > 0);
    }
}

static enum httpa_err check_set(const struct httpa_policy *policy,
                                const struct httpa_profile *profile,
                                const struct httpa_set *set, struct rules *r)
{
    if (set->reference_count > HTTPA_POLICY_REFERENCES_MAX) {
        return broken(r, "", "A set has too many members.");
    }
    for (size_t i = 0; i < set->reference_count; i++) {
        if (set->references[i].name == NULL || !is_value(&set->references[i])) {
            return broken(r, "", "A member has no name or no value.");
        }
    }
    if (!policy->insecure_unpinned && !set_pins(profile, set, false)) {
        return broken(r, "", httpa_policy_needs_code(profile));
    }
    return HTTPA_OK;
}

static enum httpa_err check_sets(const struct httpa_policy *policy,
                                 const struct httpa_profile *profile,
                                 struct rules *r)
{
    if (httpa_policy_is_remote(profile)) {
        return profile->set_count == 0
                   ? HTTPA_OK
                   : broken(r, ".measurements",
                            "A remote verifier measures by itself: type ear "
                            "has no measurement sets.");
    }
    if (profile->set_count == 0 ||
        profile->set_count > HTTPA_POLICY_SETS_MAX) {
        return broken(r, ".measurements", "No measurement set, or too many.");
    }
    size_t here = r->where->n;
    for (size_t i = 0; i < profile->set_count; i++) {
        enter(r, ".measurements", i);
        enum httpa_err err = check_set(policy, profile, &profile->sets[i], r);
        if (err != HTTPA_OK) {
            return err;
        }
        httpa_buf_cut(r->where, here);
    }
    return HTTPA_OK;
}

bool httpa_profile_is_paravised(const struct httpa_profile *profile)
{
    return (profile->snp != NULL && profile->snp->via != HTTPA_VIA_DIRECT) ||
           (profile->intel != NULL && profile->intel->via != HTTPA_VIA_DIRECT);
}

bool httpa_profile_has_tpm(const struct httpa_profile *profile)
{
    for (size_t i = 0; i < profile->with_count; i++) {
        if (profile->with[i].type != NULL &&
            strcmp(profile->with[i].type, "tpm") == 0) {
            return true;
        }
    }
    return false;
}

/* A key that the hardware names is only where such hardware is. */
static enum httpa_err check_via(const struct httpa_profile *profile,
                                struct rules *r)
{
    bool is_paravised = httpa_profile_is_paravised(profile);
    if (is_paravised && !httpa_profile_has_tpm(profile)) {
        return broken(r, ".with",
                      "Via \"azure\" needs a profile of type tpm beside it: "
                      "only the vTPM's quote is of this handshake.");
    }
    bool is_alone =
        profile->tpm != NULL && profile->tpm->trust == HTTPA_AK_HARDWARE;
    for (size_t i = 0; i < profile->with_count && !is_paravised; i++) {
        const struct httpa_tpm_policy *tpm = profile->with[i].tpm;
        is_alone = is_alone || (tpm != NULL && tpm->trust == HTTPA_AK_HARDWARE);
    }
    for (size_t i = 0; i < profile->with_count; i++) {
        if (httpa_profile_is_paravised(&profile->with[i])) {
            return broken(r, ".with", "Via \"azure\" is not for a profile "
                                      "inside `with`.");
        }
    }
    return is_alone ? broken(r, ".ak.names",
                             "\"pinned\" needs names: only beside a profile "
                             "via \"azure\" does the hardware name the key.")
                    : HTTPA_OK;
}

static enum httpa_err check_profile(const struct httpa_policy *policy,
                                    const struct httpa_profile *profile,
                                    struct rules *r)
{
    if (profile->name == NULL || profile->name[0] == '\0') {
        return broken(r, ".name", "A profile needs a name.");
    }
    if (profile->type == NULL) {
        return broken(r, ".type", "A profile needs a type.");
    }
    if (strcmp(profile->type, "dev") == 0 && !policy->insecure_dev_tee) {
        return broken(r, ".type",
                      "Development evidence protects nothing: type dev needs "
                      "insecure_dev_tee.");
    }
    return check_sets(policy, profile, r);
}

static enum httpa_err check_with(const struct httpa_policy *policy,
                                 const struct httpa_profile *profile,
                                 struct rules *r)
{
    size_t here = r->where->n;
    if (profile->with_count > HTTPA_EVIDENCE_MAX) {
        return broken(r, ".with", "Too many profiles.");
    }
    for (size_t i = 0; i < profile->with_count; i++) {
        enter(r, ".with", i);
        if (profile->with[i].with_count > 0) {
            return broken(r, ".with", "A profile inside `with` has none.");
        }
        enum httpa_err err = check_profile(policy, &profile->with[i], r);
        if (err != HTTPA_OK) {
            return err;
        }
        httpa_buf_cut(r->where, here);
    }
    return HTTPA_OK;
}

static enum httpa_err check_keys(const struct httpa_policy *policy,
                                 struct rules *r)
{
    static const struct {
        const char *type;
        const char *text;
    } rows[] = {
        { "ear", "Too many keys of remote verifiers." },
        { "cca", "Too many keys of platforms (cpak)." },
    };
    struct httpa_slice keys[HTTPA_POLICY_KEYS_MAX];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (httpa_policy_keys(policy, rows[i].type, keys) >
            HTTPA_POLICY_KEYS_MAX) {
            return broken(r, "accept", rows[i].text);
        }
    }
    return HTTPA_OK;
}

static enum httpa_err check_accept(const struct httpa_policy *policy,
                                   struct rules *r)
{
    if (policy->accept_count == 0 ||
        policy->accept_count > HTTPA_POLICY_PROFILES_MAX) {
        return broken(r, "accept", "No profile, or too many.");
    }
    for (size_t i = 0; i < policy->accept_count; i++) {
        enter(r, "accept", i);
        enum httpa_err err = check_profile(policy, &policy->accept[i], r);
        if (err == HTTPA_OK) {
            err = check_with(policy, &policy->accept[i], r);
        }
        if (err == HTTPA_OK) {
            err = check_via(&policy->accept[i], r);
        }
        if (err != HTTPA_OK) {
            return err;
        }
        if (policy->identity.require == HTTPA_IDENTITY_MEASURED &&
            !measures_configuration(&policy->accept[i])) {
            return broken(r, ".measurements",
                          "Identity \"measured\" needs every set to pin "
                          "host_data, mr_config_id, config_id, rtmr3, one of "
                          "PCR 8 to 15, or pcr3 or pcr4 of Nitro.");
        }
        httpa_buf_cut(r->where, 0);
    }
    return HTTPA_OK;
}

static enum httpa_err check_identity(const struct httpa_identity_policy *id,
                                     struct rules *r)
{
    bool pins = id->spki_count > 0 || id->ca_root_count > 0;
    switch (id->require) {
    case HTTPA_IDENTITY_PINNED:
        if (!pins) {
            return broken(r, "identity.spki_sha256",
                          "Identity \"pinned\" needs spki_sha256 or ca_files.");
        }
        break;
    case HTTPA_IDENTITY_MEASURED:
    case HTTPA_IDENTITY_WEBPKI:
    case HTTPA_IDENTITY_NONE:
        if (pins) {
            return broken(r, "identity.require",
                          "Keys or CAs are given, and only \"pinned\" looks "
                          "at them.");
        }
        break;
    default:
        return broken(r, "identity.require", "Whose service it is, is not "
                                             "said.");
    }
    if (id->name_count > 0 && id->require != HTTPA_IDENTITY_WEBPKI) {
        return broken(r, "identity.names", "Only \"webpki\" looks at names.");
    }
    return HTTPA_OK;
}

static enum httpa_err check_binding(const struct httpa_policy *policy,
                                    struct rules *r)
{
    const struct httpa_binding_policy *b = &policy->binding;
    if (!b->fresh && !b->batch && !b->key) {
        return broken(r, "binding.accept", "No binding is accepted.");
    }
    if (b->key != (b->key_max_age_s > 0)) {
        return broken(r, "binding.key_max_age",
                      "It goes with binding \"key\", which needs it.");
    }
    if (b->key && policy->identity.require == HTTPA_IDENTITY_NONE &&
        !b->insecure_key_alone) {
        return broken(r, "binding.accept",
                      "Binding \"key\" needs an identity beside it, or "
                      "insecure_key_alone.");
    }
    return HTTPA_OK;
}

/* A list that nothing could ever be in would read like protection. */
static enum httpa_err check_refuse(const struct httpa_policy *policy,
                                   struct rules *r)
{
    bool any = policy->refuse.signer_count == 0;
    for (size_t i = 0; i < policy->accept_count && !any; i++) {
        const struct httpa_profile *p = &policy->accept[i];
        any = httpa_policy_has_signer(p);
        for (size_t k = 0; k < p->with_count && !any; k++) {
            any = httpa_policy_has_signer(&p->with[k]);
        }
    }
    return any ? HTTPA_OK
               : broken(r, "refuse.signers",
                        "No profile is of a type that tells who signed what "
                        "runs: sev-snp, sgx, nitro, cca.");
}

static enum httpa_err check_all(const struct httpa_policy *policy,
                                struct rules *r)
{
    if (policy->name == NULL || policy->name[0] == '\0') {
        return broken(r, "name", "A policy needs a name.");
    }
    enum httpa_err err = check_identity(&policy->identity, r);
    if (err == HTTPA_OK) {
        err = check_binding(policy, r);
    }
    if (err == HTTPA_OK && !policy->base.creation_new &&
        !policy->base.creation_reuse && !policy->base.creation_shared) {
        err = broken(r, "base.creation", "No way of creation is accepted.");
    }
    if (err == HTTPA_OK) {
        err = check_accept(policy, r);
    }
    if (err == HTTPA_OK) {
        err = check_refuse(policy, r);
    }
    return err == HTTPA_OK ? check_keys(policy, r) : err;
}

enum httpa_err httpa_policy_check(const struct httpa_policy *policy,
                                  struct httpa_buf *where,
                                  const char **ret_text)
{
    struct rules r = { .where = where };
    enum httpa_err err = check_all(policy, &r);
    if (err != HTTPA_OK) {
        *ret_text = r.text;
    }
    return err;
}

bool httpa_policy_covers(const struct httpa_policy *policy,
                         struct httpa_slice origin)
{
    for (size_t i = 0; i < policy->origin_count; i++) {
        if (httpa_slice_equal(policy->origins[i], origin)) {
            return true;
        }
    }
    return policy->origin_count == 0;
}
