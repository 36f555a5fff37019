#include "wire/kind.h"

#include "support/test.h"

struct row {
    const char *method;
    const char *path;
    const char *fields; /* names, separated by spaces */
    enum httpa_kind want;
    const char *why;
};

#define HOME HTTPA_WELL_KNOWN

static const struct row rows[] = {
    { "OPTIONS", "/", "attest-versions", HTTPA_KIND_PREFLIGHT, "row 1" },
    { "OPTIONS", HOME, "Attest-Versions", HTTPA_KIND_PREFLIGHT, "any case" },
    { "OPTIONS", "/", "attest-versions attest-base-id", HTTPA_KIND_MALFORMED,
      "row 1 has no Base-ID" },
    { "OPTIONS", "/", "attest-base-id attest-ticket", HTTPA_KIND_MALFORMED,
      "row 4 is ATTEST or POST" },
    { "OPTIONS", "/", "", HTTPA_KIND_UNTRUSTED, "a plain OPTIONS" },
    { "OPTIONS", HOME, "", HTTPA_KIND_DISCOVERY, "row 2" },
    { "GET", HOME, "accept", HTTPA_KIND_DISCOVERY, "row 2" },
    { "HEAD", HOME, "", HTTPA_KIND_DISCOVERY, "row 2" },
    { "GET", HOME "?x", "", HTTPA_KIND_DISCOVERY, "any query" },
    { "GET", HOME "/", "", HTTPA_KIND_UNTRUSTED, "another path" },
    { "GET", HOME "x", "", HTTPA_KIND_UNTRUSTED, "another path" },
    { "GET", HOME, "attest-date", HTTPA_KIND_MALFORMED, "row 2 has none" },
    { "POST", HOME, "", HTTPA_KIND_UNTRUSTED, "a POST is no discovery" },
    { "PUT", HOME, "", HTTPA_KIND_UNTRUSTED, "nor is a PUT" },
    { "ATTEST", "/", "attest-versions", HTTPA_KIND_ATHS, "row 3" },
    { "POST", "/any", "attest-versions", HTTPA_KIND_ATHS, "path is nothing" },
    { "POST", "/", "attest-versions attest-ticket", HTTPA_KIND_ATHS,
      "judged as AtHS, refused by place" },
    { "GET", "/", "attest-versions", HTTPA_KIND_MALFORMED, "row 3 methods" },
    { "attest", "/", "attest-versions", HTTPA_KIND_MALFORMED,
      "methods are case-sensitive" },
    { "POST", "/", "attest-base-id attest-ticket", HTTPA_KIND_SEALED,
      "row 4" },
    { "ATTEST", "/", "attest-base-id attest-ticket", HTTPA_KIND_SEALED,
      "row 4" },
    { "POST", "/", "attest-base-id attest-ticket attest-versions",
      HTTPA_KIND_SEALED, "judged as sealed, refused by place" },
    { "POST", "/", "attest-base-id", HTTPA_KIND_MALFORMED, "half" },
    { "POST", "/", "attest-ticket", HTTPA_KIND_MALFORMED, "half" },
    { "POST", "/", "attest-base-id attest-versions", HTTPA_KIND_MALFORMED,
      "neither AtHS nor sealed" },
    { "GET", "/", "attest-base-id attest-ticket", HTTPA_KIND_MALFORMED,
      "row 4 methods" },
    { "POST", "/", "attest-base-id attest-ticket attest-cargo",
      HTTPA_KIND_CLEAR_FORM, "row 5" },
    { "DELETE", "/", "attest-base-id attest-ticket attest-cargo",
      HTTPA_KIND_CLEAR_FORM, "row 5, any method" },
    { "POST", "/", "attest-unknown", HTTPA_KIND_MALFORMED,
      "row 6: unknown fields too" },
    { "POST", "/", "attest-", HTTPA_KIND_MALFORMED, "row 6: prefix alone" },
    { "POST", "/", "x-attest-versions", HTTPA_KIND_UNTRUSTED, "row 7" },
    { "", "", "", HTTPA_KIND_UNTRUSTED, "nothing at all" },
};

static enum httpa_kind classify(const struct row *row)
{
    struct httpa_field v[8];
    struct httpa_head head;
    char names[256];
    httpa_head_init(&head, v, COUNT(v));
    head.is_request = true;
    head.method = httpa_slice_str(row->method);
    head.path = httpa_slice_str(row->path);
    snprintf(names, sizeof(names), "%s", row->fields);
    for (char *at = strtok(names, " "); at != NULL; at = strtok(NULL, " ")) {
        assert_ok(httpa_fields_add(&head.fields, httpa_slice_str(at),
                                   httpa_slice_str("x")));
    }
    return httpa_kind_of(&head);
}

static void the_first_row_that_fits_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_kind got = classify(&rows[i]);
        if (got != rows[i].want) {
            fail_msg("%s %s [%s] (%s): want %s, got %s", rows[i].method,
                     rows[i].path, rows[i].fields, rows[i].why,
                     httpa_kind_name(rows[i].want), httpa_kind_name(got));
        }
    }
}

static void preflights_of_browsers(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        enum httpa_kind want;
    } cors[] = {
        { "Access-Control-Request-Method", "ATTEST", HTTPA_KIND_PREFLIGHT },
        { "Access-Control-Request-Method", "POST", HTTPA_KIND_UNTRUSTED },
        { "Access-Control-Request-Method", "attest", HTTPA_KIND_UNTRUSTED },
        { "Access-Control-Request-Headers", "attest-ticket",
          HTTPA_KIND_PREFLIGHT },
        { "access-control-request-headers", "content-type,Attest-Base-ID",
          HTTPA_KIND_PREFLIGHT },
        { "Access-Control-Request-Headers", "content-type, \tattest-x",
          HTTPA_KIND_PREFLIGHT },
        { "Access-Control-Request-Headers", "x-attest-x, content-type",
          HTTPA_KIND_UNTRUSTED },
        { "Access-Control-Request-Headers", "", HTTPA_KIND_UNTRUSTED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cors); i++) {
        struct httpa_field v[1];
        struct httpa_head head;
        httpa_head_init(&head, v, 1);
        head.method = httpa_slice_str("OPTIONS");
        head.path = httpa_slice_str("/");
        assert_ok(httpa_fields_add(&head.fields,
                                   httpa_slice_str(cors[i].name),
                                   httpa_slice_str(cors[i].value)));
        assert_int_equal(httpa_kind_of(&head), cors[i].want);
    }
}

/* No cell is forgotten: every method with every set of the fields that
 * matter is something, and nothing with an Attest-* field is a UtR. */
static void no_combination_is_unset_or_falls_open(void **state)
{
    static const char *const methods[] = { "ATTEST", "POST",   "OPTIONS",
                                           "GET",    "HEAD",   "PUT",
                                           "",       "CONNECT" };
    static const char *const names[] = { "attest-base-id", "attest-ticket",
                                         "attest-cargo", "attest-versions",
                                         "attest-other" };
    (void)state;
    for (size_t m = 0; m < COUNT(methods); m++) {
        for (unsigned set = 0; set < 1u << COUNT(names); set++) {
            char list[256] = "";
            for (size_t i = 0; i < COUNT(names); i++) {
                if ((set & 1u << i) != 0) {
                    size_t n = strlen(list);
                    snprintf(list + n, sizeof(list) - n, "%s ", names[i]);
                }
            }
            struct row row = { methods[m], "/", list, HTTPA_KIND_UNSET, "" };
            enum httpa_kind got = classify(&row);
            assert_int_not_equal(got, HTTPA_KIND_UNSET);
            assert_true(set == 0 || got != HTTPA_KIND_UNTRUSTED);
            assert_true(got != HTTPA_KIND_SEALED ||
                        ((set & 3u) == 3u && (set & 4u) == 0));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_row_that_fits_decides),
        cmocka_unit_test(preflights_of_browsers),
        cmocka_unit_test(no_combination_is_unset_or_falls_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
