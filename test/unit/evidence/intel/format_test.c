#include "maker.h"

/* Good quotes, to be changed in one member. */
#define SGX3(...)                                                              \
    {                                                                          \
        .version = 3, .tee = 0, .body_n = 384, .key_type = 2, .auth_n = 32,    \
        .inner_type = 5, .chain = "pem", __VA_ARGS__                           \
    }
#define TDX4(...)                                                              \
    {                                                                          \
        .version = 4, .tee = 0x81, .body_n = 584, .key_type = 2,               \
        .outer_type = 6, .auth_n = 32, .inner_type = 5, .chain = "pem",        \
        __VA_ARGS__                                                            \
    }
#define TDX5(...)                                                              \
    {                                                                          \
        .version = 5, .tee = 0x81, .body_type = 3, .body_size = 648,           \
        .body_n = 648, .key_type = 2, .outer_type = 6, .auth_n = 32,           \
        .inner_type = 5, .chain = "pem", __VA_ARGS__                           \
    }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif
static const struct shape rows[] = {
    SGX3(.why = "SGX, version 3"),
    TDX4(.why = "TDX, version 4"),
    TDX4(.why = "SGX, version 4", .tee = 0, .body_n = 384),
    TDX5(.why = "TDX 1.5, version 5"),
    TDX5(.why = "TDX 1.0, version 5", .body_type = 2, .body_size = 584,
         .body_n = 584),
    TDX5(.why = "SGX, version 5", .tee = 0, .body_type = 1, .body_size = 384,
         .body_n = 384),
    SGX3(.why = "no auth data", .auth_n = 0),
    TDX4(.why = "zeros behind", .zeros = 3000),
    TDX4(.why = "longer than any", .zeros = 65536, .err = HTTPA_ERR_RANGE),
    SGX3(.why = "version 2", .version = 2, .err = HTTPA_ERR_UNSUPPORTED),
    SGX3(.why = "version 6", .version = 6, .err = HTTPA_ERR_UNSUPPORTED),
    SGX3(.why = "P-384", .key_type = 3, .err = HTTPA_ERR_UNSUPPORTED),
    SGX3(.why = "TDX, version 3", .tee = 0x81, .err = HTTPA_ERR_UNSUPPORTED),
    TDX4(.why = "another TEE", .tee = 0x80, .err = HTTPA_ERR_UNSUPPORTED),
    TDX4(.why = "another vendor", .vendor = 1, .err = HTTPA_ERR_UNSUPPORTED),
    TDX5(.why = "body of no type", .body_type = 4,
         .err = HTTPA_ERR_UNSUPPORTED),
    TDX5(.why = "a domain's body in a quote of SGX", .tee = 0,
         .err = HTTPA_ERR_UNSUPPORTED),
    TDX5(.why = "declared as TDX 1.0's", .body_size = 584,
         .err = HTTPA_ERR_RANGE),
    TDX5(.why = "declared as 4 GB", .body_size = UINT32_MAX,
         .err = HTTPA_ERR_RANGE),
    TDX4(.why = "signature one longer", .sig_more = 1,
         .err = HTTPA_ERR_TRUNCATED),
    TDX4(.why = "signature into the zeros", .sig_more = 1, .zeros = 1,
         .err = HTTPA_ERR_TRAILING),
    TDX4(.why = "signature one shorter", .sig_more = UINT32_MAX,
         .err = HTTPA_ERR_TRAILING), /* the chain's last letter */
    TDX4(.why = "signature nearly 4 GB", .sig_more = 0xfffff000u,
         .err = HTTPA_ERR_TRUNCATED),
    TDX4(.why = "outer longer", .outer_more = 1, .err = HTTPA_ERR_TRUNCATED),
    TDX4(.why = "outer does not fill", .outer_more = UINT32_MAX,
         .err = HTTPA_ERR_TRAILING),
    TDX4(.why = "inner longer", .inner_more = 1, .err = HTTPA_ERR_TRUNCATED),
    TDX4(.why = "inner 4 GB", .inner_more = 0xfffffff0u,
         .err = HTTPA_ERR_TRUNCATED),
    TDX4(.why = "inner does not fill", .inner_more = UINT32_MAX,
         .err = HTTPA_ERR_TRAILING),
    TDX4(.why = "chain without a QE", .outer_type = 5,
         .err = HTTPA_ERR_UNSUPPORTED),
    TDX4(.why = "nested twice", .inner_type = 6, .err = HTTPA_ERR_UNSUPPORTED),
    SGX3(.why = "encrypted PPID", .inner_type = 3,
         .err = HTTPA_ERR_UNSUPPORTED),
};
#pragma GCC diagnostic pop

static void shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf b = httpa_buf_growing(1u << 18);
        struct httpa_intel_quote q;
        put_quote(&b, &rows[i]);
        uint8_t *bytes = exact_copy(b.p, b.n);
        enum httpa_err err =
            httpa_intel_quote_read(httpa_slice_of(bytes, b.n), &q);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        if (err == HTTPA_OK) {
            assert_int_equal(q.is_tdx, rows[i].tee == 0x81);
            assert_int_equal(q.version, rows[i].version);
            assert_int_equal(q.padding, rows[i].zeros);
            assert_int_equal(q.qe_auth.n, rows[i].auth_n);
            assert_slice_is(q.pck_chain, "pem");
            assert_int_equal(q.signed_part.n,
                             48 + rows[i].body_n +
                                 (rows[i].version == 5 ? 6 : 0));
        }
        free(bytes);
        httpa_buf_done(&b);
    }
}

/* Bodies count up from 0, so a field's first byte is its offset. */
static void domain_fields(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(65536);
    struct httpa_intel_quote q;
    put_quote(&b, &rows[3]);
    assert_ok(httpa_intel_quote_read(httpa_buf_slice(&b), &q));
    const struct {
        struct httpa_slice field;
        size_t at, n;
    } fields[] = {
        { q.td.tee_tcb_svn, 0, 16 },
        { q.td.mrseam, 16, 48 },
        { q.td.mrsignerseam, 64, 48 },
        { q.td.seam_attributes, 112, 8 },
        { q.td.attributes_bytes, 120, 8 },
        { q.td.xfam, 128, 8 },
        { q.td.mrtd, 136, 48 },
        { q.td.mr_config_id, 184, 48 },
        { q.td.mr_owner, 232, 48 },
        { q.td.mr_owner_config, 280, 48 },
        { q.td.rtmr[0], 328, 48 },
        { q.td.rtmr[3], 472, 48 },
        { q.report_data, 520, 64 },
        { q.td.tee_tcb_svn_2, 584, 16 },
        { q.td.mr_service_td, 600, 48 },
    };
    const uint8_t *body = q.signed_part.p + 54;
    for (size_t i = 0; i < COUNT(fields); i++) {
        assert_ptr_equal(fields[i].field.p, body + fields[i].at);
        assert_int_equal(fields[i].field.n, fields[i].n);
    }
    assert_true(q.td.attributes == UINT64_C(0x7f7e7d7c7b7a7978));
    httpa_buf_done(&b);
}

static void enclave_fields(void **state)
{
    (void)state;
    struct httpa_buf b = httpa_buf_growing(65536);
    struct httpa_intel_quote q;
    put_quote(&b, &rows[0]);
    assert_ok(httpa_intel_quote_read(httpa_buf_slice(&b), &q));
    const struct httpa_intel_enclave *e = &q.enclave;
    const struct {
        struct httpa_slice field;
        size_t at, n;
    } fields[] = {
        { e->bytes, 0, 384 },      { e->cpu_svn, 0, 16 },
        { e->misc_select, 16, 4 }, { e->ext_prod_id, 32, 16 },
        { e->attributes, 48, 16 }, { e->mrenclave, 64, 32 },
        { e->mrsigner, 128, 32 },  { e->config_id, 192, 64 },
        { e->family_id, 304, 16 }, { q.report_data, 320, 64 },
    };
    for (size_t i = 0; i < COUNT(fields); i++) {
        assert_ptr_equal(fields[i].field.p,
                         q.signed_part.p + 48 + fields[i].at);
        assert_int_equal(fields[i].field.n, fields[i].n);
    }
    assert_int_equal(e->isv_prod_id, 0x0100); /* 256 counts from 0 again */
    assert_int_equal(e->isv_svn, 0x0302);
    assert_int_equal(e->config_svn, 0x0504);
    assert_int_equal(q.ak.p[0], 1);
    assert_int_equal(q.ak.n, 64);
    httpa_buf_done(&b);
}

static void ends_of_chains(void **state)
{
    struct shape nul = rows[1];
    (void)state;
    nul.auth_n = 0;
    struct httpa_buf b = httpa_buf_growing(65536);
    struct httpa_intel_quote q;
    put_quote(&b, &nul);
    b.p[b.n - 1] = 0;
    assert_ok(httpa_intel_quote_read(httpa_buf_slice(&b), &q));
    assert_slice_is(q.pck_chain, "pe"); /* one NUL, not both */
    b.p[b.n - 2] = 0;
    assert_ok(httpa_intel_quote_read(httpa_buf_slice(&b), &q));
    assert_int_equal(q.pck_chain.n, 2);
    httpa_buf_put_byte(&b, 1); /* not a zero behind */
    assert_err(HTTPA_ERR_TRAILING,
               httpa_intel_quote_read(httpa_buf_slice(&b), &q));
    httpa_buf_done(&b);
}

static void try_quote(struct httpa_slice in, void *arg)
{
    struct httpa_intel_quote q;
    (void)arg;
    if (httpa_intel_quote_read(in, &q) == HTTPA_OK) {
        assert_true(q.signed_part.n + q.pck_chain.n + q.padding <= in.n);
    }
}

static void mutations(void **state)
{
    static const size_t some[] = { 0, 3, 7 };
    (void)state;
    for (size_t i = 0; i < COUNT(some); i++) {
        struct shape s = rows[some[i]];
        struct httpa_buf b = httpa_buf_growing(65536);
        s.zeros = s.zeros > 0 ? 5 : 0;
        put_quote(&b, &s);
        mutate(httpa_buf_slice(&b), try_quote, NULL);
        httpa_buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),         cmocka_unit_test(domain_fields),
        cmocka_unit_test(enclave_fields), cmocka_unit_test(ends_of_chains),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
