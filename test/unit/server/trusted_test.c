#include "support/pair.h"

static const struct httpa_slice nothing;

/* A request whose ticket verifies, opened. */
struct opened {
    struct pair p;
    struct pair_message m;
    struct httpa_trusted *x;
};

static void open_one(struct opened *o, const char *method,
                     struct httpa_slice body)
{
    pair_init(&o->p);
    o->x = NULL;
    assert_ok(pair_attest(&o->p, "demo"));
    pair_send(&o->p, method, "/x", body, &o->m);
    assert_ok(pair_open(&o->p, &o->m, &o->x));
}

static void close_one(struct opened *o)
{
    httpa_trusted_free(o->x);
    pair_message_done(&o->m);
    pair_done(&o->p);
}

static enum httpa_err read_all(struct opened *o)
{
    struct pair_seen seen = { 0 };
    enum httpa_err err = pair_read(pair_read_trusted, o->x,
                                   httpa_buf_slice(&o->m.records), 4096,
                                   &seen);
    httpa_buf_done(&seen.content);
    return err;
}

static void a_number_is_answered_once(void **state)
{
    struct opened o;
    struct httpa_trusted *again = NULL;
    (void)state;
    open_one(&o, "GET", nothing);
    for (int i = 0; i < 3; i++) {
        assert_err(HTTPA_ERR_REPLAY, pair_open(&o.p, &o.m, &again));
        assert_null(again);
    }
    assert_ok(read_all(&o));
    httpa_trusted_free(o.x);
    o.x = NULL;
    /* Done or not, its number stays used. */
    assert_err(HTTPA_ERR_REPLAY, pair_open(&o.p, &o.m, &again));
    struct httpa_service_stats stats;
    httpa_service_stats(o.p.service, &stats);
    assert_int_equal(stats.accepted, 1);
    assert_int_equal(stats.replays, 4);
    close_one(&o);
}

/* Until a ticket verifies there is one answer (doc/protocol.md 9.6). */
static void what_does_not_verify_is_base_unknown(void **state)
{
    struct opened o;
    struct httpa_trusted *x = NULL;
    (void)state;
    open_one(&o, "GET", nothing);
    for (size_t i = 0; i < o.m.outer.head.fields.n; i++) {
        struct httpa_field *f = &o.m.outer.fields[i];
        bool ticket = httpa_slice_is(f->name, "attest-ticket");
        bool id = httpa_slice_is(f->name, "attest-base-id");
        uint8_t copy[256];
        struct httpa_slice was = f->value;
        if (!ticket && !id) {
            continue;
        }
        for (size_t at = 0; at < was.n; at++) {
            memcpy(copy, was.p, was.n);
            copy[at] = copy[at] == 'A' ? 'B' : 'A';
            f->value = httpa_slice_of(copy, was.n);
            enum httpa_err err = pair_open(&o.p, &o.m, &x);
            if (err == HTTPA_OK || err == HTTPA_ERR_REPLAY) {
                fail_msg("%.*s byte %zu: %s", (int)f->name.n,
                         (const char *)f->name.p, at, httpa_err_name(err));
            }
        }
        f->value = was;
    }
    /* The base lives, and its window did not move. */
    assert_ok(read_all(&o));
    close_one(&o);
}

static void a_forged_number_moves_nothing(void **state)
{
    struct opened o;
    struct httpa_trusted *x = NULL;
    struct pair_message next;
    (void)state;
    open_one(&o, "GET", nothing);
    for (size_t i = 0; i < o.m.outer.head.fields.n; i++) {
        struct httpa_field *f = &o.m.outer.fields[i];
        if (httpa_slice_is(f->name, "attest-ticket")) {
            f->value = httpa_slice_str(
                "281474976710655;mac=:AAAAAAAAAAAAAAAAAAAAAA==:");
        }
    }
    assert_err(HTTPA_ERR_BASE_UNKNOWN, pair_open(&o.p, &o.m, &x));
    pair_send(&o.p, "GET", "/y", nothing, &next);
    assert_ok(pair_open(&o.p, &next, &x));
    httpa_trusted_free(x);
    pair_message_done(&next);
    close_one(&o);
}

static void a_changed_record_is_never_delivered(void **state)
{
    (void)state;
    struct opened probe;
    open_one(&probe, "POST", httpa_slice_str("hello"));
    size_t len = probe.m.records.n;
    close_one(&probe);
    for (size_t at = 0; at < len; at += 5) {
        struct opened o;
        open_one(&o, "POST", httpa_slice_str("hello"));
        o.m.records.p[at] ^= 0x10;
        struct pair_seen seen = { 0 };
        enum httpa_err err =
            pair_read(pair_read_trusted, o.x, httpa_buf_slice(&o.m.records),
                      999, &seen);
        assert_false(seen.complete);
        if (err == HTTPA_OK) {
            err = httpa_trusted_read_end(o.x);
        }
        assert_int_not_equal(err, HTTPA_OK);
        httpa_buf_done(&seen.content);
        close_one(&o);
    }
}

static void success_waits_for_the_whole_request(void **state)
{
    struct opened o;
    struct httpa_outer outer;
    struct httpa_head head;
    struct httpa_buf out = httpa_buf_growing(1u << 20);
    size_t used;
    struct httpa_event event;
    (void)state;
    open_one(&o, "POST", httpa_slice_str("hello"));
    httpa_head_init(&head, NULL, 0);
    head.status = 204;
    /* The first record alone: the head, not the end. */
    assert_ok(httpa_trusted_read(o.x, httpa_slice_of(o.m.records.p, 148),
                                 &used, &event));
    assert_int_equal(event.type, HTTPA_EVENT_HEAD);
    assert_err(HTTPA_ERR_ORDER,
               httpa_trusted_reply(o.x, &head, 0, PAIR_NOW, &outer, &out));
    assert_int_equal(out.n, 0);
    head.status = 200;
    assert_ok(httpa_trusted_reply(o.x, &head, HTTPA_LENGTH_UNKNOWN, PAIR_NOW,
                                  &outer, &out));
    assert_ok(httpa_trusted_reply_data(o.x, httpa_slice_str("early"), true,
                                       &out));
    assert_err(HTTPA_ERR_ORDER, httpa_trusted_reply_end(o.x, NULL, &out));
    close_one(&o);
    httpa_buf_done(&out);
}

static void a_refusal_is_sealed_and_final(void **state)
{
    static const struct {
        enum httpa_err why;
        unsigned status;
        const char *token;
    } rows[] = {
        { HTTPA_ERR_HEAD, 400, "head" },
        { HTTPA_ERR_INNER_TARGET, 421, "target" },
        { HTTPA_ERR_SEEN, 409, "seen" },
        { HTTPA_ERR_REKEY, 503, "rekey" },
        { HTTPA_ERR_IO, 502, "upstream" },
        { HTTPA_ERR_TIMEOUT, 504, "upstream" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct opened o;
        struct httpa_outer outer;
        struct pair_seen seen = { 0 };
        struct httpa_buf out = httpa_buf_growing(4096);
        open_one(&o, "GET", nothing);
        assert_ok(httpa_trusted_refuse(o.x, rows[i].why, PAIR_NOW, &outer,
                                       &out));
        assert_int_equal(outer.head.status, 200);
        assert_ok(httpa_request_answer(o.m.request, &outer.head));
        assert_ok(pair_read(pair_read_request, o.m.request,
                            httpa_buf_slice(&out), 64, &seen));
        assert_true(seen.complete);
        assert_int_equal(seen.status, rows[i].status);
        assert_slice_is(httpa_request_error_token(o.m.request),
                        rows[i].token);
        /* One answer per number. */
        assert_err(HTTPA_ERR_USAGE,
                   httpa_trusted_refuse(o.x, HTTPA_ERR_HEAD, PAIR_NOW, &outer,
                                        &out));
        httpa_buf_done(&seen.content);
        httpa_buf_done(&out);
        close_one(&o);
    }
}

static void fillers_come_before_the_head(void **state)
{
    struct opened o;
    struct httpa_outer outer;
    struct httpa_head head;
    struct pair_seen seen = { 0 };
    struct httpa_buf out = httpa_buf_growing(8192);
    (void)state;
    open_one(&o, "GET", nothing);
    assert_ok(read_all(&o));
    assert_ok(httpa_trusted_reply_early(o.x, &outer));
    assert_null(httpa_fields_find(&outer.head.fields, "content-length"));
    assert_true(httpa_trusted_reply_begun(o.x));
    assert_ok(httpa_trusted_reply_filler(o.x, &out));
    assert_ok(httpa_trusted_reply_filler(o.x, &out));
    httpa_head_init(&head, NULL, 0);
    head.status = 200;
    assert_ok(httpa_trusted_reply_head(o.x, &head, 2, PAIR_NOW, &out));
    assert_ok(httpa_trusted_reply_data(o.x, httpa_slice_str("ok"), false,
                                       &out));
    assert_ok(httpa_trusted_reply_end(o.x, NULL, &out));
    assert_ok(httpa_request_answer(o.m.request, &outer.head));
    assert_ok(pair_read(pair_read_request, o.m.request, httpa_buf_slice(&out),
                        33, &seen));
    assert_int_equal(seen.fillers, 2);
    assert_slice_is(httpa_buf_slice(&seen.content), "ok");
    httpa_buf_done(&seen.content);
    httpa_buf_done(&out);
    close_one(&o);
}

static void draining_is_announced_and_heard(void **state)
{
    struct opened o;
    struct httpa_outer outer;
    struct pair_seen seen = { 0 };
    struct httpa_buf out = httpa_buf_growing(8192);
    struct httpa_hello *hello = NULL;
    struct httpa_outer unused;
    (void)state;
    open_one(&o, "GET", nothing);
    assert_ok(read_all(&o));
    httpa_service_drain(o.p.service, PAIR_NOW, 20);
    pair_reply(o.x, 200, httpa_slice_str("bye"), &outer, &out);
    assert_true(httpa_session_left_s(o.p.session, PAIR_NOW) > 0);
    assert_ok(httpa_request_answer(o.m.request, &outer.head));
    assert_ok(pair_read(pair_read_request, o.m.request, httpa_buf_slice(&out),
                        4096, &seen));
    assert_int_equal(httpa_session_left_s(o.p.session, PAIR_NOW), 0);
    /* And no new base is made. */
    assert_ok(httpa_hello_new(&o.p.client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &hello));
    httpa_buf_reset(&out);
    assert_err(HTTPA_ERR_BUSY,
               pair_serve(&o.p, hello, "demo", &unused, &out));
    httpa_hello_free(hello);
    httpa_buf_done(&seen.content);
    httpa_buf_done(&out);
    close_one(&o);
}

static void a_terminated_base_takes_no_more(void **state)
{
    struct pair p;
    struct pair_message m = { 0 };
    struct httpa_trusted *x = NULL;
    struct httpa_head head;
    struct pair_seen seen = { 0 };
    struct pair_seen answer = { 0 };
    struct httpa_outer outer;
    struct httpa_buf out = httpa_buf_growing(8192);
    struct pair_message late;
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    pair_send(&p, "GET", "/late", nothing, &late);
    m.records = httpa_buf_growing(8192);
    httpa_head_init(&head, NULL, 0);
    head.is_request = true;
    head.method = httpa_slice_str("ATTEST");
    head.path = httpa_slice_str("/");
    assert_ok(httpa_request_new(p.session, PAIR_NOW, &m.request));
    assert_ok(httpa_request_terminate(m.request));
    assert_ok(httpa_request_begin(m.request, &head, 0,
                                  (struct httpa_clear_names){ 0 }, &m.outer,
                                  &m.records));
    assert_ok(pair_open(&p, &m, &x));
    assert_ok(pair_read(pair_read_trusted, x, httpa_buf_slice(&m.records),
                        4096, &seen));
    struct httpa_trusted_info info;
    httpa_trusted_info(x, &info);
    assert_true(info.is_atsp);
    assert_string_equal(info.origin, PAIR_ORIGIN);
    head.is_request = false;
    head.status = 204;
    assert_ok(httpa_trusted_reply(x, &head, 0, PAIR_NOW, &outer, &out));
    assert_ok(httpa_trusted_reply_end(x, NULL, &out));
    httpa_trusted_free(x);
    assert_ok(httpa_request_answer(m.request, &outer.head));
    assert_ok(pair_read(pair_read_request, m.request, httpa_buf_slice(&out),
                        4096, &answer));
    x = NULL;
    assert_err(HTTPA_ERR_BASE_UNKNOWN, pair_open(&p, &late, &x));
    struct httpa_request *more = NULL;
    assert_err(HTTPA_ERR_EXPIRED,
               httpa_request_new(p.session, PAIR_NOW, &more));
    pair_message_done(&late);
    pair_message_done(&m);
    httpa_buf_done(&seen.content);
    httpa_buf_done(&answer.content);
    httpa_buf_done(&out);
    pair_done(&p);
}

/* "Repeat unless the first try arrived" (doc/protocol.md 9.7). */
static void superseding_is_exact(void **state)
{
    struct pair p;
    struct pair_message first;
    struct pair_message lost;
    struct httpa_trusted *x = NULL;
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    pair_send(&p, "POST", "/pay", nothing, &first); /* 1: arrives */
    pair_send(&p, "POST", "/pay", nothing, &lost);  /* 2: does not */
    assert_ok(pair_open(&p, &first, &x));
    httpa_trusted_free(x);
    static const struct {
        uint64_t gives_up;
        enum httpa_err want;
    } rows[] = { { 1, HTTPA_ERR_SEEN }, { 2, HTTPA_OK } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pair_message m = { .records = httpa_buf_growing(8192) };
        struct httpa_head head;
        struct pair_seen seen = { 0 };
        httpa_head_init(&head, NULL, 0);
        head.is_request = true;
        head.method = httpa_slice_str("POST");
        head.path = httpa_slice_str("/pay");
        assert_ok(httpa_request_new(p.session, PAIR_NOW, &m.request));
        assert_ok(httpa_request_supersede(m.request, &rows[i].gives_up, 1));
        assert_ok(httpa_request_begin(m.request, &head, 0,
                                      (struct httpa_clear_names){ 0 },
                                      &m.outer, &m.records));
        x = NULL;
        assert_ok(pair_open(&p, &m, &x));
        assert_err(rows[i].want,
                   pair_read(pair_read_trusted, x,
                             httpa_buf_slice(&m.records), 4096, &seen));
        httpa_trusted_free(x);
        httpa_buf_done(&seen.content);
        pair_message_done(&m);
    }
    /* The late copy of what was given up is refused. */
    x = NULL;
    assert_err(HTTPA_ERR_REPLAY, pair_open(&p, &lost, &x));
    pair_message_done(&first);
    pair_message_done(&lost);
    pair_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_answered_once),
        cmocka_unit_test(what_does_not_verify_is_base_unknown),
        cmocka_unit_test(a_forged_number_moves_nothing),
        cmocka_unit_test(a_changed_record_is_never_delivered),
        cmocka_unit_test(success_waits_for_the_whole_request),
        cmocka_unit_test(a_refusal_is_sealed_and_final),
        cmocka_unit_test(fillers_come_before_the_head),
        cmocka_unit_test(draining_is_announced_and_heard),
        cmocka_unit_test(a_terminated_base_takes_no_more),
        cmocka_unit_test(superseding_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
