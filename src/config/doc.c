#include "config/doc.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "codec/hex.h"
#include "codec/time.h"

/* Names offered when one is misspelt: the longest table, with room. */
#define NAMES_MAX 64u

struct httpa_config_block {
    struct httpa_config_block *next;
    alignas(max_align_t) unsigned char bytes[];
};

void *httpa_config_alloc(struct httpa_config_arena *arena, size_t n)
{
    struct httpa_config_block *block = calloc(1, sizeof(*block) + n);
    if (block == NULL) {
        return NULL;
    }
    block->next = arena->blocks;
    arena->blocks = block;
    return block->bytes;
}

void httpa_config_arena_done(struct httpa_config_arena *arena)
{
    while (arena->blocks != NULL) {
        struct httpa_config_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

/* ----------------------------------------------------------------- objects */

struct httpa_config_at httpa_config_nth(const struct httpa_config_at *at,
                                        size_t i)
{
    struct httpa_config_at child = { .up = at, .ordinal = i };
    if (json_is_array(at->value)) {
        child.value = json_array_get(at->value, i);
        return child;
    }
    void *iter = json_object_iter(at->value);
    for (size_t n = 0; n < i && iter != NULL; n++) {
        iter = json_object_iter_next(at->value, iter);
    }
    child.key = json_object_iter_key(iter);
    child.value = json_object_iter_value(iter);
    return child;
}

bool httpa_config_find(const struct httpa_config_at *at, const char *key,
                       struct httpa_config_at *ret_at)
{
    for (size_t i = 0; i < json_object_size(at->value); i++) {
        struct httpa_config_at child = httpa_config_nth(at, i);
        if (strcmp(child.key, key) == 0) {
            *ret_at = child;
            return true;
        }
    }
    return false;
}

static const struct httpa_config_member *
row_of(const struct httpa_config_member *members, size_t count,
       const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(members[i].name, name) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

static enum httpa_err unknown(struct httpa_config_doc *doc,
                              const struct httpa_config_at *at,
                              const struct httpa_config_member *members,
                              size_t count)
{
    const char *names[NAMES_MAX];
    for (size_t i = 0; i < count && i < NAMES_MAX; i++) {
        names[i] = members[i].name;
    }
    const char *near = httpa_config_nearest(
        at->key, names, count < NAMES_MAX ? count : NAMES_MAX);
    if (near == NULL) {
        return httpa_config_fail_key(doc, at, "unknown member \"%.64s\"",
                                     at->key);
    }
    return httpa_config_fail_key(
        doc, at, "unknown member \"%.64s\"; did you mean \"%s\"?", at->key,
        near);
}

enum httpa_err httpa_config_object(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at,
                                   const struct httpa_config_member *members,
                                   size_t count, void *to)
{
    struct httpa_config_at child;
    if (!json_is_object(at->value)) {
        return httpa_config_fail(doc, at, "must be an object");
    }
    for (size_t i = 0; i < json_object_size(at->value); i++) {
        child = httpa_config_nth(at, i);
        const struct httpa_config_member *row =
            row_of(members, count, child.key);
        if (row == NULL) {
            return unknown(doc, &child, members, count);
        }
        enum httpa_err err =
            row->read(doc, &child, (unsigned char *)to + row->offset);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (members[i].need == HTTPA_CONFIG_MANDATORY &&
            !httpa_config_find(at, members[i].name, &child)) {
            return httpa_config_fail(doc, at, "\"%s\" is missing",
                                     members[i].name);
        }
    }
    return HTTPA_OK;
}

enum httpa_err httpa_config_array(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at,
                                  const struct httpa_config_list *list,
                                  const void **ret_v, size_t *ret_count)
{
    size_t n = json_array_size(at->value);
    if (!json_is_array(at->value) || n == 0) {
        return httpa_config_fail(doc, at, "must be a list, not empty");
    }
    if (n > list->max) {
        return httpa_config_fail(doc, at, "must have at most %zu elements",
                                 list->max);
    }
    unsigned char *v = httpa_config_alloc(doc->arena, n * list->size);
    if (v == NULL) {
        return httpa_config_no_memory(doc);
    }
    for (size_t i = 0; i < n; i++) {
        struct httpa_config_at child = httpa_config_nth(at, i);
        enum httpa_err err = list->read(doc, &child, v + i * list->size);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    *ret_v = v;
    *ret_count = n;
    return HTTPA_OK;
}

/* ----------------------------------------------------------- single values */

/* The text at |at|, borrowed from jansson.  A zero byte would end it early
 * for whoever takes it as a C string. */
static enum httpa_err get_text(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at,
                               struct httpa_slice *ret)
{
    if (!json_is_string(at->value)) {
        return httpa_config_fail(doc, at, "must be a text");
    }
    struct httpa_slice s = httpa_slice_of(json_string_value(at->value),
                                          json_string_length(at->value));
    if (s.n == 0 || memchr(s.p, '\0', s.n) != NULL) {
        return httpa_config_fail(doc, at, "must not be empty");
    }
    *ret = s;
    return HTTPA_OK;
}

static enum httpa_err keep(struct httpa_config_doc *doc, struct httpa_slice s,
                           struct httpa_slice *ret)
{
    uint8_t *copy = httpa_config_alloc(doc->arena, s.n + 1);
    if (copy == NULL) {
        return httpa_config_no_memory(doc);
    }
    memcpy(copy, s.p, s.n);
    *ret = httpa_slice_of(copy, s.n);
    return HTTPA_OK;
}

enum httpa_err httpa_config_slice(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    struct httpa_slice s = { 0 };
    enum httpa_err err = get_text(doc, at, &s);
    return err == HTTPA_OK ? keep(doc, s, to) : err;
}

enum httpa_err httpa_config_text(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    struct httpa_slice s = { 0 };
    enum httpa_err err = httpa_config_slice(doc, at, &s);
    if (err == HTTPA_OK) {
        *(const char **)to = (const char *)s.p;
    }
    return err;
}

enum httpa_err httpa_config_note(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    (void)to;
    return json_is_string(at->value)
               ? HTTPA_OK
               : httpa_config_fail(doc, at, "must be a text");
}

enum httpa_err httpa_config_hex(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    struct httpa_slice s = { 0 };
    enum httpa_err err = get_text(doc, at, &s);
    if (err != HTTPA_OK) {
        return err;
    }
    uint8_t *bytes = httpa_config_alloc(doc->arena, s.n / 2 + 1);
    if (bytes == NULL) {
        return httpa_config_no_memory(doc);
    }
    struct httpa_buf b = httpa_buf_fixed(bytes, s.n / 2);
    if (httpa_hex_read(s, &b) != HTTPA_OK) {
        return httpa_config_fail(doc, at, "must be hex digits, two per byte");
    }
    *(struct httpa_slice *)to = httpa_buf_slice(&b);
    return HTTPA_OK;
}

enum httpa_err httpa_config_bool(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    if (!json_is_boolean(at->value)) {
        return httpa_config_fail(doc, at, "must be true or false");
    }
    *(bool *)to = json_is_true(at->value);
    return HTTPA_OK;
}

enum httpa_err httpa_config_time(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    struct httpa_slice s = { 0 };
    int64_t unix_s;
    enum httpa_err err = get_text(doc, at, &s);
    if (err != HTTPA_OK) {
        return err;
    }
    if (httpa_time_read_rfc3339(s, &unix_s) != HTTPA_OK || unix_s <= 0) {
        return httpa_config_fail(
            doc, at, "must be a time like \"2027-03-31T00:00:00Z\"");
    }
    *(int64_t *)to = unix_s;
    return HTTPA_OK;
}

static uint32_t unit_s(uint8_t unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 0;
    }
}

enum httpa_err httpa_config_duration(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at,
                                     void *to)
{
    struct httpa_slice s = { 0 };
    uint64_t v = 0;
    enum httpa_err err = get_text(doc, at, &s);
    if (err != HTTPA_OK) {
        return err;
    }
    size_t n = 0;
    for (; n < s.n && n < 9 && s.p[n] >= '0' && s.p[n] <= '9'; n++) {
        v = v * 10 + (uint64_t)(s.p[n] - '0');
    }
    v *= n > 0 && n + 1 == s.n ? unit_s(s.p[n]) : 0;
    if (v == 0 || v > UINT32_MAX) {
        return httpa_config_fail(
            doc, at, "must be a duration like \"90s\", \"5m\", \"24h\"");
    }
    *(uint32_t *)to = (uint32_t)v;
    return HTTPA_OK;
}

enum httpa_err httpa_config_word(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at,
                                 const char *const *words, size_t *ret_index)
{
    struct httpa_slice s = { 0 };
    size_t count = 0;
    enum httpa_err err = get_text(doc, at, &s);
    if (err != HTTPA_OK) {
        return err;
    }
    for (; words[count] != NULL; count++) {
        if (httpa_slice_is(s, words[count])) {
            *ret_index = count;
            return HTTPA_OK;
        }
    }
    const char *near = httpa_config_nearest((const char *)s.p, words, count);
    if (near == NULL) {
        return httpa_config_fail(doc, at, "\"%.64s\" is not known here",
                                 (const char *)s.p);
    }
    return httpa_config_fail(doc, at,
                             "\"%.64s\" is not known here; did you mean "
                             "\"%s\"?",
                             (const char *)s.p, near);
}
