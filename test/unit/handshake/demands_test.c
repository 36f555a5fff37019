#include "handshake/demands.h"
#include "support/test.h"

static void offers(void **state)
{
    static const struct {
        const char *text;
        enum httpa_err want;
        const char *why;
    } rows[] = {
        { "indirect, fresh", HTTPA_OK, "usual" },
        { "fresh, key;max-age=300", HTTPA_OK, "with key" },
        { "later;x=1, fresh", HTTPA_OK, "an unknown Token is skipped" },
        { "batch", HTTPA_OK, "named, though it cannot be granted" },
        { "key", HTTPA_ERR_MALFORMED, "key without an age" },
        { "key;max-age=0", HTTPA_ERR_MALFORMED, "no age" },
        { "key;max-age=\"1\"", HTTPA_ERR_MALFORMED, "age is a String" },
        { "fresh, fresh", HTTPA_ERR_MALFORMED, "twice" },
        { "direct, indirect", HTTPA_ERR_MALFORMED, "at most one" },
        { "indirect, indirect", HTTPA_ERR_MALFORMED, "twice" },
        { "1", HTTPA_ERR_MALFORMED, "no Token" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_sfv_room room;
        struct httpa_demands d;
        enum httpa_err got = httpa_demands_read(
            httpa_slice_str(rows[i].text), &room, &d);
        if (got != rows[i].want) {
            fail_msg("%s: want %s, got %s", rows[i].why,
                     httpa_err_name(rows[i].want), httpa_err_name(got));
        }
    }
}

static void naming_none_accepts_all(void **state)
{
    struct httpa_demands none = { 0 };
    struct httpa_demands fresh = { .names_bindings = true,
                                   .bindings = { HTTPA_BINDING_FRESH },
                                   .binding_count = 1 };
    (void)state;
    assert_true(httpa_demands_accept(&none, HTTPA_BINDING_KEY));
    assert_true(httpa_demands_accept(&fresh, HTTPA_BINDING_FRESH));
    assert_false(httpa_demands_accept(&fresh, HTTPA_BINDING_KEY));
}

static void written_in_order(void **state)
{
    struct httpa_demands d = {
        .indirect = true,
        .names_bindings = true,
        .bindings = { HTTPA_BINDING_KEY, HTTPA_BINDING_FRESH },
        .binding_count = 2,
        .key_max_age_s = 60,
        .allow_untrusted = true,
    };
    struct httpa_buf b = httpa_buf_growing(256);
    (void)state;
    httpa_demands_write(&d, &b);
    assert_slice_is(httpa_buf_slice(&b),
                    "indirect, key;max-age=60, fresh, allowUntrustedReq");
    httpa_buf_done(&b);
}

static void grants_stand_without_parameters(void **state)
{
    struct httpa_sfv_room room;
    struct httpa_demands d;
    (void)state;
    assert_ok(httpa_grants_read(httpa_slice_str("indirect, fresh, key"),
                                &room, &d));
    assert_true(d.indirect && !d.direct);
    assert_int_equal(d.binding_count, 2);
}

static void creations(void **state)
{
    (void)state;
    for (enum httpa_creation c = HTTPA_CREATION_NEW;
         c <= HTTPA_CREATION_SHARED; c++) {
        assert_int_equal(
            httpa_creation_find(httpa_slice_str(httpa_creation_name(c))), c);
    }
    assert_int_equal(httpa_creation_find(httpa_slice_str("")),
                     HTTPA_CREATION_NONE);
    assert_int_equal(httpa_creation_find(httpa_slice_str("SHARED")),
                     HTTPA_CREATION_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offers),
        cmocka_unit_test(naming_none_accepts_all),
        cmocka_unit_test(written_in_order),
        cmocka_unit_test(grants_stand_without_parameters),
        cmocka_unit_test(creations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
