#include "codec/sfv.h"

struct httpa_sfv httpa_sfv_over(struct httpa_sfv_room *room)
{
    return (struct httpa_sfv){
        .members = room->members,
        .member_max = HTTPA_SFV_ROOM_MEMBERS,
        .inners = room->inners,
        .inner_max = HTTPA_SFV_ROOM_INNERS,
        .params = room->params,
        .param_max = HTTPA_SFV_ROOM_PARAMS,
        .text = httpa_buf_fixed(room->text, sizeof(room->text)),
    };
}

const struct httpa_sfv_item *
httpa_sfv_member(const struct httpa_sfv *doc, size_t i)
{
    return i < doc->member_count ? &doc->members[i] : NULL;
}

const struct httpa_sfv_item *
httpa_sfv_find(const struct httpa_sfv *doc, const char *key)
{
    for (size_t i = 0; i < doc->member_count; i++) {
        if (httpa_slice_is(doc->members[i].key, key)) {
            return &doc->members[i];
        }
    }
    return NULL;
}

const struct httpa_sfv_item *httpa_sfv_inner(const struct httpa_sfv *doc,
                                             const struct httpa_sfv_item *item,
                                             size_t i)
{
    return i < item->inner_count ? &doc->inners[item->inner_first + i] : NULL;
}

const struct httpa_sfv_param *
httpa_sfv_param_at(const struct httpa_sfv *doc,
                   const struct httpa_sfv_item *item, size_t i)
{
    return i < item->param_count ? &doc->params[item->param_first + i] : NULL;
}

const struct httpa_sfv_bare *httpa_sfv_param(const struct httpa_sfv *doc,
                                             const struct httpa_sfv_item *item,
                                             const char *key)
{
    for (size_t i = 0; i < item->param_count; i++) {
        const struct httpa_sfv_param *p = httpa_sfv_param_at(doc, item, i);
        if (httpa_slice_is(p->key, key)) {
            return &p->value;
        }
    }
    return NULL;
}

struct httpa_sfv_bare httpa_sfv_integer(int64_t v)
{
    return (struct httpa_sfv_bare){ .type = HTTPA_SFV_INTEGER, .integer = v };
}

struct httpa_sfv_bare httpa_sfv_decimal(int64_t thousandths)
{
    return (struct httpa_sfv_bare){ .type = HTTPA_SFV_DECIMAL,
                                    .integer = thousandths };
}

struct httpa_sfv_bare httpa_sfv_string(struct httpa_slice ascii)
{
    return (struct httpa_sfv_bare){ .type = HTTPA_SFV_STRING, .text = ascii };
}

struct httpa_sfv_bare httpa_sfv_token(struct httpa_slice token)
{
    return (struct httpa_sfv_bare){ .type = HTTPA_SFV_TOKEN, .text = token };
}

struct httpa_sfv_bare httpa_sfv_bytes(struct httpa_slice bytes)
{
    return (struct httpa_sfv_bare){ .type = HTTPA_SFV_BYTES, .text = bytes };
}

struct httpa_sfv_bare httpa_sfv_boolean(bool v)
{
    return (struct httpa_sfv_bare){ .type = HTTPA_SFV_BOOLEAN,
                                    .integer = v ? 1 : 0 };
}

struct httpa_sfv_bare httpa_sfv_date(int64_t unix_s)
{
    return (struct httpa_sfv_bare){ .type = HTTPA_SFV_DATE, .integer = unix_s };
}

struct httpa_sfv_bare httpa_sfv_display(struct httpa_slice utf8)
{
    return (struct httpa_sfv_bare){ .type = HTTPA_SFV_DISPLAY, .text = utf8 };
}
