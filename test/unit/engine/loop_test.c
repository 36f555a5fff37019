/* Tasks, calls from other threads, timers, signals. */
#include "engine/loop.h"

#include <signal.h>

#include "support/test.h"

static struct httpa_loop *new_loop(void)
{
    struct httpa_loop *loop = NULL;
    assert_ok(httpa_loop_new(&loop));
    return loop;
}

static void end_loop(struct httpa_loop *loop)
{
    httpa_loop_retire(loop);
    httpa_loop_run(loop);
    httpa_loop_free(loop);
}

/* ---- tasks ---- */

struct note {
    struct httpa_loop *loop;
    struct httpa_task task;
    struct note *adds;
    char name;
    char *log;
};

static void write_note(void *arg)
{
    struct note *n = arg;
    n->log[strlen(n->log)] = n->name;
    if (n->adds != NULL) {
        httpa_loop_soon(n->loop, &n->adds->task);
    }
}

static void tasks_run_once_in_order(void **state)
{
    (void)state;
    struct httpa_loop *loop = new_loop();
    char log[10] = "";
    struct note n[4];
    for (size_t i = 0; i < 4; i++) {
        n[i] =
            (struct note){ .loop = loop, .name = (char)('a' + i), .log = log };
        n[i].task = (struct httpa_task){ .fn = write_note, .arg = &n[i] };
    }
    n[0].adds = &n[3]; /* runs in the same wake-up */
    httpa_loop_soon(loop, &n[0].task);
    httpa_loop_soon(loop, &n[1].task);
    httpa_loop_soon(loop, &n[2].task);
    httpa_loop_soon(loop, &n[0].task); /* waits already */
    httpa_task_cancel(loop, &n[1].task);
    httpa_task_cancel(loop, &n[1].task);
    (void)uv_run(httpa_loop_uv(loop), UV_RUN_NOWAIT);
    assert_string_equal(log, "acd");
    httpa_loop_soon(loop, &n[1].task);
    httpa_loop_soon(loop, &n[2].task);
    httpa_task_cancel(loop, &n[2].task); /* the last of the list */
    httpa_loop_soon(loop, &n[3].task);
    end_loop(loop); /* no exit while a task waits */
    assert_string_equal(log, "acdbd");
}

/* ---- other threads ---- */

enum { THREADS = 4, POSTS = 500 };

struct poster {
    uv_thread_t thread;
    struct httpa_loop *loop;
    struct seen *seen;
    size_t number;
};

struct seen {
    struct httpa_loop *loop;
    size_t next[THREADS]; /* the number that must come now */
    size_t total;
};

struct letter {
    struct seen *seen;
    size_t thread;
    size_t number;
};

static void open_letter(void *arg)
{
    struct letter *l = arg;
    assert_int_equal(l->number, l->seen->next[l->thread]);
    l->seen->next[l->thread]++;
    if (++l->seen->total == (size_t)THREADS * POSTS) {
        httpa_loop_retire(l->seen->loop);
    }
    free(l);
}

static void post_letters(void *arg)
{
    struct poster *p = arg;
    for (size_t i = 0; i < POSTS; i++) {
        struct letter *l = malloc(sizeof(*l));
        *l = (struct letter){ p->seen, p->number, i };
        assert_ok(httpa_loop_post(p->loop, open_letter, l));
    }
}

static void posts_arrive_in_order(void **state)
{
    (void)state;
    struct httpa_loop *loop = new_loop();
    struct seen seen = { .loop = loop };
    struct poster p[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        p[i] = (struct poster){ .loop = loop, .seen = &seen, .number = i };
        assert_int_equal(uv_thread_create(&p[i].thread, post_letters, &p[i]),
                         0);
    }
    httpa_loop_run(loop);
    for (size_t i = 0; i < THREADS; i++) {
        (void)uv_thread_join(&p[i].thread);
    }
    assert_int_equal(seen.total, THREADS * POSTS);
    assert_err(HTTPA_ERR_USAGE, httpa_loop_post(loop, free, NULL));
    httpa_loop_free(loop);
}

/* ---- timers ---- */

struct alarm {
    struct httpa_timer timer;
    uint64_t began_ms;
    uint64_t rang_after_ms;
    unsigned rang;
    bool freed;
};

static void ring(void *arg)
{
    struct alarm *a = arg;
    a->rang++;
    a->rang_after_ms = httpa_loop_now_ms(a->timer.loop) - a->began_ms;
}

static void freed(void *arg)
{
    ((struct alarm *)arg)->freed = true;
}

static void timers_can_be_moved(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint64_t set_ms, moved_ms; /* 0: not moved */
        bool cleared;
        uint64_t at_least_ms;
    } rows[] = {
        { "as set", 20, 0, false, 20 },      { "later", 10, 40, false, 40 },
        { "earlier", 10000, 20, false, 20 }, { "cleared", 10, 0, true, 0 },
        { "at once", 0, 0, false, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_loop *loop = new_loop();
        struct alarm a = { .began_ms = httpa_loop_now_ms(loop) };
        httpa_timer_init(&a.timer, loop, ring, &a);
        httpa_timer_set(&a.timer, rows[i].set_ms);
        if (rows[i].moved_ms > 0) {
            httpa_timer_set(&a.timer, rows[i].moved_ms);
        }
        if (rows[i].cleared) {
            httpa_timer_clear(&a.timer);
        }
        httpa_loop_retire(loop);
        httpa_loop_run(loop); /* until it rang, or will not */
        if (a.rang != (rows[i].cleared ? 0 : 1) ||
            a.rang_after_ms < rows[i].at_least_ms || a.rang_after_ms > 5000) {
            fail_msg("%s: rang %u times, after %u ms", rows[i].why, a.rang,
                     (unsigned)a.rang_after_ms);
        }
        httpa_timer_done(&a.timer, freed);
        httpa_loop_run(loop);
        assert_true(a.freed);
        httpa_loop_free(loop);
    }
}

/* ---- the rest ---- */

static void caught(void *arg, int signum)
{
    int *seen = arg;
    *seen = signum;
}

static void signals_come_to_the_loop(void **state)
{
    (void)state;
    static const int signals[] = { SIGHUP, SIGTERM, SIGINT };
    struct httpa_loop *loop = new_loop();
    int seen = 0;
    assert_ok(httpa_loop_on_signal(loop, caught, &seen));
    for (size_t i = 0; i < COUNT(signals); i++) {
        assert_int_equal(raise(signals[i]), 0);
        (void)uv_run(httpa_loop_uv(loop), UV_RUN_ONCE);
        assert_int_equal(seen, signals[i]);
    }
    assert_int_equal(raise(SIGPIPE), 0); /* ignored */
    end_loop(loop);
}

static void date_is_an_imf_date(void **state)
{
    (void)state;
    struct httpa_loop *loop = new_loop();
    struct httpa_slice date = httpa_loop_date(loop);
    static const char form[] = "Aaa, 00 Aaa 0000 00:00:00 GMT";
    assert_int_equal(date.n, sizeof(form) - 1);
    for (size_t i = 0; i < date.n - 4; i++) {
        bool digit = date.p[i] >= '0' && date.p[i] <= '9';
        bool letter = (date.p[i] | 0x20) >= 'a' && (date.p[i] | 0x20) <= 'z';
        assert_int_equal(digit, form[i] == '0');
        assert_int_equal(letter, (form[i] | 0x20) == 'a');
        assert_true(digit || letter || (char)date.p[i] == form[i]);
    }
    assert_slice_is(httpa_slice_from(date, date.n - 4), " GMT");
    end_loop(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_run_once_in_order),
        cmocka_unit_test(posts_arrive_in_order),
        cmocka_unit_test(timers_can_be_moved),
        cmocka_unit_test(signals_come_to_the_loop),
        cmocka_unit_test(date_is_an_imf_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
