/*
 * Linked around the attesters of devices (--wrap): a server whose TEE is asked
 * for the quote of another handshake, one bit away.  For tests alone.
 */
#include "attest/device.h"

#include <string.h>

void __real_httpa_attest_device_is(struct httpa_attest_device *d,
                                   const struct httpa_attest_tee *tee,
                                   const char *interface);
void __wrap_httpa_attest_device_is(struct httpa_attest_device *d,
                                   const struct httpa_attest_tee *tee,
                                   const char *interface);

static enum httpa_err (*quote)(struct httpa_attester *a, const uint8_t *rd,
                               struct httpa_buf *ret_value,
                               struct httpa_attest_diag *diag);

static enum httpa_err
quote_another(struct httpa_attester *a, const uint8_t rd[HTTPA_RD_LEN],
              struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    uint8_t other[HTTPA_RD_LEN];
    memcpy(other, rd, sizeof(other));
    other[HTTPA_RD_LEN - 1] ^= 1;
    return quote(a, other, ret_value, diag);
}

void __wrap_httpa_attest_device_is(struct httpa_attest_device *d,
                                   const struct httpa_attest_tee *tee,
                                   const char *interface)
{
    __real_httpa_attest_device_is(d, tee, interface);
    quote = d->base.quote;
    d->base.quote = quote_another;
}
