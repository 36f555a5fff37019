/*
 * Attest-Ticket and Attest-Binder: the one tag that a request's head carries
 * and the one that its answer's carries (doc/protocol.md 9.2, 9.3).
 *
 * A ticket says: who holds the base's keys made message n with these Attest-*
 * fields.  A binder says: and this is the answer to that ticket.
 */
#ifndef HTTPA_SESSION_TICKET_H
#define HTTPA_SESSION_TICKET_H

#include "crypto/aead.h"
#include "crypto/schedule.h"
#include "session/meter.h"
#include "wire/ahl.h"

#define HTTPA_TICKET_MAC HTTPA_AEAD_TAG

/* An Attest-Ticket: the number and AtT. */
struct httpa_ticket {
    uint64_t n;
    uint8_t mac[HTTPA_TICKET_MAC];
};

/* What one tag needs beside the fields. */
struct httpa_tag_key {
    struct httpa_aead *aead; /* keyed for the direction */
    const uint8_t *iv;       /* HTTPA_AEAD_NONCE bytes of the direction */
    struct httpa_meter *meter;
};

/* Reads the ticket out of |ahl|, which was read at HTTPA_PLACE_REQUEST.
 * HTTPA_ERR_MISSING, HTTPA_ERR_MALFORMED as the accessors of wire/ahl.h. */
HTTPA_MUST_USE enum httpa_err httpa_ticket_read(const struct httpa_ahl *ahl,
                                                struct httpa_ticket *ret_t);

/*
 * Makes the ticket of number |n| over the fields in |ahl| (without a ticket)
 * and adds Attest-Ticket to them.  Once per n and key, ever; afterwards |n|
 * is used up, also after an error.
 */
HTTPA_MUST_USE enum httpa_err httpa_ticket_seal(struct httpa_tag_key key,
                                                uint64_t n,
                                                struct httpa_ahl *ahl,
                                                struct httpa_ticket *ret_t);

/* Verifies |t| over |ahl|, in constant time: HTTPA_ERR_TAG. */
HTTPA_MUST_USE enum httpa_err httpa_ticket_open(struct httpa_tag_key key,
                                                const struct httpa_ticket *t,
                                                const struct httpa_ahl *ahl);

/* Makes the binder of the answer to |t| with |outer_status| over |ahl|
 * (without a binder), and adds Attest-Binder.  Once, as above. */
HTTPA_MUST_USE enum httpa_err
httpa_binder_seal(struct httpa_tag_key key, const struct httpa_ticket *t,
                  unsigned outer_status, struct httpa_ahl *ahl,
                  uint8_t ret_binder[HTTPA_TICKET_MAC]);

/* Verifies the Attest-Binder in |ahl|, in constant time: HTTPA_ERR_BINDER,
 * also when there is none. */
HTTPA_MUST_USE enum httpa_err
httpa_binder_open(struct httpa_tag_key key, const struct httpa_ticket *t,
                  unsigned outer_status, const struct httpa_ahl *ahl,
                  uint8_t ret_binder[HTTPA_TICKET_MAC]);

/* The AAD of both, for whoever wants to look: doc/protocol.md 9.2, 9.3. */
void httpa_ticket_aad(uint64_t n, const struct httpa_ahl *ahl,
                      struct httpa_buf *out);
void httpa_binder_aad(const struct httpa_ticket *t, unsigned outer_status,
                      const struct httpa_ahl *ahl, struct httpa_buf *out);
#define HTTPA_TICKET_AAD_MAX (64u + HTTPA_AHL_CANONICAL_MAX)

#endif
