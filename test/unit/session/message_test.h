/* Messages in memory for the tests of reader and writer. */
#ifndef HTTPA_TEST_MESSAGE_H
#define HTTPA_TEST_MESSAGE_H

#include "session/message_read.h"
#include "session/message_write.h"
#include "support/lane.h"

#define TEST_TARGET "https://api.example.com"

static struct httpa_message_writer writer;
static struct httpa_message_reader reader;

static inline struct httpa_slice test_bind(void)
{
    return httpa_slice_str("0123456789abcdef");
}

static inline void writer_start(enum httpa_padding padding)
{
    struct httpa_lane_start s = lane_start(&lane_keys.client, 1, test_bind());
    assert_ok(httpa_message_writer_init(&writer, &s, padding));
}

static inline void reader_start(enum httpa_message_form form,
                                const char *method)
{
    struct httpa_lane_start s = lane_start(&lane_keys.client, 1, test_bind());
    struct httpa_message_expect expect = {
        .form = form,
        .target = httpa_slice_str(TEST_TARGET),
        .method = httpa_slice_str(method),
    };
    assert_ok(httpa_message_reader_init(&reader, &s, &expect));
}

/* A request for /v1 with up to four fields "name", "value", ... NULL. */
static inline struct httpa_head *a_request(const char *method,
                                           const char *const *fields)
{
    static struct httpa_field v[8];
    static struct httpa_head head;
    httpa_head_init(&head, v, COUNT(v));
    head.is_request = true;
    head.method = httpa_slice_str(method);
    head.scheme = httpa_slice_str("https");
    head.authority = httpa_slice_str("api.example.com");
    head.path = httpa_slice_str("/v1");
    for (; fields != NULL && *fields != NULL; fields += 2) {
        assert_ok(httpa_fields_add(&head.fields, httpa_slice_str(fields[0]),
                                   httpa_slice_str(fields[1])));
    }
    return &head;
}

static inline struct httpa_head *a_response(unsigned status,
                                            const char *const *fields)
{
    struct httpa_head *head = a_request("", fields);
    head->is_request = false;
    head->status = status;
    return head;
}

/* Reads |in| in pieces of |step| bytes and writes what happened to |log|:
 * H head, one letter of data per byte, F filler, T trailers, E end. */
static inline enum httpa_err read_all(struct httpa_slice in, size_t step,
                                      struct httpa_buf *log)
{
    while (in.n > 0) {
        struct httpa_slice piece =
            httpa_slice_of(in.p, in.n < step ? in.n : step);
        /* Exactly the piece, so that a sanitizer sees an over-read. */
        uint8_t *copy = exact_copy(piece.p, piece.n);
        struct httpa_slice left = httpa_slice_of(copy, piece.n);
        struct httpa_event e = { 0 };
        enum httpa_err err;
        in = httpa_slice_from(in, piece.n);
        do {
            e.type = HTTPA_EVENT_NONE;
            err = httpa_message_read(&reader, &left, &e);
            if (err == HTTPA_OK && e.type == HTTPA_EVENT_DATA) {
                httpa_buf_put_slice(log, e.data);
            } else if (err == HTTPA_OK && e.type != HTTPA_EVENT_NONE) {
                httpa_buf_put_byte(log, (uint8_t)"?H?FTE"[e.type]);
            }
        } while (err == HTTPA_OK && e.type != HTTPA_EVENT_NONE);
        free(copy);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    return httpa_message_read_end(&reader);
}

static inline int message_teardown(void **state)
{
    httpa_message_writer_done(&writer);
    httpa_message_reader_done(&reader);
    return lane_teardown(state);
}

#endif
