#include "handshake/judge.h"

#include <string.h>

#include "handshake/choice.h"
#include "handshake/content.h"

/* One judgement: what is judged, what comes out, and room to parse in. */
struct case_file {
    const struct httpa_aths_rules *rules;
    const struct httpa_ahl *request;
    struct httpa_slice content;
    struct httpa_aths_choice *choice;
    struct httpa_sfv_room room;
    struct httpa_sfv_room more;
};

static struct httpa_slice
text(const struct case_file *c, enum httpa_field_id id)
{
    return httpa_ahl_text(c->request, id);
}

static enum httpa_err draining(struct case_file *c)
{
    return c->rules->draining ? HTTPA_ERR_BUSY : HTTPA_OK;
}

static enum httpa_err version(struct case_file *c)
{
    return httpa_choose_version(text(c, HTTPA_FIELD_VERSIONS), &c->room);
}

static enum httpa_err target(struct case_file *c)
{
    uint8_t room[HTTPA_LIMIT_TARGET];
    struct httpa_buf wanted = httpa_buf_fixed(room, sizeof(room));
    enum httpa_err err =
        httpa_ahl_string(c->request, HTTPA_FIELD_TARGET, &wanted);
    if (err != HTTPA_OK) {
        return err;
    }
    for (size_t i = 0; i < c->rules->origin_count; i++) {
        if (httpa_slice_is(httpa_buf_slice(&wanted), c->rules->origins[i])) {
            c->choice->origin = c->rules->origins[i];
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_TARGET;
}

static enum httpa_err suite(struct case_file *c)
{
    return httpa_choose_suite(text(c, HTTPA_FIELD_CIPHER_SUITES), &c->room,
                              &c->choice->suite);
}

static enum httpa_err shares(struct case_file *c)
{
    return httpa_check_shares(text(c, HTTPA_FIELD_SUPPORTED_GROUPS),
                              text(c, HTTPA_FIELD_KEY_SHARES), &c->room,
                              &c->more);
}

static enum httpa_err group(struct case_file *c)
{
    struct httpa_slice share;
    enum httpa_err err =
        httpa_choose_group(c->rules->crypto, text(c, HTTPA_FIELD_KEY_SHARES),
                           &c->room, &c->choice->group, &share);
    if (err != HTTPA_OK) {
        return err;
    }
    /* One of another length is refused by the key exchange, in its turn. */
    if (share.n <= sizeof(c->choice->share)) {
        memcpy(c->choice->share, share.p, share.n);
        c->choice->share_len = share.n;
    }
    return HTTPA_OK;
}

static enum httpa_err date(struct case_file *c)
{
    int64_t window = c->rules->date_window_s;
    int64_t client_s;
    if (window == 0) {
        return HTTPA_OK;
    }
    if (httpa_ahl_date(c->request, HTTPA_FIELD_DATE, &client_s) != HTTPA_OK) {
        return HTTPA_ERR_DATE;
    }
    int64_t off = client_s - c->rules->now_s;
    return off > window || off < -window ? HTTPA_ERR_DATE : HTTPA_OK;
}

/* No first-flight proof is verified in this version, and none is passed off
 * as verified (doc/protocol.md 18.1). */
static enum httpa_err client(struct case_file *c)
{
    return httpa_ahl_has(c->request, HTTPA_FIELD_QUOTES) ||
                   httpa_ahl_has(c->request, HTTPA_FIELD_SIGNATURES)
               ? HTTPA_ERR_REFUSED
               : HTTPA_OK;
}

static bool can_serve(const struct case_file *c, const struct httpa_demands *d,
                      enum httpa_binding binding)
{
    int64_t key_age_s = c->rules->quote_key_age_s;
    if (binding == HTTPA_BINDING_FRESH) {
        return c->rules->has_fresh;
    }
    return binding == HTTPA_BINDING_KEY && key_age_s > 0 &&
           (d->key_max_age_s == 0 || key_age_s <= d->key_max_age_s);
}

static enum httpa_err
choose_binding(struct case_file *c, const struct httpa_demands *d)
{
    static const enum httpa_binding ours[] = { HTTPA_BINDING_FRESH,
                                               HTTPA_BINDING_KEY };
    const enum httpa_binding *list = d->names_bindings ? d->bindings : ours;
    size_t n = d->names_bindings ? d->binding_count : 2;
    c->choice->also_key = d->names_bindings &&
                          httpa_demands_accept(d, HTTPA_BINDING_KEY) &&
                          can_serve(c, d, HTTPA_BINDING_KEY);
    for (size_t i = 0; i < n; i++) {
        if (can_serve(c, d, list[i])) {
            c->choice->binding = list[i];
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_POLICY;
}

static enum httpa_err policies(struct case_file *c)
{
    struct httpa_demands d = { 0 };
    if (httpa_ahl_has(c->request, HTTPA_FIELD_POLICIES)) {
        enum httpa_err err =
            httpa_demands_read(text(c, HTTPA_FIELD_POLICIES), &c->room, &d);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    if (d.direct) {
        return HTTPA_ERR_POLICY; /* one instance, and it attests itself */
    }
    c->choice->allow_untrusted = d.allow_untrusted;
    return choose_binding(c, &d);
}

/* The application behind is common to all: `shared` (doc/protocol.md 5.2). */
static enum httpa_err creation(struct case_file *c)
{
    if (!httpa_ahl_has(c->request, HTTPA_FIELD_BASE_CREATION)) {
        return HTTPA_OK;
    }
    return httpa_list_has(
               text(c, HTTPA_FIELD_BASE_CREATION),
               httpa_slice_str(httpa_creation_name(HTTPA_CREATION_SHARED)),
               &c->room)
               ? HTTPA_OK
               : HTTPA_ERR_POLICY;
}

/* The only member that a service of this version can judge of itself. */
static bool blocks(const struct case_file *c, const struct httpa_sfv *doc,
                   const struct httpa_sfv_item *item)
{
    const struct httpa_sfv_bare *kind = httpa_sfv_param(doc, item, "kind");
    return kind != NULL && httpa_slice_is(kind->text, "base") &&
           item->value.type == HTTPA_SFV_TOKEN &&
           httpa_slice_is(item->value.text, c->rules->label);
}

static enum httpa_err blocklist(struct case_file *c)
{
    struct httpa_sfv doc;
    enum httpa_err err =
        httpa_ahl_parse(c->request, HTTPA_FIELD_BLOCKLIST, &c->room, &doc);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    for (size_t i = 0; err == HTTPA_OK && i < doc.member_count; i++) {
        err = blocks(c, &doc, httpa_sfv_member(&doc, i)) ? HTTPA_ERR_POLICY
                                                         : HTTPA_OK;
    }
    return err;
}

static enum httpa_err content(struct case_file *c)
{
    return httpa_aths_content_check(c->content);
}

typedef enum httpa_err (*check_fn)(struct case_file *c);

/* doc/protocol.md 5.8, checks 3 to 13; before them httpa_ahl_read, after them
 * the table of bases and the key exchange. */
static const check_fn checks[] = {
    draining, version, target,   suite,    shares,    group,
    date,     client,  policies, creation, blocklist, content,
};

enum httpa_err httpa_aths_judge(const struct httpa_aths_rules *rules,
                                const struct httpa_ahl *request,
                                struct httpa_slice content_in,
                                struct httpa_aths_choice *ret_choice)
{
    struct httpa_aths_choice choice = { 0 };
    struct case_file c = { .rules = rules,
                           .request = request,
                           .content = content_in,
                           .choice = &choice };
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        enum httpa_err err = checks[i](&c);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    *ret_choice = choice;
    return HTTPA_OK;
}
