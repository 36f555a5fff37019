#include "token.h"

/* One replacement in the claims, one change to the policy. */
struct ask {
    const char *why;
    const char *from;
    const char *to;
    void (*change)(struct fixture *f);
    enum httpa_err err;
    const char *reason;
};

static struct httpa_slice texts[2];

static void want_warning(struct fixture *f)
{
    (void)f;
    ear_policy.min_status = HTTPA_EAR_WARNING;
}
static void want_none(struct fixture *f)
{
    (void)f;
    ear_policy.min_status = HTTPA_EAR_NONE;
}
static void want_anything(struct fixture *f)
{
    (void)f;
    ear_policy.min_status = HTTPA_EAR_CONTRAINDICATED;
}
static void want_nothing(struct fixture *f)
{
    (void)f;
    ear_policy.min_status = HTTPA_EAR_UNSET;
}
static void want_gpu0(struct fixture *f)
{
    (void)f;
    texts[0] = httpa_slice_str("cpu0");
    texts[1] = httpa_slice_str("gpu0");
    ear_policy.submods = texts;
    ear_policy.submod_count = 2;
}
static void want_profile(struct fixture *f)
{
    (void)f;
    texts[0] = httpa_slice_str("tag:example.com,2026:p");
    texts[1] = httpa_slice_str("tag:example.com,2026:q");
    ear_policy.profiles = texts;
    ear_policy.profile_count = 2;
}
static void want_issuer(struct fixture *f)
{
    (void)f;
    ear_policy.issuer = "https://v.example";
}
static void no_age(struct fixture *f)
{
    (void)f;
    ear_policy.max_age_s = 0;
}
static void other_rd(struct fixture *f)
{
    f->rd[63] ^= 1;
}
static void any_nonce(struct fixture *f)
{
    other_rd(f);
    ear_policy.insecure_any_nonce = true;
}
static void stored(struct fixture *f)
{
    f->in.offline = true;
    f->items[0].rd = NULL;
}
static void stored_with_nonce(struct fixture *f)
{
    stored(f);
    f->items[0].nonce = httpa_slice_of(token_rd, HTTPA_RD_LEN);
}
static void stored_with_other_nonce(struct fixture *f)
{
    stored(f);
    f->items[0].nonce = httpa_slice_of(token_rd, HTTPA_RD_LEN - 1);
}
static void no_settings(struct fixture *f)
{
    f->profiles[0].ear = NULL;
}
static void key_of_another_profile(struct fixture *f)
{
    static struct httpa_ear_policy elsewhere;
    elsewhere = ear_policy;
    ear_policy.key_count = 0;
    ear_policy.keys = NULL;
    add_profile(f, "elsewhere", "ear");
    f->profiles[1].sets = NULL;
    f->profiles[1].ear = &elsewhere;
    elsewhere.issuer = "https://w.example";
}
static void with_a_set(struct fixture *f)
{
    f->profiles[0].sets = f->sets[0];
    f->profiles[0].set_count = 1;
}
static void too_many_keys(struct fixture *f)
{
    (void)f;
    ear_policy.key_count = HTTPA_EAR_KEYS_MAX + 1;
}
static void measured(struct fixture *f)
{
    f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
}
static void beside_a_tpm(struct fixture *f)
{
    f->with[0] = (struct httpa_profile){ .name = "tpm", .type = "tpm",
                                         .sets = &f->with_set,
                                         .set_count = 1 };
    f->with_reference = equal("sha256.pcr11", "aa");
    f->with_set = (struct httpa_set){ .references = &f->with_reference,
                                      .reference_count = 1 };
    f->profiles[0].with = f->with;
    f->profiles[0].with_count = 1;
}
static void another_type(struct fixture *f)
{
    f->profiles[0].type = "dev";
    f->policy.insecure_dev_tee = true;
}
static void refuse_product(struct fixture *f)
{
    texts[0] = httpa_slice_str("milan");
    f->policy.refuse.products = texts;
    f->policy.refuse.product_count = 1;
}

#define REFUSED HTTPA_ERR_APPRAISAL
#define GPU0 "\"gpu0\":{\"ear.status\":\"affirming\"}"
#define GPU(status) "\"gpu0\":{\"ear.status\":\"" status "\"}"
#define VECTOR "\"executables\":3"

static const struct ask asks[] = {
    { "as it should be", NULL, NULL, NULL, HTTPA_OK, "" },
    { "the nonce of another handshake", NULL, NULL, other_rd, REFUSED,
      "ear.nonce" },
    { "no nonce", "\"eat_nonce\"", "\"nonce\"", NULL, REFUSED, "ear.nonce" },
    { "a padded nonce", "@\"", "@==\"", NULL, HTTPA_OK, "" },
    { "half padded", "@\"", "@=\"", NULL, REFUSED, "ear.nonce" },
    { "a longer one", "@\"", "@AA\"", NULL, REFUSED, "ear.nonce" },
    { "padded too much", "@\"", "@===\"", NULL, HTTPA_ERR_EVIDENCE,
      "ear.form" },
    { "a nonce in hex", "\"@\"",
      "\"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\"", NULL, REFUSED,
      "ear.nonce" },
    { "any nonce", NULL, NULL, any_nonce, HTTPA_OK, "" },
    { "stored", NULL, NULL, stored, HTTPA_OK, "" },
    { "stored, with its nonce", NULL, NULL, stored_with_nonce, HTTPA_OK, "" },
    { "stored, with the beginning of it", NULL, NULL, stored_with_other_nonce,
      REFUSED, "ear.nonce" },
    { "one of two warns", GPU0, GPU("warning"), NULL, REFUSED,
      "ear.min_status" },
    { "one of two is contraindicated", GPU0, GPU("contraindicated"), NULL,
      REFUSED, "ear.min_status" },
    { "nothing is claimed of one", GPU0, GPU("none"), NULL, REFUSED,
      "ear.min_status" },
    { "a warning is fine", GPU0, GPU("warning"), want_warning, HTTPA_OK, "" },
    { "that is no claim", GPU0, GPU("none"), want_warning, REFUSED,
      "ear.min_status" },
    { "no claim is fine", GPU0, GPU("none"), want_none, HTTPA_OK, "" },
    { "so is a warning", GPU0, GPU("warning"), want_none, HTTPA_OK, "" },
    { "contraindicated never is", GPU0, GPU("contraindicated"), want_anything,
      REFUSED, "ear.min_status" },
    { "nothing is", NULL, NULL, want_nothing, REFUSED, "ear.min_status" },
    { "overall a warning", "\"iss\"", "\"ear_status\":\"warning\",\"iss\"",
      NULL, REFUSED, "ear.min_status" },
    { "a claim that warns", VECTOR, "\"executables\":32", NULL, REFUSED,
      "ear.vector" },
    { "in a warning", VECTOR, "\"executables\":32", want_none, REFUSED,
      "ear.vector" },
    { "a claim against it", VECTOR, "\"executables\":-128", want_anything,
      REFUSED, "ear.vector" },
    { "claims that say nothing", VECTOR, "\"executables\":-1", NULL, HTTPA_OK,
      "" },
    { "names that are there", NULL, NULL, want_gpu0, HTTPA_OK, "" },
    { "one that is not", "gpu0", "gpu1", want_gpu0, REFUSED, "ear.submods" },
    { "the beginning of one", "gpu0", "gpu", want_gpu0, REFUSED,
      "ear.submods" },
    { "an unknown profile", "veraison/ear", "veraison/eat", NULL, REFUSED,
      "ear.profile" },
    { "draft 04", "tag:github.com,2023:veraison/ear",
      "tag:ietf.org,2026:rats/ear#04", NULL, HTTPA_OK, "" },
    { "the second of two", "tag:github.com,2023:veraison/ear",
      "tag:example.com,2026:q", want_profile, HTTPA_OK, "" },
    { "named ones replace the known", NULL, NULL, want_profile, REFUSED,
      "ear.profile" },
    { "its issuer", NULL, NULL, want_issuer, HTTPA_OK, "" },
    { "another issuer", "v.example", "w.example", want_issuer, REFUSED,
      "ear.issuer" },
    { "no issuer", "\"iss\"", "\"is\"", want_issuer, REFUSED, "ear.issuer" },
    { "an age nobody gave", NULL, NULL, no_age, REFUSED, "ear.max_age" },
    { "no settings", NULL, NULL, no_settings, HTTPA_ERR_EVIDENCE,
      "evidence.present" }, /* is for others */
    { "a key that another profile believes", NULL, NULL,
      key_of_another_profile, REFUSED, "ear.verifier_keys" },
    { "a profile with a set", NULL, NULL, with_a_set, HTTPA_ERR_CONFIG,
      "policy.form" },
    { "too many keys", NULL, NULL, too_many_keys, HTTPA_ERR_CONFIG,
      "policy.form" },
    { "identity measured", NULL, NULL, measured, HTTPA_ERR_CONFIG,
      "policy.form" },
    { "no sets, of another type", NULL, NULL, another_type, HTTPA_ERR_CONFIG,
      "policy.form" },
    { "a TPM that is not there", NULL, NULL, beside_a_tpm, REFUSED,
      "profile.type" },
    { "refused products", NULL, NULL, refuse_product, HTTPA_OK, "" },
};

static void rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(asks); i++) {
        static struct fixture f;
        struct httpa_buf b = make_token(asks[i].from, asks[i].to);
        ear_fixture(&f, "application/eat+jwt", httpa_buf_slice(&b));
        if (asks[i].change == too_many_keys) {
            static struct httpa_slice many[HTTPA_EAR_KEYS_MAX + 1];
            ear_policy.keys = many;
        }
        if (asks[i].change != NULL) {
            asks[i].change(&f);
        }
        expect(asks[i].why, &f, asks[i].err, asks[i].reason);
        httpa_buf_done(&b);
    }
}

static void cwts(void **state)
{
    static struct fixture f;
    struct cwt t = good_cwt();
    struct httpa_buf b = make_cwt(&t);
    (void)state;
    ear_fixture(&f, "application/vnd.httpa.ear-cwt", httpa_buf_slice(&b));
    expect("as it should be", &f, HTTPA_OK, "");
    other_rd(&f);
    expect("of another handshake", &f, REFUSED, "ear.nonce");
    httpa_buf_done(&b);
    t.hardware = 97;
    b = make_cwt(&t);
    ear_fixture(&f, "application/vnd.httpa.ear-cwt", httpa_buf_slice(&b));
    expect("against itself", &f, REFUSED, "ear.vector");
    httpa_buf_done(&b);
    t.status = 96;
    b = make_cwt(&t);
    ear_fixture(&f, "application/vnd.httpa.ear-cwt", httpa_buf_slice(&b));
    expect("contraindicated", &f, REFUSED, "ear.min_status");
    httpa_buf_done(&b);
}

/* A token that no nonce ties to the handshake is not fresh evidence of it,
 * however it was listed, and proves no age. */
static void any_nonce_is_no_binding(void **state)
{
    static struct fixture f;
    struct httpa_buf b = make_token(NULL, NULL);
    (void)state;
    for (unsigned any = 0; any < 2; any++) {
        struct httpa_verdict *v = httpa_verdict_new();
        bool warned = false;
        ear_fixture(&f, "application/eat+jwt", httpa_buf_slice(&b));
        if (any == 1) {
            any_nonce(&f);
        }
        assert_ok(httpa_appraise(&f.in, v));
        assert_string_equal(httpa_verdict_facts(v)->binding,
                            any == 1 ? "none" : "fresh");
        assert_string_equal(httpa_verdict_facts(v)->age_source,
                            any == 1 ? "claimed" : "proved");
        for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
            const struct httpa_check *c = httpa_verdict_check_at(v, i);
            warned = warned || (strcmp(c->id, "evidence.binding") == 0 &&
                                c->outcome == HTTPA_OUTCOME_WARN);
        }
        assert_int_equal(warned, any == 1);
        httpa_verdict_free(v);
    }
    httpa_buf_done(&b);
}

/* judge() alone: whatever verify() made of it, the key is asked for. */
static void without_a_key(void **state)
{
    static struct fixture f;
    struct httpa_buf b = make_token(NULL, NULL);
    struct httpa_verdict *v = httpa_verdict_new();
    (void)state;
    ear_fixture(&f, "application/eat+jwt", httpa_buf_slice(&b));
    const struct httpa_verify_in in = { .crypto = crypto,
                                        .value = httpa_buf_slice(&b),
                                        .rd = token_rd,
                                        .now_s = NOW };
    assert_err(HTTPA_ERR_APPRAISAL,
               httpa_verifier_ear_jwt.judge(&f.profiles[0], &in, v, 0));
    assert_string_equal(httpa_verdict_check_at(v, 0)->id, "ear.verifier_keys");
    httpa_verdict_free(v);
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(cwts),
        cmocka_unit_test(any_nonce_is_no_binding),
        cmocka_unit_test(without_a_key),
    };
    return cmocka_run_group_tests(tests, open_signer, close_signer);
}
