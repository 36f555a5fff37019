/*
 * The options of `httpa serve`: one table from which parsing, --help, the
 * environment and the configuration digest are made.
 */
#ifndef HTTPA_GATEWAY_OPTIONS_H
#define HTTPA_GATEWAY_OPTIONS_H

#include <stdio.h>

#include "gateway/settings.h"

/* What is wrong, in words for the person who typed it; no newline. */
struct httpa_gateway_options_fault {
    char text[512];
};

/*
 * Fills |ret_settings| from |argv| (without the subcommand), then from the
 * environment (HTTPA_LISTEN for --listen; lists are separated by spaces),
 * then from defaults.  Checks each value by itself and all of them together,
 * unless --help or --version was given.
 * HTTPA_ERR_CONFIG  |fault| says which option, what was seen, what is expected
 * HTTPA_ERR_MEMORY
 */
HTTPA_MUST_USE enum httpa_err
httpa_gateway_options_read(int argc, char *const *argv,
                           struct httpa_settings *ret_settings,
                           struct httpa_gateway_options_fault *fault);

/* What --help prints. */
void httpa_gateway_options_help(FILE *to);

/*
 * Appends the effective configuration, as far as it decides who gets plain
 * text, in canonical form: `name=value` lines in the order of the table, the
 * values of a list sorted.  It is what Attest-Configuration digests
 * (doc/protocol.md 7.3).
 */
void httpa_gateway_options_canonical(const struct httpa_settings *s,
                                     struct httpa_buf *out);

#endif
