#include "handshake/respond.h"

#include "base/secret.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "handshake/choice.h"
#include "handshake/content.h"
#include "handshake/transcript.h"
#include "wire/limits.h"

#define CONTENT_TYPE_CMW "application/cmw+cbor"
#define RANDOM_LEN 32u

/* One field of a response: its text is written by |fn| into a buffer. */
typedef void (*text_fn)(const struct httpa_respond *r, struct httpa_buf *b);

static void put_token(struct httpa_buf *b, const char *token)
{
    struct httpa_sfv_writer w = httpa_sfv_writer_of(b);
    httpa_sfv_put(&w, httpa_sfv_token(httpa_slice_str(token)));
}

static void version(const struct httpa_respond *r, struct httpa_buf *b)
{
    (void)r;
    put_token(b, HTTPA_VERSION_TOKEN);
}

static void suite(const struct httpa_respond *r, struct httpa_buf *b)
{
    put_token(b, r->in.choice->suite->name);
}

static void group(const struct httpa_respond *r, struct httpa_buf *b)
{
    put_token(b, r->in.choice->group->name);
}

static void base_id(const struct httpa_respond *r, struct httpa_buf *b)
{
    struct httpa_sfv_writer w = httpa_sfv_writer_of(b);
    httpa_sfv_put(&w, httpa_sfv_token(r->in.base_id));
    httpa_sfv_put_param(&w, "max-age", httpa_sfv_integer(r->in.max_age_s));
    httpa_sfv_put_param(&w, "idle", httpa_sfv_integer(r->in.idle_s));
}

static void creation(const struct httpa_respond *r, struct httpa_buf *b)
{
    (void)r;
    put_token(b, httpa_creation_name(HTTPA_CREATION_SHARED));
}

static void configuration(const struct httpa_respond *r, struct httpa_buf *b)
{
    struct httpa_sfv_writer w = httpa_sfv_writer_of(b);
    httpa_sfv_put(&w, httpa_sfv_bytes(httpa_slice_of(r->in.configuration, 32)));
}

/* Bindings are granted as they are used in Attest-Quotes. */
static void policies(const struct httpa_respond *r, struct httpa_buf *b)
{
    struct httpa_demands d = { .indirect = true };
    d.bindings[d.binding_count++] = r->in.choice->binding;
    if (r->in.choice->binding == HTTPA_BINDING_FRESH &&
        r->in.choice->also_key) {
        d.bindings[d.binding_count++] = HTTPA_BINDING_KEY;
    }
    httpa_demands_write(&d, b);
}

static enum httpa_err put_text(const struct httpa_respond *r,
                               struct httpa_ahl *ahl, enum httpa_field_id id,
                               text_fn fn)
{
    uint8_t room[HTTPA_LIMIT_VALUE];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    fn(r, &b);
    enum httpa_err err = httpa_buf_check(&b);
    return err == HTTPA_OK ? httpa_ahl_set(ahl, id, httpa_buf_slice(&b)) : err;
}

struct field_row {
    enum httpa_field_id id;
    text_fn fn;
};

static const struct field_row clear_rows[] = {
    { HTTPA_FIELD_VERSION, version },
    { HTTPA_FIELD_CIPHER_SUITE, suite },
    { HTTPA_FIELD_SUPPORTED_GROUP, group },
    { HTTPA_FIELD_BASE_ID, base_id },
};

static const struct field_row sealed_rows[] = {
    { HTTPA_FIELD_POLICIES, policies },
    { HTTPA_FIELD_BASE_CREATION, creation },
    { HTTPA_FIELD_CONFIGURATION, configuration },
};

static enum httpa_err put_rows(const struct httpa_respond *r,
                               struct httpa_ahl *ahl,
                               const struct field_row *rows, size_t n)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < n; i++) {
        err = put_text(r, ahl, rows[i].id, rows[i].fn);
    }
    return err;
}

static enum httpa_err put_random(struct httpa_respond *r)
{
    uint8_t random[RANDOM_LEN];
    enum httpa_err err =
        httpa_random_fill(r->in.random, random, sizeof(random));
    return err == HTTPA_OK
               ? httpa_ahl_set_bare(
                     &r->clear, HTTPA_FIELD_RANDOM,
                     httpa_sfv_bytes(httpa_slice_of(random, sizeof(random))))
               : err;
}

static enum httpa_err
put_share(struct httpa_respond *r, struct httpa_slice share)
{
    uint8_t room[HTTPA_LIMIT_KEY_SHARE];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&b);
    httpa_share_put(&w, r->in.choice->group, share);
    enum httpa_err err = httpa_buf_check(&b);
    return err == HTTPA_OK ? httpa_ahl_set(&r->clear, HTTPA_FIELD_KEY_SHARE,
                                           httpa_buf_slice(&b))
                           : err;
}

/* The key exchange, the clear fields, and with them TH1 and the keys. */
static enum httpa_err exchange(struct httpa_respond *r)
{
    const struct httpa_aths_choice *c = r->in.choice;
    uint8_t room[HTTPA_SHARE_MAX];
    struct httpa_buf share = httpa_buf_fixed(room, sizeof(room));
    struct httpa_z z = { 0 };
    struct httpa_digest th0;

    enum httpa_err err =
        httpa_kex_answer(r->in.crypto, r->in.random, c->group,
                         httpa_slice_of(c->share, c->share_len), &share, &z);
    if (err == HTTPA_ERR_KEY) {
        err = HTTPA_ERR_MALFORMED; /* the client's share, not ours */
    }
    if (err == HTTPA_OK) {
        err = put_rows(r, &r->clear, clear_rows,
                       sizeof(clear_rows) / sizeof(clear_rows[0]));
    }
    if (err == HTTPA_OK) {
        err = put_random(r);
    }
    if (err == HTTPA_OK) {
        err = put_share(r, httpa_buf_slice(&share));
    }
    if (err == HTTPA_OK) {
        err = httpa_transcript_request(r->in.crypto, r->in.request,
                                       r->in.request_content, &th0);
    }
    if (err == HTTPA_OK) {
        err = httpa_transcript_th1(r->in.crypto, c->suite, &th0, &r->clear,
                                   &r->th1);
    }
    if (err == HTTPA_OK) {
        err = httpa_schedule_handshake(r->in.crypto, c->suite, &r->th1,
                                       httpa_z_slice(&z), &r->keys);
    }
    httpa_z_done(&z);
    return err;
}

static struct httpa_slice service_spki(const struct httpa_respond *r)
{
    return r->in.service_key != NULL ? httpa_key_spki(r->in.service_key)
                                     : (struct httpa_slice){ 0 };
}

enum httpa_err
httpa_respond_begin(struct httpa_respond *r, const struct httpa_respond_in *in)
{
    *r = (struct httpa_respond){ .in = *in };
    httpa_ahl_init(&r->clear, HTTPA_PLACE_ATHS_RESPONSE);
    httpa_ahl_init(&r->sealed, HTTPA_PLACE_ATHS_SEALED);
    enum httpa_err err = exchange(r);
    if (err == HTTPA_OK) {
        err = put_rows(r, &r->sealed, sealed_rows,
                       sizeof(sealed_rows) / sizeof(sealed_rows[0]));
    }
    if (err == HTTPA_OK) {
        err = httpa_transcript_binding(in->crypto, &r->th1, service_spki(r),
                                       &r->sealed, &r->b);
    }
    if (err == HTTPA_OK) {
        err = httpa_schedule_rd_fresh(in->crypto, &r->b, &r->rd);
    }
    r->in.request = NULL;
    r->in.request_content = (struct httpa_slice){ 0 };
    return err;
}

bool httpa_respond_wants_quote(const struct httpa_respond *r)
{
    return r->in.choice->binding == HTTPA_BINDING_FRESH;
}

/* What is shown: the fresh quote, the quote key's evidence, or both. */
struct shown {
    struct httpa_aths_content content;
    struct httpa_quote quotes[2];
    uint8_t digests[2][32];
};

static enum httpa_err show(const struct httpa_respond *r,
                           const struct httpa_evidence *e,
                           enum httpa_binding binding, struct shown *s)
{
    size_t i = s->content.item_count++;
    struct httpa_digest d;
    enum httpa_err err =
        httpa_hash_once(r->in.crypto, HTTPA_SHA256, e->value, &d);
    if (err != HTTPA_OK) {
        return err;
    }
    for (size_t k = 0; k < d.n; k++) {
        s->digests[i][k] = d.bytes[k];
    }
    s->content.items[i] = *e;
    s->quotes[i] = (struct httpa_quote){
        .digest = httpa_slice_of(s->digests[i], d.n),
        .type = e->media_type,
        .binding = binding,
        .max_age_s = e->max_age_s,
    };
    if (binding == HTTPA_BINDING_KEY) {
        s->quotes[i].key = httpa_key_spki(r->in.quote_key);
        s->quotes[i].not_before_s = r->in.key_not_before_s;
        s->quotes[i].not_after_s = r->in.key_not_after_s;
    }
    return HTTPA_OK;
}

static bool shows_key(const struct httpa_respond *r)
{
    return r->in.quote_key != NULL &&
           (r->in.choice->binding == HTTPA_BINDING_KEY ||
            r->in.choice->also_key);
}

static enum httpa_err sign(const struct httpa_respond *r,
                           const struct httpa_key *key, const char *context,
                           const struct httpa_digest *e, struct httpa_buf *out)
{
    uint8_t room[HTTPA_SIGNATURE_INPUT_MAX];
    struct httpa_buf input = httpa_buf_fixed(room, sizeof(room));
    enum httpa_err err = httpa_schedule_signature_input(context, e, &input);
    return err == HTTPA_OK ? httpa_sign(r->in.crypto, key,
                                        httpa_scheme_of(httpa_key_kind_of(key)),
                                        httpa_buf_slice(&input), out)
                           : err;
}

static enum httpa_err
add_signature(const struct httpa_respond *r, const struct httpa_key *key,
              const char *context, const struct httpa_digest *e,
              struct httpa_buf *room, struct httpa_signature *ret)
{
    size_t from = room->n;
    enum httpa_err err = sign(r, key, context, e, room);
    if (err == HTTPA_OK) {
        ret->present = true;
        ret->scheme = httpa_scheme_of(httpa_key_kind_of(key));
        ret->bytes = httpa_slice_from(httpa_buf_slice(room), from);
    }
    return err;
}

/* Attest-Signatures over E; no text when nobody signs. */
static enum httpa_err write_signatures(const struct httpa_respond *r,
                                       struct httpa_slice quotes,
                                       struct httpa_buf *text)
{
    uint8_t bytes[2 * HTTPA_SIGNATURE_MAX];
    struct httpa_buf room = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_signatures s = { 0 };
    struct httpa_digest e;
    enum httpa_err err = httpa_schedule_signed(r->in.crypto, &r->b, quotes, &e);
    if (err == HTTPA_OK && r->in.service_key != NULL) {
        err = add_signature(r, r->in.service_key, HTTPA_CONTEXT_SERVICE, &e,
                            &room, &s.service);
    }
    if (err == HTTPA_OK && shows_key(r)) {
        err = add_signature(r, r->in.quote_key, HTTPA_CONTEXT_QUOTE, &e, &room,
                            &s.quote);
    }
    if (err == HTTPA_OK) {
        httpa_signatures_write(&s, text);
        err = httpa_buf_check(text);
    }
    return err;
}

static enum httpa_err make_head(struct httpa_respond_sealed *sealed)
{
    struct httpa_head *head = &sealed->head;
    httpa_head_init(head, sealed->fields,
                    sizeof(sealed->fields) / sizeof(sealed->fields[0]));
    head->status = 200;
    enum httpa_err err =
        httpa_fields_add(&head->fields, httpa_slice_str("content-type"),
                         httpa_slice_str(CONTENT_TYPE_CMW));
    return err == HTTPA_OK ? httpa_ahl_to_fields(&sealed->ahl, &head->fields)
                           : err;
}

static enum httpa_err gather(const struct httpa_respond *r,
                             const struct httpa_evidence *fresh,
                             struct shown *s)
{
    enum httpa_err err = HTTPA_OK;
    if (httpa_respond_wants_quote(r)) {
        err = fresh != NULL ? show(r, fresh, HTTPA_BINDING_FRESH, s)
                            : HTTPA_ERR_USAGE;
    }
    if (err == HTTPA_OK && shows_key(r)) {
        err = show(r, r->in.key_evidence, HTTPA_BINDING_KEY, s);
    }
    if (err == HTTPA_OK && r->in.service_key != NULL) {
        s->content.chain_is_pem = r->in.service_chain.n > 0;
        s->content.chain =
            s->content.chain_is_pem ? r->in.service_chain : service_spki(r);
    }
    return err;
}

static enum httpa_err add_endorsements(const struct httpa_endorsements *all,
                                       struct httpa_aths_content *content)
{
    if (all->n > HTTPA_ENDORSEMENTS_MAX) {
        return HTTPA_ERR_LIMIT;
    }
    for (size_t i = 0; i < all->n; i++) {
        content->endorsements[i] = all->v[i];
    }
    content->endorsement_count = all->n;
    return HTTPA_OK;
}

enum httpa_err
httpa_respond_write(const struct httpa_respond *r,
                    const struct httpa_evidence *fresh,
                    const struct httpa_endorsements *endorsements,
                    struct httpa_respond_sealed *ret_sealed,
                    struct httpa_buf *content)
{
    struct shown s = { 0 };
    uint8_t quotes_room[HTTPA_LIMIT_QUOTES];
    uint8_t sigs_room[HTTPA_LIMIT_SIGNATURES];
    struct httpa_buf quotes = httpa_buf_fixed(quotes_room, sizeof(quotes_room));
    struct httpa_buf sigs = httpa_buf_fixed(sigs_room, sizeof(sigs_room));

    ret_sealed->ahl = r->sealed;
    enum httpa_err err = gather(r, fresh, &s);
    if (err == HTTPA_OK && endorsements != NULL) {
        err = add_endorsements(endorsements, &s.content);
    }
    if (err == HTTPA_OK) {
        httpa_quotes_write(s.quotes, s.content.item_count, &quotes);
        err = httpa_buf_check(&quotes);
    }
    if (err == HTTPA_OK) {
        err = write_signatures(r, httpa_buf_slice(&quotes), &sigs);
    }
    if (err == HTTPA_OK) {
        err = httpa_ahl_set(&ret_sealed->ahl, HTTPA_FIELD_QUOTES,
                            httpa_buf_slice(&quotes));
    }
    if (err == HTTPA_OK && sigs.n > 0) {
        err = httpa_ahl_set(&ret_sealed->ahl, HTTPA_FIELD_SIGNATURES,
                            httpa_buf_slice(&sigs));
    }
    if (err == HTTPA_OK) {
        err = make_head(ret_sealed);
    }
    if (err == HTTPA_OK) {
        httpa_aths_content_write(&s.content, content);
        err = httpa_buf_check(content);
    }
    return err;
}

enum httpa_err httpa_respond_finish(const struct httpa_respond *r,
                                    struct httpa_slice head,
                                    struct httpa_slice content,
                                    struct httpa_digest *ret_finished,
                                    struct httpa_keys *ret_keys)
{
    return httpa_transcript_finish(
        &(struct httpa_transcript_end){ .crypto = r->in.crypto,
                                        .suite = r->in.choice->suite,
                                        .th1 = &r->th1,
                                        .keys = &r->keys,
                                        .head = head,
                                        .content = content },
        ret_finished, ret_keys);
}

void httpa_respond_done(struct httpa_respond *r)
{
    httpa_hs_keys_done(&r->keys);
    httpa_wipe(r, sizeof(*r));
}
