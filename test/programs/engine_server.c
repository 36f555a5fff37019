/*
 * A server that does on request everything a peer could want to see, for the
 * tests of the engine in Python.
 *
 * usage: engine_server [--port N] [--unix PATH] [--cert FILE --key FILE]
 *                      [--fast]
 *                      [--upstream-unix PATH | --upstream-port N]
 *                      [--upstream-host NAME] [--connections N]
 *
 * Prints "port N" when it listens (127.0.0.1), one line for each exchange
 * that ends ("close /path ok"), "stopped" after SIGTERM.  --fast makes every
 * time-out a fraction of a second.
 *
 *   /hello           a small text
 *   /echo            the request's content, as it comes; its trailers
 *   /echo10k         as /echo, pausing after each piece for a while
 *   /bytes?N         N bytes
 *   /stream?N        N bytes, length not declared
 *   /slow            an answer after 300 ms
 *   /ticks           five chunks, 100 ms apart
 *   /204, /304       what they say
 *   /early           401 before the content was read
 *   /never           no answer
 *   /abort           two pieces of a chunked answer, then broken off
 *   /short           less content than declared
 *   /long            more content than declared
 *   /split           a field value with CRLF
 *   /deaf            a handler that does not listen
 *   /flood           64 MiB without looking whether there is room
 *   /fields          the request's fields as text
 *   anything else    404, or forwarded when there is an upstream
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "engine/forward.h"
#include "engine/listen.h"
#include "engine/server.h"

struct app {
    struct httpa_loop *loop;
    struct httpa_server *server;
    struct httpa_upstream *up;
};

struct job {
    struct httpa_exchange *x;
    struct httpa_timer timer;
    char path[64];
    uint64_t left;
    unsigned ticks;
    bool ended;
    bool closed;
};

static const char zeros[65536];

static void gone(void *arg)
{
    free(arg);
}

static void on_close(void *user, enum httpa_err why)
{
    struct job *job = user;
    printf("close %s %s\n", job->path, httpa_err_name(why));
    job->closed = true;
    httpa_timer_done(&job->timer, gone);
}

static void head(struct job *job, unsigned status, struct httpa_content c)
{
    struct httpa_head h;
    httpa_head_init(&h, NULL, 0);
    h.status = status;
    httpa_reply_head(job->x, &h, c);
}

static void data(struct job *job, const char *text)
{
    httpa_reply_data(job->x, httpa_slice_str(text));
}

static void produce(void *user)
{
    struct job *job = user;
    while (job->left > 0 && !httpa_reply_full(job->x)) {
        size_t n =
            job->left < sizeof(zeros) ? (size_t)job->left : sizeof(zeros);
        httpa_reply_data(job->x, httpa_slice_of(zeros, n));
        job->left -= n;
    }
    if (job->left == 0 && !job->ended) {
        job->ended = true;
        httpa_reply_end(job->x);
    }
}

static void echo_data(void *user, struct httpa_slice bytes)
{
    struct job *job = user;
    httpa_reply_data(job->x, bytes);
    if (httpa_reply_full(job->x)) {
        httpa_exchange_pause(job->x);
    }
}

static void echo_slowly(void *user, struct httpa_slice bytes)
{
    struct job *job = user;
    httpa_reply_data(job->x, bytes);
    httpa_exchange_pause(job->x);
    httpa_timer_set(&job->timer, 20);
}

static void echo_drain(void *user)
{
    httpa_exchange_resume(((struct job *)user)->x);
}

static void echo_trailers(void *user, const struct httpa_fields *t)
{
    httpa_reply_trailers(((struct job *)user)->x, t);
}

static void echo_end(void *user)
{
    httpa_reply_end(((struct job *)user)->x);
}

static void on_timer(void *arg)
{
    struct job *job = arg;
    if (job->closed) {
        return;
    }
    if (strcmp(job->path, "/slow") == 0) {
        httpa_reply_text(job->x, 200, "at last\n");
    } else if (strcmp(job->path, "/ticks") == 0 && ++job->ticks <= 5) {
        data(job, "tick\n");
        httpa_timer_set(&job->timer, 100);
    } else if (strcmp(job->path, "/ticks") == 0) {
        httpa_reply_end(job->x);
    } else if (strcmp(job->path, "/abort") == 0) {
        httpa_reply_abort(job->x);
    } else {
        httpa_exchange_resume(job->x);
    }
}

static const struct httpa_exchange_events quiet = { .on_close = on_close };
static const struct httpa_exchange_events producer = {
    .on_drain = produce,
    .on_close = on_close,
};
static const struct httpa_exchange_events echo = {
    .on_data = echo_data,
    .on_trailers = echo_trailers,
    .on_end = echo_end,
    .on_drain = echo_drain,
    .on_close = on_close,
};
static const struct httpa_exchange_events echo_10k = {
    .on_data = echo_slowly,
    .on_end = echo_end,
    .on_close = on_close,
};

static void do_fields(struct job *job, const struct httpa_head *h)
{
    struct httpa_buf b = httpa_buf_growing(1 << 20);
    httpa_buf_put_slice(&b, h->method);
    httpa_buf_put_str(&b, " ");
    httpa_buf_put_slice(&b, h->authority);
    httpa_buf_put_str(&b, "\n");
    for (size_t i = 0; i < h->fields.n; i++) {
        httpa_buf_put_slice(&b, h->fields.v[i].name);
        httpa_buf_put_str(&b, "=");
        httpa_buf_put_slice(&b, h->fields.v[i].value);
        httpa_buf_put_str(&b, "\n");
    }
    head(job, 200, httpa_content_sized(b.n));
    httpa_reply_data(job->x, httpa_buf_slice(&b));
    httpa_reply_end(job->x);
    httpa_buf_done(&b);
}

static void do_split(struct job *job)
{
    struct httpa_field f = { httpa_slice_str("a"),
                             httpa_slice_str("b\r\nset-cookie: c") };
    struct httpa_head h;
    httpa_head_init(&h, &f, 1);
    h.fields.n = 1;
    h.status = 200;
    httpa_reply_head(job->x, &h, httpa_content_none());
    httpa_reply_end(job->x);
}

static void do_flood(struct job *job)
{
    head(job, 200, httpa_content_open());
    for (unsigned i = 0; i < 1024; i++) {
        httpa_reply_data(job->x, httpa_slice_of(zeros, sizeof(zeros)));
    }
    httpa_reply_end(job->x);
}

/* Answers that need no more than one step. */
static bool simple(struct job *job, const struct httpa_head *h)
{
    const char *p = job->path;
    if (strcmp(p, "/hello") == 0) {
        httpa_reply_text(job->x, 200, "hello\n");
    } else if (strcmp(p, "/early") == 0) {
        httpa_reply_text(job->x, 401, "no\n");
    } else if (strcmp(p, "/204") == 0) {
        head(job, 204, httpa_content_none());
        httpa_reply_end(job->x);
    } else if (strcmp(p, "/304") == 0) {
        head(job, 304, httpa_content_sized(7));
        data(job, "dropped");
        httpa_reply_end(job->x);
    } else if (strcmp(p, "/fields") == 0) {
        do_fields(job, h);
    } else if (strcmp(p, "/split") == 0) {
        do_split(job);
    } else if (strcmp(p, "/flood") == 0) {
        do_flood(job);
    } else if (strcmp(p, "/short") == 0) {
        head(job, 200, httpa_content_sized(10));
        data(job, "short");
        httpa_reply_end(job->x);
    } else if (strcmp(p, "/long") == 0) {
        head(job, 200, httpa_content_sized(3));
        data(job, "longer");
        httpa_reply_end(job->x);
    } else {
        return false;
    }
    return true;
}

static void timed(struct job *job)
{
    if (strcmp(job->path, "/ticks") == 0) {
        head(job, 200, httpa_content_open());
        httpa_reply_flush(job->x);
        httpa_timer_set(&job->timer, 100);
    } else if (strcmp(job->path, "/slow") == 0) {
        httpa_timer_set(&job->timer, 300);
    } else if (strcmp(job->path, "/abort") == 0) {
        head(job, 200, httpa_content_open());
        data(job, "one");
        data(job, "two");
        httpa_timer_set(&job->timer, 50);
    }
}

static struct job *
new_job(struct app *app, struct httpa_exchange *x, const struct httpa_head *h)
{
    struct job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        abort();
    }
    job->x = x;
    (void)snprintf(job->path, sizeof(job->path), "%.*s", (int)h->path.n,
                   (const char *)h->path.p);
    char *query = strchr(job->path, '?');
    if (query != NULL) {
        *query = '\0';
        job->left = strtoull(query + 1, NULL, 10);
    }
    httpa_timer_init(&job->timer, app->loop, on_timer, job);
    return job;
}

static bool is_ours(const char *p)
{
    static const char *const all[] = {
        "/hello", "/echo",  "/echo10k", "/bytes", "/stream", "/slow",
        "/ticks", "/early", "/never",   "/abort", "/short",  "/long",
        "/split", "/flood", "/fields",  "/204",   "/304"
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(p, all[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void on_request(void *arg, struct httpa_exchange *x,
                       const struct httpa_head *h, struct httpa_content content)
{
    struct app *app = arg;
    if (httpa_slice_is(h->path, "/deaf")) {
        return;
    }
    struct job *job = new_job(app, x, h);
    if (!is_ours(job->path)) {
        httpa_timer_done(&job->timer, gone);
        if (app->up != NULL) {
            httpa_forward(x, h, content, app->up);
        } else {
            httpa_reply_text(x, 404, "no\n");
        }
        return;
    }
    if (strcmp(job->path, "/bytes") == 0 || strcmp(job->path, "/stream") == 0) {
        httpa_exchange_listen(x, &producer, job);
        head(job, 200,
             job->path[1] == 'b' ? httpa_content_sized(job->left)
                                 : httpa_content_open());
        produce(job);
    } else if (strncmp(job->path, "/echo", 5) == 0) {
        httpa_exchange_listen(x, job->path[5] ? &echo_10k : &echo, job);
        head(job, 200,
             content.kind == HTTPA_CONTENT_NONE ? httpa_content_sized(0)
                                                : content);
    } else {
        httpa_exchange_listen(x, &quiet, job);
        if (!simple(job, h)) {
            timed(job);
        }
    }
}

static void stopped(void *arg)
{
    struct app *app = arg;
    printf("stopped\n");
    httpa_upstream_free(app->up);
    httpa_loop_retire(app->loop);
}

static void on_signal(void *arg, int signum)
{
    struct app *app = arg;
    (void)signum;
    printf("stopping\n");
    httpa_server_last_call(app->server);
    httpa_server_stop(app->server, 5000, stopped, app);
}

static void must(enum httpa_err err, const char *what)
{
    if (err != HTTPA_OK) {
        (void)fprintf(stderr, "%s: %s\n", what, httpa_strerror(err));
        exit(1);
    }
}

struct options {
    const char *unix_path, *cert, *key;
    uint16_t port;
    struct httpa_server_config server;
    struct httpa_upstream_config up;
};

static struct options read_options(int argc, char **argv)
{
    struct options o = { .server = httpa_server_defaults(),
                         .up = httpa_upstream_defaults() };
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--fast") == 0) {
            o.server.head_timeout_ms = 300;
            o.server.content_timeout_ms = 400;
            o.server.idle_timeout_ms = 500;
            o.server.linger_ms = 400;
            o.up.connect_timeout_ms = 300;
            o.up.answer_timeout_ms = 400;
            continue;
        }
        if (strcmp(argv[i], "--port") == 0) {
            o.port = (uint16_t)strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--unix") == 0) {
            o.unix_path = value;
        } else if (strcmp(argv[i], "--cert") == 0) {
            o.cert = value;
        } else if (strcmp(argv[i], "--key") == 0) {
            o.key = value;
        } else if (strcmp(argv[i], "--upstream-unix") == 0) {
            o.up.unix_path = value;
        } else if (strcmp(argv[i], "--upstream-port") == 0) {
            o.up.host = "127.0.0.1";
            o.up.port = (uint16_t)strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--upstream-host") == 0) {
            o.up.host = value;
        } else if (strcmp(argv[i], "--connections") == 0) {
            o.server.connections_max = (uint32_t)strtoul(value, NULL, 10);
        } else {
            (void)fprintf(stderr, "engine_server: what is %s?\n", argv[i]);
            exit(2);
        }
        i++;
    }
    return o;
}

int main(int argc, char **argv)
{
    struct options o = read_options(argc, argv);
    struct app app = { 0 };
    struct httpa_tls *tls = NULL;
    int fd = -1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    must(httpa_loop_new(&app.loop), "loop");
    if (o.cert != NULL) {
        must(httpa_tls_new(o.cert, o.key, &tls), "tls");
        o.server.tls = tls;
    }
    o.server.on_request = on_request;
    o.server.app = &app;
    must(httpa_server_new(app.loop, &o.server, &app.server), "server");
    if (o.up.unix_path != NULL || o.up.host != NULL) {
        must(httpa_upstream_new(app.loop, &o.up, &app.up), "upstream");
    }
    must(httpa_listen_tcp("127.0.0.1", o.port, &fd), "listen");
    uint16_t port = httpa_listen_port(fd);
    must(httpa_server_listen(app.server, fd), "listen");
    if (o.unix_path != NULL) {
        must(httpa_listen_unix(o.unix_path, &fd), "listen");
        must(httpa_server_listen(app.server, fd), "listen");
    }
    must(httpa_loop_on_signal(app.loop, on_signal, &app), "signals");
    printf("port %u\n", port);
    httpa_loop_run(app.loop);
    httpa_loop_free(app.loop);
    httpa_tls_free(tls);
    return 0;
}
