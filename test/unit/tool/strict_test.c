/* The policy of an auditor who has none: for which items there is one. */
#include "tool/strict.h"

#include "support/test.h"

static struct httpa_evidence item(const char *media_type)
{
    return (struct httpa_evidence){ .media_type =
                                        httpa_slice_str(media_type) };
}

static void one_of_each(void **state)
{
    (void)state;
    const struct httpa_evidence items[] = {
        item("application/vnd.httpa.snp-report"),
        item("application/vnd.httpa.tpm"),
        item("application/vnd.httpa.tdx-quote"),
    };
    struct httpa_strict s;
    assert_true(httpa_strict_for(items, COUNT(items), &s));
    struct httpa_buf where = httpa_buf_growing(64);
    const char *why = NULL;
    assert_ok(httpa_policy_check(&s.policy, &where, &why));
    httpa_buf_done(&where);
    assert_int_equal(s.policy.accept_count, 1);
    assert_string_equal(s.policy.accept->type, "sev-snp");
    assert_int_equal(s.policy.accept->with_count, 2);
    assert_string_equal(s.policy.accept->with[0].type, "tdx");
    assert_string_equal(s.policy.accept->with[1].type, "tpm");
}

static void a_paravisor_names_the_key(void **state)
{
    (void)state;
    const struct httpa_evidence items[] = {
        item("application/vnd.httpa.tpm"),
        item("application/vnd.httpa.hcl"),
    };
    struct httpa_strict s;
    assert_true(httpa_strict_for(items, COUNT(items), &s));
    assert_int_equal(s.policy.accept->snp->via, HTTPA_VIA_AZURE);
    assert_int_equal(s.policy.accept->with[0].tpm->trust, HTTPA_AK_HARDWARE);
    const struct httpa_evidence tdx[] = {
        item("application/vnd.httpa.tpm"),
        item("application/vnd.httpa.azure-tdx"),
    };
    assert_true(httpa_strict_for(tdx, COUNT(tdx), &s));
    assert_int_equal(s.policy.accept->intel->via, HTTPA_VIA_AZURE);
    assert_int_equal(s.policy.accept->with[0].tpm->trust, HTTPA_AK_HARDWARE);
}

static void none_for_some(void **state)
{
    static const struct {
        const char *types[2];
        size_t n;
    } rows[] = {
        { { "" }, 0 },
        { { "application/eat+cwt" }, 1 }, /* protects nothing */
        { { "application/x-other" }, 1 },
        { { "application/vnd.httpa.hcl" }, 1 }, /* binds nothing alone */
        { { "application/vnd.httpa.azure-tdx" }, 1 },
        { { "application/vnd.httpa.tpm", "application/eat+cwt" }, 2 },
        /* one of them would do for both */
        { { "application/vnd.httpa.tpm", "application/vnd.httpa.tpm" }, 2 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_strict s;
        const struct httpa_evidence items[] = {
            item(rows[i].types[0]),
            item(rows[i].n > 1 ? rows[i].types[1] : ""),
        };
        assert_false(httpa_strict_for(items, rows[i].n, &s));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_each),
        cmocka_unit_test(a_paravisor_names_the_key),
        cmocka_unit_test(none_for_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
