#include "collateral/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collateral/io.h"
#include "evidence/intel/collateral.h"

static const struct {
    const char *ending;
    const char *media_type;
} endings[] = {
    { "tcb_info.json", HTTPA_INTEL_TYPE_TCB_INFO },
    { "tcb_info_issuer_chain.pem", HTTPA_INTEL_TYPE_TCB_CHAIN },
    { "qe_identity.json", HTTPA_INTEL_TYPE_QE_IDENTITY },
    { "tcb_evaluation_data_numbers.json", HTTPA_INTEL_TYPE_EVALUATIONS },
    { "qe_identity_issuer_chain.pem", HTTPA_INTEL_TYPE_QE_CHAIN },
    { "pck_crl.der", HTTPA_INTEL_TYPE_PCK_CRL },
    { "pck_crl_issuer_chain.pem", HTTPA_INTEL_TYPE_PCK_CRL_CHAIN },
    { "root_ca_crl.der", HTTPA_INTEL_TYPE_ROOT_CRL },
    { "cpak.pem", HTTPA_ENDORSEMENT_CPAK },
    { "cpak_pub.pem", HTTPA_ENDORSEMENT_CPAK },
    { ".crl", HTTPA_ENDORSEMENT_CRL },
    { ".crl.der", HTTPA_ENDORSEMENT_CRL },
    { ".pem", HTTPA_ENDORSEMENT_CHAIN },
    { ".der", HTTPA_ENDORSEMENT_CERT },
    { ".cer", HTTPA_ENDORSEMENT_CERT },
    { ".crt", HTTPA_ENDORSEMENT_CERT },
};

const char *httpa_collateral_type(const char *name)
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

/* ---- files ---- */

/* Whatever stands there, a pipe for example, cannot hold us up. */
static enum httpa_err read_path(const char *path, struct httpa_buf *out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return HTTPA_ERR_IO;
    }
    bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    enum httpa_err err = HTTPA_ERR_IO;
    if (is_file) {
        err = httpa_io_read_all(fd, out);
    } else {
        errno = EINVAL;
    }
    int why = errno;
    (void)close(fd);
    errno = why;
    return err;
}

enum httpa_err httpa_collateral_read_file(const char *dir, const char *name,
                                          const char *media_type,
                                          struct httpa_collateral *c,
                                          struct httpa_collateral_diag *diag)
{
    char path[PATH_MAX];
    if (c->n == HTTPA_ENDORSEMENTS_MAX) {
        httpa_collateral_say(diag, "%s: more than %u files of collateral", dir,
                             HTTPA_ENDORSEMENTS_MAX);
        return HTTPA_ERR_LIMIT;
    }
    int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof(path) ||
        strlen(name) >= HTTPA_COLLATERAL_NAME) {
        httpa_collateral_say(diag, "%s: a name that is too long", dir);
        return HTTPA_ERR_IO;
    }
    struct httpa_buf *file = &c->files[c->n];
    *file = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    enum httpa_err err = read_path(path, file);
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "%s: %s", path, strerror(errno));
        httpa_buf_done(file);
        return err;
    }
    (void)snprintf(c->names[c->n], HTTPA_COLLATERAL_NAME, "%s", name);
    c->v[c->n++] = (struct httpa_endorsement){ httpa_slice_str(media_type),
                                               httpa_buf_slice(file) };
    return HTTPA_OK;
}

/* ---- folders ---- */

/* In the order of their names, so that a verdict does not depend on a file
 * system. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Hidden names are files on their way (store.c), or a mount's own. */
static int is_collateral(const struct dirent *entry)
{
    return entry->d_name[0] != '.' &&
           httpa_collateral_type(entry->d_name) != NULL;
}

enum httpa_err httpa_collateral_read(const char *dir,
                                     struct httpa_collateral *c,
                                     struct httpa_collateral_diag *diag)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_collateral, by_name);
    enum httpa_err err = HTTPA_OK;
    if (n < 0) {
        httpa_collateral_say(diag, "%s: %s", dir, strerror(errno));
        return HTTPA_ERR_IO;
    }
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (err == HTTPA_OK) {
            err = httpa_collateral_read_file(
                dir, name, httpa_collateral_type(name), c, diag);
        }
        free(entries[i]);
    }
    free(entries);
    return err;
}

size_t httpa_collateral_size(const struct httpa_collateral *c)
{
    size_t sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        sum += c->files[i].n;
    }
    return sum;
}

void httpa_collateral_drop(struct httpa_collateral *c, size_t i)
{
    httpa_buf_done(&c->files[i]);
    c->n--;
    for (; i < c->n; i++) {
        memcpy(c->names[i], c->names[i + 1], HTTPA_COLLATERAL_NAME);
        c->files[i] = c->files[i + 1];
        c->v[i] = c->v[i + 1];
    }
}

void httpa_collateral_done(struct httpa_collateral *c)
{
    for (size_t i = 0; i < c->n; i++) {
        httpa_buf_done(&c->files[i]);
    }
    c->n = 0;
}
