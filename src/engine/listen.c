#include "engine/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool set_flag(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/* Fills |ss|; 0 for a host that is no numeric address. */
static socklen_t
address(const char *host, uint16_t port, struct sockaddr_storage *ss)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)ss;
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)ss;
    memset(ss, 0, sizeof(*ss));
    if (host == NULL || strcmp(host, "*") == 0) {
        host = "::";
    }
    if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        return sizeof(*in);
    }
    if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        return sizeof(*in6);
    }
    return 0;
}

/* TCP_NODELAY passes to what is accepted: one call instead of one each. */
static bool prepare_tcp(int fd, int family, bool any)
{
    return set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
           set_flag(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
           set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1) &&
           (family != AF_INET6 ||
            set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, any ? 0 : 1));
}

static enum httpa_err close_failed(int fd)
{
    int why = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = why;
    return HTTPA_ERR_IO;
}

enum httpa_err httpa_listen_tcp(const char *host, uint16_t port, int *ret_fd)
{
    struct sockaddr_storage ss;
    bool any = host == NULL || strcmp(host, "*") == 0;
    socklen_t len = address(host, port, &ss);
    if (len == 0) {
        return HTTPA_ERR_CONFIG;
    }
    int fd =
        socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 && any && errno == EAFNOSUPPORT) { /* no IPv6 here */
        return httpa_listen_tcp("0.0.0.0", port, ret_fd);
    }
    if (fd < 0 || !prepare_tcp(fd, ss.ss_family, any) ||
        bind(fd, (const struct sockaddr *)&ss, len) != 0 ||
        listen(fd, HTTPA_LISTEN_BACKLOG) != 0) {
        return close_failed(fd);
    }
    *ret_fd = fd;
    return HTTPA_OK;
}

/* A socket that a dead process left behind: nobody accepts on it. */
static bool is_left_over(const struct sockaddr_un *un)
{
    struct stat st;
    if (lstat(un->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode)) {
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused = fd >= 0 &&
                   connect(fd, (const struct sockaddr *)un, sizeof(*un)) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0) {
        (void)close(fd);
    }
    return refused;
}

enum httpa_err httpa_listen_unix(const char *path, int *ret_fd)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof(un.sun_path)) {
        return HTTPA_ERR_CONFIG;
    }
    memcpy(un.sun_path, path, n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return HTTPA_ERR_IO;
    }
    if (is_left_over(&un)) {
        (void)unlink(path);
    }
    mode_t before = umask(0117); /* 0660 from the first moment */
    int bound = bind(fd, (const struct sockaddr *)&un, sizeof(un));
    (void)umask(before);
    if (bound != 0 || listen(fd, HTTPA_LISTEN_BACKLOG) != 0) {
        return close_failed(fd);
    }
    *ret_fd = fd;
    return HTTPA_OK;
}

enum httpa_err httpa_listen_dup(int fd, int *ret_fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return HTTPA_ERR_IO;
    }
    *ret_fd = copy;
    return HTTPA_OK;
}

void httpa_listen_last_call(int fd)
{
    /* A socket filter sees a segment from its TCP header on: byte 13 holds
     * the flags (RFC 9293 3.1); SYN without ACK is a first segment. */
    struct sock_filter drop_syn[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = { .len = 5, .filter = drop_syn };
    if (httpa_listen_port(fd) != 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                         sizeof(program));
    }
}

uint16_t httpa_listen_port(int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0) {
        return 0;
    }
    if (ss.ss_family == AF_INET) {
        return ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port);
    }
    return ss.ss_family == AF_INET6
               ? ntohs(((struct sockaddr_in6 *)(void *)&ss)->sin6_port)
               : 0;
}
