#include "codec/cmw.h"
#include "codec/cbor_write.h"
#include "support/test.h"

static uint8_t raw[1024];

static struct httpa_slice bytes(const char *hex)
{
    return httpa_slice_of(raw, unhex(hex, raw, sizeof(raw)));
}

static enum httpa_err read_err(const char *hex)
{
    struct httpa_cmw cmw;
    struct httpa_slice in = bytes(hex);
    uint8_t *exact = exact_copy(in.p, in.n);
    enum httpa_err err = httpa_cmw_read(httpa_slice_of(exact, in.n), &cmw);
    free(exact);
    return err;
}

#define VALUE "442347da55"
#define EAT "190107" /* application/eat+cwt, 263 */

struct row {
    const char *hex;
    enum httpa_err err;
    const char *why;
};

static const struct row rows[] = {
    { "82" EAT VALUE, HTTPA_OK, "record by number" },
    { "82" EAT "40", HTTPA_OK, "a value of no bytes" },
    { "83" EAT VALUE "04", HTTPA_OK, "evidence" },
    { "83" EAT VALUE "181f", HTTPA_OK, "every bit of ind" },
    { "8200" VALUE, HTTPA_OK, "content format 0" },
    { "8219ffff" VALUE, HTTPA_OK, "the last content format" },
    { "8263612f62" VALUE, HTTPA_OK, "a/b" },
    { "8268612f623b20703d76" VALUE, HTTPA_OK, "with a parameter" },
    { "8268612f62203b703d76" VALUE, HTTPA_OK, "space before a parameter" },
    { "8265612f623b7e" VALUE, HTTPA_OK, "the last printable character" },
    { "8265612f623b7f" VALUE, HTTPA_ERR_MALFORMED, "a control character" },
    { "8265612f622020" VALUE, HTTPA_ERR_MALFORMED, "space at the end" },
    { "8264612f6220" VALUE, HTTPA_ERR_MALFORMED, "space at the end" },
    { "8264612f203b" VALUE, HTTPA_ERR_MALFORMED, "no subtype" },
    { "8262612f" VALUE, HTTPA_ERR_MALFORMED, "no subtype" },
    { "82622f62" VALUE, HTTPA_ERR_MALFORMED, "no type" },
    { "82612f" VALUE, HTTPA_ERR_MALFORMED, "neither" },
    { "8260" VALUE, HTTPA_ERR_MALFORMED, "no text" },
    { "8263656174" VALUE, HTTPA_ERR_MALFORMED, "no slash" },
    { "8265612f622f63" VALUE, HTTPA_ERR_MALFORMED, "two slashes" },
    { "8265612f623b0a" VALUE, HTTPA_ERR_MALFORMED, "a line break" },
    { "8263c32f62" VALUE, HTTPA_ERR_MALFORMED, "no UTF-8" },
    { "8264c3bc2f62" VALUE, HTTPA_ERR_MALFORMED, "not ASCII" },
    { "82420107" VALUE, HTTPA_ERR_MALFORMED, "type is bytes" },
    { "8281" EAT VALUE, HTTPA_ERR_MALFORMED, "type is an array" },
    { "8219" "010744", HTTPA_ERR_TRUNCATED, "value cut off" },
    { "80", HTTPA_ERR_MALFORMED, "no member" },
    { "81" EAT, HTTPA_ERR_MALFORMED, "one member" },
    { "84" EAT VALUE "0400", HTTPA_ERR_MALFORMED, "four members" },
    { "82" EAT "63616263", HTTPA_ERR_MALFORMED, "value is text" },
    { "83" EAT VALUE "00", HTTPA_ERR_RANGE, "ind says nothing" },
    { "83" EAT VALUE "1820", HTTPA_ERR_RANGE, "ind with bit 5" },
    { "83" EAT VALUE "1b0000000100000004", HTTPA_ERR_RANGE, "ind, 64 bits" },
    { "83" EAT VALUE "23", HTTPA_ERR_MALFORMED, "negative ind" },
    { "83" EAT VALUE "f6", HTTPA_ERR_MALFORMED, "null for ind" },
    { "821a00010000" VALUE, HTTPA_ERR_RANGE, "content format, 17 bits" },
    { "8220" VALUE, HTTPA_ERR_MALFORMED, "negative content format" },
    { "82" EAT VALUE "00", HTTPA_ERR_TRAILING, "a byte behind" },
    { "9f" EAT VALUE "ff", HTTPA_ERR_UNSUPPORTED, "indefinite record" },
    { "da63740209" VALUE, HTTPA_OK, "tag of 263" },
    { "da63740101" VALUE, HTTPA_OK, "the first tag" },
    { "da6374ffff" VALUE, HTTPA_OK, "the last tag" },
    { "da63740100" VALUE, HTTPA_ERR_RANGE, "below the first tag" },
    { "da63740200" VALUE, HTTPA_ERR_RANGE, "no content format has 00" },
    { "da63750000" VALUE, HTTPA_ERR_RANGE, "above the last tag" },
    { "da63750101" VALUE, HTTPA_ERR_RANGE, "above the last tag" },
    { "d2" VALUE, HTTPA_ERR_RANGE, "the tag of COSE_Sign1" },
    { "da637402096161", HTTPA_ERR_MALFORMED, "tag on text" },
    { "da6374020982" EAT VALUE, HTTPA_ERR_MALFORMED, "tag on a record" },
    { "da63740209da63740209" VALUE, HTTPA_ERR_MALFORMED, "tag on a tag" },
    { "da63740209", HTTPA_ERR_TRUNCATED, "tag on nothing" },
    { "a1616182" EAT VALUE, HTTPA_OK, "collection of one" },
    { "a10582" EAT VALUE, HTTPA_OK, "integer label" },
    { "a12082" EAT VALUE, HTTPA_OK, "negative label" },
    { "a16082" EAT VALUE, HTTPA_OK, "empty label" },
    { "a1416182" EAT VALUE, HTTPA_ERR_UNSUPPORTED, "bytes for a label" },
    { "a0", HTTPA_ERR_MISSING, "collection of nothing" },
    { "a1685f5f636d77635f7464613a6262", HTTPA_ERR_MISSING, "only a type" },
    { "a2685f5f636d77635f7463613a620082" EAT VALUE, HTTPA_OK,
      "a URI for type" },
    { "a2685f5f636d77635f7465312e322e330082" EAT VALUE, HTTPA_OK,
      "an OID for type" },
    { "a2685f5f636d77635f746661622e312e330082" EAT VALUE,
      HTTPA_ERR_MALFORMED, "neither URI nor OID" },
    { "a2685f5f636d77635f7463312e300082" EAT VALUE, HTTPA_OK, "1.0" },
    { "a2685f5f636d77635f7464312e30310082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "OID with a leading zero" },
    { "a2685f5f636d77635f7462312e0082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "OID ends with a dot" },
    { "a2685f5f636d77635f7461310082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "OID of one arc" },
    { "a2685f5f636d77635f7462613a0082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "nothing behind the scheme" },
    { "a2685f5f636d77635f7463613a200082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "a space in a URI" },
    { "a2685f5f636d77635f74600082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "empty type" },
    { "a2685f5f636d77635f746761312b2d2e3a620082" EAT VALUE, HTTPA_OK,
      "all that a scheme may have: a1+-.:b" },
    { "a2685f5f636d77635f746431613a620082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "a scheme begins with a digit: 1a:b" },
    { "a2685f5f636d77635f74633a62620082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "no scheme" },
    { "a2685f5f636d77635f7464312e32780082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "a letter in an OID" },
    { "a2685f5f636d77635f74050082" EAT VALUE, HTTPA_ERR_MALFORMED,
      "a number for type" },
    { "a2616182" EAT VALUE "616182" EAT VALUE, HTTPA_ERR_DUPLICATE,
      "label twice" },
    { "a1616105", HTTPA_ERR_MALFORMED, "a number for an entry" },
    { "a16161" VALUE, HTTPA_ERR_MALFORMED, "bare bytes for an entry" },
    { "a16161a0", HTTPA_ERR_MISSING, "nested collection of nothing" },
    { "a10082" EAT VALUE "00", HTTPA_ERR_TRAILING, "a byte behind" },
    { "bf0082" EAT VALUE "ff", HTTPA_ERR_UNSUPPORTED,
      "indefinite collection" },
    { "a100a100a100a10082" EAT VALUE, HTTPA_OK, "four deep" },
    { "a100a100a100a100a10082" EAT VALUE, HTTPA_ERR_RANGE, "five deep" },
    { VALUE, HTTPA_ERR_MALFORMED, "bare bytes" },
    { "00", HTTPA_ERR_MALFORMED, "a number" },
    { "f6", HTTPA_ERR_MALFORMED, "null" },
    { "", HTTPA_ERR_TRUNCATED, "nothing" },
};

static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_err err = read_err(rows[i].hex);
        if (err != rows[i].err) {
            fail_msg("%s (%s): %s", rows[i].hex, rows[i].why,
                     httpa_err_name(err));
        }
    }
}

static void a_failed_read_leaves_the_output(void **state)
{
    (void)state;
    struct httpa_cmw cmw = { .ind = 77 };
    assert_err(HTTPA_ERR_MALFORMED, httpa_cmw_read(bytes("00"), &cmw));
    assert_int_equal(cmw.ind, 77);
}

static void record_by_media_type(void **state)
{
    (void)state;
    uint8_t room[128];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cmw_put_record(&b, "Application/EAT+cwt; eat_profile=\"x\"",
                         httpa_slice_of("\7", 1),
                         HTTPA_CMW_EVIDENCE | HTTPA_CMW_ENDORSEMENTS);
    struct httpa_cmw cmw;
    assert_ok(httpa_cmw_read(httpa_buf_slice(&b), &cmw));
    assert_int_equal(cmw.kind, HTTPA_CMW_RECORD);
    assert_slice_is(cmw.media_type, "Application/EAT+cwt; eat_profile=\"x\"");
    assert_int_equal(cmw.content_format, 0);
    assert_slice_is(cmw.value, "\7");
    assert_int_equal(cmw.ind, 6);
    assert_true(httpa_cmw_is(&cmw, "application/eat+cwt"));
    assert_false(httpa_cmw_is(&cmw, "application/eat+cw"));
    assert_false(httpa_cmw_is(&cmw, "application/eat+cwtt"));
    struct httpa_cmw_iter it = httpa_cmw_entries(&cmw);
    struct httpa_cbor_key label;
    assert_false(httpa_cmw_next(&it, &label, &cmw));
    struct httpa_cmw out;
    assert_err(HTTPA_ERR_MALFORMED, httpa_cmw_find(&cmw, "a", &out));
}

static void record_by_number(void **state)
{
    (void)state;
    uint8_t room[128];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cmw_put_record_cf(&b, 64999, httpa_slice_of("\x23", 1), 0);
    assert_hex(b.p, b.n, "8219fde74123");
    struct httpa_cmw cmw;
    assert_ok(httpa_cmw_read(httpa_buf_slice(&b), &cmw));
    assert_int_equal(cmw.media_type.n, 0);
    assert_int_equal(cmw.content_format, 64999);
    assert_int_equal(cmw.ind, 0);
    assert_false(httpa_cmw_is(&cmw, "application/eat+cwt"));
}

/* There and back for every content format that has a tag. */
static void tags(void **state)
{
    (void)state;
    uint64_t last = 0;
    for (uint32_t cf = 0; cf <= HTTPA_CMW_TAGGED_MAX; cf++) {
        uint8_t room[16];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_cmw_put_tag(&b, (uint16_t)cf, (struct httpa_slice){ 0 });
        struct httpa_cmw cmw;
        assert_ok(httpa_cmw_read(httpa_buf_slice(&b), &cmw));
        assert_int_equal(cmw.kind, HTTPA_CMW_TAG);
        assert_int_equal(cmw.content_format, cf);
        struct httpa_cbor c = httpa_cbor_of(httpa_buf_slice(&b), 0);
        uint64_t tag = httpa_cbor_tag(&c);
        assert_true(tag > last && (tag & 0xff) != 0);
        last = tag;
    }
    assert_true(last == 1668612095);
    uint8_t room[16];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cmw_put_tag(&b, HTTPA_CMW_TAGGED_MAX + 1, (struct httpa_slice){ 0 });
    assert_err(HTTPA_ERR_SPACE, httpa_buf_check(&b));
}

/* What AtHS carries: two records, and a collection in the collection. */
static void put_sample(struct httpa_buf *b)
{
    httpa_cmw_put_collection(b, 4);
    httpa_cmw_put_label(b, "pad");
    httpa_cmw_put_record(b, "application/octet-stream",
                         httpa_slice_of("\0\0", 2), 0);
    httpa_cmw_put_label(b, "chain");
    httpa_cmw_put_record(b, "application/pem-certificate-chain",
                         httpa_slice_str("-----"), 0);
    httpa_cmw_put_label(b, "__cmwc_t");
    httpa_cbor_put_str(b, "tag:example.com,2026:x");
    httpa_cmw_put_label(b, "evidence");
    httpa_cmw_put_collection(b, 2);
    httpa_cmw_put_label(b, "a");
    httpa_cmw_put_tag(b, 263, httpa_slice_str("eat"));
    httpa_cbor_put_int(b, -1);
    httpa_cmw_put_record_cf(b, 60, httpa_slice_str("tpm"), HTTPA_CMW_EVIDENCE);
}

static void collections_are_searched(void **state)
{
    (void)state;
    uint8_t room[256];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    put_sample(&b);
    assert_ok(httpa_buf_check(&b));
    struct httpa_cmw all, entry, inner;
    assert_ok(httpa_cmw_read(httpa_buf_slice(&b), &all));
    assert_int_equal(all.kind, HTTPA_CMW_COLLECTION);
    assert_int_equal(all.n, 3);
    assert_slice_is(all.collection_type, "tag:example.com,2026:x");
    assert_ok(httpa_cmw_find(&all, "chain", &entry));
    assert_true(httpa_cmw_is(&entry, "application/pem-certificate-chain"));
    assert_slice_is(entry.value, "-----");
    assert_err(HTTPA_ERR_MISSING, httpa_cmw_find(&all, "tls", &entry));
    assert_slice_is(entry.value, "-----");
    assert_ok(httpa_cmw_find(&all, "evidence", &entry));
    assert_int_equal(entry.n, 2);
    assert_ok(httpa_cmw_find(&entry, "a", &inner));
    assert_int_equal(inner.content_format, 263);
    assert_slice_is(inner.value, "eat");
}

static void collections_are_walked(void **state)
{
    (void)state;
    uint8_t room[256];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    put_sample(&b);
    struct httpa_cmw all, entry, evidence = { 0 };
    assert_ok(httpa_cmw_read(httpa_buf_slice(&b), &all));
    static const char *const labels[] = { "pad", "chain", "evidence" };
    struct httpa_cmw_iter it = httpa_cmw_entries(&all);
    struct httpa_cbor_key label;
    size_t n = 0;
    while (httpa_cmw_next(&it, &label, &entry)) {
        assert_true(n < COUNT(labels) && label.is_text);
        assert_slice_is(label.text, labels[n++]);
        evidence = entry;
    }
    assert_int_equal(n, COUNT(labels));
    it = httpa_cmw_entries(&evidence);
    assert_true(httpa_cmw_next(&it, &label, &entry));
    assert_true(httpa_cmw_next(&it, &label, &entry));
    assert_false(label.is_text);
    assert_true(label.number == -1);
    assert_slice_is(entry.value, "tpm");
    assert_int_equal(entry.ind, HTTPA_CMW_EVIDENCE);
    assert_false(httpa_cmw_next(&it, &label, &entry));
}

/* What was read whole has no errors left further down. */
static void descend(const struct httpa_cmw *cmw)
{
    struct httpa_cmw_iter it = httpa_cmw_entries(cmw);
    struct httpa_cbor_key label;
    struct httpa_cmw entry;
    size_t n = 0;
    while (httpa_cmw_next(&it, &label, &entry)) {
        n++;
        assert_ok(it.items.err);
        descend(&entry);
    }
    assert_int_equal(n, cmw->kind == HTTPA_CMW_COLLECTION ? cmw->n : 0);
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_cmw cmw;
    if (httpa_cmw_read(in, &cmw) == HTTPA_OK) {
        (*(size_t *)arg)++;
        descend(&cmw);
    }
}

static void mutants_are_survived(void **state)
{
    (void)state;
    uint8_t room[256];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    put_sample(&b);
    size_t read = 0;
    mutate(httpa_buf_slice(&b), read_mutant, &read);
    assert_true(read > 0); /* the sample itself, and flips in its values */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(a_failed_read_leaves_the_output),
        cmocka_unit_test(record_by_media_type),
        cmocka_unit_test(record_by_number),
        cmocka_unit_test(tags),
        cmocka_unit_test(collections_are_searched),
        cmocka_unit_test(collections_are_walked),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
