#include "http.h"

#include <httpa/kind.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int http_connect(const char *host, const char *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    int why = getaddrinfo(host, port, &hints, &list);
    int fd = -1;
    if (why != 0) {
        fprintf(stderr, "%s: %s\n", host, gai_strerror(why));
        return -1;
    }
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            (void)close(fd);
            fd = -1;
        }
    }
    if (fd < 0) {
        fprintf(stderr, "%s:%s: %s\n", host, port, strerror(errno));
    }
    freeaddrinfo(list);
    return fd;
}

int http_listen(const char *port)
{
    struct addrinfo hints = { .ai_family = AF_INET,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *a = NULL;
    int why = getaddrinfo("127.0.0.1", port, &hints, &a);
    if (why != 0) {
        fprintf(stderr, "%s: %s\n", port, gai_strerror(why));
        return -1;
    }
    const int on = 1;
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
         bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, 16) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    if (fd < 0) {
        fprintf(stderr, "port %s: %s\n", port, strerror(errno));
    }
    freeaddrinfo(a);
    return fd;
}

/* HTTPA_ERR_TRUNCATED: the connection ended. */
static enum httpa_err receive(int fd, uint8_t *p, size_t cap, size_t *ret_n)
{
    ssize_t got;
    do {
        got = read(fd, p, cap);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return got == 0 ? HTTPA_ERR_TRUNCATED : HTTPA_ERR_IO;
    }
    *ret_n = (size_t)got;
    return HTTPA_OK;
}

/* What stands before |end| in |*in|, which moves behind it. */
static bool
take(struct httpa_slice *in, const char *end, struct httpa_slice *ret)
{
    const uint8_t *p =
        in->n > 0 ? memmem(in->p, in->n, end, strlen(end)) : NULL;
    if (p == NULL) {
        return false;
    }
    *ret = httpa_slice_of(in->p, (size_t)(p - in->p));
    *in = httpa_slice_from(*in, ret->n + strlen(end));
    return true;
}

static struct httpa_slice trim(struct httpa_slice s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = httpa_slice_from(s, 1);
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) {
        s.n--;
    }
    return s;
}

static bool read_decimal(struct httpa_slice s, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || v > UINT64_MAX / 10 - 10) {
            return false;
        }
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret = v;
    return s.n > 0;
}

static bool read_start(struct httpa_head *head, struct httpa_slice line)
{
    struct httpa_slice word;
    uint64_t status = 0;
    if (head->is_request) {
        return take(&line, " ", &head->method) &&
               take(&line, " ", &head->path) &&
               httpa_slice_starts(line, "HTTP/1.");
    }
    if (!take(&line, " ", &word) || !httpa_slice_starts(word, "HTTP/1.")) {
        return false;
    }
    word = httpa_slice_of(line.p, line.n < 3 ? line.n : 3);
    head->status = read_decimal(word, &status) ? (unsigned)status : 0;
    return head->status >= 200 && head->status <= 599;
}

static enum httpa_err
read_fields(struct httpa_head *head, struct httpa_slice rest)
{
    struct httpa_slice line;
    struct httpa_slice name;
    enum httpa_err err = HTTPA_OK;
    while (err == HTTPA_OK && take(&rest, "\r\n", &line)) {
        if (!take(&line, ":", &name) || name.n == 0 ||
            !httpa_slice_equal(name, trim(name))) {
            return HTTPA_ERR_MALFORMED;
        }
        err = httpa_fields_add(&head->fields, name, trim(line));
    }
    return err;
}

/* How the content ends; what is not understood is refused. */
static enum httpa_err find_length(struct http *h)
{
    const struct httpa_fields *fields = &h->head.fields;
    size_t n = httpa_fields_count(fields, "content-length");
    if (httpa_fields_find(fields, "transfer-encoding") != NULL || n > 1) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (n == 1) {
        return read_decimal(httpa_fields_find(fields, "content-length")->value,
                            &h->left)
                   ? HTTPA_OK
                   : HTTPA_ERR_MALFORMED;
    }
    h->left = h->head.is_request ? 0 : HTTP_LENGTH_UNKNOWN;
    return httpa_slice_is(h->head.method, "POST") ? HTTPA_ERR_UNSUPPORTED
                                                  : HTTPA_OK;
}

enum httpa_err http_read_head(struct http *h, int fd, bool is_request)
{
    struct httpa_slice all;
    struct httpa_slice text;
    struct httpa_slice line;
    const struct httpa_field *host;
    h->fd = fd;
    h->n = 0;
    httpa_head_init(&h->head, h->room, sizeof(h->room) / sizeof(h->room[0]));
    h->head.is_request = is_request;
    for (;;) {
        all = httpa_slice_of(h->bytes, h->n);
        if (take(&all, "\r\n\r\n", &text)) {
            break;
        }
        size_t n = 0;
        enum httpa_err err =
            receive(fd, h->bytes + h->n, sizeof(h->bytes) - h->n, &n);
        h->n += n;
        if (err != HTTPA_OK || h->n == sizeof(h->bytes)) {
            return err != HTTPA_OK ? err : HTTPA_ERR_MALFORMED;
        }
    }
    h->ready = all;
    text.n += 2; /* each line has its end */
    if (!take(&text, "\r\n", &line) || !read_start(&h->head, line)) {
        return HTTPA_ERR_MALFORMED;
    }
    enum httpa_err err = read_fields(&h->head, text);
    host = httpa_fields_find(&h->head.fields, "host");
    if (host != NULL) {
        h->head.authority = host->value;
    }
    return err == HTTPA_OK ? find_length(h) : err;
}

enum httpa_err http_read(struct http *h, struct httpa_slice *ret_piece)
{
    enum httpa_err err = HTTPA_OK;
    size_t n = 0;
    *ret_piece = httpa_slice_of(NULL, 0);
    if (h->left > 0 && h->ready.n == 0) {
        err = receive(h->fd, h->piece, sizeof(h->piece), &n);
        h->ready = httpa_slice_of(h->piece, n);
    }
    if (err == HTTPA_ERR_TRUNCATED && h->left == HTTP_LENGTH_UNKNOWN) {
        h->left = 0;
        return HTTPA_OK;
    }
    n = h->ready.n > h->left ? (size_t)h->left : h->ready.n;
    *ret_piece = httpa_slice_of(h->ready.p, n);
    h->ready = httpa_slice_from(h->ready, n);
    h->left -= h->left == HTTP_LENGTH_UNKNOWN ? 0 : n;
    return err;
}

enum httpa_err http_read_all(struct http *h, struct httpa_buf *out)
{
    struct httpa_slice piece;
    enum httpa_err err = http_read(h, &piece);
    while (err == HTTPA_OK && piece.n > 0) {
        httpa_buf_put_slice(out, piece);
        err = httpa_buf_check(out);
        if (err == HTTPA_OK) {
            err = http_read(h, &piece);
        }
    }
    return err;
}

enum httpa_err http_send(int fd, struct httpa_slice bytes)
{
    while (bytes.n > 0) {
        ssize_t sent = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return HTTPA_ERR_IO;
        }
        bytes = httpa_slice_from(bytes, sent < 0 ? 0 : (size_t)sent);
    }
    return HTTPA_OK;
}

enum httpa_err
http_send_head(int fd, const struct httpa_head *head, const char *host)
{
    uint8_t room[HTTP_HEAD_MAX];
    char line[64];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    if (head->is_request) {
        httpa_buf_put_str(&b, "POST " HTTPA_WELL_KNOWN " HTTP/1.0\r\nhost: ");
        httpa_buf_put_str(&b, host);
        httpa_buf_put_str(&b, "\r\n");
    } else {
        (void)snprintf(line, sizeof(line), "HTTP/1.1 %03u \r\n", head->status);
        httpa_buf_put_str(&b, line);
    }
    for (size_t i = 0; i < head->fields.n; i++) {
        httpa_buf_put_slice(&b, head->fields.v[i].name);
        httpa_buf_put_str(&b, ": ");
        httpa_buf_put_slice(&b, head->fields.v[i].value);
        httpa_buf_put_str(&b, "\r\n");
    }
    httpa_buf_put_str(&b, "connection: close\r\n\r\n");
    enum httpa_err err = httpa_buf_check(&b);
    return err == HTTPA_OK ? http_send(fd, httpa_buf_slice(&b)) : err;
}

enum httpa_err http_post(struct http *h, const char *const to[2],
                         const struct httpa_head *head,
                         struct httpa_slice content)
{
    h->fd = http_connect(to[0], to[1]);
    enum httpa_err err =
        h->fd < 0 ? HTTPA_ERR_IO : http_send_head(h->fd, head, to[0]);
    if (err == HTTPA_OK) {
        err = http_send(h->fd, content);
    }
    return err == HTTPA_OK ? http_read_head(h, h->fd, false) : err;
}
