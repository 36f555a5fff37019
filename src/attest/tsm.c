/*
 * configfs-tsm (Linux 6.7, Documentation/ABI/testing/configfs-tsm-report).
 *
 * A request is a directory: mkdir, 64 bytes into inblob, evidence out of
 * outblob, rmdir.  Each quote has a directory of its own, so that nobody's
 * request mixes with ours by accident; the number in `generation` shows
 * whether somebody wrote to it all the same.
 *
 * configfs keeps what is written to inblob until the file is closed and then
 * drops the driver's answer: that the kernel refused it shows only in
 * outblob's EINVAL, or in a generation that did not move.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attest/device.h"
#include "base/ascii.h"

#define BELOW "sys/kernel/config/tsm/report"

/* Somebody who interferes this often does so on purpose; a TDX quote that is
 * still under way ends within 30 s or fails. */
#define TRIES 6u
#define FIRST_PAUSE_MS 10u

/* Names that others may have left behind. */
#define NAMES 64u

#define SMALL 64u /* bytes of a file with one word */

static const struct {
    const char *provider;
    const struct httpa_attest_tee *tee;
    const char *interface;
} providers[] = {
    { "sev_guest", &httpa_attest_snp, "configfs-tsm sev_guest" },
    { "tdx_guest", &httpa_attest_tdx, "configfs-tsm tdx_guest" },
    { "arm_cca_guest", &httpa_attest_cca, "configfs-tsm arm_cca_guest" },
};

/* What the ABI says that an error means, by file; "" is mkdir. */
static const struct {
    const char *file;
    int error;
    const char *means;
} meanings[] = {
    { "", ENOENT, "configfs is not mounted, or the module tsm not loaded" },
    { "", ENXIO,
      "no provider: this is no confidential VM, or its module (sev-guest, "
      "tdx_guest, arm-cca-guest) is not loaded" },
    { "", EACCES, "only root may ask, by default" },
    { "", EPERM, "only root may ask, by default" },
    { "inblob", EBUSY, "too many writes without a read" },
    { "privlevel", EINVAL, "not between privlevel_floor and 3" },
    { "privlevel", EBUSY, "too many writes without a read" },
    { "outblob", EINVAL,
      "the kernel did not take the request: its length or its privilege "
      "level" },
    { "outblob", EBUSY, "an earlier quote is still under way" },
    { "outblob", ENXIO, "the provider is gone: its module was unloaded" },
    { "outblob", EFBIG, "the evidence is longer than this kernel allows" },
    { "outblob", EIO,
      "the host's quoting service failed, or the firmware did" },
    { "outblob", ETIMEDOUT,
      "the host did not answer in time (tdx_guest.getquote_timeout)" },
    { "outblob", EINTR, "interrupted" },
    { "outblob", ENOTTY,
      "the guest's key to the firmware (VMPCK) is disabled: restart the VM" },
    { "auxblob", EFBIG, "the host's certificates are longer than allowed" },
};

/* One request: its directory and what was written to it. */
struct request {
    struct httpa_attest_device *d;
    struct httpa_attest_diag *diag;
    char dir[HTTPA_ATTEST_PATH + 64];
    uint64_t generation;
    unsigned writes;
    bool is_last; /* of the tries */
};

static const char *meaning(const char *file, int error)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (meanings[i].error == error && strcmp(meanings[i].file, file) == 0) {
            return meanings[i].means;
        }
    }
    return NULL;
}

/* HTTPA_ERR_BUSY: worth another try; HTTPA_ERR_MISSING: nothing there that
 * makes evidence. */
static enum httpa_err kind_of(const char *file, int error)
{
    if (error == EBUSY || error == EINTR || error == EAGAIN) {
        return HTTPA_ERR_BUSY;
    }
    return file[0] == '\0' && (error == ENOENT || error == ENXIO)
               ? HTTPA_ERR_MISSING
               : HTTPA_ERR_DEVICE;
}

static enum httpa_err failed(const struct request *r, const char *file)
{
    int error = errno;
    const char *means = meaning(file, error);
    return httpa_attest_fail(
        r->diag, kind_of(file, error), "configfs-tsm: %s%s%s: %s%s%s%s",
        r->d->path, file[0] != '\0' ? ": " : "", file, strerror(error),
        means != NULL ? " (" : "", means != NULL ? means : "",
        means != NULL ? ")" : "");
}

static enum httpa_err too_long(const struct request *r, const char *file)
{
    return httpa_attest_fail(r->diag, HTTPA_ERR_DEVICE,
                             "configfs-tsm: %s: longer than any known", file);
}

static void
path_of(const struct request *r, const char *file, char *ret, size_t size)
{
    (void)snprintf(ret, size, "%s/%s", r->dir, file);
}

/* HTTPA_ERR_MISSING: there is no such file. */
static enum httpa_err
get(const struct request *r, const char *file, struct httpa_buf *out)
{
    char path[sizeof(r->dir) + 32];
    path_of(r, file, path, sizeof(path));
    enum httpa_err err = httpa_attest_slurp(r->d->sys, path, out);
    if (err == HTTPA_ERR_IO && errno == ENOENT) {
        return httpa_attest_fail(r->diag, HTTPA_ERR_MISSING,
                                 "configfs-tsm: there is no %s", file);
    }
    return err == HTTPA_ERR_IO      ? failed(r, file)
           : err == HTTPA_ERR_SPACE ? too_long(r, file)
                                    : err;
}

static enum httpa_err
set(struct request *r, const char *file, struct httpa_slice bytes)
{
    char path[sizeof(r->dir) + 32];
    path_of(r, file, path, sizeof(path));
    r->writes++;
    return httpa_attest_spill(r->d->sys, path, bytes) == HTTPA_OK
               ? HTTPA_OK
               : failed(r, file);
}

static void cut_line(struct httpa_buf *b)
{
    if (b->n > 0 && b->p[b->n - 1] == '\n') {
        httpa_buf_cut(b, b->n - 1);
    }
}

static enum httpa_err
get_number(const struct request *r, const char *file, uint64_t *ret)
{
    uint8_t room[SMALL];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    uint64_t v = 0;
    enum httpa_err err = get(r, file, &text);
    if (err != HTTPA_OK) {
        return err;
    }
    cut_line(&text);
    bool good = text.n > 0 && text.n < 20;
    for (size_t i = 0; good && i < text.n; i++) {
        good = httpa_ascii_is_digit(text.p[i]);
        v = v * 10 + (uint64_t)(text.p[i] - '0');
    }
    if (!good) {
        return httpa_attest_fail(r->diag, HTTPA_ERR_DEVICE,
                                 "configfs-tsm: %s is no number", file);
    }
    *ret = v;
    return HTTPA_OK;
}

/* A name that nobody else has: rmdir of another's would be a bad start. */
static enum httpa_err begin(struct request *r)
{
    for (unsigned i = 0; i < NAMES; i++) {
        (void)snprintf(r->dir, sizeof(r->dir), "%s/httpa-%ld-%llu", r->d->path,
                       (long)getpid(), (unsigned long long)r->d->requests++);
        if (r->d->sys->mkdir(r->dir, 0700) == 0) {
            r->writes = 0;
            return HTTPA_OK;
        }
        if (errno != EEXIST) {
            return failed(r, "");
        }
    }
    return httpa_attest_fail(r->diag, HTTPA_ERR_DEVICE,
                             "configfs-tsm: %s holds %u requests of others "
                             "with our names",
                             r->d->path, NAMES);
}

/* Below an SVSM the guest runs at a privilege level that is not 0, and may not
 * ask in the name of a better one. */
static enum httpa_err set_privlevel(struct request *r)
{
    uint64_t floor = 0;
    char text[8];
    enum httpa_err err = get_number(r, "privlevel_floor", &floor);
    if (err == HTTPA_ERR_MISSING || (err == HTTPA_OK && floor == 0)) {
        return HTTPA_OK;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    (void)snprintf(text, sizeof(text), "%u", (unsigned)(floor & 0xff));
    return set(r, "privlevel", httpa_slice_str(text));
}

/* Hidden where the provider has none.  Evidence is as good without them, a
 * client may have its own: so they are worth a try, and not the quote. */
static enum httpa_err get_certs(const struct request *r)
{
    enum httpa_err err = get(r, "auxblob", &r->d->certs);
    if (err == HTTPA_OK || err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    httpa_buf_reset(&r->d->certs);
    if (err == HTTPA_ERR_BUSY && !r->is_last) {
        return err;
    }
    r->d->no_certs = *r->diag;
    return HTTPA_OK;
}

/* Every write counts one, and no read does. */
static enum httpa_err check_generation(const struct request *r)
{
    uint64_t now = 0;
    enum httpa_err err = get_number(r, "generation", &now);
    if (err == HTTPA_OK && now != r->generation + r->writes) {
        return httpa_attest_fail(r->diag, HTTPA_ERR_BUSY,
                                 "configfs-tsm: another process wrote to our "
                                 "request in %s",
                                 r->d->path);
    }
    return err;
}

static enum httpa_err
ask(struct request *r, const uint8_t *rd, struct httpa_buf *ret_value)
{
    enum httpa_err err = get_number(r, "generation", &r->generation);
    if (err == HTTPA_OK) {
        err = set_privlevel(r);
    }
    if (err == HTTPA_OK) {
        err = set(r, "inblob", httpa_slice_of(rd, HTTPA_RD_LEN));
    }
    if (err == HTTPA_OK) {
        err = get(r, "outblob", ret_value);
    }
    if (err == HTTPA_OK) {
        err = get_certs(r);
    }
    return err == HTTPA_OK ? check_generation(r) : err;
}

static enum httpa_err
make(struct httpa_attest_device *d, const uint8_t rd[HTTPA_RD_LEN],
     struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    struct request r = { .d = d, .diag = diag };
    enum httpa_err err = HTTPA_ERR_BUSY;
    for (unsigned i = 0; err == HTTPA_ERR_BUSY && i < TRIES; i++) {
        if (i > 0) {
            d->sys->sleep_ms(FIRST_PAUSE_MS << (2 * (i - 1)));
        }
        httpa_buf_reset(ret_value);
        httpa_buf_reset(&d->certs);
        r.is_last = i + 1 == TRIES;
        err = begin(&r);
        if (err == HTTPA_OK) {
            err = ask(&r, rd, ret_value);
            (void)d->sys->rmdir(r.dir);
        }
    }
    if (err == HTTPA_OK) {
        diag->text[0] = '\0';
    }
    return err == HTTPA_ERR_BUSY ? HTTPA_ERR_DEVICE : err;
}

/* ---- opening ---- */

static enum httpa_err set_provider(struct request *r, struct httpa_slice name)
{
    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
        if (httpa_slice_is(name, providers[i].provider)) {
            httpa_attest_device_is(r->d, providers[i].tee,
                                   providers[i].interface);
            return HTTPA_OK;
        }
    }
    return httpa_attest_fail(r->diag, HTTPA_ERR_DEVICE,
                             "configfs-tsm: provider \"%.*s\", which this "
                             "version does not know",
                             (int)name.n, (const char *)name.p);
}

static enum httpa_err identify(struct request *r)
{
    uint8_t room[SMALL];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    enum httpa_err err = begin(r);
    if (err != HTTPA_OK) {
        return err == HTTPA_ERR_MISSING ? err : HTTPA_ERR_DEVICE;
    }
    err = get(r, "provider", &text);
    (void)r->d->sys->rmdir(r->dir);
    if (err != HTTPA_OK) {
        return HTTPA_ERR_DEVICE;
    }
    cut_line(&text);
    return set_provider(r, httpa_buf_slice(&text));
}

enum httpa_err httpa_attest_open_tsm(struct httpa_attester **ret,
                                     const struct httpa_attest_place *at,
                                     struct httpa_attest_diag *diag)
{
    struct httpa_attest_device *d = httpa_attest_device_new(at, BELOW, diag);
    if (d == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    struct request r = { .d = d, .diag = diag };
    d->make = make;
    enum httpa_err err = identify(&r);
    if (err == HTTPA_OK && at->wanted != NULL &&
        strcmp(at->wanted, d->tee->word) != 0) {
        err = httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                "%s is here, which is %s and not %s",
                                d->interface, d->tee->word, at->wanted);
    }
    if (err != HTTPA_OK) {
        httpa_attest_device_free(d);
        return err;
    }
    return httpa_attest_device_try(d, at, ret, diag);
}
