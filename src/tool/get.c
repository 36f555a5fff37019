/* `httpa [get] URL...` */
#include "tool/get.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/call.h"
#include "tool/output.h"
#include "tool/page.h"
#include "tool/say.h"
#include "tool/tool.h"

#define PEERS_MAX 16u
#define REDIRECTS_MAX 50u
#define INTERRUPTED 130

struct get {
    struct httpa_get_settings s;
    struct httpa_world world;
    struct httpa_peer *peers[PEERS_MAX];
    size_t peer_n;
};

/* One URL, and where redirects lead from it. */
struct errand {
    struct httpa_place place;
    struct httpa_place next;
    struct httpa_body body;
    struct httpa_options_parts no_parts;
    const char *method;
    char query_path[HTTPA_PLACE_URL];
    bool foreign; /* another origin than the one that was asked for */
    struct httpa_output output;
};

/* ---------------------------------------------------------------- sessions */

static enum httpa_exit find_peer(struct get *g, const struct httpa_place *place,
                                 struct httpa_peer **ret_peer)
{
    for (size_t i = 0; i < g->peer_n; i++) {
        if (strcmp(g->peers[i]->place.origin, place->origin) == 0) {
            *ret_peer = g->peers[i];
            return HTTPA_EXIT_DONE;
        }
    }
    if (g->peer_n == PEERS_MAX) {
        httpa_say("more than %u origins in one call", PEERS_MAX);
        return HTTPA_EXIT_USAGE;
    }
    enum httpa_exit code =
        httpa_peer_new(&g->world, place, &g->peers[g->peer_n]);
    if (code == HTTPA_EXIT_DONE) {
        *ret_peer = g->peers[g->peer_n++];
    }
    return code;
}

/* P1 of the product's page: without a policy nothing is sent. */
static void say_no_policy(const struct httpa_peer *peer)
{
    struct httpa_buf words = httpa_buf_growing(4096);
    httpa_page_evidence(peer->verdict, &words);
    httpa_buf_put_byte(&words, 0);
    httpa_say("no policy for %s; your request was not sent.",
              peer->place.origin);
    httpa_say("The service attests: %s. Its code is not known to you.",
              words.p != NULL ? (const char *)words.p : "");
    httpa_say("To look:  httpa explain %s", peer->place.origin);
    httpa_say_next("httpa pin %s    (trust what runs there now)",
                   peer->place.origin);
    httpa_buf_done(&words);
}

static void show_refusal(const struct get *g, const struct httpa_peer *peer)
{
    if (peer->verdict == NULL || (g->s.silent && !g->s.show_error)) {
        return;
    }
    if (peer->policy == NULL) {
        say_no_policy(peer);
        return;
    }
    struct httpa_page page = { .every_check = g->s.remote.transport.verbose,
                               .sends = true };
    httpa_page_print(&page, peer->verdict, stderr);
}

/* ------------------------------------------------------------- one request */

static void show_request(const struct httpa_head *head)
{
    (void)fputs("{ ", stderr);
    httpa_say_bytes(stderr, head->method);
    (void)fputc(' ', stderr);
    httpa_say_bytes(stderr, head->path);
    (void)fputc('\n', stderr);
    for (size_t i = 0; i < head->fields.n; i++) {
        const struct httpa_field *f = &head->fields.v[i];
        bool is_secret = httpa_slice_is_nocase(f->name, "authorization") ||
                         httpa_slice_is_nocase(f->name, "cookie");
        (void)fputs("{ ", stderr);
        httpa_say_bytes(stderr, f->name);
        (void)fputs(": ", stderr);
        httpa_say_bytes(stderr,
                        is_secret ? httpa_slice_str("(not shown)") : f->value);
        (void)fputc('\n', stderr);
    }
    (void)fputs("{\n", stderr);
}

static enum httpa_exit finish(struct get *g, struct httpa_peer *peer,
                              struct errand *e,
                              const struct httpa_call_result *r)
{
    bool whole = r->decision == NULL && !r->sink_failed;
    bool written = httpa_output_end(&e->output, whole);
    if (g->s.verdict != NULL && peer->verdict != NULL &&
        !httpa_page_write_json(peer->verdict, g->s.verdict)) {
        return HTTPA_EXIT_USAGE;
    }
    if (httpa_transport_interrupted()) {
        httpa_say("interrupted%s",
                  !r->refused && !r->safe && r->seen.transport.sent
                      ? "; the request may have been processed"
                      : "");
        return (enum httpa_exit)INTERRUPTED;
    }
    if (r->sink_failed || !written) {
        return HTTPA_EXIT_USAGE;
    }
    if (r->decision == NULL) {
        return g->s.fail && e->output.status >= 400 ? HTTPA_EXIT_HTTP
                                                    : HTTPA_EXIT_DONE;
    }
    if (r->refused && r->decision->row == 8) {
        show_refusal(g, peer);
        if (peer->policy == NULL) {
            return r->decision->safe_exit;
        }
    }
    return httpa_peer_report(peer, r->decision, &r->seen,
                             r->refused || r->safe);
}

static enum httpa_exit request(struct get *g, struct errand *e)
{
    struct httpa_get_head *h = calloc(1, sizeof(*h));
    struct httpa_peer *peer = NULL;
    struct httpa_call_result result;
    enum httpa_exit code =
        h == NULL ? HTTPA_EXIT_USAGE : find_peer(g, &e->place, &peer);
    if (code != HTTPA_EXIT_DONE) {
        free(h);
        return code;
    }
    const char *path = e->query_path[0] != '\0' ? e->query_path : e->place.path;
    code = HTTPA_EXIT_USAGE;
    if (httpa_get_head_make(h, &g->s, &e->body, e->method, path, e->foreign)) {
        struct httpa_call call = {
            .inner = &h->head,
            .source = &e->body.source,
            .clear = { g->s.clear.v, g->s.clear.n },
            .retry_unsafe = g->s.retry_unsafe,
            .on_head = httpa_output_head,
            .on_data = httpa_output_data,
            .on_sent = httpa_output_sent,
            .ctx = &e->output,
        };
        if (g->s.remote.transport.verbose) {
            show_request(&h->head);
        }
        httpa_call_run(peer, &call, &result);
        if (g->s.remote.transport.verbose && peer->session != NULL) {
            char name[64];
            httpa_say("session %s, message %llu",
                      httpa_say_clean(httpa_session_name(peer->session), name,
                                      sizeof(name)),
                      (unsigned long long)result.number);
        }
        code = finish(g, peer, e, &result);
    }
    httpa_get_head_done(h);
    free(h);
    return code;
}

/* --------------------------------------------------------------- redirects */

/* RFC 9110 15.4: what the next request is. */
static bool turn_to(struct errand *e)
{
    unsigned status = e->output.status;
    bool to_get =
        (status == 303 && strcmp(e->method, "HEAD") != 0) ||
        ((status == 301 || status == 302) && strcmp(e->method, "POST") == 0);
    if (!httpa_place_read(e->output.location, &e->place, &e->next)) {
        return false;
    }
    e->foreign = e->foreign || strcmp(e->next.origin, e->place.origin) != 0;
    e->place = e->next;
    e->query_path[0] = '\0';
    if (to_get) {
        httpa_body_done(&e->body);
        (void)httpa_body_make(&e->body, &e->no_parts, NULL);
        e->method = "GET";
        return true;
    }
    if (!httpa_source_rewind(&e->body.source)) {
        httpa_say("the redirect wants the content again, and it came from a "
                  "pipe");
        return false;
    }
    return true;
}

static enum httpa_exit
follow(struct get *g, struct errand *e, const struct httpa_output_wish *wish)
{
    for (unsigned i = 0; i <= REDIRECTS_MAX; i++) {
        httpa_output_init(&e->output, wish);
        enum httpa_exit code = request(g, e);
        if (code != HTTPA_EXIT_DONE || e->output.location[0] == '\0') {
            return code;
        }
        if (!turn_to(e)) {
            return HTTPA_EXIT_USAGE;
        }
    }
    httpa_say("more than %u redirects", REDIRECTS_MAX);
    return HTTPA_EXIT_NO_ANSWER;
}

/* ------------------------------------------------------------------ one URL */

/* -G: what -d made goes behind the path. */
static bool move_to_query(struct errand *e)
{
    size_t n = strlen(e->place.path);
    struct httpa_slice data = httpa_buf_slice(&e->body.bytes);
    if (e->body.source.fd >= 0 || n + data.n + 2 > sizeof(e->query_path)) {
        httpa_say("-G: too much for a query");
        return false;
    }
    struct httpa_buf query =
        httpa_buf_fixed((uint8_t *)e->query_path, sizeof(e->query_path));
    httpa_buf_put_str(&query, e->place.path);
    httpa_buf_put_byte(&query,
                       strchr(e->place.path, '?') != NULL ? '&' : '?');
    httpa_buf_put_slice(&query, data);
    httpa_buf_put_byte(&query, '\0');
    httpa_source_memory(&e->body.source, httpa_slice_of(NULL, 0));
    e->body.type[0] = '\0';
    e->body.method = NULL;
    return true;
}

/* -O: what stands behind the last slash. */
static const char *remote_name(const struct errand *e, char *room, size_t size)
{
    size_t n = strcspn(e->place.path, "?");
    size_t start = n;
    while (start > 0 && e->place.path[start - 1] != '/') {
        start--;
    }
    (void)snprintf(room, size, "%.*s", (int)(n - start), e->place.path + start);
    bool fits = n > start && n - start < size && room[0] != '.';
    if (!fits) {
        httpa_say("-O: the URL names no file; use -o FILE");
    }
    return fits ? room : NULL;
}

static void choose_method(const struct get *g, struct errand *e)
{
    e->method = g->s.method != NULL      ? g->s.method
                : g->s.head              ? "HEAD"
                : e->body.method != NULL ? e->body.method
                                         : "GET";
}

static enum httpa_exit
run_url(struct get *g, struct errand *e, const char *url, size_t index)
{
    char name[256];
    struct httpa_output_wish wish = {
        .path = index < g->s.outputs.n ? g->s.outputs.v[index] : NULL,
        .head = g->s.include || g->s.head,
        .verbose = g->s.remote.transport.verbose,
        .fail = g->s.fail,
        .follow = g->s.location,
        .progress = !g->s.silent,
    };
    if (!httpa_place_read(url, NULL, &e->place) ||
        !httpa_body_make(&e->body, &g->s.data, g->s.upload) ||
        (g->s.get && !move_to_query(e))) {
        return HTTPA_EXIT_USAGE;
    }
    choose_method(g, e);
    if (g->s.remote_name && wish.path == NULL) {
        wish.path = remote_name(e, name, sizeof(name));
        if (wish.path == NULL) {
            return HTTPA_EXIT_USAGE;
        }
    }
    return follow(g, e, &wish);
}

static enum httpa_exit
run_all(struct get *g, const struct httpa_options_list *urls)
{
    enum httpa_exit worst = HTTPA_EXIT_DONE;
    for (size_t i = 0; i < urls->n; i++) {
        struct errand *e = calloc(1, sizeof(*e));
        if (e == NULL) {
            return HTTPA_EXIT_USAGE;
        }
        e->body.source.fd = -1;
        enum httpa_exit code = run_url(g, e, urls->v[i], i);
        httpa_body_done(&e->body);
        free(e);
        worst = code != HTTPA_EXIT_DONE ? code : worst;
        if ((int)code == INTERRUPTED || code == HTTPA_EXIT_TIMEOUT) {
            break;
        }
    }
    return worst;
}

int httpa_tool_get(int argc, char **argv)
{
    struct httpa_options_list urls = { .n = 0 };
    struct get *g = calloc(1, sizeof(*g));
    enum httpa_exit code = HTTPA_EXIT_USAGE;
    if (g == NULL) {
        return (int)code;
    }
    enum httpa_err err =
        httpa_options_read(&httpa_get_command, argc, argv, &g->s, &urls);
    if (err == HTTPA_ERR_ABORTED) {
        code = HTTPA_EXIT_DONE;
    } else if (err == HTTPA_OK && urls.n == 0) {
        httpa_say("no URL");
        httpa_say_next("httpa get --help");
    } else if (err == HTTPA_OK && httpa_settings_secret(&g->s.user, "user") &&
               httpa_settings_check(&g->s.remote)) {
        httpa_say_quiet(g->s.silent && !g->s.show_error);
        if (httpa_world_init(&g->world, &g->s.remote)) {
            code = run_all(g, &urls);
        }
    }
    for (size_t i = 0; i < g->peer_n; i++) {
        httpa_peer_free(g->peers[i]);
    }
    httpa_world_done(&g->world);
    free(g);
    return (int)code;
}
