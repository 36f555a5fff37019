/*
 * The thread that owns the TEE device.
 *
 * A device does one thing at a time and takes from half a millisecond to half
 * a second, so a thread of its own works through a bounded queue and posts
 * each result to the loop that asked.  Not libuv's pool: a slow TPM would
 * hold up name look-ups there.
 *
 * A job is the caller's until it is cancelled or its callback returns; both
 * only on the loop that asked for it.
 */
#ifndef HTTPA_GATEWAY_QUOTER_H
#define HTTPA_GATEWAY_QUOTER_H

#include <httpa/attest.h>

#include "engine/loop.h"
#include "gateway/metrics.h"

struct httpa_quoter;
struct httpa_quoter_job;

/* |value| is the evidence, or the value of an entry tpm-activated, and is wiped
 * after the callback; |err| as of the attester. */
typedef void (*httpa_quoter_fn)(void *arg, enum httpa_err err,
                                struct httpa_slice value);

/* |attester| is borrowed and used by this thread alone from now on.  |keeps|:
 * a quote is made for httpa_quoter_evidence, over zeros, which no handshake can
 * ask for. */
HTTPA_MUST_USE enum httpa_err
httpa_quoter_new(struct httpa_attester *attester, size_t waiting_max,
                 bool keeps, struct httpa_metrics *metrics,
                 struct httpa_quoter **ret);

/* Ends the thread.  No job may be waiting.  NULL is fine. */
void httpa_quoter_free(struct httpa_quoter *q);

/* Evidence over |rd|.  HTTPA_ERR_BUSY when the queue is full, _MEMORY. */
HTTPA_MUST_USE enum httpa_err
httpa_quoter_quote(struct httpa_quoter *q, struct httpa_loop *loop,
                   const uint8_t rd[HTTPA_RD_LEN], httpa_quoter_fn done,
                   void *arg, struct httpa_quoter_job **ret_job);

/* The answer to |credential|, the value of an entry tpm-credential, copied
 * (doc/protocol.md 11.2).
 * HTTPA_ERR_KEY when this kind of device has none, _RANGE when the
 * credential is longer than any TPM's. */
HTTPA_MUST_USE enum httpa_err
httpa_quoter_activate(struct httpa_quoter *q, struct httpa_loop *loop,
                      struct httpa_slice credential, httpa_quoter_fn done,
                      void *arg, struct httpa_quoter_job **ret_job);

/* The callback will not come.  NULL is fine. */
void httpa_quoter_cancel(struct httpa_quoter_job *job);

/* Jobs asked for and not yet given back, of all loops: none of them may be
 * retired before this is 0. */
size_t httpa_quoter_waiting(const struct httpa_quoter *q);

/* Seconds until the queue of now is worked off; 1 at least. */
uint32_t httpa_quoter_retry_after_s(const struct httpa_quoter *q);

/* Unix time of the last evidence that was made; 0: none. */
int64_t httpa_quoter_last_ok_s(const struct httpa_quoter *q);

/* Appends the certificates (PEM) that belong to the last quote; nothing when
 * there are none.  From any thread.  HTTPA_ERR_SPACE, _MEMORY. */
HTTPA_MUST_USE enum httpa_err
httpa_quoter_endorsements(struct httpa_quoter *q, struct httpa_buf *ret_pem);

/* Appends the last evidence that was made, of one that |keeps|; to see what it
 * needs, not to show it to anybody.  From any thread.  HTTPA_ERR_MISSING: there
 * is none yet; HTTPA_ERR_SPACE, _MEMORY. */
HTTPA_MUST_USE enum httpa_err httpa_quoter_evidence(struct httpa_quoter *q,
                                                    struct httpa_buf *ret);

const char *httpa_quoter_media_type(const struct httpa_quoter *q);

#endif
