#include "attest/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes of one read: files here are small. */
#define CHUNK 4096u

enum httpa_err httpa_attest_fail(struct httpa_attest_diag *diag,
                                 enum httpa_err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(diag->text, sizeof(diag->text), format, args);
    va_end(args);
    return err;
}

enum httpa_err
httpa_attest_explain(struct httpa_attest_diag *diag, enum httpa_err err)
{
    if (err != HTTPA_OK && diag->text[0] == '\0') {
        return httpa_attest_fail(diag, err, "%s", httpa_strerror(err));
    }
    return err;
}

static enum httpa_err read_all(int fd, const char *path, struct httpa_buf *out,
                               struct httpa_attest_diag *diag)
{
    for (;;) {
        uint8_t chunk[CHUNK];
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return httpa_attest_fail(diag, HTTPA_ERR_IO, "%s: %s", path,
                                     strerror(errno));
        }
        if (n == 0) {
            return HTTPA_OK;
        }
        httpa_buf_put(out, chunk, (size_t)n);
        if (out->failed) {
            return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                     "%s: larger than %zu bytes", path,
                                     out->max);
        }
    }
}

enum httpa_err httpa_attest_read_file(const char *path, struct httpa_buf *out,
                                      struct httpa_attest_diag *diag)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return httpa_attest_fail(diag, HTTPA_ERR_IO, "%s: %s", path,
                                 strerror(errno));
    }
    enum httpa_err err = read_all(fd, path, out, diag);
    (void)close(fd);
    return err;
}

struct kind {
    const char *word;
    enum httpa_err (*open)(struct httpa_attester **ret,
                           const struct httpa_attest_options *o,
                           struct httpa_attest_diag *diag);
};

static const struct kind kinds[] = {
    { "tpm", httpa_attest_open_tpm },
    { "dev", httpa_attest_open_dev },
    { "auto", httpa_attest_open_auto },
    { "auto,tpm", httpa_attest_open_auto },
};

static enum httpa_err
open_tee(struct httpa_attester **ret, const struct httpa_attest_options *o,
         struct httpa_attest_diag *diag)
{
    enum httpa_err err =
        httpa_attest_find(ret, o->root != NULL ? o->root : "", o->tee,
                          &httpa_attest_linux, diag);
    return err == HTTPA_ERR_MISSING ? HTTPA_ERR_DEVICE : err;
}

enum httpa_err httpa_attester_open(struct httpa_attester **ret,
                                   const struct httpa_attest_options *o,
                                   struct httpa_attest_diag *diag)
{
    const char *tee = o->tee != NULL ? o->tee : "auto";
    diag->text[0] = '\0';
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, tee) == 0) {
            return httpa_attest_explain(diag, kinds[i].open(ret, o, diag));
        }
    }
    if (httpa_attest_is_tee(tee)) {
        return open_tee(ret, o, diag);
    }
    return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                             "tee \"%s\": not one of auto, \"auto,tpm\", "
                             "sev-snp, tdx, cca, nitro, sgx, tpm, dev",
                             tee);
}

void httpa_attester_close(struct httpa_attester *a)
{
    if (a != NULL) {
        a->close(a);
    }
}
