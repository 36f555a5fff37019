/* What the sealed part of an AtHS response says, after Finished verified. */
#include "handshake/greet.h"

#include <string.h>

#include "crypto/sign.h"

/* The parts that the checks pass along. */
struct opening {
    const struct httpa_greet *g;
    const struct httpa_ahl *sealed;
    struct httpa_slice content;
    struct httpa_shown *shown;
    struct httpa_demands granted;
    struct httpa_signatures signatures;
    struct httpa_digest b;
    struct httpa_digest e;
};

static enum httpa_err read_grants(struct opening *o)
{
    struct httpa_sfv_room room;
    return httpa_grants_read(httpa_ahl_text(o->sealed, HTTPA_FIELD_POLICIES),
                             &room, &o->granted);
}

/* Only what was offered, and all that was demanded. */
static enum httpa_err judge_grants(struct opening *o)
{
    const struct httpa_demands *asked = &o->g->in.demands;
    const struct httpa_demands *got = &o->granted;
    for (size_t i = 0; i < got->binding_count; i++) {
        if (!httpa_demands_accept(asked, got->bindings[i])) {
            return HTTPA_ERR_OFFER;
        }
    }
    bool one_kind = got->direct != got->indirect;
    bool as_asked = (!asked->direct || got->direct) &&
                    (!asked->indirect || got->indirect) &&
                    (asked->allow_untrusted || !got->allow_untrusted);
    o->shown->direct = got->direct;
    return one_kind && as_asked ? HTTPA_OK : HTTPA_ERR_OFFER;
}

static enum httpa_err judge_creation(struct opening *o)
{
    struct httpa_slice token;
    enum httpa_err err =
        httpa_ahl_token(o->sealed, HTTPA_FIELD_BASE_CREATION, &token);
    if (err != HTTPA_OK) {
        return err;
    }
    o->shown->creation = httpa_creation_find(token);
    if (o->shown->creation == HTTPA_CREATION_NONE) {
        return HTTPA_ERR_MALFORMED;
    }
    for (size_t i = 0; i < o->g->in.creation_count; i++) {
        if (o->g->in.creations[i] == o->shown->creation) {
            return HTTPA_OK;
        }
    }
    return o->g->in.creation_count == 0 ? HTTPA_OK : HTTPA_ERR_OFFER;
}

static bool is_granted(const struct opening *o, enum httpa_binding binding)
{
    return o->granted.names_bindings &&
           httpa_demands_accept(&o->granted, binding);
}

static enum httpa_err read_quotes(struct opening *o)
{
    struct httpa_shown *s = o->shown;
    enum httpa_err err =
        httpa_quotes_read(httpa_ahl_text(o->sealed, HTTPA_FIELD_QUOTES),
                          &s->quote_room, s->quotes, &s->quote_count);
    for (size_t i = 0; err == HTTPA_OK && i < s->quote_count; i++) {
        if (!is_granted(o, s->quotes[i].binding)) {
            err = HTTPA_ERR_OFFER;
        }
    }
    return err;
}

/* What was granted is what is used, both ways. */
static enum httpa_err judge_use(struct opening *o)
{
    for (size_t i = 0; i < o->granted.binding_count; i++) {
        bool used = false;
        for (size_t k = 0; k < o->shown->quote_count; k++) {
            used =
                used || o->shown->quotes[k].binding == o->granted.bindings[i];
        }
        if (!used) {
            return HTTPA_ERR_OFFER;
        }
    }
    return HTTPA_OK;
}

static enum httpa_err read_signatures(struct opening *o)
{
    if (!httpa_ahl_has(o->sealed, HTTPA_FIELD_SIGNATURES)) {
        return HTTPA_OK;
    }
    return httpa_signatures_read(
        httpa_ahl_text(o->sealed, HTTPA_FIELD_SIGNATURES),
        &o->shown->signature_room, &o->signatures);
}

static const struct httpa_quote *quote_with_key(const struct httpa_shown *s)
{
    for (size_t i = 0; i < s->quote_count; i++) {
        if (s->quotes[i].binding == HTTPA_BINDING_KEY) {
            return &s->quotes[i];
        }
    }
    return NULL;
}

static enum httpa_err read_content(struct opening *o)
{
    struct httpa_shown *s = o->shown;
    enum httpa_err err = httpa_aths_content_read(o->content, &s->content);
    if (err != HTTPA_OK) {
        return err;
    }
    bool signs = o->signatures.service.present;
    bool quotes = o->signatures.quote.present;
    if (s->content.item_count != s->quote_count ||
        signs != (s->content.chain.n > 0) ||
        quotes != (quote_with_key(s) != NULL)) {
        return HTTPA_ERR_MALFORMED;
    }
    return s->content.chain.n == 0
               ? HTTPA_OK
               : httpa_chain_read(o->g->in.crypto, s->content.chain,
                                  s->content.chain_is_pem, &s->chain);
}

static enum httpa_err check_digest(struct opening *o, size_t i)
{
    const struct httpa_quote *q = &o->shown->quotes[i];
    struct httpa_evidence *item = &o->shown->content.items[i];
    struct httpa_digest d;
    enum httpa_err err =
        httpa_hash_once(o->g->in.crypto, HTTPA_SHA256, item->value, &d);
    if (err != HTTPA_OK) {
        return err;
    }
    if (!httpa_slice_equal(q->digest, httpa_digest_slice(&d)) ||
        !httpa_slice_equal(q->type, item->media_type)) {
        return HTTPA_ERR_MALFORMED;
    }
    item->binding = q->binding;
    item->max_age_s =
        q->max_age_s > UINT32_MAX ? UINT32_MAX : (uint32_t)q->max_age_s;
    item->not_before_s = q->not_before_s;
    item->not_after_s = q->not_after_s;
    item->rd =
        q->binding == HTTPA_BINDING_KEY ? o->shown->rd_key : o->shown->rd_fresh;
    return HTTPA_OK;
}

static enum httpa_err check_digests(struct opening *o)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < o->shown->quote_count; i++) {
        err = check_digest(o, i);
    }
    return err;
}

static enum httpa_err compute(struct opening *o)
{
    const struct httpa_crypto *crypto = o->g->in.crypto;
    const struct httpa_quote *key = quote_with_key(o->shown);
    struct httpa_digest rd;
    enum httpa_err err = httpa_transcript_binding(
        crypto, &o->g->th1, o->shown->chain.spki, o->sealed, &o->b);
    if (err == HTTPA_OK) {
        err = httpa_schedule_signed(
            crypto, &o->b, httpa_ahl_text(o->sealed, HTTPA_FIELD_QUOTES),
            &o->e);
    }
    if (err == HTTPA_OK) {
        err = httpa_schedule_rd_fresh(crypto, &o->b, &rd);
    }
    if (err == HTTPA_OK) {
        memcpy(o->shown->rd_fresh, rd.bytes, HTTPA_RD_LEN);
    }
    if (err == HTTPA_OK && key != NULL) {
        err =
            httpa_schedule_rd_key(crypto, key->key, (uint64_t)key->not_before_s,
                                  (uint64_t)key->not_after_s, &rd);
        if (err == HTTPA_OK) {
            memcpy(o->shown->rd_key, rd.bytes, HTTPA_RD_LEN);
        }
    }
    return err;
}

static enum httpa_err verify(const struct opening *o, struct httpa_slice spki,
                             const char *context,
                             const struct httpa_signature *s)
{
    uint8_t room[HTTPA_SIGNATURE_INPUT_MAX];
    struct httpa_buf input = httpa_buf_fixed(room, sizeof(room));
    struct httpa_pubkey *key = NULL;
    enum httpa_err err = httpa_pubkey_read(o->g->in.crypto, spki, &key);
    if (err == HTTPA_OK) {
        err = httpa_schedule_signature_input(context, &o->e, &input);
    }
    if (err == HTTPA_OK) {
        err = httpa_verify(o->g->in.crypto, key, s->scheme,
                           httpa_buf_slice(&input), s->bytes);
    }
    httpa_pubkey_free(key);
    return err;
}

/* The quote key is P-256 or Ed25519 (doc/protocol.md 6.3). */
static bool fits_quote_key(enum httpa_scheme scheme)
{
    return scheme == HTTPA_SIGN_ED25519 ||
           scheme == HTTPA_SIGN_ECDSA_P256_SHA256;
}

static enum httpa_err check_signatures(struct opening *o)
{
    const struct httpa_quote *key = quote_with_key(o->shown);
    enum httpa_err err = HTTPA_OK;
    if (o->signatures.service.present) {
        err = verify(o, o->shown->chain.spki, HTTPA_CONTEXT_SERVICE,
                     &o->signatures.service);
        if (err == HTTPA_OK) {
            o->shown->service_spki = o->shown->chain.spki;
        }
    }
    if (err == HTTPA_OK && key != NULL) {
        err =
            fits_quote_key(o->signatures.quote.scheme)
                ? verify(o, key->key, HTTPA_CONTEXT_QUOTE, &o->signatures.quote)
                : HTTPA_ERR_KEY;
    }
    return err;
}

enum httpa_err
httpa_greet_open(const struct httpa_greet *g, const struct httpa_ahl *sealed,
                 struct httpa_slice content, struct httpa_shown *shown)
{
    typedef enum httpa_err (*step_fn)(struct opening *);
    static const step_fn steps[] = {
        read_grants,   judge_grants,     judge_creation, read_quotes,
        judge_use,     read_signatures,  read_content,   compute,
        check_digests, check_signatures,
    };
    *shown = (struct httpa_shown){ 0 };
    struct opening o = {
        .g = g, .sealed = sealed, .content = content, .shown = shown
    };
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < sizeof(steps) / sizeof(steps[0]);
         i++) {
        err = steps[i](&o);
    }
    return err;
}

void httpa_shown_done(struct httpa_shown *shown)
{
    httpa_chain_done(&shown->chain);
}
