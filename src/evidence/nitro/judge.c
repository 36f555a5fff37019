#include "evidence/nitro/nitro.h"

/* Clocks that differ by more are wrong in a way that someone must see. */
#define SKEW_S 300

static enum httpa_err finish(struct httpa_check *c, unsigned of, bool ok,
                             struct httpa_verdict *v)
{
    c->of = of;
    c->outcome = ok ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
    c->word = HTTPA_WORD_GENUINE;
    c->source = "policy";
    httpa_verdict_check(v, c);
    return ok ? HTTPA_OK : HTTPA_ERR_APPRAISAL;
}

/* Whoever runs the instance reads an enclave in debug mode: it is genuine,
 * and no enclave.  No policy can allow it. */
static enum httpa_err judge_debug(struct httpa_verdict *v, unsigned of)
{
    const struct httpa_claim *debug = httpa_verdict_find(v, of, "debug");
    bool ok = debug != NULL && debug->value.type == HTTPA_VALUE_BOOLEAN &&
              debug->value.integer == 0;
    struct httpa_check c = {
        .id = "nitro.debug",
        .seen = httpa_value_boolean(!ok),
        .expected = httpa_value_boolean(false),
        .text = "The enclave runs in debug mode: its instance can read it, "
                "and its registers are zero.",
        .advice = "Start the enclave without --debug-mode.",
    };
    return finish(&c, of, ok, v);
}

/* An age is counted from a time that AWS's device signed, so it holds for
 * stored evidence as well.  Times are of the years 1970 to 9999. */
static enum httpa_err
judge_age(const struct httpa_nitro_policy *policy, int64_t now_s,
          struct httpa_verdict *v, unsigned of)
{
    const struct httpa_claim *made = httpa_verdict_find(v, of, "timestamp");
    if (made == NULL || made->value.type != HTTPA_VALUE_TIME) {
        return HTTPA_ERR_APPRAISAL;
    }
    int64_t age_s = now_s - made->value.integer;
    bool future = age_s < -SKEW_S;
    struct httpa_check c = {
        .id = "nitro.age",
        .seen = made->value,
        .expected = httpa_value_str(future ? "not in the future"
                                           : "within max_age"),
        .has_age = !future,
        .age_s = age_s > 0 ? age_s : 0,
        .lapses_s = made->value.integer + (int64_t)policy->max_age_s,
        .text = future ? "The document says it was made in the future."
                       : "The document is older than the policy allows.",
        .advice = future ? "Set the clock, here or there."
                         : "Ask for new evidence, or raise max_age.",
    };
    /* 0: nobody said how old, so nothing is young enough */
    bool young = policy->max_age_s > 0 && age_s <= (int64_t)policy->max_age_s;
    return finish(&c, of, !future && young, v);
}

enum httpa_err httpa_nitro_judge(const struct httpa_profile *profile,
                                 const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of)
{
    if (profile->nitro == NULL) {
        return HTTPA_ERR_APPRAISAL;
    }
    enum httpa_err err = judge_debug(v, of);
    return err == HTTPA_OK ? judge_age(profile->nitro, in->now_s, v, of) : err;
}
