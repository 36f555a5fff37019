#include "codec/der.h"

#include "base/ascii.h"
#include "codec/time.h"

/* X.690 8.1.2.4: a tag number that goes on in further octets. */
#define HIGH_TAG 0x1f

/* Octets of a length: 4 GB, more than any input. */
#define LENGTH_OCTETS_MAX 4u

/* SEQUENCE { INTEGER r, INTEGER s } of P-521 needs 139. */
#define ECDSA_DER_MAX 144u

struct httpa_der httpa_der_of(struct httpa_slice in)
{
    return (struct httpa_der){ .in = httpa_reader_of(in) };
}

/* Nothing is left after a failure, so that no loop goes on. */
static void fail(struct httpa_der *d, enum httpa_err err)
{
    if (d->err == HTTPA_OK) {
        d->err = err;
    }
    d->in.in = (struct httpa_slice){ 0 };
}

bool httpa_der_more(const struct httpa_der *d)
{
    return d->in.in.n > 0;
}

unsigned httpa_der_peek(const struct httpa_der *d)
{
    return httpa_der_more(d) ? d->in.in.p[0] : 0;
}

enum httpa_err httpa_der_end(const struct httpa_der *d)
{
    if (d->err != HTTPA_OK) {
        return d->err;
    }
    return httpa_der_more(d) ? HTTPA_ERR_TRAILING : HTTPA_OK;
}

/* X.690 8.1.3, 10.1: definite, in as few octets as possible. */
static size_t read_length(struct httpa_der *d)
{
    uint8_t first = httpa_read_u8(&d->in);
    if (first < 0x80) {
        return first;
    }
    size_t octets = first & 0x7f;
    if (octets == 0 || octets > LENGTH_OCTETS_MAX) {
        fail(d, HTTPA_ERR_MALFORMED);
        return 0;
    }
    struct httpa_slice s = httpa_read_slice(&d->in, octets);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n = n << 8 | s.p[i];
    }
    if (httpa_reader_ok(&d->in) && (n < 0x80 || s.p[0] == 0)) {
        fail(d, HTTPA_ERR_MALFORMED);
    }
    return n;
}

/* The content octets of the next value of any tag. */
static struct httpa_slice read_value(struct httpa_der *d)
{
    uint8_t tag = httpa_read_u8(&d->in);
    if ((tag & HIGH_TAG) == HIGH_TAG) {
        fail(d, HTTPA_ERR_UNSUPPORTED);
    } else if (tag == 0 && httpa_reader_ok(&d->in)) {
        fail(d, HTTPA_ERR_MALFORMED); /* end-of-contents */
    }
    size_t n = read_length(d);
    struct httpa_slice s = httpa_read_slice(&d->in, n);
    if (!httpa_reader_ok(&d->in)) {
        fail(d, HTTPA_ERR_TRUNCATED);
    }
    return d->err == HTTPA_OK ? s : (struct httpa_slice){ 0 };
}

struct httpa_slice httpa_der_value(struct httpa_der *d, unsigned tag)
{
    if (httpa_der_more(d) && httpa_der_peek(d) != tag) {
        fail(d, HTTPA_ERR_MALFORMED);
    }
    return read_value(d);
}

struct httpa_der httpa_der_enter(struct httpa_der *d, unsigned tag)
{
    struct httpa_der inner = httpa_der_of(httpa_der_value(d, tag));
    inner.err = d->err;
    return inner;
}

struct httpa_slice httpa_der_skip(struct httpa_der *d)
{
    struct httpa_slice from = d->in.in;
    (void)read_value(d);
    if (d->err != HTTPA_OK) {
        return (struct httpa_slice){ 0 };
    }
    return httpa_slice_of(from.p, from.n - d->in.in.n);
}

/* X.690 11.1 */
bool httpa_der_bool(struct httpa_der *d)
{
    struct httpa_slice s = httpa_der_value(d, HTTPA_DER_BOOLEAN);
    if (s.n != 1 || (s.p[0] != 0 && s.p[0] != 0xff)) {
        fail(d, HTTPA_ERR_MALFORMED);
        return false;
    }
    return s.p[0] != 0;
}

/* X.690 8.3.2: the first nine bits are not all alike. */
static bool is_shortest(struct httpa_slice s)
{
    if (s.n < 2) {
        return s.n == 1;
    }
    bool high = s.p[1] >= 0x80;
    return !(s.p[0] == 0 && !high) && !(s.p[0] == 0xff && high);
}

struct httpa_slice httpa_der_big(struct httpa_der *d)
{
    struct httpa_slice s = httpa_der_value(d, HTTPA_DER_INTEGER);
    if (d->err != HTTPA_OK || !is_shortest(s)) {
        fail(d, HTTPA_ERR_MALFORMED);
    } else if (s.p[0] >= 0x80) {
        fail(d, HTTPA_ERR_RANGE);
    }
    if (d->err != HTTPA_OK) {
        return (struct httpa_slice){ 0 };
    }
    return s.p[0] == 0 ? httpa_slice_from(s, 1) : s;
}

uint64_t httpa_der_uint(struct httpa_der *d)
{
    struct httpa_slice s = httpa_der_big(d);
    if (s.n > sizeof(uint64_t)) {
        fail(d, HTTPA_ERR_RANGE);
        return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        v = v << 8 | s.p[i];
    }
    return v;
}

/* X.690 8.6.2: first the number of unused bits. */
struct httpa_slice httpa_der_bits(struct httpa_der *d)
{
    struct httpa_slice s = httpa_der_value(d, HTTPA_DER_BIT_STRING);
    if (s.n == 0 || s.p[0] != 0) {
        fail(d, HTTPA_ERR_MALFORMED);
        return (struct httpa_slice){ 0 };
    }
    return httpa_slice_from(s, 1);
}

/* X.690 8.19.2: arcs end in an octet below 0x80 and do not begin with 0x80. */
struct httpa_slice httpa_der_oid(struct httpa_der *d)
{
    struct httpa_slice s = httpa_der_value(d, HTTPA_DER_OID);
    bool good = s.n > 0, start = true;
    for (size_t i = 0; i < s.n; i++) {
        good = good && !(start && s.p[i] == 0x80);
        start = s.p[i] < 0x80;
    }
    if (!good || !start) {
        fail(d, HTTPA_ERR_MALFORMED);
        return (struct httpa_slice){ 0 };
    }
    return s;
}

/* The times of RFC 5280 4.1.2.5 are RFC 3339's without its punctuation. */
int64_t httpa_der_time(struct httpa_der *d)
{
    bool utc = httpa_der_peek(d) == HTTPA_DER_UTC_TIME;
    struct httpa_slice s = httpa_der_value(d, utc ? HTTPA_DER_UTC_TIME
                                                  : HTTPA_DER_GENERALIZED_TIME);
    static const char shape[] = "yyyy-mm-ddThh:mm:ssZ";
    if (d->err != HTTPA_OK || s.n != (utc ? 13 : 15)) {
        fail(d, HTTPA_ERR_MALFORMED);
        return 0;
    }
    uint8_t text[HTTPA_TIME_RFC3339_LEN];
    struct httpa_buf b = httpa_buf_fixed(text, sizeof(text));
    if (utc) {
        httpa_buf_put_str(&b, s.p[0] >= '5' ? "19" : "20");
    }
    size_t at = 0;
    while (b.n < HTTPA_TIME_RFC3339_LEN) {
        char c = shape[b.n];
        bool given = httpa_ascii_is_lower((uint8_t)c) || c == 'Z';
        httpa_buf_put_byte(&b, given ? s.p[at++] : (uint8_t)c);
    }
    int64_t unix_s = 0;
    if (httpa_time_read_rfc3339(httpa_buf_slice(&b), &unix_s) != HTTPA_OK) {
        fail(d, HTTPA_ERR_MALFORMED);
    }
    return unix_s;
}

static struct httpa_slice strip_zeros(struct httpa_slice s)
{
    while (s.n > 0 && s.p[0] == 0) {
        s = httpa_slice_from(s, 1);
    }
    return s;
}

/* |v| has no leading zeros and is short: HTTPA_DER_ECDSA_WIDTH. */
static void put_integer(struct httpa_buf *b, struct httpa_slice v)
{
    bool high = v.p[0] >= 0x80;
    httpa_buf_put_byte(b, HTTPA_DER_INTEGER);
    httpa_buf_put_byte(b, (uint8_t)(v.n + (high ? 1 : 0)));
    if (high) {
        httpa_buf_put_byte(b, 0);
    }
    httpa_buf_put_slice(b, v);
}

enum httpa_err
httpa_der_ecdsa_from_raw(struct httpa_slice raw, struct httpa_buf *ret_b)
{
    size_t width = raw.n / 2;
    if (raw.n % 2 != 0 || width > HTTPA_DER_ECDSA_WIDTH) {
        return HTTPA_ERR_RANGE;
    }
    struct httpa_slice r = strip_zeros(httpa_slice_of(raw.p, width));
    struct httpa_slice s = strip_zeros(httpa_slice_from(raw, width));
    if (r.n == 0 || s.n == 0) {
        return HTTPA_ERR_RANGE;
    }
    uint8_t room[ECDSA_DER_MAX];
    struct httpa_buf body = httpa_buf_fixed(room, sizeof(room));
    put_integer(&body, r);
    put_integer(&body, s);
    size_t start = ret_b->n;
    httpa_buf_put_byte(ret_b, HTTPA_DER_SEQUENCE);
    if (body.n >= 0x80) {
        httpa_buf_put_byte(ret_b, 0x81);
    }
    httpa_buf_put_byte(ret_b, (uint8_t)body.n);
    httpa_buf_put_slice(ret_b, httpa_buf_slice(&body));
    if (ret_b->failed) {
        httpa_buf_cut(ret_b, start);
    }
    return httpa_buf_check(ret_b);
}

static void put_padded(struct httpa_buf *b, struct httpa_slice v, size_t width)
{
    for (size_t i = v.n; i < width; i++) {
        httpa_buf_put_byte(b, 0);
    }
    httpa_buf_put_slice(b, v);
}

enum httpa_err httpa_der_ecdsa_to_raw(struct httpa_slice der, size_t width,
                                      struct httpa_buf *ret_b)
{
    struct httpa_der d = httpa_der_of(der);
    struct httpa_der pair = httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
    struct httpa_slice r = httpa_der_big(&pair);
    struct httpa_slice s = httpa_der_big(&pair);
    enum httpa_err err = httpa_der_end(&d);
    if (err == HTTPA_OK) {
        err = httpa_der_end(&pair);
    }
    if (err == HTTPA_OK && (r.n == 0 || s.n == 0 || r.n > width ||
                            s.n > width || width > HTTPA_DER_ECDSA_WIDTH)) {
        err = HTTPA_ERR_RANGE;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    size_t start = ret_b->n;
    put_padded(ret_b, r, width);
    put_padded(ret_b, s, width);
    if (ret_b->failed) {
        httpa_buf_cut(ret_b, start);
    }
    return httpa_buf_check(ret_b);
}
