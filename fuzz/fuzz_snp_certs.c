/* Tables of certificates that a host writes: what comes out is PEM, of no more
 * than the four kinds, and nothing comes out of a table that is refused. */
#include "attest/snp_certs.h"
#include "codec/pem.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_buf out = httpa_buf_growing(1u << 20);
    struct httpa_buf der = httpa_buf_growing(1u << 20);
    size_t count = 0;
    enum httpa_err err =
        httpa_snp_certs_write(httpa_slice_of(data, size), &out);
    must(err == HTTPA_OK || out.n == 0);
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&out));
    while (httpa_pem_more(&pem)) {
        struct httpa_slice label;
        must(httpa_pem_next(&pem, &label, &der) == HTTPA_OK);
        count++;
    }
    must(count <= 4 && der.n <= size);
    httpa_buf_done(&out);
    httpa_buf_done(&der);
    return 0;
}
