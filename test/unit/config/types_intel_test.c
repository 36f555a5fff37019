/* Profiles of types "tdx" and "sgx" in policy files: good ones, and each fault
 * said where it stands. */
#include <httpa/config.h>

#include "support/test.h"

#define H16 "000102030405060708090a0b0c0d0e0f"
#define H32 H16 H16
#define H48 H32 H16

#define TD(mrtd)                                                               \
    "\"mrtd\": \"" mrtd "\", \"rtmr0\": \"any\", \"rtmr1\": \"any\", "     \
    "\"rtmr2\": \"any\""
#define GOOD_TD "{" TD(H48) "}"
#define GOOD_ENCLAVE "{\"mrenclave\": \"" H32 "\"}"
#define TCB "\"tcb\": {\"status\": [\"UpToDate\"]}"

static enum httpa_err read_it(const char *type, const char *set,
                              const char *members, struct httpa_policy **ret,
                              struct httpa_config_error *error)
{
    char text[4096];
    int n = snprintf(text, sizeof(text),
                     "{\"httpa_policy\": 1, \"name\": \"x\", \"identity\": "
                     "{\"require\": \"none\"}, \"accept\": [{\"name\": \"p\", "
                     "\"type\": \"%s\", \"measurements\": [%s]%s%s}]}",
                     type, set, members[0] != '\0' ? ", " : "", members);
    assert_true(n > 0 && (size_t)n < sizeof(text));
    return httpa_config_policy_read(httpa_slice_str(text), "p.json", ret,
                                    error);
}

static void everything_of_a_domain(void **state)
{
    struct httpa_policy *p;
    struct httpa_config_error error;
    (void)state;
    assert_ok(read_it(
        "tdx", "{" TD(H48) ", \"mr_config_id\": \"" H48 "\", \"name\": \"b\"}",
        "\"tcb\": {\"status\": [\"UpToDate\", \"SWHardeningNeeded\"], "
        "\"advisories\": [\"INTEL-SA-00615\"], \"min_evaluation_number\": "
        "19, \"grace_days\": 14}, \"via\": \"direct\", "
        "\"attributes\": {\"sept_ve_disable\": false, \"migratable\": "
        "true, \"perfmon\": true}, \"fmspc\": [\"90c06f000000\"], "
        "\"min_tee_tcb_svn\": {\"module\": 5, \"seam_loader\": 7}",
        &p, &error));
    const struct httpa_profile *profile = &p->accept[0];
    const struct httpa_intel_policy *intel = profile->intel;
    assert_int_equal(intel->status_count, 2);
    assert_slice_is(intel->status[1], "SWHardeningNeeded");
    assert_slice_is(intel->advisories[0], "INTEL-SA-00615");
    assert_int_equal(intel->min_evaluation_number, 19);
    assert_int_equal(intel->grace_days, 14);
    assert_int_equal(intel->via, HTTPA_VIA_DIRECT);
    assert_true(intel->no_sept_ve_disable && intel->migratable);
    assert_true(intel->perfmon && !intel->provision_key);
    assert_int_equal(intel->fmspc_count, 1);
    assert_int_equal(intel->min_module_svn, 5);
    assert_int_equal(intel->min_seam_loader_svn, 7);
    assert_int_equal(profile->sets[0].reference_count, 5);
    httpa_config_policy_free(p);
}

static void the_least_is_strict(void **state)
{
    struct httpa_policy *p;
    struct httpa_config_error error;
    (void)state;
    assert_ok(read_it("tdx", GOOD_TD, TCB, &p, &error));
    const struct httpa_intel_policy *intel = p->accept[0].intel;
    assert_false(intel->no_sept_ve_disable || intel->migratable);
    assert_false(intel->perfmon || intel->provision_key);
    assert_int_equal(intel->grace_days, 0);
    httpa_config_policy_free(p);
}

static void enclaves(void **state)
{
    struct httpa_policy *p;
    struct httpa_config_error error;
    (void)state;
    assert_ok(read_it("sgx",
                      GOOD_ENCLAVE ", {\"mrsigner\": \"" H32
                                   "\", \"isv_prod_id\": 1, \"isv_svn_min\": "
                                   "7, \"config_id\": \"any\"}",
                      TCB ", \"attributes\": {\"provision_key\": true}", &p,
                      &error));
    const struct httpa_reference *refs = p->accept[0].sets[1].references;
    assert_true(p->accept[0].intel->provision_key);
    assert_string_equal(refs[0].name, "mrsigner");
    assert_int_equal(refs[1].kind, HTTPA_REFERENCE_EQUAL);
    assert_string_equal(refs[2].name, "isv_svn");
    assert_int_equal(refs[2].kind, HTTPA_REFERENCE_AT_LEAST);
    assert_int_equal(refs[2].value.integer, 7);
    assert_int_equal(refs[3].kind, HTTPA_REFERENCE_ANY);
    httpa_config_policy_free(p);
}

static void faults(void **state)
{
    static const struct {
        const char *type;
        const char *set;
        const char *members;
        const char *says;
    } rows[] = {
        { "tdx", GOOD_TD, "", "\"tcb\" is missing" },
        { "tdx", GOOD_TD, "\"tcb\": {}", "\"status\" is missing" },
        { "tdx", GOOD_TD, "\"tcb\": {\"status\": []}", "empty" },
        { "tdx", GOOD_TD, "\"tcb\": {\"status\": [\"Revoked\"]}",
          "never accepted" },
        { "tdx", GOOD_TD, "\"tcb\": {\"status\": [\"NotSupported\"]}",
          "never accepted" },
        { "tdx", GOOD_TD, "\"tcb\": {\"status\": [\"uptodate\"]}",
          "did you mean \"UpToDate\"" },
        { "tdx", GOOD_TD, "\"tcb\": {\"status\": [3]}", "must be a text" },
        { "tdx", GOOD_TD,
          "\"tcb\": {\"status\": [\"UpToDate\"], "
          "\"min_evaluation_number\": -1}",
          "number of 32 bits" },
        { "tdx", GOOD_TD,
          "\"tcb\": {\"status\": [\"UpToDate\"], \"grace_days\": 366}",
          "at most 365 days" },
        { "tdx", GOOD_TD, TCB ", \"via\": \"gcp\"", "" },
        { "tdx", GOOD_TD, TCB ", \"via\": \"azure\"", "type tpm beside it" },
        { "sgx", GOOD_ENCLAVE, TCB ", \"via\": \"azure\"", "" },
        { "tdx", "{\"mrtd\": \"" H48 "\"}", TCB, "\"rtmr0\" is missing" },
        { "tdx", "{" TD("any") "}", TCB, "value of mrtd" },
        { "tdx", "{" TD(H32) "}", TCB, "must be 96 hex digits" },
        { "tdx", "{" TD(H48) ", \"rtmr4\": \"any\"}", TCB, "did you mean" },
        { "tdx", GOOD_TD, TCB ", \"attributes\": {\"provision_key\": true}",
          "unknown member" },
        { "tdx", GOOD_TD, TCB ", \"attributes\": {\"debug\": true}",
          "unknown member" },
        { "tdx", GOOD_TD, TCB ", \"fmspc\": [\"90c06f\"]", "12 hex digits" },
        { "tdx", GOOD_TD, TCB ", \"min_tee_tcb_svn\": {\"module\": 256}",
          "0 to 255" },
        { "sgx", GOOD_ENCLAVE, "", "\"tcb\" is missing" },
        { "sgx", "{\"config_id\": \"any\"}", TCB,
          "\"mrenclave\" is missing" },
        { "sgx", "{\"mrsigner\": \"" H32 "\"}", TCB, "\"isv_prod_id\"" },
        { "sgx", "{\"mrsigner\": \"" H32 "\", \"isv_prod_id\": 1}", TCB,
          "\"isv_svn_min\"" },
        { "sgx",
          "{\"mrsigner\": \"" H32
          "\", \"isv_prod_id\": \"any\", \"isv_svn_min\": 1}",
          TCB, "\"isv_prod_id\"" },
        { "sgx", "{\"mrenclave\": \"any\"}", TCB, "mrenclave or mrsigner" },
        { "sgx", GOOD_ENCLAVE, TCB ", \"min_tee_tcb_svn\": {\"module\": 1}",
          "unknown member" },
        { "sgx", GOOD_ENCLAVE, TCB ", \"attributes\": {\"migratable\": true}",
          "unknown member" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_config_error e;
        struct httpa_policy *p = NULL;
        enum httpa_err err =
            read_it(rows[i].type, rows[i].set, rows[i].members, &p, &e);
        if (err != HTTPA_ERR_CONFIG || strstr(e.text, rows[i].says) == NULL) {
            fail_msg("row %zu: want \"%s\", got %s \"%s\"", i, rows[i].says,
                     httpa_err_name(err), e.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_of_a_domain),
        cmocka_unit_test(the_least_is_strict),
        cmocka_unit_test(enclaves),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
