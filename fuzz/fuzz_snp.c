/* SEV-SNP reports: what parses has the length and the bits it must have, and
 * no stranger's certificate makes it genuine. */
#include "fuzz.h"

#include <string.h>

#include "evidence/snp/verify.h"

static void check_form(struct httpa_slice in)
{
    struct httpa_snp_report r;
    if (httpa_snp_report_read(in, &r) != HTTPA_OK) {
        return;
    }
    must(in.n == HTTPA_SNP_REPORT && r.version >= 2 && r.version <= 5);
    must(r.vmpl <= 3 && (r.policy >> 17 & 1) == 1);
    must(r.report_data.p == in.p + 0x50 && r.measurement.p == in.p + 0x90);
    must(r.chip_id.p == in.p + 0x1a0 && r.signed_bytes.n == HTTPA_SNP_SIGNED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct httpa_crypto *crypto;
    size_t n = size < HTTPA_SNP_REPORT ? size : HTTPA_SNP_REPORT;
    struct httpa_slice report = httpa_slice_of(data, n);
    struct httpa_endorsement rest[] = {
        { httpa_slice_str(HTTPA_ENDORSEMENT_CERT),
          httpa_slice_of(data + n, size - n) },
        { httpa_slice_str(HTTPA_ENDORSEMENT_CHAIN),
          httpa_slice_of(data + n, size - n) },
    };
    if (crypto == NULL) {
        must(httpa_crypto_new(&crypto) == HTTPA_OK);
    }
    check_form(report);
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = report,
                                  .endorsements = rest,
                                  .endorsement_count = 2,
                                  .now_s = 1760000000 };
    must(v != NULL && httpa_verifier_snp.verify(&in, v, 0) != HTTPA_OK);
    httpa_verdict_free(v);
    return 0;
}
