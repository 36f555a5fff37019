/* Runtime data of no paravisor and a quote over it, with a PKI of our own: what
 * passes, that nothing else does, and that no direct profile takes it. */
#include "../hcl_maker.h"
#include "codec/base64.h"
#include "codec/cbor_write.h"
#include "pki.h"

static uint8_t hcl[HTTPA_HCL_MAX];
static char json[700];
static struct httpa_buf value;

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

static struct pki_wish over_runtime_data(void)
{
    struct pki_wish w = pki_good(4, true);
    struct httpa_digest d;
    make_json();
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA256, httpa_slice_str(json), &d));
    memset(w.report_data, 0, sizeof(w.report_data));
    memcpy(w.report_data, d.bytes, d.n);
    return w;
}

static enum httpa_err put_value(const struct pki *p)
{
    return httpa_azure_tdx_write(httpa_slice_of(hcl, sizeof(hcl)),
                                 httpa_buf_slice(&p->quote), &value);
}

static void open_azure(struct pki *p, const struct pki_wish *w)
{
    pki_open(p, w);
    value = httpa_buf_growing(65536);
    (void)hcl_make(hcl, NULL, json);
    assert_err(HTTPA_ERR_UNSUPPORTED, put_value(p));
    hcl[32 + HTTPA_HCL_REPORT + 8] = HTTPA_HCL_TDX;
    assert_ok(put_value(p));
    p->in.value = httpa_buf_slice(&value);
}

static void close_azure(struct pki *p)
{
    httpa_buf_done(&value);
    pki_close(p);
}

static enum httpa_err verify_alone(const struct pki *p)
{
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_err err = httpa_intel_azure_verify(&p->in, p->pin, v, 0);
    bool has_key = httpa_verdict_find(v, 0, "hardware_ak") != NULL;
    assert_int_equal(has_key, err == HTTPA_OK);
    httpa_verdict_free(v);
    return err;
}

/* The handshake's own bytes are nobody's business here. */
static void genuine(void **state)
{
    static const uint8_t rd[HTTPA_RD_LEN] = { 7 };
    struct pki p;
    (void)state;
    const struct pki_wish w = over_runtime_data();
    open_azure(&p, &w);
    p.in.rd = rd;
    struct httpa_verdict *v = httpa_verdict_new();
    assert_ok(httpa_intel_azure_verify(&p.in, p.pin, v, 0));
    assert_string_equal(first(v, HTTPA_OUTCOME_FAIL), "");
    assert_string_equal(first(v, HTTPA_OUTCOME_SKIP), "binding");
    httpa_verdict_free(v);
    close_azure(&p);
}

/* Nothing in it is free: all is signed, hashed, or a length.  Of the quote,
 * whose every byte quote_test.c changes, some. */
static void no_changed_byte_passes(void **state)
{
    struct pki p;
    (void)state;
    const struct pki_wish w = over_runtime_data();
    const size_t few = under_valgrind() ? 499 : 41;
    open_azure(&p, &w);
    const size_t frame = value.n - p.quote.n;
    assert_ok(verify_alone(&p));
    for (size_t i = 0; i < value.n; i += i < frame ? 1 : few) {
        value.p[i] ^= (uint8_t)(1u << i % 8);
        if (verify_alone(&p) == HTTPA_OK) {
            fail_msg("byte %zu changed, and it passed", i);
        }
        value.p[i] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t n = 0; n < value.n; n += few) {
        p.in.value.n = n;
        assert_true(verify_alone(&p) != HTTPA_OK);
    }
    close_azure(&p);
}

/* Signed, and over the right digest, but the half behind it is not zero; or
 * over what the handshake expects. */
static void report_data_is_the_digest_and_zeros(void **state)
{
    struct pki p;
    (void)state;
    struct pki_wish w = over_runtime_data();
    w.report_data[63] = 1;
    open_azure(&p, &w);
    assert_err(HTTPA_ERR_EVIDENCE, verify_alone(&p));
    close_azure(&p);
    memset(w.report_data, 7, sizeof(w.report_data));
    open_azure(&p, &w);
    assert_err(HTTPA_ERR_EVIDENCE, verify_alone(&p));
    close_azure(&p);
}

/* Neither more nor less than both, in this order, and a TD's quote. */
static void other_forms(void **state)
{
    struct pki p;
    (void)state;
    struct pki_wish w = over_runtime_data();
    open_azure(&p, &w);
    httpa_buf_put_byte(&value, 0);
    p.in.value = httpa_buf_slice(&value);
    assert_err(HTTPA_ERR_TRAILING, verify_alone(&p));
    httpa_buf_cut(&value, value.n - 1);
    p.in.value = httpa_slice_from(httpa_buf_slice(&value), 1);
    assert_true(verify_alone(&p) != HTTPA_OK);
    httpa_buf_reset(&value);
    httpa_cbor_put_array(&value, 3);
    for (size_t i = 0; i < 3; i++) {
        httpa_cbor_put_bytes(&value, i == 0 ? httpa_slice_str(json)
                                            : httpa_buf_slice(&p.quote));
    }
    p.in.value = httpa_buf_slice(&value);
    assert_err(HTTPA_ERR_TRAILING, verify_alone(&p));
    close_azure(&p);
    w = over_runtime_data();
    struct pki_wish enclave = pki_good(4, false);
    memcpy(enclave.report_data, w.report_data, sizeof(w.report_data));
    open_azure(&p, &enclave);
    assert_err(HTTPA_ERR_UNSUPPORTED, verify_alone(&p));
    close_azure(&p);
}

/* What is wrong or missing beside it is found as in any quote. */
static void collateral_counts(void **state)
{
    struct pki p;
    (void)state;
    struct pki_wish w = over_runtime_data();
    w.revoked[PKI_PCK] = true;
    open_azure(&p, &w);
    assert_err(HTTPA_ERR_CHAIN, verify_alone(&p));
    close_azure(&p);
    w.revoked[PKI_PCK] = false;
    open_azure(&p, &w);
    p.in.endorsement_count = 0;
    assert_err(HTTPA_ERR_UNDECIDED, verify_alone(&p));
    memset(p.pin, 0, sizeof(p.pin));
    assert_true(verify_alone(&p) != HTTPA_OK);
    close_azure(&p);
}

/* Each way of coming passes only the profile that says so. */
static void ways_do_not_mix(void **state)
{
    struct pki p;
    (void)state;
    const struct pki_wish w = over_runtime_data();
    const struct httpa_slice status = httpa_slice_str("UpToDate");
    open_azure(&p, &w);
    for (unsigned via = 0; via < 2; via++) {
        struct httpa_intel_policy policy = {
            .via = via == 1 ? HTTPA_VIA_AZURE : HTTPA_VIA_DIRECT,
            .status = &status,
            .status_count = 1,
        };
        struct httpa_profile profile = { .type = "tdx", .intel = &policy };
        struct httpa_verdict *v = httpa_verdict_new();
        assert_ok(httpa_intel_azure_verify(&p.in, p.pin, v, 0));
        assert_err(via == 1 ? HTTPA_OK : HTTPA_ERR_APPRAISAL,
                   httpa_verifier_tdx_azure.judge(&profile, &p.in, v, 0));
        assert_err(via == 0 ? HTTPA_OK : HTTPA_ERR_APPRAISAL,
                   httpa_verifier_tdx.judge(&profile, &p.in, v, 0));
        httpa_verdict_free(v);
    }
    close_azure(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genuine),
        cmocka_unit_test(no_changed_byte_passes),
        cmocka_unit_test(report_data_is_the_digest_and_zeros),
        cmocka_unit_test(other_forms),
        cmocka_unit_test(collateral_counts),
        cmocka_unit_test(ways_do_not_mix),
    };
    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
