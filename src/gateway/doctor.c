#include "gateway/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/writer.h"

#define WAIT_MAX_S 120u
#define ANSWER_MAX 512u

struct httpa_doctor {
    struct httpa_sealed *s;
    struct httpa_timer timer;
    bool down;
    uint64_t wait_ms; /* before the first piece */
    unsigned pieces;  /* sent, or seen */
    uint64_t first_ms;
    uint64_t last_ms;
};

static uint64_t now_ms(const struct httpa_doctor *d)
{
    return httpa_loop_now_ms(d->s->visit.gate->loop);
}

/* The application's part of the answer: a status and a type. */
static void begin_answer(struct httpa_doctor *d)
{
    struct httpa_field fields[1] = {
        { httpa_slice_str("content-type"), httpa_slice_str(HTTPA_DOCTOR_TYPE) },
    };
    struct httpa_head head;
    httpa_head_init(&head, fields, 1);
    head.status = 200;
    head.fields.n = 1;
    httpa_sealed_reply(d->s, &head, HTTPA_LENGTH_UNKNOWN);
}

static void send_piece(void *arg)
{
    struct httpa_doctor *d = arg;
    static const char piece[] = "piece\n";
    if (d->s->ended || d->s->refused) {
        return;
    }
    if (d->pieces == 0) {
        begin_answer(d);
    }
    d->pieces++;
    if (!d->s->ended) {
        httpa_sealed_reply_data(d->s, httpa_slice_str(piece));
    }
    if (!d->s->ended && d->pieces == HTTPA_DOCTOR_PIECES) {
        httpa_sealed_reply_end(d->s);
    } else if (!d->s->ended) {
        httpa_timer_set(&d->timer, HTTPA_DOCTOR_GAP_MS);
    }
}

/* "?wait=N" */
static uint64_t read_wait_ms(struct httpa_slice path)
{
    struct httpa_slice query =
        httpa_slice_from(path, sizeof(HTTPA_DOCTOR_DOWN) - 1);
    uint64_t s = 0;
    if (!httpa_slice_starts(query, "?wait=")) {
        return 0;
    }
    for (size_t i = 6; i < query.n && s < WAIT_MAX_S; i++) {
        if (!httpa_ascii_is_digit(query.p[i])) {
            return 0;
        }
        s = s * 10 + (uint64_t)(query.p[i] - '0');
    }
    return 1000 * (s < WAIT_MAX_S ? s : WAIT_MAX_S);
}

enum httpa_err
httpa_doctor_take(struct httpa_sealed *s, const struct httpa_head *head)
{
    bool down = httpa_slice_is(head->method, "GET") &&
                httpa_slice_starts(head->path, HTTPA_DOCTOR_DOWN);
    bool up = httpa_slice_is(head->method, "POST") &&
              httpa_slice_is(head->path, HTTPA_DOCTOR_UP);
    if (!s->visit.gate->gateway->settings->doctor || (!down && !up)) {
        return HTTPA_OK;
    }
    struct httpa_doctor *d = calloc(1, sizeof(*d));
    if (d == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    d->s = s;
    d->down = down;
    d->wait_ms = down ? read_wait_ms(head->path) : 0;
    httpa_timer_init(&d->timer, s->visit.gate->loop, send_piece, d);
    s->doctor = d;
    return HTTPA_OK;
}

void httpa_doctor_data(struct httpa_doctor *d)
{
    d->last_ms = now_ms(d);
    if (d->pieces++ == 0) {
        d->first_ms = d->last_ms;
    }
}

/* "8 1050 api.example.com" */
static void tell(struct httpa_doctor *d)
{
    uint8_t room[ANSWER_MAX];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    httpa_write_decimal(&out, d->pieces);
    httpa_buf_put_byte(&out, ' ');
    httpa_write_decimal(&out, d->last_ms - d->first_ms);
    httpa_buf_put_byte(&out, ' ');
    httpa_buf_put_str(&out, d->s->outer_host != NULL ? d->s->outer_host : "");
    httpa_buf_put_byte(&out, '\n');
    begin_answer(d);
    if (!d->s->ended) {
        httpa_sealed_reply_data(d->s, httpa_buf_slice(&out));
    }
    if (!d->s->ended) {
        httpa_sealed_reply_end(d->s);
    }
}

void httpa_doctor_end(struct httpa_doctor *d)
{
    if (d->down) {
        httpa_timer_set(&d->timer, d->wait_ms);
    } else {
        tell(d);
    }
}

void httpa_doctor_free(struct httpa_doctor *d)
{
    if (d != NULL) {
        httpa_timer_done(&d->timer, free);
    }
}
