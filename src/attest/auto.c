#include "attest/device.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where a path below |root| may be long. */
#define PATH_LEN 512u

static const char *const tpms[] = { "dev/tpmrm0", "dev/tpm0" };

static bool exists(const char *root, const char *path)
{
    char full[PATH_LEN];
    int n = snprintf(full, sizeof(full), "%s/%s", root, path);
    return n > 0 && (size_t)n < sizeof(full) && access(full, F_OK) == 0;
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

/* A TEE that is there and does not work is an error and not passed over:
 * falling back to a TPM would attest less than the machine can. */
enum httpa_err httpa_attest_open_auto(struct httpa_attester **ret,
                                      const struct httpa_attest_options *o,
                                      struct httpa_attest_diag *diag)
{
    const char *root = o->root != NULL ? o->root : "";
    bool with_tpm = o->tee != NULL && strcmp(o->tee, "auto,tpm") == 0;
    enum httpa_err err =
        httpa_attest_find(ret, root, NULL, &httpa_attest_linux, diag);
    if (err != HTTPA_ERR_MISSING) {
        return err;
    }
    if (with_tpm && o->tpm_tcti != NULL) {
        return open_tpm(ret, o, NULL, diag);
    }
    const struct httpa_attest_diag looked = *diag;
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
        "tee auto: none of %.120s%s is there; to try httpa without a TEE: "
        "httpa dev-init, then --tee dev",
        looked.text, with_tpm ? ", /dev/tpmrm0, /dev/tpm0" : "");
}
