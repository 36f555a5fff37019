#include "gateway/address.h"

#include "support/test.h"

static void listen_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host; /* NULL: refused */
        uint16_t port;
    } rows[] = {
        { "127.0.0.1:8080", "127.0.0.1", 8080 },
        { ":8080", "", 8080 },
        { "*:8080", "", 8080 },
        { "[::1]:0", "::1", 0 },
        { "localhost:65535", "localhost", 65535 },
        { "8080", NULL, 0 },             /* a port needs its colon */
        { "::1:8080", NULL, 0 },         /* which colon? */
        { "[::1]", NULL, 0 },            /* no port */
        { "127.0.0.1:", NULL, 0 },       /* nothing is no number */
        { "127.0.0.1:65536", NULL, 0 },  /* too large */
        { "127.0.0.1:123456", NULL, 0 }, /* too long */
        { "127.0.0.1:80a", NULL, 0 },
        { "a b:80", NULL, 0 },
        { "unix:", NULL, 0 }, /* no path */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct httpa_address a = { 0 };
        enum httpa_err err = httpa_address_read_listen(rows[i].text, &a);
        if (rows[i].host == NULL) {
            assert_int_equal(err, HTTPA_ERR_CONFIG);
            continue;
        }
        assert_int_equal(err, HTTPA_OK);
        assert_null(a.unix_path);
        assert_string_equal(a.host, rows[i].host);
        assert_int_equal(a.port, rows[i].port);
    }
}

static void upstream_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host; /* NULL: refused */
        uint16_t port;
    } rows[] = {
        { "http://127.0.0.1:3000", "127.0.0.1", 3000 },
        { "http://app", "app", 80 },
        { "http://[::1]:3000", "::1", 3000 },
        { "http://[::1]", "::1", 80 },
        { "127.0.0.1:3000", NULL, 0 },         /* which scheme? */
        { "https://127.0.0.1:3000", NULL, 0 }, /* not spoken to upstreams */
        { "http://app:3000/", NULL, 0 },       /* a path would be ignored */
        { "http://:3000", NULL, 0 },
        { "http://app:0", NULL, 0 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct httpa_address a = { 0 };
        enum httpa_err err = httpa_address_read_upstream(rows[i].text, &a);
        if (rows[i].host == NULL) {
            assert_int_equal(err, HTTPA_ERR_CONFIG);
            continue;
        }
        assert_int_equal(err, HTTPA_OK);
        assert_string_equal(a.host, rows[i].host);
        assert_int_equal(a.port, rows[i].port);
    }
}

static void unix_paths(void **state)
{
    (void)state;
    struct httpa_address a;
    assert_int_equal(httpa_address_read_listen("unix:/run/x.sock", &a),
                     HTTPA_OK);
    assert_string_equal(a.unix_path, "/run/x.sock");
    assert_int_equal(httpa_address_read_upstream("unix:/run/y.sock", &a),
                     HTTPA_OK);
    assert_string_equal(a.unix_path, "/run/y.sock");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listen_addresses),
        cmocka_unit_test(upstream_addresses),
        cmocka_unit_test(unix_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
