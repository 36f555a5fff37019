/*
 * The policy of an auditor who has none: genuine, not debuggable, up to date,
 * over something, and said to be unpinned.  It knows no code, so it is for
 * looking at stored evidence and never for a request.
 */
#ifndef HTTPA_TOOL_STRICT_H
#define HTTPA_TOOL_STRICT_H

#include <httpa/evidence.h>

struct httpa_strict {
    struct httpa_policy policy;
    struct httpa_profile first;
    struct httpa_profile with[HTTPA_EVIDENCE_MAX];
};

/*
 * The policy for |items|: each of them must meet the profile of its type.
 * False when there is none for a type, or two items have the same one.  It
 * borrows from itself: |ret| must not move.
 */
bool httpa_strict_for(const struct httpa_evidence *items, size_t n,
                      struct httpa_strict *ret);

#endif
