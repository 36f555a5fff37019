#include "wire/ahl.h"

#include "support/test.h"

#define ID "r1.AAECAwQFBgcICQoLDA0ODw"
#define MAC ":AAAAAAAAAAAAAAAAAAAAAA==:"

static struct httpa_ahl ahl;

struct line {
    const char *name;
    const char *value;
};

static enum httpa_err read_lines(const struct line *lines, size_t n,
                                 enum httpa_place place)
{
    struct httpa_field v[HTTPA_FIELDS_MAX];
    struct httpa_fields fields = { .v = v, .cap = HTTPA_FIELDS_MAX };
    for (size_t i = 0; i < n && lines[i].name != NULL; i++) {
        assert_ok(httpa_fields_add(&fields, httpa_slice_str(lines[i].name),
                                   httpa_slice_str(lines[i].value)));
    }
    return httpa_ahl_read(&fields, place, &ahl);
}

/* Whole heads of a sealed request. */
static void heads_get_their_answer(void **state)
{
    static const struct {
        struct line lines[4];
        enum httpa_err want;
        const char *why;
    } rows[] = {
        { { { "attest-base-id", ID }, { "attest-ticket", "1;mac=" MAC } },
          HTTPA_OK, "all that must be there" },
        { { { "Attest-BASE-Id", ID }, { "ATTEST-Ticket", "1;mac=" MAC } },
          HTTPA_OK, "case of names" },
        { { { "attest-base-id", " \t" ID "\t " },
            { "attest-ticket", "1;mac=" MAC } },
          HTTPA_OK, "blanks around a value" },
        { { { "attest-base-id", ID }, { "accept", "*/*" } },
          HTTPA_ERR_MISSING, "no ticket" },
        { { { "attest-base-id", ID },
            { "attest-base-id", ID },
            { "attest-ticket", "1;mac=" MAC } },
          HTTPA_ERR_MALFORMED, "an Item on two lines" },
        { { { "attest-base-id", ID },
            { "attest-ticket", "1;mac=" MAC },
            { "attest-ticket", "" } },
          HTTPA_ERR_MALFORMED, "an empty line beside a good one" },
        { { { "attest-base-id", ID },
            { "attest-ticket", "1;mac=" MAC },
            { "attest-binder", MAC } },
          HTTPA_ERR_PLACE, "a field of responses" },
        { { { "attest-base-id", ID },
            { "attest-ticket", "1;mac=" MAC },
            { "attest-next", "any (thing at; all" } },
          HTTPA_OK, "an undefined field, opaque" },
        { { { "attest-base-id", ID },
            { "attest-ticket", "1;mac=" MAC },
            { "attest-next", "two  spaces" } },
          HTTPA_ERR_MALFORMED, "an undefined field with two spaces" },
        { { { "attest-base-id", ID },
            { "attest-ticket", "1;mac=" MAC },
            { "attest-next", "caf\xc3\xa9" } },
          HTTPA_ERR_MALFORMED, "an undefined field with other bytes" },
        { { { "attest-base-id", ID },
            { "attest-ticket", "1;mac=" MAC },
            { "attest-next", "  " } },
          HTTPA_ERR_MALFORMED, "an undefined field, empty" },
        { { { "attest-next", "1" },
            { "attest-ticket", "1;mac=" MAC },
            { "Attest-Next", "2" } },
          HTTPA_ERR_DUPLICATE, "an undefined field on two lines" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_err got = read_lines(rows[i].lines, 4, HTTPA_PLACE_REQUEST);
        if (got != rows[i].want) {
            fail_msg("%s: want %s, got %s", rows[i].why,
                     httpa_err_name(rows[i].want), httpa_err_name(got));
        }
        assert_true(got == HTTPA_OK || ahl.have == 0);
    }
}

static void sealed_heads_hold_nothing_undefined(void **state)
{
    const struct line one[] = { { "attest-next", "1" } };
    (void)state;
    assert_err(HTTPA_ERR_PLACE,
               read_lines(one, 1, HTTPA_PLACE_REQUEST_INNER));
    assert_ok(read_lines(one, 0, HTTPA_PLACE_REQUEST_INNER));
}

static void hints_are_read_leniently(void **state)
{
    const struct line lines[] = {
        { "attest-error", "base-unknown;at=r2" },
        { "attest-versions", "((" },
        { "attest-ticket", "1" },
        { "attest-next", "\x01" },
    };
    struct httpa_slice token;
    (void)state;
    assert_ok(read_lines(lines, 4, HTTPA_PLACE_REFUSAL));
    assert_ok(httpa_ahl_token(&ahl, HTTPA_FIELD_ERROR, &token));
    assert_slice_is(token, "base-unknown");
    assert_int_equal(ahl.have, HTTPA_FIELD_BIT(HTTPA_FIELD_ERROR));
    assert_ok(read_lines(lines, 0, HTTPA_PLACE_REFUSAL));
}

/* A hint's second line is left out without harm to the others. */
static void a_repeated_hint_is_left_out(void **state)
{
    const struct line lines[] = {
        { "attest-a", "1" }, { "attest-c", "3" }, { "attest-d", "4" },
        { "attest-b", "2" }, { "attest-a", "9" },
    };
    struct httpa_field v[8];
    struct httpa_fields f = { .v = v, .cap = COUNT(v) };
    (void)state;
    assert_ok(read_lines(lines, COUNT(lines), HTTPA_PLACE_PREFLIGHT));
    assert_ok(httpa_ahl_to_fields(&ahl, &f));
    assert_int_equal(f.n, 4);
    for (size_t i = 0; i < f.n; i++) {
        assert_int_equal(f.v[i].name.p[7], "abcd"[i]);
        assert_int_equal(f.v[i].value.p[0], "1234"[i]);
    }
}

static void limits_of_a_clear_head(void **state)
{
    struct line lines[22];
    char names[22][16];
    char value[257];
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        snprintf(names[i], sizeof(names[i]), "attest-x%02zu", i);
        lines[i] = (struct line){ names[i], "1" };
    }
    assert_ok(read_lines(lines, 20, HTTPA_PLACE_PREFLIGHT));
    assert_err(HTTPA_ERR_LIMIT, read_lines(lines, 21, HTTPA_PLACE_PREFLIGHT));
    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    for (size_t i = 0; i < COUNT(lines); i++) {
        lines[i].value = value; /* 256 and 10 of its name */
    }
    assert_ok(read_lines(lines, 15, HTTPA_PLACE_PREFLIGHT)); /* 3,990 */
    assert_err(HTTPA_ERR_LIMIT, read_lines(lines, 16, HTTPA_PLACE_PREFLIGHT));
}

/* doc/protocol.md 4.3, the worked example, and how lines of a List join. */
static void canonical_form(void **state)
{
    const struct line id[] = { { "Attest-Base-ID", "  " ID " " },
                               { "attest-ticket", "1;mac=" MAC } };
    const struct line list[] = {
        { "attest-versions", "b;y=?1;x=007,c" },
        { "attest-zzz", "last" },
        { "attest-aaa", "first one" },
        { "attest-versions", "a" },
    };
    uint8_t bytes[HTTPA_AHL_CANONICAL_MAX];
    struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
    (void)state;
    assert_ok(read_lines(id, 2, HTTPA_PLACE_REQUEST));
    assert_ok(httpa_ahl_canonical(
        &ahl, HTTPA_FIELD_BIT(HTTPA_FIELD_TICKET), &b));
    assert_hex(b.p, b.n,
               "00010e6174746573742d626173652d69640000001972312e"
               "41414543417751464267634943516f4c4441304f4477");
    httpa_buf_reset(&b);
    assert_ok(read_lines(list, 4, HTTPA_PLACE_PREFLIGHT));
    assert_slice_is(httpa_ahl_text(&ahl, HTTPA_FIELD_VERSIONS),
                    "b;y;x=7, c, a");
    assert_ok(httpa_ahl_canonical(&ahl, 0, &b));
    static const char want[] = "\0\3"
                               "\12attest-aaa\0\0\0\11first one"
                               "\17attest-versions\0\0\0\15b;y;x=7, c, a"
                               "\12attest-zzz\0\0\0\4last";
    assert_int_equal(b.n, sizeof(want) - 1);
    assert_memory_equal(b.p, want, b.n);
    struct httpa_buf small = httpa_buf_fixed(bytes, 20);
    assert_err(HTTPA_ERR_SPACE, httpa_ahl_canonical(&ahl, 0, &small));
}

static void what_is_built_is_what_is_read(void **state)
{
    static struct httpa_ahl built;
    uint8_t random[32] = { 1, 2, 3 };
    uint8_t got[32];
    struct httpa_field v[8];
    struct httpa_fields fields = { .v = v, .cap = 8 };
    int64_t n;
    (void)state;
    httpa_ahl_init(&built, HTTPA_PLACE_ATHS_RESPONSE);
    assert_err(HTTPA_ERR_MISSING, httpa_ahl_check(&built));
    assert_ok(httpa_ahl_set_bare(&built, HTTPA_FIELD_VERSION,
                                 httpa_sfv_token(httpa_slice_str("httpa/2"))));
    assert_err(HTTPA_ERR_USAGE,
               httpa_ahl_set(&built, HTTPA_FIELD_VERSION,
                             httpa_slice_str("httpa/2")));
    assert_ok(httpa_ahl_set(&built, HTTPA_FIELD_CIPHER_SUITE,
                            httpa_slice_str("S")));
    assert_ok(httpa_ahl_set(&built, HTTPA_FIELD_SUPPORTED_GROUP,
                            httpa_slice_str("x25519")));
    assert_ok(httpa_ahl_set(&built, HTTPA_FIELD_KEY_SHARE,
                            httpa_slice_str(MAC ";group=x25519")));
    assert_ok(httpa_ahl_set_bare(
        &built, HTTPA_FIELD_RANDOM,
        httpa_sfv_bytes(httpa_slice_of(random, sizeof(random)))));
    assert_ok(httpa_ahl_set(&built, HTTPA_FIELD_BASE_ID,
                            httpa_slice_str(ID ";max-age=60")));
    assert_ok(httpa_ahl_check(&built));
    assert_ok(httpa_ahl_to_fields(&built, &fields));
    assert_int_equal(fields.n, 6);
    assert_ok(httpa_ahl_read(&fields, HTTPA_PLACE_ATHS_RESPONSE, &ahl));
    assert_int_equal(ahl.have, built.have);
    assert_ok(httpa_ahl_bytes_exact(&ahl, HTTPA_FIELD_RANDOM, got, 32));
    assert_memory_equal(got, random, 32);
    assert_err(HTTPA_ERR_RANGE,
               httpa_ahl_bytes_exact(&ahl, HTTPA_FIELD_RANDOM, got, 31));
    assert_ok(httpa_ahl_param_integer(&ahl, HTTPA_FIELD_BASE_ID, "max-age",
                                      &n));
    assert_int_equal(n, 60);
    assert_err(HTTPA_ERR_MISSING,
               httpa_ahl_param_integer(&ahl, HTTPA_FIELD_BASE_ID, "idle",
                                       &n));
}

static void accessors_want_one_member_of_their_type(void **state)
{
    static struct httpa_ahl a;
    struct httpa_slice token;
    uint8_t bytes[64];
    struct httpa_buf b = httpa_buf_fixed(bytes, sizeof(bytes));
    int64_t n;
    (void)state;
    httpa_ahl_init(&a, HTTPA_PLACE_ATHS_REQUEST);
    assert_ok(httpa_ahl_set(&a, HTTPA_FIELD_VERSIONS, httpa_slice_str("a, b")));
    assert_ok(httpa_ahl_set(&a, HTTPA_FIELD_DATE, httpa_slice_str("@7")));
    assert_ok(httpa_ahl_set(&a, HTTPA_FIELD_TARGET,
                            httpa_slice_str("\"https://a\"")));
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_ahl_token(&a, HTTPA_FIELD_VERSIONS, &token));
    assert_err(HTTPA_ERR_MISSING,
               httpa_ahl_token(&a, HTTPA_FIELD_POLICIES, &token));
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_ahl_integer(&a, HTTPA_FIELD_DATE, &n));
    assert_ok(httpa_ahl_date(&a, HTTPA_FIELD_DATE, &n));
    assert_int_equal(n, 7);
    assert_ok(httpa_ahl_string(&a, HTTPA_FIELD_TARGET, &b));
    assert_slice_is(httpa_buf_slice(&b), "https://a");
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_field v[1] = { { *(struct httpa_slice *)arg, in } };
    struct httpa_fields fields = { .v = v, .n = 1, .cap = 1 };
    enum httpa_err err =
        httpa_ahl_read(&fields, HTTPA_PLACE_ATHS_SEALED, &ahl);
    assert_true(err != HTTPA_OK); /* other fields are missing */
}

static void mutants_do_no_harm(void **state)
{
    static const struct line good[] = {
        { "attest-quotes",
          MAC ";type=\"a/b\";binding=key;key=" MAC
              ";not-before=1;not-after=2;x=(" },
        { "attest-policies", "indirect, fresh;a=\"\\\"\";b=1.5;c=@3" },
        { "attest-signatures", "a=" MAC ";alg=x, b=" MAC ";alg=y" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct httpa_slice name = httpa_slice_str(good[i].name);
        mutate(httpa_slice_str(good[i].value), read_mutant, &name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_get_their_answer),
        cmocka_unit_test(sealed_heads_hold_nothing_undefined),
        cmocka_unit_test(hints_are_read_leniently),
        cmocka_unit_test(a_repeated_hint_is_left_out),
        cmocka_unit_test(limits_of_a_clear_head),
        cmocka_unit_test(canonical_form),
        cmocka_unit_test(what_is_built_is_what_is_read),
        cmocka_unit_test(accessors_want_one_member_of_their_type),
        cmocka_unit_test(mutants_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
