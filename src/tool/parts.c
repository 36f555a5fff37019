#include "tool/parts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/file.h"
#include "tool/say.h"
#include "tool/tpm_parts.h"

#define PATH_BYTES 4096
#define VALUE_MAX 65536u
#define CERTS_MAX 65536u /* of one file */

static bool join(const char *dir, const char *name, char path[PATH_BYTES])
{
    int n = snprintf(path, PATH_BYTES, "%s/%s", dir, name);
    return n > 0 && n < PATH_BYTES;
}

/* The evidence is the file itself. */
static bool
read_file(const char *dir, const char *name, struct httpa_buf *ret_value)
{
    char path[PATH_BYTES];
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
    { "quote.tpms_attest", "tpm", httpa_tpm_parts_read },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

bool httpa_parts_read(const char *dir, struct httpa_buf *ret_value,
                      const char **ret_type)
{
    char path[PATH_BYTES];
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
              "cca_token.cbor (CCA), quote.tpms_attest (TPM)",
              dir);
    return false;
}

/* The TEE type of Intel's header: bytes 4 to 7. */
const char *httpa_parts_quote_type(struct httpa_slice quote)
{
    static const uint8_t tdx[4] = { 0x81, 0, 0, 0 };
    return quote.n >= 8 && memcmp(quote.p + 4, tdx, sizeof(tdx)) == 0 ? "tdx"
                                                                      : "sgx";
}

/* ---- endorsements ---- */

static const struct {
    const char *ending;
    const char *media_type;
} endings[] = {
    { "tcb_info.json", "application/vnd.httpa.intel-tcb-info" },
    { "tcb_info_issuer_chain.pem", "application/vnd.httpa.intel-tcb-chain" },
    { "qe_identity.json", "application/vnd.httpa.intel-qe-identity" },
    { "qe_identity_issuer_chain.pem", "application/vnd.httpa.intel-qe-chain" },
    { "pck_crl.der", "application/vnd.httpa.intel-pck-crl" },
    { "pck_crl_issuer_chain.pem", "application/vnd.httpa.intel-pck-crl-chain" },
    { "root_ca_crl.der", "application/vnd.httpa.intel-root-crl" },
    { "cpak.pem", HTTPA_ENDORSEMENT_CPAK },
    { "cpak_pub.pem", HTTPA_ENDORSEMENT_CPAK },
    { ".crl", HTTPA_ENDORSEMENT_CRL },   { ".crl.der", HTTPA_ENDORSEMENT_CRL },
    { ".pem", HTTPA_ENDORSEMENT_CHAIN }, { ".der", HTTPA_ENDORSEMENT_CERT },
    { ".cer", HTTPA_ENDORSEMENT_CERT },  { ".crt", HTTPA_ENDORSEMENT_CERT },
};

static const char *media_type_of(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t k = strlen(endings[i].ending);
        if (n >= k && strcmp(name + n - k, endings[i].ending) == 0) {
            return endings[i].media_type;
        }
    }
    return NULL;
}

static bool
add(const char *path, const char *media_type, struct httpa_parts *parts)
{
    if (parts->n == HTTPA_ENDORSEMENTS_MAX) {
        httpa_say("%s: more than %u files beside the evidence", path,
                  HTTPA_ENDORSEMENTS_MAX);
        return false;
    }
    struct httpa_buf *file = &parts->files[parts->n];
    *file = httpa_buf_growing(CERTS_MAX);
    if (!httpa_file_read(path, file)) {
        httpa_buf_done(file);
        return false;
    }
    parts->v[parts->n++] =
        (struct httpa_endorsement){ httpa_slice_str(media_type),
                                    httpa_buf_slice(file) };
    return true;
}

/* In the order of their names, so that a verdict does not depend on a file
 * system. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

bool httpa_parts_collect(const char *dir, struct httpa_parts *parts)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, NULL, by_name);
    bool ok = n >= 0;
    if (!ok) {
        httpa_say("%s: %s", dir, strerror(errno));
    }
    for (int i = 0; i < n; i++) {
        char path[PATH_BYTES];
        const char *media_type = media_type_of(entries[i]->d_name);
        if (ok && media_type != NULL) {
            ok = join(dir, entries[i]->d_name, path) &&
                 add(path, media_type, parts);
        }
        free(entries[i]);
    }
    free(entries);
    return ok;
}

void httpa_parts_done(struct httpa_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++) {
        httpa_buf_done(&parts->files[i]);
    }
    parts->n = 0;
}
