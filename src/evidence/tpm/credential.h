/*
 * TPM2_MakeCredential in software (TPM 2.0 Library, Part 1, 24; doc/protocol.md
 * 11.2 and appendix B): a secret that only the TPM with a given endorsement
 * key can release, and only if an attestation key of a given Name is loaded
 * in the same TPM.
 *
 * The two maps are contents of the activation message: `tpm-credential` from
 * the client, `tpm-activated` from the service.
 */
#ifndef HTTPA_EVIDENCE_TPM_CREDENTIAL_H
#define HTTPA_EVIDENCE_TPM_CREDENTIAL_H

#include "crypto/crypto.h"
#include "crypto/random.h"
#include "evidence/tpm/format.h"

#define HTTPA_TPM_SECRET_LEN 32u

/* Room for both structures: an RSA-4096 secret, a digest, a credential. */
#define HTTPA_TPM_CREDENTIAL_MAX 1024u

/* tpm-credential: both with their size prefix. */
struct httpa_tpm_credential {
    struct httpa_slice id_object;        /* 1: TPM2B_ID_OBJECT */
    struct httpa_slice encrypted_secret; /* 2: TPM2B_ENCRYPTED_SECRET */
};

/* HTTPA_ERR_KEY unless |ek| is a storage key that was made inside a TPM and
 * cannot leave it, with AES-CFB as endorsement keys have it. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_ek_check(const struct httpa_tpm_public *ek);

/*
 * Appends the tpm-credential map that releases |secret| for |ek| and the key
 * called |ak_name|.
 * HTTPA_ERR_KEY          |ek| fails httpa_tpm_ek_check
 * HTTPA_ERR_UNSUPPORTED  nameAlg or size of |ek|
 * HTTPA_ERR_SPACE        |out| is full
 */
HTTPA_MUST_USE enum httpa_err httpa_tpm_make_credential(
    const struct httpa_crypto *crypto, const struct httpa_random *rng,
    const struct httpa_tpm_public *ek, struct httpa_slice ak_name,
    const uint8_t secret[HTTPA_TPM_SECRET_LEN], struct httpa_buf *out);

/* Reads a tpm-credential map: exactly those two, with right prefixes.  Errors
 * as httpa_tpm_evidence_read. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_credential_read(struct httpa_slice in,
                          struct httpa_tpm_credential *ret);

/* The tpm-activated map {1: secret}; any length up to 64 is read, since the
 * TPM decides, and the caller compares. */
void httpa_tpm_activated_write(struct httpa_buf *b, struct httpa_slice secret);
HTTPA_MUST_USE enum httpa_err
httpa_tpm_activated_read(struct httpa_slice in, struct httpa_slice *ret_secret);

#endif
