/*
 * Text set in lines that fit a terminal: words wrap below where their column
 * began, what is longer than a line is broken, and nothing of a stranger's is
 * obeyed (tool/say.h).
 *
 *   struct httpa_paper p = httpa_paper_of(stdout);
 *   httpa_paper_at(&p, 2);
 *   httpa_paper_put(&p, HTTPA_INK_PLAIN, httpa_slice_str("genuine"));
 *   httpa_paper_at(&p, 18);
 *   httpa_paper_put(&p, HTTPA_INK_GREY, sentence);
 *   httpa_paper_end(&p);
 */
#ifndef HTTPA_TOOL_PAPER_H
#define HTTPA_TOOL_PAPER_H

#include <stdio.h>

#include <httpa/slice.h>

enum httpa_ink {
    HTTPA_INK_PLAIN = 0,
    HTTPA_INK_BOLD,
    HTTPA_INK_GREEN,
    HTTPA_INK_YELLOW,
    HTTPA_INK_RED,
    HTTPA_INK_GREY
};

struct httpa_paper {
    FILE *to;
    unsigned width; /* of a line */
    bool colour;
    unsigned column; /* where the next character goes */
    unsigned indent; /* where a line that wraps goes on */
    bool owed;       /* a space, before the next word of this line */
};

/* For |to|: as wide as the terminal, from 80 to 120 columns, and in colour
 * unless NO_COLOR is set; 80 columns and plain where it is none. */
struct httpa_paper httpa_paper_of(FILE *to);

/* Goes to |column|, on a new line if that is passed already; what follows
 * wraps to there. */
void httpa_paper_at(struct httpa_paper *p, unsigned column);

/* Sets |text|, a space between it and what stands before it in its column. */
void httpa_paper_put(struct httpa_paper *p, enum httpa_ink ink,
                     struct httpa_slice text);
void httpa_paper_put_str(struct httpa_paper *p, enum httpa_ink ink,
                         const char *text);

/* Ends the line, if one was begun. */
void httpa_paper_end(struct httpa_paper *p);

/* Ends it, and leaves one empty. */
void httpa_paper_gap(struct httpa_paper *p);

#endif
