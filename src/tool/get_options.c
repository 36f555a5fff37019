/* The letters of `httpa get`: curl's, where curl has them. */
#include "tool/get.h"

#define AT(member) .offset = offsetof(struct httpa_get_settings, member)
#define FLAG(member) .type = HTTPA_OPTION_IS_FLAG, AT(member)
#define TEXT(member) .type = HTTPA_OPTION_IS_TEXT, AT(member)
#define LIST(member) .type = HTTPA_OPTION_IS_LIST, AT(member)
#define PART .type = HTTPA_OPTION_IS_PART, AT(data)

static const struct httpa_option_row rows[] = {
    { .group = "The request",
      .letter = 'X',
      .name = "request",
      .argument = "METHOD",
      TEXT(method),
      .help = "Instead of GET, or of what -d, -T, -I imply" },
    { .letter = 'H',
      .name = "header",
      .argument = "LINE",
      LIST(headers),
      .help = "\"Name: value\"; \"Name:\" removes a default;\n"
              "@FILE: one a line, for secrets" },
    { .letter = 'd',
      .name = "data",
      .argument = "DATA",
      PART,
      .help = "POST it; @FILE reads one, without line ends" },
    { .name = "data-binary",
      .argument = "DATA",
      PART,
      .help = "POST it as it is; @FILE streams" },
    { .name = "data-raw",
      .argument = "DATA",
      PART,
      .help = "POST it; @ means nothing" },
    { .name = "data-urlencode",
      .argument = "DATA",
      PART,
      .help = "POST it percent-encoded: NAME=TEXT, NAME@FILE" },
    { .letter = 'F',
      .name = "form",
      .argument = "NAME=VALUE",
      PART,
      .help = "multipart/form-data: VALUE, @FILE, <FILE" },
    { .letter = 'T',
      .name = "upload-file",
      .argument = "FILE",
      TEXT(upload),
      .help = "PUT it, streaming; - is stdin" },
    { .letter = 'G',
      .name = "get",
      FLAG(get),
      .help = "Put -d into the query" },
    { .letter = 'I',
      .name = "head",
      FLAG(head),
      .help = "HEAD: only the head of the answer" },
    { .letter = 'A',
      .name = "user-agent",
      .argument = "NAME",
      TEXT(agent),
      .help = "Instead of httpa/" HTTPA_VERSION },
    { .letter = 'b',
      .name = "cookie",
      .argument = "COOKIES",
      TEXT(cookie),
      .help = "Inner cookies: \"a=1; b=2\", or @FILE" },
    { .letter = 'u',
      .name = "user",
      .argument = "@FILE",
      TEXT(user),
      .help = "USER:PASSWORD for the application, from a file" },
    { .letter = 'L',
      .name = "location",
      FLAG(location),
      .help = "Follow the application's redirects; another\n"
              "origin needs a policy of its own" },
    { .name = "clear-header",
      .argument = "NAME",
      LIST(clear),
      .help = "Repeat this field outside, readable on the\n"
              "way (and checked by the service)" },
    { .name = "retry-unsafe",
      FLAG(retry_unsafe),
      .help = "Repeat POST and others too when the outcome\n"
              "is unknown: they may be done twice" },

    { .group = "The answer",
      .letter = 'o',
      .name = "output",
      .argument = "FILE",
      LIST(outputs),
      .help = "Write it there; the second for the second URL" },
    { .letter = 'O',
      .name = "remote-name",
      FLAG(remote_name),
      .help = "Write it to the last part of the path" },
    { .letter = 'i',
      .name = "include",
      FLAG(include),
      .help = "With its head" },
    { .letter = 'f',
      .name = "fail",
      FLAG(fail),
      .help = "Exit with 22 on status 400 and above" },
    { .letter = 's',
      .name = "silent",
      FLAG(silent),
      .help = "No progress, no messages" },
    { .letter = 'S',
      .name = "show-error",
      FLAG(show_error),
      .help = "Messages in spite of -s" },
    { .letter = 'N',
      .name = "no-buffer",
      FLAG(no_buffer),
      .help = "Always so: written as it arrives" },
    { .name = "verdict",
      .argument = "FILE",
      TEXT(verdict),
      .help = "Write the verdict as JSON; - is stdout" },
    HTTPA_REMOTE_ROWS(struct httpa_get_settings),
    { .name = NULL },
};

const struct httpa_options_command httpa_get_command = {
    .word = "get",
    .usage = "httpa [get] [OPTIONS] URL...",
    .intro =
        "Verifies what answers at URL, then sends the request so that only it "
        "can\nread it. Several URLs of one origin share one session.\n"
        "\n"
        "  httpa https://api.example.com/v1/models\n"
        "  httpa https://api.example.com/v1/chat -d @prompt.json \\\n"
        "      -H 'Content-Type: application/json' --policy policy.json\n"
        "  httpa -T backup.tar https://store.example.com/backup.tar\n"
        "\n"
        "Without a policy nothing is sent: `httpa explain URL` looks,\n"
        "`httpa pin URL` makes a policy from what runs there now.\n",
    .rows = rows,
    .outro = "Exit codes\n"
             "   0  done, verified            6  the service refused\n"
             "   1  refused by the policy     7  the answer broke off\n"
             "   2  usage, policy, file       8  outcome unknown: may be done\n"
             "   3  no HTTPA answer          22  -f and status 400 or above\n"
             "   4  undecided: collateral    28  --max-time\n"
             "   5  does not verify         130  Ctrl-C\n"
};
