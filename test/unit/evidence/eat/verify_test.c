#include "token.h"

static struct httpa_buf token;
static struct httpa_dev_policy dev;
static const struct httpa_verifier *const eat_only[] = { &httpa_verifier_eat };

static int open_all(void **state)
{
    int failed = open_signer(state);
    token = httpa_buf_growing(HTTPA_EAT_MAX);
    write_token(&token);
    return failed;
}

static int close_all(void **state)
{
    httpa_buf_done(&token);
    return close_signer(state);
}

/* The fixture with the token instead of paper, and a policy for it. */
static void dev_fixture(struct fixture *f)
{
    memcpy(f->rd, token_rd, sizeof(f->rd));
    f->in.verifiers = eat_only;
    f->in.verifier_count = 1;
    f->items[0].media_type = httpa_slice_str("application/eat+cwt");
    f->items[0].value = httpa_buf_slice(&token);
    f->policy.insecure_dev_tee = true;
    f->profiles[0].name = "developer";
    f->profiles[0].type = "dev";
    f->profiles[0].dev = &dev;
    f->references[0][0][0] = equal("app", "demo");
    add_reference(f, 0, 0, equal("build", "00FF"));
    dev.root_spki = httpa_key_spki(signer);
}

static void other_rd(struct fixture *f)
{
    dev_fixture(f);
    f->rd[63] ^= 1;
}
static void other_app(struct fixture *f)
{
    dev_fixture(f);
    f->references[0][0][0] = equal("app", "demo2");
}
static void absent_claim(struct fixture *f)
{
    dev_fixture(f);
    f->references[0][0][0] = equal("owner", "demo");
}
static void other_root(struct fixture *f)
{
    static uint8_t spki[91];
    dev_fixture(f);
    memcpy(spki, dev.root_spki.p, sizeof(spki));
    spki[90] ^= 1;
    dev.root_spki = httpa_slice_of(spki, sizeof(spki));
}
static void no_root(struct fixture *f)
{
    dev_fixture(f);
    dev.root_spki = (struct httpa_slice){ 0 };
}
static void no_settings(struct fixture *f)
{
    dev_fixture(f);
    f->profiles[0].dev = NULL;
}
static void not_allowed(struct fixture *f)
{
    dev_fixture(f);
    f->policy.insecure_dev_tee = false;
}
static void tomorrow(struct fixture *f)
{
    dev_fixture(f);
    f->in.now_s = NOW - 301;
}
static void clocks_differ(struct fixture *f)
{
    dev_fixture(f);
    f->in.now_s = NOW - 300;
}
static void years_later(struct fixture *f)
{
    dev_fixture(f);
    f->in.now_s = NOW + 100000000;
}
static void not_a_token(struct fixture *f)
{
    dev_fixture(f);
    set_script(f, "token");
}
static void stored(struct fixture *f)
{
    dev_fixture(f);
    f->in.offline = true;
    f->items[0].rd = NULL;
}

static void stored_and_asked(struct fixture *f)
{
    stored(f);
    f->items[0].nonce = httpa_slice_of(token_rd, HTTPA_RD_LEN);
}
static void stored_and_another_asked(struct fixture *f)
{
    stored(f);
    f->items[0].nonce = httpa_slice_of(token_rd, HTTPA_RD_LEN - 1);
}

static void rows_of_the_token(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "a token of ours", dev_fixture, HTTPA_OK, "" },
        { "of another handshake", other_rd, HTTPA_ERR_EVIDENCE,
          "dev.token.nonce" },
        { "of other code", other_app, HTTPA_ERR_APPRAISAL,
          "dev.measurement.set" },
        { "a claim that is not there", absent_claim, HTTPA_ERR_APPRAISAL,
          "dev.measurement.set" },
        { "of another key", other_root, HTTPA_ERR_APPRAISAL, "dev.root_key" },
        { "a policy without a key", no_root, HTTPA_ERR_APPRAISAL,
          "dev.root_key" },
        { "without settings", no_settings, HTTPA_ERR_APPRAISAL,
          "dev.root_key" },
        { "a policy without the word", not_allowed, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "made tomorrow", tomorrow, HTTPA_ERR_EVIDENCE, "dev.token.iat" },
        { "made in five minutes", clocks_differ, HTTPA_OK, "" },
        { "rd says when, not iat", years_later, HTTPA_OK, "" },
        { "bytes", not_a_token, HTTPA_ERR_EVIDENCE, "dev.token.form" },
        { "stored", stored, HTTPA_OK, "" },
        { "stored, over the nonce asked for", stored_and_asked, HTTPA_OK, "" },
        { "stored, over another", stored_and_another_asked,
          HTTPA_ERR_EVIDENCE, "dev.token.nonce" },
    };
    run_rows(rows, COUNT(rows));
}

/* No verdict over development evidence is silent about it. */
static void every_use_is_loud(void **state)
{
    (void)state;
    static const struct row row = { "loud", dev_fixture, HTTPA_OK, "" };
    struct httpa_verdict *v = httpa_verdict_new();
    run_row(&row, v);
    assert_int_equal(httpa_verdict_result(v),
                     HTTPA_RESULT_ACCEPTED_WITH_WARNINGS);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_GENUINE),
                     HTTPA_OUTCOME_WARN);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_CURRENT),
                     HTTPA_OUTCOME_SKIP);
    assert_true(httpa_verdict_find(v, 0, "app")->measured);
    assert_false(httpa_verdict_find(v, 0, "root_key")->measured);
    httpa_verdict_free(v);
}

static void verify_mutant(struct httpa_slice in, void *arg)
{
    size_t *count = arg;
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in vin = {
        .crypto = crypto, .value = in, .rd = token_rd, .now_s = NOW
    };
    bool whole = httpa_slice_equal(in, httpa_buf_slice(&token));
    enum httpa_err err = httpa_verifier_eat.verify(&vin, v, 0);
    assert_int_equal(err == HTTPA_OK, whole);
    httpa_verdict_free(v);
    ++*count;
}

/* Every byte of a token counts: nothing outside the signature is ignored but
 * the two tags, and those are not there to be flipped into each other. */
static void no_mutant_passes(void **state)
{
    (void)state;
    size_t count = 0;
    mutate(httpa_buf_slice(&token), verify_mutant, &count);
    assert_int_equal(count, token.n * 9 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_the_token),
        cmocka_unit_test(every_use_is_loud),
        cmocka_unit_test(no_mutant_passes),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
