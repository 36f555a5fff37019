#include "collateral/issuers.h"

#include "base/ascii.h"
#include "codec/hex.h"

static bool is_printable(uint8_t c)
{
    return c >= 0x20 && c < 0x7f;
}

/* One encoded character at |field|. */
static enum httpa_err decode(struct httpa_slice field, uint8_t *ret)
{
    uint8_t c;
    struct httpa_buf one = httpa_buf_fixed(&c, 1);
    if (field.n < 3 ||
        httpa_hex_read(httpa_slice_of(field.p + 1, 2), &one) != HTTPA_OK ||
        (!is_printable(c) && c != '\n' && c != '\r')) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret = c;
    return HTTPA_OK;
}

enum httpa_err
httpa_collateral_issuers(struct httpa_slice field, struct httpa_buf *out)
{
    if (field.n == 0 || field.n > HTTPA_COLLATERAL_ISSUERS_MAX) {
        return HTTPA_ERR_RANGE;
    }
    while (field.n > 0) {
        bool encoded = field.p[0] == '%';
        uint8_t c = field.p[0];
        enum httpa_err err = HTTPA_OK;
        if (encoded) {
            err = decode(field, &c);
        } else if (!is_printable(c)) {
            err = HTTPA_ERR_MALFORMED;
        }
        if (err != HTTPA_OK) {
            return err;
        }
        httpa_buf_put_byte(out, c);
        field = httpa_slice_from(field, encoded ? 3 : 1);
    }
    return httpa_buf_check(out);
}
