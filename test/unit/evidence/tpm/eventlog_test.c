#include "evidence/tpm/eventlog.h"

#include "eventlog_maker.h"
#include "support/shared.h"

static enum httpa_err
replay(const struct httpa_buf *log, uint16_t bank, struct httpa_tpm_replay *ret)
{
    return httpa_tpm_replay(crypto, httpa_buf_slice(log), bank, ret);
}

static void secure_boot(void **state)
{
    (void)state;
    for (uint8_t value = 0; value < 2; value++) {
        struct httpa_buf log = httpa_buf_growing(4096);
        struct httpa_tpm_replay r;
        struct httpa_digest pcr7;
        make_secure_boot_log(&log, value, false, &pcr7);
        assert_ok(replay(&log, HTTPA_TPM_SHA256, &r));
        assert_int_equal(r.touched, 1u << 7);
        assert_true(httpa_digest_equal(&r.pcr[7], &pcr7));
        assert_true(r.secure_boot_seen);
        assert_int_equal(r.secure_boot, value);
        httpa_buf_done(&log);
    }
}

/* The last byte of PCR 0 is the locality that started the TPM. */
static void startup_locality(void **state)
{
    static const uint16_t banks[] = { HTTPA_TPM_SHA256 };
    struct httpa_digest none = { .id = HTTPA_SHA256, .n = 32 };
    struct httpa_digest one = none;
    (void)state;
    one.bytes[0] = 1;
    struct httpa_buf log = httpa_buf_growing(4096);
    struct httpa_tpm_replay r;
    put_header(&log, banks, 1);
    put_event(&log, 0, EV_NO_ACTION, &none,
              httpa_slice_of("StartupLocality\0\3", 17));
    put_event(&log, 0, EV_SEPARATOR, &one, httpa_slice_str("x"));
    assert_ok(replay(&log, HTTPA_TPM_SHA256, &r));
    struct httpa_digest start = none;
    start.bytes[31] = 3;
    struct httpa_digest want = extended(&start, &one);
    assert_true(httpa_digest_equal(&r.pcr[0], &want));
    /* after the first extension it is a lie */
    put_event(&log, 0, EV_NO_ACTION, &none,
              httpa_slice_of("StartupLocality\0\4", 17));
    assert_err(HTTPA_ERR_MALFORMED, replay(&log, HTTPA_TPM_SHA256, &r));
    httpa_buf_done(&log);
}

static void what_is_no_log(void **state)
{
    static const uint16_t banks[] = { HTTPA_TPM_SHA256 };
    struct httpa_digest none = { .id = HTTPA_SHA256, .n = 32 };
    struct httpa_tpm_replay r;
    struct httpa_digest pcr7;
    (void)state;
    struct httpa_buf log = httpa_buf_growing(4096);
    assert_err(HTTPA_ERR_TRUNCATED, replay(&log, HTTPA_TPM_SHA256, &r));
    make_secure_boot_log(&log, 1, false, &pcr7);
    assert_err(HTTPA_ERR_UNSUPPORTED, replay(&log, HTTPA_TPM_SHA384, &r));
    assert_err(HTTPA_ERR_UNSUPPORTED, replay(&log, HTTPA_TPM_SHA1, &r));
    size_t n = log.n;
    httpa_buf_put_byte(&log, 0);
    assert_err(HTTPA_ERR_TRUNCATED, replay(&log, HTTPA_TPM_SHA256, &r));
    httpa_buf_cut(&log, n);
    put_event(&log, 24, EV_SEPARATOR, &none, httpa_slice_str(""));
    assert_err(HTTPA_ERR_RANGE, replay(&log, HTTPA_TPM_SHA256, &r));
    httpa_buf_reset(&log);
    put_header(&log, banks, 1);
    log.p[32 + 14] = '2'; /* Spec ID Event02: digests of SHA-1 */
    assert_err(HTTPA_ERR_UNSUPPORTED, replay(&log, HTTPA_TPM_SHA256, &r));
    httpa_buf_done(&log);
}

struct vector {
    const char *dir;
    uint16_t bank;
    enum httpa_err err;
};

/* |n| bytes of hex behind the member |pcr| of a pcrs.json of the vectors. */
static void
expected_pcr(const struct httpa_buf *json, unsigned pcr, size_t n, uint8_t *ret)
{
    char key[16];
    char hex[129];
    (void)snprintf(key, sizeof(key), "\"%u\": \"", pcr);
    const char *at = strstr((const char *)json->p, key);
    assert_non_null(at);
    (void)snprintf(hex, sizeof(hex), "%.*s", (int)(2 * n), at + strlen(key));
    assert_int_equal(unhex(hex, ret, n), n);
}

/* A real machine's log replays to what its TPM quoted. */
static void vectors(void **state)
{
    static const struct vector rows[] = {
        { "gce-cos-sha256-no-nonce", HTTPA_TPM_SHA256, HTTPA_OK },
        { "windows-gcp-sha1-no-nonce", HTTPA_TPM_SHA256,
          HTTPA_ERR_UNSUPPORTED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[128];
        struct httpa_tpm_replay r;
        struct httpa_buf log = httpa_buf_growing(65536);
        struct httpa_buf json = httpa_buf_growing(65536);
        (void)snprintf(path, sizeof(path), "vectors/tpm2/%s/eventlog.bin",
                       rows[i].dir);
        if (!shared_read(path, &log)) {
            skip();
        }
        (void)snprintf(path, sizeof(path), "vectors/tpm2/%s/pcrs.json",
                       rows[i].dir);
        assert_true(shared_read(path, &json));
        httpa_buf_put_byte(&json, 0);
        assert_err(rows[i].err, replay(&log, rows[i].bank, &r));
        for (unsigned pcr = 0;
             rows[i].err == HTTPA_OK && pcr < HTTPA_TPM_FIRMWARE_PCRS; pcr++) {
            uint8_t want[64];
            expected_pcr(&json, pcr, r.pcr[pcr].n, want);
            assert_memory_equal(r.pcr[pcr].bytes, want, r.pcr[pcr].n);
        }
        httpa_buf_done(&json);
        httpa_buf_done(&log);
    }
}

static void replay_one(struct httpa_slice in, void *arg)
{
    struct httpa_tpm_replay r;
    (void)arg;
    (void)!httpa_tpm_replay(crypto, in, HTTPA_TPM_SHA256, &r);
}

static void mutations(void **state)
{
    struct httpa_digest pcr7;
    (void)state;
    struct httpa_buf log = httpa_buf_growing(4096);
    make_secure_boot_log(&log, 1, false, &pcr7);
    mutate(httpa_buf_slice(&log), replay_one, NULL);
    httpa_buf_done(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secure_boot),    cmocka_unit_test(startup_locality),
        cmocka_unit_test(what_is_no_log), cmocka_unit_test(vectors),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
