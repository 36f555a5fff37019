/*
 * Putting collateral into a folder (dir.h), so that what is there is always
 * whole and never goes back in time.
 *
 * A piece is a candidate: it is refused when it does not parse, comes from
 * the future, or is older than what is there.  Files are written beside their
 * place (0600) and moved there in one step.
 */
#ifndef HTTPA_COLLATERAL_STORE_H
#define HTTPA_COLLATERAL_STORE_H

#include "collateral/dir.h"
#include "collateral/facts.h"

/* Clocks of makers and ours differ so much at most. */
#define HTTPA_COLLATERAL_SKEW_S 86400

enum httpa_collateral_put {
    HTTPA_COLLATERAL_WRITTEN,
    HTTPA_COLLATERAL_SAME, /* it is there already */
    HTTPA_COLLATERAL_KEPT  /* what is there is newer */
};

/* Makes |dir| (0700), if it is not there; HTTPA_ERR_IO. */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_open(const char *dir, struct httpa_collateral_diag *diag);

/*
 * The piece in the file |name| of |dir|.
 *   HTTPA_ERR_MISSING  not there
 *   others             damaged, or not readable
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_stored(const struct httpa_crypto *crypto, const char *dir,
                        const char *name,
                        struct httpa_collateral_facts *ret_facts);

/*
 * Takes |value| as |name|, which has one of dir.h's endings.
 *   HTTPA_ERR_USAGE  |name| is no name for that
 *   HTTPA_ERR_DATE   issued in the future
 *   HTTPA_ERR_IO     cannot be written
 *   those of httpa_collateral_look
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_put(const struct httpa_crypto *crypto, const char *dir,
                     const char *name, struct httpa_slice value, int64_t now_s,
                     enum httpa_collateral_put *ret_put,
                     struct httpa_collateral_diag *diag);

#endif
