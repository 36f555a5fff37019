#include "evidence/cca/cca.h"

#include "codec/cbor.h"

#define TAG_COLLECTION 399u
#define KEY_PLATFORM 44234
#define KEY_REALM 44241

/* What wraps a token in newer collections: application/eat+cwt, by number
 * (RFC 9782 6.3) or name. */
#define CONTENT_FORMAT_CWT 263u
#define MEDIA_TYPE_CWT "application/eat+cwt"

/* EAT's type byte of an instance's identifier: random (RFC 9711 4.2.1). */
#define INSTANCE_RANDOM 0x01

/* RFC 9053 2.1 */
static const struct httpa_cca_alg algs[] = {
    { HTTPA_COSE_ES256, HTTPA_SIGN_ES256, HTTPA_KEY_P256, 1, 32 },
    { HTTPA_COSE_ES384, HTTPA_SIGN_ES384, HTTPA_KEY_P384, 2, 48 },
    { HTTPA_COSE_ES512, HTTPA_SIGN_ES512, HTTPA_KEY_P521, 3, 66 },
};

/* IANA, Named Information Hash Algorithm */
static const struct {
    const char *name;
    enum httpa_hash_id id;
} hashes[] = {
    { "sha-256", HTTPA_SHA256 },
    { "sha-384", HTTPA_SHA384 },
    { "sha-512", HTTPA_SHA512 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ----------------------------------------------------------------- values */

static struct httpa_slice read_digest(struct httpa_cbor *c)
{
    struct httpa_slice s = httpa_cbor_bytes(c);
    if (s.n != 32 && s.n != 48 && s.n != 64) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    return s;
}

static struct httpa_slice read_text(struct httpa_cbor *c, size_t max)
{
    struct httpa_slice s = httpa_cbor_text(c);
    if (s.n == 0 || s.n > max) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
    return s;
}

static enum httpa_hash_id read_hash(struct httpa_cbor *c)
{
    struct httpa_slice name = httpa_cbor_text(c);
    for (size_t i = 0; i < COUNT(hashes); i++) {
        if (httpa_slice_is(name, hashes[i].name)) {
            return hashes[i].id;
        }
    }
    httpa_cbor_fail(c, HTTPA_ERR_UNSUPPORTED);
    return HTTPA_SHA256;
}

static struct httpa_slice
read_profile(struct httpa_cbor *c, const char *const *names, size_t count)
{
    struct httpa_slice s = httpa_cbor_text(c);
    for (size_t i = 0; i < count; i++) {
        if (httpa_slice_is(s, names[i])) {
            return s;
        }
    }
    httpa_cbor_fail(c, HTTPA_ERR_UNSUPPORTED);
    return s;
}

/* ------------------------------------------------------------ closed maps */

/* A claim: nothing beside those of a table is taken, since what is not
 * understood may take back what is. */
struct claim {
    int64_t key;
    void (*read)(struct httpa_cbor *c, void *to);
    bool optional;
};

#define CLAIMS_MAX 16u

static size_t
find(struct httpa_cbor_key key, const struct claim *rows, size_t count)
{
    size_t i = 0;
    while (i < count && (key.is_text || key.number != rows[i].key)) {
        i++;
    }
    return i;
}

/* Reads the map that is the next item of |c| into |to|. */
static void read_claims(struct httpa_cbor *c, const struct claim *rows,
                        size_t count, void *to)
{
    bool seen[CLAIMS_MAX] = { false };
    struct httpa_cbor_map map = httpa_cbor_map(c);
    struct httpa_cbor items = httpa_cbor_map_items(&map);
    while (httpa_cbor_more(&items)) {
        size_t i = find(httpa_cbor_key(&items), rows, count);
        if (i == count) {
            httpa_cbor_fail(&items, HTTPA_ERR_UNSUPPORTED);
            break;
        }
        rows[i].read(&items, to);
        seen[i] = true;
    }
    enum httpa_err err = httpa_cbor_end(&items);
    for (size_t i = 0; err == HTTPA_OK && i < count; i++) {
        err = seen[i] || rows[i].optional ? HTTPA_OK : HTTPA_ERR_MISSING;
    }
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
}

/* -------------------------------------------------------------- component */

static void component_type(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_component *)to)->type =
        read_text(c, HTTPA_CCA_NAME_MAX);
}

static void component_measurement(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_component *)to)->measurement = read_digest(c);
}

static void component_version(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_component *)to)->version =
        read_text(c, HTTPA_CCA_NAME_MAX);
}

static void component_signer(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_component *)to)->signer_id = read_digest(c);
}

static void component_hash(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_component *)to)->hash =
        read_text(c, HTTPA_CCA_NAME_MAX);
}

static const struct claim component_claims[] = {
    { 1, component_type, true },    { 2, component_measurement, false },
    { 4, component_version, true }, { 5, component_signer, false },
    { 6, component_hash, true },
};

/* --------------------------------------------------------------- platform */

static void platform_profile(struct httpa_cbor *c, void *to)
{
    static const char *const names[] = { "http://arm.com/CCA-SSD/1.0.0",
                                         "tag:arm.com,2023:cca_platform"
                                         "#1.0.0" };
    ((struct httpa_cca_platform *)to)->profile =
        read_profile(c, names, COUNT(names));
}

static void platform_challenge(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_platform *)to)->challenge = read_digest(c);
}

static void platform_implementation(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_platform *)to)->implementation_id =
        httpa_cbor_bytes_of(c, HTTPA_CCA_IMPLEMENTATION,
                            HTTPA_CCA_IMPLEMENTATION);
}

static void platform_instance(struct httpa_cbor *c, void *to)
{
    struct httpa_slice s =
        httpa_cbor_bytes_of(c, HTTPA_CCA_INSTANCE, HTTPA_CCA_INSTANCE);
    if (s.n > 0 && s.p[0] != INSTANCE_RANDOM) {
        httpa_cbor_fail(c, HTTPA_ERR_UNSUPPORTED);
    }
    ((struct httpa_cca_platform *)to)->instance_id = s;
}

static void platform_config(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_platform *)to)->config =
        httpa_cbor_bytes_of(c, 0, HTTPA_CCA_CONFIG_MAX);
}

static void platform_lifecycle(struct httpa_cbor *c, void *to)
{
    uint64_t v = httpa_cbor_uint(c);
    if (v > UINT16_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
        return;
    }
    ((struct httpa_cca_platform *)to)->lifecycle = (uint16_t)v;
}

static void platform_service(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_platform *)to)->service =
        read_text(c, HTTPA_CCA_SERVICE_MAX);
}

static void platform_hash(struct httpa_cbor *c, void *to)
{
    (void)to;
    (void)read_hash(c);
}

static void platform_components(struct httpa_cbor *c, void *to)
{
    struct httpa_cca_platform *p = to;
    size_t n = 0;
    struct httpa_cbor items = httpa_cbor_array(c, &n);
    if (n == 0 || n > HTTPA_CCA_COMPONENTS_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
        return;
    }
    while (httpa_cbor_more(&items)) {
        read_claims(&items, component_claims, COUNT(component_claims),
                    &p->components[p->components_n++]);
    }
    enum httpa_err err = httpa_cbor_end(&items);
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
}

static const struct claim platform_claims[] = {
    { 10, platform_challenge, false },
    { 256, platform_instance, false },
    { 265, platform_profile, false },
    { 2395, platform_lifecycle, false },
    { 2396, platform_implementation, false },
    { 2399, platform_components, false },
    { 2400, platform_service, true },
    { 2401, platform_config, false },
    { 2402, platform_hash, false },
};

/* ------------------------------------------------------------------ realm */

static void realm_profile(struct httpa_cbor *c, void *to)
{
    static const char *const names[] = { "tag:arm.com,2023:realm#1.0.0" };
    ((struct httpa_cca_realm *)to)->profile =
        read_profile(c, names, COUNT(names));
}

static void realm_challenge(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_realm *)to)->challenge =
        httpa_cbor_bytes_of(c, HTTPA_CCA_CHALLENGE, HTTPA_CCA_CHALLENGE);
}

static void realm_personalization(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_realm *)to)->personalization =
        httpa_cbor_bytes_of(c, HTTPA_CCA_PERSONALIZATION,
                            HTTPA_CCA_PERSONALIZATION);
}

static void realm_hash(struct httpa_cbor *c, void *to)
{
    (void)to;
    (void)read_hash(c);
}

/* Its length is that of its form: key.c. */
static void realm_rak(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_realm *)to)->rak = httpa_cbor_bytes(c);
}

static void realm_rak_hash(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_realm *)to)->rak_hash = read_hash(c);
}

static void realm_rim(struct httpa_cbor *c, void *to)
{
    ((struct httpa_cca_realm *)to)->rim = read_digest(c);
}

static void realm_rems(struct httpa_cbor *c, void *to)
{
    struct httpa_cca_realm *r = to;
    size_t n = 0;
    struct httpa_cbor items = httpa_cbor_array(c, &n);
    if (n != HTTPA_CCA_REMS) {
        httpa_cbor_fail(&items, HTTPA_ERR_RANGE);
    }
    for (size_t i = 0; i < HTTPA_CCA_REMS; i++) {
        r->rem[i] = read_digest(&items);
    }
    enum httpa_err err = httpa_cbor_end(&items);
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
}

static const struct claim realm_claims[] = {
    { 10, realm_challenge, false },
    { 265, realm_profile, true },
    { 44235, realm_personalization, false },
    { 44236, realm_hash, false },
    { 44237, realm_rak, false },
    { 44238, realm_rim, false },
    { 44239, realm_rems, false },
    { 44240, realm_rak_hash, false },
};

/* ------------------------------------------------------------------ token */

/* {1: alg} and nothing beside it, signed or not. */
static enum httpa_err check_header(const struct httpa_cose_sign1 *cose,
                                   const struct httpa_cca_alg **ret_alg)
{
    uint8_t room[8];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    size_t i = 0;
    while (i < COUNT(algs) && algs[i].cose != cose->alg) {
        i++;
    }
    if (i == COUNT(algs) || cose->open_n > 0 || cose->detached) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    httpa_cose_put_protected(&b, cose->alg);
    if (!httpa_slice_equal(httpa_buf_slice(&b), cose->protected_header)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    *ret_alg = &algs[i];
    return cose->signature.n == 2 * algs[i].width ? HTTPA_OK : HTTPA_ERR_RANGE;
}

/* One of the two: COSE_Sign1 around a map of claims. */
static enum httpa_err read_signed(struct httpa_slice in,
                                  const struct claim *rows, size_t count,
                                  struct httpa_cose_sign1 *cose,
                                  const struct httpa_cca_alg **ret_alg,
                                  void *to)
{
    enum httpa_err err = httpa_cose_sign1_read(in, HTTPA_COSE_TAGGED, cose);
    if (err == HTTPA_OK) {
        err = check_header(cose, ret_alg);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_cbor c = httpa_cbor_of(cose->payload, 0);
    read_claims(&c, rows, count, to);
    return httpa_cbor_end(&c);
}

/* What a record of RFC 9999 says of itself; nobody signs it. */
static void read_type(struct httpa_cbor *c)
{
    bool number = httpa_cbor_peek(c) == HTTPA_CBOR_UINT;
    bool known = number ? httpa_cbor_uint(c) == CONTENT_FORMAT_CWT
                        : httpa_slice_is(httpa_cbor_text(c), MEDIA_TYPE_CWT);
    if (!known) {
        httpa_cbor_fail(c, HTTPA_ERR_UNSUPPORTED);
    }
}

/* The bytes of a token: as they are, or in a record [type, bytes]. */
static struct httpa_slice read_token(struct httpa_cbor *c)
{
    if (httpa_cbor_peek(c) != HTTPA_CBOR_ARRAY) {
        return httpa_cbor_bytes(c);
    }
    struct httpa_cbor items = httpa_cbor_array(c, NULL);
    read_type(&items);
    struct httpa_slice token = httpa_cbor_bytes(&items);
    enum httpa_err err = httpa_cbor_end(&items);
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
    return token;
}

struct collection {
    struct httpa_slice platform;
    struct httpa_slice realm;
};

static void collection_platform(struct httpa_cbor *c, void *to)
{
    ((struct collection *)to)->platform = read_token(c);
}

static void collection_realm(struct httpa_cbor *c, void *to)
{
    ((struct collection *)to)->realm = read_token(c);
}

static const struct claim collection_claims[] = {
    { KEY_PLATFORM, collection_platform, false },
    { KEY_REALM, collection_realm, false },
};

static enum httpa_err
read_collection(struct httpa_slice in, struct collection *ret_both)
{
    struct httpa_cbor c = httpa_cbor_of(in, 0);
    if (httpa_cbor_tag(&c) != TAG_COLLECTION) {
        httpa_cbor_fail(&c, HTTPA_ERR_UNSUPPORTED);
    }
    read_claims(&c, collection_claims, COUNT(collection_claims), ret_both);
    return httpa_cbor_end(&c);
}

enum httpa_err httpa_cca_read(struct httpa_slice in,
                              struct httpa_cca *ret_token)
{
    struct httpa_cca t = { 0 };
    struct collection both = { 0 };
    if (in.n > HTTPA_CCA_MAX) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = read_collection(in, &both);
    if (err == HTTPA_OK) {
        err = read_signed(both.realm, realm_claims, COUNT(realm_claims),
                          &t.realm.cose, &t.realm.alg, &t.realm);
    }
    if (err == HTTPA_OK) {
        err = read_signed(both.platform, platform_claims,
                          COUNT(platform_claims), &t.platform.cose,
                          &t.platform.alg, &t.platform);
    }
    if (err == HTTPA_OK) {
        *ret_token = t;
    }
    return err;
}

/* ---------------------------------------------------------------- lifecycle */

/* Arm's RMM specification, A7.2.3.2.6: 256 values each. */
static const char *const lifecycles[] = {
    [0x00] = "unknown",
    [0x10] = "assembly_and_test",
    [0x20] = "cca_platform_rot_provisioning",
    [0x30] = "secured",
    [0x40] = "non_cca_platform_rot_debug",
    [0x50] = "recoverable_cca_platform_rot_debug",
    [0x60] = "decommissioned",
};

const char *httpa_cca_lifecycle(uint16_t v)
{
    size_t i = v >> 8;
    return i < COUNT(lifecycles) && lifecycles[i] != NULL ? lifecycles[i]
                                                          : lifecycles[0];
}
