#include "support/test.h"
#include "wire/head_rules.h"

struct line {
    const char *name;
    const char *value;
};

static struct httpa_field v[16];
static uint8_t bytes[256];

static struct httpa_fields fields_of(const struct line *lines)
{
    struct httpa_fields f = { .v = v, .cap = COUNT(v) };
    for (; lines->name != NULL; lines++) {
        assert_ok(httpa_fields_add(&f, httpa_slice_str(lines->name),
                                   httpa_slice_str(lines->value)));
    }
    return f;
}

static void what_a_hop_keeps_is_taken_out(void **state)
{
    static const struct line in[] = {
        { "Content-Type", " text/plain \t" },
        { "Connection", "close, X-Hop ,te" },
        { "Keep-Alive", "1" },
        { "x-hop", "ends here" },
        { "Transfer-Encoding", "chunked" },
        { "TE", "trailers" },
        { "Host", "api.example.com" },
        { "Via", "1.1 nginx" },
        { "X-Forwarded-For", "1" },
        { "Httpa-Trust", "sealed" },
        { "Attest-Ticket", "1" },
        { "x-kept", "" },
        { NULL, NULL },
    };
    struct httpa_fields f = fields_of(in);
    struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
    (void)state;
    assert_ok(httpa_head_rules_prepare(&f, &b));
    assert_int_equal(f.n, 2);
    assert_slice_is(f.v[0].name, "content-type");
    assert_slice_is(f.v[0].value, "text/plain");
    assert_slice_is(f.v[1].name, "x-kept");
}

static void trailers_lose_more(void **state)
{
    static const struct line in[] = { { "X-Sum", "1" },
                                      { "Content-Length", "1" },
                                      { "Set-Cookie", "a" },
                                      { "te", "trailers" },
                                      { NULL, NULL } };
    struct httpa_fields f = fields_of(in);
    struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
    const char *rule = NULL;
    (void)state;
    assert_ok(httpa_head_rules_prepare_trailers(&f, &b));
    assert_int_equal(f.n, 1);
    assert_ok(httpa_head_rules_trailers(&f, &rule));
}

static void what_cannot_be_sealed_is_told(void **state)
{
    static const struct line bad_value[] = { { "x", "a\nb" }, { NULL, NULL } };
    static const struct line bad_name[] = { { "x y", "a" }, { NULL, NULL } };
    static const struct line upper[] = { { "X-Long", "a" }, { NULL, NULL } };
    struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_buf small = httpa_buf_fixed(bytes, 3);
    struct httpa_fields f = fields_of(bad_value);
    (void)state;
    assert_err(HTTPA_ERR_HEAD, httpa_head_rules_prepare(&f, &b));
    f = fields_of(bad_name);
    assert_err(HTTPA_ERR_HEAD, httpa_head_rules_prepare(&f, &b));
    f = fields_of(upper);
    assert_err(HTTPA_ERR_SPACE, httpa_head_rules_prepare(&f, &small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_hop_keeps_is_taken_out),
        cmocka_unit_test(trailers_lose_more),
        cmocka_unit_test(what_cannot_be_sealed_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
