/* The table of certificates that a host gives its SEV-SNP guests. */
#ifndef HTTPA_ATTEST_SNP_CERTS_H
#define HTTPA_ATTEST_SNP_CERTS_H

#include <httpa/slice.h>

/*
 * Appends the certificates of |table| (GHCB specification 4.1.8.1, "SNP
 * Extended Guest Request") as PEM: VCEK, VLEK, ASK, ARK, those that are
 * there.  Nothing for an empty table.  The host wrote it, so all of it is
 * bounded, and nothing of it is believed.
 *   HTTPA_ERR_TRUNCATED  no closing entry
 *   HTTPA_ERR_RANGE      too many entries, or one outside the table, in its
 *                        head or in another
 *   HTTPA_ERR_DUPLICATE  one kind twice
 *   HTTPA_ERR_MALFORMED  a certificate that is not one value in DER
 *   HTTPA_ERR_SPACE, HTTPA_ERR_MEMORY
 */
HTTPA_MUST_USE enum httpa_err
httpa_snp_certs_write(struct httpa_slice table, struct httpa_buf *ret_pem);

#endif
