/* Lines that fit, whatever is set in them. */
#include <string.h>

#include "support/test.h"
#include "tool/paper.h"

struct sheet {
    char *text;
    size_t n;
    struct httpa_paper paper;
};

/* Lines of 20. */
static void begin(struct sheet *s)
{
    *s = (struct sheet){ .paper = { .width = 20 } };
    s->paper.to = open_memstream(&s->text, &s->n);
    assert_non_null(s->paper.to);
}

static void end(struct sheet *s, const char *expected)
{
    assert_int_equal(fclose(s->paper.to), 0);
    assert_string_equal(s->text, expected);
    free(s->text);
}

static void set(void **state)
{
    static const struct {
        const char *why;
        unsigned at; /* column, of lines of 20 */
        const char *in;
        const char *out;
    } rows[] = {
        { "fits", 2, "one two", "  one two\n" },
        { "nothing is nothing", 2, "", "" },
        { "spaces are one", 0, "  one   two ", "one two\n" },
        { "to the last column", 0, "aaaaaaaaa bbbbbbbbbb",
          "aaaaaaaaa bbbbbbbbbb\n" },
        { "wraps below its column", 8, "aaaaaaaa bbbbbbbb",
          "        aaaaaaaa\n        bbbbbbbb\n" },
        { "a word longer than a line is broken", 16, "abcdefghij",
          "                abcd\n                efgh\n"
          "                ij\n" },
        { "and begins where the one before it ends", 10, "ab cdefghijklmnop",
          "          ab cdefghi\n          jklmnop\n" },
        { "unless nothing of it fits there", 10, "abcdefgh cdefghijklmn",
          "          abcdefgh\n          cdefghijkl\n          mn\n" },
        { "two columns each", 14, "\xe6\xb8\xac\xe6\xb8\xac\xe6\xb8\xac"
                                  "\xe6\xb8\xac",
          "              \xe6\xb8\xac\xe6\xb8\xac\xe6\xb8\xac\n"
          "              \xe6\xb8\xac\n" },
        { "controls take four", 14, "a\x1b" "b\x07",
          "              a\\x1bb\n              \\x07\n" },
        { "bytes that are no text", 15, "\xff\xfe",
          "               \\xff\n               \\xfe\n" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sheet s;
        begin(&s);
        (void)fprintf(stderr, "%s\n", rows[i].why);
        httpa_paper_at(&s.paper, rows[i].at);
        httpa_paper_put_str(&s.paper, HTTPA_INK_RED, rows[i].in);
        httpa_paper_end(&s.paper);
        end(&s, rows[i].out);
    }
}

/* A column that is passed already begins a line; colour takes no room. */
static void columns(void **state)
{
    (void)state;
    struct sheet s;
    begin(&s);
    s.paper.colour = true;
    httpa_paper_put_str(&s.paper, HTTPA_INK_PLAIN, "word");
    httpa_paper_at(&s.paper, 6);
    httpa_paper_put_str(&s.paper, HTTPA_INK_GREEN, "yes");
    httpa_paper_put_str(&s.paper, HTTPA_INK_PLAIN, "then");
    httpa_paper_at(&s.paper, 2);
    httpa_paper_put_str(&s.paper, HTTPA_INK_PLAIN, "below");
    httpa_paper_gap(&s.paper);
    httpa_paper_put_str(&s.paper, HTTPA_INK_PLAIN, "end");
    httpa_paper_end(&s.paper);
    httpa_paper_end(&s.paper);
    end(&s, "word\033[32m  yes\033[0m then\n  below\n\nend\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set),
        cmocka_unit_test(columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
