/*
 * The stages of httpa_appraise, in their order, one file each.  Each adds its
 * checks to the verdict and answers HTTPA_OK or why it refuses.
 */
#ifndef HTTPA_EVIDENCE_APPRAISE_H
#define HTTPA_EVIDENCE_APPRAISE_H

#include "evidence/verdict.h"

/* The longest text that a stage composes: a sentence with two names. */
#define HTTPA_SENTENCE_MAX 512u

/* Keys of one type that a policy names: each is tried with each item. */
#define HTTPA_POLICY_KEYS_MAX 32u

/* keys.c: the different keys that |policy| (or NULL) names for items of
 * |type|: of remote verifiers, of CCA's platforms; how many.  More than
 * HTTPA_POLICY_KEYS_MAX is too many, and |keys| is then of no use. */
size_t httpa_policy_keys(const struct httpa_policy *policy, const char *type,
                         struct httpa_slice keys[HTTPA_POLICY_KEYS_MAX]);

/* The verifier that reads |media_type|, or NULL. */
const struct httpa_verifier *
httpa_verifier_find(const struct httpa_appraisal *in,
                    struct httpa_slice media_type);

/* What the verifier of item |of| gets. */
struct httpa_verify_in httpa_verify_input(const struct httpa_appraisal *in,
                                          unsigned of);

/* registers.c: whether the value that a set of |profile| gives with |ref| says
 * what code runs; that of a register which anybody can write, or which is one
 * part of several, does not. */
bool httpa_policy_pins_code(const struct httpa_profile *profile,
                            const struct httpa_reference *ref);

/* What a reference that matched is worth, least first.  A policy may write
 * down a machine that measured nothing; its verdict says what that means. */
enum httpa_pin {
    HTTPA_PIN_NOTHING, /* above, or a PCR that nobody extended since a reset */
    HTTPA_PIN_LATER,   /* a PCR that what started before it decides */
    HTTPA_PIN_CODE
};
enum httpa_pin httpa_policy_pin_of(const struct httpa_profile *profile,
                                   const struct httpa_reference *ref);

/* refuse.c: whether evidence of the profile's type tells who signed what
 * runs. */
bool httpa_policy_has_signer(const struct httpa_profile *profile);

/* What to say, a literal, when no value of a set does. */
const char *httpa_policy_needs_code(const struct httpa_profile *profile);

/* Whether it says where: in the owner's configuration or account. */
bool httpa_policy_pins_place(const struct httpa_profile *profile,
                             const struct httpa_reference *ref);

/* policy.c: whether a remote verifier vouches for what the profile accepts,
 * so that it has no measurement sets of its own. */
bool httpa_policy_is_remote(const struct httpa_profile *profile);

/* policy.c: whether its report comes through a paravisor, and so binds no
 * handshake; whether a TPM must be beside it. */
bool httpa_profile_is_paravised(const struct httpa_profile *profile);
bool httpa_profile_has_tpm(const struct httpa_profile *profile);

/* items.c: form, signatures, chains and binding to rd, of every item. */
HTTPA_MUST_USE enum httpa_err
httpa_stage_items(const struct httpa_appraisal *in, struct httpa_verdict *v);

/* profiles.c: `accept`. */
HTTPA_MUST_USE enum httpa_err
httpa_stage_profiles(const struct httpa_appraisal *in, struct httpa_verdict *v);

/* identity.c: `identity`. */
HTTPA_MUST_USE enum httpa_err
httpa_stage_identity(const struct httpa_appraisal *in, struct httpa_verdict *v);

/* session.c: `binding` and `base`. */
HTTPA_MUST_USE enum httpa_err
httpa_stage_session(const struct httpa_appraisal *in, struct httpa_verdict *v);

/* refuse.c: `refuse`. */
HTTPA_MUST_USE enum httpa_err
httpa_stage_refuse(const struct httpa_appraisal *in, struct httpa_verdict *v);

#endif
