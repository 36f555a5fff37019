#include "client/session.h"

#include <stdlib.h>
#include <string.h>

/* A new session is made while a tenth of the old one, or 30 s, is left
 * (doc/protocol.md 12.3). */
#define SPARE_S 30
#define SPARE_PART 10

/* "r1.8Jk2": the label, the dot, and four characters of 22. */
#define NAME_TAIL 18u

enum httpa_err httpa_session_new(const struct httpa_session_start *start,
                                 struct httpa_session **ret_session)
{
    struct httpa_base_id id;
    enum httpa_err err = httpa_base_id_read(start->base_id, &id);
    if (err == HTTPA_OK && start->origin.n > HTTPA_LIMIT_TARGET) {
        err = HTTPA_ERR_RANGE;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_session *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    s->crypto = start->crypto;
    s->padding = start->padding;
    memcpy(s->origin, start->origin.p, start->origin.n);
    struct httpa_base_start base = {
        .id = id,
        .keys = start->keys,
        .target = httpa_slice_of(s->origin, start->origin.n),
        .now_s = start->now_s,
        .max_age_s = start->max_age_s,
        .idle_s = start->idle_s,
    };
    httpa_base_init(&s->base, &base);
    if (start->end_s != 0) {
        httpa_base_shorten(&s->base, start->now_s, start->end_s - start->now_s);
    }
    *ret_session = s;
    return HTTPA_OK;
}

void httpa_session_free(struct httpa_session *session)
{
    if (session == NULL) {
        return;
    }
    httpa_base_done(&session->base);
    free(session);
}

int64_t httpa_session_left_s(const struct httpa_session *session, int64_t now_s)
{
    const struct httpa_base *b = &session->base;
    int64_t life_s = b->expires_s - b->created_s;
    int64_t spare_s =
        life_s / SPARE_PART > SPARE_S ? life_s / SPARE_PART : SPARE_S;
    int64_t left_s = b->expires_s - now_s;
    if (b->state != HTTPA_BASE_OPEN || httpa_base_expired(b, now_s) ||
        httpa_meter_half(&b->client) || httpa_meter_half(&b->server)) {
        return 0;
    }
    return left_s > spare_s ? left_s - spare_s : 0;
}

struct httpa_slice httpa_session_name(const struct httpa_session *session)
{
    struct httpa_slice id = httpa_base_id_text(&session->base.id);
    id.n -= id.n > NAME_TAIL ? NAME_TAIL : 0;
    return id;
}
