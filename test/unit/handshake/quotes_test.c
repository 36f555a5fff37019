#include "handshake/quotes.h"
#include "support/test.h"

#define D ":AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=:"

static void rows_are_read_or_refused(void **state)
{
    static const struct {
        const char *text;
        enum httpa_err want;
        const char *why;
    } rows[] = {
        { D ";type=\"a/b\";binding=fresh", HTTPA_OK, "plain" },
        { D ";type=\"a/b\";binding=fresh;max-age=9", HTTPA_OK, "age" },
        { D ";type=\"a/b\";binding=key;key=:AQ==:;not-before=1;not-after=2",
          HTTPA_OK, "key" },
        { D ";type=\"a/b\";binding=fresh, " D
            ";type=\"c/d\";binding=key;key=:AQ==:;not-before=1;not-after=2",
          HTTPA_OK, "both" },
        { D ";type=\"a/b\"", HTTPA_ERR_MALFORMED, "no binding" },
        { D ";binding=fresh", HTTPA_ERR_MALFORMED, "no type" },
        { D ";type=a;binding=fresh", HTTPA_ERR_MALFORMED, "type is a Token" },
        { D ";type=\"\";binding=fresh", HTTPA_ERR_MALFORMED, "empty type" },
        { D ";type=\"a/b\";binding=batch", HTTPA_ERR_UNSUPPORTED, "batch" },
        { D ";type=\"a/b\";binding=\"fresh\"", HTTPA_ERR_MALFORMED,
          "binding is a String" },
        { D ";type=\"a/b\";binding=fresh;max-age=0", HTTPA_ERR_MALFORMED,
          "no age" },
        { D ";type=\"a/b\";binding=fresh;key=:AQ==:", HTTPA_ERR_MALFORMED,
          "a key that nothing relies on" },
        { D ";type=\"a/b\";binding=key;key=:AQ==:;not-before=1",
          HTTPA_ERR_MALFORMED, "no end" },
        { D ";type=\"a/b\";binding=key;key=:AQ==:;not-before=-1;not-after=2",
          HTTPA_ERR_MALFORMED, "before time began" },
        { ":AAEC:;type=\"a/b\";binding=fresh", HTTPA_ERR_MALFORMED,
          "not SHA-256" },
        { "1;type=\"a/b\";binding=fresh", HTTPA_ERR_MALFORMED, "no bytes" },
        { D ";type=\"a/b\";binding=key;key=:AQ==:;not-before=1;not-after=2, " D
            ";type=\"a/b\";binding=key;key=:Ag==:;not-before=1;not-after=2",
          HTTPA_ERR_RANGE, "two quote keys" },
        { "", HTTPA_ERR_MISSING, "nothing" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_sfv_room room;
        struct httpa_quote quotes[HTTPA_QUOTES_MAX];
        size_t n = 77;
        enum httpa_err got = httpa_quotes_read(httpa_slice_str(rows[i].text),
                                               &room, quotes, &n);
        if (got != rows[i].want || (got != HTTPA_OK && n != 77)) {
            fail_msg("%s: want %s, got %s", rows[i].why,
                     httpa_err_name(rows[i].want), httpa_err_name(got));
        }
    }
}

static void what_is_written_is_read_back(void **state)
{
    uint8_t digest[32] = { 7 };
    struct httpa_quote in[2] = {
        { .digest = httpa_slice_of(digest, 32),
          .type = httpa_slice_str("application/eat+cwt"),
          .binding = HTTPA_BINDING_FRESH,
          .max_age_s = 300 },
        { .digest = httpa_slice_of(digest, 32),
          .type = httpa_slice_str("application/eat+cwt"),
          .binding = HTTPA_BINDING_KEY,
          .key = httpa_slice_str("spki"),
          .not_before_s = 5,
          .not_after_s = 9 },
    };
    struct httpa_quote out[HTTPA_QUOTES_MAX];
    struct httpa_sfv_room room;
    struct httpa_buf text = httpa_buf_growing(4096);
    size_t n = 0;
    (void)state;
    httpa_quotes_write(in, 2, &text);
    assert_ok(httpa_buf_check(&text));
    assert_ok(httpa_quotes_read(httpa_buf_slice(&text), &room, out, &n));
    assert_int_equal(n, 2);
    assert_int_equal(out[0].max_age_s, 300);
    assert_int_equal(out[1].binding, HTTPA_BINDING_KEY);
    assert_slice_is(out[1].key, "spki");
    assert_int_equal(out[1].not_after_s, 9);
    httpa_buf_done(&text);
}

static void signatures(void **state)
{
    static const struct {
        const char *text;
        enum httpa_err want;
    } rows[] = {
        { "service=:AQ==:;alg=ed25519", HTTPA_OK },
        { "service=:AQ==:;alg=ed25519, quote=:Ag==:;alg=ecdsa-p256-sha256",
          HTTPA_OK },
        { "later=:AQ==:;alg=mldsa65", HTTPA_OK }, /* unknown: left out */
        { "service=:AQ==:", HTTPA_ERR_MALFORMED },
        { "service=:AQ==:;alg=rsa-pkcs1", HTTPA_ERR_MALFORMED },
        { "service=:AQ==:;alg=\"ed25519\"", HTTPA_ERR_MALFORMED },
        { "service=ed25519;alg=ed25519", HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_sfv_room room;
        struct httpa_signatures s;
        assert_err(rows[i].want,
                   httpa_signatures_read(httpa_slice_str(rows[i].text), &room,
                                         &s));
    }
    struct httpa_signatures one = {
        .quote = { .present = true,
                   .scheme = HTTPA_SIGN_ED25519,
                   .bytes = httpa_slice_str("x") },
    };
    struct httpa_buf text = httpa_buf_growing(256);
    httpa_signatures_write(&one, &text);
    assert_slice_is(httpa_buf_slice(&text), "quote=:eA==:;alg=ed25519");
    httpa_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_or_refused),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
