#include "gateway/quoter.h"

#include <signal.h>

#include "support/test.h"

/* A device that notes which signals could have ended its quote. */
static struct {
    struct httpa_attester base; /* first: see <httpa/attest.h> */
    sigset_t blocked;
    enum httpa_err certs; /* what reading certificates ends in */
} device;

static struct httpa_loop *loop;

static enum httpa_err
quote(struct httpa_attester *a, const uint8_t rd[HTTPA_RD_LEN],
      struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    (void)a;
    (void)diag;
    (void)pthread_sigmask(SIG_BLOCK, NULL, &device.blocked);
    httpa_buf_put(ret_value, rd, HTTPA_RD_LEN);
    return HTTPA_OK;
}

static enum httpa_err endorsements(struct httpa_attester *a,
                                   struct httpa_buf *ret_pem,
                                   struct httpa_attest_diag *diag)
{
    (void)a;
    httpa_buf_put_str(ret_pem, "PEM");
    (void)snprintf(diag->text, sizeof(diag->text), "no certificates");
    return device.certs;
}

static void take(void *arg, enum httpa_err err, struct httpa_slice value)
{
    assert_ok(err);
    assert_int_equal(value.n, HTTPA_RD_LEN);
    ++*(unsigned *)arg;
    httpa_loop_retire(loop);
}

/* One quote, and the certificates that go with it. */
static void ask(enum httpa_err certs, const char *want_pem)
{
    static struct httpa_metrics metrics;
    const uint8_t rd[HTTPA_RD_LEN] = { 7 };
    struct httpa_quoter *q;
    struct httpa_quoter_job *job;
    struct httpa_buf pem = httpa_buf_growing(64);
    unsigned taken = 0;
    device.base.quote = quote;
    device.base.endorsements = endorsements;
    device.certs = certs;
    assert_ok(httpa_loop_new(&loop));
    assert_ok(httpa_quoter_new(&device.base, 4, false, &metrics, &q));
    assert_ok(httpa_quoter_quote(q, loop, rd, take, &taken, &job));
    httpa_loop_run(loop);
    assert_int_equal(taken, 1);
    assert_ok(httpa_quoter_endorsements(q, &pem));
    assert_slice_is(httpa_buf_slice(&pem), want_pem);
    httpa_quoter_free(q);
    httpa_loop_free(loop);
    httpa_buf_done(&pem);
}

static void no_signal_ends_a_quote(void **state)
{
    (void)state;
    ask(HTTPA_OK, "PEM");
    assert_true(sigismember(&device.blocked, SIGTERM));
    assert_true(sigismember(&device.blocked, SIGHUP));
    assert_true(sigismember(&device.blocked, SIGCHLD));
    assert_false(sigismember(&device.blocked, SIGSEGV));
}

static void certificates_may_be_missing(void **state)
{
    (void)state;
    ask(HTTPA_ERR_DEVICE, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_signal_ends_a_quote),
        cmocka_unit_test(certificates_may_be_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
