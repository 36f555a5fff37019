/* Stored evidence: files to items, and an offline appraisal of them. */
#ifndef HTTPA_TOOL_STORED_H
#define HTTPA_TOOL_STORED_H

#include <httpa/crypto.h>
#include <httpa/evidence.h>

#include "collateral/dir.h"
#include "tool/parts.h"
#include "tool/strict.h"

struct httpa_stored {
    /* Wishes; NULL or 0: none. */
    const char *type; /* "tpm", "dev"...: of files that do not say it */
    const char *policy_path;
    const char *nonce; /* hex */
    const char *collateral; /* a folder */
    int64_t at_s;

    struct httpa_crypto *crypto;
    struct httpa_policy *policy; /* NULL: the strict default, where it can be */
    struct httpa_strict strict;
    struct httpa_buf values[HTTPA_EVIDENCE_MAX];
    struct httpa_evidence items[HTTPA_EVIDENCE_MAX];
    struct httpa_collateral endorsements;
    struct httpa_buf nonce_bytes;
    size_t n;
    struct httpa_verdict *verdict;
};

bool httpa_stored_is_there(const char *path);

/*
 * Reads each of |paths|: a file with an evidence value (.cbor, .eat, or what
 * |type| says), or a folder of tool/parts.h, whose certificates belong to it;
 * and those of |collateral|.  Says what is wrong.  Always to be ended.
 */
bool httpa_stored_read(struct httpa_stored *s, const char *const *paths,
                       size_t n);

/* Judges them; false when that was not possible at all. */
bool httpa_stored_judge(struct httpa_stored *s);

void httpa_stored_done(struct httpa_stored *s);

#endif
