/* Levels and merging, over documents made here: nobody signed them. */
#include "evidence/intel/tcb.h"
#include "documents.h"

static struct httpa_intel_tcb_info info;
static struct httpa_intel_qe_identity identity;
static struct httpa_buf info_text;
static struct httpa_buf identity_text;

static int open_documents(void **state)
{
    (void)state;
    info_text = httpa_buf_growing(65536);
    identity_text = httpa_buf_growing(65536);
    put_info(&info_text, &good_info);
    put_identity(&identity_text, &good_identity);
    assert_ok(httpa_intel_tcb_info_read(httpa_buf_slice(&info_text), &info));
    assert_ok(httpa_intel_qe_identity_read(httpa_buf_slice(&identity_text),
                                           &identity));
    return 0;
}

static int close_documents(void **state)
{
    (void)state;
    httpa_buf_done(&info_text);
    httpa_buf_done(&identity_text);
    return 0;
}

/* Levels of good_info: components 3, PCESVN 13, TDX components 5: UpToDate;
 * 2, 13, 4: ConfigurationNeeded; 1, 5, 3: OutOfDate.  Module 1: 6 UpToDate, 4
 * OutOfDate, 2 Revoked.  QE: 4 UpToDate, 2 OutOfDate. */
static void levels(void **state)
{
    static const struct {
        const char *why;
        uint8_t sgx, last; /* components, and the sixteenth */
        uint16_t pce_svn;
        uint8_t svn0, version, svn2; /* TEE_TCB_SVN */
        uint8_t now0, now1;          /* TEE_TCB_SVN_2; 0: TDX 1.0 */
        uint16_t qe_svn;
        enum httpa_intel_status status;
        size_t advisories;
    } rows[] = {
        { "all there", 3, 3, 13, 5, 0, 5, 0, 0, 4, HTTPA_INTEL_UP_TO_DATE, 0 },
        { "more than that", 9, 9, 99, 9, 0, 9, 0, 0, 9, HTTPA_INTEL_UP_TO_DATE,
          0 },
        { "sixteenth component", 3, 2, 13, 5, 0, 5, 0, 0, 4,
          HTTPA_INTEL_CONFIGURATION_NEEDED, 1 },
        { "PCESVN", 3, 3, 12, 5, 0, 5, 0, 0, 4, HTTPA_INTEL_OUT_OF_DATE, 2 },
        { "below every level", 0, 0, 13, 5, 0, 5, 0, 0, 4,
          HTTPA_INTEL_NOT_SUPPORTED, 0 },
        { "PCESVN below every level", 3, 3, 4, 5, 0, 5, 0, 0, 4,
          HTTPA_INTEL_NOT_SUPPORTED, 0 },
        { "first TDX component, no version", 3, 3, 13, 4, 0, 5, 0, 0, 4,
          HTTPA_INTEL_CONFIGURATION_NEEDED, 1 },
        { "third TDX component, no version", 3, 3, 13, 5, 0, 4, 0, 0, 4,
          HTTPA_INTEL_CONFIGURATION_NEEDED, 1 },
        { "version: the first is the module's", 3, 3, 13, 6, 1, 5, 0, 0, 4,
          HTTPA_INTEL_UP_TO_DATE, 0 },
        { "version: the third still counts", 3, 3, 13, 6, 1, 4, 0, 0, 4,
          HTTPA_INTEL_CONFIGURATION_NEEDED, 1 },
        { "module out of date", 3, 3, 13, 4, 1, 5, 0, 0, 4,
          HTTPA_INTEL_OUT_OF_DATE, 1 },
        { "both need something", 2, 2, 13, 4, 1, 5, 0, 0, 4,
          HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED, 2 },
        { "module revoked", 3, 3, 13, 2, 1, 5, 0, 0, 4, HTTPA_INTEL_REVOKED,
          0 },
        { "module below every level", 3, 3, 13, 1, 1, 5, 0, 0, 4,
          HTTPA_INTEL_NOT_SUPPORTED, 0 },
        { "module nobody knows", 3, 3, 13, 9, 2, 5, 0, 0, 4,
          HTTPA_INTEL_NOT_SUPPORTED, 0 },
        { "QE out of date", 3, 3, 13, 5, 0, 5, 0, 0, 3, HTTPA_INTEL_OUT_OF_DATE,
          0 },
        { "QE out of date, configuration needed", 2, 2, 13, 5, 0, 5, 0, 0, 3,
          HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED, 1 },
        { "QE below every level", 3, 3, 13, 5, 0, 5, 0, 0, 1,
          HTTPA_INTEL_NOT_SUPPORTED, 0 },
        { "relaunch", 3, 3, 13, 4, 1, 5, 6, 1, 4,
          HTTPA_INTEL_TD_RELAUNCH_ADVISED, 1 },
        { "relaunch, configuration needed", 2, 2, 13, 4, 1, 5, 6, 1, 4,
          HTTPA_INTEL_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED, 2 },
        { "relaunch would not help", 3, 3, 13, 4, 1, 5, 5, 1, 4,
          HTTPA_INTEL_OUT_OF_DATE, 1 },
        { "relaunch, QE out of date", 3, 3, 13, 4, 1, 5, 6, 1, 3,
          HTTPA_INTEL_OUT_OF_DATE, 1 },
        { "relaunch, platform out of date", 1, 1, 13, 4, 1, 5, 6, 1, 4,
          HTTPA_INTEL_OUT_OF_DATE, 2 },
        { "relaunch, module revoked", 3, 3, 13, 2, 1, 5, 6, 1, 4,
          HTTPA_INTEL_REVOKED, 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_intel_platform platform = { .pce_svn = rows[i].pce_svn };
        uint8_t svn[HTTPA_INTEL_COMPONENTS];
        uint8_t now[HTTPA_INTEL_COMPONENTS] = { rows[i].now0, rows[i].now1 };
        struct httpa_intel_td td = { .tee_tcb_svn =
                                         httpa_slice_of(svn, sizeof(svn)) };
        struct httpa_intel_tcb tcb;
        memset(platform.components, rows[i].sgx, sizeof(platform.components));
        platform.components[15] = rows[i].last;
        memset(svn, 9, sizeof(svn));
        svn[0] = rows[i].svn0;
        svn[1] = rows[i].version;
        svn[2] = rows[i].svn2;
        /* without a version the list compares the second component, too */
        if (rows[i].now0 != 0) {
            td.tee_tcb_svn_2 = httpa_slice_of(now, sizeof(now));
        }
        httpa_intel_tcb_find(&info, &identity, &platform, &td, rows[i].qe_svn,
                             &tcb);
        if (tcb.status != rows[i].status ||
            tcb.advisory_count != rows[i].advisories) {
            fail_msg("%s: %s, %zu advisories", rows[i].why,
                     httpa_intel_status_name(tcb.status), tcb.advisory_count);
        }
    }
}

static void merging(void **state)
{
    static const struct {
        enum httpa_intel_status status, other, both;
    } rows[] = {
        { HTTPA_INTEL_UP_TO_DATE, HTTPA_INTEL_UP_TO_DATE,
          HTTPA_INTEL_UP_TO_DATE },
        { HTTPA_INTEL_SW_HARDENING_NEEDED, HTTPA_INTEL_UP_TO_DATE,
          HTTPA_INTEL_SW_HARDENING_NEEDED },
        { HTTPA_INTEL_SW_HARDENING_NEEDED, HTTPA_INTEL_OUT_OF_DATE,
          HTTPA_INTEL_OUT_OF_DATE },
        { HTTPA_INTEL_CONFIGURATION_NEEDED, HTTPA_INTEL_OUT_OF_DATE,
          HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED },
        { HTTPA_INTEL_CONFIGURATION_AND_SW_HARDENING_NEEDED,
          HTTPA_INTEL_OUT_OF_DATE,
          HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED },
        { HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED, HTTPA_INTEL_OUT_OF_DATE,
          HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED },
        { HTTPA_INTEL_UP_TO_DATE, HTTPA_INTEL_REVOKED, HTTPA_INTEL_REVOKED },
        { HTTPA_INTEL_REVOKED, HTTPA_INTEL_UP_TO_DATE, HTTPA_INTEL_REVOKED },
        { HTTPA_INTEL_NOT_SUPPORTED, HTTPA_INTEL_OUT_OF_DATE,
          HTTPA_INTEL_NOT_SUPPORTED },
        { HTTPA_INTEL_NOT_SUPPORTED, HTTPA_INTEL_REVOKED, HTTPA_INTEL_REVOKED },
        { HTTPA_INTEL_UP_TO_DATE, HTTPA_INTEL_NOT_SUPPORTED,
          HTTPA_INTEL_NOT_SUPPORTED },
        /* no word of a module's */
        { HTTPA_INTEL_UP_TO_DATE, HTTPA_INTEL_CONFIGURATION_NEEDED,
          HTTPA_INTEL_NOT_SUPPORTED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(
            httpa_intel_status_merge(rows[i].status, rows[i].other),
            rows[i].both);
    }
}

static void modules(void **state)
{
    static const struct {
        const char *why;
        uint8_t version, signer, attribute;
        enum httpa_err err;
    } rows[] = {
        { "without a version", 0, 0, 0, HTTPA_OK },
        { "with one", 1, 1, 0, HTTPA_OK },
        { "one that is not listed", 2, 1, 0, HTTPA_ERR_EVIDENCE },
        { "signed as another version", 1, 0, 0, HTTPA_ERR_EVIDENCE },
        { "signed as a version", 0, 1, 0, HTTPA_ERR_EVIDENCE },
        { "attributes", 0, 0, 1, HTTPA_ERR_EVIDENCE },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t svn[HTTPA_INTEL_COMPONENTS] = { 9, rows[i].version };
        uint8_t signer[48];
        uint8_t attributes[8] = { [7] = rows[i].attribute };
        struct httpa_intel_td td = {
            .tee_tcb_svn = httpa_slice_of(svn, sizeof(svn)),
            .mrsignerseam = httpa_slice_of(signer, sizeof(signer)),
            .seam_attributes = httpa_slice_of(attributes, sizeof(attributes)),
        };
        memset(signer, rows[i].signer, sizeof(signer));
        enum httpa_err err = httpa_intel_module_check(&info, &td);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels),
        cmocka_unit_test(merging),
        cmocka_unit_test(modules),
    };
    return cmocka_run_group_tests(tests, open_documents, close_documents);
}
