/* What operators are told of their own evidence: from two views of it, and of
 * recorded quotes at their time. */
#include "gateway/foresee.h"

#include "codec/time.h"
#include "collateral/pick.h"
#include "support/shared.h"

#define NOW INT64_C(1760000000)
#define ISSUED INT64_C(1759000000) /* 2025-09-27T19:06:40Z */

static const struct httpa_collateral_outlook good = { .status = "UpToDate",
                                                      .evaluation = 17 };
static const struct httpa_collateral_outlook bad = { .status = "OutOfDate",
                                                     .evaluation = 18 };

static void words(void **state)
{
    static const struct httpa_collateral_outlook amd = { .status = "" };
    static const struct httpa_collateral_outlook stale = {
        .err = HTTPA_ERR_UNDECIDED, .check = "tdx.tcb_info"
    };
    static const struct httpa_collateral_outlook forged = {
        .err = HTTPA_ERR_SIGNATURE, .check = "tdx.quote.signature"
    };
    const struct {
        const struct httpa_collateral_outlook *now;
        const struct httpa_collateral_outlook *early; /* NULL: not known */
        int64_t from_s;
        const char *words; /* "": silence */
    } rows[] = {
        { &good, NULL, 0, "" },
        { &good, &good, 0, "" },
        { &amd, NULL, 0, "" },
        { &good, &bad, ISSUED, "will refuse, from 2025-09-27T" },
        { &good, &stale, 0, "" }, /* says nothing about the platform */
        { &bad, NULL, NOW, "OutOfDate in Intel's evaluation 18" },
        { &bad, &bad, NOW, "refuse it now" },
        { &stale, NULL, 0, "cannot judge this evidence (tdx.tcb_info" },
        { &forged, &good, NOW, "clients refuse what this TEE makes (tdx.q" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512] = "?";
        assert_int_equal(httpa_foresee_say(rows[i].now, NOW, rows[i].early,
                                           ISSUED, text, sizeof(text)),
                         rows[i].from_s);
        assert_non_null(strstr(text, rows[i].words));
        assert_int_equal(text[0] == '\0', rows[i].words[0] == '\0');
    }
}

/* Recorded quotes with their collateral, at their time. */
static void recorded(void **state)
{
    static const struct {
        const char *folder;
        const char *at;
        const char *status;
    } rows[] = {
        { "vectors/tdx/v4-uptodate", "2025-07-04T10:16:31Z", "UpToDate" },
        { "vectors/tdx/v4-outdated", "2024-12-17T00:50:00Z", "OutOfDate" },
    };
    struct httpa_crypto *crypto = NULL;
    (void)state;
    assert_ok(httpa_crypto_new(&crypto));
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[256];
        char dir[SHARED_PATH_MAX];
        int64_t at_s;
        struct httpa_collateral_diag diag;
        struct httpa_collateral *c = calloc(1, sizeof(*c));
        struct httpa_buf quote = httpa_buf_growing(65536);
        struct httpa_collateral_outlook o;
        (void)snprintf(path, sizeof(path), "%s/quote.bin", rows[i].folder);
        assert_ok(httpa_time_read_rfc3339(httpa_slice_str(rows[i].at), &at_s));
        if (shared_read(path, &quote)) {
            const struct httpa_evidence e = {
                .media_type = httpa_slice_str(httpa_verifier_tdx.media_type),
                .value = httpa_buf_slice(&quote),
            };
            shared_path(rows[i].folder, dir);
            assert_ok(httpa_collateral_read(dir, c, &diag));
            const struct httpa_endorsements all = { c->v, c->n };
            const struct httpa_endorsements none = { c->v, 0 };
            assert_ok(httpa_collateral_look_out(crypto, &e, &all, at_s, &o));
            assert_ok(o.err);
            assert_string_equal(o.status, rows[i].status);
            assert_ok(httpa_collateral_look_out(crypto, &e, &none, at_s, &o));
            assert_int_equal(o.err, HTTPA_ERR_UNDECIDED);
            assert_string_equal(o.status, "");
            assert_true(o.check[0] != '\0');
        }
        httpa_buf_done(&quote);
        httpa_collateral_done(c);
        free(c);
    }
    httpa_crypto_free(crypto);
}

static void other_types(void **state)
{
    const struct httpa_evidence e = { .media_type =
                                          httpa_slice_str("text/html") };
    const struct httpa_endorsements none = { NULL, 0 };
    struct httpa_collateral_outlook o;
    (void)state;
    assert_int_equal(httpa_collateral_look_out(NULL, &e, &none, NOW, &o),
                     HTTPA_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(words),
                                        cmocka_unit_test(recorded),
                                        cmocka_unit_test(other_types) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
