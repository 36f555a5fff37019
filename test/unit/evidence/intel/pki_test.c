/*
 * Quotes and collateral made here (pki.h), each with one thing wrong.
 */
#include "pki.h"

struct form {
    uint16_t version;
    bool is_tdx;
    bool td15;
};

static const struct form forms[] = {
    { 3, false, false }, { 4, false, false }, { 5, false, false },
    { 4, true, false },  { 5, true, false },  { 5, true, true },
};

static struct pki_wish of_form(const struct form *form)
{
    struct pki_wish w = pki_good(form->version, form->is_tdx);
    w.td15 = form->td15;
    return w;
}

static void genuine(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct pki p;
        struct pki_wish w = of_form(&forms[i]);
        w.processor = i % 2 == 0;
        pki_open(&p, &w);
        struct httpa_verdict *v = httpa_verdict_new();
        assert_ok(pki_verify(&p, v));
        assert_string_equal(first(v, HTTPA_OUTCOME_FAIL), "");
        assert_slice_is(claimed(v, "tcb_status"), "UpToDate");
        assert_memory_equal(claimed(v, "fmspc").p, "\xb0\xc0\x6f\0\0\1", 6);
        httpa_verdict_free(v);
        p.wish.report_data[63] ^= 1; /* what the handshake wants */
        pki_expect(&p, HTTPA_ERR_EVIDENCE, "binding");
        p.wish.report_data[63] ^= 1;
        p.wish.is_tdx = !p.wish.is_tdx;
        pki_expect(&p, HTTPA_ERR_EVIDENCE, "form");
        pki_close(&p);
    }
}

/* ---- revocation and time ---- */

static const char *const revoked_at[PKI_CERTS] = {
    [PKI_CA] = "pck.crl", [PKI_PCK] = "pck.crl", [PKI_SIGNER] = "tcb_info"
};

/* A list that has ended still revokes. */
static void revoked(void **state)
{
    (void)state;
    for (enum pki_role i = PKI_CA; i < PKI_CERTS; i++) {
        struct pki_wish w = pki_good(4, true);
        w.revoked[i] = true;
        pki_case(&w, HTTPA_ERR_EVIDENCE, revoked_at[i]);
        w = pki_good(3, false);
        w.revoked[i] = true;
        w.processor = true;
        pki_case(&w, HTTPA_ERR_EVIDENCE, revoked_at[i]);
        w.root_crl.to_s = w.pck_crl.to_s = at(PKI_NOW) - 1;
        pki_case(&w, HTTPA_ERR_EVIDENCE, revoked_at[i]);
    }
}

/* A platform or CA that has expired is refused; collateral and its signer
 * leave it open, before their time and after. */
static void certificate_times(void **state)
{
    (void)state;
    const int64_t now = at(PKI_NOW);
    for (enum pki_role i = 0; i < PKI_CERTS; i++) {
        bool is_signer = i == PKI_SIGNER;
        const enum httpa_err err =
            is_signer ? HTTPA_ERR_UNDECIDED : HTTPA_ERR_EVIDENCE;
        const char *check = is_signer ? "tcb_info" : "pck.chain";
        struct pki_wish w = pki_good(4, true);
        w.span[i].to_s = now;
        pki_case(&w, err, check);
        w.span[i].to_s = now + 1;
        pki_case(&w, HTTPA_OK, "");
        w.span[i].from_s = now + 1;
        w.span[i].to_s = now + 2;
        pki_case(&w, err, check);
    }
}

static void list_times(void **state)
{
    (void)state;
    const int64_t now = at(PKI_NOW);
    const struct {
        struct pki_span span;
        bool valid;
    } rows[] = {
        { { now, now + 1 }, true },
        { { now - 1, now }, false },
        { { now + 1, now + 2 }, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_err err = rows[i].valid ? HTTPA_OK : HTTPA_ERR_UNDECIDED;
        struct pki_wish w = pki_good(3, false);
        w.root_crl = rows[i].span;
        pki_case(&w, err, rows[i].valid ? "" : "pck.crl");
        w = pki_good(3, false);
        w.pck_crl = rows[i].span;
        pki_case(&w, err, rows[i].valid ? "" : "pck.crl");
    }
}

static void document_times(void **state)
{
    (void)state;
    static const struct {
        const char *issue;
        const char *next;
        bool valid;
    } rows[] = {
        { "\"2025-07-04T10:16:31Z\"", "\"2025-07-04T10:16:31Z\"", true },
        { "\"2025-06-04T10:16:31Z\"", "\"2025-07-04T10:16:30Z\"", false },
        { "\"2025-07-04T10:16:32Z\"", "\"2025-08-04T10:16:30Z\"", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_err err = rows[i].valid ? HTTPA_OK : HTTPA_ERR_UNDECIDED;
        struct pki_wish w = pki_good(5, true);
        w.info.issue = rows[i].issue;
        w.info.next = rows[i].next;
        pki_case(&w, err, rows[i].valid ? "" : "tcb_info");
        w = pki_good(5, true);
        w.identity.issue = rows[i].issue;
        w.identity.next = rows[i].next;
        pki_case(&w, err, rows[i].valid ? "" : "qe_identity");
    }
}

/* ---- who signed what ---- */

static void other_signers(void **state)
{
    (void)state;
    static const struct {
        unsigned qe_report_by, quote_by, collateral_by, ak;
        const char *check;
    } rows[] = {
        { PKI_OTHER, PKI_AK, PKI_SIGNER, PKI_AK, "qe.report" },
        { PKI_CA, PKI_AK, PKI_SIGNER, PKI_AK, "qe.report" },
        { PKI_PCK, PKI_OTHER, PKI_SIGNER, PKI_AK, "quote.signature" },
        { PKI_PCK, PKI_PCK, PKI_SIGNER, PKI_AK, "quote.signature" },
        /* The key of a genuine report, replaced: any key would do. */
        { PKI_PCK, PKI_OTHER, PKI_SIGNER, PKI_OTHER, "qe.report" },
        { PKI_PCK, PKI_AK, PKI_OTHER, PKI_AK, "tcb_info" },
        { PKI_PCK, PKI_AK, PKI_CA, PKI_AK, "tcb_info" },
        { PKI_PCK, PKI_AK, PKI_ROOT, PKI_AK, "tcb_info" },
    };
    const size_t step = under_valgrind() ? 5 : 1; /* meets every row */
    for (size_t i = 0; i < COUNT(rows) * COUNT(forms); i += step) {
        size_t row = i / COUNT(forms);
        struct pki_wish w = of_form(&forms[i % COUNT(forms)]);
        w.qe_report_by = rows[row].qe_report_by;
        w.quote_by = rows[row].quote_by;
        w.collateral_by = rows[row].collateral_by;
        w.ak = rows[row].ak;
        pki_case(&w, HTTPA_ERR_EVIDENCE, rows[row].check);
    }
}

static void swap_keys(enum pki_role role)
{
    EVP_PKEY *key = pki_keys[role];
    pki_keys[role] = pki_keys[PKI_OTHER];
    pki_keys[PKI_OTHER] = key;
}

/* All of it again, from a root with the same name and another key; and the
 * certificates of one platform with the lists of another world. */
static void another_root(void **state)
{
    (void)state;
    struct pki p;
    struct pki_wish w = pki_good(4, true);
    uint8_t pin[HTTPA_INTEL_PIN];
    pki_open(&p, &w);
    memcpy(pin, p.pin, sizeof(pin));
    pki_close(&p);
    swap_keys(PKI_ROOT);
    pki_open(&p, &w);
    pki_expect(&p, HTTPA_OK, "");
    memcpy(p.pin, pin, sizeof(pin));
    pki_expect(&p, HTTPA_ERR_EVIDENCE, "pck.chain");
    pki_close(&p);
    swap_keys(PKI_ROOT);
}

/* A list that a key of the same name signed. */
static void list_of_another_key(void **state)
{
    (void)state;
    static const struct {
        enum pki_role role;
        enum piece piece;
    } rows[] = { { PKI_ROOT, PIECE_ROOT_CRL }, { PKI_CA, PIECE_PCK_CRL } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pki p;
        struct pki_wish w = pki_good(4, true);
        pki_open(&p, &w);
        swap_keys(rows[i].role);
        pki_add(&p, &w, rows[i].piece);
        swap_keys(rows[i].role);
        p.endorsements[rows[i].piece] = p.endorsements[PIECES];
        p.in.endorsement_count = PIECES;
        pki_expect(&p, HTTPA_ERR_EVIDENCE, "pck.crl");
        pki_close(&p);
    }
}

/* The list of the other CA says nothing about this platform. */
static void list_of_other_ca(void **state)
{
    (void)state;
    struct pki p;
    struct pki_wish w = pki_good(4, true);
    pki_open(&p, &w);
    w.processor = true;
    pki_add(&p, &w, PIECE_PCK_CRL);
    pki_expect(&p, HTTPA_OK, "");
    struct httpa_endorsement own = p.endorsements[PIECE_PCK_CRL];
    p.endorsements[PIECE_PCK_CRL] = p.endorsements[PIECES];
    p.endorsements[PIECES] = own;
    pki_expect(&p, HTTPA_OK, "");
    p.in.endorsement_count = PIECES;
    pki_expect(&p, HTTPA_ERR_UNDECIDED, "pck.crl");
    pki_close(&p);
}

/* ---- of another platform ---- */

/* Intel's, and about something else: what this platform needs is missing. */
static void of_another(void **state)
{
    (void)state;
    struct pki_wish w = pki_good(4, true);
    w.info.fmspc = "\"B0C06F000002\"";
    pki_case(&w, HTTPA_ERR_UNDECIDED, "tcb_info");
    w = pki_good(4, true);
    w.info.pce_id = "\"0103\"";
    pki_case(&w, HTTPA_ERR_UNDECIDED, "tcb_info");
    w = pki_good(4, true);
    w.info.id = "\"SGX\"";
    pki_case(&w, HTTPA_ERR_UNDECIDED, "tcb_info");
    w = pki_good(4, true);
    w.identity.id = "\"QE\"";
    pki_case(&w, HTTPA_ERR_UNDECIDED, "qe_identity");
    w = pki_good(3, false);
    w.info = good_info;
    pki_case(&w, HTTPA_ERR_UNDECIDED, "tcb_info");
    w = pki_good(3, false);
    w.identity.id = "\"TD_QE\"";
    pki_case(&w, HTTPA_ERR_UNDECIDED, "qe_identity");
    w = pki_good(4, true); /* and nobody's is no better for that */
    w.info.fmspc = "\"B0C06F000002\"";
    w.collateral_by = PKI_OTHER;
    pki_case(&w, HTTPA_ERR_EVIDENCE, "tcb_info");
}

static void another_enclave(void **state)
{
    (void)state;
    struct pki_wish w = pki_good(3, false);
    w.identity.mrsigner = "\"" ZEROS16 ZEROS16 "\"";
    pki_case(&w, HTTPA_ERR_EVIDENCE, "qe.identity");
    w = pki_good(3, false);
    w.identity.prod_id = "1";
    pki_case(&w, HTTPA_ERR_EVIDENCE, "qe.identity");
    w = pki_good(3, false);
    w.identity.misc = "\"00000000\"";
    pki_case(&w, HTTPA_ERR_EVIDENCE, "qe.identity");
    w = pki_good(3, false);
    w.identity.attributes = "\"15000000000000000000000000000000\"";
    pki_case(&w, HTTPA_ERR_EVIDENCE, "qe.identity");
}

/* A byte here and there of what is signed and of what is around it; the form
 * of all of them is collateral_test.c's. */
static void documents_altered(void **state)
{
    (void)state;
    static const enum piece altered[] = { PIECE_INFO, PIECE_IDENTITY };
    struct pki p;
    struct pki_wish w = pki_good(4, true);
    pki_open(&p, &w);
    for (size_t i = 0; i < COUNT(altered); i++) {
        struct httpa_buf *file = &p.files[altered[i]];
        for (size_t at = 0; at < file->n; at += under_valgrind() ? 997 : 31) {
            file->p[at] ^= 1;
            pki_expect(&p, HTTPA_ERR_EVIDENCE,
                       i == 0 ? "tcb_info" : "qe_identity");
            file->p[at] ^= 1;
        }
    }
    pki_expect(&p, HTTPA_OK, "");
    pki_close(&p);
}

/* ---- how current ---- */

static void expect_status(const struct pki_wish *w, const char *status)
{
    struct pki p;
    pki_open(&p, w);
    struct httpa_verdict *v = httpa_verdict_new();
    assert_ok(pki_verify(&p, v));
    assert_slice_is(claimed(v, "tcb_status"), status);
    httpa_verdict_free(v);
    pki_close(&p);
}

/* The certificate counts: each component one below, then the PCE. */
static void platform_levels(void **state)
{
    (void)state;
    const size_t step = under_valgrind() ? 5 : 1;
    for (size_t i = 0; i < HTTPA_INTEL_COMPONENTS; i += step) {
        struct pki_wish w = pki_good(i % 2 == 0 ? 3 : 4, i % 2 != 0);
        w.platform.components[i] = 4;
        expect_status(&w, "UpToDate");
        w.platform.components[i] = 2;
        expect_status(&w, "ConfigurationNeeded");
        w.platform.components[i] = 1;
        expect_status(&w, "OutOfDate");
        w.platform.components[i] = 0;
        expect_status(&w, "NotSupported");
    }
    struct pki_wish w = pki_good(3, false);
    w.platform.pce_svn = 12;
    expect_status(&w, "OutOfDate");
    w.platform.pce_svn = 4;
    expect_status(&w, "NotSupported");
    w.platform.pce_svn = 0xffff;
    expect_status(&w, "UpToDate");
}

static void enclave_levels(void **state)
{
    (void)state;
    static const char *const statuses[] = { "NotSupported", "NotSupported",
                                            "OutOfDate",    "OutOfDate",
                                            "UpToDate",     "UpToDate" };
    for (uint16_t i = 0; i < COUNT(statuses); i++) {
        struct pki_wish w = pki_good(i % 2 == 0 ? 3 : 4, i % 2 != 0);
        w.qe_svn = i;
        expect_status(&w, statuses[i]);
    }
}

/* TEE_TCB_SVN at launch and now: module, its version, loader. */
static const struct {
    uint8_t svn[3];
    uint8_t now[3];
    uint8_t mrsignerseam;
    const char *status; /* NULL: the module is not Intel's */
} modules[] = {
    { { 5, 0, 5 }, { 5, 0, 5 }, 0, "UpToDate" },
    { { 4, 0, 5 }, { 5, 0, 5 }, 0, "ConfigurationNeeded" },
    { { 5, 0, 4 }, { 5, 0, 5 }, 0, "ConfigurationNeeded" },
    { { 3, 0, 5 }, { 5, 0, 5 }, 0, "OutOfDate" },
    { { 2, 0, 5 }, { 5, 0, 5 }, 0, "NotSupported" },
    { { 6, 1, 5 }, { 6, 1, 5 }, 1, "UpToDate" },
    { { 4, 1, 5 }, { 4, 1, 5 }, 1, "OutOfDate" },
    { { 2, 1, 5 }, { 6, 1, 5 }, 1, "Revoked" },
    { { 1, 1, 5 }, { 6, 1, 5 }, 1, "NotSupported" },
    { { 3, 3, 5 }, { 3, 3, 5 }, 0, "UpToDate" },
    { { 2, 3, 5 }, { 3, 3, 5 }, 0, "NotSupported" },
    { { 6, 1, 4 }, { 6, 1, 5 }, 1, "ConfigurationNeeded" },
    { { 4, 1, 5 }, { 6, 1, 5 }, 1, "TDRelaunchAdvised" },
    { { 4, 1, 5 }, { 3, 3, 5 }, 1, "TDRelaunchAdvised" },
    { { 4, 1, 5 }, { 9, 2, 5 }, 1, "OutOfDate" },
    { { 4, 1, 4 }, { 6, 1, 5 }, 1, "TDRelaunchAdvisedConfigurationNeeded" },
    { { 4, 1, 3 }, { 6, 1, 5 }, 1, "OutOfDate" },
    { { 5, 0, 5 }, { 5, 0, 5 }, 1, NULL },
    { { 6, 1, 5 }, { 6, 1, 5 }, 0, NULL },
    { { 9, 2, 5 }, { 9, 2, 5 }, 1, NULL },
};

static void module_levels(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(modules); i++) {
        struct pki_wish w = pki_good(5, true);
        w.td15 = true;
        memcpy(w.tee_svn, modules[i].svn, 3);
        memcpy(w.tee_svn_2, modules[i].now, 3);
        w.mrsignerseam = modules[i].mrsignerseam;
        if (modules[i].status == NULL) {
            pki_case(&w, HTTPA_ERR_EVIDENCE, "module");
        } else {
            expect_status(&w, modules[i].status);
        }
    }
}

/* ---- judged ---- */

static void
expect_judged(const struct pki_wish *w, enum httpa_err want, const char *check)
{
    const struct httpa_slice status = httpa_slice_str("UpToDate");
    const struct httpa_intel_policy policy = { .status = &status,
                                               .status_count = 1 };
    const struct httpa_profile profile = { .name = "plain",
                                           .type = w->is_tdx ? "tdx" : "sgx",
                                           .intel = &policy };
    struct pki p;
    pki_open(&p, w);
    struct httpa_verdict *v = httpa_verdict_new();
    assert_ok(pki_verify(&p, v));
    assert_err(want, httpa_intel_judge(&profile, &p.in, v, 0));
    assert_string_equal(first(v, HTTPA_OUTCOME_FAIL), check);
    httpa_verdict_free(v);
    pki_close(&p);
}

static void debugging(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct pki_wish w = of_form(&forms[i]);
        expect_judged(&w, HTTPA_OK, "");
        w.attributes = w.is_tdx ? 1 : HTTPA_INTEL_ENCLAVE_DEBUG;
        expect_judged(&w, HTTPA_ERR_APPRAISAL, "attributes.debug");
    }
    struct pki_wish w = pki_good(3, false);
    w.attributes = HTTPA_INTEL_ENCLAVE_PROVISION_KEY;
    expect_judged(&w, HTTPA_ERR_APPRAISAL, "attributes.provision_key");
    w.attributes = 0;
    w.platform.components[7] = 2;
    expect_judged(&w, HTTPA_ERR_APPRAISAL, "tcb.status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genuine),
        cmocka_unit_test(revoked),
        cmocka_unit_test(certificate_times),
        cmocka_unit_test(list_times),
        cmocka_unit_test(document_times),
        cmocka_unit_test(other_signers),
        cmocka_unit_test(another_root),
        cmocka_unit_test(list_of_another_key),
        cmocka_unit_test(list_of_other_ca),
        cmocka_unit_test(of_another),
        cmocka_unit_test(another_enclave),
        cmocka_unit_test(documents_altered),
        cmocka_unit_test(platform_levels),
        cmocka_unit_test(enclave_levels),
        cmocka_unit_test(module_levels),
        cmocka_unit_test(debugging),
    };
    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
