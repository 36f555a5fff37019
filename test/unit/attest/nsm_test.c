/* /dev/nsm; the device is a fake that stands here, since this machine has
 * none.  Its documents have a PKI of this run. */
#include <errno.h>
#include <linux/ioctl.h>

#include "attest/device.h"
#include "codec/cbor.h"
#include "unit/evidence/nitro/document.h"

struct iovec_64 {
    uint64_t addr;
    uint64_t len;
};

struct raw {
    struct iovec_64 request;
    struct iovec_64 response;
};

static struct {
    int open_error;
    int error;
    const char *answer; /* instead of a document */
    size_t answer_n;
    uint64_t length; /* told instead of the right one */
    bool other_data;
    int opened;
} fake;

static int do_open(const char *path, int flags)
{
    (void)flags;
    assert_string_equal(path, "/r/dev/nsm");
    errno = fake.open_error;
    fake.opened += fake.open_error == 0;
    return fake.open_error != 0 ? -1 : 5;
}

static int do_close(int fd)
{
    assert_int_equal(fd, 5);
    fake.opened--;
    return 0;
}

static void *at_address(uint64_t v)
{
    return (void *)(uintptr_t)v;
}

/* {"Attestation": {user_data: rd, the others null}}, and nothing else. */
static void read_request(struct httpa_slice in)
{
    struct httpa_cbor c = httpa_cbor_of(in, 0);
    struct httpa_cbor_map m = httpa_cbor_map(&c);
    assert_ok(httpa_cbor_end(&c));
    assert_int_equal(m.n, 1);
    struct httpa_cbor inner = httpa_cbor_find_text(&m, "Attestation");
    struct httpa_cbor_map a = httpa_cbor_map(&inner);
    assert_ok(httpa_cbor_end(&inner));
    assert_int_equal(a.n, 3);
    struct httpa_cbor v = httpa_cbor_find_text(&a, "user_data");
    struct httpa_slice rd = httpa_cbor_bytes(&v);
    assert_ok(httpa_cbor_end(&v));
    assert_int_equal(rd.n, HTTPA_RD_LEN);
    memcpy(doc_rd, rd.p, rd.n);
    v = httpa_cbor_find_text(&a, "nonce");
    assert_true(httpa_cbor_null(&v));
    v = httpa_cbor_find_text(&a, "public_key");
    assert_true(httpa_cbor_null(&v));
}

static void put_document(struct httpa_buf *out)
{
    struct document d = good_document();
    doc_rd[0] ^= fake.other_data ? 1 : 0;
    struct httpa_buf document = make_document(&d);
    httpa_cbor_put_map(out, 1);
    httpa_cbor_put_str(out, "Attestation");
    httpa_cbor_put_map(out, 1);
    httpa_cbor_put_str(out, "document");
    httpa_cbor_put_bytes(out, httpa_buf_slice(&document));
    httpa_buf_done(&document);
}

static int do_ioctl(int fd, unsigned long request, void *p)
{
    struct raw *raw = p;
    struct httpa_buf out =
        httpa_buf_fixed(at_address(raw->response.addr), raw->response.len);
    assert_int_equal(fd, 5);
    assert_int_equal(request, _IOWR(0x0A, 0x0, struct raw));
    assert_int_equal(raw->response.len, 0x3000);
    read_request(httpa_slice_of(at_address(raw->request.addr),
                                (size_t)raw->request.len));
    if (fake.error != 0) {
        errno = fake.error;
        return -1;
    }
    if (fake.answer != NULL) {
        httpa_buf_put(&out, fake.answer, fake.answer_n);
    } else {
        put_document(&out);
    }
    assert_ok(httpa_buf_check(&out));
    raw->response.len = fake.length != 0 ? fake.length : out.n;
    return 0;
}

static const struct httpa_attest_system sys = { .open = do_open,
                                                .close = do_close,
                                                .ioctl = do_ioctl };
static const struct httpa_attest_place place = { .sys = &sys,
                                                 .root = "/r",
                                                 .why = "" };

/* What comes out passes the verifier under this run's root. */
static void good(void **state)
{
    uint8_t rd[HTTPA_RD_LEN];
    struct httpa_attester *a = NULL;
    struct httpa_attest_diag diag;
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_verdict *v = httpa_verdict_new();
    (void)state;
    memset(&fake, 0, sizeof(fake));
    memset(rd, 0x3c, sizeof(rd));
    assert_ok(httpa_attest_open_nsm(&a, &place, &diag));
    assert_string_equal(a->type, "nitro");
    assert_string_equal(a->media_type, httpa_verifier_nitro.media_type);
    assert_non_null(strstr(a->description, "nitro (/dev/nsm), "));
    assert_ok(a->quote(a, rd, &value, &diag));
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = httpa_buf_slice(&value),
                                  .rd = rd,
                                  .now_s = NOW };
    assert_ok(httpa_nitro_verify(&in, pin, v, 0));
    fake.open_error = ENOENT;
    assert_err(HTTPA_ERR_DEVICE, a->quote(a, rd, &value, &diag));
    assert_int_equal(fake.opened, 0);
    httpa_attester_close(a);
    httpa_verdict_free(v);
    httpa_buf_done(&value);
}

#define ANSWER(text) .answer = (text), .answer_n = sizeof(text) - 1

static void bad(void **state)
{
    static const struct {
        int open_error, error;
        const char *answer;
        size_t answer_n;
        uint64_t length;
        bool other_data;
        enum httpa_err err;
        const char *says;
    } rows[] = {
        { .open_error = ENOENT, .err = HTTPA_ERR_MISSING, .says = "No such" },
        { .open_error = EACCES, .says = "this user" },
        { .error = ETIMEDOUT, .says = "in time" },
        { .error = ENODEV, .says = "No such device" },
        { ANSWER("\xa1\x65"
                 "Error\x6f"
                 "InvalidArgument"),
          .says = "the module answers: InvalidArgument" },
        { ANSWER("\xa1\x65"
                 "Error\x01"),
          .says = "not understood" },
        { ANSWER("\xa1\x6b"
                 "Attestation\xa0"),
          .says = "without a document" },
        { ANSWER("\xa1\x6b"
                 "Attestation\xa1\x68"
                 "document\x41\x00"),
          .says = "no evidence of nitro" },
        { ANSWER("\x66"
                 "nothing"),
          .says = "not CBOR" },
        { ANSWER("\xa1\x6b"), .says = "not CBOR" },
        { .length = 0x3001, .says = "longer than its room" },
        { .length = 100, .says = "not CBOR" }, /* cut */
        { .other_data = true, .says = "no evidence of nitro" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_attester *a = NULL;
        struct httpa_attest_diag diag;
        memset(&fake, 0, sizeof(fake));
        fake.open_error = rows[i].open_error;
        fake.error = rows[i].error;
        fake.answer = rows[i].answer;
        fake.answer_n = rows[i].answer_n;
        fake.length = rows[i].length;
        fake.other_data = rows[i].other_data;
        assert_err(rows[i].err != HTTPA_OK ? rows[i].err : HTTPA_ERR_DEVICE,
                   httpa_attest_open_nsm(&a, &place, &diag));
        if (strstr(diag.text, rows[i].says) == NULL) {
            fail_msg("row %zu says: %s", i, diag.text);
        }
        assert_int_equal(fake.opened, 0);
        assert_null(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(good),
                                        cmocka_unit_test(bad) };
    return cmocka_run_group_tests(tests, open_pki, close_pki);
}
