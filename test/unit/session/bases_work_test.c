/*
 * Who holds no key learns nothing from the work that a refusal takes
 * (doc/protocol.md 9.6, checks 3 and 4): an unknown Base-ID, one that ended
 * and a wrong ticket of a living base cost the same calls.
 *
 * The linker puts the functions __wrap_* below in front of what costs
 * (meson.build: --wrap).  Calls are counted; no time is taken.
 */
#include "session/bases.h"

#include <pthread.h>

#include "support/lane.h"

#define NOW 1000
#define SUITES HTTPA_SUITE_COUNT

static struct work {
    const struct httpa_suite *suite; /* of the last keying */
    size_t keyings;
    size_t openings;
    size_t locks;
    size_t unlocks;
} work;

static struct httpa_bases *table;
static struct httpa_aead scratch;

enum httpa_err
__real_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key);
enum httpa_err __real_httpa_aead_open(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_slice sealed,
                                      uint8_t *ret_text);
int __real_pthread_mutex_lock(pthread_mutex_t *lock);
int __real_pthread_mutex_unlock(pthread_mutex_t *lock);
enum httpa_err
__wrap_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key);
enum httpa_err __wrap_httpa_aead_open(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_slice sealed,
                                      uint8_t *ret_text);
int __wrap_pthread_mutex_lock(pthread_mutex_t *lock);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *lock);

enum httpa_err
__wrap_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key)
{
    work.keyings++;
    work.suite = suite;
    return __real_httpa_aead_init(a, crypto, suite, key);
}

enum httpa_err __wrap_httpa_aead_open(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_slice sealed,
                                      uint8_t *ret_text)
{
    work.openings++;
    return __real_httpa_aead_open(a, nonce, aad, sealed, ret_text);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *lock)
{
    work.locks++;
    return __real_pthread_mutex_lock(lock);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *lock)
{
    work.unlocks++;
    return __real_pthread_mutex_unlock(lock);
}

/* Base |i| under suite |suite|, with keys that only it has. */
static struct httpa_base_id id_of(uint8_t i, size_t suite)
{
    uint8_t random[HTTPA_BASE_ID_RANDOM];
    struct httpa_base_id id;
    for (size_t k = 0; k < sizeof(random); k++) {
        random[k] = (uint8_t)((i + 1u) * (2 * k + 3));
    }
    httpa_bases_mark(random, httpa_suite_at(suite));
    assert_ok(httpa_base_id_make(httpa_slice_str("r1"), random, &id));
    return id;
}

static void insert(uint8_t i, size_t suite)
{
    struct httpa_keys keys = { 0 };
    keys.client.suite = keys.server.suite = httpa_suite_at(suite);
    keys.client.key[0] = keys.server.key[1] = i;
    struct httpa_base_start s = { .id = id_of(i, suite),
                                  .keys = &keys,
                                  .target = httpa_slice_str("https://a"),
                                  .now_s = NOW,
                                  .max_age_s = 3600 };
    assert_ok(httpa_bases_insert(table, &s));
}

/* A request to base |i|; its ticket verifies if |is_good|. */
static enum httpa_err present(uint8_t i, size_t suite, uint64_t n, bool is_good,
                              struct httpa_accepted *ret)
{
    static struct httpa_ahl ahl;
    struct httpa_aead aead = { 0 };
    struct httpa_ticket t;
    struct httpa_base_id id = id_of(i, suite);
    uint8_t key[HTTPA_AEAD_KEY_MAX] = { is_good ? i : (uint8_t)~i };
    const uint8_t iv[HTTPA_AEAD_NONCE] = { 0 };
    const struct httpa_suite *of = httpa_suite_at(suite);
    assert_ok(__real_httpa_aead_init(&aead, lane_crypto, of,
                                     httpa_slice_of(key, of->key_size)));
    httpa_ahl_init(&ahl, HTTPA_PLACE_REQUEST);
    assert_ok(httpa_ahl_set_bare(&ahl, HTTPA_FIELD_BASE_ID,
                                 httpa_sfv_token(httpa_base_id_text(&id))));
    struct httpa_tag_key tag = { .aead = &aead, .iv = iv };
    assert_ok(httpa_ticket_seal(tag, n, &ahl, &t));
    httpa_aead_done(&aead);
    work = (struct work){ 0 };
    return httpa_bases_accept(table, &ahl, NOW, &scratch, ret);
}

static struct work work_of(uint8_t i, size_t suite)
{
    struct httpa_accepted a;
    assert_err(HTTPA_ERR_BASE_UNKNOWN, present(i, suite, 2, false, &a));
    return work;
}

static void assert_same_work(const char *who, struct work want, struct work got)
{
    if (got.suite != want.suite || got.keyings != want.keyings ||
        got.openings != want.openings || got.locks != want.locks ||
        got.unlocks != want.unlocks) {
        fail_msg("%s: %s, %zu keyings, %zu openings, %zu locks; a living "
                 "base: %s, %zu, %zu, %zu",
                 who, got.suite->name, got.keyings, got.openings, got.locks,
                 want.suite->name, want.keyings, want.openings, want.locks);
    }
}

static void every_refusal_is_the_same_work(void **state)
{
    struct httpa_random rng = httpa_random_system();
    struct httpa_bases_config config = { 100, 100 };
    (void)state;
    assert_ok(httpa_bases_new(lane_crypto, &rng, &config, &table));
    for (size_t suite = 0; suite < SUITES; suite++) {
        struct httpa_accepted a;
        insert(1, suite); /* unconfirmed */
        insert(2, suite);
        assert_ok(present(2, suite, 1, true, &a)); /* open */
        httpa_bases_release(table, &a);
        insert(3, suite);
        assert_ok(present(3, suite, 1, true, &a));
        httpa_bases_close(table, &a); /* ended, a message runs */
        struct work want = work_of(2, suite);
        assert_ptr_equal(want.suite, httpa_suite_at(suite));
        assert_int_equal(want.keyings, 1);
        assert_int_equal(want.openings, 1);
        assert_int_equal(want.locks, want.unlocks);
        assert_same_work("unconfirmed", want, work_of(1, suite));
        assert_same_work("ended", want, work_of(3, suite));
        httpa_bases_release(table, &a);
        assert_same_work("wiped", want, work_of(3, suite));
        for (uint8_t i = 100; i < 200; i++) {
            assert_same_work("never there", want, work_of(i, suite));
        }
    }
    httpa_bases_free(table);
    httpa_aead_done(&scratch);
}

/* A base whose id says another suite could be told from its dummy. */
static void the_mark_is_asked_for(void **state)
{
    struct httpa_random rng = httpa_random_system();
    struct httpa_bases_config config = { 100, 100 };
    struct httpa_keys keys = { .client.suite = httpa_suite_at(1) };
    (void)state;
    assert_ok(httpa_bases_new(lane_crypto, &rng, &config, &table));
    struct httpa_base_start s = {
        .id = id_of(1, 0), .keys = &keys, .now_s = NOW, .max_age_s = 3600
    };
    assert_err(HTTPA_ERR_USAGE, httpa_bases_insert(table, &s));
    httpa_bases_free(table);
}

/* Whatever was drawn, and 120 bits of it stay. */
static void marks(void **state)
{
    (void)state;
    for (unsigned last = 0; last < 256; last++) {
        for (size_t suite = 0; suite < SUITES; suite++) {
            uint8_t random[HTTPA_BASE_ID_RANDOM];
            uint8_t drawn[HTTPA_BASE_ID_RANDOM];
            memset(random, 0xa5, sizeof(random));
            random[15] = (uint8_t)last;
            memcpy(drawn, random, sizeof(drawn));
            httpa_bases_mark(random, httpa_suite_at(suite));
            assert_memory_equal(random, drawn, 15);
            assert_int_equal(random[15] % SUITES, suite);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_is_the_same_work),
        cmocka_unit_test(the_mark_is_asked_for),
        cmocka_unit_test(marks),
    };
    return cmocka_run_group_tests(tests, lane_setup, lane_teardown);
}
