#include "collateral/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "collateral/io.h"

enum httpa_err
httpa_collateral_open(const char *dir, struct httpa_collateral_diag *diag)
{
    struct stat st;
    if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
        httpa_collateral_say(diag, "%s: %s", dir, strerror(errno));
        return HTTPA_ERR_IO;
    }
    if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
        httpa_collateral_say(diag, "%s: not a folder", dir);
        return HTTPA_ERR_IO;
    }
    return HTTPA_OK;
}

/* Names are our own (need.c); this is so that it stays so. */
static bool is_name(const char *name)
{
    for (size_t i = 0; name[i] != '\0'; i++) {
        uint8_t c = (uint8_t)name[i];
        if (!httpa_ascii_is_alpha(c) && !httpa_ascii_is_digit(c) &&
            (i == 0 || strchr("._-", c) == NULL)) {
            return false;
        }
    }
    return strlen(name) < HTTPA_COLLATERAL_NAME - 32 &&
           httpa_collateral_type(name) != NULL;
}

/* ---- looking ---- */

/* What |file| would be as |name|; of its document, every piece is whole. */
static enum httpa_err look(const struct httpa_crypto *crypto, const char *name,
                           struct httpa_slice file,
                           struct httpa_collateral_facts *ret_facts)
{
    struct httpa_collateral *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    enum httpa_err err =
        httpa_collateral_add(c, name, httpa_collateral_type(name), file);
    for (size_t i = 0; err == HTTPA_OK && i < c->n; i++) {
        err = httpa_collateral_look(crypto, &c->v[i], ret_facts);
    }
    httpa_collateral_free(c);
    return err;
}

static enum httpa_err look_and_prove(const struct httpa_crypto *crypto,
                                     const char *name, struct httpa_slice file,
                                     const struct httpa_collateral_proof *proof,
                                     struct httpa_collateral_facts *ret_facts)
{
    enum httpa_err err = look(crypto, name, file, ret_facts);
    return err == HTTPA_OK ? proof->prove(proof->ctx, file) : err;
}

enum httpa_err httpa_collateral_stored(
    const struct httpa_crypto *crypto, const char *dir, const char *name,
    const struct httpa_collateral_proof *proof,
    struct httpa_collateral_facts *ret_facts)
{
    struct httpa_buf file = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    enum httpa_err err = httpa_collateral_load(dir, name, &file);
    if (err == HTTPA_OK) {
        err = look_and_prove(crypto, name, httpa_buf_slice(&file), proof,
                             ret_facts);
    } else if (err == HTTPA_ERR_IO && errno == ENOENT) {
        err = HTTPA_ERR_MISSING;
    }
    httpa_buf_done(&file);
    return err;
}

/* ---- writing ---- */

/* On the disk before it takes the name: a crash leaves the old one.  The
 * documents are public, and another user may be the one who serves them. */
static bool
write_file(char *temporary, const char *path, struct httpa_slice value)
{
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool ok = httpa_io_write_all(fd, value) && fchmod(fd, 0644) == 0 &&
              fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
        int why = errno;
        (void)unlink(temporary);
        errno = why;
    }
    return ok;
}

static enum httpa_err replace(const char *dir, const char *name,
                              struct httpa_slice value,
                              struct httpa_collateral_diag *diag)
{
    char path[PATH_MAX];
    char temporary[PATH_MAX];
    int a = snprintf(path, sizeof(path), "%s/%s", dir, name);
    int b = snprintf(temporary, sizeof(temporary), "%s/.%s.XXXXXX", dir, name);
    if (a < 0 || b < 0 || (size_t)a >= sizeof(path) ||
        (size_t)b >= sizeof(temporary)) {
        httpa_collateral_say(diag, "%s: a name that is too long", dir);
        return HTTPA_ERR_IO;
    }
    if (!write_file(temporary, path, value)) {
        httpa_collateral_say(diag, "%s: %s", path, strerror(errno));
        return HTTPA_ERR_IO;
    }
    return HTTPA_OK;
}

/* A candidate, which has been proved. */
struct candidate {
    const struct httpa_crypto *crypto;
    const char *dir;
    const char *name;
    struct httpa_slice file;
    const struct httpa_collateral_proof *proof;
    int64_t now_s;
    struct httpa_collateral_facts facts;
};

static bool has_lapsed(const struct candidate *c,
                       const struct httpa_collateral_facts *facts)
{
    return facts->lapses_s != 0 && facts->lapses_s <= c->now_s;
}

/* One that has lapsed is worth less than any that has not, whatever its
 * number says. */
static bool is_worse(const struct candidate *c,
                     const struct httpa_collateral_facts *there)
{
    bool lapsed = has_lapsed(c, &c->facts);
    return lapsed != has_lapsed(c, there)
               ? lapsed
               : httpa_collateral_is_older(&c->facts, there);
}

/* What it is to the file that is there.  One that cannot be read at the moment
 * may be newer, so then nothing is written. */
static enum httpa_err
compare(const struct candidate *c, enum httpa_collateral_put *ret_put)
{
    struct httpa_collateral_facts there;
    struct httpa_buf old = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    enum httpa_err err = httpa_collateral_load(c->dir, c->name, &old);
    *ret_put = HTTPA_COLLATERAL_WRITTEN;
    if (err == HTTPA_OK) {
        if (httpa_slice_equal(httpa_buf_slice(&old), c->file)) {
            *ret_put = HTTPA_COLLATERAL_SAME;
        } else if (look_and_prove(c->crypto, c->name, httpa_buf_slice(&old),
                                  c->proof, &there) == HTTPA_OK &&
                   is_worse(c, &there)) {
            *ret_put = HTTPA_COLLATERAL_KEPT;
        }
    } else if ((err == HTTPA_ERR_IO && errno == ENOENT) ||
               err == HTTPA_ERR_RANGE) {
        err = HTTPA_OK;
    }
    httpa_buf_done(&old);
    return err;
}

static enum httpa_err judge(struct candidate *c)
{
    enum httpa_err err = c->file.n <= HTTPA_COLLATERAL_FILE_MAX
                             ? look(c->crypto, c->name, c->file, &c->facts)
                             : HTTPA_ERR_RANGE;
    if (err == HTTPA_OK &&
        c->facts.issued_s > c->now_s + HTTPA_COLLATERAL_SKEW_S) {
        err = HTTPA_ERR_DATE; /* would keep every true one out */
    }
    return err == HTTPA_OK ? c->proof->prove(c->proof->ctx, c->file) : err;
}

enum httpa_err
httpa_collateral_put(const struct httpa_crypto *crypto, const char *dir,
                     const char *name, struct httpa_slice file,
                     const struct httpa_collateral_proof *proof, int64_t now_s,
                     enum httpa_collateral_put *ret_put,
                     struct httpa_collateral_diag *diag)
{
    struct candidate c = { .crypto = crypto,
                           .dir = dir,
                           .name = name,
                           .file = file,
                           .proof = proof,
                           .now_s = now_s };
    if (!is_name(name)) {
        httpa_collateral_say(diag, "no name for collateral");
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = judge(&c);
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "%s: not taken: %s", name,
                             err == HTTPA_ERR_DATE ? "issued in the future"
                                                   : httpa_strerror(err));
        return err;
    }
    err = compare(&c, ret_put);
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "%s/%s: cannot be read", dir, name);
        return err;
    }
    return *ret_put == HTTPA_COLLATERAL_WRITTEN
               ? replace(dir, name, file, diag)
               : HTTPA_OK;
}
