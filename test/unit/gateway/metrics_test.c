#include "gateway/metrics.h"

#include <string.h>

#include "support/test.h"

static struct httpa_metrics metrics;

static bool shows(const char *line)
{
    const struct httpa_metrics_now now = { .ready = true, .connections = 7 };
    struct httpa_buf out = httpa_buf_growing(65536);
    httpa_metrics_write(&metrics, &now, &out);
    assert_int_equal(httpa_buf_check(&out), HTTPA_OK);
    bool found = memmem(out.p, out.n, line, strlen(line)) != NULL;
    httpa_buf_done(&out);
    return found;
}

static void counted_by_kind_and_outcome(void **state)
{
    (void)state;
    assert_false(shows("kind=\"trr\""));
    httpa_metrics_message(&metrics, HTTPA_METRICS_TRR, "ok");
    httpa_metrics_message(&metrics, HTTPA_METRICS_TRR, "ok");
    httpa_metrics_message(&metrics, HTTPA_METRICS_ATHS, "busy");
    httpa_metrics_message(&metrics, HTTPA_METRICS_ATHS, "a stranger's word");
    assert_true(
        shows("\nhttpa_messages_total{kind=\"trr\",outcome=\"ok\"} 2\n"));
    assert_true(
        shows("\nhttpa_messages_total{kind=\"aths\",outcome=\"busy\"} 1\n"));
    assert_true(
        shows("\nhttpa_messages_total{kind=\"aths\",outcome=\"other\"} 1\n"));
    assert_false(shows("stranger"));
}

static void quotes_in_buckets(void **state)
{
    (void)state;
    httpa_metrics_quote(&metrics, 500, true); /* a bound belongs below */
    httpa_metrics_quote(&metrics, 501, true);
    httpa_metrics_quote(&metrics, 2000000, false); /* beyond all bounds */
    assert_true(shows("\nhttpa_quote_seconds_bucket{le=\"0.0005\"} 1\n"));
    assert_true(shows("\nhttpa_quote_seconds_bucket{le=\"0.001\"} 2\n"));
    assert_true(shows("\nhttpa_quote_seconds_bucket{le=\"1\"} 2\n"));
    assert_true(shows("\nhttpa_quote_seconds_bucket{le=\"+Inf\"} 3\n"));
    assert_true(shows("\nhttpa_quote_seconds_sum 2.001001\n"));
    assert_true(shows("\nhttpa_quote_seconds_count 3\n"));
    assert_true(shows("\nhttpa_quote_failures_total 1\n"));
}

static void answers_by_class(void **state)
{
    (void)state;
    httpa_metrics_answer(&metrics, 204);
    httpa_metrics_answer(&metrics, 599);
    httpa_metrics_answer(&metrics, 999); /* no class: not counted */
    assert_true(shows("\nhttpa_application_answers_total{class=\"2xx\"} 1\n"));
    assert_true(shows("\nhttpa_application_answers_total{class=\"5xx\"} 1\n"));
    assert_true(shows("\nhttpa_ready 1\n"));
    assert_true(shows("\nhttpa_connections 7\n"));
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (int k = HTTPA_KIND_UNSET; k <= HTTPA_KIND_UNTRUSTED; k++) {
        enum httpa_metrics_kind m = httpa_metrics_kind_of((enum httpa_kind)k);
        assert_non_null(httpa_metrics_kind_name(m));
    }
    assert_int_equal(httpa_metrics_kind_of(HTTPA_KIND_UNSET),
                     HTTPA_METRICS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted_by_kind_and_outcome),
        cmocka_unit_test(quotes_in_buckets),
        cmocka_unit_test(answers_by_class),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
