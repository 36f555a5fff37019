#include "codec/bhttp.h"
#include "support/test.h"

static struct httpa_field room[HTTPA_FIELDS_MAX];
static uint8_t raw[1024];

static struct httpa_slice bytes(const char *hex)
{
    return httpa_slice_of(raw, unhex(hex, raw, sizeof(raw)));
}

static enum httpa_err read_head(struct httpa_slice in,
                                struct httpa_head *ret_head)
{
    httpa_head_init(ret_head, room, COUNT(room));
    return httpa_bhttp_head_read(in, ret_head);
}

/* RFC 9292 5.1, the second example, its content and trailers cut off: GET,
 * https, no authority, /hello.txt, three fields. */
#define EXAMPLE_FIELDS                                                     \
    "406c0a757365722d6167656e74346375726c2f372e31362e33206c69626375726c"   \
    "2f372e31362e33204f70656e53534c2f302e392e376c207a6c69622f312e322e33"   \
    "04686f73740f7777772e6578616d706c652e636f6d0f6163636570742d6c616e67"   \
    "7561676506656e2c206d69"

static void the_request_of_the_rfc(void **state)
{
    (void)state;
    struct httpa_head head;
    /* in the RFC the authority is empty and Host carries it */
    assert_ok(read_head(bytes("0003474554" "056874747073" "00"
                              "0a2f68656c6c6f2e747874" EXAMPLE_FIELDS),
                        &head));
    assert_true(head.is_request);
    assert_slice_is(head.method, "GET");
    assert_slice_is(head.scheme, "https");
    assert_int_equal(head.authority.n, 0);
    assert_slice_is(head.path, "/hello.txt");
    assert_int_equal(head.fields.n, 3);
    assert_slice_is(head.fields.v[0].name, "user-agent");
    assert_slice_is(head.fields.v[1].value, "www.example.com");
    assert_slice_is(head.fields.v[2].value, "en, mi");
}

static void a_response(void **state)
{
    (void)state;
    struct httpa_head head;
    assert_ok(read_head(bytes("0140c8" "08" "016102" "7676" "016200"), &head));
    assert_false(head.is_request);
    assert_int_equal(head.status, 200);
    assert_int_equal(head.fields.n, 2);
    assert_slice_is(head.fields.v[0].value, "vv");
    assert_int_equal(head.fields.v[1].value.n, 0);
}

struct row {
    const char *hex;
    enum httpa_err err;
    const char *why;
};

#define GET "000347455401730161012f" /* GET s a / */

static const struct row rows[] = {
    { GET "00", HTTPA_OK, "no fields" },
    { GET "03016100", HTTPA_OK, "one, without a value" },
    { "00" "00000000" "00", HTTPA_OK, "all empty: not a matter of form" },
    { "4000" "0347455401730161012f" "00", HTTPA_OK, "framing in 2 bytes" },
    { "80000000" "0347455401730161012f" "00", HTTPA_OK, "in 4" },
    { "c000000000000000" "0347455401730161012f" "00", HTTPA_OK, "in 8" },
    { "00" "c000000000000003" "47455401730161012f" "00", HTTPA_OK,
      "a length in 8 bytes" },
    { GET "80000003" "016100", HTTPA_OK, "length of the section in 4" },
    { "01" "40c8" "00", HTTPA_OK, "response" },
    { "01" "c0000000000000c8" "00", HTTPA_OK, "status in 8 bytes" },
    { "01" "4257" "00", HTTPA_OK, "599" },
    { "", HTTPA_ERR_TRUNCATED, "nothing" },
    { "00", HTTPA_ERR_TRUNCATED, "only an indicator" },
    { "40", HTTPA_ERR_TRUNCATED, "half an indicator" },
    { "01", HTTPA_ERR_TRUNCATED, "no status" },
    { "0140", HTTPA_ERR_TRUNCATED, "half a status" },
    { "0140c8", HTTPA_ERR_TRUNCATED, "no header section" },
    { GET, HTTPA_ERR_TRUNCATED, "no header section" },
    { "000347", HTTPA_ERR_TRUNCATED, "half a method" },
    { "0003474554", HTTPA_ERR_TRUNCATED, "no scheme" },
    { GET "40", HTTPA_ERR_TRUNCATED, "half a length" },
    { GET "04016100", HTTPA_ERR_TRUNCATED, "section longer than what is left" },
    { GET "ffffffffffffffff016100", HTTPA_ERR_TRUNCATED, "of 2^62 - 1" },
    { "00ffffffffffffffff474554", HTTPA_ERR_TRUNCATED, "method of 2^62 - 1" },
    { GET "0000", HTTPA_ERR_TRAILING, "empty content after the head" },
    { GET "000000", HTTPA_ERR_TRAILING, "empty content and trailers" },
    { GET "00" "03616263", HTTPA_ERR_TRAILING, "content" },
    { GET "02016100", HTTPA_ERR_TRAILING, "section ends inside a line" },
    { GET "02" "0161", HTTPA_ERR_MALFORMED, "a name without a value" },
    { GET "03" "016101", HTTPA_ERR_MALFORMED, "value crosses the end" },
    { GET "02" "0261", HTTPA_ERR_MALFORMED, "name crosses the end" },
    { GET "04" "01614000", HTTPA_OK, "length of a value in 2 bytes" },
    { GET "03" "016140", HTTPA_ERR_MALFORMED, "half a length" },
    { GET "02" "0000", HTTPA_ERR_MALFORMED, "an empty name" },
    { "02" "0347455401730161012f" "00", HTTPA_ERR_UNSUPPORTED,
      "request of indeterminate length" },
    { "03" "40c8" "00", HTTPA_ERR_UNSUPPORTED,
      "response of indeterminate length" },
    { "04" "40c8" "00", HTTPA_ERR_UNSUPPORTED, "no such indicator" },
    { "ffffffffffffffff" "00", HTTPA_ERR_UNSUPPORTED, "no such indicator" },
    { "01" "4064" "00" "40c8" "00", HTTPA_ERR_UNSUPPORTED,
      "an informational response before it" },
    { "01" "40c7" "00", HTTPA_ERR_UNSUPPORTED, "199" },
    { "01" "4063" "00", HTTPA_ERR_RANGE, "99" },
    { "01" "00" "00", HTTPA_ERR_RANGE, "0" },
    { "01" "4258" "00", HTTPA_ERR_RANGE, "600" },
    { "01" "c0000001000000c8" "00", HTTPA_ERR_RANGE, "2^32 + 200" },
};

static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_head head;
        struct httpa_slice in = bytes(rows[i].hex);
        uint8_t *exact = exact_copy(in.p, in.n);
        enum httpa_err err = read_head(httpa_slice_of(exact, in.n), &head);
        free(exact);
        if (err != rows[i].err) {
            fail_msg("%s (%s): %s", rows[i].hex, rows[i].why,
                     httpa_err_name(err));
        }
        if (err != HTTPA_OK) { /* outputs as they were */
            assert_true(head.method.n == 0 && head.status == 0 &&
                        head.fields.n == 0 && !head.is_request);
        }
    }
}

static const struct row sections[] = {
    { "00", HTTPA_OK, "no trailers" },
    { "03016100", HTTPA_OK, "one" },
    { "", HTTPA_ERR_TRUNCATED, "nothing" },
    { "0300", HTTPA_ERR_TRUNCATED, "cut off" },
    { "0000", HTTPA_ERR_TRAILING, "a byte behind" },
    { "020000", HTTPA_ERR_MALFORMED, "an empty name" },
    { "020161", HTTPA_ERR_MALFORMED, "a name without a value" },
};

static void trailers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sections); i++) {
        struct httpa_fields f = { .v = room, .cap = COUNT(room) };
        enum httpa_err err = httpa_bhttp_fields_read(bytes(sections[i].hex),
                                                     &f);
        if (err != sections[i].err) {
            fail_msg("%s (%s): %s", sections[i].hex, sections[i].why,
                     httpa_err_name(err));
        }
        assert_int_equal(f.n, i == 1 ? 1 : 0);
    }
}

static struct httpa_slice str(const char *s)
{
    return httpa_slice_str(s);
}

static void written_as_short_as_can_be(void **state)
{
    (void)state;
    struct httpa_field v[] = { { str("a"), str("vv") }, { str("b"), str("") } };
    struct httpa_head head = { .is_request = true,
                               .method = str("GET"),
                               .scheme = str("s"),
                               .authority = str("a"),
                               .path = str("/"),
                               .fields = { v, 2, 2 } };
    uint8_t out[64];
    struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
    assert_ok(httpa_bhttp_head_write(&head, &b));
    assert_hex(b.p, b.n, GET "08" "016102" "7676" "016200");
    httpa_buf_reset(&b);
    head.is_request = false;
    head.status = 404;
    assert_ok(httpa_bhttp_head_write(&head, &b));
    assert_hex(b.p, b.n, "014194" "08" "016102" "7676" "016200");
    httpa_buf_reset(&b);
    assert_ok(httpa_bhttp_fields_write(&head.fields, &b));
    assert_hex(b.p, b.n, "08" "016102" "7676" "016200");
}

static char long_text[HTTPA_BHTTP_HEAD_MAX + 2];

/* Values about the widths of a length, there and back. */
static void every_width_there_and_back(void **state)
{
    (void)state;
    static const size_t lengths[] = { 0, 1, 63, 64, 16383, 16384, 32768 };
    static const size_t widths[] = { 1, 1, 1, 2, 2, 4, 4 };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct httpa_field v = { str("n"),
                                 httpa_slice_of(long_text, lengths[i]) };
        struct httpa_fields f = { &v, 1, 1 };
        struct httpa_buf b = httpa_buf_growing(1u << 20);
        assert_ok(httpa_bhttp_fields_write(&f, &b));
        struct httpa_fields back = { .v = room, .cap = COUNT(room) };
        assert_ok(httpa_bhttp_fields_read(httpa_buf_slice(&b), &back));
        assert_int_equal(back.n, 1);
        assert_true(httpa_slice_equal(back.v[0].value, v.value));
        size_t line = 2 + widths[i] + lengths[i];
        size_t head = line < 64 ? 1 : line < 16384 ? 2 : 4;
        assert_int_equal(b.n, head + line);
        httpa_buf_done(&b);
    }
}

/* One name and value of these lengths, written by hand and read. */
static enum httpa_err read_field(size_t name, size_t value)
{
    size_t line = 8 + name + value;
    struct httpa_buf b = httpa_buf_growing(1u << 20);
    uint8_t len[] = { 0x80, (uint8_t)(line >> 16), (uint8_t)(line >> 8),
                      (uint8_t)line };
    httpa_buf_put(&b, len, 4);
    uint8_t nlen[] = { 0x80, 0, (uint8_t)(name >> 8), (uint8_t)name };
    httpa_buf_put(&b, nlen, 4);
    httpa_buf_put(&b, long_text, name);
    uint8_t vlen[] = { 0x80, 0, (uint8_t)(value >> 8), (uint8_t)value };
    httpa_buf_put(&b, vlen, 4);
    httpa_buf_put(&b, long_text, value);
    struct httpa_fields f = { .v = room, .cap = COUNT(room) };
    enum httpa_err err = httpa_bhttp_fields_read(httpa_buf_slice(&b), &f);
    httpa_buf_done(&b);
    return err;
}

static void limits_of_names_and_values(void **state)
{
    (void)state;
    assert_ok(read_field(HTTPA_BHTTP_NAME_MAX, HTTPA_BHTTP_VALUE_MAX));
    assert_err(HTTPA_ERR_RANGE, read_field(HTTPA_BHTTP_NAME_MAX + 1, 0));
    assert_err(HTTPA_ERR_RANGE, read_field(1, HTTPA_BHTTP_VALUE_MAX + 1));
}

static void limit_of_a_head(void **state)
{
    (void)state;
    /* 64,986 of path, and 14 around it, are 65,000 */
    struct httpa_head head = { .is_request = true,
                               .method = str("GET"),
                               .scheme = str("s"),
                               .authority = str("a"),
                               .path = { (const uint8_t *)long_text, 64986 } };
    struct httpa_buf b = httpa_buf_growing(1u << 20);
    assert_ok(httpa_bhttp_head_write(&head, &b));
    assert_int_equal(b.n, HTTPA_BHTTP_HEAD_MAX);
    struct httpa_head back;
    assert_ok(read_head(httpa_buf_slice(&b), &back));
    assert_int_equal(back.path.n, head.path.n);
    head.path.n++;
    httpa_buf_reset(&b);
    httpa_buf_put_byte(&b, 7);
    assert_err(HTTPA_ERR_RANGE, httpa_bhttp_head_write(&head, &b));
    assert_int_equal(b.n, 1); /* what was there stays */
    httpa_buf_done(&b);
    assert_err(HTTPA_ERR_RANGE,
               read_head(httpa_slice_of(long_text, HTTPA_BHTTP_HEAD_MAX + 1),
                         &back));
    struct httpa_fields f = { .v = room, .cap = COUNT(room) };
    assert_err(HTTPA_ERR_RANGE,
               httpa_bhttp_fields_read(
                   httpa_slice_of(long_text, HTTPA_BHTTP_HEAD_MAX + 1), &f));
}

/* Two fields that fill a section to the last byte of the limit. */
static void limit_of_trailers(void **state)
{
    (void)state;
    static const size_t over[] = { 0, 1 };
    for (size_t i = 0; i < COUNT(over); i++) {
        struct httpa_field v[] = {
            { str("a"), httpa_slice_of(long_text, 32768) },
            { str("b"), httpa_slice_of(long_text, 32216 + over[i]) },
        };
        struct httpa_fields f = { v, 2, 2 };
        struct httpa_buf b = httpa_buf_growing(1u << 20);
        assert_err(over[i] == 0 ? HTTPA_OK : HTTPA_ERR_RANGE,
                   httpa_bhttp_fields_write(&f, &b));
        if (over[i] == 0) {
            assert_int_equal(b.n, HTTPA_BHTTP_HEAD_MAX);
            struct httpa_fields back = { .v = room, .cap = COUNT(room) };
            assert_ok(httpa_bhttp_fields_read(httpa_buf_slice(&b), &back));
        }
        httpa_buf_done(&b);
    }
}

static void limit_of_fields(void **state)
{
    (void)state;
    struct httpa_field v[HTTPA_FIELDS_MAX + 1];
    for (size_t i = 0; i < COUNT(v); i++) {
        v[i] = (struct httpa_field){ str("a"), str("") };
    }
    struct httpa_fields f = { v, HTTPA_FIELDS_MAX, COUNT(v) };
    uint8_t out[1024];
    struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
    assert_ok(httpa_bhttp_fields_write(&f, &b));
    struct httpa_fields back = { .v = room, .cap = COUNT(room) };
    assert_ok(httpa_bhttp_fields_read(httpa_buf_slice(&b), &back));
    assert_int_equal(back.n, HTTPA_FIELDS_MAX);
    back = (struct httpa_fields){ .v = room, .cap = 3 };
    assert_err(HTTPA_ERR_LIMIT,
               httpa_bhttp_fields_read(httpa_buf_slice(&b), &back));
    out[0] = 0x43; /* 0x300 = 256 lines of 3 bytes; now one more */
    out[1] = 0x03;
    memcpy(out + 2 + 768, "\1a", 3);
    back = (struct httpa_fields){ .v = v, .cap = COUNT(v) };
    assert_err(HTTPA_ERR_LIMIT,
               httpa_bhttp_fields_read(httpa_slice_of(out, 2 + 771), &back));
    f.n++;
    assert_err(HTTPA_ERR_RANGE, httpa_bhttp_fields_write(&f, &b));
}

static void what_would_not_be_read_is_not_written(void **state)
{
    (void)state;
    uint8_t out[16];
    struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
    static const unsigned statuses[] = { 0, 100, 199, 600, 65736 };
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct httpa_head head = { .status = statuses[i] };
        assert_err(HTTPA_ERR_RANGE, httpa_bhttp_head_write(&head, &b));
    }
    struct httpa_head last = { .status = 599 };
    assert_ok(httpa_bhttp_head_write(&last, &b));
    httpa_buf_reset(&b);
    struct httpa_head huge = { .is_request = true,
                               .path = { (const uint8_t *)long_text,
                                         SIZE_MAX } };
    assert_err(HTTPA_ERR_RANGE, httpa_bhttp_head_write(&huge, &b));
    struct httpa_field v = { str(""), str("v") };
    struct httpa_fields f = { &v, 1, 1 };
    assert_err(HTTPA_ERR_RANGE, httpa_bhttp_fields_write(&f, &b));
    v.name = httpa_slice_of(long_text, HTTPA_BHTTP_NAME_MAX + 1);
    assert_err(HTTPA_ERR_RANGE, httpa_bhttp_fields_write(&f, &b));
    v = (struct httpa_field){ str("n"),
                              { (const uint8_t *)long_text,
                                HTTPA_BHTTP_VALUE_MAX + 1 } };
    assert_err(HTTPA_ERR_RANGE, httpa_bhttp_fields_write(&f, &b));
    assert_int_equal(b.n, 0);
    v.value = str("0123456789abcdef");
    assert_err(HTTPA_ERR_SPACE, httpa_bhttp_fields_write(&f, &b));
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    size_t *read = arg;
    struct httpa_head head;
    if (read_head(in, &head) == HTTPA_OK) {
        (*read)++;
        uint8_t out[512];
        struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
        assert_ok(httpa_bhttp_head_write(&head, &b));
        struct httpa_head again;
        struct httpa_field v[HTTPA_FIELDS_MAX];
        httpa_head_init(&again, v, COUNT(v));
        assert_ok(httpa_bhttp_head_read(httpa_buf_slice(&b), &again));
        assert_int_equal(again.fields.n, head.fields.n);
        assert_true(httpa_slice_equal(again.path, head.path));
    }
    struct httpa_fields f = { .v = room, .cap = COUNT(room) };
    enum httpa_err err = httpa_bhttp_fields_read(in, &f);
    assert_true(err == HTTPA_OK || f.n == 0);
}

static void mutants_are_survived(void **state)
{
    (void)state;
    size_t read = 0;
    mutate(bytes("0003474554" "056874747073" "00" "0a2f68656c6c6f2e747874"
                 EXAMPLE_FIELDS),
           read_mutant, &read);
    mutate(bytes("0140c8" "08" "016102" "7676" "016200"), read_mutant, &read);
    assert_true(read > 100); /* flips in values */
}

int main(void)
{
    memset(long_text, 'x', sizeof(long_text));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_of_the_rfc),
        cmocka_unit_test(a_response),
        cmocka_unit_test(forms),
        cmocka_unit_test(trailers),
        cmocka_unit_test(written_as_short_as_can_be),
        cmocka_unit_test(every_width_there_and_back),
        cmocka_unit_test(limits_of_names_and_values),
        cmocka_unit_test(limit_of_a_head),
        cmocka_unit_test(limit_of_trailers),
        cmocka_unit_test(limit_of_fields),
        cmocka_unit_test(what_would_not_be_read_is_not_written),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
