/*
 * What was verified before, for callers that verify often: a client with many
 * handshakes, a verifier in a service.
 *
 *   struct httpa_verified *verified;
 *   err = httpa_verified_new(crypto, &verified);
 *   appraisal.verified = verified;   // in each httpa_appraise
 *   ...
 *   httpa_verified_free(verified);
 *
 * It changes how long an appraisal takes and nothing else: the verdict is the
 * same to the byte.  It remembers
 *
 *   - that a key made a signature over some bytes, for certificates, lists of
 *     revoked ones and collateral.  That never lapses: validity, revocation,
 *     roots and policy are judged anew, by the same code;
 *   - what a verifier said of a whole item that it found genuine.  This is
 *     said again only for the same bytes of everything it was given (the
 *     item, what it has to bind, every endorsement and activation, keys of
 *     remote verifiers) and only until the first second at which any date in
 *     them could change an answer.  Policy, identity, session and refusals
 *     are judged anew.
 *
 * Nothing that failed is remembered.  Its size is fixed; peers can only make
 * it forget.  One thread at a time: a program with threads makes one each.
 */
#ifndef HTTPA_VERIFIED_H
#define HTTPA_VERIFIED_H

#include <stdint.h>

#include <httpa/error.h>

/* Whole items.  Each may cost 190 KB, the ceiling of a verdict and INPUT. */
#define HTTPA_VERIFIED_ITEMS 8u

/* Bytes of an item with all that was given with it; TDX has 50 KB.  What is
 * bigger is verified each time. */
#define HTTPA_VERIFIED_INPUT 65536u

struct httpa_crypto;
struct httpa_verified;

/* |crypto| must outlive it, and be that of the appraisals.
 * HTTPA_ERR_MEMORY */
HTTPA_MUST_USE enum httpa_err
httpa_verified_new(const struct httpa_crypto *crypto,
                   struct httpa_verified **ret_verified);

void httpa_verified_free(struct httpa_verified *verified);

/* How often it was of use. */
struct httpa_verified_stats {
    uint64_t signatures;
    uint64_t items;
};

struct httpa_verified_stats
httpa_verified_stats(const struct httpa_verified *verified);

#endif
