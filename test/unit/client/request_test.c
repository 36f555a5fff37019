#include "support/pair.h"

/* The Content-Length of an outer head. */
static size_t length_of(const struct httpa_outer *outer)
{
    char digits[24] = { 0 };
    const struct httpa_field *f =
        httpa_fields_find(&outer->head.fields, "content-length");
    assert_non_null(f);
    assert_true(f->value.n < sizeof(digits));
    memcpy(digits, f->value.p, f->value.n);
    return strtoull(digits, NULL, 10);
}

/* One request there and back, fed in pieces of |step| bytes. */
static void round_trip(struct pair *p, size_t body_len, size_t step)
{
    uint8_t *body = malloc(body_len + 1);
    assert_non_null(body);
    for (size_t i = 0; i < body_len; i++) {
        body[i] = (uint8_t)(i * 7);
    }
    struct httpa_slice sent = httpa_slice_of(body, body_len);
    struct pair_message m;
    struct httpa_trusted *x = NULL;
    struct pair_seen request = { 0 };
    struct pair_seen answer = { 0 };
    struct httpa_outer outer;
    struct httpa_buf out = httpa_buf_growing(16u << 20);

    pair_send(p, "POST", "/v1/chat?q=1", sent, &m);
    assert_ok(pair_open(p, &m, &x));
    assert_ok(pair_read(pair_read_trusted, x, httpa_buf_slice(&m.records),
                        step, &request));
    assert_ok(httpa_trusted_read_end(x));
    assert_true(request.complete && httpa_trusted_request_complete(x));
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.path, "/v1/chat?q=1");
    assert_true(httpa_slice_equal(httpa_buf_slice(&request.content), sent));

    pair_reply(x, 200, sent, &outer, &out);
    assert_ok(httpa_request_answer(m.request, &outer.head));
    assert_ok(pair_read(pair_read_request, m.request, httpa_buf_slice(&out),
                        step, &answer));
    assert_ok(httpa_request_read_end(m.request));
    assert_int_equal(answer.status, 200);
    assert_true(httpa_slice_equal(httpa_buf_slice(&answer.content), sent));

    /* The outer Content-Length is the length, to the byte. */
    assert_int_equal(length_of(&outer), out.n);
    assert_int_equal(length_of(&m.outer), m.records.n);

    httpa_trusted_free(x);
    pair_message_done(&m);
    httpa_buf_done(&request.content);
    httpa_buf_done(&answer.content);
    httpa_buf_done(&out);
    free(body);
}

static void bodies_of_all_sizes_in_pieces_of_all_sizes(void **state)
{
    static const size_t bodies[] = { 0,     1,     100,   1023,  1024,
                                     16383, 16384, 16385, 32768, 100000 };
    static const size_t steps[] = { 1, 7, 4096, 1u << 20 };
    struct pair p;
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    for (size_t b = 0; b < COUNT(bodies); b++) {
        for (size_t s = 0; s < COUNT(steps); s++) {
            round_trip(&p, bodies[b], steps[s]);
        }
    }
    pair_done(&p);
}

static void an_answer_fits_its_own_request_only(void **state)
{
    struct pair p;
    struct pair_message a;
    struct pair_message b;
    struct httpa_trusted *xa = NULL;
    struct httpa_trusted *xb = NULL;
    struct pair_seen seen = { 0 };
    struct pair_seen other = { 0 };
    struct httpa_outer outer_a;
    struct httpa_outer outer_b;
    struct httpa_buf out = httpa_buf_growing(1u << 20);
    struct httpa_slice none = { 0 };
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    pair_send(&p, "GET", "/a", none, &a);
    pair_send(&p, "GET", "/b", none, &b);
    assert_ok(pair_open(&p, &a, &xa));
    assert_ok(pair_open(&p, &b, &xb));
    assert_ok(pair_read(pair_read_trusted, xa, httpa_buf_slice(&a.records),
                        4096, &seen));
    assert_ok(pair_read(pair_read_trusted, xb, httpa_buf_slice(&b.records),
                        4096, &other));
    pair_reply(xa, 200, httpa_slice_str("A"), &outer_a, &out);
    httpa_buf_reset(&out);
    pair_reply(xb, 200, httpa_slice_str("B"), &outer_b, &out);
    /* Swapped: the binder of one is not that of the other. */
    assert_err(HTTPA_ERR_BINDER,
               httpa_request_answer(a.request, &outer_b.head));
    assert_err(HTTPA_ERR_BINDER,
               httpa_request_answer(b.request, &outer_a.head));
    httpa_trusted_free(xa);
    httpa_trusted_free(xb);
    pair_message_done(&a);
    pair_message_done(&b);
    httpa_buf_done(&seen.content);
    httpa_buf_done(&other.content);
    httpa_buf_done(&out);
    pair_done(&p);
}

static void an_answer_without_binder_says_nothing(void **state)
{
    struct pair p;
    struct pair_message m;
    struct httpa_field room[2];
    struct httpa_head head;
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    pair_send(&p, "GET", "/", (struct httpa_slice){ 0 }, &m);
    static const unsigned statuses[] = { 200, 204, 301, 404, 500, 502 };
    for (size_t i = 0; i < COUNT(statuses); i++) {
        httpa_head_init(&head, room, 2);
        head.status = statuses[i];
        assert_err(HTTPA_ERR_BINDER, httpa_request_answer(m.request, &head));
    }
    head.status = 422;
    assert_ok(httpa_fields_add(&head.fields, httpa_slice_str("Attest-Error"),
                               httpa_slice_str("base-unknown;at=r2")));
    assert_err(HTTPA_ERR_REFUSED, httpa_request_answer(m.request, &head));
    assert_slice_is(httpa_refusal_token(&head), "base-unknown");
    pair_message_done(&m);
    pair_done(&p);
}

static void a_head_that_the_service_would_refuse_costs_nothing(void **state)
{
    static const struct {
        const char *method;
        const char *path;
        const char *why;
    } rows[] = {
        { "GET", "/a b", "space in the path" },
        { "GET", "a", "no leading slash" },
        { "GET", "/a#b", "fragment" },
        { "CONNECT", "/", "a tunnel" },
        { "TRACE", "/", "an echo of secrets" },
        { "GE T", "/", "no token" },
        { "GET", "", "empty" },
    };
    struct pair p;
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_request *r = NULL;
        struct httpa_head head;
        struct httpa_outer outer;
        struct httpa_buf out = httpa_buf_growing(4096);
        httpa_head_init(&head, NULL, 0);
        head.is_request = true;
        head.method = httpa_slice_str(rows[i].method);
        head.path = httpa_slice_str(rows[i].path);
        assert_ok(httpa_request_new(p.session, PAIR_NOW, &r));
        if (httpa_request_begin(r, &head, 0, (struct httpa_clear_names){ 0 },
                                &outer, &out) != HTTPA_ERR_HEAD) {
            fail_msg("accepted: %s", rows[i].why);
        }
        assert_int_equal(out.n, 0);
        httpa_request_free(r);
        httpa_buf_done(&out);
    }
    pair_done(&p);
}

static void a_session_ends(void **state)
{
    struct pair p;
    struct httpa_request *r = NULL;
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    assert_true(httpa_session_left_s(p.session, PAIR_NOW) > 3000);
    assert_slice_is(httpa_slice_of(httpa_session_name(p.session).p, 3), "r1.");
    assert_err(HTTPA_ERR_EXPIRED,
               httpa_request_new(p.session, PAIR_NOW + 3601, &r));
    assert_int_equal(httpa_session_left_s(p.session, PAIR_NOW + 3601), 0);
    pair_done(&p);
}

/* The policy's reattest_after ends it before the service does. */
static void evidence_stands_as_long_as_the_policy_says(void **state)
{
    struct pair p;
    struct httpa_request *r = NULL;
    (void)state;
    pair_init(&p);
    p.policy.binding.reattest_after_s = 600;
    assert_ok(pair_attest(&p, "demo"));
    assert_true(httpa_session_left_s(p.session, PAIR_NOW) <= 600);
    assert_ok(httpa_request_new(p.session, PAIR_NOW + 599, &r));
    httpa_request_free(r);
    r = NULL;
    assert_err(HTTPA_ERR_EXPIRED,
               httpa_request_new(p.session, PAIR_NOW + 601, &r));
    pair_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_of_all_sizes_in_pieces_of_all_sizes),
        cmocka_unit_test(an_answer_fits_its_own_request_only),
        cmocka_unit_test(an_answer_without_binder_says_nothing),
        cmocka_unit_test(a_head_that_the_service_would_refuse_costs_nothing),
        cmocka_unit_test(a_session_ends),
        cmocka_unit_test(evidence_stands_as_long_as_the_policy_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
