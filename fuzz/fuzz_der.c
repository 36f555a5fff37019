/* DER: every reader on every value; an ECDSA signature has one encoding, so
 * there and back is the same to the byte. */
#include "fuzz.h"

#include "codec/der.h"

#define DEPTH 16

static void walk(struct httpa_der *d, unsigned depth);

static void enter(struct httpa_der *d, unsigned tag, unsigned depth)
{
    struct httpa_der inner = httpa_der_enter(d, tag);
    if (depth < DEPTH) {
        walk(&inner, depth + 1);
    }
}

static void value(struct httpa_der *d, unsigned tag, unsigned depth)
{
    switch (tag) {
    case HTTPA_DER_BOOLEAN:
        (void)httpa_der_bool(d);
        break;
    case HTTPA_DER_INTEGER:
        (void)httpa_der_uint(d);
        break;
    case HTTPA_DER_BIT_STRING:
        (void)httpa_der_bits(d);
        break;
    case HTTPA_DER_OID:
        (void)httpa_der_oid(d);
        break;
    case HTTPA_DER_UTC_TIME:
    case HTTPA_DER_GENERALIZED_TIME:
        (void)httpa_der_time(d);
        break;
    case HTTPA_DER_OCTET_STRING:
    case HTTPA_DER_SEQUENCE:
    case HTTPA_DER_SET:
        enter(d, tag, depth);
        break;
    default:
        (void)httpa_der_skip(d);
    }
}

static void walk(struct httpa_der *d, unsigned depth)
{
    while (httpa_der_more(d)) {
        struct httpa_der before = *d;
        unsigned tag = httpa_der_peek(d);
        value(d, tag, depth);
        if (d->err == HTTPA_OK) {
            struct httpa_slice whole = httpa_der_skip(&before);
            must(before.err == HTTPA_OK && whole.n >= 2);
            must(before.in.in.n == d->in.in.n);
        }
    }
}

static void signature(struct httpa_slice in)
{
    static const size_t widths[] = { 32, 48, 66 };
    for (size_t i = 0; i < 3; i++) {
        uint8_t raw[2 * HTTPA_DER_ECDSA_WIDTH], der[160];
        struct httpa_buf r = httpa_buf_fixed(raw, sizeof(raw));
        struct httpa_buf d = httpa_buf_fixed(der, sizeof(der));
        if (httpa_der_ecdsa_to_raw(in, widths[i], &r) == HTTPA_OK) {
            must(r.n == 2 * widths[i]);
            must(httpa_der_ecdsa_from_raw(httpa_buf_slice(&r), &d) == HTTPA_OK);
            must(httpa_slice_equal(httpa_buf_slice(&d), in));
        } else {
            must(r.n == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_der d = httpa_der_of(in);
    walk(&d, 0);
    signature(in);
    uint8_t der[160];
    struct httpa_buf b = httpa_buf_fixed(der, sizeof(der));
    if (httpa_der_ecdsa_from_raw(in, &b) == HTTPA_OK) {
        uint8_t raw[2 * HTTPA_DER_ECDSA_WIDTH];
        struct httpa_buf r = httpa_buf_fixed(raw, sizeof(raw));
        must(httpa_der_ecdsa_to_raw(httpa_buf_slice(&b), size / 2, &r) ==
             HTTPA_OK);
        must(httpa_slice_equal(httpa_buf_slice(&r), in));
    }
    return 0;
}
