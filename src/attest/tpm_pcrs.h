/* Which registers to quote, as an operator writes it. */
#ifndef HTTPA_ATTEST_TPM_PCRS_H
#define HTTPA_ATTEST_TPM_PCRS_H

#include "attest/tpm_device.h"

/*
 * Reads "sha256:0-7,16+sha384:0" into |ret->select|: banks sha256, sha384,
 * sha512, each once; registers 0 to 23, single or as ranges.
 * HTTPA_ERR_CONFIG: anything else; |diag| shows it.
 */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_pcrs_parse(const char *text, struct httpa_tpm_values *ret,
                     struct httpa_attest_diag *diag);

#endif
