/* Answers that need no base: preflight, discovery, refusals. */
#include "base/ascii.h"
#include "codec/json.h"
#include "crypto/group.h"
#include "handshake/choice.h"
#include "server/service.h"
#include "wire/outer.h"
#include "wire/refusal.h"

#define ALLOW "OPTIONS, POST, ATTEST, GET, HEAD"
#define EXPOSED                                                                \
    "Attest-Version, Attest-Cipher-Suite, Attest-Supported-Group, "            \
    "Attest-Key-Share, Attest-Random, Attest-Base-ID, Attest-Binder, "         \
    "Attest-Cargo, Attest-Challenge, Attest-Error, Retry-After"

static enum httpa_err
add_str(struct httpa_outer *outer, const char *name, const char *value)
{
    return httpa_outer_add(outer, name, httpa_slice_str(value));
}

static const struct httpa_field *
allowed_origin(const struct httpa_service *s, const struct httpa_head *head)
{
    const struct httpa_field *origin =
        httpa_fields_find(&head->fields, "origin");
    for (size_t i = 0; origin != NULL && i < s->cors.n; i++) {
        if (httpa_slice_is(httpa_slice_str(s->cors.v[i]), "*") ||
            httpa_slice_is(origin->value, s->cors.v[i])) {
            return origin;
        }
    }
    return NULL;
}

enum httpa_err httpa_service_add_cors(const struct httpa_service *service,
                                      const struct httpa_head *request,
                                      struct httpa_outer *outer)
{
    const struct httpa_field *origin = allowed_origin(service, request);
    if (origin == NULL) {
        return HTTPA_OK;
    }
    enum httpa_err err =
        httpa_outer_add(outer, "access-control-allow-origin", origin->value);
    if (err == HTTPA_OK) {
        err = add_str(outer, "vary", "Origin");
    }
    if (err == HTTPA_OK) {
        err = add_str(outer, "access-control-expose-headers", EXPOSED);
    }
    return err;
}

enum httpa_err httpa_service_add_sealed(struct httpa_outer *outer)
{
    enum httpa_err err =
        add_str(outer, "content-type", "application/httpa-sealed");
    if (err == HTTPA_OK) {
        err = add_str(outer, "cache-control", "no-store, no-transform");
    }
    return err == HTTPA_OK ? add_str(outer, "x-accel-buffering", "no") : err;
}

/* The names asked for that begin with attest-, and content-type. */
static void allow_headers(struct httpa_slice asked, struct httpa_buf *out)
{
    size_t at = 0;
    while (at < asked.n) {
        size_t end = at;
        while (end < asked.n && asked.p[end] != ',') {
            end++;
        }
        struct httpa_slice name = httpa_slice_of(asked.p + at, end - at);
        while (name.n > 0 && name.p[0] == ' ') {
            name = httpa_slice_from(name, 1);
        }
        if (httpa_ascii_is_token(name) &&
            (httpa_field_is_attest(name) ||
             httpa_slice_is_nocase(name, "content-type"))) {
            httpa_buf_put_str(out, out->n > 0 ? ", " : "");
            httpa_buf_put_slice(out, name);
        }
        at = end + 1;
    }
}

static enum httpa_err add_preflight_cors(const struct httpa_service *s,
                                         const struct httpa_head *request,
                                         struct httpa_outer *outer)
{
    uint8_t room[1024];
    struct httpa_buf names = httpa_buf_fixed(room, sizeof(room));
    const struct httpa_field *asked =
        httpa_fields_find(&request->fields, "access-control-request-headers");
    enum httpa_err err = httpa_service_add_cors(s, request, outer);
    if (err != HTTPA_OK || allowed_origin(s, request) == NULL) {
        return err;
    }
    err = add_str(outer, "access-control-allow-methods", "POST, ATTEST");
    if (err == HTTPA_OK) {
        err = add_str(outer, "access-control-max-age", "600");
    }
    if (err == HTTPA_OK && asked != NULL) {
        allow_headers(asked->value, &names);
        err = httpa_outer_add(outer, "access-control-allow-headers",
                              httpa_buf_slice(&names));
    }
    return err;
}

static const char *suite_name(size_t i)
{
    const struct httpa_suite *suite = httpa_suite_at(i);
    return suite != NULL ? suite->name : NULL;
}

static const char *group_name(size_t i)
{
    const struct httpa_group *group = httpa_group_at(i);
    return group != NULL ? group->name : NULL;
}

static const char *version_name(size_t i)
{
    return i == 0 ? HTTPA_VERSION_TOKEN : NULL;
}

/* A hint names what may be asked for. */
static bool speaks(const struct httpa_service *s, const char *name)
{
    const struct httpa_group *group = httpa_group_find(httpa_slice_str(name));
    return group == NULL || httpa_group_available(s->crypto, group);
}

typedef const char *(*name_at_fn)(size_t i);

static const struct {
    const char *field;
    const char *member;
    name_at_fn at;
} hints[] = {
    { "attest-versions", "versions", version_name },
    { "attest-cipher-suites", "suites", suite_name },
    { "attest-supported-groups", "groups", group_name },
};

#define HINTS (sizeof(hints) / sizeof(hints[0]))

static enum httpa_err
add_hint(const struct httpa_service *s, size_t h, struct httpa_outer *outer)
{
    uint8_t room[HTTPA_LIMIT_VALUE];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&b);
    for (size_t i = 0; hints[h].at(i) != NULL; i++) {
        if (speaks(s, hints[h].at(i))) {
            httpa_sfv_put(&w, httpa_sfv_token(httpa_slice_str(hints[h].at(i))));
        }
    }
    return httpa_outer_add(outer, hints[h].field, httpa_buf_slice(&b));
}

static enum httpa_err
add_hints(const struct httpa_service *s, struct httpa_outer *outer)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t h = 0; err == HTTPA_OK && h < HINTS; h++) {
        err = add_hint(s, h, outer);
    }
    return err;
}

enum httpa_err httpa_service_preflight(const struct httpa_service *service,
                                       const struct httpa_head *request,
                                       struct httpa_outer *ret_outer)
{
    httpa_outer_init(ret_outer, 204);
    enum httpa_err err = add_str(ret_outer, "allow", ALLOW);
    if (err == HTTPA_OK) {
        err = add_str(ret_outer, "cache-control", "no-store");
    }
    if (err == HTTPA_OK) {
        err = add_hints(service, ret_outer);
    }
    if (err == HTTPA_OK) {
        err = add_preflight_cors(service, request, ret_outer);
    }
    return err;
}

static void
write_discovery(const struct httpa_service *s, struct httpa_buf *out)
{
    struct httpa_json j = httpa_json_of(out, HTTPA_JSON_COMPACT);
    httpa_json_object(&j);
    for (size_t h = 0; h < HINTS; h++) {
        httpa_json_key(&j, hints[h].member);
        httpa_json_array(&j);
        for (size_t i = 0; hints[h].at(i) != NULL; i++) {
            if (speaks(s, hints[h].at(i))) {
                httpa_json_str(&j, hints[h].at(i));
            }
        }
        httpa_json_end(&j);
    }
    httpa_json_key(&j, "types");
    httpa_json_array(&j);
    for (size_t i = 0; i < s->types.n; i++) {
        httpa_json_str(&j, s->types.v[i]);
    }
    httpa_json_end(&j);
    httpa_json_end(&j);
}

enum httpa_err httpa_service_discovery(const struct httpa_service *service,
                                       const struct httpa_head *request,
                                       bool ready,
                                       struct httpa_outer *ret_outer,
                                       struct httpa_buf *content)
{
    bool options = httpa_slice_is(request->method, "OPTIONS");
    bool up = ready && atomic_load(&service->drain_end_s) == 0;
    httpa_outer_init(ret_outer, !up ? 503 : options ? 204 : 200);
    enum httpa_err err = add_str(ret_outer, "cache-control", "no-store");
    if (err == HTTPA_OK && options) {
        err = add_str(ret_outer, "allow", ALLOW);
    }
    if (err == HTTPA_OK && up && !options) {
        write_discovery(service, content);
        err = add_str(ret_outer, "content-type", "application/json");
    }
    if (err == HTTPA_OK) {
        err = httpa_service_add_cors(service, request, ret_outer);
    }
    return err == HTTPA_OK ? httpa_buf_check(content) : err;
}

/* A UtR is often a person with curl: a sentence instead of a problem. */
static void
write_untrusted(const struct httpa_service *s, struct httpa_buf *out)
{
    httpa_buf_put_str(out, "This service speaks HTTPA/2 only. Call it with: "
                           "httpa ");
    httpa_buf_put_str(out, s->origins.v[0]);
    httpa_buf_put_str(out, "/...\n");
}

static enum httpa_err
add_refusal(const struct httpa_service *s, const struct httpa_refusal *row,
            uint32_t retry_after_s, struct httpa_outer *outer,
            struct httpa_buf *content)
{
    bool untrusted = row->token == HTTPA_TOKEN_UNTRUSTED;
    enum httpa_err err = add_str(outer, "content-type",
                                 untrusted ? "text/plain; charset=utf-8"
                                           : "application/problem+json");
    if (err == HTTPA_OK) {
        err = add_str(outer, "cache-control", "no-store, no-transform");
    }
    if (err == HTTPA_OK) {
        err = add_str(outer, "attest-error", row->name);
    }
    if (err == HTTPA_OK && retry_after_s > 0) {
        uint8_t digits[20];
        struct httpa_buf b = httpa_buf_fixed(digits, sizeof(digits));
        struct httpa_sfv_writer w = httpa_sfv_writer_of(&b);
        httpa_sfv_put(&w, httpa_sfv_integer(retry_after_s));
        err = httpa_outer_add(outer, "retry-after", httpa_buf_slice(&b));
    }
    if (untrusted) {
        write_untrusted(s, content);
    } else {
        httpa_buf_put_str(content, row->problem);
    }
    return err == HTTPA_OK ? httpa_buf_check(content) : err;
}

enum httpa_err httpa_service_refuse(const struct httpa_service *service,
                                    const struct httpa_head *request,
                                    enum httpa_err why, uint32_t retry_after_s,
                                    struct httpa_outer *ret_outer,
                                    struct httpa_buf *content)
{
    const struct httpa_refusal *row = httpa_refusal_clear(why);
    if (row->token == HTTPA_TOKEN_BUSY &&
        atomic_load(&service->drain_end_s) != 0) {
        row = httpa_refusal_row(HTTPA_TOKEN_DRAINING);
    }
    httpa_outer_init(ret_outer, row->clear);
    enum httpa_err err =
        add_refusal(service, row, retry_after_s, ret_outer, content);
    bool nothing_common = row->token == HTTPA_TOKEN_VERSION ||
                          row->token == HTTPA_TOKEN_SUITE ||
                          row->token == HTTPA_TOKEN_GROUP;
    if (err == HTTPA_OK && nothing_common) {
        err = add_hints(service, ret_outer);
    }
    return err == HTTPA_OK ? httpa_service_add_cors(service, request, ret_outer)
                           : err;
}
