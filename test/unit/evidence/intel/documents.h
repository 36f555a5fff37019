/* TCB info and QE identity made here, member by member. */
#ifndef HTTPA_TEST_EVIDENCE_INTEL_DOCUMENTS_H
#define HTTPA_TEST_EVIDENCE_INTEL_DOCUMENTS_H

#include "evidence/intel/collateral.h"
#include "support/test.h"

/* Members as they are written; NULL leaves one out. */
struct info_design {
    const char *id, *version, *issue, *next, *fmspc, *pce_id, *type, *number;
    const char *module, *identities, *levels;
    const char *signature;
};

struct identity_design {
    const char *id, *version, *issue, *next, *number;
    const char *misc, *misc_mask, *attributes, *attributes_mask, *mrsigner;
    const char *prod_id, *levels;
    const char *signature;
};

struct evaluations_design {
    const char *id, *version, *issue, *next, *list;
    const char *signature;
};

#define ZEROS16 "00000000000000000000000000000000"
#define ONES16 "01010101010101010101010101010101"
#define SIGNATURE                                                              \
    "\"" ZEROS16 ZEROS16 ZEROS16 "000102030405060708090a0b0c0d0eff\""

#define SVN(n) "{\"svn\":" #n "}"
#define SVN4(n) SVN(n) "," SVN(n) "," SVN(n) "," SVN(n)
#define SVN15(n)                                                               \
    SVN4(n) "," SVN4(n) "," SVN4(n) "," SVN(n) "," SVN(n) "," SVN(n)
#define SVN16(n) "[" SVN15(n) "," SVN(n) "]"
/* The first three components of TDX; the second is the version. */
#define TDX16(n)                                                               \
    "[" SVN(n) "," SVN(0) "," SVN(n) "," SVN(0) "," SVN4(0) "," SVN4(          \
        0) "," SVN4(0) "]"

#define TAIL(status, more)                                                     \
    ",\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"" status "\"" more  \
    "}"
#define LEVEL(sgx, pce, tdx, status, more)                                     \
    "{\"tcb\":{\"sgxtcbcomponents\":" SVN16(                                   \
        sgx) ",\"pcesvn\":" #pce                                               \
             ",\"tdxtcbcomponents\":" TDX16(tdx) "}" TAIL(status, more)
#define MODULE_LEVEL(svn, status, more)                                        \
    "{\"tcb\":{\"isvsvn\":" #svn "}" TAIL(status, more)
#define MODULE(signer)                                                         \
    "\"mrsigner\":\"" signer signer signer "\",\"attributes\":"                \
    "\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""
#define ADVISORIES(list) ",\"advisoryIDs\":[" list "]"

static const struct info_design good_info = {
    .id = "\"TDX\"",
    .version = "3",
    .issue = "\"2025-06-19T10:16:03Z\"",
    .next = "\"2025-07-19T10:16:03Z\"",
    .fmspc = "\"B0c06F000001\"",
    .pce_id = "\"0102\"",
    .type = "0",
    .number = "17",
    .module = "{" MODULE(ZEROS16) "}",
    .identities =
        "[{\"id\":\"TDX_03\"," MODULE(ZEROS16) ",\"tcbLevels\":[" MODULE_LEVEL(
            3, "UpToDate",
            "") "]},"
                "{\"id\":\"TDX_01\"," MODULE(
                    ONES16) ",\"tcbLevels\":"
                            "[" MODULE_LEVEL(6, "UpToDate", "") "," MODULE_LEVEL(
                                4, "OutOfDate",
                                ADVISORIES(
                                    "\"INTEL-"
                                    "SA-2\"")) "," MODULE_LEVEL(2, "Revoked",
                                                                "") "]}]",
    .levels = "[" LEVEL(3, 13, 5, "UpToDate", "") "," LEVEL(
        2, 13, 4, "ConfigurationNeeded",
        ADVISORIES("\"INTEL-SA-1\"")) "," LEVEL(1, 5, 3, "OutOfDate",
                                                ADVISORIES(
                                                    "\"INTEL-SA-1\",\"INTEL-SA-"
                                                    "2\"")) "]",
    .signature = SIGNATURE,
};

static const struct identity_design good_identity = {
    .id = "\"TD_QE\"",
    .version = "2",
    .issue = "\"2025-06-19T10:32:27Z\"",
    .next = "\"2025-07-19T10:32:27Z\"",
    .number = "18",
    .misc = "\"00000001\"",
    .misc_mask = "\"FFFFFFFF\"",
    .attributes = "\"11000000000000000000000000000000\"",
    .attributes_mask = "\"FBFFFFFFFFFFFFFF0000000000000000\"",
    .mrsigner = "\"" ONES16 ONES16 "\"",
    .prod_id = "2",
    .levels = "[" MODULE_LEVEL(4, "UpToDate",
                               "") "," MODULE_LEVEL(2, "OutOfDate", "") "]",
    .signature = SIGNATURE,
};

/* |number|, the day of its event, and the TCB date, which is the next. */
#define EVALUATION(number, event, date)                                        \
    "{\"tcbEvaluationDataNumber\":" #number                                    \
    ",\"tcbRecoveryEventDate\":\"" event                                       \
    "T00:00:00Z\",\"tcbDate\":\"" date "T00:00:00Z\"}"

static const struct evaluations_design good_evaluations = {
    .id = "\"TDX\"",
    .version = "1",
    .issue = "\"2025-06-19T10:16:03Z\"",
    .next = "\"2025-07-19T10:16:03Z\"",
    .list = "[" EVALUATION(19, "2025-06-30", "2025-07-01") "," EVALUATION(
        18, "2025-06-24", "2025-06-25") "," EVALUATION(17, "2024-03-12",
                                                       "2024-03-13") "]",
    .signature = SIGNATURE,
};

struct pair {
    const char *name;
    const char *value;
};

static inline void put_members(struct httpa_buf *b, const char *name,
                               const struct pair *pairs, size_t n,
                               const char *signature)
{
    const char *comma = "";
    httpa_buf_put_str(b, "{\"");
    httpa_buf_put_str(b, name);
    httpa_buf_put_str(b, "\":{");
    for (size_t i = 0; i < n; i++) {
        if (pairs[i].value != NULL) {
            httpa_buf_put_str(b, comma);
            httpa_buf_put_str(b, "\"");
            httpa_buf_put_str(b, pairs[i].name);
            httpa_buf_put_str(b, "\":");
            httpa_buf_put_str(b, pairs[i].value);
            comma = ",";
        }
    }
    httpa_buf_put_str(b, "}");
    if (signature != NULL) {
        httpa_buf_put_str(b, ",\"signature\":");
        httpa_buf_put_str(b, signature);
    }
    httpa_buf_put_str(b, "}");
    assert_ok(httpa_buf_check(b));
}

static inline void put_info(struct httpa_buf *b, const struct info_design *d)
{
    const struct pair pairs[] = {
        { "id", d->id },
        { "version", d->version },
        { "issueDate", d->issue },
        { "nextUpdate", d->next },
        { "fmspc", d->fmspc },
        { "pceId", d->pce_id },
        { "tcbType", d->type },
        { "tcbEvaluationDataNumber", d->number },
        { "tdxModule", d->module },
        { "tdxModuleIdentities", d->identities },
        { "tcbLevels", d->levels },
    };
    put_members(b, "tcbInfo", pairs, COUNT(pairs), d->signature);
}

static inline void
put_identity(struct httpa_buf *b, const struct identity_design *d)
{
    const struct pair pairs[] = {
        { "id", d->id },
        { "version", d->version },
        { "issueDate", d->issue },
        { "nextUpdate", d->next },
        { "tcbEvaluationDataNumber", d->number },
        { "miscselect", d->misc },
        { "miscselectMask", d->misc_mask },
        { "attributes", d->attributes },
        { "attributesMask", d->attributes_mask },
        { "mrsigner", d->mrsigner },
        { "isvprodid", d->prod_id },
        { "tcbLevels", d->levels },
    };
    put_members(b, "enclaveIdentity", pairs, COUNT(pairs), d->signature);
}

static inline void
put_evaluations(struct httpa_buf *b, const struct evaluations_design *d)
{
    const struct pair pairs[] = {
        { "id", d->id },           { "version", d->version },
        { "issueDate", d->issue }, { "nextUpdate", d->next },
        { "tcbEvalNumbers", d->list },
    };
    put_members(b, "tcbEvaluationDataNumbers", pairs, COUNT(pairs),
                d->signature);
}

#endif
