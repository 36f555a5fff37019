#include "engine/server_parts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* ---- the request, seen by its handler ---- */

void httpa_exchange_listen(struct httpa_exchange *x,
                           const struct httpa_exchange_events *events,
                           void *user)
{
    x->events = events;
    x->user = user;
}

void httpa_exchange_pause(struct httpa_exchange *x)
{
    x->paused = true;
}

void httpa_exchange_resume(struct httpa_exchange *x)
{
    if (x->paused && x->active) {
        x->paused = false;
        httpa_client_wake(x->client);
    }
}

unsigned httpa_exchange_version(const struct httpa_exchange *x)
{
    return x->version;
}

struct httpa_loop *httpa_exchange_loop(struct httpa_exchange *x)
{
    return x->client->server->loop;
}

const char *httpa_exchange_peer(struct httpa_exchange *x)
{
    struct httpa_client *cl = x->client;
    char *text = cl->peer_text;
    size_t cap = sizeof(cl->peer_text);
    char host[INET6_ADDRSTRLEN] = "";
    if (text[0] != '\0') {
        return text;
    }
    if (cl->peer.any.sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &cl->peer.in.sin_addr, host, sizeof(host));
        (void)snprintf(text, cap, "%s:%u", host, ntohs(cl->peer.in.sin_port));
    } else if (cl->peer.any.sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &cl->peer.in6.sin6_addr, host, sizeof(host));
        (void)snprintf(text, cap, "[%s]:%u", host,
                       ntohs(cl->peer.in6.sin6_port));
    } else {
        (void)snprintf(text, cap, "unix");
    }
    return text;
}

/* ---- the reply ---- */

/* False when whatever the handler says is too late. */
static bool can_reply(const struct httpa_exchange *x)
{
    return x->active && !x->reply_ended && x->failed == HTTPA_OK;
}

void httpa_reply_head(struct httpa_exchange *x, const struct httpa_head *head,
                      struct httpa_content content)
{
    struct httpa_server *server = x->client->server;
    struct httpa_conn *conn = &x->client->conn;
    struct httpa_http1_form form = {
        .content = content,
        .version = x->version,
        .to_head = x->to_head,
        .close = !x->keep_alive || server->stopping || x->client->eof,
        .date = httpa_loop_date(server->loop),
    };
    if (!can_reply(x)) {
        return;
    }
    if (x->head_sent || head->is_request || head->status < 200 ||
        httpa_http1_write_head(&x->w, httpa_conn_out(conn), head, &form) !=
            HTTPA_OK) {
        httpa_exchange_fail(x, HTTPA_ERR_USAGE);
        return;
    }
    x->head_sent = true;
    httpa_conn_wrote(conn);
}

void httpa_reply_data(struct httpa_exchange *x, struct httpa_slice data)
{
    struct httpa_slice pieces[3] = { [1] = data };
    if (!can_reply(x) || data.n == 0 ||
        (x->head_sent && x->w.mode == HTTPA_HTTP1_BARE)) {
        return;
    }
    if (!x->head_sent || httpa_http1_write_frame(&x->w, data.n, &pieces[0],
                                                 &pieces[2]) != HTTPA_OK) {
        httpa_exchange_fail(x, HTTPA_ERR_USAGE);
        return;
    }
    httpa_conn_write(&x->client->conn, pieces, 3);
}

/* Ends a chunked body; every other mode has no place for trailers. */
void httpa_reply_trailers(struct httpa_exchange *x,
                          const struct httpa_fields *trailers)
{
    struct httpa_buf *out = httpa_conn_out(&x->client->conn);
    if (!can_reply(x) || !x->head_sent || x->w.mode != HTTPA_HTTP1_CHUNKED) {
        return;
    }
    if (httpa_http1_write_end(&x->w, out, trailers) != HTTPA_OK) {
        httpa_exchange_fail(x, HTTPA_ERR_USAGE);
        return;
    }
    x->w.mode = HTTPA_HTTP1_BARE;
    httpa_conn_wrote(&x->client->conn);
}

void httpa_reply_end(struct httpa_exchange *x)
{
    struct httpa_conn *conn = &x->client->conn;
    if (!can_reply(x)) {
        return;
    }
    if (!x->head_sent ||
        httpa_http1_write_end(&x->w, httpa_conn_out(conn), NULL) != HTTPA_OK) {
        httpa_exchange_fail(x, HTTPA_ERR_USAGE);
        return;
    }
    x->reply_ended = true;
    httpa_conn_wrote(conn);
    if (x->paused) { /* the rest of the request is nobody's */
        httpa_client_wake(x->client);
    }
}

void httpa_reply_flush(struct httpa_exchange *x)
{
    httpa_conn_flush(&x->client->conn);
}

void httpa_reply_abort(struct httpa_exchange *x)
{
    if (can_reply(x)) {
        httpa_exchange_fail(x, HTTPA_ERR_ABORTED);
    }
}

bool httpa_reply_full(const struct httpa_exchange *x)
{
    return httpa_conn_full(&x->client->conn);
}

void httpa_reply_text(struct httpa_exchange *x, unsigned status,
                      const char *text)
{
    struct httpa_field field = {
        .name = httpa_slice_str("content-type"),
        .value = httpa_slice_str("text/plain; charset=utf-8"),
    };
    struct httpa_head head;
    httpa_head_init(&head, &field, 1);
    head.fields.n = 1;
    head.status = status;
    httpa_reply_head(x, &head, httpa_content_sized(strlen(text)));
    httpa_reply_data(x, httpa_slice_str(text));
    httpa_reply_end(x);
}
