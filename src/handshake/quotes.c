#include "handshake/quotes.h"

/* SPKI of P-256 and Ed25519 keys are 91 and 44 bytes. */
#define QUOTE_KEY_MAX 128u
#define DIGEST_LEN 32u

static const struct {
    enum httpa_binding binding;
    const char *token;
} binding_names[] = {
    { HTTPA_BINDING_FRESH, "fresh" },
    { HTTPA_BINDING_KEY, "key" },
};

#define BINDINGS (sizeof(binding_names) / sizeof(binding_names[0]))

static struct httpa_sfv_bare binding_token(enum httpa_binding binding)
{
    const char *token = "";
    for (size_t i = 0; i < BINDINGS; i++) {
        if (binding_names[i].binding == binding) {
            token = binding_names[i].token;
        }
    }
    return httpa_sfv_token(httpa_slice_str(token));
}

void httpa_quotes_write(const struct httpa_quote *quotes, size_t n,
                        struct httpa_buf *out)
{
    struct httpa_sfv_writer w = httpa_sfv_writer_of(out);
    for (size_t i = 0; i < n; i++) {
        const struct httpa_quote *q = &quotes[i];
        httpa_sfv_put(&w, httpa_sfv_bytes(q->digest));
        httpa_sfv_put_param(&w, "type", httpa_sfv_string(q->type));
        httpa_sfv_put_param(&w, "binding", binding_token(q->binding));
        if (q->max_age_s > 0) {
            httpa_sfv_put_param(&w, "max-age", httpa_sfv_integer(q->max_age_s));
        }
        if (q->binding == HTTPA_BINDING_KEY) {
            httpa_sfv_put_param(&w, "key", httpa_sfv_bytes(q->key));
            httpa_sfv_put_param(&w, "not-before",
                                httpa_sfv_integer(q->not_before_s));
            httpa_sfv_put_param(&w, "not-after",
                                httpa_sfv_integer(q->not_after_s));
        }
    }
}

static const struct httpa_sfv_bare *
typed(const struct httpa_sfv *doc, const struct httpa_sfv_item *item,
      const char *key, enum httpa_sfv_type type)
{
    const struct httpa_sfv_bare *v = httpa_sfv_param(doc, item, key);
    return v != NULL && v->type == type ? v : NULL;
}

static bool is_there(const struct httpa_sfv *doc,
                     const struct httpa_sfv_item *item, const char *key)
{
    return httpa_sfv_param(doc, item, key) != NULL;
}

static enum httpa_err read_binding(const struct httpa_sfv_bare *token,
                                   enum httpa_binding *ret_binding)
{
    if (token == NULL) {
        return HTTPA_ERR_MALFORMED;
    }
    for (size_t i = 0; i < BINDINGS; i++) {
        if (httpa_slice_is(token->text, binding_names[i].token)) {
            *ret_binding = binding_names[i].binding;
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_UNSUPPORTED;
}

static enum httpa_err read_key(const struct httpa_sfv *doc,
                               const struct httpa_sfv_item *item,
                               struct httpa_quote *q)
{
    const struct httpa_sfv_bare *key = typed(doc, item, "key", HTTPA_SFV_BYTES);
    const struct httpa_sfv_bare *from =
        typed(doc, item, "not-before", HTTPA_SFV_INTEGER);
    const struct httpa_sfv_bare *to =
        typed(doc, item, "not-after", HTTPA_SFV_INTEGER);
    if (key == NULL || from == NULL || to == NULL || key->text.n == 0 ||
        key->text.n > QUOTE_KEY_MAX || from->integer < 0 || to->integer < 0) {
        return HTTPA_ERR_MALFORMED;
    }
    q->key = key->text;
    q->not_before_s = from->integer;
    q->not_after_s = to->integer;
    return HTTPA_OK;
}

/* `max-age`, and that the key's parameters stand where they belong only. */
static enum httpa_err read_rest(const struct httpa_sfv *doc,
                                const struct httpa_sfv_item *item,
                                struct httpa_quote *q)
{
    if (is_there(doc, item, "max-age")) {
        const struct httpa_sfv_bare *age =
            typed(doc, item, "max-age", HTTPA_SFV_INTEGER);
        if (age == NULL || age->integer < 1) {
            return HTTPA_ERR_MALFORMED;
        }
        q->max_age_s = age->integer;
    }
    if (q->binding == HTTPA_BINDING_KEY) {
        return read_key(doc, item, q);
    }
    return is_there(doc, item, "key") || is_there(doc, item, "not-before") ||
                   is_there(doc, item, "not-after")
               ? HTTPA_ERR_MALFORMED
               : HTTPA_OK;
}

static enum httpa_err read_quote(const struct httpa_sfv *doc,
                                 const struct httpa_sfv_item *item,
                                 struct httpa_quote *ret_quote)
{
    struct httpa_quote q = { 0 };
    const struct httpa_sfv_bare *type =
        typed(doc, item, "type", HTTPA_SFV_STRING);
    if (item->value.type != HTTPA_SFV_BYTES ||
        item->value.text.n != DIGEST_LEN || type == NULL || type->text.n == 0) {
        return HTTPA_ERR_MALFORMED;
    }
    q.digest = item->value.text;
    q.type = type->text;
    enum httpa_err err =
        read_binding(typed(doc, item, "binding", HTTPA_SFV_TOKEN), &q.binding);
    if (err == HTTPA_OK) {
        err = read_rest(doc, item, &q);
    }
    if (err == HTTPA_OK) {
        *ret_quote = q;
    }
    return err;
}

static bool same_key(const struct httpa_quote *a, const struct httpa_quote *b)
{
    return httpa_slice_equal(a->key, b->key) &&
           a->not_before_s == b->not_before_s &&
           a->not_after_s == b->not_after_s;
}

/* All `key` members name one quote key (doc/protocol.md 6.2). */
static bool one_key(const struct httpa_quote *quotes, size_t n)
{
    const struct httpa_quote *first = NULL;
    for (size_t i = 0; i < n; i++) {
        if (quotes[i].binding != HTTPA_BINDING_KEY) {
            continue;
        }
        if (first != NULL && !same_key(first, &quotes[i])) {
            return false;
        }
        first = &quotes[i];
    }
    return true;
}

enum httpa_err httpa_quotes_read(struct httpa_slice text,
                                 struct httpa_sfv_room *room,
                                 struct httpa_quote *quotes, size_t *ret_n)
{
    struct httpa_sfv doc = httpa_sfv_over(room);
    enum httpa_err err =
        httpa_sfv_read(&doc, HTTPA_SFV_LIST, text, HTTPA_SFV_STRICT);
    if (err == HTTPA_OK && doc.member_count > HTTPA_QUOTES_MAX) {
        err = HTTPA_ERR_RANGE;
    }
    for (size_t i = 0; err == HTTPA_OK && i < doc.member_count; i++) {
        err = read_quote(&doc, httpa_sfv_member(&doc, i), &quotes[i]);
    }
    if (err == HTTPA_OK && !one_key(quotes, doc.member_count)) {
        err = HTTPA_ERR_RANGE;
    }
    if (err == HTTPA_OK) {
        *ret_n = doc.member_count;
    }
    return err;
}

static void write_signature(struct httpa_sfv_writer *w, const char *label,
                            const struct httpa_signature *s)
{
    if (s->present) {
        httpa_sfv_put_member(w, httpa_slice_str(label),
                             httpa_sfv_bytes(s->bytes));
        httpa_sfv_put_param(
            w, "alg",
            httpa_sfv_token(httpa_slice_str(httpa_scheme_name(s->scheme))));
    }
}

void httpa_signatures_write(const struct httpa_signatures *s,
                            struct httpa_buf *out)
{
    struct httpa_sfv_writer w = httpa_sfv_writer_of(out);
    write_signature(&w, "service", &s->service);
    write_signature(&w, "quote", &s->quote);
}

static enum httpa_err read_signature(const struct httpa_sfv *doc,
                                     const char *label,
                                     struct httpa_signature *s)
{
    const struct httpa_sfv_item *item = httpa_sfv_find(doc, label);
    if (item == NULL) {
        return HTTPA_OK;
    }
    const struct httpa_sfv_bare *alg = typed(doc, item, "alg", HTTPA_SFV_TOKEN);
    if (item->value.type != HTTPA_SFV_BYTES || alg == NULL ||
        httpa_scheme_find(alg->text, &s->scheme) != HTTPA_OK) {
        return HTTPA_ERR_MALFORMED;
    }
    s->present = true;
    s->bytes = item->value.text;
    return HTTPA_OK;
}

enum httpa_err httpa_signatures_read(struct httpa_slice text,
                                     struct httpa_sfv_room *room,
                                     struct httpa_signatures *ret_signatures)
{
    struct httpa_sfv doc = httpa_sfv_over(room);
    struct httpa_signatures s = { 0 };
    enum httpa_err err =
        httpa_sfv_read(&doc, HTTPA_SFV_DICTIONARY, text, HTTPA_SFV_STRICT);
    if (err == HTTPA_OK) {
        err = read_signature(&doc, "service", &s.service);
    }
    if (err == HTTPA_OK) {
        err = read_signature(&doc, "quote", &s.quote);
    }
    if (err == HTTPA_OK) {
        *ret_signatures = s;
    }
    return err;
}
