#include "unit/session/message_test.h"

static uint8_t wire[1 << 19];
static uint8_t events[1 << 18];
static uint8_t content[200000];

/* Lengths of the records in |in|, and whether the last alone is final. */
static size_t record_lengths(struct httpa_slice in, size_t *ret, size_t cap)
{
    size_t n = 0;
    while (in.n > 0) {
        struct httpa_record_header h;
        assert_true(in.n >= 4);
        assert_ok(httpa_record_header_read(in.p, &h));
        assert_true(in.n >= 4 + h.length && n < cap);
        in = httpa_slice_from(in, 4 + h.length);
        assert_int_equal(h.final, in.n == 0);
        ret[n++] = h.length;
    }
    return n;
}

/* However a content is cut into calls, the records are those that
 * Content-Length announced, and it arrives. */
static void length_does_not_depend_on_calls(void **state)
{
    static const size_t lengths[] = { 0,     1,     127,   1023,  16383,
                                      16384, 16385, 32768, 40000, 163840 };
    static const size_t cuts[] = { 1000, 16384, 16383, 1 << 20, 5, 40000 };
    (void)state;
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (uint8_t)('a' + i % 26);
    }
    for (size_t i = 0; i < COUNT(lengths); i++) {
        for (size_t k = 0; k < COUNT(cuts); k++) {
            struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
            struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
            struct httpa_slice left = httpa_slice_of(content, lengths[i]);
            writer_start(HTTPA_PADDING_DEFAULT);
            assert_ok(httpa_message_write_head(
                &writer, a_request("POST", NULL),
                left.n == 0 ? HTTPA_WRITE_END : HTTPA_WRITE_MORE, &out));
            size_t head_n = httpa_message_write_raw(&writer).n;
            while (left.n > 0) {
                size_t n = left.n < cuts[k] ? left.n : cuts[k];
                size_t before = out.n;
                size_t room = httpa_message_write_room(&writer, n);
                assert_ok(httpa_message_write_data(
                    &writer, httpa_slice_of(left.p, n),
                    n == left.n ? HTTPA_WRITE_END : HTTPA_WRITE_MORE, &out));
                assert_true(out.n - before <= room);
                left = httpa_slice_from(left, n);
            }
            assert_true(out.n == httpa_sealed_length(head_n, lengths[i],
                                                     HTTPA_PADDING_DEFAULT));
            reader_start(HTTPA_MESSAGE_REQUEST, "");
            assert_ok(read_all(httpa_buf_slice(&out), 7000, &log));
            assert_int_equal(log.n, lengths[i] + 2);
            assert_memory_equal(log.p + 1, content, lengths[i]);
        }
    }
}

static void a_flush_leaves_nothing_behind(void **state)
{
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    size_t lengths[8];
    (void)state;
    writer_start(HTTPA_PADDING_DEFAULT);
    assert_ok(httpa_message_write_head(&writer, a_request("POST", NULL),
                                       HTTPA_WRITE_MORE, &out));
    size_t n = out.n;
    assert_ok(httpa_message_write_data(&writer, httpa_slice_str("ab"),
                                       HTTPA_WRITE_MORE, &out));
    assert_int_equal(out.n, n); /* held back */
    assert_ok(httpa_message_write_data(&writer, httpa_slice_str("c"),
                                       HTTPA_WRITE_FLUSH, &out));
    assert_int_equal(out.n, n + 148);
    assert_ok(httpa_message_write_data(&writer, (struct httpa_slice){ 0 },
                                       HTTPA_WRITE_FLUSH, &out));
    assert_int_equal(out.n, n + 148); /* nothing to flush */
    assert_ok(httpa_message_write_filler(&writer, &out));
    assert_ok(httpa_message_write_data(&writer, (struct httpa_slice){ 0 },
                                       HTTPA_WRITE_END, &out));
    assert_int_equal(
        record_lengths(httpa_buf_slice(&out), lengths, COUNT(lengths)), 4);
    struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_ok(read_all(httpa_buf_slice(&out), 3, &log));
    assert_slice_is(httpa_buf_slice(&log), "HabcFE");
}

static void trailers_are_last(void **state)
{
    static const char *const sum[] = { "x-sum", "1", NULL };
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
    (void)state;
    writer_start(HTTPA_PADDING_DEFAULT);
    assert_ok(httpa_message_write_filler(&writer, &out));
    assert_ok(httpa_message_write_head(&writer, a_request("POST", NULL),
                                       HTTPA_WRITE_MORE, &out));
    assert_ok(httpa_message_write_data(&writer, httpa_slice_str("ab"),
                                       HTTPA_WRITE_MORE, &out));
    assert_ok(httpa_message_write_trailers(
        &writer, &a_request("", sum)->fields, &out));
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_ok(read_all(httpa_buf_slice(&out), 100, &log));
    assert_slice_is(httpa_buf_slice(&log), "FHabTE");
}

static void calls_out_of_order_are_refused(void **state)
{
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    struct httpa_slice a = httpa_slice_str("a");
    (void)state;
    writer_start(HTTPA_PADDING_DEFAULT);
    assert_err(HTTPA_ERR_USAGE, httpa_message_write_data(
                                    &writer, a, HTTPA_WRITE_MORE, &out));
    assert_err(HTTPA_ERR_USAGE,
               httpa_message_write_trailers(
                   &writer, &a_request("", NULL)->fields, &out));
    assert_ok(httpa_message_write_head(&writer, a_request("GET", NULL),
                                       HTTPA_WRITE_END, &out));
    size_t n = out.n;
    assert_err(HTTPA_ERR_USAGE,
               httpa_message_write_head(&writer, a_request("GET", NULL),
                                        HTTPA_WRITE_END, &out));
    assert_err(HTTPA_ERR_USAGE, httpa_message_write_data(
                                    &writer, a, HTTPA_WRITE_END, &out));
    assert_err(HTTPA_ERR_USAGE, httpa_message_write_filler(&writer, &out));
    assert_int_equal(out.n, n);
}

/* No index is ever used twice, so a failed write ends the message. */
static void a_failed_write_is_for_good(void **state)
{
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    struct httpa_buf small = httpa_buf_fixed(wire, 100);
    (void)state;
    writer_start(HTTPA_PADDING_DEFAULT);
    assert_ok(httpa_message_write_head(&writer, a_request("POST", NULL),
                                       HTTPA_WRITE_MORE, &out));
    assert_err(HTTPA_ERR_SPACE,
               httpa_message_write_data(&writer, httpa_slice_str("a"),
                                        HTTPA_WRITE_FLUSH, &small));
    assert_err(HTTPA_ERR_SPACE,
               httpa_message_write_data(&writer, httpa_slice_str("a"),
                                        HTTPA_WRITE_FLUSH, &out));
    struct httpa_head *bad = a_request("POST", NULL);
    bad->fields.v[0] = (struct httpa_field){ { 0 }, { 0 } };
    bad->fields.n = 1;
    writer_start(HTTPA_PADDING_DEFAULT);
    assert_err(HTTPA_ERR_RANGE,
               httpa_message_write_head(&writer, bad, HTTPA_WRITE_END, &out));
    assert_err(HTTPA_ERR_RANGE, httpa_message_write_filler(&writer, &out));
}

/* Sizes of a stream of tokens tell multiples of 128 only. */
static void small_records_look_alike(void **state)
{
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    size_t lengths[64];
    (void)state;
    writer_start(HTTPA_PADDING_DEFAULT);
    assert_ok(httpa_message_write_head(&writer, a_request("POST", NULL),
                                       HTTPA_WRITE_FLUSH, &out));
    for (size_t i = 1; i < 60; i++) {
        assert_ok(httpa_message_write_data(
            &writer, httpa_slice_of(content, i), HTTPA_WRITE_FLUSH, &out));
    }
    assert_ok(httpa_message_write_data(&writer, (struct httpa_slice){ 0 },
                                       HTTPA_WRITE_END, &out));
    size_t n = record_lengths(httpa_buf_slice(&out), lengths, COUNT(lengths));
    assert_int_equal(n, 61);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal((lengths[i] - 16) % 128, 0);
    }
}

/* Half a message before leaves nothing in the next one. */
static void objects_are_used_again(void **state)
{
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
    (void)state;
    writer_start(HTTPA_PADDING_DEFAULT);
    assert_ok(httpa_message_write_head(&writer, a_request("POST", NULL),
                                       HTTPA_WRITE_MORE, &out));
    assert_ok(httpa_message_write_data(&writer, httpa_slice_str("left"),
                                       HTTPA_WRITE_MORE, &out));
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_err(HTTPA_ERR_TRUNCATED,
               read_all(httpa_slice_of(out.p, out.n - 9), 5, &log));
    httpa_buf_reset(&out);
    httpa_buf_reset(&log);
    writer_start(HTTPA_PADDING_DEFAULT);
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_ok(httpa_message_write_head(&writer, a_request("GET", NULL),
                                       HTTPA_WRITE_FLUSH, &out));
    assert_ok(httpa_message_write_data(&writer, httpa_slice_str("new"),
                                       HTTPA_WRITE_END, &out));
    assert_ok(read_all(httpa_buf_slice(&out), 5, &log));
    assert_slice_is(httpa_buf_slice(&log), "HnewE");
}

static void the_end_of_a_key_ends_the_message(void **state)
{
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    struct httpa_meter meter;
    (void)state;
    struct httpa_lane_start s = lane_start(&lane_keys.client, 1, test_bind());
    httpa_meter_init(&meter, lane_keys.client.suite);
    s.meter = &meter;
    assert_ok(httpa_message_writer_init(&writer, &s, HTTPA_PADDING_NONE));
    assert_ok(httpa_message_write_head(&writer, a_request("POST", NULL),
                                       HTTPA_WRITE_MORE, &out));
    atomic_store(&meter.used, meter.suite->budget - 5);
    size_t n = out.n;
    assert_err(HTTPA_ERR_REKEY,
               httpa_message_write_data(&writer, httpa_slice_str("abcdefghijk"
                                                                 "lmnopqr"),
                                        HTTPA_WRITE_END, &out));
    assert_int_equal(out.n, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(length_does_not_depend_on_calls),
        cmocka_unit_test(a_flush_leaves_nothing_behind),
        cmocka_unit_test(trailers_are_last),
        cmocka_unit_test(calls_out_of_order_are_refused),
        cmocka_unit_test(a_failed_write_is_for_good),
        cmocka_unit_test(small_records_look_alike),
        cmocka_unit_test(objects_are_used_again),
        cmocka_unit_test(the_end_of_a_key_ends_the_message),
    };
    return cmocka_run_group_tests(tests, lane_setup, message_teardown);
}
