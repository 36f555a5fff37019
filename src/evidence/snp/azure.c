/*
 * SEV-SNP under Azure's paravisor: the guest cannot set REPORT_DATA, so the
 * report is of the machine's start and binds the paravisor's runtime data.
 * What ties the item to a handshake is a quote of the vTPM whose key that data
 * names (evidence/profiles.c); a profile must ask for both.
 */
#include "evidence/hcl.h"
#include "evidence/snp/verify.h"
#include "evidence/verdict.h"

#define TYPE "sev-snp"

static enum httpa_err check(struct httpa_verdict *v, unsigned of,
                            const char *id, const char *text,
                            enum httpa_err err)
{
    httpa_verdict_check(
        v, &(struct httpa_check){ .id = id,
                                  .of = of,
                                  .outcome = err == HTTPA_OK
                                                 ? HTTPA_OUTCOME_PASS
                                                 : HTTPA_OUTCOME_FAIL,
                                  .word = HTTPA_WORD_GENUINE,
                                  .source = "evidence",
                                  .text = text });
    return err;
}

static enum httpa_err read_snp(struct httpa_slice in, struct httpa_hcl *ret)
{
    enum httpa_err err = httpa_hcl_read(in, ret);
    return err == HTTPA_OK && ret->kind != HTTPA_HCL_SNP
               ? HTTPA_ERR_UNSUPPORTED
               : err;
}

static enum httpa_err check_runtime_data(const struct httpa_verify_in *in,
                                         const struct httpa_hcl *hcl,
                                         uint8_t data[HTTPA_RD_LEN])
{
    struct httpa_snp_report r;
    enum httpa_err err = httpa_snp_report_read(hcl->report, &r);
    return err == HTTPA_OK
               ? httpa_hcl_check(in->crypto, hcl, r.report_data, data)
               : err;
}

enum httpa_err
httpa_snp_azure_verify(const struct httpa_verify_in *in,
                       const struct httpa_snp_root roots[HTTPA_SNP_ROOTS],
                       struct httpa_verdict *v, unsigned of)
{
    struct httpa_hcl hcl;
    uint8_t data[HTTPA_RD_LEN];
    struct httpa_verify_in inner = *in;
    enum httpa_err err = check(v, of, TYPE ".hcl.form",
                               "The paravisor's report does not parse, or is "
                               "not of SEV-SNP.",
                               read_snp(in->value, &hcl));
    if (err == HTTPA_OK) {
        err = check(v, of, TYPE ".hcl.runtime_data",
                    "The processor's report is not over this runtime data.",
                    check_runtime_data(in, &hcl, data));
    }
    if (err != HTTPA_OK) {
        return err;
    }
    inner.value = hcl.report;
    inner.rd = NULL; /* no handshake's; the runtime data has been compared */
    inner.nonce = httpa_slice_of(NULL, 0);
    err = httpa_snp_verify(&inner, roots, v, of);
    return err == HTTPA_OK
               ? check(v, of, TYPE ".hcl.ak",
                       "The runtime data names no key that can be used.",
                       httpa_hcl_claim_ak(in->crypto, &hcl, v, of))
               : err;
}

static enum httpa_err
verify(const struct httpa_verify_in *in, struct httpa_verdict *v, unsigned of)
{
    return httpa_snp_azure_verify(in, httpa_snp_amd, v, of);
}

static enum httpa_err judge(const struct httpa_profile *profile,
                            const struct httpa_verify_in *in,
                            struct httpa_verdict *v, unsigned of)
{
    struct httpa_hcl hcl;
    struct httpa_verify_in inner = *in;
    if (read_snp(in->value, &hcl) != HTTPA_OK) {
        return HTTPA_ERR_APPRAISAL;
    }
    inner.value = hcl.report;
    return httpa_snp_judge_via(profile, &inner, HTTPA_VIA_AZURE, v, of);
}

const struct httpa_verifier httpa_verifier_snp_azure = {
    .type = TYPE,
    .media_type = HTTPA_MEDIA_TYPE_HCL,
    .is_watched = true,
    .verify = verify,
    .judge = judge,
};
