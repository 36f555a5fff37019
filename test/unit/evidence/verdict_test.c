#include "evidence/verdict.h"
#include "support.h"

static struct httpa_verdict *v;

static int open_verdict(void **state)
{
    (void)state;
    v = httpa_verdict_new();
    return v != NULL ? 0 : -1;
}

static int close_verdict(void **state)
{
    (void)state;
    httpa_verdict_free(v);
    return 0;
}

/* Nobody who forgets to appraise has accepted. */
static void an_empty_one_refuses(void **state)
{
    (void)state;
    assert_int_equal(httpa_verdict_result(v), HTTPA_RESULT_REFUSED);
    assert_int_equal(httpa_verdict_exit(v), HTTPA_EXIT_REFUSED);
    assert_int_equal(httpa_verdict_cryptographic(v), HTTPA_OUTCOME_UNKNOWN);
    assert_int_equal(httpa_verdict_policy(v), HTTPA_OUTCOME_UNKNOWN);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_GENUINE),
                     HTTPA_OUTCOME_UNKNOWN);
    assert_null(httpa_verdict_check_at(v, 0));
    assert_null(httpa_verdict_claim_at(v, 0));
    assert_null(httpa_verdict_item_at(v, 0));
    httpa_verdict_free(NULL);
}

static void everything_is_copied(void **state)
{
    (void)state;
    char name[] = "mr", text[] = "seen";
    struct httpa_slice list[] = { httpa_slice_str("a"), { 0 } };
    httpa_verdict_measured(v, 0, httpa_slice_str(name),
                           httpa_value_texts(list, 2));
    httpa_verdict_check(v, &(struct httpa_check){
                               .id = "x", .seen = httpa_value_str(text) });
    memset(name, 'x', 2);
    memset(text, 'x', 4);
    memset(list, 0xff, sizeof(list));
    const struct httpa_claim *c = httpa_verdict_find(v, 0, "mr");
    assert_non_null(c);
    assert_int_equal(c->value.count, 2);
    assert_slice_is(c->value.texts[0], "a");
    assert_int_equal(c->value.texts[1].n, 0);
    assert_slice_is(httpa_verdict_check_at(v, 0)->seen.bytes, "seen");
    assert_null(httpa_verdict_find(v, 1, "mr"));
    assert_null(httpa_verdict_find(v, 0, "m"));
}

static void many_checks(void)
{
    for (unsigned i = 0; i <= HTTPA_VERDICT_CHECKS_MAX; i++) {
        httpa_verdict_check(v, &(struct httpa_check){
                                   .id = "x", .outcome = HTTPA_OUTCOME_PASS });
    }
}
static void many_claims(void)
{
    char name[8];
    for (unsigned i = 0; i <= HTTPA_VERDICT_CLAIMS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "c%u", i);
        httpa_verdict_claim(v, 0, name, httpa_value_integer(1));
    }
}
static void much_text(void)
{
    static uint8_t bytes[HTTPA_VERDICT_TEXT_MAX / 2];
    struct httpa_value half =
        httpa_value_bytes(httpa_slice_of(bytes, sizeof(bytes)));
    httpa_verdict_claim(v, 0, "a", half);
    httpa_verdict_claim(v, 0, "b", half);
}
static void long_list(void)
{
    static struct httpa_slice list[HTTPA_VERDICT_TEXT_MAX / 16];
    httpa_verdict_claim(v, 0, "a", httpa_value_texts(list, COUNT(list)));
}
static void endless_list(void)
{
    httpa_verdict_claim(v, 0, "a", httpa_value_texts(NULL, SIZE_MAX / 8));
}
static void same_name(void)
{
    httpa_verdict_claim(v, 0, "a", httpa_value_integer(1));
    httpa_verdict_measured(v, 0, httpa_slice_str("a"), httpa_value_integer(1));
}

/* What does not fit is not left out: the verdict refuses. */
static void past_the_ceiling(void **state)
{
    (void)state;
    static void (*const ways[])(void) = { many_checks, many_claims, much_text,
                                          long_list,   endless_list,
                                          same_name };
    for (size_t i = 0; i < COUNT(ways); i++) {
        assert_int_equal(open_verdict(NULL), 0);
        ways[i]();
        assert_err(HTTPA_ERR_LIMIT, httpa_verdict_close(v, HTTPA_OK));
        assert_int_equal(httpa_verdict_result(v), HTTPA_RESULT_REFUSED);
        assert_slice_is(httpa_verdict_reason(v).check, "verdict.limit");
        httpa_verdict_free(v);
    }
}

static void up_to_the_ceiling(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HTTPA_VERDICT_CHECKS_MAX; i++) {
        httpa_verdict_check(v, &(struct httpa_check){
                                   .id = "x", .outcome = HTTPA_OUTCOME_PASS });
    }
    assert_ok(httpa_verdict_close(v, HTTPA_OK));
}

static void taken_back(void **state)
{
    (void)state;
    struct httpa_verdict_mark mark = httpa_verdict_mark(v);
    httpa_verdict_claim(v, 0, "a", httpa_value_str("b"));
    httpa_verdict_check(v, &(struct httpa_check){
                               .id = "x", .outcome = HTTPA_OUTCOME_FAIL });
    httpa_verdict_rewind(v, mark);
    assert_int_equal(httpa_verdict_check_count(v), 0);
    assert_null(httpa_verdict_find(v, 0, "a"));
    assert_ok(httpa_verdict_close(v, HTTPA_OK));
    same_name();
    httpa_verdict_rewind(v, mark); /* spoilt stays spoilt */
    assert_err(HTTPA_ERR_LIMIT, httpa_verdict_close(v, HTTPA_OK));
}

static void words_take_the_worst(void **state)
{
    (void)state;
    static const struct {
        enum httpa_outcome add, want;
    } steps[] = { { HTTPA_OUTCOME_SKIP, HTTPA_OUTCOME_SKIP },
                  { HTTPA_OUTCOME_PASS, HTTPA_OUTCOME_PASS },
                  { HTTPA_OUTCOME_SKIP, HTTPA_OUTCOME_PASS },
                  { HTTPA_OUTCOME_WARN, HTTPA_OUTCOME_WARN },
                  { HTTPA_OUTCOME_UNKNOWN, HTTPA_OUTCOME_UNKNOWN },
                  { HTTPA_OUTCOME_FAIL, HTTPA_OUTCOME_FAIL },
                  { HTTPA_OUTCOME_PASS, HTTPA_OUTCOME_FAIL } };
    for (size_t i = 0; i < COUNT(steps); i++) {
        httpa_verdict_check(v, &(struct httpa_check){
                                   .id = "x",
                                   .word = HTTPA_WORD_CURRENT,
                                   .outcome = steps[i].add });
        assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_CURRENT),
                         steps[i].want);
    }
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_YOURS),
                     HTTPA_OUTCOME_UNKNOWN);
}

/* A decision is never better than the checks. */
static void closing(void **state)
{
    (void)state;
    static const struct {
        enum httpa_outcome outcome;
        enum httpa_err decided, holds;
        enum httpa_result result;
    } rows[] = {
        { HTTPA_OUTCOME_PASS, HTTPA_OK, HTTPA_OK, HTTPA_RESULT_ACCEPTED },
        { HTTPA_OUTCOME_SKIP, HTTPA_OK, HTTPA_OK, HTTPA_RESULT_ACCEPTED },
        { HTTPA_OUTCOME_WARN, HTTPA_OK, HTTPA_OK,
          HTTPA_RESULT_ACCEPTED_WITH_WARNINGS },
        { HTTPA_OUTCOME_FAIL, HTTPA_OK, HTTPA_ERR_APPRAISAL,
          HTTPA_RESULT_REFUSED },
        { HTTPA_OUTCOME_UNKNOWN, HTTPA_OK, HTTPA_ERR_UNDECIDED,
          HTTPA_RESULT_UNDECIDED },
        { HTTPA_OUTCOME_PASS, HTTPA_ERR_IDENTITY, HTTPA_ERR_IDENTITY,
          HTTPA_RESULT_REFUSED },
        { HTTPA_OUTCOME_WARN, HTTPA_ERR_UNDECIDED, HTTPA_ERR_UNDECIDED,
          HTTPA_RESULT_UNDECIDED },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_verdict *w = httpa_verdict_new();
        httpa_verdict_check(w, &(struct httpa_check){
                                   .id = "x", .outcome = rows[i].outcome });
        assert_err(rows[i].holds, httpa_verdict_close(w, rows[i].decided));
        assert_int_equal(httpa_verdict_result(w), rows[i].result);
        httpa_verdict_free(w);
    }
}

static void a_reason_without_a_sentence(void **state)
{
    (void)state;
    httpa_verdict_check(v, &(struct httpa_check){
                               .id = "x.y",
                               .outcome = HTTPA_OUTCOME_FAIL,
                               .seen = httpa_value_integer(-3),
                               .expected = httpa_value_boolean(true) });
    assert_err(HTTPA_ERR_APPRAISAL, httpa_verdict_close(v, HTTPA_OK));
    assert_slice_is(httpa_verdict_reason(v).text,
                    "x.y: seen -3, expected true.");
}

static void what_lapses_first(void **state)
{
    (void)state;
    static const struct {
        enum httpa_outcome outcome;
        int64_t lapses_s;
    } rows[] = { { HTTPA_OUTCOME_PASS, 300 }, { HTTPA_OUTCOME_PASS, 0 },
                 { HTTPA_OUTCOME_WARN, 200 }, { HTTPA_OUTCOME_FAIL, 100 } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        httpa_verdict_check(v, &(struct httpa_check){
                                   .id = "x",
                                   .outcome = rows[i].outcome,
                                   .lapses_s = rows[i].lapses_s });
    }
    assert_err(HTTPA_ERR_APPRAISAL, httpa_verdict_close(v, HTTPA_OK));
    assert_int_equal(httpa_verdict_facts(v)->lapses_first->lapses_s, 200);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, open_verdict, close_verdict)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(an_empty_one_refuses),
        EACH(everything_is_copied),
        cmocka_unit_test(past_the_ceiling),
        EACH(up_to_the_ceiling),
        EACH(taken_back),
        EACH(words_take_the_worst),
        EACH(closing),
        EACH(a_reason_without_a_sentence),
        EACH(what_lapses_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
