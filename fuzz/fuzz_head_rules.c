/* Inner heads: what passes the rules may be written by a serialiser as it
 * stands, and passes them again; what was prepared breaks no rule of form. */
#include "fuzz.h"

#include "codec/bhttp.h"
#include "wire/head_names.h"
#include "wire/head_rules.h"

static struct httpa_field room[HTTPA_FIELDS_MAX];
static uint8_t text[HTTPA_BHTTP_HEAD_MAX];

static void clean(const struct httpa_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct httpa_field *f = &fields->v[i];
        unsigned rules = httpa_head_name_rules(f->name);
        must(httpa_head_name_valid(f->name));
        must(httpa_head_value_valid(f->value));
        must((rules & (HTTPA_NAME_REFUSED | HTTPA_NAME_OURS |
                       HTTPA_NAME_ATTEST)) == 0);
        must((rules & HTTPA_NAME_ONCE) == 0 ||
             !httpa_slice_is(f->name, "content-length") ||
             httpa_fields_count(fields, "content-length") == 1);
    }
}

static void request(struct httpa_head *head)
{
    struct httpa_slice target = httpa_slice_str("https://a.example");
    struct httpa_buf b = httpa_buf_fixed(text, sizeof(text));
    struct httpa_head_verdict v;
    enum httpa_err err = httpa_head_rules_request(head, target, &b, &v);
    must((err == HTTPA_OK) == (v.rule == NULL) || err == HTTPA_ERR_SPACE);
    if (err != HTTPA_OK) {
        return;
    }
    clean(&head->fields);
    must(httpa_fields_find(&head->fields, "host") == NULL);
    must(httpa_fields_count(&head->fields, "cookie") <= 1);
    must(httpa_head_rules_request(head, target, &b, &v) == HTTPA_OK);
}

static void response(struct httpa_head *head)
{
    struct httpa_head_verdict v;
    struct httpa_slice method = httpa_slice_str("GET");
    if (httpa_head_rules_response(head, method, &v) == HTTPA_OK) {
        clean(&head->fields);
        must(!v.content.none || !v.content.has_length);
    } else {
        must(v.rule != NULL);
    }
}

static void prepare(struct httpa_head *head)
{
    struct httpa_buf b = httpa_buf_fixed(text, sizeof(text));
    const char *rule = NULL;
    if (httpa_head_rules_prepare(&head->fields, &b) == HTTPA_OK) {
        clean(&head->fields);
    }
    if (httpa_head_rules_prepare_trailers(&head->fields, &b) == HTTPA_OK &&
        head->fields.n <= HTTPA_LIMIT_TRAILERS) {
        (void)!httpa_head_rules_trailers(&head->fields, &rule);
        must(rule == NULL || httpa_slice_is(httpa_slice_str(rule),
                                            "field twice"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_head head;
    struct httpa_slice in = httpa_slice_of(data, size);
    for (int turn = 0; turn < 2; turn++) {
        httpa_head_init(&head, room, HTTPA_FIELDS_MAX);
        if (httpa_bhttp_head_read(in, &head) != HTTPA_OK) {
            return 0;
        }
        if (turn == 1) {
            prepare(&head);
        } else if (head.is_request) {
            request(&head);
        } else {
            response(&head);
        }
    }
    return 0;
}
