#include "codec/hex.h"

#include "base/ascii.h"

/* 0 to 15, or -1. */
static int digit(uint8_t c)
{
    if (httpa_ascii_is_digit(c)) {
        return c - '0';
    }
    c = httpa_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum httpa_err httpa_hex_read(struct httpa_slice in, struct httpa_buf *out)
{
    size_t before = out->n;
    enum httpa_err err = in.n % 2 == 0 ? HTTPA_OK : HTTPA_ERR_MALFORMED;
    for (size_t i = 0; err == HTTPA_OK && i < in.n; i += 2) {
        int high = digit(in.p[i]);
        int low = digit(in.p[i + 1]);
        if (high < 0 || low < 0) {
            err = HTTPA_ERR_MALFORMED;
        } else {
            httpa_buf_put_byte(out, (uint8_t)(high << 4 | low));
        }
    }
    if (err == HTTPA_OK) {
        err = httpa_buf_check(out);
    }
    if (err != HTTPA_OK) {
        httpa_buf_cut(out, before);
    }
    return err;
}
