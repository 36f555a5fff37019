#include "attest/snp_certs.h"

#include "codec/pem.h"
#include "unit/evidence/snp/maker.h"

#define TABLE_MAX 8192

static struct maker maker;
static uint8_t table[TABLE_MAX];
static size_t table_n;

static int open_maker(void **state)
{
    static const struct maker_wish wish = { .line = HTTPA_SNP_GENOA };
    (void)state;
    maker_init(&maker, &wish);
    return 0;
}

static int close_maker(void **state)
{
    (void)state;
    maker_done(&maker);
    return 0;
}

static enum httpa_err write_it(size_t n, struct httpa_buf *out)
{
    uint8_t *copy = exact_copy(table, n);
    enum httpa_err err = httpa_snp_certs_write(httpa_slice_of(copy, n), out);
    free(copy);
    return err;
}

/* VCEK, ASK, ARK, whatever the order of the bytes of a GUID. */
static void chain(void **state)
{
    const struct maker_cert *want[] = { &maker.leaf, &maker.ask, &maker.ark };
    (void)state;
    for (unsigned efi = 0; efi < 2; efi++) {
        struct httpa_buf out = httpa_buf_growing(65536);
        struct httpa_buf der = httpa_buf_growing(65536);
        struct httpa_slice label;
        table_n = maker_table(&maker, efi != 0, table, sizeof(table));
        assert_ok(write_it(table_n, &out));
        struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&out));
        for (size_t i = 0; i < 3; i++) {
            httpa_buf_reset(&der);
            assert_ok(httpa_pem_next(&pem, &label, &der));
            assert_slice_is(label, "CERTIFICATE");
            assert_true(httpa_slice_equal(httpa_buf_slice(&der),
                                          httpa_buf_slice(&want[i]->der)));
        }
        assert_false(httpa_pem_more(&pem));
        httpa_buf_done(&out);
        httpa_buf_done(&der);
    }
}

/* The host may write what it likes. */
static void hostile(void **state)
{
    static const struct {
        const char *why;
        size_t at;
        uint32_t value;
        enum httpa_err err;
    } rows[] = {
        { "an offset into the head", 16, 0, HTTPA_ERR_RANGE },
        { "an offset at the closing entry", 16, 95, HTTPA_ERR_RANGE },
        { "an offset behind the end", 16, TABLE_MAX, HTTPA_ERR_RANGE },
        { "an offset that overflows", 16, UINT32_MAX, HTTPA_ERR_RANGE },
        { "a length behind the end", 20, TABLE_MAX, HTTPA_ERR_RANGE },
        { "a length that overflows", 20, UINT32_MAX, HTTPA_ERR_RANGE },
        { "into the next one", 20, 700, HTTPA_ERR_RANGE },
        { "no certificate", 20, 0, HTTPA_ERR_MALFORMED },
        { "half of one", 20, 100, HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf out = httpa_buf_growing(65536);
        httpa_buf_put_str(&out, "kept");
        table_n = maker_table(&maker, false, table, sizeof(table));
        maker_put(table + rows[i].at, rows[i].value, 4);
        enum httpa_err err = write_it(table_n, &out);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        assert_slice_is(httpa_buf_slice(&out), "kept");
        httpa_buf_done(&out);
    }
}

static void shapes(void **state)
{
    struct httpa_buf out = httpa_buf_growing(65536);
    (void)state;
    /* Nothing, and a buffer that the host left alone. */
    assert_ok(write_it(0, &out));
    memset(table, 0, sizeof(table));
    assert_ok(write_it(sizeof(table), &out));
    assert_int_equal(out.n, 0);
    /* One kind twice. */
    table_n = maker_table(&maker, false, table, sizeof(table));
    memcpy(table + 24, table, 16);
    assert_err(HTTPA_ERR_DUPLICATE, write_it(table_n, &out));
    /* A kind that is not known is passed over. */
    table_n = maker_table(&maker, false, table, sizeof(table));
    table[0] ^= 1;
    assert_ok(write_it(table_n, &out));
    httpa_buf_reset(&out);
    /* Entries without end. */
    memset(table, 1, sizeof(table));
    assert_err(HTTPA_ERR_RANGE, write_it(sizeof(table), &out));
    assert_err(HTTPA_ERR_TRUNCATED, write_it(24 * 3, &out));
    httpa_buf_done(&out);
}

static void no_reading_past_the_end(void **state)
{
    (void)state;
    table_n = maker_table(&maker, false, table, sizeof(table));
    for (size_t n = 0; n < table_n; n++) {
        struct httpa_buf out = httpa_buf_growing(65536);
        enum httpa_err err = write_it(n, &out);
        assert_true(err != HTTPA_OK || n == 0);
        httpa_buf_done(&out);
    }
    for (size_t i = 0; i < 8 * 24 * 4; i++) { /* every bit of the head */
        struct httpa_buf out = httpa_buf_growing(65536);
        table[i / 8] ^= (uint8_t)(1u << i % 8);
        (void)!write_it(table_n, &out);
        table[i / 8] ^= (uint8_t)(1u << i % 8);
        httpa_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain),
        cmocka_unit_test(hostile),
        cmocka_unit_test(shapes),
        cmocka_unit_test(no_reading_past_the_end),
    };
    return cmocka_run_group_tests(tests, open_maker, close_maker);
}
