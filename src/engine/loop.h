/*
 * One event loop, which is one thread.
 *
 * Everything in the engine belongs to one loop and is touched only by the
 * thread that runs it: servers, exchanges, upstreams, calls, timers.  There
 * are no locks to take.  The one door from outside is httpa_loop_post.
 *
 * The engine keeps one promise to everybody who stands on it: it calls back
 * only from the loop, never from inside a function you called.  So an object
 * you hold does not change under your hands, and a callback may call every
 * function there is.
 *
 *   struct httpa_loop *loop;
 *   err = httpa_loop_new(&loop);
 *   ... make servers and upstreams on it ...
 *   httpa_loop_run(loop);       returns when nothing is left to wait for
 *   httpa_loop_free(loop);
 *
 * SIGPIPE is ignored from the first httpa_loop_new on.
 */
#ifndef HTTPA_ENGINE_LOOP_H
#define HTTPA_ENGINE_LOOP_H

#include <stdbool.h>

#include <uv.h>

#include <httpa/message.h>
#include <httpa/slice.h>

/* Room for what one wake-up reads; parsers work in it in place. */
#define HTTPA_LOOP_ROOM 65536u

struct httpa_loop;

/* HTTPA_ERR_MEMORY, or HTTPA_ERR_IO when the system refuses a descriptor. */
HTTPA_MUST_USE enum httpa_err httpa_loop_new(struct httpa_loop **ret_loop);

/* After httpa_loop_run has returned.  NULL is fine. */
void httpa_loop_free(struct httpa_loop *loop);

/* Runs until no handle keeps it alive: every server stopped, every upstream
 * freed, every timer done, and httpa_loop_retire called. */
void httpa_loop_run(struct httpa_loop *loop);

/* Closes the door for httpa_loop_post and stops the signals, so that
 * httpa_loop_run can return.  On the loop's own thread. */
void httpa_loop_retire(struct httpa_loop *loop);

/* For what the engine does not wrap. */
uv_loop_t *httpa_loop_uv(struct httpa_loop *loop);

/* Working memory that everything on the loop shares, valid until the loop
 * calls back again: two rooms of HTTPA_LOOP_ROOM bytes, the fields of the
 * head under way (HTTPA_FIELDS_MAX), and the time of day as in Date. */
uint8_t *httpa_loop_room(struct httpa_loop *loop);
uint8_t *httpa_loop_clear_room(struct httpa_loop *loop);
struct httpa_field *httpa_loop_fields(struct httpa_loop *loop);
struct httpa_slice httpa_loop_date(struct httpa_loop *loop);

/* Milliseconds of a clock that never jumps; as of this wake-up. */
uint64_t httpa_loop_now_ms(const struct httpa_loop *loop);

/*
 * Runs |fn| with |arg| on the loop's thread, soon.  From any thread; in the
 * order of the calls.  HTTPA_ERR_MEMORY, or HTTPA_ERR_USAGE once retired.
 */
HTTPA_MUST_USE enum httpa_err
httpa_loop_post(struct httpa_loop *loop, void (*fn)(void *arg), void *arg);

/* |fn| is called on the loop's thread for each SIGTERM, SIGINT and SIGHUP.
 * Of all loops of a process only one asks for it. */
typedef void (*httpa_signal_fn)(void *arg, int signum);
HTTPA_MUST_USE enum httpa_err
httpa_loop_on_signal(struct httpa_loop *loop, httpa_signal_fn fn, void *arg);

/*
 * A timer inside the caller's struct.  Moving a deadline that is already
 * set costs one store: the timer wakes at the old time and goes to sleep
 * again, so that every message may move it.
 *
 * _init once; _set and _clear as often as wanted; _done before the memory
 * goes, which may be as late as |freed| is called: the loop holds the timer
 * until then.
 */
struct httpa_timer {
    uv_timer_t uv;
    struct httpa_loop *loop;
    uint64_t due_ms;   /* 0: not set */
    uint64_t armed_ms; /* when uv wakes; 0: it does not */
    void (*fn)(void *arg);
    void (*freed)(void *arg);
    void *arg;
};

void httpa_timer_init(struct httpa_timer *t, struct httpa_loop *loop,
                      void (*fn)(void *arg), void *arg);
void httpa_timer_set(struct httpa_timer *t, uint64_t after_ms);
void httpa_timer_clear(struct httpa_timer *t);
void httpa_timer_done(struct httpa_timer *t, void (*freed)(void *arg));

/*
 * Work for the end of this wake-up, inside the caller's struct: it runs
 * before the loop sleeps again.  Adding a task that waits already does
 * nothing; _cancel must come before the memory goes.  All zero is a task
 * that does not wait.
 */
struct httpa_task {
    struct httpa_task *next;
    struct httpa_task **at; /* who points to us; NULL: not waiting */
    void (*fn)(void *arg);
    void *arg;
};

void httpa_loop_soon(struct httpa_loop *loop, struct httpa_task *task);
void httpa_task_cancel(struct httpa_loop *loop, struct httpa_task *task);

#endif
