/* Draft profiles of processors' evidence, from claims as verifiers make them,
 * read back as policies. */
#include <httpa/config.h>
#include <httpa/crypto.h>
#include <httpa/evidence.h>

#include "support/test.h"

#define NOW INT64_C(1795203612) /* 2026-11-20T19:40:12Z */

static struct httpa_crypto *crypto;

/* One claim: |size| bytes of |fill|, else a text, else a number. */
struct claim {
    const char *name;
    size_t size;
    uint8_t fill;
    const char *text;
    int64_t number;
};

/* What the verifier below claims: |claims|, with |change| instead of the one
 * of its name; a change to nothing leaves it out. */
static const struct claim *claims;
static struct claim change;
static const char *advisory;
static const char *const *parts;

static const struct claim gone;

static void put(struct httpa_verdict *v, unsigned of, const struct claim *c)
{
    static uint8_t bytes[96];
    memset(bytes, c->fill, sizeof(bytes));
    struct httpa_value value =
        c->size > 0 ? httpa_value_bytes(httpa_slice_of(bytes, c->size))
        : c->text != NULL ? httpa_value_str(c->text)
                          : httpa_value_integer(c->number);
    if (c->size > 0 || c->text != NULL || c->number >= 0) {
        httpa_verdict_claim(v, of, c->name, value);
    }
}

static void put_texts(struct httpa_verdict *v, unsigned of, const char *name,
                      const char *const *texts)
{
    struct httpa_slice list[8];
    size_t n = 0;
    for (; texts != NULL && texts[n] != NULL; n++) {
        list[n] = httpa_slice_str(texts[n]);
    }
    httpa_verdict_claim(v, of, name, httpa_value_texts(list, n));
}

static enum httpa_err verify(const struct httpa_verify_in *in,
                             struct httpa_verdict *v, unsigned of)
{
    const char *const advisories[] = { advisory, NULL };
    (void)in;
    bool changed = change.name == NULL;
    for (size_t i = 0; claims[i].name != NULL; i++) {
        bool same = change.name != NULL &&
                    strcmp(change.name, claims[i].name) == 0;
        changed = changed || same;
        put(v, of, same ? &change : &claims[i]);
    }
    if (!changed) {
        put(v, of, &change);
    }
    put_texts(v, of, "advisories", advisories);
    put_texts(v, of, "components", parts);
    return HTTPA_OK;
}

static struct httpa_verifier verifier = { .media_type = "x/x",
                                          .verify = verify };

/* The draft from those claims, and what it leaves open. */
static enum httpa_err
pin(const char *type, struct httpa_buf *text, struct httpa_buf *left_open)
{
    static const uint8_t rd[HTTPA_RD_LEN];
    const struct httpa_verifier *const known[] = { &verifier };
    struct httpa_session_facts session = { .creation =
                                               httpa_slice_str("shared") };
    struct httpa_evidence item = { .media_type = httpa_slice_str("x/x"),
                                   .value = httpa_slice_str(""),
                                   .binding = HTTPA_BINDING_FRESH,
                                   .rd = rd };
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_appraisal in = {
        .crypto = crypto,
        .verifiers = known,
        .verifier_count = 1,
        .origin = httpa_slice_str("https://a.example"),
        .now_s = NOW,
        .evidence = &item,
        .evidence_count = 1,
        .session = &session,
    };
    struct httpa_config_pin how = { .source = "https://a.example",
                                    .now_s = NOW,
                                    .left_open = left_open };
    verifier.type = type;
    assert_int_not_equal(httpa_appraise(&in, v), HTTPA_OK);
    enum httpa_err err = httpa_config_policy_write(v, &how, text);
    httpa_verdict_free(v);
    return err;
}

static struct httpa_policy *read_draft(const struct httpa_buf *text)
{
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    if (httpa_config_policy_read(httpa_buf_slice(text), NULL, &p, &e) !=
        HTTPA_OK) {
        fail_msg("%u:%u: %s\n%.*s", e.line, e.column, e.text, (int)text->n,
                 (char *)text->p);
    }
    return p;
}

static bool says(const struct httpa_buf *lines, const char *what)
{
    return memmem(lines->p, lines->n, what, strlen(what)) != NULL;
}

static void good(const struct claim *of)
{
    claims = of;
    change = gone;
    advisory = NULL;
    parts = NULL;
}

/* Drafts and reads back; *ret_open has the lines. */
static struct httpa_policy *draft(const char *type, struct httpa_buf *ret_open)
{
    struct httpa_buf text = httpa_buf_growing(1u << 16);
    *ret_open = httpa_buf_growing(1u << 16);
    assert_ok(pin(type, &text, ret_open));
    struct httpa_policy *p = read_draft(&text);
    assert_string_equal(p->accept[0].type, type);
    httpa_buf_done(&text);
    return p;
}

static void assert_refused(const char *type, const char *why)
{
    struct httpa_buf text = httpa_buf_growing(1u << 16);
    struct httpa_buf lines = httpa_buf_growing(1u << 16);
    enum httpa_err err = pin(type, &text, &lines);
    if (err != HTTPA_ERR_EVIDENCE || text.n != 0 || !says(&lines, why)) {
        fail_msg("%s: %s, %.*s", why, httpa_err_name(err), (int)lines.n,
                 (char *)lines.p);
    }
    httpa_buf_done(&text);
    httpa_buf_done(&lines);
}

/* ---------------------------------------------------------------- SEV-SNP */

static const struct claim snp[] = {
    { "measurement", 48, 0x11, NULL, 0 },
    { "host_data", 32, 0, NULL, 0 },
    { "id_key_digest", 48, 0, NULL, 0 },
    { "author_key_digest", 48, 0x22, NULL, 0 },
    { "guest_svn", 0, 0, NULL, 3 },
    { "product", 0, 0, "genoa", 0 },
    { "signed_by", 0, 0, "vcek", 0 },
    { "vmpl", 0, 0, NULL, 2 },
    { "debug", 0, 0, NULL, 0 },
    { "smt_allowed", 0, 0, NULL, 1 },
    { "reported_tcb", 0, 0, "boot_loader 9 tee 1 snp 23 microcode 84", 0 },
    { "committed_tcb", 0, 0, "boot_loader 9 tee 1 snp 24 microcode 85", 0 },
    { "launch_tcb", 0, 0, "boot_loader 10 tee 1 snp 20 microcode 84", 0 },
    { "current_tcb", 0, 0, "boot_loader 9 tee 1 snp 24 microcode 85", 0 },
    { "current_firmware", 0, 0, "1.55.40", 0 },
    { "committed_firmware", 0, 0, "1.55.40", 0 },
    { NULL, 0, 0, NULL, 0 },
};

static void snp_as_seen(void **state)
{
    (void)state;
    struct httpa_buf lines;
    good(snp);
    struct httpa_policy *p = draft("sev-snp", &lines);
    const struct httpa_snp_policy *s = p->accept[0].snp;
    assert_int_equal(p->accept[0].sets[0].reference_count, 4);
    assert_int_equal(s->floor_count, 1);
    assert_string_equal(s->floors[0].product, "genoa");
    assert_int_equal(s->floors[0].boot_loader, 9); /* least of the three */
    assert_int_equal(s->floors[0].tee, 1);
    assert_int_equal(s->floors[0].snp, 20);
    assert_int_equal(s->floors[0].microcode, 84);
    assert_int_equal(s->vmpls, 1u << 2);
    assert_true(s->vcek && !s->vlek);
    assert_int_equal(s->smt, HTTPA_DEMAND_TRUE);
    assert_int_equal(s->single_socket, HTTPA_DEMAND_FALSE);
    assert_false(s->migration_agent || s->provisional_firmware);
    assert_true(says(&lines, "UNPINNED: the chip, any of product genoa\n"));
    assert_true(says(&lines, "UNPINNED: whose service it is"));
    assert_false(says(&lines, "accepts"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);
}

static void snp_that_is_not_at_its_best(void **state)
{
    (void)state;
    struct httpa_buf lines;
    good(snp);
    change = (struct claim){ "current_firmware", 0, 0, "1.55.41", 0 };
    struct httpa_policy *p = draft("sev-snp", &lines);
    assert_true(p->accept[0].snp->provisional_firmware);
    assert_true(says(&lines, "accepts firmware that the platform can go"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);

    change = (struct claim){ "migration_agent", 0, 0, NULL, 1 };
    p = draft("sev-snp", &lines);
    assert_true(p->accept[0].snp->migration_agent);
    assert_true(says(&lines, "accepts that a migration agent"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);
}

static void snp_is_refused(void **state)
{
    (void)state;
    static const struct claim rows[] = {
        { "debug", 0, 0, NULL, 1 },
        { "debug", 0, 0, NULL, -1 }, /* not said */
        { "measurement", 0, 0, NULL, -1 },
        { "launch_tcb", 0, 0, NULL, -1 },
        { "launch_tcb", 0, 0, "boot_loader 9 tee 1 snp 23", 0 },
        { "launch_tcb", 0, 0, "boot_loader 9 tee 1 snp 23 microcode 256", 0 },
        { "launch_tcb", 0, 0, "boot_loader 9 snp 1 tee 23 microcode 84", 0 },
        { "launch_tcb", 0, 0, "boot_loader 9 tee 1 snp 23 microcode", 0 },
        { "launch_tcb", 0, 0, "boot_loader  9 tee 1 snp 23 microcode 84", 0 },
        { "launch_tcb", 0, 0,
          "boot_loader 9 tee 1 snp 23 microcode 84 fmc 1 fmc 1", 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        good(snp);
        change = rows[i];
        assert_refused("sev-snp", i < 2 ? "can be debugged" : "");
    }
}

/* ------------------------------------------------------------------ Intel */

static const struct claim tdx[] = {
    { "mrtd", 48, 0x11, NULL, 0 },
    { "rtmr0", 48, 1, NULL, 0 },
    { "rtmr1", 48, 2, NULL, 0 },
    { "rtmr2", 48, 3, NULL, 0 },
    { "rtmr3", 48, 0, NULL, 0 },
    { "mr_config_id", 48, 0, NULL, 0 },
    { "debug", 0, 0, NULL, 0 },
    { "sept_ve_disable", 0, 0, NULL, 1 },
    { "tee_tcb_svn", 16, 5, NULL, 0 },
    { "product", 0, 0, "b0c06f000001", 0 },
    { "tcb_status", 0, 0, "UpToDate", 0 },
    { "evaluation_number", 0, 0, NULL, 17 },
    { NULL, 0, 0, NULL, 0 },
};

static void tdx_as_seen(void **state)
{
    (void)state;
    struct httpa_buf lines;
    good(tdx);
    advisory = "INTEL-SA-00001"; /* of what is up to date: no matter */
    struct httpa_policy *p = draft("tdx", &lines);
    const struct httpa_intel_policy *t = p->accept[0].intel;
    assert_int_equal(p->accept[0].sets[0].reference_count, 6);
    assert_int_equal(t->status_count, 1);
    assert_slice_is(t->status[0], "UpToDate");
    assert_int_equal(t->advisory_count, 0);
    assert_int_equal(t->min_evaluation_number, 17);
    assert_int_equal(t->min_module_svn, 5);
    assert_int_equal(t->min_seam_loader_svn, 5);
    assert_false(t->no_sept_ve_disable || t->migratable || t->perfmon);
    assert_true(says(&lines, "this one is FMSPC b0c06f000001"));
    assert_false(says(&lines, "accepts"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);
}

static void tdx_that_is_not_at_its_best(void **state)
{
    (void)state;
    static const struct {
        struct claim change;
        const char *line;
    } rows[] = {
        { { "tcb_status", 0, 0, "TDRelaunchAdvised", 0 },
          "accepts a platform that is not up to date: OutOfDate\n" },
        { { "tcb_status", 0, 0, "SWHardeningNeeded", 0 },
          "accepts the advisory INTEL-SA-00001\n" },
        { { "sept_ve_disable", 0, 0, NULL, 0 },
          "accepts that the host raises" },
        { { "migratable", 0, 0, NULL, 1 }, "may be migrated" },
        { { "perfmon", 0, 0, NULL, 1 }, "performance counters" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf lines;
        good(tdx);
        advisory = "INTEL-SA-00001";
        change = rows[i].change;
        struct httpa_policy *p = draft("tdx", &lines);
        if (!says(&lines, rows[i].line)) {
            fail_msg("%s: %.*s", rows[i].line, (int)lines.n, (char *)lines.p);
        }
        const struct httpa_intel_policy *t = p->accept[0].intel;
        assert_int_equal(t->advisory_count, i < 2);
        assert_int_equal(t->no_sept_ve_disable, i == 2);
        assert_int_equal(t->migratable, i == 3);
        assert_int_equal(t->perfmon, i == 4);
        httpa_config_policy_free(p);
        httpa_buf_done(&lines);
    }
}

static void tdx_is_refused(void **state)
{
    (void)state;
    static const struct claim rows[] = {
        { "debug", 0, 0, NULL, 1 },
        { "tcb_status", 0, 0, "Revoked", 0 },
        { "tcb_status", 0, 0, "NotSupported", 0 },
        { "tcb_status", 0, 0, NULL, -1 },
        { "rtmr2", 0, 0, NULL, -1 },
    };
    static const char *const why[] = { "can be debugged", "revoked", "revoked",
                                       "revoked", "" };
    for (size_t i = 0; i < COUNT(rows); i++) {
        good(tdx);
        change = rows[i];
        assert_refused("tdx", why[i]);
    }
}

static const struct claim sgx[] = {
    { "mrenclave", 32, 0x11, NULL, 0 },
    { "mrsigner", 32, 0x12, NULL, 0 },
    { "isv_prod_id", 0, 0, NULL, 1 },
    { "isv_svn", 0, 0, NULL, 7 },
    { "config_id", 64, 0, NULL, 0 },
    { "debug", 0, 0, NULL, 0 },
    { "provision_key", 0, 0, NULL, 1 },
    { "tcb_status", 0, 0, "UpToDate", 0 },
    { NULL, 0, 0, NULL, 0 },
};

static void sgx_as_seen(void **state)
{
    (void)state;
    struct httpa_buf lines;
    good(sgx);
    struct httpa_policy *p = draft("sgx", &lines);
    const struct httpa_set *set = &p->accept[0].sets[0];
    assert_int_equal(set->reference_count, 5);
    assert_string_equal(set->references[3].name, "isv_svn");
    assert_int_equal(set->references[3].kind, HTTPA_REFERENCE_AT_LEAST);
    assert_int_equal(set->references[3].value.integer, 7);
    assert_true(p->accept[0].intel->provision_key);
    assert_true(says(&lines, "accepts that the enclave has"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);
    good(sgx);
    change = (struct claim){ "debug", 0, 0, NULL, 1 };
    assert_refused("sgx", "can be debugged");
}

/* -------------------------------------------------------------------- CCA */

static const struct claim cca[] = {
    { "rim", 32, 0x11, NULL, 0 },
    { "rem0", 32, 0, NULL, 0 },
    { "personalization_value", 64, 0, NULL, 0 },
    { "implementation_id", 32, 0x33, NULL, 0 },
    { "cpak", 91, 0x44, NULL, 0 },
    { "lifecycle", 0, 0, "secured", 0 },
    { NULL, 0, 0, NULL, 0 },
};

#define HASH32 "5378796307535df3ec8d8b15a2e2dc5641419c3d3060cfe32238c0fa973f7aa3"
#define HASH32_B                                                               \
    "a1fb50e6c86fae1679ef3351296fd6713411a08cf8dd1790a4fd05fae8688164"

static void cca_as_seen(void **state)
{
    (void)state;
    static const char *const firmware[] = {
        "RMM 1.0.3 " HASH32 " by " HASH32_B,
        "a name of three - " HASH32 " by " HASH32_B,
        "- 1.0 " HASH32 " by " HASH32_B,
        "BL 1.0 " HASH32 " by " HASH32_B,
        "BL 1.1 " HASH32 " by " HASH32,
        NULL,
    };
    struct httpa_buf lines;
    good(cca);
    parts = firmware;
    struct httpa_policy *p = draft("cca", &lines);
    const struct httpa_cca_policy *c = p->accept[0].cca;
    assert_int_equal(c->implementation_id_count, 1);
    assert_int_equal(c->cpak_count, 1);
    assert_int_equal(c->cpaks[0].n, 91);
    assert_int_equal(c->component_count, 2);
    assert_string_equal(c->components[0].type, "RMM");
    assert_string_equal(c->components[0].version_min, "1.0.3");
    assert_int_equal(c->components[0].measurement.n, 0);
    assert_int_equal(c->components[0].signer_id.p[0], 0xa1);
    assert_string_equal(c->components[1].type, "a name of three");
    assert_null(c->components[1].version_min);
    assert_int_equal(c->components[1].measurement.p[0], 0x53);
    assert_true(says(&lines, "UNPINNED: firmware -\n"));
    assert_true(says(&lines, "UNPINNED: firmware BL\n"));
    assert_true(says(&lines, "UNPINNED: the maker's key"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);
}

static void cca_is_refused(void **state)
{
    (void)state;
    static const struct claim rows[] = {
        { "lifecycle", 0, 0, "unknown", 0 },
        { "cpak", 0, 0, NULL, -1 },
        { "implementation_id", 0, 0, NULL, -1 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        good(cca);
        change = rows[i];
        assert_refused("cca", "not secured");
    }
    struct httpa_buf lines;
    good(cca); /* no firmware is said */
    struct httpa_policy *p = draft("cca", &lines);
    assert_int_equal(p->accept[0].cca->component_count, 0);
    assert_true(says(&lines, "UNPINNED: the platform's firmware\n"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);
}

/* ------------------------------------------------------------------ Nitro */

static const struct claim nitro[] = {
    { "pcr0", 48, 0x11, NULL, 0 },
    { "pcr1", 48, 0x12, NULL, 0 },
    { "pcr2", 48, 0x13, NULL, 0 },
    { "debug", 0, 0, NULL, 0 },
    { "timestamp", 0, 0, NULL, NOW - 1 },
    { NULL, 0, 0, NULL, 0 },
};

static void a_stored_document_is_old(void **state)
{
    (void)state;
    struct httpa_buf lines;
    good(nitro);
    struct httpa_policy *p = draft("nitro", &lines);
    assert_int_equal(p->accept[0].nitro->max_age_s, HTTPA_NITRO_MAX_AGE_S);
    assert_false(says(&lines, "accepts"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);
    change = (struct claim){ "timestamp", 0, 0, NULL, NOW - 7201 };
    p = draft("nitro", &lines);
    assert_int_equal(p->accept[0].nitro->max_age_s, 7201);
    assert_true(says(&lines, "accepts documents as old as"));
    httpa_config_policy_free(p);
    httpa_buf_done(&lines);
}

static int open_crypto(void **state)
{
    (void)state;
    return httpa_crypto_new(&crypto) == HTTPA_OK ? 0 : -1;
}

static int close_crypto(void **state)
{
    (void)state;
    httpa_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snp_as_seen),
        cmocka_unit_test(snp_that_is_not_at_its_best),
        cmocka_unit_test(snp_is_refused),
        cmocka_unit_test(tdx_as_seen),
        cmocka_unit_test(tdx_that_is_not_at_its_best),
        cmocka_unit_test(tdx_is_refused),
        cmocka_unit_test(sgx_as_seen),
        cmocka_unit_test(cca_as_seen),
        cmocka_unit_test(cca_is_refused),
        cmocka_unit_test(a_stored_document_is_old),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
