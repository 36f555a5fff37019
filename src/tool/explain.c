/* `httpa explain`: the verdict as a page, of a service, of evidence in files,
 * or as a file has it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/document.h"
#include "tool/file.h"
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
    .usage = "httpa explain [OPTIONS] URL|EVIDENCE|VERDICT",
    .intro =
        "Shows what answers at URL, what a file or folder of evidence says,\n"
        "or what a verdict (--verdict, --json; - is stdin) said, in four\n"
        "words: genuine (hardware), current (firmware), pinned (the code you\n"
        "named), yours (whose service it is). Nothing of yours is sent.\n"
        "\n"
        "  httpa explain https://api.example.com\n"
        "  httpa explain -v https://api.example.com     every check, claim\n"
        "  httpa verify --json folder/ | httpa explain -\n",
    .rows = rows,
    .outro = "Exit codes: 0 accepted, 1 refused, 4 undecided, and those of "
             "httpa get.\n"
             "Of a verdict in a file: what it says; nobody signs it.\n",
};

/* The line that says where to look next. */
#define NEXT_MAX 512

static void draw(const struct settings *s, const struct httpa_verdict *v,
                 const char *what, bool is_url)
{
    char next[NEXT_MAX];
    bool pinned = httpa_verdict_facts(v)->policy_name.n > 0;
    struct httpa_page page = { .every_check = s->remote.transport.verbose,
                               .subject = what,
                               .next = next };
    (void)snprintf(next, sizeof(next),
                   !pinned && is_url
                       ? "next: httpa pin %s (trust what runs there now)"
                   : !pinned ? "next: httpa verify %s --policy FILE"
                             : "details: httpa explain -v %s; "
                               "document: --json",
                   what);
    if (pinned && page.every_check) {
        page.next = NULL;
    }
    httpa_page_print(&page, v, stdout);
}

static int show(const struct settings *s, const struct httpa_verdict *v,
                const char *what, bool is_url, int code)
{
    if (s->json) {
        return httpa_page_write_json(v, "-") ? code : HTTPA_EXIT_USAGE;
    }
    draw(s, v, what, is_url);
    return code;
}

static int explain_url(struct settings *s, const char *url)
{
    struct httpa_look *look = calloc(1, sizeof(*look));
    int code = HTTPA_EXIT_USAGE;
    if (look != NULL && httpa_look_at(look, &s->remote, url)) {
        code = show(s, look->peer->verdict, look->place.origin, true,
                    (int)look->code);
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
    struct httpa_stored stored = { .policy_path = s->remote.policy,
                                   .collateral = s->remote.collateral };
    int code = HTTPA_EXIT_USAGE;
    const char *paths[] = { path };
    if (httpa_stored_read(&stored, paths, 1) && httpa_stored_judge(&stored)) {
        code = show(s, stored.verdict, path, false,
                    (int)httpa_verdict_exit(stored.verdict));
    }
    httpa_stored_done(&stored);
    return code;
}

/* Whatever is in it, it is somebody's word: nothing is verified here. */
static int explain_document(const struct settings *s, const char *path,
                            json_t *document)
{
    char next[NEXT_MAX];
    struct httpa_page page = { .every_check = s->remote.transport.verbose,
                               .subject = "stored evidence",
                               .next = next };
    (void)snprintf(next, sizeof(next),
                   "as %s says: nothing was verified now.%s",
                   strcmp(path, "-") == 0 ? "stdin" : path,
                   page.every_check ? "" : " Details: -v");
    if (!s->json) {
        httpa_page_draw(&page, document, stdout);
    } else {
        (void)json_dumpf(document, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
        (void)putchar('\n');
    }
    return (int)httpa_document_exit(document);
}

/* The verdict in |path|, or NULL: it is something else, as evidence is. */
static json_t *read_document(const char *path)
{
    struct httpa_buf text = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    json_t *document = NULL;
    struct stat st;
    bool is_stdin = strcmp(path, "-") == 0;
    bool is_small = is_stdin || (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
                                 st.st_size <= (off_t)HTTPA_DOCUMENT_MAX);
    if (is_small && httpa_file_read(path, &text)) {
        document = httpa_document_read(httpa_buf_slice(&text));
    }
    httpa_buf_done(&text);
    return document;
}

static int explain(struct settings *s, const char *what)
{
    json_t *document = read_document(what);
    int code = HTTPA_EXIT_USAGE;
    if (document != NULL) {
        code = explain_document(s, what, document);
    } else if (strcmp(what, "-") == 0) {
        httpa_say("stdin: that is no verdict");
    } else if (strstr(what, "://") != NULL || !httpa_stored_is_there(what)) {
        code = explain_url(s, what);
    } else {
        code = explain_stored(s, what);
    }
    json_decref(document);
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
        httpa_say("one URL, or one file or folder of evidence, or a verdict");
        httpa_say_next("httpa explain --help");
        return HTTPA_EXIT_USAGE;
    }
    return explain(&s, rest.v[0]);
}
