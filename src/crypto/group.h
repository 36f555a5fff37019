/*
 * Key exchange (doc/protocol.md, "Groups").
 *
 * Shares are the key_exchange bytes of a TLS 1.3 KeyShareEntry: RFC 8446
 * 4.2.8.2 for the curves (secp*: uncompressed point, Z is x), and
 * draft-ietf-tls-ecdhe-mlkem for X25519MLKEM768 (client: encapsulation key
 * then X25519, server: ciphertext then X25519, Z: ML-KEM then X25519).
 *
 *   client   httpa_kex_offer -> share goes out, share comes in ->
 *            httpa_kex_finish -> Z
 *   server   httpa_kex_answer: client's share in, own share and Z out
 *
 * Refused, as RFC 8446 7.4.2 and RFC 7748 6.1 ask: wrong lengths, compressed
 * points, points off the curve, all-zero X25519 results, encapsulation keys
 * that fail the modulus check.
 *
 * X25519 takes its private key from the given random source; the other
 * groups from OpenSSL's generator, which cannot be given one.
 */
#ifndef HTTPA_CRYPTO_GROUP_H
#define HTTPA_CRYPTO_GROUP_H

#include <httpa/slice.h>

#include "crypto/crypto.h"
#include "crypto/random.h"

enum httpa_group_id {
    HTTPA_X25519MLKEM768,
    HTTPA_X25519,
    HTTPA_SECP256R1,
    HTTPA_SECP384R1
};

#define HTTPA_GROUP_COUNT 4
#define HTTPA_SHARE_MAX 1216 /* bytes: client share of X25519MLKEM768 */
#define HTTPA_Z_MAX 64       /* bytes: Z of X25519MLKEM768 */

struct httpa_group {
    enum httpa_group_id id;
    const char *name;    /* the Token of Attest-Supported-Groups */
    size_t client_share; /* bytes */
    size_t server_share; /* bytes */
    size_t z;            /* bytes */
};

/* A private key that waits for the peer's share. */
struct httpa_kex {
    const struct httpa_group *group;
    void *key; /* NULL: done */
};

/* The shared secret Z.  Whoever holds one wipes it. */
struct httpa_z {
    size_t n;
    uint8_t bytes[HTTPA_Z_MAX];
};

/* The group called |name| (case sensitive), or NULL; known does not mean
 * available. */
const struct httpa_group *httpa_group_find(struct httpa_slice name);

/* The |i|-th group in our order of preference; NULL past the last. */
const struct httpa_group *httpa_group_at(size_t i);

/* Whether the library in use can do |group|. */
bool httpa_group_available(const struct httpa_crypto *crypto,
                           const struct httpa_group *group);

/* Client: makes a private key and appends its share to |share|.
 * HTTPA_ERR_UNSUPPORTED: not available.  HTTPA_ERR_SPACE: |share| is full. */
HTTPA_MUST_USE enum httpa_err httpa_kex_offer(const struct httpa_crypto *crypto,
                                              const struct httpa_random *rng,
                                              const struct httpa_group *group,
                                              struct httpa_buf *share,
                                              struct httpa_kex *ret_kex);

/* Client: Z from the server's share.  HTTPA_ERR_KEY: the share is refused
 * (see above).  HTTPA_ERR_USAGE: |kex| is done. */
HTTPA_MUST_USE enum httpa_err
httpa_kex_finish(const struct httpa_crypto *crypto, const struct httpa_kex *kex,
                 struct httpa_slice peer, struct httpa_z *ret_z);

/* Server: Z from the client's share |peer|, and the own share appended to
 * |share|.  Errors as httpa_kex_offer and httpa_kex_finish. */
HTTPA_MUST_USE enum httpa_err
httpa_kex_answer(const struct httpa_crypto *crypto,
                 const struct httpa_random *rng,
                 const struct httpa_group *group, struct httpa_slice peer,
                 struct httpa_buf *share, struct httpa_z *ret_z);

/* Wipes and frees. */
void httpa_kex_done(struct httpa_kex *kex);

struct httpa_slice httpa_z_slice(const struct httpa_z *z);
void httpa_z_done(struct httpa_z *z); /* wipes */

#endif
