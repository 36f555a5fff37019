/*
 * /dev/nsm of AWS Nitro Enclaves (Linux 6.8, drivers/misc/nsm.c): one ioctl
 * with CBOR in both directions.  rd goes into user_data, where the verifier
 * looks for it (src/evidence/nitro); nonce and public_key stay null.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <string.h>
#include <sys/uio.h>

#include "attest/device.h"
#include "codec/cbor.h"
#include "codec/cbor_write.h"

#define BELOW "dev/nsm"
#define NAME "/dev/nsm"

/* struct nsm_raw of linux/nsm.h, which Debian 12 does not have.  The driver
 * cuts an answer to the room there is without a word: give the most. */
struct nsm_iovec {
    uint64_t addr;
    uint64_t len;
};

struct nsm_raw {
    struct nsm_iovec request;
    struct nsm_iovec response;
};

#define NSM_IOCTL_RAW _IOWR(0x0A, 0x0, struct nsm_raw)
#define RESPONSE_MAX 0x3000u

static void put_request(struct httpa_buf *out, const uint8_t *rd)
{
    httpa_cbor_put_map(out, 1);
    httpa_cbor_put_str(out, "Attestation");
    httpa_cbor_put_map(out, 3);
    httpa_cbor_put_str(out, "nonce");
    httpa_cbor_put_null(out);
    httpa_cbor_put_str(out, "user_data");
    httpa_cbor_put_bytes(out, httpa_slice_of(rd, HTTPA_RD_LEN));
    httpa_cbor_put_str(out, "public_key");
    httpa_cbor_put_null(out);
}

/* {"Error": "InvalidArgument"} */
static enum httpa_err
fail_as_told(const struct httpa_cbor_map *m, struct httpa_attest_diag *diag)
{
    struct httpa_cbor c = httpa_cbor_find_text(m, "Error");
    struct httpa_slice text = httpa_cbor_text(&c);
    if (httpa_cbor_end(&c) != HTTPA_OK) {
        text = httpa_slice_str("an answer that is not understood");
    }
    return httpa_attest_fail(
        diag, HTTPA_ERR_DEVICE, NAME ": the module answers: %.*s",
        (int)(text.n < 100 ? text.n : 100), (const char *)text.p);
}

static enum httpa_err take(struct httpa_slice answer, struct httpa_buf *out,
                           struct httpa_attest_diag *diag)
{
    struct httpa_cbor c = httpa_cbor_of(answer, 0);
    struct httpa_cbor_map m = httpa_cbor_map(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err != HTTPA_OK) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 NAME ": an answer that is not CBOR (%s)",
                                 httpa_strerror(err));
    }
    struct httpa_cbor inner = httpa_cbor_find_text(&m, "Attestation");
    struct httpa_cbor_map attestation = httpa_cbor_map(&inner);
    if (httpa_cbor_end(&inner) != HTTPA_OK) {
        return fail_as_told(&m, diag);
    }
    struct httpa_cbor v = httpa_cbor_find_text(&attestation, "document");
    httpa_buf_put_slice(out, httpa_cbor_bytes(&v));
    if (httpa_cbor_end(&v) != HTTPA_OK) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 NAME ": an answer without a document");
    }
    return httpa_buf_check(out);
}

static enum httpa_err failed(int error, struct httpa_attest_diag *diag)
{
    bool absent = error == ENOENT || error == ENXIO || error == ENODEV;
    return httpa_attest_fail(
        diag, absent ? HTTPA_ERR_MISSING : HTTPA_ERR_DEVICE, NAME ": %s%s",
        strerror(error),
        error == ETIMEDOUT ? ": the module did not answer in time"
        : error == EACCES  ? ": this user may not open it"
                           : "");
}

static enum httpa_err
make(struct httpa_attest_device *d, const uint8_t rd[HTTPA_RD_LEN],
     struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    uint8_t room[128];
    uint8_t answer[RESPONSE_MAX];
    struct httpa_buf request = httpa_buf_fixed(room, sizeof(room));
    put_request(&request, rd);
    struct nsm_raw raw = {
        .request = { (uintptr_t)request.p, request.n },
        .response = { (uintptr_t)answer, sizeof(answer) },
    };
    int fd = d->sys->open(d->path, O_RDWR);
    if (fd < 0) {
        return failed(errno, diag);
    }
    int error = d->sys->ioctl(fd, NSM_IOCTL_RAW, &raw) == 0 ? 0 : errno;
    (void)d->sys->close(fd);
    if (error != 0) {
        /* whatever it says now, the device is there */
        (void)failed(error, diag);
        return HTTPA_ERR_DEVICE;
    }
    if (raw.response.len > sizeof(answer)) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 NAME ": an answer longer than its room");
    }
    return take(httpa_slice_of(answer, (size_t)raw.response.len), ret_value,
                diag);
}

enum httpa_err httpa_attest_open_nsm(struct httpa_attester **ret,
                                     const struct httpa_attest_place *at,
                                     struct httpa_attest_diag *diag)
{
    struct httpa_attest_device *d = httpa_attest_device_new(at, BELOW, diag);
    if (d == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    d->make = make;
    httpa_attest_device_is(d, &httpa_attest_nitro, NAME);
    return httpa_attest_device_try(d, at, ret, diag);
}
