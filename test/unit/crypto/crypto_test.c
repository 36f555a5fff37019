#include <pthread.h>

#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "crypto/suite.h"

#include "support.h"

#include <openssl/err.h>

static void random_is_an_argument(void **state)
{
    (void)state;
    uint8_t next = 7;
    struct httpa_random counting = { count_up, &next };
    uint8_t p[4];
    assert_ok(httpa_random_fill(&counting, p, sizeof(p)));
    assert_hex(p, sizeof(p), "0708090a");
}

static void system_random_differs(void **state)
{
    (void)state;
    struct httpa_random system = httpa_random_system();
    uint8_t a[32] = { 0 };
    uint8_t b[32] = { 0 };
    assert_ok(httpa_random_fill(&system, a, sizeof(a)));
    assert_ok(httpa_random_fill(&system, b, sizeof(b)));
    assert_memory_not_equal(a, b, sizeof(a)); /* wrong once in 2^256 */
    assert_ok(httpa_random_fill(&system, NULL, 0));
}

static enum httpa_err break_down(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    memset(p, 0xee, n / 2);
    return HTTPA_ERR_DEVICE;
}

static void failed_random_leaves_nothing(void **state)
{
    (void)state;
    struct httpa_random broken = { break_down, NULL };
    uint8_t p[4] = { 1, 2, 3, 4 };
    assert_err(HTTPA_ERR_DEVICE, httpa_random_fill(&broken, p, sizeof(p)));
    assert_memory_equal(p, "\0\0\0\0", 4);
}

/* What a missing group said must not be taken for an error of the TLS
 * connection that is served next. */
static void error_queue_is_empty(void **state)
{
    (void)state;
    struct httpa_crypto *other = NULL;
    assert_ok(httpa_crypto_new(&other));
    assert_int_equal(ERR_peek_error(), 0);
    httpa_crypto_free(other);
    httpa_crypto_free(NULL);
}

static void suites_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum httpa_hash_id hash;
        size_t key_size;
    } rows[] = {
        { "TLS_AES_128_GCM_SHA256", HTTPA_SHA256, 16 },
        { "TLS_AES_256_GCM_SHA384", HTTPA_SHA384, 32 },
        { "TLS_CHACHA20_POLY1305_SHA256", HTTPA_SHA256, 32 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct httpa_suite *s =
            httpa_suite_find(httpa_slice_str(rows[i].name));
        assert_non_null(s);
        assert_ptr_equal(s, httpa_suite_at(i));
        assert_string_equal(s->name, rows[i].name);
        assert_int_equal(s->id, i);
        assert_int_equal(s->hash, rows[i].hash);
        assert_int_equal(s->hash_size, httpa_hash_size(rows[i].hash));
        assert_int_equal(s->key_size, rows[i].key_size);
    }
    assert_null(httpa_suite_at(COUNT(rows)));
    static const char *const unknown[] = {
        "",
        "tls_aes_128_gcm_sha256" /* tokens are case sensitive */,
        "TLS_AES_128_GCM_SHA25",
        "TLS_AES_128_GCM_SHA2566",
        "TLS_AES_128_CCM_8_SHA256" /* tags of 8 bytes */,
    };
    for (size_t i = 0; i < COUNT(unknown); i++) {
        assert_null(httpa_suite_find(httpa_slice_str(unknown[i])));
    }
}

static void budget(void **state)
{
    (void)state;
    const struct httpa_suite *gcm = httpa_suite_at(HTTPA_AES_128_GCM_SHA256);
    const struct httpa_suite *chacha =
        httpa_suite_at(HTTPA_CHACHA20_POLY1305_SHA256);
    static const struct {
        size_t aad;
        size_t text;
        uint64_t blocks;
    } rows[] = {
        { 0, 0, 2 }, /* mask and length block even of nothing */
        { 1, 0, 3 }, { 16, 16, 4 }, { 17, 17, 6 }, { 20, 16385, 2 + 1025 + 2 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(httpa_suite_cost(gcm, rows[i].aad, rows[i].text) ==
                    rows[i].blocks);
        assert_true(httpa_suite_cost(chacha, rows[i].aad, rows[i].text) == 1);
    }
    assert_true(gcm->budget == UINT64_C(34359738368));
    assert_true(chacha->budget == UINT64_C(281474976710656));
    /* No length can wrap the sum. */
    assert_true(httpa_suite_cost(gcm, SIZE_MAX, SIZE_MAX) > gcm->budget);
}

/* RFC 4231's first HMAC and one sealing, again and again. */
static void *work(void *arg)
{
    bool *right = arg;
    static const uint8_t zeros[16];
    static const uint8_t tag[] = { 0x58, 0xe2, 0xfc, 0xce };
    struct httpa_aead a = { 0 };
    struct httpa_slice in = httpa_slice_str("Hi There");
    *right = true;
    for (int i = 0; i < 200; i++) {
        uint8_t key[20];
        memset(key, 0x0b, sizeof(key));
        struct httpa_digest d = { .n = 0 };
        uint8_t out[HTTPA_AEAD_TAG] = { 0 };
        const struct httpa_aead_parts none = { .first = { 0 } };
        bool ok =
            httpa_hmac(crypto, HTTPA_SHA256, httpa_slice_of(key, sizeof(key)),
                       &in, 1, &d) == HTTPA_OK &&
            httpa_aead_init(&a, crypto, httpa_suite_at(0),
                            httpa_slice_of(zeros, 16)) == HTTPA_OK &&
            httpa_aead_seal(&a, zeros, none, none, out) == HTTPA_OK;
        *right = *right && ok && d.bytes[0] == 0xb0 && d.bytes[31] == 0xf7 &&
                 memcmp(out, tag, sizeof(tag)) == 0;
    }
    httpa_aead_done(&a);
    return NULL;
}

static void threads_share_one_context(void **state)
{
    (void)state;
    pthread_t threads[8];
    bool right[COUNT(threads)];
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, &right[i]), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(right[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_is_an_argument),
        cmocka_unit_test(system_random_differs),
        cmocka_unit_test(failed_random_leaves_nothing),
        cmocka_unit_test(error_queue_is_empty),
        cmocka_unit_test(threads_share_one_context),
        cmocka_unit_test(suites_by_name),
        cmocka_unit_test(budget),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
