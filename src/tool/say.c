#include "tool/say.h"

#include <stdarg.h>
#include <string.h>

#include "codec/utf8.h"

#define LINE_MAX_BYTES 2048

static bool is_quiet;

void httpa_say_quiet(bool quiet)
{
    is_quiet = quiet;
}

/* C1 controls (U+0080 to U+009F) are controls in UTF-8 too; marks and
 * overrides of direction (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to
 * U+2069) turn lines around; line separators end them, and what has no width
 * (U+200B to U+200D, U+2060 to U+2064, U+FEFF) hides in them. */
static bool is_mark(const uint8_t *p, size_t n)
{
    static const struct {
        uint8_t lead[2];
        uint8_t from;
        uint8_t to;
    } rows[] = {
        { { 0xe2, 0x80 }, 0x8b, 0x8f },
        { { 0xe2, 0x80 }, 0xa8, 0xae },
        { { 0xe2, 0x81 }, 0xa0, 0xa9 },
        { { 0xef, 0xbb }, 0xbf, 0xbf },
    };
    for (size_t i = 0; n == 3 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (memcmp(p, rows[i].lead, 2) == 0 && p[2] >= rows[i].from &&
            p[2] <= rows[i].to) {
            return true;
        }
    }
    return n == 2 && ((p[0] == 0xc2 && p[1] < 0xa0) ||
                      (p[0] == 0xd8 && p[1] == 0x9c));
}

size_t httpa_say_harmless(struct httpa_slice s)
{
    size_t n = httpa_utf8_char(s);
    if (n == 1) {
        return s.p[0] >= 0x20 && s.p[0] != 0x7f;
    }
    return is_mark(s.p, n) ? 0 : n;
}

void httpa_say_bytes(FILE *to, struct httpa_slice s)
{
    while (s.n > 0) {
        size_t n = httpa_say_harmless(s);
        if (n > 0) {
            (void)fwrite(s.p, 1, n, to);
        } else {
            (void)fprintf(to, "\\x%02x", s.p[0]);
        }
        s = httpa_slice_from(s, n > 0 ? n : 1);
    }
}

const char *httpa_say_clean(struct httpa_slice s, char *room, size_t size)
{
    size_t at = 0;
    while (s.n > 0 && at + 5 < size) {
        size_t n = httpa_say_harmless(s);
        if (n > 0) {
            memcpy(room + at, s.p, n);
            at += n;
        } else {
            (void)snprintf(room + at, size - at, "\\x%02x", s.p[0]);
            at += 4;
        }
        s = httpa_slice_from(s, n > 0 ? n : 1);
    }
    room[at] = '\0';
    return room;
}

HTTPA_PRINTF(2, 0)
static void line(const char *prefix, const char *format, va_list args)
{
    char text[LINE_MAX_BYTES];
    int n = vsnprintf(text, sizeof(text), format, args);
    size_t len = n < 0 ? 0 : (size_t)n;
    len = len < sizeof(text) ? len : sizeof(text) - 1;
    (void)fputs(prefix, stderr);
    httpa_say_bytes(stderr, httpa_slice_of(text, len));
    (void)fputc('\n', stderr);
}

void httpa_say(const char *format, ...)
{
    va_list args;
    if (!is_quiet) {
        va_start(args, format);
        line("httpa: ", format, args);
        va_end(args);
    }
}

void httpa_say_next(const char *format, ...)
{
    va_list args;
    if (!is_quiet) {
        va_start(args, format);
        line("  next: ", format, args);
        va_end(args);
    }
}
