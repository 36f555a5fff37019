/* The request of a trusted exchange (doc/protocol.md 9.6). */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "server/trusted.h"
#include "wire/clear.h"

static void count(struct httpa_service *s, enum httpa_err err)
{
    if (err == HTTPA_OK) {
        atomic_fetch_add(&s->accepted, 1);
    } else if (err == HTTPA_ERR_REPLAY) {
        atomic_fetch_add(&s->replays, 1);
    } else if (err == HTTPA_ERR_BASE_UNKNOWN) {
        atomic_fetch_add(&s->unknown, 1);
    }
}

/* The number is taken: from here on there is an exchange to answer in. */
static enum httpa_err start(struct httpa_trusted *x)
{
    struct httpa_base *base = x->accepted.base;
    struct httpa_lane_start lane = httpa_base_lane_client(
        base, x->service->crypto, x->accepted.ticket.n,
        httpa_slice_of(x->accepted.ticket.mac, HTTPA_TICKET_MAC));
    lane.keyed = true;
    struct httpa_message_expect expect = { .form = HTTPA_MESSAGE_REQUEST,
                                           .target = base->target };
    if (httpa_meter_low(&base->client) || httpa_meter_low(&base->server)) {
        x->pending = HTTPA_ERR_REKEY;
    }
    return httpa_message_reader_init(&x->reader, &lane, &expect);
}

enum httpa_err httpa_service_open(struct httpa_service *service,
                                  const struct httpa_head *outer, int64_t now_s,
                                  struct httpa_trusted **ret_x)
{
    struct httpa_ahl ahl;
    enum httpa_err err =
        httpa_service_read_head(outer, HTTPA_PLACE_REQUEST, &ahl);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_trusted *x = malloc(sizeof(*x));
    if (x == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    memset(x, 0, TRUSTED_ZEROED);
    x->service = service;
    x->kept = httpa_buf_growing(HTTPA_CLEAR_KEPT_MAX);
    x->head_room = httpa_buf_growing(HTTPA_LIMIT_RECORD_DATA);
    /* Everything that can fail for want of memory comes before the number is
     * taken, so that a taken number has an exchange. */
    err = httpa_clear_keep(&outer->fields, &x->kept);
    if (err == HTTPA_OK) {
        err = httpa_bases_accept(service->bases, &ahl, now_s,
                                 &x->reader.lane.aead, &x->accepted);
        count(service, err);
    }
    if (err == HTTPA_OK) {
        err = start(x);
    }
    if (err != HTTPA_OK) {
        httpa_trusted_free(x);
        return err;
    }
    *ret_x = x;
    return HTTPA_OK;
}

void httpa_trusted_free(struct httpa_trusted *x)
{
    if (x == NULL) {
        return;
    }
    if (x->accepted.base != NULL) {
        httpa_bases_release(x->service->bases, &x->accepted);
    }
    httpa_message_reader_done(&x->reader);
    httpa_message_writer_done(&x->writer);
    httpa_buf_done(&x->kept);
    httpa_buf_done(&x->head_room);
    httpa_wipe(x, TRUSTED_ZEROED);
    free(x);
}

static enum httpa_err
supersede(struct httpa_trusted *x, const struct httpa_ahl *sealed)
{
    struct httpa_sfv_room room;
    struct httpa_sfv doc;
    uint64_t numbers[HTTPA_LIMIT_SUPERSEDED];
    enum httpa_err err =
        httpa_ahl_parse(sealed, HTTPA_FIELD_SUPERSEDES, &room, &doc);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    if (err != HTTPA_OK || doc.member_count > HTTPA_LIMIT_SUPERSEDED) {
        return HTTPA_ERR_HEAD;
    }
    for (size_t i = 0; i < doc.member_count; i++) {
        numbers[i] = (uint64_t)httpa_sfv_member(&doc, i)->value.integer;
    }
    return httpa_bases_supersede(x->service->bases, &x->accepted, numbers,
                                 doc.member_count);
}

/* `destroy` is answered as `cleanup`: the application is common to all. */
static enum httpa_err
read_termination(struct httpa_trusted *x, const struct httpa_ahl *sealed)
{
    struct httpa_slice token;
    enum httpa_err err =
        httpa_ahl_token(sealed, HTTPA_FIELD_BASE_TERMINATION, &token);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    if (err == HTTPA_OK) {
        x->termination = httpa_slice_is(token, "keep")
                             ? HTTPA_TERMINATION_KEEP
                             : HTTPA_TERMINATION_CLEANUP;
    }
    return err;
}

static enum httpa_err
take_head(struct httpa_trusted *x, const struct httpa_head *head)
{
    const struct httpa_ahl *sealed = httpa_message_read_ahl(&x->reader);
    if (head->method.n > sizeof(x->method)) {
        return HTTPA_ERR_HEAD;
    }
    memcpy(x->method, head->method.p, head->method.n);
    x->method_len = head->method.n;
    /* This version takes no secrets, and none is passed off as taken
     * (doc/protocol.md 18.1). */
    if (httpa_ahl_has(sealed, HTTPA_FIELD_SECRETS)) {
        httpa_bases_close(x->service->bases, &x->accepted);
        return HTTPA_ERR_SECRET;
    }
    enum httpa_err err =
        httpa_clear_compare(sealed, httpa_buf_slice(&x->kept), &head->fields);
    httpa_buf_done(&x->kept);
    if (err == HTTPA_OK) {
        err = supersede(x, sealed);
    }
    if (err == HTTPA_OK) {
        err = read_termination(x, sealed);
    }
    x->has_head = err == HTTPA_OK;
    return err;
}

/* Its effects come with the final record, never before. */
static void complete(struct httpa_trusted *x)
{
    x->request_complete = true;
    if (x->termination != HTTPA_TERMINATION_NONE) {
        httpa_bases_close(x->service->bases, &x->accepted);
    }
}

enum httpa_err httpa_trusted_read(struct httpa_trusted *x,
                                  struct httpa_slice in, size_t *ret_used,
                                  struct httpa_event *ret_event)
{
    struct httpa_slice left = in;
    struct httpa_event event;
    if (x->pending != HTTPA_OK) {
        return x->pending;
    }
    enum httpa_err err = httpa_message_read(&x->reader, &left, &event);
    if (err == HTTPA_OK && event.type == HTTPA_EVENT_HEAD) {
        err = take_head(x, event.head);
    }
    if (err != HTTPA_OK) {
        x->pending = err;
        return err;
    }
    if (event.type == HTTPA_EVENT_END) {
        complete(x);
    }
    *ret_used = in.n - left.n;
    *ret_event = event;
    return HTTPA_OK;
}

enum httpa_err httpa_trusted_read_end(struct httpa_trusted *x)
{
    return x->pending != HTTPA_OK ? x->pending
                                  : httpa_message_read_end(&x->reader);
}

bool httpa_trusted_request_complete(const struct httpa_trusted *x)
{
    return x->request_complete;
}

bool httpa_trusted_try(struct httpa_trusted *x)
{
    return httpa_bases_try(x->service->bases, &x->accepted);
}

void httpa_trusted_info(const struct httpa_trusted *x,
                        struct httpa_trusted_info *ret_info)
{
    struct httpa_trusted_info info = {
        .is_atsp = httpa_slice_is(httpa_trusted_method(x), "ATTEST"),
        .number = x->accepted.ticket.n,
        .origin = (const char *)x->accepted.base->target.p,
    };
    memcpy(info.base_hash, x->accepted.base->hash, sizeof(info.base_hash));
    *ret_info = info;
}
