/*
 * TDX under Azure's paravisor: the guest cannot set REPORTDATA, so the quote is
 * of the machine's start and binds the paravisor's runtime data.  What ties the
 * item to a handshake is a quote of the vTPM whose key that data names
 * (evidence/profiles.c); a profile must ask for both.
 *
 * The paravisor's report (NV index 0x01400001) has beside the runtime data a
 * TDREPORT, which only its own processor can check, and which the host turns
 * into the quote: nothing of it is sent.
 */
#include "codec/cbor.h"
#include "codec/cbor_write.h"
#include "evidence/hcl.h"
#include "evidence/intel/verify.h"
#include "evidence/verdict.h"

#define TYPE "tdx"

struct parts {
    struct httpa_hcl hcl;
    struct httpa_slice quote;
    struct httpa_slice report_data;
};

static enum httpa_err check(struct httpa_verdict *v, unsigned of,
                            const char *id, const char *text,
                            enum httpa_err err)
{
    bool passed = err == HTTPA_OK;
    httpa_verdict_check(
        v, &(struct httpa_check){ .id = id,
                                  .of = of,
                                  .outcome = passed ? HTTPA_OUTCOME_PASS
                                                    : HTTPA_OUTCOME_FAIL,
                                  .word = HTTPA_WORD_GENUINE,
                                  .source = "evidence",
                                  .text = passed ? NULL : text });
    return err;
}

/* [runtime data, quote], each a byte string. */
static enum httpa_err read_parts(struct httpa_slice in, struct parts *p)
{
    struct httpa_intel_quote q;
    struct httpa_cbor c = httpa_cbor_of(in, 0);
    struct httpa_cbor items = httpa_cbor_array(&c, NULL);
    struct httpa_slice data = httpa_cbor_bytes_of(&items, 1, HTTPA_HCL_MAX);
    p->quote = httpa_cbor_bytes_of(&items, 1, HTTPA_INTEL_QUOTE_MAX);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err == HTTPA_OK) {
        err = httpa_cbor_end(&items);
    }
    if (err == HTTPA_OK) {
        err = httpa_hcl_runtime_read(data, &p->hcl);
    }
    if (err == HTTPA_OK) {
        err = httpa_intel_quote_read(p->quote, &q);
        p->report_data = q.report_data;
    }
    return err;
}

enum httpa_err httpa_azure_tdx_write(struct httpa_slice report,
                                     struct httpa_slice quote,
                                     struct httpa_buf *out)
{
    struct httpa_hcl hcl;
    enum httpa_err err = httpa_hcl_read(report, &hcl);
    if (err != HTTPA_OK) {
        return err;
    }
    if (hcl.kind != HTTPA_HCL_TDX) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    httpa_cbor_put_array(out, 2);
    httpa_cbor_put_bytes(out, hcl.runtime_data);
    httpa_cbor_put_bytes(out, quote);
    return httpa_buf_check(out);
}

static enum httpa_err check_parts(const struct httpa_verify_in *in,
                                  struct parts *p, struct httpa_verdict *v,
                                  unsigned of)
{
    uint8_t wanted[HTTPA_RD_LEN];
    enum httpa_err err =
        check(v, of, TYPE ".hcl.form",
              "The paravisor's runtime data and the quote do not parse.",
              read_parts(in->value, p));
    return err == HTTPA_OK ? check(v, of, TYPE ".hcl.runtime_data",
                                   "The quote is not over this runtime data.",
                                   httpa_hcl_check(in->crypto, &p->hcl,
                                                   p->report_data, wanted))
                           : err;
}

enum httpa_err httpa_intel_azure_verify(const struct httpa_verify_in *in,
                                        const uint8_t pin[HTTPA_INTEL_PIN],
                                        struct httpa_verdict *v, unsigned of)
{
    struct parts p;
    struct httpa_verify_in inner = *in;
    enum httpa_err err = check_parts(in, &p, v, of);
    if (err != HTTPA_OK) {
        return err;
    }
    inner.value = p.quote;
    inner.rd = NULL; /* no handshake's; the runtime data has been compared */
    inner.nonce = httpa_slice_of(NULL, 0);
    err = httpa_intel_verify(&inner, true, pin, v, of);
    return err == HTTPA_OK
               ? check(v, of, TYPE ".hcl.ak",
                       "The runtime data names no key that can be used.",
                       httpa_hcl_claim_ak(in->crypto, &p.hcl, v, of))
               : err;
}

static enum httpa_err
verify(const struct httpa_verify_in *in, struct httpa_verdict *v, unsigned of)
{
    return httpa_intel_azure_verify(in, httpa_intel_root, v, of);
}

static enum httpa_err judge(const struct httpa_profile *profile,
                            const struct httpa_verify_in *in,
                            struct httpa_verdict *v, unsigned of)
{
    return httpa_intel_judge_via(profile, in, HTTPA_VIA_AZURE, v, of);
}

const struct httpa_verifier httpa_verifier_tdx_azure = {
    .type = TYPE,
    .media_type = HTTPA_MEDIA_TYPE_AZURE_TDX,
    .verify = verify,
    .judge = judge,
};
