/*
 * What the tests of this folder share: tokens under keys of this run.  A fake
 * of the platform and of the realm: it signs whatever a test says.
 */
#ifndef HTTPA_TEST_CCA_TOKEN_H
#define HTTPA_TEST_CCA_TOKEN_H

#include <stdlib.h>

#include "../support.h"
#include "codec/cbor_write.h"
#include "codec/pem.h"
#include "crypto/openssl.h"
#include "evidence/cca/cca.h"

#define OLD_PLATFORM "http://arm.com/CCA-SSD/1.0.0"
#define NEW_PLATFORM "tag:arm.com,2023:cca_platform#1.0.0"
#define NEW_REALM "tag:arm.com,2023:realm#1.0.0"

static struct httpa_key *rak, *rak2, *rak256, *rak512;
static struct httpa_key *cpak, *cpak2, *cpak256, *cpak512;
static uint8_t token_rd[HTTPA_RD_LEN];

/* The program has no private keys of P-521: by hand. */
static inline struct httpa_key *make_512(void)
{
    struct httpa_key *key = calloc(1, sizeof(*key));
    unsigned char *at = key->spki;
    key->kind = HTTPA_KEY_P521;
    key->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521");
    assert_non_null(key->pkey);
    key->spki_n = (size_t)i2d_PUBKEY(key->pkey, &at);
    return key;
}

static inline int open_keys(void **state)
{
    struct httpa_key **keys[] = { &rak, &rak2, &cpak, &cpak2 };
    if (open_crypto(state) != 0) {
        return -1;
    }
    for (size_t i = 0; i < COUNT(keys); i++) {
        assert_ok(httpa_key_generate(crypto, HTTPA_KEY_P384, keys[i]));
    }
    assert_ok(httpa_key_generate(crypto, HTTPA_KEY_P256, &rak256));
    assert_ok(httpa_key_generate(crypto, HTTPA_KEY_P256, &cpak256));
    rak512 = make_512();
    cpak512 = make_512();
    memset(token_rd, 0x5a, sizeof(token_rd));
    return 0;
}

static inline int close_keys(void **state)
{
    httpa_key_free(rak);
    httpa_key_free(rak2);
    httpa_key_free(rak256);
    httpa_key_free(rak512);
    httpa_key_free(cpak);
    httpa_key_free(cpak2);
    httpa_key_free(cpak256);
    httpa_key_free(cpak512);
    return close_crypto(state);
}

/* A component of |type|; |signer| and |measurement| are 32 bytes alike. */
struct part {
    const char *type;
    const char *version;
    uint8_t measurement;
    uint8_t signer;
};

/* A claim that is not as the good token has it. */
struct change {
    int64_t key;     /* 0: none; a key that is not there is one more */
    const char *hex; /* the item; NULL: left out */
};

struct token {
    const struct httpa_key *rak;    /* in the claim */
    const struct httpa_key *signer; /* of the realm token; NULL: |rak| */
    const struct httpa_key *cpak;
    bool cose_key; /* the form of the RAK claim */
    bool records;  /* each token in a record */
    const char *platform_profile;
    const char *realm_profile; /* NULL: none */
    const char *rak_hash;
    enum httpa_hash_id rak_hash_id;
    struct httpa_slice challenge;
    struct httpa_slice bound; /* n is 0: the RAK claim; else what is hashed */
    uint16_t lifecycle;
    uint8_t implementation; /* 32 of these */
    struct part parts[3];
    struct change platform;
    struct change realm;
    int64_t platform_alg; /* 0: that of the key */
};

static inline struct token good_token(void)
{
    return (struct token){
        .rak = rak,
        .cpak = cpak,
        .platform_profile = OLD_PLATFORM,
        .rak_hash = "sha-256",
        .rak_hash_id = HTTPA_SHA256,
        .challenge = httpa_slice_of(token_rd, sizeof(token_rd)),
        .lifecycle = 0x3003,
        .implementation = 0x1a,
        .parts = { { "RMM", "1.2.0", 0x11, 0xee },
                   { "BL2", NULL, 0x22, 0xee } },
    };
}

/* The newer profiles and forms, other algorithms. */
static inline struct token new_token(void)
{
    struct token t = good_token();
    t.cpak = cpak256;
    t.cose_key = true;
    t.records = true;
    t.platform_profile = NEW_PLATFORM;
    t.realm_profile = NEW_REALM;
    t.rak_hash = "sha-512";
    t.rak_hash_id = HTTPA_SHA512;
    return t;
}

/* Of the largest curve. */
static inline struct token large_token(void)
{
    struct token t = new_token();
    t.rak = rak512;
    t.cpak = cpak512;
    return t;
}

/* ----------------------------------------------------------------- claims */

static inline void put_fill(struct httpa_buf *b, uint8_t byte, size_t n)
{
    httpa_cbor_put_bytes_head(b, n);
    for (size_t i = 0; i < n; i++) {
        httpa_buf_put_byte(b, byte);
    }
}

/* What a key's curve decides. */
struct curve {
    enum httpa_key_kind kind;
    size_t point; /* bytes */
    uint64_t cose;
    int64_t alg;
    enum httpa_scheme scheme;
};

static inline struct curve curve_of(const struct httpa_key *key)
{
    static const struct curve curves[] = {
        { HTTPA_KEY_P256, 65, 1, HTTPA_COSE_ES256, HTTPA_SIGN_ES256 },
        { HTTPA_KEY_P384, 97, 2, HTTPA_COSE_ES384, HTTPA_SIGN_ES384 },
        { HTTPA_KEY_P521, 133, 3, HTTPA_COSE_ES512, HTTPA_SIGN_ES512 },
    };
    size_t i = 0;
    while (curves[i].kind != httpa_key_kind_of(key)) {
        i++;
    }
    return curves[i];
}

/* 0x04 || x || y: the end of the SPKI. */
static inline struct httpa_slice point_of(const struct httpa_key *key)
{
    struct httpa_slice spki = httpa_key_spki(key);
    size_t n = curve_of(key).point;
    return httpa_slice_of(spki.p + spki.n - n, n);
}

static inline struct httpa_buf make_rak(const struct token *t)
{
    struct httpa_buf b = httpa_buf_growing(256);
    struct httpa_slice p = point_of(t->rak);
    size_t width = p.n / 2;
    if (!t->cose_key) {
        httpa_buf_put_slice(&b, p);
        return b;
    }
    httpa_cbor_put_map(&b, 4);
    httpa_cbor_put_uint(&b, 1);
    httpa_cbor_put_uint(&b, 2);
    httpa_cbor_put_int(&b, -1);
    httpa_cbor_put_uint(&b, curve_of(t->rak).cose);
    httpa_cbor_put_int(&b, -2);
    httpa_cbor_put_bytes(&b, httpa_slice_of(p.p + 1, width));
    httpa_cbor_put_int(&b, -3);
    httpa_cbor_put_bytes(&b, httpa_slice_of(p.p + 1 + width, width));
    return b;
}

static inline void put_parts(struct httpa_buf *b, const struct token *t)
{
    size_t n = 0;
    while (n < COUNT(t->parts) && t->parts[n].measurement != 0) {
        n++;
    }
    httpa_cbor_put_array(b, n);
    for (size_t i = 0; i < n; i++) {
        const struct part *p = &t->parts[i];
        httpa_cbor_put_map(b, 2u + (p->type != NULL) + (p->version != NULL));
        if (p->type != NULL) {
            httpa_cbor_put_uint(b, 1);
            httpa_cbor_put_str(b, p->type);
        }
        httpa_cbor_put_uint(b, 2);
        put_fill(b, p->measurement, 32);
        if (p->version != NULL) {
            httpa_cbor_put_uint(b, 4);
            httpa_cbor_put_str(b, p->version);
        }
        httpa_cbor_put_uint(b, 5);
        put_fill(b, p->signer, 32);
    }
}

static inline void put_challenge(struct httpa_buf *b, const struct token *t)
{
    struct httpa_digest digest;
    struct httpa_buf claim = make_rak(t);
    assert_ok(httpa_hash_once(crypto, t->rak_hash_id,
                              t->bound.n > 0 ? t->bound
                                             : httpa_buf_slice(&claim),
                              &digest));
    httpa_cbor_put_bytes(b, httpa_digest_slice(&digest));
    httpa_buf_done(&claim);
}

static inline void put_rak(struct httpa_buf *b, const struct token *t)
{
    struct httpa_buf claim = make_rak(t);
    httpa_cbor_put_bytes(b, httpa_buf_slice(&claim));
    httpa_buf_done(&claim);
}

static inline void put_platform_claim(struct httpa_buf *b,
                                      const struct token *t, int64_t key)
{
    uint8_t instance[33] = { 1, 0x77 };
    switch (key) {
    case 10:
        put_challenge(b, t);
        break;
    case 256:
        httpa_cbor_put_bytes(b, httpa_slice_of(instance, sizeof(instance)));
        break;
    case 265:
        httpa_cbor_put_str(b, t->platform_profile);
        break;
    case 2395:
        httpa_cbor_put_uint(b, t->lifecycle);
        break;
    case 2396:
        put_fill(b, t->implementation, 32);
        break;
    case 2399:
        put_parts(b, t);
        break;
    case 2400:
        httpa_cbor_put_str(b, "https://a.example");
        break;
    case 2401:
        put_fill(b, 0xcf, 4);
        break;
    default:
        httpa_cbor_put_str(b, "sha-256");
    }
}

static inline void put_realm_claim(struct httpa_buf *b, const struct token *t,
                                   int64_t key)
{
    switch (key) {
    case 10:
        httpa_cbor_put_bytes(b, t->challenge);
        break;
    case 265:
        httpa_cbor_put_str(b, t->realm_profile);
        break;
    case 44235:
        put_fill(b, 0x99, 64);
        break;
    case 44237:
        put_rak(b, t);
        break;
    case 44238:
        put_fill(b, 0xaa, 32);
        break;
    case 44239:
        httpa_cbor_put_array(b, 4);
        for (uint8_t i = 0; i < 4; i++) {
            put_fill(b, (uint8_t)(0xb0 + i), 32);
        }
        break;
    default:
        httpa_cbor_put_str(b, key == 44240 ? t->rak_hash : "sha-256");
    }
}

typedef void (*put_claim_fn)(struct httpa_buf *b, const struct token *t,
                             int64_t key);

/* The claims |keys|, one of them changed or left out, or one more. */
static inline void put_claims(struct httpa_buf *b, const struct token *t,
                              const int64_t *keys, size_t count,
                              const struct change *c, put_claim_fn put)
{
    uint8_t bytes[512];
    size_t at = 0;
    while (at < count && keys[at] != c->key) {
        at++;
    }
    bool more = c->key != 0 && at == count;
    bool less = at < count && c->hex == NULL;
    httpa_cbor_put_map(b, count + more - less);
    for (size_t i = 0; i < count + more; i++) {
        if (i == at && less) {
            continue;
        }
        httpa_cbor_put_int(b, i < count ? keys[i] : c->key);
        if (i == at) {
            httpa_buf_put(b, bytes, unhex(c->hex, bytes, sizeof(bytes)));
        } else {
            put(b, t, keys[i]);
        }
    }
    assert_ok(httpa_buf_check(b));
}

/* ------------------------------------------------------------------ tokens */

/* |payload| as COSE_Sign1 in a byte string, perhaps in a record. */
static inline void put_signed(struct httpa_buf *out, struct httpa_slice payload,
                              const struct httpa_key *key, int64_t alg,
                              bool record)
{
    uint8_t head[8], sig[HTTPA_SIGNATURE_MAX];
    struct httpa_buf header = httpa_buf_fixed(head, sizeof(head));
    struct httpa_buf signature = httpa_buf_fixed(sig, sizeof(sig));
    struct httpa_buf tbs = httpa_buf_growing(HTTPA_CCA_MAX);
    struct httpa_buf cose = httpa_buf_growing(HTTPA_CCA_MAX);
    struct curve curve = curve_of(key);
    httpa_cose_put_protected(&header, alg != 0 ? alg : curve.alg);
    struct httpa_cose_sign1 m = { .protected_header = httpa_buf_slice(&header),
                                  .payload = payload };
    httpa_cose_put_signed(&tbs, &m, (struct httpa_slice){ 0 }, payload);
    assert_ok(httpa_sign(crypto, key, curve.scheme, httpa_buf_slice(&tbs),
                         &signature));
    m.signature = httpa_buf_slice(&signature);
    httpa_cose_sign1_write(&cose, HTTPA_COSE_TAGGED, &m);
    if (record) {
        httpa_cbor_put_array(out, 2);
        httpa_cbor_put_uint(out, 263);
    }
    httpa_cbor_put_bytes(out, httpa_buf_slice(&cose));
    httpa_buf_done(&cose);
    httpa_buf_done(&tbs);
}

static const int64_t platform_keys[] = { 265,  10,   2396, 256, 2401,
                                         2395, 2402, 2400, 2399 };
/* the profile is last, and may be left out */
static const int64_t realm_keys[] = { 10,    44235, 44237, 44236,
                                      44240, 44238, 44239, 265 };

/* A growing buffer with the token; httpa_buf_done it. */
static inline struct httpa_buf make_token(const struct token *t)
{
    struct httpa_buf platform = httpa_buf_growing(HTTPA_CCA_MAX);
    struct httpa_buf realm = httpa_buf_growing(HTTPA_CCA_MAX);
    struct httpa_buf out = httpa_buf_growing(2 * HTTPA_CCA_MAX);
    put_claims(&platform, t, platform_keys, COUNT(platform_keys), &t->platform,
               put_platform_claim);
    put_claims(&realm, t, realm_keys,
               COUNT(realm_keys) - (t->realm_profile == NULL), &t->realm,
               put_realm_claim);
    httpa_cbor_put_tag(&out, 399);
    httpa_cbor_put_map(&out, 2);
    httpa_cbor_put_uint(&out, 44234);
    put_signed(&out, httpa_buf_slice(&platform), t->cpak, t->platform_alg,
               t->records);
    httpa_cbor_put_uint(&out, 44241);
    put_signed(&out, httpa_buf_slice(&realm),
               t->signer != NULL ? t->signer : t->rak, 0, t->records);
    assert_ok(httpa_buf_check(&out));
    httpa_buf_done(&platform);
    httpa_buf_done(&realm);
    return out;
}

/* --------------------------------------------------------------- verifying */

/* CPAKs at hand, as PEM. */
struct candidates {
    struct httpa_buf pem[3];
    struct httpa_endorsement v[3];
    size_t n;
};

static inline void add_candidate(struct candidates *c,
                                 const struct httpa_key *key)
{
    struct httpa_buf *b = &c->pem[c->n];
    *b = httpa_buf_growing(1024);
    httpa_pem_write(b, "PUBLIC KEY", httpa_key_spki(key));
    c->v[c->n++] = (struct httpa_endorsement){
        httpa_slice_str(HTTPA_ENDORSEMENT_CPAK), httpa_buf_slice(b)
    };
}

static inline void free_candidates(struct candidates *c)
{
    for (size_t i = 0; i < c->n; i++) {
        httpa_buf_done(&c->pem[i]);
    }
}

/* The first check that is open or failed; "" for none. */
static inline const char *first_open(const struct httpa_verdict *v)
{
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (c->outcome == HTTPA_OUTCOME_FAIL ||
            c->outcome == HTTPA_OUTCOME_UNKNOWN) {
            return c->id;
        }
    }
    return "";
}

#endif
