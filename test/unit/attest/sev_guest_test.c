/* /dev/sev-guest; the device is a fake that stands here, since this machine
 * has none. */
#include <errno.h>
#include <linux/ioctl.h>
#include <linux/sev-guest.h>

#include "attest/device.h"
#include "unit/evidence/snp/maker.h"

static struct {
    int open_error;
    int error;       /* of an ioctl ... */
    unsigned times;  /* ... so often */
    uint32_t vmm;    /* with this error of the host */
    uint32_t status; /* of the firmware */
    uint32_t size;   /* of the report, 0: right */
    bool other_data; /* the report is over something else */
    unsigned extended, plain, slept, opened;
} fake;

static struct maker maker;
static const struct maker_wish wish = { .line = HTTPA_SNP_GENOA };

static int do_open(const char *path, int flags)
{
    (void)flags;
    assert_string_equal(path, "/r/dev/sev-guest");
    errno = fake.open_error;
    if (fake.open_error != 0) {
        return -1;
    }
    fake.opened++;
    return 7;
}

static int do_close(int fd)
{
    assert_int_equal(fd, 7);
    fake.opened--;
    return 0;
}

static void do_sleep(unsigned ms)
{
    (void)ms;
    fake.slept++;
}

static void *at_address(uint64_t v)
{
    return (void *)(uintptr_t)v;
}

static void answer(const struct snp_guest_request_ioctl *arg)
{
    const struct snp_report_req *req = at_address(arg->req_data);
    struct snp_report_resp *resp = at_address(arg->resp_data);
    assert_int_equal(req->vmpl, 0);
    memcpy(maker.rd, req->user_data, 64);
    maker.rd[0] ^= fake.other_data ? 1 : 0;
    maker_report(&maker, &wish);
    maker_put(resp->data, fake.status, 4);
    maker_put(resp->data + 4, fake.size ? fake.size : HTTPA_SNP_REPORT, 4);
    memcpy(resp->data + 32, maker.report, HTTPA_SNP_REPORT);
}

static int do_ioctl(int fd, unsigned long request, void *p)
{
    struct snp_guest_request_ioctl *arg = p;
    bool extended = request == SNP_GET_EXT_REPORT;
    assert_int_equal(fd, 7);
    assert_true(extended || request == SNP_GET_REPORT);
    assert_int_equal(arg->msg_version, 1);
    fake.extended += extended;
    fake.plain += !extended;
    if (fake.error != 0 && fake.times > 0 &&
        (extended || fake.vmm != SNP_GUEST_VMM_ERR_INVALID_LEN)) {
        fake.times--;
        arg->exitinfo2 = (uint64_t)fake.vmm << 32;
        errno = fake.error;
        return -1;
    }
    if (extended) {
        const struct snp_ext_report_req *req = at_address(arg->req_data);
        assert_int_equal(req->certs_len, 0x4000);
        (void)maker_table(&maker, false, at_address(req->certs_address),
                          req->certs_len);
    }
    answer(arg);
    return 0;
}

static const struct httpa_attest_system sys = {
    .open = do_open, .close = do_close, .ioctl = do_ioctl, .sleep_ms = do_sleep
};
static const struct httpa_attest_place place = { .sys = &sys,
                                                 .root = "/r",
                                                 .why = "because" };

static void good(void **state)
{
    uint8_t rd[HTTPA_RD_LEN];
    struct httpa_attester *a = NULL;
    struct httpa_attest_diag diag;
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_buf pem = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    (void)state;
    memset(&fake, 0, sizeof(fake));
    memset(rd, 0x3c, sizeof(rd));
    assert_ok(httpa_attest_open_sev_guest(&a, &place, &diag));
    assert_string_equal(a->type, "sev-snp");
    assert_string_equal(a->media_type, httpa_verifier_snp.media_type);
    assert_non_null(strstr(a->description, "sev-snp (/dev/sev-guest), "));
    assert_non_null(strstr(a->description, "; because"));
    assert_ok(a->quote(a, rd, &value, &diag));
    assert_int_equal(value.n, HTTPA_SNP_REPORT);
    assert_memory_equal(value.p + 0x50, rd, sizeof(rd));
    assert_ok(a->endorsements(a, &pem, &diag));
    assert_true(pem.n > 1000);
    /* Certificates that do not fit: none, and the report all the same. */
    fake.error = EIO;
    fake.times = 1;
    fake.vmm = SNP_GUEST_VMM_ERR_INVALID_LEN;
    httpa_buf_reset(&value);
    httpa_buf_reset(&pem);
    assert_ok(a->quote(a, rd, &value, &diag));
    assert_int_equal(fake.plain, 1);
    assert_ok(a->endorsements(a, &pem, &diag));
    assert_int_equal(pem.n, 0);
    /* Gone later: a failure of the device. */
    fake.open_error = ENOENT;
    assert_err(HTTPA_ERR_DEVICE, a->quote(a, rd, &value, &diag));
    httpa_attester_close(a);
    assert_int_equal(fake.opened, 0);
    httpa_buf_done(&value);
    httpa_buf_done(&pem);
}

static void bad(void **state)
{
    static const struct {
        int open_error, error;
        unsigned times;
        uint32_t vmm, status, size;
        bool other_data;
        enum httpa_err err;
        const char *says;
        unsigned slept;
    } rows[] = {
        { .open_error = ENOENT, .err = HTTPA_ERR_MISSING, .says = "No such" },
        { .open_error = EACCES, .err = HTTPA_ERR_DEVICE, .says = "only root" },
        { .error = ENOTTY,
          .times = 9,
          .err = HTTPA_ERR_DEVICE,
          .says = "VMPCK" },
        { .error = EIO,
          .times = 9,
          .err = HTTPA_ERR_DEVICE,
          .says = "host error 0" },
        /* throttled: some tries, then no more */
        { .error = EAGAIN, .times = 2, .says = "", .slept = 2 },
        { .error = EIO,
          .times = 99,
          .vmm = SNP_GUEST_VMM_ERR_BUSY,
          .err = HTTPA_ERR_DEVICE,
          .says = "host error 2",
          .slept = 5 },
        { .status = 0x16, .err = HTTPA_ERR_DEVICE, .says = "status 22" },
        { .size = 4000, .err = HTTPA_ERR_DEVICE, .says = "4000 bytes" },
        { .size = 1183, .err = HTTPA_ERR_DEVICE, .says = "no evidence" },
        { .other_data = true, .err = HTTPA_ERR_DEVICE, .says = "no evidence" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_attester *a = NULL;
        struct httpa_attest_diag diag;
        memset(&fake, 0, sizeof(fake));
        fake.open_error = rows[i].open_error;
        fake.error = rows[i].error;
        fake.times = rows[i].times;
        fake.vmm = rows[i].vmm;
        fake.status = rows[i].status;
        fake.size = rows[i].size;
        fake.other_data = rows[i].other_data;
        assert_err(rows[i].err, httpa_attest_open_sev_guest(&a, &place, &diag));
        if (strstr(diag.text, rows[i].says) == NULL) {
            fail_msg("row %zu says: %s", i, diag.text);
        }
        assert_int_equal(fake.slept, rows[i].slept);
        assert_int_equal(fake.opened, 0);
        httpa_attester_close(a);
    }
}

static int open_maker(void **state)
{
    (void)state;
    maker_init(&maker, &wish);
    return 0;
}

static int close_maker(void **state)
{
    (void)state;
    maker_done(&maker);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(good),
                                        cmocka_unit_test(bad) };
    return cmocka_run_group_tests(tests, open_maker, close_maker);
}
