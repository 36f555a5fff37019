/* Results of remote verifiers: what was read is within its bounds, nothing
 * verifies under a key that signed none of it, and nothing is for a handshake
 * that no seed knows. */
#include <httpa/crypto.h>

#include "crypto/key.h"
#include "evidence/ear/ear.h"
#include "fuzz.h"

/* When the seeds were made. */
#define NOW INT64_C(1795203612)

static struct httpa_crypto *crypto;
static struct httpa_key *signer;

static bool is_status(enum httpa_ear_status status)
{
    return status >= HTTPA_EAR_AFFIRMING && status <= HTTPA_EAR_CONTRAINDICATED;
}

static void check_form(const struct httpa_ear *ear)
{
    must(ear->alg != NULL && ear->message.n > 0);
    must(ear->profile.n > 0 && ear->profile.n <= HTTPA_EAR_TEXT_MAX);
    must(ear->iat_s > 0);
    must(ear->exp_s == 0 || ear->exp_s > ear->iat_s);
    must(ear->nonce.n <= HTTPA_EAR_NONCE_TEXT_MAX);
    must(ear->submod_count > 0);
    must(ear->submod_count <= HTTPA_EAR_SUBMODS_MAX);
    for (size_t i = 0; i < ear->submod_count; i++) {
        must(ear->submods[i].name.n > 0);
        must(ear->submods[i].name.n <= HTTPA_EAR_NAME_MAX);
        must(is_status(ear->submods[i].status));
        must(ear->submods[i].worst != HTTPA_EAR_NONE);
    }
}

/* The key is claimed, as if it had signed. */
static void check_judge(httpa_ear_read_fn read,
                        const struct httpa_verify_in *in)
{
    const struct httpa_ear_policy policy = { .keys = in->policy_keys,
                                             .key_count = 1,
                                             .min_status = HTTPA_EAR_NONE,
                                             .max_age_s = UINT32_MAX };
    const struct httpa_profile profile = { .name = "e",
                                           .type = "ear",
                                           .ear = &policy };
    struct httpa_verdict *v = httpa_verdict_new();
    must(v != NULL);
    httpa_verdict_claim(v, 0, "verifier_key",
                        httpa_value_bytes(in->policy_keys[0]));
    must(httpa_ear_judge(read, &profile, in, v, 0) != HTTPA_OK);
    httpa_verdict_free(v);
}

static void check(httpa_ear_read_fn read, const struct httpa_verifier *verifier,
                  struct httpa_slice in)
{
    static const uint8_t rd[HTTPA_RD_LEN] = { 0xa5 };
    const struct httpa_slice key = httpa_key_spki(signer);
    const struct httpa_verify_in vin = { .crypto = crypto,
                                         .value = in,
                                         .rd = rd,
                                         .policy_keys = &key,
                                         .policy_key_count = 1,
                                         .now_s = NOW };
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_ear ear;
    must(v != NULL);
    must(verifier->verify(&vin, v, 0) != HTTPA_OK);
    httpa_verdict_free(v);
    if (read(in, &ear) == HTTPA_OK) {
        check_form(&ear);
        httpa_ear_done(&ear);
        check_judge(read, &vin);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    if (crypto == NULL) {
        must(httpa_crypto_new(&crypto) == HTTPA_OK);
        must(httpa_key_generate(crypto, HTTPA_KEY_P256, &signer) == HTTPA_OK);
    }
    check(httpa_ear_read_jwt, &httpa_verifier_ear_jwt, in);
    check(httpa_ear_read_cwt, &httpa_verifier_ear_cwt, in);
    return 0;
}
