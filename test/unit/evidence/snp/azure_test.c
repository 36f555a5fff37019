/* A processor's report inside a paravisor's, with a PKI of our own: what
 * passes, that nothing else does, and that no direct profile takes it. */
#include "../hcl_maker.h"
#include "codec/base64.h"
#include "maker.h"

#define STEP (under_valgrind() ? 41u : 1u)

static const struct maker_wish honest = { .line = HTTPA_SNP_MILAN };

static uint8_t hcl[HTTPA_HCL_MAX];
static char json[700];

/* An odd number of 2,048 bits, which is all that is asked of it. */
static void make_json(void)
{
    uint8_t n[256];
    uint8_t text[400];
    struct httpa_buf b = httpa_buf_fixed(text, sizeof(text));
    memset(n, 0xc5, sizeof(n));
    httpa_base64url_write(&b, httpa_slice_of(n, sizeof(n)));
    (void)snprintf(json, sizeof(json),
                   "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\","
                   "\"e\":\"AQAB\",\"n\":\"%.*s\"}]}",
                   (int)b.n, (const char *)b.p);
}

static struct httpa_slice make(struct maker *m)
{
    struct httpa_digest d;
    make_json();
    assert_ok(httpa_hash_once(m->crypto, HTTPA_SHA256, httpa_slice_str(json),
                              &d));
    memset(m->report + 0x50, 0, 64);
    memcpy(m->report + 0x50, d.bytes, 32);
    maker_sign(m);
    return hcl_make(hcl, m->report, json);
}

static enum httpa_err
verify(struct maker *m, struct httpa_slice value, struct httpa_verdict *v)
{
    struct httpa_verify_in in = { .crypto = m->crypto,
                                  .value = value,
                                  .rd = m->rd,
                                  .endorsements = m->endorsements,
                                  .endorsement_count = m->endorsement_count,
                                  .now_s = MAKER_NOW };
    return httpa_snp_azure_verify(&in, m->roots, v, 0);
}

static enum httpa_err verify_alone(struct maker *m, struct httpa_slice value)
{
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_err err = verify(m, value, v);
    httpa_verdict_free(v);
    return err;
}

static void no_changed_byte_passes(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    struct httpa_slice in = make(&m);
    assert_ok(verify_alone(&m, in));
    for (size_t i = 0; i < sizeof(hcl); i += STEP) {
        uint8_t before = hcl[i];
        hcl[i] ^= (uint8_t)(1u << i % 8);
        if (verify_alone(&m, in) == HTTPA_OK) {
            fail_msg("byte %zu changed, and it passed", i);
        }
        hcl[i] = before;
    }
    /* All that nothing signs and may differ: the header's version, 1 or 2. */
    hcl[4] = 1;
    assert_ok(verify_alone(&m, in));
    maker_done(&m);
}

/* Signed, and over the right digest, but the half behind it is not zero; or
 * over what the handshake expects. */
static void report_data_is_the_digest_and_zeros(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    assert_err(HTTPA_ERR_EVIDENCE,
               verify_alone(&m, (make(&m), m.report[0x50 + 63] = 1,
                                 maker_sign(&m),
                                 hcl_make(hcl, m.report, json))));
    memcpy(m.report + 0x50, m.rd, 64);
    maker_sign(&m);
    assert_err(HTTPA_ERR_EVIDENCE,
               verify_alone(&m, hcl_make(hcl, m.report, json)));
    maker_done(&m);
}

static void another_tee_is_refused(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    struct httpa_slice in = make(&m);
    hcl[32 + HTTPA_HCL_REPORT + 8] = HTTPA_HCL_TDX;
    assert_err(HTTPA_ERR_UNSUPPORTED, verify_alone(&m, in));
    maker_done(&m);
}

/* Each way of coming passes only the profile that says so. */
static void ways_do_not_mix(void **state)
{
    struct maker m;
    (void)state;
    maker_init(&m, &honest);
    struct httpa_slice in = make(&m);
    for (unsigned via = 0; via < 2; via++) {
        struct httpa_snp_policy policy = { .via = via == 1 ? HTTPA_VIA_AZURE
                                                           : HTTPA_VIA_DIRECT,
                                           .insecure_any_tcb = true,
                                           .vcek = true };
        struct httpa_profile profile = { .type = "sev-snp", .snp = &policy };
        struct httpa_verify_in vin = { .crypto = m.crypto, .value = in };
        struct httpa_verdict *v = httpa_verdict_new();
        assert_ok(verify(&m, in, v));
        assert_err(via == 1 ? HTTPA_OK : HTTPA_ERR_APPRAISAL,
                   httpa_verifier_snp_azure.judge(&profile, &vin, v, 0));
        vin.value = httpa_slice_of(m.report, sizeof(m.report));
        assert_err(via == 0 ? HTTPA_OK : HTTPA_ERR_APPRAISAL,
                   httpa_verifier_snp.judge(&profile, &vin, v, 0));
        httpa_verdict_free(v);
    }
    maker_done(&m);
}

/* Nobody reads of it that the processor signed for this handshake. */
static void binds_no_handshake(void **state)
{
    struct maker m;
    struct httpa_verdict *v = httpa_verdict_new();
    bool found = false;
    (void)state;
    maker_init(&m, &honest);
    assert_ok(verify(&m, make(&m), v));
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (strcmp(c->id, "sev-snp.binding") == 0) {
            assert_int_equal(c->outcome, HTTPA_OUTCOME_SKIP);
            found = true;
        }
    }
    assert_true(found);
    httpa_verdict_free(v);
    maker_done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_changed_byte_passes),
        cmocka_unit_test(report_data_is_the_digest_and_zeros),
        cmocka_unit_test(another_tee_is_refused),
        cmocka_unit_test(ways_do_not_mix),
        cmocka_unit_test(binds_no_handshake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
