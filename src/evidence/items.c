/* Every item: its verifier, its digest, what that made of it. */
#include "evidence/appraise.h"

#include <string.h>

#include "codec/cmw.h"
#include "evidence/verified.h"

const struct httpa_verifier *
httpa_verifier_find(const struct httpa_appraisal *in,
                    struct httpa_slice media_type)
{
    for (size_t i = 0; i < in->verifier_count; i++) {
        if (httpa_cmw_is_type(media_type, in->verifiers[i]->media_type)) {
            return in->verifiers[i];
        }
    }
    return NULL;
}

struct httpa_verify_in httpa_verify_input(const struct httpa_appraisal *in,
                                          unsigned of)
{
    return (struct httpa_verify_in){
        .crypto = in->crypto,
        .value = in->evidence[of].value,
        .rd = in->evidence[of].rd,
        .nonce = in->offline ? in->evidence[of].nonce
                             : httpa_slice_of(NULL, 0),
        .endorsements = in->endorsements,
        .endorsement_count = in->endorsement_count,
        .activations = in->activations,
        .activation_count = in->activation_count,
        .now_s = in->now_s,
    };
}

/* A verifier that answers and checks in two ways is not believed in the
 * better one. */
static enum httpa_err agree(struct httpa_verdict *v, size_t from, unsigned of,
                            enum httpa_err err)
{
    const struct httpa_check *blame = httpa_verdict_blame(v, from);
    if (err == HTTPA_OK && blame != NULL) {
        return blame->outcome == HTTPA_OUTCOME_FAIL ? HTTPA_ERR_EVIDENCE
                                                    : HTTPA_ERR_UNDECIDED;
    }
    if (err != HTTPA_OK && blame == NULL) {
        httpa_verdict_check(
            v, &(struct httpa_check){
                   .id = "evidence.verifier",
                   .of = of,
                   .outcome = err == HTTPA_ERR_UNDECIDED
                                  ? HTTPA_OUTCOME_UNKNOWN
                                  : HTTPA_OUTCOME_FAIL,
                   .word = HTTPA_WORD_GENUINE,
                   .seen = httpa_value_str(httpa_strerror(err)),
                   .source = "evidence",
                   .text = "The evidence could not be verified." });
    }
    switch (err) {
    case HTTPA_OK:
    case HTTPA_ERR_UNDECIDED:
    case HTTPA_ERR_MEMORY:
    case HTTPA_ERR_CRYPTO:
        return err;
    default:
        return HTTPA_ERR_EVIDENCE;
    }
}

/* An unknown type counts for nothing and harms nothing: what is demanded must
 * be there in another item (doc/protocol.md 6.2). */
static void say_unknown(struct httpa_verdict *v, unsigned of)
{
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "evidence.type",
               .of = of,
               .outcome = HTTPA_OUTCOME_SKIP,
               .seen = httpa_value_text(v->items[of].media_type),
               .expected = httpa_value_str("a type this program knows"),
               .source = "evidence" });
}

static enum httpa_err need_rd(const struct httpa_appraisal *in,
                              struct httpa_verdict *v, unsigned of)
{
    if (in->offline || in->evidence[of].rd != NULL) {
        return HTTPA_OK;
    }
    httpa_verdict_check(v, &(struct httpa_check){
                               .id = "evidence.rd",
                               .of = of,
                               .outcome = HTTPA_OUTCOME_FAIL,
                               .word = HTTPA_WORD_GENUINE,
                               .source = "handshake",
                               .text = "The caller did not say what the "
                                       "evidence must be bound to." });
    return HTTPA_ERR_USAGE;
}

/* None of a policy that names too many, which was refused. */
static size_t collect_keys(const struct httpa_policy *policy, const char *type,
                           struct httpa_slice *keys)
{
    size_t n = httpa_policy_keys(policy, type, keys);
    return n <= HTTPA_POLICY_KEYS_MAX ? n : 0;
}

static enum httpa_err verify(const struct httpa_appraisal *in,
                             struct httpa_verdict *v, unsigned of,
                             const struct httpa_verifier *verifier)
{
    size_t from = v->check_count;
    enum httpa_err err = need_rd(in, v, of);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_slice keys[HTTPA_POLICY_KEYS_MAX];
    struct httpa_verify_in vin = httpa_verify_input(in, of);
    vin.policy_keys = keys;
    vin.policy_key_count = collect_keys(in->policy, verifier->type, keys);
    err = httpa_verified_verify(in->verified, verifier, &vin, v, of);
    return agree(v, from, of, err);
}

/* A remote verifier's word for somebody else: a service may send it along for
 * clients that trust that verifier. */
static bool is_for_others(const struct httpa_appraisal *in,
                          const struct httpa_verifier *verifier)
{
    struct httpa_slice keys[HTTPA_POLICY_KEYS_MAX];
    return !in->offline && strcmp(verifier->type, "ear") == 0 &&
           collect_keys(in->policy, verifier->type, keys) == 0;
}

static enum httpa_err take(const struct httpa_appraisal *in,
                           struct httpa_verdict *v, unsigned of)
{
    const struct httpa_evidence *e = &in->evidence[of];
    struct httpa_verdict_item *item = &v->items[of];
    *item = (struct httpa_verdict_item){
        .media_type = httpa_verdict_copy(v, e->media_type)
    };
    v->item_count = of + 1;
    enum httpa_err err = httpa_verified_sha256(in->verified, in->crypto,
                                               e->value, item->sha256);
    if (err != HTTPA_OK) {
        return err;
    }
    const struct httpa_verifier *verifier =
        httpa_verifier_find(in, e->media_type);
    if (verifier == NULL || is_for_others(in, verifier)) {
        say_unknown(v, of);
        return HTTPA_OK;
    }
    item->type = verifier->type;
    err = verify(in, v, of, verifier);
    item->cryptographic = err == HTTPA_OK              ? HTTPA_OUTCOME_PASS
                          : err == HTTPA_ERR_UNDECIDED ? HTTPA_OUTCOME_UNKNOWN
                                                       : HTTPA_OUTCOME_FAIL;
    return err;
}

static bool any_known(const struct httpa_verdict *v)
{
    for (size_t i = 0; i < v->item_count; i++) {
        if (v->items[i].type != NULL) {
            return true;
        }
    }
    return false;
}

static void say_absent(struct httpa_verdict *v)
{
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "evidence.present",
               .of = HTTPA_OF_NONE,
               .outcome = HTTPA_OUTCOME_FAIL,
               .word = HTTPA_WORD_GENUINE,
               .expected = httpa_value_str("evidence of a known type"),
               .source = "evidence",
               .text = "There is no evidence of a type this program knows.",
               .advice = "Operator: let `httpa serve` attest (--tee)." });
}

enum httpa_err httpa_stage_items(const struct httpa_appraisal *in,
                                 struct httpa_verdict *v)
{
    enum httpa_err first = HTTPA_OK;
    if (in->evidence_count > HTTPA_EVIDENCE_MAX) {
        return HTTPA_ERR_LIMIT;
    }
    for (unsigned of = 0; of < in->evidence_count; of++) {
        enum httpa_err err = take(in, v, of);
        if (first == HTTPA_OK || first == HTTPA_ERR_UNDECIDED) {
            first = err != HTTPA_OK ? err : first;
        }
    }
    if (first == HTTPA_OK && !any_known(v)) {
        say_absent(v);
        first = HTTPA_ERR_EVIDENCE;
    }
    v->cryptographic = first == HTTPA_OK              ? HTTPA_OUTCOME_PASS
                       : first == HTTPA_ERR_UNDECIDED ? HTTPA_OUTCOME_UNKNOWN
                                                      : HTTPA_OUTCOME_FAIL;
    return first;
}
