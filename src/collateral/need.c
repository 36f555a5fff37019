#include "collateral/need.h"

#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "codec/cmw.h"
#include "evidence/intel/format.h"
#include "evidence/intel/pck.h"
#include "evidence/snp/report.h"
#include "evidence/snp/vcek.h"

const struct httpa_collateral_place
    httpa_collateral_places[HTTPA_COLLATERAL_SOURCES] = {
        [HTTPA_COLLATERAL_KDS] = { "https://kdsintf.amd.com",
                                   "AMD's key distribution service" },
        [HTTPA_COLLATERAL_PCS] = { "https://api.trustedservices.intel.com",
                                   "Intel's provisioning certification "
                                   "service" },
        [HTTPA_COLLATERAL_INTEL_ROOT] = { "https://"
                                          "certificates.trustedservices.intel."
                                          "com",
                                          "Intel's root CA" },
    };

/* The next need, to be filled and then taken; NULL: no room. */
static struct httpa_collateral_need *
begin(struct httpa_collateral_needs *needs, enum httpa_collateral_source source)
{
    if (needs->n == HTTPA_COLLATERAL_NEEDS_MAX) {
        return NULL;
    }
    struct httpa_collateral_need *need = &needs->v[needs->n];
    *need = (struct httpa_collateral_need){ .source = source };
    return need;
}

/* Two platforms may need the same: it is there once. */
static void take(struct httpa_collateral_needs *needs)
{
    const struct httpa_collateral_need *need = &needs->v[needs->n];
    for (size_t i = 0; i < needs->n; i++) {
        if (needs->v[i].source == need->source &&
            strcmp(needs->v[i].path, need->path) == 0) {
            return;
        }
    }
    needs->n++;
}

static void write_hex(struct httpa_slice bytes, char *room, size_t size)
{
    struct httpa_buf hex = httpa_buf_fixed((uint8_t *)room, size - 1);
    httpa_write_hex(&hex, bytes);
    room[hex.n] = '\0';
}

/* ---- AMD ---- */

/* In URLs, and in names of files. */
static const char *const lines[] = { [HTTPA_SNP_MILAN] = "Milan",
                                     [HTTPA_SNP_GENOA] = "Genoa",
                                     [HTTPA_SNP_TURIN] = "Turin" };

/* Families and models of lines (57230 and PPRs); Bergamo and Siena, 0xa0, are
 * of Genoa's. */
static const struct {
    uint8_t family;
    uint8_t model_from;
    uint8_t model_to;
    enum httpa_snp_line line;
} processors[] = {
    { 0x19, 0x00, 0x0f, HTTPA_SNP_MILAN },
    { 0x19, 0x10, 0x1f, HTTPA_SNP_GENOA },
    { 0x19, 0xa0, 0xaf, HTTPA_SNP_GENOA },
    { 0x1a, 0x00, 0x1f, HTTPA_SNP_TURIN },
};

static bool
find_line(const struct httpa_snp_report *r, enum httpa_snp_line *ret)
{
    for (size_t i = 0; i < sizeof(processors) / sizeof(processors[0]); i++) {
        if (r->cpuid[0] == processors[i].family &&
            r->cpuid[1] >= processors[i].model_from &&
            r->cpuid[1] <= processors[i].model_to) {
            *ret = processors[i].line;
            return true;
        }
    }
    return false;
}

static enum httpa_err need_vcek(const struct httpa_snp_report *r,
                                enum httpa_snp_line line, bool guess,
                                struct httpa_collateral_needs *needs)
{
    struct httpa_collateral_need *need = begin(needs, HTTPA_COLLATERAL_KDS);
    char hwid[2 * HTTPA_SNP_CHIP + 1];
    char fmc[16] = "";
    bool turin = line == HTTPA_SNP_TURIN;
    struct httpa_snp_tcb tcb = httpa_snp_tcb_of(r->reported_tcb, turin);
    if (need == NULL) {
        return HTTPA_ERR_LIMIT;
    }
    write_hex(httpa_slice_of(r->chip_id.p,
                             turin ? HTTPA_SNP_CHIP_TURIN : HTTPA_SNP_CHIP),
              hwid, sizeof(hwid));
    if (turin) {
        (void)snprintf(fmc, sizeof(fmc), "fmcSPL=%02u&", tcb.v[HTTPA_SNP_FMC]);
    }
    (void)snprintf(need->path, sizeof(need->path),
                   "/vcek/v1/%s/%s?%sblSPL=%02u&teeSPL=%02u&snpSPL=%02u&"
                   "ucodeSPL=%02u",
                   lines[line], hwid, fmc, tcb.v[HTTPA_SNP_BOOT_LOADER],
                   tcb.v[HTTPA_SNP_TEE], tcb.v[HTTPA_SNP_SNP],
                   tcb.v[HTTPA_SNP_MICROCODE]);
    (void)snprintf(need->file, sizeof(need->file), "%s-%s-%016llx-vcek.der",
                   lines[line], hwid, (unsigned long long)r->reported_tcb);
    need->guess = guess;
    take(needs);
    return HTTPA_OK;
}

/* What all chips of a line share. */
static enum httpa_err need_line(enum httpa_snp_line line,
                                enum httpa_snp_signer signer,
                                struct httpa_collateral_needs *needs)
{
    const char *kind = signer == HTTPA_SNP_VLEK ? "vlek" : "vcek";
    struct httpa_collateral_need *need = begin(needs, HTTPA_COLLATERAL_KDS);
    if (need == NULL) {
        return HTTPA_ERR_LIMIT;
    }
    (void)snprintf(need->path, sizeof(need->path), "/%s/v1/%s/cert_chain", kind,
                   lines[line]);
    (void)snprintf(need->file, sizeof(need->file), "%s-%s-cert_chain.pem",
                   lines[line], kind);
    take(needs);
    need = begin(needs, HTTPA_COLLATERAL_KDS);
    if (need == NULL) {
        return HTTPA_ERR_LIMIT;
    }
    /* the ARK's: it is about ASK and ASVK alike */
    (void)snprintf(need->path, sizeof(need->path), "/vcek/v1/%s/crl",
                   lines[line]);
    (void)snprintf(need->file, sizeof(need->file), "%s-ark.crl", lines[line]);
    take(needs);
    return HTTPA_OK;
}

static enum httpa_err need_of_line(const struct httpa_snp_report *r,
                                   enum httpa_snp_line line, bool guess,
                                   struct httpa_collateral_needs *needs)
{
    enum httpa_err err = HTTPA_OK;
    if (r->signer == HTTPA_SNP_VCEK) {
        err = need_vcek(r, line, guess, needs);
    }
    return err == HTTPA_OK ? need_line(line, r->signer, needs) : err;
}

static enum httpa_err need_snp(const struct httpa_crypto *crypto,
                               struct httpa_slice value,
                               struct httpa_collateral_needs *needs,
                               struct httpa_collateral_diag *diag)
{
    struct httpa_snp_report r;
    enum httpa_snp_line line;
    enum httpa_err err = httpa_snp_report_read(value, &r);
    (void)crypto;
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "the report does not parse: %s",
                             httpa_strerror(err));
        return err;
    }
    if (r.signer == HTTPA_SNP_VCEK && httpa_snp_is_zero(r.chip_id)) {
        httpa_collateral_say(diag, "the report hides its chip, so nobody can "
                                   "ask AMD for its VCEK; the host has it");
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (find_line(&r, &line)) {
        return need_of_line(&r, line, false, needs);
    }
    if (!httpa_snp_is_zero(httpa_slice_of(r.cpuid, sizeof(r.cpuid)))) {
        httpa_collateral_say(diag,
                             "a processor that is not known: family "
                             "0x%02x, model 0x%02x",
                             r.cpuid[0], r.cpuid[1]);
        return HTTPA_ERR_UNSUPPORTED;
    }
    /* Version 2 does not tell; it is older than Turin. */
    err = need_of_line(&r, HTTPA_SNP_MILAN, true, needs);
    return err == HTTPA_OK ? need_of_line(&r, HTTPA_SNP_GENOA, true, needs)
                           : err;
}

/* ---- Intel ---- */

static const char processor_ca[] = "Intel SGX PCK Processor CA";
static const char platform_ca[] = "Intel SGX PCK Platform CA";

struct platform {
    const char *ca; /* "platform", "processor" */
    bool is_platform;
    bool is_tdx;
    char fmspc[2 * 6 + 1];
};

static enum httpa_err read_platform(const struct httpa_crypto *crypto,
                                    struct httpa_slice value,
                                    struct platform *ret)
{
    struct httpa_intel_quote q;
    struct httpa_intel_chain chain = { .n = 0 };
    struct httpa_intel_pck pck;
    struct httpa_slice extension;
    enum httpa_err err = httpa_intel_quote_read(value, &q);
    if (err == HTTPA_OK) {
        err = httpa_intel_chain_read(crypto, q.pck_chain, HTTPA_INTEL_CHAIN_MAX,
                                     &chain);
    }
    if (err == HTTPA_OK) {
        err = httpa_cert_extension(chain.certs[0], HTTPA_INTEL_PCK_OID,
                                   &extension);
    }
    if (err == HTTPA_OK) {
        err = httpa_intel_pck_read(extension, &pck);
    }
    if (err == HTTPA_OK) {
        ret->is_tdx = q.is_tdx;
        ret->is_platform = httpa_intel_is_called(chain.certs[1], platform_ca);
        ret->ca = ret->is_platform ? "platform" : "processor";
        write_hex(pck.fmspc, ret->fmspc, sizeof(ret->fmspc));
        err = ret->is_platform ||
                      httpa_intel_is_called(chain.certs[1], processor_ca)
                  ? HTTPA_OK
                  : HTTPA_ERR_CHAIN;
    }
    httpa_intel_chain_free(&chain);
    return err;
}

static enum httpa_err
need_info(const struct platform *p, struct httpa_collateral_needs *needs)
{
    const char *tee = p->is_tdx ? "tdx" : "sgx";
    struct httpa_collateral_need *need = begin(needs, HTTPA_COLLATERAL_PCS);
    if (need == NULL) {
        return HTTPA_ERR_LIMIT;
    }
    (void)snprintf(need->path, sizeof(need->path),
                   "/%s/certification/v4/tcb?fmspc=%s", tee, p->fmspc);
    (void)snprintf(need->file, sizeof(need->file), "%s-%s-tcb_info.json", tee,
                   p->fmspc);
    need->chain_header = "TCB-Info-Issuer-Chain";
    need->chain_file = "tcb_info_issuer_chain.pem";
    take(needs);
    return HTTPA_OK;
}

static enum httpa_err
need_identity(const struct platform *p, struct httpa_collateral_needs *needs)
{
    const char *tee = p->is_tdx ? "tdx" : "sgx";
    struct httpa_collateral_need *need = begin(needs, HTTPA_COLLATERAL_PCS);
    if (need == NULL) {
        return HTTPA_ERR_LIMIT;
    }
    (void)snprintf(need->path, sizeof(need->path),
                   "/%s/certification/v4/qe/identity", tee);
    (void)snprintf(need->file, sizeof(need->file), "%s-qe_identity.json", tee);
    need->chain_header = "SGX-Enclave-Identity-Issuer-Chain";
    need->chain_file = "qe_identity_issuer_chain.pem";
    take(needs);
    return HTTPA_OK;
}

/* Which the signer of the TCB info signs. */
static enum httpa_err
need_evaluations(const struct platform *p, struct httpa_collateral_needs *needs)
{
    const char *tee = p->is_tdx ? "tdx" : "sgx";
    struct httpa_collateral_need *need = begin(needs, HTTPA_COLLATERAL_PCS);
    if (need == NULL) {
        return HTTPA_ERR_LIMIT;
    }
    (void)snprintf(need->path, sizeof(need->path),
                   "/%s/certification/v4/tcbevaluationdatanumbers", tee);
    (void)snprintf(need->file, sizeof(need->file),
                   "%s-tcb_evaluation_data_numbers.json", tee);
    need->optional = true;
    take(needs);
    return HTTPA_OK;
}

static enum httpa_err
need_lists(const struct platform *p, struct httpa_collateral_needs *needs)
{
    struct httpa_collateral_need *need = begin(needs, HTTPA_COLLATERAL_PCS);
    if (need == NULL) {
        return HTTPA_ERR_LIMIT;
    }
    (void)snprintf(need->path, sizeof(need->path),
                   "/sgx/certification/v4/pckcrl?ca=%s&encoding=der", p->ca);
    (void)snprintf(need->file, sizeof(need->file), "%s-pck_crl.der", p->ca);
    need->chain_header = "SGX-PCK-CRL-Issuer-Chain";
    need->chain_file = p->is_platform ? "platform-pck_crl_issuer_chain.pem"
                                      : "processor-pck_crl_issuer_chain.pem";
    take(needs);
    need = begin(needs, HTTPA_COLLATERAL_INTEL_ROOT);
    if (need == NULL) {
        return HTTPA_ERR_LIMIT;
    }
    (void)snprintf(need->path, sizeof(need->path), "/IntelSGXRootCA.der");
    (void)snprintf(need->file, sizeof(need->file), "root_ca_crl.der");
    take(needs);
    return HTTPA_OK;
}

static enum httpa_err need_intel(const struct httpa_crypto *crypto,
                                 struct httpa_slice value,
                                 struct httpa_collateral_needs *needs,
                                 struct httpa_collateral_diag *diag)
{
    static enum httpa_err (*const parts[])(const struct platform *,
                                           struct httpa_collateral_needs *) = {
        need_info, need_identity, need_lists, need_evaluations
    };
    struct platform p;
    enum httpa_err err = read_platform(crypto, value, &p);
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "the quote does not tell its platform: %s",
                             httpa_strerror(err));
        return err;
    }
    for (size_t i = 0;
         err == HTTPA_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
        err = parts[i](&p, needs);
    }
    return err;
}

/* ---- both ---- */

static enum httpa_err need_nothing(const struct httpa_crypto *crypto,
                                   struct httpa_slice value,
                                   struct httpa_collateral_needs *needs,
                                   struct httpa_collateral_diag *diag)
{
    (void)crypto;
    (void)value;
    (void)needs;
    httpa_collateral_say(diag, "evidence of this type needs no collateral "
                               "that can be fetched");
    return HTTPA_ERR_UNSUPPORTED;
}

typedef enum httpa_err (*need_fn)(const struct httpa_crypto *crypto,
                                  struct httpa_slice value,
                                  struct httpa_collateral_needs *needs,
                                  struct httpa_collateral_diag *diag);

static const struct {
    const struct httpa_verifier *verifier;
    need_fn need;
} types[] = {
    { &httpa_verifier_snp, need_snp },
    { &httpa_verifier_tdx, need_intel },
    { &httpa_verifier_sgx, need_intel },
};

enum httpa_err httpa_collateral_need(const struct httpa_crypto *crypto,
                                     const struct httpa_evidence *evidence,
                                     struct httpa_collateral_needs *needs,
                                     struct httpa_collateral_diag *diag)
{
    need_fn need = need_nothing;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (httpa_cmw_is_type(evidence->media_type,
                              types[i].verifier->media_type)) {
            need = types[i].need;
        }
    }
    enum httpa_err err = need(crypto, evidence->value, needs, diag);
    if (err == HTTPA_ERR_LIMIT) {
        httpa_collateral_say(diag, "more than %u documents at once",
                             HTTPA_COLLATERAL_NEEDS_MAX);
    }
    return err;
}
