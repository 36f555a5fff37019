#include <httpa/attest.h>

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"

static char root[32];

/* Makes the file |path| below |root| with its directories. */
static void make(const char *path)
{
    char full[256];
    (void)snprintf(full, sizeof(full), "%s/%s", root, path);
    for (char *c = full + strlen(root) + 1; *c != '\0'; c++) {
        if (*c == '/') {
            *c = '\0';
            (void)mkdir(full, 0700);
            *c = '/';
        }
    }
    FILE *f = fopen(full, "wb");
    assert_non_null(f);
    (void)fclose(f);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* What is there, what is asked, what is said. */
static void words(void **state)
{
    static const struct {
        const char *tee;
        const char *there[2];
        const char *tcti;
        enum httpa_err err;
        const char *says;
    } rows[] = {
        { "auto", { NULL, NULL }, NULL, HTTPA_ERR_DEVICE, "--tee dev" },
        { NULL, { NULL, NULL }, NULL, HTTPA_ERR_DEVICE, "dev-init" },
        { "auto,tpm", { NULL, NULL }, NULL, HTTPA_ERR_DEVICE, "/dev/tpmrm0" },
        { "auto",
          { "dev/tpmrm0", NULL },
          NULL,
          HTTPA_ERR_DEVICE,
          "isolates nothing" },
        { "auto",
          { "dev/tpm0", NULL },
          NULL,
          HTTPA_ERR_DEVICE,
          "--tee auto,tpm" },
        /* used, and not a TPM */
        { "auto,tpm",
          { "dev/tpmrm0", NULL },
          NULL,
          HTTPA_ERR_DEVICE,
          "tpm (device:" },
        { "auto,tpm",
          { NULL, NULL },
          "swtpm:path=/nowhere",
          HTTPA_ERR_DEVICE,
          "tpm (swtpm:path=/nowhere)" },
        /* found; a plain file is no device */
        { "auto",
          { "dev/sev-guest", NULL },
          NULL,
          HTTPA_ERR_DEVICE,
          "/dev/sev-guest: " },
        { "auto",
          { "dev/tdx_guest", NULL },
          NULL,
          HTTPA_ERR_DEVICE,
          "without configfs-tsm" },
        { "auto",
          { "dev/attestation/quote", "dev/attestation/attestation_type" },
          NULL,
          HTTPA_ERR_DEVICE,
          "sgx.remote_attestation" },
        /* what isolates is never passed over for a TPM */
        { "auto,tpm",
          { "dev/nsm", "dev/tpmrm0" },
          NULL,
          HTTPA_ERR_DEVICE,
          "/dev/nsm: " },
        { "auto",
          { "sys/kernel/config/tsm/report", "dev/sev-guest" },
          NULL,
          HTTPA_ERR_DEVICE,
          "configfs-tsm" },
        { "auto,dev", { NULL, NULL }, NULL, HTTPA_ERR_CONFIG, "auto,dev" },
        { "sgx",
          { "dev/nsm", NULL },
          NULL,
          HTTPA_ERR_DEVICE,
          "/dev/attestation" },
        { "sev-snp",
          { "dev/nsm", NULL },
          NULL,
          HTTPA_ERR_DEVICE,
          "/dev/sev-guest: No such file" },
        { "snp", { NULL, NULL }, NULL, HTTPA_ERR_CONFIG, "sev-snp" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_attest_diag diag;
        struct httpa_attester *a = NULL;
        (void)snprintf(root, sizeof(root), "/tmp/httpa-auto-XXXXXX");
        assert_non_null(mkdtemp(root));
        for (size_t j = 0; j < 2 && rows[i].there[j] != NULL; j++) {
            make(rows[i].there[j]);
        }
        struct httpa_attest_options o = { .tee = rows[i].tee,
                                          .tpm_tcti = rows[i].tcti,
                                          .root = root };
        assert_err(rows[i].err, httpa_attester_open(&a, &o, &diag));
        assert_null(a);
        if (strstr(diag.text, rows[i].says) == NULL) {
            fail_msg("row %zu says: %s", i, diag.text);
        }
        (void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(words) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
