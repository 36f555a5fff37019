#include "session/base.h"

#include <string.h>

#include "base/secret.h"

void httpa_base_init(struct httpa_base *b, const struct httpa_base_start *s)
{
    memset(b, 0, sizeof(*b));
    b->keys = *s->keys;
    b->id = s->id;
    b->state = HTTPA_BASE_OPEN;
    b->target = s->target;
    b->created_s = s->now_s;
    b->used_s = s->now_s;
    b->expires_s = s->now_s + s->max_age_s;
    b->idle_s = s->idle_s;
    httpa_meter_init(&b->client, s->keys->client.suite);
    httpa_meter_init(&b->server, s->keys->server.suite);
}

void httpa_base_done(struct httpa_base *b)
{
    httpa_wipe(b, sizeof(*b));
}

bool httpa_base_expired(const struct httpa_base *b, int64_t now_s)
{
    return now_s >= b->expires_s ||
           (b->idle_s > 0 && now_s - b->used_s >= b->idle_s);
}

void httpa_base_shorten(struct httpa_base *b, int64_t now_s,
                        int64_t max_age_s)
{
    int64_t end_s = now_s + max_age_s;
    b->expires_s = end_s < b->expires_s ? end_s : b->expires_s;
}

struct httpa_lane_start
httpa_base_lane_client(struct httpa_base *b, const struct httpa_crypto *crypto,
                       uint64_t n, struct httpa_slice bind)
{
    return (struct httpa_lane_start){ .crypto = crypto,
                                      .traffic = &b->keys.client,
                                      .meter = &b->client,
                                      .n = n,
                                      .bind = bind };
}

struct httpa_lane_start
httpa_base_lane_server(struct httpa_base *b, const struct httpa_crypto *crypto,
                       uint64_t n, struct httpa_slice bind)
{
    return (struct httpa_lane_start){ .crypto = crypto,
                                      .traffic = &b->keys.server,
                                      .meter = &b->server,
                                      .n = n,
                                      .bind = bind };
}
