/* Documents of AWS Nitro: what was read is within its bounds, and nothing
 * verifies, not even under whatever root a document brings along. */
#include <httpa/crypto.h>

#include "crypto/hash.h"
#include "evidence/nitro/nitro.h"
#include "fuzz.h"

/* When the certificates of the seeds are valid. */
#define NOW INT64_C(1795203612)

static struct httpa_crypto *crypto;

static void check_registers(const struct httpa_nitro *doc)
{
    must(doc->pcr_mask != 0);
    for (unsigned i = 0; i < HTTPA_NITRO_PCRS; i++) {
        size_t n = doc->pcr[i].n;
        must((n > 0) == (doc->pcr_mask >> i & 1));
        must(n == 0 || n == 32 || n == 48 || n == 64);
    }
}

static void check_form(const struct httpa_nitro *doc)
{
    must(doc->cose.alg == HTTPA_COSE_ES384);
    must(doc->cose.signature.n == HTTPA_NITRO_SIGNATURE);
    must(doc->module_id.n > 0 && doc->module_id.n <= HTTPA_NITRO_MODULE_MAX);
    must(doc->timestamp_ms > 0);
    must(doc->certificate.n > 0 && doc->certificate.n <= HTTPA_NITRO_CERT_MAX);
    must(doc->cabundle_n > 0 && doc->cabundle_n <= HTTPA_NITRO_BUNDLE_MAX);
    must(doc->public_key.n <= HTTPA_NITRO_KEY_MAX);
    must(doc->user_data.n <= HTTPA_NITRO_DATA_MAX);
    must(doc->nonce.n <= HTTPA_NITRO_DATA_MAX);
    check_registers(doc);
}

/* rd is in no seed; |root_sha256| NULL: the public verifier. */
static void check_verifier(struct httpa_slice in, const uint8_t *root_sha256)
{
    static const uint8_t rd[HTTPA_RD_LEN] = { 0xa5 };
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in vin = {
        .crypto = crypto, .value = in, .rd = rd, .now_s = NOW
    };
    must(v != NULL);
    enum httpa_err err = root_sha256 != NULL
                             ? httpa_nitro_verify(&vin, root_sha256, v, 0)
                             : httpa_verifier_nitro.verify(&vin, v, 0);
    must(err != HTTPA_OK);
    httpa_verdict_free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_nitro doc;
    struct httpa_digest root;
    if (crypto == NULL) {
        must(httpa_crypto_new(&crypto) == HTTPA_OK);
    }
    check_verifier(in, NULL);
    if (httpa_nitro_read(in, &doc) == HTTPA_OK) {
        check_form(&doc);
        must(httpa_hash_once(crypto, HTTPA_SHA256, doc.cabundle[0], &root) ==
             HTTPA_OK);
        check_verifier(in, root.bytes);
    }
    return 0;
}
