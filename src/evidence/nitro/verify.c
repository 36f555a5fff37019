#include "evidence/nitro/nitro.h"

#include "base/secret.h"
#include "base/writer.h"
#include "codec/der.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "crypto/x509.h"

#define MEDIA_TYPE "application/vnd.httpa.nitro"

/* RFC 5280 4.2.1.3: the first octet of the bits. */
#define OID_KEY_USAGE "2.5.29.15"
#define USAGE_SIGNATURE 0x80u
#define USAGE_CERT_SIGN 0x04u

/* SHA-256 of the DER of "aws.nitro-enclaves", AWS Nitro Enclaves Root-G1,
 * 2019-10-28 to 2049-10-28, as AWS publishes it. */
static const uint8_t aws_root_g1[32] = {
    0x64, 0x1a, 0x03, 0x21, 0xa3, 0xe2, 0x44, 0xef, 0xe4, 0x56, 0x46,
    0x31, 0x95, 0xd6, 0x06, 0x31, 0x7e, 0xd7, 0xcd, 0xcc, 0x3c, 0x17,
    0x56, 0xe0, 0x98, 0x93, 0xf3, 0xc6, 0x8f, 0x79, 0xbb, 0x5b,
};

/* One verification: the input, what was parsed, where checks go. */
struct job {
    const struct httpa_verify_in *in;
    struct httpa_verdict *v;
    unsigned of;
    struct httpa_nitro doc;
    struct httpa_cert *certs[1 + HTTPA_NITRO_BUNDLE_MAX]; /* leaf first */
    size_t certs_n;
};

/* Adds |c|, which passes when |err| is HTTPA_OK, and returns |err|. */
static enum httpa_err
finish(const struct job *j, struct httpa_check c, enum httpa_err err)
{
    c.of = j->of;
    c.outcome = err == HTTPA_OK ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
    c.word = HTTPA_WORD_GENUINE;
    c.source = "evidence";
    if (err != HTTPA_OK) {
        c.seen = httpa_value_str(httpa_strerror(err));
    }
    httpa_verdict_check(j->v, &c);
    return err;
}

static void skip(const struct job *j, const char *id, enum httpa_word word)
{
    httpa_verdict_check(j->v, &(struct httpa_check){
                                  .id = id,
                                  .of = j->of,
                                  .outcome = HTTPA_OUTCOME_SKIP,
                                  .word = word,
                                  .source = "evidence" });
}

static enum httpa_err parse(struct job *j)
{
    enum httpa_err err = httpa_nitro_read(j->in->value, &j->doc);
    return finish(j,
                  (struct httpa_check){
                      .id = "nitro.form",
                      .text = "The attestation document does not parse." },
                  err);
}

/* ------------------------------------------------------------------ chain */

/* The leaf, its issuer, and so on: the root comes last. */
static enum httpa_err read_certs(struct job *j)
{
    const struct httpa_nitro *doc = &j->doc;
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i <= doc->cabundle_n; i++) {
        struct httpa_slice der = i == 0 ? doc->certificate
                                        : doc->cabundle[doc->cabundle_n - i];
        err = httpa_cert_read(j->in->crypto, der, &j->certs[i]);
        j->certs_n += err == HTTPA_OK;
    }
    return err;
}

static void free_certs(struct job *j)
{
    for (size_t i = 0; i < j->certs_n; i++) {
        httpa_cert_free(j->certs[i]);
    }
}

/* The document brings its root along, and so does a forged one. */
static enum httpa_err check_root(const struct job *j, const uint8_t *sha256)
{
    struct httpa_digest digest;
    enum httpa_err err = httpa_hash_once(j->in->crypto, HTTPA_SHA256,
                                         j->doc.cabundle[0], &digest);
    if (err != HTTPA_OK) {
        return err;
    }
    return httpa_slice_equal(httpa_digest_slice(&digest),
                             httpa_slice_of(sha256, 32))
               ? HTTPA_OK
               : HTTPA_ERR_CHAIN;
}

/* Signs documents and no certificates: keys of AWS's CAs may do both, and are
 * no enclave's. */
static enum httpa_err check_usage(const struct httpa_cert *leaf)
{
    struct httpa_slice value;
    if (httpa_cert_extension(leaf, OID_KEY_USAGE, &value) != HTTPA_OK) {
        return HTTPA_ERR_CHAIN;
    }
    struct httpa_der d = httpa_der_of(value);
    struct httpa_slice bits = httpa_der_value(&d, HTTPA_DER_BIT_STRING);
    bool fits = httpa_der_end(&d) == HTTPA_OK && bits.n >= 2 &&
                (bits.p[1] & USAGE_SIGNATURE) != 0 &&
                (bits.p[1] & USAGE_CERT_SIGN) == 0;
    return fits ? HTTPA_OK : HTTPA_ERR_CHAIN;
}

static enum httpa_err follow(const struct job *j, int64_t *ret_lapses_s)
{
    const struct httpa_cert *const *certs =
        (const struct httpa_cert *const *)j->certs;
    struct httpa_chain_rules rules = {
        .roots = &certs[j->certs_n - 1],
        .root_count = 1,
        .time_s = j->in->now_s,
    };
    enum httpa_err err = httpa_chain_verify(j->in->crypto, certs, j->certs_n,
                                            &rules, ret_lapses_s);
    return err == HTTPA_OK ? check_usage(certs[0]) : err;
}

static enum httpa_err check_chain(struct job *j, const uint8_t *root_sha256)
{
    struct httpa_check c = {
        .id = "nitro.chain",
        .text = "The certificates of the document do not lead to the root of "
                "AWS Nitro Enclaves.",
        .advice = "Ask for evidence from a real enclave.",
    };
    enum httpa_err err = check_root(j, root_sha256);
    if (err == HTTPA_OK) {
        err = read_certs(j);
    }
    if (err == HTTPA_OK) {
        err = follow(j, &c.lapses_s);
    }
    if (err == HTTPA_ERR_EXPIRED) {
        c.text = "A certificate of the document is not valid now: documents "
                 "live three hours.";
        c.advice = "Ask for new evidence, or set the clock.";
    }
    return finish(j, c, err);
}

/* -------------------------------------------------------------- signature */

static enum httpa_err
verify_signature(const struct job *j, const struct httpa_pubkey *key)
{
    const struct httpa_cose_sign1 *cose = &j->doc.cose;
    struct httpa_buf tbs = httpa_buf_growing(HTTPA_NITRO_MAX);
    httpa_cose_put_signed(&tbs, cose, (struct httpa_slice){ 0 }, cose->payload);
    enum httpa_err err = httpa_buf_check(&tbs);
    if (err == HTTPA_OK) {
        err = httpa_verify(j->in->crypto, key, HTTPA_SIGN_ES384,
                           httpa_buf_slice(&tbs), cose->signature);
    }
    httpa_buf_done(&tbs);
    return err;
}

static enum httpa_err check_signature(const struct job *j)
{
    struct httpa_pubkey *key = NULL;
    enum httpa_err err =
        httpa_cert_pubkey(j->in->crypto, j->certs[0], &key);
    if (err == HTTPA_OK) {
        err = verify_signature(j, key);
    }
    httpa_pubkey_free(key);
    return finish(j,
                  (struct httpa_check){
                      .id = "nitro.signature",
                      .text = "The signature of the document does not "
                              "verify." },
                  err);
}

/* ---------------------------------------------------------------- binding */

/* What is absent matches nothing. */
static bool is_same(struct httpa_slice seen, struct httpa_slice expected)
{
    return expected.n > 0 && seen.n == expected.n &&
           httpa_ct_equal(seen.p, expected.p, expected.n);
}

/* rd stands in user_data; `nonce` is for documents made outside this
 * protocol. */
static enum httpa_err check_binding(const struct job *j)
{
    const struct httpa_verify_in *in = j->in;
    struct httpa_check c = { .id = "nitro.binding" };
    bool same = false;
    if (in->rd != NULL) {
        same = is_same(j->doc.user_data, httpa_slice_of(in->rd, HTTPA_RD_LEN));
        c.text = "The document was made for another handshake.";
    } else if (in->nonce.n > 0) {
        same = is_same(j->doc.nonce, in->nonce);
        c.text = "The document was not made for this nonce.";
    } else {
        skip(j, c.id, HTTPA_WORD_NONE);
        return HTTPA_OK;
    }
    return finish(j, c, same ? HTTPA_OK : HTTPA_ERR_EVIDENCE);
}

/* ----------------------------------------------------------------- claims */

static void claim_bytes(const struct job *j, const char *name,
                        struct httpa_slice bytes)
{
    if (bytes.n > 0) {
        httpa_verdict_claim(j->v, j->of, name, httpa_value_bytes(bytes));
    }
}

static void claim_registers(const struct job *j)
{
    for (unsigned pcr = 0; pcr < HTTPA_NITRO_PCRS; pcr++) {
        uint8_t room[8]; /* "pcr31" */
        struct httpa_buf name = httpa_buf_fixed(room, sizeof(room));
        if ((j->doc.pcr_mask >> pcr & 1) == 0) {
            continue;
        }
        httpa_buf_put_str(&name, "pcr");
        httpa_write_decimal(&name, pcr);
        httpa_verdict_measured(j->v, j->of, httpa_buf_slice(&name),
                               httpa_value_bytes(j->doc.pcr[pcr]));
    }
}

/* In debug mode, when the parent instance reads the enclave's console, the
 * device leaves zeros in PCR 0 to 2.  One that is not there is no measurement
 * either. */
static bool is_debug(const struct httpa_nitro *doc)
{
    uint8_t bits = 0;
    for (size_t pcr = 0; pcr <= 2; pcr++) {
        for (size_t i = 0; i < doc->pcr[pcr].n; i++) {
            bits |= doc->pcr[pcr].p[i];
        }
    }
    return bits == 0;
}

/* What is signed; called once the signature has verified. */
static void claim_all(const struct job *j)
{
    const struct httpa_nitro *doc = &j->doc;
    httpa_verdict_claim(j->v, j->of, "module_id",
                        httpa_value_text(doc->module_id));
    httpa_verdict_claim(j->v, j->of, "timestamp",
                        httpa_value_time(doc->timestamp_ms / 1000));
    httpa_verdict_claim(j->v, j->of, "debug",
                        httpa_value_boolean(is_debug(doc)));
    claim_bytes(j, "user_data", doc->user_data);
    claim_bytes(j, "nonce", doc->nonce);
    claim_bytes(j, "public_key", doc->public_key);
    claim_registers(j);
}

enum httpa_err httpa_nitro_verify(const struct httpa_verify_in *in,
                                  const uint8_t *root_sha256,
                                  struct httpa_verdict *v, unsigned of)
{
    struct job j = { .in = in, .v = v, .of = of };
    enum httpa_err err = parse(&j);
    if (err == HTTPA_OK) {
        err = check_chain(&j, root_sha256);
    }
    if (err == HTTPA_OK) {
        err = check_signature(&j);
    }
    free_certs(&j);
    if (err == HTTPA_OK) {
        claim_all(&j);
        /* AWS keeps the hardware current and publishes no level of it */
        skip(&j, "nitro.firmware", HTTPA_WORD_CURRENT);
        err = check_binding(&j);
    }
    return err;
}

static enum httpa_err
verify(const struct httpa_verify_in *in, struct httpa_verdict *v, unsigned of)
{
    return httpa_nitro_verify(in, aws_root_g1, v, of);
}

const struct httpa_verifier httpa_verifier_nitro = {
    .type = "nitro",
    .media_type = MEDIA_TYPE,
    .is_watched = true,
    .verify = verify,
    .judge = httpa_nitro_judge,
};
