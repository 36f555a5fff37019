/*
 * The HTTP working group's vectors for RFC 9651 (structured-field-tests):
 * every record is parsed, compared with what is expected, and written; every
 * record with an expected value is also built through the writer.
 */
#include <jansson.h>

#include "codec/sfv.h"
#include "support/shared.h"

/* As many as the repository has: a record lost on the way is a failure. */
#define RECORDS 2135

/* The largest vector has 1024 members with 1 parameter each; the longest
 * text is 22 KB. */
#define MANY 2048
#define LONG 65536

static const char *const files[] = {
    "binary",
    "boolean",
    "date",
    "dictionary",
    "display-string",
    "examples",
    "item",
    "key-generated",
    "large-generated",
    "list",
    "listlist",
    "number-generated",
    "number",
    "param-dict",
    "param-list",
    "param-listlist",
    "string-generated",
    "string",
    "token-generated",
    "token",
    "serialisation-tests/key-generated",
    "serialisation-tests/number",
    "serialisation-tests/string-generated",
    "serialisation-tests/token-generated",
};

static const char *file_now; /* for messages */
static const char *name_now;

#define check(cond)                                                            \
    do {                                                                       \
        if (!(cond)) {                                                         \
            fail_msg("%s: %s: line %d: %s", file_now, name_now, __LINE__,      \
                     #cond);                                                   \
        }                                                                      \
    } while (0)

static struct httpa_sfv big_doc(void)
{
    static struct httpa_sfv_item members[MANY];
    static struct httpa_sfv_item inners[MANY];
    static struct httpa_sfv_param params[MANY];
    static uint8_t text[LONG];
    return (struct httpa_sfv){
        .members = members,
        .member_max = MANY,
        .inners = inners,
        .inner_max = MANY,
        .params = params,
        .param_max = MANY,
        .text = httpa_buf_fixed(text, sizeof(text)),
    };
}

static enum httpa_sfv_kind kind_of(json_t *record)
{
    const char *s = json_string_value(json_object_get(record, "header_type"));
    if (strcmp(s, "item") == 0) {
        return HTTPA_SFV_ITEM;
    }
    return strcmp(s, "list") == 0 ? HTTPA_SFV_LIST : HTTPA_SFV_DICTIONARY;
}

/* RFC 4648 base32, as the vectors write binary. */
static size_t unbase32(const char *s, uint8_t *out)
{
    size_t n = 0;
    uint32_t v = 0;
    unsigned bits = 0;
    for (; *s != 0 && *s != '='; s++) {
        v = v << 5 | (uint32_t)(*s >= 'A' ? *s - 'A' : *s - '2' + 26);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (uint8_t)(v >> bits);
        }
    }
    return n;
}

/* A JSON real as digits and places, and so exactly, to thousandths. */
static bool decimal_of(json_t *j, struct httpa_sfv_bare *ret)
{
    char text[64];
    int len = snprintf(text, sizeof(text), "%.15g", json_real_value(j));
    check(len > 0 && strchr(text, 'e') == NULL);
    char *dot = strchr(text, '.');
    unsigned places = 0;
    if (dot != NULL) {
        places = (unsigned)strlen(dot + 1);
        memmove(dot, dot + 1, places + 1);
    }
    int64_t v = 0;
    if (httpa_sfv_round(strtoll(text, NULL, 10), places, &v) != HTTPA_OK) {
        return false;
    }
    *ret = httpa_sfv_decimal(v);
    return true;
}

static struct httpa_slice text_of(json_t *j)
{
    return httpa_slice_of(json_string_value(j), json_string_length(j));
}

static bool typed_of(json_t *j, struct httpa_sfv_bare *ret)
{
    static uint8_t bytes[LONG]; /* one binary at a time is looked at */
    const char *type = json_string_value(json_object_get(j, "__type"));
    json_t *value = json_object_get(j, "value");
    check(type != NULL && value != NULL);
    if (strcmp(type, "token") == 0) {
        *ret = httpa_sfv_token(text_of(value));
    } else if (strcmp(type, "displaystring") == 0) {
        *ret = httpa_sfv_display(text_of(value));
    } else if (strcmp(type, "date") == 0) {
        *ret = httpa_sfv_date(json_integer_value(value));
    } else {
        check(strcmp(type, "binary") == 0);
        size_t n = unbase32(json_string_value(value), bytes);
        *ret = httpa_sfv_bytes(httpa_slice_of(bytes, n));
    }
    return true;
}

/* The bare item |j| stands for; false when none can (a Decimal too large). */
static bool bare_of(json_t *j, struct httpa_sfv_bare *ret)
{
    if (json_is_integer(j)) {
        *ret = httpa_sfv_integer(json_integer_value(j));
    } else if (json_is_real(j)) {
        return decimal_of(j, ret);
    } else if (json_is_string(j)) {
        *ret = httpa_sfv_string(text_of(j));
    } else if (json_is_boolean(j)) {
        *ret = httpa_sfv_boolean(json_is_true(j));
    } else {
        return typed_of(j, ret);
    }
    return true;
}

/* Comparing a parsed value with the expected one. */

static void same_bare(json_t *want, const struct httpa_sfv_bare *got)
{
    struct httpa_sfv_bare v = { 0 };
    check(bare_of(want, &v));
    check(got != NULL);
    check(v.type == got->type);
    check(v.integer == got->integer);
    check(httpa_slice_equal(v.text, got->text));
}

static void same_params(json_t *want, const struct httpa_sfv *doc,
                        const struct httpa_sfv_item *item)
{
    check(json_array_size(want) == item->param_count);
    for (size_t i = 0; i < json_array_size(want); i++) {
        json_t *pair = json_array_get(want, i);
        const char *key = json_string_value(json_array_get(pair, 0));
        const struct httpa_sfv_param *p = httpa_sfv_param_at(doc, item, i);
        check(p != NULL && httpa_slice_is(p->key, key));
        same_bare(json_array_get(pair, 1), httpa_sfv_param(doc, item, key));
    }
    check(httpa_sfv_param_at(doc, item, json_array_size(want)) == NULL);
}

static void same_item(json_t *want, const struct httpa_sfv *doc,
                      const struct httpa_sfv_item *item)
{
    check(item != NULL);
    json_t *value = json_array_get(want, 0);
    if (json_is_array(value)) {
        check(item->value.type == HTTPA_SFV_INNER_LIST);
        check(item->inner_count == json_array_size(value));
        for (size_t i = 0; i < json_array_size(value); i++) {
            same_item(json_array_get(value, i), doc,
                      httpa_sfv_inner(doc, item, i));
        }
        check(httpa_sfv_inner(doc, item, item->inner_count) == NULL);
    } else {
        same_bare(value, &item->value);
    }
    same_params(json_array_get(want, 1), doc, item);
}

static void same_value(json_t *want, const struct httpa_sfv *doc)
{
    if (doc->kind == HTTPA_SFV_ITEM) {
        check(doc->member_count == 1);
        same_item(want, doc, httpa_sfv_member(doc, 0));
        return;
    }
    check(json_array_size(want) == doc->member_count);
    for (size_t i = 0; i < doc->member_count; i++) {
        json_t *member = json_array_get(want, i);
        const struct httpa_sfv_item *item = httpa_sfv_member(doc, i);
        if (doc->kind == HTTPA_SFV_DICTIONARY) {
            const char *key = json_string_value(json_array_get(member, 0));
            check(httpa_sfv_find(doc, key) == item);
            member = json_array_get(member, 1);
        }
        same_item(member, doc, item);
    }
    check(httpa_sfv_member(doc, doc->member_count) == NULL);
}

/* Building the expected value with the writer. */

static void
put_bare(struct httpa_sfv_writer *w, struct httpa_slice key, json_t *value)
{
    struct httpa_sfv_bare v = { 0 };
    if (!bare_of(value, &v)) {
        w->out->failed = true;
    } else if (key.p != NULL) {
        httpa_sfv_put_member(w, key, v);
    } else {
        httpa_sfv_put(w, v);
    }
}

static void put_params(struct httpa_sfv_writer *w, json_t *params)
{
    for (size_t i = 0; i < json_array_size(params); i++) {
        json_t *pair = json_array_get(params, i);
        json_t *key = json_array_get(pair, 0);
        struct httpa_sfv_bare v = { 0 };
        if (strlen(json_string_value(key)) != json_string_length(key) ||
            !bare_of(json_array_get(pair, 1), &v)) {
            w->out->failed = true;
        } else {
            httpa_sfv_put_param(w, json_string_value(key), v);
        }
    }
}

static void
put_item(struct httpa_sfv_writer *w, struct httpa_slice key, json_t *item)
{
    json_t *value = json_array_get(item, 0);
    if (json_is_array(value)) {
        httpa_sfv_put_open(w, key);
        for (size_t i = 0; i < json_array_size(value); i++) {
            put_item(w, (struct httpa_slice){ 0 }, json_array_get(value, i));
        }
        httpa_sfv_put_close(w);
    } else {
        put_bare(w, key, value);
    }
    put_params(w, json_array_get(item, 1));
}

static void
put_value(struct httpa_sfv_writer *w, enum httpa_sfv_kind kind, json_t *want)
{
    struct httpa_slice none = { 0 };
    if (kind == HTTPA_SFV_ITEM) {
        put_item(w, none, want);
        return;
    }
    for (size_t i = 0; i < json_array_size(want); i++) {
        json_t *member = json_array_get(want, i);
        if (kind == HTTPA_SFV_LIST) {
            put_item(w, none, member);
        } else {
            put_item(w, text_of(json_array_get(member, 0)),
                     json_array_get(member, 1));
        }
    }
}

static struct httpa_slice join(json_t *lines, struct httpa_buf *b)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        httpa_buf_put_str(b, i > 0 ? ", " : "");
        httpa_buf_put_slice(b, text_of(json_array_get(lines, i)));
    }
    assert_ok(httpa_buf_check(b));
    return httpa_buf_slice(b);
}

/* What strict mode refuses of a good record, and nothing else. */
static void strict_agrees(json_t *record, struct httpa_slice in)
{
    static const struct httpa_slice none;
    struct httpa_sfv doc = big_doc();
    enum httpa_err err =
        httpa_sfv_read(&doc, kind_of(record), in, HTTPA_SFV_STRICT);
    json_t *want = json_object_get(record, "expected");
    if (err == HTTPA_OK) {
        same_value(want, &doc);
    } else if (err == HTTPA_ERR_MISSING) {
        check(json_array_size(want) == 0);
    } else if (err == HTTPA_ERR_MALFORMED) {
        check(strcmp(file_now, "binary") == 0);
        check(json_is_true(json_object_get(record, "can_fail")));
    } else {
        check(err == HTTPA_ERR_DUPLICATE);
        check(json_object_get(record, "canonical") != NULL);
    }
    check(err == HTTPA_OK ||
          (doc.member_count == 0 &&
           httpa_slice_equal(httpa_buf_slice(&doc.text), none)));
}

static void parse(json_t *record)
{
    static uint8_t in_room[LONG], want_room[LONG], got_room[LONG];
    struct httpa_buf in = httpa_buf_fixed(in_room, LONG);
    struct httpa_buf want = httpa_buf_fixed(want_room, LONG);
    struct httpa_buf got = httpa_buf_fixed(got_room, LONG);
    json_t *raw = json_object_get(record, "raw");
    json_t *canonical = json_object_get(record, "canonical");
    struct httpa_slice text = join(raw, &in);
    uint8_t *c = exact_copy(text.p, text.n);
    text = httpa_slice_of(c, text.n);

    struct httpa_sfv doc = big_doc();
    enum httpa_err err =
        httpa_sfv_read(&doc, kind_of(record), text, HTTPA_SFV_RFC);
    if (json_is_true(json_object_get(record, "must_fail"))) {
        check(err == HTTPA_ERR_MALFORMED);
        check(httpa_sfv_read(&doc, kind_of(record), text, HTTPA_SFV_STRICT) !=
              HTTPA_OK);
    } else {
        check(err == HTTPA_OK);
        same_value(json_object_get(record, "expected"), &doc);
        join(canonical != NULL ? canonical : raw, &want);
        check(httpa_sfv_write(&doc, &got) == HTTPA_OK);
        check(httpa_slice_equal(httpa_buf_slice(&want), httpa_buf_slice(&got)));
        strict_agrees(record, text);
    }
    free(c);
}

static void build(json_t *record)
{
    static uint8_t want_room[LONG], got_room[LONG];
    struct httpa_buf want = httpa_buf_fixed(want_room, LONG);
    struct httpa_buf got = httpa_buf_fixed(got_room, LONG);
    json_t *canonical = json_object_get(record, "canonical");
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&got);
    put_value(&w, kind_of(record), json_object_get(record, "expected"));
    if (json_is_true(json_object_get(record, "must_fail"))) {
        check(got.failed);
        return;
    }
    join(canonical != NULL ? canonical : json_object_get(record, "raw"), &want);
    check(!got.failed);
    check(httpa_slice_equal(httpa_buf_slice(&want), httpa_buf_slice(&got)));
}

static void each(json_t *record)
{
    name_now = json_string_value(json_object_get(record, "name"));
    bool raw = json_object_get(record, "raw") != NULL;
    bool expected = json_object_get(record, "expected") != NULL;
    check(raw || expected);
    if (raw) {
        parse(record);
    }
    if (expected) {
        build(record);
    }
}

static json_t *load(const char *file, bool *ret_absent)
{
    char name[128], path[SHARED_PATH_MAX];
    (void)snprintf(name, sizeof(name), "vectors/structured-fields/%s.json",
                   file);
    shared_path(name, path);
    FILE *f = fopen(path, "rb");
    *ret_absent = f == NULL;
    if (f == NULL) {
        return NULL;
    }
    json_error_t why;
    json_t *j = json_loadf(f, JSON_ALLOW_NUL, &why);
    (void)fclose(f);
    return j;
}

static void vectors(void **state)
{
    (void)state;
    size_t records = 0;
    for (size_t i = 0; i < COUNT(files); i++) {
        bool absent;
        json_t *all = load(files[i], &absent);
        if (absent && i == 0) {
            (void)fprintf(stderr, "SKIP: structured-fields vectors are not "
                                  "here; set HTTPA_SHARED\n");
            skip();
        }
        file_now = files[i];
        name_now = "the file";
        check(all != NULL);
        for (size_t k = 0; k < json_array_size(all); k++) {
            each(json_array_get(all, k));
        }
        records += json_array_size(all);
        json_decref(all);
    }
    assert_int_equal(records, RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(vectors) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
