#include "support/test.h"

static void fixed_is_sticky(void **state)
{
    (void)state;
    uint8_t room[4];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_buf_put_str(&b, "abc");
    assert_ok(httpa_buf_check(&b));
    httpa_buf_put_str(&b, "de"); /* one too many: nothing of it is kept */
    assert_err(HTTPA_ERR_SPACE, httpa_buf_check(&b));
    httpa_buf_put_byte(&b, 'x'); /* would fit; dropped, since sticky */
    assert_slice_is(httpa_buf_slice(&b), "abc");
    httpa_buf_reset(&b);
    httpa_buf_put_str(&b, "four");
    assert_ok(httpa_buf_check(&b));
    httpa_buf_done(&b);
    assert_memory_equal(room, "\0\0\0\0", 4); /* wiped */
}

static void growing_stops_at_ceiling(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(1000);
    for (int i = 0; i < 1000; i++) {
        httpa_buf_put_byte(&b, (uint8_t)i);
    }
    assert_ok(httpa_buf_check(&b));
    assert_int_equal(b.n, 1000);
    assert_int_equal(b.p[999], (uint8_t)999);
    httpa_buf_put_byte(&b, 0);
    assert_err(HTTPA_ERR_SPACE, httpa_buf_check(&b));
    httpa_buf_done(&b);
    assert_null(b.p);
}

static void consume_and_cut(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(64);
    httpa_buf_put_str(&b, "hello world");
    httpa_buf_consume(&b, 6);
    assert_slice_is(httpa_buf_slice(&b), "world");
    httpa_buf_cut(&b, 1);
    assert_slice_is(httpa_buf_slice(&b), "w");
    httpa_buf_consume(&b, 99);
    assert_int_equal(b.n, 0);
    httpa_buf_consume(&b, 1); /* of an empty buffer: nothing happens */
    httpa_buf_done(&b);
}

static void room_is_written_by_the_caller(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(8);
    uint8_t *p = httpa_buf_room(&b, 8);
    assert_non_null(p);
    memcpy(p, "abcdefgh", 8);
    httpa_buf_grew(&b, 3);
    assert_slice_is(httpa_buf_slice(&b), "abc");
    assert_null(httpa_buf_room(&b, 6));
    assert_err(HTTPA_ERR_SPACE, httpa_buf_check(&b));
    httpa_buf_done(&b);
}

static void slices(void **state)
{
    (void)state;
    struct httpa_slice s = httpa_slice_str("Content-Type");
    assert_true(httpa_slice_is_nocase(s, "content-TYPE"));
    assert_false(httpa_slice_is_nocase(s, "content-typ"));
    assert_false(httpa_slice_is(s, "content-type"));
    assert_true(httpa_slice_starts(s, "Content"));
    assert_false(httpa_slice_starts(s, "Content-Type-Options"));
    assert_slice_is(httpa_slice_from(s, 8), "Type");
    assert_int_equal(httpa_slice_from(s, 99).n, 0);
    assert_true(httpa_slice_equal((struct httpa_slice){ 0 },
                                  httpa_slice_str("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_is_sticky),
        cmocka_unit_test(growing_stops_at_ceiling),
        cmocka_unit_test(consume_and_cut),
        cmocka_unit_test(room_is_written_by_the_caller),
        cmocka_unit_test(slices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
