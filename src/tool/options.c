#include "tool/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "tool/say.h"

struct reading {
    const struct httpa_options_command *command;
    int argc;
    char **argv;
    int at;
    char *settings;
    struct httpa_options_list *rest;
};

static enum httpa_err
complain(const struct reading *r, const char *what, const char *name)
{
    httpa_say("%s: %s", name, what);
    httpa_say_next("httpa %s --help", r->command->word);
    return HTTPA_ERR_CONFIG;
}

/* "2.5": seconds with up to three decimals, at most a year; not 0, which
 * would mean no limit at all. */
static bool read_seconds(const char *text, uint64_t *ret_ms)
{
    char *end;
    double s = strtod(text, &end);
    if (end == text || *end != '\0' || !(s >= 0.001) ||
        s > 31536000.0) {
        return false;
    }
    *ret_ms = (uint64_t)(s * 1000.0);
    return true;
}

static enum httpa_err append(const struct reading *r,
                             struct httpa_options_list *list, const char *value)
{
    if (list->n == HTTPA_OPTIONS_LIST_MAX) {
        return complain(r, "given too many times", value);
    }
    list->v[list->n++] = value;
    return HTTPA_OK;
}

static enum httpa_err keep_part(const struct reading *r,
                                const struct httpa_option_row *row,
                                const char *value)
{
    struct httpa_options_parts *parts = (void *)(r->settings + row->offset);
    if (parts->n == HTTPA_OPTIONS_LIST_MAX) {
        return complain(r, "given too many times", row->name);
    }
    parts->v[parts->n].row = row;
    parts->v[parts->n++].value = value;
    return HTTPA_OK;
}

static enum httpa_err store(const struct reading *r,
                            const struct httpa_option_row *row,
                            const char *value)
{
    void *to = r->settings + row->offset;
    switch (row->type) {
    case HTTPA_OPTION_IS_FLAG:
        *(bool *)to = true;
        return HTTPA_OK;
    case HTTPA_OPTION_IS_TEXT:
        *(const char **)to = value;
        return HTTPA_OK;
    case HTTPA_OPTION_IS_LIST:
        return append(r, to, value);
    case HTTPA_OPTION_IS_SECONDS:
        return read_seconds(value, to)
                   ? HTTPA_OK
                   : complain(r, "not a number of seconds", value);
    case HTTPA_OPTION_IS_PART:
        return keep_part(r, row, value);
    case HTTPA_OPTION_IS_REFUSED:
        break;
    }
    return complain(r, row->help, row->name);
}

static const struct httpa_option_row *
find_name(const struct reading *r, const char *name, size_t n)
{
    const struct httpa_option_row *row = r->command->rows;
    for (; row->name != NULL; row++) {
        if (strlen(row->name) == n && memcmp(row->name, name, n) == 0) {
            return row;
        }
    }
    return NULL;
}

static const struct httpa_option_row *
find_letter(const struct reading *r, char letter)
{
    const struct httpa_option_row *row = r->command->rows;
    for (; row->name != NULL; row++) {
        if (row->letter == letter) {
            return row;
        }
    }
    return NULL;
}

/* The value of |row|: |rest| when it is there, else the next argument. */
static enum httpa_err
take(struct reading *r, const struct httpa_option_row *row, const char *rest)
{
    if (rest == NULL && row->argument != NULL) {
        if (r->at + 1 >= r->argc) {
            return complain(r, "needs a value", row->name);
        }
        rest = r->argv[++r->at];
    }
    return store(r, row, rest);
}

static enum httpa_err read_long(struct reading *r, const char *text)
{
    size_t n = strcspn(text, "=");
    const struct httpa_option_row *row = find_name(r, text, n);
    const char *value = text[n] == '=' ? text + n + 1 : NULL;
    if (row == NULL) {
        return complain(r, "there is no such option", text - 2);
    }
    if (value != NULL && row->argument == NULL) {
        return complain(r, "takes no value", row->name);
    }
    return take(r, row, value);
}

static enum httpa_err read_letters(struct reading *r, const char *text)
{
    for (size_t i = 1; text[i] != '\0'; i++) {
        const struct httpa_option_row *row = find_letter(r, text[i]);
        if (row == NULL) {
            return complain(r, "there is no such option", text);
        }
        if (row->argument != NULL) {
            return take(r, row, text[i + 1] != '\0' ? text + i + 1 : NULL);
        }
        enum httpa_err err = store(r, row, NULL);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    return HTTPA_OK;
}

/* "max-time" is HTTPA_MAX_TIME there; NULL: not set, or empty. */
static const char *in_environment(const struct httpa_option_row *row)
{
    char name[64] = "HTTPA_";
    size_t n = strlen(name);
    for (const char *p = row->name; *p != '\0' && n < sizeof(name) - 1; p++) {
        bool plain = httpa_ascii_is_alpha((uint8_t)*p) ||
                     httpa_ascii_is_digit((uint8_t)*p);
        bool lower = httpa_ascii_is_lower((uint8_t)*p);
        name[n++] = (char)(!plain ? '_' : lower ? *p - ('a' - 'A') : *p);
    }
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum httpa_err read_environment(const struct reading *r)
{
    enum httpa_err err = HTTPA_OK;
    const struct httpa_option_row *row = r->command->rows;
    for (; row->name != NULL && err == HTTPA_OK; row++) {
        bool single = row->type == HTTPA_OPTION_IS_FLAG ||
                      row->type == HTTPA_OPTION_IS_TEXT ||
                      row->type == HTTPA_OPTION_IS_SECONDS;
        const char *value = single ? in_environment(row) : NULL;
        if (value == NULL) {
            continue;
        }
        if (row->type != HTTPA_OPTION_IS_FLAG || strcmp(value, "1") == 0) {
            err = store(r, row, value);
        } else if (strcmp(value, "0") != 0) {
            err = complain(r, "in the environment is 1 or 0", row->name);
        }
    }
    return err;
}

enum httpa_err httpa_options_read(const struct httpa_options_command *command,
                                  int argc, char **argv, void *settings,
                                  struct httpa_options_list *ret_rest)
{
    struct reading r = { command, argc, argv, 1, settings, ret_rest };
    enum httpa_err err = read_environment(&r);
    bool literal = false;
    for (; err == HTTPA_OK && r.at < argc; r.at++) {
        const char *a = argv[r.at];
        if (literal || a[0] != '-' || a[1] == '\0') {
            err = append(&r, ret_rest, a);
        } else if (strcmp(a, "--help") == 0) {
            httpa_options_page(command, stdout);
            return HTTPA_ERR_ABORTED;
        } else if (strcmp(a, "--") == 0) {
            literal = true;
        } else {
            err = a[1] == '-' ? read_long(&r, a + 2) : read_letters(&r, a);
        }
    }
    return err;
}

static void print_row(const struct httpa_option_row *row, FILE *to)
{
    char left[64];
    int n = snprintf(
        left, sizeof(left), "%c%c%s --%s%s%s", row->letter != 0 ? '-' : ' ',
        row->letter != 0 ? row->letter : ' ', row->letter != 0 ? "," : " ",
        row->name, row->argument != NULL ? " " : "",
        row->argument != NULL ? row->argument : "");
    const char *line = row->help;
    (void)fprintf(to, "  %-27s", left);
    if (n > 27) {
        (void)fprintf(to, "\n%29s", "");
    }
    while (line != NULL) {
        size_t len = strcspn(line, "\n");
        (void)fprintf(to, " %.*s\n", (int)len, line);
        line = line[len] == '\n' ? line + len + 1 : NULL;
        if (line != NULL) {
            (void)fprintf(to, "%29s", "");
        }
    }
}

void httpa_options_page(const struct httpa_options_command *command, FILE *to)
{
    (void)fprintf(to, "Usage: %s\n\n%s", command->usage, command->intro);
    for (const struct httpa_option_row *row = command->rows; row->name; row++) {
        if (row->group != NULL) {
            (void)fprintf(to, "\n%s\n", row->group);
        }
        if (row->type != HTTPA_OPTION_IS_REFUSED) {
            print_row(row, to);
        }
    }
    if (command->outro != NULL) {
        (void)fprintf(to, "\n%s", command->outro);
    }
}
