/* What a maker or a cloud left in the TPM's own memory. */
#include "attest/tpm_device.h"

#include "codec/der.h"

/* Smallest TPM_PT_NV_BUFFER_MAX of the PC Client Platform TPM Profile. */
#define NV_CHUNK 512u

/* Bytes of an NV index with a certificate: vendors stay below 2 KB. */
#define NV_MAX 8192u

/* Asks for the list of handles: asking for the handle itself would be an
 * error where it is missing. */
bool httpa_tpm_has_handle(struct httpa_tpm_device *d, TPM2_HANDLE handle)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TSS2_RC rc =
        Esys_GetCapability(d->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                           TPM2_CAP_HANDLES, handle, 1, NULL, &data);
    if (rc != TSS2_RC_SUCCESS) {
        return false;
    }
    bool has =
        data->data.handles.count == 1 && data->data.handles.handle[0] == handle;
    Esys_Free(data);
    return has;
}

/* Indices are read by themselves, without a password, or where they are not
 * meant to be, by the machine's owner without one. */
static TSS2_RC read_index(struct httpa_tpm_device *d, ESYS_TR nv,
                          const TPMS_NV_PUBLIC *pub, struct httpa_buf *out)
{
    ESYS_TR by = (pub->attributes & TPMA_NV_AUTHREAD) != 0 ? nv
                                                            : ESYS_TR_RH_OWNER;
    TSS2_RC rc = TSS2_RC_SUCCESS;
    for (size_t at = 0; rc == TSS2_RC_SUCCESS && at < pub->dataSize;) {
        TPM2B_MAX_NV_BUFFER *data = NULL;
        size_t n = pub->dataSize - at;
        n = n > NV_CHUNK ? NV_CHUNK : n;
        rc = Esys_NV_Read(d->esys, by, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                          ESYS_TR_NONE, (UINT16)n, (UINT16)at, &data);
        if (rc == TSS2_RC_SUCCESS) {
            httpa_buf_put(out, data->buffer, data->size);
            Esys_Free(data);
        }
        at += n;
    }
    return rc;
}

TSS2_RC httpa_tpm_nv_read(struct httpa_tpm_device *d, TPM2_HANDLE handle,
                          struct httpa_buf *out)
{
    ESYS_TR nv = ESYS_TR_NONE;
    TPM2B_NV_PUBLIC *pub = NULL;
    TSS2_RC rc = Esys_TR_FromTPMPublic(d->esys, handle, ESYS_TR_NONE,
                                       ESYS_TR_NONE, ESYS_TR_NONE, &nv);
    if (rc == TSS2_RC_SUCCESS) {
        rc = Esys_NV_ReadPublic(d->esys, nv, ESYS_TR_NONE, ESYS_TR_NONE,
                                ESYS_TR_NONE, &pub, NULL);
    }
    if (rc == TSS2_RC_SUCCESS) {
        rc = read_index(d, nv, &pub->nvPublic, out);
        Esys_Free(pub);
    }
    return rc;
}

/* An index may be larger than the certificate in it. */
enum httpa_err
httpa_tpm_nv_certificate(struct httpa_tpm_device *d, TPM2_HANDLE handle,
                         struct httpa_buf *ret_cert,
                         struct httpa_attest_diag *diag)
{
    struct httpa_buf nv = httpa_buf_growing(NV_MAX);
    TSS2_RC rc = httpa_tpm_nv_read(d, handle, &nv);
    struct httpa_der der = httpa_der_of(httpa_buf_slice(&nv));
    struct httpa_slice cert = httpa_der_skip(&der);
    enum httpa_err err = HTTPA_OK;
    if (rc != TSS2_RC_SUCCESS) {
        err = httpa_tpm_device_fail(diag, d, "reading its certificate", rc);
    } else if (cert.n == 0) {
        err = httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                "tpm (%s): NV index 0x%08x holds no "
                                "certificate",
                                d->tcti, (unsigned)handle);
    } else {
        httpa_buf_put_slice(ret_cert, cert);
        err = httpa_buf_check(ret_cert);
    }
    httpa_buf_done(&nv);
    return err;
}
