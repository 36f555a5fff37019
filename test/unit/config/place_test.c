#include "config/doc.h"
#include "support/test.h"

static void nearest_names(void **state)
{
    (void)state;
    static const char *const names[] = { "expires", "origins", "base" };
    static const struct {
        const char *word;
        const char *near;
    } rows[] = {
        { "expires", "expires" }, { "expire", "expires" },
        { "Expires", "expires" }, { "orgins", "origins" },
        { "abse", "base" },       { "xyz", NULL },
        { "", NULL },             { "bas", "base" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got =
            httpa_config_nearest(rows[i].word, names, COUNT(names));
        if ((got == NULL) != (rows[i].near == NULL) ||
            (got != NULL && strcmp(got, rows[i].near) != 0)) {
            fail_msg("%s: got %s", rows[i].word, got != NULL ? got : "none");
        }
    }
    char *word = calloc(1, 5000);
    memset(word, 'e', 4999);
    assert_null(httpa_config_nearest(word, names, COUNT(names)));
    free(word);
}

/* A dotted path, and where it points: '^' stands before the place and is
 * taken out before the text is read. */
static void places_of_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *text;
    } rows[] = {
        { "a", "{\"a\": ^1}" },
        { "b", "{\"a\": \"}\\\"]\", \"b\": ^\"x\"}" },
        { "b[1]", "{\"a\": {\"b\": [1, {\"c\": []}]},\n \"b\": [0,\n ^2, 3]}" },
        { "b[1].c", "{\"b\": [ {} , {\"a\":-1.5e3 , \"c\" : ^{} } ] }" },
        { "b[7]", "{\"a\": 1, \"b\": ^[1, 2]}" },
        { "none", " ^{\"a\": 1}" },
        { "a.none.c", "{\"a\": ^{\"b\": true}}" },
        { "", "^{}" },
        { "c", "{\"a\": null,\"b\":false,\"c\":^true}" },
        { "a", "{\"\\u0061\": ^[]}" },
        { "\xc3\xa4", "{\"x\": \"\xe2\x82\xac\", \"\xc3\xa4\": ^0}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[128];
        const char *mark = strchr(rows[i].text, '^');
        assert_non_null(mark);
        (void)snprintf(text, sizeof(text), "%.*s%s",
                       (int)(mark - rows[i].text), rows[i].text, mark + 1);
        unsigned line = 1, column = 1;
        for (const char *p = rows[i].text; p < mark; p++) {
            column += ((unsigned char)*p & 0xc0) != 0x80;
            if (*p == '\n') {
                line++;
                column = 1;
            }
        }
        struct httpa_config_error e = { 0 };
        struct httpa_config_doc doc = { .text = httpa_slice_str(text),
                                        .error = &e };
        json_t *root = json_loads(text, 0, NULL);
        assert_non_null(root);
        assert_err(HTTPA_ERR_CONFIG,
                   httpa_config_fail_path(&doc, root, rows[i].path, "text"));
        if (e.line != line || e.column != column) {
            fail_msg("%s in %s: want %u:%u, got %u:%u", rows[i].path, text,
                     line, column, e.line, e.column);
        }
        json_decref(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nearest_names),
                                        cmocka_unit_test(places_of_paths) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
