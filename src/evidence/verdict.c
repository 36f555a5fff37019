#include "evidence/verdict.h"

#include <stdlib.h>
#include <string.h>

struct httpa_verdict *httpa_verdict_new(void)
{
    struct httpa_verdict *v = malloc(sizeof(*v));
    if (v != NULL) {
        memset(v, 0, offsetof(struct httpa_verdict, text));
        v->exit = HTTPA_EXIT_REFUSED;
    }
    return v;
}

void httpa_verdict_free(struct httpa_verdict *v)
{
    free(v);
}

/* ---------------------------------------------------------------- memory */

static void *room(struct httpa_verdict *v, size_t n, size_t align)
{
    size_t at = (v->text_used + align - 1) / align * align;
    if (at > sizeof(v->text) || n > sizeof(v->text) - at) {
        v->spoilt = true;
        return NULL;
    }
    v->text_used = at + n;
    return v->text + at;
}

struct httpa_slice httpa_verdict_copy(struct httpa_verdict *v,
                                      struct httpa_slice s)
{
    uint8_t *to = s.n > 0 ? room(v, s.n, 1) : NULL;
    if (to == NULL) {
        return (struct httpa_slice){ 0 };
    }
    memcpy(to, s.p, s.n);
    return httpa_slice_of(to, s.n);
}

const char *httpa_verdict_join(struct httpa_verdict *v,
                               const char *const *parts, size_t count)
{
    size_t n = 1;
    for (size_t i = 0; i < count; i++) {
        n += strlen(parts[i]);
    }
    char *to = room(v, n, 1);
    if (to == NULL) {
        return "";
    }
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(parts[i]);
        memcpy(to + at, parts[i], len);
        at += len;
    }
    to[at] = '\0';
    return to;
}

static struct httpa_value copy_value(struct httpa_verdict *v,
                                     struct httpa_value value)
{
    if (value.type == HTTPA_VALUE_TEXT || value.type == HTTPA_VALUE_BYTES) {
        value.bytes = httpa_verdict_copy(v, value.bytes);
    }
    if (value.type != HTTPA_VALUE_TEXTS || value.count == 0) {
        return value;
    }
    struct httpa_slice *to = NULL;
    if (value.count <= HTTPA_VERDICT_TEXT_MAX / sizeof(*to)) {
        to = room(v, value.count * sizeof(*to), alignof(struct httpa_slice));
    }
    if (to == NULL) {
        v->spoilt = true;
        return (struct httpa_value){ 0 };
    }
    for (size_t i = 0; i < value.count; i++) {
        to[i] = httpa_verdict_copy(v, value.texts[i]);
    }
    value.texts = to;
    return value;
}

struct httpa_verdict_mark httpa_verdict_mark(const struct httpa_verdict *v)
{
    return (struct httpa_verdict_mark){ .check_count = v->check_count,
                                        .claim_count = v->claim_count,
                                        .open_count = v->open_count,
                                        .text_used = v->text_used };
}

void httpa_verdict_rewind(struct httpa_verdict *v,
                          struct httpa_verdict_mark mark)
{
    v->check_count = mark.check_count;
    v->claim_count = mark.claim_count;
    v->open_count = mark.open_count;
    v->text_used = mark.text_used;
}

/* --------------------------------------------------------------- writing */

static const struct httpa_claim *find(const struct httpa_verdict *v,
                                      unsigned of, struct httpa_slice name)
{
    for (size_t i = 0; i < v->claim_count; i++) {
        if (v->claims[i].of == of &&
            httpa_slice_equal(v->claims[i].name, name)) {
            return &v->claims[i];
        }
    }
    return NULL;
}

void httpa_verdict_add_claim(struct httpa_verdict *v,
                             const struct httpa_claim *c)
{
    if (v->claim_count == HTTPA_VERDICT_CLAIMS_MAX ||
        find(v, c->of, c->name) != NULL) {
        v->spoilt = true;
        return;
    }
    v->claims[v->claim_count++] = (struct httpa_claim){
        .of = c->of,
        .name = httpa_verdict_copy(v, c->name),
        .value = copy_value(v, c->value),
        .measured = c->measured,
    };
}

void httpa_verdict_claim(struct httpa_verdict *v, unsigned of,
                         const char *name, struct httpa_value value)
{
    httpa_verdict_add_claim(
        v, &(struct httpa_claim){
               .of = of, .name = httpa_slice_str(name), .value = value });
}

void httpa_verdict_measured(struct httpa_verdict *v, unsigned of,
                            struct httpa_slice name, struct httpa_value value)
{
    httpa_verdict_add_claim(v, &(struct httpa_claim){ .of = of,
                                                      .name = name,
                                                      .value = value,
                                                      .measured = true });
}

void httpa_verdict_check(struct httpa_verdict *v,
                         const struct httpa_check *check)
{
    if (v->check_count == HTTPA_VERDICT_CHECKS_MAX) {
        v->spoilt = true;
        return;
    }
    struct httpa_check *c = &v->checks[v->check_count++];
    *c = *check;
    c->seen = copy_value(v, check->seen);
    c->expected = copy_value(v, check->expected);
}

void httpa_verdict_open(struct httpa_verdict *v, struct httpa_slice name)
{
    if (v->open_count == HTTPA_VERDICT_CLAIMS_MAX) {
        v->spoilt = true;
        return;
    }
    v->open[v->open_count++] = name;
}

/* --------------------------------------------------------------- reading */

enum httpa_result httpa_verdict_result(const struct httpa_verdict *v)
{
    return v->result;
}

enum httpa_exit httpa_verdict_exit(const struct httpa_verdict *v)
{
    return v->exit;
}

enum httpa_outcome httpa_verdict_cryptographic(const struct httpa_verdict *v)
{
    return v->cryptographic;
}

enum httpa_outcome httpa_verdict_policy(const struct httpa_verdict *v)
{
    return v->policy;
}

struct httpa_reason httpa_verdict_reason(const struct httpa_verdict *v)
{
    return v->reason;
}

const struct httpa_verdict_facts *
httpa_verdict_facts(const struct httpa_verdict *v)
{
    return &v->facts;
}

/* Worst first: a skipped check takes nothing from those that were made. */
enum httpa_outcome httpa_verdict_word(const struct httpa_verdict *v,
                                      enum httpa_word word)
{
    static const enum httpa_outcome order[] = {
        HTTPA_OUTCOME_FAIL, HTTPA_OUTCOME_UNKNOWN, HTTPA_OUTCOME_WARN,
        HTTPA_OUTCOME_PASS, HTTPA_OUTCOME_SKIP
    };
    for (size_t o = 0; o < sizeof(order) / sizeof(order[0]); o++) {
        for (size_t i = 0; i < v->check_count; i++) {
            if (v->checks[i].word == word && v->checks[i].outcome == order[o]) {
                return order[o];
            }
        }
    }
    return HTTPA_OUTCOME_UNKNOWN;
}

size_t httpa_verdict_item_count(const struct httpa_verdict *v)
{
    return v->item_count;
}

const struct httpa_verdict_item *
httpa_verdict_item_at(const struct httpa_verdict *v, size_t i)
{
    return i < v->item_count ? &v->items[i] : NULL;
}

size_t httpa_verdict_claim_count(const struct httpa_verdict *v)
{
    return v->claim_count;
}

const struct httpa_claim *httpa_verdict_claim_at(const struct httpa_verdict *v,
                                                 size_t i)
{
    return i < v->claim_count ? &v->claims[i] : NULL;
}

size_t httpa_verdict_check_count(const struct httpa_verdict *v)
{
    return v->check_count;
}

const struct httpa_check *httpa_verdict_check_at(const struct httpa_verdict *v,
                                                 size_t i)
{
    return i < v->check_count ? &v->checks[i] : NULL;
}

const struct httpa_claim *httpa_verdict_find(const struct httpa_verdict *v,
                                             unsigned of, const char *name)
{
    return find(v, of, httpa_slice_str(name));
}

const char *httpa_outcome_name(enum httpa_outcome outcome)
{
    static const char *const names[] = { "unknown", "fail", "warn", "pass",
                                         "skip" };
    return names[outcome];
}

const char *httpa_result_name(enum httpa_result result)
{
    static const char *const names[] = { "refused", "undecided",
                                         "accepted_with_warnings", "accepted" };
    return names[result];
}
