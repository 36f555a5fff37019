/*
 * Command lines, from a table: its rows are the parser, the --help and what
 * the test of the manual reads.  Letters and long names are curl's where curl
 * has them: "-o FILE", "-oFILE", "-sN", "--output FILE", "--output=FILE".
 */
#ifndef HTTPA_TOOL_OPTIONS_H
#define HTTPA_TOOL_OPTIONS_H

#include <stdio.h>

#include <httpa/slice.h>

/* Values of one option, URLs of one call; more is a job for a script. */
#define HTTPA_OPTIONS_LIST_MAX 64u

struct httpa_options_list {
    const char *v[HTTPA_OPTIONS_LIST_MAX];
    size_t n;
};

enum httpa_option_type {
    HTTPA_OPTION_IS_FLAG,    /* bool */
    HTTPA_OPTION_IS_TEXT,    /* const char * */
    HTTPA_OPTION_IS_LIST,    /* struct httpa_options_list; may be repeated */
    HTTPA_OPTION_IS_SECONDS, /* uint64_t, milliseconds; "2.5" */
    HTTPA_OPTION_IS_PART,    /* struct httpa_options_parts: order matters */
    HTTPA_OPTION_IS_REFUSED  /* |help| says why there is no such thing */
};

struct httpa_option_row {
    const char *group; /* begins one in --help; else NULL */
    char letter;       /* 0: none */
    const char *name;
    const char *argument; /* as --help shows it; NULL: a flag */
    enum httpa_option_type type;
    size_t offset;    /* of the member, in the command's settings */
    const char *help; /* lines separated by \n */
};

/* Options whose order among each other means something: -d, -F and so on. */
struct httpa_options_part {
    const struct httpa_option_row *row;
    const char *value;
};

struct httpa_options_parts {
    struct httpa_options_part v[HTTPA_OPTIONS_LIST_MAX];
    size_t n;
};

struct httpa_options_command {
    const char *word;                    /* "get" */
    const char *usage;                   /* "httpa [get] [OPTIONS] URL..." */
    const char *intro;                   /* what it does, and lines to try */
    const struct httpa_option_row *rows; /* the last one has no name */
    const char *outro;                   /* or NULL */
};

/*
 * Reads argv[1..] into |settings|; what is no option goes to |rest|.  What is
 * not a list can also come from the environment, under the option's name:
 * HTTPA_MAX_TIME=5, and 1 or 0 for a flag; the command line has the last word.
 * HTTPA_OK            go on
 * HTTPA_ERR_ABORTED   --help was printed: end with 0
 * HTTPA_ERR_CONFIG    said on stderr: end with 2
 */
HTTPA_MUST_USE enum httpa_err
httpa_options_read(const struct httpa_options_command *command, int argc,
                   char **argv, void *settings,
                   struct httpa_options_list *ret_rest);

void httpa_options_page(const struct httpa_options_command *command, FILE *to);

#endif
