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

static enum httpa_collateral_source
source_of(enum httpa_collateral_document document)
{
    return document <= HTTPA_COLLATERAL_AMD_CRL ? HTTPA_COLLATERAL_KDS
           : document == HTTPA_COLLATERAL_INTEL_ROOT_CRL
               ? HTTPA_COLLATERAL_INTEL_ROOT
               : HTTPA_COLLATERAL_PCS;
}

/* The next need, to be filled and then taken; NULL: no room. */
static struct httpa_collateral_need *
begin(struct httpa_collateral_needs *needs,
      enum httpa_collateral_document document, struct httpa_slice evidence)
{
    if (needs->n == HTTPA_COLLATERAL_NEEDS_MAX) {
        return NULL;
    }
    struct httpa_collateral_need *need = &needs->v[needs->n];
    *need = (struct httpa_collateral_need){ .source = source_of(document),
                                            .document = document,
                                            .evidence = evidence };
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

/* A report and what it is of. */
struct chip {
    const struct httpa_snp_report *r;
    struct httpa_slice report;
    enum httpa_snp_line line;
    bool guess;
};

static void write_issuers(const struct chip *c, char *room, size_t size)
{
    (void)snprintf(room, size, "%s-%s-cert_chain.pem", lines[c->line],
                   c->r->signer == HTTPA_SNP_VLEK ? "vlek" : "vcek");
}

static void fill_vcek(const struct chip *c, struct httpa_collateral_need *need)
{
    char hwid[2 * HTTPA_SNP_CHIP + 1];
    char fmc[16] = "";
    bool turin = c->line == HTTPA_SNP_TURIN;
    struct httpa_snp_tcb tcb = httpa_snp_tcb_of(c->r->reported_tcb, turin);
    write_hex(httpa_slice_of(c->r->chip_id.p,
                             turin ? HTTPA_SNP_CHIP_TURIN : HTTPA_SNP_CHIP),
              hwid, sizeof(hwid));
    if (turin) {
        (void)snprintf(fmc, sizeof(fmc), "fmcSPL=%02u&", tcb.v[HTTPA_SNP_FMC]);
    }
    (void)snprintf(need->path, sizeof(need->path),
                   "/vcek/v1/%s/%s?%sblSPL=%02u&teeSPL=%02u&snpSPL=%02u&"
                   "ucodeSPL=%02u",
                   lines[c->line], hwid, fmc, tcb.v[HTTPA_SNP_BOOT_LOADER],
                   tcb.v[HTTPA_SNP_TEE], tcb.v[HTTPA_SNP_SNP],
                   tcb.v[HTTPA_SNP_MICROCODE]);
    (void)snprintf(need->file, sizeof(need->file), "%s-%s-%016llx-vcek.der",
                   lines[c->line], hwid,
                   (unsigned long long)c->r->reported_tcb);
    need->guess = c->guess;
}

static void fill_chain(const struct chip *c, struct httpa_collateral_need *need)
{
    (void)snprintf(need->path, sizeof(need->path), "/%s/v1/%s/cert_chain",
                   c->r->signer == HTTPA_SNP_VLEK ? "vlek" : "vcek",
                   lines[c->line]);
    write_issuers(c, need->file, sizeof(need->file));
}

/* The ARK's: it is about ASK and ASVK alike. */
static void fill_list(const struct chip *c, struct httpa_collateral_need *need)
{
    (void)snprintf(need->path, sizeof(need->path), "/vcek/v1/%s/crl",
                   lines[c->line]);
    (void)snprintf(need->file, sizeof(need->file), "%s-ark.crl",
                   lines[c->line]);
}

/* The chain first: it proves the others. */
static const struct {
    enum httpa_collateral_document document;
    void (*fill)(const struct chip *c, struct httpa_collateral_need *need);
} of_amd[] = {
    { HTTPA_COLLATERAL_AMD_CHAIN, fill_chain },
    { HTTPA_COLLATERAL_AMD_VCEK, fill_vcek },
    { HTTPA_COLLATERAL_AMD_CRL, fill_list },
};

static enum httpa_err
need_of_line(const struct chip *c, struct httpa_collateral_needs *needs)
{
    for (size_t i = 0; i < sizeof(of_amd) / sizeof(of_amd[0]); i++) {
        enum httpa_collateral_document document = of_amd[i].document;
        if (document == HTTPA_COLLATERAL_AMD_VCEK &&
            c->r->signer != HTTPA_SNP_VCEK) {
            continue;
        }
        struct httpa_collateral_need *need = begin(needs, document, c->report);
        if (need == NULL) {
            return HTTPA_ERR_LIMIT;
        }
        need->line = c->line;
        of_amd[i].fill(c, need);
        if (document != HTTPA_COLLATERAL_AMD_CHAIN) {
            write_issuers(c, need->issuers_file, sizeof(need->issuers_file));
        }
        take(needs);
    }
    return HTTPA_OK;
}

static enum httpa_err need_snp(const struct httpa_crypto *crypto,
                               struct httpa_slice value,
                               struct httpa_collateral_needs *needs,
                               struct httpa_collateral_diag *diag)
{
    struct httpa_snp_report r;
    struct chip c = { .r = &r, .report = value };
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
    if (find_line(&r, &c.line)) {
        return need_of_line(&c, needs);
    }
    if (!httpa_snp_is_zero(httpa_slice_of(r.cpuid, sizeof(r.cpuid)))) {
        httpa_collateral_say(diag,
                             "a processor that is not known: family "
                             "0x%02x, model 0x%02x",
                             r.cpuid[0], r.cpuid[1]);
        return HTTPA_ERR_UNSUPPORTED;
    }
    /* Version 2 does not tell; it is older than Turin. */
    c.guess = true;
    c.line = HTTPA_SNP_MILAN;
    err = need_of_line(&c, needs);
    c.line = HTTPA_SNP_GENOA;
    return err == HTTPA_OK ? need_of_line(&c, needs) : err;
}

/* ---- Intel ---- */

static const char processor_ca[] = "Intel SGX PCK Processor CA";
static const char platform_ca[] = "Intel SGX PCK Platform CA";

struct platform {
    const char *ca; /* "platform", "processor" */
    struct httpa_collateral_fmspc is;
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
        ret->is.is_tdx = q.is_tdx;
        memcpy(ret->is.fmspc, pck.fmspc.p, sizeof(ret->is.fmspc));
        bool is_platform = httpa_intel_is_called(chain.certs[1], platform_ca);
        ret->ca = is_platform ? "platform" : "processor";
        write_hex(pck.fmspc, ret->fmspc, sizeof(ret->fmspc));
        err = is_platform ||
                      httpa_intel_is_called(chain.certs[1], processor_ca)
                  ? HTTPA_OK
                  : HTTPA_ERR_CHAIN;
    }
    httpa_intel_chain_free(&chain);
    return err;
}

static void
fill_info(const struct platform *p, struct httpa_collateral_need *need)
{
    const char *tee = p->is.is_tdx ? "tdx" : "sgx";
    (void)snprintf(need->path, sizeof(need->path),
                   "/%s/certification/v4/tcb?fmspc=%s", tee, p->fmspc);
    (void)snprintf(need->file, sizeof(need->file), "%s-%s-tcb_info.signed", tee,
                   p->fmspc);
    need->chain_header = "TCB-Info-Issuer-Chain";
}

static void
fill_identity(const struct platform *p, struct httpa_collateral_need *need)
{
    const char *tee = p->is.is_tdx ? "tdx" : "sgx";
    (void)snprintf(need->path, sizeof(need->path),
                   "/%s/certification/v4/qe/identity", tee);
    (void)snprintf(need->file, sizeof(need->file), "%s-qe_identity.signed",
                   tee);
    need->chain_header = "SGX-Enclave-Identity-Issuer-Chain";
}

/* Which the signer of the TCB info signs. */
static void
fill_evaluations(const struct platform *p, struct httpa_collateral_need *need)
{
    const char *tee = p->is.is_tdx ? "tdx" : "sgx";
    (void)snprintf(need->path, sizeof(need->path),
                   "/%s/certification/v4/tcbevaluationdatanumbers", tee);
    (void)snprintf(need->file, sizeof(need->file),
                   "%s-tcb_evaluation_data_numbers.json", tee);
    (void)snprintf(need->issuers_file, sizeof(need->issuers_file),
                   "%s-%s-tcb_info.signed", tee, p->fmspc);
    need->optional = true;
}

/* Its issuer stands in the quote, so the field with it is not looked at. */
static void
fill_pck_list(const struct platform *p, struct httpa_collateral_need *need)
{
    (void)snprintf(need->path, sizeof(need->path),
                   "/sgx/certification/v4/pckcrl?ca=%s&encoding=der", p->ca);
    (void)snprintf(need->file, sizeof(need->file), "%s-pck_crl.der", p->ca);
}

static void
fill_root_list(const struct platform *p, struct httpa_collateral_need *need)
{
    (void)p;
    (void)snprintf(need->path, sizeof(need->path), "/IntelSGXRootCA.der");
    (void)snprintf(need->file, sizeof(need->file), "root_ca_crl.der");
}

static const struct {
    enum httpa_collateral_document document;
    void (*fill)(const struct platform *p, struct httpa_collateral_need *need);
} of_intel[] = {
    { HTTPA_COLLATERAL_INTEL_INFO, fill_info },
    { HTTPA_COLLATERAL_INTEL_IDENTITY, fill_identity },
    { HTTPA_COLLATERAL_INTEL_PCK_CRL, fill_pck_list },
    { HTTPA_COLLATERAL_INTEL_ROOT_CRL, fill_root_list },
    { HTTPA_COLLATERAL_INTEL_EVALUATIONS, fill_evaluations },
};

static enum httpa_err need_intel(const struct httpa_crypto *crypto,
                                 struct httpa_slice value,
                                 struct httpa_collateral_needs *needs,
                                 struct httpa_collateral_diag *diag)
{
    struct platform p;
    enum httpa_err err = read_platform(crypto, value, &p);
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "the quote does not tell its platform: %s",
                             httpa_strerror(err));
        return err;
    }
    for (size_t i = 0; i < sizeof(of_intel) / sizeof(of_intel[0]); i++) {
        struct httpa_collateral_need *need =
            begin(needs, of_intel[i].document, value);
        if (need == NULL) {
            return HTTPA_ERR_LIMIT;
        }
        of_intel[i].fill(&p, need);
        take(needs);
    }
    return HTTPA_OK;
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

enum httpa_err
httpa_collateral_fmspc(const struct httpa_crypto *crypto,
                       const struct httpa_evidence *evidence,
                       struct httpa_collateral_fmspc *ret)
{
    struct platform p;
    if (!httpa_cmw_is_type(evidence->media_type,
                           httpa_verifier_tdx.media_type) &&
        !httpa_cmw_is_type(evidence->media_type,
                           httpa_verifier_sgx.media_type)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    enum httpa_err err = read_platform(crypto, evidence->value, &p);
    if (err == HTTPA_OK) {
        *ret = p.is;
    }
    return err;
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
