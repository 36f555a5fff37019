#include "attest/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "attest/snp_certs.h"

#define CHUNK 4096u

static int open_file(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC);
}

static int control(int fd, unsigned long request, void *arg)
{
    return ioctl(fd, request, arg);
}

static void sleep_ms(unsigned ms)
{
    struct timespec t = { .tv_sec = ms / 1000,
                          .tv_nsec = (long)(ms % 1000) * 1000000 };
    (void)nanosleep(&t, NULL);
}

const struct httpa_attest_system httpa_attest_linux = {
    .open = open_file,
    .read = read,
    .write = write,
    .ioctl = control,
    .close = close,
    .mkdir = mkdir,
    .rmdir = rmdir,
    .sleep_ms = sleep_ms,
};

static enum httpa_err
read_all(const struct httpa_attest_system *sys, int fd, struct httpa_buf *out)
{
    for (;;) {
        uint8_t chunk[CHUNK];
        ssize_t n = sys->read(fd, chunk, sizeof(chunk));
        if (n <= 0) {
            return n == 0 ? HTTPA_OK : HTTPA_ERR_IO;
        }
        httpa_buf_put(out, chunk, (size_t)n);
        if (httpa_buf_check(out) != HTTPA_OK) {
            return HTTPA_ERR_SPACE;
        }
    }
}

enum httpa_err httpa_attest_slurp(const struct httpa_attest_system *sys,
                                  const char *path, struct httpa_buf *out)
{
    int fd = sys->open(path, O_RDONLY);
    if (fd < 0) {
        return HTTPA_ERR_IO;
    }
    enum httpa_err err = read_all(sys, fd, out);
    int why = errno;
    (void)sys->close(fd);
    errno = why;
    return err;
}

enum httpa_err httpa_attest_spill(const struct httpa_attest_system *sys,
                                  const char *path, struct httpa_slice bytes)
{
    int fd = sys->open(path, O_WRONLY);
    if (fd < 0) {
        return HTTPA_ERR_IO;
    }
    ssize_t n = sys->write(fd, bytes.p, bytes.n);
    int why = n < 0 ? errno : EIO;
    bool whole = n >= 0 && (size_t)n == bytes.n;
    if (sys->close(fd) != 0 && whole) {
        why = errno;
        whole = false;
    }
    errno = why;
    return whole ? HTTPA_OK : HTTPA_ERR_IO;
}

/* ---- the attester ---- */

static struct httpa_attest_device *device_of(struct httpa_attester *a)
{
    return (struct httpa_attest_device *)a;
}

static enum httpa_err quote_into(struct httpa_attest_device *d,
                                 const uint8_t *rd, struct httpa_buf *value,
                                 struct httpa_buf *ret_value,
                                 struct httpa_attest_diag *diag)
{
    httpa_buf_reset(&d->certs);
    d->no_certs.text[0] = '\0';
    enum httpa_err err = d->make(d, rd, value, diag);
    if (err != HTTPA_OK) {
        return err;
    }
    if (!d->tee->is_over(httpa_buf_slice(value), rd)) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 "%s: answered with %zu bytes that are no "
                                 "evidence of %s over what was asked",
                                 d->interface, value->n, d->tee->word);
    }
    httpa_buf_put_slice(ret_value, httpa_buf_slice(value));
    return httpa_buf_check(ret_value);
}

/* HTTPA_ERR_MISSING: it is not there. */
static enum httpa_err
quote_once(struct httpa_attest_device *d, const uint8_t rd[HTTPA_RD_LEN],
           struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    diag->text[0] = '\0';
    enum httpa_err err = quote_into(d, rd, &value, ret_value, diag);
    httpa_buf_done(&value);
    return httpa_attest_explain(diag, err);
}

static enum httpa_err
quote(struct httpa_attester *a, const uint8_t rd[HTTPA_RD_LEN],
      struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    enum httpa_err err = quote_once(device_of(a), rd, ret_value, diag);
    return err == HTTPA_ERR_MISSING ? HTTPA_ERR_DEVICE : err;
}

static enum httpa_err endorsements(struct httpa_attester *a,
                                   struct httpa_buf *ret_pem,
                                   struct httpa_attest_diag *diag)
{
    const struct httpa_attest_device *d = device_of(a);
    *diag = d->no_certs;
    if (diag->text[0] != '\0') {
        return HTTPA_ERR_DEVICE;
    }
    enum httpa_err err =
        httpa_snp_certs_write(httpa_buf_slice(&d->certs), ret_pem);
    if (err != HTTPA_OK) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 "%s: the host's table of certificates is not "
                                 "in order (%s)",
                                 d->interface, httpa_strerror(err));
    }
    return HTTPA_OK;
}

void httpa_attest_device_free(struct httpa_attest_device *d)
{
    if (d != NULL) {
        httpa_buf_done(&d->certs);
        free(d);
    }
}

static void close_device(struct httpa_attester *a)
{
    httpa_attest_device_free(device_of(a));
}

struct httpa_attest_device *
httpa_attest_device_new(const struct httpa_attest_place *at, const char *below,
                        struct httpa_attest_diag *diag)
{
    struct httpa_attest_device *d = calloc(1, sizeof(*d));
    if (d == NULL) {
        (void)httpa_attest_fail(diag, HTTPA_ERR_MEMORY, "out of memory");
        return NULL;
    }
    int n = snprintf(d->path, sizeof(d->path), "%s/%s", at->root, below);
    if (n < 0 || (size_t)n >= sizeof(d->path)) {
        (void)httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                "the root for devices is too long a path");
        free(d);
        return NULL;
    }
    d->sys = at->sys;
    d->certs = httpa_buf_growing(HTTPA_ATTEST_CERTS_MAX);
    return d;
}

void httpa_attest_device_is(struct httpa_attest_device *d,
                            const struct httpa_attest_tee *tee,
                            const char *interface)
{
    d->tee = tee;
    d->interface = interface;
    d->base = (struct httpa_attester){
        .type = tee->word,
        .media_type = tee->verifier->media_type,
        .description = d->description,
        .quote = quote,
        .endorsements = endorsements,
        .close = close_device,
    };
}

static double now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

enum httpa_err httpa_attest_device_try(struct httpa_attest_device *d,
                                       const struct httpa_attest_place *at,
                                       struct httpa_attester **ret,
                                       struct httpa_attest_diag *diag)
{
    static const uint8_t nothing[HTTPA_RD_LEN];
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    double start_ms = now_ms();
    enum httpa_err err = quote_once(d, nothing, &value, diag);
    (void)snprintf(d->description, sizeof(d->description),
                   "%s (%s), %.1f ms per quote of %zu bytes%s%s", d->tee->word,
                   d->interface, now_ms() - start_ms, value.n,
                   at->why[0] != '\0' ? "; " : "", at->why);
    httpa_buf_done(&value);
    if (err != HTTPA_OK) {
        httpa_attest_device_free(d);
        return err;
    }
    *ret = &d->base;
    return HTTPA_OK;
}
