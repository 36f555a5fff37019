/*
 * What TPM2_MakeCredential is made of (TPM 2.0 Library, Part 1, 11.4.10,
 * Annexes B.4 and C.6): the two key derivations, CFB, OAEP.  ECDH is
 * httpa_kex_answer with the group of the curve, the peer's share being
 * httpa_pubkey_point.  Nothing here is used by the protocol itself.
 */
#ifndef HTTPA_CRYPTO_TPM_H
#define HTTPA_CRYPTO_TPM_H

#include <httpa/slice.h>

#include "crypto/hash.h"
#include "crypto/key.h"

/* KDFa: contextU and contextV.  KDFe: PartyUInfo and PartyVInfo.  The label's
 * zero byte is added. */
struct httpa_tpm_info {
    const char *label;
    struct httpa_slice u;
    struct httpa_slice v;
};

/* KDFa (Part 1, 11.4.10.2): SP 800-108 counter mode with HMAC, |n| bytes.
 * HTTPA_ERR_RANGE: more than 64 bytes, or none. */
HTTPA_MUST_USE enum httpa_err httpa_tpm_kdfa(const struct httpa_crypto *crypto,
                                             enum httpa_hash_id hash,
                                             struct httpa_slice key,
                                             const struct httpa_tpm_info *info,
                                             uint8_t *ret_out, size_t n);

/* KDFe (Part 1, 11.4.10.3): SP 800-56A with |z|, |n| bytes.  Errors as
 * httpa_tpm_kdfa. */
HTTPA_MUST_USE enum httpa_err httpa_tpm_kdfe(const struct httpa_crypto *crypto,
                                             enum httpa_hash_id hash,
                                             struct httpa_slice z,
                                             const struct httpa_tpm_info *info,
                                             uint8_t *ret_out, size_t n);

/* AES-CFB128 encryption with a key of 16 or 32 bytes; |ret_out| gets in.n
 * bytes and may be in.p.  HTTPA_ERR_USAGE: another key size. */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_cfb_encrypt(const struct httpa_crypto *crypto, struct httpa_slice key,
                      const uint8_t iv[16], struct httpa_slice in,
                      uint8_t *ret_out);

/* RSAES-OAEP, |hash| for label and MGF1; |label| with the zero byte added.
 *   HTTPA_ERR_KEY    not an RSA key
 *   HTTPA_ERR_RANGE  |message| is too long for the key
 *   HTTPA_ERR_SPACE  |out| is full */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_oaep_encrypt(const struct httpa_crypto *crypto,
                       const struct httpa_pubkey *pubkey,
                       enum httpa_hash_id hash, const char *label,
                       struct httpa_slice message, struct httpa_buf *out);

#endif
