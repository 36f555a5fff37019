#include "support/pair.h"

static const char *text_of(const struct httpa_outer *outer, const char *name,
                           char *room)
{
    const struct httpa_field *f =
        httpa_fields_find(&outer->head.fields, name);
    if (f == NULL) {
        return NULL;
    }
    snprintf(room, 512, "%.*s", (int)f->value.n, (const char *)f->value.p);
    return room;
}

static void refusals_are_constants(void **state)
{
    static const struct {
        enum httpa_err why;
        unsigned status;
        const char *token;
    } rows[] = {
        { HTTPA_ERR_MALFORMED, 400, "malformed" },
        { HTTPA_ERR_PLACE, 400, "malformed" },
        { HTTPA_ERR_DUPLICATE, 400, "malformed" },
        { HTTPA_ERR_VERSION, 400, "version" },
        { HTTPA_ERR_SUITE, 400, "suite" },
        { HTTPA_ERR_GROUP, 400, "group" },
        { HTTPA_ERR_DATE, 400, "date" },
        { HTTPA_ERR_UNTRUSTED, 403, "untrusted" },
        { HTTPA_ERR_REFUSED, 403, "client" },
        { HTTPA_ERR_POLICY, 403, "policy" },
        { HTTPA_ERR_TARGET, 421, "target" },
        { HTTPA_ERR_BASE_UNKNOWN, 422, "base-unknown" },
        { HTTPA_ERR_REPLAY, 422, "replay" },
        { HTTPA_ERR_LIMIT, 413, "too-large" },
        { HTTPA_ERR_BUSY, 503, "busy" },
    };
    struct pair p;
    struct httpa_head request;
    char room[512];
    (void)state;
    pair_init(&p);
    httpa_head_init(&request, NULL, 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_outer outer;
        struct httpa_buf content = httpa_buf_growing(1024);
        assert_ok(httpa_service_refuse(p.service, &request, rows[i].why, 0,
                                       &outer, &content));
        assert_int_equal(outer.head.status, rows[i].status);
        assert_string_equal(text_of(&outer, "attest-error", room),
                            rows[i].token);
        assert_true(content.n > 0);
        assert_null(
            httpa_fields_find(&outer.head.fields, "attest-binder"));
        httpa_buf_done(&content);
    }
    pair_done(&p);
}

static void discovery_says_what_may_be_asked_for(void **state)
{
    struct pair p;
    struct httpa_head request;
    struct httpa_outer outer;
    struct httpa_buf content = httpa_buf_growing(1024);
    (void)state;
    pair_init(&p);
    httpa_head_init(&request, NULL, 0);
    request.is_request = true;
    request.method = httpa_slice_str("GET");
    request.path = httpa_slice_str(HTTPA_WELL_KNOWN);
    assert_int_equal(httpa_kind_of(&request), HTTPA_KIND_DISCOVERY);
    assert_ok(httpa_service_discovery(p.service, &request, true, &outer,
                                      &content));
    assert_int_equal(outer.head.status, 200);
    assert_true(httpa_slice_starts(
        httpa_buf_slice(&content),
        "{\"versions\":[\"httpa/2\"],\"suites\":[\"TLS_AES_128_GCM_SHA256\""));
    httpa_buf_reset(&content);
    assert_ok(httpa_service_discovery(p.service, &request, false, &outer,
                                      &content));
    assert_int_equal(outer.head.status, 503);
    assert_int_equal(content.n, 0);
    httpa_buf_done(&content);
    pair_done(&p);
}

/* Each row changes the offer of an honest client in one place. */
static void offers_are_judged(void **state)
{
    static const struct {
        const char *field;
        const char *value; /* NULL: removed */
        enum httpa_err want;
    } rows[] = {
        { "attest-versions", "httpa/1", HTTPA_ERR_VERSION },
        { "attest-versions", NULL, HTTPA_ERR_MISSING },
        { "attest-target", "\"https://evil.example\"", HTTPA_ERR_TARGET },
        { "attest-cipher-suites", "TLS_X", HTTPA_ERR_SUITE },
        { "attest-supported-groups", "secp256r1", HTTPA_ERR_MALFORMED },
        { "attest-supported-groups", "secp256r1, x25519",
          HTTPA_ERR_MALFORMED },
        { "attest-policies", "batch", HTTPA_ERR_POLICY },
        { "attest-policies", "direct", HTTPA_ERR_POLICY },
        { "attest-policies", "key;max-age=60", HTTPA_ERR_POLICY },
        { "attest-policies", "key", HTTPA_ERR_MISSING },
        { "attest-base-creation", "new", HTTPA_ERR_POLICY },
    };
    struct pair p;
    (void)state;
    pair_init(&p);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_hello *hello = NULL;
        struct httpa_handshake *hs = NULL;
        struct httpa_field room[HTTPA_OUTER_FIELDS];
        assert_ok(httpa_hello_new(&p.client, httpa_slice_str(PAIR_ORIGIN),
                                  PAIR_NOW, &hello));
        struct httpa_head sent =
            pair_outer(httpa_hello_outer(hello), "POST");
        struct httpa_head head = sent;
        httpa_head_init(&head, room, COUNT(room));
        for (size_t k = 0; k < sent.fields.n; k++) {
            struct httpa_field f = sent.fields.v[k];
            if (httpa_slice_is(f.name, rows[i].field)) {
                if (rows[i].value == NULL) {
                    continue;
                }
                f.value = httpa_slice_str(rows[i].value);
            }
            assert_ok(httpa_fields_add(&head.fields, f.name, f.value));
        }
        enum httpa_err got = httpa_service_handshake(
            p.service, &head, httpa_hello_content(hello), PAIR_NOW, NULL,
            &hs);
        if (got != rows[i].want) {
            fail_msg("%s: %s: want %s, got %s", rows[i].field,
                     rows[i].value ? rows[i].value : "-",
                     httpa_err_name(rows[i].want), httpa_err_name(got));
        }
        assert_null(hs);
        httpa_hello_free(hello);
    }
    pair_done(&p);
}

static void a_configuration_is_checked(void **state)
{
    static const char *const good[] = { "https://a.example" };
    static const char *const bad[] = { "https://a.example/" };
    static const char *const upper[] = { "https://A.example" };
    struct pair p;
    struct httpa_service *s = NULL;
    (void)state;
    pair_init(&p);
    struct httpa_service_config base = { .crypto = p.crypto,
                                         .random = httpa_random_system(),
                                         .origins = good,
                                         .origin_count = 1,
                                         .label = "r1" };
    struct httpa_service_config c = base;
    c.origins = bad;
    assert_err(HTTPA_ERR_CONFIG, httpa_service_new(&c, &s));
    c.origins = upper;
    assert_err(HTTPA_ERR_CONFIG, httpa_service_new(&c, &s));
    c = base;
    c.origin_count = 0;
    assert_err(HTTPA_ERR_CONFIG, httpa_service_new(&c, &s));
    c = base;
    c.label = "R1";
    assert_err(HTTPA_ERR_CONFIG, httpa_service_new(&c, &s));
    c = base;
    c.idle_s = 5;
    assert_err(HTTPA_ERR_CONFIG, httpa_service_new(&c, &s));
    assert_null(s);
    pair_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_constants),
        cmocka_unit_test(discovery_says_what_may_be_asked_for),
        cmocka_unit_test(offers_are_judged),
        cmocka_unit_test(a_configuration_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
