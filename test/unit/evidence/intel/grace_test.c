/*
 * Intel's list of evaluations: its form, what it says about a level's date,
 * and the grace that a policy gives from there on.
 */
#include "evidence/verdict.h"
#include "pki.h"

/* ---- form ---- */

static enum httpa_err read_design(const struct evaluations_design *d)
{
    struct httpa_buf b = httpa_buf_growing(65536);
    struct httpa_intel_evaluations e;
    put_evaluations(&b, d);
    enum httpa_err err = httpa_intel_evaluations_read(httpa_buf_slice(&b), &e);
    httpa_buf_done(&b);
    return err;
}

static void flaws(void **state)
{
#define FLAW(member, text) offsetof(struct evaluations_design, member), text
#define ONE EVALUATION(17, "2024-03-12", "2024-03-13")
    static const struct {
        size_t at;
        const char *text;
        enum httpa_err err;
    } rows[] = {
        { FLAW(id, "\"SGX\""), HTTPA_OK },
        { FLAW(id, "\"TD_QE\""), HTTPA_ERR_UNSUPPORTED },
        { FLAW(id, NULL), HTTPA_ERR_MISSING },
        { FLAW(version, "2"), HTTPA_ERR_UNSUPPORTED },
        { FLAW(issue, "\"yesterday\""), HTTPA_ERR_MALFORMED },
        { FLAW(next, NULL), HTTPA_ERR_MISSING },
        { FLAW(list, "[]"), HTTPA_OK },
        { FLAW(list, "{}"), HTTPA_ERR_MALFORMED },
        { FLAW(list, NULL), HTTPA_ERR_MISSING },
        { FLAW(list, "[1]"), HTTPA_ERR_MALFORMED },
        { FLAW(list, "[{}]"), HTTPA_ERR_MISSING },
        { FLAW(list, "[" ONE "," ONE "]"), HTTPA_ERR_DUPLICATE },
        { FLAW(list,
               "[" EVALUATION(4294967296, "2024-03-12", "2024-03-13") "]"),
          HTTPA_ERR_RANGE },
        { FLAW(list, "[" EVALUATION(17, "2024-03-32", "2024-03-13") "]"),
          HTTPA_ERR_MALFORMED },
        { FLAW(signature, NULL), HTTPA_ERR_MISSING },
        { FLAW(signature, "\"00\""), HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct evaluations_design d = good_evaluations;
        memcpy((uint8_t *)&d + rows[i].at, &rows[i].text, sizeof(char *));
        enum httpa_err err = read_design(&d);
        if (err != rows[i].err) {
            fail_msg("row %zu: %s", i, httpa_err_name(err));
        }
    }
}

static void limits(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(1u << 20);
    struct evaluations_design d = good_evaluations;
    for (unsigned n = HTTPA_INTEL_LEVELS_MAX; n < HTTPA_INTEL_LEVELS_MAX + 2;
         n++) {
        httpa_buf_reset(&b);
        for (unsigned i = 0; i < n; i++) {
            char text[160];
            (void)snprintf(text, sizeof(text),
                           "%c{\"tcbEvaluationDataNumber\":%u,"
                           "\"tcbRecoveryEventDate\":\"2024-03-12T00:00:00Z\","
                           "\"tcbDate\":\"2024-03-12T00:00:00Z\"}",
                           i == 0 ? '[' : ',', i);
            httpa_buf_put_str(&b, text);
        }
        httpa_buf_put(&b, "]", 2);
        d.list = (const char *)b.p;
        assert_err(n > HTTPA_INTEL_LEVELS_MAX ? HTTPA_ERR_RANGE : HTTPA_OK,
                   read_design(&d));
    }
    httpa_buf_done(&b);
}

static void try_document(struct httpa_slice in, void *arg)
{
    struct httpa_intel_evaluations e;
    struct httpa_intel_evaluation one;
    (void)arg;
    if (httpa_intel_evaluations_read(in, &e) == HTTPA_OK) {
        (void)httpa_intel_evaluations_find(&e, at(PKI_NOW), UINT32_MAX, &one);
    }
}

static void mutations(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(65536);
    put_evaluations(&b, &good_evaluations);
    mutate(httpa_buf_slice(&b), try_document, NULL);
    httpa_buf_done(&b);
}

/* ---- dates ---- */

static void first_evaluation(void **state)
{
    static const struct {
        const char *date; /* of the level */
        uint32_t called;  /* number that calls it out of date */
        uint32_t first;   /* 0: not known */
    } rows[] = {
        { "2024-03-13T00:00:00Z", 18, 18 },
        { "2024-03-13T00:00:00Z", 19, 18 },
        { "2024-03-13T00:00:00Z", 25, 18 },
        { "2025-06-24T23:59:59Z", 19, 18 },
        { "2025-06-25T00:00:00Z", 19, 19 },
        /* by its date it was not yet */
        { "2024-03-13T00:00:00Z", 17, 0 },
        { "2025-06-25T00:00:00Z", 18, 0 },
        { "2025-07-01T00:00:00Z", 25, 0 },
        /* before what the list tells */
        { "2024-03-12T23:59:59Z", 19, 0 },
    };
    (void)state;
    struct httpa_buf b = httpa_buf_growing(65536);
    struct httpa_intel_evaluations e;
    struct httpa_intel_evaluation one;
    put_evaluations(&b, &good_evaluations);
    assert_ok(httpa_intel_evaluations_read(httpa_buf_slice(&b), &e));
    for (size_t i = 0; i < COUNT(rows); i++) {
        one.number = 0;
        (void)httpa_intel_evaluations_find(&e, at(rows[i].date), rows[i].called,
                                           &one);
        if (one.number != rows[i].first) {
            fail_msg("row %zu: %u", i, one.number);
        }
    }
    httpa_buf_done(&b);
}

/* ---- judged ---- */

/* A platform of 2024-03-13, out of date since evaluation 18, whose event was
 * ten days and ten hours before PKI_NOW. */
static struct pki_wish outdated(bool is_tdx)
{
    struct pki_wish w = pki_good(is_tdx ? 4 : 3, is_tdx);
    memset(w.platform.components, 1, sizeof(w.platform.components));
    w.info.number = "19";
    w.identity.number = "19";
    return w;
}

static enum httpa_err
judge(const struct pki *p, uint32_t grace_days, struct httpa_verdict *v)
{
    const struct httpa_slice status = httpa_slice_str("UpToDate");
    const struct httpa_intel_policy policy = { .status = &status,
                                               .status_count = 1,
                                               .grace_days = grace_days };
    const struct httpa_profile profile = { .name = "plain",
                                           .type =
                                               p->wish.is_tdx ? "tdx" : "sgx",
                                           .intel = &policy };
    assert_ok(pki_verify(p, v));
    return httpa_intel_judge(&profile, &p->in, v, 0);
}

/* Where the policy lists the status its advisories count, and no grace is a
 * way around them. */
static void advisories_of_a_listed_status(void **state)
{
    const struct httpa_slice status[] = { httpa_slice_str("UpToDate"),
                                          httpa_slice_str("OutOfDate") };
    const struct httpa_intel_policy policy = { .status = status,
                                               .status_count = 2,
                                               .grace_days = 365 };
    const struct httpa_profile profile = { .name = "plain",
                                           .type = "tdx",
                                           .intel = &policy };
    struct pki p;
    struct pki_wish w = outdated(true);
    (void)state;
    w.info.levels =
        "[" LEVEL(1, 5, 3, "OutOfDate", ADVISORIES("\"INTEL-SA-1\"")) "]";
    pki_open(&p, &w);
    pki_add_evaluations(&p, &w);
    struct httpa_verdict *v = httpa_verdict_new();
    assert_ok(judge(&p, 365, v)); /* not listed: grace */
    httpa_verdict_free(v);
    v = httpa_verdict_new();
    assert_ok(pki_verify(&p, v));
    assert_err(HTTPA_ERR_APPRAISAL, httpa_intel_judge(&profile, &p.in, v, 0));
    assert_string_equal(first(v, HTTPA_OUTCOME_FAIL), "tcb.status");
    httpa_verdict_free(v);
    pki_close(&p);
}

static void
expect(const struct pki *p, uint32_t grace_days, enum httpa_err want)
{
    struct httpa_verdict *v = httpa_verdict_new();
    assert_err(want, judge(p, grace_days, v));
    assert_string_equal(
        first(v, want == HTTPA_OK ? HTTPA_OUTCOME_WARN : HTTPA_OUTCOME_FAIL),
        "tcb.status");
    httpa_verdict_free(v);
}

static void grace(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct pki p;
        struct pki_wish w = outdated(i == 0);
        pki_open(&p, &w);
        expect(&p, 365, HTTPA_ERR_APPRAISAL); /* the list is missing */
        pki_add_evaluations(&p, &w);
        expect(&p, 0, HTTPA_ERR_APPRAISAL);
        expect(&p, 10, HTTPA_ERR_APPRAISAL);
        expect(&p, 11, HTTPA_OK);
        p.in.now_s = at("2025-07-04T23:59:59Z");
        expect(&p, 11, HTTPA_OK);
        p.in.now_s = at("2025-07-05T00:00:00Z");
        expect(&p, 11, HTTPA_ERR_APPRAISAL);
        pki_close(&p);
    }
}

/* What a person reads: since when, and until when. */
static void words(void **state)
{
    static const struct {
        uint32_t days;
        const char *text;
        int64_t lapses_s;
    } rows[] = {
        { 10,
          "Firmware out of date since 2025-06-24; your 10 days of grace ended "
          "2025-07-04.",
          0 },
        { 14,
          "Firmware out of date since 2025-06-24; your 14 days of grace end "
          "2025-07-08.",
          INT64_C(1751932800) },
    };
    (void)state;
    struct pki p;
    struct pki_wish w = outdated(true);
    pki_open(&p, &w);
    pki_add_evaluations(&p, &w);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_verdict *v = httpa_verdict_new();
        const struct httpa_check *found = NULL;
        (void)judge(&p, rows[i].days, v);
        for (size_t k = 0; k < httpa_verdict_check_count(v); k++) {
            const struct httpa_check *c = httpa_verdict_check_at(v, k);
            found = strcmp(c->id, "tdx.tcb.status") == 0 ? c : found;
        }
        assert_non_null(found);
        assert_string_equal(found->text, rows[i].text);
        assert_int_equal(found->lapses_s, rows[i].lapses_s);
        httpa_verdict_free(v);
    }
    pki_close(&p);
}

/* A list that is not Intel's, not of this TEE, not of now, or too short, gives
 * no grace, and refuses nothing by itself. */
static void lists_that_do_not_count(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        struct pki p;
        struct pki_wish w = outdated(true);
        struct pki_wish other = w;
        pki_open(&p, &w);
        other.collateral_by = i == 0 ? PKI_OTHER : w.collateral_by;
        other.evaluations.id = i == 1 ? "\"SGX\"" : w.evaluations.id;
        other.evaluations.next =
            i == 2 ? "\"2025-07-04T10:16:30Z\"" : w.evaluations.next;
        other.evaluations.issue =
            i == 3 ? "\"2025-07-04T10:16:32Z\"" : w.evaluations.issue;
        other.evaluations.list =
            i == 4   ? "[" EVALUATION(18, "2025-06-24", "2025-06-25") "]"
            : i == 5 ? "[]"
                     : w.evaluations.list;
        pki_add_evaluations(&p, &other);
        expect(&p, 365, HTTPA_ERR_APPRAISAL);
        pki_add_evaluations(&p, &w); /* a good one beside it */
        expect(&p, 365, HTTPA_OK);
        pki_close(&p);
    }
}

/* Of two lists that Intel signed, the one with the earlier event. */
static void two_lists(void **state)
{
    (void)state;
    struct pki p;
    struct pki_wish w = outdated(true);
    pki_open(&p, &w);
    pki_add_evaluations(&p, &w);
    expect(&p, 11, HTTPA_OK);
    w.evaluations.list =
        "[" EVALUATION(18, "2025-06-23", "2025-06-25") "," EVALUATION(
            17, "2024-03-12", "2024-03-13") "]";
    pki_add_evaluations(&p, &w);
    expect(&p, 11, HTTPA_ERR_APPRAISAL);
    expect(&p, 12, HTTPA_OK);
    pki_close(&p);
}

/* Never what is revoked or unknown, and never what was not yet out of date. */
static void no_grace_for(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct pki p;
        struct pki_wish w = outdated(true);
        if (i == 0) {
            memset(w.platform.components, 0, sizeof(w.platform.components));
        } else if (i == 1) {
            w.info.levels = "[" LEVEL(1, 5, 3, "Revoked", "") "]";
        } else {
            w.info.number = "17"; /* before the event */
        }
        pki_open(&p, &w);
        pki_add_evaluations(&p, &w);
        expect(&p, 365, HTTPA_ERR_APPRAISAL);
        pki_close(&p);
    }
}

/* The Quoting Enclave or the platform, whichever is older. */
static void the_oldest_part(void **state)
{
    (void)state;
    struct pki p;
    struct pki_wish w = outdated(true);
    w.qe_svn = 2;
    pki_open(&p, &w);
    pki_add_evaluations(&p, &w);
    expect(&p, 11, HTTPA_OK);
    pki_close(&p);
    w.identity.levels =
        "[{\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"2020-01-01T00:00:00Z\","
        "\"tcbStatus\":\"OutOfDate\"}]";
    pki_open(&p, &w);
    pki_add_evaluations(&p, &w);
    expect(&p, 365, HTTPA_ERR_APPRAISAL);
    pki_close(&p);
    w = outdated(true);
    w.info.levels = "[" LEVEL(1, 5, 3, "OutOfDateConfigurationNeeded", "") "]";
    pki_open(&p, &w);
    pki_add_evaluations(&p, &w);
    expect(&p, 11, HTTPA_OK);
    pki_close(&p);
}

/* All of it is signed, or is around what is signed.  (Only the case of the
 * signature's digits is free.) */
static void no_changed_byte_gives_grace(void **state)
{
    (void)state;
    struct pki p;
    struct pki_wish w = outdated(true);
    pki_open(&p, &w);
    pki_add_evaluations(&p, &w);
    struct httpa_buf *file = &p.files[p.in.endorsement_count - 1];
    for (size_t i = 0; i < file->n; i += under_valgrind() ? 61 : 1) {
        file->p[i] ^= 1;
        struct httpa_verdict *v = httpa_verdict_new();
        assert_ok(pki_verify(&p, v));
        if (httpa_verdict_find(v, 0, "outdated_since") != NULL) {
            fail_msg("byte %zu changed, and it was believed", i);
        }
        httpa_verdict_free(v);
        file->p[i] ^= 1;
    }
    expect(&p, 11, HTTPA_OK);
    pki_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flaws),
        cmocka_unit_test(limits),
        cmocka_unit_test(mutations),
        cmocka_unit_test(first_evaluation),
        cmocka_unit_test(grace),
        cmocka_unit_test(words),
        cmocka_unit_test(lists_that_do_not_count),
        cmocka_unit_test(two_lists),
        cmocka_unit_test(no_grace_for),
        cmocka_unit_test(advisories_of_a_listed_status),
        cmocka_unit_test(the_oldest_part),
        cmocka_unit_test(no_changed_byte_gives_grace),
    };
    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
