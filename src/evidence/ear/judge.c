/* What a policy asks of a token whose signature has verified. */
#include "evidence/ear/ear.h"

#include "base/secret.h"
#include "codec/base64.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* One judgement. */
struct job {
    const struct httpa_ear_policy *policy;
    const struct httpa_verify_in *in;
    struct httpa_verdict *v;
    unsigned of;
    struct httpa_ear ear;
};

static enum httpa_err
finish(const struct job *j, struct httpa_check c, bool ok)
{
    c.of = j->of;
    c.outcome = ok ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
    c.word = HTTPA_WORD_GENUINE;
    c.source = "policy";
    httpa_verdict_check(j->v, &c);
    return ok ? HTTPA_OK : HTTPA_ERR_APPRAISAL;
}

static bool is_in(struct httpa_slice text, const struct httpa_slice *list,
                  size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (httpa_slice_equal(text, list[i])) {
            return true;
        }
    }
    return false;
}

/* verify() tried the keys of every profile: this one's must be among them. */
static enum httpa_err judge_key(const struct job *j)
{
    const struct httpa_claim *key =
        httpa_verdict_find(j->v, j->of, "verifier_key");
    struct httpa_check c = {
        .id = "ear.verifier_keys",
        .expected = httpa_value_str("a key of this profile"),
        .text = "Another verifier has signed the token than the profile "
                "believes.",
        .advice = "Compare verifier_keys with the key that the verifier "
                  "publishes.",
    };
    bool ok = key != NULL && key->value.bytes.n > 0 &&
              is_in(key->value.bytes, j->policy->keys, j->policy->key_count);
    c.seen = key != NULL ? key->value : c.seen;
    return finish(j, c, ok);
}

static enum httpa_err judge_profile(const struct job *j)
{
    const struct httpa_slice known[] = {
        httpa_slice_str("tag:github.com,2023:veraison/ear"),
        httpa_slice_str("tag:ietf.org,2026:rats/ear#04"),
    };
    bool named = j->policy->profile_count > 0;
    const struct httpa_slice *list = named ? j->policy->profiles : known;
    size_t n = named ? j->policy->profile_count : COUNT(known);
    return finish(j,
                  (struct httpa_check){
                      .id = "ear.profile",
                      .seen = httpa_value_text(j->ear.profile),
                      .expected = httpa_value_texts(list, n),
                      .text = "The token is of another profile, so its claims "
                              "may mean something else.",
                      .advice = "If that is the verifier's, name it in "
                                "`profile`." },
                  is_in(j->ear.profile, list, n));
}

static enum httpa_err judge_issuer(const struct job *j)
{
    if (j->policy->issuer == NULL) {
        return HTTPA_OK;
    }
    return finish(j,
                  (struct httpa_check){
                      .id = "ear.issuer",
                      .seen = httpa_value_text(j->ear.issuer),
                      .expected = httpa_value_str(j->policy->issuer),
                      .text = "The token is of another issuer." },
                  httpa_slice_is(j->ear.issuer, j->policy->issuer));
}

/* verify() has asked whether it is of the future. */
static enum httpa_err judge_age(const struct job *j)
{
    int64_t age_s = j->in->now_s - j->ear.iat_s;
    return finish(j,
                  (struct httpa_check){
                      .id = "ear.max_age",
                      .seen = httpa_value_time(j->ear.iat_s),
                      .expected = httpa_value_str("within max_age"),
                      .has_age = true,
                      .age_s = age_s > 0 ? age_s : 0,
                      .lapses_s = j->ear.iat_s + (int64_t)j->policy->max_age_s,
                      .text = "The token is older than the policy allows.",
                      .advice = "Ask the verifier for a new result, or raise "
                                "max_age." },
                  j->policy->max_age_s > 0 &&
                      age_s <= (int64_t)j->policy->max_age_s);
}

/* ------------------------------------------------------------------ nonce */

/* The token's nonce is |wanted|, in base64url where it is text; with all of
 * its padding, as Veraison writes it, or with none (RFC 9711 7.2.2). */
static bool is_nonce(const struct httpa_ear *ear, struct httpa_slice wanted)
{
    uint8_t storage[HTTPA_EAR_NONCE_TEXT_MAX];
    struct httpa_buf text = httpa_buf_fixed(storage, sizeof(storage));
    bool padded = ear->nonce.n > 0 && ear->nonce.p[ear->nonce.n - 1] == '=';
    if (ear->nonce_is_text) {
        httpa_base64url_write(&text, wanted);
        while (padded && text.n % 4 != 0) {
            httpa_buf_put_str(&text, "=");
        }
        wanted = httpa_buf_slice(&text);
    }
    return httpa_buf_check(&text) == HTTPA_OK && wanted.n > 0 &&
           ear->nonce.n == wanted.n &&
           httpa_ct_equal(ear->nonce.p, wanted.p, wanted.n);
}

static enum httpa_err judge_nonce(const struct job *j)
{
    struct httpa_slice wanted = j->in->rd != NULL
                                    ? httpa_slice_of(j->in->rd, HTTPA_RD_LEN)
                                    : j->in->nonce;
    struct httpa_check c = {
        .id = "ear.nonce",
        .of = j->of,
        .outcome = HTTPA_OUTCOME_WARN,
        .word = HTTPA_WORD_GENUINE,
        .source = "policy",
        .text = "The token was not made for this handshake.",
        .advice = "The verifier has to echo as eat_nonce what it is asked.",
    };
    if (!j->policy->insecure_any_nonce && wanted.n > 0) {
        return finish(j, c, is_nonce(&j->ear, wanted));
    }
    if (j->policy->insecure_any_nonce) {
        c.text = "The policy asks for no nonce: the token may be another "
                 "machine's, as old as max_age allows.";
        c.advice = "Let the verifier echo rd, and write nonce true.";
    } else {
        c.outcome = HTTPA_OUTCOME_SKIP;
    }
    httpa_verdict_check(j->v, &c);
    return HTTPA_OK;
}

/* ---------------------------------------------------------------- submods */

static enum httpa_err judge_names(const struct job *j)
{
    const struct httpa_ear_policy *policy = j->policy;
    for (size_t i = 0; i < policy->submod_count; i++) {
        size_t n = 0;
        while (n < j->ear.submod_count &&
               !httpa_slice_equal(j->ear.submods[n].name,
                                  policy->submods[i])) {
            n++;
        }
        if (n == j->ear.submod_count) {
            return finish(j,
                          (struct httpa_check){
                              .id = "ear.submods",
                              .seen = httpa_value_str("nothing"),
                              .expected = httpa_value_text(policy->submods[i]),
                              .text = "The verifier says nothing of an "
                                      "attester that the policy demands." },
                          false);
        }
    }
    return HTTPA_OK;
}

static bool is_good(const struct job *j, enum httpa_ear_status status)
{
    return status != HTTPA_EAR_UNSET && status != HTTPA_EAR_CONTRAINDICATED &&
           status <= j->policy->min_status;
}

/* "cpu0: warning" */
static struct httpa_value describe(struct httpa_buf *b, struct httpa_slice name,
                                   enum httpa_ear_status status)
{
    httpa_buf_put_slice(b, name);
    httpa_buf_put_str(b, name.n > 0 ? ": " : "");
    httpa_buf_put_str(b, httpa_ear_word(status));
    return httpa_value_text(httpa_buf_slice(b));
}

static enum httpa_err judge_status(const struct job *j,
                                   enum httpa_ear_status status,
                                   struct httpa_slice name)
{
    uint8_t storage[HTTPA_EAR_NAME_MAX + 24];
    struct httpa_buf b = httpa_buf_fixed(storage, sizeof(storage));
    return finish(j,
                  (struct httpa_check){
                      .id = "ear.min_status",
                      .seen = describe(&b, name, status),
                      .expected = httpa_value_str(
                          httpa_ear_word(j->policy->min_status)),
                      .text = "The verifier does not vouch for it as the "
                              "policy demands.",
                      .advice = "Look at `submods` among the claims, and at "
                                "the verifier's own log." },
                  is_good(j, status));
}

/* A status is never better than the worst of its vector (draft-ietf-rats-ear
 * 3.2): a verifier that says otherwise is not to be believed either way. */
static enum httpa_err judge_vector(const struct job *j,
                                   const struct httpa_ear_submod *submod)
{
    uint8_t storage[HTTPA_EAR_NAME_MAX + 24];
    struct httpa_buf b = httpa_buf_fixed(storage, sizeof(storage));
    if (submod->worst <= submod->status) {
        return HTTPA_OK;
    }
    return finish(j,
                  (struct httpa_check){
                      .id = "ear.vector",
                      .seen = describe(&b, submod->name, submod->worst),
                      .expected =
                          httpa_value_str(httpa_ear_word(submod->status)),
                      .text = "The token contradicts itself: a trust claim is "
                              "worse than the status says.",
                      .advice = "Tell the verifier's owner." },
                  false);
}

/* Every one, whether the policy names it or not. */
static enum httpa_err judge_submods(const struct job *j)
{
    enum httpa_err err = judge_names(j);
    if (err == HTTPA_OK && j->ear.overall != HTTPA_EAR_UNSET) {
        err = judge_status(j, j->ear.overall, (struct httpa_slice){ 0 });
    }
    for (size_t i = 0; i < j->ear.submod_count && err == HTTPA_OK; i++) {
        err = judge_vector(j, &j->ear.submods[i]);
        if (err == HTTPA_OK) {
            err = judge_status(j, j->ear.submods[i].status,
                               j->ear.submods[i].name);
        }
    }
    return err;
}

enum httpa_err httpa_ear_judge(httpa_ear_read_fn read,
                               const struct httpa_profile *profile,
                               const struct httpa_verify_in *in,
                               struct httpa_verdict *v, unsigned of)
{
    static enum httpa_err (*const stages[])(const struct job *) = {
        judge_key, judge_profile, judge_issuer,
        judge_age, judge_nonce,   judge_submods,
    };
    struct job j = { .policy = profile->ear, .in = in, .v = v, .of = of };
    if (j.policy == NULL) {
        return HTTPA_ERR_APPRAISAL;
    }
    /* the same bytes that verify() read */
    enum httpa_err err = read(in->value, &j.ear);
    if (err != HTTPA_OK) {
        return err == HTTPA_ERR_MEMORY ? err : HTTPA_ERR_APPRAISAL;
    }
    for (size_t i = 0; i < COUNT(stages) && err == HTTPA_OK; i++) {
        err = stages[i](&j);
    }
    httpa_ear_done(&j.ear);
    return err;
}
