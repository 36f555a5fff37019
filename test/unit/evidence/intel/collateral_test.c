#include "documents.h"

static struct httpa_slice copy_of(struct httpa_buf *b)
{
    struct httpa_slice s =
        httpa_slice_of(exact_copy(b->p, b->n), b->n); /* ASan sees its end */
    httpa_buf_done(b);
    return s;
}

static enum httpa_err
read_info(const struct info_design *d, struct httpa_intel_tcb_info *info)
{
    struct httpa_buf b = httpa_buf_growing(1u << 19);
    put_info(&b, d);
    struct httpa_slice text = copy_of(&b);
    enum httpa_err err = httpa_intel_tcb_info_read(text, info);
    free((void *)(uintptr_t)text.p);
    return err;
}

static enum httpa_err read_identity(const struct identity_design *d,
                                    struct httpa_intel_qe_identity *identity)
{
    struct httpa_buf b = httpa_buf_growing(65536);
    put_identity(&b, d);
    struct httpa_slice text = copy_of(&b);
    enum httpa_err err = httpa_intel_qe_identity_read(text, identity);
    free((void *)(uintptr_t)text.p);
    return err;
}

static void members_of_info(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(65536);
    struct httpa_intel_tcb_info info;
    struct httpa_intel_level level;
    struct httpa_intel_module module;
    put_info(&b, &good_info);
    assert_ok(httpa_intel_tcb_info_read(httpa_buf_slice(&b), &info));
    assert_true(info.is_tdx);
    assert_hex(info.fmspc, 6, "b0c06f000001");
    assert_hex(info.pce_id, 2, "0102");
    assert_int_equal(info.evaluation_number, 17);
    assert_true(info.dates.next_s - info.dates.issue_s == 30 * 86400);
    assert_int_equal(info.proof.signature[63], 0xff);
    assert_true(httpa_slice_starts(info.proof.bytes, "{\"id\":\"TDX\","));
    assert_int_equal(info.proof.bytes.p[info.proof.bytes.n - 1], '}');
    assert_true(
        httpa_slice_starts(httpa_slice_from(httpa_buf_slice(&b),
                                            (size_t)(info.proof.bytes.p - b.p) +
                                                info.proof.bytes.n),
                           ",\"signature\""));
    struct httpa_intel_levels levels = info.levels;
    assert_true(httpa_intel_level_next(&levels, &level));
    assert_int_equal(level.svn, 13);
    assert_int_equal(level.sgx[15], 3);
    assert_int_equal(level.tdx[2], 5);
    assert_int_equal(level.status, HTTPA_INTEL_UP_TO_DATE);
    assert_true(httpa_intel_level_next(&levels, &level));
    assert_true(httpa_intel_level_next(&levels, &level));
    assert_int_equal(level.advisory_count, 2);
    assert_slice_is(level.advisories[1], "INTEL-SA-2");
    assert_false(httpa_intel_level_next(&levels, &level));
    assert_true(httpa_intel_module_find(&info, 1, &module));
    assert_slice_is(module.id, "TDX_01");
    assert_int_equal(module.mrsigner[47], 1);
    assert_false(httpa_intel_module_find(&info, 0x10, &module));
    httpa_buf_done(&b);
}

static void members_of_identity(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(65536);
    struct httpa_intel_qe_identity q;
    put_identity(&b, &good_identity);
    assert_ok(httpa_intel_qe_identity_read(httpa_buf_slice(&b), &q));
    assert_true(q.is_tdx);
    assert_hex(q.misc_select, 4, "00000001");
    assert_hex(q.attributes_mask, 16, "fbffffffffffffff0000000000000000");
    assert_int_equal(q.mrsigner[31], 1);
    assert_int_equal(q.isv_prod_id, 2);
    assert_int_equal(q.evaluation_number, 18);
    httpa_buf_done(&b);
}

#define V2(n) "\"sgxtcbcomp" #n "svn\":4,"
#define V2_FIRST                                                               \
    V2(01)                                                                     \
    V2(02)                                                                     \
    V2(03) V2(04) V2(05) V2(06) V2(07) V2(08) V2(09) V2(10) V2(11) V2(12)      \
        V2(13) V2(14) V2(15)
#define V2_LEVEL(rest)                                                         \
    "[{\"tcb\":{" V2_FIRST rest "\"pcesvn\":7}" TAIL("UpToDate", "") "]"

static void older_versions(void **state)
{
    (void)state;
    struct info_design d = good_info;
    struct httpa_intel_tcb_info info;
    d.id = NULL;
    d.version = "2";
    d.module = d.identities = NULL;
    d.levels = V2_LEVEL("\"sgxtcbcomp16svn\":9,");
    assert_ok(read_info(&d, &info));
    assert_false(info.is_tdx);
    d.levels = V2_LEVEL("");
    assert_err(HTTPA_ERR_MISSING, read_info(&d, &info));
    d.levels = good_info.levels;
    assert_err(HTTPA_ERR_MISSING, read_info(&d, &info));
    d = good_info;
    d.id = "\"SGX\"";
    d.module = d.identities = NULL;
    assert_ok(read_info(&d, &info));
}

#define ONE_LEVEL(sgx, rest)                                                   \
    "[{\"tcb\":{\"sgxtcbcomponents\":" sgx ",\"pcesvn\":13,"                   \
    "\"tdxtcbcomponents\":" TDX16(5) rest "}" TAIL("UpToDate", "") "]"

static void flaws_of_info(void **state)
{
#define FLAW(member, text) offsetof(struct info_design, member), text
    static const struct {
        size_t at;
        const char *text;
        enum httpa_err err;
    } rows[] = {
        { FLAW(id, NULL), HTTPA_ERR_MISSING },
        { FLAW(id, "\"tdx\""), HTTPA_ERR_UNSUPPORTED },
        { FLAW(id, "\"T\\u0044X\""), HTTPA_ERR_MALFORMED },
        { FLAW(version, "2"), HTTPA_ERR_UNSUPPORTED },
        { FLAW(version, "4"), HTTPA_ERR_UNSUPPORTED },
        { FLAW(version, "\"3\""), HTTPA_ERR_MALFORMED },
        { FLAW(version, "3.0"), HTTPA_ERR_MALFORMED },
        { FLAW(issue, NULL), HTTPA_ERR_MISSING },
        { FLAW(issue, "\"2025-06-31T10:16:03Z\""), HTTPA_ERR_MALFORMED },
        { FLAW(next, NULL), HTTPA_ERR_MISSING },
        { FLAW(next, "\"2025-07-19\""), HTTPA_ERR_MALFORMED },
        { FLAW(fmspc, "\"B0C06F0000\""), HTTPA_ERR_MALFORMED },
        { FLAW(fmspc, "\"B0C06F00000G\""), HTTPA_ERR_MALFORMED },
        { FLAW(pce_id, NULL), HTTPA_ERR_MISSING },
        { FLAW(type, "1"), HTTPA_ERR_UNSUPPORTED },
        { FLAW(number, "-1"), HTTPA_ERR_MALFORMED },
        { FLAW(number, "4294967296"), HTTPA_ERR_RANGE },
        { FLAW(module, NULL), HTTPA_ERR_MISSING },
        { FLAW(module, "[]"), HTTPA_ERR_MALFORMED },
        { FLAW(identities, "{}"), HTTPA_ERR_MALFORMED },
        { FLAW(identities, "[{}]"), HTTPA_ERR_MISSING },
        { FLAW(levels, NULL), HTTPA_ERR_MISSING },
        { FLAW(levels, "{}"), HTTPA_ERR_MALFORMED },
        { FLAW(levels, "[7]"), HTTPA_ERR_MALFORMED },
        /* as a truncating comparison would like it */
        { FLAW(levels, ONE_LEVEL("[" SVN15(3) "]", "")), HTTPA_ERR_RANGE },
        { FLAW(levels, ONE_LEVEL("[]", "")), HTTPA_ERR_RANGE },
        { FLAW(levels, ONE_LEVEL("[" SVN15(3) "," SVN(3) "," SVN(3) "]", "")),
          HTTPA_ERR_RANGE },
        { FLAW(levels, ONE_LEVEL("[" SVN15(3) "," SVN(256) "]", "")),
          HTTPA_ERR_RANGE },
        { FLAW(levels, ONE_LEVEL("[" SVN15(3) ",{}]", "")), HTTPA_ERR_MISSING },
        { FLAW(levels, ONE_LEVEL(SVN16(3), ",\"pcesvn\":0")),
          HTTPA_ERR_DUPLICATE },
        { FLAW(levels, "[" LEVEL(3, 65536, 5, "UpToDate", "") "]"),
          HTTPA_ERR_RANGE },
        { FLAW(levels, "[" LEVEL(3, 13, 5, "Good", "") "]"),
          HTTPA_ERR_MALFORMED },
        /* only a verifier finds these */
        { FLAW(levels, "[" LEVEL(3, 13, 5, "NotSupported", "") "]"),
          HTTPA_ERR_MALFORMED },
        { FLAW(levels, "[" LEVEL(3, 13, 5, "TDRelaunchAdvised", "") "]"),
          HTTPA_ERR_MALFORMED },
        { FLAW(levels, "[" LEVEL(3, 13, 5, "UpToDate", ADVISORIES("7")) "]"),
          HTTPA_ERR_MALFORMED },
        { FLAW(signature, NULL), HTTPA_ERR_MISSING },
        { FLAW(signature, "\"00\""), HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct info_design d = good_info;
        struct httpa_intel_tcb_info info;
        memcpy((uint8_t *)&d + rows[i].at, &rows[i].text, sizeof(char *));
        enum httpa_err err = read_info(&d, &info);
        if (err != rows[i].err) {
            fail_msg("row %zu, %s: %s", i, rows[i].text, httpa_err_name(err));
        }
    }
#undef FLAW
}

static void flaws_of_identity(void **state)
{
#define FLAW(member, text) offsetof(struct identity_design, member), text
    static const struct {
        size_t at;
        const char *text;
        enum httpa_err err;
    } rows[] = {
        { FLAW(id, "\"QVE\""), HTTPA_ERR_UNSUPPORTED },
        { FLAW(id, "\"QE\""), HTTPA_OK },
        { FLAW(version, "1"), HTTPA_ERR_UNSUPPORTED },
        { FLAW(next, NULL), HTTPA_ERR_MISSING },
        { FLAW(misc, "\"0000\""), HTTPA_ERR_MALFORMED },
        { FLAW(misc_mask, NULL), HTTPA_ERR_MISSING },
        { FLAW(attributes, "\"11\""), HTTPA_ERR_MALFORMED },
        { FLAW(attributes_mask, NULL), HTTPA_ERR_MISSING },
        { FLAW(mrsigner, "\"\""), HTTPA_ERR_MALFORMED },
        { FLAW(prod_id, "65536"), HTTPA_ERR_RANGE },
        { FLAW(levels, "[{\"tcb\":{}" TAIL("UpToDate", "") "]"),
          HTTPA_ERR_MISSING },
        { FLAW(signature, "null"), HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct identity_design d = good_identity;
        struct httpa_intel_qe_identity q;
        memcpy((uint8_t *)&d + rows[i].at, &rows[i].text, sizeof(char *));
        enum httpa_err err = read_identity(&d, &q);
        if (err != rows[i].err) {
            fail_msg("row %zu, %s: %s", i, rows[i].text, httpa_err_name(err));
        }
    }
#undef FLAW
}

static void limits(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(1u << 20);
    struct httpa_intel_qe_identity q;
    struct identity_design d = good_identity;
    for (unsigned n = HTTPA_INTEL_LEVELS_MAX; n < HTTPA_INTEL_LEVELS_MAX + 2;
         n++) {
        httpa_buf_reset(&b);
        for (unsigned i = 0; i < n; i++) {
            httpa_buf_put_str(&b, i == 0 ? "[" : ",");
            httpa_buf_put_str(&b, MODULE_LEVEL(4, "UpToDate", ""));
        }
        httpa_buf_put(&b, "]", 2);
        d.levels = (const char *)b.p;
        assert_err(n > HTTPA_INTEL_LEVELS_MAX ? HTTPA_ERR_RANGE : HTTPA_OK,
                   read_identity(&d, &q));
    }
    httpa_buf_reset(&b);
    put_identity(&b, &good_identity);
    while (b.n <= HTTPA_INTEL_COLLATERAL_MAX) {
        httpa_buf_put_byte(&b, ' ');
    }
    assert_err(HTTPA_ERR_RANGE,
               httpa_intel_qe_identity_read(httpa_buf_slice(&b), &q));
    httpa_buf_done(&b);
}

/* Whatever was read can be walked to the end. */
static void walk(struct httpa_intel_levels levels)
{
    struct httpa_json_items items = levels.items;
    struct httpa_json_value value;
    struct httpa_intel_level level;
    struct httpa_slice name;
    while (httpa_json_next(&items, &name, &value)) {
        assert_true(httpa_intel_level_next(&levels, &level));
    }
    assert_false(httpa_intel_level_next(&levels, &level));
}

static void try_document(struct httpa_slice in, void *arg)
{
    struct httpa_intel_tcb_info info;
    struct httpa_intel_qe_identity q;
    (void)arg;
    if (httpa_intel_tcb_info_read(in, &info) == HTTPA_OK) {
        walk(info.levels);
    }
    if (httpa_intel_qe_identity_read(in, &q) == HTTPA_OK) {
        walk(q.levels);
    }
}

static void mutations(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(65536);
    struct info_design d = good_info;
    d.levels = "[" LEVEL(3, 13, 5, "UpToDate", ADVISORIES("\"I\"")) "]";
    put_info(&b, &d);
    mutate(httpa_buf_slice(&b), try_document, NULL);
    httpa_buf_reset(&b);
    put_identity(&b, &good_identity);
    mutate(httpa_buf_slice(&b), try_document, NULL);
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_of_info),
        cmocka_unit_test(members_of_identity),
        cmocka_unit_test(older_versions),
        cmocka_unit_test(flaws_of_info),
        cmocka_unit_test(flaws_of_identity),
        cmocka_unit_test(limits),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
