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

/*
 * Appends the whole file |path| to |out|.
 * HTTPA_ERR_IO     cannot be read; |diag| says why
 * HTTPA_ERR_SPACE  larger than |out| may become; |diag| says so
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
