/* Sets whose members are claims of fixed kinds, and other shared readers. */
#include "config/policy.h"

#include <string.h>

/* Members of a set: those of every type, and a type's registers with room. */
#define COMMON 4u
#define NAMES_MAX 20u
#define LIST_MAX 160u /* the registers in a sentence */

/* A whole number up to |max|. */
static enum httpa_err read_number(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at,
                                  json_int_t max, const char *what,
                                  json_int_t *ret_v)
{
    *ret_v = json_integer_value(at->value);
    return json_is_integer(at->value) && *ret_v >= 0 && *ret_v <= max
               ? HTTPA_OK
               : httpa_config_fail(doc, at, "must be %s", what);
}

enum httpa_err httpa_config_u8(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at, void *to)
{
    json_int_t v = 0;
    enum httpa_err err =
        read_number(doc, at, UINT8_MAX, "a number from 0 to 255", &v);
    *(uint8_t *)to = (uint8_t)v;
    return err;
}

enum httpa_err httpa_config_u32(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    json_int_t v = 0;
    enum httpa_err err =
        read_number(doc, at, UINT32_MAX, "a number of 32 bits", &v);
    *(uint32_t *)to = (uint32_t)v;
    return err;
}

static enum httpa_err read_bytes(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, size_t len,
                                 struct httpa_value *value)
{
    struct httpa_slice bytes;
    enum httpa_err err = httpa_config_hex(doc, at, &bytes);
    if (err == HTTPA_OK && bytes.n != len) {
        err = httpa_config_fail(doc, at,
                                "must be %zu hex digits or \"any\", has %zu",
                                2 * len, 2 * bytes.n);
    }
    *value = httpa_value_bytes(bytes);
    return err;
}

static enum httpa_err read_digest(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at,
                                  struct httpa_value *value)
{
    struct httpa_slice bytes;
    enum httpa_err err = httpa_config_hex(doc, at, &bytes);
    if (err == HTTPA_OK && bytes.n != 32 && bytes.n != 48 && bytes.n != 64) {
        err = httpa_config_fail(doc, at,
                                "must be 64, 96 or 128 hex digits or \"any\", "
                                "has %zu",
                                2 * bytes.n);
    }
    *value = httpa_value_bytes(bytes);
    return err;
}

static enum httpa_err read_register(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at,
                                    const struct httpa_config_register *row,
                                    struct httpa_reference *ref)
{
    uint32_t number = 0;
    ref->name = row->claim != NULL ? row->claim : row->key;
    if (httpa_config_is_any(at->value)) {
        ref->kind = HTTPA_REFERENCE_ANY;
        return HTTPA_OK;
    }
    if (row->digest) {
        return read_digest(doc, at, &ref->value);
    }
    if (row->bytes > 0) {
        return read_bytes(doc, at, row->bytes, &ref->value);
    }
    enum httpa_err err = httpa_config_u32(doc, at, &number);
    ref->kind = row->at_least ? HTTPA_REFERENCE_AT_LEAST
                              : HTTPA_REFERENCE_EQUAL;
    ref->value = httpa_value_integer(number);
    return err;
}

static enum httpa_err unknown(struct httpa_config_doc *doc,
                              const struct httpa_config_at *at,
                              const struct httpa_config_register *rows,
                              size_t count)
{
    const char *names[NAMES_MAX] = { "name", "note", "not_before",
                                     "not_after" };
    char room[LIST_MAX] = "";
    struct httpa_buf list = httpa_buf_fixed((uint8_t *)room, LIST_MAX - 1);
    size_t n = COMMON;
    for (size_t i = 0; i < count && n < NAMES_MAX; i++) {
        names[n++] = rows[i].key;
        httpa_buf_put_str(&list, i > 0 ? ", " : "");
        httpa_buf_put_str(&list, rows[i].key);
    }
    const char *near = httpa_config_nearest(at->key, names, n);
    return near == NULL
               ? httpa_config_fail_key(doc, at,
                                       "unknown member \"%.64s\"; registers "
                                       "are %s",
                                       at->key, room)
               : httpa_config_fail_key(doc, at,
                                       "unknown member \"%.64s\"; did you "
                                       "mean \"%s\"?",
                                       at->key, near);
}

static enum httpa_err read_member(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at,
                                  const struct httpa_config_register *rows,
                                  size_t count, struct httpa_reference *ref)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(at->key, rows[i].key) == 0) {
            return read_register(doc, at, &rows[i], ref);
        }
    }
    return unknown(doc, at, rows, count);
}

static enum httpa_err check_mentions(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *set_at,
                                     const struct httpa_config_register *rows,
                                     size_t count)
{
    struct httpa_config_at at;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].mentioned && !httpa_config_find(set_at, rows[i].key, &at)) {
            return httpa_config_fail(doc, set_at,
                                     "\"%s\" is missing; \"any\" leaves it "
                                     "open",
                                     rows[i].key);
        }
    }
    return HTTPA_OK;
}

enum httpa_err
httpa_config_registers(struct httpa_config_doc *doc,
                       const struct httpa_config_at *set_at,
                       const struct httpa_config_register *rows, size_t count,
                       struct httpa_set *set)
{
    struct httpa_reference *room;
    enum httpa_err err = httpa_config_set_room(doc, set_at, set, &room);
    for (size_t i = 0; err == HTTPA_OK && i < json_object_size(set_at->value);
         i++) {
        struct httpa_config_at at = httpa_config_nth(set_at, i);
        if (!httpa_config_is_common(at.key)) {
            err = read_member(doc, &at, rows, count,
                              &room[set->reference_count++]);
        }
    }
    return err == HTTPA_OK ? check_mentions(doc, set_at, rows, count) : err;
}

enum httpa_err httpa_config_settings(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at,
                                     const struct httpa_config_setting *rows,
                                     size_t count, void *to)
{
    struct httpa_config_at child;
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; i < count && err == HTTPA_OK; i++) {
        if (httpa_config_find(at, rows[i].name, &child)) {
            err = rows[i].read(doc, &child, (char *)to + rows[i].offset);
        }
    }
    return err;
}
