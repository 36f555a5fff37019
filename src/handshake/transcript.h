/*
 * The transcript over parsed fields: what both sides hash, in one place
 * (doc/protocol.md 5.3, 5.6, 5.7).
 */
#ifndef HTTPA_HANDSHAKE_TRANSCRIPT_H
#define HTTPA_HANDSHAKE_TRANSCRIPT_H

#include "crypto/schedule.h"
#include "wire/ahl.h"

/* TH0 of a request without client proofs. */
HTTPA_MUST_USE enum httpa_err
httpa_transcript_request(const struct httpa_crypto *crypto,
                         const struct httpa_ahl *request,
                         struct httpa_slice content,
                         struct httpa_digest *ret_th0);

/* TH1: all clear fields of the response. */
HTTPA_MUST_USE enum httpa_err
httpa_transcript_th1(const struct httpa_crypto *crypto,
                     const struct httpa_suite *suite,
                     const struct httpa_digest *th0,
                     const struct httpa_ahl *clear,
                     struct httpa_digest *ret_th1);

/* B: the service key and the sealed fields, Attest-Quotes and
 * Attest-Signatures left out whether they are there or not. */
HTTPA_MUST_USE enum httpa_err
httpa_transcript_binding(const struct httpa_crypto *crypto,
                         const struct httpa_digest *th1,
                         struct httpa_slice service_spki,
                         const struct httpa_ahl *sealed,
                         struct httpa_digest *ret_b);

/* What the end of the handshake is computed from. */
struct httpa_transcript_end {
    const struct httpa_crypto *crypto;
    const struct httpa_suite *suite;
    const struct httpa_digest *th1;
    const struct httpa_hs_keys *keys;
    struct httpa_slice head;    /* data of the head record */
    struct httpa_slice content; /* of all content records */
};

/* Finished, and TH3's keys.  |ret_keys| may be NULL where Finished is to be
 * compared first. */
HTTPA_MUST_USE enum httpa_err
httpa_transcript_finish(const struct httpa_transcript_end *end,
                        struct httpa_digest *ret_finished,
                        struct httpa_keys *ret_keys);

#endif
