/*
 * The program `httpa`: one file per subcommand, each a function like main.
 *
 *   get       requests, with curl's letters         get.c
 *   pin       a policy from live evidence           pin.c
 *   explain   the verdict as a page                 explain.c
 *   verify    stored evidence, offline              verify.c
 *   doctor    what a path does to messages          doctor.c
 *   policy    work on policy files                  policy.c
 *   collateral  what vendors say, kept in a folder   collateral.c
 *   dev-init  a key for development                 dev_init.c
 *
 * Beneath: options (command lines), say (words to people), place (files),
 * transport (one outer exchange over libcurl), decide (what to do after a
 * failure: doc/protocol.md 15 as a table), peer (a session with one origin),
 * try (one sealed request and its answer).
 *
 * Each returns an enum httpa_exit.
 */
#ifndef HTTPA_TOOL_TOOL_H
#define HTTPA_TOOL_TOOL_H

int httpa_tool_get(int argc, char **argv);
int httpa_tool_pin(int argc, char **argv);
int httpa_tool_explain(int argc, char **argv);
int httpa_tool_verify(int argc, char **argv);
int httpa_tool_doctor(int argc, char **argv);
int httpa_tool_policy(int argc, char **argv);
int httpa_tool_collateral(int argc, char **argv);
int httpa_tool_dev_init(int argc, char **argv);

#endif
