/*
 * The folder of --collateral: what vendors say about this platform, sent
 * along in every handshake so that clients need not ask them.
 *
 * A thread of its own looks at the folder every few seconds, since a disk may
 * be slow; when something changed, the next handshakes get the new pieces,
 * and those that run keep what they hold.  A folder that cannot be read, or
 * no longer fits, changes nothing.  Of more pieces than a handshake takes,
 * those of our own platform are sent (pick.h); what is left out is said.
 */
#ifndef HTTPA_GATEWAY_COLLATERAL_H
#define HTTPA_GATEWAY_COLLATERAL_H

#include <stdatomic.h>

#include "collateral/dir.h"
#include "gateway/quoter.h"

/* Content of a handshake's answer (doc/protocol.md 17.1); and what heads of
 * entries, signatures and the like of it have at most. */
#define HTTPA_GATEWAY_ANSWER_MAX 262144u
#define HTTPA_GATEWAY_ANSWER_REST 8192u

/* Of one piece, beside its bytes: its media type and length. */
#define HTTPA_GATEWAY_PIECE_REST 80u

/* Half of what a handshake's answer may have (doc/protocol.md 17.1); evidence
 * and the service's certificates need the rest. */
#define HTTPA_GATEWAY_COLLATERAL_MAX 131072u

/* Warnings begin so long before something lapses: Intel issues for 30 days,
 * and somebody has to come back from a long weekend. */
#define HTTPA_GATEWAY_COLLATERAL_AHEAD_S (7 * 86400)

struct httpa_gateway_collateral;

/* What the folder had at one time; never changed. */
struct httpa_gateway_pieces {
    struct httpa_collateral all;
    int64_t issued_s; /* the oldest revocation list or document of all; 0 */
    int64_t lapses_s; /* the first of all; 0: there is none */
    char first[HTTPA_COLLATERAL_NAME]; /* which one that is */
    size_t damaged;                    /* left out */
    char bad[HTTPA_COLLATERAL_NAME];   /* the last of those */
    size_t foreign;                    /* left out: of other platforms */
    size_t cut;                        /* left out, for want of room */
    char missed[HTTPA_COLLATERAL_NAME]; /* the last of those */
    _Atomic size_t holders;
};

/* All of it is borrowed. */
struct httpa_gateway_collateral_config {
    const struct httpa_crypto *crypto;
    struct httpa_quoter *quoter; /* which keeps evidence */
    const char *dir;
    size_t pieces_max;
    size_t bytes_max;
};

/* Reads the folder, says what is there, and starts looking after it.
 * HTTPA_ERR_CONFIG: not readable, or too much. */
HTTPA_MUST_USE enum httpa_err httpa_gateway_collateral_new(
    const struct httpa_gateway_collateral_config *config,
    struct httpa_gateway_collateral **ret);
void httpa_gateway_collateral_free(struct httpa_gateway_collateral *c);

/* Looks again at once, from any thread.  NULL is fine. */
void httpa_gateway_collateral_look(struct httpa_gateway_collateral *c);

/* What is there now, from any thread; to be released. */
struct httpa_gateway_pieces *
httpa_gateway_collateral_hold(struct httpa_gateway_collateral *c);
void httpa_gateway_pieces_release(struct httpa_gateway_pieces *p);

/* As httpa_handshake_finish takes them; |p| may be NULL. */
struct httpa_endorsements
httpa_gateway_pieces_endorsements(const struct httpa_gateway_pieces *p);

#endif
