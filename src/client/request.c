/* Writing a request: a number, a ticket, records. */
#include "client/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "wire/clear.h"
#include "wire/head_rules.h"
#include "wire/outer.h"
#include "wire/target.h"

enum httpa_err httpa_request_new(struct httpa_session *session, int64_t now_s,
                                 struct httpa_request **ret_request)
{
    struct httpa_base *base = &session->base;
    if (base->state != HTTPA_BASE_OPEN || httpa_base_expired(base, now_s)) {
        return HTTPA_ERR_EXPIRED;
    }
    if (httpa_meter_low(&base->client) || httpa_meter_low(&base->server)) {
        return HTTPA_ERR_REKEY;
    }
    struct httpa_request *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    enum httpa_err err = httpa_numbers_take(&base->numbers, &r->n);
    if (err != HTTPA_OK) {
        free(r);
        return err;
    }
    base->used_s = now_s;
    r->session = session;
    r->head_room = httpa_buf_growing(HTTPA_LIMIT_RECORD_DATA);
    r->kept = httpa_buf_growing(HTTPA_CLEAR_KEPT_MAX);
    httpa_ahl_init(&r->sealed, HTTPA_PLACE_REQUEST_INNER);
    *ret_request = r;
    return HTTPA_OK;
}

void httpa_request_free(struct httpa_request *request)
{
    if (request == NULL) {
        return;
    }
    httpa_numbers_settle(&request->session->base.numbers, request->n);
    httpa_message_writer_done(&request->writer);
    httpa_message_reader_done(&request->reader);
    httpa_buf_done(&request->head_room);
    httpa_buf_done(&request->kept);
    httpa_wipe(request, sizeof(*request));
    free(request);
}

uint64_t httpa_request_number(const struct httpa_request *request)
{
    return request->n;
}

enum httpa_err httpa_request_supersede(struct httpa_request *request,
                                       const uint64_t *numbers, size_t count)
{
    uint8_t room[HTTPA_LIMIT_VALUE_SEALED];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&text);
    if (request->begun || count == 0) {
        return HTTPA_ERR_USAGE;
    }
    for (size_t i = 0; i < count; i++) {
        httpa_sfv_put(&w, httpa_sfv_integer((int64_t)numbers[i]));
    }
    enum httpa_err err = httpa_buf_check(&text);
    return err == HTTPA_OK
               ? httpa_ahl_set(&request->sealed, HTTPA_FIELD_SUPERSEDES,
                               httpa_buf_slice(&text))
               : err;
}

enum httpa_err httpa_request_terminate(struct httpa_request *request)
{
    return request->begun ? HTTPA_ERR_USAGE
                          : httpa_ahl_set_bare(
                                &request->sealed, HTTPA_FIELD_BASE_TERMINATION,
                                httpa_sfv_token(httpa_slice_str("cleanup")));
}

static enum httpa_err
list_clear(struct httpa_request *r, struct httpa_clear_names clear)
{
    uint8_t room[HTTPA_LIMIT_VALUE_SEALED];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&text);
    for (size_t i = 0; i < clear.n; i++) {
        if (!httpa_clear_may(httpa_slice_str(clear.v[i]))) {
            return HTTPA_ERR_HEAD;
        }
        httpa_sfv_put(&w, httpa_sfv_token(httpa_slice_str(clear.v[i])));
    }
    enum httpa_err err = httpa_buf_check(&text);
    return err == HTTPA_OK && clear.n > 0
               ? httpa_ahl_set(&r->sealed, HTTPA_FIELD_CLEAR,
                               httpa_buf_slice(&text))
               : err;
}

/* The head as it is sealed; lives while it is written. */
struct inner {
    struct httpa_field fields[HTTPA_FIELDS_MAX];
    struct httpa_head head;
};

static enum httpa_err copy_head(const struct httpa_request *r,
                                const struct httpa_head *from, struct inner *to)
{
    struct httpa_target target;
    enum httpa_err err = httpa_target_read(r->session->base.target, &target);
    httpa_head_init(&to->head, to->fields, HTTPA_FIELDS_MAX);
    to->head.is_request = true;
    to->head.method = from->method;
    to->head.scheme = target.scheme;
    to->head.authority = target.authority;
    to->head.path = from->path;
    for (size_t i = 0; err == HTTPA_OK && i < from->fields.n; i++) {
        err = httpa_fields_add(&to->head.fields, from->fields.v[i].name,
                               from->fields.v[i].value);
    }
    return err;
}

/* What the service would refuse is refused here, before it costs a number
 * anything.  Judged on a copy: judging filters. */
static enum httpa_err
check_head(const struct httpa_request *r, const struct inner *inner)
{
    struct inner copy = *inner;
    struct httpa_head_verdict verdict;
    struct httpa_buf cookies = httpa_buf_growing(HTTPA_LIMIT_COOKIES);
    copy.head.fields.v = copy.fields;
    enum httpa_err err = httpa_head_rules_request(
        &copy.head, r->session->base.target, &cookies, &verdict);
    httpa_buf_done(&cookies);
    return err == HTTPA_ERR_INNER_TARGET ? HTTPA_ERR_INTERNAL : err;
}

static enum httpa_err
make_inner(struct httpa_request *r, const struct httpa_head *from,
           struct httpa_clear_names clear, struct inner *to)
{
    enum httpa_err err = copy_head(r, from, to);
    if (err == HTTPA_OK) {
        err = httpa_head_rules_prepare(&to->head.fields, &r->head_room);
    }
    if (err == HTTPA_OK) {
        err = check_head(r, to);
    }
    if (err == HTTPA_OK && from->method.n > sizeof(r->method)) {
        err = HTTPA_ERR_HEAD;
    }
    if (err == HTTPA_OK) {
        memcpy(r->method, from->method.p, from->method.n);
        r->method_len = from->method.n;
        err = list_clear(r, clear);
    }
    return err == HTTPA_OK ? httpa_ahl_to_fields(&r->sealed, &to->head.fields)
                           : err;
}

/* AtT over Base-ID, and the lane bound to it. */
static enum httpa_err
make_ticket(struct httpa_request *r, struct httpa_ahl *clear)
{
    struct httpa_base *base = &r->session->base;
    struct httpa_aead *aead = &r->writer.lane.aead;
    struct httpa_tag_key key = { .aead = aead,
                                 .iv = base->keys.client.iv,
                                 .meter = &base->client };
    httpa_ahl_init(clear, HTTPA_PLACE_REQUEST);
    enum httpa_err err =
        httpa_ahl_set_bare(clear, HTTPA_FIELD_BASE_ID,
                           httpa_sfv_token(httpa_base_id_text(&base->id)));
    if (err == HTTPA_OK) {
        err = httpa_aead_init(aead, r->session->crypto, base->keys.client.suite,
                              httpa_traffic_key(&base->keys.client));
    }
    if (err == HTTPA_OK) {
        err = httpa_ticket_seal(key, r->n, clear, &r->ticket);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_lane_start lane =
        httpa_base_lane_client(base, r->session->crypto, r->n,
                               httpa_slice_of(r->ticket.mac, HTTPA_TICKET_MAC));
    lane.keyed = true;
    return httpa_message_writer_init(&r->writer, &lane, r->session->padding);
}

static enum httpa_err copy_clear(const struct inner *inner,
                                 struct httpa_clear_names clear,
                                 struct httpa_outer *outer)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; i < clear.n; i++) {
        for (size_t k = 0; err == HTTPA_OK && k < inner->head.fields.n; k++) {
            const struct httpa_field *f = &inner->head.fields.v[k];
            if (httpa_slice_is_nocase(f->name, clear.v[i])) {
                err = httpa_outer_add(outer, clear.v[i], f->value);
            }
        }
    }
    return err;
}

static enum httpa_err
fill_outer(struct httpa_request *r, const struct inner *inner,
           const struct httpa_ahl *clear_ahl, struct httpa_clear_names clear,
           struct httpa_outer *outer)
{
    (void)r;
    httpa_outer_init(outer, 0);
    enum httpa_err err = httpa_outer_add_request(
        outer, httpa_slice_str("application/httpa-sealed"));
    if (err == HTTPA_OK) {
        err = httpa_outer_add_ahl(outer, clear_ahl);
    }
    return err == HTTPA_OK ? copy_clear(inner, clear, outer) : err;
}

enum httpa_err
httpa_request_begin(struct httpa_request *request,
                    const struct httpa_head *inner, uint64_t content_len,
                    struct httpa_clear_names clear,
                    struct httpa_outer *ret_outer, struct httpa_buf *out)
{
    struct httpa_request *r = request;
    struct inner sealed;
    struct httpa_ahl clear_ahl;
    if (r->begun) {
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = make_inner(r, inner, clear, &sealed);
    if (err != HTTPA_OK) {
        return err;
    }
    r->begun = true; /* the number is consumed, whatever happens now */
    err = make_ticket(r, &clear_ahl);
    if (err != HTTPA_OK) {
        httpa_message_writer_fail(&r->writer, err);
    }
    if (err == HTTPA_OK) {
        err = fill_outer(r, &sealed, &clear_ahl, clear, ret_outer);
    }
    if (err == HTTPA_OK) {
        err = httpa_message_write_head(
            &r->writer, &sealed.head,
            content_len == 0 ? HTTPA_WRITE_END : HTTPA_WRITE_MORE, out);
        r->ended = content_len == 0;
    }
    if (err != HTTPA_OK || content_len == HTTPA_LENGTH_UNKNOWN) {
        return err;
    }
    size_t head_len = httpa_message_write_raw(&r->writer).n;
    return httpa_outer_add_length(
        ret_outer,
        httpa_sealed_length(head_len, content_len, r->session->padding));
}

enum httpa_err httpa_request_data(struct httpa_request *request,
                                  struct httpa_slice data, bool flush,
                                  struct httpa_buf *out)
{
    return request->begun && !request->ended
               ? httpa_message_write_data(
                     &request->writer, data,
                     flush ? HTTPA_WRITE_FLUSH : HTTPA_WRITE_MORE, out)
               : HTTPA_ERR_USAGE;
}

enum httpa_err
httpa_request_filler(struct httpa_request *request, struct httpa_buf *out)
{
    return request->begun && !request->ended
               ? httpa_message_write_filler(&request->writer, out)
               : HTTPA_ERR_USAGE;
}

enum httpa_err httpa_request_end(struct httpa_request *request,
                                 const struct httpa_fields *trailers,
                                 struct httpa_buf *out)
{
    static const struct httpa_slice nothing;
    if (request->ended) {
        return HTTPA_OK;
    }
    if (!request->begun) {
        return HTTPA_ERR_USAGE;
    }
    request->ended = true;
    return trailers != NULL && trailers->n > 0
               ? httpa_message_write_trailers(&request->writer, trailers, out)
               : httpa_message_write_data(&request->writer, nothing,
                                          HTTPA_WRITE_END, out);
}
