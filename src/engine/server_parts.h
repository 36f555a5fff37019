/*
 * The insides of the serving side, shared by server.c (listeners, stopping),
 * client.c (one connection: reading, time, the life of exchanges) and
 * reply.c (what a handler calls).  Nobody else includes this.
 */
#ifndef HTTPA_ENGINE_SERVER_PARTS_H
#define HTTPA_ENGINE_SERVER_PARTS_H

#include <netinet/in.h>

#include "engine/conn.h"
#include "engine/http1_read.h"
#include "engine/http1_write.h"
#include "engine/server.h"

struct httpa_client;

struct httpa_exchange {
    struct httpa_client *client;
    const struct httpa_exchange_events *events;
    void *user;
    struct httpa_http1_writer w;
    unsigned version;
    bool to_head;
    bool keep_alive; /* the peer wants it */
    bool active;     /* between on_request and on_close */
    bool paused;
    bool request_ended; /* also true before the first request */
    bool head_sent;
    bool reply_ended;
    enum httpa_err failed; /* set in the handler's hands; told by the task */
    struct httpa_task task;
};

/* One connection; it works on one exchange at a time. */
struct httpa_client {
    struct httpa_conn conn;
    struct httpa_server *server;
    struct httpa_client *next;
    struct httpa_client **at;
    struct httpa_http1_reader reader;
    struct httpa_exchange x;
    struct httpa_task wake; /* reads on with what the reader has */
    uint64_t discarded;     /* bytes read past an early reply */
    bool lingering;         /* our side is finished */
    bool eof;               /* theirs is */
    bool stalled;           /* the queue did not move for one time-out */
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } peer;
    char peer_text[64];
};

struct httpa_server {
    struct httpa_loop *loop;
    struct httpa_server_config config;
    struct httpa_client *clients;
    size_t client_count;
    uint64_t requests;
    struct httpa_listener *listeners;
    size_t handles; /* that must close before we are gone */
    struct httpa_timer grace;
    bool last_call; /* its sockets take no new connection */
    bool stopping;
    void (*on_stopped)(void *arg);
    void *stopped_arg;
};

/* Takes over |fd|, just accepted. */
void httpa_client_start(struct httpa_server *server, int fd,
                        const struct sockaddr_storage *peer);

/* The server stops: what is idle goes soon. */
void httpa_client_retire(struct httpa_client *cl);

/* Ends the exchange, if any, and the connection. */
void httpa_client_cut(struct httpa_client *cl, enum httpa_err why);

/* Goes on reading after the current event. */
void httpa_client_wake(struct httpa_client *cl);

/* A client is gone. */
void httpa_server_forget(struct httpa_server *server);

/* Ends |x| with |why| at the end of this wake-up. */
void httpa_exchange_fail(struct httpa_exchange *x, enum httpa_err why);

#endif
