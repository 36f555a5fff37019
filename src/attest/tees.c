/* The kinds of TEE, and how their evidence is told from junk. */
#include "attest/device.h"
#include "evidence/cca/cca.h"
#include "evidence/intel/format.h"
#include "evidence/nitro/nitro.h"
#include "evidence/snp/report.h"

static bool is_rd(struct httpa_slice s, const uint8_t *rd)
{
    return httpa_slice_equal(s, httpa_slice_of(rd, HTTPA_RD_LEN));
}

static bool is_report(struct httpa_slice value, const uint8_t *rd)
{
    struct httpa_snp_report r;
    return httpa_snp_report_read(value, &r) == HTTPA_OK &&
           is_rd(r.report_data, rd);
}

static bool
is_quote(struct httpa_slice value, const uint8_t *rd, bool wants_tdx)
{
    struct httpa_intel_quote q;
    return httpa_intel_quote_read(value, &q) == HTTPA_OK &&
           q.is_tdx == wants_tdx && is_rd(q.report_data, rd);
}

static bool is_tdx_quote(struct httpa_slice value, const uint8_t *rd)
{
    return is_quote(value, rd, true);
}

static bool is_sgx_quote(struct httpa_slice value, const uint8_t *rd)
{
    return is_quote(value, rd, false);
}

static bool is_document(struct httpa_slice value, const uint8_t *rd)
{
    struct httpa_nitro doc;
    return httpa_nitro_read(value, &doc) == HTTPA_OK &&
           is_rd(doc.user_data, rd);
}

static bool is_token(struct httpa_slice value, const uint8_t *rd)
{
    struct httpa_cca token;
    return httpa_cca_read(value, &token) == HTTPA_OK &&
           is_rd(token.realm.challenge, rd);
}

const struct httpa_attest_tee httpa_attest_snp = {
    .word = "sev-snp",
    .verifier = &httpa_verifier_snp,
    .is_over = is_report,
};

const struct httpa_attest_tee httpa_attest_tdx = {
    .word = "tdx",
    .verifier = &httpa_verifier_tdx,
    .is_over = is_tdx_quote,
};

const struct httpa_attest_tee httpa_attest_sgx = {
    .word = "sgx",
    .verifier = &httpa_verifier_sgx,
    .is_over = is_sgx_quote,
};

const struct httpa_attest_tee httpa_attest_nitro = {
    .word = "nitro",
    .verifier = &httpa_verifier_nitro,
    .is_over = is_document,
};

const struct httpa_attest_tee httpa_attest_cca = {
    .word = "cca",
    .verifier = &httpa_verifier_cca,
    .is_over = is_token,
};
