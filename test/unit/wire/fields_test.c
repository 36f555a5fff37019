#include "wire/fields.h"

#include "support/test.h"

static void names_resolve_in_any_case_and_are_sorted(void **state)
{
    static const struct {
        enum httpa_field_id id;
        const char *name;
    } rows[] = {
        { HTTPA_FIELD_BASE_CREATION, "Attest-Base-Creation" },
        { HTTPA_FIELD_BASE_ID, "Attest-Base-ID" },
        { HTTPA_FIELD_BASE_TERMINATION, "Attest-Base-Termination" },
        { HTTPA_FIELD_BINDER, "Attest-Binder" },
        { HTTPA_FIELD_BLOCKLIST, "Attest-Blocklist" },
        { HTTPA_FIELD_CARGO, "Attest-Cargo" },
        { HTTPA_FIELD_CHALLENGE, "Attest-Challenge" },
        { HTTPA_FIELD_CIPHER_SUITE, "Attest-Cipher-Suite" },
        { HTTPA_FIELD_CIPHER_SUITES, "Attest-Cipher-Suites" },
        { HTTPA_FIELD_CLEAR, "Attest-Clear" },
        { HTTPA_FIELD_CONFIGURATION, "Attest-Configuration" },
        { HTTPA_FIELD_DATE, "Attest-Date" },
        { HTTPA_FIELD_ERROR, "Attest-Error" },
        { HTTPA_FIELD_EXPIRES, "Attest-Expires" },
        { HTTPA_FIELD_KEY_SHARE, "Attest-Key-Share" },
        { HTTPA_FIELD_KEY_SHARES, "Attest-Key-Shares" },
        { HTTPA_FIELD_PARTS, "Attest-Parts" },
        { HTTPA_FIELD_POLICIES, "Attest-Policies" },
        { HTTPA_FIELD_QUOTES, "Attest-Quotes" },
        { HTTPA_FIELD_RANDOM, "Attest-Random" },
        { HTTPA_FIELD_SECRETS, "Attest-Secrets" },
        { HTTPA_FIELD_SIGNATURES, "Attest-Signatures" },
        { HTTPA_FIELD_SUPERSEDES, "Attest-Supersedes" },
        { HTTPA_FIELD_SUPPORTED_GROUP, "Attest-Supported-Group" },
        { HTTPA_FIELD_SUPPORTED_GROUPS, "Attest-Supported-Groups" },
        { HTTPA_FIELD_TARGET, "Attest-Target" },
        { HTTPA_FIELD_TICKET, "Attest-Ticket" },
        { HTTPA_FIELD_TRANSPORT, "Attest-Transport" },
        { HTTPA_FIELD_VERSION, "Attest-Version" },
        { HTTPA_FIELD_VERSIONS, "Attest-Versions" },
    };
    (void)state;
    assert_int_equal(COUNT(rows), HTTPA_FIELD_COUNT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(rows[i].id, i);
        assert_int_equal(httpa_field_find(httpa_slice_str(rows[i].name)),
                         rows[i].id);
        const char *name = httpa_field_row(rows[i].id)->name;
        assert_true(httpa_slice_is_nocase(httpa_slice_str(name),
                                          rows[i].name));
        if (i > 0) {
            const char *before =
                httpa_field_row((enum httpa_field_id)(i - 1))->name;
            assert_true(strcmp(before, name) < 0);
        }
    }
}

static void others_are_not_ours(void **state)
{
    static const char *const names[] = { "attest-", "attest-covers", "attest",
                                         "attest-base-idx", "x-attest-date",
                                         "" };
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(httpa_field_find(httpa_slice_str(names[i])),
                         HTTPA_FIELD_COUNT);
    }
    assert_true(httpa_field_is_attest(httpa_slice_str("ATTEST-x")));
    assert_true(httpa_field_is_attest(httpa_slice_str("attest-")));
    assert_false(httpa_field_is_attest(httpa_slice_str("attest")));
}

/* The table against doc/protocol.md 4.4, written down a second time: which
 * fields must and which may stand where. */
static void places_are_those_of_the_protocol(void **state)
{
    static const struct {
        enum httpa_place place;
        const char *must;
        const char *may;
    } rows[] = {
        { HTTPA_PLACE_ATHS_REQUEST,
          "cipher-suites key-shares random supported-groups target versions ",
          "base-creation blocklist challenge date policies quotes "
          "signatures " },
        { HTTPA_PLACE_ATHS_RESPONSE,
          "base-id cipher-suite key-share random supported-group version ",
          "" },
        { HTTPA_PLACE_ATHS_SEALED,
          "base-creation configuration policies quotes ",
          "expires signatures " },
        { HTTPA_PLACE_ATHS_FINISHED, "binder ", "" },
        { HTTPA_PLACE_REQUEST, "base-id ticket ", "" },
        { HTTPA_PLACE_REQUEST_INNER, "",
          "base-termination clear secrets supersedes " },
        { HTTPA_PLACE_RESPONSE, "binder ", "" },
        { HTTPA_PLACE_RESPONSE_INNER, "",
          "base-id base-termination clear error expires " },
        { HTTPA_PLACE_REFUSAL, "error ",
          "challenge cipher-suites supported-groups versions " },
        { HTTPA_PLACE_PREFLIGHT, "",
          "challenge cipher-suites supported-groups versions " },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char must[512] = "";
        char may[512] = "";
        for (unsigned id = 0; id < HTTPA_FIELD_COUNT; id++) {
            const struct httpa_field_row *row =
                httpa_field_row((enum httpa_field_id)id);
            unsigned place = (unsigned)rows[i].place;
            char *to = (row->must & place) != 0  ? must
                       : (row->may & place) != 0 ? may
                                                 : NULL;
            if (to != NULL) {
                size_t n = strlen(to);
                snprintf(to + n, 512 - n, "%s ", row->name + 7);
            }
            assert_int_equal(row->must & ~row->may, 0);
        }
        assert_string_equal(must, rows[i].must);
        assert_string_equal(may, rows[i].may);
    }
}

/* "A field MUST NOT stand both clear and sealed in one message": by table. */
static void no_field_stands_twice_in_one_message(void **state)
{
    static const unsigned messages[][2] = {
        { HTTPA_PLACE_ATHS_RESPONSE, HTTPA_PLACE_ATHS_SEALED },
        { HTTPA_PLACE_REQUEST, HTTPA_PLACE_REQUEST_INNER },
        { HTTPA_PLACE_RESPONSE, HTTPA_PLACE_RESPONSE_INNER },
    };
    (void)state;
    for (unsigned id = 0; id < HTTPA_FIELD_COUNT; id++) {
        unsigned may = httpa_field_row((enum httpa_field_id)id)->may;
        for (size_t i = 0; i < COUNT(messages); i++) {
            assert_false((may & messages[i][0]) != 0 &&
                         (may & messages[i][1]) != 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_resolve_in_any_case_and_are_sorted),
        cmocka_unit_test(others_are_not_ours),
        cmocka_unit_test(places_are_those_of_the_protocol),
        cmocka_unit_test(no_field_stands_twice_in_one_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
