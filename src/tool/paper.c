#include "tool/paper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tool/say.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Narrower breaks ids apart; wider is tiring to read. */
#define WIDTH_MIN 80u
#define WIDTH_MAX 120u

#define ESCAPED 4u /* "\xNN" */

static const char *const inks[] = {
    [HTTPA_INK_PLAIN] = "",          [HTTPA_INK_BOLD] = "\033[1m",
    [HTTPA_INK_GREEN] = "\033[32m",  [HTTPA_INK_YELLOW] = "\033[33m",
    [HTTPA_INK_RED] = "\033[1;31m", [HTTPA_INK_GREY] = "\033[90m",
};

struct httpa_paper httpa_paper_of(FILE *to)
{
    struct httpa_paper p = { .to = to, .width = WIDTH_MIN };
    struct winsize size;
    const char *no_colour = getenv("NO_COLOR");
    if (!isatty(fileno(to))) {
        return p;
    }
    p.colour = no_colour == NULL || no_colour[0] == '\0';
    if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > WIDTH_MIN) {
        p.width = size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
    }
    return p;
}

static void fill(struct httpa_paper *p, unsigned column)
{
    for (; p->column < column; p->column++) {
        (void)fputc(' ', p->to);
    }
}

void httpa_paper_end(struct httpa_paper *p)
{
    if (p->column > 0) {
        (void)fputc('\n', p->to);
    }
    p->column = 0;
    p->indent = 0;
    p->owed = false;
}

void httpa_paper_gap(struct httpa_paper *p)
{
    httpa_paper_end(p);
    (void)fputc('\n', p->to);
}

void httpa_paper_at(struct httpa_paper *p, unsigned column)
{
    if (p->column > column) {
        httpa_paper_end(p);
    }
    p->indent = column;
    p->owed = false;
}

/* Where East Asian scripts and pictures take two columns (Unicode TR 11), in
 * blocks: a column too many counted is a line a little short. */
static bool is_wide(const uint8_t *c, size_t n)
{
    return n == 4 || (n == 3 && ((c[0] == 0xe1 && c[1] <= 0x87) ||
                                 (c[0] >= 0xe2 && c[0] <= 0xe9 &&
                                  (c[0] > 0xe2 || c[1] >= 0xba)) ||
                                 (c[0] >= 0xea && c[0] <= 0xef)));
}

/* The character that |s| begins with: its bytes, and the columns it takes. */
static unsigned measure(struct httpa_slice s, size_t *ret_n)
{
    size_t n = httpa_say_harmless(s);
    *ret_n = n > 0 ? n : 1;
    if (n == 0) {
        return ESCAPED;
    }
    return is_wide(s.p, n) ? 2 : 1;
}

static unsigned width_of(struct httpa_slice word)
{
    unsigned width = 0;
    while (word.n > 0) {
        size_t n;
        width += measure(word, &n);
        word = httpa_slice_from(word, n);
    }
    return width;
}

static void wrap(struct httpa_paper *p)
{
    (void)fputc('\n', p->to);
    p->column = 0;
    fill(p, p->indent);
}

/* One word: whole where it can be, else broken at the ends of lines. */
static void put_word(struct httpa_paper *p, struct httpa_slice word)
{
    unsigned width = width_of(word);
    unsigned space = p->owed ? 1 : 0;
    fill(p, p->indent);
    bool breaks = p->indent + width > p->width;
    if (p->column > p->indent &&
        p->column + space + (breaks ? ESCAPED : width) > p->width) {
        wrap(p);
        space = 0;
    }
    fill(p, p->column + space);
    while (word.n > 0) {
        size_t n;
        unsigned columns = measure(word, &n);
        if (p->column + columns > p->width) {
            wrap(p);
        }
        httpa_say_bytes(p->to, httpa_slice_of(word.p, n));
        p->column += columns;
        word = httpa_slice_from(word, n);
    }
    p->owed = true;
}

static size_t word_len(struct httpa_slice text)
{
    const uint8_t *end = memchr(text.p, ' ', text.n);
    return end != NULL ? (size_t)(end - text.p) : text.n;
}

void httpa_paper_put(struct httpa_paper *p, enum httpa_ink ink,
                     struct httpa_slice text)
{
    const char *code = p->colour ? inks[ink] : "";
    (void)fputs(code, p->to);
    while (text.n > 0) {
        size_t n = word_len(text);
        if (n > 0) {
            put_word(p, httpa_slice_of(text.p, n));
        }
        text = httpa_slice_from(text, n < text.n ? n + 1 : n);
    }
    if (code[0] != '\0') {
        (void)fputs("\033[0m", p->to);
    }
}

void httpa_paper_put_str(struct httpa_paper *p, enum httpa_ink ink,
                         const char *text)
{
    httpa_paper_put(p, ink, httpa_slice_str(text));
}
