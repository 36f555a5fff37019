#include <string.h>

#include "evidence/eat/eat.h"

#include "codec/cbor_write.h"
#include "crypto/sign.h"

#define CLAIM_IAT 6
#define CLAIM_NONCE 10

/* RFC 8949 4.2.1: bytewise order of the encodings, so shorter names first. */
static int compare(struct httpa_slice a, struct httpa_slice b)
{
    if (a.n != b.n) {
        return a.n < b.n ? -1 : 1;
    }
    return a.n > 0 ? memcmp(a.p, b.p, a.n) : 0;
}

static enum httpa_err check(const struct httpa_eat_claim *c)
{
    switch (c->value.type) {
    case HTTPA_VALUE_TEXT:
    case HTTPA_VALUE_BYTES:
    case HTTPA_VALUE_INTEGER:
    case HTTPA_VALUE_BOOLEAN:
        break;
    default:
        return HTTPA_ERR_UNSUPPORTED;
    }
    bool fits = c->name.n > 0 && c->name.n <= HTTPA_EAT_NAME_MAX &&
                c->value.bytes.n <= HTTPA_EAT_VALUE_MAX;
    return fits ? HTTPA_OK : HTTPA_ERR_RANGE;
}

/* The claims in the order of their encodings; few, so insertion will do. */
static enum httpa_err sort(const struct httpa_eat_content *content,
                           const struct httpa_eat_claim **ret_sorted)
{
    for (size_t i = 0; i < content->claim_count; i++) {
        const struct httpa_eat_claim *c = &content->claims[i];
        enum httpa_err err = check(c);
        if (err != HTTPA_OK) {
            return err;
        }
        size_t at = i;
        for (; at > 0 && compare(ret_sorted[at - 1]->name, c->name) > 0; at--) {
            ret_sorted[at] = ret_sorted[at - 1];
        }
        if (at > 0 && compare(ret_sorted[at - 1]->name, c->name) == 0) {
            return HTTPA_ERR_DUPLICATE;
        }
        ret_sorted[at] = c;
    }
    return HTTPA_OK;
}

static void put_claim(struct httpa_buf *b, const struct httpa_eat_claim *c)
{
    httpa_cbor_put_text(b, c->name);
    switch (c->value.type) {
    case HTTPA_VALUE_TEXT:
        httpa_cbor_put_text(b, c->value.bytes);
        break;
    case HTTPA_VALUE_BYTES:
        httpa_cbor_put_bytes(b, c->value.bytes);
        break;
    case HTTPA_VALUE_INTEGER:
        httpa_cbor_put_int(b, c->value.integer);
        break;
    default:
        httpa_cbor_put_bool(b, c->value.integer != 0);
        break;
    }
}

static enum httpa_err put_payload(const struct httpa_eat_content *content,
                                  struct httpa_buf *b)
{
    const struct httpa_eat_claim *sorted[HTTPA_EAT_CLAIMS_MAX];
    if (content->claim_count > HTTPA_EAT_CLAIMS_MAX || content->iat_s < 0) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = sort(content, sorted);
    if (err != HTTPA_OK) {
        return err;
    }
    httpa_cbor_put_map(b, 2 + content->claim_count);
    httpa_cbor_put_uint(b, CLAIM_IAT);
    httpa_cbor_put_int(b, content->iat_s);
    httpa_cbor_put_uint(b, CLAIM_NONCE);
    httpa_cbor_put_bytes(b, httpa_slice_of(content->rd, HTTPA_RD_LEN));
    for (size_t i = 0; i < content->claim_count; i++) {
        put_claim(b, sorted[i]);
    }
    return httpa_buf_check(b);
}

static enum httpa_err sign(const struct httpa_crypto *crypto,
                           const struct httpa_key *key,
                           const struct httpa_cose_sign1 *m,
                           struct httpa_buf *signature)
{
    struct httpa_buf tbs = httpa_buf_growing(HTTPA_EAT_MAX);
    httpa_cose_put_signed(&tbs, m, (struct httpa_slice){ 0 }, m->payload);
    enum httpa_err err = httpa_buf_check(&tbs);
    if (err == HTTPA_OK) {
        err = httpa_sign(crypto, key, HTTPA_SIGN_ES256, httpa_buf_slice(&tbs),
                         signature);
    }
    httpa_buf_done(&tbs);
    return err;
}

enum httpa_err httpa_eat_write(const struct httpa_crypto *crypto,
                               const struct httpa_key *key,
                               const struct httpa_eat_content *content,
                               struct httpa_buf *out)
{
    uint8_t header_room[8];
    uint8_t signature_room[64]; /* r || s */
    struct httpa_buf header = httpa_buf_fixed(header_room, sizeof(header_room));
    struct httpa_buf signature =
        httpa_buf_fixed(signature_room, sizeof(signature_room));
    struct httpa_buf payload = httpa_buf_growing(HTTPA_EAT_MAX);
    enum httpa_err err = put_payload(content, &payload);
    if (err == HTTPA_OK) {
        httpa_cose_put_protected(&header, HTTPA_COSE_ES256);
        struct httpa_cose_sign1 m = {
            .protected_header = httpa_buf_slice(&header),
            .kid = httpa_key_spki(key),
            .payload = httpa_buf_slice(&payload),
        };
        err = sign(crypto, key, &m, &signature);
        if (err == HTTPA_OK) {
            m.signature = httpa_buf_slice(&signature);
            httpa_cose_sign1_write(out, HTTPA_COSE_TAGGED, &m);
            err = httpa_buf_check(out);
        }
    }
    httpa_buf_done(&payload);
    return err;
}
