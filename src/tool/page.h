/*
 * The verdict for a person (doc/policy.md, "Verdict"): four words, what ends
 * first, what to do next.  Drawn from the document, so that a page says the
 * same of a verdict in memory and of a file.  Strangers' bytes are escaped.
 */
#ifndef HTTPA_TOOL_PAGE_H
#define HTTPA_TOOL_PAGE_H

#include <jansson.h>
#include <stdio.h>

#include <httpa/verdict.h>

struct httpa_page {
    bool every_check;    /* -v: checks and claims as tables */
    bool sends;          /* something would have been sent: say that it was
                            not */
    const char *subject; /* what is looked at, for verdicts without origin */
    const char *next;    /* the line at the end; NULL: none */
};

/* Draws |document|, of tool/document.h. */
void httpa_page_draw(const struct httpa_page *page, const json_t *document,
                     FILE *to);

/* Draws |v|; says so where it cannot be shown. */
void httpa_page_print(const struct httpa_page *page,
                      const struct httpa_verdict *v, FILE *to);

/* "TPM 2.0: genuine": what attests, one phrase for each item. */
void httpa_page_evidence(const struct httpa_verdict *v, struct httpa_buf *out);

/* The document into |path| ("-": stdout); says what fails. */
bool httpa_page_write_json(const struct httpa_verdict *v, const char *path);

#endif
