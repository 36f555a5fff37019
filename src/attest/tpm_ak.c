/* Attestation keys: our own, of a template, and those that clouds make and
 * certify. */
#include "attest/tpm_device.h"

#include <string.h>

#include <tss2/tss2_mu.h>

#define DEFAULT_AK "ecdsa-p256-sha256"

/*
 * Where a cloud leaves the certificate of its key, and the key: the template
 * that makes it again in the endorsement hierarchy (Google: TPMT_PUBLIC), or
 * the key itself (Azure).  Google's smaller key is preferred: it is faster.
 */
struct cloud_ak {
    const char *name;
    TPM2_HANDLE certificate;
    TPM2_HANDLE templ; /* 0: none */
    TPM2_HANDLE key;   /* 0: none */
};

static const struct cloud_ak clouds[] = {
    { "gce-ecc", 0x01c10002, 0x01c10003, 0 },
    { "gce-rsa", 0x01c10000, 0x01c10001, 0 },
    { "azure", 0x01c101d0, 0, 0x81000003 },
};

#define CLOUD_COUNT (sizeof(clouds) / sizeof(clouds[0]))

static const struct cloud_ak *find_cloud(const char *name)
{
    for (size_t i = 0; i < CLOUD_COUNT; i++) {
        if (strcmp(clouds[i].name, name) == 0) {
            return &clouds[i];
        }
    }
    return NULL;
}

static bool is_here(struct httpa_tpm_device *d, const struct cloud_ak *ak)
{
    return httpa_tpm_has_handle(d, ak->certificate) &&
           httpa_tpm_has_handle(d, ak->templ != 0 ? ak->templ : ak->key);
}

const char *httpa_tpm_ak_choose(struct httpa_tpm_device *d, const char *name)
{
    if (strcmp(name, "auto") != 0) {
        return name;
    }
    for (size_t i = 0; i < CLOUD_COUNT; i++) {
        if (is_here(d, &clouds[i])) {
            return clouds[i].name;
        }
    }
    return DEFAULT_AK;
}

static enum httpa_err make(struct httpa_tpm_device *d, TPM2_HANDLE handle,
                           struct httpa_buf *ret_public,
                           struct httpa_attest_diag *diag)
{
    struct httpa_buf nv = httpa_buf_growing(HTTPA_ATTEST_PUBLIC_MAX);
    TPM2B_PUBLIC templ = { .size = 0 };
    size_t at = 0;
    TSS2_RC rc = httpa_tpm_nv_read(d, handle, &nv);
    if (rc == TSS2_RC_SUCCESS) {
        rc = Tss2_MU_TPMT_PUBLIC_Unmarshal(nv.p, nv.n, &at, &templ.publicArea);
    }
    httpa_buf_done(&nv);
    if (rc != TSS2_RC_SUCCESS) {
        return httpa_tpm_device_fail(diag, d, "the template of the cloud's "
                                              "attestation key", rc);
    }
    return httpa_tpm_device_primary(d, &templ, &d->ak, ret_public, diag);
}

static enum httpa_err take(struct httpa_tpm_device *d, TPM2_HANDLE handle,
                           struct httpa_buf *ret_public,
                           struct httpa_attest_diag *diag)
{
    TPM2B_PUBLIC *pub = NULL;
    TSS2_RC rc = Esys_TR_FromTPMPublic(d->esys, handle, ESYS_TR_NONE,
                                       ESYS_TR_NONE, ESYS_TR_NONE, &d->ak);
    if (rc == TSS2_RC_SUCCESS) {
        d->ak_stays = true;
        rc = Esys_ReadPublic(d->esys, d->ak, ESYS_TR_NONE, ESYS_TR_NONE,
                             ESYS_TR_NONE, &pub, NULL, NULL);
    }
    if (rc != TSS2_RC_SUCCESS) {
        return httpa_tpm_device_fail(diag, d, "the cloud's attestation key",
                                     rc);
    }
    enum httpa_err err = httpa_tpm_device_put_public(ret_public, pub);
    Esys_Free(pub);
    return err;
}

enum httpa_err httpa_tpm_ak_load(struct httpa_tpm_device *d, const char *name,
                                 struct httpa_buf *ret_public,
                                 struct httpa_attest_diag *diag)
{
    const struct cloud_ak *cloud = find_cloud(name);
    const TPM2B_PUBLIC *templ = httpa_tpm_ak_template(name);
    d->ak_stays = false;
    if (cloud != NULL && !is_here(d, cloud)) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 "tpm (%s): has no attestation key \"%s\" with "
                                 "a certificate",
                                 d->tcti, name);
    }
    if (cloud != NULL) {
        return cloud->templ != 0 ? make(d, cloud->templ, ret_public, diag)
                                 : take(d, cloud->key, ret_public, diag);
    }
    if (templ == NULL) {
        return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                 "tpm attestation key \"%s\": not one of auto, "
                                 "ecdsa-p256-sha256, ecdsa-p384-sha384, "
                                 "rsassa-2048-sha256, rsapss-2048-sha256, "
                                 "gce-ecc, gce-rsa, azure",
                                 name);
    }
    return httpa_tpm_device_primary(d, templ, &d->ak, ret_public, diag);
}

enum httpa_err httpa_tpm_ak_certificate(struct httpa_tpm_device *d,
                                        const char *name,
                                        struct httpa_buf *ret_cert,
                                        struct httpa_attest_diag *diag)
{
    const struct cloud_ak *cloud = find_cloud(name);
    return cloud != NULL ? httpa_tpm_nv_certificate(d, cloud->certificate,
                                                    ret_cert, diag)
                         : HTTPA_OK;
}
