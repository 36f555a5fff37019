/* The program is this table. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <httpa/verdict.h>

#include "gateway/gateway.h"
#include "tool/say.h"
#include "tool/tool.h"

static const struct {
    const char *word;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    { "get", httpa_tool_get, "send requests, after verifying who answers" },
    { "serve", httpa_gateway_main, "put HTTPA/2 in front of an application" },
    { "explain", httpa_tool_explain, "show what runs there, as a page" },
    { "pin", httpa_tool_pin, "make a policy from what runs there now" },
    { "verify", httpa_tool_verify, "judge stored evidence, offline" },
    { "doctor", httpa_tool_doctor, "test the path to a service" },
    { "policy", httpa_tool_policy, "check a policy file, say what it means" },
    { "collateral", httpa_tool_collateral,
      "fetch, show, check what vendors say about platforms" },
    { "dev-init", httpa_tool_dev_init, "make a development key and policy" },
};

#define COUNT (sizeof(commands) / sizeof(commands[0]))

/* One line for each kind of user. */
static const char front[] =
    "httpa serve --upstream unix:/run/app.sock --origin https://a.example"
    "    run a service\n"
    "httpa https://a.example/v1/chat -d @prompt.json --policy policy.json"
    "    call it\n"
    "httpa pin https://a.example"
    "                                             trust what runs there now\n"
    "httpa explain https://a.example"
    "                                         see what runs there\n"
    "httpa verify quote.eat --policy policy.json --json"
    "                      judge stored evidence\n"
    "httpa --help"
    "                                                            the rest\n";

static int print_help(void)
{
    (void)printf("Usage: httpa [COMMAND] ...\n\n");
    for (size_t i = 0; i < COUNT; i++) {
        (void)printf("  %-10s %s\n", commands[i].word, commands[i].help);
    }
    (void)printf("\nhttpa URL is httpa get URL. Each has --help and is in "
                 "httpa(1).\n");
    return HTTPA_EXIT_DONE;
}

/* Keys live in this process: no core file, and nothing in it where a handler
 * takes it through a pipe, whatever the limit. */
static void stay_private(void)
{
    static const struct rlimit none;
    (void)setrlimit(RLIMIT_CORE, &none);
    FILE *filter = fopen("/proc/self/coredump_filter", "we");
    if (filter != NULL) {
        (void)fputs("0\n", filter);
        (void)fclose(filter);
    }
}

int main(int argc, char **argv)
{
    stay_private();
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        (void)fputs(front, stdout);
        return HTTPA_EXIT_DONE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        return print_help();
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("httpa " HTTPA_VERSION " (HTTPA/2)");
        return HTTPA_EXIT_DONE;
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(argv[1], commands[i].word) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return httpa_tool_get(argc, argv);
}
