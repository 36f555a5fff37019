/* What doc/protocol.md 10.2 and 10.5 say about field names: one table for
 * wire/head_rules.c and wire/head_prepare.c. */
#ifndef HTTPA_WIRE_HEAD_NAMES_H
#define HTTPA_WIRE_HEAD_NAMES_H

#include <httpa/slice.h>

enum httpa_name_rule {
    HTTPA_NAME_REFUSED = 1 << 0,   /* never in an inner head */
    HTTPA_NAME_ONCE = 1 << 1,      /* one line at most */
    HTTPA_NAME_REMOVED = 1 << 2,   /* of a request: a hop's, or ours to set */
    HTTPA_NAME_OURS = 1 << 3,      /* httpa-*: removed both ways */
    HTTPA_NAME_ATTEST = 1 << 4,    /* judged elsewhere, never delivered */
    HTTPA_NAME_NO_TRAILER = 1 << 5 /* never among inner trailers */
};

/* The rules for |name|, in lower case: a set of enum httpa_name_rule. */
unsigned httpa_head_name_rules(struct httpa_slice name);

/* RFC 9110 tchar in lower case, 1 to 256 bytes. */
bool httpa_head_name_valid(struct httpa_slice name);

/* No NUL, CR, LF, no blank at either end, at most 32,768 bytes. */
bool httpa_head_value_valid(struct httpa_slice value);

#endif
