#include "document.h"

static struct httpa_buf doc;
static struct httpa_nitro_policy nitro;

/* The verifier as it is, but for the root. */
static enum httpa_err verify_ours(const struct httpa_verify_in *in,
                                  struct httpa_verdict *v, unsigned of)
{
    return httpa_nitro_verify(in, pin, v, of);
}

static const struct httpa_verifier ours = {
    .type = "nitro",
    .media_type = "application/vnd.httpa.nitro",
    .verify = verify_ours,
    .judge = httpa_nitro_judge,
};
static const struct httpa_verifier *const ours_only[] = { &ours };

/* 48 bytes: |first| and zeros. */
static struct httpa_reference pcr(const char *name, uint8_t first)
{
    static uint8_t room[8][48];
    static size_t turn;
    uint8_t *value = room[turn++ % COUNT(room)];
    memset(value, 0, 48);
    value[0] = first;
    return (struct httpa_reference){
        .name = name, .value = httpa_value_bytes(httpa_slice_of(value, 48))
    };
}

static void use(struct fixture *f, const struct document *d)
{
    httpa_buf_done(&doc);
    doc = make_document(d);
    f->items[0].value = httpa_buf_slice(&doc);
}

/* The fixture with a document instead of paper, and a policy for it. */
static void nitro_fixture(struct fixture *f)
{
    struct document d = good_document();
    memcpy(f->rd, doc_rd, sizeof(f->rd));
    f->in.verifiers = ours_only;
    f->in.verifier_count = 1;
    f->items[0].media_type = httpa_slice_str("application/vnd.httpa.nitro");
    f->profiles[0].name = "enclave";
    f->profiles[0].type = "nitro";
    f->profiles[0].nitro = &nitro;
    nitro.max_age_s = HTTPA_NITRO_MAX_AGE_S;
    f->references[0][0][0] = pcr("pcr0", 0xa0);
    add_reference(f, 0, 0, pcr("pcr8", 0xa8));
    use(f, &d);
}

static void other_image(struct fixture *f)
{
    nitro_fixture(f);
    f->references[0][0][0] = pcr("pcr0", 0xa1);
}

/* CVE-2025-64186: what is not there is not right. */
static void named_and_missing(struct fixture *f)
{
    struct document d = good_document();
    nitro_fixture(f);
    d.pcr_mask = 0x1f;
    use(f, &d);
}
static void zeros_are_not_missing(struct fixture *f)
{
    struct document d = good_document();
    nitro_fixture(f);
    d.pcr_mask = 0x1f;
    use(f, &d);
    f->references[0][0][1] = pcr("pcr8", 0);
}
static void other_rd(struct fixture *f)
{
    nitro_fixture(f);
    f->rd[63] ^= 1;
}
static void in_debug_mode(struct fixture *f)
{
    struct document d = good_document();
    nitro_fixture(f);
    memset(d.first_byte, 0, 3);
    use(f, &d);
}
static void debug_by_name(struct fixture *f)
{
    in_debug_mode(f);
    f->references[0][0][0] = pcr("pcr0", 0);
}
static void debug_unpinned(struct fixture *f)
{
    in_debug_mode(f);
    f->policy.insecure_unpinned = true;
    f->references[0][0][0].kind = HTTPA_REFERENCE_ANY;
    f->references[0][0][1].kind = HTTPA_REFERENCE_ANY;
}
static void no_settings(struct fixture *f)
{
    nitro_fixture(f);
    f->profiles[0].nitro = NULL;
}
static void zero_settings(struct fixture *f)
{
    nitro_fixture(f);
    nitro.max_age_s = 0;
}
static void as_old_as_may_be(struct fixture *f)
{
    nitro_fixture(f);
    f->in.now_s = NOW + 300;
}
static void a_second_older(struct fixture *f)
{
    nitro_fixture(f);
    f->in.now_s = NOW + 301;
}
static void an_hour_is_fine(struct fixture *f)
{
    nitro_fixture(f);
    nitro.max_age_s = 3600;
    f->in.now_s = NOW + 3600;
}
static void made_at(struct fixture *f, int64_t at_s)
{
    struct document d = good_document();
    nitro_fixture(f);
    d.at_s = at_s;
    use(f, &d);
}
static void clocks_differ(struct fixture *f)
{
    made_at(f, NOW + 300);
}
static void made_tomorrow(struct fixture *f)
{
    made_at(f, NOW + 301);
}
static void made_in_9999(struct fixture *f)
{
    made_at(f, INT64_C(253402300799));
}
static void stored(struct fixture *f)
{
    nitro_fixture(f);
    f->in.offline = true;
    f->items[0].rd = NULL;
}
static void stored_too_long(struct fixture *f)
{
    a_second_older(f);
    f->in.offline = true;
    f->items[0].rd = NULL;
}
static void measured_by_role(struct fixture *f)
{
    nitro_fixture(f);
    f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
    add_reference(f, 0, 0, pcr("pcr3", 0xa3));
}
static void measured_by_instance(struct fixture *f)
{
    nitro_fixture(f);
    f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
    add_reference(f, 0, 0, pcr("pcr4", 0xa4));
}
static void measured_by_no_role(struct fixture *f)
{
    nitro_fixture(f);
    f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
    add_reference(f, 0, 0, pcr("pcr3", 0));
}
static void measured_by_signer(struct fixture *f)
{
    nitro_fixture(f);
    f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
}
static void pinned_to_a_role(struct fixture *f)
{
    nitro_fixture(f);
    f->sets[0][0].reference_count = 1;
    f->references[0][0][0] = pcr("pcr3", 0xa3);
}
static void pinned_to_a_kernel(struct fixture *f)
{
    nitro_fixture(f);
    f->sets[0][0].reference_count = 1;
    f->references[0][0][0] = pcr("pcr1", 0xa1);
}
static void pinned_to_an_application(struct fixture *f)
{
    nitro_fixture(f);
    f->sets[0][0].reference_count = 1;
    f->references[0][0][0] = pcr("pcr2", 0xa2);
}
static void pinned_to_no_signer(struct fixture *f)
{
    nitro_fixture(f);
    f->sets[0][0].reference_count = 1;
    f->references[0][0][0] = pcr("pcr8", 0);
}
static void pinned_to_no_signer_in_hex(struct fixture *f)
{
    pinned_to_no_signer(f);
    f->references[0][0][0] = equal("pcr8", "0000");
}
static void pinned_to_a_signer(struct fixture *f)
{
    nitro_fixture(f);
    f->sets[0][0].reference_count = 1;
    f->references[0][0][0] = pcr("pcr8", 0xa8);
}

static void rows_of_the_policy(void **state)
{
    static const struct row rows[] = {
        { "our image", nitro_fixture, HTTPA_OK, "" },
        { "another image", other_image, HTTPA_ERR_APPRAISAL,
          "nitro.measurement.set" },
        { "a register is named and missing", named_and_missing,
          HTTPA_ERR_APPRAISAL, "nitro.measurement.set" },
        { "nor is it zero", zeros_are_not_missing, HTTPA_ERR_APPRAISAL,
          "nitro.measurement.set" },
        { "of another handshake", other_rd, HTTPA_ERR_EVIDENCE,
          "nitro.binding" },
        { "in debug mode", in_debug_mode, HTTPA_ERR_APPRAISAL,
          "nitro.measurement.set" },
        { "that is what the set says", debug_by_name, HTTPA_ERR_APPRAISAL,
          "nitro.debug" },
        { "the set says nothing", debug_unpinned, HTTPA_ERR_APPRAISAL,
          "nitro.debug" },
        { "without settings", no_settings, HTTPA_ERR_APPRAISAL,
          "profile.type" },
        { "no age is young enough for zeros", zero_settings,
          HTTPA_ERR_APPRAISAL, "nitro.age" },
        { "five minutes old", as_old_as_may_be, HTTPA_OK, "" },
        { "and a second", a_second_older, HTTPA_ERR_APPRAISAL, "nitro.age" },
        { "an hour is allowed", an_hour_is_fine, HTTPA_OK, "" },
        { "clocks differ", clocks_differ, HTTPA_OK, "" },
        { "too much", made_tomorrow, HTTPA_ERR_APPRAISAL, "nitro.age" },
        { "very much", made_in_9999, HTTPA_ERR_APPRAISAL, "nitro.age" },
        { "stored", stored, HTTPA_OK, "" },
        { "it ages where it lies", stored_too_long, HTTPA_ERR_APPRAISAL,
          "nitro.age" },
        { "whose: the role", measured_by_role, HTTPA_OK, "" },
        { "whose: the instance", measured_by_instance, HTTPA_OK, "" },
        { "whose: no role", measured_by_no_role, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "anybody boots a signed image", measured_by_signer, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "a role runs anything", pinned_to_a_role, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "a kernel runs anything", pinned_to_a_kernel, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "an application runs on anything", pinned_to_an_application,
          HTTPA_ERR_CONFIG, "policy.form" },
        { "nobody signs anything", pinned_to_no_signer, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "in hex", pinned_to_no_signer_in_hex, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "any image of a signer", pinned_to_a_signer, HTTPA_OK, "" },
    };
    (void)state;
    run_rows(rows, COUNT(rows));
}

/* Debug mode is genuine, and refused. */
static void debug_is_genuine(void **state)
{
    static const struct row row = { "debug", debug_by_name,
                                    HTTPA_ERR_APPRAISAL, "nitro.debug" };
    struct httpa_verdict *v = httpa_verdict_new();
    (void)state;
    run_row(&row, v);
    assert_int_equal(httpa_verdict_cryptographic(v), HTTPA_OUTCOME_PASS);
    assert_int_equal(httpa_verdict_policy(v), HTTPA_OUTCOME_FAIL);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_GENUINE),
                     HTTPA_OUTCOME_FAIL);
    httpa_verdict_free(v);
}

static void ages(void **state)
{
    static const struct row row = { "age", as_old_as_may_be, HTTPA_OK, "" };
    struct httpa_verdict *v = httpa_verdict_new();
    (void)state;
    run_row(&row, v);
    const struct httpa_check *age = find_check(v, "nitro.age");
    assert_true(age->has_age && age->age_s == 300);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_GENUINE),
                     HTTPA_OUTCOME_PASS);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_CURRENT),
                     HTTPA_OUTCOME_SKIP);
    assert_int_equal(httpa_verdict_word(v, HTTPA_WORD_PINNED),
                     HTTPA_OUTCOME_PASS);
    httpa_verdict_free(v);
}

/* Without the claims of verify() there is nothing to judge. */
static void claims_that_are_not_there(void **state)
{
    const struct httpa_profile profile = { .type = "nitro", .nitro = &nitro };
    const struct httpa_verify_in in = { .crypto = crypto, .now_s = NOW };
    struct httpa_verdict *v = httpa_verdict_new();
    (void)state;
    nitro.max_age_s = 300;
    assert_err(HTTPA_ERR_APPRAISAL, httpa_nitro_judge(&profile, &in, v, 0));
    httpa_verdict_claim(v, 0, "debug", httpa_value_boolean(false));
    assert_err(HTTPA_ERR_APPRAISAL, httpa_nitro_judge(&profile, &in, v, 0));
    httpa_verdict_claim(v, 0, "timestamp", httpa_value_time(NOW));
    assert_ok(httpa_nitro_judge(&profile, &in, v, 0));
    httpa_verdict_free(v);
}

static int close_all(void **state)
{
    httpa_buf_done(&doc);
    return close_pki(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_the_policy),
        cmocka_unit_test(debug_is_genuine),
        cmocka_unit_test(ages),
        cmocka_unit_test(claims_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, open_pki, close_all);
}
