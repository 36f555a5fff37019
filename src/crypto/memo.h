/*
 * What was verified before: a bounded memory of facts that hold for ever.
 *
 * A fact is "this key made this signature over these bytes", and it is known
 * by a digest of exactly these: no time, no policy, no root and no handshake
 * is in it, so none can be mixed up.  All of those are judged anew each time,
 * by the same code as without a memo.  Only what verified is remembered,
 * never a failure, and nothing lapses: that a signature is right does not
 * change when a certificate expires or is revoked, what follows from it does.
 *
 * Beside the facts it keeps certificates and lists as they were read, found
 * by all of their bytes, because OpenSSL 3.0 takes longer to read a
 * certificate than to verify one.  They get in when a chain with them
 * verified up to a root of the caller's, or an issuer of the caller's signed
 * the list.
 *
 *   err = httpa_memo_new(crypto, &memo);
 *   crypto = httpa_memo_crypto(memo);  // use this one instead: it remembers
 *
 * One thread at a time, as everything read through it is shared with it.  Its
 * size is fixed (limits below); the oldest entry makes room for the newest.
 */
#ifndef HTTPA_CRYPTO_MEMO_H
#define HTTPA_CRYPTO_MEMO_H

#include <httpa/slice.h>

#include "crypto/crypto.h"

#define HTTPA_MEMO_FACTS 256u /* 8 KB; a TDX platform has ten */
#define HTTPA_MEMO_CERTS 32u  /* and seven certificates; */
#define HTTPA_MEMO_CERT 4096u /* vendors' have at most 2.2 KB */
#define HTTPA_MEMO_CRLS 8u    /* and two lists */
#define HTTPA_MEMO_CRL 65536u /* 1,500 revoked; longer ones are read anew */

struct httpa_memo;

/* |crypto| must outlive it. */
HTTPA_MUST_USE enum httpa_err
httpa_memo_new(const struct httpa_crypto *crypto, struct httpa_memo **ret_memo);

/* After everything that was read through it. */
void httpa_memo_free(struct httpa_memo *memo);

/* |crypto| of httpa_memo_new with this memory, borrowed from it. */
const struct httpa_crypto *httpa_memo_crypto(const struct httpa_memo *memo);

/*
 * When an answer could change: while somebody watches, every certificate and
 * list that is read through |memo| narrows the span around |now_s| to its
 * own first and last second, and so do instants that a caller names because
 * a comparison with them is part of the answer.  Inside the span that
 * httpa_memo_watched gives back, [from_s, until_s), no such comparison, with
 * or without equality, comes out otherwise.
 */
struct httpa_span {
    int64_t from_s;
    int64_t until_s;
};

void httpa_memo_watch(struct httpa_memo *memo, int64_t now_s);
struct httpa_span httpa_memo_watched(const struct httpa_memo *memo);

/* Does nothing with a |crypto| that has no memo. */
void httpa_memo_instant(const struct httpa_crypto *crypto, int64_t time_s);

/* For people and tests: facts that are known, and how often one served. */
size_t httpa_memo_count(const struct httpa_memo *memo);
uint64_t httpa_memo_hits(const struct httpa_memo *memo);

#endif
