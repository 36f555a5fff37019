/* Folders with stored evidence and what belongs to it, as vendors' tools name
 * the files. */
#ifndef HTTPA_TOOL_PARTS_H
#define HTTPA_TOOL_PARTS_H

#include <httpa/evidence.h>

/* Endorsements from folders, owned here. */
struct httpa_parts {
    struct httpa_buf files[HTTPA_ENDORSEMENTS_MAX];
    struct httpa_endorsement v[HTTPA_ENDORSEMENTS_MAX];
    size_t n;
};

/*
 * Reads the evidence in |dir|:
 *   report.bin            "sev-snp"
 *   quote.bin             "tdx" or "sgx"
 *   attestation_doc.cbor  "nitro"
 *   cca_token.cbor        "cca"
 *   quote.tpms_attest     "tpm", with what tool/tpm_parts.h reads
 * Says what is missing.
 */
bool httpa_parts_read(const char *dir, struct httpa_buf *ret_value,
                      const char **ret_type);

/* "tdx" or "sgx": what the header of an Intel quote says. */
const char *httpa_parts_quote_type(struct httpa_slice quote);

/* Adds certificates (.der, .cer, .crt, .pem) and revocation lists (.crl,
 * .crl.der), and Intel's collateral by its usual names (tcb_info.json,
 * qe_identity.json, their _issuer_chain.pem, pck_crl.der, root_ca_crl.der), in
 * |dir| to |parts|; other files are passed over.  Says what
 * cannot be read. */
bool httpa_parts_collect(const char *dir, struct httpa_parts *parts);

void httpa_parts_done(struct httpa_parts *parts);

#endif
