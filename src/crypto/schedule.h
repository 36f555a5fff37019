/*
 * Transcript and key schedule (doc/protocol.md, "Transcript" and "Key
 * schedule"; names as there).
 *
 * Pure functions from bytes to bytes: no state, no parsing, no randomness.
 * F(S), the canonical list of fields, arrives as ready bytes; where a formula
 * says v16(x) or v32(x), the caller gives x and the prefix is written here.
 * Empty means absent throughout.  Both roles call the same functions in the
 * same order:
 *
 *   request    C0 -> C1 -> TH0                        SHA-512
 *   response   TH1 -> handshake keys -> B -> E -> TH2 -> Finished -> TH3
 *   base       traffic keys and exporter
 *
 * TH1 fixes the hash (its suite's); what follows takes it from there, so a
 * digest of another hash is HTTPA_ERR_USAGE.  A part too long for its length
 * prefix is HTTPA_ERR_SPACE.
 */
#ifndef HTTPA_CRYPTO_SCHEDULE_H
#define HTTPA_CRYPTO_SCHEDULE_H

#include <httpa/slice.h>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/suite.h"

/* Index of the one ticket or binder operation of a number; records stay
 * below it. */
#define HTTPA_INDEX_TAG UINT32_MAX

/* Key and IV of one direction. */
struct httpa_traffic {
    const struct httpa_suite *suite;
    uint8_t key[HTTPA_AEAD_KEY_MAX]; /* suite->key_size bytes used */
    uint8_t iv[HTTPA_AEAD_NONCE];
};

/* What exists between the response's share and its Finished. */
struct httpa_hs_keys {
    struct httpa_traffic server; /* seals the response of AtHS, number 0 */
    struct httpa_secret fin;
    struct httpa_secret master;
};

/* What a base lives on. */
struct httpa_keys {
    struct httpa_traffic client;
    struct httpa_traffic server;
    struct httpa_secret exporter;
};

void httpa_traffic_done(struct httpa_traffic *t); /* wipes */
void httpa_hs_keys_done(struct httpa_hs_keys *k); /* wipes */
void httpa_keys_done(struct httpa_keys *k);       /* wipes */

/* The key's bytes, borrowed: what httpa_aead_init takes. */
struct httpa_slice httpa_traffic_key(const struct httpa_traffic *t);

/* C0: |fields| is F of the request without Attest-Quotes and
 * Attest-Signatures, |client_spki| the client's key. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_c0(const struct httpa_crypto *crypto, struct httpa_slice fields,
                  struct httpa_slice client_spki, struct httpa_digest *ret_c0);

/* C1: |quotes| is the text of Attest-Quotes. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_c1(const struct httpa_crypto *crypto,
                  const struct httpa_digest *c0, struct httpa_slice quotes,
                  struct httpa_digest *ret_c1);

/* TH0: |signatures| is the text of Attest-Signatures, |content| the whole
 * content of the request, never empty. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_th0(const struct httpa_crypto *crypto,
                   const struct httpa_digest *c1, struct httpa_slice signatures,
                   struct httpa_slice content, struct httpa_digest *ret_th0);

/* TH1, in the hash of |suite|: |fields| is F of the response's clear
 * fields. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_th1(const struct httpa_crypto *crypto,
                   const struct httpa_suite *suite,
                   const struct httpa_digest *th0, struct httpa_slice fields,
                   struct httpa_digest *ret_th1);

/* hs_key, hs_iv, fin and master, from Z, the result of the key exchange. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_handshake(const struct httpa_crypto *crypto,
                         const struct httpa_suite *suite,
                         const struct httpa_digest *th1, struct httpa_slice z,
                         struct httpa_hs_keys *ret_keys);

/* B, which evidence binds: |fields| is F of the sealed fields without
 * Attest-Quotes and Attest-Signatures. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_binding(const struct httpa_crypto *crypto,
                       const struct httpa_digest *th1,
                       struct httpa_slice service_spki,
                       struct httpa_slice fields, struct httpa_digest *ret_b);

/* E, which signatures cover: |quotes| is the text of Attest-Quotes. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_signed(const struct httpa_crypto *crypto,
                      const struct httpa_digest *b, struct httpa_slice quotes,
                      struct httpa_digest *ret_e);

/* The contexts of signature inputs. */
#define HTTPA_CONTEXT_SERVICE "HTTPA/2 service signature"
#define HTTPA_CONTEXT_QUOTE "HTTPA/2 quote key signature"
#define HTTPA_CONTEXT_CLIENT "HTTPA/2 client signature"
#define HTTPA_SIGNATURE_INPUT_MAX 192 /* 64 spaces, context, digest */

/* Appends what is signed: 64 spaces, |context| and a zero byte, |digest|.
 * HTTPA_ERR_SPACE: |out| is full. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_signature_input(const char *context,
                               const struct httpa_digest *digest,
                               struct httpa_buf *out);

/* TH2, as the response streams by: the head first, then content as it comes.
 * After _init, _done must follow (also after an error). */
struct httpa_th2 {
    struct httpa_hash hash;
    uint64_t length; /* bytes of content so far */
};

HTTPA_MUST_USE enum httpa_err httpa_th2_init(struct httpa_th2 *t,
                                             const struct httpa_crypto *crypto,
                                             const struct httpa_digest *th1,
                                             struct httpa_slice head);
void httpa_th2_content(struct httpa_th2 *t, struct httpa_slice content);
HTTPA_MUST_USE enum httpa_err httpa_th2_final(struct httpa_th2 *t,
                                              struct httpa_digest *ret_th2);
void httpa_th2_done(struct httpa_th2 *t);

/* Finished; compare with httpa_digest_equal. */
HTTPA_MUST_USE enum httpa_err httpa_schedule_finished(
    const struct httpa_crypto *crypto, const struct httpa_secret *fin,
    const struct httpa_digest *th2, struct httpa_digest *ret_finished);

HTTPA_MUST_USE enum httpa_err httpa_schedule_th3(
    const struct httpa_crypto *crypto, const struct httpa_digest *th2,
    const struct httpa_digest *finished, struct httpa_digest *ret_th3);

/* The keys of the base.  Then the caller wipes everything before them. */
HTTPA_MUST_USE enum httpa_err httpa_schedule_traffic(
    const struct httpa_crypto *crypto, const struct httpa_suite *suite,
    const struct httpa_secret *master, const struct httpa_digest *th3,
    struct httpa_keys *ret_keys);

/* Exporter(label, context, n).  HTTPA_ERR_RANGE as httpa_expand_label. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_export(const struct httpa_crypto *crypto,
                      const struct httpa_secret *exporter, const char *label,
                      struct httpa_slice context, uint8_t *ret_out, size_t n);

/* rd(what, x): the report data that evidence carries, 64 bytes.  |what| is
 * one of the words of doc/protocol.md, "Evidence" ("client bound", ...). */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_rd(const struct httpa_crypto *crypto, const char *what,
                  struct httpa_slice x, struct httpa_digest *ret_rd);

/* rd of binding `fresh`: over B. */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_rd_fresh(const struct httpa_crypto *crypto,
                        const struct httpa_digest *b,
                        struct httpa_digest *ret_rd);

/* rd of binding `key`: the key, and when it may be used (Unix seconds). */
HTTPA_MUST_USE enum httpa_err
httpa_schedule_rd_key(const struct httpa_crypto *crypto,
                      struct httpa_slice spki, uint64_t not_before_s,
                      uint64_t not_after_s, struct httpa_digest *ret_rd);

/* nonce(iv, n, i). */
void httpa_schedule_nonce(const uint8_t iv[HTTPA_AEAD_NONCE], uint64_t n,
                          uint32_t i, uint8_t ret_nonce[HTTPA_AEAD_NONCE]);

#endif
