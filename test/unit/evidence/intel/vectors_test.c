/*
 * Real quotes: each must be judged as its manifest says, cryptographically
 * and by a plain policy (no debugging, UpToDate), at its time and after its
 * collateral has ended.
 */
#include "codec/hex.h"
#include "samples.h"

struct vector {
    const char *dir;
    bool has_collateral;
    const char *time;
    enum httpa_err cryptographic; /* any failure: EVIDENCE */
    const char *check;            /* that fails or is open */
    const char *status;
    const char *tcb_date;
    size_t advisories;
    const char *policy; /* the check that refuses; "": passes */
    const char *later;  /* when collateral is stale */
};

static const struct vector rows[] = {
    { "tdx/v4-uptodate", true, "2025-07-04T10:16:31Z", HTTPA_OK, "", "UpToDate",
      "2024-03-13T00:00:00Z", 0, "", "2025-07-20T10:00:35Z" },
    { "tdx/v4-gcp-uptodate-padded", true, "2026-07-15T08:03:03Z", HTTPA_OK, "",
      "UpToDate", "2025-05-14T00:00:00Z", 0, "", "2026-07-31T07:53:47Z" },
    { "tdx/v5-td15-uptodate", true, "2026-03-05T10:50:03Z", HTTPA_OK, "",
      "UpToDate", "2024-11-13T00:00:00Z", 0, "", "2026-03-21T10:41:15Z" },
    { "tdx/v4-debug-td", true, "2023-06-28T08:03:58Z", HTTPA_OK, "", "UpToDate",
      "2023-02-15T00:00:00Z", 0, "attributes.debug", "2023-07-09T07:24:59Z" },
    { "tdx/v4-outdated", true, "2024-12-17T00:50:00Z", HTTPA_OK, "",
      "OutOfDate", "2023-08-09T00:00:00Z", 3, "tcb.status",
      "2024-12-29T13:23:09Z" },
    { "tdx/v4-not-supported-tcb", true, "2023-06-28T08:03:58Z", HTTPA_OK, "",
      "NotSupported", NULL, 0, "tcb.status",
      "2023-07-09T07:24:59Z" },
    { "tdx/v5-td15-not-supported-tcb", true, "2026-03-05T10:50:03Z", HTTPA_OK,
      "", "NotSupported", NULL, 0, "tcb.status", "2026-03-21T10:41:15Z" },
    { "tdx/bad-collateral-tcbinfo-altered", true, "2025-07-04T10:16:31Z",
      HTTPA_ERR_EVIDENCE, "tcb_info", NULL, NULL, 0, NULL, NULL },
    { "tdx/bad-v4-preproduction-root", false, "2022-12-04T03:36:14Z",
      HTTPA_ERR_EVIDENCE, "pck.chain", NULL, NULL, 0, NULL, NULL },
    { "tdx/bad-v4-report-data-flipped", true, "2025-07-04T10:16:31Z",
      HTTPA_ERR_EVIDENCE, "quote.signature", NULL, NULL, 0, NULL, NULL },
    { "sgx/v3-phala", true, "2025-07-04T10:28:44Z", HTTPA_OK, "",
      "ConfigurationAndSWHardeningNeeded", "2024-03-13T00:00:00Z", 2,
      "tcb.status", "2025-07-20T10:01:18Z" },
    { "sgx/v3-platform-ca", true, "2023-05-29T17:54:21Z", HTTPA_OK, "",
      "SWHardeningNeeded", "2023-02-15T00:00:00Z", 1, "tcb.status",
      "2023-06-13T21:00:03Z" },
    { "sgx/v3-outdated", true, "2023-05-24T12:16:46Z", HTTPA_OK, "",
      "OutOfDate", "2021-11-10T00:00:00Z", 0, "tcb.status",
      "2023-06-09T11:47:08Z" },
    { "sgx/v3-debug-enclave", true, "2025-07-04T10:28:44Z", HTTPA_OK, "",
      "ConfigurationAndSWHardeningNeeded", "2024-03-13T00:00:00Z", 2,
      "attributes.debug", "2025-07-20T10:01:18Z" },
    /* Signatures and chain pass; without collateral that is no pass here. */
    { "sgx/v3-emerald-rapids-no-collateral", false, "2025-02-15T19:11:23Z",
      HTTPA_ERR_UNDECIDED, "pck.crl", NULL, NULL, 0, NULL, NULL },
    { "sgx/bad-v3-corrupted-signature", false, "2020-06-04T11:10:42Z",
      HTTPA_ERR_EVIDENCE, "", NULL, NULL, 0, NULL, NULL },
};

static enum httpa_err kind_of(enum httpa_err err)
{
    return err == HTTPA_OK || err == HTTPA_ERR_UNDECIDED ? err
                                                         : HTTPA_ERR_EVIDENCE;
}

static void
judge(const struct vector *row, const struct sample *s, struct httpa_verdict *v)
{
    static const struct httpa_slice up_to_date = { (const uint8_t *)"UpToDate",
                                                   8 };
    const struct httpa_intel_policy policy = { .status = &up_to_date,
                                               .status_count = 1 };
    const struct httpa_profile profile = { .name = "plain",
                                           .type = s->is_tdx ? "tdx" : "sgx",
                                           .intel = &policy };
    assert_err(row->policy[0] == '\0' ? HTTPA_OK : HTTPA_ERR_APPRAISAL,
               httpa_intel_judge(&profile, &s->in, v, 0));
    assert_string_equal(first(v, HTTPA_OUTCOME_FAIL), row->policy);
}

static void compare(const struct vector *row, const struct sample *s,
                    struct httpa_verdict *v)
{
    const struct httpa_claim *date = httpa_verdict_find(v, 0, "tcb_date");
    const struct httpa_claim *advisories =
        httpa_verdict_find(v, 0, "advisories");
    assert_slice_is(claimed(v, "tcb_status"), row->status);
    assert_true((date != NULL) == (row->tcb_date != NULL));
    assert_true(date == NULL || date->value.integer == at(row->tcb_date));
    assert_non_null(advisories);
    if (advisories->value.count < row->advisories) {
        fail_msg("%s: %zu advisories", row->dir, advisories->value.count);
    }
    judge(row, s, v);
}

static void one(const struct vector *row)
{
    struct sample s;
    (void)fprintf(stderr, "%s\n", row->dir);
    open_sample(&s, row->dir, row->has_collateral, row->time);
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_err err = kind_of(verify(&s, v));
    const char *open =
        first(v, err == HTTPA_ERR_EVIDENCE ? HTTPA_OUTCOME_FAIL
                                           : HTTPA_OUTCOME_UNKNOWN);
    (void)fprintf(stderr, "  %s %s\n", httpa_err_name(err), open);
    assert_err(row->cryptographic, err);
    if (row->check[0] != '\0') {
        assert_string_equal(open, row->check);
    }
    if (err == HTTPA_OK) {
        compare(row, &s, v);
    }
    httpa_verdict_free(v);
    if (row->later != NULL) {
        v = httpa_verdict_new();
        s.in.now_s = at(row->later);
        assert_err(HTTPA_ERR_UNDECIDED, verify(&s, v));
        assert_string_equal(first(v, HTTPA_OUTCOME_FAIL), "");
        httpa_verdict_free(v);
    }
    close_sample(&s);
}

static void every_sample(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        one(&rows[i]);
    }
}

#define GOOD "tdx/v4-uptodate"
#define GOOD_TIME "2025-07-04T10:16:31Z"
#define OTHER "sgx/v3-phala" /* of the same weeks */

static void
expect(const struct sample *s, enum httpa_err err, const char *check)
{
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_err got = kind_of(verify(s, v));
    assert_err(err, got);
    assert_string_equal(first(v, err == HTTPA_ERR_UNDECIDED
                                     ? HTTPA_OUTCOME_UNKNOWN
                                     : HTTPA_OUTCOME_FAIL),
                        check);
    httpa_verdict_free(v);
}

/* What is missing leaves it open, and so does what is of another platform, TEE
 * or CA; what was changed refuses it. */
static void collateral(void **state)
{
    static const char *const concerns[PIECES] = { "pck.crl",     "pck.crl",
                                                  "tcb_info",    "tcb_info",
                                                  "qe_identity", "qe_identity",
                                                  NULL };
    (void)state;
    struct sample s;
    struct sample other;
    open_sample(&s, GOOD, true, GOOD_TIME);
    open_sample(&other, OTHER, true, GOOD_TIME);
    for (enum piece i = 0; i < PIECES; i++) {
        struct httpa_endorsement good = s.endorsements[i];
        replace(&s, i, (struct httpa_slice){ 0 });
        bool needed = concerns[i] != NULL;
        expect(&s, needed ? HTTPA_ERR_UNDECIDED : HTTPA_OK,
               needed ? concerns[i] : "");
        s.endorsements[i] = good;
        if (i == PIECE_PCK_CRL || i == PIECE_INFO || i == PIECE_IDENTITY) {
            replace(&s, i, other.endorsements[i].value);
            expect(&s, HTTPA_ERR_UNDECIDED, concerns[i]);
        }
        if (needed) {
            s.files[i].p[s.files[i].n / 2] ^= 1;
            s.endorsements[i] = good;
            expect(&s, HTTPA_ERR_EVIDENCE, concerns[i]);
            s.files[i].p[s.files[i].n / 2] ^= 1;
        }
    }
    expect(&s, HTTPA_OK, "");
    /* A genuine chain of Intel's that is not the signer's. */
    replace(&s, PIECE_TCB_CHAIN, s.endorsements[PIECE_CRL_CHAIN].value);
    expect(&s, HTTPA_ERR_EVIDENCE, "tcb_info");
    close_sample(&other);
    close_sample(&s);
}

/* Collateral of two items of one handshake: each takes its own. */
static void among_others(void **state)
{
    (void)state;
    struct sample s;
    struct sample other;
    struct httpa_endorsement both[2 * PIECES];
    open_sample(&s, GOOD, true, GOOD_TIME);
    open_sample(&other, OTHER, true, GOOD_TIME);
    memcpy(both, other.endorsements, sizeof(other.endorsements));
    memcpy(both + PIECES, s.endorsements, sizeof(s.endorsements));
    s.in.endorsements = other.in.endorsements = both;
    s.in.endorsement_count = other.in.endorsement_count = COUNT(both);
    expect(&s, HTTPA_OK, "");
    expect(&other, HTTPA_OK, "");
    close_sample(&other);
    close_sample(&s);
}

static void binding(void **state)
{
    (void)state;
    struct sample s;
    uint8_t rd[HTTPA_RD_LEN + 1];
    open_sample(&s, OTHER, true, "2025-07-04T10:28:44Z");
    expect(&s, HTTPA_OK, "");
    s.in.nonce = httpa_slice_str("Hello, world!"); /* then zeros */
    expect(&s, HTTPA_OK, "");
    s.in.nonce = httpa_slice_str("Hello, world");
    expect(&s, HTTPA_ERR_EVIDENCE, "binding");
    memset(rd, 0, sizeof(rd));
    memcpy(rd, "Hello, world!", 13);
    s.in.nonce = httpa_slice_of(rd, HTTPA_RD_LEN);
    expect(&s, HTTPA_OK, "");
    s.in.nonce = httpa_slice_of(rd, HTTPA_RD_LEN + 1);
    expect(&s, HTTPA_ERR_EVIDENCE, "binding");
    s.in.rd = rd; /* goes before the nonce */
    expect(&s, HTTPA_OK, "");
    rd[63] = 1;
    expect(&s, HTTPA_ERR_EVIDENCE, "binding");
    close_sample(&s);
}

/* The root is a key and nothing else; a type reads its own quotes only. */
static void other_roots_and_types(void **state)
{
    (void)state;
    struct sample s;
    uint8_t pin[HTTPA_INTEL_PIN];
    open_sample(&s, GOOD, true, GOOD_TIME);
    struct httpa_verdict *v = httpa_verdict_new();
    memcpy(pin, httpa_intel_root, sizeof(pin));
    pin[31] ^= 1;
    assert_err(HTTPA_ERR_KEY, httpa_intel_verify(&s.in, true, pin, v, 0));
    assert_string_equal(first(v, HTTPA_OUTCOME_FAIL), "pck.chain");
    s.is_tdx = false;
    expect(&s, HTTPA_ERR_EVIDENCE, "form");
    httpa_verdict_free(v);
    close_sample(&s);
}

/* The whole way: an auditor's look with a policy that pins the code. */
static void appraisal(void **state)
{
    static const struct httpa_verifier *const known[] = { &httpa_verifier_sgx,
                                                          &httpa_verifier_tdx };
    static const struct httpa_slice up_to_date = { (const uint8_t *)"UpToDate",
                                                   8 };
    static const struct httpa_intel_policy intel = {
        .status = &up_to_date, .status_count = 1, .min_evaluation_number = 17
    };
    struct httpa_reference pins[] = {
        { "mrtd", HTTPA_REFERENCE_EQUAL,
          httpa_value_str("91eb2b44d141d4ece09f0c75c2c53d247a3c68edd7fafe8a3520"
                          "c942a604a407de03ae6dc5f87f27428b2538873118b7") },
        { "rtmr3", HTTPA_REFERENCE_ANY, { 0 } },
    };
    const struct httpa_set set = { .name = "sample",
                                   .references = pins,
                                   .reference_count = 2 };
    const struct httpa_profile profile = { .name = "td",
                                           .type = "tdx",
                                           .sets = &set,
                                           .set_count = 1,
                                           .intel = &intel };
    struct httpa_policy policy = {
        .name = "test",
        .identity = { .require = HTTPA_IDENTITY_NONE },
        .accept = &profile,
        .accept_count = 1,
    };
    (void)state;
    struct sample s;
    open_sample(&s, GOOD, true, GOOD_TIME);
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_evidence item = {
        .media_type = httpa_slice_str("application/vnd.httpa.tdx-quote"),
        .value = s.in.value,
    };
    const struct httpa_appraisal a = {
        .crypto = crypto,
        .verifiers = known,
        .verifier_count = COUNT(known),
        .policy = &policy,
        .offline = true,
        .now_s = s.in.now_s,
        .evidence = &item,
        .evidence_count = 1,
        .endorsements = s.endorsements,
        .endorsement_count = PIECES,
    };
    httpa_policy_defaults(&policy);
    assert_ok(httpa_appraise(&a, v));
    assert_int_equal(httpa_verdict_cryptographic(v), HTTPA_OUTCOME_PASS);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_GENUINE),
                     HTTPA_OUTCOME_PASS);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_CURRENT),
                     HTTPA_OUTCOME_PASS);
    httpa_verdict_free(v);
    v = httpa_verdict_new();
    pins[0].value = httpa_value_str("91eb"); /* another one */
    assert_err(HTTPA_ERR_APPRAISAL, httpa_appraise(&a, v));
    assert_slice_is(httpa_verdict_reason(v).check, "tdx.measurement.set");
    httpa_verdict_free(v);
    close_sample(&s);
}

/* One bit of every byte: nothing in a quote is free.  (Padding behind one is
 * zeros, or the quote does not parse: format_test.c.)  Without collateral, so
 * that a quote that is only undecided fails this. */
static void every_byte(void **state)
{
    (void)state;
    struct sample s;
    open_sample(&s, GOOD, false, GOOD_TIME);
    for (size_t i = 0; i < s.quote.n; i += under_valgrind() ? 41 : 1) {
        struct httpa_verdict *v = httpa_verdict_new();
        s.quote.p[i] ^= (uint8_t)(1u << i % 8);
        enum httpa_err err = verify(&s, v);
        if (kind_of(err) != HTTPA_ERR_EVIDENCE) {
            fail_msg("byte %zu: %s", i, httpa_err_name(err));
        }
        s.quote.p[i] ^= (uint8_t)(1u << i % 8);
        httpa_verdict_free(v);
    }
    expect(&s, HTTPA_ERR_UNDECIDED, "pck.crl");
    close_sample(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample),
        cmocka_unit_test(collateral),
        cmocka_unit_test(among_others),
        cmocka_unit_test(binding),
        cmocka_unit_test(other_roots_and_types),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(appraisal),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
