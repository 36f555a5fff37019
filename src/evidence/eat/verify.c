#include "base/secret.h"
#include "crypto/sign.h"
#include "evidence/eat/eat.h"

/* Clocks that differ by more are wrong in a way that someone must see. */
#define SKEW_S 300

static void add(struct httpa_verdict *v, unsigned of, const char *id,
                enum httpa_err err, const char *text)
{
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = id,
               .of = of,
               .outcome = err == HTTPA_OK ? HTTPA_OUTCOME_PASS
                                          : HTTPA_OUTCOME_FAIL,
               .word = HTTPA_WORD_GENUINE,
               .source = "evidence",
               .seen = err == HTTPA_OK
                           ? (struct httpa_value){ 0 }
                           : httpa_value_str(httpa_strerror(err)),
               .text = text });
}

/* The key comes with the token, so this says no more than that whoever holds
 * it signed: judge() asks whose it is. */
static enum httpa_err check_signature(const struct httpa_verify_in *in,
                                      const struct httpa_cose_sign1 *cose)
{
    struct httpa_pubkey *pubkey = NULL;
    struct httpa_buf tbs = httpa_buf_growing(HTTPA_EAT_MAX);
    enum httpa_err err = httpa_pubkey_read(in->crypto, cose->kid, &pubkey);
    httpa_cose_put_signed(&tbs, cose, (struct httpa_slice){ 0 }, cose->payload);
    if (err == HTTPA_OK) {
        err = httpa_buf_check(&tbs);
    }
    if (err == HTTPA_OK) {
        err = httpa_verify(in->crypto, pubkey, HTTPA_SIGN_ES256,
                           httpa_buf_slice(&tbs), cose->signature);
    }
    httpa_pubkey_free(pubkey);
    httpa_buf_done(&tbs);
    return err;
}

static enum httpa_err check_nonce(const struct httpa_verify_in *in,
                                  struct httpa_slice nonce,
                                  struct httpa_verdict *v, unsigned of)
{
    struct httpa_slice wanted =
        in->rd != NULL ? httpa_slice_of(in->rd, HTTPA_RD_LEN) : in->nonce;
    if (wanted.n == 0) {
        httpa_verdict_check(v, &(struct httpa_check){
                                   .id = "dev.token.nonce",
                                   .of = of,
                                   .outcome = HTTPA_OUTCOME_SKIP,
                                   .source = "evidence" });
        return HTTPA_OK;
    }
    bool same = nonce.n == wanted.n &&
                httpa_ct_equal(nonce.p, wanted.p, wanted.n);
    enum httpa_err err = same ? HTTPA_OK : HTTPA_ERR_EVIDENCE;
    add(v, of, "dev.token.nonce", err,
        "The token was made for another handshake.");
    return err;
}

static enum httpa_err check_iat(int64_t iat_s, int64_t now_s,
                                struct httpa_verdict *v, unsigned of)
{
    bool future = iat_s > now_s && iat_s - now_s > SKEW_S;
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "dev.token.iat",
               .of = of,
               .outcome = future ? HTTPA_OUTCOME_FAIL : HTTPA_OUTCOME_PASS,
               .word = HTTPA_WORD_GENUINE,
               .seen = httpa_value_time(iat_s),
               .expected = httpa_value_str("not in the future"),
               .source = "evidence",
               .has_age = !future,
               .age_s = iat_s < now_s ? now_s - iat_s : 0,
               .text = "The token says it was made in the future.",
               .advice = "Set the clock, here or there." });
    return future ? HTTPA_ERR_EVIDENCE : HTTPA_OK;
}

static void warn(struct httpa_verdict *v, unsigned of)
{
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "dev.insecure",
               .of = of,
               .outcome = HTTPA_OUTCOME_WARN,
               .word = HTTPA_WORD_GENUINE,
               .seen = httpa_value_str("development key"),
               .expected = httpa_value_str("a trusted execution environment"),
               .source = "evidence",
               .text = "DEVELOPMENT evidence: a file on a disk signed it. It "
                       "protects nothing.",
               .advice = "Use a real TEE before anything matters." });
    httpa_verdict_check(v, &(struct httpa_check){
                               .id = "dev.tcb",
                               .of = of,
                               .outcome = HTTPA_OUTCOME_SKIP,
                               .word = HTTPA_WORD_CURRENT,
                               .source = "evidence" });
}

static void claim(const struct httpa_eat *eat, struct httpa_verdict *v,
                  unsigned of)
{
    struct httpa_cbor items = httpa_cbor_map_items(&eat->claims);
    struct httpa_eat_claim c;
    httpa_verdict_claim(v, of, "root_key",
                        httpa_value_bytes(eat->cose.kid));
    httpa_verdict_claim(v, of, "iat", httpa_value_time(eat->iat_s));
    while (httpa_eat_next(&items, &c)) {
        httpa_verdict_measured(v, of, c.name, c.value);
    }
}

static enum httpa_err verify(const struct httpa_verify_in *in,
                             struct httpa_verdict *v, unsigned of)
{
    struct httpa_eat eat;
    enum httpa_err err = httpa_eat_read(in->value, &eat);
    add(v, of, "dev.token.form", err, "The token does not parse.");
    if (err != HTTPA_OK) {
        return err;
    }
    claim(&eat, v, of);
    warn(v, of);
    err = check_signature(in, &eat.cose);
    add(v, of, "dev.token.signature", err,
        "The signature of the token does not verify.");
    if (err == HTTPA_OK) {
        err = check_nonce(in, eat.nonce, v, of);
    }
    if (err == HTTPA_OK) {
        err = check_iat(eat.iat_s, in->now_s, v, of);
    }
    return err;
}

static enum httpa_err judge(const struct httpa_profile *profile,
                            const struct httpa_verify_in *in,
                            struct httpa_verdict *v, unsigned of)
{
    (void)in;
    const struct httpa_claim *key = httpa_verdict_find(v, of, "root_key");
    bool same = profile->dev != NULL && key != NULL &&
                profile->dev->root_spki.n > 0 &&
                httpa_slice_equal(key->value.bytes, profile->dev->root_spki);
    httpa_verdict_check(
        v, &(struct httpa_check){
               .id = "dev.root_key",
               .of = of,
               .outcome = same ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL,
               .word = HTTPA_WORD_GENUINE,
               .source = "policy",
               .text = "Another development key signed the token than the "
                       "policy names.",
               .advice = "Compare root_key with its dev-root.pem." });
    return same ? HTTPA_OK : HTTPA_ERR_APPRAISAL;
}

const struct httpa_verifier httpa_verifier_eat = {
    .type = "dev",
    .media_type = HTTPA_EAT_MEDIA_TYPE,
    .verify = verify,
    .judge = judge,
};
