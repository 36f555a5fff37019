/* What sets and profiles of a type may have: type nitro. */
#include <httpa/config.h>

#include "support/test.h"

#define HEX96(two)                                                             \
    two two two two two two two two two two two two two two two two two two    \
    two two two two two two two two two two two two two two two two two two    \
    two two two two two two two two two two two two

/* A policy with these sets and these members of the profile. */
static enum httpa_err read_with(const char *sets, const char *members,
                                struct httpa_policy **ret,
                                struct httpa_config_error *e)
{
    char text[2048];
    int n = snprintf(text, sizeof(text),
                     "{\"httpa_policy\": 1, \"name\": \"n\",\n"
                     "\"identity\": {\"require\": \"none\"},\n"
                     "\"accept\": [{\"name\": \"e\", \"type\": \"nitro\"%s,\n"
                     "\"measurements\": [%s]}]}",
                     members, sets);
    assert_true(n > 0 && (size_t)n < sizeof(text));
    return httpa_config_policy_read(httpa_slice_of(text, (size_t)n), NULL, ret,
                                    e);
}

#define IMAGE(pcr0)                                                            \
    "\"pcr0\": \"" pcr0 "\", \"pcr1\": \"any\", \"pcr2\": \"any\""

static void an_enclave(void **state)
{
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    (void)state;
    if (read_with("{\"name\": \"b\", \"pcr8\": \"" HEX96("a8")
                  "\", \"note\": \"\", " IMAGE(HEX96("A0")) "}",
                  "", &p, &e) != HTTPA_OK) {
        fail_msg("%u:%u: %s", e.line, e.column, e.text);
    }
    const struct httpa_profile *profile = &p->accept[0];
    const struct httpa_set *set = &profile->sets[0];
    assert_string_equal(profile->type, "nitro");
    assert_null(profile->tpm);
    assert_null(profile->dev);
    assert_int_equal(profile->nitro->max_age_s, 300);
    assert_int_equal(set->reference_count, 4);
    assert_string_equal(set->references[0].name, "pcr8");
    assert_int_equal(set->references[0].value.type, HTTPA_VALUE_BYTES);
    assert_int_equal(set->references[0].value.bytes.n, 48);
    assert_string_equal(set->references[1].name, "pcr0");
    assert_int_equal(set->references[1].value.bytes.p[47], 0xa0);
    assert_int_equal(set->references[2].kind, HTTPA_REFERENCE_ANY);
    httpa_config_policy_free(p);
}

static void what_is_read(void **state)
{
    static const struct {
        const char *why;
        const char *sets;
        const char *members;
        uint32_t max_age_s;
    } rows[] = {
        { "an age", "{" IMAGE(HEX96("a0")) "}", ", \"max_age\": \"1h\"", 3600 },
        { "any image of a signer",
          "{" IMAGE("any") ", \"pcr8\": \"" HEX96("a8") "\"}", "", 300 },
        { "with a role and an instance",
          "{" IMAGE(HEX96("a0")) ", \"pcr3\": \"" HEX96("a3")
          "\", \"pcr4\": \"" HEX96("a4") "\"}", "", 300 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_config_error e;
        struct httpa_policy *p = NULL;
        if (read_with(rows[i].sets, rows[i].members, &p, &e) != HTTPA_OK) {
            fail_msg("%s: %s", rows[i].why, e.text);
        }
        assert_int_equal(p->accept[0].nitro->max_age_s, rows[i].max_age_s);
        httpa_config_policy_free(p);
    }
}

static void what_is_not(void **state)
{
    static const struct {
        const char *why;
        const char *sets;
        const char *members;
        const char *text; /* part of the sentence */
    } rows[] = {
        { "no image", "{\"pcr1\": \"any\", \"pcr2\": \"any\"}", "",
          "\"pcr0\" is missing" },
        { "no kernel", "{\"pcr0\": \"any\", \"pcr2\": \"any\"}", "",
          "\"pcr1\" is missing" },
        { "no application", "{\"pcr0\": \"any\", \"pcr1\": \"any\"}", "",
          "\"pcr2\" is missing" },
        { "nothing has a value", "{" IMAGE("any") "}", "", "pins nothing" },
        { "only where it runs",
          "{" IMAGE("any") ", \"pcr3\": \"" HEX96("a3") "\"}", "",
          "value of pcr0 or pcr8, not zeros" },
        { "only the kernel",
          "{\"pcr0\": \"any\", \"pcr2\": \"any\", \"pcr1\": \"" HEX96("a1")
          "\"}", "", "pins nothing" },
        { "only the application",
          "{\"pcr0\": \"any\", \"pcr1\": \"any\", \"pcr2\": \"" HEX96("a2")
          "\"}", "", "pins nothing" },
        { "only that nobody signed",
          "{" IMAGE("any") ", \"pcr8\": \"" HEX96("00") "\"}", "",
          "pins nothing" },
        { "debug mode", "{" IMAGE(HEX96("00")) "}", "", "pins nothing" },
        { "of SHA-256", "{" IMAGE("a0a0") "}", "",
          "must be 96 hex digits or \"any\", has 4" },
        { "a number", "{\"pcr0\": 0}", "", "must be a text" },
        { "null", "{\"pcr0\": null}", "", "must be a text" },
        { "a register that a set has not",
          "{" IMAGE("any") ", \"pcr5\": \"any\"}", "",
          "unknown member \"pcr5\"" },
        { "a bank", "{" IMAGE("any") ", \"bank\": \"sha384\"}", "",
          "\"bank\"; registers are pcr0, pcr1, pcr2, pcr3, pcr4, pcr8" },
        { "misspelt", "{" IMAGE("any") ", \"nam\": \"b\"}", "",
          "did you mean \"name\"?" },
        { "an age of zero", "{" IMAGE(HEX96("a0")) "}",
          ", \"max_age\": \"0s\"", "must be a duration" },
        { "a number for the age", "{" IMAGE(HEX96("a0")) "}",
          ", \"max_age\": 300", "must be a text" },
        { "debug mode by name", "{" IMAGE(HEX96("a0")) "}",
          ", \"allow_debug\": true",
          "unknown member \"allow_debug\" for type nitro" },
        { "another root", "{" IMAGE(HEX96("a0")) "}",
          ", \"root_key\": \"root.pem\"",
          "unknown member \"root_key\" for type nitro" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_config_error e;
        struct httpa_policy *p = NULL;
        enum httpa_err err =
            read_with(rows[i].sets, rows[i].members, &p, &e);
        if (err != HTTPA_ERR_CONFIG || strstr(e.text, rows[i].text) == NULL) {
            fail_msg("%s: want \"%s\", got %s \"%s\"", rows[i].why,
                     rows[i].text, httpa_err_name(err), e.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_enclave),
        cmocka_unit_test(what_is_read),
        cmocka_unit_test(what_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
