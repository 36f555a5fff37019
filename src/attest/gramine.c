/*
 * /dev/attestation of Gramine (SGX): three files of the enclave's own
 * process.  They are not synchronised between threads, so one lock of the
 * process holds the write of user_report_data and the read of quote together.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "attest/device.h"

#define BELOW "dev/attestation"
#define NAME "/dev/attestation"
#define SMALL 64u

static pthread_mutex_t one_writer = PTHREAD_MUTEX_INITIALIZER;

static enum httpa_err failed(const char *file, struct httpa_attest_diag *diag)
{
    enum httpa_err err = errno == ENOENT ? HTTPA_ERR_MISSING : HTTPA_ERR_DEVICE;
    return httpa_attest_fail(
        diag, err, NAME "/%s: %s%s", file, strerror(errno),
        strcmp(file, "quote") == 0
            ? ": is the quoting service (AESM) of the host within reach?"
            : "");
}

static enum httpa_err read_one(struct httpa_attest_device *d, const char *file,
                               struct httpa_buf *out,
                               struct httpa_attest_diag *diag)
{
    char path[HTTPA_ATTEST_PATH + 32];
    (void)snprintf(path, sizeof(path), "%s/%s", d->path, file);
    enum httpa_err err = httpa_attest_slurp(d->sys, path, out);
    return err == HTTPA_ERR_IO ? failed(file, diag) : err;
}

static enum httpa_err
write_and_read(struct httpa_attest_device *d, const uint8_t *rd,
               struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    char path[HTTPA_ATTEST_PATH + 32];
    (void)snprintf(path, sizeof(path), "%s/user_report_data", d->path);
    if (httpa_attest_spill(d->sys, path, httpa_slice_of(rd, HTTPA_RD_LEN)) !=
        HTTPA_OK) {
        return failed("user_report_data", diag);
    }
    return read_one(d, "quote", ret_value, diag);
}

static enum httpa_err
make(struct httpa_attest_device *d, const uint8_t rd[HTTPA_RD_LEN],
     struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    (void)pthread_mutex_lock(&one_writer);
    enum httpa_err err = write_and_read(d, rd, ret_value, diag);
    (void)pthread_mutex_unlock(&one_writer);
    return err;
}

static enum httpa_err
check_type(struct httpa_attest_device *d, struct httpa_attest_diag *diag)
{
    uint8_t room[SMALL];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    enum httpa_err err = read_one(d, "attestation_type", &text, diag);
    if (err != HTTPA_OK) {
        return err == HTTPA_ERR_SPACE ? HTTPA_ERR_DEVICE : err;
    }
    struct httpa_slice word = httpa_buf_slice(&text);
    if (word.n > 0 && word.p[word.n - 1] == '\n') {
        word.n--;
    }
    if (!httpa_slice_is(word, "dcap")) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 NAME ": attestation_type is \"%.*s\"; the "
                                      "manifest needs "
                                      "sgx.remote_attestation = \"dcap\"",
                                 (int)word.n, (const char *)word.p);
    }
    return HTTPA_OK;
}

enum httpa_err httpa_attest_open_gramine(struct httpa_attester **ret,
                                         const struct httpa_attest_place *at,
                                         struct httpa_attest_diag *diag)
{
    struct httpa_attest_device *d = httpa_attest_device_new(at, BELOW, diag);
    if (d == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    d->make = make;
    httpa_attest_device_is(d, &httpa_attest_sgx, "Gramine");
    enum httpa_err err = check_type(d, diag);
    if (err != HTTPA_OK) {
        httpa_attest_device_free(d);
        return err;
    }
    return httpa_attest_device_try(d, at, ret, diag);
}
