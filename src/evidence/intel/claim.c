#include "base/writer.h"
#include "evidence/intel/verify.h"
#include "evidence/verdict.h"

struct target {
    struct httpa_verdict *v;
    unsigned of;
};

static void
bytes(const struct target *t, const char *name, struct httpa_slice value)
{
    httpa_verdict_claim(t->v, t->of, name, httpa_value_bytes(value));
}

static void integer(const struct target *t, const char *name, int64_t value)
{
    httpa_verdict_claim(t->v, t->of, name, httpa_value_integer(value));
}

static void
measured(const struct target *t, const char *name, struct httpa_value value)
{
    httpa_verdict_measured(t->v, t->of, httpa_slice_str(name), value);
}

static void claim_bit(const struct target *t, const char *name, uint64_t bits,
                      uint64_t bit)
{
    httpa_verdict_claim(t->v, t->of, name,
                        httpa_value_boolean((bits & bit) != 0));
}

static void claim_td(const struct target *t, const struct httpa_intel_td *td)
{
    static const char *const rtmr[] = { "rtmr0", "rtmr1", "rtmr2", "rtmr3" };
    claim_bit(t, "debug", td->attributes, HTTPA_INTEL_TD_DEBUG);
    claim_bit(t, "sept_ve_disable", td->attributes,
              HTTPA_INTEL_TD_SEPT_VE_DISABLE);
    claim_bit(t, "migratable", td->attributes, HTTPA_INTEL_TD_MIGRATABLE);
    claim_bit(t, "perfmon", td->attributes, HTTPA_INTEL_TD_PERFMON);
    bytes(t, "td_attributes", td->attributes_bytes);
    bytes(t, "xfam", td->xfam);
    bytes(t, "tee_tcb_svn", td->tee_tcb_svn);
    bytes(t, "mrseam", td->mrseam);
    measured(t, "mrtd", httpa_value_bytes(td->mrtd));
    for (size_t i = 0; i < 4; i++) {
        measured(t, rtmr[i], httpa_value_bytes(td->rtmr[i]));
    }
    measured(t, "mr_config_id", httpa_value_bytes(td->mr_config_id));
    measured(t, "mr_owner", httpa_value_bytes(td->mr_owner));
    measured(t, "mr_owner_config", httpa_value_bytes(td->mr_owner_config));
    if (td->tee_tcb_svn_2.n > 0) {
        bytes(t, "tee_tcb_svn_2", td->tee_tcb_svn_2);
        measured(t, "mr_service_td", httpa_value_bytes(td->mr_service_td));
    }
}

static void
claim_enclave(const struct target *t, const struct httpa_intel_enclave *e)
{
    claim_bit(t, "debug", e->attributes.p[0], HTTPA_INTEL_ENCLAVE_DEBUG);
    claim_bit(t, "provision_key", e->attributes.p[0],
              HTTPA_INTEL_ENCLAVE_PROVISION_KEY);
    bytes(t, "attributes", e->attributes);
    bytes(t, "misc_select", e->misc_select);
    bytes(t, "cpu_svn", e->cpu_svn);
    bytes(t, "signer", e->mrsigner);
    measured(t, "mrenclave", httpa_value_bytes(e->mrenclave));
    measured(t, "mrsigner", httpa_value_bytes(e->mrsigner));
    measured(t, "isv_prod_id", httpa_value_integer(e->isv_prod_id));
    measured(t, "isv_svn", httpa_value_integer(e->isv_svn));
    measured(t, "config_id", httpa_value_bytes(e->config_id));
    measured(t, "config_svn", httpa_value_integer(e->config_svn));
    measured(t, "family_id", httpa_value_bytes(e->family_id));
    measured(t, "ext_prod_id", httpa_value_bytes(e->ext_prod_id));
}

/* doc/policy.md: products of Intel are named by their FMSPC, in hex. */
static void claim_product(const struct target *t, struct httpa_slice fmspc)
{
    uint8_t room[12];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    httpa_write_hex(&text, fmspc);
    httpa_verdict_claim(t->v, t->of, "product",
                        httpa_value_text(httpa_buf_slice(&text)));
}

static void
claim_tcb(const struct target *t, const struct httpa_intel_found *found)
{
    const struct httpa_intel_tcb *tcb = found->tcb;
    httpa_verdict_claim(t->v, t->of, "tcb_status",
                        httpa_value_str(httpa_intel_status_name(tcb->status)));
    if (tcb->date_s != 0) {
        httpa_verdict_claim(t->v, t->of, "tcb_date",
                            httpa_value_time(tcb->date_s));
    }
    httpa_verdict_claim(t->v, t->of, "advisories",
                        (struct httpa_value){ .type = HTTPA_VALUE_TEXTS,
                                              .texts = tcb->advisories,
                                              .count = tcb->advisory_count });
    integer(t, "evaluation_number", found->evaluation_number);
    httpa_verdict_claim(t->v, t->of, HTTPA_CLAIM_COLLATERAL_ISSUED,
                        httpa_value_time(found->issued_s));
    if (found->outdated_since_s != 0) {
        httpa_verdict_claim(t->v, t->of, "outdated_since",
                            httpa_value_time(found->outdated_since_s));
    }
}

void httpa_intel_claim(const struct httpa_intel_found *found,
                       struct httpa_verdict *v, unsigned of)
{
    const struct target t = { .v = v, .of = of };
    const struct httpa_intel_quote *q = found->quote;
    integer(&t, "quote_version", q->version);
    if (q->padding > 0) {
        integer(&t, "padding", (int64_t)q->padding);
    }
    if (q->is_tdx) {
        claim_td(&t, &q->td);
    } else {
        claim_enclave(&t, &q->enclave);
    }
    bytes(&t, "report_data", q->report_data);
    bytes(&t, "fmspc", found->pck->fmspc);
    bytes(&t, "pce_id", found->pck->pce_id);
    bytes(&t, "chip", found->ppid_sha256);
    claim_product(&t, found->pck->fmspc);
    if (found->tcb != NULL) {
        claim_tcb(&t, found);
    }
}
