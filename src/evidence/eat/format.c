#include "evidence/eat/eat.h"

#include "codec/time.h"

/* Claim keys: RFC 8392 4, RFC 9711 4.1 */
#define CLAIM_EXP 4
#define CLAIM_NBF 5
#define CLAIM_IAT 6
#define CLAIM_NONCE 10

/* RFC 8392 6: a CWT may stand in this tag, outside that of COSE_Sign1. */
#define CWT_TAG 61u

/* Removes the CWT tag, which must then tag a tagged COSE_Sign1. */
static enum httpa_err untag(struct httpa_slice in, struct httpa_slice *ret_cose,
                            enum httpa_cose_form *ret_form)
{
    *ret_cose = in;
    *ret_form = HTTPA_COSE_EITHER;
    struct httpa_cbor c = httpa_cbor_of(in, 0);
    if (httpa_cbor_peek(&c) != HTTPA_CBOR_TAG ||
        httpa_cbor_tag(&c) != CWT_TAG) {
        return HTTPA_OK;
    }
    *ret_cose = httpa_cbor_skip(&c);
    *ret_form = HTTPA_COSE_TAGGED;
    return httpa_cbor_end(&c);
}

static bool read_value(struct httpa_cbor *c, struct httpa_value *ret)
{
    switch (httpa_cbor_peek(c)) {
    case HTTPA_CBOR_TEXT:
        *ret = httpa_value_text(httpa_cbor_text(c));
        return true;
    case HTTPA_CBOR_BYTES:
        *ret = httpa_value_bytes(httpa_cbor_bytes(c));
        return true;
    case HTTPA_CBOR_UINT:
    case HTTPA_CBOR_NINT:
        *ret = httpa_value_integer(httpa_cbor_int(c));
        return true;
    case HTTPA_CBOR_BOOL:
        *ret = httpa_value_boolean(httpa_cbor_bool(c));
        return true;
    default:
        return false;
    }
}

/* Claims with other integer keys are ignored (RFC 8392 3). */
bool httpa_eat_next(struct httpa_cbor *items, struct httpa_eat_claim *ret)
{
    while (httpa_cbor_more(items)) {
        struct httpa_cbor_key key = httpa_cbor_key(items);
        if (!key.is_text) {
            (void)httpa_cbor_skip(items);
            continue;
        }
        ret->name = key.text;
        if (!read_value(items, &ret->value)) {
            httpa_cbor_fail(items, HTTPA_ERR_UNSUPPORTED);
        }
        return httpa_cbor_more(items) || httpa_cbor_end(items) == HTTPA_OK;
    }
    return false;
}

static bool in_limits(const struct httpa_eat_claim *claim)
{
    return claim->name.n > 0 && claim->name.n <= HTTPA_EAT_NAME_MAX &&
           claim->value.bytes.n <= HTTPA_EAT_VALUE_MAX;
}

static enum httpa_err check_texts(const struct httpa_cbor_map *claims)
{
    struct httpa_cbor items = httpa_cbor_map_items(claims);
    struct httpa_eat_claim claim;
    for (size_t n = 0; httpa_eat_next(&items, &claim); n++) {
        if (n == HTTPA_EAT_CLAIMS_MAX || !in_limits(&claim)) {
            return HTTPA_ERR_RANGE;
        }
    }
    return httpa_cbor_end(&items);
}

static bool has(const struct httpa_cbor_map *claims, int64_t key)
{
    struct httpa_cbor c = httpa_cbor_find_int(claims, key);
    return httpa_cbor_more(&c);
}

static enum httpa_err read_claims(struct httpa_slice payload,
                                  struct httpa_eat *eat)
{
    struct httpa_cbor c = httpa_cbor_of(payload, 0);
    eat->claims = httpa_cbor_map(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err != HTTPA_OK) {
        return err;
    }
    if (has(&eat->claims, CLAIM_EXP) || has(&eat->claims, CLAIM_NBF)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    struct httpa_cbor nonce = httpa_cbor_find_int(&eat->claims, CLAIM_NONCE);
    eat->nonce = httpa_cbor_bytes(&nonce);
    struct httpa_cbor iat = httpa_cbor_find_int(&eat->claims, CLAIM_IAT);
    eat->iat_s = httpa_cbor_int(&iat);
    if ((err = httpa_cbor_end(&nonce)) != HTTPA_OK ||
        (err = httpa_cbor_end(&iat)) != HTTPA_OK) {
        return err;
    }
    if (eat->nonce.n != HTTPA_RD_LEN || eat->iat_s < 0 ||
        eat->iat_s > HTTPA_TIME_MAX) {
        return HTTPA_ERR_RANGE;
    }
    return check_texts(&eat->claims);
}

enum httpa_err httpa_eat_read(struct httpa_slice in, struct httpa_eat *ret_eat)
{
    struct httpa_eat eat = { 0 };
    struct httpa_slice cose;
    enum httpa_cose_form form;
    if (in.n > HTTPA_EAT_MAX) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = untag(in, &cose, &form);
    if (err == HTTPA_OK) {
        err = httpa_cose_sign1_read(cose, form, &eat.cose);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    if (eat.cose.alg != HTTPA_COSE_ES256 || eat.cose.detached) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (eat.cose.kid.n == 0) {
        return HTTPA_ERR_MISSING;
    }
    err = read_claims(eat.cose.payload, &eat);
    if (err == HTTPA_OK) {
        *ret_eat = eat;
    }
    return err;
}
