#include "tool/demands.h"

#include <stdio.h>

#include "tool/say.h"

static void begin(const char *words)
{
    (void)printf("      and %s", words);
}

static void end(void)
{
    (void)puts("");
}

static void put_list(const char *words, const struct httpa_slice *v, size_t n)
{
    begin(words);
    for (size_t i = 0; i < n; i++) {
        (void)fputs(i > 0 ? " or " : " ", stdout);
        httpa_say_bytes(stdout, v[i]);
    }
}

static void say_number(const char *words, size_t n)
{
    if (n > 0) {
        begin(words);
        (void)printf(" %zu", n);
        end();
    }
}

/* ---- by type ---- */

static void say_snp(const struct httpa_profile *profile)
{
    const struct httpa_snp_policy *p = profile->snp;
    for (size_t i = 0; i < p->floor_count; i++) {
        const struct httpa_snp_floor *f = &p->floors[i];
        begin(i == 0 ? "firmware of" : "     or of");
        (void)printf(" %s at least boot_loader %u, tee %u, snp %u, microcode "
                     "%u",
                     f->product, f->boot_loader, f->tee, f->snp, f->microcode);
        if (f->fmc > 0) {
            (void)printf(", fmc %u", f->fmc);
        }
        end();
    }
    begin("signed by");
    (void)fputs(p->vcek && p->vlek ? " the chip's key or a cloud's"
                : p->vlek          ? " a cloud's key"
                                   : " the chip's key",
                stdout);
    end();
    say_number("chips that are named:", p->chip_count);
    if (p->crl) {
        begin("a revocation list of AMD's that is valid now");
        end();
    }
}

static void say_intel(const struct httpa_profile *profile)
{
    const struct httpa_intel_policy *p = profile->intel;
    put_list("the platform is", p->status, p->status_count);
    end();
    if (p->advisory_count > 0) {
        put_list("where it is not UpToDate, for no other reason than",
                 p->advisories, p->advisory_count);
        end();
    }
    say_number("out of date for at most so many days of grace:",
               p->grace_days);
    say_number("by Intel's evaluation number, or a later one:",
               p->min_evaluation_number);
    say_number("TDX module at least", p->min_module_svn);
    say_number("its loader at least", p->min_seam_loader_svn);
    say_number("kinds of platforms (FMSPC) that are named:", p->fmspc_count);
}

static void say_tpm(const struct httpa_profile *profile)
{
    static const char *const trust[] = {
        [HTTPA_AK_UNSET] = "an attestation key that nobody trusts",
        [HTTPA_AK_PINNED] = "an attestation key that is named",
        [HTTPA_AK_EK] = "an attestation key in a TPM whose maker is trusted",
        [HTTPA_AK_CHAIN] = "an attestation key with a certificate",
        [HTTPA_AK_INSECURE_ANY] = "any attestation key",
        [HTTPA_AK_HARDWARE] = "the attestation key that the report names",
    };
    const struct httpa_tpm_policy *p = profile->tpm;
    begin(trust[p->trust]);
    end();
    if (p->replay_event_log) {
        begin(p->secure_boot ? "an event log that explains the registers and "
                               "shows secure boot"
                             : "an event log that explains the registers");
        end();
    }
}

static void say_nitro(const struct httpa_profile *profile)
{
    say_number("not older than so many seconds:", profile->nitro->max_age_s);
}

static void say_cca(const struct httpa_profile *profile)
{
    const struct httpa_cca_policy *p = profile->cca;
    say_number("platform keys (CPAK) that are named:", p->cpak_count);
    for (size_t i = 0; i < p->component_count; i++) {
        const struct httpa_cca_demand *d = &p->components[i];
        begin("firmware ");
        httpa_say_bytes(stdout, httpa_slice_str(d->type));
        if (d->version_min != NULL) {
            (void)fputs(" at least ", stdout);
            httpa_say_bytes(stdout, httpa_slice_str(d->version_min));
        }
        end();
    }
}

void httpa_demands_say(const struct httpa_profile *profile)
{
    const struct {
        const void *settings;
        void (*say)(const struct httpa_profile *profile);
    } rows[] = {
        { profile->snp, say_snp },     { profile->intel, say_intel },
        { profile->tpm, say_tpm },     { profile->nitro, say_nitro },
        { profile->cca, say_cca },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].settings != NULL) {
            rows[i].say(profile);
        }
    }
}

/* ---- refusals ---- */

void httpa_demands_say_refused(const struct httpa_refuse_policy *r)
{
    const struct {
        const char *what;
        size_t n;
    } rows[] = {
        { "products", r->product_count },
        { "chips", r->chip_count },
        { "measurements", r->measurement_count },
        { "signers", r->signer_count },
        { "advisories", r->advisory_count },
        { "bases", r->base_count },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].n > 0) {
            (void)printf("refused whatever matches: %zu %s\n", rows[i].n,
                         rows[i].what);
        }
    }
}
