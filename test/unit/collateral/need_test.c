/* URLs of what evidence needs: of reports made here, and of real ones. */
#include "collateral/need.h"

#include "crypto/crypto.h"
#include "evidence/snp/report.h"
#include "support/shared.h"

static struct httpa_crypto *crypto;
static struct httpa_collateral_needs needs;
static struct httpa_collateral_diag diag;

static int open_crypto(void **state)
{
    (void)state;
    return httpa_crypto_new(&crypto) == HTTPA_OK ? 0 : -1;
}

static int close_crypto(void **state)
{
    (void)state;
    httpa_crypto_free(crypto);
    return 0;
}

/* A report that nothing signed: fields are all that is looked at. */
static uint8_t report[HTTPA_SNP_REPORT];

static void make_report(uint8_t version, uint8_t family, uint8_t model)
{
    static const uint8_t tcb[8] = { 1, 2, 3, 14, 0, 0, 0, 0xdb };
    memset(report, 0, sizeof(report));
    report[0] = version;
    report[0x0a] = 2; /* POLICY bit 17 */
    report[0x34] = 1; /* ECDSA P-384 */
    memcpy(report + 0x180, tcb, sizeof(tcb));
    if (version > 2) {
        report[0x188] = family;
        report[0x189] = model;
        report[0x18a] = 1;
    }
    memset(report + 0x1a0, 0x5a, family == 0x1a ? 8 : 64);
}

static enum httpa_err ask(const struct httpa_verifier *v, struct httpa_slice in)
{
    const struct httpa_evidence e = { .media_type =
                                          httpa_slice_str(v->media_type),
                                      .value = in };
    return httpa_collateral_need(crypto, &e, &needs, &diag);
}

static enum httpa_err ask_report(void)
{
    return ask(&httpa_verifier_snp, httpa_slice_of(report, sizeof(report)));
}

#define X8 "5a5a5a5a5a5a5a5a"
#define X64 X8 X8 X8 X8 X8 X8 X8 X8

static void milan_by_64_bytes(void **state)
{
    (void)state;
    needs.n = 0;
    make_report(3, 0x19, 0x01);
    report[0x183] = 0; /* a component that Milan has not */
    assert_ok(ask_report());
    assert_int_equal(needs.n, 3);
    assert_int_equal(needs.v[0].source, HTTPA_COLLATERAL_KDS);
    assert_false(needs.v[1].guess);
    assert_string_equal(needs.v[1].path,
                        "/vcek/v1/Milan/" X64
                        "?blSPL=01&teeSPL=02&snpSPL=00&ucodeSPL=219");
    assert_string_equal(needs.v[1].file,
                        "Milan-" X64 "-db00000000030201-vcek.der");
    assert_string_equal(needs.v[0].path, "/vcek/v1/Milan/cert_chain");
    assert_string_equal(needs.v[0].file, "Milan-vcek-cert_chain.pem");
    assert_string_equal(needs.v[2].path, "/vcek/v1/Milan/crl");
    assert_string_equal(needs.v[2].file, "Milan-ark.crl");
    assert_string_equal(needs.v[0].issuers_file, "");
    assert_string_equal(needs.v[1].issuers_file, needs.v[0].file);
    assert_string_equal(needs.v[2].issuers_file, needs.v[0].file);
}

static void turin_by_8_bytes_and_fmc(void **state)
{
    (void)state;
    needs.n = 0;
    make_report(5, 0x1a, 0x02);
    assert_ok(ask_report());
    assert_string_equal(needs.v[1].path,
                        "/vcek/v1/Turin/" X8
                        "?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=14&ucodeSPL=219");
    assert_string_equal(needs.v[2].path, "/vcek/v1/Turin/crl");
}

static void lines_by_model(void **state)
{
    static const struct {
        uint8_t family, model;
        const char *chain; /* NULL: not known */
    } rows[] = {
        { 0x19, 0x00, "/vcek/v1/Milan/cert_chain" },
        { 0x19, 0x0f, "/vcek/v1/Milan/cert_chain" },
        { 0x19, 0x11, "/vcek/v1/Genoa/cert_chain" },
        { 0x19, 0xa0, "/vcek/v1/Genoa/cert_chain" }, /* Bergamo, Siena */
        { 0x1a, 0x02, "/vcek/v1/Turin/cert_chain" },
        { 0x19, 0x20, NULL },
        { 0x1a, 0x50, NULL },
        { 0x1b, 0x01, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        needs.n = 0;
        make_report(3, rows[i].family, rows[i].model);
        if (rows[i].chain == NULL) {
            assert_int_equal(ask_report(), HTTPA_ERR_UNSUPPORTED);
            assert_int_equal(needs.n, 0);
        } else {
            assert_ok(ask_report());
            assert_string_equal(needs.v[0].path, rows[i].chain);
        }
    }
}

static void version_2_tries_both_lines(void **state)
{
    (void)state;
    needs.n = 0;
    make_report(2, 0, 0);
    assert_ok(ask_report());
    assert_int_equal(needs.n, 6);
    assert_true(needs.v[1].guess && needs.v[4].guess);
    assert_non_null(strstr(needs.v[1].path, "/Milan/"));
    assert_non_null(strstr(needs.v[4].path, "/Genoa/"));
}

static void vlek_needs_its_chain_only(void **state)
{
    (void)state;
    needs.n = 0;
    make_report(3, 0x19, 0x01);
    report[0x48] = 1 << 2;
    assert_ok(ask_report());
    assert_int_equal(needs.n, 2);
    assert_string_equal(needs.v[0].path, "/vlek/v1/Milan/cert_chain");
    assert_string_equal(needs.v[1].path, "/vcek/v1/Milan/crl");
}

static void hidden_chip_cannot_be_asked_for(void **state)
{
    (void)state;
    needs.n = 0;
    make_report(3, 0x19, 0x01);
    memset(report + 0x1a0, 0, 64);
    assert_int_equal(ask_report(), HTTPA_ERR_UNSUPPORTED);
    assert_non_null(strstr(diag.text, "hides its chip"));
}

static void equal_needs_are_one(void **state)
{
    (void)state;
    needs.n = 0;
    make_report(3, 0x19, 0x01);
    assert_ok(ask_report());
    assert_ok(ask_report());
    assert_int_equal(needs.n, 3);
    report[0x1a0] = 1; /* another chip */
    assert_ok(ask_report());
    assert_int_equal(needs.n, 4);
}

static void too_many_are_refused(void **state)
{
    enum httpa_err err = HTTPA_OK;
    (void)state;
    needs.n = 0;
    make_report(3, 0x19, 0x01);
    for (unsigned i = 0; i < 100 && err == HTTPA_OK; i++) {
        report[0x1a0] = (uint8_t)i;
        err = ask_report();
    }
    assert_int_equal(err, HTTPA_ERR_LIMIT);
    assert_true(needs.n <= HTTPA_COLLATERAL_NEEDS_MAX);
}

static void others_need_nothing(void **state)
{
    (void)state;
    needs.n = 0;
    assert_int_equal(ask(&httpa_verifier_nitro, httpa_slice_str("x")),
                     HTTPA_ERR_UNSUPPORTED);
    assert_int_equal(ask(&httpa_verifier_tdx, httpa_slice_str("x")),
                     HTTPA_ERR_TRUNCATED);
    assert_int_equal(ask(&httpa_verifier_snp, httpa_slice_str("x")),
                     HTTPA_ERR_TRUNCATED);
    assert_int_equal(needs.n, 0);
}

/* ---- real evidence ---- */

static void real_quotes(void **state)
{
    static const struct {
        const struct httpa_verifier *verifier;
        const char *file;
        const char *info;
        const char *list;
        const char *evaluations;
    } rows[] = {
        { &httpa_verifier_tdx, "vectors/tdx/v4-uptodate/quote.bin",
          "/tdx/certification/v4/tcb?fmspc=b0c06f000000",
          "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
          "/tdx/certification/v4/tcbevaluationdatanumbers" },
        { &httpa_verifier_sgx, "vectors/sgx/v3-phala/quote.bin",
          "/sgx/certification/v4/tcb?fmspc=00a067110000",
          "/sgx/certification/v4/pckcrl?ca=processor&encoding=der",
          "/sgx/certification/v4/tcbevaluationdatanumbers" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct httpa_buf quote = httpa_buf_growing(65536);
        if (shared_read(rows[i].file, &quote)) {
            needs.n = 0;
            assert_ok(ask(rows[i].verifier, httpa_buf_slice(&quote)));
            assert_int_equal(needs.n, 5);
            assert_string_equal(needs.v[0].path, rows[i].info);
            assert_string_equal(needs.v[0].chain_header,
                                "TCB-Info-Issuer-Chain");
            assert_string_equal(needs.v[2].path, rows[i].list);
            assert_string_equal(needs.v[3].path, "/IntelSGXRootCA.der");
            assert_string_equal(needs.v[4].path, rows[i].evaluations);
            assert_true(needs.v[4].optional);
        }
        httpa_buf_done(&quote);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(milan_by_64_bytes),
        cmocka_unit_test(turin_by_8_bytes_and_fmc),
        cmocka_unit_test(lines_by_model),
        cmocka_unit_test(version_2_tries_both_lines),
        cmocka_unit_test(vlek_needs_its_chain_only),
        cmocka_unit_test(hidden_chip_cannot_be_asked_for),
        cmocka_unit_test(equal_needs_are_one),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(others_need_nothing),
        cmocka_unit_test(real_quotes),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
