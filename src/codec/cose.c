#include "codec/cose.h"

#include "codec/cbor.h"
#include "codec/cbor_write.h"

/* Header parameters: RFC 9052 3.1, RFC 9360 2 */
enum label { LABEL_ALG = 1, LABEL_CRIT = 2, LABEL_KID = 4, LABEL_X5CHAIN = 33 };

/* Members of a COSE_Sign1. */
#define MEMBERS 4u

static void read_tag(struct httpa_cbor *c, enum httpa_cose_form form)
{
    if (form == HTTPA_COSE_UNTAGGED ||
        (form == HTTPA_COSE_EITHER && httpa_cbor_peek(c) != HTTPA_CBOR_TAG)) {
        return;
    }
    if (httpa_cbor_tag(c) != HTTPA_COSE_SIGN1_TAG) {
        httpa_cbor_fail(c, HTTPA_ERR_MALFORMED);
    }
}

static struct httpa_cbor_map
protected_map(const struct httpa_cose_sign1 *m, enum httpa_err *ret_err)
{
    struct httpa_cbor c = httpa_cbor_of(m->protected_header, 0);
    struct httpa_cbor_map map = { 0 };
    if (m->protected_header.n > 0) { /* RFC 9052 3: no map, no bytes */
        map = httpa_cbor_map(&c);
    }
    *ret_err = httpa_cbor_end(&c);
    return map;
}

/* RFC 9052 3: a label is in one of the two headers only. */
static enum httpa_err check_labels(const struct httpa_cbor_map *sealed,
                                   const struct httpa_cbor_map *open)
{
    struct httpa_cbor items = httpa_cbor_map_items(open);
    while (httpa_cbor_more(&items)) {
        struct httpa_cbor v = httpa_cbor_find(sealed, httpa_cbor_key(&items));
        if (httpa_cbor_more(&v)) {
            return HTTPA_ERR_DUPLICATE;
        }
        (void)httpa_cbor_skip(&items);
    }
    return HTTPA_OK;
}

/* A reader over a parameter of either header; empty when in none. */
static struct httpa_cbor parameter(const struct httpa_cbor_map *sealed,
                                   const struct httpa_cbor_map *open,
                                   enum label label)
{
    struct httpa_cbor v = httpa_cbor_find_int(sealed, label);
    return httpa_cbor_more(&v) ? v : httpa_cbor_find_int(open, label);
}

/* RFC 9360 2: COSE_X509 = bstr / [ 2*certs: bstr ] */
static enum httpa_err
read_chain(struct httpa_cbor v, struct httpa_cose_sign1 *m)
{
    struct httpa_cbor certs = v;
    if (httpa_cbor_peek(&v) == HTTPA_CBOR_ARRAY) {
        size_t n = 0;
        certs = httpa_cbor_array(&v, &n);
        if (n < 2) {
            return HTTPA_ERR_MALFORMED;
        }
    }
    while (httpa_cbor_more(&certs)) {
        if (m->x5chain_n == HTTPA_COSE_CHAIN_MAX) {
            return HTTPA_ERR_RANGE;
        }
        m->x5chain[m->x5chain_n++] = httpa_cbor_bytes(&certs);
    }
    return httpa_cbor_end(&certs);
}

static enum httpa_err
read_headers(struct httpa_cose_sign1 *m, const struct httpa_cbor_map *open)
{
    enum httpa_err err = HTTPA_OK;
    struct httpa_cbor_map sealed = protected_map(m, &err);
    if (err == HTTPA_OK) {
        err = check_labels(&sealed, open);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_cbor crit = parameter(&sealed, open, LABEL_CRIT);
    if (httpa_cbor_more(&crit)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    struct httpa_cbor alg = httpa_cbor_find_int(&sealed, LABEL_ALG);
    m->alg = httpa_cbor_int(&alg);
    err = httpa_cbor_end(&alg);
    struct httpa_cbor kid = parameter(&sealed, open, LABEL_KID);
    if (err == HTTPA_OK && httpa_cbor_more(&kid)) {
        m->kid = httpa_cbor_bytes(&kid);
        err = httpa_cbor_end(&kid);
    }
    struct httpa_cbor chain = parameter(&sealed, open, LABEL_X5CHAIN);
    if (err == HTTPA_OK && httpa_cbor_more(&chain)) {
        err = read_chain(chain, m);
    }
    return err;
}

enum httpa_err httpa_cose_sign1_read(struct httpa_slice in,
                                     enum httpa_cose_form form,
                                     struct httpa_cose_sign1 *ret_m)
{
    struct httpa_cose_sign1 m = { 0 };
    size_t n = 0;
    struct httpa_cbor c = httpa_cbor_of(in, 0);
    read_tag(&c, form);
    struct httpa_cbor items = httpa_cbor_array(&c, &n);
    if (n != MEMBERS) {
        httpa_cbor_fail(&items, HTTPA_ERR_MALFORMED);
    }
    m.protected_header = httpa_cbor_bytes(&items);
    struct httpa_cbor_map open = httpa_cbor_map(&items);
    m.open_n = open.n;
    m.detached = httpa_cbor_null(&items);
    if (!m.detached) {
        m.payload = httpa_cbor_bytes(&items);
    }
    m.signature = httpa_cbor_bytes(&items);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err == HTTPA_OK) {
        err = httpa_cbor_end(&items);
    }
    if (err == HTTPA_OK) {
        err = read_headers(&m, &open);
    }
    if (err == HTTPA_OK) {
        *ret_m = m;
    }
    return err;
}

static void put_chain(struct httpa_buf *b, const struct httpa_cose_sign1 *m)
{
    httpa_cbor_put_uint(b, LABEL_X5CHAIN);
    if (m->x5chain_n > 1) {
        httpa_cbor_put_array(b, m->x5chain_n);
    }
    for (size_t i = 0; i < m->x5chain_n; i++) {
        httpa_cbor_put_bytes(b, m->x5chain[i]);
    }
}

void httpa_cose_sign1_write(struct httpa_buf *b, enum httpa_cose_form form,
                            const struct httpa_cose_sign1 *m)
{
    if (form == HTTPA_COSE_TAGGED) {
        httpa_cbor_put_tag(b, HTTPA_COSE_SIGN1_TAG);
    }
    httpa_cbor_put_array(b, MEMBERS);
    httpa_cbor_put_bytes(b, m->protected_header);
    httpa_cbor_put_map(b,
                       (m->kid.n > 0 ? 1u : 0u) + (m->x5chain_n > 0 ? 1u : 0u));
    if (m->kid.n > 0) {
        httpa_cbor_put_uint(b, LABEL_KID);
        httpa_cbor_put_bytes(b, m->kid);
    }
    if (m->x5chain_n > 0) {
        put_chain(b, m);
    }
    if (m->detached) {
        httpa_cbor_put_null(b);
    } else {
        httpa_cbor_put_bytes(b, m->payload);
    }
    httpa_cbor_put_bytes(b, m->signature);
}

void httpa_cose_put_protected(struct httpa_buf *b, int64_t alg)
{
    httpa_cbor_put_map(b, 1);
    httpa_cbor_put_uint(b, LABEL_ALG);
    httpa_cbor_put_int(b, alg);
}

void httpa_cose_put_signed(struct httpa_buf *b,
                           const struct httpa_cose_sign1 *m,
                           struct httpa_slice external_aad,
                           struct httpa_slice payload)
{
    httpa_cbor_put_array(b, 4);
    httpa_cbor_put_str(b, "Signature1");
    httpa_cbor_put_bytes(b, m->protected_header);
    httpa_cbor_put_bytes(b, external_aad);
    httpa_cbor_put_bytes(b, payload);
}

size_t httpa_cose_ecdsa_width(int64_t alg)
{
    switch (alg) {
    case HTTPA_COSE_ES256:
        return 32;
    case HTTPA_COSE_ES384:
        return 48;
    case HTTPA_COSE_ES512:
        return 66;
    default:
        return 0;
    }
}
