#include "evidence/tpm/ask.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "evidence/tpm/credential.h"
#include "evidence/tpm/quote.h"

/* A credential for a key that the certificate does not certify would say
 * nothing about the certificate. */
static enum httpa_err check_certificate(const struct httpa_crypto *crypto,
                                        struct httpa_slice der,
                                        const struct httpa_tpm_public *ek)
{
    struct httpa_cert *cert = NULL;
    enum httpa_err err = httpa_cert_read(crypto, der, &cert);
    if (err == HTTPA_OK) {
        err = httpa_tpm_certifies(crypto, cert, ek);
    }
    httpa_cert_free(cert);
    return err;
}

static enum httpa_err
fill(const struct httpa_verify_in *in, const struct httpa_random *random,
     const struct httpa_tpm_evidence *e, struct httpa_challenge *c)
{
    struct httpa_tpm_public ek;
    struct httpa_digest cert;
    struct httpa_buf name = httpa_buf_fixed(c->ak_name, sizeof(c->ak_name));
    enum httpa_err err = httpa_tpm_public_read(e->ek_public, &ek);
    if (err == HTTPA_OK) {
        err = check_certificate(in->crypto, e->ek_chain.der[0], &ek);
    }
    if (err == HTTPA_OK) {
        err = httpa_tpm_name(in->crypto, e->ak_public, &name);
    }
    if (err == HTTPA_OK) {
        err = httpa_hash_once(in->crypto, HTTPA_SHA256, e->ek_chain.der[0],
                              &cert);
    }
    if (err == HTTPA_OK) {
        c->ak_name_len = name.n;
        memcpy(c->ek_sha256, cert.bytes, sizeof(c->ek_sha256));
        err = httpa_random_fill(random, c->secret, sizeof(c->secret));
    }
    return err == HTTPA_OK ? httpa_tpm_make_credential(in->crypto, random, &ek,
                                                       httpa_buf_slice(&name),
                                                       c->secret, &c->ask)
                           : err;
}

enum httpa_err httpa_tpm_ask(const struct httpa_verify_in *in,
                             const struct httpa_random *random,
                             struct httpa_challenge *ret)
{
    struct httpa_tpm_evidence e;
    struct httpa_challenge c = {
        .ask_label = "tpm-credential",
        .ask_type = "application/vnd.httpa.tpm-credential",
        .ask = httpa_buf_growing(HTTPA_TPM_CREDENTIAL_MAX),
        .reply_label = "tpm-activated",
        .reply_type = "application/vnd.httpa.tpm-activated",
    };
    enum httpa_err err = httpa_tpm_evidence_read(in->value, &e);
    if (err == HTTPA_OK && (e.ek_public.n == 0 || e.ek_chain.n == 0)) {
        err = HTTPA_ERR_EVIDENCE;
    }
    if (err == HTTPA_OK) {
        err = fill(in, random, &e, &c);
    }
    if (err != HTTPA_OK) {
        httpa_challenge_done(&c);
        return err;
    }
    *ret = c;
    return HTTPA_OK;
}

enum httpa_err httpa_tpm_replied(const struct httpa_challenge *challenge,
                                 struct httpa_slice value)
{
    struct httpa_slice secret;
    enum httpa_err err = httpa_tpm_activated_read(value, &secret);
    if (err != HTTPA_OK) {
        return err;
    }
    return secret.n == sizeof(challenge->secret) &&
                   httpa_ct_equal(secret.p, challenge->secret, secret.n)
               ? HTTPA_OK
               : HTTPA_ERR_EVIDENCE;
}
