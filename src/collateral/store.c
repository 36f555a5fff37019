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
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
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

/* Reads one file into |c|, which is empty. */
static enum httpa_err
read_one(const char *dir, const char *name, struct httpa_collateral *c)
{
    struct httpa_collateral_diag ignored;
    errno = 0;
    enum httpa_err err = httpa_collateral_read_file(
        dir, name, httpa_collateral_type(name), c, &ignored);
    return err == HTTPA_ERR_IO && errno == ENOENT ? HTTPA_ERR_MISSING : err;
}

enum httpa_err httpa_collateral_stored(const struct httpa_crypto *crypto,
                                       const char *dir, const char *name,
                                       struct httpa_collateral_facts *ret_facts)
{
    struct httpa_collateral *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    enum httpa_err err = read_one(dir, name, c);
    if (err == HTTPA_OK) {
        err = httpa_collateral_look(crypto, &c->v[0], ret_facts);
    }
    httpa_collateral_done(c);
    free(c);
    return err;
}

/* ---- writing ---- */

/* On the disk before it takes the name: a crash leaves the old one. */
static bool
write_file(const char *temporary, const char *path, struct httpa_slice value)
{
    int fd = open(temporary,
                  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return false;
    }
    bool ok = httpa_io_write_all(fd, value) && fsync(fd) == 0;
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
    int b = snprintf(temporary, sizeof(temporary), "%s/.%s.new%ld", dir, name,
                     (long)getpid());
    if (a < 0 || b < 0 || (size_t)a >= sizeof(path) ||
        (size_t)b >= sizeof(temporary)) {
        httpa_collateral_say(diag, "%s: a name that is too long", dir);
        return HTTPA_ERR_IO;
    }
    (void)unlink(temporary); /* of a process with our number that died */
    if (!write_file(temporary, path, value)) {
        httpa_collateral_say(diag, "%s: %s", path, strerror(errno));
        return HTTPA_ERR_IO;
    }
    return HTTPA_OK;
}

/* What the candidate |value| is to the file that is there; a damaged one is no
 * hindrance. */
static enum httpa_err
compare(const struct httpa_crypto *crypto, const char *dir, const char *name,
        struct httpa_slice value, const struct httpa_collateral_facts *facts,
        enum httpa_collateral_put *ret_put)
{
    struct httpa_collateral_facts there;
    struct httpa_collateral *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    *ret_put = HTTPA_COLLATERAL_WRITTEN;
    if (read_one(dir, name, c) == HTTPA_OK &&
        httpa_collateral_look(crypto, &c->v[0], &there) == HTTPA_OK) {
        if (httpa_slice_equal(c->v[0].value, value)) {
            *ret_put = HTTPA_COLLATERAL_SAME;
        } else if (httpa_collateral_is_older(facts, &there)) {
            *ret_put = HTTPA_COLLATERAL_KEPT;
        }
    }
    httpa_collateral_done(c);
    free(c);
    return HTTPA_OK;
}

enum httpa_err httpa_collateral_put(const struct httpa_crypto *crypto,
                                    const char *dir, const char *name,
                                    struct httpa_slice value, int64_t now_s,
                                    enum httpa_collateral_put *ret_put,
                                    struct httpa_collateral_diag *diag)
{
    struct httpa_collateral_facts facts;
    if (!is_name(name)) {
        httpa_collateral_say(diag, "no name for collateral");
        return HTTPA_ERR_USAGE;
    }
    const struct httpa_endorsement piece = {
        httpa_slice_str(httpa_collateral_type(name)), value
    };
    enum httpa_err err = value.n <= HTTPA_COLLATERAL_FILE_MAX
                             ? httpa_collateral_look(crypto, &piece, &facts)
                             : HTTPA_ERR_RANGE;
    if (err == HTTPA_OK && facts.issued_s > now_s + HTTPA_COLLATERAL_SKEW_S) {
        err = HTTPA_ERR_DATE; /* would keep every true one out */
    }
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "%s: not taken: %s", name,
                             err == HTTPA_ERR_DATE ? "issued in the future"
                                                   : httpa_strerror(err));
        return err;
    }
    err = compare(crypto, dir, name, value, &facts, ret_put);
    return err == HTTPA_OK && *ret_put == HTTPA_COLLATERAL_WRITTEN
               ? replace(dir, name, value, diag)
               : err;
}
