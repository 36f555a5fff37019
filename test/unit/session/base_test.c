#include "session/base.h"

#include "support/lane.h"

static struct httpa_base base;

static void start(int64_t idle_s)
{
    struct httpa_base_start s = { .keys = &lane_keys,
                                  .target = httpa_slice_str("https://a"),
                                  .now_s = 1000,
                                  .max_age_s = 60,
                                  .idle_s = idle_s };
    assert_ok(httpa_base_id_read(
        httpa_slice_str("r1.AAECAwQFBgcICQoLDA0ODw"), &s.id));
    httpa_base_init(&base, &s);
}

static void ages(void **state)
{
    (void)state;
    start(0);
    assert_int_equal(base.state, HTTPA_BASE_OPEN);
    assert_false(httpa_base_expired(&base, 1059));
    assert_true(httpa_base_expired(&base, 1060));
    httpa_base_shorten(&base, 1000, 100); /* never later */
    assert_false(httpa_base_expired(&base, 1059));
    assert_true(httpa_base_expired(&base, 1060));
    httpa_base_shorten(&base, 1000, 10);
    assert_true(httpa_base_expired(&base, 1010));
    start(5);
    assert_false(httpa_base_expired(&base, 1004));
    assert_true(httpa_base_expired(&base, 1005));
    base.used_s = 1004;
    assert_false(httpa_base_expired(&base, 1008));
}

static void lanes_have_their_own_key(void **state)
{
    (void)state;
    start(0);
    struct httpa_lane_start c =
        httpa_base_lane_client(&base, lane_crypto, 3, httpa_slice_str("x"));
    struct httpa_lane_start s =
        httpa_base_lane_server(&base, lane_crypto, 3, httpa_slice_str("x"));
    assert_int_equal(c.n, 3);
    assert_memory_equal(c.traffic->key, lane_keys.client.key, 16);
    assert_memory_equal(s.traffic->key, lane_keys.server.key, 16);
    assert_ptr_equal(c.meter, &base.client);
    assert_ptr_equal(s.meter, &base.server);
}

static void done_leaves_nothing(void **state)
{
    const uint8_t *bytes = (const uint8_t *)&base;
    (void)state;
    start(0);
    httpa_base_done(&base);
    for (size_t i = 0; i < sizeof(base); i++) {
        assert_int_equal(bytes[i], 0);
    }
}

/* A million idle bases in a gibibyte: the base, and two words of the table
 * for each at most. */
static void an_idle_base_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct httpa_base) + 2 * sizeof(void *) <= 1024);
    print_message("struct httpa_base: %zu bytes\n", sizeof(base));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ages),
        cmocka_unit_test(lanes_have_their_own_key),
        cmocka_unit_test(done_leaves_nothing),
        cmocka_unit_test(an_idle_base_is_small),
    };
    return cmocka_run_group_tests(tests, lane_setup, lane_teardown);
}
