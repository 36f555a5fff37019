#include "engine/upstream_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

struct httpa_upstream_config httpa_upstream_defaults(void)
{
    return (struct httpa_upstream_config){
        .connect_timeout_ms = 5000,
        .answer_timeout_ms = 300000, /* a model may think for minutes */
        .idle_timeout_ms = 55000,    /* shorter than applications' own 60 s */
        .connections_max = 512,
        .idle_max = 128,
        .waiting_max = 4096,
    };
}

/* ---- the pool ---- */

void httpa_upstream_keep(struct httpa_link *link)
{
    struct httpa_upstream *up = link->up;
    if (up->freed || up->idle_count >= up->config.idle_max) {
        httpa_link_close(link);
        return;
    }
    link->next = up->idle;
    link->at = &up->idle;
    if (link->next != NULL) {
        link->next->at = &link->next;
    }
    up->idle = link;
    up->idle_count++;
    httpa_conn_timer(&link->conn, up->config.idle_timeout_ms);
    if (up->waiting != NULL) {
        struct httpa_call *call = up->waiting;
        httpa_upstream_unwait(call);
        httpa_link_take(link, call);
    }
}

void httpa_upstream_unkeep(struct httpa_link *link)
{
    if (link->at == NULL) {
        return;
    }
    *link->at = link->next;
    if (link->next != NULL) {
        link->next->at = link->at;
    }
    link->at = NULL;
    link->up->idle_count--;
}

/* ---- the queue ---- */

static void wait_in_line(struct httpa_call *call)
{
    struct httpa_upstream *up = call->up;
    call->next = NULL;
    call->at = up->waiting_end;
    *up->waiting_end = call;
    up->waiting_end = &call->next;
    up->waiting_count++;
}

void httpa_upstream_unwait(struct httpa_call *call)
{
    struct httpa_upstream *up = call->up;
    if (call->at == NULL) {
        return;
    }
    *call->at = call->next;
    if (call->next != NULL) {
        call->next->at = call->at;
    } else {
        up->waiting_end = call->at;
    }
    call->at = NULL;
    up->waiting_count--;
}

void httpa_upstream_room(struct httpa_upstream *up)
{
    struct httpa_call *call = up->waiting;
    if (call != NULL && up->link_count < up->config.connections_max) {
        httpa_upstream_unwait(call);
        httpa_upstream_place(call);
    }
}

void httpa_upstream_place(struct httpa_call *call)
{
    struct httpa_upstream *up = call->up;
    if (up->idle != NULL && !call->retried) {
        httpa_link_take(up->idle, call);
    } else if (up->link_count < up->config.connections_max) {
        if (httpa_link_new(up, call) != HTTPA_OK) {
            httpa_call_fail(call, HTTPA_ERR_MEMORY);
        }
    } else if (up->waiting_count < up->config.waiting_max) {
        wait_in_line(call);
    } else {
        httpa_call_fail(call, HTTPA_ERR_BUSY);
    }
}

/* ---- life ---- */

static void
set_numeric(struct httpa_upstream *up, const char *host, uint16_t port)
{
    struct httpa_address *a = &up->addresses[0];
    up->numeric = uv_ip4_addr(host, port, &a->sa.in) == 0 ||
                  uv_ip6_addr(host, port, &a->sa.in6) == 0;
    up->address_count = up->numeric ? 1 : 0;
}

enum httpa_err httpa_upstream_new(struct httpa_loop *loop,
                                  const struct httpa_upstream_config *config,
                                  struct httpa_upstream **ret_up)
{
    const char *name = config->unix_path;
    size_t path_max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
    if ((name == NULL) == (config->host == NULL) ||
        (name != NULL && strlen(name) > path_max)) {
        return HTTPA_ERR_CONFIG;
    }
    struct httpa_upstream *up = calloc(1, sizeof(*up));
    char *copy = strdup(name != NULL ? name : config->host);
    if (up == NULL || copy == NULL) {
        free(up);
        free(copy);
        return HTTPA_ERR_MEMORY;
    }
    up->loop = loop;
    up->config = *config;
    up->unix_path = name != NULL ? copy : NULL;
    up->host = name != NULL ? NULL : copy;
    up->waiting_end = &up->waiting;
    up->holders = 1; /* the owner */
    if (up->host != NULL) {
        set_numeric(up, up->host, config->port);
    }
    *ret_up = up;
    return HTTPA_OK;
}

void httpa_upstream_let_go(struct httpa_upstream *up)
{
    if (--up->holders == 0) {
        free(up->unix_path);
        free(up->host);
        free(up);
    }
}

void httpa_upstream_free(struct httpa_upstream *up)
{
    if (up == NULL) {
        return;
    }
    up->freed = true;
    while (up->idle != NULL) {
        httpa_link_close(up->idle);
    }
    httpa_upstream_let_go(up);
}
