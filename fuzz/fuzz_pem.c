/* PEM: every block that is read is written, and read again as the same. */
#include "fuzz.h"

#include <string.h>

#include "codec/pem.h"

static void there_and_back(struct httpa_slice label, struct httpa_slice der)
{
    char name[256] = { 0 };
    if (label.n >= sizeof(name)) {
        return;
    }
    memcpy(name, label.p, label.n);
    struct httpa_buf text = httpa_buf_growing(2 * der.n + 1024);
    struct httpa_buf back = httpa_buf_growing(der.n);
    httpa_pem_write(&text, name, der);
    must(httpa_buf_check(&text) == HTTPA_OK);
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
    struct httpa_slice again;
    must(httpa_pem_next(&pem, &again, &back) == HTTPA_OK);
    must(!httpa_pem_more(&pem));
    must(httpa_slice_equal(again, label));
    must(httpa_slice_equal(httpa_buf_slice(&back), der));
    httpa_buf_done(&text);
    httpa_buf_done(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_pem pem = httpa_pem_of(httpa_slice_of(data, size));
    while (httpa_pem_more(&pem)) {
        struct httpa_buf der = httpa_buf_growing(size);
        struct httpa_slice label;
        size_t left = pem.in.n;
        enum httpa_err err = httpa_pem_next(&pem, &label, &der);
        if (err == HTTPA_OK) {
            must(pem.in.n < left);
            there_and_back(label, httpa_buf_slice(&der));
        } else {
            must(pem.in.n == left && der.n == 0);
        }
        httpa_buf_done(&der);
        if (err != HTTPA_OK) {
            break;
        }
    }
    return 0;
}
