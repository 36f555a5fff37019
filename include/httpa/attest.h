/*
 * Attesters: who makes evidence (library httpa_attest, beside libhttpa).
 *
 * libhttpa never opens a device.  When an engine wants evidence it hands out
 * 64 bytes, rd (doc/protocol.md, "Evidence"), and takes back a media type and
 * the bytes of the evidence.  An attester is what stands between: a device
 * that is kept open, and five functions in a table, so that a program can
 * bring its own.
 *
 *   struct httpa_attest_diag diag;
 *   struct httpa_attest_options o = { .tee = "tpm",
 *                                     .tpm_tcti = "device:/dev/tpmrm0" };
 *   struct httpa_attester *a;
 *   if (httpa_attester_open(&a, &o, &diag) != HTTPA_OK) {
 *       fprintf(stderr, "%s\n", diag.text);
 *   }
 *   printf("tee: %s\n", a->description);
 *   ...
 *   struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
 *   err = a->quote(a, rd, &value, &diag);          // of type a->media_type
 *   ...
 *   httpa_attester_close(a);
 *
 * What is quoted.  quote() takes rd and nothing else, and rd is a SHA-512
 * over a label of this protocol and a transcript.  No path leads from bytes
 * that a peer chose to a device that signs them.
 *
 * Threads.  An attester is one device doing one thing at a time: the caller
 * serialises all calls on it.  They block, from half a millisecond (swtpm) to
 * half a second (a discrete TPM): call them from a worker, not from a loop.
 *
 * Failure.  A device that does not answer, or refuses, gives
 * HTTPA_ERR_DEVICE and one sentence in |diag|, never in a log of ours.  The
 * connection is dropped and made again by the next call; quote() makes a new
 * one at once when an old one fails, so a TPM that restarted goes unnoticed.
 *
 * SIGPIPE.  A TPM behind a socket may close it while we write: the program
 * ignores SIGPIPE, as every network server does.
 */
#ifndef HTTPA_ATTEST_H
#define HTTPA_ATTEST_H

#include <httpa/evidence.h>

/* One evidence value is at most so long (doc/protocol.md 6.4). */
#define HTTPA_ATTEST_VALUE_MAX 131072u

/* Room for the answer to a credential: a map around at most 64 bytes. */
#define HTTPA_ATTEST_ACTIVATED_MAX 128u

/* Says what failed, with which device, and what to do; no newline.  Filled
 * on every failure, empty after success. */
struct httpa_attest_diag {
    char text[256];
};

/*
 * An open attester.  The members are its own; a program that brings its own
 * attester embeds this struct first and fills it.
 */
struct httpa_attester {
    const char *type;        /* "sev-snp", "tpm", "dev" */
    const char *media_type;  /* of what quote() gives */
    const char *description; /* for the log: "tpm (device:/dev/tpmrm0), ...";
                              * of auto, also why this one */

    /*
     * Appends evidence over |rd| to |ret_value|.
     * HTTPA_ERR_DEVICE   the device failed; see |diag|
     * HTTPA_ERR_SPACE    the evidence does not fit |ret_value|
     */
    enum httpa_err (*quote)(struct httpa_attester *a,
                            const uint8_t rd[HTTPA_RD_LEN],
                            struct httpa_buf *ret_value,
                            struct httpa_attest_diag *diag);

    /*
     * Answers a credential (doc/protocol.md 11.2): |credential| is the value
     * of the entry tpm-credential as the client sent it; appends the value of
     * the entry tpm-activated to |ret_activated|, which the caller wipes.
     * NULL in attesters without an endorsement key.
     * 2xx               |credential| does not parse
     * HTTPA_ERR_KEY     made for another key or another TPM, or there is no
     *                   endorsement key: 422
     * HTTPA_ERR_DEVICE  as above
     */
    enum httpa_err (*activate)(struct httpa_attester *a,
                               struct httpa_slice credential,
                               struct httpa_buf *ret_activated,
                               struct httpa_attest_diag *diag);

    /*
     * Appends, as PEM certificates, leaf first, what a client needs to judge
     * the evidence that quote() gave last, and what does not stand in it:
     * SEV-SNP's VCEK or VLEK, ASK and ARK, as far as the host has them.  An
     * operator sends them along (HTTPA_ENDORSEMENT_CHAIN).  At most
     * HTTPA_ATTEST_VALUE_MAX bytes; nothing is appended when there are none.
     * They may change with any quote: a host can update the firmware under a
     * running guest, or move the guest.  NULL in attesters whose evidence
     * carries all there is: TPM, dev.
     * HTTPA_ERR_DEVICE   what the host gave cannot be read or does not parse
     */
    enum httpa_err (*endorsements)(struct httpa_attester *a,
                                   struct httpa_buf *ret_pem,
                                   struct httpa_attest_diag *diag);

    /* Frees |a| and closes its device. */
    void (*close)(struct httpa_attester *a);
};

/*
 * What to open.  Strings are borrowed for the call; NULL means the default.
 *
 * |tee| "sev-snp"   AMD: configfs-tsm, or /dev/sev-guest
 *       "tdx"       Intel: configfs-tsm
 *       "cca"       Arm: configfs-tsm
 *       "nitro"     AWS: /dev/nsm
 *       "sgx"       Intel, in Gramine: /dev/attestation
 *       "tpm"       TPM 2.0
 *       "dev"       signed by a key of httpa_attest_dev_init: no TEE at all
 *       "auto"      what this machine has: it looks for configfs-tsm, the
 *                   SEV, Nitro and Gramine devices.  Never "dev", and not a
 *                   bare TPM, which attests what booted and isolates nothing
 *       "auto,tpm"  the same, then a TPM
 */
struct httpa_attest_options {
    const char *tee;

    /* tpm2-tss TCTI: "device:/dev/tpmrm0" (default), "swtpm:path=P",
     * "swtpm:host=127.0.0.1,port=N". */
    const char *tpm_tcti;
    /* Banks and registers to quote: "sha256:0-7,16+sha384:0"; default
     * "sha256:0-23", so that any policy finds the registers it names. */
    const char *tpm_pcrs;
    /* Attestation key: our own, "ecdsa-p256-sha256", "ecdsa-p384-sha384",
     * "rsassa-2048-sha256", "rsapss-2048-sha256"; one that a cloud made and
     * certified, "gce-ecc", "gce-rsa", "azure"; or "auto" (default): the first
     * of a cloud that is there, else the first of our own. */
    const char *tpm_ak;
    /* Endorsement key: "auto" (default: the first whose certificate is
     * there), "rsa-2048", "ecc-p256", "ecc-p384", "none". */
    const char *tpm_ek;
    /* Firmware event log to send along: a file, "none" (default), or
     * "kernel" for /sys/kernel/security/tpm0/binary_bios_measurements. */
    const char *tpm_event_log;
    /* PEM files with certificates to send along: of the attestation key (leaf
     * first; of a cloud's key, whose own certificate is in the TPM, issuers
     * and root alone), and of the issuers above the endorsement key. */
    const char *tpm_ak_chain;
    const char *tpm_ek_issuers;

    /* Directory that httpa_attest_dev_init filled. */
    const char *dev_dir;

    /* What stands before /dev and /sys of all TEEs but a named TPM; default
     * "".  For tests, and for containers that have them elsewhere: whoever
     * writes there decides what evidence is shown. */
    const char *root;
};

/*
 * Opens what |o| names and tries it: a quote is made and thrown away, its
 * time is in the description.  Called before the program starts threads,
 * since tpm2-tss can only be told through the environment not to write to
 * stderr.
 * HTTPA_ERR_CONFIG  an option does not parse; |diag| names it
 * HTTPA_ERR_DEVICE  not there, or does not work; for "auto": |diag| lists
 *                   what was looked at
 * HTTPA_ERR_IO      a named file cannot be read
 * HTTPA_ERR_MEMORY, HTTPA_ERR_CRYPTO
 */
HTTPA_MUST_USE enum httpa_err
httpa_attester_open(struct httpa_attester **ret,
                    const struct httpa_attest_options *o,
                    struct httpa_attest_diag *diag);

/* Closes and frees; NULL is fine. */
void httpa_attester_close(struct httpa_attester *a);

/*
 * Makes a development key in |dir|, which is created (0700) if missing:
 *
 *   dev-key.pem     private key, P-256, 0600
 *   dev-root.pem    its public key: what a policy names as "root_key"
 *   dev-claims      |claims|: one NAME=VALUE a line, e.g. "app=demo\n"
 *
 * and appends to |ret_policy| the JSON object of a policy's "accept" list
 * that takes evidence of this key and these claims.  Anything that can read
 * dev-key.pem can forge such evidence: it proves no TEE.
 *
 * HTTPA_ERR_CONFIG  |claims| does not parse, or a key is there already
 * HTTPA_ERR_IO      |dir| cannot be written; |diag| says why
 */
HTTPA_MUST_USE enum httpa_err
httpa_attest_dev_init(const char *dir, const char *claims,
                      struct httpa_buf *ret_policy,
                      struct httpa_attest_diag *diag);

#endif
