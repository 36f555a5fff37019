/* Profiles of type "sev-snp" in policy files: one good one, and each fault
 * said where it stands. */
#include <httpa/config.h>

#include "support/test.h"

#define M48                                                                    \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"         \
    "202122232425262728292a2b2c2d2e2f"
#define H32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

#define SET "{\"measurement\": \"" M48 "\", \"host_data\": \"any\"}"
#define FLOOR                                                                  \
    "{\"boot_loader\": 4, \"tee\": 1, \"snp\": 24, \"microcode\": 219}"

static enum httpa_err read_it(const char *set, const char *members,
                              struct httpa_policy **ret,
                              struct httpa_config_error *error)
{
    char text[4096];
    int n = snprintf(text, sizeof(text),
                     "{\"httpa_policy\": 1, \"name\": \"x\", \"identity\": "
                     "{\"require\": \"none\"}, \"accept\": [{\"name\": \"p\", "
                     "\"type\": \"sev-snp\", \"measurements\": [%s]%s%s}]}",
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
        "{\"measurement\": \"" M48 "\", \"host_data\": \"" H32
        "\", \"family_id\": \"any\", \"guest_svn_min\": 7, \"name\": \"b\"}",
        "\"min_tcb\": {\"siena\": " FLOOR ", \"turin\": {\"boot_loader\": 1, "
        "\"tee\": 0, \"snp\": 2, \"microcode\": 3, \"fmc\": 4}}, "
        "\"signed_by\": [\"vcek\", \"vlek\"], \"csp_id\": \"CN=cloud\", "
        "\"vmpl\": [0, 2], \"guest_policy\": {\"migration_agent\": true, "
        "\"smt\": false, \"single_socket\": \"any\", \"abi_min\": \"1.55\"}, "
        "\"platform_info\": {\"alias_check\": true, \"ecc\": true, \"tsme\": "
        "false, \"ciphertext_hiding\": \"any\"}, "
        "\"provisional_firmware\": true, \"crl\": \"required\"",
        &p, &error));
    const struct httpa_snp_policy *snp = p->accept[0].snp;
    assert_int_equal(snp->floor_count, 2);
    assert_string_equal(snp->floors[0].product, "bergamo");
    assert_int_equal(snp->floors[0].microcode, 219);
    assert_int_equal(snp->floors[1].fmc, 4);
    assert_true(snp->vcek && snp->vlek && !snp->insecure_any_tcb);
    assert_string_equal(snp->csp_id, "CN=cloud");
    assert_int_equal(snp->vmpls, 5);
    assert_true(snp->migration_agent && snp->provisional_firmware && snp->crl);
    assert_int_equal(snp->smt, HTTPA_DEMAND_FALSE);
    assert_int_equal(snp->single_socket, HTTPA_DEMAND_ANY);
    assert_int_equal(snp->alias_check, HTTPA_DEMAND_TRUE);
    assert_int_equal(snp->tsme, HTTPA_DEMAND_FALSE);
    assert_int_equal(snp->abi_major, 1);
    assert_int_equal(snp->abi_minor, 55);
    assert_int_equal(p->accept[0].sets[0].reference_count, 4);
    httpa_config_policy_free(p);
}

static void the_least(void **state)
{
    struct httpa_policy *p;
    struct httpa_config_error error;
    (void)state;
    assert_ok(read_it(SET, "\"min_tcb\": {\"milan\": " FLOOR "}", &p, &error));
    const struct httpa_snp_policy *snp = p->accept[0].snp;
    assert_true(snp->vcek && !snp->vlek && snp->vmpls == 0);
    assert_true(!snp->migration_agent && !snp->provisional_firmware &&
                !snp->crl);
    httpa_config_policy_free(p);
}

#define GOOD "\"min_tcb\": {\"milan\": " FLOOR "}"

static void faults(void **state)
{
    static const struct {
        const char *set;
        const char *members;
        const char *says;
    } rows[] = {
        { SET, "", "\"min_tcb\" is missing" },
        { "{\"host_data\": \"any\"}", GOOD, "\"measurement\" is missing" },
        { "{\"measurement\": \"" M48 "\"}", GOOD, "\"host_data\" is missing" },
        { "{\"measurement\": \"" H32 "\", \"host_data\": \"any\"}", GOOD,
          "must be 96 hex digits" },
        { "{\"measurement\": \"" M48 "\", \"host_date\": \"any\"}", GOOD,
          "did you mean \"host_data\"" },
        { "{\"measurement\": \"" M48
          "\", \"host_data\": \"any\", \"image_ids\": \"any\"}",
          GOOD, "did you mean \"image_id\"" },
        { "{\"measurement\": \"" M48
          "\", \"host_data\": \"any\", \"guest_svn_min\": -1}",
          GOOD, "number of 32 bits" },
        { SET, "\"min_tcb\": {}", "member for each product" },
        { SET, "\"min_tcb\": {\"rome\": " FLOOR "}", "rome" },
        { SET, "\"min_tcb\": {\"milan\": {\"boot_loader\": 4}}", "is missing" },
        { SET, "\"min_tcb\": {\"turin\": " FLOOR "}", "\"fmc\" is missing" },
        { SET,
          "\"min_tcb\": {\"milan\": {\"boot_loader\": 4, \"tee\": 1, \"snp\": "
          "24, \"microcode\": 219, \"fmc\": 1}}",
          "only turin" },
        { SET,
          "\"min_tcb\": {\"milan\": {\"boot_loader\": 4, \"tee\": 1, \"snp\": "
          "24, \"microcode\": 256}}",
          "0 to 255" },
        { SET, GOOD ", \"signed_by\": [\"vlek\"]", "go together" },
        { SET, GOOD ", \"csp_id\": \"x\"", "go together" },
        { SET, GOOD ", \"signed_by\": [\"ask\"]", "known here" },
        { SET, GOOD ", \"vmpl\": [4]", "0 to 3" },
        { SET, GOOD ", \"crl\": \"ignored\"", "known here" },
        { SET, GOOD ", \"vmpl\": []", "empty" },
        { SET, GOOD ", \"guest_policy\": {\"smt\": 1}", "true, false" },
        { SET, GOOD ", \"guest_policy\": {\"abi_min\": \"1\"}", "version" },
        { SET, GOOD ", \"platform_info\": {\"eccc\": true}", "ecc" },
        { SET, GOOD ", \"chips\": [\"00\"]", "128 hex" },
        { SET, GOOD ", \"debug\": true", "debug" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_policy *p;
        struct httpa_config_error error = { 0 };
        assert_err(HTTPA_ERR_CONFIG,
                   read_it(rows[i].set, rows[i].members, &p, &error));
        if (strstr(error.text, rows[i].says) == NULL) {
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, error.text,
                     rows[i].says);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),
        cmocka_unit_test(the_least),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
