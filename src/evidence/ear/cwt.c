/* An EAR as CWT (RFC 8392) in a COSE_Sign1, untagged or in tag 18. */
#include "evidence/ear/ear.h"

#include "codec/cbor.h"
#include "codec/cose.h"

/* Claim keys: RFC 8392 4, RFC 9711 4, draft-ietf-rats-ear 3.4. */
#define CLAIM_ISS 1
#define CLAIM_EXP 4
#define CLAIM_NBF 5
#define CLAIM_IAT 6
#define CLAIM_NONCE 10
#define CLAIM_PROFILE 265
#define CLAIM_SUBMODS 266
#define CLAIM_STATUS 1000
#define CLAIM_VECTOR 1001
#define CLAIM_VERIFIER_ID 1004

#define ID_DEVELOPER 0
#define ID_BUILD 1

/* AR4SI 2.3.5: eight categories, 0 to 7. */
#define CATEGORY_LAST 7

/* Bytes that a Sig_structure has beside what it is of. */
#define SIGNED_MORE 64u

static bool has(const struct httpa_cbor_map *map, int64_t key)
{
    struct httpa_cbor c = httpa_cbor_find_int(map, key);
    return httpa_cbor_more(&c);
}

static enum httpa_err read_text(const struct httpa_cbor_map *map, int64_t key,
                                struct httpa_slice *ret)
{
    struct httpa_cbor c = httpa_cbor_find_int(map, key);
    *ret = httpa_cbor_text(&c);
    return httpa_cbor_end(&c);
}

static enum httpa_err read_time(const struct httpa_cbor_map *map, int64_t key,
                                int64_t *ret)
{
    struct httpa_cbor c = httpa_cbor_find_int(map, key);
    int64_t time_s = httpa_cbor_int(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err == HTTPA_OK && time_s <= 0) {
        err = HTTPA_ERR_RANGE;
    }
    *ret = err == HTTPA_OK ? time_s : 0;
    return err;
}

static enum httpa_err optional(enum httpa_err err)
{
    return err == HTTPA_ERR_MISSING ? HTTPA_OK : err;
}

static enum httpa_err read_map(const struct httpa_cbor_map *map, int64_t key,
                               struct httpa_cbor_map *ret)
{
    struct httpa_cbor c = httpa_cbor_find_int(map, key);
    *ret = httpa_cbor_map(&c);
    return httpa_cbor_end(&c);
}

static enum httpa_err read_status(const struct httpa_cbor_map *map,
                                  enum httpa_ear_status *ret)
{
    struct httpa_cbor c = httpa_cbor_find_int(map, CLAIM_STATUS);
    uint64_t number = httpa_cbor_uint(&c);
    enum httpa_ear_status status = httpa_ear_status_numbered(number);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err == HTTPA_OK && status == HTTPA_EAR_UNSET) {
        err = HTTPA_ERR_UNSUPPORTED;
    }
    *ret = err == HTTPA_OK ? status : HTTPA_EAR_UNSET;
    return err;
}

static enum httpa_err read_vector(const struct httpa_cbor_map *map,
                                  struct httpa_ear_submod *submod)
{
    struct httpa_cbor_map vector;
    enum httpa_err err = read_map(map, CLAIM_VECTOR, &vector);
    if (err != HTTPA_OK) {
        return optional(err);
    }
    struct httpa_cbor items = httpa_cbor_map_items(&vector);
    while (httpa_cbor_more(&items)) {
        struct httpa_cbor_key key = httpa_cbor_key(&items);
        int64_t claim = httpa_cbor_int(&items);
        if (key.is_text || key.number < 0 || key.number > CATEGORY_LAST) {
            return HTTPA_ERR_UNSUPPORTED;
        }
        err = httpa_ear_weigh(submod, claim);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    err = httpa_cbor_end(&items);
    return err == HTTPA_OK && vector.n == 0 ? HTTPA_ERR_MISSING : err;
}

static enum httpa_err read_submod(struct httpa_cbor *items,
                                  struct httpa_ear_submod *submod)
{
    struct httpa_cbor_key key = httpa_cbor_key(items);
    struct httpa_cbor_map map = httpa_cbor_map(items);
    if (!httpa_cbor_more(items) && httpa_cbor_end(items) != HTTPA_OK) {
        return httpa_cbor_end(items);
    }
    if (!key.is_text || has(&map, CLAIM_SUBMODS)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    submod->name = key.text;
    enum httpa_err err = read_status(&map, &submod->status);
    return err == HTTPA_OK ? read_vector(&map, submod) : err;
}

static enum httpa_err read_submods(const struct httpa_cbor_map *claims,
                                   struct httpa_ear *ear)
{
    struct httpa_cbor_map submods;
    enum httpa_err err = read_map(claims, CLAIM_SUBMODS, &submods);
    if (err != HTTPA_OK) {
        return err;
    }
    if (submods.n > HTTPA_EAR_SUBMODS_MAX) {
        return HTTPA_ERR_RANGE;
    }
    struct httpa_cbor items = httpa_cbor_map_items(&submods);
    while (err == HTTPA_OK && httpa_cbor_more(&items)) {
        err = read_submod(&items, &ear->submods[ear->submod_count++]);
    }
    return err == HTTPA_OK ? httpa_cbor_end(&items) : err;
}

static enum httpa_err read_nonce(const struct httpa_cbor_map *claims,
                                 struct httpa_ear *ear)
{
    struct httpa_cbor c = httpa_cbor_find_int(claims, CLAIM_NONCE);
    if (httpa_cbor_peek(&c) == HTTPA_CBOR_ARRAY) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    ear->nonce = httpa_cbor_bytes(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    return err == HTTPA_OK && ear->nonce.n == 0 ? HTTPA_ERR_RANGE
                                                : optional(err);
}

static enum httpa_err read_id(const struct httpa_cbor_map *claims,
                              struct httpa_ear *ear)
{
    struct httpa_cbor_map id;
    enum httpa_err err = read_map(claims, CLAIM_VERIFIER_ID, &id);
    if (err == HTTPA_OK) {
        err = read_text(&id, ID_DEVELOPER, &ear->developer);
    }
    return err == HTTPA_OK ? read_text(&id, ID_BUILD, &ear->build) : err;
}

static enum httpa_err read_times(const struct httpa_cbor_map *claims,
                                 struct httpa_ear *ear)
{
    enum httpa_err err = read_time(claims, CLAIM_IAT, &ear->iat_s);
    if (err == HTTPA_OK) {
        err = optional(read_time(claims, CLAIM_EXP, &ear->exp_s));
    }
    return err == HTTPA_OK
               ? optional(read_time(claims, CLAIM_NBF, &ear->nbf_s))
               : err;
}

static enum httpa_err read_claims(struct httpa_slice payload,
                                  struct httpa_ear *ear)
{
    struct httpa_cbor c = httpa_cbor_of(payload, 0);
    struct httpa_cbor_map claims = httpa_cbor_map(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err == HTTPA_OK) {
        err = read_text(&claims, CLAIM_PROFILE, &ear->profile);
    }
    if (err == HTTPA_OK) {
        err = optional(read_text(&claims, CLAIM_ISS, &ear->issuer));
    }
    if (err == HTTPA_OK) {
        err = read_times(&claims, ear);
    }
    if (err == HTTPA_OK) {
        err = read_id(&claims, ear);
    }
    if (err == HTTPA_OK) {
        err = read_nonce(&claims, ear);
    }
    if (err == HTTPA_OK) {
        err = optional(read_status(&claims, &ear->overall));
    }
    if (err == HTTPA_OK) {
        err = read_submods(&claims, ear);
    }
    return err == HTTPA_OK ? httpa_ear_check(ear) : err;
}

enum httpa_err httpa_ear_read_cwt(struct httpa_slice in,
                                  struct httpa_ear *ret_ear)
{
    struct httpa_cose_sign1 cose;
    struct httpa_ear ear = { 0 };
    if (in.n > HTTPA_EAR_MAX) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = httpa_cose_sign1_read(in, HTTPA_COSE_EITHER, &cose);
    if (err != HTTPA_OK) {
        return err;
    }
    ear.alg = httpa_ear_alg_numbered(cose.alg);
    if (ear.alg == NULL || cose.detached) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    err = read_claims(cose.payload, &ear);
    if (err != HTTPA_OK) {
        return err;
    }
    ear.room = httpa_buf_growing(HTTPA_EAR_MAX + SIGNED_MORE);
    httpa_cose_put_signed(&ear.room, &cose, (struct httpa_slice){ 0 },
                          cose.payload);
    err = httpa_buf_check(&ear.room);
    if (err != HTTPA_OK) {
        httpa_ear_done(&ear);
        return err;
    }
    ear.signature = cose.signature;
    ear.message = httpa_buf_slice(&ear.room);
    *ret_ear = ear;
    return HTTPA_OK;
}
