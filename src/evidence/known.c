#include <httpa/evidence.h>

static const struct httpa_verifier *const known[] = {
    &httpa_verifier_snp, &httpa_verifier_tdx, &httpa_verifier_sgx,
    &httpa_verifier_nitro, &httpa_verifier_cca, &httpa_verifier_tpm,
    &httpa_verifier_eat, &httpa_verifier_ear_jwt, &httpa_verifier_ear_cwt,
    &httpa_verifier_snp_azure, &httpa_verifier_tdx_azure,
};

const struct httpa_verifier *const *httpa_verifiers_known(size_t *ret_count)
{
    *ret_count = sizeof(known) / sizeof(known[0]);
    return known;
}
