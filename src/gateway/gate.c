#include "gateway/gate.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/listen.h"
#include "gateway/health.h"

#define TICK_MS 1000u

/* What one callback can bring, cut into records, with a head before it. */
#define SCRATCH_MAX (4 * HTTPA_LOOP_ROOM)

static bool is_first(const struct httpa_gate *gate)
{
    return gate->index == 0;
}

/* ---- certificates ---- */

enum httpa_err httpa_gateway_tls_read(const struct httpa_settings *s,
                                      struct httpa_gateway_tls **ret)
{
    struct httpa_gateway_tls *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    enum httpa_err err = httpa_tls_new(s->tls_cert, s->tls_key, &t->tls);
    if (err != HTTPA_OK) {
        free(t);
        return err;
    }
    atomic_store(&t->holders, 1);
    *ret = t;
    return HTTPA_OK;
}

struct httpa_gateway_tls *httpa_gateway_tls_hold(struct httpa_gateway_tls *t)
{
    if (t != NULL) {
        atomic_fetch_add(&t->holders, 1);
    }
    return t;
}

void httpa_gateway_tls_release(struct httpa_gateway_tls *t)
{
    if (t != NULL && atomic_fetch_sub(&t->holders, 1) == 1) {
        httpa_tls_free(t->tls);
        free(t);
    }
}

/* ---- the end of a gate ---- */

/* Nothing calls back any more but the timer. */
static void finish(struct httpa_gate *gate)
{
    struct httpa_gateway *g = gate->gateway;
    if (!gate->stopping || gate->ended || gate->servers != NULL ||
        httpa_quoter_waiting(g->quoter) > 0) {
        return;
    }
    if (is_first(gate) &&
        (atomic_load(&g->gates_running) > 0 ||
         (gate->health != NULL && !httpa_health_stop(gate->health)))) {
        return;
    }
    gate->ended = true;
    httpa_upstream_free(gate->upstream);
    gate->upstream = NULL;
    httpa_timer_done(&gate->tick, NULL);
    httpa_loop_retire(gate->loop);
}

static void server_stopped(void *arg)
{
    struct httpa_gate_server *server = arg;
    struct httpa_gate *gate = server->gate;
    struct httpa_gate_server **at = &gate->servers;
    while (*at != server) {
        at = &(*at)->next;
    }
    *at = server->next;
    httpa_gateway_tls_release(server->tls);
    free(server);
    finish(gate);
}

static void
stop_servers(struct httpa_gate *gate, struct httpa_gate_server *upto)
{
    uint32_t max_s = gate->gateway->settings->drain_max_s;
    uint32_t grace_ms =
        max_s == 0 || max_s > UINT32_MAX / 1000 ? UINT32_MAX : max_s * 1000;
    for (struct httpa_gate_server *s = gate->servers; s != upto; s = s->next) {
        if (!s->stops) {
            s->stops = true;
            httpa_server_stop(s->server, grace_ms, server_stopped, s);
        }
    }
}

static void close_door(struct httpa_gate_door *door)
{
    for (size_t i = 0; i < door->fd_count; i++) {
        (void)close(door->fds[i]);
    }
    door->fd_count = 0;
}

/* The doors hold the sockets too: while they did, a process that has stopped
 * listening would still get its share of new connections. */
static void close_doors(struct httpa_gate *gate)
{
    close_door(&gate->clear);
    close_door(&gate->secure);
    close_door(&gate->ops);
}

static void stop_gate(void *arg)
{
    struct httpa_gate *gate = arg;
    gate->stopping = true;
    for (struct httpa_gate_server *s = gate->servers; s != NULL; s = s->next) {
        if (!s->stops) {
            httpa_server_last_call(s->server);
        }
    }
    close_doors(gate);
    stop_servers(gate, NULL);
    finish(gate);
}

static void stop_all(struct httpa_gateway *g)
{
    if (g->stopping) {
        return;
    }
    g->stopping = true;
    httpa_log_say("stopping: waiting for what still runs");
    for (size_t i = g->gate_count; i-- > 0;) {
        if (httpa_loop_post(g->gates[i].loop, stop_gate, &g->gates[i]) !=
            HTTPA_OK) {
            g->stopping = false; /* no memory: the next tick tries again */
        }
    }
}

/* ---- signals ---- */

static void drain(struct httpa_gateway *g, int signum)
{
    int64_t now_s = httpa_gate_now_s();
    int64_t grace_s = g->settings->drain_s;
    if (atomic_exchange(&g->draining, true)) {
        httpa_log_say("stopped at once: a second signal came");
        _exit(0);
    }
    httpa_log_say("%s: draining for at most %lld s; again to stop at once",
                  signum == SIGINT ? "SIGINT" : "SIGTERM", (long long)grace_s);
    httpa_service_drain(g->service, now_s, grace_s);
    g->drain_ends_s = now_s + grace_s;
}

/* One gate's part of a reload: new servers on the same sockets, then the old
 * ones finish what they have. */
struct reload {
    struct httpa_gate *gate;
    struct httpa_gateway_tls *tls;
};

static void reload_gate(void *arg)
{
    struct reload *r = arg;
    struct httpa_gate_server *old = r->gate->servers;
    if (!r->gate->stopping && httpa_gate_serve(r->gate, r->tls) == HTTPA_OK) {
        for (struct httpa_gate_server *s = old; s != NULL; s = s->next) {
            if (!s->stops) {
                s->stops = true;
                httpa_server_stop(s->server, UINT32_MAX, server_stopped, s);
            }
        }
    }
    httpa_gateway_tls_release(r->tls);
    free(r);
}

static void reload(struct httpa_gateway *g)
{
    struct httpa_gateway_tls *tls;
    httpa_gateway_collateral_look(g->collateral);
    httpa_refresh_now(g->refresh);
    if (g->collateral != NULL) {
        httpa_log_say("SIGHUP: collateral is %s again",
                      g->refresh != NULL ? "fetched" : "read");
    }
    if (g->settings->tls_cert == NULL && g->collateral == NULL) {
        httpa_log_say("SIGHUP: nothing to read again; what else the "
                      "configuration says is attested: restart to change it");
    }
    if (g->settings->tls_cert == NULL) {
        return;
    }
    enum httpa_err err = httpa_gateway_tls_read(g->settings, &tls);
    if (err != HTTPA_OK) {
        httpa_log_say("SIGHUP: %s and %s: %s; the old certificate stays",
                      g->settings->tls_cert, g->settings->tls_key,
                      httpa_strerror(err));
        return;
    }
    for (size_t i = 0; i < g->gate_count; i++) {
        struct reload *r = calloc(1, sizeof(*r));
        if (r != NULL) {
            r->gate = &g->gates[i];
            r->tls = httpa_gateway_tls_hold(tls);
        }
        if (r != NULL &&
            httpa_loop_post(r->gate->loop, reload_gate, r) != HTTPA_OK) {
            httpa_gateway_tls_release(r->tls);
            free(r);
        }
    }
    httpa_gateway_tls_release(tls);
    httpa_log_say("SIGHUP: new certificate from %s", g->settings->tls_cert);
}

void httpa_gate_on_signal(void *arg, int signum)
{
    struct httpa_gate *gate = arg;
    if (signum == SIGHUP) {
        reload(gate->gateway);
    } else {
        drain(gate->gateway, signum);
    }
}

/* ---- once a second ---- */

static void count_connections(struct httpa_gate *gate)
{
    size_t n = 0;
    for (struct httpa_gate_server *s = gate->servers; s != NULL; s = s->next) {
        n += httpa_server_connections(s->server);
    }
    atomic_store(&gate->connections, n);
}

static void first_duties(struct httpa_gate *gate)
{
    struct httpa_gateway *g = gate->gateway;
    struct httpa_service_stats stats;
    int64_t now_s = httpa_gate_now_s();
    httpa_service_sweep(g->service, now_s);
    httpa_health_tick(gate->health, now_s);
    if (g->keyring != NULL && !g->stopping) {
        httpa_keyring_renew(g->keyring, g->quoter, gate->loop, now_s);
    }
    if (atomic_load(&g->draining)) {
        httpa_service_stats(g->service, &stats);
        if (stats.bases == 0 || now_s >= g->drain_ends_s) {
            stop_all(g);
        }
    }
}

static void tick(void *arg)
{
    struct httpa_gate *gate = arg;
    httpa_timer_set(&gate->tick, TICK_MS);
    httpa_gate_listen_for_silence(gate);
    count_connections(gate);
    if (is_first(gate)) {
        first_duties(gate);
    }
    finish(gate);
}

/* ---- the beginning ---- */

enum httpa_err httpa_gate_door_open(struct httpa_gate_door *door,
                                    const struct httpa_gate_door *kin,
                                    const struct httpa_address *a,
                                    uint16_t *port)
{
    int fd = -1;
    enum httpa_err err;
    if (door->fd_count == HTTPA_GATEWAY_LISTEN_MAX) {
        return HTTPA_ERR_LIMIT;
    }
    if (a->unix_path != NULL && kin != NULL) {
        err = httpa_listen_dup(kin->fds[door->fd_count], &fd);
    } else if (a->unix_path != NULL) {
        err = httpa_listen_unix(a->unix_path, &fd);
    } else {
        err = httpa_listen_tcp(a->host[0] != '\0' ? a->host : NULL, *port, &fd);
    }
    if (err == HTTPA_OK) {
        *port = httpa_listen_port(fd);
        door->fds[door->fd_count++] = fd;
    }
    return err;
}

static struct httpa_upstream_config upstream_config(struct httpa_gateway *g)
{
    struct httpa_upstream_config c = httpa_upstream_defaults();
    uint64_t timeout_ms = (uint64_t)g->settings->upstream_timeout_s * 1000;
    c.unix_path = g->upstream.unix_path;
    c.host = g->upstream.unix_path == NULL ? g->upstream.host : NULL;
    c.port = g->upstream.port;
    c.connections_max = g->settings->upstream_connections;
    c.answer_timeout_ms =
        timeout_ms < UINT32_MAX ? (uint32_t)timeout_ms : UINT32_MAX;
    return c;
}

static enum httpa_log_form log_form(const struct httpa_settings *s)
{
    return strcmp(s->log, "json") == 0   ? HTTPA_LOG_JSON
           : strcmp(s->log, "none") == 0 ? HTTPA_LOG_NONE
                                         : HTTPA_LOG_TEXT;
}

static enum httpa_log_path log_path(const struct httpa_settings *s)
{
    return strcmp(s->log_path, "full") == 0   ? HTTPA_LOG_PATH_FULL
           : strcmp(s->log_path, "none") == 0 ? HTTPA_LOG_PATH_NONE
                                              : HTTPA_LOG_PATH_FIRST;
}

enum httpa_err
httpa_gate_open(struct httpa_gate *gate, struct httpa_gateway *g, size_t index)
{
    struct httpa_upstream_config up = upstream_config(g);
    gate->gateway = g;
    gate->index = index;
    enum httpa_err err = httpa_loop_new(&gate->loop);
    if (err != HTTPA_OK) {
        return err;
    }
    httpa_log_init(&gate->log, gate->loop, log_form(g->settings),
                   log_path(g->settings), g->settings->label);
    gate->scratch = httpa_buf_growing(SCRATCH_MAX);
    httpa_timer_init(&gate->tick, gate->loop, tick, gate);
    err = httpa_upstream_new(gate->loop, &up, &gate->upstream);
    if (err == HTTPA_OK && is_first(gate)) {
        err = httpa_health_new(gate, &gate->health);
    }
    if (err == HTTPA_OK && is_first(gate)) {
        err = httpa_loop_on_signal(gate->loop, httpa_gate_on_signal, gate);
    }
    if (err == HTTPA_OK) {
        httpa_timer_set(&gate->tick, 1);
    }
    return err;
}

/* Each server gets descriptors of its own, so that another one can take its
 * place on the same sockets. */
static enum httpa_err
add_server(struct httpa_gate *gate, const struct httpa_gate_door *door,
           httpa_request_fn on_request, struct httpa_gateway_tls *tls)
{
    struct httpa_server_config c = httpa_server_defaults();
    struct httpa_gate_server *s = calloc(1, sizeof(*s));
    int fd;
    if (s == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    c.on_request = on_request;
    c.app = gate;
    c.tls = tls != NULL ? tls->tls : NULL;
    enum httpa_err err = httpa_server_new(gate->loop, &c, &s->server);
    if (err != HTTPA_OK) {
        free(s);
        return err;
    }
    s->gate = gate;
    s->tls = httpa_gateway_tls_hold(tls);
    s->next = gate->servers;
    gate->servers = s;
    for (size_t i = 0; err == HTTPA_OK && i < door->fd_count; i++) {
        err = httpa_listen_dup(door->fds[i], &fd);
        if (err == HTTPA_OK) {
            err = httpa_server_listen(s->server, fd);
        }
    }
    return err;
}

enum httpa_err
httpa_gate_serve(struct httpa_gate *gate, struct httpa_gateway_tls *tls)
{
    const struct {
        const struct httpa_gate_door *door;
        httpa_request_fn on_request;
        struct httpa_gateway_tls *tls;
    } servers[] = {
        { &gate->clear, httpa_gateway_dispatch, NULL },
        { &gate->secure, httpa_gateway_dispatch, tls },
        { &gate->ops, httpa_gateway_ops, NULL },
    };
    struct httpa_gate_server *before = gate->servers;
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < 3; i++) {
        if (servers[i].door->fd_count > 0) {
            err = add_server(gate, servers[i].door, servers[i].on_request,
                             servers[i].tls);
        }
    }
    if (err != HTTPA_OK) {
        stop_servers(gate, before); /* the old ones, if any, go on */
    }
    return err;
}

/* Tells the first gate; it looks at gates_running. */
static void other_ended(void *arg)
{
    finish(arg);
}

void httpa_gate_run(struct httpa_gate *gate)
{
    struct httpa_gateway *g = gate->gateway;
    httpa_loop_run(gate->loop);
    if (!is_first(gate)) {
        atomic_fetch_sub(&g->gates_running, 1);
        /* Without memory for it, the first gate's tick finds out. */
        enum httpa_err err =
            httpa_loop_post(g->gates[0].loop, other_ended, &g->gates[0]);
        (void)err;
    }
}

void httpa_gate_close(struct httpa_gate *gate)
{
    close_doors(gate);
    if (gate->loop == NULL) {
        return;
    }
    if (!gate->ended) { /* the start failed before it could run */
        stop_gate(gate);
        httpa_loop_run(gate->loop);
    }
    httpa_log_done(&gate->log);
    httpa_buf_done(&gate->scratch);
    httpa_health_free(gate->health);
    httpa_loop_free(gate->loop);
}
