/*
 * Of a folder with the collateral of many platforms, what belongs to some
 * evidence: a handshake takes HTTPA_ENDORSEMENTS_MAX pieces.
 */
#ifndef HTTPA_COLLATERAL_PICK_H
#define HTTPA_COLLATERAL_PICK_H

#include "collateral/dir.h"

/* What may be kept, and what went. */
struct httpa_collateral_picked {
    size_t pieces_max;
    size_t bytes_max;
    size_t foreign; /* duplicates, and pieces of other platforms */
    size_t cut;     /* others, for want of room */
    char last[HTTPA_COLLATERAL_NAME]; /* of the last one that was cut */
};

/*
 * Takes pieces out of |c| until the rest fits |p|: first those that stand
 * there twice, then those of other chips and platforms than |items| are of,
 * then chains that no verifier uses, then the last ones.  Nothing, when it
 * fits as it is.  Nothing is verified.
 */
void httpa_collateral_pick(const struct httpa_crypto *crypto,
                           const struct httpa_evidence *items, size_t count,
                           struct httpa_collateral *c,
                           struct httpa_collateral_picked *p);

#endif
