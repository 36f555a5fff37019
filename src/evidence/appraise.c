/* The order of judgement (doc/policy.md, "Order"). */
#include "evidence/appraise.h"

#include <string.h>

#include "crypto/hash.h"

static struct httpa_slice copy_str(struct httpa_verdict *v, const char *s)
{
    return s != NULL ? httpa_verdict_copy(v, httpa_slice_str(s))
                     : (struct httpa_slice){ 0 };
}

static enum httpa_err describe_policy(const struct httpa_appraisal *in,
                                      struct httpa_verdict *v)
{
    static const char *const require[] = { NULL, "pinned", "measured",
                                           "webpki", "none" };
    const struct httpa_policy *policy = in->policy;
    struct httpa_verdict_facts *f = &v->facts;
    struct httpa_digest digest = { 0 };
    f->policy_name = copy_str(v, policy->name);
    f->policy_path = copy_str(v, policy->path);
    f->policy_note = copy_str(v, policy->note);
    f->policy_expires_s = policy->expires_s;
    if (policy->identity.require < sizeof(require) / sizeof(require[0])) {
        f->identity_require = require[policy->identity.require];
    }
    enum httpa_err err = HTTPA_OK;
    if (policy->text.n > 0) {
        err = httpa_hash_once(in->crypto, HTTPA_SHA256, policy->text, &digest);
        memcpy(f->policy_sha256, digest.bytes, sizeof(f->policy_sha256));
    }
    return err;
}

static enum httpa_err describe_key(const struct httpa_appraisal *in,
                                   struct httpa_verdict_facts *f)
{
    struct httpa_digest digest;
    if (in->service_spki.n == 0) {
        return HTTPA_OK;
    }
    enum httpa_err err =
        httpa_hash_once(in->crypto, HTTPA_SHA256, in->service_spki, &digest);
    if (err == HTTPA_OK) {
        f->has_spki = true;
        memcpy(f->spki_sha256, digest.bytes, sizeof(f->spki_sha256));
    }
    return err;
}

static enum httpa_err describe(const struct httpa_appraisal *in,
                               struct httpa_verdict *v)
{
    struct httpa_verdict_facts *f = &v->facts;
    f->at_s = in->now_s;
    f->origin = httpa_verdict_copy(v, in->origin);
    if (in->session != NULL) {
        f->has_session = true;
        f->session = *in->session;
        f->session.suite = httpa_verdict_copy(v, in->session->suite);
        f->session.group = httpa_verdict_copy(v, in->session->group);
        f->session.base = httpa_verdict_copy(v, in->session->base);
        f->session.creation = httpa_verdict_copy(v, in->session->creation);
    }
    enum httpa_err err = describe_key(in, f);
    if (err == HTTPA_OK && in->policy != NULL) {
        err = describe_policy(in, v);
    }
    return err;
}

static enum httpa_err check_form(const struct httpa_policy *policy,
                                 struct httpa_verdict *v)
{
    uint8_t storage[HTTPA_SENTENCE_MAX];
    struct httpa_buf where = httpa_buf_fixed(storage, sizeof(storage));
    const char *text = NULL;
    enum httpa_err err = httpa_policy_check(policy, &where, &text);
    if (err != HTTPA_OK) {
        httpa_verdict_check(
            v, &(struct httpa_check){
                   .id = "policy.form",
                   .of = HTTPA_OF_NONE,
                   .outcome = HTTPA_OUTCOME_FAIL,
                   .seen = httpa_value_text(httpa_buf_slice(&where)),
                   .source = "policy",
                   .text = text,
                   .advice = "Correct the policy." });
    }
    return err;
}

static enum httpa_err check_expiry(const struct httpa_appraisal *in,
                                   struct httpa_verdict *v)
{
    int64_t expires_s = in->policy->expires_s;
    if (expires_s == 0) {
        return HTTPA_OK;
    }
    bool over = in->now_s >= expires_s;
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "policy.expires",
               .of = HTTPA_OF_NONE,
               .outcome = over ? HTTPA_OUTCOME_FAIL : HTTPA_OUTCOME_PASS,
               .seen = httpa_value_time(expires_s),
               .source = "policy",
               .lapses_s = expires_s,
               .text = "The policy has expired: it accepts nothing until "
                       "somebody reviews it.",
               .advice = "Review the policy, then move its `expires`." });
    return over ? HTTPA_ERR_EXPIRED : HTTPA_OK;
}

static enum httpa_err check_origin(const struct httpa_appraisal *in,
                                   struct httpa_verdict *v)
{
    const struct httpa_policy *policy = in->policy;
    struct httpa_check c = {
        .id = "policy.origin",
        .of = HTTPA_OF_NONE,
        .seen = httpa_value_text(in->origin),
        .expected = httpa_value_texts(policy->origins, policy->origin_count),
        .source = "policy",
    };
    bool covers = httpa_policy_covers(policy, in->origin);
    if (in->offline) {
        c.outcome = HTTPA_OUTCOME_SKIP;
    } else if (policy->origin_count == 0) {
        c.outcome = HTTPA_OUTCOME_WARN;
        c.expected = (struct httpa_value){ 0 };
        c.text = "The policy names no origins, so it serves any.";
        c.advice = "Add `origins` to the policy.";
    } else {
        c.outcome = covers ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
        c.text = "The policy is for another origin.";
        c.advice = "Use the policy of this origin, or add it to `origins`.";
    }
    httpa_verdict_check(v, &c);
    return c.outcome == HTTPA_OUTCOME_FAIL ? HTTPA_ERR_NO_POLICY : HTTPA_OK;
}

/* Members that weaken warn in each verdict (doc/policy.md, "Principles"). */
static void warn_insecure(const struct httpa_policy *policy,
                          struct httpa_verdict *v)
{
    const struct {
        bool set;
        const char *member;
        const char *text;
    } rows[] = {
        { policy->insecure_unpinned, "insecure_unpinned",
          "The policy allows measurement sets that pin nothing." },
        { policy->insecure_dev_tee, "insecure_dev_tee",
          "The policy allows development evidence, which protects nothing." },
        { policy->binding.insecure_key_unproven, "insecure_key_unproven",
          "The policy takes the age of attested keys on the attester's word." },
        { policy->binding.insecure_key_alone, "insecure_key_alone",
          "The policy takes attested keys without a pinned identity." },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].set) {
            httpa_verdict_check(
                v, &(struct httpa_check){
                       .id = "policy.insecure",
                       .of = HTTPA_OF_NONE,
                       .outcome = HTTPA_OUTCOME_WARN,
                       .seen = httpa_value_str(rows[i].member),
                       .source = "policy",
                       .text = rows[i].text });
        }
    }
}

static enum httpa_err check_policy(const struct httpa_appraisal *in,
                                   struct httpa_verdict *v)
{
    enum httpa_err err = check_form(in->policy, v);
    if (err == HTTPA_OK) {
        warn_insecure(in->policy, v);
        err = check_expiry(in, v);
    }
    return err == HTTPA_OK ? check_origin(in, v) : err;
}

static void say_no_policy(struct httpa_verdict *v)
{
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "policy.present",
               .of = HTTPA_OF_NONE,
               .outcome = HTTPA_OUTCOME_FAIL,
               .word = HTTPA_WORD_PINNED,
               .expected = httpa_value_str("a policy for this origin"),
               .text = "There is no policy for this origin, so its code is "
                       "not known to you.",
               .advice = "Look with `httpa explain`; pin what runs there now "
                         "with `httpa pin`." });
}

static void warn_offline(struct httpa_verdict *v)
{
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "appraisal.offline",
               .of = HTTPA_OF_NONE,
               .outcome = HTTPA_OUTCOME_WARN,
               .text = "Stored evidence: origin, identity, binding and age "
                       "were not judged." });
}

/* All stages run, so that the verdict tells everything; the first that
 * refuses is the one that counts. */
static enum httpa_err judge(const struct httpa_appraisal *in,
                            struct httpa_verdict *v)
{
    static enum httpa_err (*const stages[])(const struct httpa_appraisal *,
                                            struct httpa_verdict *) = {
        httpa_stage_profiles, httpa_stage_identity, httpa_stage_session,
        httpa_stage_refuse
    };
    enum httpa_err first = HTTPA_OK;
    v->policy = HTTPA_OUTCOME_PASS;
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        enum httpa_err err = stages[i](in, v);
        if (first == HTTPA_OK || first == HTTPA_ERR_UNDECIDED) {
            first = err != HTTPA_OK ? err : first;
        }
    }
    return first;
}

static enum httpa_err appraise(const struct httpa_appraisal *in,
                               struct httpa_verdict *v)
{
    enum httpa_err policy = HTTPA_OK;
    enum httpa_err err = describe(in, v);
    if (err != HTTPA_OK) {
        return err;
    }
    if (in->offline) {
        warn_offline(v);
    }
    if (in->policy != NULL) {
        policy = check_policy(in, v);
        v->policy = policy != HTTPA_OK ? HTTPA_OUTCOME_FAIL : v->policy;
    }
    err = httpa_stage_items(in, v);
    if (policy != HTTPA_OK || err != HTTPA_OK) {
        return policy != HTTPA_OK ? policy : err;
    }
    if (in->policy == NULL) {
        say_no_policy(v);
        return HTTPA_ERR_NO_POLICY;
    }
    return judge(in, v);
}

enum httpa_err httpa_appraise(const struct httpa_appraisal *in,
                              struct httpa_verdict *v)
{
    return httpa_verdict_close(v, appraise(in, v));
}
