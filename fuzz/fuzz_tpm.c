/* TPM evidence: what is read strictly is written again as the same bytes when
 * its keys are in order; the structures inside never read past their end, and
 * a digest over what was accepted is always defined. */
#include "fuzz.h"

#include "crypto/crypto.h"
#include "evidence/tpm/credential.h"
#include "evidence/tpm/quote.h"

static struct httpa_crypto *crypto;

static void structures(struct httpa_slice in)
{
    struct httpa_tpm_attest a;
    struct httpa_tpm_public p;
    struct httpa_tpm_signature s;
    if (httpa_tpm_attest_read(in, &a) == HTTPA_OK) {
        must(a.select_n <= HTTPA_TPM_BANKS);
        must(a.extra_data.n <= HTTPA_TPM_EXTRA_MAX);
    }
    if (httpa_tpm_public_read(in, &p) == HTTPA_OK) {
        must(p.modulus.n <= HTTPA_TPM_KEY_MAX);
        (void)!httpa_tpm_ak_check(&p);
        (void)!httpa_tpm_ek_check(&p);
    }
    if (httpa_tpm_signature_read(in, &s) == HTTPA_OK) {
        must((s.rsa.n == 0) || (s.r.n == 0 && s.s.n == 0));
    }
}

static void evidence(struct httpa_slice in)
{
    struct httpa_tpm_evidence e;
    struct httpa_tpm_evidence again;
    struct httpa_tpm_attest a;
    if (httpa_tpm_evidence_read(in, &e) != HTTPA_OK) {
        return;
    }
    structures(e.attest);
    structures(e.signature);
    structures(e.ak_public);
    structures(e.ek_public);
    if (httpa_tpm_attest_read(e.attest, &a) == HTTPA_OK) {
        (void)!httpa_tpm_quote_digest(crypto, HTTPA_SHA256, &a, e.pcrs,
                                      e.pcrs_n);
    }
    struct httpa_buf b = httpa_buf_growing(2 * in.n + 64);
    httpa_tpm_evidence_write(&b, &e);
    must(httpa_buf_check(&b) == HTTPA_OK);
    must(httpa_tpm_evidence_read(httpa_buf_slice(&b), &again) == HTTPA_OK);
    must(httpa_slice_equal(e.attest, again.attest));
    must(httpa_slice_equal(e.event_log, again.event_log));
    must(e.pcrs_n == again.pcrs_n && e.ek_chain.n == again.ek_chain.n);
    httpa_buf_done(&b);
}

static void activation(struct httpa_slice in)
{
    struct httpa_tpm_credential c;
    struct httpa_slice secret;
    if (httpa_tpm_credential_read(in, &c) == HTTPA_OK) {
        must(c.id_object.n > 2 && c.encrypted_secret.n > 2);
    }
    if (httpa_tpm_activated_read(in, &secret) == HTTPA_OK) {
        must(secret.n > 0 && secret.n <= HTTPA_TPM_DIGEST_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    if (crypto == NULL && httpa_crypto_new(&crypto) != HTTPA_OK) {
        abort();
    }
    structures(in);
    evidence(in);
    activation(in);
    return 0;
}
