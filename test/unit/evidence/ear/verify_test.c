#include "crypto/hkdf.h"
#include "token.h"

static struct httpa_key *other; /* P-256, another verifier's */
static struct httpa_key *p384, *rsa, *ed;

static int open_all(void **state)
{
    const struct {
        enum httpa_key_kind kind;
        struct httpa_key **key;
    } rows[] = { { HTTPA_KEY_P256, &other },
                 { HTTPA_KEY_P384, &p384 },
                 { HTTPA_KEY_RSA, &rsa },
                 { HTTPA_KEY_ED25519, &ed } };
    int failed = open_signer(state);
    for (size_t i = 0; i < COUNT(rows) && failed == 0; i++) {
        failed = httpa_key_generate(crypto, rows[i].kind, rows[i].key) !=
                 HTTPA_OK;
    }
    return failed;
}

static int close_all(void **state)
{
    httpa_key_free(other);
    httpa_key_free(p384);
    httpa_key_free(rsa);
    httpa_key_free(ed);
    return close_signer(state);
}

/* A token with that header, signed so, for a policy with |pinned|. */
static void expect_signed(const char *why, const char *header,
                          const struct httpa_key *key,
                          enum httpa_scheme scheme,
                          const struct httpa_key *pinned, enum httpa_err want)
{
    static struct fixture f;
    struct httpa_buf text = make_claims(NULL, NULL);
    struct httpa_buf b =
        make_jwt(header, httpa_buf_slice(&text), key, scheme);
    ear_fixture(&f, "application/eat+jwt", httpa_buf_slice(&b));
    ear_keys[0] = httpa_key_spki(pinned);
    expect(why, &f, want, want == HTTPA_OK ? "" : "ear.signature");
    httpa_buf_done(&b);
    httpa_buf_done(&text);
}

#define ALG(name) "{\"alg\":\"" name "\"}"

static void algorithms(void **state)
{
    const struct {
        const char *why;
        const char *header;
        const struct httpa_key *key;
        enum httpa_scheme scheme;
        const struct httpa_key *pinned;
        enum httpa_err err;
    } rows[] = {
        { "ES256", ALG("ES256"), signer, HTTPA_SIGN_ES256, signer, HTTPA_OK },
        { "ES384", ALG("ES384"), p384, HTTPA_SIGN_ES384, p384, HTTPA_OK },
        { "EdDSA", ALG("EdDSA"), ed, HTTPA_SIGN_ED25519, ed, HTTPA_OK },
        { "PS256", ALG("PS256"), rsa, HTTPA_SIGN_RSA_PSS_SHA256, rsa,
          HTTPA_OK },
        { "PS384", ALG("PS384"), rsa, HTTPA_SIGN_RSAPSS_ANY_SHA384, rsa,
          HTTPA_OK },
        { "RS256", ALG("RS256"), rsa, HTTPA_SIGN_RSASSA_SHA256, rsa, HTTPA_OK },
        { "RS384", ALG("RS384"), rsa, HTTPA_SIGN_RSASSA_SHA384, rsa, HTTPA_OK },
        { "another verifier's key", ALG("ES256"), other, HTTPA_SIGN_ES256,
          signer, HTTPA_ERR_EVIDENCE },
        { "its kid is that of ours", ES256, other, HTTPA_SIGN_ES256, signer,
          HTTPA_ERR_EVIDENCE },
        { "a key of another kind", ALG("ES384"), p384, HTTPA_SIGN_ES384,
          signer, HTTPA_ERR_EVIDENCE },
        { "the header says another kind", ALG("ES384"), signer,
          HTTPA_SIGN_ES256, signer, HTTPA_ERR_EVIDENCE },
        { "PKCS #1 as PSS", ALG("PS256"), rsa, HTTPA_SIGN_RSASSA_SHA256, rsa,
          HTTPA_ERR_EVIDENCE },
        { "PSS as PKCS #1", ALG("RS256"), rsa, HTTPA_SIGN_RSA_PSS_SHA256, rsa,
          HTTPA_ERR_EVIDENCE },
        { "DER for a signature", ALG("ES256"), signer,
          HTTPA_SIGN_ECDSA_P256_SHA256, signer, HTTPA_ERR_EVIDENCE },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect_signed(rows[i].why, rows[i].header, rows[i].key, rows[i].scheme,
                      rows[i].pinned, rows[i].err);
    }
}

/* RFC 8725 2.1: a MAC whose secret is the public key, and nothing at all. */
static void secrets(void **state)
{
    static const char *const headers[] = { ALG("HS256"), ALG("none") };
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        static struct fixture f;
        struct httpa_digest mac;
        struct httpa_buf text = make_claims(NULL, NULL);
        struct httpa_buf b = httpa_buf_growing(HTTPA_EAR_MAX);
        httpa_base64url_write(&b, httpa_slice_str(headers[i]));
        httpa_buf_put_str(&b, ".");
        httpa_base64url_write(&b, httpa_buf_slice(&text));
        const struct httpa_slice message = httpa_buf_slice(&b);
        assert_ok(httpa_hmac(crypto, HTTPA_SHA256, httpa_key_spki(signer),
                             &message, 1, &mac));
        httpa_buf_put_str(&b, ".");
        httpa_base64url_write(&b, httpa_digest_slice(&mac));
        ear_fixture(&f, "application/eat+jwt", httpa_buf_slice(&b));
        expect(headers[i], &f, HTTPA_ERR_EVIDENCE, "ear.form");
        httpa_buf_cut(&b, b.n - HTTPA_BASE64URL_LEN(32));
        f.items[0].value = httpa_buf_slice(&b);
        expect(headers[i], &f, HTTPA_ERR_EVIDENCE, "ear.form");
        httpa_buf_done(&b);
        httpa_buf_done(&text);
    }
}

static void keys(void **state)
{
    static struct fixture f;
    static uint8_t off_curve[91];
    struct httpa_buf b = make_token(NULL, NULL);
    (void)state;
    ear_fixture(&f, "application/eat+jwt", httpa_buf_slice(&b));
    ear_keys[0] = httpa_key_spki(rsa);
    ear_keys[1] = httpa_key_spki(signer);
    ear_policy.key_count = 2;
    expect("the second of two", &f, HTTPA_OK, "");
    memcpy(off_curve, httpa_key_spki(signer).p, sizeof(off_curve));
    off_curve[90] ^= 1;
    ear_keys[0] = httpa_slice_of(off_curve, sizeof(off_curve));
    expect("beside one that is none", &f, HTTPA_OK, "");
    ear_policy.key_count = 1;
    expect("one that is none", &f, HTTPA_ERR_EVIDENCE, "ear.signature");
    ear_policy.key_count = 0;
    expect("none at all", &f, HTTPA_ERR_EVIDENCE, "evidence.present");
    f.in.offline = true; /* an auditor wants to know */
    expect("offline", &f, HTTPA_ERR_UNDECIDED, "ear.signature");
    f.in.policy = NULL;
    expect("no policy", &f, HTTPA_ERR_UNDECIDED, "ear.signature");
    httpa_buf_done(&b);
}

static void times(void **state)
{
    static const struct {
        const char *why;
        const char *from;
        const char *to;
        int64_t later_s;
        const char *reason;
        enum httpa_err err;
    } rows[] = {
        { "now", NULL, NULL, 0, "", HTTPA_OK },
        { "the last second", NULL, NULL, 299, "", HTTPA_OK },
        { "expired", NULL, NULL, 300, "ear.time", HTTPA_ERR_EVIDENCE },
        { "clocks differ", NULL, NULL, -300, "", HTTPA_OK },
        { "of the future", NULL, NULL, -301, "ear.time", HTTPA_ERR_EVIDENCE },
        { "not yet valid", "\"iss\"", "\"nbf\":1795203911,\"iss\"", -2,
          "ear.time", HTTPA_ERR_EVIDENCE },
        { "valid", "\"iss\"", "\"nbf\":1795203911,\"iss\"", 0, "", HTTPA_OK },
        { "without an end, old", "\"exp\"", "\"ex\"", 301, "ear.max_age",
          HTTPA_ERR_APPRAISAL },
        { "without an end, old enough", "\"exp\"", "\"ex\"", 300, "",
          HTTPA_OK },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct fixture f;
        struct httpa_buf b = make_token(rows[i].from, rows[i].to);
        ear_fixture(&f, "application/eat+jwt", httpa_buf_slice(&b));
        f.in.now_s = NOW + rows[i].later_s;
        expect(rows[i].why, &f, rows[i].err, rows[i].reason);
        httpa_buf_done(&b);
    }
}

/* What a verdict over a remote verifier's word always says. */
static void it_warns(void **state)
{
    static struct fixture f;
    static const char *const warnings[] = { "ear.remote",
                                            "measurement.remote" };
    struct httpa_buf b = make_token(NULL, NULL);
    struct httpa_verdict *v = httpa_verdict_new();
    (void)state;
    ear_fixture(&f, "application/eat+jwt", httpa_buf_slice(&b));
    assert_ok(httpa_appraise(&f.in, v));
    assert_int_equal(httpa_verdict_result(v),
                     HTTPA_RESULT_ACCEPTED_WITH_WARNINGS);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_GENUINE),
                     HTTPA_OUTCOME_WARN);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_PINNED),
                     HTTPA_OUTCOME_WARN);
    assert_slice_is(httpa_verdict_facts(v)->matched.profile, "remote");
    for (size_t k = 0; k < COUNT(warnings); k++) {
        size_t n = 0;
        for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
            const struct httpa_check *c = httpa_verdict_check_at(v, i);
            n += strcmp(c->id, warnings[k]) == 0 &&
                 c->outcome == HTTPA_OUTCOME_WARN;
        }
        assert_int_equal(n, 1);
    }
    const struct httpa_claim *key = httpa_verdict_find(v, 0, "verifier_key");
    assert_true(httpa_slice_equal(key->value.bytes, httpa_key_spki(signer)));
    const struct httpa_claim *submods = httpa_verdict_find(v, 0, "submods");
    assert_int_equal(submods->value.count, 2);
    assert_slice_is(submods->value.texts[0], "cpu0: affirming");
    httpa_verdict_free(v);
    httpa_buf_done(&b);
}

/* ------------------------------------------------------------- mutations */

static void refuse_any(struct httpa_slice in, void *arg)
{
    static size_t count;
    struct httpa_slice *good = arg;
    if (count++ % 41 != 0 && under_valgrind()) {
        return;
    }
    struct httpa_slice key = httpa_key_spki(signer);
    const struct httpa_verify_in vin = { .crypto = crypto,
                                         .value = in,
                                         .rd = token_rd,
                                         .policy_keys = &key,
                                         .policy_key_count = 1,
                                         .now_s = NOW };
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verifier *verifier =
        good->p[0] == 'e' ? &httpa_verifier_ear_jwt : &httpa_verifier_ear_cwt;
    enum httpa_err err = verifier->verify(&vin, v, 0);
    if ((err == HTTPA_OK) != httpa_slice_equal(in, *good)) {
        size_t at = 0;
        while (at < in.n && in.p[at] == good->p[at]) {
            at++;
        }
        fail_msg("byte %zu of %zu: %s", at, good->n, httpa_err_name(err));
    }
    httpa_verdict_free(v);
}

/* All of a token is signed, or is the signature. */
static void no_mutation_verifies(void **state)
{
    struct cwt t = good_cwt();
    struct httpa_buf b = make_token(NULL, NULL), c = make_cwt(&t);
    struct httpa_slice jwt = httpa_buf_slice(&b), cwt = httpa_buf_slice(&c);
    (void)state;
    mutate(jwt, refuse_any, &jwt);
    mutate(cwt, refuse_any, &cwt);
    httpa_buf_done(&b);
    httpa_buf_done(&c);
}

/* One form is never taken for the other, nor for the development TEE's. */
static void media_types(void **state)
{
    static struct fixture f;
    static const struct httpa_verifier *const all[] = {
        &httpa_verifier_eat, &httpa_verifier_ear_jwt, &httpa_verifier_ear_cwt
    };
    struct cwt t = good_cwt();
    struct httpa_buf b = make_token(NULL, NULL), c = make_cwt(&t);
    const struct {
        const char *media_type;
        struct httpa_slice token;
        enum httpa_err err;
        const char *reason;
    } rows[] = {
        { "application/eat+jwt", httpa_buf_slice(&b), HTTPA_OK, "" },
        { "application/eat+jwt; eat_profile=\"x\"", httpa_buf_slice(&b),
          HTTPA_OK, "" },
        { "application/eat+jwt", httpa_buf_slice(&c), HTTPA_ERR_EVIDENCE,
          "ear.form" },
        { "application/vnd.httpa.ear-cwt", httpa_buf_slice(&c), HTTPA_OK, "" },
        { "application/vnd.httpa.ear-cwt", httpa_buf_slice(&b),
          HTTPA_ERR_EVIDENCE, "ear.form" },
        { "application/eat+cwt", httpa_buf_slice(&c), HTTPA_ERR_EVIDENCE,
          "dev.token.form" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ear_fixture(&f, rows[i].media_type, rows[i].token);
        f.in.verifiers = all;
        f.in.verifier_count = COUNT(all);
        expect(rows[i].media_type, &f, rows[i].err, rows[i].reason);
    }
    httpa_buf_done(&b);
    httpa_buf_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(algorithms),           cmocka_unit_test(secrets),
        cmocka_unit_test(keys),                 cmocka_unit_test(times),
        cmocka_unit_test(it_warns),             cmocka_unit_test(media_types),
        cmocka_unit_test(no_mutation_verifies),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
