/* The verdict for a person (doc/policy.md, "Verdict"): four words, four
 * lines.  Strangers' bytes in it are escaped. */
#ifndef HTTPA_TOOL_PAGE_H
#define HTTPA_TOOL_PAGE_H

#include <stdio.h>

#include <httpa/verdict.h>

struct httpa_page {
    const struct httpa_verdict *v;
    bool every_check; /* -v */
    bool colour;      /* httpa_page_wants_colour */
    bool sends;       /* something would have been sent: say that it was not */
};

void httpa_page_print(const struct httpa_page *page, FILE *to);

bool httpa_page_wants_colour(FILE *to);

/* "TPM 2.0: genuine": what attests, one phrase for each item. */
void httpa_page_evidence(const struct httpa_verdict *v, struct httpa_buf *out);

/* The document into |path| ("-": stdout); says what fails. */
bool httpa_page_write_json(const struct httpa_verdict *v, const char *path);

#endif
