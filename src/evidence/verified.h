/* Where the appraisal asks <httpa/verified.h>. */
#ifndef HTTPA_EVIDENCE_VERIFIED_H
#define HTTPA_EVIDENCE_VERIFIED_H

#include <httpa/verified.h>

#include "evidence/verdict.h"

/* verifier->verify(in, v, of), or what it said before; plainly the former
 * when |verified| is NULL. */
HTTPA_MUST_USE enum httpa_err
httpa_verified_verify(struct httpa_verified *verified,
                      const struct httpa_verifier *verifier,
                      const struct httpa_verify_in *in, struct httpa_verdict *v,
                      unsigned of);

/* SHA-256 of |value|, or what it was for one of the items. */
HTTPA_MUST_USE enum httpa_err
httpa_verified_sha256(const struct httpa_verified *verified,
                      const struct httpa_crypto *crypto,
                      struct httpa_slice value, uint8_t ret_sha256[32]);

#endif
