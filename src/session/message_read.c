#include "session/message_read.h"

#include <string.h>

#include "base/secret.h"
#include "codec/bhttp.h"

enum httpa_err
httpa_message_reader_init(struct httpa_message_reader *r,
                          const struct httpa_lane_start *start,
                          const struct httpa_message_expect *expect)
{
    struct httpa_lane lane = r->lane;
    httpa_buf_done(&r->record);
    httpa_buf_done(&r->room);
    memset(r, 0, HTTPA_MESSAGE_READER_ZEROED);
    r->lane = lane;
    r->expect = *expect;
    r->record = httpa_buf_growing(HTTPA_LIMIT_RECORD);
    r->room = httpa_buf_growing(HTTPA_LIMIT_COOKIES);
    r->err = httpa_lane_init(&r->lane, start);
    return r->err;
}

void httpa_message_reader_done(struct httpa_message_reader *r)
{
    httpa_lane_done(&r->lane);
    httpa_buf_done(&r->record);
    httpa_buf_done(&r->room);
    httpa_wipe(r, HTTPA_MESSAGE_READER_ZEROED);
}

/* ---- what a record means ---------------------------------------------- */

static enum httpa_err broken(struct httpa_message_reader *r, const char *rule)
{
    r->verdict.rule = rule;
    return HTTPA_ERR_HEAD;
}

static enum httpa_place place_of(enum httpa_message_form form)
{
    switch (form) {
    case HTTPA_MESSAGE_REQUEST:
        return HTTPA_PLACE_REQUEST_INNER;
    case HTTPA_MESSAGE_RESPONSE:
        return HTTPA_PLACE_RESPONSE_INNER;
    default:
        return HTTPA_PLACE_ATHS_SEALED;
    }
}

static enum httpa_err judge_head(struct httpa_message_reader *r)
{
    if (r->expect.form == HTTPA_MESSAGE_REQUEST) {
        return httpa_head_rules_request(&r->head, r->expect.target, &r->room,
                                        &r->verdict);
    }
    return httpa_head_rules_response(&r->head, r->expect.method, &r->verdict);
}

static enum httpa_err take_head(struct httpa_message_reader *r,
                                const struct httpa_record *record,
                                struct httpa_event *ret_event)
{
    if (r->stage != HTTPA_STAGE_HEAD) {
        return HTTPA_ERR_ORDER;
    }
    httpa_head_init(&r->head, r->fields, HTTPA_FIELDS_MAX);
    enum httpa_err err = httpa_bhttp_head_read(record->data, &r->head);
    if (err == HTTPA_OK) {
        err = httpa_ahl_read(&r->head.fields, place_of(r->expect.form),
                             &r->ahl);
    }
    if (err == HTTPA_OK) {
        err = judge_head(r);
    }
    if (err == HTTPA_OK && httpa_ahl_has(&r->ahl, HTTPA_FIELD_SECRETS) &&
        !httpa_slice_is(r->head.method, "ATTEST")) {
        err = broken(r, "attest-secrets"); /* doc/protocol.md 18.1 */
    }
    if (err != HTTPA_OK) {
        return err;
    }
    r->stage = HTTPA_STAGE_CONTENT;
    r->raw = record->data;
    ret_event->type = HTTPA_EVENT_HEAD;
    ret_event->head = &r->head;
    return HTTPA_OK;
}

static enum httpa_err take_content(struct httpa_message_reader *r,
                                   const struct httpa_record *record,
                                   struct httpa_event *ret_event)
{
    const struct httpa_content_rule *rule = &r->verdict.content;
    if (r->stage != HTTPA_STAGE_CONTENT) {
        return HTTPA_ERR_ORDER;
    }
    r->content += record->data.n;
    if ((rule->none && r->content > 0) ||
        (rule->has_length && r->content > rule->length)) {
        return broken(r, "content: longer than the head says");
    }
    r->raw = record->data;
    ret_event->type = HTTPA_EVENT_DATA;
    ret_event->data = record->data;
    return HTTPA_OK;
}

static enum httpa_err judge_trailers(struct httpa_message_reader *r)
{
    if (r->expect.form != HTTPA_MESSAGE_ATHS) {
        return httpa_head_rules_trailers(&r->trailers, &r->verdict.rule);
    }
    /* Finished, and nothing else: doc/protocol.md 5.5. */
    if (r->trailers.n != 1) {
        return broken(r, "trailers: not Finished alone");
    }
    return httpa_ahl_read(&r->trailers, HTTPA_PLACE_ATHS_FINISHED, &r->ahl);
}

static enum httpa_err take_trailers(struct httpa_message_reader *r,
                                    const struct httpa_record *record,
                                    struct httpa_event *ret_event)
{
    if (r->stage != HTTPA_STAGE_CONTENT || !record->final) {
        return HTTPA_ERR_ORDER;
    }
    r->trailers = (struct httpa_fields){ .v = r->fields,
                                         .cap = HTTPA_FIELDS_MAX };
    enum httpa_err err = httpa_bhttp_fields_read(record->data, &r->trailers);
    if (err == HTTPA_OK) {
        err = judge_trailers(r);
    }
    if (err == HTTPA_OK) {
        r->raw = record->data;
        ret_event->type = HTTPA_EVENT_TRAILERS;
        ret_event->trailers = &r->trailers;
    }
    return err;
}

static enum httpa_err take_filler(const struct httpa_record *record,
                                  struct httpa_event *ret_event)
{
    ret_event->type = HTTPA_EVENT_FILLER;
    return record->final ? HTTPA_ERR_ORDER : HTTPA_OK;
}

/* Work that a peer may cause without saying anything is bounded. */
static enum httpa_err count_empty(struct httpa_message_reader *r,
                                  const struct httpa_record *record)
{
    bool filler = record->type == HTTPA_RECORD_FILLER;
    r->empty = filler || record->data.n == 0 ? r->empty + 1 : 0;
    return r->empty > HTTPA_LIMIT_EMPTY_RECORDS ? HTTPA_ERR_LIMIT : HTTPA_OK;
}

static enum httpa_err take_record(struct httpa_message_reader *r,
                                  const struct httpa_record *record,
                                  struct httpa_event *ret_event)
{
    enum httpa_err err = count_empty(r, record);
    if (err != HTTPA_OK) {
        return err;
    }
    switch (record->type) {
    case HTTPA_RECORD_HEAD:
        err = take_head(r, record, ret_event);
        break;
    case HTTPA_RECORD_CONTENT:
        err = take_content(r, record, ret_event);
        break;
    case HTTPA_RECORD_TRAILERS:
        err = take_trailers(r, record, ret_event);
        break;
    case HTTPA_RECORD_FILLER:
        err = take_filler(record, ret_event);
        break;
    }
    if (err == HTTPA_OK && record->final) {
        const struct httpa_content_rule *rule = &r->verdict.content;
        if (rule->has_length && r->content != rule->length) {
            return broken(r, "content: shorter than the head says");
        }
        r->stage = HTTPA_STAGE_FINAL;
    }
    return err;
}

/* ---- bytes to records ------------------------------------------------- */

static struct httpa_slice take(struct httpa_slice *in, size_t n)
{
    struct httpa_slice s = httpa_slice_of(in->p, n < in->n ? n : in->n);
    *in = httpa_slice_from(*in, s.n);
    return s;
}

/* True when the header is complete; it is judged before a byte behind it is
 * kept. */
static enum httpa_err take_header(struct httpa_message_reader *r,
                                  struct httpa_slice *in, bool *ret_complete)
{
    if (r->header_n == HTTPA_RECORD_HEADER) {
        *ret_complete = true;
        return HTTPA_OK;
    }
    struct httpa_slice s = take(in, HTTPA_RECORD_HEADER - r->header_n);
    for (size_t i = 0; i < s.n; i++) {
        r->header[r->header_n++] = s.p[i];
    }
    *ret_complete = r->header_n == HTTPA_RECORD_HEADER;
    return *ret_complete ? httpa_record_header_read(r->header, &r->now)
                         : HTTPA_OK;
}

/* Opens the record if it is complete.  One that stands whole in the input is
 * opened from there, otherwise it is gathered and opened in place. */
static enum httpa_err take_body(struct httpa_message_reader *r,
                                struct httpa_slice *in,
                                struct httpa_record *ret_record,
                                bool *ret_complete)
{
    struct httpa_slice sealed;
    uint8_t *to;
    *ret_complete = false;
    if (r->record.n == 0 && in->n >= r->now.length) {
        sealed = take(in, r->now.length);
        to = httpa_buf_room(&r->record, sealed.n - HTTPA_RECORD_TAG);
    } else {
        httpa_buf_put_slice(&r->record,
                            take(in, r->now.length - r->record.n));
        if (httpa_buf_check(&r->record) == HTTPA_OK &&
            r->record.n < r->now.length) {
            return HTTPA_OK;
        }
        sealed = httpa_buf_slice(&r->record);
        to = r->record.p;
    }
    if (to == NULL || httpa_buf_check(&r->record) != HTTPA_OK) {
        return HTTPA_ERR_MEMORY;
    }
    enum httpa_err err =
        httpa_record_open(&r->lane, r->now, sealed, to, ret_record);
    /* What was opened from the input counts as content of the buffer, so
     * that it is wiped with it. */
    if (r->record.n == 0) {
        httpa_buf_grew(&r->record, sealed.n - HTTPA_RECORD_TAG);
    }
    *ret_complete = err == HTTPA_OK;
    return err;
}

/* The plaintext of the last event goes before anything else happens. */
static void forget(struct httpa_message_reader *r)
{
    if (r->opened) {
        httpa_buf_reset(&r->record);
        r->raw = (struct httpa_slice){ 0 };
        r->header_n = 0;
        r->opened = false;
    }
}

static enum httpa_err read_next(struct httpa_message_reader *r,
                                struct httpa_slice *in,
                                struct httpa_event *ret_event)
{
    struct httpa_record record;
    bool complete = false;
    if (r->stage == HTTPA_STAGE_FINAL) {
        r->stage = HTTPA_STAGE_ENDED;
        ret_event->type = HTTPA_EVENT_END;
        return HTTPA_OK;
    }
    if (r->stage == HTTPA_STAGE_ENDED) {
        return in->n > 0 ? HTTPA_ERR_TRAILING : HTTPA_OK;
    }
    enum httpa_err err = take_header(r, in, &complete);
    if (err == HTTPA_OK && complete) {
        err = take_body(r, in, &record, &complete);
    }
    if (err == HTTPA_OK && complete) {
        r->opened = true;
        err = take_record(r, &record, ret_event);
    }
    return err;
}

enum httpa_err httpa_message_read(struct httpa_message_reader *r,
                                  struct httpa_slice *in,
                                  struct httpa_event *ret_event)
{
    struct httpa_event event = { 0 };
    if (r->err != HTTPA_OK) {
        return r->err;
    }
    forget(r);
    r->err = read_next(r, in, &event);
    /* An empty content record is no news, unless it is the last. */
    while (r->err == HTTPA_OK && event.type == HTTPA_EVENT_DATA &&
           event.data.n == 0) {
        event = (struct httpa_event){ 0 };
        forget(r);
        r->err = read_next(r, in, &event);
    }
    if (r->err != HTTPA_OK) {
        r->opened = true;
        forget(r);
        return r->err;
    }
    *ret_event = event;
    return HTTPA_OK;
}

enum httpa_err httpa_message_read_end(struct httpa_message_reader *r)
{
    if (r->err == HTTPA_OK && r->stage != HTTPA_STAGE_ENDED) {
        r->err = HTTPA_ERR_TRUNCATED;
    }
    return r->err;
}

struct httpa_slice
httpa_message_read_raw(const struct httpa_message_reader *r)
{
    return r->raw;
}

const struct httpa_ahl *
httpa_message_read_ahl(const struct httpa_message_reader *r)
{
    return &r->ahl;
}
