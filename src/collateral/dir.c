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

static const struct row {
    const char *ending;
    const char *media_type;
    const char *signers; /* of what stands before it in the file; or NULL */
} endings[] = {
    { "tcb_info.signed", HTTPA_INTEL_TYPE_TCB_INFO,
      HTTPA_INTEL_TYPE_TCB_CHAIN },
    { "qe_identity.signed", HTTPA_INTEL_TYPE_QE_IDENTITY,
      HTTPA_INTEL_TYPE_QE_CHAIN },
    { "tcb_info.json", HTTPA_INTEL_TYPE_TCB_INFO, NULL },
    { "tcb_info_issuer_chain.pem", HTTPA_INTEL_TYPE_TCB_CHAIN, NULL },
    { "qe_identity.json", HTTPA_INTEL_TYPE_QE_IDENTITY, NULL },
    { "qe_identity_issuer_chain.pem", HTTPA_INTEL_TYPE_QE_CHAIN, NULL },
    { "tcb_evaluation_data_numbers.json", HTTPA_INTEL_TYPE_EVALUATIONS, NULL },
    { "pck_crl.der", HTTPA_INTEL_TYPE_PCK_CRL, NULL },
    { "pck_crl_issuer_chain.pem", HTTPA_INTEL_TYPE_PCK_CRL_CHAIN, NULL },
    { "root_ca_crl.der", HTTPA_INTEL_TYPE_ROOT_CRL, NULL },
    { "cpak.pem", HTTPA_ENDORSEMENT_CPAK, NULL },
    { "cpak_pub.pem", HTTPA_ENDORSEMENT_CPAK, NULL },
    { ".crl", HTTPA_ENDORSEMENT_CRL, NULL },
    { ".crl.der", HTTPA_ENDORSEMENT_CRL, NULL },
    { ".pem", HTTPA_ENDORSEMENT_CHAIN, NULL },
    { ".der", HTTPA_ENDORSEMENT_CERT, NULL },
    { ".cer", HTTPA_ENDORSEMENT_CERT, NULL },
    { ".crt", HTTPA_ENDORSEMENT_CERT, NULL },
};

static const struct row *find_row(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t k = strlen(endings[i].ending);
        if (n >= k && strcmp(name + n - k, endings[i].ending) == 0) {
            return &endings[i];
        }
    }
    return NULL;
}

const char *httpa_collateral_type(const char *name)
{
    const struct row *row = find_row(name);
    return row != NULL ? row->media_type : NULL;
}

/* ---- pieces ---- */

/* PEM has no brace, and Intel's documents are objects. */
enum httpa_err httpa_collateral_split(struct httpa_slice file,
                                      struct httpa_slice *ret_signers,
                                      struct httpa_slice *ret_document)
{
    const uint8_t *at = file.n > 0 ? memchr(file.p, '{', file.n) : NULL;
    if (at == NULL || at == file.p) {
        return HTTPA_ERR_MISSING;
    }
    *ret_signers = httpa_slice_of(file.p, (size_t)(at - file.p));
    *ret_document = httpa_slice_from(file, ret_signers->n);
    return HTTPA_OK;
}

static enum httpa_err add_piece(struct httpa_collateral *c, const char *name,
                                const char *media_type,
                                struct httpa_slice value)
{
    if (c->n == HTTPA_COLLATERAL_MAX) {
        return HTTPA_ERR_LIMIT;
    }
    struct httpa_buf *file = &c->files[c->n];
    *file = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    httpa_buf_put_slice(file, value);
    if (file->failed) {
        httpa_buf_done(file);
        return HTTPA_ERR_MEMORY;
    }
    (void)snprintf(c->names[c->n], HTTPA_COLLATERAL_NAME, "%s", name);
    c->v[c->n++] = (struct httpa_endorsement){ httpa_slice_str(media_type),
                                               httpa_buf_slice(file) };
    return HTTPA_OK;
}

/* A file that cannot be split is one piece, which nobody can read. */
enum httpa_err httpa_collateral_add(struct httpa_collateral *c,
                                    const char *name, const char *media_type,
                                    struct httpa_slice file)
{
    const struct row *row = find_row(name);
    struct httpa_slice signers;
    enum httpa_err err = HTTPA_OK;
    if (row != NULL && row->signers != NULL &&
        httpa_collateral_split(file, &signers, &file) == HTTPA_OK) {
        err = add_piece(c, name, row->signers, signers);
    }
    return err == HTTPA_OK ? add_piece(c, name, media_type, file) : err;
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

enum httpa_err httpa_collateral_load(const char *dir, const char *name,
                                     struct httpa_buf *out)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof(path) ||
        strlen(name) >= HTTPA_COLLATERAL_NAME) {
        errno = ENAMETOOLONG;
        return HTTPA_ERR_IO;
    }
    return read_path(path, out);
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

static enum httpa_err read_one(const char *dir, const char *name,
                               struct httpa_collateral *c,
                               struct httpa_collateral_diag *diag)
{
    struct httpa_buf file = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    enum httpa_err err = httpa_collateral_load(dir, name, &file);
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "%s/%s: %s", dir, name, strerror(errno));
    } else {
        err = httpa_collateral_add(c, name, httpa_collateral_type(name),
                                   httpa_buf_slice(&file));
        if (err != HTTPA_OK) {
            httpa_collateral_say(diag,
                                 err == HTTPA_ERR_LIMIT
                                     ? "%s: more than %u pieces of collateral"
                                     : "%s: out of memory for %u pieces",
                                 dir, HTTPA_COLLATERAL_MAX);
        }
    }
    httpa_buf_done(&file);
    return err;
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
            err = read_one(dir, name, c, diag);
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

void httpa_collateral_free(struct httpa_collateral *c)
{
    if (c != NULL) {
        httpa_collateral_done(c);
        free(c);
    }
}

struct httpa_collateral *
httpa_collateral_new(const char *dir, struct httpa_collateral_diag *diag)
{
    struct httpa_collateral *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        httpa_collateral_say(diag, "out of memory");
        return NULL;
    }
    if (httpa_collateral_read(dir, c, diag) != HTTPA_OK) {
        httpa_collateral_free(c);
        return NULL;
    }
    return c;
}
