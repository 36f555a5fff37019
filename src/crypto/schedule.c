#include "crypto/schedule.h"

#include <string.h>

#include "base/secret.h"
#include "base/writer.h"

static const struct httpa_slice nothing;

void httpa_traffic_done(struct httpa_traffic *t)
{
    httpa_wipe(t, sizeof(*t));
}

void httpa_hs_keys_done(struct httpa_hs_keys *k)
{
    httpa_wipe(k, sizeof(*k));
}

void httpa_keys_done(struct httpa_keys *k)
{
    httpa_wipe(k, sizeof(*k));
}

struct httpa_slice httpa_traffic_key(const struct httpa_traffic *t)
{
    return httpa_slice_of(t->key, t->suite->key_size);
}

/* One part of a hashed string: bytes, behind their length in |width| bytes.
 * No part here is secret. */
struct part {
    size_t width; /* 0: no length in front */
    struct httpa_slice bytes;
};

static void add_part(struct httpa_hash *h, struct part p)
{
    uint8_t prefix[sizeof(uint32_t)];
    for (size_t i = 0; i < p.width; i++) {
        prefix[i] = (uint8_t)(p.bytes.n >> (8 * (p.width - 1 - i)));
    }
    httpa_hash_update(h, httpa_slice_of(prefix, p.width));
    httpa_hash_update(h, p.bytes);
}

static bool has_room(struct part p)
{
    return p.width == 0 || (uint64_t)p.bytes.n >> (8 * p.width) == 0;
}

static void add_label(struct httpa_hash *h, const char *label)
{
    httpa_hash_update(h, httpa_slice_of(label, strlen(label) + 1));
}

/* H(lbl(label) || parts). */
static enum httpa_err hash_parts(const struct httpa_crypto *crypto,
                                 enum httpa_hash_id id, const char *label,
                                 const struct part *parts, size_t count,
                                 struct httpa_digest *ret_digest)
{
    for (size_t i = 0; i < count; i++) {
        if (!has_room(parts[i])) {
            return HTTPA_ERR_SPACE;
        }
    }
    struct httpa_hash h;
    enum httpa_err err = httpa_hash_init(&h, crypto, id);
    if (err == HTTPA_OK) {
        add_label(&h, label);
        for (size_t i = 0; i < count; i++) {
            add_part(&h, parts[i]);
        }
        err = httpa_hash_final(&h, ret_digest);
    }
    httpa_hash_done(&h);
    return err;
}

static struct part plain(struct httpa_slice s)
{
    return (struct part){ .bytes = s };
}

static struct part digest(const struct httpa_digest *d)
{
    return plain(httpa_digest_slice(d));
}

static struct part v16(struct httpa_slice s)
{
    return (struct part){ .width = 2, .bytes = s };
}

static struct part v32(struct httpa_slice s)
{
    return (struct part){ .width = 4, .bytes = s };
}

/* ---- request: doc/protocol.md, "Transcript" ---- */

enum httpa_err httpa_schedule_c0(const struct httpa_crypto *crypto,
                                 struct httpa_slice fields,
                                 struct httpa_slice client_spki,
                                 struct httpa_digest *ret_c0)
{
    const struct part parts[] = { plain(fields), v16(client_spki) };
    return hash_parts(crypto, HTTPA_SHA512, "httpa/2 request", parts, 2,
                      ret_c0);
}

enum httpa_err httpa_schedule_c1(const struct httpa_crypto *crypto,
                                 const struct httpa_digest *c0,
                                 struct httpa_slice quotes,
                                 struct httpa_digest *ret_c1)
{
    if (c0->id != HTTPA_SHA512) {
        return HTTPA_ERR_USAGE;
    }
    const struct part parts[] = { digest(c0), v32(quotes) };
    return hash_parts(crypto, HTTPA_SHA512, "httpa/2 request evidence", parts,
                      2, ret_c1);
}

enum httpa_err httpa_schedule_th0(const struct httpa_crypto *crypto,
                                  const struct httpa_digest *c1,
                                  struct httpa_slice signatures,
                                  struct httpa_slice content,
                                  struct httpa_digest *ret_th0)
{
    if (c1->id != HTTPA_SHA512) {
        return HTTPA_ERR_USAGE;
    }
    struct httpa_digest inner;
    enum httpa_err err = httpa_hash_once(crypto, HTTPA_SHA512, content, &inner);
    if (err != HTTPA_OK) {
        return err;
    }
    const struct part parts[] = { digest(c1), v32(signatures), digest(&inner) };
    return hash_parts(crypto, HTTPA_SHA512, "httpa/2 request end", parts, 3,
                      ret_th0);
}

/* ---- response ---- */

enum httpa_err httpa_schedule_th1(const struct httpa_crypto *crypto,
                                  const struct httpa_suite *suite,
                                  const struct httpa_digest *th0,
                                  struct httpa_slice fields,
                                  struct httpa_digest *ret_th1)
{
    if (th0->id != HTTPA_SHA512) {
        return HTTPA_ERR_USAGE;
    }
    const struct part parts[] = { digest(th0), plain(fields) };
    return hash_parts(crypto, suite->hash, "httpa/2 th1", parts, 2, ret_th1);
}

enum httpa_err httpa_schedule_binding(const struct httpa_crypto *crypto,
                                      const struct httpa_digest *th1,
                                      struct httpa_slice service_spki,
                                      struct httpa_slice fields,
                                      struct httpa_digest *ret_b)
{
    const struct part parts[] = { digest(th1), v16(service_spki),
                                  plain(fields) };
    return hash_parts(crypto, th1->id, "httpa/2 binding", parts, 3, ret_b);
}

enum httpa_err httpa_schedule_signed(const struct httpa_crypto *crypto,
                                     const struct httpa_digest *b,
                                     struct httpa_slice quotes,
                                     struct httpa_digest *ret_e)
{
    const struct part parts[] = { digest(b), v32(quotes) };
    return hash_parts(crypto, b->id, "httpa/2 signed", parts, 2, ret_e);
}

enum httpa_err httpa_schedule_signature_input(const char *context,
                                              const struct httpa_digest *digest,
                                              struct httpa_buf *out)
{
    for (int i = 0; i < 64; i++) { /* as RFC 8446 4.4.3 */
        httpa_buf_put_byte(out, ' ');
    }
    httpa_write_label(out, context);
    httpa_buf_put_slice(out, httpa_digest_slice(digest));
    return httpa_buf_check(out);
}

enum httpa_err httpa_th2_init(struct httpa_th2 *t,
                              const struct httpa_crypto *crypto,
                              const struct httpa_digest *th1,
                              struct httpa_slice head)
{
    *t = (struct httpa_th2){ .length = 0 };
    if (!has_room(v32(head))) {
        return HTTPA_ERR_SPACE;
    }
    enum httpa_err err = httpa_hash_init(&t->hash, crypto, th1->id);
    if (err == HTTPA_OK) {
        add_label(&t->hash, "httpa/2 th2");
        add_part(&t->hash, digest(th1));
        add_part(&t->hash, v32(head));
    }
    return err;
}

void httpa_th2_content(struct httpa_th2 *t, struct httpa_slice content)
{
    httpa_hash_update(&t->hash, content);
    t->length += content.n;
}

enum httpa_err httpa_th2_final(struct httpa_th2 *t,
                               struct httpa_digest *ret_th2)
{
    uint8_t room[sizeof(uint64_t)];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_write_u64(&b, t->length);
    httpa_hash_update(&t->hash, httpa_buf_slice(&b));
    return httpa_hash_final(&t->hash, ret_th2);
}

void httpa_th2_done(struct httpa_th2 *t)
{
    httpa_hash_done(&t->hash);
    t->length = 0;
}

enum httpa_err httpa_schedule_finished(const struct httpa_crypto *crypto,
                                       const struct httpa_secret *fin,
                                       const struct httpa_digest *th2,
                                       struct httpa_digest *ret_finished)
{
    if (fin->hash != th2->id) {
        return HTTPA_ERR_USAGE;
    }
    struct httpa_slice in = httpa_digest_slice(th2);
    return httpa_hmac(crypto, fin->hash, httpa_secret_slice(fin), &in, 1,
                      ret_finished);
}

enum httpa_err httpa_schedule_th3(const struct httpa_crypto *crypto,
                                  const struct httpa_digest *th2,
                                  const struct httpa_digest *finished,
                                  struct httpa_digest *ret_th3)
{
    if (th2->id != finished->id) {
        return HTTPA_ERR_USAGE;
    }
    const struct part parts[] = { digest(th2), digest(finished) };
    return hash_parts(crypto, th2->id, "httpa/2 th3", parts, 2, ret_th3);
}

/* ---- key schedule: doc/protocol.md, "Key schedule" ---- */

static enum httpa_err expand_traffic(const struct httpa_crypto *crypto,
                                     const struct httpa_suite *suite,
                                     const struct httpa_secret *secret,
                                     struct httpa_traffic *ret_traffic)
{
    struct httpa_traffic t = { .suite = suite };
    enum httpa_err err = httpa_expand_label(crypto, secret, "key", nothing,
                                            t.key, suite->key_size);
    if (err == HTTPA_OK) {
        err = httpa_expand_label(crypto, secret, "iv", nothing, t.iv,
                                 sizeof(t.iv));
    }
    if (err == HTTPA_OK) {
        *ret_traffic = t;
    }
    httpa_traffic_done(&t);
    return err;
}

/* HKDF-Extract(XL(secret, "derived", H(""), L), ikm), in place. */
static enum httpa_err advance(const struct httpa_crypto *crypto,
                              struct httpa_secret *secret,
                              struct httpa_slice ikm)
{
    struct httpa_digest empty;
    enum httpa_err err = httpa_hash_once(crypto, secret->hash, nothing, &empty);
    if (err == HTTPA_OK) {
        err = httpa_expand_secret(crypto, secret, "derived",
                                  httpa_digest_slice(&empty), secret);
    }
    if (err == HTTPA_OK) {
        err = httpa_hkdf_extract(crypto, secret->hash,
                                 httpa_secret_slice(secret), ikm, secret);
    }
    return err;
}

/* From |stage|, which is hs on entry and master on success. */
static enum httpa_err expand_handshake(const struct httpa_crypto *crypto,
                                       const struct httpa_suite *suite,
                                       struct httpa_slice th1,
                                       struct httpa_secret *stage,
                                       struct httpa_hs_keys *ret_keys)
{
    static const uint8_t zeros[HTTPA_HASH_MAX];
    struct httpa_secret t = { .n = 0 };
    enum httpa_err err = httpa_expand_secret(crypto, stage, "s hs", th1, &t);
    if (err == HTTPA_OK) {
        err = expand_traffic(crypto, suite, &t, &ret_keys->server);
    }
    if (err == HTTPA_OK) {
        err = httpa_expand_secret(crypto, &t, "finished", nothing,
                                  &ret_keys->fin);
    }
    if (err == HTTPA_OK) {
        err = advance(crypto, stage, httpa_slice_of(zeros, stage->n));
    }
    httpa_secret_done(&t);
    return err;
}

enum httpa_err httpa_schedule_handshake(const struct httpa_crypto *crypto,
                                        const struct httpa_suite *suite,
                                        const struct httpa_digest *th1,
                                        struct httpa_slice z,
                                        struct httpa_hs_keys *ret_keys)
{
    if (th1->id != suite->hash) {
        return HTTPA_ERR_USAGE;
    }
    static const uint8_t zeros[HTTPA_HASH_MAX];
    struct httpa_slice zero = httpa_slice_of(zeros, suite->hash_size);
    struct httpa_secret stage = { .n = 0 };
    struct httpa_hs_keys keys = { .server = { .suite = suite } };
    enum httpa_err err =
        httpa_hkdf_extract(crypto, suite->hash, zero, zero, &stage);
    if (err == HTTPA_OK) {
        err = advance(crypto, &stage, z);
    }
    if (err == HTTPA_OK) {
        err = expand_handshake(crypto, suite, httpa_digest_slice(th1), &stage,
                               &keys);
    }
    if (err == HTTPA_OK) {
        keys.master = stage;
        *ret_keys = keys;
    }
    httpa_secret_done(&stage);
    httpa_hs_keys_done(&keys);
    return err;
}

/* One direction: XL(master, label, TH3, L), then its key and IV. */
static enum httpa_err expand_direction(const struct httpa_crypto *crypto,
                                       const struct httpa_suite *suite,
                                       const struct httpa_secret *master,
                                       const char *label,
                                       const struct httpa_digest *th3,
                                       struct httpa_traffic *ret_traffic)
{
    struct httpa_secret secret = { .n = 0 };
    enum httpa_err err = httpa_expand_secret(crypto, master, label,
                                             httpa_digest_slice(th3), &secret);
    if (err == HTTPA_OK) {
        err = expand_traffic(crypto, suite, &secret, ret_traffic);
    }
    httpa_secret_done(&secret);
    return err;
}

enum httpa_err httpa_schedule_traffic(const struct httpa_crypto *crypto,
                                      const struct httpa_suite *suite,
                                      const struct httpa_secret *master,
                                      const struct httpa_digest *th3,
                                      struct httpa_keys *ret_keys)
{
    if (th3->id != suite->hash || master->hash != suite->hash) {
        return HTTPA_ERR_USAGE;
    }
    struct httpa_keys keys = { .exporter = { .n = 0 } };
    enum httpa_err err =
        expand_direction(crypto, suite, master, "c ap", th3, &keys.client);
    if (err == HTTPA_OK) {
        err =
            expand_direction(crypto, suite, master, "s ap", th3, &keys.server);
    }
    if (err == HTTPA_OK) {
        err = httpa_expand_secret(crypto, master, "exp",
                                  httpa_digest_slice(th3), &keys.exporter);
    }
    if (err == HTTPA_OK) {
        *ret_keys = keys;
    }
    httpa_keys_done(&keys);
    return err;
}

enum httpa_err httpa_schedule_export(const struct httpa_crypto *crypto,
                                     const struct httpa_secret *exporter,
                                     const char *label,
                                     struct httpa_slice context,
                                     uint8_t *ret_out, size_t n)
{
    struct httpa_digest empty;
    struct httpa_digest bound;
    struct httpa_secret secret = { .n = 0 };
    enum httpa_err err =
        httpa_hash_once(crypto, exporter->hash, nothing, &empty);
    if (err == HTTPA_OK) {
        err = httpa_hash_once(crypto, exporter->hash, context, &bound);
    }
    if (err == HTTPA_OK) {
        err = httpa_expand_secret(crypto, exporter, label,
                                  httpa_digest_slice(&empty), &secret);
    }
    if (err == HTTPA_OK) {
        err = httpa_expand_label(crypto, &secret, "exporter",
                                 httpa_digest_slice(&bound), ret_out, n);
    }
    httpa_secret_done(&secret);
    return err;
}

/* ---- evidence: doc/protocol.md, "Evidence" ---- */

enum httpa_err httpa_schedule_rd(const struct httpa_crypto *crypto,
                                 const char *what, struct httpa_slice x,
                                 struct httpa_digest *ret_rd)
{
    char label[64] = "httpa/2 ";
    size_t prefix = strlen(label);
    if (strlen(what) >= sizeof(label) - prefix) {
        return HTTPA_ERR_SPACE;
    }
    memcpy(label + prefix, what, strlen(what) + 1);
    const struct part parts[] = { plain(x) };
    return hash_parts(crypto, HTTPA_SHA512, label, parts, 1, ret_rd);
}

enum httpa_err httpa_schedule_rd_fresh(const struct httpa_crypto *crypto,
                                       const struct httpa_digest *b,
                                       struct httpa_digest *ret_rd)
{
    const struct part parts[] = {
        { .width = 1, .bytes = httpa_digest_slice(b) },
    };
    return hash_parts(crypto, HTTPA_SHA512, "httpa/2 server fresh", parts, 1,
                      ret_rd);
}

enum httpa_err httpa_schedule_rd_key(const struct httpa_crypto *crypto,
                                     struct httpa_slice spki,
                                     uint64_t not_before_s,
                                     uint64_t not_after_s,
                                     struct httpa_digest *ret_rd)
{
    uint8_t room[2 * sizeof(uint64_t)];
    struct httpa_buf times = httpa_buf_fixed(room, sizeof(room));
    httpa_write_u64(&times, not_before_s);
    httpa_write_u64(&times, not_after_s);
    const struct part parts[] = { v16(spki), plain(httpa_buf_slice(&times)) };
    return hash_parts(crypto, HTTPA_SHA512, "httpa/2 server key", parts, 2,
                      ret_rd);
}

/* ---- nonces: doc/protocol.md, "Tickets, binders, records" ---- */

void httpa_schedule_nonce(const uint8_t iv[HTTPA_AEAD_NONCE], uint64_t n,
                          uint32_t i, uint8_t ret_nonce[HTTPA_AEAD_NONCE])
{
    for (size_t k = 0; k < 8; k++) {
        ret_nonce[k] = (uint8_t)(iv[k] ^ (uint8_t)(n >> (56 - 8 * k)));
    }
    for (size_t k = 0; k < 4; k++) {
        ret_nonce[8 + k] = (uint8_t)(iv[8 + k] ^ (uint8_t)(i >> (24 - 8 * k)));
    }
}
