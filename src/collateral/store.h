/*
 * Putting collateral into a folder (dir.h), so that what is there is always
 * whole and never goes back in time.
 *
 * A file is a candidate: it is refused when it does not parse, comes from the
 * future, or is not its maker's (the caller's proof).  It does not replace one
 * that is newer, nor, once it has lapsed, one that has not.  What stands there
 * and is not its maker's is no hindrance.
 *
 * Files are written beside their place and moved there in one step.  All of it
 * is public: 0644, as far as the umask allows, so that a service which runs as
 * somebody else can read it.
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

/* Makes |dir| (0755), if it is not there; HTTPA_ERR_IO. */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_open(const char *dir, struct httpa_collateral_diag *diag);

/* Whether a file is its maker's. */
struct httpa_collateral_proof {
    enum httpa_err (*prove)(void *ctx, struct httpa_slice file);
    void *ctx;
};

/*
 * What the file |name| of |dir| says about itself: its document, where it has
 * also signers.
 *   HTTPA_ERR_MISSING  not there
 *   others             damaged, not readable, or not proved
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_stored(const struct httpa_crypto *crypto, const char *dir,
                        const char *name,
                        const struct httpa_collateral_proof *proof,
                        struct httpa_collateral_facts *ret_facts);

/*
 * Takes |file| as |name|, which has one of dir.h's endings.
 *   HTTPA_ERR_USAGE  |name| is no name for that
 *   HTTPA_ERR_DATE   issued in the future
 *   HTTPA_ERR_IO     cannot be written
 *   those of httpa_collateral_look and of |proof|
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_put(const struct httpa_crypto *crypto, const char *dir,
                     const char *name, struct httpa_slice file,
                     const struct httpa_collateral_proof *proof, int64_t now_s,
                     enum httpa_collateral_put *ret_put,
                     struct httpa_collateral_diag *diag);

#endif
