#include "support.h"

/* ------------------------------------------------------- the policy first */

static void no_policy(struct fixture *f)
{
    f->in.policy = NULL;
}
static void no_policy_and_forged(struct fixture *f)
{
    f->in.policy = NULL;
    set_script(f, "mr=aa11\n!fail");
}
static void no_policy_and_open(struct fixture *f)
{
    f->in.policy = NULL;
    set_script(f, "mr=aa11\n!open");
}
static void bad_policy(struct fixture *f)
{
    f->policy.identity.require = HTTPA_IDENTITY_UNSET;
}
static void garbage_policy(struct fixture *f)
{
    f->policy.identity.require = (enum httpa_identity_require)77;
}
static void expired(struct fixture *f)
{
    f->policy.expires_s = NOW;
}
static void last_second(struct fixture *f)
{
    f->policy.expires_s = NOW + 1;
}
static void expired_and_forged(struct fixture *f)
{
    expired(f);
    set_script(f, "!fail");
}
static void other_origin(struct fixture *f)
{
    f->in.origin = httpa_slice_str("https://b.example");
}
static void longer_origin(struct fixture *f)
{
    f->in.origin = httpa_slice_str("https://a.example:8443");
}
static void second_origin(struct fixture *f)
{
    other_origin(f);
    f->origins[1] = f->in.origin;
    f->policy.origin_count = 2;
}
static void any_origin(struct fixture *f)
{
    f->policy.origin_count = 0;
}

/* ------------------------------------------- then whatever is cryptographic */

static void forged(struct fixture *f)
{
    set_script(f, "mr=aa11\n!fail");
}
static void forged_and_wrong(struct fixture *f)
{
    set_script(f, "mr=bb\n!fail");
}
static void second_forged(struct fixture *f)
{
    add_item(f, "application/x-card", "!fail");
}
static void undecided(struct fixture *f)
{
    set_script(f, "mr=aa11\n!open");
}
static void undecided_then_forged(struct fixture *f)
{
    undecided(f);
    add_item(f, "application/x-card", "!fail");
}
static void lie(struct fixture *f)
{
    set_script(f, "mr=aa11\n!lie");
}
static void lie_open(struct fixture *f)
{
    set_script(f, "mr=aa11\n!lie-open");
}
static void boast(struct fixture *f)
{
    set_script(f, "mr=aa11\n!boast");
}
static void hole(struct fixture *f)
{
    set_script(f, "mr=aa11\n!hole");
}
static void no_memory(struct fixture *f)
{
    set_script(f, "mr=aa11\n!memory");
}
static void nothing(struct fixture *f)
{
    f->in.evidence_count = 0;
}
static void only_unknown(struct fixture *f)
{
    f->items[0].media_type = httpa_slice_str("application/x-cloth");
}
static void also_unknown(struct fixture *f)
{
    add_item(f, "application/x-cloth", "!fail");
}
static void no_verifiers(struct fixture *f)
{
    f->in.verifier_count = 0;
}
static void other_case(struct fixture *f)
{
    f->items[0].media_type = httpa_slice_str("Application/X-Paper");
}
static void with_parameter(struct fixture *f)
{
    f->items[0].media_type =
        httpa_slice_str("application/x-paper; eat_profile=\"tag:x\"");
}
static void longer_type(struct fixture *f)
{
    f->items[0].media_type = httpa_slice_str("application/x-papers");
}
static void no_rd(struct fixture *f)
{
    f->items[0].rd = NULL;
}
static void no_session(struct fixture *f)
{
    f->in.session = NULL;
}
static void crowd(struct fixture *f)
{
    while (f->in.evidence_count <= HTTPA_EVIDENCE_MAX) {
        add_item(f, "application/x-cloth", "");
    }
}
static void full_house(struct fixture *f)
{
    while (f->in.evidence_count < HTTPA_EVIDENCE_MAX) {
        add_item(f, "application/x-cloth", "");
    }
}
static void twice(struct fixture *f)
{
    set_script(f, "mr=aa11\nmr=aa11");
}

/* ----------------------------------------------------------------- offline */

static void offline(struct fixture *f)
{
    f->in.offline = true;
    f->in.session = NULL;
    f->in.origin = (struct httpa_slice){ 0 };
    f->items[0].rd = NULL;
    f->items[0].binding = HTTPA_BINDING_NONE;
    f->policy.identity.require = HTTPA_IDENTITY_PINNED;
    f->policy.identity.spki_sha256 = (const uint8_t(*)[32])f->pins;
    f->policy.identity.spki_count = 1;
}
static void offline_wrong(struct fixture *f)
{
    offline(f);
    set_script(f, "mr=bb");
}
static void offline_expired(struct fixture *f)
{
    offline(f);
    expired(f);
}

static const struct row rows[] = {
    { "the fixture itself", NULL, HTTPA_OK, "" },
    { "nothing is accepted without a policy", no_policy, HTTPA_ERR_NO_POLICY,
      "policy.present" },
    { "nobody is led to pin a forgery", no_policy_and_forged,
      HTTPA_ERR_EVIDENCE, "paper.word" },
    { "nor what could not be decided", no_policy_and_open, HTTPA_ERR_UNDECIDED,
      "paper.word" },
    { "a policy that says too little", bad_policy, HTTPA_ERR_CONFIG,
      "policy.form" },
    { "a policy of garbage", garbage_policy, HTTPA_ERR_CONFIG, "policy.form" },
    { "expires is when it ends", expired, HTTPA_ERR_EXPIRED,
      "policy.expires" },
    { "and not before", last_second, HTTPA_OK, "" },
    { "the policy comes before the evidence", expired_and_forged,
      HTTPA_ERR_EXPIRED, "policy.expires" },
    { "one file, one service", other_origin, HTTPA_ERR_NO_POLICY,
      "policy.origin" },
    { "a port is part of an origin", longer_origin, HTTPA_ERR_NO_POLICY,
      "policy.origin" },
    { "any of the origins", second_origin, HTTPA_OK, "" },
    { "no origins: any, with a warning", any_origin, HTTPA_OK, "" },
    { "a bad signature", forged, HTTPA_ERR_EVIDENCE, "paper.word" },
    { "comes before wrong code", forged_and_wrong, HTTPA_ERR_EVIDENCE,
      "paper.word" },
    { "a forged item spoils the good one", second_forged, HTTPA_ERR_EVIDENCE,
      "paper.word" },
    { "missing collateral", undecided, HTTPA_ERR_UNDECIDED, "paper.word" },
    { "forged is worse than undecided", undecided_then_forged,
      HTTPA_ERR_EVIDENCE, "paper.word" },
    { "refused without a check", lie, HTTPA_ERR_EVIDENCE,
      "evidence.verifier" },
    { "undecided without a check", lie_open, HTTPA_ERR_UNDECIDED,
      "evidence.verifier" },
    { "answers OK beside a failing check", boast, HTTPA_ERR_EVIDENCE,
      "paper.word" },
    { "answers OK beside an unknown one", hole, HTTPA_ERR_UNDECIDED,
      "paper.word" },
    { "out of memory is no verdict on the peer", no_memory, HTTPA_ERR_MEMORY,
      "evidence.verifier" },
    { "stripped evidence", nothing, HTTPA_ERR_EVIDENCE, "evidence.present" },
    { "an unknown type is never sufficient", only_unknown, HTTPA_ERR_EVIDENCE,
      "evidence.present" },
    { "and harms nothing", also_unknown, HTTPA_OK, "" },
    { "every type is unknown to nobody", no_verifiers, HTTPA_ERR_EVIDENCE,
      "evidence.present" },
    { "media types have no case", other_case, HTTPA_OK, "" },
    { "and parameters change none", with_parameter, HTTPA_OK, "" },
    { "of this type", longer_type, HTTPA_ERR_EVIDENCE, "evidence.present" },
    { "evidence bound to nothing", no_rd, HTTPA_ERR_USAGE, "evidence.rd" },
    { "a handshake without its facts", no_session, HTTPA_ERR_USAGE, "usage" },
    { "more items than anybody needs", crowd, HTTPA_ERR_LIMIT,
      "verdict.limit" },
    { "as many as there may be", full_house, HTTPA_OK, "" },
    { "a claim twice", twice, HTTPA_ERR_LIMIT, "verdict.limit" },
    { "an auditor's look", offline, HTTPA_OK, "" },
    { "judges measurements too", offline_wrong, HTTPA_ERR_APPRAISAL,
      "paper.measurement.set" },
    { "and the policy's own date", offline_expired, HTTPA_ERR_EXPIRED,
      "policy.expires" },
};

static void order(void **state)
{
    (void)state;
    run_rows(rows, COUNT(rows));
}

static bool has_policy_check(const struct httpa_verdict *v)
{
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const char *source = httpa_verdict_check_at(v, i)->source;
        const char *id = httpa_verdict_check_at(v, i)->id;
        if (source != NULL && strcmp(source, "policy") == 0 &&
            strncmp(id, "policy.", 7) != 0) {
            return true;
        }
    }
    return false;
}

/* doc/policy.md, "Order": a forger learns nothing about the policy, and a
 * reader is not told that forged registers are right. */
static void nothing_is_compared_with_forged_evidence(void **state)
{
    (void)state;
    static const struct {
        struct row row;
        bool compared;
    } cases[] = {
        { { "genuine", NULL, HTTPA_OK, "" }, true },
        { { "forged", forged, HTTPA_ERR_EVIDENCE, "paper.word" }, false },
        { { "open", undecided, HTTPA_ERR_UNDECIDED, "paper.word" }, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct httpa_verdict *v = httpa_verdict_new();
        run_row(&cases[i].row, v);
        assert_int_equal(has_policy_check(v), cases[i].compared);
        assert_int_equal(httpa_verdict_policy(v) != HTTPA_OUTCOME_UNKNOWN,
                         cases[i].compared);
        httpa_verdict_free(v);
    }
}

static void claims_are_shown_without_a_policy(void **state)
{
    (void)state;
    const struct row row = { "P1", no_policy, HTTPA_ERR_NO_POLICY,
                             "policy.present" };
    struct httpa_verdict *v = httpa_verdict_new();
    run_row(&row, v);
    const struct httpa_claim *mr = httpa_verdict_find(v, 0, "mr");
    assert_non_null(mr);
    assert_hex(mr->value.bytes.p, mr->value.bytes.n, "aa11");
    assert_int_equal(httpa_verdict_cryptographic(v), HTTPA_OUTCOME_PASS);
    assert_int_equal(httpa_verdict_exit(v), HTTPA_EXIT_REFUSED);
    assert_true(httpa_verdict_reason(v).advice.n > 0);
    httpa_verdict_free(v);
}

/* A check that the handshake added is not forgotten. */
static void a_failing_check_from_before_refuses(void **state)
{
    (void)state;
    static struct fixture f;
    struct httpa_verdict *v = httpa_verdict_new();
    fixture_init(&f);
    httpa_verdict_check(v, &(struct httpa_check){ .id = "handshake.target",
                                                  .of = HTTPA_OF_NONE,
                                                  .outcome =
                                                      HTTPA_OUTCOME_FAIL });
    assert_err(HTTPA_ERR_APPRAISAL, httpa_appraise(&f.in, v));
    assert_slice_is(httpa_verdict_reason(v).check, "handshake.target");
    httpa_verdict_free(v);
}

static void exit_statuses(void **state)
{
    (void)state;
    static const struct {
        struct row row;
        enum httpa_exit exit;
    } cases[] = {
        { { "accepted", NULL, HTTPA_OK, "" }, HTTPA_EXIT_DONE },
        { { "undecided", undecided, HTTPA_ERR_UNDECIDED, "paper.word" },
          HTTPA_EXIT_UNDECIDED },
        { { "expired", expired, HTTPA_ERR_EXPIRED, "policy.expires" },
          HTTPA_EXIT_USAGE },
        { { "invalid", bad_policy, HTTPA_ERR_CONFIG, "policy.form" },
          HTTPA_EXIT_USAGE },
        { { "forged", forged, HTTPA_ERR_EVIDENCE, "paper.word" },
          HTTPA_EXIT_REFUSED },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct httpa_verdict *v = httpa_verdict_new();
        run_row(&cases[i].row, v);
        assert_int_equal(httpa_verdict_exit(v), cases[i].exit);
        httpa_verdict_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),
        cmocka_unit_test(nothing_is_compared_with_forged_evidence),
        cmocka_unit_test(claims_are_shown_without_a_policy),
        cmocka_unit_test(a_failing_check_from_before_refuses),
        cmocka_unit_test(exit_statuses),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
