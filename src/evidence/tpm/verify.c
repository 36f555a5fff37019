#include "evidence/tpm/verify.h"

#include "base/writer.h"
#include "evidence/tpm/ask.h"
#include "evidence/tpm/quote.h"

#define MEDIA_TYPE "application/vnd.httpa.tpm"

/* One verification: the input, what was parsed, where checks go. */
struct job {
    const struct httpa_verify_in *in;
    struct httpa_verdict *v;
    unsigned of;
    struct httpa_tpm_evidence e;
    struct httpa_tpm_attest attest;
    struct httpa_tpm_signature signature;
    struct httpa_tpm_public ak;
    enum httpa_hash_id hash; /* of the signing scheme */
};

/* Adds a check that passes when |err| is HTTPA_OK, and returns |err|. */
static enum httpa_err
check(const struct job *j, const char *id, enum httpa_err err, const char *text)
{
    struct httpa_check c = { .id = id,
                             .of = j->of,
                             .outcome = HTTPA_OUTCOME_PASS,
                             .word = HTTPA_WORD_GENUINE,
                             .source = "evidence" };
    if (err != HTTPA_OK) {
        c.outcome = HTTPA_OUTCOME_FAIL;
        c.seen = httpa_value_str(httpa_strerror(err));
        c.text = text;
    }
    httpa_verdict_check(j->v, &c);
    return err;
}

static enum httpa_err parse(struct job *j)
{
    enum httpa_err err = httpa_tpm_evidence_read(j->in->value, &j->e);
    if (err == HTTPA_OK) {
        err = httpa_tpm_signature_read(j->e.signature, &j->signature);
    }
    if (err == HTTPA_OK) {
        err = httpa_tpm_public_read(j->e.ak_public, &j->ak);
    }
    if (err == HTTPA_OK && j->e.ek_public.n > 0) {
        struct httpa_tpm_public ek;
        err = httpa_tpm_public_read(j->e.ek_public, &ek);
    }
    return check(j, "tpm.form", err, "The evidence does not parse.");
}

static enum httpa_err check_attributes(struct job *j)
{
    uint8_t room[HTTPA_TPM_NAME_MAX];
    struct httpa_buf name = httpa_buf_fixed(room, sizeof(room));
    enum httpa_err err = httpa_tpm_ak_check(&j->ak);
    if (err == HTTPA_OK) {
        err = httpa_tpm_name(j->in->crypto, j->e.ak_public, &name);
    }
    if (err == HTTPA_OK) {
        httpa_verdict_claim(j->v, j->of, "ak_name",
                            httpa_value_bytes(httpa_buf_slice(&name)));
    }
    return check(j, "tpm.ak.attributes", err,
                 "The key may sign more than what a TPM itself made.");
}

static enum httpa_err check_signature(struct job *j)
{
    struct httpa_pubkey *key = NULL;
    bool fits = j->ak.scheme == HTTPA_TPM_NULL ||
                (j->ak.scheme == j->signature.alg &&
                 j->ak.scheme_hash == j->signature.hash);
    enum httpa_err err = fits ? HTTPA_OK : HTTPA_ERR_KEY;
    if (err == HTTPA_OK) {
        err = httpa_tpm_key(j->in->crypto, &j->ak, &key);
    }
    if (err == HTTPA_OK) {
        err = httpa_tpm_quote_signature(j->in->crypto, key, j->e.attest,
                                        &j->signature, &j->hash);
    }
    httpa_pubkey_free(key);
    return check(j, "tpm.signature", err,
                 "The signature of the quote does not verify.");
}

static enum httpa_err
check_binding(struct job *j, const struct httpa_slice *expected)
{
    if (expected == NULL) {
        httpa_verdict_check(j->v,
                            &(struct httpa_check){
                                .id = "tpm.binding",
                                .of = j->of,
                                .outcome = HTTPA_OUTCOME_SKIP,
                                .seen = httpa_value_bytes(j->attest.extra_data),
                                .source = "evidence" });
        return HTTPA_OK;
    }
    return check(j, "tpm.binding", httpa_tpm_quote_binds(&j->attest, *expected),
                 "The quote was made for another handshake.");
}

static void
claim_registers(const struct job *j, const struct httpa_tpm_pcrs *bank)
{
    for (unsigned pcr = 0; pcr < HTTPA_TPM_PCRS; pcr++) {
        uint8_t room[24]; /* "sha256.pcr23" */
        struct httpa_buf name = httpa_buf_fixed(room, sizeof(room));
        if ((bank->mask >> pcr & 1) == 0) {
            continue;
        }
        httpa_buf_put_str(&name, httpa_tpm_hash_name(bank->hash));
        httpa_buf_put_str(&name, ".pcr");
        httpa_write_decimal(&name, pcr);
        httpa_verdict_measured(j->v, j->of, httpa_buf_slice(&name),
                               httpa_value_bytes(bank->value[pcr]));
    }
}

static void claim(const struct job *j, const char *name, uint64_t value)
{
    httpa_verdict_claim(
        j->v, j->of, name,
        httpa_value_integer(value > INT64_MAX ? INT64_MAX : (int64_t)value));
}

/* Names the certificate that a policy may ask for; nothing is believed of it
 * here. */
static enum httpa_err claim_ek(const struct job *j)
{
    struct httpa_digest digest;
    if (j->e.ek_chain.n == 0) {
        return HTTPA_OK;
    }
    enum httpa_err err = httpa_hash_once(j->in->crypto, HTTPA_SHA256,
                                         j->e.ek_chain.der[0], &digest);
    if (err == HTTPA_OK) {
        httpa_verdict_claim(j->v, j->of, "ek_sha256",
                            httpa_value_bytes(httpa_digest_slice(&digest)));
    }
    return err;
}

/* What is signed; called once the signature and the digest have verified. */
static void claim_all(const struct job *j)
{
    uint8_t room[8];
    struct httpa_buf version = httpa_buf_fixed(room, sizeof(room));
    httpa_write_u64(&version, j->attest.firmware_version);
    httpa_verdict_claim(j->v, j->of, "firmware_version",
                        httpa_value_bytes(httpa_buf_slice(&version)));
    httpa_verdict_claim(j->v, j->of, "qualifying_data",
                        httpa_value_bytes(j->attest.extra_data));
    claim(j, "clock_ms", j->attest.clock);
    claim(j, "reset_count", j->attest.reset_count);
    claim(j, "restart_count", j->attest.restart_count);
    httpa_verdict_claim(j->v, j->of, "clock_safe",
                        httpa_value_boolean(j->attest.safe));
    for (size_t i = 0; i < j->e.pcrs_n; i++) {
        /* values of SHA-1 are part of the digest and prove nothing */
        if (j->e.pcrs[i].hash != HTTPA_TPM_SHA1) {
            claim_registers(j, &j->e.pcrs[i]);
        }
    }
}

/* "sha256: 0 1 2" */
static void claim_selection(const struct job *j)
{
    uint8_t room[HTTPA_TPM_BANKS * (8 + 3 * HTTPA_TPM_PCRS)];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    for (size_t i = 0; i < j->attest.select_n; i++) {
        const struct httpa_tpm_selection *s = &j->attest.select[i];
        httpa_buf_put_str(&text, i > 0 ? ", " : "");
        httpa_buf_put_str(&text, httpa_tpm_hash_name(s->hash));
        httpa_buf_put_str(&text, ":");
        for (unsigned pcr = 0; pcr < HTTPA_TPM_PCRS; pcr++) {
            if ((s->mask >> pcr & 1) != 0) {
                httpa_buf_put_str(&text, " ");
                httpa_write_decimal(&text, pcr);
            }
        }
    }
    httpa_verdict_claim(j->v, j->of, "pcr_selection",
                        httpa_value_text(httpa_buf_slice(&text)));
    httpa_verdict_claim(j->v, j->of, "pcr_digest",
                        httpa_value_bytes(j->attest.pcr_digest));
}

/* A stored quote may have come without its values: then it is what it is, and
 * says nothing that a set could be compared with.  In a handshake they must be
 * there (doc/protocol.md 6.5). */
static enum httpa_err check_digest(const struct job *j)
{
    bool untold = j->e.pcrs_n == 0 && j->in->rd == NULL;
    enum httpa_err err =
        untold ? httpa_tpm_quote_covers(j->hash, &j->attest)
               : httpa_tpm_quote_digest(j->in->crypto, j->hash, &j->attest,
                                        j->e.pcrs, j->e.pcrs_n);
    if (err != HTTPA_OK || !untold) {
        return check(j, "tpm.pcrs.digest", err,
                     "The register values are not those that were quoted.");
    }
    claim_selection(j);
    httpa_verdict_check(
        j->v, &(struct httpa_check){
                  .id = "tpm.pcrs.digest",
                  .of = j->of,
                  .outcome = HTTPA_OUTCOME_WARN,
                  .word = HTTPA_WORD_PINNED,
                  .seen = httpa_value_bytes(j->attest.pcr_digest),
                  .source = "evidence",
                  .text = "NO REGISTER VALUES: the quote came with the digest "
                          "of its registers alone; none of them can be "
                          "compared.",
                  .advice = "Keep the values with the quote." });
    return HTTPA_OK;
}

/* A TPM's firmware has no level that a policy could compare. */
static void note_current(const struct job *j)
{
    httpa_verdict_check(j->v,
                        &(struct httpa_check){ .id = "tpm.firmware",
                                               .of = j->of,
                                               .outcome = HTTPA_OUTCOME_SKIP,
                                               .word = HTTPA_WORD_CURRENT,
                                               .source = "evidence" });
}

enum httpa_err httpa_tpm_verify(const struct httpa_verify_in *in,
                                const struct httpa_slice *expected,
                                struct httpa_verdict *v, unsigned of)
{
    struct job j = { .in = in, .v = v, .of = of };
    enum httpa_err err = parse(&j);
    if (err == HTTPA_OK) {
        err =
            check(&j, "tpm.quote", httpa_tpm_attest_read(j.e.attest, &j.attest),
                  "What was signed is not a quote.");
    }
    if (err == HTTPA_OK) {
        err = check_attributes(&j);
    }
    if (err == HTTPA_OK) {
        err = check_signature(&j);
    }
    if (err == HTTPA_OK) {
        err = check_binding(&j, expected);
    }
    if (err == HTTPA_OK) {
        err = check_digest(&j);
    }
    if (err == HTTPA_OK) {
        claim_all(&j);
        note_current(&j);
        err = claim_ek(&j);
    }
    return err;
}

/* doc/protocol.md 6.1: a TPM has less room than 64 bytes. */
static enum httpa_err
verify(const struct httpa_verify_in *in, struct httpa_verdict *v, unsigned of)
{
    struct httpa_digest digest;
    if (in->rd == NULL) {
        return httpa_tpm_verify(in, in->nonce.n > 0 ? &in->nonce : NULL, v,
                                of);
    }
    enum httpa_err err =
        httpa_hash_once(in->crypto, HTTPA_SHA256,
                        httpa_slice_of(in->rd, HTTPA_RD_LEN), &digest);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_slice expected = httpa_digest_slice(&digest);
    return httpa_tpm_verify(in, &expected, v, of);
}

const struct httpa_verifier httpa_verifier_tpm = {
    .type = "tpm",
    .media_type = MEDIA_TYPE,
    .verify = verify,
    .judge = httpa_tpm_judge,
    .ask = httpa_tpm_ask,
    .replied = httpa_tpm_replied,
};
