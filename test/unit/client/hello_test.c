#include "support/pair.h"

static void an_honest_handshake_is_accepted(void **state)
{
    struct pair p;
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    assert_non_null(p.session);
    struct httpa_service_stats stats;
    httpa_service_stats(p.service, &stats);
    assert_int_equal(stats.handshakes, 1);
    assert_int_equal(stats.bases, 1);
    pair_done(&p);
}

/* Each row changes one thing that the policy or the client demands. */
static void other_measurement(struct pair *p)
{
    p->reference.value = httpa_value_str("another app");
}

static void other_pin(struct pair *p)
{
    p->pin[0][5] ^= 1;
}

static void other_root(struct pair *p)
{
    p->dev.root_spki = httpa_key_spki(p->service_key);
}

static void other_origin(struct pair *p)
{
    p->origins[0] = httpa_slice_str("https://elsewhere.example");
}

static void expired_policy(struct pair *p)
{
    p->policy.expires_s = PAIR_NOW - 1;
}

static void no_policy(struct pair *p)
{
    p->client.policy = NULL;
}

static void dev_not_allowed(struct pair *p)
{
    p->policy.insecure_dev_tee = false;
}

static void the_policy_decides(void **state)
{
    static const struct {
        void (*change)(struct pair *p);
        enum httpa_err want;
    } rows[] = {
        { other_measurement, HTTPA_ERR_APPRAISAL },
        { other_pin, HTTPA_ERR_IDENTITY },
        { other_root, HTTPA_ERR_APPRAISAL },
        { other_origin, HTTPA_ERR_NO_POLICY },
        { expired_policy, HTTPA_ERR_EXPIRED },
        { no_policy, HTTPA_ERR_NO_POLICY },
        { dev_not_allowed, HTTPA_ERR_CONFIG },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pair p;
        pair_init(&p);
        rows[i].change(&p);
        assert_err(rows[i].want, pair_attest(&p, "demo"));
        assert_null(p.session);
        pair_done(&p);
    }
}

/* An answer, kept so that it can be changed before it is judged. */
struct recorded {
    struct pair p;
    struct httpa_hello *hello;
    struct httpa_outer outer;
    struct httpa_buf content;
};

static void record(struct recorded *r)
{
    pair_init(&r->p);
    r->content = httpa_buf_growing(400000);
    assert_ok(httpa_hello_new(&r->p.client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &r->hello));
    assert_ok(pair_serve(&r->p, r->hello, "demo", &r->outer, &r->content));
}

static void forget(struct recorded *r)
{
    httpa_hello_free(r->hello);
    httpa_buf_done(&r->content);
    pair_done(&r->p);
}

static enum httpa_err judge(struct recorded *r)
{
    return httpa_hello_answer(r->hello, &r->outer.head,
                              httpa_buf_slice(&r->content), PAIR_NOW,
                              &r->p.session);
}

/* One hello judges one answer, so each bit needs a handshake of its own: a
 * sample of all bytes, every one of the first and last records. */
static void a_changed_byte_of_the_content_is_never_accepted(void **state)
{
    (void)state;
    struct recorded first;
    record(&first);
    size_t len = first.content.n;
    forget(&first);
    for (size_t at = 0; at < len; at += at < 64 || at > len - 160 ? 1 : 41) {
        struct recorded r;
        record(&r);
        size_t byte = at < r.content.n ? at : r.content.n - 1;
        r.content.p[byte] ^= (uint8_t)(1u << at % 8);
        assert_int_not_equal(judge(&r), HTTPA_OK);
        assert_null(r.p.session);
        forget(&r);
    }
}

static void a_cut_or_longer_answer_is_never_accepted(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 40; cut++) {
        struct recorded r;
        record(&r);
        httpa_buf_cut(&r.content, r.content.n - cut);
        assert_err(HTTPA_ERR_TRUNCATED, judge(&r));
        forget(&r);
    }
    struct recorded r;
    record(&r);
    httpa_buf_put_byte(&r.content, 0);
    assert_err(HTTPA_ERR_TRAILING, judge(&r));
    forget(&r);
}

/* Every byte of every Attest-* value of the clear head. */
static void a_changed_clear_field_is_never_accepted(void **state)
{
    (void)state;
    struct recorded first;
    record(&first);
    size_t fields = first.outer.head.fields.n;
    forget(&first);
    for (size_t i = 0; i < fields; i++) {
        for (size_t at = 0;; at += 3) {
            struct recorded r;
            record(&r);
            struct httpa_field *f = &r.outer.fields[i];
            bool done = !httpa_slice_starts(f->name, "attest-") ||
                        at >= f->value.n;
            if (!done) {
                r.outer.bytes[f->value.p - r.outer.bytes + (ptrdiff_t)at] ^= 1;
                assert_int_not_equal(judge(&r), HTTPA_OK);
            }
            forget(&r);
            if (done) {
                break;
            }
        }
    }
}

static void an_answer_is_judged_once(void **state)
{
    struct recorded r;
    (void)state;
    record(&r);
    struct httpa_session *second = NULL;
    const struct httpa_evidence *items;
    assert_int_equal(httpa_hello_shown(r.hello, &items), 0);
    assert_err(HTTPA_ERR_USAGE,
               httpa_hello_endorsed(r.hello, NULL, 0, PAIR_NOW, &second));
    assert_ok(judge(&r));
    assert_int_equal(httpa_hello_shown(r.hello, &items), 1);
    assert_err(HTTPA_ERR_USAGE,
               httpa_hello_endorsed(r.hello, NULL, 0, PAIR_NOW, &second));
    assert_err(HTTPA_ERR_USAGE,
               httpa_hello_answer(r.hello, &r.outer.head,
                                  httpa_buf_slice(&r.content), PAIR_NOW,
                                  &second));
    assert_null(second);
    forget(&r);
}

static void what_is_no_answer_is_said_to_be_none(void **state)
{
    struct recorded r;
    struct httpa_field room[1];
    struct httpa_head head;
    (void)state;
    record(&r);
    httpa_head_init(&head, room, 1);
    head.status = 404;
    assert_err(HTTPA_ERR_UNSUPPORTED,
               httpa_hello_answer(r.hello, &head, (struct httpa_slice){ 0 },
                                  PAIR_NOW, &r.p.session));
    assert_ok(httpa_fields_add(&head.fields, httpa_slice_str("attest-error"),
                               httpa_slice_str("target")));
    assert_err(HTTPA_ERR_REFUSED,
               httpa_hello_answer(r.hello, &head, (struct httpa_slice){ 0 },
                                  PAIR_NOW, &r.p.session));
    forget(&r);
}

/* Binding `key` (doc/protocol.md 6.3): a quote made once, its key signs. */
struct keyed {
    struct pair p;
    struct httpa_key *key;
    struct httpa_quote_key quote_key;
    struct httpa_outer outer;
    struct httpa_buf content;
};

static void keyed_init(struct keyed *k)
{
    uint8_t rd[64];
    pair_init(&k->p);
    k->content = httpa_buf_growing(400000);
    assert_ok(httpa_key_generate(k->p.crypto, HTTPA_KEY_P256, &k->key));
    k->quote_key = (struct httpa_quote_key){
        .key = k->key,
        .not_before_s = PAIR_NOW - 10,
        .not_after_s = PAIR_NOW + 290,
    };
    assert_ok(httpa_service_key_report_data(
        k->p.service, k->key, k->quote_key.not_before_s,
        k->quote_key.not_after_s, rd));
    k->quote_key.evidence = pair_quote(&k->p, rd, "demo");
    k->p.policy.binding = (struct httpa_binding_policy){
        .key = true, .key_max_age_s = 300, .reattest_after_s = 3600,
        .insecure_key_unproven = true,
    };
}

static enum httpa_err keyed_attest(struct keyed *k)
{
    struct httpa_hello *hello = NULL;
    struct httpa_handshake *hs = NULL;
    assert_ok(httpa_hello_new(&k->p.client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &hello));
    struct httpa_head head = pair_outer(httpa_hello_outer(hello), "POST");
    enum httpa_err err =
        httpa_service_handshake(k->p.service, &head,
                                httpa_hello_content(hello), PAIR_NOW,
                                &k->quote_key, &hs);
    if (err == HTTPA_OK) {
        assert_false(httpa_handshake_wants_quote(hs));
        err = httpa_handshake_finish(hs, NULL, NULL, PAIR_NOW,
                                     &k->content);
    }
    if (err == HTTPA_OK) {
        err = httpa_hello_answer(hello, &httpa_handshake_outer(hs)->head,
                                 httpa_buf_slice(&k->content), PAIR_NOW,
                                 &k->p.session);
    }
    httpa_handshake_free(hs);
    httpa_hello_free(hello);
    return err;
}

static void keyed_done(struct keyed *k)
{
    httpa_buf_done(&k->content);
    pair_done(&k->p);
    httpa_key_free(k->key);
}

static void proven(struct keyed *k)
{
    k->p.policy.binding.insecure_key_unproven = false;
}

static void too_long(struct keyed *k)
{
    k->p.policy.binding.key_max_age_s = 299;
}

static void ended(struct keyed *k)
{
    k->quote_key.not_after_s = PAIR_NOW;
}

static void times_not_quoted(struct keyed *k)
{
    k->quote_key.not_after_s -= 1;
}

static void other_key(struct keyed *k)
{
    k->quote_key.key = k->p.dev_key;
}

static void as_it_should_be(struct keyed *k)
{
    (void)k;
}

/* First by fresh evidence, the key shown beside it; then by the key alone. */
static void a_key_that_was_seen_is_proven(void **state)
{
    struct keyed k = { 0 };
    struct httpa_hello *hello = NULL;
    struct httpa_handshake *hs = NULL;
    struct httpa_seen_key seen = { 0 };
    struct httpa_buf fresh = httpa_buf_growing(400000);
    struct httpa_buf token = httpa_buf_growing(HTTPA_EAT_MAX);
    (void)state;
    keyed_init(&k);
    /* The next quote goes to the same buffer: keep this one. */
    httpa_buf_put_slice(&token, k.quote_key.evidence.value);
    k.quote_key.evidence.value = httpa_buf_slice(&token);
    k.p.policy.binding.insecure_key_unproven = false;
    k.p.policy.binding.fresh = true;
    assert_ok(httpa_hello_new(&k.p.client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &hello));
    struct httpa_head head = pair_outer(httpa_hello_outer(hello), "POST");
    assert_ok(httpa_service_handshake(k.p.service, &head,
                                      httpa_hello_content(hello), PAIR_NOW,
                                      &k.quote_key, &hs));
    assert_true(httpa_handshake_wants_quote(hs));
    struct httpa_evidence e =
        pair_quote(&k.p, httpa_handshake_report_data(hs), "demo");
    assert_ok(httpa_handshake_finish(hs, &e, NULL,
                                     PAIR_NOW, &fresh));
    assert_false(httpa_hello_seen_key(hello, &seen));
    assert_ok(httpa_hello_answer(hello, &httpa_handshake_outer(hs)->head,
                                 httpa_buf_slice(&fresh), PAIR_NOW,
                                 &k.p.session));
    assert_true(httpa_hello_seen_key(hello, &seen));
    httpa_handshake_free(hs);
    httpa_session_free(k.p.session);
    k.p.session = NULL;

    k.p.policy.binding.fresh = false;
    k.p.client.seen_keys = &seen;
    k.p.client.seen_key_count = 1;
    assert_ok(keyed_attest(&k));
    httpa_session_free(k.p.session);
    k.p.session = NULL;
    seen.seen_s = PAIR_NOW - 301; /* too long ago */
    httpa_buf_reset(&k.content);
    assert_err(HTTPA_ERR_APPRAISAL, keyed_attest(&k));
    seen.seen_s = PAIR_NOW + 1; /* a clock that went back */
    httpa_buf_reset(&k.content);
    assert_err(HTTPA_ERR_APPRAISAL, keyed_attest(&k));
    httpa_hello_free(hello);
    httpa_buf_done(&fresh);
    httpa_buf_done(&token);
    keyed_done(&k);
}

static void an_attested_key_signs(void **state)
{
    static const struct {
        void (*change)(struct keyed *k);
        enum httpa_err want;
        const char *why;
    } rows[] = {
        { as_it_should_be, HTTPA_OK, "honest" },
        { proven, HTTPA_ERR_APPRAISAL, "never seen beside fresh evidence" },
        { too_long, HTTPA_ERR_POLICY, "interval longer than accepted" },
        { ended, HTTPA_ERR_POLICY, "no live key to serve with" },
        { times_not_quoted, HTTPA_ERR_EVIDENCE, "interval changed" },
        { other_key, HTTPA_ERR_EVIDENCE, "another key than was quoted" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct keyed k = { 0 };
        keyed_init(&k);
        rows[i].change(&k);
        enum httpa_err got = keyed_attest(&k);
        if (got != rows[i].want) {
            fail_msg("%s: want %s, got %s", rows[i].why,
                     httpa_err_name(rows[i].want), httpa_err_name(got));
        }
        if (got == HTTPA_OK) {
            /* It ends when the key does. */
            assert_int_equal(
                httpa_session_left_s(k.p.session, PAIR_NOW + 290), 0);
        }
        keyed_done(&k);
    }
}

/* None of what the caller has at hand is left out unsaid. */
static void too_much_at_hand(void **state)
{
    static struct httpa_endorsement many[HTTPA_ENDORSEMENTS_MAX + 1];
    static struct httpa_activation machines[HTTPA_ACTIVATIONS_MAX + 1];
    struct pair p;
    struct httpa_hello *hello = NULL;
    (void)state;
    pair_init(&p);
    p.client.endorsements = many;
    p.client.endorsement_count = COUNT(many);
    assert_err(HTTPA_ERR_LIMIT,
               httpa_hello_new(&p.client, httpa_slice_str(PAIR_ORIGIN),
                               PAIR_NOW, &hello));
    assert_null(hello);
    p.client.endorsement_count--;
    p.client.activations = machines;
    p.client.activation_count = COUNT(machines);
    assert_err(HTTPA_ERR_LIMIT,
               httpa_hello_new(&p.client, httpa_slice_str(PAIR_ORIGIN),
                               PAIR_NOW, &hello));
    assert_null(hello);
    p.client.activation_count--;
    assert_ok(httpa_hello_new(&p.client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &hello));
    httpa_hello_free(hello);
    pair_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_handshake_is_accepted),
        cmocka_unit_test(the_policy_decides),
        cmocka_unit_test(too_much_at_hand),
        cmocka_unit_test(a_changed_byte_of_the_content_is_never_accepted),
        cmocka_unit_test(a_cut_or_longer_answer_is_never_accepted),
        cmocka_unit_test(a_changed_clear_field_is_never_accepted),
        cmocka_unit_test(an_answer_is_judged_once),
        cmocka_unit_test(an_attested_key_signs),
        cmocka_unit_test(a_key_that_was_seen_is_proven),
        cmocka_unit_test(what_is_no_answer_is_said_to_be_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
