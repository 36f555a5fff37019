/*
 * What the example service says to one connection.  http.c brings parsed heads
 * and bytes, the library says what they are and what to send back, and this
 * file carries things between the two and the attester.  It holds no key,
 * compares no tag and counts no message, so it cannot do so wrongly.
 */
#include "service.h"

#include "http.h"

#include <stdio.h>
#include <time.h>

static enum httpa_err
send_all(int fd, const struct httpa_outer *outer, const struct httpa_buf *out)
{
    enum httpa_err err = http_send_head(fd, &outer->head, NULL);
    return err ? err : http_send(fd, httpa_buf_slice(out));
}

/* AtHS: the device quotes what the handshake names, and nothing else. */
static enum httpa_err handshake(const struct service *s, const struct http *h,
                                struct httpa_slice in, struct httpa_buf *out)
{
    struct httpa_attest_diag diag;
    struct httpa_handshake *hs = NULL;
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    enum httpa_err err = httpa_service_handshake(s->service, &h->head, in,
                                                 time(NULL), NULL, &hs);
    const uint8_t *rd = err ? NULL : httpa_handshake_report_data(hs);
    err = err ? err : s->device->quote(s->device, rd, &value, &diag);
    struct httpa_evidence e = { .binding = HTTPA_BINDING_FRESH };
    e.media_type = httpa_slice_str(s->device->media_type);
    e.value = httpa_buf_slice(&value);
    err = err ? err : httpa_handshake_finish(hs, &e, NULL, time(NULL), out);
    err = err ? err : send_all(h->fd, httpa_handshake_outer(hs), out);
    httpa_handshake_free(hs);
    httpa_buf_done(&value);
    return err;
}

/* Reads a sealed request to its end; only its path is looked at. */
static enum httpa_err
read_request(struct httpa_trusted *x, struct httpa_slice in, char text[300])
{
    struct httpa_event e = { .type = HTTPA_EVENT_FILLER };
    enum httpa_err err = HTTPA_OK;
    for (size_t used; !err && (in.n > 0 || e.type != HTTPA_EVENT_NONE);) {
        err = httpa_trusted_read(x, in, &used, &e);
        in = httpa_slice_from(in, err ? 0 : used);
        if (!err && e.type == HTTPA_EVENT_HEAD) {
            (void)snprintf(text, 300, "you asked for %.*s\n",
                           (int)e.head->path.n, (const char *)e.head->path.p);
        }
    }
    return err ? err : httpa_trusted_read_end(x);
}

/* From a good ticket on there is exactly one answer, made through |x|. */
static enum httpa_err trusted(const struct service *s, const struct http *h,
                              struct httpa_slice in, struct httpa_buf *out)
{
    static struct httpa_outer outer;
    struct httpa_trusted *x = NULL;
    const struct httpa_head head = { .status = 200 };
    char text[300] = "";
    enum httpa_err err =
        httpa_service_open(s->service, &h->head, time(NULL), &x);
    if (err != HTTPA_OK) {
        return err;
    }
    err = read_request(x, in, text);
    struct httpa_slice body = httpa_slice_str(text);
    if (err != HTTPA_OK) {
        err = httpa_trusted_refuse(x, err, time(NULL), &outer, out);
    } else {
        /* Its length is announced, so nothing is flushed on the way. */
        err = httpa_trusted_reply(x, &head, body.n, time(NULL), &outer, out);
        err = err ? err : httpa_trusted_reply_data(x, body, false, out);
        err = err ? err : httpa_trusted_reply_end(x, NULL, out);
    }
    /* Its number is used: if this failed, there is no second try. */
    if (err || send_all(h->fd, &outer, out) != HTTPA_OK) {
        fprintf(stderr, "service: an answer broke off\n");
    }
    httpa_trusted_free(x);
    return HTTPA_OK;
}

void service_answer(const struct service *s, int fd)
{
    static struct http h;
    static struct httpa_outer refusal;
    struct httpa_buf in = httpa_buf_growing(262144);
    struct httpa_buf out = httpa_buf_growing(524288);
    enum httpa_err err = http_read_head(&h, fd, true);
    err = err ? err : http_read_all(&h, &in);
    enum httpa_kind kind = err ? HTTPA_KIND_UNSET : httpa_kind_of(&h.head);
    struct httpa_slice content = httpa_buf_slice(&in);
    if (kind == HTTPA_KIND_ATHS) {
        err = handshake(s, &h, content, &out);
    } else if (kind == HTTPA_KIND_SEALED) {
        err = trusted(s, &h, content, &out);
    } else if (kind != HTTPA_KIND_UNSET) {
        err = HTTPA_ERR_UNTRUSTED; /* only HTTPA is spoken here */
    }
    /* Strangers get one word of a closed set, whatever it was. */
    httpa_buf_reset(&in);
    if (err != HTTPA_OK) {
        err = httpa_service_refuse(s->service, &h.head, err, 0, &refusal, &in);
        err = err ? err : send_all(fd, &refusal, &in);
    }
    if (err != HTTPA_OK) {
        fprintf(stderr, "service: %s\n", httpa_strerror(err));
    }
    httpa_buf_done(&in);
    httpa_buf_done(&out);
}
