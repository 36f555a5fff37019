/*
 * Crypto handles that cross the API: the library's algorithms, a source of
 * randomness, private keys of ours.
 *
 * A struct httpa_crypto holds every algorithm that a message needs, fetched
 * once from OpenSSL, because an implicit fetch costs more than a small
 * message.  It never changes and may be shared by threads; make one at the
 * start of the program and free it after everything that was made with it.
 *
 * Randomness is an argument wherever it is used, so that a test can repeat an
 * exchange to the byte; programs pass httpa_random_system().
 *
 * HTTPA_ERR_CRYPTO (the crypto library failed on valid input) and
 * HTTPA_ERR_MEMORY may come from any of these functions.
 */
#ifndef HTTPA_CRYPTO_H
#define HTTPA_CRYPTO_H

#include <httpa/slice.h>

struct httpa_crypto;

/* Fetches everything.  HTTPA_ERR_UNSUPPORTED: the library's configuration
 * lacks an algorithm that every peer must have. */
HTTPA_MUST_USE enum httpa_err
httpa_crypto_new(struct httpa_crypto **ret_crypto);

void httpa_crypto_free(struct httpa_crypto *crypto);

/* The SHA-256 of |in|: what pins and configuration digests are made of. */
HTTPA_MUST_USE enum httpa_err
httpa_crypto_sha256(const struct httpa_crypto *crypto, struct httpa_slice in,
                    uint8_t ret_digest[32]);

struct httpa_random {
    /* Writes |n| random bytes to |p|; any error means none may be used. */
    enum httpa_err (*fill)(void *ctx, uint8_t *p, size_t n);
    void *ctx;
};

/* OpenSSL's generator, seeded by the system; safe in threads. */
struct httpa_random httpa_random_system(void);

/*
 * Signing keys.  Four kinds and no others: Ed25519, P-256, P-384, and RSA of
 * 2048 to 8192 bits.  Evidence may be signed with P-521 as well, which has no
 * name in the protocol: there are public keys of it, and no private ones.
 */
enum httpa_key_kind {
    HTTPA_KEY_ED25519,
    HTTPA_KEY_P256,
    HTTPA_KEY_P384,
    HTTPA_KEY_RSA,
    HTTPA_KEY_P521
};

#define HTTPA_KEY_PEM_MAX 16384 /* bytes: PKCS #8 of RSA-8192, and some air */

struct httpa_key; /* private, with its public half */

/* A new private key from OpenSSL's generator; RSA gets 3072 bits.
 * HTTPA_ERR_UNSUPPORTED: P-521. */
HTTPA_MUST_USE enum httpa_err
httpa_key_generate(const struct httpa_crypto *crypto, enum httpa_key_kind kind,
                   struct httpa_key **ret_key);

/* Reads an unencrypted private key in PEM (PKCS #8, or the older SEC 1 and
 * PKCS #1).  Never asks for a passphrase.
 *   HTTPA_ERR_MALFORMED    not such a key, or encrypted
 *   HTTPA_ERR_UNSUPPORTED  a kind, curve or size that is not used here
 *   HTTPA_ERR_RANGE        longer than HTTPA_KEY_PEM_MAX */
HTTPA_MUST_USE enum httpa_err
httpa_key_read_pem(const struct httpa_crypto *crypto, struct httpa_slice pem,
                   struct httpa_key **ret_key);

/* Appends the private key as unencrypted PKCS #8 PEM: a secret.
 * HTTPA_ERR_SPACE: |out| is full. */
HTTPA_MUST_USE enum httpa_err httpa_key_write_pem(const struct httpa_key *key,
                                                  struct httpa_buf *out);

enum httpa_key_kind httpa_key_kind_of(const struct httpa_key *key);

/* SubjectPublicKeyInfo in DER, borrowed from the key. */
struct httpa_slice httpa_key_spki(const struct httpa_key *key);

void httpa_key_free(struct httpa_key *key); /* wipes */

#endif
