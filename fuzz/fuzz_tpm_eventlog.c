/* Firmware event logs: replay reads nothing past the end and gives digests of
 * the bank's size. */
#include "fuzz.h"

#include "crypto/crypto.h"
#include "evidence/tpm/eventlog.h"

static struct httpa_crypto *crypto;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t banks[] = { HTTPA_TPM_SHA256, HTTPA_TPM_SHA384 };
    if (crypto == NULL && httpa_crypto_new(&crypto) != HTTPA_OK) {
        abort();
    }
    for (size_t i = 0; i < 2; i++) {
        struct httpa_tpm_replay r;
        if (httpa_tpm_replay(crypto, httpa_slice_of(data, size), banks[i],
                             &r) == HTTPA_OK) {
            must(r.pcr[0].n == httpa_tpm_hash_size(banks[i]));
            must(r.secure_boot_seen || !r.secure_boot);
        }
    }
    return 0;
}
