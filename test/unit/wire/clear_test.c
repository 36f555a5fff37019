#include "support/test.h"
#include "wire/clear.h"
#include "wire/outer.h"

/* Outer lines, inner lines, what Attest-Clear names, and the outcome. */
static void copies(void **state)
{
    static const struct {
        const char *outer[2];
        const char *inner[2];
        const char *list;
        enum httpa_err want;
        const char *why;
    } rows[] = {
        { { "a", NULL }, { "a", NULL }, "x-tenant", HTTPA_OK, "equal" },
        { { " a ", NULL }, { "a", NULL }, "x-tenant", HTTPA_OK, "trimmed" },
        { { "a", "b" }, { "a, b", NULL }, "x-tenant", HTTPA_OK, "joined" },
        { { "a", NULL }, { "b", NULL }, "x-tenant", HTTPA_ERR_CLEAR,
          "differs" },
        { { NULL, NULL }, { "a", NULL }, "x-tenant", HTTPA_ERR_CLEAR,
          "not there" },
        { { "a", NULL }, { NULL, NULL }, "x-tenant", HTTPA_ERR_CLEAR,
          "not inside" },
        { { "a", NULL }, { "a", NULL }, "cookie", HTTPA_ERR_HEAD, "cookie" },
        { { "a", NULL }, { "a", NULL }, "content-type", HTTPA_ERR_HEAD,
          "content-*" },
        { { "a", NULL }, { "a", NULL }, "attest-x", HTTPA_ERR_HEAD,
          "attest-*" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_field out_room[2];
        struct httpa_field in_room[2];
        struct httpa_fields outer = { .v = out_room, .cap = 2 };
        struct httpa_fields inner = { .v = in_room, .cap = 2 };
        struct httpa_buf kept = httpa_buf_growing(1024);
        struct httpa_ahl sealed;
        for (size_t k = 0; k < 2; k++) {
            if (rows[i].outer[k] != NULL) {
                assert_ok(httpa_fields_add(
                    &outer, httpa_slice_str("X-Tenant"),
                    httpa_slice_str(rows[i].outer[k])));
            }
            if (rows[i].inner[k] != NULL) {
                assert_ok(httpa_fields_add(
                    &inner, httpa_slice_str("x-tenant"),
                    httpa_slice_str(rows[i].inner[k])));
            }
        }
        httpa_ahl_init(&sealed, HTTPA_PLACE_REQUEST_INNER);
        assert_ok(httpa_ahl_set(&sealed, HTTPA_FIELD_CLEAR,
                                httpa_slice_str(rows[i].list)));
        assert_ok(httpa_clear_keep(&outer, &kept));
        enum httpa_err got = httpa_clear_compare(
            &sealed, httpa_buf_slice(&kept), &inner);
        if (got != rows[i].want) {
            fail_msg("%s: want %s, got %s", rows[i].why,
                     httpa_err_name(rows[i].want), httpa_err_name(got));
        }
        httpa_buf_done(&kept);
    }
}

static void nothing_listed_is_nothing_compared(void **state)
{
    struct httpa_ahl sealed;
    struct httpa_fields none = { 0 };
    (void)state;
    httpa_ahl_init(&sealed, HTTPA_PLACE_REQUEST_INNER);
    assert_ok(
        httpa_clear_compare(&sealed, (struct httpa_slice){ 0 }, &none));
}

static void an_outer_head_owns_its_bytes_and_ends(void **state)
{
    struct httpa_outer outer;
    char value[2000];
    (void)state;
    httpa_outer_init(&outer, 200);
    memset(value, 'v', sizeof(value));
    enum httpa_err err = HTTPA_OK;
    int n = 0;
    while (err == HTTPA_OK) {
        err = httpa_outer_add(&outer, "x", httpa_slice_of(value, 2000));
        n++;
    }
    assert_err(HTTPA_ERR_LIMIT, err);
    assert_int_equal(n, 4);
    memset(value, 'w', sizeof(value));
    assert_int_equal(outer.head.fields.v[0].value.p[0], 'v');
    httpa_outer_init(&outer, 200);
    for (n = 0; n < (int)HTTPA_OUTER_FIELDS; n++) {
        assert_ok(httpa_outer_add_length(&outer, 7));
    }
    assert_err(HTTPA_ERR_LIMIT, httpa_outer_add_length(&outer, 7));
}

static void codings_and_ranges_are_refused(void **state)
{
    struct httpa_field room[1];
    struct httpa_fields fields = { .v = room, .cap = 1 };
    (void)state;
    assert_ok(httpa_outer_check(&fields));
    assert_ok(httpa_fields_add(&fields, httpa_slice_str("Content-Encoding"),
                               httpa_slice_str("gzip")));
    assert_err(HTTPA_ERR_MALFORMED, httpa_outer_check(&fields));
    fields.v[0].name = httpa_slice_str("content-range");
    assert_err(HTTPA_ERR_MALFORMED, httpa_outer_check(&fields));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(nothing_listed_is_nothing_compared),
        cmocka_unit_test(an_outer_head_owns_its_bytes_and_ends),
        cmocka_unit_test(codings_and_ranges_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
