#include "wire/ahl.h"

#include <string.h>

#include "base/ascii.h"
#include "base/writer.h"

/* Which line belongs to which field, while a head is read. */
struct lines {
    const struct httpa_fields *fields;
    uint8_t id[HTTPA_FIELDS_MAX]; /* HTTPA_FIELD_COUNT: not a known field */
    uint32_t seen;                /* known fields */
};

void httpa_ahl_init(struct httpa_ahl *ahl, enum httpa_place place)
{
    memset(ahl, 0, offsetof(struct httpa_ahl, text));
    ahl->place = place;
}

static bool is_sealed(const struct httpa_ahl *ahl)
{
    return (ahl->place & HTTPA_PLACES_SEALED) != 0;
}

static size_t count_names(const struct httpa_ahl *ahl, uint32_t without)
{
    size_t n = ahl->unknown_count;
    for (uint32_t have = ahl->have & ~without; have != 0; have &= have - 1) {
        n++;
    }
    return n;
}

/* One more name and |n| bytes of its value, as doc/protocol.md 4.2 counts. */
static enum httpa_err charge(struct httpa_ahl *ahl, size_t name_n, size_t n)
{
    size_t limit =
        is_sealed(ahl) ? HTTPA_LIMIT_AHL_SEALED : HTTPA_LIMIT_AHL_CLEAR;
    if (count_names(ahl, 0) >= HTTPA_LIMIT_AHL_FIELDS ||
        ahl->wire + name_n + n > limit) {
        return HTTPA_ERR_LIMIT;
    }
    ahl->wire += name_n + n;
    return HTTPA_OK;
}

/* Where the next text goes. */
static struct httpa_buf tail(struct httpa_ahl *ahl)
{
    return httpa_buf_fixed(ahl->text + ahl->used,
                           sizeof(ahl->text) - ahl->used);
}

static struct httpa_ahl_span keep(struct httpa_ahl *ahl, size_t n)
{
    struct httpa_ahl_span span = { (uint16_t)ahl->used, (uint16_t)n };
    ahl->used += n;
    return span;
}

static struct httpa_slice look(const struct httpa_ahl *ahl,
                               struct httpa_ahl_span span)
{
    return httpa_slice_of(ahl->text + span.at, span.n);
}

/* Parses, judges and keeps the canonical text of one known field. */
static enum httpa_err store(struct httpa_ahl *ahl, enum httpa_field_id id,
                            struct httpa_slice value)
{
    const struct httpa_field_row *row = httpa_field_row(id);
    size_t limit = (is_sealed(ahl) ? row->sealed : row->clear).bytes;
    if ((row->may & (unsigned)ahl->place) == 0) {
        return HTTPA_ERR_PLACE;
    }
    if (value.n > limit) {
        return HTTPA_ERR_RANGE;
    }
    struct httpa_sfv_room room;
    struct httpa_sfv doc = httpa_sfv_over(&room);
    enum httpa_err err =
        httpa_sfv_read(&doc, row->kind, value, HTTPA_SFV_STRICT);
    if (err == HTTPA_OK) {
        err = httpa_field_check(id, ahl->place, &doc);
    }
    struct httpa_buf text = tail(ahl);
    if (err == HTTPA_OK && httpa_sfv_write(&doc, &text) != HTTPA_OK) {
        err = HTTPA_ERR_LIMIT;
    }
    if (err == HTTPA_OK) {
        err = charge(ahl, strlen(row->name), value.n);
    }
    if (err == HTTPA_OK) {
        ahl->known[id] = keep(ahl, text.n);
        ahl->have |= HTTPA_FIELD_BIT(id);
    }
    return err;
}

/* ---- fields that this version does not know --------------------------- */

/* Printable ASCII without two spaces in a row: what every proxy leaves. */
static bool is_plain(struct httpa_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool doubled = i > 0 && s.p[i] == ' ' && s.p[i - 1] == ' ';
        if (s.p[i] < 0x20 || s.p[i] > 0x7e || doubled) {
            return false;
        }
    }
    return s.n > 0;
}

/* Bytewise; a name that is a prefix of another comes first. */
static int compare(struct httpa_slice a, struct httpa_slice b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* Where an undefined field called |name| stands, or should. */
static size_t find_unknown(const struct httpa_ahl *ahl,
                           struct httpa_slice name, bool *ret_there)
{
    size_t i = 0;
    int order = 1;
    while (i < ahl->unknown_count &&
           (order = compare(name, look(ahl, ahl->unknown[i].name))) > 0) {
        i++;
    }
    *ret_there = i < ahl->unknown_count && order == 0;
    return i;
}

/* Keeps the list sorted. */
static enum httpa_err insert(struct httpa_ahl *ahl,
                             struct httpa_ahl_unknown field)
{
    bool there;
    size_t i = find_unknown(ahl, look(ahl, field.name), &there);
    if (there) {
        return HTTPA_ERR_DUPLICATE;
    }
    memmove(&ahl->unknown[i + 1], &ahl->unknown[i],
            (ahl->unknown_count - i) * sizeof(ahl->unknown[0]));
    ahl->unknown[i] = field;
    ahl->unknown_count++;
    return HTTPA_OK;
}

static enum httpa_err store_unknown(struct httpa_ahl *ahl,
                                    const struct httpa_field *line)
{
    struct httpa_slice value = httpa_ascii_trim(line->value);
    if (is_sealed(ahl)) {
        return HTTPA_ERR_PLACE;
    }
    if (!httpa_ascii_is_token(line->name) ||
        line->name.n > HTTPA_LIMIT_AHL_NAME || !is_plain(value)) {
        return HTTPA_ERR_MALFORMED;
    }
    if (value.n > HTTPA_LIMIT_VALUE) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = charge(ahl, line->name.n, value.n);
    struct httpa_buf text = tail(ahl);
    for (size_t i = 0; i < line->name.n; i++) {
        httpa_buf_put_byte(&text, httpa_ascii_lower(line->name.p[i]));
    }
    httpa_buf_put_slice(&text, value);
    if (err != HTTPA_OK || httpa_buf_check(&text) != HTTPA_OK) {
        return HTTPA_ERR_LIMIT;
    }
    struct httpa_ahl_unknown field;
    field.name = keep(ahl, line->name.n);
    field.text = keep(ahl, value.n);
    return insert(ahl, field);
}

/* ---- reading a head --------------------------------------------------- */

static enum httpa_err sort_lines(const struct httpa_fields *fields,
                                 struct lines *ret_lines)
{
    if (fields->n > HTTPA_FIELDS_MAX) {
        return HTTPA_ERR_LIMIT;
    }
    ret_lines->fields = fields;
    ret_lines->seen = 0;
    for (size_t i = 0; i < fields->n; i++) {
        enum httpa_field_id id = HTTPA_FIELD_COUNT;
        if (httpa_field_is_attest(fields->v[i].name)) {
            id = httpa_field_find(fields->v[i].name);
        }
        ret_lines->id[i] = (uint8_t)id;
        if (id != HTTPA_FIELD_COUNT) {
            ret_lines->seen |= HTTPA_FIELD_BIT(id);
        }
    }
    return HTTPA_OK;
}

/* The value of all lines of |id|, joined in |room| if there are several.  An
 * empty line leaves a comma with nothing beside it, which does not parse. */
static enum httpa_err join(const struct lines *lines, enum httpa_field_id id,
                           struct httpa_buf *room,
                           struct httpa_slice *ret_value)
{
    struct httpa_slice one = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < lines->fields->n; i++) {
        if (lines->id[i] != id) {
            continue;
        }
        one = httpa_ascii_trim(lines->fields->v[i].value);
        httpa_buf_put_str(room, count++ > 0 ? ", " : "");
        httpa_buf_put_slice(room, one);
    }
    if (count > 1 && httpa_buf_check(room) != HTTPA_OK) {
        return HTTPA_ERR_RANGE;
    }
    *ret_value = count > 1 ? httpa_buf_slice(room) : one;
    return HTTPA_OK;
}

static enum httpa_err read_known(struct httpa_ahl *ahl,
                                 const struct lines *lines,
                                 enum httpa_field_id id)
{
    uint8_t bytes[HTTPA_LIMIT_KEY_SHARES];
    struct httpa_buf room = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_slice value;
    enum httpa_err err = join(lines, id, &room, &value);
    return err != HTTPA_OK ? err : store(ahl, id, value);
}

/* In an unauthenticated hint a bad field counts as absent. */
static enum httpa_err soften(const struct httpa_ahl *ahl, enum httpa_err err)
{
    bool hint = (ahl->place & HTTPA_PLACES_LENIENT) != 0;
    return hint && err != HTTPA_ERR_LIMIT ? HTTPA_OK : err;
}

static enum httpa_err read_all(const struct lines *lines,
                               struct httpa_ahl *ahl)
{
    enum httpa_err err = HTTPA_OK;
    for (unsigned id = 0; id < HTTPA_FIELD_COUNT && err == HTTPA_OK; id++) {
        if ((lines->seen & HTTPA_FIELD_BIT(id)) != 0) {
            err = soften(ahl,
                         read_known(ahl, lines, (enum httpa_field_id)id));
        }
    }
    for (size_t i = 0; i < lines->fields->n && err == HTTPA_OK; i++) {
        const struct httpa_field *line = &lines->fields->v[i];
        if (lines->id[i] == HTTPA_FIELD_COUNT &&
            httpa_field_is_attest(line->name)) {
            err = soften(ahl, store_unknown(ahl, line));
        }
    }
    return err != HTTPA_OK ? err : soften(ahl, httpa_ahl_check(ahl));
}

enum httpa_err httpa_ahl_read(const struct httpa_fields *fields,
                              enum httpa_place place,
                              struct httpa_ahl *ret_ahl)
{
    struct lines lines;
    httpa_ahl_init(ret_ahl, place);
    enum httpa_err err = sort_lines(fields, &lines);
    if (err == HTTPA_OK) {
        err = read_all(&lines, ret_ahl);
    }
    if (err != HTTPA_OK) {
        httpa_ahl_init(ret_ahl, place);
    }
    return err;
}

enum httpa_err httpa_ahl_check(const struct httpa_ahl *ahl)
{
    for (unsigned id = 0; id < HTTPA_FIELD_COUNT; id++) {
        unsigned must = httpa_field_row((enum httpa_field_id)id)->must;
        if ((must & (unsigned)ahl->place) != 0 &&
            !httpa_ahl_has(ahl, (enum httpa_field_id)id)) {
            return HTTPA_ERR_MISSING;
        }
    }
    return HTTPA_OK;
}

/* ---- building a head -------------------------------------------------- */

enum httpa_err httpa_ahl_set(struct httpa_ahl *ahl, enum httpa_field_id id,
                             struct httpa_slice text)
{
    return httpa_ahl_has(ahl, id) ? HTTPA_ERR_USAGE : store(ahl, id, text);
}

enum httpa_err httpa_ahl_set_bare(struct httpa_ahl *ahl,
                                  enum httpa_field_id id,
                                  struct httpa_sfv_bare v)
{
    uint8_t bytes[HTTPA_LIMIT_KEY_SHARES];
    struct httpa_buf text = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&text);
    httpa_sfv_put(&w, v);
    if (httpa_buf_check(&text) != HTTPA_OK) {
        return HTTPA_ERR_RANGE;
    }
    return httpa_ahl_set(ahl, id, httpa_buf_slice(&text));
}

/* ---- every field, in the order of the names --------------------------- */

typedef enum httpa_err (*visit_fn)(struct httpa_slice name,
                                   struct httpa_slice text, void *to);

/* Visits the unknown fields from |*u| on that come before |name|, or all if
 * |name| is empty. */
static enum httpa_err walk_unknown(const struct httpa_ahl *ahl, size_t *u,
                                   struct httpa_slice name, visit_fn visit,
                                   void *to)
{
    for (; *u < ahl->unknown_count; (*u)++) {
        const struct httpa_ahl_unknown *field = &ahl->unknown[*u];
        if (name.n > 0 && compare(look(ahl, field->name), name) > 0) {
            break;
        }
        enum httpa_err err =
            visit(look(ahl, field->name), look(ahl, field->text), to);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    return HTTPA_OK;
}

static enum httpa_err walk(const struct httpa_ahl *ahl, uint32_t without,
                           visit_fn visit, void *to)
{
    size_t u = 0;
    for (unsigned id = 0; id < HTTPA_FIELD_COUNT; id++) {
        if ((ahl->have & ~without & HTTPA_FIELD_BIT(id)) == 0) {
            continue;
        }
        struct httpa_slice name =
            httpa_slice_str(httpa_field_row((enum httpa_field_id)id)->name);
        enum httpa_err err = walk_unknown(ahl, &u, name, visit, to);
        if (err == HTTPA_OK) {
            err = visit(name, look(ahl, ahl->known[id]), to);
        }
        if (err != HTTPA_OK) {
            return err;
        }
    }
    return walk_unknown(ahl, &u, (struct httpa_slice){ 0 }, visit, to);
}

static enum httpa_err write_field(struct httpa_slice name,
                                  struct httpa_slice text, void *to)
{
    httpa_write_v8(to, name);
    httpa_write_v32(to, text);
    return HTTPA_OK;
}

static enum httpa_err add_field(struct httpa_slice name,
                                struct httpa_slice text, void *to)
{
    return httpa_fields_add(to, name, text);
}

enum httpa_err httpa_ahl_canonical(const struct httpa_ahl *ahl,
                                   uint32_t without, struct httpa_buf *out)
{
    httpa_write_u16(out, (uint16_t)count_names(ahl, without));
    enum httpa_err err = walk(ahl, without, write_field, out);
    return err != HTTPA_OK ? err : httpa_buf_check(out);
}

enum httpa_err httpa_ahl_to_fields(const struct httpa_ahl *ahl,
                                   struct httpa_fields *ret_fields)
{
    return walk(ahl, 0, add_field, ret_fields);
}
