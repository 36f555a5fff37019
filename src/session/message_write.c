#include "session/message_write.h"

#include <string.h>

#include "base/secret.h"
#include "codec/bhttp.h"

enum httpa_err
httpa_message_writer_init(struct httpa_message_writer *w,
                          const struct httpa_lane_start *start,
                          enum httpa_padding padding)
{
    struct httpa_lane lane = w->lane;
    httpa_buf_done(&w->held);
    httpa_buf_done(&w->scratch);
    memset(w, 0, sizeof(*w));
    w->lane = lane;
    w->padding = padding;
    w->held = httpa_buf_growing(HTTPA_RECORD_DATA);
    w->scratch = httpa_buf_growing(HTTPA_BHTTP_HEAD_MAX);
    w->err = httpa_lane_init(&w->lane, start);
    return w->err;
}

void httpa_message_writer_fail(struct httpa_message_writer *w,
                               enum httpa_err err)
{
    httpa_lane_done(&w->lane);
    w->err = err;
}

void httpa_message_writer_done(struct httpa_message_writer *w)
{
    httpa_lane_done(&w->lane);
    httpa_buf_done(&w->held);
    httpa_buf_done(&w->scratch);
    httpa_wipe(w, sizeof(*w));
}

size_t httpa_message_write_room(const struct httpa_message_writer *w,
                                size_t data_n)
{
    size_t records = (w->held.n + data_n) / HTTPA_RECORD_DATA;
    return records * httpa_record_size(HTTPA_RECORD_DATA, w->padding) +
           httpa_record_size((w->held.n + data_n) % HTTPA_RECORD_DATA,
                             w->padding);
}

static enum httpa_err seal(struct httpa_message_writer *w,
                           enum httpa_record_type type, bool final,
                           struct httpa_slice data, struct httpa_buf *out)
{
    struct httpa_record record = { .type = type, .final = final,
                                   .data = data };
    w->err = httpa_record_seal(&w->lane, &record, w->padding, out);
    w->ended = w->ended || final;
    return w->err;
}

/* What every call begins with: dead writers stay dead, and a call out of
 * order is refused without killing what was begun. */
static enum httpa_err ready(const struct httpa_message_writer *w, bool head)
{
    if (w->err != HTTPA_OK) {
        return w->err;
    }
    return w->ended || w->head != head ? HTTPA_ERR_USAGE : HTTPA_OK;
}

enum httpa_err httpa_message_write_head(struct httpa_message_writer *w,
                                        const struct httpa_head *head,
                                        enum httpa_write then,
                                        struct httpa_buf *out)
{
    enum httpa_err err = ready(w, false);
    if (err != HTTPA_OK) {
        return err;
    }
    httpa_buf_reset(&w->scratch);
    w->err = httpa_bhttp_head_write(head, &w->scratch);
    if (w->err == HTTPA_OK) {
        w->head = true;
        w->err = seal(w, HTTPA_RECORD_HEAD, then == HTTPA_WRITE_END,
                      httpa_buf_slice(&w->scratch), out);
    }
    return w->err;
}

/* Content that is held back leaves as one record. */
static enum httpa_err let_go(struct httpa_message_writer *w, bool final,
                             struct httpa_buf *out)
{
    enum httpa_err err = seal(w, HTTPA_RECORD_CONTENT, final,
                              httpa_buf_slice(&w->held), out);
    httpa_buf_reset(&w->held);
    return err;
}

/* Fills up what is held back, from the front of |data|. */
static enum httpa_err hold(struct httpa_message_writer *w,
                           struct httpa_slice *data)
{
    size_t n = HTTPA_RECORD_DATA - w->held.n;
    n = data->n < n ? data->n : n;
    httpa_buf_put(&w->held, data->p, n);
    *data = httpa_slice_from(*data, n);
    return httpa_buf_check(&w->held) == HTTPA_OK ? HTTPA_OK
                                                 : HTTPA_ERR_MEMORY;
}

/* Everything but the last piece: a full record leaves only when it is known
 * that it is not the last. */
static enum httpa_err write_full(struct httpa_message_writer *w,
                                 struct httpa_slice *data,
                                 struct httpa_buf *out)
{
    if (w->held.n > 0) {
        w->err = hold(w, data);
        if (w->err == HTTPA_OK && data->n > 0) {
            w->err = let_go(w, false, out);
        }
    }
    while (w->err == HTTPA_OK && data->n > HTTPA_RECORD_DATA) {
        struct httpa_slice piece =
            httpa_slice_of(data->p, HTTPA_RECORD_DATA);
        *data = httpa_slice_from(*data, HTTPA_RECORD_DATA);
        w->err = seal(w, HTTPA_RECORD_CONTENT, false, piece, out);
    }
    return w->err;
}

enum httpa_err httpa_message_write_data(struct httpa_message_writer *w,
                                        struct httpa_slice data,
                                        enum httpa_write then,
                                        struct httpa_buf *out)
{
    bool end = then == HTTPA_WRITE_END;
    enum httpa_err err = ready(w, true);
    if (err != HTTPA_OK || write_full(w, &data, out) != HTTPA_OK) {
        return err != HTTPA_OK ? err : w->err;
    }
    if (then == HTTPA_WRITE_MORE) {
        w->err = hold(w, &data);
    } else if (w->held.n > 0) {
        w->err = let_go(w, end, out); /* all of |data| is in there */
    } else if (data.n > 0 || end) {
        w->err = seal(w, HTTPA_RECORD_CONTENT, end, data, out);
    }
    return w->err;
}

enum httpa_err httpa_message_write_filler(struct httpa_message_writer *w,
                                          struct httpa_buf *out)
{
    struct httpa_slice nothing = { 0 };
    enum httpa_err err = ready(w, w->head);
    return err != HTTPA_OK
               ? err
               : seal(w, HTTPA_RECORD_FILLER, false, nothing, out);
}

enum httpa_err httpa_message_write_trailers(struct httpa_message_writer *w,
                                            const struct httpa_fields *trailers,
                                            struct httpa_buf *out)
{
    enum httpa_err err = ready(w, true);
    if (err != HTTPA_OK) {
        return err;
    }
    if (w->held.n > 0 && let_go(w, false, out) != HTTPA_OK) {
        return w->err;
    }
    httpa_buf_reset(&w->scratch);
    w->err = httpa_bhttp_fields_write(trailers, &w->scratch);
    if (w->err == HTTPA_OK) {
        w->err = seal(w, HTTPA_RECORD_TRAILERS, true,
                      httpa_buf_slice(&w->scratch), out);
    }
    return w->err;
}

struct httpa_slice
httpa_message_write_raw(const struct httpa_message_writer *w)
{
    return httpa_buf_slice(&w->scratch);
}
