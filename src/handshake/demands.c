#include "handshake/demands.h"

bool httpa_demands_accept(const struct httpa_demands *d,
                          enum httpa_binding binding)
{
    for (size_t i = 0; i < d->binding_count; i++) {
        if (d->bindings[i] == binding) {
            return true;
        }
    }
    return !d->names_bindings;
}

static struct httpa_sfv_bare token(const char *s)
{
    return httpa_sfv_token(httpa_slice_str(s));
}

static const struct {
    enum httpa_binding binding;
    const char *name;
} names[] = {
    { HTTPA_BINDING_FRESH, "fresh" },
    { HTTPA_BINDING_BATCH, "batch" },
    { HTTPA_BINDING_KEY, "key" },
};

static void write_binding(struct httpa_sfv_writer *w, enum httpa_binding b,
                          int64_t key_max_age_s)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].binding == b) {
            httpa_sfv_put(w, token(names[i].name));
        }
    }
    if (b == HTTPA_BINDING_KEY && key_max_age_s > 0) {
        httpa_sfv_put_param(w, "max-age", httpa_sfv_integer(key_max_age_s));
    }
}

void httpa_demands_write(const struct httpa_demands *d, struct httpa_buf *out)
{
    struct httpa_sfv_writer w = httpa_sfv_writer_of(out);
    if (d->direct) {
        httpa_sfv_put(&w, token("direct"));
    }
    if (d->indirect) {
        httpa_sfv_put(&w, token("indirect"));
    }
    for (size_t i = 0; i < d->binding_count; i++) {
        write_binding(&w, d->bindings[i], d->key_max_age_s);
    }
    if (d->allow_untrusted) {
        httpa_sfv_put(&w, token("allowUntrustedReq"));
    }
}

static enum httpa_err read_flag(struct httpa_slice t, struct httpa_demands *d)
{
    bool *flag = httpa_slice_is(t, "direct")              ? &d->direct
                 : httpa_slice_is(t, "indirect")          ? &d->indirect
                 : httpa_slice_is(t, "allowUntrustedReq") ? &d->allow_untrusted
                                                          : NULL;
    if (flag == NULL) {
        return HTTPA_OK; /* a Token of another version: not demanded of us */
    }
    if (*flag) {
        return HTTPA_ERR_MALFORMED;
    }
    *flag = true;
    return HTTPA_OK;
}

static enum httpa_err read_binding(const struct httpa_sfv_bare *max_age,
                                   enum httpa_binding binding,
                                   struct httpa_demands *d)
{
    if (d->names_bindings && httpa_demands_accept(d, binding)) {
        return HTTPA_ERR_MALFORMED; /* twice */
    }
    if (max_age != NULL &&
        (max_age->type != HTTPA_SFV_INTEGER || max_age->integer < 1)) {
        return HTTPA_ERR_MALFORMED;
    }
    if (binding == HTTPA_BINDING_KEY && max_age != NULL) {
        d->key_max_age_s = max_age->integer;
    }
    d->names_bindings = true;
    d->bindings[d->binding_count++] = binding;
    return HTTPA_OK;
}

static enum httpa_err read_member(const struct httpa_sfv *doc,
                                  const struct httpa_sfv_item *item,
                                  struct httpa_demands *d)
{
    if (item->value.type != HTTPA_SFV_TOKEN) {
        return HTTPA_ERR_MALFORMED;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (httpa_slice_is(item->value.text, names[i].name)) {
            return read_binding(httpa_sfv_param(doc, item, "max-age"),
                                names[i].binding, d);
        }
    }
    return read_flag(item->value.text, d);
}

static enum httpa_err read_all(struct httpa_slice text,
                               struct httpa_sfv_room *room,
                               struct httpa_demands *ret)
{
    struct httpa_sfv doc = httpa_sfv_over(room);
    struct httpa_demands d = { 0 };
    enum httpa_err err =
        httpa_sfv_read(&doc, HTTPA_SFV_LIST, text, HTTPA_SFV_STRICT);
    for (size_t i = 0; err == HTTPA_OK && i < doc.member_count; i++) {
        err = read_member(&doc, httpa_sfv_member(&doc, i), &d);
    }
    if (err == HTTPA_OK) {
        *ret = d;
    }
    return err;
}

enum httpa_err httpa_demands_read(struct httpa_slice text,
                                  struct httpa_sfv_room *room,
                                  struct httpa_demands *ret_demands)
{
    struct httpa_demands d;
    enum httpa_err err = read_all(text, room, &d);
    if (err != HTTPA_OK) {
        return err;
    }
    if (d.names_bindings && httpa_demands_accept(&d, HTTPA_BINDING_KEY) &&
        d.key_max_age_s == 0) {
        return HTTPA_ERR_MALFORMED;
    }
    if (d.direct && d.indirect) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret_demands = d;
    return HTTPA_OK;
}

enum httpa_err httpa_grants_read(struct httpa_slice text,
                                 struct httpa_sfv_room *room,
                                 struct httpa_demands *ret_grants)
{
    return read_all(text, room, ret_grants);
}

static const char *const creation_names[] = {
    [HTTPA_CREATION_NONE] = "",
    [HTTPA_CREATION_NEW] = "new",
    [HTTPA_CREATION_REUSE] = "reuse",
    [HTTPA_CREATION_SHARED] = "shared",
};

const char *httpa_creation_name(enum httpa_creation c)
{
    return creation_names[c];
}

enum httpa_creation httpa_creation_find(struct httpa_slice t)
{
    for (enum httpa_creation c = HTTPA_CREATION_NEW; c <= HTTPA_CREATION_SHARED;
         c++) {
        if (httpa_slice_is(t, creation_names[c])) {
            return c;
        }
    }
    return HTTPA_CREATION_NONE;
}
