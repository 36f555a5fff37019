/* The realm attestation key, in the two forms that it has in its claim. */
#include "codec/cbor.h"
#include "evidence/cca/cca.h"

#define POINT_UNCOMPRESSED 0x04

/* RFC 9052 7.1, RFC 9053 7.1.1 */
#define KEY_KTY 1
#define KEY_ALG 3
#define KEY_CRV (-1)
#define KEY_X (-2)
#define KEY_Y (-3)
#define KTY_EC2 2

struct point {
    struct httpa_slice x;
    struct httpa_slice y;
};

static enum httpa_err read_raw(struct httpa_slice claim, size_t width,
                               struct point *ret_point)
{
    if (claim.n != 1 + 2 * width) {
        return HTTPA_ERR_KEY;
    }
    ret_point->x = httpa_slice_of(claim.p + 1, width);
    ret_point->y = httpa_slice_of(claim.p + 1 + width, width);
    return HTTPA_OK;
}

static bool is_number(const struct httpa_cbor_map *map, int64_t key,
                      int64_t value)
{
    struct httpa_cbor v = httpa_cbor_find_int(map, key);
    int64_t got = httpa_cbor_int(&v);
    return httpa_cbor_end(&v) == HTTPA_OK && got == value;
}

static enum httpa_err read_coordinate(const struct httpa_cbor_map *map,
                                      int64_t key, size_t width,
                                      struct httpa_slice *ret_v)
{
    struct httpa_cbor v = httpa_cbor_find_int(map, key);
    *ret_v = httpa_cbor_bytes(&v);
    enum httpa_err err = httpa_cbor_end(&v);
    return err == HTTPA_OK && ret_v->n != width ? HTTPA_ERR_RANGE : err;
}

/* Type, curve and coordinates, perhaps its algorithm, and nothing else: a key
 * for another use is not taken. */
static enum httpa_err read_cose_key(struct httpa_slice claim,
                                    const struct httpa_cca_alg *alg,
                                    struct point *ret_point)
{
    struct httpa_cbor c = httpa_cbor_of(claim, 0);
    struct httpa_cbor_map map = httpa_cbor_map(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err != HTTPA_OK) {
        return err;
    }
    size_t others = is_number(&map, KEY_ALG, alg->cose) ? 1 : 0;
    if (map.n != 4 + others || !is_number(&map, KEY_KTY, KTY_EC2) ||
        !is_number(&map, KEY_CRV, alg->curve)) {
        return HTTPA_ERR_KEY;
    }
    err = read_coordinate(&map, KEY_X, alg->width, &ret_point->x);
    return err == HTTPA_OK
               ? read_coordinate(&map, KEY_Y, alg->width, &ret_point->y)
               : err;
}

enum httpa_err httpa_cca_rak(const struct httpa_crypto *crypto,
                             struct httpa_slice claim,
                             const struct httpa_cca_alg *alg,
                             struct httpa_pubkey **ret_key)
{
    struct point point;
    bool raw = claim.n > 0 && claim.p[0] == POINT_UNCOMPRESSED;
    enum httpa_err err = raw ? read_raw(claim, alg->width, &point)
                             : read_cose_key(claim, alg, &point);
    return err == HTTPA_OK ? httpa_pubkey_from_ec(crypto, alg->kind, point.x,
                                                  point.y, ret_key)
                           : err;
}
