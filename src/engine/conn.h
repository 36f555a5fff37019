/*
 * A connection as a stream of bytes, with or without TLS.
 *
 * It lives inside its owner's struct, and tells the owner everything through
 * five callbacks, always from the loop.  Reading: on_bytes says how many
 * bytes it took; whoever takes fewer than offered has paused the connection,
 * which keeps the rest and reads no more until httpa_conn_resume.  Writing:
 * small pieces are gathered until the end of the wake-up, large ones go to
 * the kernel from where they are, what it does not take is kept; past the
 * high mark httpa_conn_full says so, and on_drain comes when the queue has
 * fallen below the low one.
 *
 *   httpa_conn_init -> _open, or _connect -> on_open -> on_bytes ...
 *   on_eof        the peer will send no more; writing is still possible
 *   on_sent       everything written is with the kernel
 *   on_broken     no more bytes in either direction; the owner closes
 *   httpa_conn_close -> on_closed    now the owner's memory may go
 */
#ifndef HTTPA_ENGINE_CONN_H
#define HTTPA_ENGINE_CONN_H

#include "engine/loop.h"
#include "engine/tls.h"

/* The queue is full above HIGH and takes more below LOW; at most one large
 * piece lies beyond HIGH with a caller who listens. */
#define HTTPA_CONN_HIGH 131072u
#define HTTPA_CONN_LOW 32768u
/* Where a caller who does not listen is cut off. */
#define HTTPA_CONN_QUEUE_MAX 4194304u
/* From here on a piece is written from where it is instead of copied. */
#define HTTPA_CONN_DIRECT 16384u

struct httpa_conn_events {
    void (*on_open)(void *user); /* after _connect only */
    size_t (*on_bytes)(void *user, struct httpa_slice in);
    void (*on_eof)(void *user);
    void (*on_sent)(void *user);
    void (*on_drain)(void *user);
    void (*on_broken)(void *user, enum httpa_err why);
    void (*on_time)(void *user); /* httpa_conn_timer */
    void (*on_closed)(void *user);
};

struct httpa_conn {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
    uv_write_t write_req;
    uv_connect_t connect_req;
    struct httpa_timer timer;
    struct httpa_task task;
    struct httpa_loop *loop;
    struct httpa_tls_session *tls; /* NULL: plain */
    const struct httpa_conn_events *events;
    void *user;
    struct httpa_buf out;  /* gathered, in the clear */
    struct httpa_buf wire; /* TLS only: sealed, not yet with libuv */
    struct httpa_buf busy; /* libuv is writing it */
    struct httpa_buf held; /* read, not taken; TLS: in the clear */
    size_t held_at;        /* so much of it was taken */
    enum httpa_err broken; /* HTTPA_OK, or why */
    unsigned handles;      /* that must close before on_closed */
    bool patient;          /* a failed write leaves reading be */
    bool mute;             /* writing failed, or our side is shut down */
    bool paused;           /* on_bytes took less than offered */
    bool resume;           /* offer again in the next task */
    bool eof;              /* the peer's end was read */
    bool eof_told;
    bool full;   /* went above HIGH, no on_drain since */
    bool unsent; /* something was written since on_sent */
    bool finish; /* shut our side down when the queue is empty */
    bool told;   /* on_broken was called */
    bool closing;
};

/* |unix_socket| or TCP.  |tls| NULL: plain; else owned from now on. */
void httpa_conn_init(struct httpa_conn *c, struct httpa_loop *loop,
                     bool unix_socket, struct httpa_tls_session *tls,
                     const struct httpa_conn_events *events, void *user);

/* Takes over |fd|, a connected non-blocking socket.  HTTPA_ERR_IO: |fd| is
 * closed; close the connection. */
HTTPA_MUST_USE enum httpa_err httpa_conn_open(struct httpa_conn *c, int fd);

/* on_open or on_broken follows.  TCP or unix as in _init. */
void httpa_conn_connect_tcp(struct httpa_conn *c, const struct sockaddr *to);
void httpa_conn_connect_unix(struct httpa_conn *c, const char *path);

/* Begins to read; once, when open. */
void httpa_conn_read(struct httpa_conn *c);
void httpa_conn_resume(struct httpa_conn *c);

/* A write that fails drops what is queued, and reading goes on until it
 * fails too: for an answer that came before its request was sent. */
void httpa_conn_be_patient(struct httpa_conn *c);

/* Writes |count| pieces, borrowed for the call, in order; at most 3. */
void httpa_conn_write(struct httpa_conn *c, const struct httpa_slice *pieces,
                      size_t count);

/* Where small pieces may be appended instead; then httpa_conn_wrote. */
struct httpa_buf *httpa_conn_out(struct httpa_conn *c);
void httpa_conn_wrote(struct httpa_conn *c);

/* Now instead of at the end of the wake-up. */
void httpa_conn_flush(struct httpa_conn *c);
bool httpa_conn_full(const struct httpa_conn *c);
bool httpa_conn_all_sent(const struct httpa_conn *c);

/* Ends our direction when everything is sent; reading goes on. */
void httpa_conn_finish(struct httpa_conn *c);

/* on_time after |after_ms|; 0 clears it. */
void httpa_conn_timer(struct httpa_conn *c, uint64_t after_ms);

/* Drops what is queued and closes; |reset| tells a TCP peer that it was not
 * the regular end.  Only on_closed follows. */
void httpa_conn_close(struct httpa_conn *c, bool reset);

#endif
