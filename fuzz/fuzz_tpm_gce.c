/* Google's extension: what is read is within its bounds and inside the input,
 * and reading it again says the same. */
#include "codec/utf8.h"
#include "evidence/tpm/gce.h"
#include "fuzz.h"

static void check_text(struct httpa_slice in, struct httpa_slice text)
{
    must(text.n > 0 && text.n <= HTTPA_TPM_GCE_TEXT_MAX);
    must(text.p >= in.p && text.p + text.n <= in.p + in.n);
    must(httpa_utf8_valid(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_tpm_gce g;
    struct httpa_tpm_gce again;
    if (httpa_tpm_gce_read(in, &g) != HTTPA_OK) {
        return 0;
    }
    check_text(in, g.zone);
    check_text(in, g.project);
    check_text(in, g.instance);
    must(httpa_tpm_gce_read(in, &again) == HTTPA_OK);
    must(g.project_number == again.project_number);
    must(g.instance_id == again.instance_id);
    must(g.production == again.production);
    return 0;
}
