/* The 64 bytes that a guest has its hardware sign: REPORT_DATA of an SNP
 * report, REPORTDATA of a TDX or SGX quote. */
#ifndef HTTPA_EVIDENCE_REPORT_DATA_H
#define HTTPA_EVIDENCE_REPORT_DATA_H

#include <httpa/evidence.h>

/*
 * What the bytes have to be: rd, or, for evidence made outside this protocol,
 * the nonce with zeros behind it.  False: the nonce is longer than they are,
 * so nothing can fit; |ret| has its beginning.
 */
bool httpa_report_data_wanted(const struct httpa_verify_in *in,
                              uint8_t ret[HTTPA_RD_LEN]);

#endif
