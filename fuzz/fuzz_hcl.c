/* Reports of Azure's paravisor: what was read lies inside the input, and the
 * frame around it is as long as it says. */
#include "fuzz.h"

#include "evidence/hcl.h"

#define FRAME (32u + HTTPA_HCL_REPORT + 20u)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_hcl hcl;
    if (httpa_hcl_read(httpa_slice_of(data, size), &hcl) != HTTPA_OK) {
        return 0;
    }
    must(size <= HTTPA_HCL_MAX);
    must(hcl.kind == HTTPA_HCL_SNP || hcl.kind == HTTPA_HCL_TDX);
    must(hcl.report.p == data + 32 && hcl.report.n == HTTPA_HCL_REPORT);
    must(hcl.runtime_data.p == data + FRAME);
    must(hcl.runtime_data.n <= size - FRAME);
    must(hcl.modulus_n > 0 && hcl.modulus_n <= HTTPA_HCL_MODULUS_MAX);
    return 0;
}
