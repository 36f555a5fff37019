/* What the files of a page share. */
#ifndef HTTPA_TOOL_PAGE_PARTS_H
#define HTTPA_TOOL_PAGE_PARTS_H

#include "tool/document.h"
#include "tool/page.h"
#include "tool/paper.h"

/* A page on its way. */
struct httpa_page_job {
    const struct httpa_page *page;
    const json_t *document;
    struct httpa_paper paper;
};

/* page_words.c: the four words with what they rest on; then what belongs to
 * none of them. */
void httpa_page_words(struct httpa_page_job *j);

/* page_tables.c: every check, every claim. */
void httpa_page_tables(struct httpa_page_job *j);

/* page_items.c: evidence in a phrase: "Intel TDX, quote v4, ...". */
void httpa_page_item(const struct httpa_page_job *j, const json_t *item,
                     struct httpa_buf *out);

/* How current |item| says it is; nothing where it does not say. */
void httpa_page_item_current(const json_t *item, struct httpa_buf *out);

/* What a type is called; "evidence of an unknown type" for the rest. */
const char *httpa_page_type(const char *type);

/* Sets |b|, and empties it; false: there was nothing to set. */
bool httpa_page_flush(struct httpa_page_job *j, enum httpa_ink ink,
                      struct httpa_buf *b);

/* |value|, its middle left out where that is long and not asked for. */
void httpa_page_value(const struct httpa_page_job *j, const json_t *value,
                      struct httpa_buf *out);

/* "seen X, expected Y", as far as they are there. */
void httpa_page_seen(const struct httpa_page_job *j, const json_t *check,
                     struct httpa_buf *out);

/* "2026-11-20 19:40 UTC", "2026-11-20" at midnight; another text as it is. */
void httpa_page_time(struct httpa_buf *out, struct httpa_slice at);

/* "3 days", "5 minutes", "0.06 s": |s| seconds, roughly. */
void httpa_page_duration(struct httpa_buf *out, double s);

#endif
