#include "collateral/proof.h"

#include <string.h>

#include "codec/pem.h"
#include "collateral/dir.h"
#include "crypto/crl.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

#define SIGNER_NAME "Intel SGX TCB Signing"
#define PCK_NAME "Intel SGX PCK Certificate"

struct job {
    const struct httpa_crypto *crypto;
    const struct httpa_collateral_pins *pins;
    const struct httpa_collateral_need *need;
    struct httpa_slice file;
    struct httpa_slice issuers;
    int64_t now_s;
};

struct httpa_collateral_pins httpa_collateral_pins(void)
{
    return (struct httpa_collateral_pins){ .amd = httpa_snp_amd,
                                           .intel = httpa_intel_root };
}

/* ---- AMD ---- */

/* ASK or ASVK, then ARK (57230, 4.1). */
#define AMD_CHAIN 2u

struct amd {
    struct httpa_cert *certs[AMD_CHAIN];
    size_t n;
};

static void amd_free(struct amd *a)
{
    for (size_t i = 0; i < a->n; i++) {
        httpa_cert_free(a->certs[i]);
    }
    a->n = 0;
}

static enum httpa_err
amd_next(const struct job *j, struct httpa_pem *pem, struct amd *a)
{
    struct httpa_slice label;
    struct httpa_buf der = httpa_buf_growing(HTTPA_CERT_MAX);
    enum httpa_err err = httpa_pem_next(pem, &label, &der);
    if (err == HTTPA_OK && !httpa_slice_is(label, "CERTIFICATE")) {
        err = HTTPA_ERR_MALFORMED;
    }
    if (err == HTTPA_OK) {
        err = httpa_cert_read(j->crypto, httpa_buf_slice(&der),
                              &a->certs[a->n]);
        a->n += err == HTTPA_OK ? 1 : 0;
    }
    httpa_buf_done(&der);
    return err;
}

/* The line's own root, known by its key and signed by itself. */
static enum httpa_err amd_is_root(const struct job *j, struct httpa_cert *cert)
{
    struct httpa_digest digest;
    enum httpa_err err = httpa_hash_once(j->crypto, HTTPA_SHA256,
                                         httpa_cert_spki(cert), &digest);
    bool known = false;
    for (size_t i = 0; err == HTTPA_OK && i < HTTPA_SNP_ROOTS; i++) {
        known = known ||
                (j->pins->amd[i].line == j->need->line &&
                 memcmp(j->pins->amd[i].spki_sha256, digest.bytes, 32) == 0);
    }
    if (err == HTTPA_OK &&
        !(known && httpa_cert_signs_itself(j->crypto, cert))) {
        err = HTTPA_ERR_KEY;
    }
    return err;
}

static enum httpa_err amd_verify(const struct job *j,
                                 const struct httpa_cert *const *path, size_t n,
                                 const struct amd *a)
{
    const struct httpa_cert *roots[] = { a->certs[AMD_CHAIN - 1] };
    int64_t lapses_s;
    struct httpa_chain_rules rules = { .roots = roots,
                                       .root_count = 1,
                                       .time_s = j->now_s };
    return httpa_chain_verify(j->crypto, path, n, &rules, &lapses_s);
}

/* Reads and verifies |text|; to be freed on any outcome. */
static enum httpa_err
amd_chain(const struct job *j, struct httpa_slice text, struct amd *ret)
{
    struct httpa_pem pem = httpa_pem_of(text);
    enum httpa_err err = text.n > 0 ? HTTPA_OK : HTTPA_ERR_MISSING;
    ret->n = 0;
    while (err == HTTPA_OK && ret->n < AMD_CHAIN) {
        err = amd_next(j, &pem, ret);
    }
    if (err == HTTPA_OK && httpa_pem_more(&pem)) {
        err = HTTPA_ERR_TRAILING;
    }
    if (err == HTTPA_OK) {
        err = amd_is_root(j, ret->certs[AMD_CHAIN - 1]);
    }
    if (err == HTTPA_OK) {
        const struct httpa_cert *path[] = { ret->certs[0] };
        err = amd_verify(j, path, 1, ret);
    }
    return err;
}

static enum httpa_err prove_amd_chain(const struct job *j)
{
    struct amd a;
    enum httpa_err err = amd_chain(j, j->file, &a);
    amd_free(&a);
    return err;
}

/* Of the report's chip, at its TCB. */
static enum httpa_err is_of_chip(const struct job *j, struct httpa_cert *cert)
{
    struct httpa_snp_report r;
    struct httpa_snp_leaf leaf;
    enum httpa_err err = httpa_snp_report_read(j->need->evidence, &r);
    if (err == HTTPA_OK && !httpa_snp_is_leaf(cert, HTTPA_SNP_VCEK)) {
        err = HTTPA_ERR_EVIDENCE;
    }
    if (err == HTTPA_OK) {
        err = httpa_snp_leaf_read(cert, HTTPA_SNP_VCEK, &leaf);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_snp_tcb tcb =
        httpa_snp_tcb_of(r.reported_tcb, leaf.line == HTTPA_SNP_TURIN);
    bool same =
        leaf.line == j->need->line &&
        memcmp(&tcb, &leaf.tcb, sizeof(tcb)) == 0 &&
        httpa_slice_equal(leaf.hwid, httpa_slice_of(r.chip_id.p, leaf.hwid.n));
    return same ? HTTPA_OK : HTTPA_ERR_EVIDENCE;
}

static enum httpa_err prove_vcek(const struct job *j)
{
    struct amd a;
    struct httpa_cert *cert = NULL;
    enum httpa_err err = amd_chain(j, j->issuers, &a);
    if (err == HTTPA_OK) {
        err = httpa_cert_read(j->crypto, j->file, &cert);
    }
    if (err == HTTPA_OK) {
        const struct httpa_cert *path[] = { cert, a.certs[0] };
        err = amd_verify(j, path, 2, &a);
    }
    if (err == HTTPA_OK) {
        err = is_of_chip(j, cert);
    }
    httpa_cert_free(cert);
    amd_free(&a);
    return err;
}

static enum httpa_err
signed_list(const struct job *j, const struct httpa_cert *issuer)
{
    struct httpa_crl *crl = NULL;
    enum httpa_err err = httpa_crl_read(j->crypto, j->file, &crl);
    if (err == HTTPA_OK) {
        err = httpa_crl_verify(j->crypto, crl, issuer);
    }
    httpa_crl_free(crl);
    return err;
}

static enum httpa_err prove_amd_list(const struct job *j)
{
    struct amd a;
    enum httpa_err err = amd_chain(j, j->issuers, &a);
    if (err == HTTPA_OK) {
        err = signed_list(j, a.certs[AMD_CHAIN - 1]);
    }
    amd_free(&a);
    return err;
}

/* ---- Intel ---- */

static enum httpa_err
intel_chain(const struct job *j, struct httpa_slice pem, size_t n,
            const char *leaf, struct httpa_intel_chain *ret)
{
    int64_t lapses_s;
    enum httpa_err err = httpa_intel_chain_read(j->crypto, pem, n, ret);
    return err == HTTPA_OK
               ? httpa_intel_chain_verify(j->crypto, ret, j->pins->intel, leaf,
                                          j->now_s, &lapses_s)
               : err;
}

static enum httpa_err signed_document(const struct job *j,
                                      struct httpa_slice signers,
                                      const struct httpa_intel_signed *proof)
{
    struct httpa_intel_chain chain = { 0 };
    enum httpa_err err = intel_chain(j, signers, 2, SIGNER_NAME, &chain);
    if (err == HTTPA_OK) {
        err = httpa_cert_verify(
            j->crypto, chain.certs[0], HTTPA_SIGN_ES256, proof->bytes,
            httpa_slice_of(proof->signature, sizeof(proof->signature)));
    }
    httpa_intel_chain_free(&chain);
    return err;
}

/* The quote, and its platform's chain: verified, to be freed. */
static enum httpa_err platform(const struct job *j,
                               struct httpa_intel_quote *ret_q,
                               struct httpa_intel_chain *ret_chain)
{
    enum httpa_err err = httpa_intel_quote_read(j->need->evidence, ret_q);
    return err == HTTPA_OK ? intel_chain(j, ret_q->pck_chain,
                                         HTTPA_INTEL_CHAIN_MAX, PCK_NAME,
                                         ret_chain)
                           : err;
}

static enum httpa_err
is_of_platform(const struct job *j, const struct httpa_intel_tcb_info *info)
{
    struct httpa_intel_quote q;
    struct httpa_intel_chain chain = { 0 };
    struct httpa_intel_pck pck;
    struct httpa_slice extension;
    enum httpa_err err = platform(j, &q, &chain);
    if (err == HTTPA_OK) {
        err = httpa_cert_extension(chain.certs[0], HTTPA_INTEL_PCK_OID,
                                   &extension);
    }
    if (err == HTTPA_OK) {
        err = httpa_intel_pck_read(extension, &pck);
    }
    if (err == HTTPA_OK &&
        (info->is_tdx != q.is_tdx ||
         memcmp(info->fmspc, pck.fmspc.p, sizeof(info->fmspc)) != 0 ||
         memcmp(info->pce_id, pck.pce_id.p, sizeof(info->pce_id)) != 0)) {
        err = HTTPA_ERR_EVIDENCE;
    }
    httpa_intel_chain_free(&chain);
    return err;
}

static enum httpa_err prove_info(const struct job *j)
{
    struct httpa_slice signers;
    struct httpa_slice json;
    struct httpa_intel_tcb_info info;
    enum httpa_err err = httpa_collateral_split(j->file, &signers, &json);
    if (err == HTTPA_OK) {
        err = httpa_intel_tcb_info_read(json, &info);
    }
    if (err == HTTPA_OK) {
        err = signed_document(j, signers, &info.proof);
    }
    return err == HTTPA_OK ? is_of_platform(j, &info) : err;
}

static enum httpa_err prove_identity(const struct job *j)
{
    struct httpa_slice signers;
    struct httpa_slice json;
    struct httpa_intel_qe_identity identity;
    struct httpa_intel_quote q;
    enum httpa_err err = httpa_collateral_split(j->file, &signers, &json);
    if (err == HTTPA_OK) {
        err = httpa_intel_qe_identity_read(json, &identity);
    }
    if (err == HTTPA_OK) {
        err = signed_document(j, signers, &identity.proof);
    }
    if (err == HTTPA_OK) {
        err = httpa_intel_quote_read(j->need->evidence, &q);
    }
    return err == HTTPA_OK && identity.is_tdx != q.is_tdx ? HTTPA_ERR_EVIDENCE
                                                          : err;
}

/* By the signer of the TCB info that stands there. */
static enum httpa_err prove_evaluations(const struct job *j)
{
    struct httpa_slice signers;
    struct httpa_slice info;
    struct httpa_intel_evaluations e;
    struct httpa_intel_quote q;
    enum httpa_err err = httpa_collateral_split(j->issuers, &signers, &info);
    if (err == HTTPA_OK) {
        err = httpa_intel_evaluations_read(j->file, &e);
    }
    if (err == HTTPA_OK) {
        err = signed_document(j, signers, &e.proof);
    }
    if (err == HTTPA_OK) {
        err = httpa_intel_quote_read(j->need->evidence, &q);
    }
    return err == HTTPA_OK && e.is_tdx != q.is_tdx ? HTTPA_ERR_EVIDENCE : err;
}

/* A list that certificate |by| of the platform's chain signed. */
static enum httpa_err prove_list(const struct job *j, size_t by)
{
    struct httpa_intel_quote q;
    struct httpa_intel_chain chain = { 0 };
    enum httpa_err err = platform(j, &q, &chain);
    if (err == HTTPA_OK) {
        err = signed_list(j, chain.certs[by]);
    }
    httpa_intel_chain_free(&chain);
    return err;
}

static enum httpa_err prove_pck_list(const struct job *j)
{
    return prove_list(j, 1);
}

static enum httpa_err prove_root_list(const struct job *j)
{
    return prove_list(j, HTTPA_INTEL_CHAIN_MAX - 1);
}

/* ---- all ---- */

static enum httpa_err (*const proofs[])(const struct job *j) = {
    [HTTPA_COLLATERAL_AMD_CHAIN] = prove_amd_chain,
    [HTTPA_COLLATERAL_AMD_VCEK] = prove_vcek,
    [HTTPA_COLLATERAL_AMD_CRL] = prove_amd_list,
    [HTTPA_COLLATERAL_INTEL_INFO] = prove_info,
    [HTTPA_COLLATERAL_INTEL_IDENTITY] = prove_identity,
    [HTTPA_COLLATERAL_INTEL_EVALUATIONS] = prove_evaluations,
    [HTTPA_COLLATERAL_INTEL_PCK_CRL] = prove_pck_list,
    [HTTPA_COLLATERAL_INTEL_ROOT_CRL] = prove_root_list,
};

enum httpa_err httpa_collateral_prove(const struct httpa_crypto *crypto,
                                      const struct httpa_collateral_pins *pins,
                                      const struct httpa_collateral_need *need,
                                      struct httpa_slice file,
                                      struct httpa_slice issuers, int64_t now_s)
{
    const struct job j = { .crypto = crypto,
                           .pins = pins,
                           .need = need,
                           .file = file,
                           .issuers = issuers,
                           .now_s = now_s };
    return proofs[need->document](&j);
}
