#include "engine/listen.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/test.h"

static void tcp_sockets_share_a_port(void **state)
{
    (void)state;
    int first = -1;
    int second = -1;
    assert_ok(httpa_listen_tcp("127.0.0.1", 0, &first));
    uint16_t port = httpa_listen_port(first);
    assert_true(port > 0);
    assert_ok(httpa_listen_tcp("127.0.0.1", port, &second));
    assert_int_equal(httpa_listen_port(second), port);
    (void)close(first);
    assert_ok(httpa_listen_dup(second, &first));
    assert_int_equal(httpa_listen_port(first), port);
    (void)close(first);
    (void)close(second);
    assert_err(HTTPA_ERR_IO, httpa_listen_dup(-1, &first));
}

static void any_address(void **state)
{
    (void)state;
    static const char *const hosts[] = { NULL, "*", "0.0.0.0" };
    for (size_t i = 0; i < COUNT(hosts); i++) {
        int fd = -1;
        assert_ok(httpa_listen_tcp(hosts[i], 0, &fd));
        assert_true(httpa_listen_port(fd) > 0);
        (void)close(fd);
    }
}

static void what_is_no_address(void **state)
{
    (void)state;
    static const char *const hosts[] = { "", "localhost", "1.2.3", "[::1]",
                                         "1.2.3.4:5" };
    int fd = -7;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        assert_err(HTTPA_ERR_CONFIG, httpa_listen_tcp(hosts[i], 0, &fd));
    }
    assert_err(HTTPA_ERR_IO, httpa_listen_tcp("192.0.2.1", 1, &fd));
    assert_int_equal(fd, -7);
}

static void unix_sockets(void **state)
{
    (void)state;
    char folder[] = "/tmp/listen-test-XXXXXX";
    char path[64];
    struct stat st;
    int fd = -1;
    int other = -1;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/s", folder);
    assert_ok(httpa_listen_unix(path, &fd));
    assert_int_equal(httpa_listen_port(fd), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    /* Somebody listens there: not replaced. */
    assert_err(HTTPA_ERR_IO, httpa_listen_unix(path, &other));
    (void)close(fd);
    /* Nobody any more: replaced. */
    assert_ok(httpa_listen_unix(path, &fd));
    (void)close(fd);
    (void)unlink(path);
    /* A file is never replaced. */
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fclose(f);
    assert_err(HTTPA_ERR_IO, httpa_listen_unix(path, &fd));
    assert_int_equal(stat(path, &st), 0);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void unix_paths_have_a_limit(void **state)
{
    (void)state;
    char path[200];
    int fd = -1;
    memset(path, 'a', sizeof(path));
    path[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = '\0';
    assert_err(HTTPA_ERR_CONFIG, httpa_listen_unix(path, &fd));
    assert_err(HTTPA_ERR_CONFIG, httpa_listen_unix("", &fd));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_sockets_share_a_port),
        cmocka_unit_test(any_address),
        cmocka_unit_test(what_is_no_address),
        cmocka_unit_test(unix_sockets),
        cmocka_unit_test(unix_paths_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
