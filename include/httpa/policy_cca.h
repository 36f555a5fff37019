/*
 * What a policy asks of Arm CCA platforms, type "cca"; part of
 * <httpa/policy.h>.
 */
#ifndef HTTPA_POLICY_CCA_H
#define HTTPA_POLICY_CCA_H

#include <stdbool.h>

#include <httpa/slice.h>

/* The media type of an endorsement: one PUBLIC KEY in PEM, which may have
 * signed a platform's token (CPAK). */
#define HTTPA_ENDORSEMENT_CPAK "application/vnd.httpa.cca-cpak"

/* Different CPAKs in all profiles of a policy: each is tried. */
#define HTTPA_CCA_KEYS_MAX 32u

/* Of a part of the platform's firmware: it is there, from that signer, and
 * has this measurement, or this version or a later one ("1.0.0"). */
struct httpa_cca_demand {
    const char *type; /* "RMM" */
    struct httpa_slice signer_id;
    struct httpa_slice measurement; /* n is 0: any */
    const char *version_min;        /* NULL: any; one of the two is there */
};

/*
 * No vendor's root is built in: the keys that sign platform tokens (CPAK) are
 * the policy's own.  A platform that is not secured is refused always.
 */
struct httpa_cca_policy {
    const struct httpa_slice *cpaks; /* SubjectPublicKeyInfo; none: nobody */
    size_t cpak_count;
    const struct httpa_slice *implementation_ids; /* 32 bytes; none: nothing
                                                     passes */
    size_t implementation_id_count;
    const struct httpa_slice *instance_ids; /* 33 bytes; none: any */
    size_t instance_id_count;
    const struct httpa_cca_demand *components; /* none: a warning */
    size_t component_count;
    bool insecure_any_platform; /* any CPAK, any implementation: for looking at
                                   stored evidence; warns */
};

#endif
