/*
 * `httpa doctor`: what the path to a service does to messages, and what to
 * change where.  Everything is asked of the service's own end (AtSP,
 * doc/protocol.md 11): no request reaches the application.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/call.h"
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
};

static const struct httpa_option_row rows[] = {
    HTTPA_REMOTE_ROWS(struct settings),
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "doctor",
    .usage = "httpa doctor [OPTIONS] URL",
    .intro =
        "Sends messages to the service at URL through the real path, none of\n"
        "them to the application, and says what the path does to them and\n"
        "what to change where. A policy is used if there is one; without one\n"
        "the path is tested all the same, and nothing is trusted.\n"
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
    { "path", "", "pass /.well-known/httpa on unchanged, or --outer-path" },
};

struct visit {
    struct httpa_world world;
    struct httpa_place place;
    struct httpa_peer *peer;
    char engine[96]; /* the last that gave its name */
    unsigned bad;
};

static const char *find_fix(const struct visit *v, const char *what)
{
    for (size_t i = 0; i < COUNT(fixes); i++) {
        if (strcmp(fixes[i].what, what) == 0 &&
            strstr(v->engine, fixes[i].engine) != NULL) {
            return fixes[i].fix;
        }
    }
    return "";
}

static void good(const char *test, const char *text)
{
    (void)printf("  ok    %-12s %s\n", test, text);
}

static void bad(struct visit *v, const char *test, const char *what,
                const struct httpa_sighting *seen)
{
    const struct httpa_transport_report *t = &seen->transport;
    v->bad++;
    if (t->engine[0] != '\0') {
        (void)snprintf(v->engine, sizeof(v->engine), "%s", t->engine);
    }
    (void)printf("  BAD   %-12s ", test);
    if (t->status != 0) {
        (void)printf("status %u%s%s", t->status,
                     t->engine[0] != '\0' ? " from " : "", t->engine);
    } else {
        (void)fputs(t->why, stdout);
    }
    (void)printf("%s%s\n        fix: %s\n", seen->token[0] != '\0' ? ", " : "",
                 seen->token, find_fix(v, what));
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
static bool ping(struct visit *v, struct httpa_slice content,
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
    return ret->decision == NULL || ret->seen.genuine;
}

/* ------------------------------------------------------------------- tests */

/* The handshake with |post| or not; the verdict is not the question here. */
static bool meet(struct visit *v, bool post, struct httpa_sighting *seen)
{
    httpa_peer_drop(v->peer);
    v->peer->post = post;
    const struct httpa_decision *d = httpa_peer_meet(v->peer, seen);
    return d == NULL || d->row == 8;
}

static bool test_handshake(struct visit *v)
{
    struct httpa_sighting seen;
    bool forced = v->peer->world->settings->attest_method != NULL;
    bool met = meet(v, false, &seen);
    if (met && !v->peer->post) {
        good("ATTEST", "the method passes");
    } else if (met && !forced) {
        good("ATTEST", "refused on the way; messages go as POST, which is "
                       "as good");
    }
    met = met && meet(v, true, &seen);
    if (met) {
        good("POST", "handshakes pass");
    } else {
        bad(v, "handshake", "path", &seen);
    }
    return met;
}

static void report(struct visit *v, const char *test, const char *what,
                   const struct httpa_call_result *r)
{
    const struct httpa_sighting *seen = &r->seen;
    if (strcmp(seen->token, "base-unknown") == 0) {
        what = "sticky";
    } else if (strcmp(seen->token, "replay") == 0) {
        what = "repeats";
    } else if (seen->transport.status == 413) {
        what = "content";
    }
    bad(v, test, what, seen);
}

static void test_messages(struct visit *v)
{
    static const struct httpa_slice none;
    struct httpa_call_result r;
    uint64_t began = httpa_transport_now_ms();
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (!ping(v, none, none, &r)) {
            report(v, "session", "path", &r);
            return;
        }
    }
    (void)printf("  ok    %-12s %u messages on one session, %.1f ms each, "
                 "none repeated\n",
                 "session", MESSAGES,
                 (double)(httpa_transport_now_ms() - began) / MESSAGES);
}

static void test_sizes(struct visit *v)
{
    static const struct httpa_slice none;
    struct httpa_call_result r;
    uint8_t *bytes = calloc(1, LARGE_BYTES);
    if (bytes == NULL) {
        return;
    }
    if (ping(v, httpa_slice_of(bytes, LARGE_BYTES), none, &r)) {
        good("content", "1.2 MB in one message passes");
    } else {
        report(v, "content", "content", &r);
    }
    memset(bytes, 'x', LARGE_CLEAR_BYTES);
    if (ping(v, none, httpa_slice_of(bytes, LARGE_CLEAR_BYTES), &r)) {
        good("fields", "3 kB in one field passes");
    } else {
        report(v, "fields", "path", &r);
    }
    free(bytes);
}

static enum httpa_exit
examine(struct visit *v, struct settings *s, const char *url)
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
    struct visit *v = calloc(1, sizeof(*v));
    if (v == NULL) {
        return HTTPA_EXIT_USAGE;
    }
    int code = (int)examine(v, &s, rest.v[0]);
    httpa_peer_free(v->peer);
    httpa_world_done(&v->world);
    free(v);
    return code;
}
