/* COSE_Sign1: what was read, written without its unprotected header, is the
 * same message; what is signed does not depend on how it travelled. */
#include "fuzz.h"

#include "codec/cose.h"

static void must_sign_alike(const struct httpa_cose_sign1 *a,
                            const struct httpa_cose_sign1 *b, size_t max)
{
    struct httpa_buf x = httpa_buf_growing(max);
    struct httpa_buf y = httpa_buf_growing(max);
    httpa_cose_put_signed(&x, a, httpa_slice_str("aad"), a->payload);
    httpa_cose_put_signed(&y, b, httpa_slice_str("aad"), b->payload);
    must(httpa_buf_check(&x) == HTTPA_OK);
    must(httpa_slice_equal(httpa_buf_slice(&x), httpa_buf_slice(&y)));
    httpa_buf_done(&x);
    httpa_buf_done(&y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_cose_sign1 m, tagged, untagged, again;
    bool either = httpa_cose_sign1_read(in, HTTPA_COSE_EITHER, &m) == HTTPA_OK;
    bool is_tagged =
        httpa_cose_sign1_read(in, HTTPA_COSE_TAGGED, &tagged) == HTTPA_OK;
    bool is_untagged =
        httpa_cose_sign1_read(in, HTTPA_COSE_UNTAGGED, &untagged) == HTTPA_OK;
    must(!(is_tagged && is_untagged) && either == (is_tagged || is_untagged));
    if (!either) {
        return 0;
    }
    struct httpa_cose_sign1 bare = { .protected_header = m.protected_header,
                                     .payload = m.payload,
                                     .detached = m.detached,
                                     .signature = m.signature };
    struct httpa_buf b = httpa_buf_growing(size + 64);
    httpa_cose_sign1_write(&b, HTTPA_COSE_TAGGED, &bare);
    must(httpa_buf_check(&b) == HTTPA_OK);
    must(httpa_cose_sign1_read(httpa_buf_slice(&b), HTTPA_COSE_TAGGED,
                               &again) == HTTPA_OK);
    must(again.alg == m.alg && again.detached == m.detached);
    must(httpa_slice_equal(again.signature, m.signature));
    must_sign_alike(&again, &m, size + 64);
    httpa_buf_done(&b);
    return 0;
}
