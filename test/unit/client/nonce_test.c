/*
 * No (key, nonce) is ever used twice, by either role, whatever happens
 * (doc/protocol.md 9.4, 9.5; src/crypto/aead.h, "the one door").
 *
 * support/sealings.h sees every sealing of both roles in this process.
 */
#define SEALINGS_SLOTS (1u << 22)
#define SEALINGS_OBJECTS (1u << 16)
#include "support/pair.h"
#include "support/sealings.h"

static size_t repeated;

static bool sealings_watched(void)
{
    return true;
}

static void sealings_seen(const uint8_t entry[SEALINGS_ENTRY], bool is_repeated)
{
    (void)entry;
    repeated += is_repeated ? 1 : 0;
}

static void start(struct pair *p)
{
    if (sealings.slots == NULL) {
        sealings.slots = calloc(SEALINGS_SLOTS, SEALINGS_ENTRY);
        assert_non_null(sealings.slots);
    }
    pair_init(p);
    assert_ok(pair_attest(p, "demo"));
}

static void finish(struct pair *p)
{
    pair_done(p);
    assert_int_equal(repeated, 0);
}

/* The shim sees what it should: a repetition made on purpose. */
static void a_repetition_would_be_seen(void **state)
{
    struct pair p;
    struct httpa_aead a = { 0 };
    uint8_t key[16] = { 1 };
    uint8_t nonce[12] = { 0 };
    uint8_t tag[16];
    struct httpa_slice none = { 0 };
    (void)state;
    start(&p);
    size_t used = sealings.used;
    assert_int_equal(used, 3); /* head, content, Finished of the handshake */
    assert_ok(httpa_aead_init(&a, p.crypto, httpa_suite_at(0),
                              httpa_slice_of(key, 16)));
    for (int i = 0; i < 2; i++) {
        assert_ok(httpa_aead_seal(&a, nonce, httpa_aead_one(none),
                                  httpa_aead_one(none), tag));
    }
    httpa_aead_done(&a);
    assert_int_equal(sealings.used, used + 1);
    assert_int_equal(repeated, 1);
    repeated = 0;
    finish(&p);
}

static void one_request(struct pair *p, bool answer)
{
    struct pair_message m;
    struct httpa_trusted *x = NULL;
    struct pair_seen got = { 0 };
    struct httpa_outer outer;
    struct httpa_buf out = httpa_buf_growing(65536);
    pair_send(p, "POST", "/", httpa_slice_str("body"), &m);
    assert_ok(pair_open(p, &m, &x));
    assert_ok(pair_read(pair_read_trusted, x, httpa_buf_slice(&m.records),
                        1u << 16, &got));
    if (answer) {
        pair_reply(x, 200, httpa_slice_str("answer"), &outer, &out);
    } else {
        assert_ok(
            httpa_trusted_refuse(x, HTTPA_ERR_IO, PAIR_NOW, &outer, &out));
    }
    httpa_trusted_free(x);
    pair_message_done(&m);
    httpa_buf_done(&got.content);
    httpa_buf_done(&out);
}

static void a_hundred_thousand_requests_on_one_base(void **state)
{
    struct pair p;
    (void)state;
    start(&p);
    size_t used = sealings.used;
    for (int i = 0; i < 100000; i++) {
        one_request(&p, i % 7 != 0);
    }
    /* Ticket, two records; binder, two records, or one in a refusal. */
    assert_int_equal(sealings.used - used, 100000u * 6 - 14286);
    finish(&p);
}

/* 405 then POST: a retry is another number (doc/protocol.md 9.4). */
static void a_retry_is_another_number(void **state)
{
    struct pair p;
    (void)state;
    start(&p);
    for (int i = 0; i < 100; i++) {
        struct pair_message first;
        struct pair_message second;
        pair_send(&p, "POST", "/", httpa_slice_str("same"), &first);
        pair_send(&p, "POST", "/", httpa_slice_str("same"), &second);
        assert_int_not_equal(httpa_request_number(first.request),
                             httpa_request_number(second.request));
        pair_message_done(&first);
        pair_message_done(&second);
    }
    finish(&p);
}

struct race {
    struct pair *p;
    struct pair_message *m;
    _Atomic int won;
    _Atomic int refused;
};

static void *present(void *arg)
{
    struct race *r = arg;
    struct httpa_head head = pair_outer(&r->m->outer, "POST");
    struct httpa_trusted *x = NULL;
    enum httpa_err err = httpa_service_open(r->p->service, &head, PAIR_NOW, &x);
    if (err == HTTPA_OK) {
        struct httpa_outer outer;
        struct httpa_buf out = httpa_buf_growing(4096);
        r->won++;
        if (httpa_trusted_refuse(x, HTTPA_ERR_HEAD, PAIR_NOW, &outer, &out) !=
            HTTPA_OK) {
            r->won += 100;
        }
        httpa_buf_done(&out);
        httpa_trusted_free(x);
    } else if (err == HTTPA_ERR_REPLAY) {
        r->refused++;
    }
    return NULL;
}

static void a_hundred_threads_with_one_request(void **state)
{
    struct pair p;
    struct pair_message m;
    pthread_t threads[100];
    (void)state;
    start(&p);
    for (int round = 0; round < 20; round++) {
        pair_send(&p, "POST", "/", httpa_slice_str("once"), &m);
        struct race r = { .p = &p, .m = &m };
        for (size_t i = 0; i < COUNT(threads); i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, present, &r), 0);
        }
        for (size_t i = 0; i < COUNT(threads); i++) {
            pthread_join(threads[i], NULL);
        }
        assert_int_equal(r.won, 1);
        assert_int_equal(r.refused, 99);
        pair_message_done(&m);
    }
    finish(&p);
}

/* 64 open at once, answered in another order. */
static void parallel_and_out_of_order(void **state)
{
    struct pair p;
    struct pair_message m[64];
    struct httpa_trusted *x[64] = { 0 };
    (void)state;
    start(&p);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < 64; i++) {
            pair_send(&p, "GET", "/", (struct httpa_slice){ 0 }, &m[i]);
        }
        for (size_t i = 0; i < 64; i++) {
            size_t k = (i * 37 + 11) % 64;
            assert_ok(pair_open(&p, &m[k], &x[k]));
        }
        for (size_t i = 0; i < 64; i++) {
            size_t k = (i * 23 + 5) % 64;
            struct pair_seen got = { 0 };
            struct httpa_outer outer;
            struct httpa_buf out = httpa_buf_growing(4096);
            assert_ok(pair_read(pair_read_trusted, x[k],
                                httpa_buf_slice(&m[k].records), 4096, &got));
            pair_reply(x[k], 200, httpa_slice_str("ok"), &outer, &out);
            assert_ok(httpa_request_answer(m[k].request, &outer.head));
            httpa_trusted_free(x[k]);
            pair_message_done(&m[k]);
            httpa_buf_done(&got.content);
            httpa_buf_done(&out);
            x[k] = NULL;
        }
    }
    finish(&p);
}

/* Kill and restart: every base is gone, and new ones have new keys. */
static void a_restart_makes_new_keys(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        struct pair p;
        start(&p);
        one_request(&p, true);
        assert_ok(pair_attest(&p, "demo"));
        one_request(&p, true);
        finish(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repetition_would_be_seen),
        cmocka_unit_test(a_retry_is_another_number),
        cmocka_unit_test(a_hundred_threads_with_one_request),
        cmocka_unit_test(parallel_and_out_of_order),
        cmocka_unit_test(a_restart_makes_new_keys),
        cmocka_unit_test(a_hundred_thousand_requests_on_one_base),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(sealings.slots);
    return failed;
}
