/*
 * Where a value stands.  The text has been parsed by jansson, so the walk
 * here believes it: no member is there twice and everything is closed.
 */
#include "config/doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"

/* A policy nests five deep; deeper text is refused before (place_of). */
#define DEPTH_MAX 16u

struct cursor {
    struct httpa_slice text;
    size_t i;
};

static uint8_t peek(const struct cursor *c)
{
    return c->i < c->text.n ? c->text.p[c->i] : 0;
}

static void skip_space(struct cursor *c)
{
    while (peek(c) == ' ' || peek(c) == '\t' || peek(c) == '\r' ||
           peek(c) == '\n') {
        c->i++;
    }
}

static void skip_string(struct cursor *c)
{
    for (c->i++; c->i < c->text.n && peek(c) != '"'; c->i++) {
        c->i += peek(c) == '\\';
    }
    c->i++;
}

/* One value of any kind: brackets are counted, strings stepped over. */
static void skip_value(struct cursor *c)
{
    size_t depth = 0;
    do {
        uint8_t b = peek(c);
        if (b == '"') {
            skip_string(c);
        } else if (b == '{' || b == '[') {
            depth++;
            c->i++;
        } else if (b == '}' || b == ']') {
            depth--;
            c->i++;
        } else if (depth == 0) {
            while (c->i < c->text.n && strchr(",]} \t\r\n", peek(c)) == NULL) {
                c->i++;
            }
        } else {
            c->i++;
        }
    } while (depth > 0 && c->i < c->text.n);
}

/* From a bracket to the |ordinal|th member: its key if |key|, or its value. */
static void enter(struct cursor *c, size_t ordinal, bool is_object, bool key)
{
    c->i++;
    for (size_t n = 0;; n++) {
        skip_space(c);
        if (is_object && !(n == ordinal && key)) {
            skip_string(c);
            skip_space(c);
            c->i++; /* the colon */
            skip_space(c);
        }
        if (n == ordinal || c->i >= c->text.n) {
            return;
        }
        skip_value(c);
        skip_space(c);
        c->i++; /* the comma */
    }
}

static size_t place_of(struct httpa_slice text,
                       const struct httpa_config_at *at, bool key)
{
    const struct httpa_config_at *chain[DEPTH_MAX];
    size_t n = 0;
    struct cursor c = { .text = text };
    for (; at->up != NULL && n < DEPTH_MAX; at = at->up) {
        chain[n++] = at;
    }
    skip_space(&c);
    for (; n > 0; n--) {
        enter(&c, chain[n - 1]->ordinal, chain[n - 1]->key != NULL,
              key && n == 1);
    }
    return c.i < text.n ? c.i : text.n;
}

/* Columns count characters: continuation bytes of UTF-8 are none. */
static void set_line(struct httpa_config_error *error, struct httpa_slice text,
                     size_t offset)
{
    error->line = 1;
    error->column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text.p[i] == '\n') {
            error->line++;
            error->column = 1;
        } else if ((text.p[i] & 0xc0) != 0x80) {
            error->column++;
        }
    }
}

void httpa_config_one_line(struct httpa_config_error *error)
{
    for (char *c = error->text; *c != '\0'; c++) {
        bool control = (unsigned char)*c < ' ' || *c == 0x7f;
        *c = (char)(control ? ' ' : *c);
    }
}

static enum httpa_err fail(struct httpa_config_doc *doc,
                           const struct httpa_config_at *at, bool key,
                           const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

static enum httpa_err fail(struct httpa_config_doc *doc,
                           const struct httpa_config_at *at, bool key,
                           const char *format, va_list args)
{
    set_line(doc->error, doc->text, place_of(doc->text, at, key));
    (void)vsnprintf(doc->error->text, sizeof(doc->error->text), format, args);
    httpa_config_one_line(doc->error);
    return HTTPA_ERR_CONFIG;
}

enum httpa_err httpa_config_fail(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at,
                                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    enum httpa_err err = fail(doc, at, false, format, args);
    va_end(args);
    return err;
}

enum httpa_err httpa_config_fail_key(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at,
                                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    enum httpa_err err = fail(doc, at, at->key != NULL, format, args);
    va_end(args);
    return err;
}

enum httpa_err httpa_config_no_memory(struct httpa_config_doc *doc)
{
    *doc->error = (struct httpa_config_error){ .text = "out of memory" };
    return HTTPA_ERR_MEMORY;
}

/* --------------------------------------------------------- dotted paths */

/* Takes the next step of |path| from |at|: ".name", "name" or "[7]". */
static bool step(const char **path, const struct httpa_config_at *at,
                 struct httpa_config_at *ret_at)
{
    const char *p = *path + (**path == '.');
    if (*p == '[') {
        size_t i = 0;
        for (p++; httpa_ascii_is_digit((uint8_t)*p); p++) {
            i = i * 10 + (size_t)(*p - '0');
        }
        *path = p + (*p == ']');
        if (!json_is_array(at->value) || i >= json_array_size(at->value)) {
            return false;
        }
        *ret_at = httpa_config_nth(at, i);
        return true;
    }
    char key[64];
    size_t n = strcspn(p, ".[");
    *path = p + n;
    (void)snprintf(key, sizeof(key), "%.*s", (int)n, p);
    return n < sizeof(key) && httpa_config_find(at, key, ret_at);
}

enum httpa_err httpa_config_fail_path(struct httpa_config_doc *doc,
                                      json_t *root, const char *path,
                                      const char *text)
{
    struct httpa_config_at chain[DEPTH_MAX] = { { .value = root } };
    size_t n = 0;
    while (*path != '\0' && n + 1 < DEPTH_MAX &&
           step(&path, &chain[n], &chain[n + 1])) {
        n++;
    }
    return httpa_config_fail(doc, &chain[n], "%s", text);
}

/* ------------------------------------------------------------ nearest name */

#define WORD_MAX 48u

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein, one row at a time. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t n = strlen(b);
    for (size_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t above = row[j + 1];
            row[j + 1] = min3(above + 1, row[j] + 1,
                              diagonal + (httpa_ascii_lower((uint8_t)a[i]) !=
                                          (uint8_t)b[j]));
            diagonal = above;
        }
    }
    return row[n];
}

const char *httpa_config_nearest(const char *word, const char *const *names,
                                 size_t count)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    if (strlen(word) > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        size_t d = strlen(names[i]) <= WORD_MAX ? distance(word, names[i])
                                                : SIZE_MAX;
        if (d < best_distance) {
            best_distance = d;
            best = names[i];
        }
    }
    /* Half the letters wrong is another word. */
    return best != NULL && 2 * best_distance <= strlen(best) ? best : NULL;
}
