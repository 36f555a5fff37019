/* The document of doc/policy.md, "Verdict". */
#include "codec/json.h"
#include "evidence/verdict.h"

#define DAY_S 86400

static void put_text(struct httpa_json *j, const char *key,
                     struct httpa_slice s)
{
    httpa_json_key(j, key);
    if (s.n > 0) {
        httpa_json_string(j, s);
    } else {
        httpa_json_null(j);
    }
}

static void put_str(struct httpa_json *j, const char *key, const char *s)
{
    httpa_json_key(j, key);
    httpa_json_str(j, s);
}

static void put_time(struct httpa_json *j, const char *key, int64_t unix_s)
{
    httpa_json_key(j, key);
    if (unix_s != 0) {
        httpa_json_time(j, unix_s);
    } else {
        httpa_json_null(j);
    }
}

static void put_sha256(struct httpa_json *j, const uint8_t digest[32])
{
    httpa_json_key(j, "sha256");
    httpa_json_hex(j, httpa_slice_of(digest, 32));
}

static void put_value(struct httpa_json *j, const struct httpa_value *value)
{
    switch (value->type) {
    case HTTPA_VALUE_NONE:
        httpa_json_null(j);
        break;
    case HTTPA_VALUE_TEXT:
        httpa_json_string(j, value->bytes);
        break;
    case HTTPA_VALUE_BYTES:
        httpa_json_hex(j, value->bytes);
        break;
    case HTTPA_VALUE_INTEGER:
        httpa_json_integer(j, value->integer);
        break;
    case HTTPA_VALUE_BOOLEAN:
        httpa_json_boolean(j, value->integer != 0);
        break;
    case HTTPA_VALUE_TIME:
        httpa_json_time(j, value->integer);
        break;
    case HTTPA_VALUE_TEXTS:
        httpa_json_array(j);
        for (size_t i = 0; i < value->count; i++) {
            httpa_json_string(j, value->texts[i]);
        }
        httpa_json_end(j);
        break;
    }
}

/* "indeterminate" and null are what unknown is called in these two. */
static void put_halves(struct httpa_json *j, enum httpa_outcome cryptographic,
                       enum httpa_outcome policy)
{
    put_str(j, "cryptographic",
            cryptographic == HTTPA_OUTCOME_UNKNOWN
                ? "indeterminate"
                : httpa_outcome_name(cryptographic));
    put_str(j, "policy",
            policy == HTTPA_OUTCOME_UNKNOWN ? NULL
                                            : httpa_outcome_name(policy));
}

/* draft-ietf-rats-ar4si */
static const char *ear_status(enum httpa_result result)
{
    static const char *const names[] = { "contraindicated", "none", "warning",
                                         "affirming" };
    return names[result];
}

static void put_reason(struct httpa_json *j, const struct httpa_reason *r)
{
    httpa_json_key(j, "reason");
    if (r->check.n == 0) {
        httpa_json_null(j);
        return;
    }
    httpa_json_object(j);
    put_text(j, "check", r->check);
    put_text(j, "text", r->text);
    put_text(j, "do", r->advice);
    httpa_json_end(j);
}

static const char *const words[] = { [HTTPA_WORD_NONE] = NULL,
                                     [HTTPA_WORD_GENUINE] = "genuine",
                                     [HTTPA_WORD_CURRENT] = "current",
                                     [HTTPA_WORD_PINNED] = "pinned",
                                     [HTTPA_WORD_YOURS] = "yours" };

static void put_words(struct httpa_json *j, const struct httpa_verdict *v)
{
    httpa_json_key(j, "words");
    httpa_json_object(j);
    for (enum httpa_word w = HTTPA_WORD_GENUINE; w <= HTTPA_WORD_YOURS; w++) {
        put_str(j, words[w], httpa_outcome_name(httpa_verdict_word(v, w)));
    }
    httpa_json_end(j);
}

static void put_match(struct httpa_json *j, const struct httpa_match *m)
{
    httpa_json_object(j);
    put_text(j, "profile", m->profile);
    put_text(j, "set", m->set);
    if (m->failed.n > 0) {
        put_text(j, "failed", m->failed);
    }
    httpa_json_end(j);
}

static void put_policy_file(struct httpa_json *j,
                            const struct httpa_verdict_facts *f)
{
    static const uint8_t none[32];
    httpa_json_key(j, "policy_file");
    if (f->policy_name.n == 0) {
        httpa_json_null(j);
        return;
    }
    httpa_json_object(j);
    put_text(j, "name", f->policy_name);
    put_text(j, "path", f->policy_path);
    if (httpa_slice_equal(httpa_slice_of(f->policy_sha256, 32),
                          httpa_slice_of(none, 32))) {
        put_str(j, "sha256", NULL);
    } else {
        put_sha256(j, f->policy_sha256);
    }
    put_time(j, "expires", f->policy_expires_s);
    put_text(j, "note", f->policy_note);
    httpa_json_key(j, "matched");
    if (f->matched.profile.n > 0) {
        put_match(j, &f->matched);
    } else {
        httpa_json_null(j);
    }
    httpa_json_key(j, "nearest");
    httpa_json_array(j);
    for (size_t i = 0; i < f->nearest_count; i++) {
        put_match(j, &f->nearest[i]);
    }
    httpa_json_end(j);
    httpa_json_end(j);
}

static void put_session(struct httpa_json *j,
                        const struct httpa_verdict_facts *f)
{
    httpa_json_key(j, "session");
    if (!f->has_session) {
        httpa_json_null(j);
        return;
    }
    const struct httpa_session_facts *s = &f->session;
    httpa_json_object(j);
    put_str(j, "protocol", "httpa/2");
    put_text(j, "suite", s->suite);
    put_text(j, "group", s->group);
    put_text(j, "base", s->base);
    httpa_json_key(j, "granted");
    httpa_json_object(j);
    put_text(j, "creation", s->creation);
    put_str(j, "instances", s->direct ? "direct" : "indirect");
    httpa_json_end(j);
    put_str(j, "binding", f->binding);
    httpa_json_key(j, "age");
    httpa_json_thousandths(j, s->age_ms > 0 ? (uint64_t)s->age_ms : 0);
    put_str(j, "age_source", f->age_source);
    put_time(j, "expires", s->expires_s);
    httpa_json_end(j);
}

static void put_identity(struct httpa_json *j,
                         const struct httpa_verdict_facts *f)
{
    httpa_json_key(j, "identity");
    if (f->identity_require == NULL) {
        httpa_json_null(j);
        return;
    }
    httpa_json_object(j);
    put_str(j, "required", f->identity_require);
    put_str(j, "result", httpa_outcome_name(f->identity));
    httpa_json_key(j, "spki_sha256");
    if (f->has_spki) {
        httpa_json_hex(j, httpa_slice_of(f->spki_sha256, 32));
    } else {
        httpa_json_null(j);
    }
    put_text(j, "subject", f->subject);
    httpa_json_end(j);
}

/* Claims that a measurement set can pin, by name. */
static void put_registers(struct httpa_json *j, const struct httpa_verdict *v,
                          unsigned index)
{
    httpa_json_key(j, "registers");
    httpa_json_array(j);
    for (size_t i = 0; i < v->claim_count; i++) {
        if (v->claims[i].of == index && v->claims[i].measured) {
            httpa_json_string(j, v->claims[i].name);
        }
    }
    httpa_json_end(j);
}

static void put_item(struct httpa_json *j, const struct httpa_verdict *v,
                     unsigned index)
{
    const struct httpa_verdict_item *item = &v->items[index];
    httpa_json_object(j);
    httpa_json_key(j, "index");
    httpa_json_unsigned(j, index);
    put_str(j, "type", item->type);
    put_text(j, "media_type", item->media_type);
    put_sha256(j, item->sha256);
    put_halves(j, item->cryptographic, item->policy);
    httpa_json_key(j, "used");
    httpa_json_boolean(j, item->used);
    httpa_json_key(j, "claims");
    httpa_json_object(j);
    for (size_t i = 0; i < v->claim_count; i++) {
        if (v->claims[i].of == index) {
            httpa_json_key_slice(j, v->claims[i].name);
            put_value(j, &v->claims[i].value);
        }
    }
    httpa_json_end(j);
    put_registers(j, v, index);
    httpa_json_end(j);
}

static void put_days_left(struct httpa_json *j, int64_t lapses_s, int64_t at_s)
{
    httpa_json_key(j, "days_left");
    httpa_json_integer(j, lapses_s > at_s ? (lapses_s - at_s) / DAY_S : 0);
}

static void put_optional(struct httpa_json *j, const char *key,
                         const struct httpa_value *value)
{
    bool is_empty =
        (value->type == HTTPA_VALUE_TEXT && value->bytes.n == 0) ||
        (value->type == HTTPA_VALUE_TEXTS && value->count == 0);
    if (value->type != HTTPA_VALUE_NONE && !is_empty) {
        httpa_json_key(j, key);
        put_value(j, value);
    }
}

static void put_check(struct httpa_json *j, const struct httpa_check *c,
                      int64_t at_s)
{
    bool bad = c->outcome != HTTPA_OUTCOME_PASS &&
               c->outcome != HTTPA_OUTCOME_SKIP;
    httpa_json_object(j);
    put_str(j, "id", c->id);
    if (c->of != HTTPA_OF_NONE) {
        httpa_json_key(j, "of");
        httpa_json_unsigned(j, c->of);
    }
    put_str(j, "result", httpa_outcome_name(c->outcome));
    if (c->word != HTTPA_WORD_NONE) {
        put_str(j, "word", words[c->word]);
    }
    put_optional(j, "seen", &c->seen);
    put_optional(j, "expected", &c->expected);
    if (c->source != NULL) {
        put_str(j, "source", c->source);
    }
    if (c->has_age) {
        httpa_json_key(j, "age");
        httpa_json_integer(j, c->age_s);
    }
    if (c->lapses_s != 0) {
        put_time(j, "lapses", c->lapses_s);
        put_days_left(j, c->lapses_s, at_s);
    }
    if (bad && c->text != NULL) {
        put_str(j, "text", c->text);
    }
    if (bad && c->advice != NULL) {
        put_str(j, "do", c->advice);
    }
    httpa_json_end(j);
}

static void put_lists(struct httpa_json *j, const struct httpa_verdict *v)
{
    const struct httpa_verdict_facts *f = &v->facts;
    httpa_json_key(j, "evidence");
    httpa_json_array(j);
    for (unsigned i = 0; i < v->item_count; i++) {
        put_item(j, v, i);
    }
    httpa_json_end(j);
    httpa_json_key(j, "checks");
    httpa_json_array(j);
    for (size_t i = 0; i < v->check_count; i++) {
        put_check(j, &v->checks[i], f->at_s);
    }
    httpa_json_end(j);
    httpa_json_key(j, "not_judged");
    httpa_json_array(j);
    for (size_t i = 0; i < f->open_count; i++) {
        httpa_json_string(j, f->open[i]);
    }
    httpa_json_end(j);
}

static void put_lapses_first(struct httpa_json *j,
                             const struct httpa_verdict_facts *f)
{
    httpa_json_key(j, "lapses_first");
    if (f->lapses_first == NULL) {
        httpa_json_null(j);
        return;
    }
    httpa_json_object(j);
    put_str(j, "what", f->lapses_first->id);
    put_time(j, "at", f->lapses_first->lapses_s);
    put_days_left(j, f->lapses_first->lapses_s, f->at_s);
    httpa_json_end(j);
}

static void put_warnings(struct httpa_json *j, const struct httpa_verdict *v)
{
    httpa_json_key(j, "warnings");
    httpa_json_array(j);
    for (size_t i = 0; i < v->check_count; i++) {
        if (v->checks[i].outcome == HTTPA_OUTCOME_WARN) {
            httpa_json_str(j, v->checks[i].text != NULL ? v->checks[i].text
                                                        : v->checks[i].id);
        }
    }
    httpa_json_end(j);
}

enum httpa_err httpa_verdict_json(const struct httpa_verdict *v,
                                  struct httpa_buf *out)
{
    struct httpa_json json = httpa_json_of(out, HTTPA_JSON_PRETTY);
    struct httpa_json *j = &json;
    httpa_json_object(j);
    httpa_json_key(j, "httpa_verdict");
    httpa_json_integer(j, 1);
    put_str(j, "result", httpa_result_name(v->result));
    put_halves(j, v->cryptographic, v->policy);
    httpa_json_key(j, "exit_code");
    httpa_json_integer(j, v->exit);
    put_str(j, "ear_status", ear_status(v->result));
    put_reason(j, &v->reason);
    put_time(j, "at", v->facts.at_s);
    put_text(j, "origin", v->facts.origin);
    put_words(j, v);
    put_policy_file(j, &v->facts);
    put_session(j, &v->facts);
    put_identity(j, &v->facts);
    put_lists(j, v);
    put_lapses_first(j, &v->facts);
    put_warnings(j, v);
    httpa_json_key(j, "tool");
    httpa_json_object(j);
    put_str(j, "name", "httpa");
    put_str(j, "version", HTTPA_VERSION);
    httpa_json_end(j);
    httpa_json_end(j);
    return httpa_json_check(j);
}
