/* `refuse`: judged last, of every genuine item, matched or not, and wins. */
#include "evidence/appraise.h"

struct list {
    const struct httpa_slice *v;
    size_t n;
};

/* A name in a list of the policy: as text without case, bytes as bytes or as
 * the hex of a text. */
static bool names(struct list list, const struct httpa_value *value)
{
    for (size_t i = 0; i < list.n; i++) {
        struct httpa_value text = httpa_value_text(list.v[i]);
        if ((value->type == HTTPA_VALUE_TEXT &&
             httpa_slice_equal_nocase(list.v[i], value->bytes)) ||
            (value->type == HTTPA_VALUE_BYTES &&
             (httpa_slice_equal(list.v[i], value->bytes) ||
              httpa_value_matches(&text, value)))) {
            return true;
        }
    }
    return false;
}

static bool names_any(struct list list, const struct httpa_value *value)
{
    if (value->type != HTTPA_VALUE_TEXTS) {
        return names(list, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        struct httpa_value one = httpa_value_text(value->texts[i]);
        if (names(list, &one)) {
            return true;
        }
    }
    return false;
}

static void say(struct httpa_verdict *v, const char *id,
                const struct httpa_claim *hit)
{
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = id,
               .of = hit != NULL ? hit->of : HTTPA_OF_NONE,
               .outcome = hit != NULL ? HTTPA_OUTCOME_FAIL
                                      : HTTPA_OUTCOME_PASS,
               .word = HTTPA_WORD_CURRENT,
               .seen = hit != NULL ? hit->value : (struct httpa_value){ 0 },
               .expected = httpa_value_str("not in the list"),
               .source = "policy",
               .text = "The policy's `refuse` names it.",
               .advice = "Use another replica." });
}

/* |claim| NULL: any register. */
static enum httpa_err judge(struct httpa_verdict *v, const char *id,
                            const char *claim, struct list list)
{
    const struct httpa_claim *hit = NULL;
    if (list.n == 0) {
        return HTTPA_OK;
    }
    for (size_t i = 0; i < v->claim_count && hit == NULL; i++) {
        const struct httpa_claim *c = &v->claims[i];
        bool concerned =
            claim != NULL ? httpa_slice_is(c->name, claim) : c->measured;
        if (concerned && names_any(list, &c->value)) {
            hit = c;
        }
    }
    say(v, id, hit);
    return hit != NULL ? HTTPA_ERR_APPRAISAL : HTTPA_OK;
}

static enum httpa_err judge_base(const struct httpa_appraisal *in,
                                 struct httpa_verdict *v)
{
    struct list list = { in->policy->refuse.bases,
                         in->policy->refuse.base_count };
    if (list.n == 0 || in->session == NULL) {
        return HTTPA_OK;
    }
    struct httpa_claim base = { .of = HTTPA_OF_NONE,
                                .value = httpa_value_text(in->session->base) };
    bool hit = names(list, &base.value);
    say(v, "refuse.bases", hit ? &base : NULL);
    return hit ? HTTPA_ERR_APPRAISAL : HTTPA_OK;
}

enum httpa_err httpa_stage_refuse(const struct httpa_appraisal *in,
                                  struct httpa_verdict *v)
{
    const struct httpa_refuse_policy *r = &in->policy->refuse;
    const struct {
        const char *id;
        const char *claim;
        struct list list;
    } rows[] = {
        { "refuse.products", "product", { r->products, r->product_count } },
        { "refuse.chips", "chip", { r->chips, r->chip_count } },
        { "refuse.measurements", NULL,
          { r->measurements, r->measurement_count } },
        { "refuse.signers", "signer", { r->signers, r->signer_count } },
        { "refuse.advisories", "advisories",
          { r->advisories, r->advisory_count } },
    };
    enum httpa_err first = judge_base(in, v);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum httpa_err err = judge(v, rows[i].id, rows[i].claim, rows[i].list);
        first = first == HTTPA_OK ? err : first;
    }
    return first;
}
