/* Sessions of Veraison's API, as JSON. */
#include <string.h>

#include "codec/base64.h"
#include "collateral/veraison.h"

static const struct {
    const char *word;
    enum httpa_veraison_status status;
} statuses[] = {
    { "waiting", HTTPA_VERAISON_WAITING },
    { "processing", HTTPA_VERAISON_PROCESSING },
    { "complete", HTTPA_VERAISON_COMPLETE },
    { "failed", HTTPA_VERAISON_FAILED },
};

static enum httpa_err find_text(struct httpa_json_value object,
                                const char *name, struct httpa_slice *ret_text)
{
    struct httpa_json_value value;
    enum httpa_err err = httpa_json_find(object, name, &value);
    return err == HTTPA_OK ? httpa_json_text(value, ret_text) : err;
}

/* The schema says "status", and the API's own examples "state". */
static enum httpa_err read_status(struct httpa_json_value object,
                                  enum httpa_veraison_status *ret_status)
{
    struct httpa_slice word;
    enum httpa_err err = find_text(object, "status", &word);
    if (err == HTTPA_ERR_MISSING) {
        err = find_text(object, "state", &word);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (httpa_slice_is(word, statuses[i].word)) {
            *ret_status = statuses[i].status;
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_UNSUPPORTED;
}

/* Base64 of either alphabet, padded or not: servers write what their language
 * writes.  It is compared, and not kept. */
static enum httpa_err read_nonce(struct httpa_json_value object,
                                 struct httpa_veraison_session *session)
{
    char text[HTTPA_BASE64_LEN(HTTPA_VERAISON_NONCE_MAX)];
    struct httpa_buf out =
        httpa_buf_fixed(session->nonce, sizeof(session->nonce));
    struct httpa_slice in;
    enum httpa_err err = find_text(object, "nonce", &in);
    if (err == HTTPA_OK && in.n > sizeof(text)) {
        err = HTTPA_ERR_RANGE;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    while (in.n > 0 && in.p[in.n - 1] == '=') {
        in.n--;
    }
    for (size_t i = 0; i < in.n; i++) {
        text[i] = in.p[i] == '+'   ? '-'
                  : in.p[i] == '/' ? '_'
                                   : (char)in.p[i];
    }
    err = httpa_base64url_read(httpa_slice_of(text, in.n), &out);
    session->nonce_n = out.n;
    bool fits = err == HTTPA_OK && out.n >= HTTPA_VERAISON_NONCE_MIN;
    return fits || err == HTTPA_ERR_MALFORMED ? err : HTTPA_ERR_RANGE;
}

static enum httpa_err read_accept(struct httpa_json_value object,
                                  struct httpa_json_value *ret_accept)
{
    enum httpa_err err = httpa_json_find(object, "accept", ret_accept);
    return err == HTTPA_OK && ret_accept->kind != HTTPA_JSON_ARRAY
               ? HTTPA_ERR_MALFORMED
               : err;
}

static enum httpa_err read_result(struct httpa_json_value object,
                                  struct httpa_slice *ret_result)
{
    enum httpa_err err = find_text(object, "result", ret_result);
    bool fits = err != HTTPA_OK ||
                (ret_result->n > 0 &&
                 ret_result->n <= HTTPA_VERAISON_RESULT_MAX);
    return fits ? err : HTTPA_ERR_RANGE;
}

enum httpa_err
httpa_veraison_read(struct httpa_slice json,
                    struct httpa_veraison_session *ret_session)
{
    struct httpa_veraison_session s = { .status = HTTPA_VERAISON_FAILED };
    struct httpa_json_value doc;
    enum httpa_err err = httpa_json_read(json, &doc);
    if (err == HTTPA_OK) {
        err = read_status(doc, &s.status);
    }
    if (err == HTTPA_OK) {
        err = read_nonce(doc, &s);
    }
    if (err == HTTPA_OK) {
        err = read_accept(doc, &s.accept);
    }
    if (err == HTTPA_OK && s.status == HTTPA_VERAISON_COMPLETE) {
        err = read_result(doc, &s.result);
    }
    if (err == HTTPA_OK) {
        *ret_session = s;
    }
    return err;
}

/* ------------------------------------------------------------- media types */

/* The characters of a string whose only escapes are of quote, backslash and
 * slash: it may become a field of HTTP.  False: another one, or too long. */
static bool read_type(struct httpa_json_value value,
                      char room[HTTPA_VERAISON_TYPE_MAX])
{
    size_t n = 0;
    if (value.kind != HTTPA_JSON_STRING ||
        value.raw.n > HTTPA_VERAISON_TYPE_MAX) {
        return false;
    }
    for (size_t i = 1; i + 1 < value.raw.n; i++) {
        bool escaped = value.raw.p[i] == '\\';
        i += escaped ? 1 : 0;
        uint8_t c = value.raw.p[i];
        if (c < 0x20 || c > 0x7e ||
            (escaped && c != '"' && c != '\\' && c != '/')) {
            return false;
        }
        room[n++] = (char)c;
    }
    room[n] = '\0';
    return n > 0;
}

static bool
accepts(const struct httpa_veraison_session *session, const char *type)
{
    char room[HTTPA_VERAISON_TYPE_MAX];
    struct httpa_json_items items;
    struct httpa_slice name;
    struct httpa_json_value value;
    if (httpa_json_items_of(session->accept, &items) != HTTPA_OK) {
        return false;
    }
    while (httpa_json_next(&items, &name, &value)) {
        if (read_type(value, room) && strcmp(room, type) == 0) {
            return true;
        }
    }
    return false;
}

const char *
httpa_veraison_choose(const struct httpa_veraison_session *session,
                      const char *const types[HTTPA_VERAISON_TYPES])
{
    for (size_t i = 0; i < HTTPA_VERAISON_TYPES && types[i] != NULL; i++) {
        if (accepts(session, types[i])) {
            return types[i];
        }
    }
    return NULL;
}

void httpa_veraison_list(const struct httpa_veraison_session *session,
                         struct httpa_buf *out)
{
    char room[HTTPA_VERAISON_TYPE_MAX];
    struct httpa_json_items items;
    struct httpa_slice name;
    struct httpa_json_value value;
    const char *before = "";
    if (httpa_json_items_of(session->accept, &items) != HTTPA_OK) {
        return;
    }
    while (httpa_json_next(&items, &name, &value)) {
        if (read_type(value, room)) {
            httpa_buf_put_str(out, before);
            httpa_buf_put_str(out, room);
            before = ", ";
        }
    }
}

void httpa_veraison_problem(struct httpa_slice json, struct httpa_buf *out)
{
    static const char *const names[] = { "title", "detail" };
    struct httpa_json_value doc;
    struct httpa_slice text;
    if (httpa_json_read(json, &doc) != HTTPA_OK) {
        return;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (find_text(doc, names[i], &text) == HTTPA_OK && text.n > 0) {
            httpa_buf_put_str(out, ": ");
            httpa_buf_put_slice(out, text);
        }
    }
}
