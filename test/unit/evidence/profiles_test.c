#include "support.h"

/* ----------------------------------------------------- one set, as a unit */

static void other_code(struct fixture *f)
{
    set_script(f, "mr=bb22\ncfg=22");
}
static void register_missing(struct fixture *f)
{
    set_script(f, "cfg=22");
}
static void no_register(struct fixture *f)
{
    set_script(f, "~mr=aa11");
}
static void shorter(struct fixture *f)
{
    set_script(f, "mr=aa");
}
static void longer(struct fixture *f)
{
    set_script(f, "mr=aa1100");
}
static void any_of_two(struct fixture *f)
{
    add_set(f, 0, "build 2", equal("mr", "bb22"));
    other_code(f);
}
/* mr of build 1 and cfg of build 2 */
static void mixed(struct fixture *f)
{
    add_reference(f, 0, 0, equal("cfg", "11"));
    add_set(f, 0, "build 2", equal("mr", "bb22"));
    add_reference(f, 0, 1, equal("cfg", "22"));
}
static void open_register(struct fixture *f)
{
    add_reference(f, 0, 0,
                  (struct httpa_reference){ .name = "cfg",
                                            .kind = HTTPA_REFERENCE_ANY });
    set_script(f, "mr=aa11\ncfg=77");
}
static void open_and_absent(struct fixture *f)
{
    open_register(f);
    set_script(f, "mr=aa11");
}
static void all_open(struct fixture *f)
{
    f->policy.insecure_unpinned = true;
    f->references[0][0][0].kind = HTTPA_REFERENCE_ANY;
    other_code(f);
}
static void only_resettable(struct fixture *f)
{
    f->policy.insecure_unpinned = true;
    f->references[0][0][0] = equal("sha256.pcr16", "aa11");
    set_script(f, "sha256.pcr16=aa11");
}
/* Collateral of a day at most. */
static void collateral(struct fixture *f, const char *script)
{
    f->policy.collateral_max_age_s = 86400;
    set_script(f, script);
}
static void collateral_of_a_day(struct fixture *f)
{
    collateral(f, "mr=aa11\n@collateral_issued#-86400");
}
static void older_collateral(struct fixture *f)
{
    collateral(f, "mr=aa11\n@collateral_issued#-86401");
}
static void any_collateral(struct fixture *f)
{
    older_collateral(f);
    f->policy.collateral_max_age_s = 0;
}
static void no_collateral(struct fixture *f)
{
    collateral(f, "mr=aa11");
}
static void older_and_failing(struct fixture *f)
{
    older_collateral(f);
    f->profiles[0].name = "judge !fail";
}

static void svn(struct fixture *f, const char *script)
{
    add_reference(f, 0, 0,
                  (struct httpa_reference){ "svn", HTTPA_REFERENCE_AT_LEAST,
                                            httpa_value_integer(7) });
    set_script(f, script);
}
static void svn_more(struct fixture *f)
{
    svn(f, "mr=aa11\nsvn#8");
}
static void svn_same(struct fixture *f)
{
    svn(f, "mr=aa11\nsvn#7");
}
static void svn_less(struct fixture *f)
{
    svn(f, "mr=aa11\nsvn#6");
}
static void svn_bytes(struct fixture *f)
{
    svn(f, "mr=aa11\nsvn=08");
}
static void svn_absent(struct fixture *f)
{
    svn(f, "mr=aa11");
}

/* ------------------------------------------------------------------ dates */

static void set_over(struct fixture *f)
{
    f->sets[0][0].not_after_s = NOW - 1;
}
static void set_last_second(struct fixture *f)
{
    f->sets[0][0].not_after_s = NOW;
}
static void set_later(struct fixture *f)
{
    f->sets[0][0].not_before_s = NOW + 1;
}
static void set_first_second(struct fixture *f)
{
    f->sets[0][0].not_before_s = NOW;
}
static void old_build_over(struct fixture *f)
{
    add_set(f, 0, "build 2", equal("mr", "bb22"));
    set_over(f);
}
static void profile_over(struct fixture *f)
{
    f->profiles[0].not_after_s = NOW - 1;
}
static void profile_later(struct fixture *f)
{
    f->profiles[0].not_before_s = NOW + 1;
}

/* ------------------------------------------------------- types and judges */

static void other_type(struct fixture *f)
{
    f->profiles[0].type = "card";
}
static void judged(struct fixture *f, const char *name)
{
    f->profiles[0].name = name;
}
static void judge_fails(struct fixture *f)
{
    judged(f, "judge !fail");
}
static void judge_open(struct fixture *f)
{
    judged(f, "judge !open");
}
static void judge_warns(struct fixture *f)
{
    judged(f, "judge !warn");
}
static void judge_lies(struct fixture *f)
{
    judged(f, "judge !lie");
}
static void judge_lies_open(struct fixture *f)
{
    judged(f, "judge !lie-open");
}
static void judge_boasts(struct fixture *f)
{
    judged(f, "judge !boast");
}
static void judge_hole(struct fixture *f)
{
    judged(f, "judge !hole");
}
static void second_profile(struct fixture *f)
{
    judge_fails(f);
    add_profile(f, "lenient", "paper");
    add_set(f, 1, "build 1", equal("mr", "aa11"));
}
static void open_then_good(struct fixture *f)
{
    second_profile(f);
    judge_open(f);
}
static void second_item(struct fixture *f)
{
    other_code(f);
    add_item(f, "application/x-paper", "mr=aa11");
}

/* ------------------------------------------------------------------- with */

static void with_card(struct fixture *f, const char *script)
{
    f->with_reference = equal("serial", "07");
    f->with_set = (struct httpa_set){ .name = "card",
                                      .references = &f->with_reference,
                                      .reference_count = 1 };
    f->with[0] = (struct httpa_profile){
        .name = "card", .type = "card", .sets = &f->with_set, .set_count = 1
    };
    f->profiles[0].with = f->with;
    f->profiles[0].with_count = 1;
    if (script != NULL) {
        add_item(f, "application/x-card", script);
    }
}
static void with_met(struct fixture *f)
{
    with_card(f, "serial=07");
}
static void with_wrong(struct fixture *f)
{
    with_card(f, "serial=08");
}
static void with_absent(struct fixture *f)
{
    with_card(f, NULL);
}
static void only_with(struct fixture *f)
{
    with_card(f, "serial=07");
    other_code(f);
}

/* ---------------------------------------------------------- attested keys */

static void key_and_fresh(struct fixture *f)
{
    add_item(f, "application/x-paper", "mr=aa11");
    f->items[0].binding = HTTPA_BINDING_KEY;
}

static const struct row rows[] = {
    { "collateral as old as may be", collateral_of_a_day, HTTPA_OK, "" },
    { "a second older", older_collateral, HTTPA_ERR_UNDECIDED,
      "collateral.max_age" },
    { "which may be", any_collateral, HTTPA_OK, "" },
    { "a type that has none", no_collateral, HTTPA_OK, "" },
    { "a failure goes first", older_and_failing, HTTPA_ERR_APPRAISAL,
      "paper.word" },
    { "other code", other_code, HTTPA_ERR_APPRAISAL, "paper.measurement.set" },
    { "a register that is not there", register_missing, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "a claim that is no register", no_register, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "a prefix is not equal", shorter, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "nor a longer one", longer, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "sets are alternatives", any_of_two, HTTPA_OK, "" },
    { "registers of two builds never mix", mixed, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "any is not judged", open_register, HTTPA_OK, "" },
    { "nor must it be there", open_and_absent, HTTPA_OK, "" },
    { "all open, said aloud", all_open, HTTPA_OK, "" },
    { "more than the minimum", svn_more, HTTPA_OK, "" },
    { "the minimum", svn_same, HTTPA_OK, "" },
    { "less", svn_less, HTTPA_ERR_APPRAISAL, "paper.measurement.set" },
    { "of another kind", svn_bytes, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "not there", svn_absent, HTTPA_ERR_APPRAISAL, "paper.measurement.set" },
    { "a set that is over", set_over, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "its last second", set_last_second, HTTPA_OK, "" },
    { "a set of tomorrow", set_later, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "its first second", set_first_second, HTTPA_OK, "" },
    { "an old build after its date", old_build_over, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "a profile that is over", profile_over, HTTPA_ERR_APPRAISAL,
      "profile.times" },
    { "a profile of tomorrow", profile_later, HTTPA_ERR_APPRAISAL,
      "profile.times" },
    { "evidence of another type", other_type, HTTPA_ERR_APPRAISAL,
      "profile.type" },
    { "the type's own members", judge_fails, HTTPA_ERR_APPRAISAL,
      "paper.word" },
    { "undecided ones", judge_open, HTTPA_ERR_UNDECIDED, "paper.word" },
    { "a warning accepts", judge_warns, HTTPA_OK, "" },
    { "refused without a check", judge_lies, HTTPA_ERR_APPRAISAL,
      "profile.type" },
    { "undecided without a check", judge_lies_open, HTTPA_ERR_UNDECIDED,
      "profile.type" },
    { "OK beside a failing check", judge_boasts, HTTPA_ERR_APPRAISAL,
      "paper.word" },
    { "OK beside an unknown one", judge_hole, HTTPA_ERR_UNDECIDED,
      "paper.word" },
    { "profiles are alternatives", second_profile, HTTPA_OK, "" },
    { "what is met beats what is open", open_then_good, HTTPA_OK, "" },
    { "any item of the type", second_item, HTTPA_OK, "" },
    { "with, met", with_met, HTTPA_OK, "" },
    { "with, other", with_wrong, HTTPA_ERR_APPRAISAL, "card.measurement.set" },
    { "with, not there", with_absent, HTTPA_ERR_APPRAISAL, "profile.type" },
    { "with does not replace", only_with, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "a fresh item counts before a key", key_and_fresh, HTTPA_OK, "" },
};

static void profiles(void **state)
{
    (void)state;
    run_rows(rows, COUNT(rows));
}

static struct httpa_verdict *judge(void (*change)(struct fixture *f))
{
    static struct fixture f;
    struct httpa_verdict *v = httpa_verdict_new();
    fixture_init(&f);
    change(&f);
    (void)!httpa_appraise(&f.in, v);
    return v;
}

static const struct httpa_check *check_of(const struct httpa_verdict *v,
                                          const char *id)
{
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        if (strcmp(httpa_verdict_check_at(v, i)->id, id) == 0) {
            return httpa_verdict_check_at(v, i);
        }
    }
    return NULL;
}

static void a_miss_says_seen_and_expected(void **state)
{
    (void)state;
    struct httpa_verdict *v = judge(other_code);
    const struct httpa_check *c = check_of(v, "paper.measurement.set");
    assert_hex(c->seen.bytes.p, c->seen.bytes.n, "bb22");
    assert_slice_is(c->expected.bytes, "AA11");
    assert_int_equal(c->of, 0);
    assert_slice_is(httpa_verdict_reason(v).text,
                    "It runs other code than the policy knows: mr is not that "
                    "of the set \"build 1\".");
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_PINNED),
                     HTTPA_OUTCOME_FAIL);
    httpa_verdict_free(v);
}

static void three_misses(struct fixture *f)
{
    /* card: no such item; paper: the set; "judge": its own members */
    add_profile(f, "judge !fail", "paper");
    add_set(f, 1, "build 3", equal("cfg", "22"));
    add_profile(f, "plain", "paper");
    add_set(f, 2, "build 4", equal("cfg", "23"));
    f->profiles[0].type = "card";
}

/* doc/policy.md, "Order": each profile with its first failing member, the one
 * that got furthest first, and only its checks. */
static void the_nearest_miss_comes_first(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *set, *failed;
    } want[] = { { "judge !fail", "build 3", "word" },
                 { "plain", "build 4", "cfg" },
                 { "paper", "", "type" } };
    struct httpa_verdict *v = judge(three_misses);
    const struct httpa_verdict_facts *f = httpa_verdict_facts(v);
    assert_int_equal(f->matched.profile.n, 0);
    assert_int_equal(f->nearest_count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_slice_is(f->nearest[i].profile, want[i].profile);
        assert_slice_is(f->nearest[i].set, want[i].set);
        assert_slice_is(f->nearest[i].failed, want[i].failed);
    }
    assert_non_null(check_of(v, "paper.word"));
    assert_null(check_of(v, "profile.type"));
    httpa_verdict_free(v);
}

static void the_match_is_named(void **state)
{
    (void)state;
    struct httpa_verdict *v = judge(any_of_two);
    const struct httpa_verdict_facts *f = httpa_verdict_facts(v);
    assert_slice_is(f->matched.profile, "paper");
    assert_slice_is(f->matched.set, "build 2");
    assert_int_equal(f->nearest_count, 0);
    assert_true(httpa_verdict_item_at(v, 0)->used);
    const struct httpa_check *c = check_of(v, "paper.measurement.set");
    assert_slice_is(c->seen.bytes, "build 2");
    assert_slice_is(c->expected.bytes, "build 1 or build 2");
    httpa_verdict_free(v);
}

static void what_is_open_is_listed(void **state)
{
    (void)state;
    struct httpa_verdict *v = judge(open_register);
    const struct httpa_verdict_facts *f = httpa_verdict_facts(v);
    assert_int_equal(f->open_count, 1);
    assert_slice_is(f->open[0], "cfg");
    httpa_verdict_free(v);
    v = judge(all_open);
    assert_int_equal(httpa_verdict_facts(v)->open_count, 2);
    assert_non_null(check_of(v, "measurement.unpinned"));
    assert_int_equal(httpa_verdict_result(v),
                     HTTPA_RESULT_ACCEPTED_WITH_WARNINGS);
    httpa_verdict_free(v);
    v = judge(only_resettable);
    assert_int_equal(httpa_verdict_facts(v)->open_count, 0);
    assert_non_null(check_of(v, "measurement.unpinned"));
    httpa_verdict_free(v);
}

/* What a TPM's registers are worth, all of which match. */
static const char *pinned[2][2]; /* name, value */

static void tpm_registers(struct fixture *f)
{
    static char script[128];
    (void)snprintf(script, sizeof(script), "%s=%s\n%s=%s", pinned[0][0],
                   pinned[0][1], pinned[1][0], pinned[1][1]);
    f->references[0][0][0] = equal(pinned[0][0], pinned[0][1]);
    add_reference(f, 0, 0, equal(pinned[1][0], pinned[1][1]));
    set_script(f, script);
}

static void what_registers_are_worth(void **state)
{
    static const struct {
        const char *pinned[2][2];
        const char *check; /* NULL: no warning */
    } cases[] = {
        { { { "sha256.pcr4", "aa" }, { "sha256.pcr11", "bb" } }, NULL },
        { { { "sha256.pcr0", "aa" }, { "sha256.pcr16", "bb" } }, NULL },
        { { { "sha256.pcr17", "aa" }, { "sha256.pcr18", "bb" } }, NULL },
        { { { "sha256.pcr8", "aa" }, { "sha256.pcr15", "bb" } },
          "measurement.unanchored" },
        { { { "sha256.pcr4", "0000" }, { "sha256.pcr11", "bb" } },
          "measurement.unanchored" },
        { { { "sha256.pcr17", "ffff" }, { "sha256.pcr14", "bb" } },
          "measurement.unanchored" },
        { { { "sha256.pcr4", "0000" }, { "sha256.pcr11", "0000" } },
          "measurement.unpinned" },
        { { { "sha256.pcr17", "ffff" }, { "sha256.pcr7", "00" } },
          "measurement.unpinned" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        memcpy(pinned, cases[i].pinned, sizeof(pinned));
        struct httpa_verdict *v = judge(tpm_registers);
        const char *const all[] = { "measurement.unpinned",
                                    "measurement.unanchored" };
        for (size_t k = 0; k < COUNT(all); k++) {
            bool want =
                cases[i].check != NULL && strcmp(cases[i].check, all[k]) == 0;
            if ((check_of(v, all[k]) != NULL) != want) {
                fail_msg("row %zu: %s", i, all[k]);
            }
        }
        httpa_verdict_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles),
        cmocka_unit_test(a_miss_says_seen_and_expected),
        cmocka_unit_test(the_nearest_miss_comes_first),
        cmocka_unit_test(the_match_is_named),
        cmocka_unit_test(what_is_open_is_listed),
        cmocka_unit_test(what_registers_are_worth),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
