#include "attest/attest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where a path below |root| may be long. */
#define PATH_LEN 512u

/* doc/protocol.md leaves the choice to the service; the order is: what
 * isolates most first, the older of two interfaces later.  A bare TPM only
 * where it was asked for. */
static const struct place {
    const char *path;
    const char *what;
} places[] = {
    { "sys/kernel/config/tsm/report", "configfs-tsm (SEV-SNP, TDX, CCA)" },
    { "dev/sev-guest", "SEV-SNP" },
    { "dev/tdx_guest", "TDX" },
    { "dev/nsm", "Nitro" },
    { "dev/attestation/quote", "Gramine SGX" },
};

static const char *const tpms[] = { "dev/tpmrm0", "dev/tpm0" };

static bool exists(const char *root, const char *path)
{
    char full[PATH_LEN];
    int n = snprintf(full, sizeof(full), "%s/%s", root, path);
    return n > 0 && (size_t)n < sizeof(full) && access(full, F_OK) == 0;
}

/* A TEE that is there and that we cannot use is an error and not passed over:
 * falling back to a TPM would attest less than the machine can. */
static enum httpa_err
refuse_unknown(const char *root, struct httpa_attest_diag *diag)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (exists(root, places[i].path)) {
            return httpa_attest_fail(
                diag, HTTPA_ERR_DEVICE,
                "tee auto: found /%s (%s), which this version cannot quote "
                "with; name another with --tee",
                places[i].path, places[i].what);
        }
    }
    return HTTPA_OK;
}

static enum httpa_err
open_tpm(struct httpa_attester **ret, const struct httpa_attest_options *o,
         const char *device, struct httpa_attest_diag *diag)
{
    char tcti[PATH_LEN];
    struct httpa_attest_options tpm = *o;
    if (o->tpm_tcti == NULL) {
        (void)snprintf(tcti, sizeof(tcti), "device:/%s", device);
        tpm.tpm_tcti = tcti;
    }
    return httpa_attest_open_tpm(ret, &tpm, diag);
}

enum httpa_err httpa_attest_open_auto(struct httpa_attester **ret,
                                      const struct httpa_attest_options *o,
                                      struct httpa_attest_diag *diag)
{
    const char *root = o->root != NULL ? o->root : "";
    bool with_tpm = o->tee != NULL && strcmp(o->tee, "auto,tpm") == 0;
    enum httpa_err err = refuse_unknown(root, diag);
    if (err != HTTPA_OK) {
        return err;
    }
    if (with_tpm && o->tpm_tcti != NULL) {
        return open_tpm(ret, o, NULL, diag);
    }
    for (size_t i = 0; i < sizeof(tpms) / sizeof(tpms[0]); i++) {
        if (exists(root, tpms[i]) && with_tpm) {
            return open_tpm(ret, o, tpms[i], diag);
        }
        if (exists(root, tpms[i])) {
            return httpa_attest_fail(
                diag, HTTPA_ERR_DEVICE,
                "tee auto: only a TPM (/%s) is there, which attests what "
                "booted and isolates nothing; to use it: --tee auto,tpm",
                tpms[i]);
        }
    }
    return httpa_attest_fail(
        diag, HTTPA_ERR_DEVICE,
        "tee auto: none of configfs-tsm, /dev/sev-guest, /dev/tdx_guest, "
        "/dev/nsm, /dev/attestation (Gramine)%s is there; to try httpa "
        "without a TEE: httpa dev-init, then --tee dev",
        with_tpm ? ", /dev/tpmrm0, /dev/tpm0" : "");
}
