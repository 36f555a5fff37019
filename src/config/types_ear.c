/* Type "ear": results of remote verifiers. */
#include "config/policy.h"

#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NAMES_MAX 16u

/* ------------------------------------------------------------------- JWK */

/* A SubjectPublicKeyInfo is this, then x and y (RFC 5480 2). */
static const uint8_t p256_head[] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
};
static const uint8_t p384_head[] = {
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
};

/* RFC 7518 6.2.1 */
static const struct curve {
    const char *name;
    const char *alg;
    const uint8_t *head;
    size_t head_n;
    size_t size; /* of x and of y */
} curves[] = {
    { "P-256", "ES256", p256_head, sizeof(p256_head), 32 },
    { "P-384", "ES384", p384_head, sizeof(p384_head), 48 },
};

static const char *text_of(const json_t *jwk, const char *name)
{
    const char *text = json_string_value(json_object_get(jwk, name));
    return text != NULL ? text : "";
}

/* There, and not that. */
static bool is_other(const json_t *jwk, const char *name, const char *text)
{
    return json_object_get(jwk, name) != NULL &&
           strcmp(text_of(jwk, name), text) != 0;
}

static const struct curve *find_curve(const json_t *jwk)
{
    for (size_t i = 0; i < COUNT(curves); i++) {
        if (strcmp(text_of(jwk, "crv"), curves[i].name) == 0) {
            return &curves[i];
        }
    }
    return NULL;
}

static bool put_coordinate(struct httpa_buf *out, const json_t *jwk,
                           const char *name, size_t size)
{
    size_t before = out->n;
    enum httpa_err err =
        httpa_base64url_read(httpa_slice_str(text_of(jwk, name)), out);
    return err == HTTPA_OK && out->n - before == size;
}

/* NULL, or why |jwk| is no key of a verifier.  Whether the point is on the
 * curve is asked when a signature is verified. */
static const char *put_jwk(struct httpa_buf *out, const json_t *jwk)
{
    const struct curve *curve = find_curve(jwk);
    if (json_object_get(jwk, "d") != NULL ||
        json_object_get(jwk, "k") != NULL) {
        return "holds a private key or a secret; give the public key alone";
    }
    if (strcmp(text_of(jwk, "kty"), "EC") != 0 || curve == NULL) {
        return "has a JWK that is no EC key of P-256 or P-384; others as PEM";
    }
    if (is_other(jwk, "use", "sig") || is_other(jwk, "alg", curve->alg)) {
        return "has a JWK that is not for signatures of its curve";
    }
    httpa_buf_put(out, curve->head, curve->head_n);
    return put_coordinate(out, jwk, "x", curve->size) &&
                   put_coordinate(out, jwk, "y", curve->size) &&
                   httpa_buf_check(out) == HTTPA_OK
               ? NULL
               : "has a JWK whose x or y is not as long as its curve";
}

/* ------------------------------------------------------------------ files */

/* The keys of a profile, while files are read. */
struct keys {
    struct httpa_config_doc *doc;
    struct httpa_slice *v;
    size_t n;
};

static const char *add_jwk(struct keys *keys, const json_t *jwk)
{
    uint8_t storage[sizeof(p384_head) + 2 * 48 + 1];
    struct httpa_buf spki = httpa_buf_fixed(storage, sizeof(storage));
    const char *why = put_jwk(&spki, jwk);
    if (why != NULL) {
        return why;
    }
    if (keys->n == HTTPA_EAR_KEYS_MAX) {
        return "is one key too many";
    }
    uint8_t *room = httpa_config_alloc(keys->doc->arena, spki.n);
    if (room == NULL) {
        return "out of memory";
    }
    memcpy(room, spki.p, spki.n);
    keys->v[keys->n++] = httpa_slice_of(room, spki.n);
    return NULL;
}

/* One JWK, or a JWKS (RFC 7517 5), every key of which must be usable. */
static const char *add_json(struct keys *keys, struct httpa_slice file)
{
    json_t *root = json_loadb((const char *)file.p, file.n,
                              JSON_REJECT_DUPLICATES, NULL);
    const json_t *list = json_object_get(root, "keys");
    const char *why = NULL;
    if (root == NULL) {
        why = "must be PEM with PUBLIC KEYs, a JWK or a JWKS";
    } else if (list == NULL) {
        why = add_jwk(keys, root);
    } else if (json_array_size(list) == 0) {
        why = "is a JWKS without keys";
    }
    for (size_t i = 0; why == NULL && i < json_array_size(list); i++) {
        why = add_jwk(keys, json_array_get(list, i));
    }
    json_decref(root);
    return why;
}

static bool is_pem(struct httpa_slice file)
{
    return httpa_slice_starts(file, "-----BEGIN");
}

static enum httpa_err add_file(struct keys *keys,
                               const struct httpa_config_at *at)
{
    struct httpa_slice file;
    const char *why = NULL;
    enum httpa_err err = httpa_config_named(keys->doc, at, &file);
    if (err != HTTPA_OK) {
        return err;
    }
    if (!is_pem(file)) {
        why = add_json(keys, file);
    } else if (httpa_config_blocks(keys->doc, file, "PUBLIC KEY",
                                   HTTPA_EAR_KEYS_MAX, keys->v,
                                   &keys->n) != HTTPA_OK) {
        why = "must be PEM with PUBLIC KEYs alone, and not too many";
    }
    free((void *)(uintptr_t)file.p);
    return why == NULL ? HTTPA_OK
                       : httpa_config_fail(keys->doc, at, "%.128s: %s",
                                           json_string_value(at->value), why);
}

static enum httpa_err read_keys(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    struct httpa_ear_policy *ear = to;
    struct keys keys = {
        .doc = doc,
        .v = httpa_config_alloc(doc->arena,
                                HTTPA_EAR_KEYS_MAX * sizeof(*keys.v)),
    };
    if (keys.v == NULL) {
        return httpa_config_no_memory(doc);
    }
    if (!json_is_array(at->value) || json_array_size(at->value) == 0) {
        return httpa_config_fail(doc, at, "must be a list of files, not empty");
    }
    for (size_t i = 0; i < json_array_size(at->value); i++) {
        struct httpa_config_at child = httpa_config_nth(at, i);
        enum httpa_err err = add_file(&keys, &child);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    ear->keys = keys.v;
    ear->key_count = keys.n;
    return HTTPA_OK;
}

/* ---------------------------------------------------------------- members */

static enum httpa_err read_texts(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at,
                                 const struct httpa_slice **ret_v,
                                 size_t *ret_count)
{
    static const struct httpa_config_list list = { httpa_config_slice,
                                                   sizeof(struct httpa_slice),
                                                   NAMES_MAX };
    const void *v;
    enum httpa_err err = httpa_config_array(doc, at, &list, &v, ret_count);
    if (err == HTTPA_OK) {
        *ret_v = v;
    }
    return err;
}

static enum httpa_err read_submods(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    struct httpa_ear_policy *ear = to;
    return read_texts(doc, at, &ear->submods, &ear->submod_count);
}

/* One, or a list. */
static enum httpa_err read_profile(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    struct httpa_ear_policy *ear = to;
    if (json_is_array(at->value)) {
        return read_texts(doc, at, &ear->profiles, &ear->profile_count);
    }
    struct httpa_slice *one = httpa_config_alloc(doc->arena, sizeof(*one));
    if (one == NULL) {
        return httpa_config_no_memory(doc);
    }
    ear->profiles = one;
    ear->profile_count = 1;
    return httpa_config_slice(doc, at, one);
}

static enum httpa_err read_status(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "affirming", "warning", "none",
                                         NULL };
    static const enum httpa_ear_status statuses[] = { HTTPA_EAR_AFFIRMING,
                                                      HTTPA_EAR_WARNING,
                                                      HTTPA_EAR_NONE };
    struct httpa_ear_policy *ear = to;
    size_t i;
    enum httpa_err err = httpa_config_word(doc, at, words, &i);
    if (err == HTTPA_OK) {
        ear->min_status = statuses[i];
    }
    return err;
}

static enum httpa_err read_nonce(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    bool nonce = true;
    enum httpa_err err = httpa_config_bool(doc, at, &nonce);
    ((struct httpa_ear_policy *)to)->insecure_any_nonce = !nonce;
    return err;
}

static enum httpa_err read_issuer(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    return httpa_config_text(doc, at, &((struct httpa_ear_policy *)to)->issuer);
}

static enum httpa_err read_max_age(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    return httpa_config_duration(doc, at,
                                 &((struct httpa_ear_policy *)to)->max_age_s);
}

static const struct {
    const char *name;
    httpa_config_read_fn read;
} settings[] = {
    { "verifier_keys", read_keys }, { "issuer", read_issuer },
    { "profile", read_profile },    { "min_status", read_status },
    { "max_age", read_max_age },    { "nonce", read_nonce },
    { "submods", read_submods },
};

const char *const httpa_config_ear_members[] = {
    "verifier_keys", "issuer",  "profile", "min_status",
    "max_age",       "nonce",   "submods", NULL
};

enum httpa_err httpa_config_ear_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile)
{
    struct httpa_config_at child;
    struct httpa_ear_policy *ear = httpa_config_alloc(doc->arena, sizeof(*ear));
    if (ear == NULL) {
        return httpa_config_no_memory(doc);
    }
    ear->min_status = HTTPA_EAR_AFFIRMING;
    ear->max_age_s = HTTPA_EAR_MAX_AGE_S;
    profile->ear = ear;
    for (size_t i = 0; i < COUNT(settings); i++) {
        bool there = httpa_config_find(at, settings[i].name, &child);
        enum httpa_err err =
            there ? settings[i].read(doc, &child, ear) : HTTPA_OK;
        if (err != HTTPA_OK) {
            return err;
        }
    }
    return ear->key_count > 0
               ? HTTPA_OK
               : httpa_config_fail(doc, at, "\"verifier_keys\" is missing");
}
