/* What the public vectors leave open: strict mode, limits, room, mutants. */
#include "codec/sfv.h"
#include "support/test.h"

static struct httpa_sfv_room room;

enum {
    ITEM = HTTPA_SFV_ITEM,
    LIST = HTTPA_SFV_LIST,
    DICT = HTTPA_SFV_DICTIONARY,
    OK = HTTPA_OK,
    BAD = HTTPA_ERR_MALFORMED,
    TWICE = HTTPA_ERR_DUPLICATE,
    EMPTY = HTTPA_ERR_MISSING
};

static const struct {
    int kind;
    const char *in;
    int strict;
    int rfc;
    const char *why;
} rows[] = {
    { ITEM, "", EMPTY, BAD, "no Item" },
    { ITEM, "   ", EMPTY, BAD, "no Item" },
    { LIST, "", EMPTY, OK, "an empty List" },
    { LIST, "  ", EMPTY, OK, "an empty List" },
    { LIST, "\t", BAD, BAD, "a tab in front" },
    { DICT, "", EMPTY, OK, "an empty Dictionary" },
    { DICT, "a=()", OK, OK, "an empty inner list is a value" },
    { ITEM, "::", OK, OK, "so are no bytes" },
    { ITEM, "\"\"", OK, OK, "and no characters" },
    { ITEM, " 1 ", OK, OK, "spaces around" },
    { ITEM, "1\t", BAD, BAD, "a tab behind an Item" },
    { LIST, "1\t", OK, OK, "a tab behind a member" },
    { ITEM, "1;a;b;a", TWICE, OK, "a parameter twice" },
    { ITEM, "1;a;A", BAD, BAD, "a capital in a key" },
    { LIST, "1;a, 2;a", OK, OK, "a parameter of each of two" },
    { LIST, "(1;a 2;a);a", OK, OK, "a parameter at each level" },
    { LIST, "(1);a;a", TWICE, OK, "a parameter of a list twice" },
    { LIST, "(1;a;a)", TWICE, OK, "a parameter inside a list twice" },
    { LIST, "1, 1", OK, OK, "equal members" },
    { DICT, "a, a", TWICE, OK, "a key twice" },
    { DICT, "a=1, b, a=2", TWICE, OK, "a key twice" },
    { DICT, "a, b, A", BAD, BAD, "a capital in a key" },
    { ITEM, ":YQ:", BAD, OK, "padding missing" },
    { ITEM, ":YR==:", BAD, OK, "a stray bit" },
    { ITEM, ":YQ==:", OK, OK, "canonical" },
    { ITEM, ":YQ=:", BAD, BAD, "half of the padding" },
    { ITEM, ":YQ==", BAD, BAD, "no end" },
    { ITEM, "1;a=:YR==:", BAD, OK, "a stray bit in a parameter" },
    { LIST, "((1))", BAD, BAD, "no list in an inner list" },
    { LIST, "(1", BAD, BAD, "an open list" },
    { LIST, "(1 ", BAD, BAD, "an open list" },
    { LIST, "(1,2)", BAD, BAD, "commas in an inner list" },
    { LIST, "(1 2)3", BAD, BAD, "no comma" },
    { ITEM, "(1)", BAD, BAD, "a list is no Item" },
    { ITEM, "1;a=(1)", BAD, BAD, "nor a parameter's value" },
    { ITEM, "1;", BAD, BAD, "a parameter without a key" },
    { ITEM, "1;a=", BAD, BAD, "nor without a value" },
    { ITEM, "1 ;a", BAD, BAD, "a space in front of a parameter" },
    { ITEM, "1; a", OK, OK, "a space behind the semicolon" },
    { ITEM, "\"\\", BAD, BAD, "an escape at the end" },
    { ITEM, "\"\\a\"", BAD, BAD, "an escape of a letter" },
    { ITEM, "%\"%e2%82\"", BAD, BAD, "half a character" },
    { ITEM, "%\"%4\"", BAD, BAD, "half an escape" },
    { ITEM, "%\"%00\"", OK, OK, "U+0000 is a character" },
    { ITEM, "@1.0", BAD, BAD, "a Date is an Integer" },
    { ITEM, "?2", BAD, BAD, "neither" },
    { ITEM, "-", BAD, BAD, "a sign alone" },
    { ITEM, "1.", BAD, BAD, "a dot at the end" },
    { ITEM, ".5", BAD, BAD, "a dot in front" },
};

static void modes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_sfv doc = httpa_sfv_over(&room);
        struct httpa_slice in = httpa_slice_str(rows[i].in);
        enum httpa_sfv_kind kind = (enum httpa_sfv_kind)rows[i].kind;
        int strict = (int)httpa_sfv_read(&doc, kind, in, HTTPA_SFV_STRICT);
        int rfc = (int)httpa_sfv_read(&doc, kind, in, HTTPA_SFV_RFC);
        if (strict != rows[i].strict || rfc != rows[i].rfc) {
            fail_msg("%s: %s: strict %d, rfc %d", rows[i].in, rows[i].why,
                     strict, rfc);
        }
    }
}

static void last_key_wins(void **state)
{
    (void)state;
    struct httpa_sfv doc = httpa_sfv_over(&room);
    assert_ok(httpa_sfv_read(&doc, HTTPA_SFV_DICTIONARY,
                             httpa_slice_str("a=(1);x, b=2, a=3;y;z=1;y=4"),
                             HTTPA_SFV_RFC));
    assert_int_equal(doc.member_count, 2);
    const struct httpa_sfv_item *a = httpa_sfv_member(&doc, 0);
    assert_int_equal(a->value.type, HTTPA_SFV_INTEGER);
    assert_int_equal(a->value.integer, 3);
    assert_int_equal(a->inner_count, 0);
    assert_int_equal(a->param_count, 2);
    assert_int_equal(httpa_sfv_param(&doc, a, "y")->integer, 4);
    assert_null(httpa_sfv_param(&doc, a, "x"));
}

/* One of each thing fits; two do not. */
static void limits(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        enum httpa_err err;
    } limit_rows[] = {
        { "(1);a", HTTPA_OK },
        { "1, 2", HTTPA_ERR_LIMIT },       /* members */
        { "(1 2)", HTTPA_ERR_LIMIT },      /* inner items */
        { "(1;a);b", HTTPA_ERR_LIMIT },    /* parameters */
        { "1;a;b", HTTPA_ERR_LIMIT },      /* parameters */
        { ":YWI=:", HTTPA_OK },            /* two bytes of text */
        { ":YWJj:", HTTPA_ERR_LIMIT },     /* three */
        { "\"a\\\"\"", HTTPA_OK },         /* two characters, one escaped */
        { "\"ab\\\"\"", HTTPA_ERR_LIMIT }, /* three */
        { "\"abcdefgh\"", HTTPA_OK },      /* borrowed from the input */
        { "%\"%c3%bc\"", HTTPA_OK },
        { "%\"%c3%bca\"", HTTPA_ERR_LIMIT },
    };
    struct httpa_sfv_item members[1];
    struct httpa_sfv_item inners[1];
    struct httpa_sfv_param params[1];
    uint8_t text[2];
    for (size_t i = 0; i < COUNT(limit_rows); i++) {
        struct httpa_sfv doc = { .members = members,
                                 .member_max = 1,
                                 .inners = inners,
                                 .inner_max = 1,
                                 .params = params,
                                 .param_max = 1,
                                 .text = httpa_buf_fixed(text, 2) };
        enum httpa_err err =
            httpa_sfv_read(&doc, HTTPA_SFV_LIST,
                           httpa_slice_str(limit_rows[i].in), HTTPA_SFV_STRICT);
        if (err != limit_rows[i].err) {
            fail_msg("%s: %s", limit_rows[i].in, httpa_err_name(err));
        }
    }
}

static void a_failure_leaves_nothing(void **state)
{
    (void)state;
    struct httpa_sfv doc = httpa_sfv_over(&room);
    assert_ok(httpa_sfv_read(&doc, HTTPA_SFV_LIST,
                             httpa_slice_str("(1);a, :YQ==:"),
                             HTTPA_SFV_STRICT));
    assert_int_equal(doc.member_count, 2);
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_sfv_read(&doc, HTTPA_SFV_LIST,
                              httpa_slice_str("(1);a, :YQ==:, !"),
                              HTTPA_SFV_STRICT));
    assert_null(httpa_sfv_member(&doc, 0));
    assert_int_equal(doc.inner_count, 0);
    assert_int_equal(doc.param_count, 0);
    assert_int_equal(doc.text.n, 0);
    /* and the room serves again */
    assert_ok(httpa_sfv_read(&doc, HTTPA_SFV_ITEM, httpa_slice_str(":YQ==:"),
                             HTTPA_SFV_STRICT));
    assert_slice_is(httpa_sfv_member(&doc, 0)->value.text, "a");
}

/* A mutant that still parses has a canonical text, which parses to itself. */
static void mutant(struct httpa_slice in, void *arg)
{
    const enum httpa_sfv_kind *kind = arg;
    uint8_t first[512], second[512];
    struct httpa_sfv doc = httpa_sfv_over(&room);
    if (httpa_sfv_read(&doc, *kind, in, HTTPA_SFV_STRICT) != HTTPA_OK) {
        return;
    }
    struct httpa_buf a = httpa_buf_fixed(first, sizeof(first));
    assert_ok(httpa_sfv_write(&doc, &a));
    assert_ok(
        httpa_sfv_read(&doc, *kind, httpa_buf_slice(&a), HTTPA_SFV_STRICT));
    struct httpa_buf b = httpa_buf_fixed(second, sizeof(second));
    assert_ok(httpa_sfv_write(&doc, &b));
    assert_true(httpa_slice_equal(httpa_buf_slice(&a), httpa_buf_slice(&b)));
}

static void mutants_are_survived(void **state)
{
    (void)state;
    enum httpa_sfv_kind kind = HTTPA_SFV_DICTIONARY;
    mutate(httpa_slice_str("ab=-12.5;c=\"d\\\"e\";f, g=(:aGk=: ?0;h=@7 to/k);i="
                           "%\"f%c3%bc\", j;k=*t"),
           mutant, &kind);
    kind = HTTPA_SFV_LIST;
    mutate(httpa_slice_str("(a b);c=1,\td , \"x\";y=:AAEC:"), mutant, &kind);
    kind = HTTPA_SFV_ITEM;
    mutate(httpa_slice_str("281474976710655;mac=:AAECAwQFBgcICQoLDA0ODw==:"),
           mutant, &kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes),
        cmocka_unit_test(last_key_wins),
        cmocka_unit_test(limits),
        cmocka_unit_test(a_failure_leaves_nothing),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
