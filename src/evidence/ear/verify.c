#include "evidence/ear/ear.h"

#include "crypto/hash.h"

/* Clocks that differ by more are wrong in a way that someone must see. */
#define SKEW_S 300

/* One verification: the input, what was parsed, where checks go. */
struct job {
    const struct httpa_verify_in *in;
    struct httpa_verdict *v;
    unsigned of;
    struct httpa_ear ear;
    struct httpa_slice spki; /* of the key that signed */
};

/* Adds |c|, which passes when |err| is HTTPA_OK, and returns |err|. */
static enum httpa_err
finish(const struct job *j, struct httpa_check c, enum httpa_err err)
{
    c.of = j->of;
    c.outcome = err == HTTPA_OK              ? HTTPA_OUTCOME_PASS
                : err == HTTPA_ERR_UNDECIDED ? HTTPA_OUTCOME_UNKNOWN
                                             : HTTPA_OUTCOME_FAIL;
    c.word = HTTPA_WORD_GENUINE;
    c.source = "evidence";
    if (err != HTTPA_OK && c.seen.type == HTTPA_VALUE_NONE) {
        c.seen = httpa_value_str(httpa_strerror(err));
    }
    httpa_verdict_check(j->v, &c);
    return err;
}

/* -------------------------------------------------------------- signature */

/* The key decides how it signs: the token's word counts only if it is one of
 * that kind of key (RFC 8725 3.1).  Its kid is a hint, and is not taken. */
static enum httpa_err try_key(const struct job *j, struct httpa_slice spki)
{
    const struct httpa_ear *ear = &j->ear;
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_pubkey_read(j->in->crypto, spki, &key);
    if (err == HTTPA_OK && httpa_pubkey_kind_of(key) != ear->alg->kind) {
        err = HTTPA_ERR_KEY;
    }
    if (err == HTTPA_OK) {
        err = httpa_verify(j->in->crypto, key, ear->alg->scheme, ear->message,
                           ear->signature);
    }
    httpa_pubkey_free(key);
    return err;
}

/* Every key is tried, until one has signed or something is broken. */
static enum httpa_err try_keys(struct job *j)
{
    enum httpa_err err = HTTPA_ERR_KEY;
    for (size_t i = 0; i < j->in->policy_key_count; i++) {
        err = try_key(j, j->in->policy_keys[i]);
        if (err == HTTPA_OK) {
            j->spki = j->in->policy_keys[i];
        }
        if (err == HTTPA_OK || err == HTTPA_ERR_MEMORY ||
            err == HTTPA_ERR_CRYPTO) {
            return err;
        }
    }
    return err;
}

static enum httpa_err check_signature(struct job *j)
{
    struct httpa_check c = {
        .id = "ear.signature",
        .expected = httpa_value_str("a verifier_key of the policy"),
        .text = "No verifier that the policy believes has signed the token.",
        .advice = "Compare verifier_keys with the key that the verifier "
                  "publishes.",
    };
    if (j->in->policy_key_count == 0) {
        c.text = "Which verifier is to be believed is not said, so nothing "
                 "says who signed the token.";
        c.advice = "Name its key in a profile of type ear.";
        return finish(j, c, HTTPA_ERR_UNDECIDED);
    }
    return finish(j, c, try_keys(j));
}

/* ------------------------------------------------------------------ times */

static enum httpa_err check_time(const struct job *j)
{
    const struct httpa_ear *ear = &j->ear;
    int64_t now_s = j->in->now_s;
    bool early = ear->iat_s > now_s + SKEW_S || ear->nbf_s > now_s + SKEW_S;
    bool late = ear->exp_s != 0 && now_s >= ear->exp_s;
    struct httpa_check c = {
        .id = "ear.time",
        .seen = httpa_value_time(late ? ear->exp_s : ear->iat_s),
        .expected = httpa_value_str(late ? "not expired" : "not in the future"),
        .has_age = !early,
        .age_s = ear->iat_s < now_s ? now_s - ear->iat_s : 0,
        .lapses_s = early || late ? 0 : ear->exp_s,
        .text = late ? "The token has expired."
                     : "The token is of the future.",
        .advice = late ? "Ask the verifier for a new result."
                       : "Set the clock, here or there.",
    };
    return finish(j, c, early || late ? HTTPA_ERR_EXPIRED : HTTPA_OK);
}

/* ----------------------------------------------------------------- claims */

static void claim_text(const struct job *j, const char *name,
                       struct httpa_slice text)
{
    if (text.n > 0) {
        httpa_verdict_claim(j->v, j->of, name, httpa_value_text(text));
    }
}

/* "cpu0: affirming" */
static void claim_submods(const struct job *j)
{
    uint8_t rooms[HTTPA_EAR_SUBMODS_MAX][HTTPA_EAR_NAME_MAX + 24];
    struct httpa_slice texts[HTTPA_EAR_SUBMODS_MAX];
    for (size_t i = 0; i < j->ear.submod_count; i++) {
        struct httpa_buf b = httpa_buf_fixed(rooms[i], sizeof(rooms[i]));
        httpa_buf_put_slice(&b, j->ear.submods[i].name);
        httpa_buf_put_str(&b, ": ");
        httpa_buf_put_str(&b, httpa_ear_word(j->ear.submods[i].status));
        texts[i] = httpa_buf_slice(&b);
    }
    httpa_verdict_claim(j->v, j->of, "submods",
                        httpa_value_texts(texts, j->ear.submod_count));
}

/* What is signed; called once the signature has verified. */
static void claim_all(const struct job *j)
{
    httpa_verdict_claim(j->v, j->of, "verifier_key",
                        httpa_value_bytes(j->spki));
    claim_text(j, "eat_profile", j->ear.profile);
    claim_text(j, "issuer", j->ear.issuer);
    claim_text(j, "verifier_developer", j->ear.developer);
    claim_text(j, "verifier_build", j->ear.build);
    httpa_verdict_claim(j->v, j->of, "iat", httpa_value_time(j->ear.iat_s));
    claim_submods(j);
}

/* In every verdict: what is accepted here, somebody else has looked at. */
static enum httpa_err warn(const struct job *j)
{
    struct httpa_digest digest;
    enum httpa_err err = httpa_hash_once(j->in->crypto, HTTPA_SHA256, j->spki,
                                         &digest);
    if (err != HTTPA_OK) {
        return err;
    }
    httpa_verdict_check(
        j->v,
        &(struct httpa_check){
            .id = "ear.remote",
            .of = j->of,
            .outcome = HTTPA_OUTCOME_WARN,
            .word = HTTPA_WORD_GENUINE,
            .seen = httpa_value_bytes(httpa_digest_slice(&digest)),
            .expected = httpa_value_str("evidence of the hardware itself"),
            .source = "evidence",
            .text = "REMOTE VERIFIER: nothing of the hardware was looked at "
                    "here. Whoever has the verifier's key (its SHA-256 is "
                    "what was seen) vouches for all of it.",
            .advice = "Demand the evidence itself where its type is known." });
    httpa_verdict_check(j->v, &(struct httpa_check){
                                  .id = "ear.firmware",
                                  .of = j->of,
                                  .outcome = HTTPA_OUTCOME_SKIP,
                                  .word = HTTPA_WORD_CURRENT,
                                  .source = "evidence" });
    return HTTPA_OK;
}

static enum httpa_err verify(httpa_ear_read_fn read,
                             const struct httpa_verify_in *in,
                             struct httpa_verdict *v, unsigned of)
{
    struct job j = { .in = in, .v = v, .of = of };
    enum httpa_err err = read(in->value, &j.ear);
    if (finish(&j,
               (struct httpa_check){ .id = "ear.form",
                                     .text = "The token does not parse." },
               err) != HTTPA_OK) {
        return err;
    }
    err = check_signature(&j);
    if (err == HTTPA_OK) {
        claim_all(&j);
        err = warn(&j);
    }
    if (err == HTTPA_OK) {
        err = check_time(&j);
    }
    httpa_ear_done(&j.ear);
    return err;
}

static enum httpa_err verify_jwt(const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of)
{
    return verify(httpa_ear_read_jwt, in, v, of);
}

static enum httpa_err verify_cwt(const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of)
{
    return verify(httpa_ear_read_cwt, in, v, of);
}

static enum httpa_err judge_jwt(const struct httpa_profile *profile,
                                const struct httpa_verify_in *in,
                                struct httpa_verdict *v, unsigned of)
{
    return httpa_ear_judge(httpa_ear_read_jwt, profile, in, v, of);
}

static enum httpa_err judge_cwt(const struct httpa_profile *profile,
                                const struct httpa_verify_in *in,
                                struct httpa_verdict *v, unsigned of)
{
    return httpa_ear_judge(httpa_ear_read_cwt, profile, in, v, of);
}

const struct httpa_verifier httpa_verifier_ear_jwt = {
    .type = "ear",
    .media_type = HTTPA_EAR_JWT,
    .verify = verify_jwt,
    .judge = judge_jwt,
};

const struct httpa_verifier httpa_verifier_ear_cwt = {
    .type = "ear",
    .media_type = HTTPA_EAR_CWT,
    .verify = verify_cwt,
    .judge = judge_cwt,
};
