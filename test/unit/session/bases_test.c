#include "session/bases.h"

#include <pthread.h>

#include "support/lane.h"

#define NOW 1000

static struct httpa_bases *table;
static struct httpa_aead scratch;

/* Random bytes of a counter. */
static enum httpa_err fill(void *ctx, uint8_t *p, size_t n)
{
    uint8_t *next = ctx;
    for (size_t i = 0; i < n; i++) {
        p[i] = (*next)++;
    }
    return HTTPA_OK;
}

static void new_table(size_t max, size_t max_unconfirmed)
{
    static uint8_t next;
    struct httpa_random rng = { .fill = fill, .ctx = &next };
    struct httpa_bases_config config = { max, max_unconfirmed };
    httpa_bases_free(table);
    table = NULL;
    assert_ok(httpa_bases_new(lane_crypto, &rng, &config, &table));
}

/* Base number |i|; its random bytes spread over the stripes. */
static struct httpa_base_id id_of(uint32_t i)
{
    uint8_t random[16] = { 0 };
    struct httpa_base_id id;
    for (size_t k = 0; k < 16; k++) {
        random[k] = (uint8_t)((i + 1) * (2 * k + 3) >> (k % 4));
    }
    random[6] = (uint8_t)(i >> 8);
    random[7] = (uint8_t)i;
    httpa_bases_mark(random, lane_keys.client.suite);
    assert_ok(httpa_base_id_make(httpa_slice_str("r1"), random, &id));
    return id;
}

static enum httpa_err insert_at(uint32_t i, int64_t now_s)
{
    struct httpa_base_start s = { .id = id_of(i),
                                  .keys = &lane_keys,
                                  .target = httpa_slice_str("https://a"),
                                  .now_s = now_s,
                                  .max_age_s = 3600 };
    return httpa_bases_insert(table, &s);
}

static void make_request(uint32_t i, uint64_t n, struct httpa_ahl *ahl)
{
    struct httpa_aead aead = { 0 };
    struct httpa_ticket t;
    struct httpa_base_id id = id_of(i);
    assert_ok(httpa_aead_init(&aead, lane_crypto, lane_keys.client.suite,
                              httpa_traffic_key(&lane_keys.client)));
    httpa_ahl_init(ahl, HTTPA_PLACE_REQUEST);
    assert_ok(httpa_ahl_set_bare(ahl, HTTPA_FIELD_BASE_ID,
                                 httpa_sfv_token(httpa_base_id_text(&id))));
    struct httpa_tag_key key = { .aead = &aead, .iv = lane_keys.client.iv };
    assert_ok(httpa_ticket_seal(key, n, ahl, &t));
    httpa_aead_done(&aead);
}

static enum httpa_err accept_at(uint32_t i, uint64_t n, int64_t now_s,
                                struct httpa_accepted *ret)
{
    static struct httpa_ahl ahl;
    make_request(i, n, &ahl);
    return httpa_bases_accept(table, &ahl, now_s, &scratch, ret);
}

static enum httpa_err once(uint32_t i, uint64_t n, int64_t now_s)
{
    struct httpa_accepted a;
    enum httpa_err err = accept_at(i, n, now_s, &a);
    if (err == HTTPA_OK) {
        httpa_bases_release(table, &a);
        assert_null(a.base);
        httpa_bases_release(table, &a); /* twice is once */
    }
    return err;
}

static void sweep_all(int64_t now_s, size_t want)
{
    size_t gone = 0;
    for (size_t i = 0; i < 8; i++) {
        gone += httpa_bases_sweep(table, now_s);
    }
    assert_int_equal(gone, want);
}

static void a_number_is_accepted_once(void **state)
{
    struct httpa_accepted a;
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    assert_err(HTTPA_ERR_DUPLICATE, insert_at(1, NOW));
    assert_int_equal(httpa_bases_count(table).unconfirmed, 1);
    assert_ok(accept_at(1, 5, NOW, &a));
    assert_true(a.first);
    assert_int_equal(a.ticket.n, 5);
    assert_slice_is(a.base->target, "https://a");
    assert_int_equal(httpa_bases_count(table).unconfirmed, 0);
    assert_int_equal(httpa_bases_count(table).all, 1);
    httpa_bases_release(table, &a);
    assert_err(HTTPA_ERR_REPLAY, once(1, 5, NOW));
    assert_ok(accept_at(1, 4, NOW, &a));
    assert_false(a.first);
    httpa_bases_release(table, &a);
    assert_ok(once(1, 5000, NOW));
    assert_err(HTTPA_ERR_REPLAY, once(1, 6, NOW)); /* left of the window */
}

/* One answer before a ticket verified (doc/protocol.md 9.6): unknown, wrong
 * ticket, wrong ticket of a used number, another label. */
static void one_answer_to_strangers(void **state)
{
    static struct httpa_ahl ahl;
    static struct httpa_ahl bad;
    struct httpa_accepted a = { 0 };
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    assert_ok(once(1, 1, NOW));
    assert_err(HTTPA_ERR_BASE_UNKNOWN, once(2, 1, NOW));
    make_request(1, 1, &ahl);
    struct httpa_slice text = httpa_ahl_text(&ahl, HTTPA_FIELD_TICKET);
    for (uint64_t n = 1; n < 4; n++) {
        char forged[64];
        snprintf(forged, sizeof(forged), "%llu%.*s", (unsigned long long)n,
                 (int)text.n - 1, (const char *)text.p + 1);
        forged[9] = forged[9] == 'x' ? 'y' : 'x'; /* inside the mac */
        httpa_ahl_init(&bad, HTTPA_PLACE_REQUEST);
        assert_ok(httpa_ahl_set(&bad, HTTPA_FIELD_BASE_ID,
                                httpa_ahl_text(&ahl, HTTPA_FIELD_BASE_ID)));
        assert_ok(httpa_ahl_set(&bad, HTTPA_FIELD_TICKET,
                                httpa_slice_str(forged)));
        assert_err(HTTPA_ERR_BASE_UNKNOWN,
                   httpa_bases_accept(table, &bad, NOW, &scratch, &a));
    }
    assert_null(a.base);
    /* A forged huge number moves no window. */
    assert_ok(accept_at(1, 2, NOW, &a));
    assert_int_equal(a.base->failures, 3);
    assert_int_equal(a.base->refs, 1);
    httpa_bases_release(table, &a);
}

static void syntax_comes_first(void **state)
{
    static struct httpa_ahl ahl;
    struct httpa_accepted a;
    (void)state;
    new_table(10, 10);
    httpa_ahl_init(&ahl, HTTPA_PLACE_REQUEST);
    assert_err(HTTPA_ERR_MISSING,
               httpa_bases_accept(table, &ahl, NOW, &scratch, &a));
    assert_ok(httpa_ahl_set(&ahl, HTTPA_FIELD_BASE_ID,
                            httpa_slice_str("r1.AAECAwQFBgcICQoLDA0ODw")));
    assert_err(HTTPA_ERR_MISSING,
               httpa_bases_accept(table, &ahl, NOW, &scratch, &a));
}

static void too_many_failures_end_a_base(void **state)
{
    struct httpa_accepted a;
    static struct httpa_ahl ahl;
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    assert_ok(accept_at(1, 1, NOW, &a));
    a.base->failures = HTTPA_LIMIT_FAILURES - 1;
    make_request(1, 2, &ahl);
    ahl.text[ahl.known[HTTPA_FIELD_TICKET].at] = '3'; /* n changed */
    struct httpa_accepted b;
    assert_err(HTTPA_ERR_BASE_UNKNOWN,
               httpa_bases_accept(table, &ahl, NOW, &scratch, &b));
    assert_int_equal(a.base->state, HTTPA_BASE_CLOSING);
    httpa_bases_release(table, &a);
    assert_err(HTTPA_ERR_BASE_UNKNOWN, once(1, 9, NOW));
}

static void lives_end(void **state)
{
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    assert_ok(insert_at(2, NOW));
    assert_ok(once(2, 1, NOW + 29));
    assert_err(HTTPA_ERR_BASE_UNKNOWN, once(1, 1, NOW + 30));
    sweep_all(NOW + 29, 0);
    sweep_all(NOW + 30, 1);
    assert_int_equal(httpa_bases_count(table).all, 1);
    assert_int_equal(httpa_bases_count(table).unconfirmed, 0);
    assert_ok(once(2, 2, NOW + 3600 + HTTPA_TIME_GRACE_S - 1));
    assert_err(HTTPA_ERR_BASE_UNKNOWN,
               once(2, 3, NOW + 3600 + HTTPA_TIME_GRACE_S));
    sweep_all(NOW + 3600 + HTTPA_TIME_GRACE_S, 1);
    assert_int_equal(httpa_bases_count(table).all, 0);
}

static void idle_bases_end_and_used_ones_do_not(void **state)
{
    struct httpa_base_start s = { .id = id_of(1),
                                  .keys = &lane_keys,
                                  .now_s = NOW,
                                  .max_age_s = 3600,
                                  .idle_s = 120 };
    struct httpa_accepted a;
    (void)state;
    new_table(10, 10);
    assert_ok(httpa_bases_insert(table, &s));
    assert_ok(accept_at(1, 1, NOW, &a));
    httpa_bases_touch(table, &a, NOW + 100);
    httpa_bases_release(table, &a);
    assert_ok(once(1, 2, NOW + 219));
    assert_err(HTTPA_ERR_BASE_UNKNOWN, once(1, 3, NOW + 219 + 120));
}

/* A closed base takes no ticket; what runs on it goes on, then keys go. */
static void closing_waits_for_what_runs(void **state)
{
    struct httpa_accepted a;
    struct httpa_accepted b;
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    assert_ok(accept_at(1, 1, NOW, &a));
    assert_ok(accept_at(1, 2, NOW, &b));
    struct httpa_base *base = a.base;
    httpa_bases_close(table, &a);
    httpa_bases_close(table, &b); /* twice is once */
    assert_int_equal(httpa_bases_count(table).all, 0);
    assert_err(HTTPA_ERR_BASE_UNKNOWN, once(1, 3, NOW));
    httpa_bases_release(table, &a);
    assert_memory_equal(base->keys.client.key, lane_keys.client.key, 16);
    httpa_bases_release(table, &b);
    assert_memory_equal(base->keys.client.key, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                        16);
    sweep_all(NOW + 10000, 0);
}

static void room_is_made_by_the_unconfirmed(void **state)
{
    (void)state;
    new_table(3, 2);
    assert_ok(insert_at(1, NOW));
    assert_ok(insert_at(2, NOW));
    assert_ok(insert_at(3, NOW)); /* a third stranger evicts one */
    assert_int_equal(httpa_bases_count(table).all, 2);
    new_table(2, 2);
    assert_ok(insert_at(1, NOW));
    assert_ok(once(1, 1, NOW));
    assert_ok(insert_at(2, NOW));
    assert_ok(insert_at(3, NOW)); /* goes before the confirmed one */
    assert_ok(once(1, 2, NOW));
    assert_err(HTTPA_ERR_BASE_UNKNOWN, once(2, 1, NOW));
    assert_ok(once(3, 1, NOW));
    assert_err(HTTPA_ERR_BUSY, insert_at(4, NOW));
    assert_ok(once(1, 3, NOW));
}

static void superseding(void **state)
{
    static const uint64_t gone[] = { 3, 4 };
    static const uint64_t used[] = { 5, 2 };
    static const uint64_t twice[] = { 6, 6 };
    static const uint64_t own[] = { 10 };
    static const uint64_t above[] = { 11 };
    static const uint64_t zero[] = { 0 };
    struct httpa_accepted a;
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    assert_ok(once(1, 2, NOW));
    assert_ok(accept_at(1, 10, NOW, &a));
    assert_err(HTTPA_ERR_SEEN, httpa_bases_supersede(table, &a, used, 2));
    assert_err(HTTPA_ERR_HEAD, httpa_bases_supersede(table, &a, twice, 2));
    assert_err(HTTPA_ERR_HEAD, httpa_bases_supersede(table, &a, own, 1));
    assert_err(HTTPA_ERR_HEAD, httpa_bases_supersede(table, &a, above, 1));
    assert_err(HTTPA_ERR_HEAD, httpa_bases_supersede(table, &a, zero, 1));
    assert_ok(httpa_bases_supersede(table, &a, gone, 2));
    assert_err(HTTPA_ERR_SEEN, httpa_bases_supersede(table, &a, gone, 2));
    httpa_bases_release(table, &a);
    assert_err(HTTPA_ERR_REPLAY, once(1, 3, NOW)); /* the late copy */
    assert_err(HTTPA_ERR_REPLAY, once(1, 4, NOW));
    assert_ok(once(1, 5, NOW)); /* marked by nothing that failed */
    assert_ok(once(1, 6, NOW));
}

static void tries_are_few(void **state)
{
    struct httpa_accepted a;
    struct httpa_accepted b;
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    assert_ok(insert_at(2, NOW));
    assert_ok(accept_at(1, 1, NOW, &a));
    for (unsigned i = 0; i < HTTPA_LIMIT_TRIES; i++) {
        assert_true(httpa_bases_try(table, &a));
    }
    httpa_bases_release(table, &a);
    assert_ok(accept_at(1, 2, NOW, &a)); /* of the base, not of the message */
    assert_false(httpa_bases_try(table, &a));
    assert_ok(accept_at(2, 1, NOW, &b));
    assert_true(httpa_bases_try(table, &b));
    httpa_bases_release(table, &a);
    httpa_bases_release(table, &b);
}

static void draining(void **state)
{
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    assert_ok(once(1, 1, NOW));
    httpa_bases_drain(table, NOW, 20);
    assert_ok(once(1, 2, NOW + 19));
    assert_err(HTTPA_ERR_BASE_UNKNOWN, once(1, 3, NOW + 20));
}

static void many_bases(void **state)
{
    enum { N = 20000 };
    (void)state;
    new_table(N, N);
    for (uint32_t i = 0; i < N; i++) {
        assert_ok(insert_at(i, NOW));
    }
    for (uint32_t i = 0; i < N; i += 97) {
        assert_ok(once(i, 1, NOW));
    }
    sweep_all(NOW + 30, N - (N + 96) / 97);
    for (uint32_t i = 0; i < N; i += 97) {
        assert_ok(once(i, 2, NOW + 30));
    }
}

/* ---- threads ---------------------------------------------------------- */

enum { THREADS = 100 };

static pthread_barrier_t gate;
static struct httpa_ahl same;

static void *present(void *arg)
{
    enum httpa_err *ret = arg;
    struct httpa_aead own = { 0 };
    struct httpa_accepted a;
    pthread_barrier_wait(&gate);
    *ret = httpa_bases_accept(table, &same, NOW, &own, &a);
    if (*ret == HTTPA_OK) {
        httpa_bases_release(table, &a);
    }
    httpa_aead_done(&own);
    return NULL;
}

/* A hundred threads present one number: exactly one gets the right to
 * answer. */
static void one_of_a_hundred(void **state)
{
    (void)state;
    new_table(10, 10);
    assert_ok(insert_at(1, NOW));
    for (uint64_t n = 1; n <= 5; n++) {
        pthread_t threads[THREADS];
        enum httpa_err got[THREADS];
        size_t won = 0;
        make_request(1, n, &same);
        pthread_barrier_init(&gate, NULL, THREADS);
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(
                pthread_create(&threads[i], NULL, present, &got[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            won += got[i] == HTTPA_OK ? 1 : 0;
            assert_true(got[i] == HTTPA_OK || got[i] == HTTPA_ERR_REPLAY);
        }
        pthread_barrier_destroy(&gate);
        assert_int_equal(won, 1);
    }
}

/* What a server's threads do at once, without an assertion but the
 * sanitizer's: insert, accept, touch, close, sweep, drain. */
static void *churn(void *arg)
{
    uint32_t who = *(uint32_t *)arg;
    static _Thread_local struct httpa_ahl ahl;
    struct httpa_aead own = { 0 };
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t base = who % 2 * 1000 + i % 20;
        struct httpa_base_start s = { .id = id_of(base),
                                      .keys = &lane_keys,
                                      .now_s = NOW,
                                      .max_age_s = 3600 };
        struct httpa_accepted a;
        (void)!httpa_bases_insert(table, &s);
        make_request(base, i + 1, &ahl);
        if (httpa_bases_accept(table, &ahl, NOW, &own, &a) == HTTPA_OK) {
            httpa_bases_touch(table, &a, NOW + 1);
            if (i % 7 == 0) {
                httpa_bases_close(table, &a);
            }
            httpa_bases_release(table, &a);
        }
        if (i % 31 == 0) {
            httpa_bases_drain(table, NOW, 100);
            httpa_bases_sweep(table, NOW + who);
        }
    }
    httpa_aead_done(&own);
    return NULL;
}

static void threads_do_not_trip(void **state)
{
    pthread_t threads[8];
    uint32_t who[8];
    (void)state;
    new_table(16, 8);
    for (uint32_t i = 0; i < COUNT(threads); i++) {
        who[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, churn, &who[i]),
                         0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(httpa_bases_count(table).all <= 16 + COUNT(threads));
}

static void bad_configuration(void **state)
{
    struct httpa_random rng = httpa_random_system();
    struct httpa_bases_config none = { 0, 1 };
    struct httpa_bases *t = NULL;
    (void)state;
    assert_err(HTTPA_ERR_USAGE,
               httpa_bases_new(lane_crypto, &rng, &none, &t));
    assert_null(t);
    httpa_bases_free(NULL);
}

static int teardown(void **state)
{
    httpa_bases_free(table);
    httpa_aead_done(&scratch);
    return lane_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_accepted_once),
        cmocka_unit_test(one_answer_to_strangers),
        cmocka_unit_test(syntax_comes_first),
        cmocka_unit_test(too_many_failures_end_a_base),
        cmocka_unit_test(lives_end),
        cmocka_unit_test(idle_bases_end_and_used_ones_do_not),
        cmocka_unit_test(closing_waits_for_what_runs),
        cmocka_unit_test(room_is_made_by_the_unconfirmed),
        cmocka_unit_test(superseding),
        cmocka_unit_test(tries_are_few),
        cmocka_unit_test(draining),
        cmocka_unit_test(many_bases),
        cmocka_unit_test(one_of_a_hundred),
        cmocka_unit_test(threads_do_not_trip),
        cmocka_unit_test(bad_configuration),
    };
    return cmocka_run_group_tests(tests, lane_setup, teardown);
}
