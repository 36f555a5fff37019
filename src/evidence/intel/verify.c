#include "evidence/intel/verify.h"

#include "base/secret.h"
#include "codec/cmw.h"
#include "crypto/crl.h"
#include "crypto/hash.h"
#include "crypto/memo.h"
#include "crypto/sign.h"
#include "evidence/report_data.h"

/* The same in every chain that Intel has sent since 2018. */
const uint8_t httpa_intel_root[HTTPA_INTEL_PIN] = {
    0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91,
    0x86, 0x06, 0x8a, 0x7f, 0xc1, 0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35,
    0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e,
};

#define PCK_NAME "Intel SGX PCK Certificate"
#define PLATFORM_CA_NAME "Intel SGX PCK Platform CA"
#define PROCESSOR_CA_NAME "Intel SGX PCK Processor CA"
#define SIGNER_NAME "Intel SGX TCB Signing"

/* One verification: the input, what was read, where checks go. */
struct job {
    const struct httpa_verify_in *in;
    const uint8_t *pin;
    bool is_tdx;
    struct httpa_verdict *v;
    unsigned of;
    bool undecided;
    bool is_of_another; /* platform: the only collateral there is */
    int64_t signer_ends_s; /* of the collateral that was looked at last */
    struct httpa_intel_quote q;
    struct httpa_intel_chain chain; /* PCK, its CA, the root */
    struct httpa_intel_pck pck;
    struct httpa_crl *root_crl; /* NULL: missing or stale */
    struct httpa_slice root_der; /* that list, as it came */
    const struct httpa_intel_signed *proof; /* for rank_signer */
    bool has_info;
    struct httpa_intel_tcb_info info;
    bool has_identity;
    struct httpa_intel_qe_identity identity;
    struct httpa_digest ppid;
    int64_t issued_s; /* the oldest collateral; 0: none yet */
};

/* ---- checks ---- */

enum step {
    STEP_FORM,
    STEP_CHAIN,
    STEP_CRL,
    STEP_INFO,
    STEP_IDENTITY,
    STEP_MODULE,
    STEP_QE_REPORT,
    STEP_QE,
    STEP_SIGNATURE,
    STEP_BINDING,
    STEP_EVALUATIONS
};

static const struct {
    const char *tdx;
    const char *sgx;
    const char *text;
} steps[] = {
    [STEP_FORM] = { "tdx.form", "sgx.form", "The quote does not parse." },
    [STEP_CHAIN] = { "tdx.pck.chain", "sgx.pck.chain",
                     "The platform has no certificate under the Intel SGX "
                     "Root CA." },
    [STEP_CRL] = { "tdx.pck.crl", "sgx.pck.crl",
                   "The platform's certificate is revoked, or a revocation "
                   "list is not its issuer's." },
    [STEP_INFO] = { "tdx.tcb_info", "sgx.tcb_info",
                    "The TCB info is not Intel's, or not of this platform." },
    [STEP_IDENTITY] = { "tdx.qe_identity", "sgx.qe_identity",
                        "The identity of the Quoting Enclave is not "
                        "Intel's." },
    [STEP_MODULE] = { "tdx.module", NULL,
                      "The TDX module is not one of Intel's." },
    [STEP_QE_REPORT] = { "tdx.qe.report", "sgx.qe.report",
                         "The platform did not certify the attestation "
                         "key." },
    [STEP_QE] = { "tdx.qe.identity", "sgx.qe.identity",
                  "The attestation key is not that of Intel's Quoting "
                  "Enclave." },
    [STEP_SIGNATURE] = { "tdx.quote.signature", "sgx.quote.signature",
                         "The signature of the quote does not verify." },
    [STEP_BINDING] = { "tdx.binding", "sgx.binding",
                       "The quote was made for another handshake." },
    [STEP_EVALUATIONS] = { "tdx.evaluations", "sgx.evaluations", NULL },
};

/* Steps that look at what came beside the evidence. */
static bool is_of_collateral(enum step step)
{
    return (step >= STEP_CRL && step <= STEP_MODULE) ||
           step == STEP_EVALUATIONS;
}

static struct httpa_check check_of(const struct job *j, enum step step)
{
    return (struct httpa_check){
        .id = j->is_tdx ? steps[step].tdx : steps[step].sgx,
        .of = j->of,
        .word = HTTPA_WORD_GENUINE,
        .source = is_of_collateral(step) ? "collateral" : "evidence",
    };
}

/* Adds |c| with the outcome of |err|.  Collateral that is missing or stale is
 * remembered, and the verification goes on: what is wrong beside it must not
 * hide behind it.  So HTTPA_OK, or a failure. */
static enum httpa_err
add(struct job *j, struct httpa_check *c, enum step step, enum httpa_err err)
{
    c->outcome = HTTPA_OUTCOME_PASS;
    if (err == HTTPA_ERR_UNDECIDED) {
        c->outcome = HTTPA_OUTCOME_UNKNOWN;
        c->seen = httpa_value_str(j->is_of_another ? "of another platform"
                                                   : "missing or stale");
        j->is_of_another = false;
        c->text = "Intel's collateral for this platform is missing or stale.";
        c->advice = "httpa collateral fetch EVIDENCE --to DIR gets it from "
                    "Intel; then --collateral DIR. Operator: httpa serve "
                    "--collateral DIR.";
        j->undecided = true;
    } else if (err != HTTPA_OK) {
        c->outcome = HTTPA_OUTCOME_FAIL;
        c->seen = httpa_value_str(httpa_strerror(err));
        c->text = steps[step].text;
    }
    httpa_verdict_check(j->v, c);
    return err == HTTPA_ERR_UNDECIDED ? HTTPA_OK : err;
}

static enum httpa_err say(struct job *j, enum step step, enum httpa_err err)
{
    struct httpa_check c = check_of(j, step);
    return add(j, &c, step, err);
}

static enum httpa_err unless(bool ok)
{
    return ok ? HTTPA_OK : HTTPA_ERR_EVIDENCE;
}

/* Genuine, and about something else: what is needed is missing. */
static enum httpa_err of_another(struct job *j)
{
    j->is_of_another = true;
    return HTTPA_ERR_UNDECIDED;
}

/* ---- endorsements ---- */

/* How good a candidate is: NO_FIT, or the time at which Intel made it.  One
 * that is not valid now is worse than any that is. */
typedef int64_t (*rank_fn)(const struct job *j, struct httpa_slice value);

#define NO_FIT INT64_MIN
#define STALE (INT64_C(1) << 60) /* above any rank of one that is valid */

/* What was known goes before when it was said: Intel still signs older
 * evaluations anew.  Times are below 2^40, numbers below 2^16 or as good. */
static int64_t with_number(int64_t rank, uint32_t number)
{
    int64_t known = number < 0xffff ? number : 0xffff;
    return rank + (known << 40);
}

static int64_t rank_of(const struct job *j, int64_t from_s, int64_t to_s)
{
    bool valid = from_s <= j->in->now_s && j->in->now_s <= to_s;
    httpa_memo_instant(j->in->crypto, from_s);
    httpa_memo_instant(j->in->crypto, to_s);
    return valid ? from_s : from_s - STALE;
}

/* The best of |type|, of equal ones the first; or the first at all, which is
 * then refused for its own reason. */
static enum httpa_err find(const struct job *j, const char *type, rank_fn rank,
                           struct httpa_slice *ret_value)
{
    const struct httpa_endorsement *best = NULL;
    int64_t best_rank = NO_FIT;
    bool is_ranked = false; /* which costs signatures: not for the only one */
    for (size_t i = 0; i < j->in->endorsement_count; i++) {
        const struct httpa_endorsement *e = &j->in->endorsements[i];
        if (!httpa_cmw_is_type(e->media_type, type)) {
            continue;
        }
        if (best == NULL) {
            best = e;
            continue;
        }
        best_rank = is_ranked ? best_rank : rank(j, best->value);
        is_ranked = true;
        int64_t r = rank(j, e->value);
        if (r > best_rank) {
            best = e;
            best_rank = r;
        }
    }
    if (best == NULL) {
        return HTTPA_ERR_UNDECIDED;
    }
    *ret_value = best->value;
    return HTTPA_OK;
}

/* The certificate says which platform it is; a list of another one would find
 * levels that mean nothing here. */
static bool is_of_platform(const struct job *j,
                           const struct httpa_intel_tcb_info *info)
{
    return info->is_tdx == j->is_tdx &&
           httpa_slice_equal(httpa_slice_of(info->fmspc, sizeof(info->fmspc)),
                             j->pck.fmspc) &&
           httpa_slice_equal(httpa_slice_of(info->pce_id, sizeof(info->pce_id)),
                             j->pck.pce_id);
}

static int64_t rank_info(const struct job *j, struct httpa_slice value)
{
    struct httpa_intel_tcb_info info;
    if (httpa_intel_tcb_info_read(value, &info) != HTTPA_OK ||
        !is_of_platform(j, &info)) {
        return NO_FIT;
    }
    return with_number(rank_of(j, info.dates.issue_s, info.dates.next_s),
                       info.evaluation_number);
}

static int64_t rank_identity(const struct job *j, struct httpa_slice value)
{
    struct httpa_intel_qe_identity identity;
    if (httpa_intel_qe_identity_read(value, &identity) != HTTPA_OK ||
        identity.is_tdx != j->is_tdx) {
        return NO_FIT;
    }
    return with_number(
        rank_of(j, identity.dates.issue_s, identity.dates.next_s),
        identity.evaluation_number);
}

static int64_t rank_crl(const struct job *j, struct httpa_slice value,
                        const struct httpa_cert *cert)
{
    int64_t rank = NO_FIT;
    struct httpa_crl *crl = NULL;
    if (httpa_crl_read(j->in->crypto, value, &crl) == HTTPA_OK &&
        httpa_slice_equal(httpa_crl_issuer(crl), httpa_cert_issuer(cert))) {
        rank = rank_of(j, httpa_crl_this_update(crl),
                       httpa_crl_next_update(crl));
    }
    httpa_crl_free(crl);
    return rank;
}

static int64_t rank_pck_crl(const struct job *j, struct httpa_slice value)
{
    return rank_crl(j, value, j->chain.certs[0]);
}

static int64_t rank_root_crl(const struct job *j, struct httpa_slice value)
{
    return rank_crl(j, value, j->chain.certs[1]);
}

static enum httpa_err
check_proof(const struct job *j, const struct httpa_cert *signer)
{
    return httpa_cert_verify(
        j->in->crypto, signer, HTTPA_SIGN_ES256, j->proof->bytes,
        httpa_slice_of(j->proof->signature, sizeof(j->proof->signature)));
}

/* Whether any list of |type| that |issuer| signed names |cert|, of whatever
 * time: revocation is for good (RFC 5280 5.3.1; a hold is not lifted here), so
 * no newer list that is silent takes it back.  |but| has been asked. */
static bool is_revoked(const struct job *j, const char *type,
                       struct httpa_slice but, const struct httpa_cert *issuer,
                       const struct httpa_cert *cert)
{
    bool revoked = false;
    for (size_t i = 0; i < j->in->endorsement_count && !revoked; i++) {
        const struct httpa_endorsement *e = &j->in->endorsements[i];
        struct httpa_crl *crl = NULL;
        if (e->value.p != but.p && httpa_cmw_is_type(e->media_type, type) &&
            httpa_crl_read(j->in->crypto, e->value, &crl) == HTTPA_OK) {
            revoked = httpa_crl_check(crl, cert) == HTTPA_ERR_CHAIN &&
                      httpa_crl_verify(j->in->crypto, crl, issuer) == HTTPA_OK;
        }
        httpa_crl_free(crl);
    }
    return revoked;
}

static enum httpa_err
check_signer_revoked(const struct job *j, const struct httpa_cert *signer)
{
    if (j->root_crl != NULL &&
        httpa_crl_check(j->root_crl, signer) == HTTPA_ERR_CHAIN) {
        return HTTPA_ERR_CHAIN;
    }
    return is_revoked(j, HTTPA_INTEL_TYPE_ROOT_CRL, j->root_der,
                      httpa_intel_chain_root(&j->chain), signer)
               ? HTTPA_ERR_CHAIN
               : HTTPA_OK;
}

/* The one that signed the document goes before any other, and of several
 * certificates for its key one that holds: then one that is revoked, which
 * must show, then one that has expired. */
static int64_t rank_signer(const struct job *j, struct httpa_slice value)
{
    struct httpa_intel_chain chain = { 0 };
    int64_t lapses_s = 0;
    int64_t rank = NO_FIT;
    enum httpa_err err =
        httpa_intel_chain_read(j->in->crypto, value, 2, &chain);
    if (err == HTTPA_OK) {
        err = httpa_intel_chain_verify(j->in->crypto, &chain, j->pin,
                                       SIGNER_NAME, j->in->now_s, &lapses_s);
        rank = err == HTTPA_OK || err == HTTPA_ERR_EXPIRED ? 0 : NO_FIT;
    }
    if (rank == 0 && check_proof(j, chain.certs[0]) == HTTPA_OK) {
        rank = err != HTTPA_OK ? 1
               : check_signer_revoked(j, chain.certs[0]) != HTTPA_OK ? 2
                                                                     : 3;
    }
    httpa_intel_chain_free(&chain);
    return rank;
}

/* ---- chain and revocation ---- */

static enum httpa_err read_platform(struct job *j)
{
    struct httpa_slice extension;
    enum httpa_err err = httpa_cert_extension(j->chain.certs[0],
                                              HTTPA_INTEL_PCK_OID, &extension);
    if (err == HTTPA_OK) {
        err = httpa_intel_pck_read(extension, &j->pck);
    }
    return err == HTTPA_OK ? httpa_hash_once(j->in->crypto, HTTPA_SHA256,
                                             j->pck.ppid, &j->ppid)
                           : err;
}

static enum httpa_err check_chain(struct job *j)
{
    struct httpa_check c = check_of(j, STEP_CHAIN);
    c.expected = httpa_value_str("Intel SGX Root CA");
    enum httpa_err err = httpa_intel_chain_read(
        j->in->crypto, j->q.pck_chain, HTTPA_INTEL_CHAIN_MAX, &j->chain);
    if (err == HTTPA_OK) {
        err = httpa_intel_chain_verify(j->in->crypto, &j->chain, j->pin,
                                       PCK_NAME, j->in->now_s, &c.lapses_s);
    }
    if (err == HTTPA_OK &&
        !httpa_intel_is_called(j->chain.certs[1], PLATFORM_CA_NAME) &&
        !httpa_intel_is_called(j->chain.certs[1], PROCESSOR_CA_NAME)) {
        err = HTTPA_ERR_CHAIN;
    }
    if (err == HTTPA_OK) {
        err = read_platform(j);
    }
    c.seen = httpa_value_str("Intel SGX Root CA (pinned)");
    return add(j, &c, STEP_CHAIN, err);
}

/* The newest list of |type| that |issuer| signed, if neither it nor an older
 * one names |cert|. */
static enum httpa_err take_crl(struct job *j, const char *type, rank_fn rank,
                               const struct httpa_cert *issuer,
                               const struct httpa_cert *cert,
                               struct httpa_crl **ret_crl,
                               struct httpa_slice *ret_der)
{
    struct httpa_slice der = { 0 };
    struct httpa_crl *crl = NULL;
    enum httpa_err err = find(j, type, rank, &der);
    if (err == HTTPA_OK) {
        err = httpa_crl_read(j->in->crypto, der, &crl);
    }
    if (err == HTTPA_OK && !httpa_slice_equal(httpa_crl_issuer(crl),
                                              httpa_cert_issuer(cert))) {
        err = of_another(j);
    }
    if (err == HTTPA_OK) {
        err = httpa_crl_verify(j->in->crypto, crl, issuer);
    }
    if (err == HTTPA_OK) {
        err = httpa_crl_check(crl, cert);
    }
    if (err == HTTPA_OK && is_revoked(j, type, der, issuer, cert)) {
        err = HTTPA_ERR_CHAIN;
    }
    if (err == HTTPA_OK && httpa_crl_at(crl, j->in->now_s) != HTTPA_OK) {
        err = HTTPA_ERR_UNDECIDED;
    }
    if (err != HTTPA_OK) {
        httpa_crl_free(crl);
        return err;
    }
    *ret_crl = crl;
    *ret_der = der;
    return HTTPA_OK;
}

static void set_age(const struct job *j, struct httpa_check *c, int64_t from_s,
                    int64_t to_s)
{
    if (c->lapses_s == 0 || to_s < c->lapses_s) {
        c->has_age = true;
        c->age_s = j->in->now_s > from_s ? j->in->now_s - from_s : 0;
        c->lapses_s = to_s;
    }
}

static void note_issued(struct job *j, int64_t issued_s)
{
    if (j->issued_s == 0 || issued_s < j->issued_s) {
        j->issued_s = issued_s;
    }
}

static enum httpa_err check_crls(struct job *j)
{
    struct httpa_check c = check_of(j, STEP_CRL);
    struct httpa_crl *crl = NULL;
    struct httpa_slice der;
    c.seen = httpa_value_str("not revoked");
    c.expected = c.seen;
    enum httpa_err root = take_crl(j, HTTPA_INTEL_TYPE_ROOT_CRL, rank_root_crl,
                                   httpa_intel_chain_root(&j->chain),
                                   j->chain.certs[1], &j->root_crl,
                                   &j->root_der);
    enum httpa_err leaf = take_crl(j, HTTPA_INTEL_TYPE_PCK_CRL, rank_pck_crl,
                                   j->chain.certs[1], j->chain.certs[0], &crl,
                                   &der);
    if (root == HTTPA_OK && leaf == HTTPA_OK) {
        set_age(j, &c, httpa_crl_this_update(j->root_crl),
                httpa_crl_next_update(j->root_crl));
        set_age(j, &c, httpa_crl_this_update(crl), httpa_crl_next_update(crl));
        note_issued(j, httpa_crl_this_update(crl));
    }
    httpa_crl_free(crl);
    bool root_failed = root != HTTPA_OK && root != HTTPA_ERR_UNDECIDED;
    return add(j, &c, STEP_CRL, root_failed || leaf == HTTPA_OK ? root : leaf);
}

/* ---- signed collateral ---- */

/* Intel's signature over the bytes as they stand in the document.  A signer
 * that has expired makes it stale; one that is revoked, nobody's. */
static enum httpa_err check_signer(struct job *j, const char *chain_type,
                                   const struct httpa_intel_signed *proof)
{
    struct httpa_slice pem;
    struct httpa_intel_chain chain = { 0 };
    int64_t lapses_s = 0;
    j->proof = proof;
    enum httpa_err err = find(j, chain_type, rank_signer, &pem);
    if (err == HTTPA_OK) {
        err = httpa_intel_chain_read(j->in->crypto, pem, 2, &chain);
    }
    if (err == HTTPA_OK) {
        err = httpa_intel_chain_verify(j->in->crypto, &chain, j->pin,
                                       SIGNER_NAME, j->in->now_s, &lapses_s);
        err = err == HTTPA_ERR_EXPIRED ? HTTPA_ERR_UNDECIDED : err;
        j->signer_ends_s = lapses_s;
    }
    if (err == HTTPA_OK) {
        err = check_signer_revoked(j, chain.certs[0]);
    }
    if (err == HTTPA_OK) {
        err = check_proof(j, chain.certs[0]);
    }
    httpa_intel_chain_free(&chain);
    return err;
}

/* Told of what is stale as well.  The signer has to hold as long. */
static enum httpa_err
check_dates(const struct job *j, const struct httpa_intel_dates *dates,
            struct httpa_check *c)
{
    httpa_memo_instant(j->in->crypto, dates->issue_s);
    httpa_memo_instant(j->in->crypto, dates->next_s);
    set_age(j, c, dates->issue_s, dates->next_s);
    if (j->signer_ends_s < c->lapses_s) {
        c->lapses_s = j->signer_ends_s;
    }
    return dates->issue_s <= j->in->now_s && j->in->now_s <= dates->next_s
               ? HTTPA_OK
               : HTTPA_ERR_UNDECIDED;
}

static enum httpa_err check_info(struct job *j)
{
    struct httpa_check c = check_of(j, STEP_INFO);
    struct httpa_slice json;
    enum httpa_err err = find(j, HTTPA_INTEL_TYPE_TCB_INFO, rank_info, &json);
    if (err == HTTPA_OK) {
        err = httpa_intel_tcb_info_read(json, &j->info);
    }
    if (err == HTTPA_OK) {
        err = check_signer(j, HTTPA_INTEL_TYPE_TCB_CHAIN, &j->info.proof);
    }
    if (err == HTTPA_OK && !is_of_platform(j, &j->info)) {
        err = of_another(j);
    }
    if (err == HTTPA_OK) {
        err = check_dates(j, &j->info.dates, &c);
    }
    if (err == HTTPA_OK) {
        note_issued(j, j->info.dates.issue_s);
    }
    j->has_info = err == HTTPA_OK;
    return add(j, &c, STEP_INFO, err);
}

/* CVE-2026-22696: the identity was fetched, and neither verified nor used. */
static enum httpa_err check_identity(struct job *j)
{
    struct httpa_check c = check_of(j, STEP_IDENTITY);
    struct httpa_slice json;
    enum httpa_err err =
        find(j, HTTPA_INTEL_TYPE_QE_IDENTITY, rank_identity, &json);
    if (err == HTTPA_OK) {
        err = httpa_intel_qe_identity_read(json, &j->identity);
    }
    if (err == HTTPA_OK) {
        err = check_signer(j, HTTPA_INTEL_TYPE_QE_CHAIN, &j->identity.proof);
    }
    if (err == HTTPA_OK && j->identity.is_tdx != j->is_tdx) {
        err = of_another(j);
    }
    if (err == HTTPA_OK) {
        err = check_dates(j, &j->identity.dates, &c);
    }
    if (err == HTTPA_OK) {
        note_issued(j, j->identity.dates.issue_s);
    }
    j->has_identity = err == HTTPA_OK;
    return add(j, &c, STEP_IDENTITY, err);
}

static enum httpa_err check_module(struct job *j)
{
    if (!j->is_tdx) {
        return HTTPA_OK;
    }
    return say(j, STEP_MODULE,
               j->has_info ? httpa_intel_module_check(&j->info, &j->q.td)
                           : HTTPA_ERR_UNDECIDED);
}

/* ---- the quote itself ---- */

/* REPORTDATA of the QE: SHA-256(key || auth), then zeros.  Without this any
 * key signs quotes beside a genuine QE report. */
static enum httpa_err check_ak(const struct job *j)
{
    struct httpa_hash h;
    struct httpa_digest digest = { 0 };
    enum httpa_err err = httpa_hash_init(&h, j->in->crypto, HTTPA_SHA256);
    if (err == HTTPA_OK) {
        httpa_hash_update(&h, j->q.ak);
        httpa_hash_update(&h, j->q.qe_auth);
        err = httpa_hash_final(&h, &digest);
        httpa_hash_done(&h);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    uint8_t expected[HTTPA_INTEL_REPORT_DATA] = { 0 };
    memcpy(expected, digest.bytes, digest.n);
    return unless(httpa_slice_equal(httpa_slice_of(expected, sizeof(expected)),
                                    j->q.qe.report_data));
}

static enum httpa_err check_qe_report(struct job *j)
{
    enum httpa_err err =
        httpa_cert_verify(j->in->crypto, j->chain.certs[0], HTTPA_SIGN_ES256,
                          j->q.qe.bytes, j->q.qe_signature);
    return say(j, STEP_QE_REPORT, err == HTTPA_OK ? check_ak(j) : err);
}

static bool
matches(struct httpa_slice have, const uint8_t *mask, const uint8_t *want)
{
    for (size_t i = 0; i < have.n; i++) {
        if ((have.p[i] & mask[i]) != want[i]) {
            return false;
        }
    }
    return true;
}

static enum httpa_err check_qe(struct job *j)
{
    const struct httpa_intel_qe_identity *want = &j->identity;
    const struct httpa_intel_enclave *qe = &j->q.qe;
    if (!j->has_identity) {
        return say(j, STEP_QE, HTTPA_ERR_UNDECIDED);
    }
    bool same =
        httpa_slice_equal(
            qe->mrsigner,
            httpa_slice_of(want->mrsigner, sizeof(want->mrsigner))) &&
        qe->isv_prod_id == want->isv_prod_id &&
        matches(qe->misc_select, want->misc_select_mask, want->misc_select) &&
        matches(qe->attributes, want->attributes_mask, want->attributes);
    return say(j, STEP_QE, unless(same));
}

static enum httpa_err check_signature(struct job *j)
{
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_pubkey_from_ec(
        j->in->crypto, HTTPA_KEY_P256, httpa_slice_of(j->q.ak.p, 32),
        httpa_slice_from(j->q.ak, 32), &key);
    if (err == HTTPA_OK) {
        err = httpa_verify(j->in->crypto, key, HTTPA_SIGN_ES256,
                           j->q.signed_part, j->q.signature);
    }
    httpa_pubkey_free(key);
    return say(j, STEP_SIGNATURE, err);
}

static enum httpa_err check_binding(struct job *j)
{
    uint8_t expected[HTTPA_RD_LEN];
    struct httpa_check c = check_of(j, STEP_BINDING);
    if (j->in->rd == NULL && j->in->nonce.n == 0) {
        c.outcome = HTTPA_OUTCOME_SKIP;
        c.word = HTTPA_WORD_NONE;
        c.seen = httpa_value_bytes(j->q.report_data);
        httpa_verdict_check(j->v, &c);
        return HTTPA_OK;
    }
    bool fits = httpa_report_data_wanted(j->in, expected) &&
                httpa_ct_equal(expected, j->q.report_data.p, sizeof(expected));
    c.outcome = fits ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
    c.seen = httpa_value_bytes(j->q.report_data);
    c.expected =
        httpa_value_bytes(httpa_slice_of(expected, sizeof(expected)));
    c.text = fits ? NULL : steps[STEP_BINDING].text;
    httpa_verdict_check(j->v, &c);
    return unless(fits);
}

/* ---- since when it is out of date ---- */

/* Evaluations of Intel's that hold now, of this TEE, and name what was the
 * first to call a level of |date_s| out of date. */
static bool read_evaluations(struct job *j, struct httpa_slice json,
                             int64_t date_s, uint32_t number,
                             struct httpa_check *c,
                             struct httpa_intel_evaluation *ret_first)
{
    struct httpa_intel_evaluations e;
    return httpa_intel_evaluations_read(json, &e) == HTTPA_OK &&
           e.is_tdx == j->is_tdx &&
           check_signer(j, HTTPA_INTEL_TYPE_TCB_CHAIN, &e.proof) == HTTPA_OK &&
           check_dates(j, &e.dates, c) == HTTPA_OK &&
           httpa_intel_evaluations_find(&e, date_s, number, ret_first);
}

/* Optional collateral, so that what is wrong with it refuses nothing: it gives
 * no grace.  Of several the earliest event counts, as a later one is what an
 * older or forged list would want. */
static int64_t find_event(struct job *j, int64_t date_s, uint32_t number)
{
    struct httpa_check c = check_of(j, STEP_EVALUATIONS);
    bool is_there = false;
    int64_t since_s = 0;
    for (size_t i = 0; i < j->in->endorsement_count; i++) {
        const struct httpa_endorsement *piece = &j->in->endorsements[i];
        struct httpa_check found = check_of(j, STEP_EVALUATIONS);
        struct httpa_intel_evaluation first;
        if (!httpa_cmw_is_type(piece->media_type,
                               HTTPA_INTEL_TYPE_EVALUATIONS)) {
            continue;
        }
        is_there = true;
        if (read_evaluations(j, piece->value, date_s, number, &found, &first) &&
            (since_s == 0 || first.event_s < since_s)) {
            since_s = first.event_s;
            c = found;
            c.seen = httpa_value_integer(first.number);
        }
    }
    c.outcome = since_s != 0 ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_SKIP;
    c.word = HTTPA_WORD_CURRENT;
    if (is_there) {
        httpa_verdict_check(j->v, &c);
    }
    return since_s;
}

/* ---- all of it ---- */

static void claim(struct job *j)
{
    struct httpa_intel_tcb tcb;
    struct httpa_intel_found found = {
        .quote = &j->q,
        .pck = &j->pck,
        .ppid_sha256 = httpa_digest_slice(&j->ppid),
    };
    if (j->has_info && j->has_identity) {
        httpa_intel_tcb_find(&j->info, &j->identity, &j->pck.platform,
                             j->is_tdx ? &j->q.td : NULL, j->q.qe.isv_svn,
                             &tcb);
        found.tcb = &tcb;
        found.issued_s = j->issued_s;
        found.evaluation_number =
            j->info.evaluation_number < j->identity.evaluation_number
                ? j->info.evaluation_number
                : j->identity.evaluation_number;
        found.outdated_since_s =
            tcb.outdated_s != 0
                ? find_event(j, tcb.outdated_s, found.evaluation_number)
                : 0;
    }
    httpa_intel_claim(&found, j->v, j->of);
}

/* In this order the first check that fails is the reason. */
static enum httpa_err run(struct job *j)
{
    static enum httpa_err (*const checks[])(struct job *) = {
        check_chain,    check_crls,      check_info,
        check_identity, check_module,    check_qe_report,
        check_qe,       check_signature, check_binding,
    };
    enum httpa_err err = httpa_intel_quote_read(j->in->value, &j->q);
    if (err == HTTPA_OK && j->q.is_tdx != j->is_tdx) {
        err = HTTPA_ERR_UNSUPPORTED;
    }
    err = say(j, STEP_FORM, err);
    for (size_t i = 0;
         err == HTTPA_OK && i < sizeof(checks) / sizeof(checks[0]); i++) {
        err = checks[i](j);
    }
    if (err == HTTPA_OK) {
        claim(j);
    }
    return err == HTTPA_OK && j->undecided ? HTTPA_ERR_UNDECIDED : err;
}

enum httpa_err httpa_intel_verify(const struct httpa_verify_in *in, bool is_tdx,
                                  const uint8_t pin[HTTPA_INTEL_PIN],
                                  struct httpa_verdict *v, unsigned of)
{
    struct job j = { .in = in, .pin = pin, .is_tdx = is_tdx, .v = v, .of = of };
    enum httpa_err err = run(&j);
    httpa_crl_free(j.root_crl);
    httpa_intel_chain_free(&j.chain);
    return err;
}

static enum httpa_err verify_tdx(const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of)
{
    return httpa_intel_verify(in, true, httpa_intel_root, v, of);
}

static enum httpa_err verify_sgx(const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of)
{
    return httpa_intel_verify(in, false, httpa_intel_root, v, of);
}

const struct httpa_verifier httpa_verifier_tdx = {
    .type = "tdx",
    .media_type = "application/vnd.httpa.tdx-quote",
    .is_watched = true,
    .verify = verify_tdx,
    .judge = httpa_intel_judge,
};

const struct httpa_verifier httpa_verifier_sgx = {
    .type = "sgx",
    .media_type = "application/vnd.httpa.sgx-quote",
    .is_watched = true,
    .verify = verify_sgx,
    .judge = httpa_intel_judge,
};
