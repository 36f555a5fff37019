#include "handshake/choice.h"

bool httpa_list_has(struct httpa_slice list, struct httpa_slice token,
                    struct httpa_sfv_room *room)
{
    struct httpa_sfv doc = httpa_sfv_over(room);
    if (httpa_sfv_read(&doc, HTTPA_SFV_LIST, list, HTTPA_SFV_STRICT) !=
        HTTPA_OK) {
        return false;
    }
    for (size_t i = 0; i < doc.member_count; i++) {
        const struct httpa_sfv_bare *v = &httpa_sfv_member(&doc, i)->value;
        if (v->type == HTTPA_SFV_TOKEN && httpa_slice_equal(v->text, token)) {
            return true;
        }
    }
    return false;
}

enum httpa_err
httpa_choose_version(struct httpa_slice versions, struct httpa_sfv_room *room)
{
    struct httpa_slice ours = httpa_slice_str(HTTPA_VERSION_TOKEN);
    return httpa_list_has(versions, ours, room) ? HTTPA_OK : HTTPA_ERR_VERSION;
}

enum httpa_err httpa_choose_suite(struct httpa_slice suites,
                                  struct httpa_sfv_room *room,
                                  const struct httpa_suite **ret_suite)
{
    struct httpa_sfv doc = httpa_sfv_over(room);
    enum httpa_err err =
        httpa_sfv_read(&doc, HTTPA_SFV_LIST, suites, HTTPA_SFV_STRICT);
    if (err != HTTPA_OK) {
        return err;
    }
    for (size_t i = 0; i < doc.member_count; i++) {
        const struct httpa_suite *suite =
            httpa_suite_find(httpa_sfv_member(&doc, i)->value.text);
        if (suite != NULL) {
            *ret_suite = suite;
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_SUITE;
}

static const struct httpa_sfv_bare *
group_of(const struct httpa_sfv *doc, const struct httpa_sfv_item *item)
{
    const struct httpa_sfv_bare *g = httpa_sfv_param(doc, item, "group");
    return g != NULL && g->type == HTTPA_SFV_TOKEN ? g : NULL;
}

static bool same_group(const struct httpa_sfv *groups,
                       const struct httpa_sfv *shares, size_t i)
{
    const struct httpa_sfv_item *group = httpa_sfv_member(groups, i);
    const struct httpa_sfv_item *share = httpa_sfv_member(shares, i);
    const struct httpa_sfv_bare *named = group_of(shares, share);
    return named != NULL && group->value.type == HTTPA_SFV_TOKEN &&
           share->value.type == HTTPA_SFV_BYTES &&
           httpa_slice_equal(group->value.text, named->text);
}

enum httpa_err httpa_check_shares(struct httpa_slice groups,
                                  struct httpa_slice shares,
                                  struct httpa_sfv_room *group_room,
                                  struct httpa_sfv_room *share_room)
{
    struct httpa_sfv g = httpa_sfv_over(group_room);
    struct httpa_sfv s = httpa_sfv_over(share_room);
    if (httpa_sfv_read(&g, HTTPA_SFV_LIST, groups, HTTPA_SFV_STRICT) !=
            HTTPA_OK ||
        httpa_sfv_read(&s, HTTPA_SFV_LIST, shares, HTTPA_SFV_STRICT) !=
            HTTPA_OK ||
        g.member_count != s.member_count) {
        return HTTPA_ERR_MALFORMED;
    }
    for (size_t i = 0; i < g.member_count; i++) {
        if (!same_group(&g, &s, i)) {
            return HTTPA_ERR_MALFORMED;
        }
    }
    return HTTPA_OK;
}

enum httpa_err httpa_choose_group(const struct httpa_crypto *crypto,
                                  struct httpa_slice shares,
                                  struct httpa_sfv_room *room,
                                  const struct httpa_group **ret_group,
                                  struct httpa_slice *ret_share)
{
    struct httpa_sfv doc = httpa_sfv_over(room);
    enum httpa_err err =
        httpa_sfv_read(&doc, HTTPA_SFV_LIST, shares, HTTPA_SFV_STRICT);
    if (err != HTTPA_OK) {
        return err;
    }
    for (size_t i = 0; i < doc.member_count; i++) {
        const struct httpa_sfv_item *item = httpa_sfv_member(&doc, i);
        const struct httpa_sfv_bare *name = group_of(&doc, item);
        const struct httpa_group *group =
            name != NULL ? httpa_group_find(name->text) : NULL;
        if (group != NULL && httpa_group_available(crypto, group)) {
            *ret_group = group;
            *ret_share = item->value.text;
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_GROUP;
}

void httpa_share_put(struct httpa_sfv_writer *w,
                     const struct httpa_group *group, struct httpa_slice share)
{
    httpa_sfv_put(w, httpa_sfv_bytes(share));
    httpa_sfv_put_param(w, "group",
                        httpa_sfv_token(httpa_slice_str(group->name)));
}

enum httpa_err
httpa_share_read(struct httpa_slice text, const struct httpa_group *group,
                 struct httpa_sfv_room *room, struct httpa_slice *ret_share)
{
    struct httpa_sfv doc = httpa_sfv_over(room);
    enum httpa_err err =
        httpa_sfv_read(&doc, HTTPA_SFV_ITEM, text, HTTPA_SFV_STRICT);
    if (err != HTTPA_OK) {
        return err;
    }
    const struct httpa_sfv_item *item = httpa_sfv_member(&doc, 0);
    const struct httpa_sfv_bare *name = group_of(&doc, item);
    if (name == NULL || item->value.type != HTTPA_SFV_BYTES) {
        return HTTPA_ERR_MALFORMED;
    }
    if (!httpa_slice_is(name->text, group->name)) {
        return HTTPA_ERR_OFFER;
    }
    *ret_share = item->value.text;
    return HTTPA_OK;
}
