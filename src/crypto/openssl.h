/*
 * Inside of the back end: the only header that includes OpenSSL's.
 */
#ifndef HTTPA_CRYPTO_OPENSSL_H
#define HTTPA_CRYPTO_OPENSSL_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/crl.h"
#include "crypto/crypto.h"
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/memo.h"
#include "crypto/suite.h"
#include "crypto/x509.h"

struct httpa_crypto {
    OSSL_LIB_CTX *lib; /* NULL: the default one, see "crypto/crypto.h" */
    EVP_MD *md[HTTPA_HASH_COUNT];
    EVP_MAC *hmac;
    /* Keyed with nothing secret: a copy of one knows its digest, which a
     * fresh context would have to fetch. */
    EVP_MAC_CTX *hmac_model[HTTPA_HASH_COUNT];
    EVP_CIPHER *aead[HTTPA_SUITE_COUNT];
    EVP_CIPHER *cfb_128;
    EVP_CIPHER *cfb_256;
    bool group[HTTPA_GROUP_COUNT];
    struct httpa_memo *memo; /* NULL: nothing is remembered */
};

struct httpa_key {
    EVP_PKEY *pkey;
    enum httpa_key_kind kind;
    size_t spki_n;
    uint8_t spki[HTTPA_SPKI_MAX];
};

struct httpa_pubkey {
    EVP_PKEY *pkey;
    enum httpa_key_kind kind;
    size_t spki_n;
    uint8_t spki[HTTPA_SPKI_MAX];
};

struct httpa_cert {
    size_t users;                  /* httpa_cert_free by the last one frees */
    const struct httpa_memo *memo; /* of the crypto that read it */
    X509 *x509;
    int64_t not_before_s;
    int64_t not_after_s;
    uint8_t *der; /* heap */
    size_t der_n;
    struct httpa_digest sha256; /* of it; with a memo only, else n is 0 */
    uint8_t *spki; /* heap, OpenSSL's */
    size_t spki_n;
    uint8_t *subject; /* heap, OpenSSL's */
    size_t subject_n;
    uint8_t *issuer; /* heap, OpenSSL's */
    size_t issuer_n;
};

struct httpa_crl {
    size_t users;                  /* as of a certificate */
    const struct httpa_memo *memo;
    X509_CRL *x509;
    int64_t this_update_s;
    int64_t next_update_s;
    uint8_t *issuer; /* heap, OpenSSL's */
    size_t issuer_n;
    uint8_t *der; /* heap */
    size_t der_n;
    struct httpa_digest sha256;
};

/* What a memo may know: that |kind| holds of these bytes.  Unused parts are
 * empty. */
enum httpa_fact_kind {
    HTTPA_FACT_CERT,     /* issuer; certificate: digest, or DER */
    HTTPA_FACT_CRL,      /* issuer; list: the same */
    HTTPA_FACT_SIGNATURE /* number of the scheme, SPKI, message, signature */
};

#define HTTPA_FACT_PARTS 4

struct httpa_fact {
    enum httpa_fact_kind kind;
    struct httpa_slice parts[HTTPA_FACT_PARTS];
};

/* A certificate or list in a fact: its digest, where its reader made one. */
static inline struct httpa_slice
httpa_fact_part(const struct httpa_digest *sha256, struct httpa_slice der)
{
    return sha256->n > 0 ? httpa_digest_slice(sha256) : der;
}

/* With a memo of NULL nothing is known, found or kept. */
bool httpa_memo_knows(struct httpa_memo *memo, const struct httpa_fact *fact);
void httpa_memo_learn(struct httpa_memo *memo, const struct httpa_fact *fact);

/* The certificate that was read from |der|, for one more httpa_cert_free;
 * or NULL. */
struct httpa_cert *httpa_memo_find_cert(const struct httpa_memo *memo,
                                        struct httpa_slice der);

/* Keeps one that was read through this memo and is in a chain that verified;
 * any other is left alone. */
void httpa_memo_keep_cert(struct httpa_memo *memo, struct httpa_cert *cert);

struct httpa_crl *httpa_memo_find_crl(const struct httpa_memo *memo,
                                      struct httpa_slice der);
void httpa_memo_keep_crl(struct httpa_memo *memo, struct httpa_crl *crl);

/* The name that OpenSSL knows a hash by. */
const char *httpa_hash_openssl_name(enum httpa_hash_id id);

/* Whether |lib| knows the group at all. */
bool httpa_group_probe(OSSL_LIB_CTX *lib, enum httpa_group_id id);

/* httpa_pubkey_read of a key that OpenSSL has read from |spki| already, with a
 * reference of its own to |pkey|; NULL: it could not. */
enum httpa_err httpa_pubkey_share(const struct httpa_crypto *crypto,
                                  struct httpa_slice spki, EVP_PKEY *pkey,
                                  struct httpa_pubkey **ret_pubkey);

/* Unix seconds; false where |t| is no time. */
bool httpa_x509_time(const ASN1_TIME *t, int64_t *ret_time_s);

/* Empties OpenSSL's error queue on the way out of a failure and passes |err|
 * through (see "crypto/crypto.h"). */
static inline enum httpa_err httpa_crypto_fail(enum httpa_err err)
{
    ERR_clear_error();
    return err;
}

/* HTTPA_OK if |ok| is 1, OpenSSL's success; otherwise fails with |err|. */
HTTPA_MUST_USE static inline enum httpa_err
httpa_crypto_check(int ok, enum httpa_err err)
{
    return ok == 1 ? HTTPA_OK : httpa_crypto_fail(err);
}

#endif
