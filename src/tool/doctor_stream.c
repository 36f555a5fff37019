/* What `httpa doctor` asks of the test resources of `httpa serve --doctor`:
 * whether the path hands things on as they come. */
#include "tool/doctor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/doctor.h"

/* Later than this is no longer a stream. */
#define LATE_MS 500u

#define SLOW_PATH HTTPA_DOCTOR_DOWN "?wait=75"

/* An answer as it comes. */
struct watch {
    uint64_t began_ms;
    uint64_t first_ms; /* after |began_ms| */
    uint64_t late_ms;  /* the piece that was latest, against its own time */
    unsigned pieces;
    bool ours; /* a test resource answered */
    char text[256];
    size_t n;
};

static enum httpa_err on_head(void *ctx, const struct httpa_head *head)
{
    struct watch *w = ctx;
    const struct httpa_field *f =
        httpa_fields_find(&head->fields, "content-type");
    w->ours = head->status == 200 && f != NULL &&
              httpa_slice_is(f->value, HTTPA_DOCTOR_TYPE);
    return HTTPA_OK;
}

static enum httpa_err on_data(void *ctx, struct httpa_slice data)
{
    struct watch *w = ctx;
    uint64_t after_ms = httpa_transport_now_ms() - w->began_ms;
    uint64_t due_ms = (uint64_t)w->pieces * HTTPA_DOCTOR_GAP_MS;
    uint64_t late_ms = after_ms > due_ms ? after_ms - due_ms : 0;
    w->first_ms = w->pieces == 0 ? after_ms : w->first_ms;
    w->late_ms = late_ms > w->late_ms ? late_ms : w->late_ms;
    w->pieces++;
    size_t n = sizeof(w->text) - 1 - w->n;
    n = data.n < n ? data.n : n;
    memcpy(w->text + w->n, data.p, n);
    w->n += n;
    return HTTPA_OK;
}

/* False when there was no whole answer of a test resource; said then. */
static bool ask(struct httpa_doctor_visit *v, const char *test,
                const char *what, const char *method, const char *path,
                struct httpa_source *source, struct watch *w)
{
    struct httpa_head inner;
    struct httpa_call_result r;
    httpa_head_init(&inner, NULL, 0);
    inner.is_request = true;
    inner.method = httpa_slice_str(method);
    inner.path = httpa_slice_str(path);
    struct httpa_call call = {
        .inner = &inner,
        .source = source,
        .once = true,
        .on_head = on_head,
        .on_data = on_data,
        .ctx = w,
    };
    *w = (struct watch){ .began_ms = httpa_transport_now_ms() };
    httpa_call_run(v->peer, &call, &r);
    httpa_doctor_engine(v, &r.seen);
    if (r.decision != NULL) {
        httpa_doctor_failed(v, test, what, &r.seen);
    } else if (!w->ours) {
        (void)printf("  -     %-12s not tested: needs `httpa serve --doctor`\n",
                     test);
    }
    return r.decision == NULL && w->ours;
}

/* ---- down */

static bool test_down(struct httpa_doctor_visit *v)
{
    struct httpa_source nothing;
    struct watch w;
    char text[128];
    httpa_source_memory(&nothing, httpa_slice_of(NULL, 0));
    if (!ask(v, "streams down", "down", "GET", HTTPA_DOCTOR_DOWN, &nothing,
             &w)) {
        return false;
    }
    (void)snprintf(text, sizeof(text),
                   "%u pieces, %u ms apart; the latest was %llu ms late",
                   w.pieces, HTTPA_DOCTOR_GAP_MS,
                   (unsigned long long)w.late_ms);
    if (w.pieces < HTTPA_DOCTOR_PIECES || w.late_ms > LATE_MS) {
        httpa_doctor_bad(v, "streams down", "down", text);
    } else {
        httpa_doctor_good("streams down", text);
    }
    return true;
}

static void test_slow(struct httpa_doctor_visit *v)
{
    struct httpa_source nothing;
    struct watch w;
    char text[128];
    httpa_source_memory(&nothing, httpa_slice_of(NULL, 0));
    if (ask(v, "slow answer", "slow", "GET", SLOW_PATH, &nothing, &w)) {
        (void)snprintf(text, sizeof(text), "began after %llu s, came whole",
                       (unsigned long long)w.first_ms / 1000);
        httpa_doctor_good("slow answer", text);
    }
}

/* ---- up */

/* Writes the pieces of an upload, one after the other. */
static void *write_pieces(void *arg)
{
    int fd = *(int *)arg;
    const struct timespec gap = { .tv_nsec = HTTPA_DOCTOR_GAP_MS * 1000000L };
    for (unsigned i = 0; i < HTTPA_DOCTOR_PIECES; i++) {
        if (write(fd, "piece\n", 6) != 6) {
            break; /* the reader has gone */
        }
        (void)nanosleep(&gap, NULL);
    }
    (void)close(fd);
    return NULL;
}

/* "8 1050 api.example.com" */
static void judge_up(struct httpa_doctor_visit *v, struct watch *w)
{
    char *rest = w->text;
    char text[512];
    unsigned long pieces = strtoul(rest, &rest, 10);
    unsigned long spread_ms = strtoul(rest, &rest, 10);
    const char *host = rest + strspn(rest, " ");
    size_t n = strcspn(host, "\n");
    (void)snprintf(text, sizeof(text), "%lu pieces, over %lu ms of %u", pieces,
                   spread_ms, (HTTPA_DOCTOR_PIECES - 1) * HTTPA_DOCTOR_GAP_MS);
    if (spread_ms + LATE_MS < (HTTPA_DOCTOR_PIECES - 1) * HTTPA_DOCTOR_GAP_MS) {
        httpa_doctor_note(v, "streams up", "up", text);
    } else {
        httpa_doctor_good("streams up", text);
    }
    const char *mine = strstr(v->place.origin, "://");
    mine = mine != NULL ? mine + 3 : v->place.origin;
    if (strlen(mine) == n && strncmp(mine, host, n) == 0) {
        httpa_doctor_good("Host", "passes unchanged");
        return;
    }
    (void)snprintf(text, sizeof(text), "becomes %.*s", (int)n, host);
    httpa_doctor_note(v, "Host", "host", text);
}

static void test_up(struct httpa_doctor_visit *v)
{
    int ends[2];
    pthread_t writer;
    struct watch w;
    if (pipe(ends) != 0) {
        return;
    }
    struct httpa_source source = { .fd = ends[0],
                                   .length = HTTPA_LENGTH_UNKNOWN };
    if (pthread_create(&writer, NULL, write_pieces, &ends[1]) != 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return;
    }
    bool answered =
        ask(v, "streams up", "up", "POST", HTTPA_DOCTOR_UP, &source, &w);
    (void)close(ends[0]);
    (void)pthread_join(writer, NULL);
    if (answered) {
        judge_up(v, &w);
    }
}

void httpa_doctor_streams(struct httpa_doctor_visit *v, bool slow)
{
    if (test_down(v)) {
        test_up(v);
        if (slow) {
            test_slow(v);
        }
    }
}
