/* Folders with stored evidence, as vendors' tools name the files; what belongs
 * to it is collateral/dir.h's. */
#ifndef HTTPA_TOOL_PARTS_H
#define HTTPA_TOOL_PARTS_H

#include <httpa/evidence.h>

/*
 * Reads the evidence in |dir|:
 *   report.bin            "sev-snp"
 *   quote.bin             "tdx" or "sgx"
 *   attestation_doc.cbor  "nitro"
 *   cca_token.cbor        "cca"
 *   ear.jwt, ear.cbor     "ear"
 *   quote.tpms_attest     "tpm", with what tool/tpm_parts.h reads
 * Says what is missing.
 */
bool httpa_parts_read(const char *dir, struct httpa_buf *ret_value,
                      const char **ret_type);

/* The report of Azure's paravisor in |dir|, if it is one over an SEV-SNP
 * report; what is in the folder besides is the quote of the vTPM. */
#define HTTPA_PARTS_PATH 4096
bool httpa_parts_hcl(const char *dir, char path[HTTPA_PARTS_PATH]);

/* Whether |dir| is of a machine under Azure's paravisor with a quote of its TD;
 * and the two parts of it, hcl_report.bin and td_quote.bin, as one value of
 * HTTPA_MEDIA_TYPE_AZURE_TDX.  Says what is wrong. */
bool httpa_parts_is_azure_tdx(const char *dir);
bool httpa_parts_azure_tdx(const char *dir, struct httpa_buf *ret_value);

/* "tdx" or "sgx": what the header of an Intel quote says. */
const char *httpa_parts_quote_type(struct httpa_slice quote);

#endif
