/* Profiles of type "cca" in policy files: a good one, and each fault said
 * where it stands. */
#include <httpa/config.h>

#include "support/test.h"

#define H16 "000102030405060708090a0b0c0d0e0f"
#define H32 H16 H16
#define H48 H32 H16
#define H64 H32 H32

#define RIM "\"rim\": \"" H32 "\""
#define KEY "\"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\\n\""
#define CPAK "\"cpak\": [" KEY "]"
#define IDS "\"implementation_ids\": [\"" H32 "\"]"
#define PLATFORM "\"platform\": {" IDS "}"
#define PART "\"type\": \"RMM\", \"signer_id\": \"" H32 "\""

static enum httpa_err read_it(const char *set, const char *members,
                              struct httpa_policy **ret,
                              struct httpa_config_error *error)
{
    char text[4096];
    int n = snprintf(text, sizeof(text),
                     "{\"httpa_policy\": 1, \"name\": \"x\", \"identity\": "
                     "{\"require\": \"none\"}, \"accept\": [{\"name\": \"p\", "
                     "\"type\": \"cca\", \"measurements\": [{%s}]%s%s}]}",
                     set, members[0] != '\0' ? ", " : "", members);
    assert_true(n > 0 && (size_t)n < sizeof(text));
    return httpa_config_policy_read(httpa_slice_str(text), "p.json", ret,
                                    error);
}

static void everything(void **state)
{
    struct httpa_policy *p;
    struct httpa_config_error error;
    (void)state;
    assert_ok(read_it(
        RIM ", \"rem0\": \"" H48 "\", \"rem3\": \"any\", "
            "\"personalization_value\": \"" H64 "\"",
        CPAK ", \"platform\": {" IDS ", \"lifecycle\": [\"secured\"], "
             "\"instance_ids\": [\"01" H32 "\"], \"components\": [{" PART
             ", \"version_min\": \"1.0\"}, {" PART ", \"measurement\": \"" H64
             "\"}]}",
        &p, &error));
    const struct httpa_cca_policy *cca = p->accept[0].cca;
    assert_int_equal(cca->cpak_count, 1);
    assert_int_equal(cca->cpaks[0].n, 3);
    assert_int_equal(cca->implementation_ids[0].n, 32);
    assert_int_equal(cca->instance_ids[0].n, 33);
    assert_int_equal(cca->component_count, 2);
    assert_string_equal(cca->components[0].type, "RMM");
    assert_string_equal(cca->components[0].version_min, "1.0");
    assert_int_equal(cca->components[0].measurement.n, 0);
    assert_int_equal(cca->components[1].measurement.n, 64);
    assert_null(cca->components[1].version_min);
    assert_int_equal(p->accept[0].sets[0].reference_count, 4);
    httpa_config_policy_free(p);
}

static void faults(void **state)
{
    static const struct {
        const char *set;
        const char *members;
        const char *says;
    } rows[] = {
        { RIM, PLATFORM, "\"cpak\" is missing" },
        { RIM, CPAK, "\"platform\" is missing" },
        { RIM, CPAK ", \"platform\": {}", "implementation_ids" },
        { RIM, PLATFORM ", \"cpak\": []", "list" },
        { RIM, PLATFORM ", " CPAK ", \"endorser\": \"x\"",
          "\"endorser\" is not in this version" },
        { "\"rem0\": \"any\"", PLATFORM ", " CPAK, "\"rim\" is missing" },
        { "\"rim\": \"any\"", PLATFORM ", " CPAK, "pins nothing" },
        { "\"rim\": \"00\"", PLATFORM ", " CPAK, "64, 96 or 128 hex digits" },
        { RIM ", \"personalization_value\": \"" H32 "\"", PLATFORM ", " CPAK,
          "128 hex digits" },
        { RIM ", \"rem4\": \"any\"", PLATFORM ", " CPAK, "did you mean" },
        { RIM,
          CPAK ", \"platform\": {" IDS
               ", \"lifecycle\": [\"non_cca_platform_rot_debug\"]}",
          "never accepted" },
        { RIM, CPAK ", \"platform\": {\"implementation_ids\": [\"00\"]}",
          "must be 64 hex digits" },
        { RIM, CPAK ", \"platform\": {" IDS ", \"instance_ids\": [\"00\"]}",
          "must be 66 hex digits" },
        { RIM, CPAK ", \"platform\": {" IDS ", \"components\": [{" PART "}]}",
          "\"measurement\" or \"version_min\"" },
        { RIM,
          CPAK ", \"platform\": {" IDS ", \"components\": [{" PART
               ", \"version_min\": \"v1\"}]}",
          "numbers with dots" },
        { RIM,
          CPAK ", \"platform\": {" IDS ", \"components\": [{\"type\": \"x\", "
               "\"version_min\": \"1\"}]}",
          "signer_id" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_policy *p;
        struct httpa_config_error error;
        assert_err(HTTPA_ERR_CONFIG,
                   read_it(rows[i].set, rows[i].members, &p, &error));
        if (strstr(error.text, rows[i].says) == NULL) {
            fail_msg("want \"%s\", got \"%s\"", rows[i].says, error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(everything),
                                        cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
