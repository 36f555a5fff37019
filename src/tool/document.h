/*
 * The verdict as its document (doc/policy.md 5), read back: what a page shows
 * is what the document says, of a verdict of now or of a file of last year.
 * Whoever wrote a file is a stranger: members that are missing or of another
 * type read as empty.
 */
#ifndef HTTPA_TOOL_DOCUMENT_H
#define HTTPA_TOOL_DOCUMENT_H

#include <jansson.h>

#include <httpa/verdict.h>

#define HTTPA_DOCUMENT_MAX (1024u * 1024u)

/* To be released with json_decref; NULL: out of memory, or too large. */
json_t *httpa_document_of(const struct httpa_verdict *v);

/* NULL when |text| is no verdict of this version. */
json_t *httpa_document_read(struct httpa_slice text);

/* The text |key| of |object|, else empty. */
struct httpa_slice httpa_document_text(const json_t *object, const char *key);

/* Whether the text |key| of |object| is |text|. */
bool httpa_document_is(const json_t *object, const char *key,
                       const char *text);

/* The number |key| of |object|; false when it is none. */
bool httpa_document_number(const json_t *object, const char *key,
                           double *ret_value);

/* Any value for a person: lists with commas, nothing of a null. */
void httpa_document_write(struct httpa_buf *out, const json_t *value);

/* The exit code of |document|: never a better one than its result is. */
enum httpa_exit httpa_document_exit(const json_t *document);

#endif
