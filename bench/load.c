/*
 * Load for the benchmarks: many connections, each with one request under way,
 * from one process; prints how many were answered.
 *
 *   load plain HOST PORT   METHOD PATH BODY_BYTES  CONNECTIONS SECONDS
 *   load tls   HOST PORT   METHOD PATH BODY_BYTES  CONNECTIONS SECONDS
 *   load trr   HOST PORT   METHOD PATH BODY_BYTES  CONNECTIONS SECONDS POLICY
 *   load aths  HOST PORT   METHOD PATH BODY_BYTES  CONNECTIONS SECONDS POLICY
 *   load one   HOST PORT   METHOD PATH BODY_BYTES  CONNECTIONS SECONDS POLICY
 *
 * SECONDS may be a number of requests instead: "100000x".  `one` is trr with
 * one session for all connections.
 * plain and tls keep their connections; `aths` makes one handshake per
 * request, each over a new connection, as `tls-new` makes TLS handshakes.
 * Every answer is checked: status 200, and for trr that it opens to its end.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <httpa/client.h>
#include <httpa/config.h>

#define ANSWER_MAX (4u * 1024u * 1024u)

enum mode { PLAIN, TLS, TLS_NEW, TRR, ATHS, ONE };

static struct {
    enum mode mode;
    const char *host;
    unsigned port;
    const char *method;
    const char *path;
    size_t body_len;
    uint8_t *body;
    double seconds;
    unsigned long limit; /* of requests; 0: none */
    const struct httpa_policy *policy;
    const struct httpa_crypto *crypto;
    char origin[128];
    SSL_CTX *tls;
} job;

static _Atomic unsigned long begun;
static _Atomic unsigned long done;
static _Atomic unsigned long failed;
static _Atomic bool stop;

struct line {
    int fd;
    SSL *ssl;
    struct httpa_session *session;
    struct httpa_buf out;
    struct httpa_buf in;
};

/* An answer: its head and where its content stands in line->in. */
struct answer {
    struct httpa_head head;
    struct httpa_field fields[64];
    struct httpa_slice content;
};

static bool line_open(struct line *l)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)job.port) };
    int on = 1;
    inet_pton(AF_INET, job.host, &to.sin_addr);
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 ||
        connect(l->fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        return false;
    }
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (job.tls != NULL) {
        l->ssl = SSL_new(job.tls);
        SSL_set_fd(l->ssl, l->fd);
        return SSL_connect(l->ssl) == 1;
    }
    return true;
}

static void line_close(struct line *l)
{
    if (l->ssl != NULL) {
        SSL_free(l->ssl);
        l->ssl = NULL;
    }
    if (l->fd >= 0) {
        close(l->fd);
    }
    l->fd = -1;
}

static bool line_write(struct line *l)
{
    size_t at = 0;
    while (at < l->out.n) {
        ssize_t n = l->ssl != NULL
                        ? SSL_write(l->ssl, l->out.p + at,
                                    (int)(l->out.n - at))
                        : write(l->fd, l->out.p + at, l->out.n - at);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

static bool line_read(struct line *l)
{
    uint8_t *to = httpa_buf_room(&l->in, 65536);
    if (to == NULL) {
        return false;
    }
    ssize_t n = l->ssl != NULL ? SSL_read(l->ssl, to, 65536)
                               : read(l->fd, to, 65536);
    if (n <= 0) {
        return false;
    }
    httpa_buf_grew(&l->in, (size_t)n);
    return true;
}

static void put_line(struct httpa_buf *b, const char *name,
                     struct httpa_slice value)
{
    httpa_buf_put_str(b, name);
    httpa_buf_put_str(b, ": ");
    httpa_buf_put_slice(b, value);
    httpa_buf_put_str(b, "\r\n");
}

static void put_start(struct httpa_buf *b, const char *method,
                      const char *path)
{
    char start[512];
    snprintf(start, sizeof(start), "%s %s HTTP/1.1\r\nHost: %s:%u\r\n",
             method, path, job.host, job.port);
    httpa_buf_put_str(b, start);
}

static void put_outer(struct httpa_buf *b, const struct httpa_outer *outer)
{
    char name[128];
    put_start(b, "POST", "/.well-known/httpa");
    for (size_t i = 0; i < outer->head.fields.n; i++) {
        const struct httpa_field *f = &outer->head.fields.v[i];
        snprintf(name, sizeof(name), "%.*s", (int)f->name.n,
                 (const char *)f->name.p);
        put_line(b, name, f->value);
    }
    httpa_buf_put_str(b, "\r\n");
}

/* Enough of HTTP/1.1 to read answers of known length from our own servers. */
static bool parse(struct line *l, size_t head_len, struct answer *a,
                  uint64_t *ret_len)
{
    const char *p = (const char *)l->in.p;
    const char *end = p + head_len;
    httpa_head_init(&a->head, a->fields, 64);
    a->head.status = (unsigned)strtoul(p + 9, NULL, 10);
    *ret_len = UINT64_MAX;
    p = (const char *)memchr(p, '\n', head_len) + 1;
    while (p < end && *p != '\r') {
        const char *eol = memchr(p, '\r', (size_t)(end - p));
        const char *colon = memchr(p, ':', (size_t)(eol - p));
        if (colon == NULL) {
            return false;
        }
        struct httpa_slice name =
            httpa_slice_of(p, (size_t)(colon - p));
        struct httpa_slice value =
            httpa_slice_of(colon + 2, (size_t)(eol - colon - 2));
        if (httpa_fields_add(&a->head.fields, name, value) != HTTPA_OK) {
            return false;
        }
        if (httpa_slice_is_nocase(name, "content-length")) {
            *ret_len = strtoull((const char *)value.p, NULL, 10);
        }
        p = eol + 2;
    }
    return *ret_len != UINT64_MAX;
}

static bool read_answer(struct line *l, struct answer *a)
{
    uint8_t *end = NULL;
    uint64_t len;
    httpa_buf_reset(&l->in);
    while (end == NULL) {
        if (!line_read(l)) {
            return false;
        }
        end = memmem(l->in.p, l->in.n, "\r\n\r\n", 4);
    }
    size_t head_len = (size_t)(end - l->in.p) + 4;
    if (!parse(l, head_len, a, &len)) {
        return false;
    }
    while (l->in.n < head_len + len) {
        if (!line_read(l)) {
            return false;
        }
    }
    /* Reading may have moved the bytes. */
    if (!parse(l, head_len, a, &len)) {
        return false;
    }
    a->content = httpa_slice_of(l->in.p + head_len, len);
    return true;
}

static bool plain_request(struct line *l)
{
    struct answer a;
    char length[32];
    httpa_buf_reset(&l->out);
    put_start(&l->out, job.method, job.path);
    if (job.body_len > 0) {
        snprintf(length, sizeof(length), "%zu", job.body_len);
        put_line(&l->out, "Content-Length", httpa_slice_str(length));
    }
    httpa_buf_put_str(&l->out, "\r\n");
    httpa_buf_put(&l->out, job.body, job.body_len);
    return line_write(l) && read_answer(l, &a) && a.head.status == 200;
}

static const struct httpa_verifier *const verifiers[] = {
    &httpa_verifier_tpm,
    &httpa_verifier_eat,
};

static bool attest(struct line *l)
{
    struct httpa_client_config config = {
        .crypto = job.crypto,
        .random = httpa_random_system(),
        .policy = job.policy,
        .verifiers = verifiers,
        .verifier_count = 2,
    };
    struct httpa_hello *hello = NULL;
    struct answer a;
    if (httpa_hello_new(&config, httpa_slice_str(job.origin), time(NULL),
                        &hello) != HTTPA_OK) {
        return false;
    }
    httpa_buf_reset(&l->out);
    put_outer(&l->out, httpa_hello_outer(hello));
    httpa_buf_put_slice(&l->out, httpa_hello_content(hello));
    bool ok = line_write(l) && read_answer(l, &a) &&
              httpa_hello_answer(hello, &a.head, a.content, time(NULL),
                                 &l->session) == HTTPA_OK;
    httpa_hello_free(hello);
    return ok;
}

/* `one`: all lines use the session, one at a time; sending and waiting is not
 * using it. */
static pthread_mutex_t session_lock = PTHREAD_MUTEX_INITIALIZER;
static struct httpa_session *shared;

static void use_session(bool begins)
{
    if (job.mode == ONE) {
        if (begins) {
            pthread_mutex_lock(&session_lock);
        } else {
            pthread_mutex_unlock(&session_lock);
        }
    }
}

static bool open_answer(struct httpa_request *r, struct httpa_slice in)
{
    struct httpa_event event = { .type = HTTPA_EVENT_HEAD };
    unsigned status = 0;
    while (event.type != HTTPA_EVENT_END) {
        size_t used;
        if (httpa_request_read(r, in, time(NULL), &used, &event) !=
                HTTPA_OK ||
            event.type == HTTPA_EVENT_NONE) {
            return false;
        }
        if (event.type == HTTPA_EVENT_HEAD) {
            status = event.head->status;
        }
        in = httpa_slice_from(in, used);
    }
    return status == 200;
}

/* Of 1,024 numbers in a row the first has to be answered before the next one
 * is given out. */
static bool take_number(struct line *l, struct httpa_request **ret_r)
{
    enum httpa_err err = HTTPA_ERR_BUSY;
    while (err == HTTPA_ERR_BUSY) {
        use_session(true);
        err = httpa_request_new(l->session, time(NULL), ret_r);
        use_session(false);
        if (err == HTTPA_ERR_BUSY) {
            usleep(500);
        }
    }
    return err == HTTPA_OK;
}

static bool seal(struct httpa_request *r, struct httpa_outer *outer,
                 struct httpa_buf *records)
{
    struct httpa_head head;
    httpa_head_init(&head, NULL, 0);
    head.is_request = true;
    head.method = httpa_slice_str(job.method);
    head.path = httpa_slice_str(job.path);
    return httpa_request_begin(r, &head, job.body_len,
                               (struct httpa_clear_names){ 0 }, outer,
                               records) == HTTPA_OK &&
           (job.body_len == 0 ||
            httpa_request_data(r, httpa_slice_of(job.body, job.body_len),
                               false, records) == HTTPA_OK) &&
           httpa_request_end(r, NULL, records) == HTTPA_OK;
}

static bool sealed_request(struct line *l)
{
    struct httpa_request *r = NULL;
    struct httpa_outer outer;
    struct httpa_buf records = httpa_buf_growing(ANSWER_MAX);
    struct answer a;
    if (!take_number(l, &r)) {
        return false;
    }
    use_session(true);
    bool ok = seal(r, &outer, &records);
    use_session(false);
    if (ok) {
        httpa_buf_reset(&l->out);
        put_outer(&l->out, &outer);
        httpa_buf_put_slice(&l->out, httpa_buf_slice(&records));
        ok = line_write(l) && read_answer(l, &a);
    }
    use_session(true);
    ok = ok && httpa_request_answer(r, &a.head) == HTTPA_OK &&
         open_answer(r, a.content);
    httpa_request_free(r);
    use_session(false);
    httpa_buf_done(&records);
    return ok;
}

static bool one(struct line *l)
{
    bool fresh_line = job.mode == TLS_NEW || job.mode == ATHS;
    if (fresh_line && !line_open(l)) {
        return false;
    }
    bool sealed = job.mode == TRR || job.mode == ONE;
    bool ok = job.mode == ATHS ? attest(l)
              : sealed         ? sealed_request(l)
                               : plain_request(l);
    if (fresh_line) {
        line_close(l);
        httpa_session_free(l->session);
        l->session = NULL;
    }
    return ok;
}

static void *run(void *arg)
{
    struct line l = { .fd = -1,
                      .out = httpa_buf_growing(ANSWER_MAX),
                      .in = httpa_buf_growing(ANSWER_MAX) };
    (void)arg;
    bool keeps = job.mode != TLS_NEW && job.mode != ATHS;
    bool ok = !keeps || line_open(&l);
    if (ok && job.mode == TRR) {
        ok = attest(&l);
    } else if (ok && job.mode == ONE) {
        pthread_mutex_lock(&session_lock);
        l.session = shared;
        ok = shared != NULL || attest(&l);
        shared = l.session;
        pthread_mutex_unlock(&session_lock);
    }
    while (ok && !atomic_load(&stop) &&
           (job.limit == 0 || atomic_fetch_add(&begun, 1) < job.limit)) {
        ok = one(&l);
        atomic_fetch_add(ok ? &done : &failed, 1);
    }
    if (!ok && atomic_load(&failed) == 0) {
        atomic_fetch_add(&failed, 1);
    }
    line_close(&l);
    if (job.mode != ONE) { /* else it is main's */
        httpa_session_free(l.session);
    }
    httpa_buf_done(&l.out);
    httpa_buf_done(&l.in);
    return NULL;
}

static int prepare(char **argv)
{
    static const char *const words[] = { "plain", "tls", "tls-new", "trr",
                                         "aths",  "one" };
    for (size_t i = 0; i < 6; i++) {
        if (strcmp(argv[1], words[i]) == 0) {
            job.mode = (enum mode)i;
        }
    }
    job.host = argv[2];
    job.port = (unsigned)strtoul(argv[3], NULL, 10);
    job.method = argv[4];
    job.path = argv[5];
    job.body_len = strtoul(argv[6], NULL, 10);
    if (argv[8][strlen(argv[8]) - 1] == 'x') {
        job.limit = strtoul(argv[8], NULL, 10);
    } else {
        job.seconds = strtod(argv[8], NULL);
    }
    job.body = calloc(1, job.body_len + 1);
    memset(job.body, 'x', job.body_len);
    snprintf(job.origin, sizeof(job.origin), "http://%s:%u", job.host,
             job.port);
    if (job.mode == TLS || job.mode == TLS_NEW) {
        job.tls = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_min_proto_version(job.tls, TLS1_3_VERSION);
        SSL_CTX_set_ciphersuites(job.tls, "TLS_AES_128_GCM_SHA256");
        SSL_CTX_set_session_cache_mode(job.tls, SSL_SESS_CACHE_OFF);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct httpa_crypto *crypto = NULL;
    struct httpa_policy *policy = NULL;
    struct httpa_config_error error = { 0 };
    if (argc < 9) {
        fprintf(stderr, "usage: load MODE HOST PORT METHOD PATH BODY_BYTES "
                        "CONNECTIONS SECONDS [POLICY]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    prepare(argv);
    if (httpa_crypto_new(&crypto) != HTTPA_OK ||
        (argc > 9 && httpa_config_policy_load(argv[9], &policy, &error) !=
                         HTTPA_OK)) {
        fprintf(stderr, "load: %s\n", error.text);
        return 2;
    }
    job.crypto = crypto;
    job.policy = policy;
    size_t n = strtoul(argv[7], NULL, 10);
    pthread_t *threads = calloc(n, sizeof(*threads));
    for (size_t i = 0; i < n; i++) {
        pthread_create(&threads[i], NULL, run, NULL);
    }
    if (job.limit == 0) {
        usleep((useconds_t)(job.seconds * 1e6));
        atomic_store(&stop, true);
    }
    for (size_t i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%lu %lu\n", atomic_load(&done), atomic_load(&failed));
    httpa_session_free(shared);
    free(threads);
    free(job.body);
    SSL_CTX_free(job.tls);
    httpa_config_policy_free(policy);
    httpa_crypto_free(crypto);
    return atomic_load(&failed) == 0 ? 0 : 1;
}
