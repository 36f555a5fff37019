#include "evidence/verified.h"

#include <stdlib.h>
#include <string.h>

#include <httpa/crypto.h>

#include "base/writer.h"
#include "crypto/memo.h"

/* One item that a verifier found genuine. */
struct entry {
    const struct httpa_verifier *verifier;
    struct httpa_buf input;   /* everything it was given, but the time */
    struct httpa_slice value; /* the item, inside of it */
    uint8_t sha256[32];       /* of the item */
    int64_t now_s;            /* when */
    struct httpa_span span;   /* when it would say the same */
    struct httpa_verdict *said;
};

struct httpa_verified {
    struct httpa_memo *memo;
    uint64_t hits;
    struct httpa_buf input; /* of the item at hand */
    size_t next;            /* the oldest, once all are used */
    struct entry entries[HTTPA_VERIFIED_ITEMS];
};

enum httpa_err httpa_verified_new(const struct httpa_crypto *crypto,
                                  struct httpa_verified **ret_verified)
{
    struct httpa_verified *k = calloc(1, sizeof(*k));
    if (k == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    enum httpa_err err = httpa_memo_new(crypto, &k->memo);
    if (err != HTTPA_OK) {
        free(k);
        return err;
    }
    k->input = httpa_buf_growing(HTTPA_VERIFIED_INPUT);
    *ret_verified = k;
    return HTTPA_OK;
}

static void forget(struct entry *e)
{
    httpa_buf_done(&e->input);
    httpa_verdict_free(e->said);
    *e = (struct entry){ 0 };
}

void httpa_verified_free(struct httpa_verified *verified)
{
    if (verified == NULL) {
        return;
    }
    for (size_t i = 0; i < HTTPA_VERIFIED_ITEMS; i++) {
        forget(&verified->entries[i]);
    }
    httpa_buf_done(&verified->input);
    httpa_memo_free(verified->memo);
    free(verified);
}

struct httpa_verified_stats
httpa_verified_stats(const struct httpa_verified *verified)
{
    return (struct httpa_verified_stats){
        .signatures = httpa_memo_hits(verified->memo),
        .items = verified->hits,
    };
}

/* ---- what was given ---- */

#define VALUE_AT 4 /* where in->value lands, behind its length */

/* All of struct httpa_verify_in that verify() may look at, each part with its
 * length, so that two inputs never read the same.  Whole, not as a digest:
 * comparing is faster than hashing. */
static void write_input(const struct httpa_verify_in *in, struct httpa_buf *b)
{
    httpa_write_v32(b, in->value);
    httpa_write_v32(b,
                    httpa_slice_of(in->rd, in->rd != NULL ? HTTPA_RD_LEN : 0));
    httpa_write_v32(b, in->nonce);
    httpa_write_u32(b, (uint32_t)in->endorsement_count);
    for (size_t i = 0; i < in->endorsement_count; i++) {
        httpa_write_v32(b, in->endorsements[i].media_type);
        httpa_write_v32(b, in->endorsements[i].value);
    }
    httpa_write_u32(b, (uint32_t)in->activation_count);
    for (size_t i = 0; i < in->activation_count; i++) {
        httpa_write_v32(b, in->activations[i].ak_name);
        httpa_write_v32(b, in->activations[i].ek_sha256);
    }
    httpa_write_u32(b, (uint32_t)in->policy_key_count);
    for (size_t i = 0; i < in->policy_key_count; i++) {
        httpa_write_v32(b, in->policy_keys[i]);
    }
    httpa_write_v32(b, in->hardware_ak);
}

static const struct entry *find(const struct httpa_verified *k,
                                const struct httpa_verifier *verifier,
                                int64_t now_s)
{
    for (size_t i = 0; i < HTTPA_VERIFIED_ITEMS; i++) {
        const struct entry *e = &k->entries[i];
        if (e->verifier == verifier && now_s >= e->span.from_s &&
            now_s < e->span.until_s &&
            httpa_slice_equal(httpa_buf_slice(&e->input),
                              httpa_buf_slice(&k->input))) {
            return e;
        }
    }
    return NULL;
}

/* ---- what was said ---- */

/* Adds what |from| says from |mark| on, all of it about one item, to |to|, as
 * of item |of| and |later_s| seconds later.  An age grows with the time; none
 * grows from zero, because the second of what is judged ends the span. */
static void repeat(const struct httpa_verdict *from,
                   struct httpa_verdict_mark mark, struct httpa_verdict *to,
                   unsigned of, int64_t later_s)
{
    for (size_t i = mark.check_count; i < from->check_count; i++) {
        struct httpa_check c = from->checks[i];
        c.of = c.of == HTTPA_OF_NONE ? c.of : of;
        c.age_s += c.age_s > 0 ? later_s : 0;
        httpa_verdict_check(to, &c);
    }
    for (size_t i = mark.claim_count; i < from->claim_count; i++) {
        struct httpa_claim c = from->claims[i];
        c.of = of;
        httpa_verdict_add_claim(to, &c);
    }
}

static void keep(struct httpa_verified *k,
                 const struct httpa_verifier *verifier,
                 const struct httpa_verify_in *in,
                 const struct httpa_verdict *v, struct httpa_verdict_mark mark)
{
    struct entry e = {
        .verifier = verifier,
        .input = httpa_buf_growing(HTTPA_VERIFIED_INPUT),
        .now_s = in->now_s,
        .span = httpa_memo_watched(k->memo),
        .said = httpa_verdict_new(),
    };
    httpa_buf_put_slice(&e.input, httpa_buf_slice(&k->input));
    if (e.said != NULL) {
        repeat(v, mark, e.said, 0, 0);
    }
    if (!e.input.failed) {
        e.value = httpa_slice_of(e.input.p + VALUE_AT, in->value.n);
    }
    if (e.said == NULL || e.said->spoilt || e.input.failed ||
        httpa_crypto_sha256(in->crypto, e.value, e.sha256) != HTTPA_OK) {
        forget(&e); /* no harm: it is verified again */
        return;
    }
    forget(&k->entries[k->next]);
    k->entries[k->next] = e;
    k->next = (k->next + 1) % HTTPA_VERIFIED_ITEMS;
}

/* Whether everything added to |v| since |mark| is about item |of| and right. */
static bool
is_plain(const struct httpa_verdict *v, struct httpa_verdict_mark mark)
{
    return !v->spoilt && v->open_count == mark.open_count &&
           httpa_verdict_blame(v, mark.check_count) == NULL;
}

enum httpa_err httpa_verified_verify(struct httpa_verified *verified,
                                     const struct httpa_verifier *verifier,
                                     const struct httpa_verify_in *in,
                                     struct httpa_verdict *v, unsigned of)
{
    if (verified == NULL) {
        return verifier->verify(in, v, of);
    }
    struct httpa_verify_in own = *in;
    own.crypto = httpa_memo_crypto(verified->memo);
    if (!verifier->is_watched) {
        return verifier->verify(&own, v, of);
    }
    httpa_buf_reset(&verified->input);
    write_input(in, &verified->input);
    const struct entry *e =
        verified->input.failed ? NULL : find(verified, verifier, in->now_s);
    if (e != NULL) {
        verified->hits++;
        repeat(e->said, (struct httpa_verdict_mark){ 0 }, v, of,
               in->now_s - e->now_s);
        return HTTPA_OK;
    }
    struct httpa_verdict_mark mark = httpa_verdict_mark(v);
    httpa_memo_watch(verified->memo, in->now_s);
    enum httpa_err err = verifier->verify(&own, v, of);
    if (err == HTTPA_OK && !verified->input.failed && is_plain(v, mark)) {
        keep(verified, verifier, in, v, mark);
    }
    return err;
}

enum httpa_err httpa_verified_sha256(const struct httpa_verified *verified,
                                     const struct httpa_crypto *crypto,
                                     struct httpa_slice value,
                                     uint8_t ret_sha256[32])
{
    for (size_t i = 0; verified != NULL && i < HTTPA_VERIFIED_ITEMS; i++) {
        const struct entry *e = &verified->entries[i];
        if (e->verifier != NULL && httpa_slice_equal(e->value, value)) {
            memcpy(ret_sha256, e->sha256, sizeof(e->sha256));
            return HTTPA_OK;
        }
    }
    return httpa_crypto_sha256(crypto, value, ret_sha256);
}
