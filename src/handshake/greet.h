/*
 * The client's half of the AtHS transcript (doc/protocol.md 5.1 to 5.9):
 *
 *   begin    shares, fields, content, TH0: what is sent
 *   clear    the clear head of the answer: TH1, handshake keys
 *   close    Finished over head and content, in constant time; only then is
 *            anything of them parsed further
 *   open     sealed fields, content, digests, signatures: what to appraise
 *   keys     the keys of the base, after everything else was accepted
 *
 * The order of checks is that of doc/protocol.md 5.9.  httpa_greet_done
 * wipes; it must follow begin also after an error.
 */
#ifndef HTTPA_HANDSHAKE_GREET_H
#define HTTPA_HANDSHAKE_GREET_H

#include "crypto/group.h"
#include "crypto/schedule.h"
#include "handshake/chain.h"
#include "handshake/content.h"
#include "handshake/demands.h"
#include "handshake/transcript.h"

/* Offers at most: every suite and group that exists. */
struct httpa_greet_in {
    const struct httpa_crypto *crypto;
    const struct httpa_random *random;
    struct httpa_slice origin; /* Attest-Target, checked by the caller */
    const struct httpa_suite *suites[HTTPA_SUITE_COUNT];
    size_t suite_count;
    const struct httpa_group *groups[HTTPA_GROUP_COUNT];
    size_t group_count;
    struct httpa_demands demands;
    enum httpa_creation creations[HTTPA_CREATIONS_MAX];
    size_t creation_count;
    int64_t date_s; /* Attest-Date; 0: not sent */
};

struct httpa_greet {
    struct httpa_greet_in in;
    struct httpa_ahl request;
    struct httpa_buf content; /* of the request */
    struct httpa_kex kex[HTTPA_GROUP_COUNT];
    struct httpa_digest th0;
    const struct httpa_suite *suite; /* chosen by the service */
    const struct httpa_group *group;
    struct httpa_digest th1;
    struct httpa_hs_keys keys;
};

/* HTTPA_ERR_SPACE when the offer does not fit its limits; CRYPTO, MEMORY. */
HTTPA_MUST_USE enum httpa_err
httpa_greet_begin(struct httpa_greet *g, const struct httpa_greet_in *in);

/* |clear| is the clear head, read at its place.  HTTPA_ERR_OFFER for what was
 * not offered, HTTPA_ERR_KEY for a share that is not valid,
 * HTTPA_ERR_MALFORMED. */
HTTPA_MUST_USE enum httpa_err
httpa_greet_clear(struct httpa_greet *g, const struct httpa_ahl *clear);

/* The message that answers: bytes of the head record, content, Finished. */
struct httpa_greet_answer {
    struct httpa_slice head;
    struct httpa_slice content;
    struct httpa_slice finished;
};

/* HTTPA_ERR_FINISHED. */
HTTPA_MUST_USE enum httpa_err
httpa_greet_close(const struct httpa_greet *g,
                  const struct httpa_greet_answer *answer);

/* What the service showed, verified as far as the transcript goes; slices
 * point into the answer and into this.  Not to be copied. */
struct httpa_shown {
    struct httpa_sfv_room quote_room;
    struct httpa_sfv_room signature_room;
    struct httpa_aths_content content;
    struct httpa_quote quotes[HTTPA_QUOTES_MAX];
    size_t quote_count;
    uint8_t rd_fresh[HTTPA_RD_LEN];
    uint8_t rd_key[HTTPA_RD_LEN];
    struct httpa_chain chain;
    struct httpa_slice service_spki; /* proved; empty: none was shown */
    enum httpa_creation creation;
    bool direct;
};

/*
 * Checks 8 to 10 and 13 of doc/protocol.md 5.9: |sealed| are the fields of
 * the head record, |content| the content.  Evidence items come out with
 * binding, max-age and rd filled in, ready for appraisal.
 *
 * HTTPA_ERR_OFFER      granted what was not asked for, or less
 * HTTPA_ERR_SIGNATURE  a signature over E does not verify, or is missing
 * HTTPA_ERR_MALFORMED  and other 2xx; also a digest of Attest-Quotes that is
 *                      not that of the evidence
 * httpa_shown_done must follow, also after an error.
 */
HTTPA_MUST_USE enum httpa_err
httpa_greet_open(const struct httpa_greet *g, const struct httpa_ahl *sealed,
                 struct httpa_slice content, struct httpa_shown *shown);
void httpa_shown_done(struct httpa_shown *shown);

/* The keys of the base, over an answer that was closed and opened. */
HTTPA_MUST_USE enum httpa_err
httpa_greet_keys(const struct httpa_greet *g,
                 const struct httpa_greet_answer *answer,
                 struct httpa_keys *ret_keys);

void httpa_greet_done(struct httpa_greet *g);

#endif
