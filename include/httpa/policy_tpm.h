/*
 * What a policy asks of TPMs, type "tpm"; part of <httpa/policy.h>.
 */
#ifndef HTTPA_POLICY_TPM_H
#define HTTPA_POLICY_TPM_H

#include <stdbool.h>

#include <httpa/slice.h>

enum httpa_ak_trust {
    HTTPA_AK_UNSET = 0, /* nothing is trusted */
    HTTPA_AK_PINNED,    /* one of |names| */
    HTTPA_AK_EK,        /* activated against an EK certificate under |roots| or
                           |root_keys| */
    HTTPA_AK_CHAIN,     /* has a certificate under |roots| or |root_keys| */
    HTTPA_AK_INSECURE_ANY, /* any: for looking at stored evidence; warns */
    HTTPA_AK_HARDWARE   /* the one that the report of the profile around it
                           names; nothing outside `with` of one via azure */
};

struct httpa_tpm_policy {
    enum httpa_ak_trust trust;
    const struct httpa_slice *names; /* AK Names: nameAlg || digest */
    size_t name_count;
    const struct httpa_slice *roots; /* certificates, DER */
    size_t root_count;
    /* SHA-256 of SubjectPublicKeyInfo, 32 bytes each, of roots whose
     * certificates come with the evidence: those of struct httpa_tpm_builtin,
     * or of anybody whose root is known by its key. */
    const struct httpa_slice *root_keys;
    size_t root_key_count;
    bool replay_event_log; /* the log must replay to the quoted registers */
    bool secure_boot;      /* and say that secure boot was on */
    bool no_reset_since_base; /* JSON default true; for re-attestation */
    bool over_something; /* qualifyingData is not empty; rd always is there */
};

/* Roots of a vendor that are built in. */
struct httpa_tpm_builtin {
    const char *name; /* "gce": "builtin:gce" in files */
    bool of_eks;      /* they issue certificates of endorsement keys */
    const struct httpa_slice *keys; /* as |root_keys| */
    size_t key_count;
};

const struct httpa_tpm_builtin *httpa_tpm_builtins(size_t *ret_count);

#endif
