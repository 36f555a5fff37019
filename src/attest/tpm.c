#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attest/tpm_device.h"
#include "attest/tpm_pcrs.h"
#include "codec/der.h"
#include "codec/pem.h"
#include "crypto/hash.h"
#include "crypto/x509.h"
#include "evidence/tpm/credential.h"
#include "evidence/tpm/quote.h"

#define DEFAULT_TCTI "device:/dev/tpmrm0"
#define DEFAULT_PCRS "sha256:0-23"
#define DEFAULT_AK "auto"
#define KERNEL_LOG "/sys/kernel/security/tpm0/binary_bios_measurements"

/* Registers change under us a few times during boot and hardly ever later. */
#define TRIES 5u

#define ATTEST_MAX 1024u /* TPMS_ATTEST */
#define CHAIN_MAX 16384u /* certificates of one chain */
#define DESCRIPTION_MAX 192u

struct tpm {
    struct httpa_attester base; /* first: see <httpa/attest.h> */
    char description[DESCRIPTION_MAX];
    struct httpa_crypto *crypto;
    struct httpa_tpm_device device;
    char *tcti;
    char *ak;
    const struct httpa_tpm_ek *ek; /* NULL: none */
    bool have_values;              /* |values| were read, and held so far */
    struct httpa_tpm_values values;
    struct httpa_buf ak_public; /* TPMT_PUBLIC */
    struct httpa_buf ek_public;
    struct httpa_buf ak_chain; /* DER certificates, one after the other */
    struct httpa_buf ek_chain;
    struct httpa_buf event_log;
};

static struct tpm *tpm_of(struct httpa_attester *a)
{
    return (struct tpm *)a;
}

/* After a failure nothing is known about the TPM: the next call starts with a
 * new connection. */
static void drop(struct tpm *t)
{
    httpa_tpm_device_drop(&t->device);
    t->have_values = false;
}

static enum httpa_err connect(struct tpm *t, struct httpa_attest_diag *diag)
{
    if (t->device.esys != NULL) {
        return HTTPA_OK;
    }
    httpa_buf_reset(&t->ak_public);
    return httpa_tpm_device_connect(&t->device, t->ak, &t->ak_public, diag);
}

static void borrow_values(const struct tpm *t, struct httpa_tpm_evidence *e)
{
    e->pcrs_n = t->values.select_n;
    for (size_t i = 0; i < e->pcrs_n; i++) {
        struct httpa_tpm_pcrs *bank = &e->pcrs[i];
        bank->hash = t->values.select[i].hash;
        bank->mask = t->values.select[i].mask;
        size_t n = httpa_tpm_hash_size(bank->hash);
        for (unsigned pcr = 0; pcr < HTTPA_TPM_PCRS; pcr++) {
            bank->value[pcr] = httpa_slice_of(t->values.value[i][pcr], n);
        }
    }
}

static void
borrow_chain(const struct httpa_buf *chain, struct httpa_tpm_chain *ret)
{
    struct httpa_der der = httpa_der_of(httpa_buf_slice(chain));
    while (httpa_der_more(&der) && ret->n < HTTPA_TPM_CHAIN_MAX) {
        ret->der[ret->n++] = httpa_der_skip(&der);
    }
}

/* HTTPA_ERR_EVIDENCE: the registers changed after they were read. */
static enum httpa_err
agrees(const struct tpm *t, const struct httpa_tpm_evidence *e)
{
    struct httpa_tpm_attest attest;
    struct httpa_tpm_signature signature;
    enum httpa_hash_id hash;
    enum httpa_err err = httpa_tpm_attest_read(e->attest, &attest);
    if (err == HTTPA_OK) {
        err = httpa_tpm_signature_read(e->signature, &signature);
    }
    if (err == HTTPA_OK) {
        err = httpa_tpm_hash_id(signature.hash, &hash);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    return httpa_tpm_quote_digest(t->crypto, hash, &attest, e->pcrs, e->pcrs_n);
}

static enum httpa_err quote_once(struct tpm *t, struct httpa_slice qualifying,
                                 struct httpa_buf *attest,
                                 struct httpa_buf *signature,
                                 struct httpa_attest_diag *diag)
{
    enum httpa_err err = HTTPA_OK;
    struct httpa_tpm_evidence e = { 0 };
    httpa_buf_reset(attest);
    httpa_buf_reset(signature);
    if (!t->have_values) {
        err = httpa_tpm_device_read_pcrs(&t->device, &t->values, diag);
    }
    if (err == HTTPA_OK) {
        t->have_values = true;
        err = httpa_tpm_device_quote(&t->device, &t->values, qualifying, attest,
                                     signature, diag);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    e.attest = httpa_buf_slice(attest);
    e.signature = httpa_buf_slice(signature);
    borrow_values(t, &e);
    return agrees(t, &e);
}

/* Registers are read when they are not known or no longer hold, so that a
 * quote usually is one command and never a torn picture. */
static enum httpa_err quote_steady(struct tpm *t, struct httpa_slice qualifying,
                                   struct httpa_buf *attest,
                                   struct httpa_buf *signature,
                                   struct httpa_attest_diag *diag)
{
    for (unsigned i = 0; i < TRIES; i++) {
        enum httpa_err err = quote_once(t, qualifying, attest, signature, diag);
        if (err != HTTPA_ERR_EVIDENCE) {
            return err;
        }
        t->have_values = false;
    }
    return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                             "tpm (%s): the registers changed during each of "
                             "%u quotes",
                             t->tcti, TRIES);
}

/* A connection that was there may have died with a TPM that is back by now:
 * that is worth a second try, a new connection that fails is not. */
static enum httpa_err
quote_connected(struct tpm *t, struct httpa_slice qualifying,
                struct httpa_buf *attest, struct httpa_buf *signature,
                struct httpa_attest_diag *diag)
{
    for (;;) {
        bool old = t->device.esys != NULL;
        enum httpa_err err = connect(t, diag);
        if (err == HTTPA_OK) {
            err = quote_steady(t, qualifying, attest, signature, diag);
        }
        if (err == HTTPA_OK) {
            diag->text[0] = '\0';
            return HTTPA_OK;
        }
        drop(t);
        if (!old) {
            return err;
        }
    }
}

static enum httpa_err
put_evidence(const struct tpm *t, const struct httpa_buf *attest,
             const struct httpa_buf *signature, struct httpa_buf *ret_value)
{
    struct httpa_tpm_evidence e = {
        .attest = httpa_buf_slice(attest),
        .signature = httpa_buf_slice(signature),
        .ak_public = httpa_buf_slice(&t->ak_public),
        .event_log = httpa_buf_slice(&t->event_log),
        .ek_public = httpa_buf_slice(&t->ek_public),
    };
    borrow_values(t, &e);
    borrow_chain(&t->ak_chain, &e.ak_chain);
    borrow_chain(&t->ek_chain, &e.ek_chain);
    httpa_tpm_evidence_write(ret_value, &e);
    return httpa_buf_check(ret_value);
}

static enum httpa_err
quote(struct httpa_attester *a, const uint8_t rd[HTTPA_RD_LEN],
      struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    struct tpm *t = tpm_of(a);
    uint8_t attest_room[ATTEST_MAX];
    uint8_t signature_room[sizeof(TPMT_SIGNATURE)];
    struct httpa_buf attest = httpa_buf_fixed(attest_room, ATTEST_MAX);
    struct httpa_buf signature =
        httpa_buf_fixed(signature_room, sizeof(signature_room));
    struct httpa_digest qualifying;
    diag->text[0] = '\0';
    enum httpa_err err = httpa_hash_once(
        t->crypto, HTTPA_SHA256, httpa_slice_of(rd, HTTPA_RD_LEN), &qualifying);
    if (err == HTTPA_OK) {
        err = quote_connected(t, httpa_digest_slice(&qualifying), &attest,
                              &signature, diag);
    }
    if (err != HTTPA_OK) {
        return httpa_attest_explain(diag, err);
    }
    return httpa_attest_explain(
        diag, put_evidence(t, &attest, &signature, ret_value));
}

static enum httpa_err
activate(struct httpa_attester *a, struct httpa_slice credential,
         struct httpa_buf *ret_activated, struct httpa_attest_diag *diag)
{
    struct tpm *t = tpm_of(a);
    struct httpa_tpm_credential c;
    uint8_t room[HTTPA_TPM_DIGEST_MAX];
    struct httpa_buf secret = httpa_buf_fixed(room, sizeof(room));
    diag->text[0] = '\0';
    enum httpa_err err = httpa_tpm_credential_read(credential, &c);
    if (err != HTTPA_OK) {
        return httpa_attest_fail(diag, err, "a credential that does not parse");
    }
    if (t->ek == NULL) {
        return httpa_attest_fail(diag, HTTPA_ERR_KEY,
                                 "tpm (%s): no endorsement key is in use",
                                 t->tcti);
    }
    err = connect(t, diag);
    if (err == HTTPA_OK) {
        err = httpa_tpm_ek_activate(&t->device, t->ek, c.id_object,
                                    c.encrypted_secret, &secret, diag);
    }
    if (err == HTTPA_OK) {
        httpa_tpm_activated_write(ret_activated, httpa_buf_slice(&secret));
        err = httpa_buf_check(ret_activated);
    } else if (err != HTTPA_ERR_KEY) {
        drop(t);
    }
    httpa_buf_done(&secret);
    return httpa_attest_explain(diag, err);
}

static void close_tpm(struct httpa_attester *a)
{
    struct tpm *t = tpm_of(a);
    httpa_tpm_device_drop(&t->device);
    httpa_buf_done(&t->ak_public);
    httpa_buf_done(&t->ek_public);
    httpa_buf_done(&t->ak_chain);
    httpa_buf_done(&t->ek_chain);
    httpa_buf_done(&t->event_log);
    httpa_crypto_free(t->crypto);
    free(t->tcti);
    free(t->ak);
    free(t);
}

static struct tpm *new_tpm(const struct httpa_attest_options *o)
{
    struct tpm *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return NULL;
    }
    t->base = (struct httpa_attester){
        .type = "tpm",
        .media_type = "application/vnd.httpa.tpm",
        .description = t->description,
        .quote = quote,
        .activate = activate,
        .close = close_tpm,
    };
    t->tcti = strdup(o->tpm_tcti != NULL ? o->tpm_tcti : DEFAULT_TCTI);
    t->ak = strdup(o->tpm_ak != NULL ? o->tpm_ak : DEFAULT_AK);
    t->device.tcti = t->tcti;
    t->device.ak = ESYS_TR_NONE;
    t->ak_public = httpa_buf_growing(HTTPA_ATTEST_PUBLIC_MAX);
    t->ek_public = httpa_buf_growing(HTTPA_ATTEST_PUBLIC_MAX);
    t->ak_chain = httpa_buf_growing(CHAIN_MAX);
    t->ek_chain = httpa_buf_growing(CHAIN_MAX);
    t->event_log = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    if (t->tcti == NULL || t->ak == NULL ||
        httpa_crypto_new(&t->crypto) != HTTPA_OK) {
        close_tpm(&t->base);
        return NULL;
    }
    return t;
}

/* Appends the certificates of a PEM file; nothing for NULL. */
static enum httpa_err read_chain(const char *path, struct httpa_buf *chain,
                                 struct httpa_attest_diag *diag)
{
    struct httpa_buf text = httpa_buf_growing(2 * CHAIN_MAX);
    enum httpa_err err = HTTPA_OK;
    if (path != NULL) {
        err = httpa_attest_read_file(path, &text, diag);
    }
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
    while (err == HTTPA_OK && httpa_pem_more(&pem)) {
        struct httpa_slice label;
        err = httpa_pem_next(&pem, &label, chain);
        if (err != HTTPA_OK || !httpa_slice_is(label, "CERTIFICATE")) {
            err = httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                    "%s: not a list of PEM certificates", path);
        }
    }
    httpa_buf_done(&text);
    return err;
}

static enum httpa_err
read_event_log(struct tpm *t, const char *path, struct httpa_attest_diag *diag)
{
    if (path == NULL || strcmp(path, "none") == 0) {
        return HTTPA_OK;
    }
    return httpa_attest_read_file(
        strcmp(path, "kernel") == 0 ? KERNEL_LOG : path, &t->event_log, diag);
}

/* Whether the first certificate of |chain| is for the key |pub|. */
static enum httpa_err certifies(const struct tpm *t,
                                const struct httpa_buf *chain,
                                const struct httpa_buf *pub)
{
    struct httpa_tpm_public key;
    struct httpa_cert *cert = NULL;
    struct httpa_der der = httpa_der_of(httpa_buf_slice(chain));
    enum httpa_err err = httpa_tpm_public_read(httpa_buf_slice(pub), &key);
    if (err == HTTPA_OK) {
        err = httpa_cert_read(t->crypto, httpa_der_skip(&der), &cert);
    }
    if (err == HTTPA_OK) {
        err = httpa_tpm_certifies(t->crypto, cert, &key);
    }
    httpa_cert_free(cert);
    return err;
}

/* Chains begin with the key's own certificate: that of the file, or that of
 * the TPM and then the file with its issuers. */
static enum httpa_err
read_ak_chain(struct tpm *t, struct httpa_attest_diag *diag)
{
    struct httpa_buf file = t->ak_chain;
    if (file.n > 0 && certifies(t, &file, &t->ak_public) == HTTPA_OK) {
        return HTTPA_OK;
    }
    t->ak_chain = httpa_buf_growing(CHAIN_MAX);
    enum httpa_err err =
        httpa_tpm_ak_certificate(&t->device, t->ak, &t->ak_chain, diag);
    httpa_buf_put_slice(&t->ak_chain, httpa_buf_slice(&file));
    httpa_buf_done(&file);
    if (err != HTTPA_OK || t->ak_chain.n == 0) {
        return err;
    }
    err = certifies(t, &t->ak_chain, &t->ak_public);
    return err == HTTPA_OK
               ? httpa_buf_check(&t->ak_chain)
               : httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                   "tpm (%s): the first certificate of the "
                                   "attestation key %s is not for that key "
                                   "(%s)",
                                   t->tcti, t->ak, httpa_strerror(err));
}

/* A certificate for another key would be refused by every client. */
static enum httpa_err
check_ek(const struct tpm *t, struct httpa_attest_diag *diag)
{
    enum httpa_err err = certifies(t, &t->ek_chain, &t->ek_public);
    if (err != HTTPA_OK) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 "tpm (%s): its endorsement certificate is "
                                 "not for its endorsement key (%s); another "
                                 "may be named, or none",
                                 t->tcti, httpa_strerror(err));
    }
    return HTTPA_OK;
}

static enum httpa_err read_ek(struct tpm *t,
                              const struct httpa_attest_options *o,
                              struct httpa_attest_diag *diag)
{
    enum httpa_err err = httpa_tpm_ek_find(
        &t->device, o->tpm_ek != NULL ? o->tpm_ek : "auto", &t->ek, diag);
    if (err != HTTPA_OK || t->ek == NULL) {
        return err;
    }
    err =
        httpa_tpm_ek_read(&t->device, t->ek, &t->ek_chain, &t->ek_public, diag);
    if (err == HTTPA_OK) {
        err = check_ek(t, diag);
    }
    return err == HTTPA_OK ? read_chain(o->tpm_ek_issuers, &t->ek_chain, diag)
                           : err;
}

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Two quotes over zeros, which no handshake can ask for: the first reads the
 * registers, the second is what a handshake will wait for. */
static enum httpa_err try_it(struct tpm *t, struct httpa_attest_diag *diag)
{
    static const uint8_t nothing[HTTPA_RD_LEN];
    int64_t took_us = 0;
    size_t n = 0;
    enum httpa_err err = HTTPA_OK;
    for (unsigned i = 0; err == HTTPA_OK && i < 2; i++) {
        struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
        took_us = now_us();
        err = quote(&t->base, nothing, &value, diag);
        took_us = now_us() - took_us;
        n = value.n;
        httpa_buf_done(&value);
    }
    if (err == HTTPA_ERR_SPACE) {
        return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                 "tpm (%s): evidence above %u bytes; leave "
                                 "out the event log",
                                 t->tcti, HTTPA_ATTEST_VALUE_MAX);
    }
    (void)snprintf(t->description, sizeof(t->description),
                   "tpm (%s), %s, %.1f ms per quote of %zu bytes", t->tcti,
                   t->ak, (double)took_us / 1000.0, n);
    return err;
}

/* Whatever comes later, the key stays the same: its certificates do. */
static enum httpa_err keep_choice(struct tpm *t)
{
    char *chosen = strdup(t->device.ak_name);
    if (chosen == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    free(t->ak);
    t->ak = chosen;
    t->device.ak_name = chosen;
    return HTTPA_OK;
}

static enum httpa_err set_up(struct tpm *t,
                             const struct httpa_attest_options *o,
                             struct httpa_attest_diag *diag)
{
    enum httpa_err err = httpa_tpm_pcrs_parse(
        o->tpm_pcrs != NULL ? o->tpm_pcrs : DEFAULT_PCRS, &t->values, diag);
    if (err == HTTPA_OK) {
        err = read_event_log(t, o->tpm_event_log, diag);
    }
    if (err == HTTPA_OK) {
        err = read_chain(o->tpm_ak_chain, &t->ak_chain, diag);
    }
    if (err == HTTPA_OK) {
        err = connect(t, diag);
    }
    if (err == HTTPA_OK) {
        err = keep_choice(t);
    }
    if (err == HTTPA_OK) {
        err = read_ak_chain(t, diag);
    }
    if (err == HTTPA_OK) {
        err = read_ek(t, o, diag);
    }
    return err == HTTPA_OK ? try_it(t, diag) : err;
}

enum httpa_err httpa_attest_open_tpm(struct httpa_attester **ret,
                                     const struct httpa_attest_options *o,
                                     struct httpa_attest_diag *diag)
{
    /* What is wrong goes to |diag|; who wants more sets the variable. */
    (void)setenv("TSS2_LOG", "all+NONE", 0);
    struct tpm *t = new_tpm(o);
    if (t == NULL) {
        return httpa_attest_fail(diag, HTTPA_ERR_MEMORY, "out of memory");
    }
    enum httpa_err err = set_up(t, o, diag);
    if (err != HTTPA_OK) {
        close_tpm(&t->base);
        return err;
    }
    *ret = &t->base;
    return HTTPA_OK;
}
