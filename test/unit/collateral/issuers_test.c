/* Percent-encoded PEM: what is text comes out, everything else is refused. */
#include "collateral/issuers.h"

#include "support/test.h"

static struct httpa_buf out;

static enum httpa_err read_text(const char *text)
{
    httpa_buf_done(&out);
    out = httpa_buf_growing(HTTPA_COLLATERAL_ISSUERS_MAX);
    return httpa_collateral_issuers(httpa_slice_str(text), &out);
}

static void decodes(void **state)
{
    static const struct {
        const char *in;
        const char *want;
    } rows[] = {
        { "-----BEGIN%20X-----%0AQQ%3D%3d%0D%0A",
          "-----BEGIN X-----\nQQ==\r\n" },
        { "a+b", "a+b" }, /* no form: a plus is base64's own */
        { "%2B%2b%25", "++%" },
        { "%2541", "%41" }, /* once, not again and again */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ok(read_text(rows[i].in));
        assert_true(httpa_slice_is(httpa_buf_slice(&out), rows[i].want));
    }
}

static void refuses(void **state)
{
    static const char *const rows[] = {
        "%",   "%2",  "a%",   "%zz",  "%0",       "%00", "%7f",
        "%80", "%ff", "a\tb", "a\nb", "\xc3\xa9", "%0b",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_text(rows[i]), HTTPA_ERR_MALFORMED);
    }
    assert_int_equal(read_text(""), HTTPA_ERR_RANGE);
}

static void bounded(void **state)
{
    static uint8_t room[HTTPA_COLLATERAL_ISSUERS_MAX + 1];
    (void)state;
    memset(room, 'a', sizeof(room));
    assert_int_equal(
        httpa_collateral_issuers(httpa_slice_of(room, sizeof(room)), &out),
        HTTPA_ERR_RANGE);
    struct httpa_buf small = httpa_buf_fixed(room + 100, 4);
    assert_int_equal(
        httpa_collateral_issuers(httpa_slice_str("aaaaaaaa"), &small),
        HTTPA_ERR_SPACE);
    httpa_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes),
        cmocka_unit_test(refuses),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
