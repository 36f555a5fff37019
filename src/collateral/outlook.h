/*
 * How a client would judge evidence, with some collateral and no policy: what
 * an operator wants to know before the clients do.
 */
#ifndef HTTPA_COLLATERAL_OUTLOOK_H
#define HTTPA_COLLATERAL_OUTLOOK_H

#include <httpa/evidence.h>

#define HTTPA_COLLATERAL_WORD 64u

struct httpa_collateral_outlook {
    enum httpa_err err; /* of verifying: HTTPA_OK, _UNDECIDED or others */
    char check[HTTPA_COLLATERAL_WORD]; /* the first that did not pass, or "" */
    char status[HTTPA_COLLATERAL_WORD]; /* Intel's word for the TCB, or "" */
    int64_t evaluation;                 /* with a status */
};

/* Verifies |evidence| with |all| at |now_s|, under the built-in roots; over
 * whatever it binds.
 *   HTTPA_ERR_UNSUPPORTED  evidence of no known type
 *   HTTPA_ERR_MEMORY */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_look_out(const struct httpa_crypto *crypto,
                          const struct httpa_evidence *evidence,
                          const struct httpa_endorsements *all, int64_t now_s,
                          struct httpa_collateral_outlook *ret);

/* Whether a client that demands UpToDate takes it. */
bool httpa_collateral_is_current(const struct httpa_collateral_outlook *o);

#endif
