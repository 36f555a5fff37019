#include "tool/transport.h"

#include <curl/curl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool/say.h"

/* Of an outer response head; ours are under 3.5 kB, gateways add to it. */
#define HEAD_MAX 65536u

/* Sealed bytes waiting for the socket: two records and air. */
#define PENDING_MAX 262144u

/* How long a signal may go unnoticed. */
#define TURN_MS 250

struct httpa_transport {
    const struct httpa_transport_options *options;
    CURLM *multi;
    CURL *easy;
    struct curl_slist *resolve;
    uint64_t deadline_ms; /* 0: none */
};

/* One exchange under way. */
struct run {
    struct httpa_transport *t;
    const struct httpa_transport_call *call;
    struct httpa_transport_report *report;
    struct httpa_buf pending; /* pulled, not yet taken */
    size_t taken;
    bool ended;  /* pull said so */
    bool paused; /* until source_fd is readable, or a filler is due */
    bool stopped;
    uint64_t life_ms;   /* last sign of it */
    uint64_t pulled_ms; /* last time that content was handed out */
    struct httpa_buf head;
    bool delivered;
    struct httpa_field fields[HTTPA_FIELDS_MAX];
    struct httpa_head parsed;
};

static _Atomic bool interrupted; /* lock-free, so a handler may set it */

static void on_signal(int number)
{
    (void)number;
    atomic_store(&interrupted, true);
}

bool httpa_transport_interrupted(void)
{
    return atomic_load(&interrupted);
}

const _Atomic bool *httpa_transport_interruption(void)
{
    return &interrupted;
}

int64_t httpa_transport_now_s(void)
{
    return (int64_t)time(NULL);
}

uint64_t httpa_transport_now_ms(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

bool httpa_transport_too_late(const struct httpa_transport *t)
{
    return t->deadline_ms != 0 && httpa_transport_now_ms() >= t->deadline_ms;
}

uint64_t
httpa_transport_left_ms(const struct httpa_transport *t, uint64_t at_most_ms)
{
    uint64_t now = httpa_transport_now_ms();
    uint64_t left = t->deadline_ms == 0   ? at_most_ms
                    : t->deadline_ms > now ? t->deadline_ms - now
                                           : 0;
    return left < at_most_ms ? left : at_most_ms;
}

enum httpa_err
httpa_transport_new(const struct httpa_transport_options *options,
                    struct httpa_transport **ret_transport)
{
    struct httpa_transport *t = calloc(1, sizeof(*t));
    struct sigaction action = { .sa_handler = on_signal };
    if (t == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(t);
        return HTTPA_ERR_MEMORY;
    }
    t->options = options;
    t->multi = curl_multi_init();
    t->easy = curl_easy_init();
    for (size_t i = 0; i < options->resolve.n; i++) {
        t->resolve = curl_slist_append(t->resolve, options->resolve.v[i]);
    }
    t->deadline_ms = options->max_time_ms != 0
                         ? httpa_transport_now_ms() + options->max_time_ms
                         : 0;
    if (t->multi == NULL || t->easy == NULL) {
        httpa_transport_free(t);
        return HTTPA_ERR_MEMORY;
    }
    /* the second Ctrl-C ends at once */
    action.sa_flags = (int)SA_RESETHAND;
    (void)sigaction(SIGINT, &action, NULL);
    *ret_transport = t;
    return HTTPA_OK;
}

void httpa_transport_free(struct httpa_transport *t)
{
    if (t == NULL) {
        return;
    }
    curl_easy_cleanup(t->easy);
    curl_multi_cleanup(t->multi);
    curl_slist_free_all(t->resolve);
    free(t);
    curl_global_cleanup();
}

/* --------------------------------------------------------------- sending */

static bool refill(struct run *r)
{
    httpa_buf_reset(&r->pending);
    r->taken = 0;
    uint64_t waited_ms = httpa_transport_now_ms() - r->pulled_ms;
    switch (r->call->pull(r->call->ctx, waited_ms, &r->pending)) {
    case HTTPA_PULL_MORE:
        break;
    case HTTPA_PULL_WAIT:
        r->paused = true;
        break;
    case HTTPA_PULL_END:
        r->ended = true;
        break;
    case HTTPA_PULL_FAIL:
        return false;
    }
    return httpa_buf_check(&r->pending) == HTTPA_OK;
}

static size_t on_read(char *to, size_t size, size_t count, void *ctx)
{
    struct run *r = ctx;
    size_t room = size * count;
    if (r->taken == r->pending.n && !r->ended && !refill(r)) {
        r->stopped = true;
        return CURL_READFUNC_ABORT;
    }
    size_t n = r->pending.n - r->taken;
    if (n == 0 && !r->ended) {
        return CURL_READFUNC_PAUSE;
    }
    n = n < room ? n : room;
    if (n > 0) {
        r->paused = false;
        r->report->sent = true;
        memcpy(to, r->pending.p + r->taken, n);
        r->taken += n;
        r->life_ms = r->pulled_ms = httpa_transport_now_ms();
    }
    return n;
}

/* Bytes that were handed out are never sent a second time. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
    (void)ctx;
    (void)offset;
    (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

/* -------------------------------------------------------------- receiving */

static struct httpa_slice trim(struct httpa_slice s)
{
    while (s.n > 0 && strchr(" \t\r\n", s.p[s.n - 1]) != NULL) {
        s.n--;
    }
    while (s.n > 0 && strchr(" \t", s.p[0]) != NULL) {
        s = httpa_slice_from(s, 1);
    }
    return s;
}

/* "HTTP/1.1 200 OK", "HTTP/2 200" */
static unsigned read_status(struct httpa_slice line)
{
    const uint8_t *space = memchr(line.p, ' ', line.n);
    size_t at = space != NULL ? (size_t)(space - line.p) + 1 : line.n;
    unsigned status = 0;
    for (size_t i = 0; i < 3 && at + i < line.n; i++) {
        uint8_t c = line.p[at + i];
        if (c < '0' || c > '9') {
            return 0;
        }
        status = status * 10 + (unsigned)(c - '0');
    }
    return status;
}

static void note(struct run *r)
{
    static const char *const engines[] = { "server", "via" };
    struct httpa_transport_report *to = r->report;
    const struct httpa_field *f =
        httpa_fields_find(&r->parsed.fields, "retry-after");
    for (size_t i = 0; f != NULL && i < f->value.n && i < 6; i++) {
        uint8_t c = f->value.p[i];
        if (c < '0' || c > '9') {
            to->retry_after_s = -1;
            break;
        }
        to->retry_after_s =
            (to->retry_after_s < 0 ? 0 : to->retry_after_s * 10) + (c - '0');
    }
    f = httpa_fields_find(&r->parsed.fields, "location");
    if (f != NULL) {
        (void)httpa_say_clean(f->value, to->location, sizeof(to->location));
    }
    f = httpa_fields_find(&r->parsed.fields, "content-encoding");
    if (f != NULL) {
        (void)httpa_say_clean(f->value, to->coding, sizeof(to->coding));
    }
    for (size_t i = 0; i < 2; i++) {
        f = httpa_fields_find(&r->parsed.fields, engines[i]);
        if (f != NULL) {
            (void)httpa_say_clean(f->value, to->engine, sizeof(to->engine));
        }
    }
}

static bool parse_head(struct run *r)
{
    struct httpa_slice rest = httpa_buf_slice(&r->head);
    httpa_head_init(&r->parsed, r->fields, HTTPA_FIELDS_MAX);
    for (bool first = true; rest.n > 0; first = false) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t n = end != NULL ? (size_t)(end - rest.p) + 1 : rest.n;
        struct httpa_slice line = trim(httpa_slice_of(rest.p, n));
        rest = httpa_slice_from(rest, n);
        const uint8_t *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
        if (first) {
            r->parsed.status = read_status(line);
        } else if (colon != NULL) {
            size_t name = (size_t)(colon - line.p);
            if (httpa_fields_add(
                    &r->parsed.fields, httpa_slice_of(line.p, name),
                    trim(httpa_slice_from(line, name + 1))) != HTTPA_OK) {
                return false;
            }
        }
    }
    return r->parsed.status != 0;
}

static void show_head(const struct run *r, char mark)
{
    if (r->t->options->verbose) {
        (void)fprintf(stderr, "%c ", mark);
        struct httpa_slice s = httpa_buf_slice(&r->head);
        for (size_t i = 0; i < s.n; i++) {
            if (s.p[i] == '\n' && i + 1 < s.n) {
                (void)fprintf(stderr, "\n%c ", mark);
            } else if (s.p[i] != '\r') {
                httpa_say_bytes(stderr,
                                httpa_slice_of(s.p + i, s.p[i] != '\n'));
            }
        }
        (void)fputc('\n', stderr);
    }
}

static bool deliver(struct run *r)
{
    if (!parse_head(r)) {
        return false;
    }
    show_head(r, '<');
    if (r->parsed.status < 200) {
        return true; /* doc/protocol.md 13.6 */
    }
    r->delivered = true;
    r->report->status = r->parsed.status;
    note(r);
    httpa_jar_keep(r->call->jar, &r->parsed.fields, httpa_transport_now_s());
    return r->call->on_head(r->call->ctx, &r->parsed) == HTTPA_OK;
}

static size_t on_header(char *p, size_t size, size_t count, void *ctx)
{
    struct run *r = ctx;
    size_t n = size * count;
    r->life_ms = httpa_transport_now_ms();
    if (r->delivered) {
        return n; /* trailers are ignored */
    }
    if (n >= 5 && memcmp(p, "HTTP/", 5) == 0) {
        httpa_buf_reset(&r->head);
    }
    httpa_buf_put(&r->head, p, n);
    bool last = n <= 2 && (p[0] == '\r' || p[0] == '\n');
    if (httpa_buf_check(&r->head) != HTTPA_OK || (last && !deliver(r))) {
        r->stopped = true;
        return n + 1;
    }
    return n;
}

static size_t on_write(char *p, size_t size, size_t count, void *ctx)
{
    struct run *r = ctx;
    size_t n = size * count;
    if (r->report->started[0] == '\0') {
        (void)httpa_say_clean(httpa_slice_of(p, n), r->report->started,
                              sizeof(r->report->started));
    }
    if (r->call->on_data(r->call->ctx, httpa_slice_of(p, n)) != HTTPA_OK) {
        r->stopped = true;
        return n + 1;
    }
    r->life_ms = httpa_transport_now_ms();
    return n;
}

/* ---------------------------------------------------------------- running */

static void show_request(const struct run *r)
{
    const struct httpa_transport_call *call = r->call;
    if (!r->t->options->verbose) {
        return;
    }
    (void)fprintf(stderr, "> %s %s\n", call->method, call->url);
    for (size_t i = 0; i < call->head->fields.n; i++) {
        (void)fputs("> ", stderr);
        httpa_say_bytes(stderr, call->head->fields.v[i].name);
        (void)fputs(": ", stderr);
        httpa_say_bytes(stderr, call->head->fields.v[i].value);
        (void)fputc('\n', stderr);
    }
    (void)fputs(">\n", stderr);
}

static struct curl_slist *add_header(struct curl_slist *list,
                                     struct httpa_slice name, const char *sep,
                                     struct httpa_slice value)
{
    struct httpa_buf line = httpa_buf_growing(HTTPA_OUTER_BYTES * 2);
    httpa_buf_put_slice(&line, name);
    httpa_buf_put_str(&line, sep);
    httpa_buf_put_slice(&line, value);
    httpa_buf_put_byte(&line, 0);
    struct curl_slist *next =
        httpa_buf_check(&line) == HTTPA_OK
            ? curl_slist_append(list, (const char *)line.p)
            : NULL;
    httpa_buf_done(&line);
    if (next == NULL) {
        curl_slist_free_all(list);
    }
    return next;
}

static struct curl_slist *make_headers(const struct httpa_transport_call *call)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    struct httpa_buf cookies = httpa_buf_growing(HTTPA_JAR_BYTES * 2);
    for (size_t i = 0; list != NULL && i < call->head->fields.n; i++) {
        const struct httpa_field *f = &call->head->fields.v[i];
        if (!httpa_slice_is_nocase(f->name, "content-length")) {
            list = add_header(list, f->name, ": ", f->value);
        }
    }
    httpa_jar_put(call->jar, &cookies);
    if (list != NULL && cookies.n > 0) {
        list = add_header(list, httpa_slice_str("Cookie"), ": ",
                          httpa_buf_slice(&cookies));
    }
    if (list != NULL && call->length == HTTPA_LENGTH_UNKNOWN) {
        list = add_header(list, httpa_slice_str("Transfer-Encoding"), ": ",
                          httpa_slice_str("chunked"));
    }
    httpa_buf_done(&cookies);
    return list;
}

static void set_connection(struct httpa_transport *t)
{
    const struct httpa_transport_options *o = t->options;
    CURL *c = t->easy;
    long verify = o->outer_insecure ? 0L : 1L;
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)HTTPA_TRANSPORT_CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, verify);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, verify * 2);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
                     o->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(c, CURLOPT_RESOLVE, t->resolve);
    if (o->cacert != NULL) {
        curl_easy_setopt(c, CURLOPT_CAINFO, o->cacert);
    }
    if (o->proxy != NULL) {
        curl_easy_setopt(c, CURLOPT_PROXY, o->proxy);
    }
    if (o->proxy_user != NULL) {
        curl_easy_setopt(c, CURLOPT_PROXYUSERPWD, o->proxy_user);
    }
}

static void set_call(struct run *r, struct curl_slist *headers, char *error)
{
    CURL *c = r->t->easy;
    const struct httpa_transport_call *call = r->call;
    curl_off_t length = call->length == HTTPA_LENGTH_UNKNOWN
                            ? (curl_off_t)-1
                            : (curl_off_t)call->length;
    curl_easy_setopt(c, CURLOPT_URL, call->url);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_POST, 1L);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, call->method);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, length);
    curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(c, CURLOPT_READDATA, r);
    curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, r);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 131072L);
    curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 131072L);
}

static void wake(struct run *r)
{
    struct pollfd p = { .fd = r->call->source_fd, .events = POLLIN };
    bool due =
        httpa_transport_now_ms() - r->pulled_ms >= HTTPA_TRANSPORT_FILLER_MS;
    if (r->paused && (due || poll(&p, 1, 0) > 0)) {
        r->paused = false;
        curl_easy_pause(r->t->easy, CURLPAUSE_CONT);
    }
}

static int wait_ms(const struct run *r)
{
    uint64_t now = httpa_transport_now_ms();
    uint64_t left = r->t->deadline_ms > now ? r->t->deadline_ms - now : TURN_MS;
    return (int)(left < TURN_MS ? left : TURN_MS);
}

/* What ends an exchange from outside it; DONE: nothing. */
static enum httpa_transport_end judge(const struct run *r, uint64_t began_ms)
{
    uint64_t now = httpa_transport_now_ms();
    if (httpa_transport_interrupted()) {
        return HTTPA_TRANSPORT_BREAK;
    }
    if (httpa_transport_too_late(r->t)) {
        return HTTPA_TRANSPORT_TIMEOUT;
    }
    if (now - r->life_ms > HTTPA_TRANSPORT_SILENCE_MS ||
        (r->call->total_ms != 0 && now - began_ms > r->call->total_ms)) {
        return HTTPA_TRANSPORT_LOST;
    }
    return HTTPA_TRANSPORT_DONE;
}

static enum httpa_transport_end
finish(struct run *r, CURLcode code, const char *error)
{
    const char *words = error[0] != '\0' ? error : curl_easy_strerror(code);
    (void)httpa_say_clean(httpa_slice_str(words), r->report->why,
                          sizeof(r->report->why));
    if (r->stopped) {
        return HTTPA_TRANSPORT_STOPPED;
    }
    if (code == CURLE_OK && r->delivered) {
        return HTTPA_TRANSPORT_DONE;
    }
    return r->report->sent ? HTTPA_TRANSPORT_LOST : HTTPA_TRANSPORT_UNSENT;
}

static enum httpa_transport_end turn(struct run *r, const char *error)
{
    struct curl_waitfd fd = { .fd = r->call->source_fd,
                              .events = CURL_WAIT_POLLIN };
    uint64_t began_ms = r->life_ms;
    int running = 1;
    for (;;) {
        (void)curl_multi_perform(r->t->multi, &running);
        CURLMsg *m;
        int left;
        while ((m = curl_multi_info_read(r->t->multi, &left)) != NULL) {
            if (m->msg == CURLMSG_DONE) {
                return finish(r, m->data.result, error);
            }
        }
        enum httpa_transport_end end = judge(r, began_ms);
        if (end != HTTPA_TRANSPORT_DONE) {
            (void)snprintf(r->report->why, sizeof(r->report->why), "%s",
                           end == HTTPA_TRANSPORT_LOST ? "no answer in time"
                                                       : "given up");
            return end;
        }
        bool waits = r->paused && r->call->source_fd >= 0;
        (void)curl_multi_poll(r->t->multi, waits ? &fd : NULL, waits ? 1 : 0,
                              wait_ms(r), NULL);
        wake(r);
    }
}

void httpa_transport_run(struct httpa_transport *t,
                         const struct httpa_transport_call *call,
                         struct httpa_transport_report *ret_report)
{
    struct run *r = calloc(1, sizeof(*r));
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = make_headers(call);
    *ret_report =
        (struct httpa_transport_report){ .end = HTTPA_TRANSPORT_UNSENT,
                                         .retry_after_s = -1,
                                         .why = "out of memory" };
    if (r != NULL && headers != NULL) {
        r->t = t;
        r->call = call;
        r->report = ret_report;
        r->pending = httpa_buf_growing(PENDING_MAX);
        r->head = httpa_buf_growing(HEAD_MAX);
        r->life_ms = r->pulled_ms = httpa_transport_now_ms();
        curl_easy_reset(t->easy);
        set_connection(t);
        set_call(r, headers, error);
        show_request(r);
        (void)curl_multi_add_handle(t->multi, t->easy);
        ret_report->end = turn(r, error);
        (void)curl_multi_remove_handle(t->multi, t->easy);
        httpa_buf_done(&r->pending);
        httpa_buf_done(&r->head);
    }
    curl_slist_free_all(headers);
    free(r);
}

bool httpa_transport_pause(struct httpa_transport *t, uint64_t ms)
{
    uint64_t end = httpa_transport_now_ms() + ms;
    for (;;) {
        uint64_t now = httpa_transport_now_ms();
        if (httpa_transport_interrupted() || httpa_transport_too_late(t)) {
            return false;
        }
        if (now >= end) {
            return true;
        }
        (void)poll(NULL, 0, (int)(end - now < TURN_MS ? end - now : TURN_MS));
    }
}
