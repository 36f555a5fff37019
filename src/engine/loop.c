#include "engine/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* One call from another thread, on its way. */
struct post {
    struct post *next;
    void (*fn)(void *arg);
    void *arg;
};

static const int caught[] = { SIGTERM, SIGINT, SIGHUP };
#define CAUGHT (sizeof(caught) / sizeof(caught[0]))

struct httpa_loop {
    uv_loop_t uv;
    uv_prepare_t prepare; /* runs the tasks before the loop sleeps */
    uv_async_t door;
    struct httpa_task *tasks;
    struct httpa_task **tasks_end;

    uv_mutex_t lock; /* of the two below */
    struct post *posts;
    bool retired;

    uv_signal_t signals[CAUGHT];
    size_t signal_count; /* initialised */
    httpa_signal_fn on_signal;
    void *signal_arg;

    char date[96]; /* what snprintf fears; 29 are used */
    int64_t date_s; /* the second |date| shows */
    struct httpa_field fields[HTTPA_FIELDS_MAX];
    uint8_t room[HTTPA_LOOP_ROOM];
    uint8_t clear_room[HTTPA_LOOP_ROOM];
};

/* ---- tasks ---- */

static struct httpa_task *first_task(struct httpa_loop *loop)
{
    struct httpa_task *task = loop->tasks;
    if (task != NULL) {
        httpa_task_cancel(loop, task);
    }
    return task;
}

/* Also what the tasks add on their way, so that nobody waits for a poll. */
static void run_tasks(uv_prepare_t *prepare)
{
    struct httpa_loop *loop = prepare->data;
    struct httpa_task *task;
    while ((task = first_task(loop)) != NULL) {
        task->fn(task->arg);
    }
    uv_unref((uv_handle_t *)&loop->prepare);
}

void httpa_loop_soon(struct httpa_loop *loop, struct httpa_task *task)
{
    if (task->at != NULL) {
        return;
    }
    uv_ref((uv_handle_t *)&loop->prepare); /* no exit while a task waits */
    task->next = NULL;
    task->at = loop->tasks_end;
    *loop->tasks_end = task;
    loop->tasks_end = &task->next;
}

void httpa_task_cancel(struct httpa_loop *loop, struct httpa_task *task)
{
    if (task->at == NULL) {
        return;
    }
    *task->at = task->next;
    if (task->next != NULL) {
        task->next->at = task->at;
    } else {
        loop->tasks_end = task->at;
    }
    task->at = NULL;
}

/* ---- calls from other threads ---- */

/* They were pushed in front of each other: turn the order round. */
static struct post *oldest_first(struct post *newest)
{
    struct post *list = NULL;
    while (newest != NULL) {
        struct post *next = newest->next;
        newest->next = list;
        list = newest;
        newest = next;
    }
    return list;
}

static void run_posts(struct httpa_loop *loop)
{
    uv_mutex_lock(&loop->lock);
    struct post *list = oldest_first(loop->posts);
    loop->posts = NULL;
    uv_mutex_unlock(&loop->lock);
    while (list != NULL) {
        struct post *post = list;
        list = post->next;
        post->fn(post->arg);
        free(post);
    }
}

static void at_door(uv_async_t *door)
{
    run_posts(door->data);
}

enum httpa_err
httpa_loop_post(struct httpa_loop *loop, void (*fn)(void *arg), void *arg)
{
    struct post *post = malloc(sizeof(*post));
    if (post == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    *post = (struct post){ .fn = fn, .arg = arg };
    uv_mutex_lock(&loop->lock);
    bool open = !loop->retired;
    if (open) {
        post->next = loop->posts;
        loop->posts = post;
        (void)uv_async_send(&loop->door); /* under the lock: still open */
    }
    uv_mutex_unlock(&loop->lock);
    if (!open) {
        free(post);
    }
    return open ? HTTPA_OK : HTTPA_ERR_USAGE;
}

/* ---- signals ---- */

static void at_signal(uv_signal_t *handle, int signum)
{
    struct httpa_loop *loop = handle->data;
    loop->on_signal(loop->signal_arg, signum);
}

enum httpa_err
httpa_loop_on_signal(struct httpa_loop *loop, httpa_signal_fn fn, void *arg)
{
    loop->on_signal = fn;
    loop->signal_arg = arg;
    for (size_t i = loop->signal_count; i < CAUGHT; i++) {
        uv_signal_t *handle = &loop->signals[i];
        if (uv_signal_init(&loop->uv, handle) != 0) {
            return HTTPA_ERR_IO;
        }
        loop->signal_count++;
        handle->data = loop;
        uv_unref((uv_handle_t *)handle);
        if (uv_signal_start(handle, at_signal, caught[i]) != 0) {
            return HTTPA_ERR_IO;
        }
    }
    return HTTPA_OK;
}

/* ---- life ---- */

static void start_handles(struct httpa_loop *loop)
{
    (void)uv_prepare_init(&loop->uv, &loop->prepare); /* cannot fail */
    loop->prepare.data = loop;
    (void)uv_prepare_start(&loop->prepare, run_tasks);
    uv_unref((uv_handle_t *)&loop->prepare);
    loop->tasks_end = &loop->tasks;
    loop->date_s = -1;
    loop->door.data = loop;
}

enum httpa_err httpa_loop_new(struct httpa_loop **ret_loop)
{
    struct httpa_loop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    if (uv_mutex_init(&loop->lock) != 0) {
        free(loop);
        return HTTPA_ERR_MEMORY;
    }
    if (uv_loop_init(&loop->uv) != 0) {
        uv_mutex_destroy(&loop->lock);
        free(loop);
        return HTTPA_ERR_IO;
    }
    start_handles(loop);
    if (uv_async_init(&loop->uv, &loop->door, at_door) != 0) {
        loop->retired = true;
        httpa_loop_free(loop);
        return HTTPA_ERR_IO;
    }
    *ret_loop = loop;
    return HTTPA_OK;
}

void httpa_loop_run(struct httpa_loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void httpa_loop_retire(struct httpa_loop *loop)
{
    uv_mutex_lock(&loop->lock);
    bool first = !loop->retired;
    loop->retired = true;
    uv_mutex_unlock(&loop->lock);
    if (!first) {
        return;
    }
    run_posts(loop);
    uv_close((uv_handle_t *)&loop->door, NULL);
    for (size_t i = 0; i < loop->signal_count; i++) {
        uv_close((uv_handle_t *)&loop->signals[i], NULL);
    }
    loop->signal_count = 0;
}

void httpa_loop_free(struct httpa_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    httpa_loop_retire(loop);
    uv_close((uv_handle_t *)&loop->prepare, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT); /* lets the handles close */
    (void)uv_loop_close(&loop->uv);
    uv_mutex_destroy(&loop->lock);
    free(loop);
}

uv_loop_t *httpa_loop_uv(struct httpa_loop *loop)
{
    return &loop->uv;
}

uint64_t httpa_loop_now_ms(const struct httpa_loop *loop)
{
    return uv_now(&loop->uv);
}

uint8_t *httpa_loop_room(struct httpa_loop *loop)
{
    return loop->room;
}

uint8_t *httpa_loop_clear_room(struct httpa_loop *loop)
{
    return loop->clear_room;
}

struct httpa_field *httpa_loop_fields(struct httpa_loop *loop)
{
    return loop->fields;
}

/* RFC 9110 5.6.7, by hand since strftime speaks the user's language. */
static void write_date(char *out, size_t cap, time_t t)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm;
    (void)gmtime_r(&t, &tm);
    (void)snprintf(out, cap, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                   days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
                   tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

struct httpa_slice httpa_loop_date(struct httpa_loop *loop)
{
    time_t now_s = time(NULL);
    if (now_s != loop->date_s) {
        loop->date_s = now_s;
        write_date(loop->date, sizeof(loop->date), now_s);
    }
    return httpa_slice_str(loop->date);
}

/* ---- timers ---- */

static void at_time(uv_timer_t *uv)
{
    struct httpa_timer *t = uv->data;
    uint64_t now_ms = httpa_loop_now_ms(t->loop);
    t->armed_ms = 0;
    if (t->due_ms > now_ms) { /* moved since */
        httpa_timer_set(t, t->due_ms - now_ms);
    } else if (t->due_ms != 0) {
        t->due_ms = 0;
        t->fn(t->arg);
    }
}

void httpa_timer_init(struct httpa_timer *t, struct httpa_loop *loop,
                      void (*fn)(void *arg), void *arg)
{
    *t = (struct httpa_timer){ .loop = loop, .fn = fn, .arg = arg };
    (void)uv_timer_init(&loop->uv, &t->uv); /* cannot fail */
    t->uv.data = t;
}

void httpa_timer_set(struct httpa_timer *t, uint64_t after_ms)
{
    t->due_ms = httpa_loop_now_ms(t->loop) + (after_ms > 0 ? after_ms : 1);
    if (t->armed_ms == 0 || t->armed_ms > t->due_ms) {
        t->armed_ms = t->due_ms;
        (void)uv_timer_start(&t->uv, at_time, after_ms, 0);
    }
}

void httpa_timer_clear(struct httpa_timer *t)
{
    t->due_ms = 0;
}

static void timer_closed(uv_handle_t *uv)
{
    struct httpa_timer *t = uv->data;
    if (t->freed != NULL) {
        t->freed(t->arg);
    }
}

void httpa_timer_done(struct httpa_timer *t, void (*freed)(void *arg))
{
    t->freed = freed;
    uv_close((uv_handle_t *)&t->uv, timer_closed);
}
