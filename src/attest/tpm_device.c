#include "attest/tpm_device.h"

#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

/* A restricted key that signs nothing but what the TPM made itself.  NODA: its
 * use needs no secret, so a lock-out after someone's wrong guesses for other
 * keys must not stop it. */
#define AK_ATTRIBUTES                                                          \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |              \
     TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT)

/* Makes our key another than that of other programs with the same template. */
#define AK_LABEL "httpa attestation key, version 1"

/* Part 2, 7.5; the macro of tpm2-tss shifts into the sign. */
#define TRANSIENT_FIRST 0x80000000u

/* TPM2_PCR_Read gives at most eight digests a call, Part 3, 22.4. */
#define READS_MAX ((HTTPA_TPM_BANKS * HTTPA_TPM_PCRS) / 8 + HTTPA_TPM_BANKS)

#define ECC_AK(curve_id, hash_id)                                              \
    {                                                                          \
        .publicArea = {                                                     \
            .type = TPM2_ALG_ECC,                                           \
            .nameAlg = TPM2_ALG_SHA256,                                     \
            .objectAttributes = AK_ATTRIBUTES,                              \
            .parameters.eccDetail = {                                       \
                .symmetric.algorithm = TPM2_ALG_NULL,                       \
                .scheme = { .scheme = TPM2_ALG_ECDSA,                       \
                            .details.ecdsa.hashAlg = (hash_id) },           \
                .curveID = (curve_id),                                      \
                .kdf.scheme = TPM2_ALG_NULL,                                \
            },                                                              \
            .unique.ecc.x = { .size = sizeof(AK_LABEL) - 1,                 \
                              .buffer = AK_LABEL },                         \
        },  \
    }

#define RSA_AK(scheme_id)                                                      \
    {                                                                          \
        .publicArea = {                                                     \
            .type = TPM2_ALG_RSA,                                           \
            .nameAlg = TPM2_ALG_SHA256,                                     \
            .objectAttributes = AK_ATTRIBUTES,                              \
            .parameters.rsaDetail = {                                       \
                .symmetric.algorithm = TPM2_ALG_NULL,                       \
                .scheme = { .scheme = (scheme_id),                          \
                            .details.rsassa.hashAlg = TPM2_ALG_SHA256 },    \
                .keyBits = 2048,                                            \
            },                                                              \
            .unique.rsa = { .size = sizeof(AK_LABEL) - 1,                   \
                            .buffer = AK_LABEL },                           \
        },  \
    }

static const struct ak {
    const char *name;
    TPM2B_PUBLIC templ;
} aks[] = {
    { "ecdsa-p256-sha256", ECC_AK(TPM2_ECC_NIST_P256, TPM2_ALG_SHA256) },
    { "ecdsa-p384-sha384", ECC_AK(TPM2_ECC_NIST_P384, TPM2_ALG_SHA384) },
    { "rsassa-2048-sha256", RSA_AK(TPM2_ALG_RSASSA) },
    { "rsapss-2048-sha256", RSA_AK(TPM2_ALG_RSAPSS) },
};

const TPM2B_PUBLIC *httpa_tpm_ak_template(const char *name)
{
    for (size_t i = 0; i < sizeof(aks) / sizeof(aks[0]); i++) {
        if (strcmp(aks[i].name, name) == 0) {
            return &aks[i].templ;
        }
    }
    return NULL;
}

enum httpa_err httpa_tpm_device_fail(struct httpa_attest_diag *diag,
                                     const struct httpa_tpm_device *d,
                                     const char *what, TSS2_RC rc)
{
    return httpa_attest_fail(diag, HTTPA_ERR_DEVICE, "tpm (%s): %s: %s",
                             d->tcti, what, Tss2_RC_Decode(rc));
}

enum httpa_err
httpa_tpm_device_put_public(struct httpa_buf *out, const TPM2B_PUBLIC *pub)
{
    uint8_t room[HTTPA_ATTEST_PUBLIC_MAX];
    size_t n = 0;
    TSS2_RC rc =
        Tss2_MU_TPMT_PUBLIC_Marshal(&pub->publicArea, room, sizeof(room), &n);
    if (rc != TSS2_RC_SUCCESS) {
        return HTTPA_ERR_DEVICE;
    }
    httpa_buf_put(out, room, n);
    return httpa_buf_check(out);
}

/* Frees the slots that a process killed before us left behind.  Only a TPM
 * without a resource manager shows objects of others, and such a TPM serves
 * one connection at a time, which is now ours. */
static void flush_leftovers(struct httpa_tpm_device *d)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TSS2_RC rc = Esys_GetCapability(
        d->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_HANDLES,
        TRANSIENT_FIRST, TPM2_MAX_CAP_HANDLES, NULL, &data);
    if (rc != TSS2_RC_SUCCESS) {
        return;
    }
    for (UINT32 i = 0; i < data->data.handles.count; i++) {
        ESYS_TR object = ESYS_TR_NONE;
        rc = Esys_TR_FromTPMPublic(d->esys, data->data.handles.handle[i],
                                   ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                   &object);
        if (rc == TSS2_RC_SUCCESS) {
            (void)Esys_FlushContext(d->esys, object);
        }
    }
    Esys_Free(data);
}

enum httpa_err
httpa_tpm_device_primary(struct httpa_tpm_device *d, const TPM2B_PUBLIC *templ,
                         ESYS_TR *ret_key, struct httpa_buf *ret_public,
                         struct httpa_attest_diag *diag)
{
    static const TPM2B_SENSITIVE_CREATE no_secret;
    static const TPM2B_DATA no_data;
    static const TPML_PCR_SELECTION no_pcrs;
    ESYS_TR key = ESYS_TR_NONE;
    TPM2B_PUBLIC *pub = NULL;
    TSS2_RC rc =
        Esys_CreatePrimary(d->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD,
                           ESYS_TR_NONE, ESYS_TR_NONE, &no_secret, templ,
                           &no_data, &no_pcrs, &key, &pub, NULL, NULL, NULL);
    if (rc != TSS2_RC_SUCCESS) {
        return httpa_tpm_device_fail(diag, d, "creating a key", rc);
    }
    enum httpa_err err = httpa_tpm_device_put_public(ret_public, pub);
    Esys_Free(pub);
    if (err != HTTPA_OK) {
        (void)Esys_FlushContext(d->esys, key);
        return err;
    }
    *ret_key = key;
    return HTTPA_OK;
}

static enum httpa_err
connect(struct httpa_tpm_device *d, struct httpa_attest_diag *diag)
{
    TSS2_RC rc = Tss2_TctiLdr_Initialize(d->tcti, &d->transport);
    if (rc != TSS2_RC_SUCCESS) {
        d->transport = NULL;
        return httpa_tpm_device_fail(diag, d, "no connection", rc);
    }
    rc = Esys_Initialize(&d->esys, d->transport, NULL);
    if (rc != TSS2_RC_SUCCESS) {
        d->esys = NULL;
        return httpa_tpm_device_fail(diag, d, "no answer", rc);
    }
    return HTTPA_OK;
}

enum httpa_err httpa_tpm_device_connect(struct httpa_tpm_device *d,
                                        const char *ak,
                                        struct httpa_buf *ret_public,
                                        struct httpa_attest_diag *diag)
{
    enum httpa_err err = connect(d, diag);
    if (err == HTTPA_OK) {
        flush_leftovers(d);
        d->ak_name = httpa_tpm_ak_choose(d, ak);
        err = httpa_tpm_ak_load(d, d->ak_name, ret_public, diag);
    }
    if (err != HTTPA_OK) {
        httpa_tpm_device_drop(d);
    }
    return err;
}

void httpa_tpm_device_drop(struct httpa_tpm_device *d)
{
    if (d->esys != NULL) {
        if (d->ak != ESYS_TR_NONE && d->ak_stays) {
            (void)Esys_TR_Close(d->esys, &d->ak);
        } else if (d->ak != ESYS_TR_NONE) {
            (void)Esys_FlushContext(d->esys, d->ak);
        }
        Esys_Finalize(&d->esys);
    }
    if (d->transport != NULL) {
        Tss2_TctiLdr_Finalize(&d->transport);
    }
    d->esys = NULL;
    d->transport = NULL;
    d->ak = ESYS_TR_NONE;
}

static void put_selection(TPML_PCR_SELECTION *out, uint16_t hash, uint32_t mask)
{
    TPMS_PCR_SELECTION *s = &out->pcrSelections[out->count++];
    s->hash = hash;
    s->sizeofSelect = 3;
    for (unsigned i = 0; i < 3; i++) {
        s->pcrSelect[i] = (BYTE)(mask >> (8 * i));
    }
}

static uint32_t mask_of(const TPMS_PCR_SELECTION *s)
{
    uint32_t mask = 0;
    for (unsigned i = 0; i < s->sizeofSelect && i < 3; i++) {
        mask |= (uint32_t)s->pcrSelect[i] << (8 * i);
    }
    return mask;
}

/* Takes over what one TPM2_PCR_Read gave; false if it makes no sense. */
static bool take_values(const TPML_PCR_SELECTION *select,
                        const TPML_DIGEST *digests, uint16_t hash,
                        uint8_t value[HTTPA_TPM_PCRS][HTTPA_TPM_DIGEST_MAX],
                        uint32_t *left)
{
    uint32_t got = select->count == 1 ? mask_of(&select->pcrSelections[0]) : 0;
    UINT32 at = 0;
    for (unsigned pcr = 0; pcr < HTTPA_TPM_PCRS; pcr++) {
        if ((got >> pcr & 1) == 0) {
            continue;
        }
        if (at == digests->count ||
            digests->digests[at].size != httpa_tpm_hash_size(hash)) {
            return false;
        }
        memcpy(value[pcr], digests->digests[at].buffer,
               digests->digests[at].size);
        at++;
    }
    *left &= ~got;
    return got != 0;
}

static enum httpa_err read_bank(struct httpa_tpm_device *d,
                                struct httpa_tpm_values *values, size_t bank,
                                struct httpa_attest_diag *diag)
{
    uint16_t hash = values->select[bank].hash;
    uint32_t left = values->select[bank].mask;
    for (unsigned i = 0; left != 0 && i < READS_MAX; i++) {
        TPML_PCR_SELECTION want = { 0 };
        TPML_PCR_SELECTION *got = NULL;
        TPML_DIGEST *digests = NULL;
        put_selection(&want, hash, left);
        TSS2_RC rc = Esys_PCR_Read(d->esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                   ESYS_TR_NONE, &want, NULL, &got, &digests);
        if (rc != TSS2_RC_SUCCESS) {
            return httpa_tpm_device_fail(diag, d, "reading registers", rc);
        }
        bool good = take_values(got, digests, hash, values->value[bank], &left);
        Esys_Free(got);
        Esys_Free(digests);
        if (!good) {
            break;
        }
    }
    if (left != 0) {
        return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                 "tpm (%s): its bank %s is not active", d->tcti,
                                 httpa_tpm_hash_name(hash));
    }
    return HTTPA_OK;
}

enum httpa_err httpa_tpm_device_read_pcrs(struct httpa_tpm_device *d,
                                          struct httpa_tpm_values *values,
                                          struct httpa_attest_diag *diag)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < values->select_n; i++) {
        err = read_bank(d, values, i, diag);
    }
    return err;
}

static enum httpa_err
put_quote(const TPM2B_ATTEST *attest, const TPMT_SIGNATURE *signature,
          struct httpa_buf *ret_attest, struct httpa_buf *ret_signature)
{
    uint8_t room[sizeof(TPMT_SIGNATURE)];
    size_t n = 0;
    TSS2_RC rc =
        Tss2_MU_TPMT_SIGNATURE_Marshal(signature, room, sizeof(room), &n);
    if (rc != TSS2_RC_SUCCESS) {
        return HTTPA_ERR_DEVICE;
    }
    httpa_buf_put(ret_attest, attest->attestationData, attest->size);
    httpa_buf_put(ret_signature, room, n);
    enum httpa_err err = httpa_buf_check(ret_attest);
    return err == HTTPA_OK ? httpa_buf_check(ret_signature) : err;
}

enum httpa_err httpa_tpm_device_quote(struct httpa_tpm_device *d,
                                      const struct httpa_tpm_values *values,
                                      struct httpa_slice qualifying,
                                      struct httpa_buf *ret_attest,
                                      struct httpa_buf *ret_signature,
                                      struct httpa_attest_diag *diag)
{
    static const TPMT_SIG_SCHEME of_key = { .scheme = TPM2_ALG_NULL };
    TPM2B_DATA data = { .size = (UINT16)qualifying.n };
    TPML_PCR_SELECTION select = { 0 };
    TPM2B_ATTEST *attest = NULL;
    TPMT_SIGNATURE *signature = NULL;
    if (qualifying.n > sizeof(data.buffer)) {
        return HTTPA_ERR_USAGE;
    }
    memcpy(data.buffer, qualifying.p, qualifying.n);
    for (size_t i = 0; i < values->select_n; i++) {
        put_selection(&select, values->select[i].hash, values->select[i].mask);
    }
    TSS2_RC rc =
        Esys_Quote(d->esys, d->ak, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                   &data, &of_key, &select, &attest, &signature);
    if (rc != TSS2_RC_SUCCESS) {
        return httpa_tpm_device_fail(diag, d, "quote", rc);
    }
    enum httpa_err err =
        put_quote(attest, signature, ret_attest, ret_signature);
    Esys_Free(attest);
    Esys_Free(signature);
    return err;
}
