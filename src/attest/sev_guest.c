/* /dev/sev-guest, the interface of SEV-SNP guests from Linux 5.19 on; newer
 * kernels have configfs-tsm beside it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/sev-guest.h>
#include <stdlib.h>
#include <string.h>

#include "attest/device.h"
#include "base/reader.h"

#define BELOW "dev/sev-guest"
#define NAME "/dev/sev-guest"

/* What the kernel takes at most for certificates (SEV_FW_BLOB_MAX_SIZE), and
 * a multiple of its pages, as it wants. */
#define CERTS 0x4000u

/* The kernel itself waits for a host that throttles; what still comes through
 * is worth few tries. */
#define TRIES 5u
#define PAUSE_MS 20u

struct call {
    struct snp_ext_report_req request; /* begins with the plain one */
    struct snp_report_resp response;
    struct snp_guest_request_ioctl arg;
};

static uint32_t vmm_error(const struct call *c)
{
    return (uint32_t)(c->arg.exitinfo2 >> SNP_GUEST_VMM_ERR_SHIFT);
}

static bool is_passing(const struct call *c, int error)
{
    return error == EAGAIN || error == EINTR || error == EBUSY ||
           vmm_error(c) == SNP_GUEST_VMM_ERR_BUSY;
}

/* 0 or errno. */
static int
call(struct httpa_attest_device *d, int fd, unsigned long code, struct call *c)
{
    int error = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        memset(&c->response, 0, sizeof(c->response));
        c->arg = (struct snp_guest_request_ioctl){
            .msg_version = 1,
            .req_data = (uintptr_t)&c->request,
            .resp_data = (uintptr_t)&c->response,
        };
        error = d->sys->ioctl(fd, code, &c->arg) == 0 ? 0 : errno;
        if (error == 0 || !is_passing(c, error)) {
            return error;
        }
        d->sys->sleep_ms(PAUSE_MS);
    }
    return error;
}

/* With the host's certificates, or without where they do not fit. */
static int ask(struct httpa_attest_device *d, int fd, struct call *c)
{
    uint8_t *certs = httpa_buf_room(&d->certs, CERTS);
    if (certs == NULL) {
        return ENOMEM;
    }
    memset(certs, 0, CERTS);
    c->request.certs_address = (uintptr_t)certs;
    c->request.certs_len = CERTS;
    int error = call(d, fd, SNP_GET_EXT_REPORT, c);
    if (error == 0) {
        httpa_buf_grew(&d->certs, CERTS);
    } else if (vmm_error(c) == SNP_GUEST_VMM_ERR_INVALID_LEN) {
        error = call(d, fd, SNP_GET_REPORT, c);
    }
    return error;
}

/* MSG_REPORT_RSP: status, size, 24 bytes, the report. */
static enum httpa_err take(const struct call *c, struct httpa_buf *out,
                           struct httpa_attest_diag *diag)
{
    struct httpa_reader r = httpa_reader_of(
        httpa_slice_of(c->response.data, sizeof(c->response.data)));
    uint32_t status = httpa_read_u32le(&r);
    uint32_t size = httpa_read_u32le(&r);
    (void)httpa_read_slice(&r, 24);
    struct httpa_slice report = httpa_read_slice(&r, size);
    if (status != 0 || !httpa_reader_ok(&r)) {
        return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                                 NAME ": the firmware refused (status %u, %u "
                                      "bytes)",
                                 status, size);
    }
    httpa_buf_put_slice(out, report);
    return httpa_buf_check(out);
}

static enum httpa_err
refused(const struct call *c, int error, struct httpa_attest_diag *diag)
{
    return httpa_attest_fail(
        diag, HTTPA_ERR_DEVICE,
        NAME ": %s (firmware error %u, host error %u)%s", strerror(error),
        (unsigned)(c->arg.exitinfo2 & UINT32_MAX), vmm_error(c),
        error == ENOTTY ? ": the guest's key to the firmware (VMPCK) is "
                          "disabled: restart the VM"
                        : "");
}

static enum httpa_err open_failed(int error, struct httpa_attest_diag *diag)
{
    bool absent = error == ENOENT || error == ENXIO || error == ENODEV;
    return httpa_attest_fail(
        diag, absent ? HTTPA_ERR_MISSING : HTTPA_ERR_DEVICE, NAME ": %s%s",
        strerror(error), error == EACCES ? ": only root may ask" : "");
}

static enum httpa_err
make(struct httpa_attest_device *d, const uint8_t rd[HTTPA_RD_LEN],
     struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    struct call *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    int fd = d->sys->open(d->path, O_RDWR);
    if (fd < 0) {
        int error = errno;
        free(c);
        return open_failed(error, diag);
    }
    memcpy(c->request.data.user_data, rd, HTTPA_RD_LEN);
    int error = ask(d, fd, c);
    (void)d->sys->close(fd);
    enum httpa_err err =
        error == 0 ? take(c, ret_value, diag) : refused(c, error, diag);
    free(c);
    return err;
}

enum httpa_err httpa_attest_open_sev_guest(struct httpa_attester **ret,
                                           const struct httpa_attest_place *at,
                                           struct httpa_attest_diag *diag)
{
    struct httpa_attest_device *d = httpa_attest_device_new(at, BELOW, diag);
    if (d == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    d->make = make;
    httpa_attest_device_is(d, &httpa_attest_snp, NAME);
    return httpa_attest_device_try(d, at, ret, diag);
}
