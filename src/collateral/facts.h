/*
 * What a piece of collateral says about itself: what it is, for whom, when it
 * was issued and when it lapses.  Read, not verified: whether it is its
 * maker's, the verifiers find out.
 */
#ifndef HTTPA_COLLATERAL_FACTS_H
#define HTTPA_COLLATERAL_FACTS_H

#include <httpa/evidence.h>

#define HTTPA_COLLATERAL_WHOM 128u

struct httpa_collateral_facts {
    const char *kind; /* "certificate", "tcb-info"...: a closed set */
    char whom[HTTPA_COLLATERAL_WHOM]; /* UTF-8; cut to what fits */
    int64_t issued_s;
    int64_t lapses_s; /* 0: never */
    uint64_t evaluation; /* tcbEvaluationDataNumber; 0: has none */
};

/*
 * Looks at |piece|.  Of several certificates, the one that lapses first
 * counts.
 *   HTTPA_ERR_UNSUPPORTED  another media type
 *   others                 it does not parse: damaged, or something else */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_look(const struct httpa_crypto *crypto,
                      const struct httpa_endorsement *piece,
                      struct httpa_collateral_facts *ret_facts);

/* Whether |a| is older than |b|, a piece of the same kind for the same. */
bool httpa_collateral_is_older(const struct httpa_collateral_facts *a,
                               const struct httpa_collateral_facts *b);

#endif
