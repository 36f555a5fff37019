#include "evidence/tpm/verify.h"

#include "evidence/tpm/chain.h"
#include "evidence/tpm/credential.h"
#include "evidence/tpm/eventlog.h"
#include "evidence/tpm/quote.h"

struct job {
    const struct httpa_tpm_policy *policy;
    const struct httpa_verify_in *in;
    struct httpa_verdict *v;
    unsigned of;
    struct httpa_tpm_evidence e;
    struct httpa_slice ak_name; /* in |name_room| */
    uint8_t name_room[HTTPA_TPM_NAME_MAX];
};

static void add(const struct job *j, const struct httpa_check *check)
{
    struct httpa_check c = *check;
    c.of = j->of;
    c.word = HTTPA_WORD_GENUINE;
    c.source = c.source != NULL ? c.source : "policy";
    httpa_verdict_check(j->v, &c);
}

/* Adds a check that passes when |err| is HTTPA_OK; any failure is a refusal,
 * except those that say we could not look. */
static enum httpa_err
finish(const struct job *j, struct httpa_check *c, enum httpa_err err)
{
    c->outcome = err == HTTPA_OK ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
    add(j, c);
    bool ours =
        err == HTTPA_OK || err == HTTPA_ERR_MEMORY || err == HTTPA_ERR_CRYPTO;
    return ours ? err : HTTPA_ERR_APPRAISAL;
}

static enum httpa_err
follow(const struct job *j, const struct httpa_tpm_chain *chain,
       struct httpa_slice key, bool is_ek, int64_t *ret_lapses_s)
{
    struct httpa_tpm_vouched w = {
        .policy = j->policy, .chain = *chain, .key = key, .is_ek = is_ek
    };
    return httpa_tpm_chain_check(&w, j->in, j->v, j->of, ret_lapses_s);
}

static enum httpa_err trust_pinned(const struct job *j)
{
    struct httpa_check c = {
        .id = "tpm.ak.trust",
        .seen = httpa_value_bytes(j->ak_name),
        .expected = httpa_value_str("a name of ak.names"),
        .text = "The attestation key is not one that the policy pins.",
        .advice = "If this machine is meant, add its ak_name to ak.names.",
    };
    for (size_t i = 0; i < j->policy->name_count; i++) {
        if (httpa_slice_equal(j->ak_name, j->policy->names[i])) {
            return finish(j, &c, HTTPA_OK);
        }
    }
    return finish(j, &c, HTTPA_ERR_APPRAISAL);
}

static enum httpa_err trust_chain(const struct job *j)
{
    struct httpa_check c = {
        .id = "tpm.ak.trust",
        .expected = httpa_value_str("a certificate under ak.ak_roots"),
        .text = "The attestation key has no certificate under the policy's "
                "roots.",
        .advice = "Compare ak.ak_roots with the issuer of the machine's "
                  "attestation key certificate.",
    };
    enum httpa_err err =
        follow(j, &j->e.ak_chain, j->e.ak_public, false, &c.lapses_s);
    c.seen =
        httpa_value_str(err == HTTPA_OK ? "certified" : httpa_strerror(err));
    return finish(j, &c, err);
}

static bool is_activated(const struct job *j, struct httpa_slice ek_sha256)
{
    for (size_t i = 0; i < j->in->activation_count; i++) {
        const struct httpa_activation *a = &j->in->activations[i];
        if (httpa_slice_equal(a->ak_name, j->ak_name) &&
            httpa_slice_equal(a->ek_sha256, ek_sha256)) {
            return true;
        }
    }
    return false;
}

/* An EK certificate signs nothing: that the attestation key lives beside it
 * is shown by the answer to a credential (doc/protocol.md 11.2). */
static enum httpa_err check_activated(const struct job *j)
{
    struct httpa_digest digest;
    enum httpa_err err = httpa_hash_once(j->in->crypto, HTTPA_SHA256,
                                         j->e.ek_chain.der[0], &digest);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_slice ek = httpa_digest_slice(&digest);
    bool done = is_activated(j, ek);
    add(j, &(struct httpa_check){
               .id = "tpm.ak.activated",
               .outcome = done ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_UNKNOWN,
               .seen = httpa_value_bytes(j->ak_name),
               .expected = httpa_value_str("answered a credential"),
               .source = "handshake",
               .text = "Not yet shown: that the attestation key lives in the "
                       "TPM of this certificate.",
               .advice = "Send a credential (tpm-credential) and judge "
                         "again." });
    return done ? HTTPA_OK : HTTPA_ERR_UNDECIDED;
}

static enum httpa_err trust_ek(const struct job *j)
{
    struct httpa_tpm_public ek;
    struct httpa_check c = {
        .id = "tpm.ak.trust",
        .expected = httpa_value_str("an EK certificate under ak.ek_roots"),
        .text = "The TPM's endorsement key has no certificate under the "
                "policy's roots.",
        .advice = "Compare ak.ek_roots with the issuer of the TPM's "
                  "endorsement certificate.",
    };
    enum httpa_err err =
        follow(j, &j->e.ek_chain, j->e.ek_public, true, &c.lapses_s);
    if (err == HTTPA_OK) {
        err = httpa_tpm_public_read(j->e.ek_public, &ek);
    }
    if (err == HTTPA_OK) {
        err = httpa_tpm_ek_check(&ek);
    }
    c.seen =
        httpa_value_str(err == HTTPA_OK ? "certified" : httpa_strerror(err));
    err = finish(j, &c, err);
    return err == HTTPA_OK ? check_activated(j) : err;
}

/* Nobody vouches for the key: any software makes such a quote. */
static enum httpa_err trust_any(const struct job *j)
{
    add(j, &(struct httpa_check){
               .id = "tpm.ak.trust",
               .outcome = HTTPA_OUTCOME_WARN,
               .seen = httpa_value_bytes(j->ak_name),
               .text = "UNPINNED: nobody vouches for the attestation key; any "
                       "software can make such a quote.",
               .advice = "Name the key, or the roots of its certificate, in a "
                         "policy." });
    return HTTPA_OK;
}

/* Compared as keys, not as Names: the hardware says which key, and a Name has
 * attributes in it that it does not say. */
static enum httpa_err check_hardware(const struct job *j)
{
    struct httpa_check c = {
        .id = "tpm.ak.hardware",
        .seen = httpa_value_bytes(j->ak_name),
        .expected = httpa_value_str("the key that the hardware's report names"),
        .text = "The quote is of another TPM than the one that the "
                "hardware's report names.",
    };
    struct httpa_tpm_public ak;
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_tpm_public_read(j->e.ak_public, &ak);
    if (err == HTTPA_OK) {
        err = httpa_tpm_key(j->in->crypto, &ak, &key);
    }
    if (err == HTTPA_OK &&
        (j->in->hardware_ak.n == 0 ||
         !httpa_slice_equal(httpa_pubkey_spki(key), j->in->hardware_ak))) {
        err = HTTPA_ERR_APPRAISAL;
    }
    httpa_pubkey_free(key);
    return finish(j, &c, err);
}

static enum httpa_err judge_trust(const struct job *j)
{
    if (j->in->hardware_ak.n > 0 || j->policy->trust == HTTPA_AK_HARDWARE) {
        enum httpa_err err = check_hardware(j);
        if (err != HTTPA_OK || j->policy->trust == HTTPA_AK_HARDWARE) {
            return err;
        }
    }
    switch (j->policy->trust) {
    case HTTPA_AK_PINNED:
        return trust_pinned(j);
    case HTTPA_AK_CHAIN:
        return trust_chain(j);
    case HTTPA_AK_EK:
        return trust_ek(j);
    case HTTPA_AK_INSECURE_ANY:
        return trust_any(j);
    case HTTPA_AK_HARDWARE: /* answered above */
    case HTTPA_AK_UNSET:
        break;
    }
    struct httpa_check c = { .id = "tpm.ak.trust",
                             .text = "The policy trusts no attestation key." };
    return finish(j, &c, HTTPA_ERR_APPRAISAL);
}

/* Registers of the firmware that |bank| has and the log must replay to. */
static enum httpa_err compare_bank(const struct job *j,
                                   const struct httpa_tpm_pcrs *bank,
                                   bool *ret_secure_boot)
{
    struct httpa_tpm_replay replay;
    enum httpa_err err =
        httpa_tpm_replay(j->in->crypto, j->e.event_log, bank->hash, &replay);
    for (unsigned i = 0; err == HTTPA_OK && i < HTTPA_TPM_FIRMWARE_PCRS; i++) {
        if ((bank->mask >> i & 1) != 0 &&
            !httpa_slice_equal(bank->value[i],
                               httpa_digest_slice(&replay.pcr[i]))) {
            err = HTTPA_ERR_EVIDENCE;
        }
    }
    if (err == HTTPA_OK) {
        *ret_secure_boot = (bank->mask >> 7 & 1) != 0 &&
                           replay.secure_boot_seen && replay.secure_boot;
    }
    return err;
}

/* Every bank must replay: the policy may name registers of any, but SHA-1's
 * (see verify.c). */
static enum httpa_err replay_banks(const struct job *j, bool *ret_secure_boot)
{
    const uint32_t firmware = (1u << HTTPA_TPM_FIRMWARE_PCRS) - 1;
    enum httpa_err err = HTTPA_OK;
    bool any = false;
    bool all_secure = true;
    for (size_t i = 0; err == HTTPA_OK && i < j->e.pcrs_n; i++) {
        bool secure = false;
        if ((j->e.pcrs[i].mask & firmware) != 0 &&
            j->e.pcrs[i].hash != HTTPA_TPM_SHA1) {
            err = compare_bank(j, &j->e.pcrs[i], &secure);
            any = true;
            all_secure = all_secure && secure;
        }
    }
    *ret_secure_boot = any && all_secure;
    return err == HTTPA_OK && !any ? HTTPA_ERR_MISSING : err;
}

static enum httpa_err judge_event_log(const struct job *j)
{
    bool secure = false;
    if (!j->policy->replay_event_log && !j->policy->secure_boot) {
        return HTTPA_OK;
    }
    struct httpa_check c = {
        .id = "tpm.event_log",
        .expected = httpa_value_str("replays to the quoted registers"),
        .text = "The event log does not explain the quoted registers.",
        .advice = "Send the firmware's log (--tpm-event-log kernel) and quote "
                  "PCR 0 to 7.",
    };
    enum httpa_err err = replay_banks(j, &secure);
    c.seen = httpa_value_str(err == HTTPA_OK ? "replays" : httpa_strerror(err));
    err = finish(j, &c, err);
    if (err != HTTPA_OK || !j->policy->secure_boot) {
        return err;
    }
    struct httpa_check boot = {
        .id = "tpm.secure_boot",
        .seen = httpa_value_boolean(secure),
        .expected = httpa_value_boolean(true),
        .text = "The event log does not show that secure boot was on.",
        .advice = "Turn on secure boot in the machine's firmware.",
    };
    return finish(j, &boot, secure ? HTTPA_OK : HTTPA_ERR_APPRAISAL);
}

/* A quote over nothing can be shown again and again. */
static enum httpa_err judge_nonce(const struct job *j)
{
    const struct httpa_claim *data =
        httpa_verdict_find(j->v, j->of, "qualifying_data");
    bool is_there = data != NULL && data->value.bytes.n > 0;
    if (!j->policy->over_something) {
        return HTTPA_OK;
    }
    struct httpa_check c = {
        .id = "tpm.nonce",
        .seen = is_there ? data->value : httpa_value_str("nothing"),
        .expected = httpa_value_str("a nonce"),
        .text = "The quote is over no nonce: it can be shown again and again.",
        .advice = "Ask for a quote over a fresh nonce.",
    };
    return finish(j, &c, is_there ? HTTPA_OK : HTTPA_ERR_APPRAISAL);
}

enum httpa_err httpa_tpm_judge(const struct httpa_profile *profile,
                               const struct httpa_verify_in *in,
                               struct httpa_verdict *v, unsigned of)
{
    struct job j = { .policy = profile->tpm, .in = in, .v = v, .of = of };
    struct httpa_buf name = httpa_buf_fixed(j.name_room, sizeof(j.name_room));
    if (profile->tpm == NULL) {
        return HTTPA_ERR_APPRAISAL;
    }
    enum httpa_err err = httpa_tpm_evidence_read(in->value, &j.e);
    if (err == HTTPA_OK) {
        err = httpa_tpm_name(in->crypto, j.e.ak_public, &name);
    }
    j.ak_name = httpa_buf_slice(&name);
    if (err == HTTPA_OK) {
        err = judge_trust(&j);
    }
    if (err == HTTPA_OK) {
        err = judge_nonce(&j);
    }
    return err == HTTPA_OK ? judge_event_log(&j) : err;
}
