/* The table of doc/protocol.md 15: which row, and what it allows. */
#include "support/test.h"
#include "tool/decide.h"

static void hello(void **state)
{
    static const struct {
        const char *why;
        struct httpa_sighting seen;
        unsigned row; /* 0: nothing failed */
        enum httpa_exit code;
    } rows[] = {
        { "accepted",
          { .marked = true, .transport = { .status = 200 } }, 0, 0 },
        { "nothing was written",
          { .transport = { .end = HTTPA_TRANSPORT_UNSENT } }, 1, 3 },
        { "ATTEST refused",
          { .is_attest = true, .transport = { .status = 405 } }, 2, 3 },
        { "ATTEST dropped",
          { .is_attest = true, .transport = { .end = HTTPA_TRANSPORT_LOST } },
          2, 3 },
        { "413 is no word about a method",
          { .is_attest = true, .transport = { .status = 413 } }, 3, 3 },
        { "POST refused", { .transport = { .status = 405 } }, 3, 3 },
        { "redirect", { .transport = { .status = 302 } }, 3, 3 },
        { "200 of a portal", { .transport = { .status = 200 } }, 3, 3 },
        { "later", { .transport = { .status = 503 } }, 4, 3 },
        { "busy", { .marked = true, .token = "busy",
                    .transport = { .status = 503 } }, 5, 6 },
        { "draining", { .marked = true, .token = "draining",
                        .transport = { .status = 503 } }, 5, 6 },
        { "target", { .marked = true, .token = "target",
                      .transport = { .status = 421 } }, 6, 6 },
        { "a token of a later version",
          { .marked = true, .token = "new",
            .transport = { .status = 503 } }, 6, 6 },
        { "changed", { .marked = true, .err = HTTPA_ERR_FINISHED,
                       .transport = { .status = 200 } }, 7, 5 },
        { "our own fault is no success",
          { .marked = true, .err = HTTPA_ERR_INTERNAL,
            .transport = { .status = 200 } }, 7, 5 },
        { "evidence", { .marked = true, .err = HTTPA_ERR_APPRAISAL,
                        .transport = { .status = 200 } }, 8, 1 },
        { "no policy", { .marked = true, .err = HTTPA_ERR_NO_POLICY,
                         .transport = { .status = 200 } }, 8, 1 },
        { "undecided", { .marked = true, .err = HTTPA_ERR_UNDECIDED,
                         .transport = { .status = 200 } }, 8, 4 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct httpa_decision *d = httpa_decide_hello(&rows[i].seen);
        (void)fprintf(stderr, "%s\n", rows[i].why);
        assert_int_equal(d != NULL ? d->row : 0, rows[i].row);
        assert_int_equal(d != NULL ? d->safe_exit : 0, rows[i].code);
    }
}

static void request(void **state)
{
    static const struct {
        const char *why;
        struct httpa_sighting seen;
        unsigned row;
        enum httpa_step safe;
        enum httpa_step other;
        enum httpa_exit other_exit;
    } rows[] = {
        { "the application's answer",
          { .genuine = true, .complete = true }, 0, 0, 0, 0 },
        { "its 503 is its own", { .genuine = true, .complete = true,
                                  .sealed = "upstream" }, 0, 0, 0, 0 },
        { "later, without binder",
          { .transport = { .status = 503 } },
          4, HTTPA_STEP_AGAIN, HTTPA_STEP_SUPERSEDE, 8 },
        { "base-unknown",
          { .token = "base-unknown", .transport = { .status = 422 } },
          9, HTTPA_STEP_RENEW, HTTPA_STEP_FORGET, 8 },
        { "base-unknown again",
          { .token = "base-unknown", .again_unknown = true,
            .transport = { .status = 422 } },
          10, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 6 },
        { "replay", { .token = "replay", .transport = { .status = 422 } },
          11, HTTPA_STEP_AGAIN, HTTPA_STEP_SUPERSEDE, 8 },
        { "lost", { .transport = { .end = HTTPA_TRANSPORT_LOST } },
          12, HTTPA_STEP_AGAIN, HTTPA_STEP_SUPERSEDE, 8 },
        { "200 of a portal", { .err = HTTPA_ERR_BINDER,
                               .transport = { .status = 200 } },
          13, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 3 },
        { "another refusal", { .token = "malformed",
                               .transport = { .status = 400 } },
          14, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 6 },
        { "wrong binder", { .has_binder = true, .err = HTTPA_ERR_BINDER,
                            .transport = { .status = 200 } },
          15, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 5 },
        { "later record", { .has_binder = true, .genuine = true,
                            .err = HTTPA_ERR_TAG,
                            .transport = { .status = 200 } },
          16, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 5 },
        { "broken off", { .has_binder = true, .genuine = true,
                          .err = HTTPA_ERR_TRUNCATED,
                          .transport = { .status = 200 } },
          17, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 7 },
        { "broken off without a word", { .has_binder = true, .genuine = true,
                                         .transport = { .status = 200 } },
          17, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 7 },
        { "rekey", { .genuine = true, .complete = true, .sealed = "rekey" },
          18, HTTPA_STEP_RENEW, HTTPA_STEP_RENEW, 6 },
        { "seen", { .genuine = true, .complete = true, .sealed = "seen" },
          19, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 8 },
        { "head", { .genuine = true, .complete = true, .sealed = "head" },
          20, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 6 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct httpa_decision *d = httpa_decide_request(&rows[i].seen);
        (void)fprintf(stderr, "%s\n", rows[i].why);
        assert_int_equal(d != NULL ? d->row : 0, rows[i].row);
        if (d != NULL) {
            assert_int_equal(d->safe, rows[i].safe);
            assert_int_equal(d->other, rows[i].other);
            assert_int_equal(d->other_exit, rows[i].other_exit);
        }
    }
}

static void what_is_safe(void **state)
{
    static const struct {
        const char *method;
        bool safe;
    } rows[] = { { "GET", true },    { "HEAD", true },  { "OPTIONS", true },
                 { "PUT", true },    { "DELETE", true }, { "POST", false },
                 { "PATCH", false }, { "get", false },  { "", false } };
    struct httpa_field v[1];
    struct httpa_head head;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        httpa_head_init(&head, v, 1);
        head.method = httpa_slice_str(rows[i].method);
        assert_int_equal(httpa_decide_is_safe(&head), rows[i].safe);
    }
    assert_int_equal(httpa_fields_add(&head.fields,
                                      httpa_slice_str("Idempotency-Key"),
                                      httpa_slice_str("1")),
                     HTTPA_OK);
    assert_true(httpa_decide_is_safe(&head));
}

static void how_long(void **state)
{
    struct httpa_sighting lost = { .transport = { .retry_after_s = -1,
                                       .end = HTTPA_TRANSPORT_UNSENT } };
    struct httpa_sighting busy = { .transport = { .status = 503,
                                                  .retry_after_s = -1 } };
    (void)state;
    const struct httpa_decision *d = httpa_decide_request(&lost);
    assert_int_equal(httpa_decide_wait_ms(d, &lost.transport, 0), 200);
    assert_int_equal(httpa_decide_wait_ms(d, &lost.transport, 1), 1000);
    assert_int_equal(httpa_decide_wait_ms(d, &lost.transport, 9), 3000);
    d = httpa_decide_request(&busy);
    assert_int_equal(httpa_decide_wait_ms(d, &busy.transport, 0), 1000);
    busy.transport.retry_after_s = 7;
    assert_int_equal(httpa_decide_wait_ms(d, &busy.transport, 0), 7000);
    busy.transport.retry_after_s = 86400;
    assert_int_equal(httpa_decide_wait_ms(d, &busy.transport, 0), 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello),
        cmocka_unit_test(request),
        cmocka_unit_test(what_is_safe),
        cmocka_unit_test(how_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
