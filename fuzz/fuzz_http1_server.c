/*
 * A whole connection: the input is what a client sends before it half-closes.
 * Whatever that is, what the server sends back reads as answers, one for each
 * request it handed out and at most one more (its own refusal).
 */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "engine/http1_read.h"
#include "engine/server_parts.h"

/* Requests in one input whose method is remembered. */
#define REQUESTS 64u

static struct httpa_loop *loop;
static struct httpa_server *server;
static bool was_head[REQUESTS];
static size_t requests;
static size_t open_exchanges;

static void on_data(void *user, struct httpa_slice data)
{
    httpa_reply_data(user, data);
    if (data.n % 2 == 1) {
        httpa_exchange_pause(user);
        httpa_exchange_resume(user);
    }
}

static void on_trailers(void *user, const struct httpa_fields *trailers)
{
    httpa_reply_trailers(user, trailers);
}

static void on_end(void *user)
{
    httpa_reply_end(user);
}

static void on_close(void *user, enum httpa_err why)
{
    (void)user;
    (void)why;
    must(open_exchanges == 1); /* one at a time, and told once */
    open_exchanges--;
}

static const struct httpa_exchange_events echo = {
    .on_data = on_data,
    .on_trailers = on_trailers,
    .on_end = on_end,
    .on_close = on_close,
};

/* Echoes; a path that begins with /e is answered before its content. */
static void on_request(void *app, struct httpa_exchange *x,
                       const struct httpa_head *head,
                       struct httpa_content content)
{
    struct httpa_head reply;
    (void)app;
    must(open_exchanges == 0);
    open_exchanges++;
    if (requests < REQUESTS) {
        was_head[requests] = httpa_slice_is(head->method, "HEAD");
    }
    requests++;
    httpa_exchange_listen(x, &echo, x);
    if (httpa_slice_starts(head->path, "/e")) {
        httpa_reply_text(x, 401, "no\n");
        return;
    }
    httpa_head_init(&reply, head->fields.v, head->fields.cap);
    /* Room for Date, which an answer gets in addition. */
    reply.fields.n = head->fields.n < 200 ? head->fields.n : 200;
    reply.status = 200;
    httpa_reply_head(x, &reply, content);
}

static void set_up(void)
{
    struct httpa_server_config config = httpa_server_defaults();
    config.on_request = on_request;
    must(httpa_loop_new(&loop) == HTTPA_OK);
    must(httpa_server_new(loop, &config, &server) == HTTPA_OK);
}

static void turn(void)
{
    (void)uv_run(httpa_loop_uv(loop), UV_RUN_NOWAIT);
}

/* Moves bytes until the server has closed; what it said goes to |out|. */
static void converse(int peer, struct httpa_slice in, struct httpa_buf *out)
{
    uint8_t room[4096];
    ssize_t n = 0;
    while (httpa_server_connections(server) > 0) {
        if (in.n > 0) {
            n = send(peer, in.p, in.n, MSG_NOSIGNAL);
            in = httpa_slice_from(in, n > 0 ? (size_t)n : in.n);
        } else {
            (void)shutdown(peer, SHUT_WR);
        }
        turn();
        while ((n = recv(peer, room, sizeof(room), 0)) > 0) {
            httpa_buf_put(out, room, (size_t)n);
        }
    }
}

static void check_answers(struct httpa_slice out)
{
    static struct httpa_field room[HTTPA_FIELDS_MAX];
    struct httpa_http1_reader r;
    struct httpa_http1_event ev = { .kind = HTTPA_HTTP1_END };
    size_t answers = 0;
    httpa_http1_reader_init(&r, HTTPA_HTTP1_RESPONSES, room);
    httpa_http1_reader_expect(&r, requests > 0 && was_head[0]);
    while (out.n > 0 || ev.kind != HTTPA_HTTP1_MORE) {
        must(httpa_http1_read(&r, &out, &ev) == HTTPA_OK);
        if (ev.kind == HTTPA_HTTP1_HEAD) {
            answers++;
        } else if (ev.kind == HTTPA_HTTP1_END && answers < REQUESTS) {
            httpa_http1_reader_expect(&r,
                                      answers < requests && was_head[answers]);
        }
    }
    must(answers <= requests + 1);
    httpa_http1_reader_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fds[2];
    struct sockaddr_storage peer = { .ss_family = AF_UNIX };
    struct httpa_buf out = httpa_buf_growing(1 << 24);
    if (loop == NULL) {
        set_up();
    }
    requests = 0;
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    httpa_client_start(server, fds[0], &peer);
    converse(fds[1], httpa_slice_of(data, size), &out);
    (void)close(fds[1]);
    must(open_exchanges == 0);
    if (requests <= REQUESTS) {
        check_answers(httpa_buf_slice(&out));
    }
    httpa_buf_done(&out);
    return 0;
}
