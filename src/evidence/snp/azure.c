/*
 * SEV-SNP under Azure's paravisor: the guest cannot set REPORT_DATA, so the
 * report is of the machine's start and binds the paravisor's runtime data.
 * What ties the item to a handshake is a quote of the vTPM whose key that data
 * names (evidence/profiles.c); a profile must ask for both.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"
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

/* REPORT_DATA: the digest, then zeros. */
static enum httpa_err check_runtime_data(const struct httpa_verify_in *in,
                                         const struct httpa_hcl *hcl,
                                         uint8_t data[HTTPA_RD_LEN])
{
    struct httpa_digest digest;
    struct httpa_snp_report r;
    enum httpa_err err = httpa_snp_report_read(hcl->report, &r);
    if (err == HTTPA_OK) {
        err = httpa_hash_once(in->crypto, HTTPA_SHA256, hcl->runtime_data,
                              &digest);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    memset(data, 0, HTTPA_RD_LEN);
    memcpy(data, digest.bytes, digest.n);
    return httpa_ct_equal(r.report_data.p, data, HTTPA_RD_LEN)
               ? HTTPA_OK
               : HTTPA_ERR_EVIDENCE;
}

/* HTTPA_CLAIM_HARDWARE_AK: only after everything else passed. */
static enum httpa_err claim_key(const struct httpa_verify_in *in,
                                const struct httpa_hcl *hcl,
                                struct httpa_verdict *v, unsigned of)
{
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_pubkey_from_rsa(
        in->crypto, httpa_slice_of(hcl->modulus, hcl->modulus_n), 65537, &key);
    if (err == HTTPA_OK) {
        httpa_verdict_claim(v, of, HTTPA_CLAIM_HARDWARE_AK,
                            httpa_value_bytes(httpa_pubkey_spki(key)));
    }
    httpa_pubkey_free(key);
    return err;
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
    inner.rd = data;
    inner.nonce = httpa_slice_of(NULL, 0);
    err = httpa_snp_verify(&inner, roots, v, of);
    return err == HTTPA_OK
               ? check(v, of, TYPE ".hcl.ak",
                       "The runtime data names no key that can be used.",
                       claim_key(in, &hcl, v, of))
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
