/* Policies against claims that are made here. */
#include "samples.h"

/* An item that every policy below accepts, but for one claim. */
struct item {
    bool is_tdx;
    bool debug;
    uint64_t attributes;
    const char *status; /* NULL: no collateral */
    const char *advisories[3];
    int64_t number;
};

#define SEPT HTTPA_INTEL_TD_SEPT_VE_DISABLE

static void put(struct httpa_verdict *v, const struct item *item)
{
    uint8_t bytes[16] = { 0 };
    struct httpa_slice texts[3];
    size_t n = 0;
    for (; n < 3 && item->advisories[n] != NULL; n++) {
        texts[n] = httpa_slice_str(item->advisories[n]);
    }
    for (size_t i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(item->attributes >> (8 * i));
    }
    httpa_verdict_claim(v, 0, "debug", httpa_value_boolean(item->debug));
    httpa_verdict_claim(
        v, 0, item->is_tdx ? "td_attributes" : "attributes",
        httpa_value_bytes(httpa_slice_of(bytes, item->is_tdx ? 8 : 16)));
    httpa_verdict_claim(v, 0, "fmspc",
                        httpa_value_bytes(httpa_slice_of("\1\2\3\4\5\6", 6)));
    if (item->status != NULL) {
        httpa_verdict_claim(v, 0, "tcb_status", httpa_value_str(item->status));
        httpa_verdict_claim(v, 0, "advisories",
                            (struct httpa_value){ .type = HTTPA_VALUE_TEXTS,
                                                  .texts = texts,
                                                  .count = n });
        httpa_verdict_claim(v, 0, "evaluation_number",
                            httpa_value_integer(item->number));
    }
}

static const struct httpa_slice all[] = {
    { (const uint8_t *)"UpToDate", 8 },
    { (const uint8_t *)"SWHardeningNeeded", 17 },
    { (const uint8_t *)"OutOfDate", 9 },
    { (const uint8_t *)"Revoked", 7 },
    { (const uint8_t *)"NotSupported", 12 },
};
static const struct httpa_slice known[] = {
    { (const uint8_t *)"INTEL-SA-1", 10 },
    { (const uint8_t *)"INTEL-SA-2", 10 },
};
static const struct httpa_slice here[] = {
    { (const uint8_t *)"\6\5\4\3\2\1", 6 },
    { (const uint8_t *)"\1\2\3\4\5\6", 6 },
};

#define STRICT .status = all, .status_count = 1
#define WIDE                                                                   \
    .status = all, .status_count = 5, .advisories = known, .advisory_count = 2

static void one_rule_each(void **state)
{
    static const struct {
        const char *why;
        const char *check; /* that fails; "": none */
        struct httpa_intel_policy policy;
        struct item item;
    } rows[] = {
        { "plain",
          "",
          { STRICT },
          { true, false, SEPT, "UpToDate", { 0 }, 1 } },
        { "an empty policy",
          "tcb.status",
          { 0 },
          { true, false, SEPT, "UpToDate", { 0 }, 1 } },
        { "debug, whatever is allowed",
          "attributes.debug",
          { WIDE, .no_sept_ve_disable = true, .migratable = true,
            .perfmon = true },
          { true, true, SEPT, "UpToDate", { 0 }, 1 } },
        { "no SEPT_VE_DISABLE",
          "attributes.sept_ve_disable",
          { STRICT },
          { true, false, 0, "UpToDate", { 0 }, 1 } },
        { "the same, tolerated",
          "",
          { STRICT, .no_sept_ve_disable = true },
          { true, false, 0, "UpToDate", { 0 }, 1 } },
        { "migratable",
          "attributes.migratable",
          { STRICT },
          { true,
            false,
            SEPT | HTTPA_INTEL_TD_MIGRATABLE,
            "UpToDate",
            { 0 },
            1 } },
        { "the same, allowed",
          "",
          { STRICT, .migratable = true },
          { true,
            false,
            SEPT | HTTPA_INTEL_TD_MIGRATABLE,
            "UpToDate",
            { 0 },
            1 } },
        { "counters",
          "attributes.perfmon",
          { STRICT },
          { true,
            false,
            SEPT | HTTPA_INTEL_TD_PERFMON,
            "UpToDate",
            { 0 },
            1 } },
        { "the same, allowed",
          "",
          { STRICT, .perfmon = true },
          { true,
            false,
            SEPT | HTTPA_INTEL_TD_PERFMON,
            "UpToDate",
            { 0 },
            1 } },
        { "SGX, plain",
          "",
          { STRICT },
          { false, false, 5, "UpToDate", { 0 }, 1 } },
        { "SGX, debug",
          "attributes.debug",
          { STRICT },
          { false, true, 7, "UpToDate", { 0 }, 1 } },
        { "provisioning key",
          "attributes.provision_key",
          { STRICT },
          { false, false, 0x15, "UpToDate", { 0 }, 1 } },
        { "the same, allowed",
          "",
          { STRICT, .provision_key = true },
          { false, false, 0x15, "UpToDate", { 0 }, 1 } },
        { "not listed",
          "tcb.status",
          { STRICT },
          { true, false, SEPT, "SWHardeningNeeded", { 0 }, 1 } },
        { "listed, advisories too",
          "",
          { WIDE },
          { true,
            false,
            SEPT,
            "SWHardeningNeeded",
            { "INTEL-SA-1", "INTEL-SA-2" },
            1 } },
        { "listed, one advisory is not",
          "tcb.status",
          { WIDE },
          { true,
            false,
            SEPT,
            "SWHardeningNeeded",
            { "INTEL-SA-1", "INTEL-SA-3" },
            1 } },
        { "up to date needs no more",
          "",
          { WIDE },
          { true, false, SEPT, "UpToDate", { "INTEL-SA-3" }, 1 } },
        { "revoked, though listed",
          "tcb.status",
          { WIDE },
          { true, false, SEPT, "Revoked", { 0 }, 1 } },
        { "no level, though listed",
          "tcb.status",
          { WIDE },
          { true, false, SEPT, "NotSupported", { 0 }, 1 } },
        { "relaunch counts as out of date",
          "",
          { WIDE },
          { true, false, SEPT, "TDRelaunchAdvised", { "INTEL-SA-1" }, 1 } },
        { "relaunch, out of date not listed",
          "tcb.status",
          { STRICT },
          { true, false, SEPT, "TDRelaunchAdvised", { 0 }, 1 } },
        { "relaunch, not this one",
          "tcb.status",
          { WIDE },
          { true,
            false,
            SEPT,
            "TDRelaunchAdvisedConfigurationNeeded",
            { 0 },
            1 } },
        { "no collateral",
          "tcb.status",
          { WIDE },
          { true, false, SEPT, NULL, { 0 }, 1 } },
        { "evaluation",
          "",
          { STRICT, .min_evaluation_number = 17 },
          { true, false, SEPT, "UpToDate", { 0 }, 17 } },
        { "an older one",
          "tcb.evaluation",
          { STRICT, .min_evaluation_number = 17 },
          { true, false, SEPT, "UpToDate", { 0 }, 16 } },
        { "a platform of the list",
          "",
          { STRICT, .fmspc = here, .fmspc_count = 2 },
          { true, false, SEPT, "UpToDate", { 0 }, 1 } },
        { "another platform",
          "fmspc",
          { STRICT, .fmspc = here, .fmspc_count = 1 },
          { true, false, SEPT, "UpToDate", { 0 }, 1 } },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_verdict *v = httpa_verdict_new();
        const struct httpa_verify_in in = { 0 };
        const struct httpa_profile profile = {
            .name = "p",
            .type = rows[i].item.is_tdx ? "tdx" : "sgx",
            .intel = &rows[i].policy,
        };
        put(v, &rows[i].item);
        enum httpa_err err = httpa_intel_judge(&profile, &in, v, 0);
        if ((err == HTTPA_OK) != (rows[i].check[0] == '\0') ||
            strcmp(first(v, HTTPA_OUTCOME_FAIL), rows[i].check) != 0) {
            fail_msg("%s: %s, %s", rows[i].why, httpa_err_name(err),
                     first(v, HTTPA_OUTCOME_FAIL));
        }
        assert_true(err == HTTPA_OK || err == HTTPA_ERR_APPRAISAL);
        httpa_verdict_free(v);
    }
}

/* Nothing was claimed, or nothing is demanded: no pass. */
static void nothing(void **state)
{
    static const struct httpa_intel_policy policy = { WIDE };
    const struct httpa_verify_in in = { 0 };
    struct httpa_profile profile = { .name = "p", .type = "tdx" };
    (void)state;
    struct httpa_verdict *v = httpa_verdict_new();
    assert_err(HTTPA_ERR_APPRAISAL, httpa_intel_judge(&profile, &in, v, 0));
    profile.intel = &policy;
    assert_err(HTTPA_ERR_APPRAISAL, httpa_intel_judge(&profile, &in, v, 0));
    assert_string_equal(first(v, HTTPA_OUTCOME_FAIL), "attributes.debug");
    httpa_verdict_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rule_each),
        cmocka_unit_test(nothing),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
