#include "wire/base_id.h"

#include "support/test.h"

static const struct {
    const char *text;
    enum httpa_err want;
    const char *why;
} rows[] = {
    { "r1.AAECAwQFBgcICQoLDA0ODw", HTTPA_OK, "the vectors' one" },
    { "a.AAECAwQFBgcICQoLDA0ODw", HTTPA_OK, "label of one" },
    { "abcdefghijklmnop.AAECAwQFBgcICQoLDA0ODw", HTTPA_OK, "label of 16" },
    { "abcdefghijklmnopq.AAECAwQFBgcICQoLDA0ODw", HTTPA_ERR_MALFORMED, "17" },
    { ".AAECAwQFBgcICQoLDA0ODw", HTTPA_ERR_MALFORMED, "no label" },
    { "1r.AAECAwQFBgcICQoLDA0ODw", HTTPA_ERR_MALFORMED, "digit first" },
    { "R1.AAECAwQFBgcICQoLDA0ODw", HTTPA_ERR_MALFORMED, "upper case" },
    { "r-1.AAECAwQFBgcICQoLDA0ODw", HTTPA_ERR_MALFORMED, "hyphen" },
    { "r1:AAECAwQFBgcICQoLDA0ODw", HTTPA_ERR_MALFORMED, "no dot" },
    { "r1.AAECAwQFBgcICQoLDA0ODx", HTTPA_ERR_MALFORMED, "stray bits" },
    { "r1.AAECAwQFBgcICQoLDA0OD+", HTTPA_ERR_MALFORMED, "alphabet" },
    { "r1.AAECAwQFBgcICQoLDA0OD", HTTPA_ERR_MALFORMED, "short" },
    { "r1.AAECAwQFBgcICQoLDA0ODww", HTTPA_ERR_MALFORMED, "long" },
    { "", HTTPA_ERR_MALFORMED, "nothing" },
};

static void grammar(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_base_id id;
        enum httpa_err got =
            httpa_base_id_read(httpa_slice_str(rows[i].text), &id);
        if (got != rows[i].want) {
            fail_msg("%s (%s): %s", rows[i].text, rows[i].why,
                     httpa_err_name(got));
        }
        if (got == HTTPA_OK) {
            struct httpa_base_id again;
            assert_slice_is(httpa_base_id_text(&id), rows[i].text);
            assert_ok(httpa_base_id_make(httpa_base_id_label(&id), id.random,
                                         &again));
            assert_slice_is(httpa_base_id_text(&again), rows[i].text);
        }
    }
}

static void random_is_decoded(void **state)
{
    struct httpa_base_id id;
    (void)state;
    assert_ok(httpa_base_id_read(httpa_slice_str(rows[0].text), &id));
    assert_hex(id.random, 16, "000102030405060708090a0b0c0d0e0f");
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_base_id_make(httpa_slice_str("A"), id.random, &id));
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_base_id_make(httpa_slice_str("abcdefghijklmnopq"),
                                  id.random, &id));
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_base_id id;
    (void)arg;
    if (httpa_base_id_read(in, &id) == HTTPA_OK) {
        assert_true(httpa_slice_equal(in, httpa_base_id_text(&id)));
    }
}

static void mutants_do_no_harm(void **state)
{
    (void)state;
    mutate(httpa_slice_str(rows[0].text), read_mutant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar),
        cmocka_unit_test(random_is_decoded),
        cmocka_unit_test(mutants_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
