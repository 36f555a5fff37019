#include "tool/parts.h"

#include <stdio.h>
#include <string.h>

#include "tool/file.h"
#include "tool/say.h"
#include "tool/tpm_parts.h"

/* A quote has up to 16 KB with its padding, a paravisor's report less. */
#define AZURE_FILE_MAX 65536u

static bool join(const char *dir, const char *name, char path[HTTPA_PARTS_PATH])
{
    int n = snprintf(path, HTTPA_PARTS_PATH, "%s/%s", dir, name);
    return n > 0 && n < HTTPA_PARTS_PATH;
}

/* The evidence is the file itself. */
static bool
read_file(const char *dir, const char *name, struct httpa_buf *ret_value)
{
    char path[HTTPA_PARTS_PATH];
    return join(dir, name, path) && httpa_file_read(path, ret_value);
}

/* The file that tells what a folder is. */
static const struct {
    const char *file;
    const char *type; /* NULL: what the bytes say */
    bool (*read)(const char *dir, struct httpa_buf *ret_value); /* or NULL */
} kinds[] = {
    { "report.bin", "sev-snp", NULL },
    { "quote.bin", NULL, NULL }, /* "tdx" or "sgx": its header says */
    { "attestation_doc.cbor", "nitro", NULL },
    { "cca_token.cbor", "cca", NULL },
    { "ear.jwt", "ear", NULL },
    { "ear.cbor", "ear", NULL },
    { "quote.tpms_attest", "tpm", httpa_tpm_parts_read },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

bool httpa_parts_read(const char *dir, struct httpa_buf *ret_value,
                      const char **ret_type)
{
    char path[HTTPA_PARTS_PATH];
    for (size_t i = 0; i < KINDS; i++) {
        if (join(dir, kinds[i].file, path) && httpa_file_exists(path)) {
            bool ok = kinds[i].read != NULL
                          ? kinds[i].read(dir, ret_value)
                          : read_file(dir, kinds[i].file, ret_value);
            *ret_type = kinds[i].type != NULL
                            ? kinds[i].type
                            : httpa_parts_quote_type(
                                  httpa_buf_slice(ret_value));
            return ok;
        }
    }
    httpa_say("%s: no evidence that is known: report.bin (SEV-SNP), "
              "quote.bin (TDX, SGX), attestation_doc.cbor (Nitro), "
              "cca_token.cbor (CCA), ear.jwt or ear.cbor (a remote "
              "verifier's), quote.tpms_attest (TPM)",
              dir);
    return false;
}

bool httpa_parts_hcl(const char *dir, char path[HTTPA_PARTS_PATH])
{
    return join(dir, "td_quote.bin", path) && !httpa_file_exists(path) &&
           join(dir, "hcl_report.bin", path) && httpa_file_exists(path);
}

bool httpa_parts_is_azure_tdx(const char *dir)
{
    char path[HTTPA_PARTS_PATH];
    return join(dir, "td_quote.bin", path) && httpa_file_exists(path) &&
           join(dir, "hcl_report.bin", path) && httpa_file_exists(path);
}

bool httpa_parts_azure_tdx(const char *dir, struct httpa_buf *ret_value)
{
    struct httpa_buf report = httpa_buf_growing(AZURE_FILE_MAX);
    struct httpa_buf quote = httpa_buf_growing(AZURE_FILE_MAX);
    bool ok = read_file(dir, "hcl_report.bin", &report) &&
              read_file(dir, "td_quote.bin", &quote);
    enum httpa_err err =
        ok ? httpa_azure_tdx_write(httpa_buf_slice(&report),
                                   httpa_buf_slice(&quote), ret_value)
           : HTTPA_ERR_IO;
    if (ok && err != HTTPA_OK) {
        httpa_say("%s/hcl_report.bin: no report of a paravisor over TDX: %s",
                  dir, httpa_strerror(err));
    }
    httpa_buf_done(&report);
    httpa_buf_done(&quote);
    return err == HTTPA_OK;
}

/* The TEE type of Intel's header: bytes 4 to 7. */
const char *httpa_parts_quote_type(struct httpa_slice quote)
{
    static const uint8_t tdx[4] = { 0x81, 0, 0, 0 };
    return quote.n >= 8 && memcmp(quote.p + 4, tdx, sizeof(tdx)) == 0 ? "tdx"
                                                                      : "sgx";
}
