#include "codec/der.h"
#include "support/test.h"

static uint8_t raw[512];

static struct httpa_der open_hex(const char *hex)
{
    return httpa_der_of(
        httpa_slice_of(raw, unhex(hex, raw, sizeof(raw))));
}

enum kind { SKIP, BOOL, UINT, BIG, BITS, OID, TIME, NUL, SEQUENCE };

struct row {
    const char *hex;
    enum kind kind;
    enum httpa_err err;
    const char *why;
};

static const struct row rows[] = {
    { "0500", SKIP, HTTPA_OK, "null" },
    { "0500", NUL, HTTPA_OK, "null" },
    { "800100", SKIP, HTTPA_OK, "context-specific [0]" },
    { "bf", SKIP, HTTPA_ERR_UNSUPPORTED, "high tag number" },
    { "1f010100", SKIP, HTTPA_ERR_UNSUPPORTED, "high tag number" },
    { "", SKIP, HTTPA_ERR_TRUNCATED, "nothing" },
    { "05", SKIP, HTTPA_ERR_TRUNCATED, "no length" },
    { "0401", SKIP, HTTPA_ERR_TRUNCATED, "no content" },
    { "0481", SKIP, HTTPA_ERR_TRUNCATED, "half a length" },
    { "048201", SKIP, HTTPA_ERR_TRUNCATED, "half a length" },
    { "0484ffffffff00", SKIP, HTTPA_ERR_TRUNCATED, "4 GB" },
    { "0000", SKIP, HTTPA_ERR_MALFORMED, "end of contents" },
    { "3080", SKIP, HTTPA_ERR_MALFORMED, "indefinite" },
    { "30800000", SKIP, HTTPA_ERR_MALFORMED, "indefinite" },
    { "048500000000ff00", SKIP, HTTPA_ERR_MALFORMED, "length of 5 octets" },
    { "04ff00", SKIP, HTTPA_ERR_MALFORMED, "reserved length" },
    { "04810100", SKIP, HTTPA_ERR_MALFORMED, "1 in a long form" },
    { "04817f", SKIP, HTTPA_ERR_MALFORMED, "127 in a long form" },
    { "04820080", SKIP, HTTPA_ERR_MALFORMED, "128 with a zero before" },
    { "04830100", SKIP, HTTPA_ERR_TRUNCATED, "half a length" },
    { "05000500", SKIP, HTTPA_ERR_TRAILING, "another value" },
    { "050100", NUL, HTTPA_ERR_TRAILING, "null with content" },
    { "0101ff", BOOL, HTTPA_OK, "true" },
    { "010100", BOOL, HTTPA_OK, "false" },
    { "010101", BOOL, HTTPA_ERR_MALFORMED, "BER's true" },
    { "0100", BOOL, HTTPA_ERR_MALFORMED, "no octet" },
    { "0102ffff", BOOL, HTTPA_ERR_MALFORMED, "two octets" },
    { "020100", BOOL, HTTPA_ERR_MALFORMED, "an integer" },
    { "020100", UINT, HTTPA_OK, "0" },
    { "02017f", UINT, HTTPA_OK, "127" },
    { "02020080", UINT, HTTPA_OK, "128" },
    { "0208" "7fffffffffffffff", UINT, HTTPA_OK, "2^63 - 1" },
    { "0209" "00ffffffffffffffff", UINT, HTTPA_OK, "2^64 - 1" },
    { "0209" "010000000000000000", UINT, HTTPA_ERR_RANGE, "2^64" },
    { "0209" "010000000000000000", BIG, HTTPA_OK, "2^64" },
    { "0200", UINT, HTTPA_ERR_MALFORMED, "no octet" },
    { "02020001", UINT, HTTPA_ERR_MALFORMED, "a needless zero" },
    { "0202ff80", UINT, HTTPA_ERR_MALFORMED, "a needless ff" },
    { "0201ff", UINT, HTTPA_ERR_RANGE, "-1" },
    { "020180", UINT, HTTPA_ERR_RANGE, "-128" },
    { "0202ff7f", UINT, HTTPA_ERR_RANGE, "-129" },
    { "0a0101", UINT, HTTPA_ERR_MALFORMED, "an enumerated value" },
    { "03020080", BITS, HTTPA_OK, "eight bits" },
    { "030100", BITS, HTTPA_OK, "no bits" },
    { "03020780", BITS, HTTPA_ERR_MALFORMED, "one bit" },
    { "0300", BITS, HTTPA_ERR_MALFORMED, "no octet" },
    { "06092b0601040181fb7c01", OID, HTTPA_OK, "an arc of a vendor's" },
    { "060188", OID, HTTPA_ERR_MALFORMED, "ends inside an arc" },
    { "06032a8001", OID, HTTPA_ERR_MALFORMED, "an arc begins with 80" },
    { "0602802a", OID, HTTPA_ERR_MALFORMED, "the first begins with 80" },
    { "06028180", OID, HTTPA_ERR_MALFORMED, "ends inside an arc" },
    { "0600", OID, HTTPA_ERR_MALFORMED, "no arcs" },
    { "06022a03", OID, HTTPA_OK, "1.2.3" },
    { "06038180" "00", OID, HTTPA_OK, "80 inside an arc" },
    { "170d3236313132303230303030305a", TIME, HTTPA_OK, "UTCTime" },
    { "180f32303236313132303230303030305a", TIME, HTTPA_OK, "the other" },
    { "170b323631313230323030305a", TIME, HTTPA_ERR_MALFORMED, "no seconds" },
    { "170d3236313133313230303030305a", TIME, HTTPA_ERR_MALFORMED,
      "31 November" },
    { "170d3236313132303230303030302b", TIME, HTTPA_ERR_MALFORMED, "no Z" },
    { "170d323631312d303230303030305a", TIME, HTTPA_ERR_MALFORMED,
      "a dash for a digit" },
    { "181132303236313132303230303030302e315a", TIME, HTTPA_ERR_MALFORMED,
      "a fraction" },
    { "170f32303236313132303230303030305a", TIME, HTTPA_ERR_MALFORMED,
      "four digits of year in UTCTime" },
    { "170e3236313132303230303030305a00", TIME, HTTPA_ERR_MALFORMED,
      "an octet behind the Z" },
    { "3000", SEQUENCE, HTTPA_OK, "empty" },
    { "1000", SEQUENCE, HTTPA_ERR_MALFORMED, "not constructed" },
    { "3100", SEQUENCE, HTTPA_ERR_MALFORMED, "a set" },
};

static void read_as(struct httpa_der *d, enum kind kind)
{
    switch (kind) {
    case SKIP:
        (void)httpa_der_skip(d);
        break;
    case BOOL:
        (void)httpa_der_bool(d);
        break;
    case UINT:
        (void)httpa_der_uint(d);
        break;
    case BIG:
        (void)httpa_der_big(d);
        break;
    case BITS:
        (void)httpa_der_bits(d);
        break;
    case OID:
        (void)httpa_der_oid(d);
        break;
    case TIME:
        (void)httpa_der_time(d);
        break;
    case NUL:
        *d = httpa_der_enter(d, HTTPA_DER_NULL);
        break;
    case SEQUENCE:
        (void)httpa_der_enter(d, HTTPA_DER_SEQUENCE);
        break;
    }
}

static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = unhex(rows[i].hex, raw, sizeof(raw));
        uint8_t *exact = exact_copy(raw, n);
        struct httpa_der d = httpa_der_of(httpa_slice_of(exact, n));
        read_as(&d, rows[i].kind);
        enum httpa_err err = httpa_der_end(&d);
        free(exact);
        if (err != rows[i].err) {
            fail_msg("%s (%s): %s", rows[i].hex, rows[i].why,
                     httpa_err_name(err));
        }
    }
}

static void values(void **state)
{
    (void)state;
    struct httpa_der d = open_hex("3021" "0101ff" "020200ff" "020100"
                                  "0209" "00ffffffffffffffff"
                                  "0303" "000102" "06022a03" "8001" "07"
                                  "0500");
    struct httpa_der s = httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
    assert_int_equal(httpa_der_peek(&s), HTTPA_DER_BOOLEAN);
    assert_true(httpa_der_bool(&s));
    assert_true(httpa_der_uint(&s) == 255);
    assert_int_equal(httpa_der_big(&s).n, 0); /* zero */
    assert_true(httpa_der_uint(&s) == UINT64_MAX);
    struct httpa_slice v = httpa_der_bits(&s);
    assert_hex(v.p, v.n, "0102");
    v = httpa_der_oid(&s);
    assert_hex(v.p, v.n, "2a03");
    v = httpa_der_value(&s, HTTPA_DER_CONTEXT(0));
    assert_hex(v.p, v.n, "07");
    assert_ok(httpa_der_end(&s));
    v = httpa_der_skip(&d);
    assert_hex(v.p, v.n, "0500");
    assert_ok(httpa_der_end(&d));
}

/* 127 and 128 octets: the last short length and the first long one. */
static void lengths(void **state)
{
    (void)state;
    uint8_t in[3 + 128] = { 0x04, 0x7f };
    struct httpa_der d = httpa_der_of(httpa_slice_of(in, 2 + 127));
    assert_int_equal(httpa_der_value(&d, HTTPA_DER_OCTET_STRING).n, 127);
    assert_ok(httpa_der_end(&d));
    in[1] = 0x81;
    in[2] = 0x80;
    d = httpa_der_of(httpa_slice_of(in, 3 + 128));
    assert_int_equal(httpa_der_value(&d, HTTPA_DER_OCTET_STRING).n, 128);
    assert_ok(httpa_der_end(&d));
}

static void times(void **state)
{
    (void)state;
    struct httpa_der d = open_hex("170d3639313233313233353935395a"
                                  "170d3530303130313030303030305a"
                                  "170d3439313233313233353935395a"
                                  "180f32303530303130313030303030305a"
                                  "180f31393730303130313030303030305a");
    assert_true(httpa_der_time(&d) == -1);          /* 1969 */
    assert_true(httpa_der_time(&d) == -631152000);  /* 1950 */
    assert_true(httpa_der_time(&d) == 2524607999);  /* 2049 */
    assert_true(httpa_der_time(&d) == 2524608000);  /* 2050 */
    assert_true(httpa_der_time(&d) == 0);
    assert_ok(httpa_der_end(&d));
}

static void the_first_failure_stays(void **state)
{
    (void)state;
    struct httpa_der d = open_hex("0201ff" "020101");
    assert_true(httpa_der_uint(&d) == 0);
    assert_true(httpa_der_uint(&d) == 0);
    assert_false(httpa_der_bool(&d));
    assert_false(httpa_der_more(&d));
    assert_int_equal(httpa_der_peek(&d), 0);
    struct httpa_der s = httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
    assert_err(HTTPA_ERR_RANGE, httpa_der_end(&s));
    assert_err(HTTPA_ERR_RANGE, httpa_der_end(&d));
}

struct pair {
    const char *raw;
    const char *der;
    const char *why;
};

static const struct pair pairs[] = {
    { "0102", "3006020101020102", "one octet each" },
    { "00010080", "30070201010202" "0080", "a sign octet" },
    { "7fff8000", "300902027fff0203008000", "both" },
};

static void signatures_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        uint8_t in[16], out[32];
        size_t n = unhex(pairs[i].raw, in, sizeof(in));
        struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
        assert_ok(httpa_der_ecdsa_from_raw(httpa_slice_of(in, n), &b));
        assert_hex(b.p, b.n, pairs[i].der);
        uint8_t again[16];
        struct httpa_buf r = httpa_buf_fixed(again, sizeof(again));
        assert_ok(httpa_der_ecdsa_to_raw(httpa_buf_slice(&b), n / 2, &r));
        assert_hex(r.p, r.n, pairs[i].raw);
    }
}

/* Two integers of 62 octets make 128 in all: the first long length. */
static void a_long_length_from_128(void **state)
{
    (void)state;
    for (size_t width = 61; width <= 62; width++) {
        uint8_t in[124], out[160];
        memset(in, 1, sizeof(in));
        struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
        assert_ok(httpa_der_ecdsa_from_raw(httpa_slice_of(in, 2 * width), &b));
        assert_int_equal(out[1], width == 61 ? 0x7e : 0x81);
        struct httpa_der d = httpa_der_of(httpa_buf_slice(&b));
        (void)httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
        assert_ok(httpa_der_end(&d));
    }
}

static void the_longest_signature(void **state)
{
    (void)state;
    uint8_t in[2 * HTTPA_DER_ECDSA_WIDTH + 2], out[160];
    memset(in, 0xff, sizeof(in));
    struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
    size_t n = 2 * HTTPA_DER_ECDSA_WIDTH;
    assert_ok(httpa_der_ecdsa_from_raw(httpa_slice_of(in, n), &b));
    assert_int_equal(b.n, 141);
    uint8_t again[2 * HTTPA_DER_ECDSA_WIDTH];
    struct httpa_buf r = httpa_buf_fixed(again, sizeof(again));
    assert_ok(httpa_der_ecdsa_to_raw(httpa_buf_slice(&b),
                                     HTTPA_DER_ECDSA_WIDTH, &r));
    assert_memory_equal(again, in, n);
    assert_err(HTTPA_ERR_RANGE,
               httpa_der_ecdsa_from_raw(httpa_slice_of(in, n + 2), &b));
    assert_int_equal(b.n, 141);
    struct httpa_buf small = httpa_buf_fixed(out + 150, 10);
    assert_err(HTTPA_ERR_SPACE,
               httpa_der_ecdsa_from_raw(httpa_slice_of(in, n), &small));
    assert_int_equal(small.n, 0);
}

struct bad_signature {
    const char *der;
    size_t width;
    enum httpa_err err;
    const char *why;
};

static const struct bad_signature bad[] = {
    { "3006020100020101", 1, HTTPA_ERR_RANGE, "r is 0" },
    { "3006020101020100", 1, HTTPA_ERR_RANGE, "s is 0" },
    { "300602010102" "01ff", 1, HTTPA_ERR_RANGE, "s is negative" },
    { "300702020100020101", 1, HTTPA_ERR_RANGE, "r is too wide" },
    { "300702010102020100", 1, HTTPA_ERR_RANGE, "s is too wide" },
    { "3006020101020101", 67, HTTPA_ERR_RANGE, "no curve is so wide" },
    { "300602010102010100", 1, HTTPA_ERR_TRAILING, "a byte behind" },
    { "3009020101020101020101", 1, HTTPA_ERR_TRAILING, "a third integer" },
    { "3003020101", 1, HTTPA_ERR_TRUNCATED, "no s" },
    { "30080202000102020001", 2, HTTPA_ERR_MALFORMED, "needless zeros" },
    { "308106020101020101", 1, HTTPA_ERR_MALFORMED, "a long length" },
    { "3106020101020101", 1, HTTPA_ERR_MALFORMED, "a set" },
    { "", 1, HTTPA_ERR_TRUNCATED, "nothing" },
};

static void signatures_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t in[32], out[256];
        size_t n = unhex(bad[i].der, in, sizeof(in));
        struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
        enum httpa_err err = httpa_der_ecdsa_to_raw(httpa_slice_of(in, n),
                                                    bad[i].width, &b);
        if (err != bad[i].err || b.n != 0) {
            fail_msg("%s (%s): %s", bad[i].der, bad[i].why,
                     httpa_err_name(err));
        }
    }
    uint8_t out[32];
    struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
    static const char *const raws[] = { "", "010203", "0001", "0100" };
    for (size_t i = 0; i < COUNT(raws); i++) {
        uint8_t in[4];
        size_t n = unhex(raws[i], in, sizeof(in));
        assert_err(HTTPA_ERR_RANGE,
                   httpa_der_ecdsa_from_raw(httpa_slice_of(in, n), &b));
    }
    assert_int_equal(b.n, 0);
}

static void walk(struct httpa_der *d, unsigned depth)
{
    while (httpa_der_more(d)) {
        switch (httpa_der_peek(d)) {
        case HTTPA_DER_BOOLEAN:
            (void)httpa_der_bool(d);
            break;
        case HTTPA_DER_INTEGER:
            (void)httpa_der_uint(d);
            break;
        case HTTPA_DER_BIT_STRING:
            (void)httpa_der_bits(d);
            break;
        case HTTPA_DER_OID:
            (void)httpa_der_oid(d);
            break;
        case HTTPA_DER_UTC_TIME:
        case HTTPA_DER_GENERALIZED_TIME:
            (void)httpa_der_time(d);
            break;
        case HTTPA_DER_SEQUENCE:
            if (depth < 8) {
                struct httpa_der in = httpa_der_enter(d, HTTPA_DER_SEQUENCE);
                walk(&in, depth + 1);
                break;
            }
            (void)httpa_der_skip(d);
            break;
        default:
            (void)httpa_der_skip(d);
        }
    }
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    (void)arg;
    struct httpa_der d = httpa_der_of(in);
    walk(&d, 0);
    uint8_t out[256];
    struct httpa_buf b = httpa_buf_fixed(out, sizeof(out));
    enum httpa_err err = httpa_der_ecdsa_to_raw(in, 48, &b);
    assert_int_equal(b.n, err == HTTPA_OK ? 96 : 0);
    b = httpa_buf_fixed(out, sizeof(out));
    err = httpa_der_ecdsa_from_raw(in, &b);
    assert_true(err == HTTPA_OK || b.n == 0);
}

static void mutants_are_survived(void **state)
{
    (void)state;
    static const char *const samples[] = {
        "30310101ff020200ff03020080060281003003020101"
        "170d3236313132303230303030305a" "180f32303236313132303230303030305a",
        "3009020200800203008000", "30818002017f",
        "0102030405060708090a0b0c",
    };
    for (size_t i = 0; i < COUNT(samples); i++) {
        uint8_t in[128];
        size_t n = unhex(samples[i], in, sizeof(in));
        mutate(httpa_slice_of(in, n), read_mutant, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(values),
        cmocka_unit_test(lengths),
        cmocka_unit_test(times),
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(signatures_there_and_back),
        cmocka_unit_test(a_long_length_from_128),
        cmocka_unit_test(the_longest_signature),
        cmocka_unit_test(signatures_refused),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
