/* Intel quotes and their collateral: what is read lies inside its input, can
 * be walked to its end, and nothing is genuine that came from here. */
#include "fuzz.h"

#include <httpa/evidence.h>

#include "crypto/crypto.h"
#include "evidence/intel/verify.h"

static struct httpa_crypto *crypto;

static void quote(struct httpa_slice in)
{
    struct httpa_intel_quote q;
    if (httpa_intel_quote_read(in, &q) == HTTPA_OK) {
        must(q.signed_part.n + q.pck_chain.n + q.padding <= in.n);
        must(q.report_data.n == HTTPA_INTEL_REPORT_DATA);
        must(q.is_tdx == (q.td.mrtd.n == 48));
    }
}

static void walk(struct httpa_intel_levels levels)
{
    struct httpa_json_items items = levels.items;
    struct httpa_json_value value;
    struct httpa_intel_level level;
    struct httpa_slice name;
    while (httpa_json_next(&items, &name, &value)) {
        must(httpa_intel_level_next(&levels, &level));
        must(level.status <= HTTPA_INTEL_REVOKED);
    }
    must(!httpa_intel_level_next(&levels, &level));
}

static void collateral(struct httpa_slice in)
{
    static const uint8_t svn[HTTPA_INTEL_COMPONENTS] = { 1, 1, 1 };
    struct httpa_intel_tcb_info info;
    struct httpa_intel_qe_identity identity = { 0 };
    struct httpa_intel_platform platform = { .pce_svn = 5 };
    struct httpa_intel_td td = { .tee_tcb_svn =
                                     httpa_slice_of(svn, sizeof(svn)) };
    struct httpa_intel_tcb tcb;
    if (httpa_intel_qe_identity_read(in, &identity) == HTTPA_OK) {
        walk(identity.levels);
    }
    if (httpa_intel_tcb_info_read(in, &info) == HTTPA_OK) {
        walk(info.levels);
        httpa_intel_tcb_find(&info, &identity, &platform,
                             info.is_tdx ? &td : NULL, 1, &tcb);
        must(tcb.status <= HTTPA_INTEL_NOT_SUPPORTED);
    }
}

static void evaluations(struct httpa_slice in)
{
    struct httpa_intel_evaluations e;
    struct httpa_intel_evaluation one;
    if (httpa_intel_evaluations_read(in, &e) == HTTPA_OK) {
        struct httpa_json_items items = e.items;
        while (httpa_intel_evaluation_next(&items, &one)) {
            struct httpa_intel_evaluation first;
            if (httpa_intel_evaluations_find(&e, one.tcb_date_s, UINT32_MAX,
                                             &first)) {
                must(first.tcb_date_s > one.tcb_date_s);
            }
        }
    }
}

static void whole(struct httpa_slice in)
{
    const struct httpa_endorsement everything[] = {
        { httpa_slice_str(HTTPA_INTEL_TYPE_TCB_INFO), in },
        { httpa_slice_str(HTTPA_INTEL_TYPE_QE_IDENTITY), in },
        { httpa_slice_str(HTTPA_INTEL_TYPE_TCB_CHAIN), in },
        { httpa_slice_str(HTTPA_INTEL_TYPE_ROOT_CRL), in },
    };
    const struct httpa_verify_in vin = { .crypto = crypto,
                                         .value = in,
                                         .endorsements = everything,
                                         .endorsement_count = 4,
                                         .now_s = 1760000000 };
    struct httpa_verdict *v = httpa_verdict_new();
    must(v != NULL);
    must(httpa_verifier_tdx.verify(&vin, v, 0) != HTTPA_OK);
    must(httpa_verifier_sgx.verify(&vin, v, 1) != HTTPA_OK);
    must(httpa_verifier_tdx_azure.verify(&vin, v, 2) != HTTPA_OK);
    httpa_verdict_free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_intel_pck pck;
    if (crypto == NULL) {
        must(httpa_crypto_new(&crypto) == HTTPA_OK);
    }
    quote(in);
    collateral(in);
    evaluations(in);
    if (httpa_intel_pck_read(in, &pck) == HTTPA_OK) {
        must(pck.fmspc.n == 6 && pck.pce_id.n == 2 && pck.ppid.n == 16);
    }
    whole(in);
    return 0;
}
