/* A connection over a socket pair; the test is the peer. */
#include "engine/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

struct end {
    struct httpa_loop *loop;
    struct httpa_conn conn;
    int peer;    /* the other end, non-blocking */
    size_t take; /* at most so many bytes at a time */
    struct httpa_buf got;
    unsigned offers, eofs, sents, drains, times;
    enum httpa_err broken;
    bool closed;
};

static size_t on_bytes(void *user, struct httpa_slice in)
{
    struct end *e = user;
    size_t n = in.n < e->take ? in.n : e->take;
    e->offers++;
    httpa_buf_put(&e->got, in.p, n);
    return n;
}

static void on_eof(void *user)
{
    ((struct end *)user)->eofs++;
}

static void on_sent(void *user)
{
    ((struct end *)user)->sents++;
}

static void on_drain(void *user)
{
    ((struct end *)user)->drains++;
}

static void on_broken(void *user, enum httpa_err why)
{
    struct end *e = user;
    assert_ok(e->broken); /* told once */
    e->broken = why;
}

static void on_time(void *user)
{
    ((struct end *)user)->times++;
}

static void on_closed(void *user)
{
    ((struct end *)user)->closed = true;
}

static const struct httpa_conn_events events = {
    .on_bytes = on_bytes,
    .on_eof = on_eof,
    .on_sent = on_sent,
    .on_drain = on_drain,
    .on_broken = on_broken,
    .on_time = on_time,
    .on_closed = on_closed,
};

static void begin(struct end *e)
{
    int fds[2];
    *e = (struct end){ .take = SIZE_MAX, .got = httpa_buf_growing(1 << 24) };
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
                     0);
    e->peer = fds[1];
    assert_ok(httpa_loop_new(&e->loop));
    httpa_conn_init(&e->conn, e->loop, true, NULL, &events, e);
    assert_ok(httpa_conn_open(&e->conn, fds[0]));
    httpa_conn_read(&e->conn);
}

static void finish(struct end *e)
{
    httpa_conn_close(&e->conn, false);
    httpa_loop_retire(e->loop);
    httpa_loop_run(e->loop);
    assert_true(e->closed);
    httpa_loop_free(e->loop);
    httpa_buf_done(&e->got);
    (void)close(e->peer);
}

static void turn(struct end *e, unsigned times)
{
    while (times-- > 0) {
        (void)uv_run(httpa_loop_uv(e->loop), UV_RUN_NOWAIT);
    }
}

static void write_str(struct end *e, const char *s)
{
    struct httpa_slice piece = httpa_slice_str(s);
    httpa_conn_write(&e->conn, &piece, 1);
}

static ssize_t peer_read(struct end *e, void *room, size_t cap)
{
    return recv(e->peer, room, cap, 0);
}

static void small_writes_leave_together(void **state)
{
    (void)state;
    struct end e;
    char room[64];
    begin(&e);
    write_str(&e, "ab");
    httpa_buf_put_str(httpa_conn_out(&e.conn), "cd");
    httpa_conn_wrote(&e.conn);
    write_str(&e, "ef");
    assert_int_equal(peer_read(&e, room, sizeof(room)), -1); /* not yet */
    assert_false(httpa_conn_all_sent(&e.conn));
    turn(&e, 1);
    assert_int_equal(peer_read(&e, room, sizeof(room)), 6);
    assert_memory_equal(room, "abcdef", 6);
    assert_int_equal(e.sents, 1);
    write_str(&e, "g");
    httpa_conn_flush(&e.conn);
    assert_int_equal(peer_read(&e, room, sizeof(room)), 1);
    finish(&e);
}

static void what_is_not_taken_is_kept(void **state)
{
    (void)state;
    struct end e;
    begin(&e);
    e.take = 2;
    assert_int_equal(send(e.peer, "abcde", 5, 0), 5);
    turn(&e, 2);
    assert_int_equal(e.got.n, 2);
    assert_int_equal(send(e.peer, "fgh", 3, 0), 3);
    assert_int_equal(shutdown(e.peer, SHUT_WR), 0);
    turn(&e, 3);
    assert_int_equal(e.offers, 1); /* paused: nothing more is read */
    for (unsigned i = 0; i < 2; i++) {
        httpa_conn_resume(&e.conn);
        httpa_conn_resume(&e.conn);
        turn(&e, 2);
    }
    assert_int_equal(e.eofs, 0); /* the end waits for what is before it */
    e.take = SIZE_MAX;
    httpa_conn_resume(&e.conn);
    turn(&e, 3);
    assert_slice_is(httpa_buf_slice(&e.got), "abcdefgh");
    assert_int_equal(e.eofs, 1);
    finish(&e);
}

/* Reads what is there and checks that the bytes count up. */
static size_t peer_check(struct end *e, size_t at)
{
    static uint8_t room[65536];
    ssize_t n;
    while ((n = peer_read(e, room, sizeof(room))) > 0) {
        for (size_t i = 0; i < (size_t)n; i++) {
            assert_int_equal(room[i], (uint8_t)((at + i) % 251));
        }
        at += (size_t)n;
    }
    return at;
}

static void a_full_queue_drains_in_order(void **state)
{
    (void)state;
    static const size_t sizes[] = { 100, 20000, 1, 50000, 16384, 300 };
    struct end e;
    static uint8_t piece[65536];
    size_t written = 0;
    begin(&e);
    for (size_t i = 0; !httpa_conn_full(&e.conn); i++) {
        struct httpa_slice parts[2];
        size_t n = sizes[i % COUNT(sizes)];
        for (size_t k = 0; k < n; k++) {
            piece[k] = (uint8_t)((written + k) % 251);
        }
        parts[0] = httpa_slice_of(piece, n / 3);
        parts[1] = httpa_slice_of(piece + n / 3, n - n / 3);
        httpa_conn_write(&e.conn, parts, 2);
        written += n;
        assert_true(i < 10000);
    }
    turn(&e, 3);
    assert_int_equal(e.drains, 0);
    size_t got = 0;
    for (unsigned i = 0; i < 100 && got < written; i++) {
        got = peer_check(&e, got);
        turn(&e, 1);
    }
    assert_int_equal(got, written);
    assert_int_equal(e.drains, 1);
    assert_int_equal(e.sents, 1);
    assert_false(httpa_conn_full(&e.conn));
    finish(&e);
}

static void a_queue_without_end_breaks(void **state)
{
    (void)state;
    static const uint8_t zeros[65536];
    struct end e;
    begin(&e);
    for (size_t n = 0; n < 3 * (size_t)HTTPA_CONN_QUEUE_MAX;
         n += sizeof(zeros)) {
        struct httpa_slice piece = httpa_slice_of(zeros, sizeof(zeros));
        httpa_conn_write(&e.conn, &piece, 1);
    }
    assert_ok(e.broken); /* told from the loop only */
    turn(&e, 2);
    assert_err(HTTPA_ERR_LIMIT, e.broken);
    finish(&e);
}

static void a_peer_that_went_away(void **state)
{
    (void)state;
    for (int patient = 0; patient <= 1; patient++) {
        struct end e;
        begin(&e);
        if (patient) {
            httpa_conn_be_patient(&e.conn);
        }
        assert_int_equal(send(e.peer, "last words", 10, 0), 10);
        (void)close(e.peer);
        write_str(&e, "too late");
        turn(&e, 4);
        if (patient) {
            assert_ok(e.broken);
            assert_slice_is(httpa_buf_slice(&e.got), "last words");
            assert_int_equal(e.eofs, 1);
        } else {
            assert_err(HTTPA_ERR_ABORTED, e.broken);
        }
        assert_int_equal(e.sents, 0);
        e.peer = -1;
        finish(&e);
    }
}

static void finish_comes_behind_everything(void **state)
{
    (void)state;
    struct end e;
    char room[64];
    begin(&e);
    write_str(&e, "bye");
    httpa_conn_finish(&e.conn);
    turn(&e, 2);
    assert_int_equal(peer_read(&e, room, sizeof(room)), 3);
    assert_int_equal(peer_read(&e, room, sizeof(room)), 0);
    assert_int_equal(send(e.peer, "still here", 10, 0), 10);
    turn(&e, 2);
    assert_slice_is(httpa_buf_slice(&e.got), "still here");
    write_str(&e, "no"); /* dropped */
    turn(&e, 2);
    assert_ok(e.broken);
    finish(&e);
}

static void time_comes_once(void **state)
{
    (void)state;
    struct end e;
    begin(&e);
    httpa_conn_timer(&e.conn, 1);
    for (unsigned i = 0; i < 1000 && e.times == 0; i++) {
        uv_sleep(1); /* no UV_RUN_ONCE: it may ring before it waits */
        turn(&e, 1);
    }
    httpa_conn_timer(&e.conn, 1);
    httpa_conn_timer(&e.conn, 0);
    uv_sleep(5);
    turn(&e, 3);
    assert_int_equal(e.times, 1);
    finish(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_writes_leave_together),
        cmocka_unit_test(what_is_not_taken_is_kept),
        cmocka_unit_test(a_full_queue_drains_in_order),
        cmocka_unit_test(a_queue_without_end_breaks),
        cmocka_unit_test(a_peer_that_went_away),
        cmocka_unit_test(finish_comes_behind_everything),
        cmocka_unit_test(time_comes_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
