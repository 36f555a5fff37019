/* What strangers send is shown, never obeyed. */
#include "support/test.h"
#include "tool/say.h"

static void shown(void **state)
{
    static const struct {
        const char *why;
        const char *in;
        const char *out;
    } rows[] = {
        { "text", "plain text", "plain text" },
        { "UTF-8", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
        { "escape sequence", "a\x1b[2Jb", "a\\x1b[2Jb" },
        { "line ends", "a\r\nb", "a\\x0d\\x0ab" },
        { "delete", "\x7f", "\\x7f" },
        { "C1 control in UTF-8",
          "\xc2\x9b"
          "2J",
          "\\xc2\\x9b2J" },
        { "C1 control bare", "\x9b", "\\x9b" },
        { "turns the line around",
          "\xe2\x80\xae"
          "x",
          "\\xe2\\x80\\xaex" },
        { "isolates", "\xe2\x81\xa6", "\\xe2\\x81\\xa6" },
        { "a mark of direction", "\xe2\x80\x8f", "\\xe2\\x80\\x8f" },
        { "an Arabic mark", "\xd8\x9c", "\\xd8\\x9c" },
        { "no width", "\xe2\x80\x8b", "\\xe2\\x80\\x8b" },
        { "byte order mark", "\xef\xbb\xbf", "\\xef\\xbb\\xbf" },
        { "a dash from the same block", "\xe2\x80\x94", "\xe2\x80\x94" },
        { "cut character", "\xe2\x80", "\\xe2\\x80" },
        { "too long a form", "\xc0\x80", "\\xc0\\x80" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char room[64];
        (void)fprintf(stderr, "%s\n", rows[i].why);
        assert_string_equal(
            httpa_say_clean(httpa_slice_str(rows[i].in), room, sizeof(room)),
            rows[i].out);
    }
}

/* Any bytes, any room: no control comes out, and nothing past the end. */
static void cut_to_fit(void **state)
{
    uint8_t in[256];
    (void)state;
    for (size_t i = 0; i < sizeof(in); i++) {
        in[i] = (uint8_t)i;
    }
    for (size_t size = 6; size < 300; size++) {
        char *room = malloc(size);
        assert_non_null(room);
        httpa_say_clean(httpa_slice_of(in, sizeof(in)), room, size);
        assert_true(strlen(room) < size);
        for (const char *p = room; *p != '\0'; p++) {
            assert_true((unsigned char)*p >= 0x20);
        }
        free(room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shown),
        cmocka_unit_test(cut_to_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
