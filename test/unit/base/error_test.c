#include "support/test.h"

/* Every value of the header has its own name and text, so that no two codes
 * look alike in a log; the compiler cannot check that the table is complete. */
static const int all[] = {
    HTTPA_OK, HTTPA_ERR_USAGE, HTTPA_ERR_SPACE, HTTPA_ERR_CONFIG,
    HTTPA_ERR_MALFORMED, HTTPA_ERR_TRUNCATED, HTTPA_ERR_TRAILING,
    HTTPA_ERR_PLACE, HTTPA_ERR_DUPLICATE, HTTPA_ERR_MISSING, HTTPA_ERR_RANGE,
    HTTPA_ERR_UNSUPPORTED, HTTPA_ERR_HEAD, HTTPA_ERR_ORDER,
    HTTPA_ERR_INNER_TARGET, HTTPA_ERR_SECRET, HTTPA_ERR_CLEAR, HTTPA_ERR_VERSION, HTTPA_ERR_SUITE,
    HTTPA_ERR_GROUP, HTTPA_ERR_TARGET, HTTPA_ERR_DATE, HTTPA_ERR_POLICY,
    HTTPA_ERR_OFFER, HTTPA_ERR_UNTRUSTED, HTTPA_ERR_REFUSED, HTTPA_ERR_TAG,
    HTTPA_ERR_SIGNATURE, HTTPA_ERR_FINISHED, HTTPA_ERR_BASE_UNKNOWN,
    HTTPA_ERR_REPLAY, HTTPA_ERR_BINDER, HTTPA_ERR_SEEN, HTTPA_ERR_CHAIN,
    HTTPA_ERR_KEY, HTTPA_ERR_EVIDENCE, HTTPA_ERR_APPRAISAL,
    HTTPA_ERR_UNDECIDED, HTTPA_ERR_IDENTITY, HTTPA_ERR_NO_POLICY,
    HTTPA_ERR_LIMIT, HTTPA_ERR_REKEY, HTTPA_ERR_EXPIRED, HTTPA_ERR_BUSY,
    HTTPA_ERR_ABORTED, HTTPA_ERR_DEVICE, HTTPA_ERR_IO, HTTPA_ERR_TIMEOUT,
    HTTPA_ERR_MEMORY, HTTPA_ERR_CRYPTO, HTTPA_ERR_INTERNAL,
};

static void every_code_has_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        enum httpa_err a = (enum httpa_err)all[i];
        assert_string_not_equal("unknown", httpa_err_name(a));
        assert_string_not_equal("unknown error", httpa_strerror(a));
        for (size_t k = 0; k < i; k++) {
            enum httpa_err b = (enum httpa_err)all[k];
            assert_string_not_equal(httpa_err_name(a), httpa_err_name(b));
        }
    }
}

static void unknown_code_is_said_to_be_unknown(void **state)
{
    (void)state;
    assert_string_equal("unknown", httpa_err_name((enum httpa_err)55));
    assert_string_equal("unknown error", httpa_strerror((enum httpa_err)55));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_name),
        cmocka_unit_test(unknown_code_is_said_to_be_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
