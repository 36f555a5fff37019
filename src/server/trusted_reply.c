/* The answer of a trusted exchange: one binder, one message, ever. */
#include "codec/bhttp.h"
#include "server/trusted.h"
#include "wire/head_rules.h"
#include "wire/outer.h"
#include "wire/refusal.h"

/* Sealed Attest-* fields of a reply, and the attest- ones of a refusal. */
#define OWN_FIELDS 3u

/* Makes AtBr, adds it to |ahl|, and starts the records bound to it. */
static enum httpa_err
make_binder(struct httpa_trusted *x, struct httpa_ahl *ahl)
{
    struct httpa_base *base = x->accepted.base;
    struct httpa_aead *aead = &x->writer.lane.aead;
    struct httpa_tag_key key = { .aead = aead,
                                 .iv = base->keys.server.iv,
                                 .meter = &base->server };
    uint8_t binder[HTTPA_TICKET_MAC];
    httpa_ahl_init(ahl, HTTPA_PLACE_RESPONSE);
    if (x->request_complete) { /* nothing is left to open with it */
        *aead = x->reader.lane.aead;
        x->reader.lane.aead = (struct httpa_aead){ 0 };
    }
    enum httpa_err err =
        httpa_aead_init(aead, x->service->crypto, base->keys.server.suite,
                        httpa_traffic_key(&base->keys.server));
    if (err == HTTPA_OK) {
        err = httpa_binder_seal(key, &x->accepted.ticket, 200, ahl, binder);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_lane_start lane =
        httpa_base_lane_server(base, x->service->crypto, x->accepted.ticket.n,
                               httpa_slice_of(binder, sizeof(binder)));
    lane.keyed = true;
    return httpa_message_writer_init(&x->writer, &lane, HTTPA_PADDING_DEFAULT);
}

/* Once, whatever comes of it; where it failed nothing is ever sealed. */
static enum httpa_err bind(struct httpa_trusted *x, struct httpa_ahl *ahl)
{
    x->bound = true;
    enum httpa_err err = make_binder(x, ahl);
    if (err != HTTPA_OK) {
        httpa_message_writer_fail(&x->writer, err);
    }
    return err;
}

static enum httpa_err
make_outer(struct httpa_trusted *x, struct httpa_outer *outer)
{
    struct httpa_ahl ahl;
    if (x->bound) {
        return HTTPA_ERR_USAGE;
    }
    httpa_outer_init(outer, 200);
    enum httpa_err err = bind(x, &ahl);
    if (err == HTTPA_OK) {
        err = httpa_service_add_sealed(outer);
    }
    return err == HTTPA_OK ? httpa_outer_add_ahl(outer, &ahl) : err;
}

/* Seconds until the base ends, when the client has to be told: the service
 * drains, or the key has done half of its work (doc/protocol.md 12.3). */
static bool
must_tell(const struct httpa_trusted *x, int64_t now_s, int64_t *ret_left_s)
{
    const struct httpa_base *base = x->accepted.base;
    int64_t end_s = atomic_load(&x->service->drain_end_s);
    bool used_up =
        httpa_meter_half(&base->client) || httpa_meter_half(&base->server);
    if (end_s == 0 && !used_up) {
        return false;
    }
    int64_t left_s = base->created_s + x->service->max_age_s - now_s;
    if (used_up && left_s > HTTPA_TIME_UNCONFIRMED_S) {
        left_s = HTTPA_TIME_UNCONFIRMED_S;
    }
    if (end_s != 0 && left_s > end_s - now_s) {
        left_s = end_s - now_s;
    }
    *ret_left_s = left_s > 0 ? left_s : 1;
    return true;
}

static enum httpa_err
add_base_id(struct httpa_trusted *x, int64_t now_s, struct httpa_ahl *ahl)
{
    uint8_t room[HTTPA_LIMIT_VALUE];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&text);
    int64_t left_s = 0;
    if (!must_tell(x, now_s, &left_s)) {
        return HTTPA_OK;
    }
    httpa_sfv_put(&w,
                  httpa_sfv_token(httpa_base_id_text(&x->accepted.base->id)));
    httpa_sfv_put_param(&w, "max-age", httpa_sfv_integer(left_s));
    enum httpa_err err = httpa_buf_check(&text);
    return err == HTTPA_OK
               ? httpa_ahl_set(ahl, HTTPA_FIELD_BASE_ID, httpa_buf_slice(&text))
               : err;
}

/* The fields that this service adds to the sealed head. */
static enum httpa_err own_fields(struct httpa_trusted *x, int64_t now_s,
                                 const char *error, struct httpa_ahl *ahl)
{
    static const char *const done[] = {
        [HTTPA_TERMINATION_CLEANUP] = "cleanup",
        [HTTPA_TERMINATION_KEEP] = "keep",
    };
    httpa_ahl_init(ahl, HTTPA_PLACE_RESPONSE_INNER);
    enum httpa_err err = add_base_id(x, now_s, ahl);
    if (err == HTTPA_OK && x->request_complete &&
        x->termination != HTTPA_TERMINATION_NONE) {
        err = httpa_ahl_set_bare(
            ahl, HTTPA_FIELD_BASE_TERMINATION,
            httpa_sfv_token(httpa_slice_str(done[x->termination])));
    }
    if (err == HTTPA_OK && error != NULL) {
        err = httpa_ahl_set_bare(ahl, HTTPA_FIELD_ERROR,
                                 httpa_sfv_token(httpa_slice_str(error)));
    }
    return err;
}

/* The head that is sealed: the application's, prepared, and our fields. */
struct reply_head {
    struct httpa_ahl own;
    struct httpa_field fields[HTTPA_FIELDS_MAX];
    struct httpa_head head;
    bool last; /* it is the whole answer */
};

/* What the record of a head holds (codec/bhttp.h); the rest is for lengths
 * and the control data. */
static enum httpa_err check_size(const struct httpa_fields *fields)
{
    size_t n = 64;
    for (size_t i = 0; i < fields->n; i++) {
        const struct httpa_field *f = &fields->v[i];
        if (f->name.n > HTTPA_BHTTP_NAME_MAX ||
            f->value.n > HTTPA_BHTTP_VALUE_MAX) {
            return HTTPA_ERR_HEAD;
        }
        n += f->name.n + f->value.n + 8;
    }
    return n > HTTPA_BHTTP_HEAD_MAX ? HTTPA_ERR_HEAD : HTTPA_OK;
}

static enum httpa_err prepare(struct httpa_trusted *x,
                              const struct httpa_head *head, int64_t now_s,
                              const char *error, struct reply_head *r)
{
    httpa_head_init(&r->head, r->fields, HTTPA_FIELDS_MAX);
    r->head.status = head->status;
    enum httpa_err err = HTTPA_OK;
    if (head->fields.n > HTTPA_FIELDS_MAX - OWN_FIELDS) {
        return HTTPA_ERR_HEAD;
    }
    for (size_t i = 0; err == HTTPA_OK && i < head->fields.n; i++) {
        err = httpa_fields_add(&r->head.fields, head->fields.v[i].name,
                               head->fields.v[i].value);
    }
    httpa_buf_reset(&x->head_room);
    if (err == HTTPA_OK) {
        err = httpa_head_rules_prepare(&r->head.fields, &x->head_room);
    }
    if (err == HTTPA_OK) {
        err = own_fields(x, now_s, error, &r->own);
    }
    if (err == HTTPA_OK) {
        err = httpa_ahl_to_fields(&r->own, &r->head.fields);
    }
    return err == HTTPA_OK ? check_size(&r->head.fields) : err;
}

/* Whether status and method forbid content (doc/protocol.md 10.3). */
static bool without_content(const struct httpa_trusted *x, unsigned status)
{
    return status == 204 || status == 304 ||
           httpa_slice_is(httpa_trusted_method(x), "HEAD");
}

/* A complete success answers a complete request (doc/protocol.md 9.6), and a
 * success says that a termination is done when it is (12.4). */
static enum httpa_err
may_begin(const struct httpa_trusted *x, unsigned status, uint64_t content_len)
{
    bool last = content_len == 0 || without_content(x, status) ||
                x->termination != HTTPA_TERMINATION_NONE;
    return last && status < 400 && !x->request_complete ? HTTPA_ERR_ORDER
                                                        : HTTPA_OK;
}

static enum httpa_err write_head(struct httpa_trusted *x,
                                 const struct httpa_head *head, bool last,
                                 struct httpa_buf *out)
{
    enum httpa_err err = httpa_message_write_head(
        &x->writer, head, last ? HTTPA_WRITE_END : HTTPA_WRITE_MORE, out);
    x->replied = true;
    x->may_end = head->status >= 400;
    x->ended = err == HTTPA_OK && last;
    return err;
}

/* Everything about an answer's head that can be wrong. */
static enum httpa_err begin(struct httpa_trusted *x,
                            const struct httpa_head *head, uint64_t content_len,
                            int64_t now_s, struct reply_head *r)
{
    enum httpa_err err = may_begin(x, head->status, content_len);
    r->last = content_len == 0 || without_content(x, head->status);
    return err == HTTPA_OK ? prepare(x, head, now_s, NULL, r) : err;
}

enum httpa_err httpa_trusted_reply_early(struct httpa_trusted *x,
                                         struct httpa_outer *ret_outer)
{
    return make_outer(x, ret_outer);
}

enum httpa_err httpa_trusted_reply_head(struct httpa_trusted *x,
                                        const struct httpa_head *head,
                                        uint64_t content_len, int64_t now_s,
                                        struct httpa_buf *out)
{
    struct reply_head r;
    if (!x->bound || x->replied) {
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = begin(x, head, content_len, now_s, &r);
    return err == HTTPA_OK ? write_head(x, &r.head, r.last, out) : err;
}

enum httpa_err
httpa_trusted_reply(struct httpa_trusted *x, const struct httpa_head *head,
                    uint64_t content_len, int64_t now_s,
                    struct httpa_outer *ret_outer, struct httpa_buf *out)
{
    struct reply_head r;
    if (x->bound) {
        return HTTPA_ERR_USAGE;
    }
    /* The head is judged before there is a binder: what cannot be sealed can
     * still be refused. */
    enum httpa_err err = begin(x, head, content_len, now_s, &r);
    if (err == HTTPA_OK) {
        err = make_outer(x, ret_outer);
    }
    if (err == HTTPA_OK) {
        err = write_head(x, &r.head, r.last, out);
    }
    if (err != HTTPA_OK || content_len == HTTPA_LENGTH_UNKNOWN) {
        return err;
    }
    uint64_t n = without_content(x, head->status) ? 0 : content_len;
    return httpa_outer_add_length(
        ret_outer, httpa_sealed_length(httpa_message_write_raw(&x->writer).n, n,
                                       HTTPA_PADDING_DEFAULT));
}

enum httpa_err httpa_trusted_reply_data(struct httpa_trusted *x,
                                        struct httpa_slice data, bool flush,
                                        struct httpa_buf *out)
{
    if (!x->replied || x->ended) {
        return HTTPA_ERR_USAGE;
    }
    return httpa_message_write_data(
        &x->writer, data, flush ? HTTPA_WRITE_FLUSH : HTTPA_WRITE_MORE, out);
}

enum httpa_err
httpa_trusted_reply_filler(struct httpa_trusted *x, struct httpa_buf *out)
{
    return x->bound && !x->ended ? httpa_message_write_filler(&x->writer, out)
                                 : HTTPA_ERR_USAGE;
}

static enum httpa_err write_trailers(struct httpa_trusted *x,
                                     const struct httpa_fields *trailers,
                                     struct httpa_buf *out)
{
    struct httpa_field room[HTTPA_LIMIT_TRAILERS];
    struct httpa_fields fields = { .v = room, .cap = HTTPA_LIMIT_TRAILERS };
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < trailers->n; i++) {
        err = httpa_fields_add(&fields, trailers->v[i].name,
                               trailers->v[i].value);
    }
    httpa_buf_reset(&x->head_room);
    if (err == HTTPA_OK) {
        err = httpa_head_rules_prepare_trailers(&fields, &x->head_room);
    }
    return err == HTTPA_OK
               ? httpa_message_write_trailers(&x->writer, &fields, out)
               : err;
}

enum httpa_err httpa_trusted_reply_end(struct httpa_trusted *x,
                                       const struct httpa_fields *trailers,
                                       struct httpa_buf *out)
{
    static const struct httpa_slice nothing;
    if (x->ended) {
        return HTTPA_OK;
    }
    if (!x->replied) {
        return HTTPA_ERR_USAGE;
    }
    if (!x->may_end && !x->request_complete) {
        return HTTPA_ERR_ORDER;
    }
    enum httpa_err err = trailers != NULL && trailers->n > 0
                             ? write_trailers(x, trailers, out)
                             : httpa_message_write_data(&x->writer, nothing,
                                                        HTTPA_WRITE_END, out);
    x->ended = err == HTTPA_OK;
    return err;
}

bool httpa_trusted_reply_begun(const struct httpa_trusted *x)
{
    return x->bound;
}

enum httpa_err
httpa_trusted_refuse(struct httpa_trusted *x, enum httpa_err why, int64_t now_s,
                     struct httpa_outer *ret_outer, struct httpa_buf *out)
{
    const struct httpa_refusal *row = httpa_refusal_sealed(why);
    struct httpa_head head;
    struct reply_head r;
    if (x->replied) {
        return HTTPA_ERR_USAGE;
    }
    httpa_head_init(&head, NULL, 0);
    head.status = why == HTTPA_ERR_TIMEOUT ? 504 : row->sealed;
    enum httpa_err err = HTTPA_OK;
    if (!x->bound) {
        err = make_outer(x, ret_outer);
    }
    if (err == HTTPA_OK) {
        err = prepare(x, &head, now_s, row->name, &r);
    }
    if (err == HTTPA_OK) {
        err = write_head(x, &r.head, true, out);
    }
    return err;
}
