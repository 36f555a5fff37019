/*
 * What a policy asks of results of remote verifiers, type "ear"; part of
 * <httpa/policy.h>.
 */
#ifndef HTTPA_POLICY_EAR_H
#define HTTPA_POLICY_EAR_H

#include <httpa/slice.h>

/* What a remote verifier made of one attester, best first (AR4SI 2.3.2).
 * "none" is no claim either way. */
enum httpa_ear_status {
    HTTPA_EAR_UNSET = 0,
    HTTPA_EAR_AFFIRMING,
    HTTPA_EAR_WARNING,
    HTTPA_EAR_NONE,
    HTTPA_EAR_CONTRAINDICATED /* never passes */
};

/*
 * Type "ear": the result of a remote verifier, which is believed instead of
 * looking.  Profiles of this type have no measurement sets, so their verdict
 * warns, and identity "measured" is never met by them.
 */
#define HTTPA_EAR_MAX_AGE_S 300u /* JSON default */

/* Keys of verifiers in all profiles of a policy: each is tried. */
#define HTTPA_EAR_KEYS_MAX 32u

struct httpa_ear_policy {
    const struct httpa_slice *keys; /* SubjectPublicKeyInfo, DER */
    size_t key_count;
    const char *issuer;                 /* NULL: any */
    const struct httpa_slice *profiles; /* eat_profile; none: those of EAR's
                                           drafts (src/evidence/ear) */
    size_t profile_count;
    enum httpa_ear_status min_status; /* this or better; UNSET: nothing
                                         passes */
    uint32_t max_age_s;               /* of the token, by its iat */
    bool insecure_any_nonce; /* made for any handshake, or for none (JSON:
                                nonce false) */
    const struct httpa_slice *submods; /* names that have to be there */
    size_t submod_count;
};

#endif
