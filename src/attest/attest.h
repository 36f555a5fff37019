/*
 * Inside httpa_attest: what the attesters share.  The API is
 * <httpa/attest.h>.
 */
#ifndef HTTPA_ATTEST_ATTEST_H
#define HTTPA_ATTEST_ATTEST_H

#include <httpa/attest.h>

/* Fills |diag|, cut to its size, and returns |err|. */
HTTPA_PRINTF(3, 4)
enum httpa_err httpa_attest_fail(struct httpa_attest_diag *diag,
                                 enum httpa_err err, const char *format, ...);

/* Returns |err|; on a failure about which |diag| says nothing yet it gets the
 * error's own words.  Whoever starts clears |diag|. */
enum httpa_err
httpa_attest_explain(struct httpa_attest_diag *diag, enum httpa_err err);

/*
 * Appends the whole file |path| to |out|.
 * HTTPA_ERR_IO     cannot be read
 * HTTPA_ERR_CONFIG larger than |out| may become
 */
HTTPA_MUST_USE enum httpa_err
httpa_attest_read_file(const char *path, struct httpa_buf *out,
                       struct httpa_attest_diag *diag);

/* One function per kind of attester, called by httpa_attester_open. */
enum httpa_err httpa_attest_open_tpm(struct httpa_attester **ret,
                                     const struct httpa_attest_options *o,
                                     struct httpa_attest_diag *diag);
enum httpa_err httpa_attest_open_dev(struct httpa_attester **ret,
                                     const struct httpa_attest_options *o,
                                     struct httpa_attest_diag *diag);
enum httpa_err httpa_attest_open_auto(struct httpa_attester **ret,
                                      const struct httpa_attest_options *o,
                                      struct httpa_attest_diag *diag);

#endif
