#include "codec/cbor.h"
#include "support/test.h"

static size_t bin(const char *hex, uint8_t *out)
{
    return unhex(hex, out, 256);
}

/* The error of skipping the one item that |hex| is said to be. */
static enum httpa_err skip_err(const char *hex, unsigned flags)
{
    uint8_t raw[256];
    size_t n = bin(hex, raw);
    uint8_t *exact = exact_copy(raw, n);
    struct httpa_cbor c = httpa_cbor_of(httpa_slice_of(exact, n), flags);
    struct httpa_slice whole = httpa_cbor_skip(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err == HTTPA_OK) {
        assert_int_equal(whole.n, n);
    }
    free(exact);
    return err;
}

struct example {
    const char *hex;
    enum httpa_cbor_type type;
    enum httpa_err strict; /* without HTTPA_CBOR_INDEFINITE */
    enum httpa_err lax;    /* with it */
};

#define GOOD HTTPA_OK, HTTPA_OK
#define OPEN HTTPA_ERR_UNSUPPORTED, HTTPA_OK
#define NEVER HTTPA_ERR_UNSUPPORTED, HTTPA_ERR_UNSUPPORTED
#define LONG HTTPA_ERR_MALFORMED, HTTPA_ERR_MALFORMED

/* RFC 8949 appendix A, all of it, in its order. */
static const struct example appendix_a[] = {
    { "00", HTTPA_CBOR_UINT, GOOD },
    { "01", HTTPA_CBOR_UINT, GOOD },
    { "0a", HTTPA_CBOR_UINT, GOOD },
    { "17", HTTPA_CBOR_UINT, GOOD },
    { "1818", HTTPA_CBOR_UINT, GOOD },
    { "1819", HTTPA_CBOR_UINT, GOOD },
    { "1864", HTTPA_CBOR_UINT, GOOD },
    { "1903e8", HTTPA_CBOR_UINT, GOOD },
    { "1a000f4240", HTTPA_CBOR_UINT, GOOD },
    { "1b000000e8d4a51000", HTTPA_CBOR_UINT, GOOD },
    { "1bffffffffffffffff", HTTPA_CBOR_UINT, GOOD },
    { "c249010000000000000000", HTTPA_CBOR_TAG, GOOD },
    { "3bffffffffffffffff", HTTPA_CBOR_NINT, GOOD },
    { "c349010000000000000000", HTTPA_CBOR_TAG, GOOD },
    { "20", HTTPA_CBOR_NINT, GOOD },
    { "29", HTTPA_CBOR_NINT, GOOD },
    { "3863", HTTPA_CBOR_NINT, GOOD },
    { "3903e7", HTTPA_CBOR_NINT, GOOD },
    { "f90000", HTTPA_CBOR_OTHER, GOOD },
    { "f98000", HTTPA_CBOR_OTHER, GOOD },
    { "f93c00", HTTPA_CBOR_OTHER, GOOD },
    { "fb3ff199999999999a", HTTPA_CBOR_OTHER, GOOD },
    { "f93e00", HTTPA_CBOR_OTHER, GOOD },
    { "f97bff", HTTPA_CBOR_OTHER, GOOD },
    { "fa47c35000", HTTPA_CBOR_OTHER, GOOD },
    { "fa7f7fffff", HTTPA_CBOR_OTHER, GOOD },
    { "fb7e37e43c8800759c", HTTPA_CBOR_OTHER, GOOD },
    { "f90001", HTTPA_CBOR_OTHER, GOOD },
    { "f90400", HTTPA_CBOR_OTHER, GOOD },
    { "f9c400", HTTPA_CBOR_OTHER, GOOD },
    { "fbc010666666666666", HTTPA_CBOR_OTHER, GOOD },
    { "f97c00", HTTPA_CBOR_OTHER, GOOD },
    { "f97e00", HTTPA_CBOR_OTHER, GOOD },
    { "f9fc00", HTTPA_CBOR_OTHER, GOOD },
    { "fa7f800000", HTTPA_CBOR_OTHER, GOOD },
    { "fa7fc00000", HTTPA_CBOR_OTHER, GOOD },
    { "faff800000", HTTPA_CBOR_OTHER, GOOD },
    { "fb7ff0000000000000", HTTPA_CBOR_OTHER, GOOD },
    { "fb7ff8000000000000", HTTPA_CBOR_OTHER, GOOD },
    { "fbfff0000000000000", HTTPA_CBOR_OTHER, GOOD },
    { "f4", HTTPA_CBOR_BOOL, GOOD },
    { "f5", HTTPA_CBOR_BOOL, GOOD },
    { "f6", HTTPA_CBOR_NULL, GOOD },
    { "f7", HTTPA_CBOR_OTHER, GOOD },
    { "f0", HTTPA_CBOR_OTHER, GOOD },
    { "f8ff", HTTPA_CBOR_OTHER, GOOD },
    { "c074323031332d30332d32315432303a30343a30305a", HTTPA_CBOR_TAG, GOOD },
    { "c11a514b67b0", HTTPA_CBOR_TAG, GOOD },
    { "c1fb41d452d9ec200000", HTTPA_CBOR_TAG, GOOD },
    { "d74401020304", HTTPA_CBOR_TAG, GOOD },
    { "d818456449455446", HTTPA_CBOR_TAG, GOOD },
    { "d82076687474703a2f2f7777772e6578616d706c652e636f6d", HTTPA_CBOR_TAG,
      GOOD },
    { "40", HTTPA_CBOR_BYTES, GOOD },
    { "4401020304", HTTPA_CBOR_BYTES, GOOD },
    { "60", HTTPA_CBOR_TEXT, GOOD },
    { "6161", HTTPA_CBOR_TEXT, GOOD },
    { "6449455446", HTTPA_CBOR_TEXT, GOOD },
    { "62225c", HTTPA_CBOR_TEXT, GOOD },
    { "62c3bc", HTTPA_CBOR_TEXT, GOOD },
    { "63e6b0b4", HTTPA_CBOR_TEXT, GOOD },
    { "64f0908591", HTTPA_CBOR_TEXT, GOOD },
    { "80", HTTPA_CBOR_ARRAY, GOOD },
    { "83010203", HTTPA_CBOR_ARRAY, GOOD },
    { "8301820203820405", HTTPA_CBOR_ARRAY, GOOD },
    { "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
      HTTPA_CBOR_ARRAY, GOOD },
    { "a0", HTTPA_CBOR_MAP, GOOD },
    { "a201020304", HTTPA_CBOR_MAP, GOOD },
    { "a26161016162820203", HTTPA_CBOR_MAP, GOOD },
    { "826161a161626163", HTTPA_CBOR_ARRAY, GOOD },
    { "a56161614161626142616361436164614461656145", HTTPA_CBOR_MAP, GOOD },
    { "5f42010243030405ff", HTTPA_CBOR_BYTES, NEVER },
    { "7f657374726561646d696e67ff", HTTPA_CBOR_TEXT, NEVER },
    { "9fff", HTTPA_CBOR_ARRAY, OPEN },
    { "9f018202039f0405ffff", HTTPA_CBOR_ARRAY, OPEN },
    { "9f01820203820405ff", HTTPA_CBOR_ARRAY, OPEN },
    { "83018202039f0405ff", HTTPA_CBOR_ARRAY, OPEN },
    { "83019f0203ff820405", HTTPA_CBOR_ARRAY, OPEN },
    { "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
      HTTPA_CBOR_ARRAY, OPEN },
    { "bf61610161629f0203ffff", HTTPA_CBOR_MAP, OPEN },
    { "826161bf61626163ff", HTTPA_CBOR_ARRAY, OPEN },
    { "bf6346756ef563416d7421ff", HTTPA_CBOR_MAP, OPEN },
};

static void appendix_a_of_rfc_8949(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(appendix_a); i++) {
        const struct example *e = &appendix_a[i];
        uint8_t raw[256];
        size_t n = bin(e->hex, raw);
        struct httpa_cbor c = httpa_cbor_of(httpa_slice_of(raw, n), 0);
        assert_int_equal(httpa_cbor_peek(&c), e->type);
        if (skip_err(e->hex, 0) != e->strict ||
            skip_err(e->hex, HTTPA_CBOR_INDEFINITE) != e->lax) {
            fail_msg("%s", e->hex);
        }
    }
}

struct bad {
    const char *hex;
    enum httpa_err err;
    const char *why;
};

/* The rows with "F" are of RFC 8949 appendix F. */
static const struct bad bad[] = {
    { "", HTTPA_ERR_TRUNCATED, "nothing" },
    { "18", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "19", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "1a", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "1b", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "1901", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "1a0102", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "1b01020304050607", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "38", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "58", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "78", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "98", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "9a01ff00", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "b8", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "d8", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "f8", HTTPA_ERR_TRUNCATED, "F: head cut off" },
    { "f900", HTTPA_ERR_TRUNCATED, "F: float cut off" },
    { "fa0000", HTTPA_ERR_TRUNCATED, "F: float cut off" },
    { "fb000000", HTTPA_ERR_TRUNCATED, "F: float cut off" },
    { "41", HTTPA_ERR_TRUNCATED, "F: string cut off" },
    { "61", HTTPA_ERR_TRUNCATED, "F: string cut off" },
    { "5affffffff00", HTTPA_ERR_TRUNCATED, "F: string of 4 GB" },
    { "5bffffffffffffffff010203", HTTPA_ERR_TRUNCATED, "F: 2^64 - 1" },
    { "7affffffff00", HTTPA_ERR_TRUNCATED, "F: text of 4 GB" },
    { "7b7fffffffffffffff010203", HTTPA_ERR_TRUNCATED, "F: 2^63 - 1" },
    { "81", HTTPA_ERR_TRUNCATED, "F: array not filled" },
    { "818181818181818181", HTTPA_ERR_TRUNCATED, "F: arrays not filled" },
    { "8200", HTTPA_ERR_TRUNCATED, "F: array not filled" },
    { "a1", HTTPA_ERR_TRUNCATED, "F: map not filled" },
    { "a20102", HTTPA_ERR_TRUNCATED, "F: map not filled" },
    { "a100", HTTPA_ERR_TRUNCATED, "F: value missing" },
    { "a2000000", HTTPA_ERR_TRUNCATED, "F: value missing" },
    { "9bffffffffffffffff00", HTTPA_ERR_TRUNCATED, "2^64 - 1 items" },
    { "bbffffffffffffffff00", HTTPA_ERR_TRUNCATED, "2^64 - 1 entries" },
    { "c0", HTTPA_ERR_TRUNCATED, "F: tag without content" },
    { "9f", HTTPA_ERR_TRUNCATED, "F: array not closed" },
    { "9f0102", HTTPA_ERR_TRUNCATED, "F: array not closed" },
    { "bf", HTTPA_ERR_TRUNCATED, "F: map not closed" },
    { "bf01020102", HTTPA_ERR_TRUNCATED, "F: map not closed" },
    { "819f", HTTPA_ERR_TRUNCATED, "F: inner array not closed" },
    { "9f8000", HTTPA_ERR_TRUNCATED, "F: array not closed" },
    { "9f9f9f9f9fffffffff", HTTPA_ERR_TRUNCATED, "F: one not closed" },
    { "9f819f819f9fffffff", HTTPA_ERR_TRUNCATED, "F: one not closed" },
    { "1c", HTTPA_ERR_MALFORMED, "F: reserved information 28" },
    { "1d", HTTPA_ERR_MALFORMED, "F: reserved information 29" },
    { "1e", HTTPA_ERR_MALFORMED, "F: reserved information 30" },
    { "3c", HTTPA_ERR_MALFORMED, "F: reserved information 28" },
    { "5d", HTTPA_ERR_MALFORMED, "F: reserved information 29" },
    { "7e", HTTPA_ERR_MALFORMED, "F: reserved information 30" },
    { "9c", HTTPA_ERR_MALFORMED, "F: reserved information 28" },
    { "bd", HTTPA_ERR_MALFORMED, "F: reserved information 29" },
    { "de", HTTPA_ERR_MALFORMED, "F: reserved information 30" },
    { "fc", HTTPA_ERR_MALFORMED, "F: reserved information 28" },
    { "fe", HTTPA_ERR_MALFORMED, "F: reserved information 30" },
    { "f800", HTTPA_ERR_MALFORMED, "F: simple value in two bytes" },
    { "f818", HTTPA_ERR_MALFORMED, "F: simple value in two bytes" },
    { "f81f", HTTPA_ERR_MALFORMED, "F: simple value in two bytes" },
    { "f815", HTTPA_ERR_MALFORMED, "true in two bytes" },
    { "5f4100", HTTPA_ERR_UNSUPPORTED, "F: chunked string" },
    { "7f6100", HTTPA_ERR_UNSUPPORTED, "F: chunked string" },
    { "5f00ff", HTTPA_ERR_UNSUPPORTED, "F: chunk of a wrong type" },
    { "ff", HTTPA_ERR_MALFORMED, "F: break alone" },
    { "81ff", HTTPA_ERR_MALFORMED, "F: break in a definite array" },
    { "8200ff", HTTPA_ERR_MALFORMED, "F: break in a definite array" },
    { "a1ff", HTTPA_ERR_MALFORMED, "F: break in a definite map" },
    { "a1ff00", HTTPA_ERR_MALFORMED, "F: break for a key" },
    { "a100ff", HTTPA_ERR_MALFORMED, "F: break for a value" },
    { "a20000ff", HTTPA_ERR_MALFORMED, "F: break in a definite map" },
    { "9f81ff", HTTPA_ERR_MALFORMED, "F: break in a definite array" },
    { "9f829f819f9fffffffff", HTTPA_ERR_MALFORMED, "F: break in array" },
    { "bf00ff", HTTPA_ERR_MALFORMED, "F: break for a value" },
    { "bf000000ff", HTTPA_ERR_MALFORMED, "F: break for a value" },
    { "c0ff", HTTPA_ERR_MALFORMED, "break for a tag's content" },
    { "1f", HTTPA_ERR_MALFORMED, "F: indefinite integer" },
    { "3f", HTTPA_ERR_MALFORMED, "F: indefinite integer" },
    { "df", HTTPA_ERR_MALFORMED, "F: indefinite tag" },
    { "1817", HTTPA_ERR_MALFORMED, "23 in two bytes" },
    { "1900ff", HTTPA_ERR_MALFORMED, "255 in three bytes" },
    { "1a0000ffff", HTTPA_ERR_MALFORMED, "65,535 in five bytes" },
    { "1b00000000ffffffff", HTTPA_ERR_MALFORMED, "2^32 - 1 in nine bytes" },
    { "3800", HTTPA_ERR_MALFORMED, "-1 in two bytes" },
    { "5800", HTTPA_ERR_MALFORMED, "length 0 in two bytes" },
    { "780161", HTTPA_ERR_MALFORMED, "length 1 in two bytes" },
    { "980100", HTTPA_ERR_MALFORMED, "one item in two bytes" },
    { "b8010000", HTTPA_ERR_MALFORMED, "one entry in two bytes" },
    { "d81200", HTTPA_ERR_MALFORMED, "tag 18 in two bytes" },
    { "8181811800", HTTPA_ERR_MALFORMED, "0 in two bytes, at the bottom" },
    { "61ff", HTTPA_ERR_MALFORMED, "text that is no UTF-8" },
    { "62c080", HTTPA_ERR_MALFORMED, "overlong UTF-8" },
    { "63eda080", HTTPA_ERR_MALFORMED, "surrogate in UTF-8" },
    { "64f4908080", HTTPA_ERR_MALFORMED, "above U+10FFFF" },
    { "61c3", HTTPA_ERR_MALFORMED, "cut off inside a character" },
    { "0000", HTTPA_ERR_TRAILING, "an item too much" },
    { "f6f6", HTTPA_ERR_TRAILING, "an item too much" },
    { "9fffff", HTTPA_ERR_TRAILING, "a break too much" },
    { "a201000100", HTTPA_ERR_DUPLICATE, "a key twice in a skipped map" },
    { "81a201000100", HTTPA_ERR_DUPLICATE, "in an array" },
    { "a100a2616100616100", HTTPA_ERR_DUPLICATE, "in a value" },
    { "c0a220002000", HTTPA_ERR_DUPLICATE, "in a tag" },
    { "8181a100bf01000100ff", HTTPA_ERR_DUPLICATE, "at the bottom" },
    { "a100a14000", HTTPA_ERR_UNSUPPORTED, "bytes for a key, further in" },
    { "81a1a00000", HTTPA_ERR_UNSUPPORTED, "a map for a key" },
    { "81a1f600", HTTPA_ERR_UNSUPPORTED, "null for a key" },
};

static void not_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        enum httpa_err err = skip_err(bad[i].hex, HTTPA_CBOR_INDEFINITE);
        if (err != bad[i].err) {
            fail_msg("%s (%s): %s", bad[i].hex, bad[i].why,
                     httpa_err_name(err));
        }
        assert_int_not_equal(skip_err(bad[i].hex, 0), HTTPA_OK);
    }
}

static struct httpa_cbor open_hex(const char *hex, uint8_t *room)
{
    size_t n = bin(hex, room);
    return httpa_cbor_of(httpa_slice_of(room, n), 0);
}

static void integers(void **state)
{
    (void)state;
    uint8_t room[256];
    struct httpa_cbor c = open_hex("0018ff1903e81bffffffffffffffff"
                                   "1b7fffffffffffffff20"
                                   "3b7fffffffffffffff",
                                   room);
    assert_true(httpa_cbor_uint(&c) == 0);
    assert_true(httpa_cbor_uint(&c) == 255);
    assert_true(httpa_cbor_int(&c) == 1000);
    assert_true(httpa_cbor_uint(&c) == UINT64_MAX);
    assert_true(httpa_cbor_int(&c) == INT64_MAX);
    assert_true(httpa_cbor_int(&c) == -1);
    assert_true(httpa_cbor_int(&c) == INT64_MIN);
    assert_ok(httpa_cbor_end(&c));
    c = open_hex("1b8000000000000000", room);
    assert_true(httpa_cbor_int(&c) == 0);
    assert_err(HTTPA_ERR_RANGE, httpa_cbor_end(&c));
    c = open_hex("3b8000000000000000", room);
    assert_true(httpa_cbor_int(&c) == 0);
    assert_err(HTTPA_ERR_RANGE, httpa_cbor_end(&c));
    c = open_hex("20", room);
    assert_true(httpa_cbor_uint(&c) == 0);
    assert_err(HTTPA_ERR_MALFORMED, httpa_cbor_end(&c));
}

static void strings_and_simple_values(void **state)
{
    (void)state;
    uint8_t room[256];
    struct httpa_cbor c = open_hex("426869" "62c3bc" "f5" "f4" "f6" "d83d60",
                                   room);
    assert_slice_is(httpa_cbor_bytes(&c), "hi");
    assert_slice_is(httpa_cbor_text(&c), "\xc3\xbc");
    assert_true(httpa_cbor_bool(&c));
    assert_false(httpa_cbor_null(&c)); /* a boolean is next: not read */
    assert_false(httpa_cbor_bool(&c));
    assert_true(httpa_cbor_null(&c));
    assert_true(httpa_cbor_tag(&c) == 61);
    assert_int_equal(httpa_cbor_text(&c).n, 0);
    assert_ok(httpa_cbor_end(&c));
    c = open_hex("f90014", room); /* a float with the bits of false */
    assert_false(httpa_cbor_bool(&c));
    assert_err(HTTPA_ERR_MALFORMED, httpa_cbor_end(&c));
}

/* Each reader on an item of every other type. */
static void types_are_not_mixed_up(void **state)
{
    (void)state;
    static const char *const items[] = { "00", "20", "40", "60",   "80",
                                         "a0", "c000", "f4", "f6", "f90000" };
    for (size_t i = 0; i < COUNT(items); i++) {
        for (int type = 0; type < 7; type++) {
            uint8_t room[256];
            struct httpa_cbor c = open_hex(items[i], room);
            switch (type) {
            case 0:
                (void)httpa_cbor_uint(&c);
                break;
            case 1:
                (void)httpa_cbor_bytes(&c);
                break;
            case 2:
                (void)httpa_cbor_text(&c);
                break;
            case 3:
                (void)httpa_cbor_array(&c, NULL);
                break;
            case 4:
                (void)httpa_cbor_map(&c);
                break;
            case 5:
                (void)httpa_cbor_tag(&c);
                (void)httpa_cbor_skip(&c);
                break;
            default:
                (void)httpa_cbor_bool(&c);
            }
            static const size_t own[] = { 0, 2, 3, 4, 5, 6, 7 };
            assert_err(i == own[type] ? HTTPA_OK : HTTPA_ERR_MALFORMED,
                       httpa_cbor_end(&c));
        }
    }
}

static void the_first_failure_stays(void **state)
{
    (void)state;
    uint8_t room[256];
    struct httpa_cbor c = open_hex("61ff000102", room);
    assert_int_equal(httpa_cbor_text(&c).n, 0);
    assert_false(httpa_cbor_more(&c));
    assert_int_equal(httpa_cbor_peek(&c), HTTPA_CBOR_NOTHING);
    assert_true(httpa_cbor_uint(&c) == 0);
    httpa_cbor_fail(&c, HTTPA_ERR_RANGE);
    assert_err(HTTPA_ERR_MALFORMED, httpa_cbor_end(&c));
    struct httpa_cbor inner = httpa_cbor_array(&c, NULL);
    assert_err(HTTPA_ERR_MALFORMED, httpa_cbor_end(&inner));
}

static void arrays_are_read_by_their_own_reader(void **state)
{
    (void)state;
    uint8_t room[256];
    struct httpa_cbor c = open_hex("8201820203" "04", room);
    size_t n = 99;
    struct httpa_cbor outer = httpa_cbor_array(&c, &n);
    assert_int_equal(n, 2);
    assert_true(httpa_cbor_uint(&c) == 4); /* behind the array already */
    assert_ok(httpa_cbor_end(&c));
    assert_true(httpa_cbor_uint(&outer) == 1);
    assert_err(HTTPA_ERR_TRAILING, httpa_cbor_end(&outer));
    struct httpa_cbor inner = httpa_cbor_array(&outer, NULL);
    assert_ok(httpa_cbor_end(&outer));
    assert_true(httpa_cbor_uint(&inner) == 2);
    assert_true(httpa_cbor_uint(&inner) == 3);
    assert_true(httpa_cbor_uint(&inner) == 0);
    assert_err(HTTPA_ERR_TRUNCATED, httpa_cbor_end(&inner));
    c = open_hex("8201", room);
    n = 99;
    outer = httpa_cbor_array(&c, &n);
    assert_int_equal(n, 99);
    assert_err(HTTPA_ERR_TRUNCATED, httpa_cbor_end(&outer));
    assert_err(HTTPA_ERR_TRUNCATED, httpa_cbor_end(&c));
}

static void indefinite_containers_have_no_break_inside(void **state)
{
    (void)state;
    uint8_t room[256];
    size_t n = bin("9f019f02ffff" "bf0102ff", room);
    struct httpa_cbor c = httpa_cbor_of(httpa_slice_of(room, n),
                                        HTTPA_CBOR_INDEFINITE);
    size_t items = 0;
    struct httpa_cbor outer = httpa_cbor_array(&c, &items);
    assert_int_equal(items, 2);
    assert_true(httpa_cbor_uint(&outer) == 1);
    struct httpa_cbor inner = httpa_cbor_array(&outer, NULL);
    assert_ok(httpa_cbor_end(&outer));
    assert_true(httpa_cbor_uint(&inner) == 2);
    assert_ok(httpa_cbor_end(&inner));
    struct httpa_cbor_map m = httpa_cbor_map(&c);
    assert_int_equal(m.n, 1);
    struct httpa_cbor v = httpa_cbor_find_int(&m, 1);
    assert_true(httpa_cbor_uint(&v) == 2);
    assert_ok(httpa_cbor_end(&v));
    assert_ok(httpa_cbor_end(&c));
}

static void maps_are_searched(void **state)
{
    (void)state;
    uint8_t room[256];
    /* {1: 10, -1: [1, 2], "a": h'ff', "": null}, in no order */
    struct httpa_cbor c = open_hex("a4" "616141ff" "20820102" "010a" "60f6",
                                   room);
    struct httpa_cbor_map m = httpa_cbor_map(&c);
    assert_ok(httpa_cbor_end(&c));
    assert_int_equal(m.n, 4);
    struct httpa_cbor v = httpa_cbor_find_int(&m, 1);
    assert_true(httpa_cbor_uint(&v) == 10);
    assert_ok(httpa_cbor_end(&v));
    v = httpa_cbor_find_int(&m, -1);
    struct httpa_slice whole = httpa_cbor_skip(&v);
    assert_hex(whole.p, whole.n, "820102");
    v = httpa_cbor_find_text(&m, "a");
    assert_int_equal(httpa_cbor_bytes(&v).p[0], 0xff);
    v = httpa_cbor_find_text(&m, "");
    assert_true(httpa_cbor_null(&v));
    assert_ok(httpa_cbor_end(&v));
    v = httpa_cbor_find_int(&m, 0); /* "" is not 0 */
    (void)httpa_cbor_uint(&v);
    assert_err(HTTPA_ERR_MISSING, httpa_cbor_end(&v));
    v = httpa_cbor_find_text(&m, "b");
    assert_err(HTTPA_ERR_MISSING, httpa_cbor_end(&v));
}

static void maps_are_walked_in_order(void **state)
{
    (void)state;
    uint8_t room[256];
    struct httpa_cbor c = open_hex("a2" "616101" "2002", room);
    struct httpa_cbor_map m = httpa_cbor_map(&c);
    struct httpa_cbor it = httpa_cbor_map_items(&m);
    struct httpa_cbor_key key = httpa_cbor_key(&it);
    assert_true(key.is_text);
    assert_slice_is(key.text, "a");
    assert_true(httpa_cbor_uint(&it) == 1);
    key = httpa_cbor_key(&it);
    assert_false(key.is_text);
    assert_true(key.number == -1);
    assert_true(httpa_cbor_uint(&it) == 2);
    assert_false(httpa_cbor_more(&it));
    assert_ok(httpa_cbor_end(&it));
}

static const struct bad bad_maps[] = {
    { "a201000100", HTTPA_ERR_DUPLICATE, "integer key twice" },
    { "a220002000", HTTPA_ERR_DUPLICATE, "negative key twice" },
    { "a2616100616100", HTTPA_ERR_DUPLICATE, "text key twice" },
    { "a30100616100" "0100", HTTPA_ERR_DUPLICATE, "not side by side" },
    { "a14000", HTTPA_ERR_UNSUPPORTED, "bytes for a key" },
    { "a1f500", HTTPA_ERR_UNSUPPORTED, "boolean for a key" },
    { "a18000", HTTPA_ERR_UNSUPPORTED, "array for a key" },
    { "a1c00000", HTTPA_ERR_UNSUPPORTED, "tagged key" },
    { "a11b800000000000000000", HTTPA_ERR_RANGE, "key above 2^63 - 1" },
    { "a201000102", HTTPA_ERR_DUPLICATE, "other value, same key" },
    { "a2010018010a", HTTPA_ERR_MALFORMED, "same key, longer" },
};

static void maps_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_maps); i++) {
        uint8_t room[256];
        struct httpa_cbor c = open_hex(bad_maps[i].hex, room);
        struct httpa_cbor_map m = httpa_cbor_map(&c);
        if (httpa_cbor_end(&c) != bad_maps[i].err || m.n != 0) {
            fail_msg("%s (%s): %s", bad_maps[i].hex, bad_maps[i].why,
                     httpa_err_name(httpa_cbor_end(&c)));
        }
    }
}

static void maps_are_bounded(void **state)
{
    (void)state;
    for (size_t n = HTTPA_CBOR_MAP_MAX; n <= HTTPA_CBOR_MAP_MAX + 1; n++) {
        uint8_t raw[512] = { 0xb8, (uint8_t)n };
        size_t len = 2;
        for (size_t k = 0; k < n; k++) {
            if (k >= 24) {
                raw[len++] = 0x18;
            }
            raw[len++] = (uint8_t)k;
            raw[len++] = 0;
        }
        struct httpa_cbor c = httpa_cbor_of(httpa_slice_of(raw, len), 0);
        (void)httpa_cbor_map(&c);
        assert_err(n > HTTPA_CBOR_MAP_MAX ? HTTPA_ERR_RANGE : HTTPA_OK,
                   httpa_cbor_end(&c));
    }
}

/* |n| times |level|, then a zero. */
static enum httpa_err nested(const char *level, size_t n)
{
    uint8_t one[4];
    size_t width = unhex(level, one, sizeof(one));
    struct httpa_buf b = httpa_buf_growing(1u << 20);
    for (size_t i = 0; i < n; i++) {
        httpa_buf_put(&b, one, width);
    }
    httpa_buf_put_byte(&b, 0);
    struct httpa_cbor c =
        httpa_cbor_of(httpa_buf_slice(&b), HTTPA_CBOR_INDEFINITE);
    (void)httpa_cbor_skip(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    httpa_buf_done(&b);
    return err;
}

/* Arrays, maps (by key and by value) and tags count alike. */
static void depth_is_bounded(void **state)
{
    (void)state;
    static const char *const levels[] = { "81", "a100", "c1", "c181" };
    for (size_t i = 0; i < COUNT(levels); i++) {
        size_t max = HTTPA_CBOR_DEPTH / (i == 3 ? 2 : 1);
        assert_ok(nested(levels[i], max));
        assert_err(HTTPA_ERR_RANGE, nested(levels[i], max + 1));
        assert_err(HTTPA_ERR_RANGE, nested(levels[i], 100000));
    }
    assert_err(HTTPA_ERR_TRUNCATED, nested("9f", HTTPA_CBOR_DEPTH));
    assert_err(HTTPA_ERR_RANGE, nested("9f", HTTPA_CBOR_DEPTH + 1));
    assert_err(HTTPA_ERR_TRUNCATED, nested("a1", HTTPA_CBOR_DEPTH));
    assert_err(HTTPA_ERR_RANGE, nested("a1", HTTPA_CBOR_DEPTH + 1));
}

/* Entering looks all the way down, so that nothing waits further inside. */
static void depth_is_seen_on_entering(void **state)
{
    (void)state;
    uint8_t deep[HTTPA_CBOR_DEPTH + 2];
    memset(deep, 0x81, sizeof(deep) - 1);
    deep[sizeof(deep) - 1] = 0;
    struct httpa_cbor c = httpa_cbor_of(httpa_slice_of(deep, sizeof(deep)), 0);
    c = httpa_cbor_array(&c, NULL);
    assert_err(HTTPA_ERR_RANGE, httpa_cbor_end(&c));
    c = httpa_cbor_of(httpa_slice_of(deep + 1, sizeof(deep) - 1), 0);
    for (size_t i = 0; i < HTTPA_CBOR_DEPTH; i++) {
        c = httpa_cbor_array(&c, NULL);
    }
    assert_true(httpa_cbor_uint(&c) == 0);
    assert_ok(httpa_cbor_end(&c));
}

/* Every reader on nothing at all. */
static void nothing_is_truncated(void **state)
{
    (void)state;
    for (int type = 0; type < 9; type++) {
        struct httpa_cbor c = httpa_cbor_of((struct httpa_slice){ 0 }, 0);
        switch (type) {
        case 0:
            (void)httpa_cbor_uint(&c);
            break;
        case 1:
            (void)httpa_cbor_int(&c);
            break;
        case 2:
            (void)httpa_cbor_bytes(&c);
            break;
        case 3:
            (void)httpa_cbor_text(&c);
            break;
        case 4:
            (void)httpa_cbor_bool(&c);
            break;
        case 5:
            (void)httpa_cbor_tag(&c);
            break;
        case 6:
            (void)httpa_cbor_array(&c, NULL);
            break;
        case 7:
            (void)httpa_cbor_map(&c);
            break;
        default:
            (void)httpa_cbor_key(&c);
        }
        assert_err(HTTPA_ERR_TRUNCATED, httpa_cbor_end(&c));
    }
    struct httpa_cbor c = httpa_cbor_of((struct httpa_slice){ 0 }, 0);
    assert_false(httpa_cbor_null(&c));
    assert_ok(httpa_cbor_end(&c));
}

static void walk(struct httpa_cbor *c);

static void walk_map(struct httpa_cbor *c)
{
    struct httpa_cbor_map m = httpa_cbor_map(c);
    struct httpa_cbor it = httpa_cbor_map_items(&m);
    while (httpa_cbor_more(&it)) {
        (void)httpa_cbor_key(&it);
        walk(&it);
    }
    if (httpa_cbor_end(c) == HTTPA_OK) {
        assert_ok(httpa_cbor_end(&it));
    }
}

/* Reads everything there is, by type. */
static void walk(struct httpa_cbor *c)
{
    struct httpa_cbor items;
    switch (httpa_cbor_peek(c)) {
    case HTTPA_CBOR_UINT:
        (void)httpa_cbor_uint(c);
        break;
    case HTTPA_CBOR_NINT:
        (void)httpa_cbor_int(c);
        break;
    case HTTPA_CBOR_BYTES:
        (void)httpa_cbor_bytes(c);
        break;
    case HTTPA_CBOR_TEXT:
        (void)httpa_cbor_text(c);
        break;
    case HTTPA_CBOR_ARRAY:
        items = httpa_cbor_array(c, NULL);
        while (httpa_cbor_more(&items)) {
            walk(&items);
        }
        break;
    case HTTPA_CBOR_MAP:
        walk_map(c);
        break;
    case HTTPA_CBOR_TAG:
        (void)httpa_cbor_tag(c);
        walk(c);
        break;
    case HTTPA_CBOR_BOOL:
        (void)httpa_cbor_bool(c);
        break;
    case HTTPA_CBOR_NULL:
        assert_true(httpa_cbor_null(c));
        break;
    default:
        (void)httpa_cbor_skip(c);
    }
}

static void walk_mutant(struct httpa_slice in, void *arg)
{
    (void)arg;
    for (unsigned flags = 0; flags <= HTTPA_CBOR_INDEFINITE; flags++) {
        struct httpa_cbor c = httpa_cbor_of(in, flags);
        while (httpa_cbor_more(&c)) {
            walk(&c);
        }
        struct httpa_cbor s = httpa_cbor_of(in, flags);
        while (httpa_cbor_more(&s)) {
            (void)httpa_cbor_skip(&s);
        }
        if (httpa_cbor_end(&c) == HTTPA_OK) { /* reading is the stricter */
            assert_ok(httpa_cbor_end(&s));
        }
    }
}

static void mutants_are_survived(void **state)
{
    (void)state;
    uint8_t raw[256];
    size_t n = bin("a7" "0183010203" "2019ffff" "616162c3bc" "0a48"
                   "0102030405060708" "18ffd83da16162f5" "63616263f6"
                   "19010082f4fb3ff199999999999a" "bf009f01ffff",
                   raw);
    mutate(httpa_slice_of(raw, n), walk_mutant, NULL);
}

static void any_two_bytes_are_survived(void **state)
{
    (void)state;
    for (unsigned v = 0; v <= UINT16_MAX; v++) {
        uint8_t raw[2] = { (uint8_t)(v >> 8), (uint8_t)v };
        walk_mutant(httpa_slice_of(raw, 2), NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appendix_a_of_rfc_8949),
        cmocka_unit_test(not_well_formed),
        cmocka_unit_test(integers),
        cmocka_unit_test(strings_and_simple_values),
        cmocka_unit_test(types_are_not_mixed_up),
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(arrays_are_read_by_their_own_reader),
        cmocka_unit_test(indefinite_containers_have_no_break_inside),
        cmocka_unit_test(maps_are_searched),
        cmocka_unit_test(maps_are_walked_in_order),
        cmocka_unit_test(maps_refused),
        cmocka_unit_test(maps_are_bounded),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(depth_is_seen_on_entering),
        cmocka_unit_test(nothing_is_truncated),
        cmocka_unit_test(mutants_are_survived),
        cmocka_unit_test(any_two_bytes_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
