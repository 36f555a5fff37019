/* `httpa pin`: a policy from evidence, live or stored, trusted on first use. */
#include <httpa/config.h>

#include <stdlib.h>
#include <string.h>

#include "codec/time.h"
#include "tool/file.h"
#include "tool/look.h"
#include "tool/page.h"
#include "tool/say.h"
#include "tool/stored.h"
#include "tool/tool.h"

#define LEFT_OPEN_MAX 65536u

struct settings {
    struct httpa_settings_remote remote;
    const char *output;
    const char *type;
    const char *at;
    const char *nonce;
    bool force;
};

static const struct httpa_option_row rows[] = {
    { .letter = 'o',
      .name = "output",
      .argument = "FILE",
      .type = HTTPA_OPTION_IS_TEXT,
      .offset = offsetof(struct settings, output),
      .help = "Write it there; - is stdout. Default:\n"
              "~/.config/httpa/policy.d/HOST.json; of stored\n"
              "evidence, stdout" },
    { .name = "force",
      .type = HTTPA_OPTION_IS_FLAG,
      .offset = offsetof(struct settings, force),
      .help = "Replace a policy that is there" },
    { .group = "Stored evidence",
      .name = "type",
      .argument = "WORD",
      .type = HTTPA_OPTION_IS_TEXT,
      .offset = offsetof(struct settings, type),
      .help = "What it is, as of httpa verify" },
    { .name = "nonce",
      .argument = "HEX",
      .type = HTTPA_OPTION_IS_TEXT,
      .offset = offsetof(struct settings, nonce),
      .help = "What it must be over" },
    { .name = "at",
      .argument = "TIME",
      .type = HTTPA_OPTION_IS_TEXT,
      .offset = offsetof(struct settings, at),
      .help = "Verify it as of then: 2026-11-20T18:30:00Z" },
    HTTPA_REMOTE_ROWS(struct settings),
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "pin",
    .usage = "httpa pin [OPTIONS] URL|EVIDENCE...",
    .intro =
        "Verifies that the evidence of the service at URL is genuine, or that\n"
        "in files or folders as of httpa verify, and writes a policy that\n"
        "accepts what runs there now: each register as it is, the firmware as\n"
        "the least. That is trust on first use: the policy says so, and so\n"
        "does every verdict by it. Read it, compare it with what the\n"
        "publisher states, then edit the note.\n"
        "\n"
        "  httpa pin https://api.example.com\n"
        "  httpa pin https://api.example.com -o policy.json\n"
        "  httpa pin folder/ --collateral intel/ -o policy.json\n",
    .rows = rows,
};

/* Where it comes from, and where it goes. */
struct job {
    const struct settings *s;
    const struct httpa_verdict *v;
    const char *source; /* an origin, or a file */
    const char *to;     /* a path, or "-" */
    int64_t now_s;
    struct httpa_buf left_open; /* lines */
};

/* Names of registers, the first few. */
static void say_registers(const struct httpa_verdict *v)
{
    size_t registers = 0;
    struct httpa_buf names = httpa_buf_growing(4096);
    for (size_t i = 0; i < httpa_verdict_claim_count(v); i++) {
        const struct httpa_claim *c = httpa_verdict_claim_at(v, i);
        if (c->measured) {
            registers++;
            httpa_buf_put_str(&names, registers > 1 ? " " : "");
            httpa_buf_put_slice(&names, c->name);
        }
    }
    httpa_say("  seen: %zu registers: %.*s", registers, (int)names.n,
              names.p != NULL ? (const char *)names.p : "");
    httpa_buf_done(&names);
}

static void say_pinned(const struct job *job)
{
    struct httpa_slice rest = httpa_buf_slice(&job->left_open);
    say_registers(job->v);
    if (httpa_verdict_facts(job->v)->has_spki) {
        httpa_say("  pinned: the service key; a new one needs a new policy");
    }
    while (rest.n > 0) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
        httpa_say("  %.*s", (int)n, (const char *)rest.p);
        rest = httpa_slice_from(rest, n + 1);
    }
}

/* A draft that is no policy is none: what can be seen says not enough. */
static bool is_policy(const struct httpa_buf *text)
{
    struct httpa_config_error error;
    struct httpa_policy *policy = NULL;
    if (httpa_config_policy_read(httpa_buf_slice(text), NULL, &policy,
                                 &error) != HTTPA_OK) {
        httpa_say("nothing that can be pinned: %s", error.text);
        return false;
    }
    httpa_config_policy_free(policy);
    return true;
}

static bool make_policy(struct job *job, struct httpa_buf *text)
{
    struct httpa_config_pin pin = { .source = job->source,
                                    .now_s = job->now_s,
                                    .left_open = &job->left_open };
    enum httpa_err err = httpa_config_policy_write(job->v, &pin, text);
    const struct httpa_buf *why = &job->left_open;
    if (err == HTTPA_OK) {
        return is_policy(text);
    }
    httpa_say("nothing that can be pinned: %.*s",
              why->n > 0 ? (int)why->n : (int)strlen(httpa_strerror(err)),
              why->n > 0 ? (const char *)why->p : httpa_strerror(err));
    return false;
}

static int write_policy(struct job *job)
{
    struct httpa_buf text = httpa_buf_growing(HTTPA_CONFIG_FILE_MAX);
    int code = HTTPA_EXIT_DONE;
    if (!make_policy(job, &text)) {
        httpa_say_next("httpa explain -v %s", job->source);
        code = HTTPA_EXIT_REFUSED;
    } else if (strcmp(job->to, "-") == 0) {
        bool ok =
            fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0;
        code = ok ? HTTPA_EXIT_DONE : HTTPA_EXIT_USAGE;
    } else if (!httpa_file_write_new(job->to, httpa_buf_slice(&text), 0644,
                                     job->s->force)) {
        code = HTTPA_EXIT_USAGE;
    }
    httpa_buf_done(&text);
    return code;
}

/* What goes to stdout has no name yet. */
static void say_written(const struct job *job)
{
    bool named = strcmp(job->to, "-") != 0;
    httpa_say("%s: pinned on first use, from %s",
              named ? job->to : "the policy", job->source);
    say_pinned(job);
    if (named) {
        httpa_say_next("httpa policy say %s", job->to);
    }
}

/* Evidence whose collateral is missing is no forgery, and not shown to be
 * none. */
static int refuse(const struct job *job, enum httpa_outcome found)
{
    httpa_page_print(&(struct httpa_page){ .sends = false }, job->v, stderr);
    httpa_say("%s; no policy was written",
              found == HTTPA_OUTCOME_UNKNOWN ? "not shown to be genuine"
                                             : "not genuine");
    httpa_say_next("httpa explain -v %s", job->source);
    return found == HTTPA_OUTCOME_UNKNOWN ? HTTPA_EXIT_UNDECIDED
                                          : HTTPA_EXIT_REFUSED;
}

static int pin(struct job *job)
{
    enum httpa_outcome found = httpa_verdict_cryptographic(job->v);
    job->left_open = httpa_buf_growing(LEFT_OPEN_MAX);
    int code = found != HTTPA_OUTCOME_PASS ? refuse(job, found)
                                           : write_policy(job);
    if (code == HTTPA_EXIT_DONE) {
        say_written(job);
    }
    httpa_buf_done(&job->left_open);
    return code;
}

/* A file that is there is somebody's work. */
static bool is_free(const struct settings *s, const char *to)
{
    if (s->force || strcmp(to, "-") == 0 || !httpa_file_exists(to)) {
        return true;
    }
    httpa_say("%s is there already; --force replaces it", to);
    return false;
}

static int pin_url(struct settings *s, struct httpa_look *look, const char *url)
{
    char path[HTTPA_PLACE_PATH];
    if (!httpa_place_read(url, NULL, &look->place)) {
        return HTTPA_EXIT_USAGE;
    }
    if (s->output == NULL &&
        !httpa_place_user_policy(&look->place, path, sizeof(path))) {
        httpa_say("no home folder: say -o FILE");
        return HTTPA_EXIT_USAGE;
    }
    struct job job = { .s = s,
                       .source = look->place.origin,
                       .to = s->output != NULL ? s->output : path,
                       .now_s = httpa_transport_now_s() };
    if (!is_free(s, job.to)) {
        httpa_say_next("httpa explain %s", look->place.origin);
        return HTTPA_EXIT_USAGE;
    }
    /* what is there now is looked at by no policy at all */
    if (!httpa_look_at(look, &s->remote, url)) {
        return (int)look->code;
    }
    job.v = look->peer->verdict;
    return pin(&job);
}

static int look_and_pin(struct settings *s, const char *url)
{
    struct httpa_look *look = calloc(1, sizeof(*look));
    if (look == NULL) {
        return HTTPA_EXIT_USAGE;
    }
    look->no_policy = true;
    int code = pin_url(s, look, url);
    httpa_look_done(look);
    free(look);
    return code;
}

static int
pin_stored(const struct settings *s, const struct httpa_options_list *paths)
{
    struct httpa_stored stored = { .type = s->type,
                                   .nonce = s->nonce,
                                   .collateral = s->remote.collateral };
    struct job job = { .s = s,
                       .source = paths->v[0],
                       .to = s->output != NULL ? s->output : "-" };
    int code = HTTPA_EXIT_USAGE;
    if (s->at != NULL && (httpa_time_read_rfc3339(httpa_slice_str(s->at),
                                                 &stored.at_s) != HTTPA_OK ||
                          stored.at_s <= 0)) { /* 0: now */
        httpa_say("--at: a time like 2026-11-20T18:30:00Z");
        return code;
    }
    if (is_free(s, job.to) && httpa_stored_read(&stored, paths->v, paths->n) &&
        httpa_stored_judge(&stored)) {
        job.v = stored.verdict;
        job.now_s =
            stored.at_s != 0 ? stored.at_s : httpa_transport_now_s();
        code = pin(&job);
    }
    httpa_stored_done(&stored);
    return code;
}

int httpa_tool_pin(int argc, char **argv)
{
    struct settings s = { .force = false };
    struct httpa_options_list rest = { .n = 0 };
    enum httpa_err err = httpa_options_read(&command, argc, argv, &s, &rest);
    if (err == HTTPA_ERR_ABORTED) {
        return HTTPA_EXIT_DONE;
    }
    bool stored = err == HTTPA_OK && rest.n > 0 &&
                  strstr(rest.v[0], "://") == NULL &&
                  httpa_stored_is_there(rest.v[0]);
    if (err != HTTPA_OK || rest.n == 0 || (rest.n > 1 && !stored)) {
        httpa_say("one URL is needed, or evidence in files or folders");
        httpa_say_next("httpa pin --help");
        return HTTPA_EXIT_USAGE;
    }
    return stored ? pin_stored(&s, &rest) : look_and_pin(&s, rest.v[0]);
}
