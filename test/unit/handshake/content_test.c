#include "codec/cbor_write.h"
#include "handshake/chain.h"
#include "handshake/content.h"
#include "support/test.h"
#include "wire/limits.h"

static struct httpa_evidence item(const char *type, const char *value)
{
    return (struct httpa_evidence){ .media_type = httpa_slice_str(type),
                                    .value = httpa_slice_str(value) };
}

static void a_request_says_pad(void **state)
{
    struct httpa_buf b = httpa_buf_growing(64);
    (void)state;
    httpa_aths_content_write_pad(&b);
    /* doc/protocol.md, appendix A */
    assert_hex(b.p, b.n,
               "a1637061648278186170706c69636174696f6e2f6f637465742d7374726561"
               "6d4100");
    assert_ok(httpa_aths_content_check(httpa_buf_slice(&b)));
    httpa_buf_done(&b);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        struct httpa_aths_content in = {
            .items = { item("a/1", "one"), item("a/2", "two"),
                       item("a/3", "three") },
            .item_count = n,
            .chain = httpa_slice_str("spki"),
        };
        struct httpa_aths_content out;
        struct httpa_buf b = httpa_buf_growing(1024);
        httpa_aths_content_write(&in, &b);
        assert_ok(httpa_buf_check(&b));
        assert_ok(httpa_aths_content_read(httpa_buf_slice(&b), &out));
        assert_int_equal(out.item_count, n);
        assert_slice_is(out.items[0].value, "one");
        assert_slice_is(out.items[n - 1].media_type,
                        n == 1 ? "a/1" : n == 2 ? "a/2" : "a/3");
        assert_slice_is(out.chain, "spki");
        assert_false(out.chain_is_pem);
        httpa_buf_done(&b);
    }
}

static void endorsements_come_along(void **state)
{
    (void)state;
    struct httpa_aths_content in = { .items = { item("a/1", "one") },
                                     .item_count = 1 };
    for (size_t n = 0; n <= HTTPA_ENDORSEMENTS_MAX; n++) {
        struct httpa_aths_content out;
        struct httpa_buf b = httpa_buf_growing(4096);
        in.endorsement_count = n;
        if (n > 0) {
            in.endorsements[n - 1] = (struct httpa_endorsement){
                httpa_slice_str("e/x"), httpa_slice_str("said")
            };
        }
        httpa_aths_content_write(&in, &b);
        assert_ok(httpa_aths_content_read(httpa_buf_slice(&b), &out));
        assert_int_equal(out.endorsement_count, n);
        for (size_t i = 0; i < n; i++) {
            assert_slice_is(out.endorsements[i].media_type, "e/x");
            assert_slice_is(out.endorsements[i].value, "said");
        }
        httpa_buf_done(&b);
    }
}

static void put_labelled(struct httpa_buf *b, uint64_t label)
{
    httpa_cbor_put_uint(b, label);
    httpa_cmw_put_record(b, "e/x", httpa_slice_str("said"), 0);
}

/* One record, no entry, labels that do not count from zero, one too many. */
static void endorsements_have_one_form(void **state)
{
    static const struct {
        size_t n;
        uint64_t first;
        enum httpa_err err;
    } rows[] = { { 1, 0, HTTPA_OK },
                 { 24, 0, HTTPA_OK },
                 { 25, 0, HTTPA_ERR_RANGE },
                 { 1, 1, HTTPA_ERR_MALFORMED },
                 { 2, 1, HTTPA_ERR_MALFORMED } };
    (void)state;
    for (size_t i = 0; i <= COUNT(rows); i++) {
        struct httpa_aths_content out;
        struct httpa_buf b = httpa_buf_growing(4096);
        httpa_cmw_put_collection(&b, 2);
        httpa_cmw_put_label(&b, "evidence");
        httpa_cmw_put_record(&b, "a/1", httpa_slice_str("one"), 0);
        httpa_cmw_put_label(&b, "endorsements");
        if (i == COUNT(rows)) {
            httpa_cmw_put_record(&b, "e/x", httpa_slice_str("said"), 0);
            assert_err(HTTPA_ERR_MALFORMED,
                       httpa_aths_content_read(httpa_buf_slice(&b), &out));
        } else {
            httpa_cbor_put_map(&b, rows[i].n);
            for (size_t k = 0; k < rows[i].n; k++) {
                put_labelled(&b, rows[i].first + k);
            }
            assert_err(rows[i].err,
                       httpa_aths_content_read(httpa_buf_slice(&b), &out));
        }
        httpa_buf_done(&b);
    }
}

/* {"evidence": {label: [type, value]}} with labels out of order */
static void labels_count_from_zero(void **state)
{
    static const uint64_t labels[][2] = { { 1, 2 }, { 1, 0 }, { 0, 2 } };
    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++) {
        struct httpa_buf b = httpa_buf_growing(256);
        struct httpa_aths_content out;
        httpa_cbor_put_map(&b, 1);
        httpa_cbor_put_str(&b, "evidence");
        httpa_cbor_put_map(&b, 2);
        for (size_t k = 0; k < 2; k++) {
            httpa_cbor_put_uint(&b, labels[i][k]);
            httpa_cmw_put_record(&b, "a/b", httpa_slice_str("v"), 0);
        }
        assert_int_not_equal(
            httpa_aths_content_read(httpa_buf_slice(&b), &out), HTTPA_OK);
        httpa_buf_done(&b);
    }
}

/* What one member of Attest-Quotes stands for is a record, and nothing that
 * a second implementation might read in another way. */
static void one_item_is_a_record(void **state)
{
    (void)state;
    for (size_t form = 0; form < 3; form++) {
        struct httpa_buf b = httpa_buf_growing(256);
        struct httpa_aths_content out;
        httpa_cbor_put_map(&b, 1);
        httpa_cbor_put_str(&b, "evidence");
        if (form > 0) {
            httpa_cbor_put_map(&b, form);
            httpa_cbor_put_uint(&b, 0);
        }
        httpa_cmw_put_record(&b, "a/b", httpa_slice_str("v"), 0);
        if (form == 2) { /* a type does not make it two */
            httpa_cbor_put_str(&b, "__cmwc_t");
            httpa_cbor_put_str(&b, "tag:example.com,2026:x");
        }
        assert_err(form == 0 ? HTTPA_OK : HTTPA_ERR_MALFORMED,
                   httpa_aths_content_read(httpa_buf_slice(&b), &out));
        httpa_buf_done(&b);
    }
}

static void refused(void **state)
{
    struct httpa_aths_content out;
    struct httpa_buf b = httpa_buf_growing(HTTPA_LIMIT_ATHS_CONTENT + 1000);
    (void)state;
    httpa_aths_content_write_pad(&b);
    assert_err(HTTPA_ERR_MISSING,
               httpa_aths_content_read(httpa_buf_slice(&b), &out));
    httpa_buf_reset(&b);
    httpa_cmw_put_record(&b, "a/b", httpa_slice_str("v"), 0);
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_aths_content_check(httpa_buf_slice(&b)));
    httpa_buf_reset(&b);
    httpa_buf_put_byte(&b, 0xa0); /* an empty map */
    assert_int_not_equal(httpa_aths_content_check(httpa_buf_slice(&b)),
                         HTTPA_OK);
    while (b.n <= HTTPA_LIMIT_ATHS_CONTENT) {
        httpa_buf_put_byte(&b, 0);
    }
    assert_err(HTTPA_ERR_LIMIT,
               httpa_aths_content_check(httpa_buf_slice(&b)));
    httpa_buf_done(&b);
}

static void read_quietly(struct httpa_slice in, void *arg)
{
    struct httpa_aths_content out;
    (void)arg;
    if (httpa_aths_content_read(in, &out) == HTTPA_OK) {
        assert_true(out.item_count > 0);
    }
}

static void mutants(void **state)
{
    struct httpa_aths_content in = {
        .items = { item("a/1", "one"), item("a/2", "two") },
        .item_count = 2,
        .chain = httpa_slice_str("spki"),
        .endorsements = { { httpa_slice_str("e/x"), httpa_slice_str("a") },
                          { httpa_slice_str("e/y"), httpa_slice_str("b") } },
        .endorsement_count = 2,
    };
    struct httpa_buf b = httpa_buf_growing(1024);
    (void)state;
    httpa_aths_content_write(&in, &b);
    mutate(httpa_buf_slice(&b), read_quietly, NULL);
    httpa_buf_done(&b);
}

static void a_bare_key_is_no_certificate(void **state)
{
    struct httpa_crypto *crypto = NULL;
    struct httpa_chain chain;
    (void)state;
    assert_ok(httpa_crypto_new(&crypto));
    assert_ok(httpa_chain_read(crypto, httpa_slice_str("spki"), false,
                               &chain));
    assert_slice_is(chain.spki, "spki");
    assert_int_equal(chain.cert_count, 0);
    httpa_chain_done(&chain);
    assert_int_not_equal(
        httpa_chain_read(crypto, httpa_slice_str("spki"), true, &chain),
        HTTPA_OK);
    httpa_chain_done(&chain);
    assert_int_not_equal(
        httpa_chain_read(crypto, httpa_slice_str("\n"), true, &chain),
        HTTPA_OK);
    httpa_chain_done(&chain);
    httpa_crypto_free(crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_says_pad),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(endorsements_come_along),
        cmocka_unit_test(endorsements_have_one_form),
        cmocka_unit_test(labels_count_from_zero),
        cmocka_unit_test(one_item_is_a_record),
        cmocka_unit_test(refused),
        cmocka_unit_test(mutants),
        cmocka_unit_test(a_bare_key_is_no_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
