#include "wire/ahl.h"

#include <string.h>

bool httpa_ahl_has(const struct httpa_ahl *ahl, enum httpa_field_id id)
{
    return (ahl->have & HTTPA_FIELD_BIT(id)) != 0;
}

struct httpa_slice httpa_ahl_text(const struct httpa_ahl *ahl,
                                  enum httpa_field_id id)
{
    struct httpa_ahl_span span = ahl->known[id];
    return httpa_slice_of(ahl->text + span.at, span.n);
}

enum httpa_err httpa_ahl_parse(const struct httpa_ahl *ahl,
                               enum httpa_field_id id,
                               struct httpa_sfv_room *room,
                               struct httpa_sfv *ret_doc)
{
    if (!httpa_ahl_has(ahl, id)) {
        return HTTPA_ERR_MISSING;
    }
    *ret_doc = httpa_sfv_over(room);
    return httpa_sfv_read(ret_doc, httpa_field_row(id)->kind,
                          httpa_ahl_text(ahl, id), HTTPA_SFV_STRICT);
}

/* The one member of |id|, of |type|, parsed over |room|. */
static enum httpa_err only(const struct httpa_ahl *ahl, enum httpa_field_id id,
                           enum httpa_sfv_type type,
                           struct httpa_sfv_room *room,
                           struct httpa_sfv_bare *ret_v)
{
    struct httpa_sfv doc;
    enum httpa_err err = httpa_ahl_parse(ahl, id, room, &doc);
    if (err != HTTPA_OK) {
        return err;
    }
    const struct httpa_sfv_item *item = httpa_sfv_member(&doc, 0);
    if (item == NULL || doc.member_count != 1 || item->value.type != type) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret_v = item->value;
    return HTTPA_OK;
}

enum httpa_err httpa_ahl_token(const struct httpa_ahl *ahl,
                               enum httpa_field_id id,
                               struct httpa_slice *ret_token)
{
    struct httpa_sfv_room room;
    struct httpa_sfv_bare v;
    enum httpa_err err = only(ahl, id, HTTPA_SFV_TOKEN, &room, &v);
    if (err == HTTPA_OK) {
        /* A Token is never decoded, so it stands in the text itself. */
        *ret_token = v.text;
    }
    return err;
}

static enum httpa_err integer(const struct httpa_ahl *ahl,
                              enum httpa_field_id id, enum httpa_sfv_type type,
                              int64_t *ret_v)
{
    struct httpa_sfv_room room;
    struct httpa_sfv_bare v;
    enum httpa_err err = only(ahl, id, type, &room, &v);
    if (err == HTTPA_OK) {
        *ret_v = v.integer;
    }
    return err;
}

enum httpa_err httpa_ahl_integer(const struct httpa_ahl *ahl,
                                 enum httpa_field_id id, int64_t *ret_v)
{
    return integer(ahl, id, HTTPA_SFV_INTEGER, ret_v);
}

enum httpa_err httpa_ahl_date(const struct httpa_ahl *ahl,
                              enum httpa_field_id id, int64_t *ret_unix_s)
{
    return integer(ahl, id, HTTPA_SFV_DATE, ret_unix_s);
}

static enum httpa_err text(const struct httpa_ahl *ahl, enum httpa_field_id id,
                           enum httpa_sfv_type type, struct httpa_buf *ret_out)
{
    struct httpa_sfv_room room;
    struct httpa_sfv_bare v;
    enum httpa_err err = only(ahl, id, type, &room, &v);
    if (err == HTTPA_OK) {
        httpa_buf_put_slice(ret_out, v.text);
        err = httpa_buf_check(ret_out);
    }
    return err;
}

enum httpa_err httpa_ahl_string(const struct httpa_ahl *ahl,
                                enum httpa_field_id id,
                                struct httpa_buf *ret_out)
{
    return text(ahl, id, HTTPA_SFV_STRING, ret_out);
}

enum httpa_err httpa_ahl_bytes(const struct httpa_ahl *ahl,
                               enum httpa_field_id id,
                               struct httpa_buf *ret_out)
{
    return text(ahl, id, HTTPA_SFV_BYTES, ret_out);
}

enum httpa_err httpa_ahl_bytes_exact(const struct httpa_ahl *ahl,
                                     enum httpa_field_id id, uint8_t *ret_out,
                                     size_t n)
{
    struct httpa_sfv_room room;
    struct httpa_sfv_bare v;
    enum httpa_err err = only(ahl, id, HTTPA_SFV_BYTES, &room, &v);
    if (err == HTTPA_OK && v.text.n != n) {
        err = HTTPA_ERR_RANGE;
    }
    if (err == HTTPA_OK && n > 0) {
        memcpy(ret_out, v.text.p, n);
    }
    return err;
}

enum httpa_err httpa_ahl_param_integer(const struct httpa_ahl *ahl,
                                       enum httpa_field_id id, const char *key,
                                       int64_t *ret_v)
{
    struct httpa_sfv_room room;
    struct httpa_sfv doc;
    enum httpa_err err = httpa_ahl_parse(ahl, id, &room, &doc);
    if (err != HTTPA_OK) {
        return err;
    }
    const struct httpa_sfv_bare *v =
        httpa_sfv_param(&doc, httpa_sfv_member(&doc, 0), key);
    if (v == NULL) {
        return HTTPA_ERR_MISSING;
    }
    if (v->type != HTTPA_SFV_INTEGER) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret_v = v->integer;
    return HTTPA_OK;
}
