#include "wire/head_rules.h"

#include <string.h>

#include "base/ascii.h"
#include "wire/head_names.h"
#include "wire/target.h"

#define LENGTH_DIGITS 16u /* of HTTPA_LIMIT_LENGTH */

static enum httpa_err broken(const char *rule, const char **ret_rule)
{
    *ret_rule = rule;
    return HTTPA_ERR_HEAD;
}

static bool is_te_trailers(struct httpa_slice value)
{
    return httpa_slice_is_nocase(value, "trailers");
}

/* ---- fields ----------------------------------------------------------- */

static bool again(const struct httpa_fields *fields, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (httpa_slice_equal(fields->v[j].name, fields->v[i].name)) {
            return true;
        }
    }
    return false;
}

static enum httpa_err check_field(const struct httpa_fields *fields, size_t i,
                                  const char **ret_rule)
{
    const struct httpa_field *f = &fields->v[i];
    if (!httpa_head_name_valid(f->name)) {
        return broken("field name", ret_rule);
    }
    if (!httpa_head_value_valid(f->value)) {
        return broken("field value", ret_rule);
    }
    unsigned rules = httpa_head_name_rules(f->name);
    if ((rules & HTTPA_NAME_REFUSED) != 0) {
        return broken("refused field", ret_rule);
    }
    if (httpa_slice_is(f->name, "te") && !is_te_trailers(f->value)) {
        return broken("te", ret_rule);
    }
    if ((rules & HTTPA_NAME_ONCE) != 0 && again(fields, i)) {
        return broken("field twice", ret_rule);
    }
    return HTTPA_OK;
}

static enum httpa_err check_fields(const struct httpa_fields *fields,
                                   const char **ret_rule)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; i < fields->n && err == HTTPA_OK; i++) {
        err = check_field(fields, i, ret_rule);
    }
    return err;
}

static enum httpa_err read_length(const struct httpa_fields *fields,
                                  struct httpa_head_verdict *v)
{
    const struct httpa_field *f = httpa_fields_find(fields, "content-length");
    uint64_t n = 0;
    if (f == NULL) {
        return HTTPA_OK;
    }
    for (size_t i = 0; i < f->value.n; i++) {
        if (!httpa_ascii_is_digit(f->value.p[i]) || i == LENGTH_DIGITS) {
            return broken("content-length", &v->rule);
        }
        n = n * 10 + (uint64_t)(f->value.p[i] - '0');
    }
    if (f->value.n == 0 || n > HTTPA_LIMIT_LENGTH) {
        return broken("content-length", &v->rule);
    }
    v->content.has_length = true;
    v->content.length = n;
    return HTTPA_OK;
}

static void drop(struct httpa_fields *fields, unsigned rules)
{
    size_t kept = 0;
    for (size_t i = 0; i < fields->n; i++) {
        if ((httpa_head_name_rules(fields->v[i].name) & rules) == 0) {
            fields->v[kept++] = fields->v[i];
        }
    }
    fields->n = kept;
}

static void drop_name(struct httpa_fields *fields, const char *name,
                      size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < fields->n; i++) {
        if (!httpa_slice_is(fields->v[i].name, name)) {
            fields->v[kept++] = fields->v[i];
        }
    }
    fields->n = kept;
}

/* ---- request ---------------------------------------------------------- */

static enum httpa_err check_method(struct httpa_slice method,
                                   const char **ret_rule)
{
    if (!httpa_ascii_is_token(method) || method.n > HTTPA_LIMIT_METHOD ||
        httpa_slice_is(method, "CONNECT") || httpa_slice_is(method, "TRACE")) {
        return broken("method", ret_rule);
    }
    return HTTPA_OK;
}

/* RFC 3986: pchar, "/" and "?", with well-formed percent-encoding. */
static bool path_bytes(struct httpa_slice path)
{
    static const char marks[] = "-._~!$&'()*+,;=:@/?";
    for (size_t i = 0; i < path.n; i++) {
        uint8_t c = path.p[i];
        if (c == '%') {
            if (path.n - i < 3 || !httpa_ascii_is_hex(path.p[i + 1]) ||
                !httpa_ascii_is_hex(path.p[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!httpa_ascii_is_alpha(c) && !httpa_ascii_is_digit(c) &&
                   memchr(marks, c, sizeof(marks) - 1) == NULL) {
            return false;
        }
    }
    return true;
}

static enum httpa_err check_path(const struct httpa_head *head,
                                 const char **ret_rule)
{
    if (httpa_slice_is(head->path, "*")) {
        return httpa_slice_is(head->method, "OPTIONS")
                   ? HTTPA_OK
                   : broken("path: *", ret_rule);
    }
    if (!httpa_slice_starts(head->path, "/") ||
        head->path.n > HTTPA_LIMIT_PATH || !path_bytes(head->path)) {
        return broken("path", ret_rule);
    }
    return HTTPA_OK;
}

/* A Host line says nothing new, or is an attempt to say something else. */
static enum httpa_err check_host(const struct httpa_head *head,
                                 const char **ret_rule)
{
    const struct httpa_field *host = httpa_fields_find(&head->fields, "host");
    return host == NULL || httpa_slice_equal(host->value, head->authority)
               ? HTTPA_OK
               : broken("host", ret_rule);
}

static enum httpa_err join_cookies(struct httpa_fields *fields,
                                   struct httpa_buf *room)
{
    size_t start = room->n;
    size_t first = 0;
    if (httpa_fields_count(fields, "cookie") < 2) {
        return HTTPA_OK;
    }
    while (!httpa_slice_is(fields->v[first].name, "cookie")) {
        first++;
    }
    for (size_t i = first; i < fields->n; i++) {
        if (httpa_slice_is(fields->v[i].name, "cookie")) {
            httpa_buf_put_str(room, i > first ? "; " : "");
            httpa_buf_put_slice(room, fields->v[i].value);
        }
    }
    if (httpa_buf_check(room) != HTTPA_OK) {
        return HTTPA_ERR_SPACE;
    }
    fields->v[first].value =
        httpa_slice_from(httpa_buf_slice(room), start);
    drop_name(fields, "cookie", first + 1);
    return HTTPA_OK;
}

static enum httpa_err check_request(const struct httpa_head *head,
                                    struct httpa_slice target,
                                    const char **ret_rule)
{
    if (!head->is_request) {
        return broken("not a request", ret_rule);
    }
    enum httpa_err err = check_method(head->method, ret_rule);
    if (err == HTTPA_OK) {
        err = check_path(head, ret_rule);
    }
    if (err == HTTPA_OK) {
        err = check_fields(&head->fields, ret_rule);
    }
    if (err == HTTPA_OK) {
        err = check_host(head, ret_rule);
    }
    if (err == HTTPA_OK &&
        !httpa_target_is(target, head->scheme, head->authority)) {
        *ret_rule = "authority";
        err = HTTPA_ERR_INNER_TARGET;
    }
    return err;
}

enum httpa_err httpa_head_rules_request(struct httpa_head *head,
                                        struct httpa_slice target,
                                        struct httpa_buf *room,
                                        struct httpa_head_verdict *ret_verdict)
{
    struct httpa_head_verdict v = { 0 };
    enum httpa_err err = check_request(head, target, &v.rule);
    if (err == HTTPA_OK) {
        err = read_length(&head->fields, &v);
    }
    if (err == HTTPA_OK) {
        err = join_cookies(&head->fields, room);
    }
    if (err == HTTPA_OK) {
        drop(&head->fields,
             HTTPA_NAME_REMOVED | HTTPA_NAME_OURS | HTTPA_NAME_ATTEST);
        drop_name(&head->fields, "host", 0);
    }
    *ret_verdict = v;
    return err;
}

/* ---- response and trailers -------------------------------------------- */

/* RFC 9110 6.4.1 */
static bool never_has_content(unsigned status, struct httpa_slice method)
{
    return status == 204 || status == 304 || httpa_slice_is(method, "HEAD");
}

enum httpa_err
httpa_head_rules_response(struct httpa_head *head, struct httpa_slice method,
                          struct httpa_head_verdict *ret_verdict)
{
    struct httpa_head_verdict v = { 0 };
    enum httpa_err err = HTTPA_OK;
    if (head->is_request || head->status < 200 || head->status > 599) {
        err = broken("status", &v.rule);
    }
    if (err == HTTPA_OK) {
        err = check_fields(&head->fields, &v.rule);
    }
    if (err == HTTPA_OK) {
        err = read_length(&head->fields, &v);
    }
    if (err == HTTPA_OK && never_has_content(head->status, method)) {
        /* A length there describes another answer (RFC 9110 8.6). */
        v.content = (struct httpa_content_rule){ .none = true };
    }
    if (err == HTTPA_OK) {
        drop(&head->fields, HTTPA_NAME_OURS | HTTPA_NAME_ATTEST);
    }
    *ret_verdict = v;
    return err;
}

enum httpa_err httpa_head_rules_trailers(const struct httpa_fields *trailers,
                                         const char **ret_rule)
{
    if (trailers->n > HTTPA_LIMIT_TRAILERS) {
        return broken("too many trailers", ret_rule);
    }
    enum httpa_err err = check_fields(trailers, ret_rule);
    for (size_t i = 0; i < trailers->n && err == HTTPA_OK; i++) {
        unsigned rules = httpa_head_name_rules(trailers->v[i].name);
        if ((rules & HTTPA_NAME_NO_TRAILER) != 0) {
            err = broken("refused trailer", ret_rule);
        }
    }
    return err;
}
