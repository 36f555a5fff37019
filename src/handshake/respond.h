/*
 * The service's half of the AtHS transcript (doc/protocol.md 5.5 to 5.7):
 *
 *   begin    share, clear fields, TH1, handshake keys, sealed fields, B, rd
 *   write    evidence in, Attest-Quotes, E, signatures: head and content
 *   finish   TH2, Finished, TH3, the keys of the base
 *
 * What comes out of write and finish goes into records; the layer above does
 * that.  Secrets are wiped by httpa_respond_done, which must follow begin
 * also after an error.
 */
#ifndef HTTPA_HANDSHAKE_RESPOND_H
#define HTTPA_HANDSHAKE_RESPOND_H

#include <httpa/crypto.h>

#include "crypto/schedule.h"
#include "handshake/judge.h"

/* Who the service is and what it grants; borrowed until done. */
struct httpa_respond_in {
    const struct httpa_crypto *crypto;
    const struct httpa_random *random;
    const struct httpa_ahl *request;    /* for begin only */
    struct httpa_slice request_content; /* for begin only */
    const struct httpa_aths_choice *choice;
    struct httpa_slice base_id; /* the Token */
    uint32_t max_age_s;
    uint32_t idle_s;
    const uint8_t *configuration;        /* 32 bytes */
    const struct httpa_key *service_key; /* NULL: no identity */
    struct httpa_slice service_chain;    /* PEM; empty: a bare SPKI */
    const struct httpa_key *quote_key;   /* NULL: none */
    const struct httpa_evidence *key_evidence;
    int64_t key_not_before_s;
    int64_t key_not_after_s;
};

struct httpa_respond {
    struct httpa_respond_in in;
    struct httpa_ahl clear;
    struct httpa_ahl sealed; /* without Attest-Quotes and -Signatures */
    struct httpa_digest th1;
    struct httpa_digest b;
    struct httpa_digest rd; /* what fresh evidence binds */
    struct httpa_hs_keys keys;
};

/* HTTPA_ERR_MALFORMED for a share that is not valid; MEMORY, CRYPTO. */
HTTPA_MUST_USE enum httpa_err
httpa_respond_begin(struct httpa_respond *r, const struct httpa_respond_in *in);

/* True when evidence over rd has to be made. */
bool httpa_respond_wants_quote(const struct httpa_respond *r);

/* The sealed part of the response; not to be copied. */
struct httpa_respond_sealed {
    struct httpa_ahl ahl;
    struct httpa_field fields[HTTPA_LIMIT_AHL_FIELDS + 1];
    struct httpa_head head; /* points into the above */
};

/* Makes the head and appends the content (CMW) of the response.  |fresh| is
 * NULL exactly when no quote is wanted; |endorsements| NULL: none.
 * HTTPA_ERR_LIMIT: more of them than HTTPA_ENDORSEMENTS_MAX. */
HTTPA_MUST_USE enum httpa_err
httpa_respond_write(const struct httpa_respond *r,
                    const struct httpa_evidence *fresh,
                    const struct httpa_endorsements *endorsements,
                    struct httpa_respond_sealed *ret_sealed,
                    struct httpa_buf *content);

/* Finished over what was written (|head| as it stands in its record), and the
 * keys of the base. */
HTTPA_MUST_USE enum httpa_err
httpa_respond_finish(const struct httpa_respond *r, struct httpa_slice head,
                     struct httpa_slice content,
                     struct httpa_digest *ret_finished,
                     struct httpa_keys *ret_keys);

void httpa_respond_done(struct httpa_respond *r);

#endif
