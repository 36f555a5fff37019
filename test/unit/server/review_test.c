/*
 * What a hostile second reader found once: each test failed before its fix.
 */
#include "client/request.h"
#include "server/trusted.h"
#include "support/pair.h"

static const struct httpa_slice nothing;

static void head_of(struct httpa_head *head, struct httpa_field *room,
                    size_t cap, const char *method)
{
    httpa_head_init(head, room, cap);
    head->is_request = true;
    head->method = httpa_slice_str(method);
    head->path = httpa_slice_str("/");
}

/* A key that is used up makes no binder, and then seals nothing at all. */
static void after_a_failed_binder_nothing_is_sealed(void **state)
{
    struct pair p;
    struct pair_message m;
    struct httpa_trusted *x = NULL;
    struct httpa_outer outer;
    struct httpa_head head;
    struct httpa_buf out = httpa_buf_growing(65536);
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    pair_send(&p, "POST", "/", httpa_slice_str("x"), &m);
    assert_ok(pair_open(&p, &m, &x));
    struct httpa_meter *meter = &x->accepted.base->server;
    atomic_store(&meter->used, meter->suite->budget);
    httpa_head_init(&head, NULL, 0);
    head.status = 404;
    assert_err(HTTPA_ERR_REKEY,
               httpa_trusted_reply(x, &head, 0, PAIR_NOW, &outer, &out));
    assert_err(HTTPA_ERR_REKEY, httpa_trusted_reply_filler(x, &out));
    assert_int_not_equal(HTTPA_OK,
                         httpa_trusted_refuse(x, HTTPA_ERR_HEAD, PAIR_NOW,
                                              &outer, &out));
    assert_int_equal(out.n, 0);
    httpa_trusted_free(x);
    pair_message_done(&m);

    /* The same at the client. */
    struct httpa_request *r = NULL;
    meter = &p.session->base.client;
    assert_ok(httpa_request_new(p.session, PAIR_NOW, &r));
    atomic_store(&meter->used, meter->suite->budget);
    head_of(&head, NULL, 0, "POST");
    assert_err(HTTPA_ERR_REKEY,
               httpa_request_begin(r, &head, 5,
                                   (struct httpa_clear_names){ 0 }, &outer,
                                   &out));
    assert_err(HTTPA_ERR_REKEY, httpa_request_filler(r, &out));
    assert_int_equal(out.n, 0);
    httpa_request_free(r);
    httpa_buf_done(&out);
    pair_done(&p);
}

/* A terminating request that is damaged ends nothing, and is not told that
 * it did. */
static void a_termination_that_did_not_happen_is_not_confirmed(void **state)
{
    struct pair p;
    struct pair_message m = { .records = httpa_buf_growing(65536) };
    struct httpa_trusted *x = NULL;
    struct httpa_outer outer;
    struct httpa_head head;
    struct pair_seen seen = { 0 };
    struct pair_seen got = { 0 };
    struct httpa_buf out = httpa_buf_growing(65536);
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    head_of(&head, NULL, 0, "POST");
    assert_ok(httpa_request_new(p.session, PAIR_NOW, &m.request));
    assert_ok(httpa_request_terminate(m.request));
    assert_ok(httpa_request_begin(m.request, &head, 5,
                                  (struct httpa_clear_names){ 0 }, &m.outer,
                                  &m.records));
    assert_ok(httpa_request_data(m.request, httpa_slice_str("hello"), false,
                                 &m.records));
    assert_ok(httpa_request_end(m.request, NULL, &m.records));
    m.records.p[m.records.n - 1] ^= 1;
    assert_ok(pair_open(&p, &m, &x));
    assert_err(HTTPA_ERR_TAG,
               pair_read(pair_read_trusted, x, httpa_buf_slice(&m.records),
                         100000, &seen));
    /* A success would say that it is done, so it has to wait. */
    struct httpa_head answer;
    httpa_head_init(&answer, NULL, 0);
    answer.status = 200;
    assert_err(HTTPA_ERR_ORDER,
               httpa_trusted_reply(x, &answer, HTTPA_LENGTH_UNKNOWN, PAIR_NOW,
                                   &outer, &out));
    assert_ok(httpa_trusted_refuse(x, HTTPA_ERR_HEAD, PAIR_NOW, &outer, &out));
    assert_ok(httpa_request_answer(m.request, &outer.head));
    assert_ok(pair_read(pair_read_request, m.request, httpa_buf_slice(&out),
                        100000, &got));
    assert_int_equal(p.session->base.state, HTTPA_BASE_OPEN);
    assert_int_equal(x->accepted.base->state, HTTPA_BASE_OPEN);
    httpa_trusted_free(x);
    pair_message_done(&m);
    httpa_buf_done(&seen.content);
    httpa_buf_done(&got.content);
    httpa_buf_done(&out);
    pair_done(&p);
}

/* An application's head that cannot be sealed costs the answer nothing. */
static void a_head_that_cannot_be_sealed_can_be_refused(void **state)
{
    static char big[40000];
    const struct httpa_slice bad[] = { httpa_slice_str("a\x01\n b"),
                                       httpa_slice_of(big, sizeof(big)) };
    (void)state;
    memset(big, 'v', sizeof(big));
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct pair p;
        struct pair_message m;
        struct httpa_trusted *x = NULL;
        struct httpa_outer outer = { 0 };
        struct httpa_field room[1];
        struct httpa_head head;
        struct pair_seen got = { 0 };
        struct httpa_buf out = httpa_buf_growing(65536);
        pair_init(&p);
        assert_ok(pair_attest(&p, "demo"));
        pair_send(&p, "GET", "/", nothing, &m);
        assert_ok(pair_open(&p, &m, &x));
        httpa_head_init(&head, room, 1);
        head.status = 200;
        assert_ok(httpa_fields_add(&head.fields, httpa_slice_str("x-a"),
                                   bad[i]));
        assert_err(HTTPA_ERR_HEAD,
                   httpa_trusted_reply(x, &head, 3, PAIR_NOW, &outer, &out));
        assert_false(httpa_trusted_reply_begun(x));
        assert_ok(
            httpa_trusted_refuse(x, HTTPA_ERR_IO, PAIR_NOW, &outer, &out));
        assert_ok(httpa_request_answer(m.request, &outer.head));
        assert_ok(pair_read(pair_read_request, m.request,
                            httpa_buf_slice(&out), 64, &got));
        assert_int_equal(got.status, 502);
        httpa_trusted_free(x);
        pair_message_done(&m);
        httpa_buf_done(&got.content);
        httpa_buf_done(&out);
        pair_done(&p);
    }
}

/* A handshake that was under way when the service began to drain. */
static void no_base_is_made_while_draining(void **state)
{
    struct pair p;
    struct httpa_hello *hello = NULL;
    struct httpa_handshake *hs = NULL;
    struct httpa_buf content = httpa_buf_growing(400000);
    (void)state;
    pair_init(&p);
    assert_ok(httpa_hello_new(&p.client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &hello));
    struct httpa_head head = pair_outer(httpa_hello_outer(hello), "ATTEST");
    assert_ok(httpa_service_handshake(p.service, &head,
                                      httpa_hello_content(hello), PAIR_NOW,
                                      NULL, &hs));
    httpa_service_drain(p.service, PAIR_NOW, 10);
    struct httpa_evidence e =
        pair_quote(&p, httpa_handshake_report_data(hs), "demo");
    assert_err(HTTPA_ERR_BUSY, httpa_handshake_finish(hs, &e, NULL,
                                                      PAIR_NOW, &content));
    assert_int_equal(content.n, 0);
    httpa_handshake_free(hs);
    httpa_hello_free(hello);
    httpa_buf_done(&content);
    pair_done(&p);
}

/* A `fresh` item that nobody can judge makes nothing fresh. */
static void an_unknown_item_does_not_lengthen_a_session(void **state)
{
    struct pair p;
    struct httpa_hello *hello = NULL;
    struct httpa_handshake *hs = NULL;
    struct httpa_key *key = NULL;
    uint8_t rd[64];
    struct httpa_buf content = httpa_buf_growing(400000);
    (void)state;
    pair_init(&p);
    p.policy.binding = (struct httpa_binding_policy){
        .fresh = true, .key = true, .key_max_age_s = 200,
        .insecure_key_unproven = true,
    };
    assert_ok(httpa_key_generate(p.crypto, HTTPA_KEY_P256, &key));
    assert_ok(httpa_service_key_report_data(p.service, key, PAIR_NOW,
                                            PAIR_NOW + 100, rd));
    struct httpa_quote_key quote_key = { .key = key,
                                         .not_before_s = PAIR_NOW,
                                         .not_after_s = PAIR_NOW + 100,
                                         .evidence =
                                             pair_quote(&p, rd, "demo") };
    struct httpa_evidence junk = {
        .media_type = httpa_slice_str("application/vnd.example.unknown"),
        .value = httpa_slice_str("junk"),
        .binding = HTTPA_BINDING_FRESH,
    };
    assert_ok(httpa_hello_new(&p.client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &hello));
    struct httpa_head head = pair_outer(httpa_hello_outer(hello), "ATTEST");
    assert_ok(httpa_service_handshake(p.service, &head,
                                      httpa_hello_content(hello), PAIR_NOW,
                                      &quote_key, &hs));
    assert_ok(httpa_handshake_finish(hs, &junk, NULL, PAIR_NOW, &content));
    enum httpa_err err = httpa_hello_answer(
        hello, &httpa_handshake_outer(hs)->head, httpa_buf_slice(&content),
        PAIR_NOW, &p.session);
    if (err == HTTPA_OK) {
        assert_true(p.session->base.expires_s <= PAIR_NOW + 100);
    }
    httpa_handshake_free(hs);
    httpa_hello_free(hello);
    httpa_buf_done(&content);
    pair_done(&p);
    httpa_key_free(key);
}

/* Secrets are not part of this version: refused, and the base is gone. */
static void secrets_are_never_passed_off_as_taken(void **state)
{
    struct pair p;
    struct pair_message m = { .records = httpa_buf_growing(65536) };
    struct httpa_trusted *x = NULL;
    struct httpa_head head;
    struct pair_seen seen = { 0 };
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    head_of(&head, NULL, 0, "ATTEST");
    assert_ok(httpa_request_new(p.session, PAIR_NOW, &m.request));
    assert_ok(httpa_ahl_set(&m.request->sealed, HTTPA_FIELD_SECRETS,
                            httpa_slice_str(":AAAA:")));
    assert_ok(httpa_request_begin(m.request, &head, 0,
                                  (struct httpa_clear_names){ 0 }, &m.outer,
                                  &m.records));
    assert_ok(pair_open(&p, &m, &x));
    assert_err(HTTPA_ERR_SECRET,
               pair_read(pair_read_trusted, x, httpa_buf_slice(&m.records),
                         100000, &seen));
    assert_int_equal(x->accepted.base->state, HTTPA_BASE_CLOSING);
    httpa_trusted_free(x);
    pair_message_done(&m);
    httpa_buf_done(&seen.content);
    pair_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_failed_binder_nothing_is_sealed),
        cmocka_unit_test(a_termination_that_did_not_happen_is_not_confirmed),
        cmocka_unit_test(a_head_that_cannot_be_sealed_can_be_refused),
        cmocka_unit_test(no_base_is_made_while_draining),
        cmocka_unit_test(an_unknown_item_does_not_lengthen_a_session),
        cmocka_unit_test(secrets_are_never_passed_off_as_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
