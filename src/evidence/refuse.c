/* `refuse`: judged last, of every genuine item, matched or not, and wins. */
#include "evidence/appraise.h"

#include <string.h>

#include "codec/hex.h"

#define SIGNER_MAX 64u /* bytes of the longest: SHA-512 */

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

/* A text that is the hex of an entry: one of several that a claim lists. */
static bool names_hex(struct list list, struct httpa_slice text)
{
    uint8_t room[SIGNER_MAX];
    struct httpa_buf bytes = httpa_buf_fixed(room, sizeof(room));
    if (httpa_hex_read(text, &bytes) != HTTPA_OK) {
        return false;
    }
    struct httpa_value value = httpa_value_bytes(httpa_buf_slice(&bytes));
    return names(list, &value);
}

static bool names_any(struct list list, const struct httpa_value *value)
{
    if (value->type != HTTPA_VALUE_TEXTS) {
        return names(list, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        struct httpa_value one = httpa_value_text(value->texts[i]);
        if (names(list, &one) || names_hex(list, value->texts[i])) {
            return true;
        }
    }
    return false;
}

/* Who signed what runs, by the claims of each type.  Intel signs TDX modules
 * alone, a TPM and a remote verifier know no signer. */
static const struct signer {
    const char *type;
    const char *claim;
} signers[] = {
    { "sev-snp", "id_key_digest" },
    { "sev-snp", "author_key_digest" },
    { "sgx", "mrsigner" },
    { "nitro", "pcr8" },
    { "cca", "signer_ids" },
};

static const char *const unsigned_types[] = { "tdx", "tpm", "ear", "dev" };

bool httpa_policy_has_signer(const struct httpa_profile *profile)
{
    for (size_t i = 0; i < sizeof(unsigned_types) / sizeof(unsigned_types[0]);
         i++) {
        if (strcmp(profile->type, unsigned_types[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* "signer" is for types that a program brings itself. */
static bool is_signer(const struct httpa_verdict *v,
                      const struct httpa_claim *c)
{
    const char *type = c->of < v->item_count ? v->items[c->of].type : NULL;
    bool is = httpa_slice_is(c->name, "signer");
    if (type == NULL) {
        return is;
    }
    for (size_t i = 0; i < sizeof(signers) / sizeof(signers[0]) && !is; i++) {
        is = strcmp(signers[i].type, type) == 0 &&
             httpa_slice_is(c->name, signers[i].claim);
    }
    return is;
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

static bool is_register(const struct httpa_verdict *v,
                        const struct httpa_claim *c)
{
    (void)v;
    return c->measured;
}

typedef bool (*concern_fn)(const struct httpa_verdict *v,
                           const struct httpa_claim *c);

/* Claims called |claim|, or, where that is NULL, those that |concerned|
 * picks. */
static enum httpa_err judge(struct httpa_verdict *v, const char *id,
                            const char *claim, concern_fn concerned,
                            struct list list)
{
    const struct httpa_claim *hit = NULL;
    if (list.n == 0) {
        return HTTPA_OK;
    }
    for (size_t i = 0; i < v->claim_count && hit == NULL; i++) {
        const struct httpa_claim *c = &v->claims[i];
        if ((claim != NULL ? httpa_slice_is(c->name, claim)
                           : concerned(v, c)) &&
            names_any(list, &c->value)) {
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
        concern_fn concerned;
        struct list list;
    } rows[] = {
        { "refuse.products",
          "product",
          NULL,
          { r->products, r->product_count } },
        { "refuse.chips", "chip", NULL, { r->chips, r->chip_count } },
        { "refuse.measurements",
          NULL,
          is_register,
          { r->measurements, r->measurement_count } },
        { "refuse.signers",
          NULL,
          is_signer,
          { r->signers, r->signer_count } },
        { "refuse.advisories",
          "advisories",
          NULL,
          { r->advisories, r->advisory_count } },
    };
    enum httpa_err first = judge_base(in, v);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum httpa_err err = judge(v, rows[i].id, rows[i].claim,
                                   rows[i].concerned, rows[i].list);
        first = first == HTTPA_OK ? err : first;
    }
    return first;
}
