/* `binding` and `base`: how the evidence is tied to this handshake, how old
 * it is, and what was granted. */
#include "evidence/appraise.h"

#include <string.h>

#include "base/writer.h"

/* Clocks of honest machines differ by less (doc/protocol.md 17.3). */
#define SKEW_S 60

static bool is_accepted(const struct httpa_binding_policy *policy,
                        enum httpa_binding binding)
{
    switch (binding) {
    case HTTPA_BINDING_FRESH:
        return policy->fresh;
    case HTTPA_BINDING_BATCH:
        return policy->batch;
    case HTTPA_BINDING_KEY:
        return policy->key;
    default:
        return false;
    }
}

static const char *name_of(enum httpa_binding binding)
{
    static const char *const names[] = { "none", "fresh", "batch", "key" };
    return (unsigned)binding < 4 ? names[binding] : "none";
}

/* "batch, leaf 17 of 212": leaves are counted from 1 for people. */
static void write_seen(struct httpa_buf *b, const struct httpa_evidence *e)
{
    httpa_buf_put_str(b, name_of(e->binding));
    if (e->binding == HTTPA_BINDING_BATCH) {
        httpa_buf_put_str(b, ", leaf ");
        httpa_write_decimal(b, (uint64_t)e->batch_index + 1);
        httpa_buf_put_str(b, " of ");
        httpa_write_decimal(b, e->batch_size);
    }
}

static void write_accepted(struct httpa_buf *b,
                           const struct httpa_binding_policy *policy)
{
    static const enum httpa_binding all[] = { HTTPA_BINDING_FRESH,
                                              HTTPA_BINDING_BATCH,
                                              HTTPA_BINDING_KEY };
    for (size_t i = 0; i < 3; i++) {
        if (is_accepted(policy, all[i])) {
            httpa_buf_put_str(b, b->n > 0 ? " or " : "");
            httpa_buf_put_str(b, name_of(all[i]));
        }
    }
}

/* FRESH and BATCH cannot be older than the request they answer; the age of a
 * KEY is what its maker says (doc/protocol.md 6.3). */
static int64_t age_of(const struct httpa_appraisal *in,
                      const struct httpa_evidence *e)
{
    if (e->binding != HTTPA_BINDING_KEY) {
        return in->session->age_ms / 1000;
    }
    int64_t since_s = e->not_before_s > 0 ? e->not_before_s : 0;
    return in->now_s > since_s ? in->now_s - since_s : 0;
}

static enum httpa_err judge_binding(const struct httpa_appraisal *in,
                                    struct httpa_verdict *v, unsigned of)
{
    const struct httpa_evidence *e = &in->evidence[of];
    uint8_t seen_storage[64], expected_storage[64];
    struct httpa_buf seen = httpa_buf_fixed(seen_storage, 64);
    struct httpa_buf expected = httpa_buf_fixed(expected_storage, 64);
    bool ok = is_accepted(&in->policy->binding, e->binding);
    bool unbound = v->items[of].unbound;
    if (unbound) {
        httpa_buf_put_str(&seen, "none, listed as ");
    }
    write_seen(&seen, e);
    write_accepted(&expected, &in->policy->binding);
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "evidence.binding",
               .of = of,
               .outcome = !ok       ? HTTPA_OUTCOME_FAIL
                          : unbound ? HTTPA_OUTCOME_WARN
                                    : HTTPA_OUTCOME_PASS,
               .word = HTTPA_WORD_GENUINE,
               .seen = httpa_value_text(httpa_buf_slice(&seen)),
               .expected = httpa_value_text(httpa_buf_slice(&expected)),
               .source = "handshake",
               .has_age = !unbound,
               .age_s = unbound ? 0 : age_of(in, e),
               .text = ok ? "Nothing ties this evidence to this handshake: "
                            "its profile asks for no nonce."
                          : "The evidence is bound to this handshake in a way "
                            "that the policy does not accept.",
               .advice = "Operator: serve fresh evidence. You: "
                         "binding.accept." });
    return ok ? HTTPA_OK : HTTPA_ERR_APPRAISAL;
}

/* doc/protocol.md 6.3, condition 2.  No overflow: 0 <= nb < na. */
static bool interval_holds(const struct httpa_appraisal *in,
                           const struct httpa_evidence *e)
{
    int64_t nb = e->not_before_s, na = e->not_after_s;
    uint32_t max_age_s = in->policy->binding.key_max_age_s;
    return nb >= 0 && na > nb && nb <= in->now_s + SKEW_S &&
           in->now_s < na && na - nb <= (int64_t)max_age_s;
}

static enum httpa_err judge_key(const struct httpa_appraisal *in,
                                struct httpa_verdict *v, unsigned of)
{
    const struct httpa_evidence *e = &in->evidence[of];
    bool lax = in->policy->binding.insecure_key_unproven;
    bool interval = interval_holds(in, e);
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "evidence.key.interval",
               .of = of,
               .outcome = interval ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL,
               .word = HTTPA_WORD_GENUINE,
               .source = "evidence",
               .lapses_s = interval ? e->not_after_s : 0,
               .text = "The attested key is too old, not valid yet, or valid "
                       "for longer than key_max_age.",
               .advice = "Try again; the service makes a new key. Compare "
                         "the clocks." });
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "evidence.key.seen",
               .of = of,
               .outcome = e->seen_fresh ? HTTPA_OUTCOME_PASS
                          : lax         ? HTTPA_OUTCOME_WARN
                                        : HTTPA_OUTCOME_FAIL,
               .word = HTTPA_WORD_GENUINE,
               .source = "handshake",
               .text = "This key was never seen in fresh evidence: its age is "
                       "only claimed.",
               .advice = "Ask for fresh evidence first." });
    return interval && (e->seen_fresh || lax) ? HTTPA_OK : HTTPA_ERR_APPRAISAL;
}

/* Where a profile was met, its items count; else every genuine one, for the
 * reader's sake. */
static bool counts(const struct httpa_verdict *v, unsigned of)
{
    return v->items[of].type != NULL &&
           (v->items[of].used || v->facts.matched.profile.n == 0);
}

/* The verdict names the weakest binding among the items that count; one that
 * is not bound at all proves no age, and lets nobody remember a key as seen in
 * fresh evidence (doc/protocol.md 6.3). */
static void note_binding(struct httpa_verdict *v, enum httpa_binding weakest,
                         bool any_unbound)
{
    v->facts.binding = any_unbound                     ? "none"
                       : weakest == HTTPA_BINDING_NONE ? NULL
                                                       : name_of(weakest);
    v->facts.age_source =
        any_unbound || weakest == HTTPA_BINDING_KEY ? "claimed" : "proved";
}

static enum httpa_err judge_items(const struct httpa_appraisal *in,
                                  struct httpa_verdict *v)
{
    enum httpa_err first = HTTPA_OK;
    enum httpa_binding weakest = HTTPA_BINDING_NONE;
    bool any_unbound = false;
    for (unsigned of = 0; of < v->item_count; of++) {
        if (!counts(v, of)) {
            continue;
        }
        enum httpa_binding binding = in->evidence[of].binding;
        enum httpa_err err = judge_binding(in, v, of);
        if (err == HTTPA_OK && binding == HTTPA_BINDING_KEY) {
            err = judge_key(in, v, of);
        }
        weakest = binding > weakest ? binding : weakest;
        any_unbound = any_unbound || v->items[of].unbound;
        first = first == HTTPA_OK ? err : first;
    }
    note_binding(v, weakest, any_unbound);
    return first;
}

static enum httpa_err judge_base(const struct httpa_appraisal *in,
                                 struct httpa_verdict *v)
{
    const struct httpa_base_policy *p = &in->policy->base;
    struct httpa_slice creation = in->session->creation;
    bool created = (p->creation_new && httpa_slice_is(creation, "new")) ||
                   (p->creation_reuse && httpa_slice_is(creation, "reuse")) ||
                   (p->creation_shared && httpa_slice_is(creation, "shared"));
    bool instances = in->session->direct || !p->direct;
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "base.creation",
               .of = HTTPA_OF_NONE,
               .outcome = created ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL,
               .seen = httpa_value_text(creation),
               .source = "handshake",
               .text = "The service granted another way of creation than the "
                       "policy accepts.",
               .advice = "base.creation of the policy, or --worker of the "
                         "service." });
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "base.instances",
               .of = HTTPA_OF_NONE,
               .outcome = instances ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL,
               .seen = httpa_value_str(in->session->direct ? "direct"
                                                           : "indirect"),
               .source = "handshake",
               .text = "The policy wants every instance to attest to you "
                       "itself." });
    return created && instances ? HTTPA_OK : HTTPA_ERR_APPRAISAL;
}

enum httpa_err httpa_stage_session(const struct httpa_appraisal *in,
                                   struct httpa_verdict *v)
{
    if (in->offline) {
        return HTTPA_OK;
    }
    if (in->session == NULL) {
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = judge_items(in, v);
    enum httpa_err base = judge_base(in, v);
    return err != HTTPA_OK ? err : base;
}
