/* Reading the answer to a request (doc/protocol.md 9.8). */
#include <string.h>

#include "client/request.h"
#include "wire/clear.h"
#include "wire/outer.h"

/* What the answer is at all (doc/protocol.md 3.2). */
static enum httpa_err form(const struct httpa_head *outer)
{
    bool bound = httpa_fields_find(&outer->fields, "attest-binder") != NULL;
    if (outer->status == 200 && bound) {
        return httpa_outer_check(&outer->fields);
    }
    return outer->status >= 300 && httpa_refusal_token(outer).n > 0
               ? HTTPA_ERR_REFUSED
               : HTTPA_ERR_BINDER;
}

static enum httpa_err open_binder(struct httpa_request *r,
                                  const struct httpa_ahl *ahl,
                                  uint8_t binder[HTTPA_TICKET_MAC])
{
    struct httpa_base *base = &r->session->base;
    struct httpa_aead *aead = &r->reader.lane.aead;
    struct httpa_tag_key key = { .aead = aead,
                                 .iv = base->keys.server.iv,
                                 .meter = &base->server };
    enum httpa_err err =
        httpa_aead_init(aead, r->session->crypto, base->keys.server.suite,
                        httpa_traffic_key(&base->keys.server));
    return err == HTTPA_OK
               ? httpa_binder_open(key, &r->ticket, 200, ahl, binder)
               : err;
}

enum httpa_err httpa_request_answer(struct httpa_request *request,
                                    const struct httpa_head *outer)
{
    struct httpa_request *r = request;
    struct httpa_ahl ahl;
    uint8_t binder[HTTPA_TICKET_MAC];
    if (!r->begun || r->answered) {
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = form(outer);
    if (err == HTTPA_OK) {
        err = httpa_ahl_read(&outer->fields, HTTPA_PLACE_RESPONSE, &ahl);
    }
    if (err == HTTPA_OK) {
        err = httpa_clear_keep(&outer->fields, &r->kept);
    }
    if (err == HTTPA_OK) {
        err = open_binder(r, &ahl, binder);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_lane_start lane =
        httpa_base_lane_server(&r->session->base, r->session->crypto, r->n,
                               httpa_slice_of(binder, sizeof(binder)));
    lane.keyed = true;
    struct httpa_message_expect expect = {
        .form = HTTPA_MESSAGE_RESPONSE,
        .method = httpa_slice_of(r->method, r->method_len),
    };
    err = httpa_message_reader_init(&r->reader, &lane, &expect);
    r->answered = err == HTTPA_OK;
    return err;
}

/* An announced end of the base, which must be this one. */
static enum httpa_err take_base_id(struct httpa_request *r,
                                   const struct httpa_ahl *sealed,
                                   int64_t now_s)
{
    struct httpa_base *base = &r->session->base;
    struct httpa_slice id;
    int64_t max_age_s;
    enum httpa_err err = httpa_ahl_token(sealed, HTTPA_FIELD_BASE_ID, &id);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    if (err == HTTPA_OK &&
        !httpa_slice_equal(id, httpa_base_id_text(&base->id))) {
        err = HTTPA_ERR_MALFORMED;
    }
    if (err == HTTPA_OK) {
        err = httpa_ahl_param_integer(sealed, HTTPA_FIELD_BASE_ID, "max-age",
                                      &max_age_s);
    }
    if (err == HTTPA_OK) {
        httpa_base_shorten(base, now_s, max_age_s);
    }
    return err;
}

static void
take_termination(struct httpa_request *r, const struct httpa_ahl *sealed)
{
    if (httpa_ahl_has(sealed, HTTPA_FIELD_BASE_TERMINATION)) {
        r->session->base.state = HTTPA_BASE_CLOSING;
    }
}

static enum httpa_err
take_error(struct httpa_request *r, const struct httpa_ahl *sealed)
{
    struct httpa_slice token;
    enum httpa_err err = httpa_ahl_token(sealed, HTTPA_FIELD_ERROR, &token);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    if (err == HTTPA_OK && token.n <= sizeof(r->error)) {
        memcpy(r->error, token.p, token.n);
        r->error_len = token.n;
    }
    return err;
}

/* The service's claims about this message; fields for the gateway alone do
 * not reach the caller (doc/protocol.md 10.3). */
static enum httpa_err
take_head(struct httpa_request *r, const struct httpa_head *head, int64_t now_s)
{
    const struct httpa_ahl *sealed = httpa_message_read_ahl(&r->reader);
    enum httpa_err err = take_base_id(r, sealed, now_s);
    if (err == HTTPA_OK) {
        err = take_error(r, sealed);
    }
    if (err == HTTPA_OK) {
        err = httpa_clear_compare(sealed, httpa_buf_slice(&r->kept),
                                  &head->fields);
    }
    if (err == HTTPA_OK) {
        take_termination(r, sealed);
        httpa_numbers_settle(&r->session->base.numbers, r->n);
    }
    httpa_buf_done(&r->kept);
    return err;
}

enum httpa_err httpa_request_read(struct httpa_request *request,
                                  struct httpa_slice in, int64_t now_s,
                                  size_t *ret_used,
                                  struct httpa_event *ret_event)
{
    struct httpa_slice left = in;
    struct httpa_event event;
    if (!request->answered) {
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = httpa_message_read(&request->reader, &left, &event);
    if (err == HTTPA_OK && event.type == HTTPA_EVENT_HEAD) {
        err = take_head(request, event.head, now_s);
    }
    if (err != HTTPA_OK) {
        request->answered = false; /* nothing more comes out of it */
        return err;
    }
    request->session->base.used_s = now_s;
    *ret_used = in.n - left.n;
    *ret_event = event;
    return HTTPA_OK;
}

enum httpa_err httpa_request_read_end(struct httpa_request *request)
{
    return request->answered ? httpa_message_read_end(&request->reader)
                             : HTTPA_ERR_TRUNCATED;
}

struct httpa_slice
httpa_request_error_token(const struct httpa_request *request)
{
    return httpa_slice_of(request->error, request->error_len);
}
