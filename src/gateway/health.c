#include "gateway/health.h"

#include <stdio.h>
#include <stdlib.h>

#define TRY_EACH_S 3
#define GIVE_UP_S 3

/* Readiness promises evidence of the last minute; a trial is made early
 * enough for a slow device. */
#define EVIDENCE_TRY_S 45
#define EVIDENCE_OLD_S 75

enum trial { TRIAL_NONE, TRIAL_LOOKUP, TRIAL_CONNECT, TRIAL_CLOSING };

struct httpa_health {
    struct httpa_gate *gate;
    struct httpa_quoter_job *job;
    enum trial trial;
    int64_t tried_s;
    bool stopped;
    bool known; /* one trial has ended: from now on changes are said */
    uv_getaddrinfo_t lookup;
    uv_connect_t request;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
};

bool httpa_gateway_ready(const struct httpa_gateway *g)
{
    int64_t now_s = httpa_gate_now_s();
    return !atomic_load(&g->draining) && atomic_load(&g->upstream_answers) &&
           now_s - httpa_quoter_last_ok_s(g->quoter) <= EVIDENCE_OLD_S;
}

enum httpa_err
httpa_health_new(struct httpa_gate *gate, struct httpa_health **ret)
{
    struct httpa_health *h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    h->gate = gate;
    *ret = h;
    return HTTPA_OK;
}

static void closed(uv_handle_t *handle)
{
    struct httpa_health *h = handle->data;
    h->trial = TRIAL_NONE;
}

static void judge(struct httpa_health *h, bool answers)
{
    struct httpa_gateway *g = h->gate->gateway;
    bool before = atomic_exchange(&g->upstream_answers, answers);
    if (before != answers || (!h->known && !answers)) {
        httpa_log_say("upstream: %s %s", g->settings->upstream,
                      answers ? "answers" : "does not answer; not ready");
    }
    h->known = true;
}

static void close_trial(struct httpa_health *h)
{
    h->trial = TRIAL_CLOSING;
    uv_close(&h->uv.handle, closed);
}

static void connected(uv_connect_t *request, int status)
{
    struct httpa_health *h = request->data;
    if (h->trial == TRIAL_CONNECT) {
        judge(h, status == 0);
        close_trial(h);
    }
}

static void connect_tcp(struct httpa_health *h, const struct sockaddr *to)
{
    (void)uv_tcp_init(httpa_loop_uv(h->gate->loop), &h->uv.tcp);
    h->uv.handle.data = h;
    h->request.data = h;
    h->trial = TRIAL_CONNECT;
    if (uv_tcp_connect(&h->request, &h->uv.tcp, to, connected) != 0) {
        judge(h, false);
        close_trial(h);
    }
}

static void connect_unix(struct httpa_health *h, const char *path)
{
    (void)uv_pipe_init(httpa_loop_uv(h->gate->loop), &h->uv.pipe, 0);
    h->uv.handle.data = h;
    h->request.data = h;
    h->trial = TRIAL_CONNECT;
    uv_pipe_connect(&h->request, &h->uv.pipe, path, connected);
}

static void looked_up(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
    struct httpa_health *h = req->data;
    h->trial = TRIAL_NONE;
    if (status == 0 && !h->stopped) {
        connect_tcp(h, found->ai_addr);
    } else if (status != 0) {
        judge(h, false);
    }
    uv_freeaddrinfo(found);
}

static void try_upstream(struct httpa_health *h)
{
    const struct httpa_address *a = &h->gate->gateway->upstream;
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    char port[8];
    if (a->unix_path != NULL) {
        connect_unix(h, a->unix_path);
        return;
    }
    snprintf(port, sizeof(port), "%u", a->port);
    h->lookup.data = h;
    h->trial = TRIAL_LOOKUP;
    if (uv_getaddrinfo(httpa_loop_uv(h->gate->loop), &h->lookup, looked_up,
                       a->host, port, &hints) != 0) {
        h->trial = TRIAL_NONE;
        judge(h, false);
    }
}

static void quoted(void *arg, enum httpa_err err, struct httpa_slice value)
{
    struct httpa_health *h = arg;
    (void)err; /* the quoter keeps the time of success, and says failures */
    (void)value;
    h->job = NULL;
}

/* Evidence over zeros, which no transcript hashes to; it is thrown away. */
static void try_evidence(struct httpa_health *h, int64_t now_s)
{
    static const uint8_t zeros[HTTPA_RD_LEN];
    struct httpa_quoter *q = h->gate->gateway->quoter;
    if (h->job == NULL && now_s - httpa_quoter_last_ok_s(q) >= EVIDENCE_TRY_S &&
        httpa_quoter_quote(q, h->gate->loop, zeros, quoted, h, &h->job) !=
            HTTPA_OK) {
        h->job = NULL; /* a full queue is evidence being made */
    }
}

void httpa_health_tick(struct httpa_health *h, int64_t now_s)
{
    if (h->stopped) {
        return;
    }
    try_evidence(h, now_s);
    if (h->trial == TRIAL_CONNECT && now_s - h->tried_s >= GIVE_UP_S) {
        judge(h, false);
        close_trial(h);
    } else if (h->trial == TRIAL_NONE &&
               (!h->known || now_s - h->tried_s >= TRY_EACH_S)) {
        h->tried_s = now_s;
        try_upstream(h);
    }
}

bool httpa_health_stop(struct httpa_health *h)
{
    h->stopped = true;
    httpa_quoter_cancel(h->job);
    h->job = NULL;
    if (h->trial == TRIAL_CONNECT) {
        close_trial(h);
    }
    return h->trial == TRIAL_NONE;
}

void httpa_health_free(struct httpa_health *h)
{
    free(h);
}
