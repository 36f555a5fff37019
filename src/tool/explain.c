/* `httpa explain`: the verdict as a page, of a service or of a file. */
#include <stdlib.h>
#include <string.h>

#include "tool/look.h"
#include "tool/page.h"
#include "tool/say.h"
#include "tool/stored.h"
#include "tool/tool.h"

struct settings {
    struct httpa_settings_remote remote;
    bool json;
};

static const struct httpa_option_row rows[] = {
    { .name = "json",
      .type = HTTPA_OPTION_IS_FLAG,
      .offset = offsetof(struct settings, json),
      .help = "The whole verdict, for programs" },
    HTTPA_REMOTE_ROWS(struct settings),
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "explain",
    .usage = "httpa explain [OPTIONS] URL|EVIDENCE",
    .intro =
        "Shows what answers at URL, or what a file of evidence says, in four\n"
        "words: genuine (hardware), current (firmware), pinned (the code you\n"
        "named), yours (whose service it is). Nothing of yours is sent.\n"
        "\n"
        "  httpa explain https://api.example.com\n"
        "  httpa explain -v https://api.example.com     every check and "
        "claim\n",
    .rows = rows,
    .outro = "Exit codes: 0 accepted, 1 refused, 4 undecided, and those of "
             "httpa get.\n",
};

static int show(const struct settings *s, const struct httpa_verdict *v,
                const char *what, int code)
{
    if (s->json) {
        return httpa_page_write_json(v, "-") ? code : HTTPA_EXIT_USAGE;
    }
    struct httpa_page page = { .v = v,
                               .every_check = s->remote.transport.verbose,
                               .colour = httpa_page_wants_colour(stdout) };
    httpa_page_print(&page, stdout);
    if (httpa_verdict_facts(v)->policy_name.n == 0) {
        (void)printf("  next: httpa pin %s    (trust what runs there now)\n",
                     what);
    } else if (!page.every_check) {
        (void)printf("  details: httpa explain -v %s   document: --json\n",
                     what);
    }
    return code;
}

static int explain_url(struct settings *s, const char *url)
{
    struct httpa_look *look = calloc(1, sizeof(*look));
    int code = HTTPA_EXIT_USAGE;
    if (look != NULL && httpa_look_at(look, &s->remote, url)) {
        code =
            show(s, look->peer->verdict, look->place.origin, (int)look->code);
    } else if (look != NULL) {
        code = (int)look->code;
    }
    if (look != NULL) {
        httpa_look_done(look);
    }
    free(look);
    return code;
}

static int explain_stored(const struct settings *s, const char *path)
{
    struct httpa_stored stored = { .policy_path = s->remote.policy };
    int code = HTTPA_EXIT_USAGE;
    const char *paths[] = { path };
    if (httpa_stored_read(&stored, paths, 1) && httpa_stored_judge(&stored)) {
        code = show(s, stored.verdict, path,
                    (int)httpa_verdict_exit(stored.verdict));
    }
    httpa_stored_done(&stored);
    return code;
}

int httpa_tool_explain(int argc, char **argv)
{
    struct settings s = { .json = false };
    struct httpa_options_list rest = { .n = 0 };
    enum httpa_err err = httpa_options_read(&command, argc, argv, &s, &rest);
    if (err == HTTPA_ERR_ABORTED) {
        return HTTPA_EXIT_DONE;
    }
    if (err != HTTPA_OK || rest.n != 1) {
        httpa_say("one URL, or one file or folder of evidence");
        httpa_say_next("httpa explain --help");
        return HTTPA_EXIT_USAGE;
    }
    bool is_url =
        strstr(rest.v[0], "://") != NULL || !httpa_stored_is_there(rest.v[0]);
    return is_url ? explain_url(&s, rest.v[0]) : explain_stored(&s, rest.v[0]);
}
