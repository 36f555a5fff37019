/* Tokens for the tests of this folder: keys of this run, and claims that are
 * right until a row replaces a piece of their text. */
#ifndef HTTPA_TEST_EAR_TOKEN_H
#define HTTPA_TEST_EAR_TOKEN_H

#include "codec/base64.h"
#include "codec/cbor_write.h"
#include "codec/cose.h"
#include "crypto/key.h"
#include "evidence/ear/ear.h"
#include "../support.h"

#define ES256 "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"k1\"}"

/* NOW is 1795203612; @ is the nonce */
#define CLAIMS                                                               \
    "{\"eat_profile\":\"tag:github.com,2023:veraison/ear\","                 \
    "\"iss\":\"https://v.example\",\"iat\":1795203612,\"exp\":1795203912,"   \
    "\"ear.verifier-id\":{\"developer\":\"d\",\"build\":\"b 1\"},"           \
    "\"eat_nonce\":\"@\","                                                   \
    "\"submods\":{\"cpu0\":{\"ear.status\":\"affirming\","                   \
    "\"ear.trustworthiness-vector\":{\"hardware\":2,\"executables\":3,"      \
    "\"configuration\":0},\"other\":[1,{}]},"                                \
    "\"gpu0\":{\"ear.status\":\"affirming\"}}}"

static struct httpa_key *signer; /* P-256 */
static uint8_t token_rd[HTTPA_RD_LEN];

static inline int open_signer(void **state)
{
    memset(token_rd, 0x5a, sizeof(token_rd));
    return open_crypto(state) == 0 &&
                   httpa_key_generate(crypto, HTTPA_KEY_P256, &signer) ==
                       HTTPA_OK
               ? 0
               : -1;
}

static inline int close_signer(void **state)
{
    httpa_key_free(signer);
    return close_crypto(state);
}

/* |text| with the one |from| in it replaced; NULL: as it is. */
static inline void put_replaced(struct httpa_buf *b, struct httpa_slice text,
                                const char *from, const char *to)
{
    size_t n = from != NULL ? strlen(from) : 0, at = 0;
    while (from != NULL && at + n <= text.n &&
           memcmp(text.p + at, from, n) != 0) {
        at++;
    }
    if (from != NULL && at + n > text.n) {
        fail_msg("no %s in the claims", from);
    }
    httpa_buf_put(b, text.p, at);
    httpa_buf_put_str(b, from != NULL ? to : "");
    httpa_buf_put_slice(b, httpa_slice_from(text, at + n));
}

/* CLAIMS with one replacement, and the nonce. */
static inline struct httpa_buf make_claims(const char *from, const char *to)
{
    struct httpa_buf text = httpa_buf_growing(HTTPA_EAR_MAX);
    struct httpa_buf out = httpa_buf_growing(HTTPA_EAR_MAX);
    uint8_t room[HTTPA_EAR_NONCE_TEXT_MAX + 1] = { 0 };
    struct httpa_buf nonce = httpa_buf_fixed(room, sizeof(room) - 1);
    httpa_base64url_write(&nonce, httpa_slice_of(token_rd, HTTPA_RD_LEN));
    put_replaced(&text, httpa_slice_str(CLAIMS), from, to);
    bool has_nonce = memchr(text.p, '@', text.n) != NULL;
    put_replaced(&out, httpa_buf_slice(&text), has_nonce ? "@" : NULL,
                 (const char *)room);
    httpa_buf_done(&text);
    assert_ok(httpa_buf_check(&out));
    return out;
}

static inline struct httpa_buf make_jwt(const char *header,
                                        struct httpa_slice claims,
                                        const struct httpa_key *key,
                                        enum httpa_scheme scheme)
{
    struct httpa_buf b = httpa_buf_growing(2 * HTTPA_EAR_MAX);
    struct httpa_buf sig = httpa_buf_growing(HTTPA_SIGNATURE_MAX);
    httpa_base64url_write(&b, httpa_slice_str(header));
    httpa_buf_put_str(&b, ".");
    httpa_base64url_write(&b, claims);
    assert_ok(httpa_sign(crypto, key, scheme, httpa_buf_slice(&b), &sig));
    httpa_buf_put_str(&b, ".");
    httpa_base64url_write(&b, httpa_buf_slice(&sig));
    httpa_buf_done(&sig);
    assert_ok(httpa_buf_check(&b));
    return b;
}

/* A token of ours with one replacement in its claims. */
static inline struct httpa_buf make_token(const char *from, const char *to)
{
    struct httpa_buf claims = make_claims(from, to);
    struct httpa_buf b =
        make_jwt(ES256, httpa_buf_slice(&claims), signer, HTTPA_SIGN_ES256);
    httpa_buf_done(&claims);
    return b;
}

/* -------------------------------------------------------------------- CWT */

/* What a row may change. */
struct cwt {
    int64_t alg;
    const char *profile;
    int64_t iat_s;
    int64_t status;   /* of cpu0 */
    int64_t hardware; /* its trust claim */
    int64_t category; /* of that claim */
    int64_t extra;    /* a claim key with the value 1; 0: none */
    bool nested;      /* cpu0 has submods */
    size_t nonce_n;
};

static inline struct cwt good_cwt(void)
{
    return (struct cwt){ .alg = HTTPA_COSE_ES256,
                         .profile = "tag:ietf.org,2026:rats/ear#04",
                         .iat_s = NOW,
                         .status = 2,
                         .hardware = 2,
                         .category = 4,
                         .nonce_n = HTTPA_RD_LEN };
}

static inline void put_cwt_submod(struct httpa_buf *b, const struct cwt *t)
{
    httpa_cbor_put_str(b, "cpu0");
    httpa_cbor_put_map(b, t->nested ? 3 : 2);
    if (t->nested) {
        httpa_cbor_put_uint(b, 266);
        httpa_cbor_put_map(b, 0);
    }
    httpa_cbor_put_uint(b, 1000);
    httpa_cbor_put_int(b, t->status);
    httpa_cbor_put_uint(b, 1001);
    httpa_cbor_put_map(b, 1);
    httpa_cbor_put_int(b, t->category);
    httpa_cbor_put_int(b, t->hardware);
}

static inline void put_cwt_claims(struct httpa_buf *b, const struct cwt *t)
{
    httpa_cbor_put_map(b, t->extra != 0 ? 6 : 5);
    httpa_cbor_put_uint(b, 6);
    httpa_cbor_put_int(b, t->iat_s);
    httpa_cbor_put_uint(b, 10);
    httpa_cbor_put_bytes(b, httpa_slice_of(token_rd, t->nonce_n));
    httpa_cbor_put_uint(b, 265);
    httpa_cbor_put_str(b, t->profile);
    httpa_cbor_put_uint(b, 266);
    httpa_cbor_put_map(b, 1);
    put_cwt_submod(b, t);
    httpa_cbor_put_uint(b, 1004);
    httpa_cbor_put_map(b, 2);
    httpa_cbor_put_uint(b, 0);
    httpa_cbor_put_str(b, "d");
    httpa_cbor_put_uint(b, 1);
    httpa_cbor_put_str(b, "b 1");
    if (t->extra != 0) {
        httpa_cbor_put_int(b, t->extra);
        httpa_cbor_put_uint(b, 1);
    }
}

static inline struct httpa_buf make_cwt(const struct cwt *t)
{
    struct httpa_buf payload = httpa_buf_growing(HTTPA_EAR_MAX);
    struct httpa_buf header = httpa_buf_growing(64);
    struct httpa_buf tbs = httpa_buf_growing(HTTPA_EAR_MAX);
    struct httpa_buf sig = httpa_buf_growing(HTTPA_SIGNATURE_MAX);
    struct httpa_buf b = httpa_buf_growing(HTTPA_EAR_MAX);
    put_cwt_claims(&payload, t);
    httpa_cose_put_protected(&header, t->alg);
    struct httpa_cose_sign1 m = { .protected_header = httpa_buf_slice(&header),
                                  .payload = httpa_buf_slice(&payload) };
    httpa_cose_put_signed(&tbs, &m, (struct httpa_slice){ 0 }, m.payload);
    assert_ok(httpa_sign(crypto, signer, HTTPA_SIGN_ES256,
                         httpa_buf_slice(&tbs), &sig));
    m.signature = httpa_buf_slice(&sig);
    httpa_cose_sign1_write(&b, HTTPA_COSE_TAGGED, &m);
    httpa_buf_done(&payload);
    httpa_buf_done(&header);
    httpa_buf_done(&tbs);
    httpa_buf_done(&sig);
    assert_ok(httpa_buf_check(&b));
    return b;
}

/* -------------------------------------------------------------- appraisals */

static struct httpa_ear_policy ear_policy;
static struct httpa_slice ear_keys[2];

static const struct httpa_verifier *const ear_only[] = {
    &httpa_verifier_ear_jwt, &httpa_verifier_ear_cwt
};

/* The fixture with |token| instead of paper, and a policy for it. */
static inline void ear_fixture(struct fixture *f, const char *media_type,
                               struct httpa_slice token)
{
    fixture_init(f);
    memcpy(f->rd, token_rd, sizeof(f->rd));
    f->in.verifiers = ear_only;
    f->in.verifier_count = COUNT(ear_only);
    f->items[0].media_type = httpa_slice_str(media_type);
    f->items[0].value = token;
    f->profiles[0].name = "remote";
    f->profiles[0].type = "ear";
    f->profiles[0].ear = &ear_policy;
    f->profiles[0].sets = NULL;
    f->profiles[0].set_count = 0;
    ear_keys[0] = httpa_key_spki(signer);
    ear_policy = (struct httpa_ear_policy){
        .keys = ear_keys,
        .key_count = 1,
        .min_status = HTTPA_EAR_AFFIRMING,
        .max_age_s = HTTPA_EAR_MAX_AGE_S,
    };
}

static inline void expect(const char *why, const struct fixture *f,
                          enum httpa_err want, const char *reason)
{
    struct httpa_verdict *v = httpa_verdict_new();
    assert_non_null(v);
    enum httpa_err err = httpa_appraise(&f->in, v);
    struct httpa_slice check = httpa_verdict_reason(v).check;
    if (err != want || !httpa_slice_is(check, reason)) {
        fail_msg("%s: want %s (%s), got %s (%.*s)", why, httpa_err_name(want),
                 reason, httpa_err_name(err), (int)check.n,
                 check.p != NULL ? (const char *)check.p : "");
    }
    assert_consistent(v, err, why);
    httpa_verdict_free(v);
}

#endif
