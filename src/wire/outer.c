#include "wire/outer.h"

#include <string.h>

#include "base/writer.h"

void httpa_outer_init(struct httpa_outer *outer, unsigned status)
{
    outer->used = 0;
    httpa_head_init(&outer->head, outer->fields, HTTPA_OUTER_FIELDS);
    outer->head.is_request = status == 0;
    outer->head.status = status;
}

static enum httpa_err keep(struct httpa_outer *outer, struct httpa_slice s,
                           struct httpa_slice *ret_kept)
{
    if (s.n > sizeof(outer->bytes) - outer->used) {
        return HTTPA_ERR_LIMIT;
    }
    uint8_t *to = outer->bytes + outer->used;
    if (s.n > 0) {
        memcpy(to, s.p, s.n);
    }
    outer->used += s.n;
    *ret_kept = httpa_slice_of(to, s.n);
    return HTTPA_OK;
}

static enum httpa_err add(struct httpa_outer *outer, struct httpa_slice name,
                          struct httpa_slice value)
{
    struct httpa_slice kept_name;
    struct httpa_slice kept_value;
    enum httpa_err err = keep(outer, name, &kept_name);
    if (err == HTTPA_OK) {
        err = keep(outer, value, &kept_value);
    }
    return err == HTTPA_OK
               ? httpa_fields_add(&outer->head.fields, kept_name, kept_value)
               : err;
}

enum httpa_err httpa_outer_add(struct httpa_outer *outer, const char *name,
                               struct httpa_slice value)
{
    struct httpa_slice kept;
    enum httpa_err err = keep(outer, value, &kept);
    return err == HTTPA_OK ? httpa_fields_add(&outer->head.fields,
                                              httpa_slice_str(name), kept)
                           : err;
}

enum httpa_err
httpa_outer_add_ahl(struct httpa_outer *outer, const struct httpa_ahl *ahl)
{
    struct httpa_field room[HTTPA_LIMIT_AHL_FIELDS];
    struct httpa_fields fields = { .v = room, .cap = HTTPA_LIMIT_AHL_FIELDS };
    enum httpa_err err = httpa_ahl_to_fields(ahl, &fields);
    for (size_t i = 0; err == HTTPA_OK && i < fields.n; i++) {
        err = add(outer, fields.v[i].name, fields.v[i].value);
    }
    return err;
}

enum httpa_err httpa_outer_add_length(struct httpa_outer *outer, uint64_t n)
{
    uint8_t digits[20];
    struct httpa_buf b = httpa_buf_fixed(digits, sizeof(digits));
    httpa_write_decimal(&b, n);
    return httpa_outer_add(outer, "content-length", httpa_buf_slice(&b));
}

enum httpa_err httpa_outer_check(const struct httpa_fields *fields)
{
    return httpa_fields_find(fields, "content-encoding") != NULL ||
                   httpa_fields_find(fields, "content-range") != NULL
               ? HTTPA_ERR_MALFORMED
               : HTTPA_OK;
}

enum httpa_err httpa_outer_add_request(struct httpa_outer *outer,
                                       struct httpa_slice content_type)
{
    static const struct {
        const char *name;
        const char *value;
    } rows[] = {
        { "cache-control", "no-store" },
        { "accept", "*/*" },
        { "user-agent", "httpa" },
    };
    enum httpa_err err = httpa_outer_add(outer, "content-type", content_type);
    for (size_t i = 0; err == HTTPA_OK && i < sizeof(rows) / sizeof(rows[0]);
         i++) {
        err = httpa_outer_add(outer, rows[i].name,
                              httpa_slice_str(rows[i].value));
    }
    return err;
}
