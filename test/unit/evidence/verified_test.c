/*
 * When an item is said again, and when it is not: a verifier that counts how
 * often it is asked, and whose answer has a date in it.
 */
#include <httpa/verified.h>

#include "crypto/memo.h"
#include "support.h"

#define BEGINS (NOW - 10)
#define ENDS (NOW + 10)

static unsigned asked;
static enum httpa_err answer;
static bool says_too_much;

/* Genuine from BEGINS up to and with ENDS. */
static enum httpa_err verify_dated(const struct httpa_verify_in *in,
                                   struct httpa_verdict *v, unsigned of)
{
    struct httpa_check c = {
        .id = "paper.word",
        .of = of,
        .outcome = HTTPA_OUTCOME_PASS,
        .word = HTTPA_WORD_GENUINE,
        .seen = httpa_value_text(in->value),
        .source = "evidence",
        .has_age = true,
        .age_s = in->now_s > BEGINS ? in->now_s - BEGINS : 0,
        .lapses_s = ENDS,
    };
    asked++;
    httpa_memo_instant(in->crypto, BEGINS);
    httpa_memo_instant(in->crypto, ENDS);
    bool is_over = in->now_s < BEGINS || in->now_s > ENDS;
    c.outcome = is_over ? HTTPA_OUTCOME_FAIL : HTTPA_OUTCOME_PASS;
    httpa_verdict_check(v, &c);
    httpa_verdict_check(v, &(struct httpa_check){ .id = "paper.skip",
                                                  .of = HTTPA_OF_NONE,
                                                  .outcome = HTTPA_OUTCOME_SKIP,
                                                  .source = "evidence" });
    httpa_verdict_measured(v, of, httpa_slice_str("mr"),
                           httpa_value_bytes(httpa_slice_str("\xaa\x11")));
    httpa_verdict_claim(v, of, "words", httpa_value_texts(&in->value, 1));
    if (says_too_much) {
        paper_check(v, of, HTTPA_OUTCOME_UNKNOWN);
    }
    return is_over ? HTTPA_ERR_EXPIRED : answer;
}

static const struct httpa_verifier dated = {
    .type = "paper",
    .media_type = "application/x-paper",
    .is_watched = true,
    .verify = verify_dated,
};
static const struct httpa_verifier unwatched = {
    .type = "paper",
    .media_type = "application/x-paper",
    .verify = verify_dated,
};
static const struct httpa_verifier twin = {
    .type = "card",
    .media_type = "application/x-card",
    .is_watched = true,
    .verify = verify_dated,
};
static const struct httpa_verifier *verifiers[] = { &dated, &twin };

static struct httpa_verified *verified;
static struct fixture f;

static int fresh(void **state)
{
    (void)state;
    fixture_init(&f);
    f.in.verifiers = verifiers;
    f.in.verifier_count = COUNT(verifiers);
    verifiers[0] = &dated;
    set_script(&f, "hello");
    asked = 0;
    answer = HTTPA_OK;
    says_too_much = false;
    return httpa_verified_new(crypto, &verified) == HTTPA_OK ? 0 : -1;
}

static int done(void **state)
{
    (void)state;
    httpa_verified_free(verified);
    return 0;
}

static struct httpa_buf
text_of(struct httpa_verified *with, enum httpa_err *ret_err)
{
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_buf b = httpa_buf_growing(1u << 20);
    f.in.verified = with;
    *ret_err = httpa_appraise(&f.in, v);
    assert_ok(httpa_verdict_json(v, &b));
    httpa_verdict_free(v);
    return b;
}

/* Appraises with the memory and without: the same to the byte.  How often the
 * verifier was asked with it. */
static unsigned look(enum httpa_err want)
{
    enum httpa_err err[2];
    unsigned before = asked;
    struct httpa_buf with = text_of(verified, &err[0]);
    unsigned times = asked - before;
    struct httpa_buf without = text_of(NULL, &err[1]);
    assert_err(want, err[0]);
    assert_err(want, err[1]);
    assert_int_equal(with.n, without.n);
    assert_memory_equal(with.p, without.p, with.n);
    httpa_buf_done(&with);
    httpa_buf_done(&without);
    return times;
}

static void once(void **state)
{
    (void)state;
    assert_int_equal(look(HTTPA_OK), 1);
    assert_int_equal(look(HTTPA_OK), 0);
    assert_int_equal(look(HTTPA_OK), 0);
    assert_int_equal(httpa_verified_stats(verified).items, 2);
}

/* Every second around both dates, in both directions, from a look at each. */
static void only_between_dates(void **state)
{
    (void)state;
    static const int64_t starts[] = { BEGINS, BEGINS + 1, NOW, ENDS - 1, ENDS };
    for (size_t i = 0; i < COUNT(starts); i++) {
        done(NULL);
        fresh(NULL);
        f.in.now_s = starts[i];
        assert_int_equal(look(HTTPA_OK), 1);
        for (int64_t t = BEGINS - 2; t <= ENDS + 2; t++) {
            bool is_good = t >= BEGINS && t <= ENDS;
            f.in.now_s = t;
            (void)look(is_good ? HTTPA_OK : HTTPA_ERR_EVIDENCE);
        }
    }
    done(NULL);
    fresh(NULL);
    assert_int_equal(look(HTTPA_OK), 1);
    f.in.now_s = ENDS - 1;
    assert_int_equal(look(HTTPA_OK), 0);
    f.in.now_s = BEGINS + 1;
    assert_int_equal(look(HTTPA_OK), 0);
    f.in.now_s = ENDS;
    assert_int_equal(look(HTTPA_OK), 1);
}

/* Each thing that a verifier is given, changed alone. */
static void only_for_the_same(void **state)
{
    static struct httpa_endorsement more[2] = {
        { { (const uint8_t *)"a/b", 3 }, { (const uint8_t *)"cd", 2 } },
        { { (const uint8_t *)"e/f", 3 }, { (const uint8_t *)"gh", 2 } },
    };
    static struct httpa_activation activation = {
        { (const uint8_t *)"name", 4 }, { (const uint8_t *)"ek", 2 }
    };
    (void)state;
    assert_int_equal(look(HTTPA_OK), 1);
    set_script(&f, "hellp");
    assert_int_equal(look(HTTPA_OK), 1);
    f.rd[63] ^= 1;
    assert_int_equal(look(HTTPA_OK), 1);
    f.in.endorsements = more;
    f.in.endorsement_count = 1;
    assert_int_equal(look(HTTPA_OK), 1);
    f.in.endorsement_count = 2;
    assert_int_equal(look(HTTPA_OK), 1);
    more[0].media_type.n--;
    assert_int_equal(look(HTTPA_OK), 1);
    more[1].value.n--;
    assert_int_equal(look(HTTPA_OK), 1);
    f.in.activations = &activation;
    f.in.activation_count = 1;
    assert_int_equal(look(HTTPA_OK), 1);
    assert_int_equal(look(HTTPA_OK), 0);
    f.items[0].media_type = httpa_slice_str("application/x-card");
    f.profiles[0].type = "card";
    assert_int_equal(look(HTTPA_OK), 1);
    assert_int_equal(look(HTTPA_OK), 0);
}

/* Policies are judged anew: a pin, an expiry, a refusal, the binding. */
static void under_any_policy(void **state)
{
    (void)state;
    assert_int_equal(look(HTTPA_OK), 1);
    f.references[0][0][0] = equal("mr", "bb22");
    assert_int_equal(look(HTTPA_ERR_APPRAISAL), 0);
    f.references[0][0][0] = equal("mr", "AA11");
    f.policy.expires_s = NOW;
    assert_int_equal(look(HTTPA_ERR_EXPIRED), 0);
    f.policy.expires_s = 0;
    f.origins[0] = httpa_slice_str("https://b.example");
    f.policy.origin_count = 1;
    assert_int_equal(look(HTTPA_ERR_NO_POLICY), 0);
    f.policy.origin_count = 0;
    f.in.policy = NULL;
    assert_int_equal(look(HTTPA_ERR_NO_POLICY), 0);
    f.in.policy = &f.policy;
    f.items[0].binding = HTTPA_BINDING_KEY;
    (void)look(HTTPA_ERR_APPRAISAL);
    f.items[0].binding = HTTPA_BINDING_FRESH;
    assert_int_equal(look(HTTPA_OK), 0);
}

static void never_a_failure(void **state)
{
    (void)state;
    answer = HTTPA_ERR_SIGNATURE;
    assert_int_equal(look(HTTPA_ERR_EVIDENCE), 1);
    assert_int_equal(look(HTTPA_ERR_EVIDENCE), 1);
    answer = HTTPA_ERR_UNDECIDED;
    assert_int_equal(look(HTTPA_ERR_UNDECIDED), 1);
    answer = HTTPA_OK;
    says_too_much = true; /* an open check, and OK */
    assert_int_equal(look(HTTPA_ERR_UNDECIDED), 1);
    assert_int_equal(look(HTTPA_ERR_UNDECIDED), 1);
    says_too_much = false;
    assert_int_equal(look(HTTPA_OK), 1);
}

/* Who does not name its dates is asked each time. */
static void only_the_watched(void **state)
{
    (void)state;
    verifiers[0] = &unwatched;
    assert_int_equal(look(HTTPA_OK), 1);
    assert_int_equal(look(HTTPA_OK), 1);
}

/* An item keeps what was said of it, wherever it stands in the list. */
static void of_another_number(void **state)
{
    (void)state;
    assert_int_equal(look(HTTPA_OK), 1);
    f.items[1] = f.items[0];
    f.items[0].value = httpa_slice_str("first");
    f.in.evidence_count = 2;
    assert_int_equal(look(HTTPA_OK), 1);
    assert_int_equal(look(HTTPA_OK), 0);
}

/* The oldest goes; the rest stays. */
static void bounded(void **state)
{
    static char words[HTTPA_VERIFIED_ITEMS + 1][8];
    (void)state;
    for (size_t i = 0; i <= HTTPA_VERIFIED_ITEMS; i++) {
        (void)snprintf(words[i], sizeof(words[i]), "w%zu", i);
        set_script(&f, words[i]);
        assert_int_equal(look(HTTPA_OK), 1);
    }
    set_script(&f, words[1]);
    assert_int_equal(look(HTTPA_OK), 0);
    set_script(&f, words[0]);
    assert_int_equal(look(HTTPA_OK), 1);
    set_script(&f, words[1]);
    assert_int_equal(look(HTTPA_OK), 1);
}

/* What is longer than the limit is verified, and not kept. */
static void too_long(void **state)
{
    static uint8_t room[HTTPA_VERIFIED_INPUT + 1];
    struct httpa_endorsement long_one = { httpa_slice_str("a/b"),
                                          httpa_slice_of(room, sizeof(room)) };
    (void)state;
    f.in.endorsements = &long_one;
    f.in.endorsement_count = 1;
    assert_int_equal(look(HTTPA_OK), 1);
    assert_int_equal(look(HTTPA_OK), 1);
    f.in.endorsement_count = 0;
    assert_int_equal(look(HTTPA_OK), 1);
    assert_int_equal(look(HTTPA_OK), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh, done)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(once),
        TEST(only_between_dates),
        TEST(only_for_the_same),
        TEST(under_any_policy),
        TEST(never_a_failure),
        TEST(only_the_watched),
        TEST(of_another_number),
        TEST(bounded),
        TEST(too_long),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
