/* An EAR as JWT (RFC 7519) in a JWS of compact form (RFC 7515 3.1). */
#include "evidence/ear/ear.h"

#include "codec/base64.h"
#include "codec/json_read.h"

#define PARTS 3u

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Names of drafts up to 03, and from 04 on.  Verifiers write the former. */
struct name {
    const char *old;
    const char *now;
};
static const struct name status_name = { "ear.status", "ear_status" };
static const struct name vector_name = { "ear.trustworthiness-vector",
                                         "ear_trustworthiness_vector" };
static const struct name id_name = { "ear.verifier-id", "ear_verifier_id" };

/* ------------------------------------------------------------------ parts */

static enum httpa_err split(struct httpa_slice in, struct httpa_slice *parts)
{
    for (size_t i = 0; i < PARTS; i++) {
        size_t n = 0;
        while (n < in.n && (in.p[n] != '.' || i == PARTS - 1)) {
            n++;
        }
        if (n == 0 || (n == in.n && i < PARTS - 1)) {
            return HTTPA_ERR_TRUNCATED;
        }
        parts[i] = httpa_slice_of(in.p, n);
        in = httpa_slice_from(in, n + 1);
    }
    return HTTPA_OK;
}

/* Decodes all parts before any is looked at: a buffer that grows moves. */
static enum httpa_err decode(struct httpa_slice in, struct httpa_buf *room,
                             struct httpa_slice *parts)
{
    size_t at[PARTS + 1] = { 0 };
    enum httpa_err err = split(in, parts);
    for (size_t i = 0; i < PARTS && err == HTTPA_OK; i++) {
        err = httpa_base64url_read(parts[i], room);
        at[i + 1] = room->n;
    }
    for (size_t i = 0; i < PARTS && err == HTTPA_OK; i++) {
        parts[i] = httpa_slice_of(room->p + at[i], at[i + 1] - at[i]);
    }
    return err;
}

/* ----------------------------------------------------------------- header */

/* Keys and addresses of keys in a header are never looked at (RFC 8725 3.10);
 * what would change how the token is read ends it. */
static enum httpa_err read_header(struct httpa_slice text,
                                  struct httpa_ear *ear)
{
    static const char *const refused[] = { "crit", "b64", "zip", "enc" };
    struct httpa_json_value doc, value;
    struct httpa_slice alg;
    enum httpa_err err = httpa_json_read(text, &doc);
    for (size_t i = 0; i < COUNT(refused) && err == HTTPA_OK; i++) {
        if (httpa_json_find(doc, refused[i], &value) == HTTPA_OK) {
            err = HTTPA_ERR_UNSUPPORTED;
        }
    }
    if (err == HTTPA_OK) {
        err = httpa_json_find(doc, "alg", &value);
    }
    if (err == HTTPA_OK) {
        err = httpa_json_text(value, &alg);
    }
    if (err == HTTPA_OK) {
        ear->alg = httpa_ear_alg_named(alg);
        err = ear->alg != NULL ? HTTPA_OK : HTTPA_ERR_UNSUPPORTED;
    }
    return err;
}

/* ----------------------------------------------------------------- claims */

static enum httpa_err read_text(struct httpa_json_value object,
                                const char *name, struct httpa_slice *ret)
{
    struct httpa_json_value value;
    enum httpa_err err = httpa_json_find(object, name, &value);
    return err == HTTPA_OK ? httpa_json_text(value, ret) : err;
}

/* RFC 9711 4.3.1: times are integers. */
static enum httpa_err read_time(struct httpa_json_value object,
                                const char *name, int64_t *ret)
{
    struct httpa_json_value value;
    uint64_t number;
    enum httpa_err err = httpa_json_find(object, name, &value);
    if (err == HTTPA_OK) {
        err = httpa_json_uint(value, &number);
    }
    if (err == HTTPA_OK && (number == 0 || number > INT64_MAX)) {
        err = HTTPA_ERR_RANGE;
    }
    if (err == HTTPA_OK) {
        *ret = (int64_t)number;
    }
    return err;
}

/* Nothing is said where a member is not there. */
static enum httpa_err optional(enum httpa_err err)
{
    return err == HTTPA_ERR_MISSING ? HTTPA_OK : err;
}

/* Under one of its names: under both, readers might differ. */
static enum httpa_err find(struct httpa_json_value object, struct name name,
                           struct httpa_json_value *ret)
{
    struct httpa_json_value other;
    enum httpa_err err = httpa_json_find(object, name.old, ret);
    if (err == HTTPA_ERR_MISSING) {
        return httpa_json_find(object, name.now, ret);
    }
    return err == HTTPA_OK &&
                   httpa_json_find(object, name.now, &other) == HTTPA_OK
               ? HTTPA_ERR_DUPLICATE
               : err;
}

/* The word; some verifiers write the number of CBOR. */
static enum httpa_err read_status(struct httpa_json_value object,
                                  enum httpa_ear_status *ret)
{
    struct httpa_json_value value;
    struct httpa_slice word;
    uint64_t number;
    enum httpa_ear_status status = HTTPA_EAR_UNSET;
    enum httpa_err err = find(object, status_name, &value);
    if (err != HTTPA_OK) {
        return err;
    }
    if (value.kind == HTTPA_JSON_NUMBER) {
        err = httpa_json_uint(value, &number);
        status = err == HTTPA_OK ? httpa_ear_status_numbered(number) : status;
    } else {
        err = httpa_json_text(value, &word);
        status = err == HTTPA_OK ? httpa_ear_status_named(word) : status;
    }
    if (err == HTTPA_OK && status == HTTPA_EAR_UNSET) {
        err = HTTPA_ERR_UNSUPPORTED;
    }
    if (err == HTTPA_OK) {
        *ret = status;
    }
    return err;
}

static enum httpa_err read_claim(struct httpa_json_value value,
                                 struct httpa_ear_submod *submod)
{
    bool negative = value.raw.n > 0 && value.raw.p[0] == '-';
    uint64_t number = 0;
    if (negative) {
        value.raw = httpa_slice_from(value.raw, 1);
    }
    enum httpa_err err = httpa_json_uint(value, &number);
    if (err != HTTPA_OK || number > INT8_MAX + UINT64_C(1)) {
        return err != HTTPA_OK ? err : HTTPA_ERR_RANGE;
    }
    return httpa_ear_weigh(submod,
                           negative ? -(int64_t)number : (int64_t)number);
}

/* A category that is not known cannot be weighed (AR4SI 2.3.5 has eight). */
static bool is_category(struct httpa_slice name)
{
    static const char *const names[] = { "instance-identity", "configuration",
                                         "executables",       "file-system",
                                         "hardware",          "runtime-opaque",
                                         "storage-opaque",    "sourced-data" };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (httpa_slice_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static enum httpa_err read_vector(struct httpa_json_value object,
                                  struct httpa_ear_submod *submod)
{
    struct httpa_json_value vector, value;
    struct httpa_json_items items;
    struct httpa_slice name;
    size_t n = 0;
    enum httpa_err err = find(object, vector_name, &vector);
    if (err != HTTPA_OK) {
        return optional(err);
    }
    if (vector.kind != HTTPA_JSON_OBJECT) {
        return HTTPA_ERR_MALFORMED;
    }
    err = httpa_json_items_of(vector, &items);
    while (err == HTTPA_OK && httpa_json_next(&items, &name, &value)) {
        err = is_category(name) ? read_claim(value, submod)
                                : HTTPA_ERR_UNSUPPORTED;
        n++;
    }
    return err == HTTPA_OK && n == 0 ? HTTPA_ERR_MISSING : err;
}

/* A submod of a submod would be judged by nobody. */
static enum httpa_err read_submod(struct httpa_json_value object,
                                  struct httpa_ear_submod *submod)
{
    struct httpa_json_value nested;
    if (httpa_json_find(object, "submods", &nested) == HTTPA_OK) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    enum httpa_err err = read_status(object, &submod->status);
    return err == HTTPA_OK ? read_vector(object, submod) : err;
}

static enum httpa_err read_submods(struct httpa_json_value claims,
                                   struct httpa_ear *ear)
{
    struct httpa_json_value submods, value;
    struct httpa_json_items items;
    struct httpa_slice name;
    enum httpa_err err = httpa_json_find(claims, "submods", &submods);
    if (err != HTTPA_OK) {
        return err;
    }
    if (submods.kind != HTTPA_JSON_OBJECT) {
        return HTTPA_ERR_MALFORMED;
    }
    err = httpa_json_items_of(submods, &items);
    while (err == HTTPA_OK && httpa_json_next(&items, &name, &value)) {
        if (ear->submod_count == HTTPA_EAR_SUBMODS_MAX) {
            return HTTPA_ERR_RANGE;
        }
        ear->submods[ear->submod_count].name = name;
        err = read_submod(value, &ear->submods[ear->submod_count++]);
    }
    return err;
}

/* One nonce.  Several (RFC 9711 4.1) would leave open which is whose. */
static enum httpa_err read_nonce(struct httpa_json_value claims,
                                 struct httpa_ear *ear)
{
    struct httpa_json_value value;
    enum httpa_err err = httpa_json_find(claims, "eat_nonce", &value);
    ear->nonce_is_text = true;
    if (err != HTTPA_OK) {
        return optional(err);
    }
    if (value.kind == HTTPA_JSON_ARRAY) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    err = httpa_json_text(value, &ear->nonce);
    return err == HTTPA_OK && ear->nonce.n == 0 ? HTTPA_ERR_RANGE : err;
}

static enum httpa_err read_id(struct httpa_json_value claims,
                              struct httpa_ear *ear)
{
    struct httpa_json_value id;
    enum httpa_err err = find(claims, id_name, &id);
    if (err == HTTPA_OK) {
        err = read_text(id, "developer", &ear->developer);
    }
    return err == HTTPA_OK ? read_text(id, "build", &ear->build) : err;
}

static enum httpa_err read_times(struct httpa_json_value claims,
                                 struct httpa_ear *ear)
{
    enum httpa_err err = read_time(claims, "iat", &ear->iat_s);
    if (err == HTTPA_OK) {
        err = optional(read_time(claims, "exp", &ear->exp_s));
    }
    return err == HTTPA_OK ? optional(read_time(claims, "nbf", &ear->nbf_s))
                           : err;
}

static enum httpa_err read_claims(struct httpa_slice text,
                                  struct httpa_ear *ear)
{
    struct httpa_json_value claims;
    enum httpa_err err = httpa_json_read(text, &claims);
    if (err == HTTPA_OK) {
        err = read_text(claims, "eat_profile", &ear->profile);
    }
    if (err == HTTPA_OK) {
        err = optional(read_text(claims, "iss", &ear->issuer));
    }
    if (err == HTTPA_OK) {
        err = read_times(claims, ear);
    }
    if (err == HTTPA_OK) {
        err = read_id(claims, ear);
    }
    if (err == HTTPA_OK) {
        err = read_nonce(claims, ear);
    }
    if (err == HTTPA_OK) {
        err = optional(read_status(claims, &ear->overall));
    }
    if (err == HTTPA_OK) {
        err = read_submods(claims, ear);
    }
    return err == HTTPA_OK ? httpa_ear_check(ear) : err;
}

enum httpa_err httpa_ear_read_jwt(struct httpa_slice in,
                                  struct httpa_ear *ret_ear)
{
    struct httpa_slice parts[PARTS];
    struct httpa_ear ear = { .room = httpa_buf_growing(HTTPA_EAR_MAX) };
    enum httpa_err err = in.n <= HTTPA_EAR_MAX ? HTTPA_OK : HTTPA_ERR_RANGE;
    if (err == HTTPA_OK) {
        err = decode(in, &ear.room, parts);
    }
    if (err == HTTPA_OK) {
        err = read_header(parts[0], &ear);
    }
    if (err == HTTPA_OK) {
        err = read_claims(parts[1], &ear);
    }
    if (err != HTTPA_OK) {
        httpa_ear_done(&ear);
        return err;
    }
    ear.signature = parts[2];
    ear.message =
        httpa_slice_of(in.p, in.n - 1 - HTTPA_BASE64URL_LEN(parts[2].n));
    *ret_ear = ear;
    return HTTPA_OK;
}
