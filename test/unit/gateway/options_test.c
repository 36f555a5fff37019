#include "gateway/options.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

#define ARGS_MAX 8
#define NEEDED "--upstream", "http://a", "--origin", "https://o"

static enum httpa_err read_args(const char *const args[ARGS_MAX],
                                struct httpa_settings *s,
                                struct httpa_gateway_options_fault *fault)
{
    char *argv[ARGS_MAX] = { 0 };
    int argc = 0;
    while (argc < ARGS_MAX && args[argc] != NULL) {
        argv[argc] = (char *)(uintptr_t)args[argc]; /* is not written to */
        argc++;
    }
    return httpa_gateway_options_read(argc, argv, s, fault);
}

static void defaults(void **state)
{
    (void)state;
    const char *const args[ARGS_MAX] = { NEEDED };
    struct httpa_settings s;
    struct httpa_gateway_options_fault fault;
    assert_int_equal(read_args(args, &s, &fault), HTTPA_OK);
    assert_string_equal(s.listen.v[0], "127.0.0.1:8080");
    assert_string_equal(s.tee, "auto"); /* never dev by itself */
    assert_string_equal(s.log_path, "none");
    assert_int_equal(s.allow_untrusted.n, 0);
    assert_int_equal(s.max_age_s, 3600);
    assert_int_equal(s.upstream_timeout_s, 600);
    assert_null(s.service_key);
    assert_null(s.ops);
    httpa_settings_done(&s);
}

static void values(void **state)
{
    (void)state;
    static const struct {
        const char *option;
        const char *value;
        const char *fault; /* NULL: taken */
    } rows[] = {
        { "--drain", "45", NULL },
        { "--drain", "1d", NULL },
        { "--drain", "1 d", "saw \"1 d\"" },
        { "--drain", "-1", "expected a time" },
        { "--drain", "", "expected a time" },
        { "--drain", "99999d", "expected a time" }, /* overflows */
        { "--threads", "4", NULL },
        { "--threads", "4x", "expected a number" },
        { "--threads", "99999999999999999999", "expected a number" },
        { "--threads", "257", "256 at most" },
        { "--label", "r1", NULL },
        { "--label", "R1", "expected a letter" },
        { "--label", "1r", "expected a letter" },
        { "--label", "abcdefghijklmnopq", "expected a letter" },
        { "--tee", "auto,tpm", NULL },
        { "--tee", "tpm,auto", "expected auto" },
        { "--binding", "fresh,key", NULL },
        { "--binding", "batch", "expected fresh, key" },
        { "--log", "JSON", "expected text, json or none" },
        { "--allow-untrusted", "GET", "expected METHOD:/PATH" },
        { "--cors-origin", "*", NULL },
        { "--cors-origin", "page.example", "expected an origin" },
        { "--idle", "119s", "2m at least" },
        { "--tls-cert", "x", "come together" },
        { "--service-chain", "x", "needs --service-key" },
        { "--nothing", "x", "is not an option" },
        { "--", "x", "is not an option" },
        { "--help=yes", "x", "expected no value" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const args[ARGS_MAX] = { NEEDED, rows[i].option,
                                             rows[i].value };
        struct httpa_settings s;
        struct httpa_gateway_options_fault fault;
        enum httpa_err err = read_args(args, &s, &fault);
        if (rows[i].fault == NULL) {
            assert_int_equal(err, HTTPA_OK);
            httpa_settings_done(&s);
        } else {
            assert_int_equal(err, HTTPA_ERR_CONFIG);
            assert_non_null(strstr(fault.text, rows[i].fault));
        }
    }
}

static void value_that_is_missing(void **state)
{
    (void)state;
    const char *const args[ARGS_MAX] = { NEEDED, "--listen" };
    struct httpa_settings s;
    struct httpa_gateway_options_fault fault;
    assert_int_equal(read_args(args, &s, &fault), HTTPA_ERR_CONFIG);
    assert_non_null(strstr(fault.text, "--listen"));
}

static void lists(void **state)
{
    (void)state;
    const char *const args[ARGS_MAX] = { NEEDED, "--listen=:1,:2", "--listen",
                                         ":3" };
    struct httpa_settings s;
    struct httpa_gateway_options_fault fault;
    assert_int_equal(read_args(args, &s, &fault), HTTPA_OK);
    assert_int_equal(s.listen.n, 3);
    assert_string_equal(s.listen.v[1], ":2");
    assert_string_equal(s.listen.v[2], ":3");
    httpa_settings_done(&s);
}

static void environment(void **state)
{
    (void)state;
    const char *const args[ARGS_MAX] = { NEEDED, "--label", "flag" };
    struct httpa_settings s;
    struct httpa_gateway_options_fault fault;
    setenv("HTTPA_LABEL", "env", 1);
    setenv("HTTPA_LOG_PATH", "full", 1);
    setenv("HTTPA_LISTEN", ":1 :2", 1);
    assert_int_equal(read_args(args, &s, &fault), HTTPA_OK);
    assert_string_equal(s.label, "flag"); /* the flag wins */
    assert_string_equal(s.log_path, "full");
    assert_int_equal(s.listen.n, 2);
    httpa_settings_done(&s);
    setenv("HTTPA_LOG_PATH", "half", 1);
    assert_int_equal(read_args(args, &s, &fault), HTTPA_ERR_CONFIG);
    assert_non_null(strstr(fault.text, "--log-path: saw \"half\""));
    unsetenv("HTTPA_LABEL");
    unsetenv("HTTPA_LOG_PATH");
    unsetenv("HTTPA_LISTEN");
}

static void canonical(const char *const args[ARGS_MAX], struct httpa_buf *out)
{
    struct httpa_settings s;
    struct httpa_gateway_options_fault fault;
    assert_int_equal(read_args(args, &s, &fault), HTTPA_OK);
    httpa_gateway_options_canonical(&s, out);
    assert_int_equal(httpa_buf_check(out), HTTPA_OK);
    httpa_settings_done(&s);
}

static void canonical_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *one[4];
        const char *other[4];
        bool equal;
    } rows[] = {
        { { "--idle", "10m" }, { NULL }, true }, /* the default, written */
        { { "--idle", "600" }, { "--idle", "10m" }, true },
        { { "--origin", "https://b", "--origin", "https://a" },
          { "--origin", "https://a,https://b" },
          true },
        { { "--label", "r2" }, { NULL }, true },  /* one of many replicas */
        { { "--listen", ":9" }, { NULL }, true }, /* who hears ciphertext */
        { { "--log-path", "full" }, { NULL }, false },
        { { "--allow-untrusted", "GET:/" }, { NULL }, false },
        { { "--tpm-pcrs", "sha256:0" }, { NULL }, false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *a[ARGS_MAX] = { NEEDED };
        const char *b[ARGS_MAX] = { NEEDED };
        memcpy(a + 4, rows[i].one, sizeof(rows[i].one));
        memcpy(b + 4, rows[i].other, sizeof(rows[i].other));
        struct httpa_buf x = httpa_buf_growing(8192);
        struct httpa_buf y = httpa_buf_growing(8192);
        canonical(a, &x);
        canonical(b, &y);
        assert_int_equal(
            httpa_slice_equal(httpa_buf_slice(&x), httpa_buf_slice(&y)),
            rows[i].equal);
        httpa_buf_done(&x);
        httpa_buf_done(&y);
    }
}

static void asking_needs_nothing(void **state)
{
    (void)state;
    const char *const args[ARGS_MAX] = { "-h" };
    struct httpa_settings s;
    struct httpa_gateway_options_fault fault;
    assert_int_equal(read_args(args, &s, &fault), HTTPA_OK);
    assert_true(s.help);
    httpa_settings_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(values),
        cmocka_unit_test(value_that_is_missing),
        cmocka_unit_test(lists),
        cmocka_unit_test(environment),
        cmocka_unit_test(canonical_configuration),
        cmocka_unit_test(asking_needs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
