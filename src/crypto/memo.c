#include "crypto/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "crypto/openssl.h"

/* Of an array: the next one goes where the oldest is. */
struct ring {
    size_t next;
    size_t n; /* filled */
};

struct httpa_memo {
    struct httpa_crypto crypto; /* borrows all but the pointer to this */
    uint64_t hits;
    int64_t now_s; /* of the watch */
    struct httpa_span span;
    struct ring facts;
    struct ring certs;
    struct ring crls;
    uint8_t fact[HTTPA_MEMO_FACTS][32];
    struct httpa_cert *cert[HTTPA_MEMO_CERTS];
    struct httpa_crl *crl[HTTPA_MEMO_CRLS];
};

enum httpa_err
httpa_memo_new(const struct httpa_crypto *crypto, struct httpa_memo **ret_memo)
{
    struct httpa_memo *m = calloc(1, sizeof(*m));
    if (m == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    m->crypto = *crypto;
    m->crypto.memo = m;
    *ret_memo = m;
    return HTTPA_OK;
}

void httpa_memo_free(struct httpa_memo *memo)
{
    if (memo == NULL) {
        return;
    }
    for (size_t i = 0; i < memo->certs.n; i++) {
        httpa_cert_free(memo->cert[i]);
    }
    for (size_t i = 0; i < memo->crls.n; i++) {
        httpa_crl_free(memo->crl[i]);
    }
    free(memo);
}

const struct httpa_crypto *httpa_memo_crypto(const struct httpa_memo *memo)
{
    return &memo->crypto;
}

size_t httpa_memo_count(const struct httpa_memo *memo)
{
    return memo->facts.n;
}

uint64_t httpa_memo_hits(const struct httpa_memo *memo)
{
    return memo->hits;
}

/* ---- the watch ---- */

void httpa_memo_watch(struct httpa_memo *memo, int64_t now_s)
{
    memo->now_s = now_s;
    memo->span = (struct httpa_span){ INT64_MIN, INT64_MAX };
}

struct httpa_span httpa_memo_watched(const struct httpa_memo *memo)
{
    return memo->span;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* now >= t turns at t, now > t one second on: each is the same before both,
 * behind both, or in the second between. */
void httpa_memo_instant(const struct httpa_crypto *crypto, int64_t time_s)
{
    struct httpa_memo *m = crypto->memo;
    if (m == NULL) {
        return;
    }
    if (m->now_s < time_s) {
        m->span.until_s = earlier(m->span.until_s, time_s);
        return;
    }
    bool is_behind = m->now_s > time_s;
    m->span.from_s = later(m->span.from_s, is_behind ? time_s + 1 : time_s);
    if (!is_behind) {
        m->span.until_s = earlier(m->span.until_s, m->now_s + 1);
    }
}

static size_t take_place(struct ring *r, size_t size)
{
    size_t at = r->next;
    r->next = (at + 1) % size;
    r->n += r->n < size ? 1 : 0;
    return at;
}

/* ---- facts ---- */

/* Every part with its length, so that no two facts have one digest.  False:
 * no digest, so nothing is known of it. */
static bool digest_of(const struct httpa_memo *m, const struct httpa_fact *fact,
                      struct httpa_digest *ret_digest)
{
    struct httpa_hash h;
    bool ok = httpa_hash_init(&h, &m->crypto, HTTPA_SHA256) == HTTPA_OK;
    for (size_t i = 0; ok && i < HTTPA_FACT_PARTS; i++) {
        uint8_t storage[12];
        struct httpa_buf head = httpa_buf_fixed(storage, sizeof(storage));
        httpa_write_u32(&head, (uint32_t)fact->kind);
        httpa_write_u64(&head, fact->parts[i].n);
        httpa_hash_update(&h, httpa_buf_slice(&head));
        httpa_hash_update(&h, fact->parts[i]);
    }
    ok = ok && httpa_hash_final(&h, ret_digest) == HTTPA_OK;
    httpa_hash_done(&h);
    return ok;
}

static bool has(const struct httpa_memo *m, const struct httpa_digest *digest)
{
    for (size_t i = 0; i < m->facts.n; i++) {
        if (memcmp(m->fact[i], digest->bytes, sizeof(m->fact[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool httpa_memo_knows(struct httpa_memo *memo, const struct httpa_fact *fact)
{
    struct httpa_digest digest;
    bool known =
        memo != NULL && digest_of(memo, fact, &digest) && has(memo, &digest);
    if (known) {
        memo->hits++;
    }
    return known;
}

void httpa_memo_learn(struct httpa_memo *memo, const struct httpa_fact *fact)
{
    struct httpa_digest digest;
    if (memo != NULL && digest_of(memo, fact, &digest) && !has(memo, &digest)) {
        size_t at = take_place(&memo->facts, HTTPA_MEMO_FACTS);
        memcpy(memo->fact[at], digest.bytes, sizeof(memo->fact[at]));
    }
}

/* ---- certificates and lists ---- */

static struct httpa_cert *
find_cert(const struct httpa_memo *m, struct httpa_slice der)
{
    for (size_t i = 0; i < m->certs.n; i++) {
        if (httpa_slice_equal(httpa_cert_der(m->cert[i]), der)) {
            return m->cert[i];
        }
    }
    return NULL;
}

struct httpa_cert *
httpa_memo_find_cert(const struct httpa_memo *memo, struct httpa_slice der)
{
    struct httpa_cert *cert = memo != NULL ? find_cert(memo, der) : NULL;
    if (cert != NULL) {
        cert->users++;
    }
    return cert;
}

void httpa_memo_keep_cert(struct httpa_memo *memo, struct httpa_cert *cert)
{
    struct httpa_slice der = httpa_cert_der(cert);
    if (memo == NULL || cert->memo != memo || der.n > HTTPA_MEMO_CERT ||
        find_cert(memo, der) != NULL) {
        return;
    }
    bool is_full = memo->certs.n == HTTPA_MEMO_CERTS;
    struct httpa_cert **place =
        &memo->cert[take_place(&memo->certs, HTTPA_MEMO_CERTS)];
    if (is_full) {
        httpa_cert_free(*place);
    }
    cert->users++;
    *place = cert;
}

static struct httpa_crl *
find_crl(const struct httpa_memo *m, struct httpa_slice der)
{
    for (size_t i = 0; i < m->crls.n; i++) {
        struct httpa_crl *crl = m->crl[i];
        if (httpa_slice_equal(httpa_slice_of(crl->der, crl->der_n), der)) {
            return crl;
        }
    }
    return NULL;
}

struct httpa_crl *
httpa_memo_find_crl(const struct httpa_memo *memo, struct httpa_slice der)
{
    struct httpa_crl *crl = memo != NULL ? find_crl(memo, der) : NULL;
    if (crl != NULL) {
        crl->users++;
    }
    return crl;
}

void httpa_memo_keep_crl(struct httpa_memo *memo, struct httpa_crl *crl)
{
    if (memo == NULL || crl->memo != memo || crl->der_n > HTTPA_MEMO_CRL ||
        find_crl(memo, httpa_slice_of(crl->der, crl->der_n)) != NULL) {
        return;
    }
    bool is_full = memo->crls.n == HTTPA_MEMO_CRLS;
    struct httpa_crl **place =
        &memo->crl[take_place(&memo->crls, HTTPA_MEMO_CRLS)];
    if (is_full) {
        httpa_crl_free(*place);
    }
    crl->users++;
    *place = crl;
}
