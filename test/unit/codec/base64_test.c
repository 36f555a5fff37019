#include "codec/base64.h"
#include "support/test.h"

enum {
    STRICT = HTTPA_BASE64_STRICT,
    SPACE = HTTPA_BASE64_SKIP_SPACE,
    LAX = HTTPA_BASE64_LAX_END
};

/* RFC 4648 10, and bytes that tell the alphabets apart */
static const struct {
    const char *bytes; /* hex */
    const char *text;
    const char *url;
} both_ways[] = {
    { "", "", "" },
    { "66", "Zg==", "Zg" },
    { "666f", "Zm8=", "Zm8" },
    { "666f6f", "Zm9v", "Zm9v" },
    { "666f6f62", "Zm9vYg==", "Zm9vYg" },
    { "666f6f6261", "Zm9vYmE=", "Zm9vYmE" },
    { "666f6f626172", "Zm9vYmFy", "Zm9vYmFy" },
    { "fbefbe", "++++", "----" },
    { "ffffff", "////", "____" },
    { "00", "AA==", "AA" },
    { "000102030405060708090a0b0c0d0e0f",
      "AAECAwQFBgcICQoLDA0ODw==", "AAECAwQFBgcICQoLDA0ODw" },
};

static void written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both_ways); i++) {
        uint8_t bytes[16], text[24], back[16];
        size_t n = unhex(both_ways[i].bytes, bytes, sizeof(bytes));
        struct httpa_slice s = httpa_slice_of(bytes, n);

        struct httpa_buf b = httpa_buf_fixed(text, HTTPA_BASE64_LEN(n));
        httpa_base64_write(&b, s);
        assert_ok(httpa_buf_check(&b));
        assert_slice_is(httpa_buf_slice(&b), both_ways[i].text);
        struct httpa_buf out = httpa_buf_fixed(back, n); /* exactly enough */
        assert_ok(httpa_base64_read(httpa_buf_slice(&b), STRICT, &out));
        assert_true(httpa_slice_equal(httpa_buf_slice(&out), s));

        b = httpa_buf_fixed(text, HTTPA_BASE64URL_LEN(n));
        httpa_base64url_write(&b, s);
        assert_ok(httpa_buf_check(&b));
        assert_slice_is(httpa_buf_slice(&b), both_ways[i].url);
        out = httpa_buf_fixed(back, n);
        assert_ok(httpa_base64url_read(httpa_buf_slice(&b), &out));
        assert_true(httpa_slice_equal(httpa_buf_slice(&out), s));
    }
}

static void every_byte_value(void **state)
{
    (void)state;
    uint8_t bytes[256], text[344], back[256];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)i;
    }
    struct httpa_slice s = httpa_slice_of(bytes, sizeof(bytes));
    struct httpa_buf b = httpa_buf_fixed(text, sizeof(text));
    httpa_base64_write(&b, s);
    struct httpa_buf out = httpa_buf_fixed(back, sizeof(back));
    assert_ok(httpa_base64_read(httpa_buf_slice(&b), STRICT, &out));
    assert_true(httpa_slice_equal(httpa_buf_slice(&out), s));
}

static const struct {
    const char *in;
    unsigned flags;
    const char *out; /* hex; NULL: refused */
    const char *why;
} rows[] = {
    { "Zg=", STRICT, NULL, "one pad missing" },
    { "Zg", STRICT, NULL, "both pads missing" },
    { "Zg===", STRICT, NULL, "one pad too many" },
    { "Zm9v=", STRICT, NULL, "a pad where none is due" },
    { "Zm9v====", STRICT, NULL, "a group of pads" },
    { "=", STRICT, NULL, "pads alone" },
    { "Z", STRICT, NULL, "six bits are no byte" },
    { "Zm9vZ", STRICT, NULL, "six bits are no byte" },
    { "Z===", STRICT, NULL, "six bits are no byte" },
    { "Zh==", STRICT, NULL, "stray bit 0 of 4" },
    { "Zo==", STRICT, NULL, "stray bit 3 of 4" },
    { "Zm9=", STRICT, NULL, "stray bit 0 of 2" },
    { "Zm+=", STRICT, NULL, "stray bit 1 of 2" },
    { "Z=g=", STRICT, NULL, "a pad inside" },
    { "Zg==Zg==", STRICT, NULL, "two texts" },
    { "----", STRICT, NULL, "the other alphabet" },
    { "____", STRICT, NULL, "the other alphabet" },
    { "Zm9v\n", STRICT, NULL, "a line break" },
    { " Zm9v", STRICT, NULL, "a space" },
    { "Zm9.", STRICT, NULL, "a dot" },
    { "Zm9\x80", STRICT, NULL, "not ASCII" },
    { "Zg", LAX, "66", "padding may be missing" },
    { "Zg==", LAX, "66", "or not" },
    { "Zg=", LAX, NULL, "but not half of it" },
    { "Zh==", LAX, "66", "stray bits are dropped" },
    { "Z", LAX, NULL, "six bits are no byte" },
    { "Zm9v\n", LAX, NULL, "a line break" },
    { "Zm9v\r\nZg\t= =\n", SPACE, "666f6f66", "white space of all kinds" },
    { "\n", SPACE, "", "white space alone" },
    { "Zg", SPACE, NULL, "padding stays due" },
    { "Zh==", SPACE, NULL, "stray bits stay wrong" },
    { "Zg\v==", SPACE, NULL, "a vertical tab" },
    { "Zh ", SPACE | LAX, "66", "both at once" },
};

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[16], want[16];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_buf_put_str(&b, "old");
        enum httpa_err err =
            httpa_base64_read(httpa_slice_str(rows[i].in), rows[i].flags, &b);
        bool good = rows[i].out != NULL;
        if (err != (good ? HTTPA_OK : HTTPA_ERR_MALFORMED)) {
            fail_msg("row %zu, %s: %s", i, rows[i].why, httpa_err_name(err));
        }
        size_t n = good ? unhex(rows[i].out, want, sizeof(want)) : 0;
        assert_int_equal(b.n, 3 + n);
        assert_memory_equal(room, "old", 3);
        assert_memory_equal(room + 3, want, n);
    }
}

static void url_refusals(void **state)
{
    (void)state;
    static const char *const bad[] = { "Zg==", "Zm8=", "Zh",    "Zm9",  "Z",
                                       "++++", "////", "Zm9v ", "Zm9v=" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t room[16];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        assert_err(HTTPA_ERR_MALFORMED,
                   httpa_base64url_read(httpa_slice_str(bad[i]), &b));
        assert_int_equal(b.n, 0);
    }
}

static void no_room(void **state)
{
    (void)state;
    uint8_t room[3];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_base64_write(&b, httpa_slice_str("f"));
    assert_err(HTTPA_ERR_SPACE, httpa_buf_check(&b));
    b = httpa_buf_fixed(room, 2);
    assert_err(HTTPA_ERR_SPACE,
               httpa_base64_read(httpa_slice_str("Zm9v"), STRICT, &b));
    assert_int_equal(b.n, 0);
}

static void mutant(struct httpa_slice in, void *arg)
{
    (void)arg;
    uint8_t room[64], again[32];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    bool strict = httpa_base64_read(in, STRICT, &b) == HTTPA_OK;
    if (strict) {
        /* what strict mode takes is what would be written */
        struct httpa_buf w = httpa_buf_fixed(again, sizeof(again));
        httpa_base64_write(&w, httpa_buf_slice(&b));
        assert_true(httpa_slice_equal(httpa_buf_slice(&w), in));
    }
    bool lax = httpa_base64_read(in, SPACE | LAX, &b) == HTTPA_OK;
    assert_true(lax || !strict);
    bool url = httpa_base64url_read(in, &b) == HTTPA_OK;
    assert_true(lax || !url || memchr(in.p, '-', in.n) != NULL ||
                memchr(in.p, '_', in.n) != NULL);
}

static void mutants_are_survived(void **state)
{
    (void)state;
    mutate(httpa_slice_str("Zm9vYmFyZm9vYg=="), mutant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read),
        cmocka_unit_test(every_byte_value),
        cmocka_unit_test(refusals),
        cmocka_unit_test(url_refusals),
        cmocka_unit_test(no_room),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
