/* Tokens of Arm CCA: what was read is within its bounds, and nothing is
 * verified, since rd is in no seed. */
#include <httpa/crypto.h>

#include "evidence/cca/cca.h"
#include "fuzz.h"

static struct httpa_crypto *crypto;

static bool is_digest(struct httpa_slice s)
{
    return s.n == 32 || s.n == 48 || s.n == 64;
}

static void check_platform(const struct httpa_cca_platform *p)
{
    must(p->alg != NULL && p->cose.signature.n == 2 * p->alg->width);
    must(is_digest(p->challenge));
    must(p->implementation_id.n == HTTPA_CCA_IMPLEMENTATION);
    must(p->instance_id.n == HTTPA_CCA_INSTANCE);
    must(p->config.n <= HTTPA_CCA_CONFIG_MAX);
    must(p->service.n <= HTTPA_CCA_SERVICE_MAX);
    must(p->components_n > 0 && p->components_n <= HTTPA_CCA_COMPONENTS_MAX);
    for (size_t i = 0; i < p->components_n; i++) {
        must(is_digest(p->components[i].measurement));
        must(is_digest(p->components[i].signer_id));
        must(p->components[i].type.n <= HTTPA_CCA_NAME_MAX);
        must(p->components[i].version.n <= HTTPA_CCA_NAME_MAX);
    }
}

static void check_realm(const struct httpa_cca_realm *r)
{
    must(r->alg != NULL && r->cose.signature.n == 2 * r->alg->width);
    must(r->challenge.n == HTTPA_CCA_CHALLENGE);
    must(r->personalization.n == HTTPA_CCA_PERSONALIZATION);
    must(is_digest(r->rim));
    for (size_t i = 0; i < HTTPA_CCA_REMS; i++) {
        must(is_digest(r->rem[i]));
    }
}

/* |seed|'s own CPAK is not at hand either: undecided at best. */
static void check_verifier(struct httpa_slice in)
{
    static const uint8_t rd[HTTPA_RD_LEN] = { 0xa5 };
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in vin = { .crypto = crypto,
                                         .value = in,
                                         .rd = rd };
    must(v != NULL);
    must(httpa_verifier_cca.verify(&vin, v, 0) != HTTPA_OK);
    httpa_verdict_free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_cca token;
    struct httpa_pubkey *key = NULL;
    if (crypto == NULL) {
        must(httpa_crypto_new(&crypto) == HTTPA_OK);
    }
    check_verifier(in);
    if (httpa_cca_read(in, &token) == HTTPA_OK) {
        check_platform(&token.platform);
        check_realm(&token.realm);
        if (httpa_cca_rak(crypto, token.realm.rak, token.realm.alg, &key) ==
            HTTPA_OK) {
            must(httpa_pubkey_kind_of(key) == token.realm.alg->kind);
        }
        httpa_pubkey_free(key);
    }
    return 0;
}
