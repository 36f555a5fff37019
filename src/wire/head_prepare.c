#include "base/ascii.h"
#include "wire/head_names.h"
#include "wire/head_rules.h"

/* Whether |name| is one of the comma-separated names in |list|. */
static bool in_list(struct httpa_slice list, struct httpa_slice name)
{
    size_t start = 0;
    for (size_t i = 0; i <= list.n; i++) {
        if (i < list.n && list.p[i] != ',') {
            continue;
        }
        struct httpa_slice one =
            httpa_ascii_trim(httpa_slice_of(list.p + start, i - start));
        bool same = one.n == name.n;
        for (size_t k = 0; same && k < name.n; k++) {
            same = httpa_ascii_lower(one.p[k]) == httpa_ascii_lower(name.p[k]);
        }
        if (same) {
            return true;
        }
        start = i + 1;
    }
    return false;
}

/* RFC 9110 7.6.1: what Connection names ends at this hop. */
static bool ends_here(const struct httpa_fields *fields,
                      struct httpa_slice name)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (httpa_slice_is_nocase(fields->v[i].name, "connection") &&
            in_list(fields->v[i].value, name)) {
            return true;
        }
    }
    return false;
}

static struct httpa_slice lower(struct httpa_slice name,
                                struct httpa_buf *room)
{
    if ((httpa_ascii_seen(name) & HTTPA_ASCII_UPPER) == 0) {
        return name;
    }
    uint8_t *to = httpa_buf_room(room, name.n);
    if (to == NULL) {
        return name;
    }
    for (size_t i = 0; i < name.n; i++) {
        to[i] = httpa_ascii_lower(name.p[i]);
    }
    httpa_buf_grew(room, name.n);
    return httpa_slice_of(to, name.n);
}

static bool passes(const struct httpa_field *f, unsigned unwanted)
{
    if (httpa_slice_is(f->name, "te")) {
        return (unwanted & HTTPA_NAME_NO_TRAILER) == 0 &&
               httpa_slice_is_nocase(f->value, "trailers");
    }
    return !httpa_slice_is(f->name, "host") &&
           (httpa_head_name_rules(f->name) & unwanted) == 0;
}

static enum httpa_err prepare(struct httpa_fields *fields, unsigned unwanted,
                              struct httpa_buf *room)
{
    size_t kept = 0;
    /* Nominated fields go first: filtering overwrites Connection itself. */
    bool ends[HTTPA_FIELDS_MAX];
    if (fields->n > HTTPA_FIELDS_MAX) {
        return HTTPA_ERR_LIMIT;
    }
    bool nominates = httpa_fields_find(fields, "connection") != NULL;
    for (size_t i = 0; i < fields->n; i++) {
        ends[i] = nominates && ends_here(fields, fields->v[i].name);
    }
    for (size_t i = 0; i < fields->n; i++) {
        struct httpa_field f = { lower(fields->v[i].name, room),
                                 httpa_ascii_trim(fields->v[i].value) };
        if (httpa_buf_check(room) != HTTPA_OK) {
            return HTTPA_ERR_SPACE;
        }
        if (ends[i] || !passes(&f, unwanted)) {
            continue;
        }
        if (!httpa_head_name_valid(f.name) ||
            !httpa_head_value_valid(f.value)) {
            return HTTPA_ERR_HEAD;
        }
        fields->v[kept++] = f;
    }
    fields->n = kept;
    return HTTPA_OK;
}

#define UNWANTED                                                           \
    (HTTPA_NAME_REFUSED | HTTPA_NAME_REMOVED | HTTPA_NAME_OURS |           \
     HTTPA_NAME_ATTEST)

enum httpa_err httpa_head_rules_prepare(struct httpa_fields *fields,
                                        struct httpa_buf *room)
{
    return prepare(fields, UNWANTED, room);
}

enum httpa_err httpa_head_rules_prepare_trailers(struct httpa_fields *fields,
                                                 struct httpa_buf *room)
{
    return prepare(fields, UNWANTED | HTTPA_NAME_NO_TRAILER, room);
}
