/* `httpa pin`: a policy from live evidence, trusted on first use. */
#include <httpa/config.h>

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "tool/file.h"
#include "tool/look.h"
#include "tool/page.h"
#include "tool/say.h"
#include "tool/tool.h"

struct settings {
    struct httpa_settings_remote remote;
    const char *output;
    bool force;
};

static const struct httpa_option_row rows[] = {
    { .letter = 'o',
      .name = "output",
      .argument = "FILE",
      .type = HTTPA_OPTION_IS_TEXT,
      .offset = offsetof(struct settings, output),
      .help = "Write it there; - is stdout. Default:\n"
              "~/.config/httpa/policy.d/HOST.json" },
    { .name = "force",
      .type = HTTPA_OPTION_IS_FLAG,
      .offset = offsetof(struct settings, force),
      .help = "Replace a policy that is there" },
    HTTPA_REMOTE_ROWS(struct settings),
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "pin",
    .usage = "httpa pin [OPTIONS] URL",
    .intro =
        "Verifies that the evidence of the service at URL is genuine, and\n"
        "writes a policy that accepts what runs there now. That is trust on\n"
        "first use: the policy says so, and so does every verdict by it. Read\n"
        "it, compare it with what the publisher states, then edit the note.\n"
        "\n"
        "  httpa pin https://api.example.com\n"
        "  httpa pin https://api.example.com -o policy.json\n",
    .rows = rows,
};

/* Names of registers, the first few. */
static void say_pinned(const struct httpa_verdict *v)
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
    httpa_buf_put_byte(&names, 0);
    const struct httpa_verdict_facts *f = httpa_verdict_facts(v);
    httpa_say("  seen: %zu registers: %s", registers,
              names.p != NULL ? (const char *)names.p : "");
    httpa_buf_done(&names);
    if (f->has_spki) {
        httpa_say("  pinned: the service key; a new one needs a new policy");
    } else {
        httpa_say("  not pinned: whose service it is; it proved no service "
                  "key, and anyone who boots the same passes");
    }
    httpa_say("  not pinned: registers that change while the system runs "
              "(PCR 10, 16 to 23)");
}

static bool write_policy(const struct settings *s,
                         const struct httpa_look *look, const char *path)
{
    struct httpa_buf text = httpa_buf_growing(HTTPA_CONFIG_FILE_MAX);
    struct httpa_config_pin pin = { .source = look->place.origin,
                                    .now_s = httpa_transport_now_s() };
    bool ok = true;
    enum httpa_err err =
        httpa_config_policy_write(look->peer->verdict, &pin, &text);
    if (err != HTTPA_OK) {
        httpa_say("nothing that can be pinned: %s", httpa_strerror(err));
        httpa_say_next("httpa explain -v %s", look->place.origin);
        ok = false;
    } else if (strcmp(path, "-") == 0) {
        ok = fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0;
    } else {
        ok = httpa_file_write_new(path, httpa_buf_slice(&text), 0644, s->force);
    }
    httpa_buf_done(&text);
    return ok;
}

static int pin(struct settings *s, struct httpa_look *look, const char *url)
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
    const char *to = s->output != NULL ? s->output : path;
    if (!s->force && strcmp(to, "-") != 0 && httpa_file_exists(to)) {
        httpa_say("%s is there already; --force replaces it", to);
        httpa_say_next("httpa explain %s", look->place.origin);
        return HTTPA_EXIT_USAGE;
    }
    /* what is there now is looked at by no policy at all */
    if (!httpa_look_at(look, &s->remote, url)) {
        return (int)look->code;
    }
    const struct httpa_verdict *v = look->peer->verdict;
    if (httpa_verdict_cryptographic(v) != HTTPA_OUTCOME_PASS) {
        httpa_page_print(&(struct httpa_page){ .sends = false }, v, stderr);
        httpa_say("not genuine; no policy was written");
        httpa_say_next("httpa explain -v %s", look->place.origin);
        return HTTPA_EXIT_REFUSED;
    }
    if (!write_policy(s, look, to)) {
        return HTTPA_EXIT_USAGE;
    }
    httpa_say("%s: pinned on first use, from %s", to, look->place.origin);
    say_pinned(v);
    httpa_say_next("httpa policy say %s", to);
    return HTTPA_EXIT_DONE;
}

int httpa_tool_pin(int argc, char **argv)
{
    struct settings s = { .force = false };
    struct httpa_options_list rest = { .n = 0 };
    enum httpa_err err = httpa_options_read(&command, argc, argv, &s, &rest);
    if (err == HTTPA_ERR_ABORTED) {
        return HTTPA_EXIT_DONE;
    }
    if (err != HTTPA_OK || rest.n != 1) {
        httpa_say("one URL is needed");
        httpa_say_next("httpa pin --help");
        return HTTPA_EXIT_USAGE;
    }
    struct httpa_look *look = calloc(1, sizeof(*look));
    if (look == NULL) {
        return HTTPA_EXIT_USAGE;
    }
    look->no_policy = true;
    int code = pin(&s, look, rest.v[0]);
    httpa_look_done(look);
    free(look);
    return code;
}
