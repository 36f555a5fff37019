/*
 * The attested key of binding `key` (doc/protocol.md 6.3): made in this
 * process, quoted once, shown to many clients, replaced before its end.
 *
 * Handshakes on all threads hold the key that was current when they began;
 * a key that was replaced is wiped when the last of them lets go.
 */
#ifndef HTTPA_GATEWAY_KEYRING_H
#define HTTPA_GATEWAY_KEYRING_H

#include <httpa/service.h>

#include "gateway/quoter.h"

struct httpa_keyring;
struct httpa_keyring_key;

HTTPA_MUST_USE enum httpa_err
httpa_keyring_new(const struct httpa_crypto *crypto,
                  const struct httpa_service *service, uint32_t life_s,
                  struct httpa_keyring **ret);

/* No key may be held.  NULL is fine. */
void httpa_keyring_free(struct httpa_keyring *ring);

/* Asks |quoter| for the next key when the current one has lived for four
 * fifths of its life, or there is none.  On one loop, about once a second. */
void httpa_keyring_renew(struct httpa_keyring *ring, struct httpa_quoter *q,
                         struct httpa_loop *loop, int64_t now_s);

/* The current key, held, or NULL when there is none that lives. */
struct httpa_keyring_key *
httpa_keyring_hold(struct httpa_keyring *ring, int64_t now_s);
const struct httpa_quote_key *
httpa_keyring_quote_key(const struct httpa_keyring_key *key);
/* NULL is fine. */
void httpa_keyring_release(struct httpa_keyring *ring,
                           struct httpa_keyring_key *key);

/* Unix time at which the current key ends; 0: none. */
int64_t httpa_keyring_ends_s(struct httpa_keyring *ring);

#endif
