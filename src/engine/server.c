#include "engine/server_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/listen.h"

/* Connections taken in one wake-up, so that others get their turn. */
#define ACCEPT_BATCH 64u
/* Out of descriptors or memory: how long before the next try. */
#define ACCEPT_PAUSE_MS 100u
/* How long a stopping server waits for the handshakes under way: above the
 * round trip of a client, below the second after which TCP repeats a SYN. */
#define LAST_CALL_MS 200u

struct httpa_listener {
    struct httpa_listener *next;
    struct httpa_server *server;
    int fd;
    uv_poll_t poll;
    struct httpa_timer timer; /* the end of a pause, or of the last call */
    unsigned handles;
};

struct httpa_server_config httpa_server_defaults(void)
{
    return (struct httpa_server_config){
        .head_timeout_ms = 10000,
        .content_timeout_ms = 60000,
        .idle_timeout_ms = 75000, /* longer than the proxies before us */
        .linger_ms = 5000,
        .linger_bytes = 1048576,
        .connections_max = 10000,
    };
}

size_t httpa_server_connections(const struct httpa_server *server)
{
    return server->client_count;
}

uint64_t httpa_server_requests(const struct httpa_server *server)
{
    return server->requests;
}

/* ---- the end ---- */

static void free_when_done(struct httpa_server *server)
{
    if (server->stopping && server->handles == 0) {
        void (*on_stopped)(void *) = server->on_stopped;
        void *arg = server->stopped_arg;
        free(server);
        if (on_stopped != NULL) {
            on_stopped(arg);
        }
    }
}

static void handle_gone(struct httpa_server *server)
{
    server->handles--;
    free_when_done(server);
}

static void grace_gone(void *arg)
{
    handle_gone(arg);
}

/* The last client or listener takes the grace timer with it. */
static void stop_when_empty(struct httpa_server *server)
{
    if (server->stopping && server->client_count == 0 &&
        server->listeners == NULL) {
        httpa_timer_done(&server->grace, grace_gone);
    }
}

void httpa_server_forget(struct httpa_server *server)
{
    server->client_count--;
    stop_when_empty(server);
    handle_gone(server);
}

/* ---- listening ---- */

static void pause_accepting(struct httpa_listener *l)
{
    (void)uv_poll_stop(&l->poll);
    httpa_timer_set(&l->timer, ACCEPT_PAUSE_MS);
}

/* One connection of |l|; false when there is none now. */
static bool accept_one(struct httpa_listener *l)
{
    struct httpa_server *server = l->server;
    struct sockaddr_storage peer = { 0 };
    socklen_t len = sizeof(peer);
    int fd = accept4(l->fd, (struct sockaddr *)&peer, &len,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0 && server->client_count >= server->config.connections_max) {
        (void)close(fd);
        return true;
    }
    if (fd >= 0) {
        httpa_client_start(server, fd, &peer);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
        errno == ENOMEM) {
        pause_accepting(l);
        return false;
    }
    return errno == EINTR || errno == ECONNABORTED;
}

static void can_accept(uv_poll_t *poll, int status, int events)
{
    struct httpa_listener *l = poll->data;
    (void)events;
    for (unsigned i = 0; status == 0 && i < ACCEPT_BATCH; i++) {
        if (!accept_one(l)) {
            break;
        }
    }
}

static void listener_part_gone(struct httpa_listener *l)
{
    struct httpa_server *server = l->server;
    if (--l->handles == 0) {
        free(l);
        handle_gone(server);
    }
}

static void timer_gone(void *arg)
{
    listener_part_gone(arg);
}

static void poll_gone(uv_handle_t *handle)
{
    listener_part_gone(handle->data);
}

static void close_listener(struct httpa_listener *l)
{
    httpa_timer_done(&l->timer, timer_gone);
    uv_close((uv_handle_t *)&l->poll, poll_gone);
    (void)close(l->fd); /* libuv allows it from here on */
}

static void unlink_listener(struct httpa_listener *l)
{
    struct httpa_listener **at = &l->server->listeners;
    while (*at != l) {
        at = &(*at)->next;
    }
    *at = l->next;
}

/* Who waits there was told to come. */
static void drain_listener(struct httpa_listener *l)
{
    while (accept_one(l)) {
    }
    unlink_listener(l);
    close_listener(l);
}

static void finish_listener(struct httpa_listener *l)
{
    struct httpa_server *server = l->server;
    drain_listener(l);
    stop_when_empty(server);
}

static void timer_fired(void *arg)
{
    struct httpa_listener *l = arg;
    if (l->server->stopping) {
        finish_listener(l);
    } else {
        (void)uv_poll_start(&l->poll, UV_READABLE, can_accept);
    }
}

static void cut_all(void *arg)
{
    struct httpa_server *server = arg;
    while (server->listeners != NULL) {
        finish_listener(server->listeners);
    }
    struct httpa_client *next;
    for (struct httpa_client *cl = server->clients; cl != NULL; cl = next) {
        next = cl->next; /* closing unlinks later */
        httpa_client_cut(cl, HTTPA_ERR_ABORTED);
    }
}

enum httpa_err httpa_server_listen(struct httpa_server *server, int fd)
{
    struct httpa_listener *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        (void)close(fd);
        return HTTPA_ERR_MEMORY;
    }
    *l = (struct httpa_listener){ .server = server, .fd = fd, .handles = 2 };
    if (uv_poll_init(httpa_loop_uv(server->loop), &l->poll, fd) != 0) {
        (void)close(fd);
        free(l);
        return HTTPA_ERR_IO;
    }
    l->poll.data = l;
    httpa_timer_init(&l->timer, server->loop, timer_fired, l);
    server->handles++;
    if (uv_poll_start(&l->poll, UV_READABLE, can_accept) != 0) {
        close_listener(l);
        return HTTPA_ERR_IO;
    }
    l->next = server->listeners;
    server->listeners = l;
    return HTTPA_OK;
}

/* ---- life ---- */

enum httpa_err httpa_server_new(struct httpa_loop *loop,
                                const struct httpa_server_config *config,
                                struct httpa_server **ret_server)
{
    struct httpa_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    server->loop = loop;
    server->config = *config;
    server->handles = 1; /* the grace timer */
    httpa_timer_init(&server->grace, loop, cut_all, server);
    *ret_server = server;
    return HTTPA_OK;
}

void httpa_server_last_call(struct httpa_server *server)
{
    server->last_call = true;
    for (struct httpa_listener *l = server->listeners; l != NULL; l = l->next) {
        httpa_listen_last_call(l->fd);
    }
}

void httpa_server_stop(struct httpa_server *server, uint32_t grace_ms,
                       void (*on_stopped)(void *arg), void *arg)
{
    if (server->stopping) {
        return;
    }
    server->stopping = true;
    server->on_stopped = on_stopped;
    server->stopped_arg = arg;
    struct httpa_listener *next;
    for (struct httpa_listener *l = server->listeners; l != NULL; l = next) {
        next = l->next;
        if (server->last_call) {
            httpa_timer_set(&l->timer,
                            grace_ms < LAST_CALL_MS ? grace_ms : LAST_CALL_MS);
        } else {
            drain_listener(l);
        }
    }
    for (struct httpa_client *cl = server->clients; cl != NULL; cl = cl->next) {
        httpa_client_retire(cl);
    }
    httpa_timer_set(&server->grace, grace_ms);
    stop_when_empty(server);
}
