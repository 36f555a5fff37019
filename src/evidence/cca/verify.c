#include <string.h>

#include "base/secret.h"
#include "base/writer.h"
#include "codec/cmw.h"
#include "codec/pem.h"
#include "evidence/cca/cca.h"

#define MEDIA_TYPE "application/eat-collection"

#define SIGNER_TEXT 128u /* hex of 64 bytes */

/* A component in words: four values and what is between them. */
#define COMPONENT_TEXT (2 * HTTPA_CCA_NAME_MAX + 4 * 64 + 32)

/* One verification: the input, what was parsed, where checks go. */
struct job {
    const struct httpa_verify_in *in;
    struct httpa_verdict *v;
    unsigned of;
    struct httpa_cca token;
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
    if (err != HTTPA_OK) {
        c.seen = httpa_value_str(httpa_strerror(err));
    }
    httpa_verdict_check(j->v, &c);
    return err;
}

static enum httpa_err parse(struct job *j)
{
    enum httpa_err err = httpa_cca_read(j->in->value, &j->token);
    return finish(j,
                  (struct httpa_check){ .id = "cca.form",
                                        .text = "The token does not parse." },
                  err);
}

/* ------------------------------------------------------------- signatures */

static enum httpa_err verify_cose(const struct job *j,
                                  const struct httpa_cose_sign1 *cose,
                                  const struct httpa_cca_alg *alg,
                                  const struct httpa_pubkey *key)
{
    struct httpa_buf tbs = httpa_buf_growing(2 * HTTPA_CCA_MAX);
    httpa_cose_put_signed(&tbs, cose, (struct httpa_slice){ 0 }, cose->payload);
    enum httpa_err err = httpa_buf_check(&tbs);
    if (err == HTTPA_OK) {
        err = httpa_verify(j->in->crypto, key, alg->scheme,
                           httpa_buf_slice(&tbs), cose->signature);
    }
    httpa_buf_done(&tbs);
    return err;
}

/* The key comes with the token: the platform vouches for it below. */
static enum httpa_err check_realm(const struct job *j)
{
    const struct httpa_cca_realm *realm = &j->token.realm;
    struct httpa_pubkey *key = NULL;
    enum httpa_err err =
        httpa_cca_rak(j->in->crypto, realm->rak, realm->alg, &key);
    if (err == HTTPA_OK) {
        err = verify_cose(j, &realm->cose, realm->alg, key);
    }
    httpa_pubkey_free(key);
    return finish(j,
                  (struct httpa_check){
                      .id = "cca.realm.signature",
                      .text = "The realm's key did not sign the realm's "
                              "token." },
                  err);
}

/* Over the claim's bytes: one key has two encodings, and two hashes. */
static enum httpa_err check_rak(const struct job *j)
{
    const struct httpa_cca_realm *realm = &j->token.realm;
    struct httpa_digest digest;
    enum httpa_err err = httpa_hash_once(j->in->crypto, realm->rak_hash,
                                         realm->rak, &digest);
    if (err == HTTPA_OK &&
        !httpa_slice_equal(httpa_digest_slice(&digest),
                           j->token.platform.challenge)) {
        err = HTTPA_ERR_EVIDENCE;
    }
    return finish(j,
                  (struct httpa_check){
                      .id = "cca.rak",
                      .text = "The platform's token is not for this realm's "
                              "key: its challenge is not the key's hash." },
                  err);
}

/* ------------------------------------------------------------------- CPAK */

/* Candidates, and how they fared. */
struct search {
    size_t tried; /* keys that were read */
    enum httpa_err err;
};

static void claim_cpak(const struct job *j, const struct httpa_pubkey *key)
{
    httpa_verdict_claim(j->v, j->of, "cpak",
                        httpa_value_bytes(httpa_pubkey_spki(key)));
}

/* One that is of no use is none: it must not hide the right one. */
static void try_key(const struct job *j, struct httpa_slice spki,
                    struct search *s)
{
    const struct httpa_cca_platform *p = &j->token.platform;
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_pubkey_read(j->in->crypto, spki, &key);
    if (err == HTTPA_OK) {
        s->tried++;
        err = verify_cose(j, &p->cose, p->alg, key);
    }
    if (err == HTTPA_OK) {
        claim_cpak(j, key);
    }
    if (err == HTTPA_OK || err == HTTPA_ERR_MEMORY ||
        err == HTTPA_ERR_CRYPTO) {
        s->err = err;
    }
    httpa_pubkey_free(key);
}

static void try_pem(const struct job *j, struct httpa_slice text,
                    struct search *s)
{
    struct httpa_buf der = httpa_buf_growing(HTTPA_SPKI_MAX);
    struct httpa_pem pem = httpa_pem_of(text);
    struct httpa_slice label;
    enum httpa_err err = httpa_pem_next(&pem, &label, &der);
    if (err == HTTPA_OK && !httpa_pem_more(&pem) &&
        httpa_slice_is(label, "PUBLIC KEY")) {
        try_key(j, httpa_buf_slice(&der), s);
    } else if (err == HTTPA_ERR_MEMORY) {
        s->err = err;
    }
    httpa_buf_done(&der);
}

/* Those that came along, from anybody. */
static void try_endorsements(const struct job *j, struct search *s)
{
    for (size_t i = 0;
         s->err == HTTPA_ERR_SIGNATURE && i < j->in->endorsement_count; i++) {
        const struct httpa_endorsement *e = &j->in->endorsements[i];
        if (httpa_cmw_is_type(e->media_type, HTTPA_ENDORSEMENT_CPAK)) {
            try_pem(j, e->value, s);
        }
    }
}

/* Those of the policy come first: where one of them has signed, what came
 * along is not looked at.  Whose CPAK it is, no token says and no vendor's
 * root: judge() asks the profile.  Without a candidate nothing can be said of
 * the platform. */
static enum httpa_err check_platform(const struct job *j)
{
    struct search s = { 0, HTTPA_ERR_SIGNATURE };
    struct httpa_check c = {
        .id = "cca.platform.signature",
        .text = "None of the CPAKs at hand, the policy's among them, signed "
                "the platform's token.",
        .advice = "Ask whoever made the platform for the CPAK of this "
                  "instance_id.",
    };
    for (size_t i = 0;
         s.err == HTTPA_ERR_SIGNATURE && i < j->in->policy_key_count; i++) {
        try_key(j, j->in->policy_keys[i], &s);
    }
    try_endorsements(j, &s);
    if (s.err == HTTPA_ERR_SIGNATURE && s.tried == 0) {
        c.text = "There is no CPAK to verify the platform's token with.";
        s.err = HTTPA_ERR_UNDECIDED;
    }
    return finish(j, c, s.err);
}

/* ---------------------------------------------------------------- binding */

static void skip(const struct job *j, const char *id)
{
    httpa_verdict_check(j->v, &(struct httpa_check){
                                  .id = id,
                                  .of = j->of,
                                  .outcome = HTTPA_OUTCOME_SKIP,
                                  .source = "evidence" });
}

/* A challenge shorter than its field is padded with zeros by whoever asks the
 * firmware; rd fills it. */
static enum httpa_err check_binding(const struct job *j)
{
    const struct httpa_verify_in *in = j->in;
    uint8_t expected[HTTPA_CCA_CHALLENGE] = { 0 };
    struct httpa_check c = { .id = "cca.binding" };
    bool fits = true;
    if (in->rd != NULL) {
        memcpy(expected, in->rd, HTTPA_RD_LEN);
        c.text = "The token was made for another handshake.";
    } else if (in->nonce.n > 0) {
        fits = in->nonce.n <= sizeof(expected);
        memcpy(expected, in->nonce.p, fits ? in->nonce.n : 0);
        c.text = "The token was not made for this challenge.";
    } else {
        skip(j, c.id);
        return HTTPA_OK;
    }
    bool same = fits && httpa_ct_equal(j->token.realm.challenge.p, expected,
                                       sizeof(expected));
    return finish(j, c, same ? HTTPA_OK : HTTPA_ERR_EVIDENCE);
}

/* ----------------------------------------------------------------- claims */

static void claim_bytes(const struct job *j, const char *name,
                        struct httpa_slice bytes)
{
    if (bytes.n > 0) {
        httpa_verdict_claim(j->v, j->of, name, httpa_value_bytes(bytes));
    }
}

static void claim_text(const struct job *j, const char *name,
                       struct httpa_slice text)
{
    if (text.n > 0) {
        httpa_verdict_claim(j->v, j->of, name, httpa_value_text(text));
    }
}

static void claim_register(const struct job *j, const char *name,
                           struct httpa_slice bytes)
{
    httpa_verdict_measured(j->v, j->of, httpa_slice_str(name),
                           httpa_value_bytes(bytes));
}

/* "RMM 1.0.0 <measurement> by <signer>", and "-" for what is not there. */
static struct httpa_slice describe(const struct httpa_cca_component *p,
                                   struct httpa_buf *b)
{
    struct httpa_slice none = httpa_slice_str("-");
    httpa_buf_put_slice(b, p->type.n > 0 ? p->type : none);
    httpa_buf_put_str(b, " ");
    httpa_buf_put_slice(b, p->version.n > 0 ? p->version : none);
    httpa_buf_put_str(b, " ");
    httpa_write_hex(b, p->measurement);
    httpa_buf_put_str(b, " by ");
    httpa_write_hex(b, p->signer_id);
    return httpa_buf_slice(b);
}

static void claim_components(const struct job *j)
{
    uint8_t rooms[HTTPA_CCA_COMPONENTS_MAX][COMPONENT_TEXT];
    struct httpa_slice texts[HTTPA_CCA_COMPONENTS_MAX];
    const struct httpa_cca_platform *p = &j->token.platform;
    for (size_t i = 0; i < p->components_n; i++) {
        struct httpa_buf b = httpa_buf_fixed(rooms[i], COMPONENT_TEXT);
        texts[i] = describe(&p->components[i], &b);
    }
    httpa_verdict_claim(j->v, j->of, "components",
                        httpa_value_texts(texts, p->components_n));
}

/* Of all components, as `refuse` looks for them. */
static void claim_signers(const struct job *j)
{
    uint8_t rooms[HTTPA_CCA_COMPONENTS_MAX][SIGNER_TEXT];
    struct httpa_slice texts[HTTPA_CCA_COMPONENTS_MAX];
    const struct httpa_cca_platform *p = &j->token.platform;
    for (size_t i = 0; i < p->components_n; i++) {
        struct httpa_buf b = httpa_buf_fixed(rooms[i], sizeof(rooms[i]));
        httpa_write_hex(&b, p->components[i].signer_id);
        texts[i] = httpa_buf_slice(&b);
    }
    httpa_verdict_claim(j->v, j->of, "signer_ids",
                        httpa_value_texts(texts, p->components_n));
}

static void claim_platform(const struct job *j)
{
    const struct httpa_cca_platform *p = &j->token.platform;
    claim_text(j, "platform_profile", p->profile);
    claim_bytes(j, "implementation_id", p->implementation_id);
    claim_bytes(j, "instance_id", p->instance_id);
    claim_bytes(j, "chip", p->instance_id); /* as `refuse` names it */
    claim_bytes(j, "config", p->config);
    claim_text(j, "lifecycle",
               httpa_slice_str(httpa_cca_lifecycle(p->lifecycle)));
    claim_text(j, "verification_service", p->service);
    claim_components(j);
    claim_signers(j);
}

static void claim_realm(const struct job *j)
{
    static const char *const rems[HTTPA_CCA_REMS] = { "rem0", "rem1", "rem2",
                                                      "rem3" };
    const struct httpa_cca_realm *r = &j->token.realm;
    claim_text(j, "realm_profile", r->profile);
    claim_bytes(j, "challenge", r->challenge);
    claim_register(j, "rim", r->rim);
    for (size_t i = 0; i < HTTPA_CCA_REMS; i++) {
        claim_register(j, rems[i], r->rem[i]);
    }
    claim_register(j, "personalization_value", r->personalization);
}

/* For want of a CPAK the claims are shown all the same: they say which CPAK
 * to ask for. */
static enum httpa_err
verify(const struct httpa_verify_in *in, struct httpa_verdict *v, unsigned of)
{
    struct job j = { .in = in, .v = v, .of = of };
    enum httpa_err err = parse(&j);
    if (err == HTTPA_OK) {
        err = check_realm(&j);
    }
    if (err == HTTPA_OK) {
        err = check_rak(&j);
    }
    if (err == HTTPA_OK) {
        err = check_platform(&j);
        if (err == HTTPA_OK || err == HTTPA_ERR_UNDECIDED) {
            claim_platform(&j);
            claim_realm(&j);
        }
    }
    return err == HTTPA_OK ? check_binding(&j) : err;
}

const struct httpa_verifier httpa_verifier_cca = {
    .type = "cca",
    .media_type = MEDIA_TYPE,
    .verify = verify,
    .judge = httpa_cca_judge,
};
