/*
 * A TPM 2.0 through tpm2-tss (ESAPI): with tpm_nv.c, tpm_ak.c and tpm_ek.c the
 * only file that speaks to one.  Everything that a TPM holds for us is flushed
 * before the connection is closed, because a TPM without a resource manager
 * has three slots for objects and three for sessions.
 */
#ifndef HTTPA_ATTEST_TPM_DEVICE_H
#define HTTPA_ATTEST_TPM_DEVICE_H

#include <tss2/tss2_esys.h>

#include "attest/attest.h"
#include "evidence/tpm/format.h"

/* Room for a TPMT_PUBLIC: RSA-4096 and what stands before it. */
#define HTTPA_ATTEST_PUBLIC_MAX 640u

struct httpa_tpm_device {
    const char *tcti; /* borrowed */
    TSS2_TCTI_CONTEXT *transport;
    ESYS_CONTEXT *esys; /* NULL: not connected */
    ESYS_TR ak;         /* ESYS_TR_NONE: not loaded */
    bool ak_stays;      /* it is persistent, and not ours to flush */
    const char *ak_name; /* which one that is; borrowed */
};

/* The values of some banks, as they were read. */
struct httpa_tpm_values {
    struct httpa_tpm_selection select[HTTPA_TPM_BANKS];
    size_t select_n;
    uint8_t value[HTTPA_TPM_BANKS][HTTPA_TPM_PCRS][HTTPA_TPM_DIGEST_MAX];
};

/* |diag| gets what was tried and what the TPM said. */
enum httpa_err httpa_tpm_device_fail(struct httpa_attest_diag *diag,
                                     const struct httpa_tpm_device *d,
                                     const char *what, TSS2_RC rc);

/* Connects if that is not done, and loads the key of |ak|
 * ("ecdsa-p256-sha256", "auto" and so on); appends its TPMT_PUBLIC to
 * |ret_public|.  HTTPA_ERR_CONFIG: no such key. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_device_connect(struct httpa_tpm_device *d, const char *ak,
                         struct httpa_buf *ret_public,
                         struct httpa_attest_diag *diag);

/* Flushes and closes; safe in any state. */
void httpa_tpm_device_drop(struct httpa_tpm_device *d);

/* The template of an attestation key; NULL for a name that is none. */
const TPM2B_PUBLIC *httpa_tpm_ak_template(const char *name);

/* Makes the primary key of |templ| in the endorsement hierarchy.  With the
 * same template and hierarchy seed it is always the same key. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_device_primary(struct httpa_tpm_device *d, const TPM2B_PUBLIC *templ,
                         ESYS_TR *ret_key, struct httpa_buf *ret_public,
                         struct httpa_attest_diag *diag);

/* Appends |pub| as TPMT_PUBLIC. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_device_put_public(struct httpa_buf *out, const TPM2B_PUBLIC *pub);

/* Reads every register that |values->select| names.  HTTPA_ERR_CONFIG: a bank
 * is not active in this TPM. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_device_read_pcrs(struct httpa_tpm_device *d,
                           struct httpa_tpm_values *values,
                           struct httpa_attest_diag *diag);

/* Quotes the registers that |values->select| names over |qualifying|; appends
 * TPMS_ATTEST and TPMT_SIGNATURE. */
HTTPA_MUST_USE enum httpa_err httpa_tpm_device_quote(
    struct httpa_tpm_device *d, const struct httpa_tpm_values *values,
    struct httpa_slice qualifying, struct httpa_buf *ret_attest,
    struct httpa_buf *ret_signature, struct httpa_attest_diag *diag);

/* ------------------------------------------------------- its own memory */

bool httpa_tpm_has_handle(struct httpa_tpm_device *d, TPM2_HANDLE handle);

/* Appends an NV index. */
TSS2_RC httpa_tpm_nv_read(struct httpa_tpm_device *d, TPM2_HANDLE handle,
                          struct httpa_buf *out);

/* Appends the certificate (DER) that an NV index begins with.
 * HTTPA_ERR_DEVICE: there is none. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_nv_certificate(struct httpa_tpm_device *d, TPM2_HANDLE handle,
                         struct httpa_buf *ret_cert,
                         struct httpa_attest_diag *diag);

/* ------------------------------------------------------ attestation keys */

/* |name|, or for "auto" that of the first key that a cloud certified in this
 * TPM, or of our own kind. */
const char *httpa_tpm_ak_choose(struct httpa_tpm_device *d, const char *name);

/* Loads that key into |d->ak|; appends its TPMT_PUBLIC.  HTTPA_ERR_CONFIG: no
 * such name; HTTPA_ERR_DEVICE: it is not in this TPM. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_ak_load(struct httpa_tpm_device *d, const char *name,
                  struct httpa_buf *ret_public, struct httpa_attest_diag *diag);

/* Appends the certificate of a cloud's key; nothing for our own. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_ak_certificate(struct httpa_tpm_device *d, const char *name,
                         struct httpa_buf *ret_cert,
                         struct httpa_attest_diag *diag);

/* ------------------------------------------------------ endorsement keys */

struct httpa_tpm_ek; /* a row of the table of EKs that TPMs are made with */

/* The row called |name| ("rsa-2048"), or for "auto" the first whose
 * certificate is in the TPM; NULL in *ret when there is none or |name| is
 * "none".  HTTPA_ERR_CONFIG: no such name; HTTPA_ERR_DEVICE: the named one has
 * no certificate. */
HTTPA_MUST_USE enum httpa_err httpa_tpm_ek_find(struct httpa_tpm_device *d,
                                                const char *name,
                                                const struct httpa_tpm_ek **ret,
                                                struct httpa_attest_diag *diag);

/* Appends the certificate (DER) and the TPMT_PUBLIC. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_ek_read(struct httpa_tpm_device *d, const struct httpa_tpm_ek *ek,
                  struct httpa_buf *ret_cert, struct httpa_buf *ret_public,
                  struct httpa_attest_diag *diag);

/* TPM2_ActivateCredential.  HTTPA_ERR_KEY: not for this TPM and key. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_ek_activate(struct httpa_tpm_device *d, const struct httpa_tpm_ek *ek,
                      struct httpa_slice id_object,
                      struct httpa_slice encrypted_secret,
                      struct httpa_buf *ret_secret,
                      struct httpa_attest_diag *diag);

#endif
