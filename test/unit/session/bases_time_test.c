/*
 * Who holds no key learns nothing from the time that a refusal takes
 * (doc/protocol.md 9.6, checks 3 and 4): 100,000 refusals, their kinds in
 * turn, compared by the median of their batches.  What makes them equal is
 * counted in bases_work_test.c; this looks for what was not thought of.
 */
#include "session/bases.h"

#include <time.h>

#include "support/lane.h"

#define NOW 1000
#define KINDS 4u
#define BATCHES 100u
#define BATCH 250u

/* A verification left out, or a walk over a window, would be far outside. */
#define ALIKE 1.3

static struct httpa_bases *table;
static struct httpa_aead scratch;

static struct httpa_base_id id_of(uint8_t i)
{
    uint8_t random[HTTPA_BASE_ID_RANDOM];
    struct httpa_base_id id;
    memset(random, i, sizeof(random));
    httpa_bases_mark(random, httpa_suite_at(0));
    assert_ok(httpa_base_id_make(httpa_slice_str("r1"), random, &id));
    return id;
}

/* Number |n| of base |i|, sealed with the key of base |key|. */
static void request(uint8_t i, uint64_t n, uint8_t key, struct httpa_ahl *ahl)
{
    const struct httpa_suite *suite = httpa_suite_at(0);
    uint8_t bytes[HTTPA_AEAD_KEY_MAX] = { key };
    const uint8_t iv[HTTPA_AEAD_NONCE] = { 0 };
    struct httpa_aead aead = { 0 };
    struct httpa_ticket t;
    struct httpa_base_id id = id_of(i);
    assert_ok(httpa_aead_init(&aead, lane_crypto, suite,
                              httpa_slice_of(bytes, suite->key_size)));
    httpa_ahl_init(ahl, HTTPA_PLACE_REQUEST);
    assert_ok(httpa_ahl_set_bare(ahl, HTTPA_FIELD_BASE_ID,
                                 httpa_sfv_token(httpa_base_id_text(&id))));
    struct httpa_tag_key tag = { .aead = &aead, .iv = iv };
    assert_ok(httpa_ticket_seal(tag, n, ahl, &t));
    httpa_aead_done(&aead);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void refusals_take_the_same_time(void **state)
{
    static double took[KINDS][BATCHES];
    static struct httpa_ahl ahl[KINDS];
    struct httpa_random rng = httpa_random_system();
    struct httpa_bases_config config = { 100, 100 };
    struct httpa_keys keys = { .client.suite = httpa_suite_at(0),
                               .server.suite = httpa_suite_at(0),
                               .client.key = { 1 } };
    struct httpa_accepted a;
    (void)state;
    if (under_valgrind()) {
        print_message("SKIP: times under valgrind say nothing\n");
        skip();
    }
    assert_ok(httpa_bases_new(lane_crypto, &rng, &config, &table));
    struct httpa_base_start s = { .id = id_of(1),
                                  .keys = &keys,
                                  .target = httpa_slice_str("https://a"),
                                  .now_s = NOW,
                                  .max_age_s = 3600 };
    assert_ok(httpa_bases_insert(table, &s));
    request(1, 7, 1, &ahl[0]);
    assert_ok(httpa_bases_accept(table, &ahl[0], NOW, &scratch, &a));
    httpa_bases_release(table, &a);
    request(9, 7, 2, &ahl[0]);                  /* never there */
    request(1, 8, 2, &ahl[1]);                  /* a new number */
    request(1, 7, 2, &ahl[2]);                  /* a used one */
    request(1, HTTPA_LIMIT_NUMBER, 2, &ahl[3]); /* far ahead */
    for (size_t b = 0; b < BATCHES * KINDS; b++) {
        double start = now_s();
        for (size_t i = 0; i < BATCH; i++) {
            assert_int_equal(
                HTTPA_ERR_BASE_UNKNOWN,
                httpa_bases_accept(table, &ahl[b % KINDS], NOW, &scratch, &a));
        }
        took[b % KINDS][b / KINDS] = now_s() - start;
    }
    for (size_t k = 0; k < KINDS; k++) {
        qsort(took[k], BATCHES, sizeof(took[k][0]), by_size);
        double ratio = took[k][BATCHES / 2] / took[0][BATCHES / 2];
        print_message("kind %zu: %.3f of an unknown base\n", k, ratio);
        assert_true(ratio < ALIKE && ratio > 1 / ALIKE);
    }
    httpa_bases_free(table);
    httpa_aead_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_take_the_same_time),
    };
    return cmocka_run_group_tests(tests, lane_setup, lane_teardown);
}
