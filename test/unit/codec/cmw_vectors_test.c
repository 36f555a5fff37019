/*
 * The vectors of RFC 9999: the examples of its text, the test data of another
 * implementation, and a list of what is to be accepted and what refused.  The
 * JSON forms are not read by the library, their rows are passed over.
 */
#include "codec/cmw.h"
#include "codec/cbor_write.h"
#include "support/shared.h"

#include <jansson.h>

#define ROOM 1024

static json_t *load(const char *name)
{
    struct httpa_buf b = httpa_buf_growing(1u << 20);
    json_t *j = NULL;
    if (shared_read(name, &b)) {
        j = json_loadb((const char *)b.p, b.n, 0, NULL);
        assert_non_null(j);
    }
    httpa_buf_done(&b);
    return j;
}

static void check_members(const struct httpa_cmw *cmw, const json_t *row)
{
    const json_t *type = json_object_get(row, "type");
    if (json_is_string(type)) {
        assert_slice_is(cmw->media_type, json_string_value(type));
    } else if (type != NULL) {
        assert_int_equal(cmw->content_format, json_integer_value(type));
    }
    const json_t *ind = json_object_get(row, "ind");
    assert_true(ind == NULL || cmw->ind == json_integer_value(ind));
    const json_t *value = json_object_get(row, "value");
    if (value != NULL) {
        assert_hex(cmw->value.p, cmw->value.n, json_string_value(value));
    }
}

/* Runs the rows with CBOR in them; returns how many. */
static size_t run(const json_t *rows, bool good)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *hex = json_string_value(json_object_get(row, "hex"));
        if (hex == NULL) {
            continue;
        }
        uint8_t raw[ROOM];
        size_t len = unhex(hex, raw, sizeof(raw));
        struct httpa_cmw cmw;
        enum httpa_err err = httpa_cmw_read(httpa_slice_of(raw, len), &cmw);
        if ((err == HTTPA_OK) != good) {
            fail_msg("%s: %s", httpa_err_name(err),
                     json_string_value(json_object_get(row, "name")));
        }
        if (good) {
            check_members(&cmw, row);
        }
        n++;
    }
    return n;
}

static void accepted_and_refused(void **state)
{
    (void)state;
    json_t *all = load("vectors/cmw/cmw-own.json");
    if (all == NULL) {
        return;
    }
    assert_int_equal(run(json_object_get(all, "accept"), true), 8);
    assert_int_equal(run(json_object_get(all, "reject"), false), 18);
    json_decref(all);
}

static void tag_numbers(void **state)
{
    (void)state;
    json_t *all = load("vectors/cmw/cmw-own.json");
    if (all == NULL) {
        return;
    }
    const json_t *rows = json_object_get(all, "tn");
    assert_int_equal(json_array_size(rows), 21);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        uint8_t room[8];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        const json_t *cf = json_object_get(row, "content_format");
        httpa_cmw_put_tag(&b, (uint16_t)json_integer_value(cf),
                          (struct httpa_slice){ 0 });
        const json_t *head = json_object_get(row, "tag_hex_head");
        assert_hex(b.p, b.n - 1, json_string_value(head));
        struct httpa_cbor c = httpa_cbor_of(httpa_buf_slice(&b), 0);
        const json_t *tag = json_object_get(row, "tag");
        assert_true((json_int_t)httpa_cbor_tag(&c) == json_integer_value(tag));
    }
    json_decref(all);
}

/* The examples given in diagnostic notation, encoded here. */
static void examples_of_the_text(void **state)
{
    (void)state;
    uint8_t room[512];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    struct httpa_slice value = httpa_slice_of("\x23\x47\xda\x55", 4);
    struct httpa_cmw cmw;

    /* cmw-example-tag-2: the value is itself an encoding */
    httpa_cbor_put_tag(&b, 1668612069);
    httpa_cbor_put_bytes(
        &b, httpa_slice_of("\xa1\x0a\x48\xa7\xc7\x6d\x84\x24\xa9\x6f\xb4", 11));
    assert_ok(httpa_cmw_read(httpa_buf_slice(&b), &cmw));
    assert_int_equal(cmw.content_format, 64998);
    assert_int_equal(cmw.value.n, 11);

    /* cmw-example-3 */
    httpa_buf_reset(&b);
    httpa_cmw_put_record(
        &b, "application/rim+cose",
        httpa_slice_of("\xd2\x84\x40\xa0\x44\xd9\x01\xf5\xa0\x40", 10),
        HTTPA_CMW_REFERENCE_VALUES | HTTPA_CMW_ENDORSEMENTS);
    assert_ok(httpa_cmw_read(httpa_buf_slice(&b), &cmw));
    assert_int_equal(cmw.ind, 3);

    /* collection-example-1 */
    httpa_buf_reset(&b);
    httpa_cbor_put_map(&b, 4);
    httpa_cbor_put_str(&b, "__cmwc_t");
    httpa_cbor_put_str(&b, "tag:example.com,2024:composite-attester");
    httpa_cbor_put_uint(&b, 0);
    httpa_cmw_put_record_cf(&b, 64999, value, HTTPA_CMW_EVIDENCE);
    httpa_cbor_put_uint(&b, 1);
    httpa_cmw_put_tag(&b, 64999, value);
    httpa_cbor_put_uint(&b, 2);
    httpa_cmw_put_record(&b, "application/eat+jwt", httpa_slice_str("Li4u"),
                         HTTPA_CMW_RESULTS);
    assert_ok(httpa_cmw_read(httpa_buf_slice(&b), &cmw));
    assert_int_equal(cmw.n, 3);
    assert_slice_is(cmw.collection_type,
                    "tag:example.com,2024:composite-attester");
}

static void collections_of_veraison(void **state)
{
    (void)state;
    static const char *const files[] = {
        "vectors/cmw/veraison-cmw/collection-cbor-mixed-keys.cbor",
        "vectors/cmw/veraison-cmw/collection-cbor-ok.cbor",
        "vectors/cmw/veraison-cmw/collection-cbor-ok-2.cbor",
    };
    static const size_t entries[] = { 2, 3, 1 };
    for (size_t i = 0; i < COUNT(files); i++) {
        uint8_t room[ROOM];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        struct httpa_cmw cmw;
        if (shared_read(files[i], &b)) {
            assert_err(HTTPA_OK, httpa_cmw_read(httpa_buf_slice(&b), &cmw));
            assert_int_equal(cmw.n, entries[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_and_refused),
        cmocka_unit_test(tag_numbers),
        cmocka_unit_test(examples_of_the_text),
        cmocka_unit_test(collections_of_veraison),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
