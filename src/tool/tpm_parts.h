/* The parts of a TPM quote as tools write them, put together as one value of
 * application/vnd.httpa.tpm (doc/protocol.md 6.5). */
#ifndef HTTPA_TOOL_TPM_PARTS_H
#define HTTPA_TOOL_TPM_PARTS_H

#include <httpa/slice.h>

/* Reads the folder |dir|: quote.tpms_attest, quote.sig (TPMT_SIGNATURE, or a
 * bare RSASSA-SHA256 signature), pcrs.json ({"hash": H, "pcrs": {"0": hex}}),
 * ak.tpmt_public or ak_pub.pem; and where they are there, eventlog.bin and the
 * certificates of the key, ak_cert.pem, ak_intermediate.pem, ak_root.pem.
 * Says what is missing. */
bool httpa_tpm_parts_read(const char *dir, struct httpa_buf *ret_value);

#endif
