/*
 * Policy files (library httpa_config, beside libhttpa; needs jansson).
 *
 * A policy file is JSON, closed and strict: what it does not know, or what
 * stands there twice, with a wrong length, or against another member, is an
 * error with line and column, and the whole file is refused.  A policy is
 * never partly applied.  doc/policy.md is the reference, doc/policy.schema.json
 * the same for editors.
 *
 *   struct httpa_config_error error;
 *   struct httpa_policy *policy;
 *   if (httpa_config_policy_load("policy.json", &policy, &error) != HTTPA_OK) {
 *       fprintf(stderr, "%s:%u:%u: %s\n", "policy.json", error.line,
 *               error.column, error.text);
 *       return HTTPA_EXIT_USAGE;
 *   }
 *   appraisal.policy = policy;
 *   ...
 *   httpa_config_policy_free(policy);
 *
 * Files that a policy names (keys, certificates) are read at once, relative
 * to the policy's own folder; afterwards the policy stands by itself.
 */
#ifndef HTTPA_CONFIG_H
#define HTTPA_CONFIG_H

#include <httpa/policy.h>

/* Bytes of a policy, and of a file it names. */
#define HTTPA_CONFIG_FILE_MAX (1024u * 1024u)

struct httpa_config_error {
    unsigned line;   /* from 1; 0: the file as a whole */
    unsigned column; /* from 1, in characters */
    char text[384];  /* one sentence, no newline */
};

/*
 * Reads the file |path|.
 * HTTPA_ERR_CONFIG  not a policy; |ret_error| says where and why
 * HTTPA_ERR_IO      cannot be read, or is longer than the constant above
 * HTTPA_ERR_MEMORY
 * |ret_error| is set on every failure.  Free with httpa_config_policy_free.
 */
HTTPA_MUST_USE enum httpa_err
httpa_config_policy_load(const char *path, struct httpa_policy **ret_policy,
                         struct httpa_config_error *ret_error);

/* The same from |text|, which stands in the file |path|: the folder of that
 * is where relative names begin.  NULL: the current folder. */
HTTPA_MUST_USE enum httpa_err
httpa_config_policy_read(struct httpa_slice text, const char *path,
                         struct httpa_policy **ret_policy,
                         struct httpa_config_error *ret_error);

/* Frees what the two above made, and nothing else; NULL is fine. */
void httpa_config_policy_free(struct httpa_policy *policy);

/* What a draft policy says beside what was measured. */
struct httpa_config_pin {
    const char *name;   /* NULL: the origin */
    const char *source; /* "https://api.example.com", a file: for the note */
    int64_t now_s;
    /* NULL, or gets a line for each thing that the draft leaves open
     * ("UNPINNED: ...") or takes though it is not good ("accepts ..."); the
     * notes of its profiles say the same.  On failure it has why, or nothing.
     */
    struct httpa_buf *left_open;
};

/*
 * Appends a policy that accepts what |v| saw, marked as pinned on first use:
 * the registers and signers of the first genuine item of each type, and the
 * service key if one was proved.  It reads back with httpa_config_policy_read,
 * unless what was seen says of no code which it is.
 * |v| need not be accepted, but cryptographic must be PASS.
 *
 * SEV-SNP, TDX, SGX, CCA: each register, and what the firmware is as the least
 * that is accepted; also where that is out of date.  Nothing that is debugged,
 * revoked or not secured; the chip or the platform may be any.
 * TPM: PCR 0 to 9 and 11 to 15 of one bank (10 grows while the system runs,
 * 16 to 23 are for debugging and applications), and the attestation key.
 * Nitro: PCR 0 to 3 and 8; nothing of an enclave in debug mode.
 * dev: every claim, and the key.  Without a service key the identity is
 * "none", and every verdict will warn of it.
 *
 * HTTPA_ERR_EVIDENCE     not genuine, nothing to pin, or never acceptable
 * HTTPA_ERR_UNSUPPORTED  a claim that a policy cannot name
 * HTTPA_ERR_SPACE        |out| is full
 */
HTTPA_MUST_USE enum httpa_err
httpa_config_policy_write(const struct httpa_verdict *v,
                          const struct httpa_config_pin *pin,
                          struct httpa_buf *out);

#endif
