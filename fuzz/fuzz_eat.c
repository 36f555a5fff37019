/* Development tokens: reading, the claims, and the whole verifier. */
#include <httpa/crypto.h>

#include "evidence/eat/eat.h"
#include "fuzz.h"

static void check_claims(const struct httpa_eat *eat)
{
    struct httpa_cbor items = httpa_cbor_map_items(&eat->claims);
    struct httpa_eat_claim c;
    size_t n = 0;
    for (; httpa_eat_next(&items, &c); n++) {
        must(c.name.n > 0 && c.name.n <= HTTPA_EAT_NAME_MAX);
        must(c.value.bytes.n <= HTTPA_EAT_VALUE_MAX);
        must(c.value.type != HTTPA_VALUE_NONE);
    }
    must(n <= HTTPA_EAT_CLAIMS_MAX);
    must(httpa_cbor_end(&items) == HTTPA_OK);
}

/* rd is not in the seeds, so nothing may ever verify. */
static void check_verifier(struct httpa_slice in)
{
    static struct httpa_crypto *crypto;
    static const uint8_t rd[HTTPA_RD_LEN] = { 0xa5 };
    if (crypto == NULL) {
        must(httpa_crypto_new(&crypto) == HTTPA_OK);
    }
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in vin = {
        .crypto = crypto, .value = in, .rd = rd, .now_s = 1795203612
    };
    must(v != NULL);
    must(httpa_verifier_eat.verify(&vin, v, 0) != HTTPA_OK);
    httpa_verdict_free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_eat eat;
    if (httpa_eat_read(in, &eat) == HTTPA_OK) {
        must(eat.nonce.n == HTTPA_RD_LEN && eat.cose.kid.n > 0);
        check_claims(&eat);
    }
    check_verifier(in);
    return 0;
}
