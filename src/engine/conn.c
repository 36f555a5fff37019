#include "engine/conn.h"

#include <sys/socket.h>
#include <unistd.h>

/* An empty queue keeps no more storage than this. */
#define KEEP 8192u

static void tick(void *arg);

static void soon(struct httpa_conn *c)
{
    httpa_loop_soon(c->loop, &c->task);
}

static void on_time(void *arg)
{
    struct httpa_conn *c = arg;
    if (!c->closing) {
        c->events->on_time(c->user);
    }
}

void httpa_conn_init(struct httpa_conn *c, struct httpa_loop *loop,
                     bool unix_socket, struct httpa_tls_session *tls,
                     const struct httpa_conn_events *events, void *user)
{
    *c = (struct httpa_conn){
        .loop = loop,
        .tls = tls,
        .events = events,
        .user = user,
        .task = { .fn = tick, .arg = c },
        .out = httpa_buf_growing(HTTPA_CONN_QUEUE_MAX),
        .wire = httpa_buf_growing(2 * HTTPA_CONN_QUEUE_MAX),
        .held = httpa_buf_growing(HTTPA_LOOP_ROOM),
        .handles = 2,
    };
    if (unix_socket) {
        (void)uv_pipe_init(httpa_loop_uv(loop), &c->uv.pipe, 0);
    } else {
        (void)uv_tcp_init(httpa_loop_uv(loop), &c->uv.tcp);
    }
    c->uv.handle.data = c;
    httpa_timer_init(&c->timer, loop, on_time, c);
}

static void set_broken(struct httpa_conn *c, enum httpa_err why)
{
    if (c->broken == HTTPA_OK) {
        c->broken = why;
        (void)uv_read_stop(&c->uv.stream);
        soon(c);
    }
}

/* ---- reading ---- */

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct httpa_conn *c = handle->data;
    (void)suggested;
    *buf = uv_buf_init((char *)httpa_loop_room(c->loop), HTTPA_LOOP_ROOM);
}

static bool may_offer(const struct httpa_conn *c)
{
    return !c->paused && !c->closing && c->broken == HTTPA_OK;
}

/* Keeps what on_bytes did not take, and reads no more. */
static void hold(struct httpa_conn *c, struct httpa_slice rest)
{
    c->paused = true;
    (void)uv_read_stop(&c->uv.stream);
    httpa_buf_put_slice(&c->held, rest);
    if (c->held.failed) {
        set_broken(c, HTTPA_ERR_MEMORY);
    }
}

static void offer(struct httpa_conn *c, struct httpa_slice in)
{
    size_t taken = c->events->on_bytes(c->user, in);
    if (taken < in.n && !c->closing && c->broken == HTTPA_OK) {
        hold(c, httpa_slice_from(in, taken));
    }
}

static void offer_held(struct httpa_conn *c)
{
    struct httpa_slice in =
        httpa_slice_from(httpa_buf_slice(&c->held), c->held_at);
    size_t taken = in.n > 0 ? c->events->on_bytes(c->user, in) : 0;
    c->held_at += taken;
    c->paused = taken < in.n;
    if (!c->paused && !c->closing) {
        httpa_buf_done(&c->held);
        c->held = httpa_buf_growing(HTTPA_LOOP_ROOM);
        c->held_at = 0;
    }
}

/* Offers what TLS has decrypted, as long as it is taken. */
static void offer_clear(struct httpa_conn *c)
{
    uint8_t *room = httpa_loop_clear_room(c->loop);
    size_t n = 1;
    while (n > 0 && may_offer(c)) {
        bool end = false;
        if (httpa_tls_take(c->tls, room, HTTPA_LOOP_ROOM, &n, &end) !=
            HTTPA_OK) {
            set_broken(c, HTTPA_ERR_MALFORMED);
            return;
        }
        c->eof |= end;
        if (n > 0) {
            offer(c, httpa_slice_of(room, n));
        }
    }
}

static void tell_eof(struct httpa_conn *c)
{
    if (c->eof && !c->eof_told && may_offer(c)) {
        c->eof_told = true;
        (void)uv_read_stop(&c->uv.stream);
        c->events->on_eof(c->user);
    }
}

static void got_bytes(struct httpa_conn *c, struct httpa_slice in)
{
    if (c->tls == NULL) {
        offer(c, in);
        return;
    }
    enum httpa_err err = httpa_tls_feed(c->tls, in, &c->wire);
    if (c->wire.n > 0) {
        soon(c);
    }
    offer_clear(c);
    if (err != HTTPA_OK) {
        httpa_conn_flush(c); /* the alert */
        set_broken(c, err);
    }
}

static void did_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct httpa_conn *c = stream->data;
    if (n > 0) {
        got_bytes(c, httpa_slice_of(buf->base, (size_t)n));
    } else if (n == UV_EOF) {
        c->eof = true;
    } else if (n < 0) {
        set_broken(c, HTTPA_ERR_ABORTED);
    }
    tell_eof(c);
}

void httpa_conn_read(struct httpa_conn *c)
{
    if (uv_read_start(&c->uv.stream, give_room, did_read) != 0) {
        set_broken(c, HTTPA_ERR_IO);
    }
}

void httpa_conn_resume(struct httpa_conn *c)
{
    if (c->paused && !c->resume) {
        c->resume = true;
        soon(c);
    }
}

static void go_on_reading(struct httpa_conn *c)
{
    c->resume = false;
    offer_held(c);
    if (c->tls != NULL) {
        offer_clear(c);
    }
    tell_eof(c);
    if (may_offer(c) && !c->eof) {
        httpa_conn_read(c);
    }
}

/* ---- writing ---- */

static size_t queued(const struct httpa_conn *c)
{
    return c->out.n + c->wire.n + c->busy.n;
}

static void drop_queue(struct httpa_conn *c)
{
    httpa_buf_reset(&c->out);
    httpa_buf_reset(&c->wire);
    c->mute = true;
}

static void write_failed(struct httpa_conn *c, enum httpa_err why)
{
    drop_queue(c);
    if (!c->patient) {
        set_broken(c, why);
    }
}

static void emptied(struct httpa_buf *b)
{
    size_t max = b->max;
    if (b->cap > KEEP) {
        httpa_buf_done(b);
        *b = httpa_buf_growing(max);
    } else {
        httpa_buf_reset(b);
    }
}

static void notify(struct httpa_conn *c)
{
    if (c->full && queued(c) <= HTTPA_CONN_LOW && !c->closing) {
        c->full = false;
        c->events->on_drain(c->user);
    }
    if (c->unsent && queued(c) == 0 && !c->closing && !c->mute) {
        c->unsent = false;
        c->events->on_sent(c->user);
    }
}

static void did_write(uv_write_t *req, int status)
{
    struct httpa_conn *c = req->data;
    httpa_buf_done(&c->busy);
    if (c->closing) {
        return;
    }
    if (status < 0) {
        write_failed(c, HTTPA_ERR_ABORTED);
        return;
    }
    httpa_conn_flush(c);
    notify(c);
    soon(c); /* finish */
}

/* Leaves what the kernel did not take to libuv. */
static void leave_to_libuv(struct httpa_conn *c, struct httpa_buf *b)
{
    size_t max = b->max;
    c->busy = *b;
    *b = httpa_buf_growing(max);
    c->write_req.data = c;
    uv_buf_t buf = uv_buf_init((char *)c->busy.p, (unsigned)c->busy.n);
    int rc = uv_write(&c->write_req, &c->uv.stream, &buf, 1, did_write);
    if (rc != 0) {
        httpa_buf_done(&c->busy);
        write_failed(c, HTTPA_ERR_ABORTED);
    }
}

/* How many of the bytes in |bufs| the kernel took. */
static size_t
try_write(struct httpa_conn *c, const uv_buf_t *bufs, unsigned count)
{
    int n = uv_try_write(&c->uv.stream, bufs, count);
    if (n < 0 && n != UV_EAGAIN) {
        write_failed(c, HTTPA_ERR_ABORTED);
    }
    return n > 0 ? (size_t)n : 0;
}

static bool seal(struct httpa_conn *c, struct httpa_slice clear)
{
    enum httpa_err err = httpa_tls_seal(c->tls, clear, &c->wire);
    if (err != HTTPA_OK) {
        write_failed(c, err);
    }
    return err == HTTPA_OK;
}

void httpa_conn_flush(struct httpa_conn *c)
{
    struct httpa_buf *b = c->tls != NULL ? &c->wire : &c->out;
    if (c->closing || c->mute || c->busy.n > 0) {
        return;
    }
    if (c->tls != NULL && c->out.n > 0) {
        if (!seal(c, httpa_buf_slice(&c->out))) {
            return;
        }
        emptied(&c->out);
    }
    if (b->n == 0) {
        return;
    }
    uv_buf_t buf = uv_buf_init((char *)b->p, (unsigned)b->n);
    size_t n = try_write(c, &buf, 1);
    if (n == b->n) {
        emptied(b);
    } else if (!c->mute) {
        httpa_buf_consume(b, n);
        leave_to_libuv(c, b);
    }
}

/* Pieces where they are, behind what is gathered; keeps what is left. */
static void write_direct(struct httpa_conn *c, const struct httpa_slice *pieces,
                         size_t count)
{
    uv_buf_t bufs[4] = { uv_buf_init((char *)c->out.p, (unsigned)c->out.n) };
    unsigned used = c->out.n > 0 ? 1 : 0;
    for (size_t i = 0; i < count && used < 4; i++) {
        bufs[used++] =
            uv_buf_init((char *)(uintptr_t)pieces[i].p, (unsigned)pieces[i].n);
    }
    size_t n = try_write(c, bufs, used);
    if (c->mute) {
        return;
    }
    size_t gathered = n < c->out.n ? n : c->out.n;
    httpa_buf_consume(&c->out, gathered);
    n -= gathered;
    for (size_t i = 0; i < count; i++) {
        httpa_buf_put_slice(&c->out, httpa_slice_from(pieces[i], n));
        n -= n < pieces[i].n ? n : pieces[i].n;
    }
    if (c->out.n > 0) {
        leave_to_libuv(c, &c->out);
    } else {
        emptied(&c->out);
    }
}

void httpa_conn_wrote(struct httpa_conn *c)
{
    if (c->out.failed || c->wire.failed) {
        write_failed(c, HTTPA_ERR_LIMIT);
        return;
    }
    if (queued(c) > HTTPA_CONN_HIGH) {
        httpa_conn_flush(c);
        c->full = queued(c) > HTTPA_CONN_HIGH;
    }
    c->unsent = true;
    soon(c);
}

static void seal_direct(struct httpa_conn *c, const struct httpa_slice *pieces,
                        size_t count)
{
    bool fine = seal(c, httpa_buf_slice(&c->out));
    emptied(&c->out);
    for (size_t i = 0; i < count && fine; i++) {
        fine = seal(c, pieces[i]);
    }
    httpa_conn_flush(c);
}

void httpa_conn_write(struct httpa_conn *c, const struct httpa_slice *pieces,
                      size_t count)
{
    size_t total = 0;
    if (c->mute || c->closing || c->broken != HTTPA_OK) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        total += pieces[i].n;
    }
    if (total < HTTPA_CONN_DIRECT || c->busy.n > 0) {
        for (size_t i = 0; i < count; i++) {
            httpa_buf_put_slice(&c->out, pieces[i]);
        }
    } else if (c->tls != NULL) {
        seal_direct(c, pieces, count);
    } else {
        write_direct(c, pieces, count);
    }
    httpa_conn_wrote(c);
}

struct httpa_buf *httpa_conn_out(struct httpa_conn *c)
{
    return &c->out;
}

bool httpa_conn_full(const struct httpa_conn *c)
{
    return c->full;
}

bool httpa_conn_all_sent(const struct httpa_conn *c)
{
    return queued(c) == 0;
}

void httpa_conn_be_patient(struct httpa_conn *c)
{
    c->patient = true;
}

void httpa_conn_finish(struct httpa_conn *c)
{
    c->finish = true;
    soon(c);
}

/* close_notify, then FIN, each when what comes before it is sent. */
static void shut_down(struct httpa_conn *c)
{
    uv_os_fd_t fd = -1;
    if (!c->finish || c->mute || c->closing || queued(c) > 0) {
        return;
    }
    if (c->tls != NULL) {
        httpa_tls_bye(c->tls, &c->wire);
        httpa_conn_flush(c);
    }
    if (uv_fileno(&c->uv.handle, &fd) == 0) {
        (void)shutdown(fd, SHUT_WR);
    }
    c->mute = true;
}

/* ---- all the rest, once per wake-up ---- */

static void tick(void *arg)
{
    struct httpa_conn *c = arg;
    if (c->closing) {
        return;
    }
    if (c->broken != HTTPA_OK) {
        if (!c->told) {
            c->told = true;
            c->events->on_broken(c->user, c->broken);
        }
        return;
    }
    httpa_conn_flush(c);
    notify(c);
    shut_down(c);
    if (c->resume && !c->closing && c->broken == HTTPA_OK) {
        go_on_reading(c);
    }
}

void httpa_conn_timer(struct httpa_conn *c, uint64_t after_ms)
{
    if (after_ms > 0) {
        httpa_timer_set(&c->timer, after_ms);
    } else {
        httpa_timer_clear(&c->timer);
    }
}

/* ---- life ---- */

enum httpa_err httpa_conn_open(struct httpa_conn *c, int fd)
{
    int rc = c->uv.handle.type == UV_TCP ? uv_tcp_open(&c->uv.tcp, fd)
                                         : uv_pipe_open(&c->uv.pipe, fd);
    if (rc != 0) {
        (void)close(fd);
    }
    return rc == 0 ? HTTPA_OK : HTTPA_ERR_IO;
}

static void did_connect(uv_connect_t *req, int status)
{
    struct httpa_conn *c = req->data;
    if (c->closing) {
        return;
    }
    if (status < 0) {
        set_broken(c, HTTPA_ERR_IO);
        return;
    }
    c->events->on_open(c->user);
}

void httpa_conn_connect_tcp(struct httpa_conn *c, const struct sockaddr *to)
{
    c->connect_req.data = c;
    (void)uv_tcp_nodelay(&c->uv.tcp, 1);
    if (uv_tcp_connect(&c->connect_req, &c->uv.tcp, to, did_connect) != 0) {
        set_broken(c, HTTPA_ERR_IO);
    }
}

void httpa_conn_connect_unix(struct httpa_conn *c, const char *path)
{
    c->connect_req.data = c;
    uv_pipe_connect(&c->connect_req, &c->uv.pipe, path, did_connect);
}

static void one_closed(struct httpa_conn *c)
{
    if (--c->handles == 0) {
        httpa_buf_done(&c->out);
        httpa_buf_done(&c->wire);
        httpa_buf_done(&c->busy);
        httpa_buf_done(&c->held);
        httpa_tls_session_free(c->tls);
        c->events->on_closed(c->user);
    }
}

static void timer_gone(void *arg)
{
    one_closed(arg);
}

static void handle_gone(uv_handle_t *handle)
{
    one_closed(handle->data);
}

void httpa_conn_close(struct httpa_conn *c, bool reset)
{
    if (c->closing) {
        return;
    }
    c->closing = true;
    httpa_task_cancel(c->loop, &c->task);
    httpa_timer_done(&c->timer, timer_gone);
    if (!reset || c->uv.handle.type != UV_TCP ||
        uv_tcp_close_reset(&c->uv.tcp, handle_gone) != 0) {
        uv_close(&c->uv.handle, handle_gone);
    }
}
