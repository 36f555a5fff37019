#include "attest/tpm_device.h"

#include <string.h>

#include <tss2/tss2_mu.h>

#define EK_ATTRIBUTES                                                          \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |           \
     TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

/* PolicyA and PolicyB, TCG EK Credential Profile B.6 */
#define POLICY_A_SHA256                                                        \
    {                                                                          \
        0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,      \
            0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,  \
            0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa         \
    }
#define POLICY_B_SHA384                                                        \
    {                                                                          \
        0xb2, 0x6e, 0x7d, 0x28, 0xd1, 0x1a, 0x50, 0xbc, 0x53, 0xd8, 0x82,      \
            0xbc, 0xf5, 0xfd, 0x3a, 0x1a, 0x07, 0x41, 0x48, 0xbb, 0x35, 0xd3,  \
            0xb4, 0xe4, 0xcb, 0x1c, 0x0a, 0xd9, 0xbd, 0xe4, 0x19, 0xca, 0xcb,  \
            0x47, 0xba, 0x09, 0x69, 0x96, 0x46, 0x15, 0x0f, 0x9f, 0xc0, 0x00,  \
            0xf3, 0xf8, 0x0e, 0x12                                             \
    }

/*
 * TCG EK Credential Profile 2.5, 2.2.1.4 and 2.2.1.5: where the certificate
 * is, where the key may already be, and the template that makes it.  A key
 * that is there is preferred: to make an RSA key takes a TPM seconds.
 */
struct httpa_tpm_ek {
    const char *name;
    TPM2_HANDLE certificate;
    TPM2_HANDLE persistent;
    TPM2B_PUBLIC templ;
};

static const struct httpa_tpm_ek eks[] = {
    { "rsa-2048", 0x01c00002, 0x81010001,
      { .publicArea = {
            .type = TPM2_ALG_RSA,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = EK_ATTRIBUTES,
            .authPolicy = { .size = 32, .buffer = POLICY_A_SHA256 },
            .parameters.rsaDetail = {
                .symmetric = { .algorithm = TPM2_ALG_AES,
                               .keyBits.aes = 128,
                               .mode.aes = TPM2_ALG_CFB },
                .scheme.scheme = TPM2_ALG_NULL,
                .keyBits = 2048,
            },
            .unique.rsa.size = 256,
        } } },
    { "ecc-p256", 0x01c0000a, 0x81010002,
      { .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = EK_ATTRIBUTES,
            .authPolicy = { .size = 32, .buffer = POLICY_A_SHA256 },
            .parameters.eccDetail = {
                .symmetric = { .algorithm = TPM2_ALG_AES,
                               .keyBits.aes = 128,
                               .mode.aes = TPM2_ALG_CFB },
                .scheme.scheme = TPM2_ALG_NULL,
                .curveID = TPM2_ECC_NIST_P256,
                .kdf.scheme = TPM2_ALG_NULL,
            },
            .unique.ecc = { .x.size = 32, .y.size = 32 },
        } } },
    { "ecc-p384", 0x01c00016, 0x81010016,
      { .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA384,
            .objectAttributes = EK_ATTRIBUTES | TPMA_OBJECT_USERWITHAUTH,
            .authPolicy = { .size = 48, .buffer = POLICY_B_SHA384 },
            .parameters.eccDetail = {
                .symmetric = { .algorithm = TPM2_ALG_AES,
                               .keyBits.aes = 256,
                               .mode.aes = TPM2_ALG_CFB },
                .scheme.scheme = TPM2_ALG_NULL,
                .curveID = TPM2_ECC_NIST_P384,
                .kdf.scheme = TPM2_ALG_NULL,
            },
        } } },
};

#define EK_COUNT (sizeof(eks) / sizeof(eks[0]))

enum httpa_err httpa_tpm_ek_find(struct httpa_tpm_device *d, const char *name,
                                 const struct httpa_tpm_ek **ret,
                                 struct httpa_attest_diag *diag)
{
    bool any = strcmp(name, "auto") == 0;
    bool known = any || strcmp(name, "none") == 0;
    const struct httpa_tpm_ek *found = NULL;
    for (size_t i = 0; i < EK_COUNT && found == NULL; i++) {
        bool named = strcmp(name, eks[i].name) == 0;
        known = known || named;
        if ((named || any) && httpa_tpm_has_handle(d, eks[i].certificate)) {
            found = &eks[i];
        }
    }
    if (!known) {
        return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                 "tpm endorsement key \"%s\": not one of "
                                 "auto, none, rsa-2048, ecc-p256, ecc-p384",
                                 name);
    }
    if (found == NULL && !any && strcmp(name, "none") != 0) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 "tpm (%s): has no certificate for the "
                                 "endorsement key %s",
                                 d->tcti, name);
    }
    *ret = found;
    return HTTPA_OK;
}

/* An endorsement key in the TPM: where, what, and whether to flush it. */
struct loaded {
    ESYS_TR key;
    bool transient;
    bool by_password; /* else by PolicySecret(endorsement) */
};

static enum httpa_err load(struct httpa_tpm_device *d,
                           const struct httpa_tpm_ek *ek, struct loaded *ret,
                           struct httpa_buf *ret_public,
                           struct httpa_attest_diag *diag)
{
    struct loaded l = { .by_password = (ek->templ.publicArea.objectAttributes &
                                        TPMA_OBJECT_USERWITHAUTH) != 0 };
    TPM2B_PUBLIC *pub = NULL;
    if (!httpa_tpm_has_handle(d, ek->persistent)) {
        l.transient = true;
        enum httpa_err err =
            httpa_tpm_device_primary(d, &ek->templ, &l.key, ret_public, diag);
        *ret = l;
        return err;
    }
    TSS2_RC rc = Esys_TR_FromTPMPublic(d->esys, ek->persistent, ESYS_TR_NONE,
                                       ESYS_TR_NONE, ESYS_TR_NONE, &l.key);
    if (rc == TSS2_RC_SUCCESS) {
        rc = Esys_ReadPublic(d->esys, l.key, ESYS_TR_NONE, ESYS_TR_NONE,
                             ESYS_TR_NONE, &pub, NULL, NULL);
    }
    if (rc != TSS2_RC_SUCCESS) {
        return httpa_tpm_device_fail(diag, d, "reading its key", rc);
    }
    l.by_password =
        (pub->publicArea.objectAttributes & TPMA_OBJECT_USERWITHAUTH) != 0;
    enum httpa_err err = httpa_tpm_device_put_public(ret_public, pub);
    Esys_Free(pub);
    *ret = l;
    return err;
}

static void unload(struct httpa_tpm_device *d, const struct loaded *l)
{
    if (l->transient) {
        (void)Esys_FlushContext(d->esys, l->key);
    }
}

enum httpa_err
httpa_tpm_ek_read(struct httpa_tpm_device *d, const struct httpa_tpm_ek *ek,
                  struct httpa_buf *ret_cert, struct httpa_buf *ret_public,
                  struct httpa_attest_diag *diag)
{
    struct loaded l;
    enum httpa_err err =
        httpa_tpm_nv_certificate(d, ek->certificate, ret_cert, diag);
    if (err == HTTPA_OK) {
        err = load(d, ek, &l, ret_public, diag);
    }
    if (err == HTTPA_OK) {
        unload(d, &l);
    }
    return err;
}

/* PolicyA: whoever may use the endorsement hierarchy (everyone, by default)
 * may use its key. */
static TSS2_RC start_policy(struct httpa_tpm_device *d, TPMI_ALG_HASH hash,
                            ESYS_TR *ret_session)
{
    static const TPMT_SYM_DEF plain = { .algorithm = TPM2_ALG_NULL };
    ESYS_TR session = ESYS_TR_NONE;
    TSS2_RC rc = Esys_StartAuthSession(
        d->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
        ESYS_TR_NONE, NULL, TPM2_SE_POLICY, &plain, hash, &session);
    if (rc != TSS2_RC_SUCCESS) {
        return rc;
    }
    rc = Esys_PolicySecret(d->esys, ESYS_TR_RH_ENDORSEMENT, session,
                           ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, NULL,
                           NULL, NULL, 0, NULL, NULL);
    if (rc != TSS2_RC_SUCCESS) {
        (void)Esys_FlushContext(d->esys, session);
        return rc;
    }
    *ret_session = session;
    return TSS2_RC_SUCCESS;
}

static TSS2_RC activate(struct httpa_tpm_device *d, const struct loaded *l,
                        TPMI_ALG_HASH hash, const TPM2B_ID_OBJECT *id,
                        const TPM2B_ENCRYPTED_SECRET *secret,
                        TPM2B_DIGEST **ret)
{
    ESYS_TR session = ESYS_TR_PASSWORD;
    if (!l->by_password) {
        TSS2_RC rc = start_policy(d, hash, &session);
        if (rc != TSS2_RC_SUCCESS) {
            return rc;
        }
    }
    TSS2_RC rc =
        Esys_ActivateCredential(d->esys, d->ak, l->key, ESYS_TR_PASSWORD,
                                session, ESYS_TR_NONE, id, secret, ret);
    if (!l->by_password) {
        (void)Esys_FlushContext(d->esys, session);
    }
    return rc;
}

/* The TPM itself said no, and not the way to it. */
static bool is_refusal(TSS2_RC rc)
{
    return (rc & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER;
}

enum httpa_err httpa_tpm_ek_activate(struct httpa_tpm_device *d,
                                     const struct httpa_tpm_ek *ek,
                                     struct httpa_slice id_object,
                                     struct httpa_slice encrypted_secret,
                                     struct httpa_buf *ret_secret,
                                     struct httpa_attest_diag *diag)
{
    TPM2B_ID_OBJECT id = { 0 };
    TPM2B_ENCRYPTED_SECRET secret = { 0 };
    TPM2B_DIGEST *released = NULL;
    uint8_t room[HTTPA_ATTEST_PUBLIC_MAX];
    struct httpa_buf pub = httpa_buf_fixed(room, sizeof(room));
    struct loaded l;
    size_t at = 0;
    TSS2_RC rc =
        Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(id_object.p, id_object.n, &at, &id);
    at = 0;
    if (rc == TSS2_RC_SUCCESS) {
        rc = Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(
            encrypted_secret.p, encrypted_secret.n, &at, &secret);
    }
    if (rc != TSS2_RC_SUCCESS) {
        return httpa_attest_fail(diag, HTTPA_ERR_KEY,
                                 "a credential of impossible sizes");
    }
    enum httpa_err err = load(d, ek, &l, &pub, diag);
    if (err != HTTPA_OK) {
        return err;
    }
    rc = activate(d, &l, ek->templ.publicArea.nameAlg, &id, &secret, &released);
    unload(d, &l);
    if (rc != TSS2_RC_SUCCESS) {
        err = httpa_tpm_device_fail(diag, d, "activating a credential", rc);
        return is_refusal(rc) ? HTTPA_ERR_KEY : err;
    }
    httpa_buf_put(ret_secret, released->buffer, released->size);
    Esys_Free(released);
    return httpa_buf_check(ret_secret);
}
