/* A remote verifier, asked about stored evidence: its result is then judged
 * instead (doc/adr/0027). */
#ifndef HTTPA_TOOL_REMOTE_H
#define HTTPA_TOOL_REMOTE_H

#include "tool/stored.h"

struct httpa_remote {
    const char *url;    /* NULL: nobody is asked */
    const char *key;    /* file; NULL: the policy has it */
    const char *type;   /* what to call the evidence; NULL: by its kind */
    const char *cacert; /* NULL: the system's */
    uint64_t max_time_ms;
};

/* Whether the wishes fit each other and |s|; says what does not. */
bool httpa_remote_fits(const struct httpa_remote *r,
                       const struct httpa_stored *s);

/* Where there is a key, it is the policy of |s|: whatever that verifier
 * affirmed a moment ago.  False, and said why, when it cannot be read. */
bool httpa_remote_policy(const struct httpa_remote *r, struct httpa_stored *s);

/* Asks about the one item of |s|, which has been read, and puts the result in
 * its place.  Says why not; returns an exit code, HTTPA_EXIT_DONE to go on. */
int httpa_remote_ask(const struct httpa_remote *r, struct httpa_stored *s);

#endif
