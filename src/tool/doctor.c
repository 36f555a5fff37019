/*
 * `httpa doctor`: what the path to a service does to messages, and what to
 * change where.  Everything is asked of the service's own end (AtSP,
 * doc/protocol.md 11): no request reaches the application.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/doctor.h"
#include "tool/say.h"
#include "tool/tool.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Over nginx's default of 1 MiB for content. */
#define LARGE_BYTES (1200u * 1024u)
#define LARGE_CLEAR_BYTES 3000u

/* Enough to meet every replica of a few. */
#define MESSAGES 20u

struct settings {
    struct httpa_settings_remote remote;
    bool slow;
};

static const struct httpa_option_row rows[] = {
    HTTPA_REMOTE_ROWS(struct settings),
    { .group = "Tests",
      .name = "slow",
      .type = HTTPA_OPTION_IS_FLAG,
      .offset = offsetof(struct settings, slow),
      .help = "Also an answer that begins after 75 s" },
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "doctor",
    .usage = "httpa doctor [OPTIONS] URL",
    .intro =
        "Sends messages to the service at URL through the real path, none of\n"
        "them to the application, and says what the path does to them and\n"
        "what to change where. A policy is used if there is one; without one\n"
        "the path is tested all the same, and nothing is trusted. Whether\n"
        "answers and requests stream is seen where `httpa serve --doctor`\n"
        "runs.\n"
        "\n"
        "  httpa doctor https://api.example.com\n",
    .rows = rows,
    .outro = "Exit codes: 0 nothing to change, 3 or 6 something is in the "
             "way.\n",
};

/* What to change, by what was seen and whose name the answer bears. */
static const struct {
    const char *what;
    const char *engine; /* part of Server or Via; "" for any */
    const char *fix;
} fixes[] = {
    { "attest", "", "nothing to do: messages go as POST" },
    { "content", "nginx", "client_max_body_size 0; in its location" },
    { "content", "Apache", "LimitRequestBody 0" },
    { "content", "", "raise the gateway's limit for request content" },
    { "sticky", "nginx",
      "hash $http_attest_base_id consistent; in its upstream" },
    { "sticky", "",
      "send messages of one session to one replica: by cookie, "
      "or by the field Attest-Base-ID" },
    { "repeats", "nginx", "proxy_next_upstream off;" },
    { "repeats", "", "switch off the gateway's retries" },
    { "gzip", "nginx", "gzip off; in its location" },
    { "gzip", "", "compress nothing of type application/httpa-sealed" },
    { "down", "nginx", "proxy_buffering off; in its location" },
    { "down", "lighttpd", "server.stream-response-body = 2" },
    { "down", "Apache", "flushpackets=on behind its ProxyPass" },
    { "down", "", "switch off the buffering of responses" },
    { "up", "nginx", "proxy_request_buffering off; in its location" },
    { "up", "lighttpd",
      "server.stream-request-body = 2; and --http1.1: its HTTP/2 wants "
      "a length" },
    { "up", "", "switch off the buffering of requests" },
    { "host", "", "messages do not depend on it; virtual hosts may" },
    { "slow", "nginx", "proxy_read_timeout 1h; in its location" },
    { "slow", "", "raise the time that an answer may take" },
    { "path", "", "pass /.well-known/httpa on unchanged, or --outer-path" },
};

static const char *
find_fix(const struct httpa_doctor_visit *v, const char *what)
{
    for (size_t i = 0; i < COUNT(fixes); i++) {
        if (strcmp(fixes[i].what, what) == 0 &&
            strstr(v->engine, fixes[i].engine) != NULL) {
            return fixes[i].fix;
        }
    }
    return "";
}

void httpa_doctor_engine(struct httpa_doctor_visit *v,
                         const struct httpa_sighting *seen)
{
    if (seen->transport.engine[0] != '\0') {
        (void)snprintf(v->engine, sizeof(v->engine), "%s",
                       seen->transport.engine);
    }
}

void httpa_doctor_good(const char *test, const char *text)
{
    (void)printf("  ok    %-12s %s\n", test, text);
}

void httpa_doctor_note(const struct httpa_doctor_visit *v, const char *test,
                       const char *what, const char *text)
{
    (void)printf("  note  %-12s %s\n        %s\n", test, text,
                 find_fix(v, what));
}

void httpa_doctor_bad(struct httpa_doctor_visit *v, const char *test,
                      const char *what, const char *text)
{
    v->bad++;
    (void)printf("  BAD   %-12s %s\n        fix: %s\n", test, text,
                 find_fix(v, what));
}

/* Some causes show whatever was tested. */
static const char *cause_of(const struct httpa_sighting *seen, const char *what)
{
    if (seen->transport.coding[0] != '\0') {
        return "gzip";
    }
    if (strcmp(seen->token, "base-unknown") == 0) {
        return "sticky";
    }
    if (strcmp(seen->token, "replay") == 0) {
        return "repeats";
    }
    return seen->transport.status == 413 ? "content" : what;
}

void httpa_doctor_failed(struct httpa_doctor_visit *v, const char *test,
                         const char *what, const struct httpa_sighting *seen)
{
    const struct httpa_transport_report *t = &seen->transport;
    char text[512];
    const char *cause = cause_of(seen, what);
    if (t->status == 0) {
        (void)snprintf(text, sizeof(text), "%s", t->why);
    } else {
        (void)snprintf(text, sizeof(text), "status %u%s%s%s%s%s%s", t->status,
                       t->engine[0] != '\0' ? " from " : "", t->engine,
                       t->coding[0] != '\0' ? ", compressed: " : "", t->coding,
                       seen->token[0] != '\0' ? ", " : "", seen->token);
    }
    httpa_doctor_bad(v, test, cause, text);
}

/* ------------------------------------------------------------ one message */

static enum httpa_err no_head(void *ctx, const struct httpa_head *head)
{
    (void)ctx;
    (void)head;
    return HTTPA_OK;
}

static enum httpa_err no_data(void *ctx, struct httpa_slice data)
{
    (void)ctx;
    (void)data;
    return HTTPA_OK;
}

/* An AtSP that asks for nothing: the service's own end answers 204, or
 * refuses |content|, which is an answer as well. */
static bool ping(struct httpa_doctor_visit *v, struct httpa_slice content,
                 struct httpa_slice clear, struct httpa_call_result *ret)
{
    static const char *const clear_name[] = { "x-httpa-doctor" };
    struct httpa_field room[2];
    struct httpa_head inner;
    struct httpa_source source;
    httpa_head_init(&inner, room, COUNT(room));
    inner.is_request = true;
    inner.method = httpa_slice_str("ATTEST");
    inner.path = httpa_slice_str("/");
    bool ok =
        httpa_fields_add(&inner.fields, httpa_slice_str("content-type"),
                         httpa_slice_str("application/cmw+cbor")) == HTTPA_OK;
    if (clear.n > 0) {
        ok = ok &&
             httpa_fields_add(&inner.fields, httpa_slice_str(clear_name[0]),
                              clear) == HTTPA_OK;
    }
    httpa_source_memory(&source, content);
    struct httpa_call call = {
        .inner = &inner,
        .source = &source,
        .clear = { clear_name, clear.n > 0 ? 1 : 0 },
        .once = true,
        .on_head = no_head,
        .on_data = no_data,
    };
    if (!ok) {
        return false;
    }
    httpa_call_run(v->peer, &call, ret);
    httpa_doctor_engine(v, &ret->seen);
    return ret->decision == NULL || ret->seen.genuine;
}

/* ------------------------------------------------------------------- tests */

/* The handshake with |post| or not; the verdict is not the question here. */
static bool
meet(struct httpa_doctor_visit *v, bool post, struct httpa_sighting *seen)
{
    httpa_peer_drop(v->peer);
    v->peer->post = post;
    const struct httpa_decision *d = httpa_peer_meet(v->peer, seen);
    httpa_doctor_engine(v, seen);
    return d == NULL || d->row == 8;
}

static bool test_handshake(struct httpa_doctor_visit *v)
{
    struct httpa_sighting seen;
    bool forced = v->peer->world->settings->attest_method != NULL;
    bool met = meet(v, false, &seen);
    if (met && !v->peer->post) {
        httpa_doctor_good("ATTEST", "the method passes");
    } else if (met && !forced) {
        httpa_doctor_good("ATTEST",
                          "refused on the way; messages go as POST, which is "
                          "as good");
    }
    met = met && meet(v, true, &seen);
    if (met) {
        httpa_doctor_good("POST", "handshakes pass");
    } else {
        httpa_doctor_failed(v, "handshake", "path", &seen);
    }
    return met;
}

static void test_messages(struct httpa_doctor_visit *v)
{
    static const struct httpa_slice none;
    struct httpa_call_result r;
    uint64_t began = httpa_transport_now_ms();
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (!ping(v, none, none, &r)) {
            httpa_doctor_failed(v, "session", "path", &r.seen);
            return;
        }
    }
    (void)printf("  ok    %-12s %u messages on one session, %.1f ms each, "
                 "none repeated\n",
                 "session", MESSAGES,
                 (double)(httpa_transport_now_ms() - began) / MESSAGES);
}

static void test_sizes(struct httpa_doctor_visit *v)
{
    static const struct httpa_slice none;
    struct httpa_call_result r;
    uint8_t *bytes = calloc(1, LARGE_BYTES);
    if (bytes == NULL) {
        return;
    }
    if (ping(v, httpa_slice_of(bytes, LARGE_BYTES), none, &r)) {
        httpa_doctor_good("content", "1.2 MB in one message passes");
    } else {
        httpa_doctor_failed(v, "content", "content", &r.seen);
    }
    memset(bytes, 'x', LARGE_CLEAR_BYTES);
    if (ping(v, none, httpa_slice_of(bytes, LARGE_CLEAR_BYTES), &r)) {
        httpa_doctor_good("fields", "3 kB in one field passes");
    } else {
        httpa_doctor_failed(v, "fields", "path", &r.seen);
    }
    free(bytes);
}

static enum httpa_exit
examine(struct httpa_doctor_visit *v, struct settings *s, const char *url)
{
    if (!httpa_settings_check(&s->remote) ||
        !httpa_world_init(&v->world, &s->remote) ||
        !httpa_place_read(url, NULL, &v->place)) {
        return HTTPA_EXIT_USAGE;
    }
    enum httpa_exit code = httpa_peer_new(&v->world, &v->place, &v->peer);
    if (code != HTTPA_EXIT_DONE) {
        return code;
    }
    (void)printf("%s\n", v->place.origin);
    if (!test_handshake(v)) {
        return HTTPA_EXIT_NO_ANSWER;
    }
    if (v->peer->session == NULL) {
        (void)puts("  -     the rest     a session is needed, and the policy "
                   "refuses or is missing");
        (void)printf("  next: httpa %s %s\n",
                     v->peer->policy == NULL ? "pin" : "explain",
                     v->place.origin);
        return HTTPA_EXIT_REFUSED;
    }
    test_messages(v);
    test_sizes(v);
    httpa_doctor_streams(v, s->slow);
    return v->bad > 0 ? HTTPA_EXIT_NO_ANSWER : HTTPA_EXIT_DONE;
}

int httpa_tool_doctor(int argc, char **argv)
{
    struct settings s = { .remote = { .policy = NULL } };
    struct httpa_options_list rest = { .n = 0 };
    enum httpa_err err = httpa_options_read(&command, argc, argv, &s, &rest);
    if (err == HTTPA_ERR_ABORTED) {
        return HTTPA_EXIT_DONE;
    }
    if (err != HTTPA_OK || rest.n != 1) {
        httpa_say("one URL is needed");
        httpa_say_next("httpa doctor --help");
        return HTTPA_EXIT_USAGE;
    }
    struct httpa_doctor_visit *v = calloc(1, sizeof(*v));
    if (v == NULL) {
        return HTTPA_EXIT_USAGE;
    }
    int code = (int)examine(v, &s, rest.v[0]);
    httpa_peer_free(v->peer);
    httpa_world_done(&v->world);
    free(v);
    return code;
}
