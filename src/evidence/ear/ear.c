#include "evidence/ear/ear.h"

#include "codec/cose.h"
#include "codec/time.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* RFC 8812 2: no names in codec/cose.h, nothing else of ours uses them. */
#define COSE_RS256 (-257)
#define COSE_RS384 (-258)

/* RFC 7518 3.1, RFC 8037.  No "none", and nothing with a shared secret: a
 * public key would be one. */
static const struct httpa_ear_alg algs[] = {
    { "ES256", HTTPA_COSE_ES256, HTTPA_KEY_P256, HTTPA_SIGN_ES256 },
    { "ES384", HTTPA_COSE_ES384, HTTPA_KEY_P384, HTTPA_SIGN_ES384 },
    { "EdDSA", HTTPA_COSE_EDDSA, HTTPA_KEY_ED25519, HTTPA_SIGN_ED25519 },
    { "PS256", HTTPA_COSE_PS256, HTTPA_KEY_RSA, HTTPA_SIGN_RSA_PSS_SHA256 },
    { "PS384", HTTPA_COSE_PS384, HTTPA_KEY_RSA, HTTPA_SIGN_RSAPSS_ANY_SHA384 },
    { "RS256", COSE_RS256, HTTPA_KEY_RSA, HTTPA_SIGN_RSASSA_SHA256 },
    { "RS384", COSE_RS384, HTTPA_KEY_RSA, HTTPA_SIGN_RSASSA_SHA384 },
};

const struct httpa_ear_alg *httpa_ear_alg_named(struct httpa_slice name)
{
    for (size_t i = 0; i < COUNT(algs); i++) {
        if (httpa_slice_is(name, algs[i].name)) {
            return &algs[i];
        }
    }
    return NULL;
}

const struct httpa_ear_alg *httpa_ear_alg_numbered(int64_t cose)
{
    for (size_t i = 0; i < COUNT(algs); i++) {
        if (algs[i].cose == cose) {
            return &algs[i];
        }
    }
    return NULL;
}

/* draft-ietf-rats-ear 3.2.2: a tier has a word in JSON, a number in CBOR, and
 * is a range of trust claims (AR4SI 2.3.2). */
static const struct {
    enum httpa_ear_status status;
    const char *word;
    uint64_t number;
    int above; /* the largest trust claim of it, */
    int below; /* and the smallest */
} tiers[] = {
    { HTTPA_EAR_NONE, "none", 0, 1, -1 },
    { HTTPA_EAR_AFFIRMING, "affirming", 2, 31, -32 },
    { HTTPA_EAR_WARNING, "warning", 32, 95, -96 },
    { HTTPA_EAR_CONTRAINDICATED, "contraindicated", 96, 127, -128 },
};

const char *httpa_ear_word(enum httpa_ear_status status)
{
    for (size_t i = 0; i < COUNT(tiers); i++) {
        if (tiers[i].status == status) {
            return tiers[i].word;
        }
    }
    return "unset";
}

enum httpa_ear_status httpa_ear_status_named(struct httpa_slice word)
{
    for (size_t i = 0; i < COUNT(tiers); i++) {
        if (httpa_slice_is(word, tiers[i].word)) {
            return tiers[i].status;
        }
    }
    return HTTPA_EAR_UNSET;
}

enum httpa_ear_status httpa_ear_status_numbered(uint64_t number)
{
    for (size_t i = 0; i < COUNT(tiers); i++) {
        if (tiers[i].number == number) {
            return tiers[i].status;
        }
    }
    return HTTPA_EAR_UNSET;
}

/* A claim of the tier "none" says nothing, so it makes nothing worse. */
enum httpa_err httpa_ear_weigh(struct httpa_ear_submod *submod, int64_t claim)
{
    for (size_t i = 0; i < COUNT(tiers); i++) {
        if (claim >= tiers[i].below && claim <= tiers[i].above) {
            if (tiers[i].status != HTTPA_EAR_NONE &&
                tiers[i].status > submod->worst) {
                submod->worst = tiers[i].status;
            }
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_RANGE;
}

static bool is_text(struct httpa_slice s, size_t max)
{
    return s.n > 0 && s.n <= max;
}

static bool is_nonce(const struct httpa_ear *ear)
{
    size_t max = ear->nonce_is_text ? HTTPA_EAR_NONCE_TEXT_MAX
                                    : HTTPA_EAR_NONCE_MAX;
    return ear->nonce.n == 0 ||
           (ear->nonce.n >= HTTPA_EAR_NONCE_MIN && ear->nonce.n <= max);
}

/* A token that ends before it begins is no token. */
static bool are_times(const struct httpa_ear *ear)
{
    return ear->iat_s > 0 && ear->iat_s <= HTTPA_TIME_MAX &&
           ear->exp_s <= HTTPA_TIME_MAX && ear->nbf_s <= HTTPA_TIME_MAX &&
           (ear->exp_s == 0 ||
            (ear->exp_s > ear->iat_s && ear->exp_s > ear->nbf_s));
}

enum httpa_err httpa_ear_check(const struct httpa_ear *ear)
{
    bool ok = is_text(ear->profile, HTTPA_EAR_TEXT_MAX) &&
              is_text(ear->developer, HTTPA_EAR_TEXT_MAX) &&
              is_text(ear->build, HTTPA_EAR_TEXT_MAX) &&
              ear->issuer.n <= HTTPA_EAR_TEXT_MAX && is_nonce(ear) &&
              are_times(ear) && ear->submod_count > 0;
    for (size_t i = 0; i < ear->submod_count; i++) {
        ok = ok && is_text(ear->submods[i].name, HTTPA_EAR_NAME_MAX);
    }
    return ok ? HTTPA_OK : HTTPA_ERR_RANGE;
}

void httpa_ear_done(struct httpa_ear *ear)
{
    httpa_buf_done(&ear->room);
}
