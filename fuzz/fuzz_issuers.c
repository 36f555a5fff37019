/* Issuer chains in header fields: what is read is text, not longer than what
 * it came from, and reads again as itself when nothing in it is a percent. */
#include "fuzz.h"

#include <string.h>

#include "collateral/issuers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_buf text = httpa_buf_growing(HTTPA_COLLATERAL_ISSUERS_MAX);
    struct httpa_buf again = httpa_buf_growing(HTTPA_COLLATERAL_ISSUERS_MAX);
    if (httpa_collateral_issuers(httpa_slice_of(data, size), &text) ==
        HTTPA_OK) {
        must(text.n > 0 && text.n <= size);
        bool plain = true;
        for (size_t i = 0; i < text.n; i++) {
            uint8_t c = text.p[i];
            must((c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r');
            plain = plain && c >= 0x20 && c != '%';
        }
        if (plain) {
            must(httpa_collateral_issuers(httpa_buf_slice(&text), &again) ==
                 HTTPA_OK);
            must(httpa_slice_equal(httpa_buf_slice(&text),
                                   httpa_buf_slice(&again)));
        }
    }
    httpa_buf_done(&text);
    httpa_buf_done(&again);
    return 0;
}
