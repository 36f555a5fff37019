#include "wire/fields.h"

#include "wire/base_id.h"
#include "wire/limits.h"
#include "wire/target.h"

#define SEALED_QUOTES HTTPA_PLACE_ATHS_SEALED
#define EVERYWHERE (~0u)

#define SECONDS .min = 1, .max = HTTPA_LIMIT_AGE_S
#define COUNT .min = 0, .max = HTTPA_SFV_INTEGER_MAX
#define FREE .min = 0, .max = INT64_MAX

/* A parameter that a field knows; others are covered and ignored. */
struct param_row {
    enum httpa_field_id id;
    const char *key;
    enum httpa_sfv_type type;
    unsigned may;  /* places in which it has a meaning */
    unsigned must; /* places in which every member has it */
    int64_t min;   /* an Integer's value, or bytes of another */
    int64_t max;
};

#define P(field, name, kind, where, always, ...)                           \
    { HTTPA_FIELD_##field, name, HTTPA_SFV_##kind, where, always,          \
      __VA_ARGS__ }

/* Base-ID: in the answer to a handshake and in an announced end. */
#define BASE_ENDS (HTTPA_PLACE_ATHS_RESPONSE | HTTPA_PLACE_RESPONSE_INNER)

static const struct param_row params[] = {
    P(KEY_SHARES, "group", TOKEN, EVERYWHERE, EVERYWHERE, FREE),
    P(KEY_SHARE, "group", TOKEN, EVERYWHERE, EVERYWHERE, FREE),
    P(POLICIES, "max-age", INTEGER, EVERYWHERE, 0, SECONDS),
    P(BLOCKLIST, "kind", TOKEN, EVERYWHERE, EVERYWHERE, FREE),
    P(BASE_ID, "max-age", INTEGER, BASE_ENDS, BASE_ENDS, SECONDS),
    P(BASE_ID, "idle", INTEGER, BASE_ENDS, 0, .min = HTTPA_LIMIT_IDLE_MIN_S,
      .max = HTTPA_LIMIT_AGE_S),
    P(QUOTES, "type", STRING, SEALED_QUOTES, SEALED_QUOTES, FREE),
    P(QUOTES, "binding", TOKEN, SEALED_QUOTES, SEALED_QUOTES, FREE),
    P(QUOTES, "max-age", INTEGER, SEALED_QUOTES, 0, .min = 1,
      .max = HTTPA_SFV_INTEGER_MAX),
    P(QUOTES, "key", BYTES, SEALED_QUOTES, 0, .min = 1,
      .max = HTTPA_LIMIT_QUOTE_KEY),
    P(QUOTES, "not-before", INTEGER, SEALED_QUOTES, 0, COUNT),
    P(QUOTES, "not-after", INTEGER, SEALED_QUOTES, 0, COUNT),
    P(SIGNATURES, "alg", TOKEN, EVERYWHERE, EVERYWHERE, FREE),
    P(TICKET, "mac", BYTES, EVERYWHERE, EVERYWHERE, .min = 16, .max = 16),
    P(TICKET, "protect", TOKEN, EVERYWHERE, 0, FREE),
    P(BINDER, "protect", TOKEN, HTTPA_PLACE_RESPONSE, 0, FREE),
    P(ERROR, "at", TOKEN, HTTPA_PLACE_REFUSAL, 0, FREE),
};

static const struct param_row *find_param(enum httpa_field_id id,
                                          struct httpa_slice key,
                                          enum httpa_place place)
{
    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        if (params[i].id == id && (params[i].may & place) != 0 &&
            httpa_slice_is(key, params[i].key)) {
            return &params[i];
        }
    }
    return NULL;
}

static bool in_range(const struct httpa_sfv_bare *v, int64_t min, int64_t max)
{
    int64_t n =
        v->type == HTTPA_SFV_INTEGER ? v->integer : (int64_t)v->text.n;
    return n >= min && n <= max;
}

/* No formula covers ticket and binder themselves, so nothing may hide in
 * their parameters (doc/protocol.md 4.1, rule 7). */
static bool covered(enum httpa_field_id id)
{
    return id != HTTPA_FIELD_TICKET && id != HTTPA_FIELD_BINDER;
}

static enum httpa_err check_known_params(enum httpa_field_id id,
                                         enum httpa_place place,
                                         const struct httpa_sfv *doc,
                                         const struct httpa_sfv_item *item)
{
    for (size_t i = 0; i < item->param_count; i++) {
        const struct httpa_sfv_param *p = httpa_sfv_param_at(doc, item, i);
        const struct param_row *row = find_param(id, p->key, place);
        if (row == NULL) {
            if (!covered(id)) {
                return HTTPA_ERR_MALFORMED;
            }
        } else if (p->value.type != row->type) {
            return HTTPA_ERR_MALFORMED;
        } else if (!in_range(&p->value, row->min, row->max)) {
            return HTTPA_ERR_RANGE;
        }
    }
    return HTTPA_OK;
}

static enum httpa_err check_needed_params(enum httpa_field_id id,
                                          enum httpa_place place,
                                          const struct httpa_sfv *doc,
                                          const struct httpa_sfv_item *item)
{
    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        if (params[i].id == id && (params[i].must & place) != 0 &&
            httpa_sfv_param(doc, item, params[i].key) == NULL) {
            return HTTPA_ERR_MISSING;
        }
    }
    return HTTPA_OK;
}

static enum httpa_err check_item(enum httpa_field_id id,
                                 enum httpa_place place,
                                 const struct httpa_sfv *doc,
                                 const struct httpa_sfv_item *item)
{
    const struct httpa_field_row *row = httpa_field_row(id);
    if ((row->types & 1u << item->value.type) == 0) {
        return HTTPA_ERR_MALFORMED;
    }
    if (!in_range(&item->value, row->min, row->max)) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = check_known_params(id, place, doc, item);
    return err != HTTPA_OK ? err : check_needed_params(id, place, doc, item);
}

static bool same(const struct httpa_sfv_bare *a,
                 const struct httpa_sfv_bare *b)
{
    return a->integer == b->integer && httpa_slice_equal(a->text, b->text);
}

/* Lists of Tokens or of Integers: rule 8 of doc/protocol.md 4.1.  At most 64
 * members, so at most 2,016 comparisons. */
static enum httpa_err check_repeated(const struct httpa_field_row *row,
                                     const struct httpa_sfv *doc)
{
    bool compared = row->types == 1u << HTTPA_SFV_TOKEN ||
                    row->types == 1u << HTTPA_SFV_INTEGER;
    for (size_t i = 1; i < doc->member_count && compared; i++) {
        for (size_t j = 0; j < i; j++) {
            if (same(&doc->members[i].value, &doc->members[j].value)) {
                return HTTPA_ERR_DUPLICATE;
            }
        }
    }
    return HTTPA_OK;
}

/* ---- grammars of single fields ---------------------------------------- */

static bool is_word(struct httpa_slice s, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (httpa_slice_is(s, *words)) {
            return true;
        }
    }
    return false;
}

static bool has_token(const struct httpa_sfv *doc, const char *token)
{
    for (size_t i = 0; i < doc->member_count; i++) {
        if (httpa_slice_is(doc->members[i].value.text, token)) {
            return true;
        }
    }
    return false;
}

/* An Item's unknown Token is an error; a List's is skipped. */
static enum httpa_err check_creation(enum httpa_place place,
                                     const struct httpa_sfv *doc)
{
    static const char *const words[] = { "new", "reuse", "shared", NULL };
    bool fine = place == HTTPA_PLACE_ATHS_REQUEST ||
                is_word(doc->members[0].value.text, words);
    return fine ? HTTPA_OK : HTTPA_ERR_MALFORMED;
}

static enum httpa_err check_termination(enum httpa_place place,
                                        const struct httpa_sfv *doc)
{
    static const char *const words[] = { "cleanup", "destroy", "keep", NULL };
    (void)place;
    return is_word(doc->members[0].value.text, words) ? HTTPA_OK
                                                      : HTTPA_ERR_MALFORMED;
}

static enum httpa_err check_base_id(enum httpa_place place,
                                    const struct httpa_sfv *doc)
{
    struct httpa_base_id id;
    (void)place;
    return httpa_base_id_read(doc->members[0].value.text, &id);
}

static enum httpa_err check_target(enum httpa_place place,
                                   const struct httpa_sfv *doc)
{
    struct httpa_target target;
    (void)place;
    return httpa_target_read(doc->members[0].value.text, &target);
}

static enum httpa_err check_protect(enum httpa_place place,
                                    const struct httpa_sfv *doc)
{
    const struct httpa_sfv_bare *p =
        httpa_sfv_param(doc, &doc->members[0], "protect");
    (void)place;
    return p == NULL || httpa_slice_is(p->text, "seal") ? HTTPA_OK
                                                        : HTTPA_ERR_MALFORMED;
}

/* 16 bytes under a base, a hash's length in the handshake. */
static enum httpa_err check_binder(enum httpa_place place,
                                   const struct httpa_sfv *doc)
{
    size_t n = doc->members[0].value.text.n;
    bool fine =
        place == HTTPA_PLACE_ATHS_FINISHED ? n == 32 || n == 48 : n == 16;
    return fine ? check_protect(place, doc) : HTTPA_ERR_RANGE;
}

/* A demand for `key` says how old; what was granted repeats no age. */
static enum httpa_err check_policies(enum httpa_place place,
                                     const struct httpa_sfv *doc)
{
    bool asked = place == HTTPA_PLACE_ATHS_REQUEST;
    for (size_t i = 0; i < doc->member_count; i++) {
        const struct httpa_sfv_item *m = &doc->members[i];
        bool aged = httpa_sfv_param(doc, m, "max-age") != NULL;
        if (httpa_slice_is(m->value.text, "key") && aged != asked) {
            return asked ? HTTPA_ERR_MISSING : HTTPA_ERR_MALFORMED;
        }
    }
    return has_token(doc, "direct") && has_token(doc, "indirect")
               ? HTTPA_ERR_MALFORMED
               : HTTPA_OK;
}

/* Key and times of binding `key` stand there and nowhere else. */
static enum httpa_err check_quotes(enum httpa_place place,
                                   const struct httpa_sfv *doc)
{
    static const char *const keyed[] = { "key", "not-before", "not-after" };
    for (size_t i = 0; i < doc->member_count && place == SEALED_QUOTES; i++) {
        const struct httpa_sfv_item *m = &doc->members[i];
        bool is_key = httpa_slice_is(
            httpa_sfv_param(doc, m, "binding")->text, "key");
        for (size_t k = 0; k < sizeof(keyed) / sizeof(keyed[0]); k++) {
            if ((httpa_sfv_param(doc, m, keyed[k]) != NULL) != is_key) {
                return is_key ? HTTPA_ERR_MISSING : HTTPA_ERR_MALFORMED;
            }
        }
    }
    return HTTPA_OK;
}

static enum httpa_err check_blocklist(enum httpa_place place,
                                      const struct httpa_sfv *doc)
{
    static const struct {
        const char *kind;
        enum httpa_sfv_type type;
    } kinds[] = {
        { "measurement", HTTPA_SFV_BYTES }, { "chip", HTTPA_SFV_BYTES },
        { "signer", HTTPA_SFV_BYTES },      { "base", HTTPA_SFV_TOKEN },
        { "svn", HTTPA_SFV_STRING },
    };
    (void)place;
    for (size_t i = 0; i < doc->member_count; i++) {
        const struct httpa_sfv_item *m = &doc->members[i];
        const struct httpa_sfv_bare *kind = httpa_sfv_param(doc, m, "kind");
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            if (httpa_slice_is(kind->text, kinds[k].kind) &&
                m->value.type != kinds[k].type) {
                return HTTPA_ERR_MALFORMED;
            }
        }
    }
    return HTTPA_OK;
}

typedef enum httpa_err (*grammar_fn)(enum httpa_place place,
                                     const struct httpa_sfv *doc);

static const grammar_fn grammars[HTTPA_FIELD_COUNT] = {
    [HTTPA_FIELD_BASE_CREATION] = check_creation,
    [HTTPA_FIELD_BASE_ID] = check_base_id,
    [HTTPA_FIELD_BASE_TERMINATION] = check_termination,
    [HTTPA_FIELD_BINDER] = check_binder,
    [HTTPA_FIELD_BLOCKLIST] = check_blocklist,
    [HTTPA_FIELD_POLICIES] = check_policies,
    [HTTPA_FIELD_QUOTES] = check_quotes,
    [HTTPA_FIELD_TARGET] = check_target,
    [HTTPA_FIELD_TICKET] = check_protect,
};

enum httpa_err httpa_field_check(enum httpa_field_id id,
                                 enum httpa_place place,
                                 const struct httpa_sfv *doc)
{
    const struct httpa_field_row *row = httpa_field_row(id);
    bool sealed = (place & HTTPA_PLACES_SEALED) != 0;
    if ((row->may & place) == 0) {
        return HTTPA_ERR_PLACE;
    }
    if (doc->member_count > (sealed ? row->sealed : row->clear).members) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; i < doc->member_count && err == HTTPA_OK; i++) {
        err = check_item(id, place, doc, &doc->members[i]);
    }
    if (err == HTTPA_OK) {
        err = check_repeated(row, doc);
    }
    if (err == HTTPA_OK && grammars[id] != NULL) {
        err = grammars[id](place, doc);
    }
    return err;
}
