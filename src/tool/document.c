#include "tool/document.h"

#include <string.h>

#define NUMBER_TEXT 32

json_t *httpa_document_read(struct httpa_slice text)
{
    json_t *document =
        json_loadb((const char *)text.p, text.n, JSON_ALLOW_NUL, NULL);
    const json_t *version = json_object_get(document, "httpa_verdict");
    if (!json_is_integer(version) || json_integer_value(version) != 1) {
        json_decref(document);
        return NULL;
    }
    return document;
}

json_t *httpa_document_of(const struct httpa_verdict *v)
{
    struct httpa_buf text = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    json_t *document = httpa_verdict_json(v, &text) == HTTPA_OK
                           ? httpa_document_read(httpa_buf_slice(&text))
                           : NULL;
    httpa_buf_done(&text);
    return document;
}

static struct httpa_slice text_of(const json_t *value)
{
    return json_is_string(value)
               ? httpa_slice_of((const uint8_t *)json_string_value(value),
                                json_string_length(value))
               : (struct httpa_slice){ 0 };
}

struct httpa_slice httpa_document_text(const json_t *object, const char *key)
{
    return text_of(json_object_get(object, key));
}

bool httpa_document_is(const json_t *object, const char *key, const char *text)
{
    return httpa_slice_is(httpa_document_text(object, key), text);
}

bool httpa_document_number(const json_t *object, const char *key,
                           double *ret_value)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value)) {
        return false;
    }
    *ret_value = json_number_value(value);
    return true;
}

static void write_number(struct httpa_buf *out, const json_t *value)
{
    char text[NUMBER_TEXT];
    if (json_is_integer(value)) {
        (void)snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
                       json_integer_value(value));
    } else {
        (void)snprintf(text, sizeof(text), "%g", json_real_value(value));
    }
    httpa_buf_put_str(out, text);
}

static void write_scalar(struct httpa_buf *out, const json_t *value)
{
    if (json_is_number(value)) {
        write_number(out, value);
    } else if (json_is_boolean(value)) {
        httpa_buf_put_str(out, json_is_true(value) ? "true" : "false");
    } else {
        httpa_buf_put_slice(out, text_of(value));
    }
}

void httpa_document_write(struct httpa_buf *out, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        httpa_buf_put_str(out, i > 0 ? ", " : "");
        write_scalar(out, json_array_get(value, i));
    }
    if (!json_is_array(value)) {
        write_scalar(out, value);
    }
}

enum httpa_exit httpa_document_exit(const json_t *document)
{
    const json_t *code = json_object_get(document, "exit_code");
    if (httpa_document_is(document, "result", "accepted") ||
        httpa_document_is(document, "result", "accepted_with_warnings")) {
        return HTTPA_EXIT_DONE;
    }
    if (httpa_document_is(document, "result", "undecided")) {
        return HTTPA_EXIT_UNDECIDED;
    }
    return json_is_integer(code) && json_integer_value(code) == HTTPA_EXIT_USAGE
               ? HTTPA_EXIT_USAGE
               : HTTPA_EXIT_REFUSED;
}
