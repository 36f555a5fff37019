#include "crypto/group.h"

#include <string.h>

#include <openssl/core_names.h>

#include "base/secret.h"
#include "crypto/openssl.h"

/* RFC 7748: a scalar and a coordinate are 32 bytes. */
#define X25519_SIZE 32u

static const struct httpa_group groups[HTTPA_GROUP_COUNT] = {
    { HTTPA_X25519MLKEM768, "X25519MLKEM768", 1216, 1120, 64 },
    { HTTPA_X25519, "x25519", 32, 32, 32 },
    { HTTPA_SECP256R1, "secp256r1", 65, 65, 32 },
    { HTTPA_SECP384R1, "secp384r1", 97, 97, 48 },
};

const struct httpa_group *httpa_group_find(struct httpa_slice name)
{
    for (size_t i = 0; i < HTTPA_GROUP_COUNT; i++) {
        if (httpa_slice_is(name, groups[i].name)) {
            return &groups[i];
        }
    }
    return NULL;
}

const struct httpa_group *httpa_group_at(size_t i)
{
    return i < HTTPA_GROUP_COUNT ? &groups[i] : NULL;
}

bool httpa_group_available(const struct httpa_crypto *crypto,
                           const struct httpa_group *group)
{
    return crypto->group[group->id];
}

/* Groups that OpenSSL knows as a curve of its type "EC"; the others are types
 * of their own, called as the group is. */
static const char *const curves[HTTPA_GROUP_COUNT] = {
    [HTTPA_SECP256R1] = "P-256",
    [HTTPA_SECP384R1] = "P-384",
};

static EVP_PKEY_CTX *new_context(OSSL_LIB_CTX *lib,
                                 const struct httpa_group *group)
{
    const char *type = curves[group->id] != NULL ? "EC" : group->name;
    return EVP_PKEY_CTX_new_from_name(lib, type, NULL);
}

bool httpa_group_probe(OSSL_LIB_CTX *lib, enum httpa_group_id id)
{
    EVP_PKEY_CTX *ctx = new_context(lib, &groups[id]);
    EVP_PKEY_CTX_free(ctx);
    return ctx != NULL;
}

/* ---- private keys ---- */

static enum httpa_err generate_x25519(const struct httpa_crypto *crypto,
                                      const struct httpa_random *rng,
                                      EVP_PKEY **ret_key)
{
    uint8_t scalar[X25519_SIZE];
    enum httpa_err err = httpa_random_fill(rng, scalar, sizeof(scalar));
    if (err == HTTPA_OK) {
        EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(
            crypto->lib, "X25519", NULL, scalar, sizeof(scalar));
        if (key == NULL) {
            err = httpa_crypto_fail(HTTPA_ERR_CRYPTO);
        } else {
            *ret_key = key;
        }
    }
    httpa_wipe(scalar, sizeof(scalar));
    return err;
}

static EVP_PKEY *generate_by_library(const struct httpa_crypto *crypto,
                                     const struct httpa_group *group)
{
    const char *curve = curves[group->id];
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = new_context(crypto->lib, group);
    if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
        (curve != NULL && EVP_PKEY_CTX_set_group_name(ctx, curve) != 1) ||
        EVP_PKEY_generate(ctx, &key) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static enum httpa_err generate(const struct httpa_crypto *crypto,
                               const struct httpa_random *rng,
                               const struct httpa_group *group,
                               EVP_PKEY **ret_key)
{
    if (!httpa_group_available(crypto, group)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (group->id == HTTPA_X25519) {
        return generate_x25519(crypto, rng, ret_key);
    }
    EVP_PKEY *key = generate_by_library(crypto, group);
    if (key == NULL) {
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    *ret_key = key;
    return HTTPA_OK;
}

/* ---- shares ---- */

static enum httpa_err put_share(EVP_PKEY *key, size_t size,
                                struct httpa_buf *share)
{
    unsigned char *bytes = NULL;
    size_t n = EVP_PKEY_get1_encoded_public_key(key, &bytes);
    if (n != size) {
        OPENSSL_free(bytes);
        return httpa_crypto_fail(HTTPA_ERR_CRYPTO);
    }
    httpa_buf_put(share, bytes, n);
    OPENSSL_free(bytes);
    return httpa_buf_check(share);
}

/* The peer's share as a key with the parameters of |own|, or of |group| where
 * there is no own key yet. */
static EVP_PKEY *read_share(const struct httpa_crypto *crypto,
                            const struct httpa_group *group, EVP_PKEY *own,
                            struct httpa_slice share)
{
    if (group->id == HTTPA_X25519 || group->id == HTTPA_X25519MLKEM768) {
        return EVP_PKEY_new_raw_public_key_ex(crypto->lib, group->name, NULL,
                                              share.p, share.n);
    }
    if (share.p[0] != 4) { /* uncompressed: RFC 8446 4.2.8.2 */
        return NULL;
    }
    EVP_PKEY *peer = EVP_PKEY_new();
    if (peer == NULL || EVP_PKEY_copy_parameters(peer, own) != 1 ||
        EVP_PKEY_set1_encoded_public_key(peer, share.p, share.n) != 1) {
        EVP_PKEY_free(peer);
        return NULL;
    }
    return peer;
}

/* ---- Z ---- */

/* RFC 7748 6.1: all zeros means a point of small order. */
static bool is_contributory(const struct httpa_group *group,
                            const struct httpa_z *z)
{
    static const uint8_t zeros[X25519_SIZE];
    return group->id != HTTPA_X25519 ||
           !httpa_ct_equal(z->bytes, zeros, sizeof(zeros));
}

static enum httpa_err derive(const struct httpa_crypto *crypto,
                             const struct httpa_group *group, EVP_PKEY *own,
                             struct httpa_slice peer, struct httpa_z *ret_z)
{
    EVP_PKEY *peer_key = read_share(crypto, group, own, peer);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto->lib, own, NULL);
    struct httpa_z z = { .n = HTTPA_Z_MAX };
    enum httpa_err err = HTTPA_ERR_KEY;
    if (peer_key != NULL && ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
        EVP_PKEY_derive_set_peer(ctx, peer_key) == 1 &&
        EVP_PKEY_derive(ctx, z.bytes, &z.n) == 1 && z.n == group->z &&
        is_contributory(group, &z)) {
        *ret_z = z;
        err = HTTPA_OK;
    }
    httpa_z_done(&z);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer_key);
    return err == HTTPA_OK ? err : httpa_crypto_fail(err);
}

static enum httpa_err decapsulate(const struct httpa_crypto *crypto,
                                  const struct httpa_group *group,
                                  EVP_PKEY *own, struct httpa_slice peer,
                                  struct httpa_z *ret_z)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto->lib, own, NULL);
    struct httpa_z z = { .n = HTTPA_Z_MAX };
    enum httpa_err err = HTTPA_ERR_KEY;
    if (ctx != NULL && EVP_PKEY_decapsulate_init(ctx, NULL) == 1 &&
        EVP_PKEY_decapsulate(ctx, z.bytes, &z.n, peer.p, peer.n) == 1 &&
        z.n == group->z) {
        *ret_z = z;
        err = HTTPA_OK;
    }
    httpa_z_done(&z);
    EVP_PKEY_CTX_free(ctx);
    return err == HTTPA_OK ? err : httpa_crypto_fail(err);
}

static enum httpa_err encapsulate(const struct httpa_crypto *crypto,
                                  const struct httpa_group *group,
                                  struct httpa_slice peer,
                                  struct httpa_buf *share,
                                  struct httpa_z *ret_z)
{
    EVP_PKEY *peer_key = read_share(crypto, group, NULL, peer);
    EVP_PKEY_CTX *ctx =
        peer_key != NULL
            ? EVP_PKEY_CTX_new_from_pkey(crypto->lib, peer_key, NULL)
            : NULL;
    struct httpa_z z = { .n = HTTPA_Z_MAX };
    uint8_t wrapped[HTTPA_SHARE_MAX];
    size_t wrapped_n = sizeof(wrapped);
    enum httpa_err err = HTTPA_ERR_KEY;
    if (ctx != NULL && EVP_PKEY_encapsulate_init(ctx, NULL) == 1 &&
        EVP_PKEY_encapsulate(ctx, wrapped, &wrapped_n, z.bytes, &z.n) == 1 &&
        wrapped_n == group->server_share && z.n == group->z) {
        httpa_buf_put(share, wrapped, wrapped_n);
        err = httpa_buf_check(share);
    }
    if (err == HTTPA_OK) {
        *ret_z = z;
    }
    httpa_z_done(&z);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer_key);
    return err == HTTPA_OK ? err : httpa_crypto_fail(err);
}

/* ---- the exchange ---- */

enum httpa_err httpa_kex_offer(const struct httpa_crypto *crypto,
                               const struct httpa_random *rng,
                               const struct httpa_group *group,
                               struct httpa_buf *share,
                               struct httpa_kex *ret_kex)
{
    EVP_PKEY *key = NULL;
    enum httpa_err err = generate(crypto, rng, group, &key);
    if (err == HTTPA_OK) {
        err = put_share(key, group->client_share, share);
    }
    if (err != HTTPA_OK) {
        EVP_PKEY_free(key);
        return err;
    }
    *ret_kex = (struct httpa_kex){ .group = group, .key = key };
    return HTTPA_OK;
}

enum httpa_err httpa_kex_finish(const struct httpa_crypto *crypto,
                                const struct httpa_kex *kex,
                                struct httpa_slice peer, struct httpa_z *ret_z)
{
    if (kex->key == NULL) {
        return HTTPA_ERR_USAGE;
    }
    if (peer.n != kex->group->server_share) {
        return HTTPA_ERR_KEY;
    }
    return kex->group->id == HTTPA_X25519MLKEM768
               ? decapsulate(crypto, kex->group, kex->key, peer, ret_z)
               : derive(crypto, kex->group, kex->key, peer, ret_z);
}

enum httpa_err httpa_kex_answer(const struct httpa_crypto *crypto,
                                const struct httpa_random *rng,
                                const struct httpa_group *group,
                                struct httpa_slice peer,
                                struct httpa_buf *share, struct httpa_z *ret_z)
{
    if (!httpa_group_available(crypto, group)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (peer.n != group->client_share) {
        return HTTPA_ERR_KEY;
    }
    if (group->id == HTTPA_X25519MLKEM768) {
        return encapsulate(crypto, group, peer, share, ret_z);
    }
    EVP_PKEY *own = NULL;
    struct httpa_z z = { .n = 0 };
    enum httpa_err err = generate(crypto, rng, group, &own);
    if (err == HTTPA_OK) {
        err = derive(crypto, group, own, peer, &z);
    }
    if (err == HTTPA_OK) {
        err = put_share(own, group->server_share, share);
    }
    if (err == HTTPA_OK) {
        *ret_z = z;
    }
    httpa_z_done(&z);
    EVP_PKEY_free(own);
    return err;
}

void httpa_kex_done(struct httpa_kex *kex)
{
    EVP_PKEY_free(kex->key); /* wipes */
    *kex = (struct httpa_kex){ 0 };
}

struct httpa_slice httpa_z_slice(const struct httpa_z *z)
{
    return httpa_slice_of(z->bytes, z->n);
}

void httpa_z_done(struct httpa_z *z)
{
    httpa_wipe(z, sizeof(*z));
}
