#include "wire/ip6.h"

#include "support/test.h"

/* RFC 4291 2.2 in, RFC 5952 4 out; NULL: refused. */
static const struct {
    const char *in;
    const char *want;
} rows[] = {
    { "::", "::" },
    { "::1", "::1" },
    { "1::", "1::" },
    { "0:0:0:0:0:0:0:0", "::" },
    { "2001:0DB8:0:0:0:0:0:0001", "2001:db8::1" },
    { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
    { "1:0:0:2:0:0:0:3", "1:0:0:2::3" },
    { "1:0:0:2:3:0:0:4", "1::2:3:0:0:4" },
    { "1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7" },
    { "0:0:1:2:3:4:5:6", "::1:2:3:4:5:6" },
    { "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
    { "1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8" },
    { "::ffff:192.0.2.1", "::ffff:c000:201" },
    { "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
    { "", NULL },
    { ":", NULL },
    { ":1", NULL },
    { "1:", NULL },
    { ":::", NULL },
    { "1::2::3", NULL },
    { "1:2:3:4:5:6:7", NULL },
    { "1:2:3:4:5:6:7:8:9", NULL },
    { "1:2:3:4:5:6:7::8", NULL },
    { "::1:2:3:4:5:6:7:8", NULL },
    { "12345::", NULL },
    { "g::", NULL },
    { "1.2.3.4", NULL },
    { "::1.2.3", NULL },
    { "::1.2.3.4:5", NULL },
    { "::256.2.3.4", NULL },
    { "::01.2.3.4", NULL },
    { "1:2:3:4:5:6:7:1.2.3.4", NULL },
};

static void texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[64];
        struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
        enum httpa_err err =
            httpa_ip6_normalise(httpa_slice_str(rows[i].in), &b);
        if ((err == HTTPA_OK) != (rows[i].want != NULL)) {
            fail_msg("%s: %s", rows[i].in, httpa_err_name(err));
        }
        if (err == HTTPA_OK) {
            assert_slice_is(httpa_buf_slice(&b), rows[i].want);
        }
    }
}

static void quads(void **state)
{
    (void)state;
    assert_true(httpa_ip4_valid(httpa_slice_str("0.0.0.0")));
    assert_true(httpa_ip4_valid(httpa_slice_str("255.255.255.255")));
    assert_false(httpa_ip4_valid(httpa_slice_str("1.2.3.4.5")));
    assert_false(httpa_ip4_valid(httpa_slice_str("1.2.3.")));
    assert_false(httpa_ip4_valid(httpa_slice_str("1.2.3.1000")));
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    uint8_t bytes[64];
    uint8_t again[64];
    struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_buf c = httpa_buf_fixed(again, sizeof(again));
    (void)arg;
    if (httpa_ip6_normalise(in, &b) == HTTPA_OK) {
        assert_ok(httpa_ip6_normalise(httpa_buf_slice(&b), &c));
        assert_true(
            httpa_slice_equal(httpa_buf_slice(&b), httpa_buf_slice(&c)));
    }
}

static void mutants_do_no_harm(void **state)
{
    (void)state;
    mutate(httpa_slice_str("1:2::3:0:0:192.0.2.33"), read_mutant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(quads),
        cmocka_unit_test(mutants_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
