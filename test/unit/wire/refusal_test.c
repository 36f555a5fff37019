#include "wire/refusal.h"

#include "support/test.h"

/* doc/protocol.md 14, written down a second time. */
static void tokens_and_statuses(void **state)
{
    static const struct {
        const char *name;
        enum httpa_token token;
        unsigned clear;
        unsigned sealed;
    } rows[] = {
        { "malformed", HTTPA_TOKEN_MALFORMED, 400, 0 },
        { "version", HTTPA_TOKEN_VERSION, 400, 0 },
        { "suite", HTTPA_TOKEN_SUITE, 400, 0 },
        { "group", HTTPA_TOKEN_GROUP, 400, 0 },
        { "date", HTTPA_TOKEN_DATE, 400, 0 },
        { "untrusted", HTTPA_TOKEN_UNTRUSTED, 403, 0 },
        { "client", HTTPA_TOKEN_CLIENT, 403, 0 },
        { "policy", HTTPA_TOKEN_POLICY, 403, 0 },
        { "target", HTTPA_TOKEN_TARGET, 421, 421 },
        { "base-unknown", HTTPA_TOKEN_BASE_UNKNOWN, 422, 0 },
        { "replay", HTTPA_TOKEN_REPLAY, 422, 0 },
        { "too-large", HTTPA_TOKEN_TOO_LARGE, 413, 0 },
        { "challenge", HTTPA_TOKEN_CHALLENGE, 428, 0 },
        { "busy", HTTPA_TOKEN_BUSY, 503, 0 },
        { "draining", HTTPA_TOKEN_DRAINING, 503, 0 },
        { "head", HTTPA_TOKEN_HEAD, 0, 400 },
        { "clear", HTTPA_TOKEN_CLEAR, 0, 400 },
        { "seen", HTTPA_TOKEN_SEEN, 0, 409 },
        { "secret", HTTPA_TOKEN_SECRET, 0, 422 },
        { "rekey", HTTPA_TOKEN_REKEY, 0, 503 },
        { "upstream", HTTPA_TOKEN_UPSTREAM, 0, 502 },
    };
    (void)state;
    assert_int_equal(COUNT(rows) + 2, HTTPA_TOKEN_COUNT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct httpa_refusal *row = httpa_refusal_row(rows[i].token);
        struct httpa_slice name = httpa_slice_str(rows[i].name);
        assert_non_null(row);
        assert_string_equal(row->name, rows[i].name);
        assert_int_equal(row->clear, rows[i].clear);
        assert_int_equal(row->sealed, rows[i].sealed);
        assert_int_equal(httpa_refusal_read(name, false),
                         rows[i].clear != 0 ? rows[i].token
                                            : HTTPA_TOKEN_UNKNOWN);
        assert_int_equal(httpa_refusal_read(name, true),
                         rows[i].sealed != 0 ? rows[i].token
                                             : HTTPA_TOKEN_UNKNOWN);
        assert_null(strstr(row->problem, " \""));
    }
    assert_string_equal(
        httpa_refusal_row(HTTPA_TOKEN_BASE_UNKNOWN)->problem,
        "{\"type\":\"tag:httpa,2026:base-unknown\","
        "\"title\":\"base unknown\",\"status\":422}");
    assert_null(httpa_refusal_row(HTTPA_TOKEN_NONE));
    assert_null(httpa_refusal_row(HTTPA_TOKEN_UNKNOWN));
    assert_null(httpa_refusal_row(HTTPA_TOKEN_COUNT));
    assert_int_equal(httpa_refusal_read(httpa_slice_str("x"), false),
                     HTTPA_TOKEN_UNKNOWN);
    assert_int_equal(httpa_refusal_read(httpa_slice_str(""), true),
                     HTTPA_TOKEN_UNKNOWN);
}

static void errors_are_told_in_the_clear(void **state)
{
    static const struct {
        enum httpa_err err;
        enum httpa_token want;
        const char *why;
    } rows[] = {
        { HTTPA_ERR_PLACE, HTTPA_TOKEN_MALFORMED, "all parsing is one" },
        { HTTPA_ERR_DUPLICATE, HTTPA_TOKEN_MALFORMED, "" },
        { HTTPA_ERR_RANGE, HTTPA_TOKEN_MALFORMED, "" },
        { HTTPA_ERR_LIMIT, HTTPA_TOKEN_TOO_LARGE, "content, not fields" },
        { HTTPA_ERR_REFUSED, HTTPA_TOKEN_CLIENT, "" },
        { HTTPA_ERR_GROUP, HTTPA_TOKEN_GROUP, "" },
        { HTTPA_ERR_TARGET, HTTPA_TOKEN_TARGET, "" },
        { HTTPA_ERR_BASE_UNKNOWN, HTTPA_TOKEN_BASE_UNKNOWN, "" },
        { HTTPA_ERR_REPLAY, HTTPA_TOKEN_REPLAY, "" },
        { HTTPA_ERR_TAG, HTTPA_TOKEN_MALFORMED, "never a reason of its own" },
        { HTTPA_ERR_DEVICE, HTTPA_TOKEN_BUSY, "the TEE is not his fault" },
        { HTTPA_ERR_EVIDENCE, HTTPA_TOKEN_BUSY, "likewise" },
        { HTTPA_ERR_MEMORY, HTTPA_TOKEN_BUSY, "likewise" },
        { HTTPA_ERR_INTERNAL, HTTPA_TOKEN_BUSY, "likewise" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct httpa_refusal *got = httpa_refusal_clear(rows[i].err);
        assert_int_equal(got->token, rows[i].want);
        assert_int_not_equal(got->clear, 0);
    }
}

static void errors_are_told_sealed(void **state)
{
    static const struct {
        enum httpa_err err;
        enum httpa_token want;
    } rows[] = {
        { HTTPA_ERR_HEAD, HTTPA_TOKEN_HEAD },
        { HTTPA_ERR_TAG, HTTPA_TOKEN_HEAD },
        { HTTPA_ERR_TRUNCATED, HTTPA_TOKEN_HEAD },
        { HTTPA_ERR_INNER_TARGET, HTTPA_TOKEN_TARGET },
        { HTTPA_ERR_SEEN, HTTPA_TOKEN_SEEN },
        { HTTPA_ERR_REKEY, HTTPA_TOKEN_REKEY },
        { HTTPA_ERR_TIMEOUT, HTTPA_TOKEN_UPSTREAM },
        { HTTPA_ERR_INTERNAL, HTTPA_TOKEN_UPSTREAM },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct httpa_refusal *got = httpa_refusal_sealed(rows[i].err);
        assert_int_equal(got->token, rows[i].want);
        assert_int_not_equal(got->sealed, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_and_statuses),
        cmocka_unit_test(errors_are_told_in_the_clear),
        cmocka_unit_test(errors_are_told_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
