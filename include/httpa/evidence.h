/*
 * Evidence: from a peer's bytes to a verdict.
 *
 * There is one function, httpa_appraise, for every kind of evidence, for the
 * handshake and for an auditor with a file.  What it is not told, it does not
 * assume: without a policy it refuses, an unknown type counts for nothing,
 * and an absent verifier, register, key or piece of collateral is never a
 * pass.  It does no I/O and knows no clock.
 *
 *   static const struct httpa_verifier *const known[] = {
 *       &httpa_verifier_tpm, &httpa_verifier_eat,
 *   };
 *   struct httpa_appraisal a = {
 *       .crypto = crypto, .verifiers = known, .verifier_count = 2,
 *       .policy = policy, .origin = httpa_slice_str("https://a.example"),
 *       .now_s = now, .evidence = items, .evidence_count = n,
 *       .service_spki = spki, .session = &facts,
 *   };
 *   struct httpa_verdict *v = httpa_verdict_new();
 *   enum httpa_err err = httpa_appraise(&a, v);
 *
 * The order of judgement (doc/policy.md, "Order") is: the policy itself and
 * its date; its origins; evidence parses; signatures, chains and binding, of
 * every item; each profile in turn (type, dates, one measurement set whole,
 * the type's own members, `with`); identity; binding and age; `refuse`.  The
 * first thing that fails is the reason.  While anything cryptographic fails,
 * nothing is compared with the policy.
 *
 * A verifier is a row of two functions.  verify() knows a format and a
 * vendor: it says whether the bytes are genuine and over rd, and what they
 * claim; it never sees a policy, but for the keys that nobody builds in, of
 * remote verifiers and CCA's platforms.  judge() knows the members of a
 * profile that only this type has.  Everything else is done here, on claims.
 * Registers are claimed with httpa_verdict_measured under the names that
 * policies use:
 *
 *   tpm   <bank>.pcr<n>, bytes: "sha256.pcr7", "sha384.pcr0"
 *   nitro pcr<n>, bytes: "pcr0"
 *   dev   the text keys of the token
 *   tdx   mrtd, rtmr0 to rtmr3, mr_config_id, mr_owner, mr_owner_config and
 *         mr_service_td, bytes
 *   sgx   mrenclave, mrsigner, config_id, family_id and ext_prod_id, bytes;
 *         isv_prod_id, isv_svn and config_svn, integers
 *   cca   rim, rem0 to rem3 and personalization_value, bytes
 *
 * Claims for `refuse`, where a type has them: "product" text, "chip" bytes,
 * "signer" bytes, "advisories" texts.
 */
#ifndef HTTPA_EVIDENCE_H
#define HTTPA_EVIDENCE_H

#include <httpa/policy.h>
#include <httpa/verified.h>
#include <httpa/verifiers.h>

struct httpa_crypto;

/* Bytes that evidence binds (doc/protocol.md 6.1). */
#define HTTPA_RD_LEN 64u

/* Items in one handshake: a CPU, its devices, a vTPM; not a crowd. */
#define HTTPA_EVIDENCE_MAX 16u

#define HTTPA_ENDORSEMENTS_MAX 24u /* in one handshake */

#define HTTPA_SERVICE_CHAIN_MAX 6u /* certificates of a service key */

/* What ties an item to this handshake (doc/protocol.md 6.3). */
enum httpa_binding {
    HTTPA_BINDING_NONE = 0,
    HTTPA_BINDING_FRESH, /* a quote of its own */
    HTTPA_BINDING_BATCH, /* a leaf of a tree that one quote covers */
    HTTPA_BINDING_KEY    /* a key that was attested earlier signed E */
};

/* One evidence item.  An attester's side fills the first four members. */
struct httpa_evidence {
    struct httpa_slice media_type;
    struct httpa_slice value; /* bytes of the CMW value */
    enum httpa_binding binding;
    uint32_t max_age_s; /* of Attest-Quotes; 0: not said */

    /* What the value must bind, made by the verifying side from its own
     * transcript: HTTPA_RD_LEN bytes.  For BATCH the proof has been followed
     * to this root, for KEY the signature over E has been verified, else the
     * item must not get here.  NULL only in an offline appraisal. */
    const uint8_t *rd;

    /* Offline only, and without rd: what the value must bind as it is, for
     * evidence made outside this protocol (a TPM's qualifyingData).  Empty:
     * nothing is compared. */
    struct httpa_slice nonce;

    uint32_t batch_index; /* BATCH: for people */
    uint32_t batch_size;
    int64_t not_before_s; /* KEY: the interval inside rd */
    int64_t not_after_s;
    bool seen_fresh; /* KEY: we saw this key listed beside fresh or batch
                        evidence that passed this policy, and not longer than
                        key_max_age_s ago by our own clock */
};

/* Media types of endorsements that more than one type of evidence has: one
 * certificate in DER, certificates in PEM, one revocation list in DER. */
#define HTTPA_ENDORSEMENT_CERT "application/pkix-cert"
#define HTTPA_ENDORSEMENT_CHAIN "application/pem-certificate-chain"
#define HTTPA_ENDORSEMENT_CRL "application/pkix-crl"

/* Something a third party signed about the evidence: certificates, revocation
 * lists, platform data.  Candidates only: verifiers check all of it. */
struct httpa_endorsement {
    struct httpa_slice media_type;
    struct httpa_slice value;
};

/* Several of them, borrowed. */
struct httpa_endorsements {
    const struct httpa_endorsement *v;
    size_t n;
};

/* An attestation key of a TPM that answered MakeCredential for the
 * endorsement key with this certificate (doc/protocol.md 11.2). */
struct httpa_activation {
    struct httpa_slice ak_name;   /* nameAlg || digest */
    struct httpa_slice ek_sha256; /* of the EK certificate, DER */
};

/* What a verifier gets, once per item. */
struct httpa_verify_in {
    const struct httpa_crypto *crypto;
    struct httpa_slice value;
    const uint8_t *rd; /* HTTPA_RD_LEN bytes; NULL: nothing to compare with,
                          add the check as SKIP */
    struct httpa_slice nonce; /* instead of rd; see struct httpa_evidence */
    const struct httpa_endorsement *endorsements;
    size_t endorsement_count;
    const struct httpa_activation *activations;
    size_t activation_count;
    /* Keys that the policy names for items of this type, of whatever profile,
     * SubjectPublicKeyInfo: of remote verifiers, of CCA's platforms.  Roots,
     * as those of vendors are built in.  verify() only. */
    const struct httpa_slice *policy_keys;
    size_t policy_key_count;
    int64_t now_s;
    struct httpa_slice hardware_ak; /* judge(), `via`: the only SPKI to take */
};

/*
 * A question to the device behind an evidence item, asked in one more message
 * on the new base (doc/protocol.md 11): the one entry of its content, and
 * what has to come back.  Wiped by httpa_challenge_done.
 */
#define HTTPA_CHALLENGE_SECRET 32u
#define HTTPA_CHALLENGE_NAME_MAX 66u

struct httpa_challenge {
    const char *ask_label;   /* "tpm-credential" */
    const char *ask_type;    /* its media type */
    struct httpa_buf ask;    /* its value */
    const char *reply_label; /* "tpm-activated" */
    const char *reply_type;
    uint8_t secret[HTTPA_CHALLENGE_SECRET];
    uint8_t ak_name[HTTPA_CHALLENGE_NAME_MAX]; /* for the activation that a */
    size_t ak_name_len;                        /* right answer is worth */
    uint8_t ek_sha256[32];
};

void httpa_challenge_done(struct httpa_challenge *c);

struct httpa_random;

/*
 * Both functions answer HTTPA_OK only when nothing is left open, and add
 * their checks and claims about item |of| to |v|.  Whatever else they answer
 * refuses the item; httpa_appraise adds a check of its own where a verifier
 * refused without a failing one.  They keep no state and are called from any
 * thread.
 */
struct httpa_verifier {
    const char *type;       /* of the profiles it serves */
    const char *media_type; /* of the items it reads */

    /* Every date that verify() compares with `now_s` is one of a certificate
     * or list that it read, or was named to httpa_memo_instant: so
     * <httpa/verified.h> may say again what it said. */
    bool is_watched;

    /*
     * Parses |in->value|, verifies signatures and chains as far as a vendor
     * root that is built in allows, compares |in->rd|.  Only the claims of an
     * item that passed are ever compared with anything, but all are shown.
     * HTTPA_ERR_UNDECIDED   collateral is missing or stale
     * HTTPA_ERR_MEMORY, HTTPA_ERR_CRYPTO
     * anything else         not genuine, or not for us
     */
    enum httpa_err (*verify)(const struct httpa_verify_in *in,
                             struct httpa_verdict *v, unsigned of);

    /*
     * Judges the type's own members of |profile| for an item that verified
     * and whose measurement set matched.  May be called several times, with
     * other profiles; the checks of those that failed are taken back.  NULL:
     * the type has no members of its own.
     * HTTPA_ERR_APPRAISAL   refused
     * HTTPA_ERR_UNDECIDED   as above; tpm.ak.activated: a credential first
     */
    enum httpa_err (*judge)(const struct httpa_profile *profile,
                            const struct httpa_verify_in *in,
                            struct httpa_verdict *v, unsigned of);

    /*
     * Makes the question for an item whose judge answered UNDECIDED for want
     * of an activation.  NULL in types without one.
     * HTTPA_ERR_EVIDENCE    the item names no key to ask
     * HTTPA_ERR_KEY         or one that its certificate is not for
     * HTTPA_ERR_MEMORY, HTTPA_ERR_CRYPTO
     */
    enum httpa_err (*ask)(const struct httpa_verify_in *in,
                          const struct httpa_random *random,
                          struct httpa_challenge *ret_challenge);

    /* Judges the reply: HTTPA_OK only for the secret, compared in constant
     * time; HTTPA_ERR_EVIDENCE, HTTPA_ERR_MALFORMED. */
    enum httpa_err (*replied)(const struct httpa_challenge *challenge,
                              struct httpa_slice value);
};

/* Everything one appraisal looks at; all of it is borrowed for the call. */
struct httpa_appraisal {
    const struct httpa_crypto *crypto;
    const struct httpa_verifier *const *verifiers;
    size_t verifier_count;

    const struct httpa_policy *policy; /* NULL: none, so refused, but shown */
    struct httpa_slice origin;         /* the Attest-Target that was sent */
    int64_t now_s;

    /* An auditor's look at stored evidence: no handshake, so origin, binding,
     * age and identity are skipped, and the verdict warns that they were.
     * Never set by a client that is about to send something. */
    bool offline;

    const struct httpa_evidence *evidence; /* in the order of Attest-Quotes */
    size_t evidence_count;
    const struct httpa_endorsement *endorsements;
    size_t endorsement_count;
    const struct httpa_activation *activations;
    size_t activation_count;

    /* The service key, DER, and only if a signature `service` over E verified
     * under it; and the chain it came with, leaf (that key) first. */
    struct httpa_slice service_spki;
    const struct httpa_slice *service_chain;
    size_t service_chain_count;

    /* For identity `webpki`: the public roots the caller trusts, DER. */
    const struct httpa_slice *public_roots;
    size_t public_root_count;

    const struct httpa_session_facts *session; /* NULL only when offline */

    /* What was verified before (<httpa/verified.h>); NULL: nothing. */
    struct httpa_verified *verified;
};

/*
 * Judges.  |v| is new, or holds the handshake's own checks.
 *
 *   HTTPA_OK              accepted; httpa_verdict_result tells of warnings
 *   HTTPA_ERR_EVIDENCE    an item is not genuine or not bound to rd, or there
 *                         is none of a known type
 *   HTTPA_ERR_APPRAISAL   genuine, and refused by the policy
 *   HTTPA_ERR_UNDECIDED   collateral missing or stale
 *   HTTPA_ERR_IDENTITY    the service is not proved to be whose it should be
 *   HTTPA_ERR_NO_POLICY   genuine, and no policy, or none for this origin
 *   HTTPA_ERR_EXPIRED     the policy has expired
 *   HTTPA_ERR_CONFIG      the policy cannot be judged (httpa_policy_check)
 *   HTTPA_ERR_LIMIT       more than the verdict or this function holds
 *   HTTPA_ERR_USAGE       no rd or no session, and not offline
 *   HTTPA_ERR_MEMORY, HTTPA_ERR_CRYPTO
 *
 * |v| is complete in each case and says the same.
 */
HTTPA_MUST_USE enum httpa_err
httpa_appraise(const struct httpa_appraisal *in, struct httpa_verdict *v);

#endif
