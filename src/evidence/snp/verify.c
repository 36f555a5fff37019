#include "evidence/snp/verify.h"

#include <string.h>

#include "base/secret.h"
#include "base/writer.h"
#include "crypto/sign.h"
#include "evidence/report_data.h"
#include "evidence/snp/chain.h"

#define TYPE "sev-snp"

/* SHA-256 of the SubjectPublicKeyInfo of ARK-Milan, ARK-Genoa, ARK-Turin. */
const struct httpa_snp_root httpa_snp_amd[HTTPA_SNP_ROOTS] = {
    { HTTPA_SNP_MILAN,
      { 0x9f, 0x05, 0x6b, 0xee, 0x44, 0x37, 0x7e, 0x29, 0x30, 0x8c, 0xb5,
        0xff, 0xa8, 0x95, 0xbd, 0xfb, 0x62, 0xd1, 0x88, 0x81, 0xfa, 0x6b,
        0xed, 0x8d, 0x6f, 0x07, 0x5b, 0x02, 0x04, 0x08, 0x9c, 0xb9 } },
    { HTTPA_SNP_GENOA,
      { 0x42, 0x9a, 0x69, 0xc9, 0x42, 0x2a, 0xa2, 0x58, 0xee, 0x4d, 0x8d,
        0xb5, 0xfc, 0xda, 0x9c, 0x64, 0x70, 0xef, 0x15, 0xf8, 0xcd, 0x5a,
        0x9c, 0xeb, 0xd6, 0xcb, 0xc7, 0xd9, 0x0b, 0x86, 0x38, 0x31 } },
    { HTTPA_SNP_TURIN,
      { 0x4f, 0x12, 0x54, 0x10, 0x56, 0x3a, 0x2a, 0xb9, 0xa5, 0x03, 0x56,
        0xf9, 0x24, 0x3f, 0x6f, 0xe0, 0xb6, 0xf7, 0x3d, 0xe9, 0x86, 0x03,
        0xf5, 0x3f, 0x90, 0x33, 0x9c, 0x70, 0xe9, 0xd7, 0xad, 0x08 } },
};

struct job {
    const struct httpa_verify_in *in;
    struct httpa_verdict *v;
    unsigned of;
    struct httpa_snp_report r;
    struct httpa_snp_chain chain;
    enum httpa_snp_revoked revoked;
};

/* Adds |c|, which passes when |err| is HTTPA_OK and is open when something was
 * missing, and returns |err|. */
static enum httpa_err
check(const struct job *j, struct httpa_check c, enum httpa_err err)
{
    c.of = j->of;
    c.word = HTTPA_WORD_GENUINE;
    c.source = c.source != NULL ? c.source : "evidence";
    c.outcome = err == HTTPA_OK              ? HTTPA_OUTCOME_PASS
                : err == HTTPA_ERR_UNDECIDED ? HTTPA_OUTCOME_UNKNOWN
                                             : HTTPA_OUTCOME_FAIL;
    if (err != HTTPA_OK && c.seen.type == HTTPA_VALUE_NONE) {
        c.seen = httpa_value_str(httpa_strerror(err));
    }
    httpa_verdict_check(j->v, &c);
    return err;
}

static enum httpa_err
check_chain(struct job *j, const struct httpa_snp_root *roots)
{
    struct httpa_check c = {
        .id = TYPE ".chain",
        .source = "collateral",
        .expected = httpa_value_str("a root key of AMD (pinned)"),
        .text = "The key that signed is not certified by AMD.",
        .advice = "Operator: send the VCEK, or VLEK, with the ASK and ARK of "
                  "the processor's line.",
    };
    enum httpa_err err = httpa_snp_chain_follow(j->in, roots, &j->r, &j->chain);
    if (err == HTTPA_ERR_UNDECIDED) {
        c.text = "A certificate between the report and AMD's root is missing.";
        c.advice = "httpa collateral fetch EVIDENCE --to DIR gets it from "
                   "AMD (a VLEK comes from the cloud); then --collateral DIR. "
                   "Operator: httpa serve --collateral DIR.";
    } else if (err == HTTPA_ERR_EXPIRED) {
        c.text = "A certificate of the chain is not valid now.";
    }
    c.lapses_s = j->chain.lapses_s;
    return check(j, c, err);
}

/* AMD's lists can revoke an ASK or ASVK, never a VCEK: that is what floors
 * are for.  Without a current list nothing is known, and said so. */
static enum httpa_err check_revoked(struct job *j)
{
    static const char *const seen[] = {
        [HTTPA_SNP_NOT_LOOKED] = "no list",
        [HTTPA_SNP_OF_ANOTHER_TIME] = "a list that is not current",
        [HTTPA_SNP_NOT_REVOKED] = "not revoked",
        [HTTPA_SNP_REVOKED] = "revoked",
    };
    static const enum httpa_outcome outcomes[] = {
        [HTTPA_SNP_NOT_LOOKED] = HTTPA_OUTCOME_SKIP,
        [HTTPA_SNP_OF_ANOTHER_TIME] = HTTPA_OUTCOME_SKIP,
        [HTTPA_SNP_NOT_REVOKED] = HTTPA_OUTCOME_PASS,
        [HTTPA_SNP_REVOKED] = HTTPA_OUTCOME_FAIL,
    };
    struct httpa_check c = {
        .id = TYPE ".crl",
        .of = j->of,
        .word = HTTPA_WORD_GENUINE,
        .source = "collateral",
        .expected = httpa_value_str("not revoked"),
        .text = "AMD has revoked the key that certified this processor's.",
        .advice = "Operator: httpa collateral fetch gets AMD's certificates "
                  "anew.",
    };
    int64_t issued_s;
    enum httpa_snp_revoked is =
        httpa_snp_chain_revoked(j->in, &j->chain, &issued_s, &c.lapses_s);
    j->revoked = is;
    c.has_age = is == HTTPA_SNP_NOT_REVOKED;
    c.age_s = c.has_age ? j->in->now_s - issued_s : 0;
    c.seen = httpa_value_str(seen[is]);
    c.outcome = outcomes[is];
    httpa_verdict_check(j->v, &c);
    return is == HTTPA_SNP_REVOKED ? HTTPA_ERR_CHAIN : HTTPA_OK;
}

static enum httpa_err check_signature(const struct job *j)
{
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_cert_pubkey(j->in->crypto, j->chain.cert, &key);
    if (err == HTTPA_OK) {
        err = httpa_verify(
            j->in->crypto, key, HTTPA_SIGN_ES384, j->r.signed_bytes,
            httpa_slice_of(j->r.signature, sizeof(j->r.signature)));
    }
    httpa_pubkey_free(key);
    return check(j,
                 (struct httpa_check){
                     .id = TYPE ".signature",
                     .text = "The signature of the report does not verify.",
                     .advice =
                         "Operator: the certificate has to be the one of this "
                         "chip at its reported TCB." },
                 err);
}

static void
put_tcb(struct httpa_buf *out, const struct httpa_snp_tcb *tcb, bool is_turin)
{
    static const char *const names[HTTPA_SNP_COMPONENTS] = {
        "boot_loader ", " tee ", " snp ", " microcode ", " fmc "
    };
    for (size_t i = 0; i < HTTPA_SNP_COMPONENTS; i++) {
        if (i != HTTPA_SNP_FMC || is_turin) {
            httpa_buf_put_str(out, names[i]);
            httpa_write_decimal(out, tcb->v[i]);
        }
    }
}

static bool is_turin(const struct job *j)
{
    return j->chain.leaf.line == HTTPA_SNP_TURIN;
}

/* An old certificate must not vouch for a newer TCB, nor the other way. */
static enum httpa_err check_tcb(const struct job *j)
{
    uint8_t rooms[2][96];
    struct httpa_buf seen = httpa_buf_fixed(rooms[0], sizeof(rooms[0]));
    struct httpa_buf expected = httpa_buf_fixed(rooms[1], sizeof(rooms[1]));
    struct httpa_snp_tcb reported =
        httpa_snp_tcb_of(j->r.reported_tcb, is_turin(j));
    bool same = memcmp(&reported, &j->chain.leaf.tcb, sizeof(reported)) == 0;
    put_tcb(&seen, &reported, is_turin(j));
    put_tcb(&expected, &j->chain.leaf.tcb, is_turin(j));
    return check(
        j,
        (struct httpa_check){
            .id = TYPE ".leaf.tcb",
            .seen = httpa_value_text(httpa_buf_slice(&seen)),
            .expected = httpa_value_text(httpa_buf_slice(&expected)),
            .text =
                "The certificate is for another TCB than the report says." },
        same ? HTTPA_OK : HTTPA_ERR_EVIDENCE);
}

/* A VLEK is of no chip; a masked chip has no name. */
static enum httpa_err check_chip(const struct job *j)
{
    struct httpa_slice hwid = j->chain.leaf.hwid;
    struct httpa_slice chip = j->r.chip_id;
    bool rest_is_zero = httpa_snp_is_zero(httpa_slice_from(chip, hwid.n));
    bool same =
        httpa_slice_equal(httpa_slice_of(chip.p, hwid.n), hwid) && rest_is_zero;
    bool masked = j->r.chip_masked && httpa_snp_is_zero(chip);
    return check(
        j,
        (struct httpa_check){ .id = TYPE ".leaf.chip",
                              .seen = httpa_value_bytes(chip),
                              .expected = httpa_value_bytes(hwid),
                              .text = "The certificate is of another chip." },
        j->r.signer == HTTPA_SNP_VLEK || same || masked ? HTTPA_OK
                                                        : HTTPA_ERR_EVIDENCE);
}

/* The family in the report, where there is one, and the chain agree. */
static enum httpa_err check_family(const struct job *j)
{
    static const uint8_t families[] = { [HTTPA_SNP_MILAN] = 0x19,
                                        [HTTPA_SNP_GENOA] = 0x19,
                                        [HTTPA_SNP_TURIN] = 0x1a };
    uint8_t family = j->r.cpuid[0];
    bool untold = httpa_snp_is_zero(httpa_slice_of(j->r.cpuid, 3));
    return check(
        j,
        (struct httpa_check){
            .id = TYPE ".family",
            .seen = httpa_value_integer(family),
            .expected = httpa_value_integer(families[j->chain.leaf.line]),
            .text = "Processor and certificate are of different lines." },
        untold || family == families[j->chain.leaf.line] ? HTTPA_OK
                                                         : HTTPA_ERR_EVIDENCE);
}

static enum httpa_err check_binding(const struct job *j)
{
    uint8_t expected[HTTPA_RD_LEN];
    if (j->in->rd == NULL && j->in->nonce.n == 0) {
        httpa_verdict_check(
            j->v,
            &(struct httpa_check){ .id = TYPE ".binding",
                                   .of = j->of,
                                   .outcome = HTTPA_OUTCOME_SKIP,
                                   .seen = httpa_value_bytes(j->r.report_data),
                                   .source = "evidence" });
        return HTTPA_OK;
    }
    bool fits = httpa_report_data_wanted(j->in, expected) &&
                httpa_ct_equal(j->r.report_data.p, expected, sizeof(expected));
    return check(
        j,
        (struct httpa_check){ .id = TYPE ".binding",
                              .seen = httpa_value_bytes(j->r.report_data),
                              .expected = httpa_value_bytes(
                                  httpa_slice_of(expected, sizeof(expected))),
                              .text = "The report was made for another "
                                      "handshake." },
        fits ? HTTPA_OK : HTTPA_ERR_EVIDENCE);
}

/* ---- claims ---- */

static void
claim(const struct job *j, const char *name, struct httpa_value value)
{
    httpa_verdict_claim(j->v, j->of, name, value);
}

static void claim_tcb(const struct job *j, const char *name, uint64_t raw)
{
    uint8_t room[96];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    struct httpa_snp_tcb tcb = httpa_snp_tcb_of(raw, is_turin(j));
    put_tcb(&text, &tcb, is_turin(j));
    claim(j, name, httpa_value_text(httpa_buf_slice(&text)));
}

static void claim_firmware(const struct job *j, const char *name,
                           struct httpa_snp_firmware f)
{
    uint8_t room[16];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    httpa_write_decimal(&text, f.major);
    httpa_buf_put_byte(&text, '.');
    httpa_write_decimal(&text, f.minor);
    httpa_buf_put_byte(&text, '.');
    httpa_write_decimal(&text, f.build);
    claim(j, name, httpa_value_text(httpa_buf_slice(&text)));
}

/* Bits beyond those that are named are told, not judged: real reports set
 * bits that no document had yet. */
static void claim_bits(const struct job *j)
{
    static const struct {
        const char *name;
        bool policy; /* of POLICY, else of PLATFORM_INFO */
        uint64_t bit;
    } bits[] = {
        { "debug", true, HTTPA_SNP_POLICY_DEBUG },
        { "migration_agent", true, HTTPA_SNP_POLICY_MIGRATE_MA },
        { "smt_allowed", true, HTTPA_SNP_POLICY_SMT },
        { "single_socket", true, HTTPA_SNP_POLICY_SINGLE_SOCKET },
        { "smt", false, HTTPA_SNP_PLATFORM_SMT },
        { "tsme", false, HTTPA_SNP_PLATFORM_TSME },
        { "ecc", false, HTTPA_SNP_PLATFORM_ECC },
        { "ciphertext_hiding", false, HTTPA_SNP_PLATFORM_CIPHERTEXT_HIDING },
        { "alias_check", false, HTTPA_SNP_PLATFORM_ALIAS_CHECK },
    };
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        uint64_t word = bits[i].policy ? j->r.policy : j->r.platform_info;
        claim(j, bits[i].name, httpa_value_boolean((word & bits[i].bit) != 0));
    }
    claim(j, "platform_info",
          httpa_value_integer((int64_t)(j->r.platform_info & INT64_MAX)));
}

static void claim_registers(const struct job *j)
{
    const struct {
        const char *name;
        struct httpa_slice value;
    } registers[] = {
        { "measurement", j->r.measurement },
        { "host_data", j->r.host_data },
        { "id_key_digest", j->r.id_key_digest },
        { "author_key_digest", j->r.author_key_digest },
        { "family_id", j->r.family_id },
        { "image_id", j->r.image_id },
    };
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        httpa_verdict_measured(j->v, j->of, httpa_slice_str(registers[i].name),
                               httpa_value_bytes(registers[i].value));
    }
    httpa_verdict_measured(j->v, j->of, httpa_slice_str("guest_svn"),
                           httpa_value_integer(j->r.guest_svn));
}

static void claim_all(const struct job *j)
{
    const struct httpa_snp_leaf *leaf = &j->chain.leaf;
    claim(j, "report_version", httpa_value_integer(j->r.version));
    claim(j, "product", httpa_value_str(httpa_snp_product(leaf->line, &j->r)));
    claim(j, "signed_by",
          httpa_value_str(leaf->signer == HTTPA_SNP_VCEK ? "vcek" : "vlek"));
    if (leaf->signer == HTTPA_SNP_VLEK) {
        claim(j, "csp_id", httpa_value_text(leaf->csp_id));
    }
    if (!httpa_snp_is_zero(j->r.chip_id)) {
        claim(j, "chip", httpa_value_bytes(j->r.chip_id));
    }
    claim(j, HTTPA_SNP_CLAIM_CRL,
          httpa_value_str(j->revoked == HTTPA_SNP_NOT_REVOKED ? "current"
                          : j->revoked == HTTPA_SNP_OF_ANOTHER_TIME
                              ? "not current"
                              : "none"));
    claim(j, "vmpl", httpa_value_integer(j->r.vmpl));
    claim(j, "report_id", httpa_value_bytes(j->r.report_id));
    claim(j, "report_data", httpa_value_bytes(j->r.report_data));
    claim_tcb(j, "reported_tcb", j->r.reported_tcb);
    claim_tcb(j, "committed_tcb", j->r.committed_tcb);
    claim_tcb(j, "current_tcb", j->r.current_tcb);
    claim_tcb(j, "launch_tcb", j->r.launch_tcb);
    claim_firmware(j, "current_firmware", j->r.current);
    claim_firmware(j, "committed_firmware", j->r.committed);
    claim_bits(j);
    claim_registers(j);
}

/* ---- together ---- */

static enum httpa_err
verify_all(struct job *j, const struct httpa_snp_root *roots)
{
    enum httpa_err err =
        check(j,
              (struct httpa_check){ .id = TYPE ".form",
                                    .text = "The report does not parse." },
              httpa_snp_report_read(j->in->value, &j->r));
    if (err == HTTPA_OK) {
        err = httpa_snp_chain_read(j->in, &j->chain);
    }
    if (err == HTTPA_OK) {
        err = check_chain(j, roots);
    }
    if (err == HTTPA_OK) {
        err = check_revoked(j);
    }
    if (err == HTTPA_OK) {
        err = check_tcb(j);
    }
    if (err == HTTPA_OK) {
        err = check_chip(j);
    }
    if (err == HTTPA_OK) {
        err = check_family(j);
    }
    if (err == HTTPA_OK) {
        err = check_signature(j);
    }
    if (err == HTTPA_OK) {
        err = check_binding(j);
    }
    return err;
}

enum httpa_err
httpa_snp_verify(const struct httpa_verify_in *in,
                 const struct httpa_snp_root roots[HTTPA_SNP_ROOTS],
                 struct httpa_verdict *v, unsigned of)
{
    struct job j = { .in = in, .v = v, .of = of };
    enum httpa_err err = verify_all(&j, roots);
    if (err == HTTPA_OK) {
        claim_all(&j);
    }
    httpa_snp_chain_free(&j.chain);
    return err;
}

static enum httpa_err
verify(const struct httpa_verify_in *in, struct httpa_verdict *v, unsigned of)
{
    return httpa_snp_verify(in, httpa_snp_amd, v, of);
}

const struct httpa_verifier httpa_verifier_snp = {
    .type = TYPE,
    .media_type = HTTPA_SNP_MEDIA_TYPE,
    .is_watched = true,
    .verify = verify,
    .judge = httpa_snp_judge,
};
