#include "codec/version.h"
#include "evidence/cca/cca.h"

#define LIFECYCLE_SECURED 0x30u

/* One judgement: the settings, the token again, where checks go. */
struct job {
    const struct httpa_cca_policy *policy;
    const struct httpa_cca *token;
    struct httpa_verdict *v;
    unsigned of;
};

static enum httpa_err finish(const struct job *j, struct httpa_check c, bool ok)
{
    c.of = j->of;
    c.outcome = ok ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
    c.source = "policy";
    httpa_verdict_check(j->v, &c);
    return ok ? HTTPA_OK : HTTPA_ERR_APPRAISAL;
}

static bool
is_listed(struct httpa_slice v, const struct httpa_slice *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (v.n > 0 && httpa_slice_equal(v, list[i])) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ genuine */

/* Anybody can make a key and a platform of paper: the policy alone says which
 * CPAKs are of hardware. */
static enum httpa_err trust_any(const struct job *j)
{
    httpa_verdict_check(
        j->v, &(struct httpa_check){
                  .id = "cca.cpak",
                  .of = j->of,
                  .outcome = HTTPA_OUTCOME_WARN,
                  .word = HTTPA_WORD_GENUINE,
                  .source = "policy",
                  .text = "UNPINNED: nobody vouches for the platform's key; "
                          "anybody can make such a token.",
                  .advice = "Name the maker's key, cpak, in a policy." });
    return HTTPA_OK;
}

static enum httpa_err judge_cpak(const struct job *j)
{
    if (j->policy->insecure_any_platform) {
        return trust_any(j);
    }
    const struct httpa_claim *cpak = httpa_verdict_find(j->v, j->of, "cpak");
    bool ok = cpak != NULL && is_listed(cpak->value.bytes, j->policy->cpaks,
                                        j->policy->cpak_count);
    return finish(j,
                  (struct httpa_check){
                      .id = "cca.cpak",
                      .word = HTTPA_WORD_GENUINE,
                      .expected = httpa_value_str("a cpak of the policy"),
                      .text = "Another key signed the platform's token than "
                              "the policy names.",
                      .advice = "Compare cpak with the key that the maker of "
                                "the platform publishes." },
                  ok);
}

/* In any other state the platform's memory or keys are open to somebody. No
 * policy can allow it. */
static enum httpa_err judge_lifecycle(const struct job *j)
{
    uint16_t v = j->token->platform.lifecycle;
    return finish(j,
                  (struct httpa_check){
                      .id = "cca.lifecycle",
                      .word = HTTPA_WORD_GENUINE,
                      .seen = httpa_value_str(httpa_cca_lifecycle(v)),
                      .expected = httpa_value_str("secured"),
                      .text = "The platform is not secured: it can be "
                              "debugged, or is not set up.",
                      .advice = "Use a platform in production." },
                  v >> 8 == LIFECYCLE_SECURED);
}

static enum httpa_err judge_implementation(const struct job *j)
{
    struct httpa_slice id = j->token->platform.implementation_id;
    if (j->policy->insecure_any_platform) {
        return HTTPA_OK;
    }
    return finish(j,
                  (struct httpa_check){
                      .id = "cca.implementation",
                      .word = HTTPA_WORD_GENUINE,
                      .seen = httpa_value_bytes(id),
                      .expected = httpa_value_str("one of "
                                                  "implementation_ids"),
                      .text = "The platform is of another implementation than "
                              "the policy allows.",
                      .advice = "Add its implementation_id, if it is to be "
                                "trusted." },
                  is_listed(id, j->policy->implementation_ids,
                            j->policy->implementation_id_count));
}

static enum httpa_err judge_instance(const struct job *j)
{
    struct httpa_slice id = j->token->platform.instance_id;
    if (j->policy->instance_id_count == 0) {
        return HTTPA_OK;
    }
    return finish(j,
                  (struct httpa_check){
                      .id = "cca.instance",
                      .word = HTTPA_WORD_GENUINE,
                      .seen = httpa_value_bytes(id),
                      .expected = httpa_value_str("one of instance_ids"),
                      .text = "It is another machine than the policy allows.",
                      .advice = "Add its instance_id, if it is yours." },
                  is_listed(id, j->policy->instance_ids,
                            j->policy->instance_id_count));
}

/* ----------------------------------------------------------------- firmware */

static bool is_new_enough(struct httpa_slice version, const char *least)
{
    struct httpa_version a, b;
    return httpa_version_read(version, &a) == HTTPA_OK &&
           httpa_version_read(httpa_slice_str(least), &b) == HTTPA_OK &&
           httpa_version_at_least(&a, &b);
}

/* A demand that asks nothing is met by nothing. */
static bool
meets(const struct httpa_cca_component *c, const struct httpa_cca_demand *d)
{
    bool asked = d->measurement.n > 0 || d->version_min != NULL;
    return asked &&
           (d->measurement.n == 0 ||
            httpa_slice_equal(c->measurement, d->measurement)) &&
           (d->version_min == NULL ||
            is_new_enough(c->version, d->version_min));
}

/* The component is there, and each one of that type meets it: a type that two
 * signers signed, or twice the same, is no better than its worst. */
static bool
is_met(const struct httpa_cca_platform *p, const struct httpa_cca_demand *d)
{
    size_t n = 0;
    for (size_t i = 0; i < p->components_n; i++) {
        const struct httpa_cca_component *c = &p->components[i];
        if (c->type.n == 0 || !httpa_slice_is(c->type, d->type)) {
            continue;
        }
        if (!httpa_slice_equal(c->signer_id, d->signer_id) || !meets(c, d)) {
            return false;
        }
        n++;
    }
    return n > 0;
}

static enum httpa_err judge_components(const struct job *j)
{
    struct httpa_check c = {
        .id = "cca.firmware",
        .of = j->of,
        .word = HTTPA_WORD_CURRENT,
        .source = "policy",
        .outcome = HTTPA_OUTCOME_WARN,
        .expected = httpa_value_str("components in the policy"),
        .text = "The policy demands nothing of the platform's firmware.",
        .advice = "Name RMM and monitor in platform.components.",
    };
    if (j->policy->component_count == 0) {
        httpa_verdict_check(j->v, &c);
        return HTTPA_OK;
    }
    c.text = "A component of the platform is missing, of another signer or "
             "measurement, or too old.";
    c.advice = "Compare components with the policy; update the platform.";
    for (size_t i = 0; i < j->policy->component_count; i++) {
        const struct httpa_cca_demand *d = &j->policy->components[i];
        if (!is_met(&j->token->platform, d)) {
            c.expected = httpa_value_str(d->type);
            return finish(j, c, false);
        }
    }
    return finish(j, c, true);
}

enum httpa_err httpa_cca_judge(const struct httpa_profile *profile,
                               const struct httpa_verify_in *in,
                               struct httpa_verdict *v, unsigned of)
{
    static enum httpa_err (*const steps[])(const struct job *) = {
        judge_cpak,     judge_lifecycle,  judge_implementation,
        judge_instance, judge_components,
    };
    struct httpa_cca token;
    struct job j = { profile->cca, &token, v, of };
    if (profile->cca == NULL) {
        return HTTPA_ERR_APPRAISAL;
    }
    enum httpa_err err = httpa_cca_read(in->value, &token);
    for (size_t i = 0; err == HTTPA_OK && i < sizeof(steps) / sizeof(steps[0]);
         i++) {
        err = steps[i](&j);
    }
    return err;
}
