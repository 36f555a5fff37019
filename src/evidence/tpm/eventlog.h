/*
 * The firmware's event log (TCG PC Client Platform Firmware Profile, 10: the
 * crypto-agile format) and its replay to register values.
 *
 * A log is text that nobody signed: it says something only about registers
 * that were quoted and that it replays to.  Logs of the SHA-1 format are
 * refused (HTTPA_ERR_UNSUPPORTED).
 */
#ifndef HTTPA_EVIDENCE_TPM_EVENTLOG_H
#define HTTPA_EVIDENCE_TPM_EVENTLOG_H

#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "evidence/tpm/format.h"

/* Registers that firmware alone extends: what lies above goes on changing
 * after the log was closed. */
#define HTTPA_TPM_FIRMWARE_PCRS 8u

/* One bank after replay. */
struct httpa_tpm_replay {
    enum httpa_hash_id hash;
    uint32_t touched; /* bit i: the log has events for PCR i */
    struct httpa_digest pcr[HTTPA_TPM_PCRS];
    bool secure_boot_seen; /* the variable was measured into PCR 7, and its */
    bool secure_boot;      /* bytes match the measured digest: on or off */
};

/*
 * Replays the events of |log| for |bank|.
 * HTTPA_ERR_TRUNCATED, _TRAILING, _RANGE, _MALFORMED  not such a log
 * HTTPA_ERR_UNSUPPORTED  SHA-1 format, or |bank| is not a bank of the log or
 *                        not one we hash
 */
HTTPA_MUST_USE enum httpa_err
httpa_tpm_replay(const struct httpa_crypto *crypto, struct httpa_slice log,
                 uint16_t bank, struct httpa_tpm_replay *ret);

#endif
