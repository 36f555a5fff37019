#include "engine/http1_chunked.h"

/* 2^53 - 1, so that a size survives every language on the way. */
#define SIZE_MAX_BYTES ((UINT64_C(1) << 53) - 1)
/* Leading zeros are grammar; without end they are an attack. */
#define DIGITS_MAX 16u

void httpa_http1_chunked_init(struct httpa_http1_chunked *c)
{
    *c = (struct httpa_http1_chunked){ .state = HTTPA_CHUNK_SIZE };
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum httpa_http1_fault
size_byte(struct httpa_http1_chunked *c, uint8_t byte)
{
    int digit = hex_digit(byte);
    if (digit >= 0) {
        if (++c->digits > DIGITS_MAX || c->left > SIZE_MAX_BYTES >> 4) {
            return HTTPA_HTTP1_CHUNK_LARGE;
        }
        c->left = c->left << 4 | (uint64_t)digit;
        return HTTPA_HTTP1_FINE;
    }
    if (byte == '\n') {
        return HTTPA_HTTP1_BARE_LF;
    }
    if (c->digits == 0 || (byte != '\r' && byte != ';')) {
        return HTTPA_HTTP1_CHUNK_SIZE;
    }
    c->state = byte == ';' ? HTTPA_CHUNK_EXT : HTTPA_CHUNK_SIZE_LF;
    c->ext = byte == ';' ? 1 : 0;
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault
ext_byte(struct httpa_http1_chunked *c, uint8_t byte)
{
    if (byte == '\n') {
        return HTTPA_HTTP1_BARE_LF;
    }
    if (byte == '\r') {
        c->state = HTTPA_CHUNK_SIZE_LF;
        return c->ext > 1 ? HTTPA_HTTP1_FINE : HTTPA_HTTP1_CHUNK_EXT;
    }
    if (++c->ext > HTTPA_HTTP1_EXT_MAX || byte > 0x7e ||
        (byte < 0x20 && byte != '\t')) {
        return HTTPA_HTTP1_CHUNK_EXT;
    }
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault
size_lf(struct httpa_http1_chunked *c, uint8_t byte)
{
    if (byte != '\n') {
        return HTTPA_HTTP1_CONTROL; /* the CR stands alone */
    }
    c->state = c->left > 0 ? HTTPA_CHUNK_DATA : HTTPA_CHUNK_LAST;
    return HTTPA_HTTP1_FINE;
}

static enum httpa_http1_fault
data_end(struct httpa_http1_chunked *c, uint8_t byte)
{
    if (c->state == HTTPA_CHUNK_DATA_CR && byte == '\r') {
        c->state = HTTPA_CHUNK_DATA_LF;
        return HTTPA_HTTP1_FINE;
    }
    if (c->state == HTTPA_CHUNK_DATA_LF && byte == '\n') {
        httpa_http1_chunked_init(c);
        return HTTPA_HTTP1_FINE;
    }
    return HTTPA_HTTP1_CHUNK_END;
}

static enum httpa_http1_fault
line_byte(struct httpa_http1_chunked *c, uint8_t byte)
{
    switch (c->state) {
    case HTTPA_CHUNK_SIZE:
        return size_byte(c, byte);
    case HTTPA_CHUNK_EXT:
        return ext_byte(c, byte);
    case HTTPA_CHUNK_SIZE_LF:
        return size_lf(c, byte);
    default:
        return data_end(c, byte);
    }
}

static struct httpa_slice
take_data(struct httpa_http1_chunked *c, struct httpa_slice *in)
{
    size_t n = in->n < c->left ? in->n : (size_t)c->left;
    struct httpa_slice data = httpa_slice_of(in->p, n);
    *in = httpa_slice_from(*in, n);
    c->left -= n;
    if (c->left == 0) {
        c->state = HTTPA_CHUNK_DATA_CR;
    }
    return data;
}

enum httpa_http1_fault httpa_http1_chunked_read(struct httpa_http1_chunked *c,
                                                struct httpa_slice *in,
                                                struct httpa_slice *ret_data)
{
    enum httpa_http1_fault fault = HTTPA_HTTP1_FINE;
    *ret_data = (struct httpa_slice){ 0 };
    while (fault == HTTPA_HTTP1_FINE && in->n > 0 &&
           c->state != HTTPA_CHUNK_LAST) {
        if (c->state == HTTPA_CHUNK_DATA) {
            *ret_data = take_data(c, in);
            break;
        }
        fault = line_byte(c, in->p[0]);
        *in = httpa_slice_from(*in, 1);
    }
    return fault;
}
