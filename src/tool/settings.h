/* What every command that talks to a service can be told, and its rows in the
 * tables of options. */
#ifndef HTTPA_TOOL_SETTINGS_H
#define HTTPA_TOOL_SETTINGS_H

#include "collateral/need.h"
#include "tool/options.h"
#include "tool/transport.h"

struct httpa_settings_remote {
    struct httpa_transport_options transport;
    const char *policy;
    const char *collateral; /* a folder */
    bool collateral_fetch;  /* into it, when it is needed */
    const char *collateral_bases[HTTPA_COLLATERAL_SOURCES];
    const char *collateral_cacert;
    const char *outer_path;
    const char *attest_method; /* "post": never ATTEST */
    const char *pad;           /* "none" */
    const char *suites;        /* names with commas */
    const char *groups;
};

#define HTTPA_REMOTE_AT(owner, member)                                        \
    (offsetof(owner, remote) + offsetof(struct httpa_settings_remote, member))

/* The rows; |owner| is the command's settings, with a member `remote`. */
#define HTTPA_REMOTE_ROWS(owner)                                              \
    { .group = "Trust", .name = "policy", .argument = "FILE",                 \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(owner, policy),                               \
      .help = "What is accepted. Default:\n"                                  \
              "~/.config/httpa/policy.d/HOST.json,\n"                         \
              "/etc/httpa/policy.d/HOST.json" },                              \
    { .name = "collateral", .argument = "DIR",                                \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(owner, collateral),                           \
      .help = "What vendors say about platforms, beside what the\n"           \
              "service sends: httpa collateral fetch writes it" },            \
    { .name = "collateral-fetch", .type = HTTPA_OPTION_IS_FLAG,               \
      .offset = HTTPA_REMOTE_AT(owner, collateral_fetch),                     \
      .help = "Ask AMD or Intel for what is missing, into that\n"             \
              "folder; they learn which machine is looked at" },              \
    { .name = "collateral-kds", .argument = "URL",                            \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(                                              \
          owner, collateral_bases[HTTPA_COLLATERAL_KDS]),                     \
      .help = "A copy of AMD's service" },                                    \
    { .name = "collateral-pcs", .argument = "URL",                            \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(                                              \
          owner, collateral_bases[HTTPA_COLLATERAL_PCS]),                     \
      .help = "Of Intel's" },                                                 \
    { .name = "collateral-intel-root", .argument = "URL",                     \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(                                              \
          owner, collateral_bases[HTTPA_COLLATERAL_INTEL_ROOT]),              \
      .help = "Of Intel's root list" },                                       \
    { .name = "collateral-cacert", .argument = "FILE",                        \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(owner, collateral_cacert),                    \
      .help = "Roots for their TLS certificates" },                           \
    { .letter = 'k', .name = "insecure", .type = HTTPA_OPTION_IS_REFUSED,     \
      .help = "there is no switch that skips attestation; for the outer "     \
              "TLS use --cacert or --outer-insecure, which changes nothing "  \
              "about trust" },                                                \
    { .name = "suites", .argument = "LIST", .type = HTTPA_OPTION_IS_TEXT,     \
      .offset = HTTPA_REMOTE_AT(owner, suites),                               \
      .help = "Cipher suites, best first, with commas" },                     \
    { .name = "groups", .argument = "LIST", .type = HTTPA_OPTION_IS_TEXT,     \
      .offset = HTTPA_REMOTE_AT(owner, groups),                               \
      .help = "Key exchange groups, best first" },                            \
    { .name = "pad", .argument = "none", .type = HTTPA_OPTION_IS_TEXT,        \
      .offset = HTTPA_REMOTE_AT(owner, pad),                                  \
      .help = "Do not hide the sizes of small messages" },                    \
    { .group = "The path (outer connection, not trusted)",                    \
      .name = "cacert", .argument = "FILE", .type = HTTPA_OPTION_IS_TEXT,     \
      .offset = HTTPA_REMOTE_AT(owner, transport.cacert),                     \
      .help = "Roots for the gateway's TLS certificate" },                    \
    { .name = "outer-insecure", .type = HTTPA_OPTION_IS_FLAG,                 \
      .offset = HTTPA_REMOTE_AT(owner, transport.outer_insecure),             \
      .help = "Take any TLS certificate of the gateway; the\n"                \
              "guarantees do not rest on it" },                               \
    { .name = "resolve", .argument = "HOST:PORT:ADDR",                        \
      .type = HTTPA_OPTION_IS_LIST,                                           \
      .offset = HTTPA_REMOTE_AT(owner, transport.resolve),                    \
      .help = "Connect there instead; may be repeated" },                     \
    { .letter = 'x', .name = "proxy", .argument = "URL",                      \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(owner, transport.proxy),                      \
      .help = "HTTP or SOCKS proxy" },                                        \
    { .letter = 'U', .name = "proxy-user", .argument = "@FILE",               \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(owner, transport.proxy_user),                 \
      .help = "USER:PASSWORD for it, from a file" },                          \
    { .name = "http1.1", .type = HTTPA_OPTION_IS_FLAG,                        \
      .offset = HTTPA_REMOTE_AT(owner, transport.http1),                      \
      .help = "No HTTP/2 outside" },                                          \
    { .name = "outer-path", .argument = "PATH",                               \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(owner, outer_path),                           \
      .help = "Where messages go [/.well-known/httpa]" },                     \
    { .name = "attest-method", .argument = "post",                            \
      .type = HTTPA_OPTION_IS_TEXT,                                           \
      .offset = HTTPA_REMOTE_AT(owner, attest_method),                        \
      .help = "Do not try the method ATTEST first" },                         \
    { .letter = 'm', .name = "max-time", .argument = "SECONDS",               \
      .type = HTTPA_OPTION_IS_SECONDS,                                        \
      .offset = HTTPA_REMOTE_AT(owner, transport.max_time_ms),                \
      .help = "For everything together" },                                    \
    { .letter = 'v', .name = "verbose", .type = HTTPA_OPTION_IS_FLAG,         \
      .offset = HTTPA_REMOTE_AT(owner, transport.verbose),                    \
      .help = "More: outer heads (<, >), inner ones ({, })" }

/* Says what is wrong with them, if anything. */
bool httpa_settings_check(struct httpa_settings_remote *remote);

/* "@FILE" becomes the first line of FILE, which the program keeps; a secret
 * in an argument can be seen by everyone on the machine. */
bool httpa_settings_secret(const char **value, const char *name);

#endif
