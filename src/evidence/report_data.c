#include "evidence/report_data.h"

#include <string.h>

bool httpa_report_data_wanted(const struct httpa_verify_in *in,
                              uint8_t ret[HTTPA_RD_LEN])
{
    bool fits = in->nonce.n <= HTTPA_RD_LEN;
    memset(ret, 0, HTTPA_RD_LEN);
    if (in->rd != NULL) {
        memcpy(ret, in->rd, HTTPA_RD_LEN);
    } else if (in->nonce.n > 0) {
        memcpy(ret, in->nonce.p, fits ? in->nonce.n : HTTPA_RD_LEN);
    }
    return in->rd != NULL || fits;
}
