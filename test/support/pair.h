/*
 * A service and a client in one process, with evidence of the development
 * TEE made here: what tests of both roles begin with.
 */
#ifndef HTTPA_TEST_PAIR_H
#define HTTPA_TEST_PAIR_H

#include <httpa/client.h>
#include <httpa/service.h>

#include "crypto/key.h"
#include "evidence/eat/eat.h"
#include "support/test.h"

#define PAIR_NOW INT64_C(1760000000)
#define PAIR_ORIGIN "https://api.example.com"

struct pair {
    struct httpa_crypto *crypto;
    struct httpa_key *dev_key;
    struct httpa_key *service_key;
    struct httpa_service *service;
    struct httpa_buf token; /* the evidence of the last handshake */

    /* The client's policy, and what it points to. */
    uint8_t pin[1][32];
    struct httpa_reference reference;
    struct httpa_set set;
    struct httpa_dev_policy dev;
    struct httpa_profile profile;
    struct httpa_slice origins[1];
    struct httpa_policy policy;
    struct httpa_client_config client;
    struct httpa_session *session;
};

static const struct httpa_verifier *const pair_verifiers[] = {
    &httpa_verifier_tpm,
    &httpa_verifier_eat,
};

static inline void pair_policy(struct pair *p)
{
    assert_ok(httpa_crypto_sha256(
        p->crypto, httpa_key_spki(p->service_key), p->pin[0]));
    p->reference = (struct httpa_reference){
        "app", HTTPA_REFERENCE_EQUAL, httpa_value_str("demo")
    };
    p->set = (struct httpa_set){ .name = "demo",
                                 .references = &p->reference,
                                 .reference_count = 1 };
    p->dev = (struct httpa_dev_policy){ .root_spki =
                                            httpa_key_spki(p->dev_key) };
    p->profile = (struct httpa_profile){ .name = "dev",
                                         .type = "dev",
                                         .sets = &p->set,
                                         .set_count = 1,
                                         .dev = &p->dev };
    p->origins[0] = httpa_slice_str(PAIR_ORIGIN);
    p->policy = (struct httpa_policy){
        .name = "test",
        .origins = p->origins,
        .origin_count = 1,
        .identity = { .require = HTTPA_IDENTITY_PINNED,
                      .spki_sha256 = (const uint8_t (*)[32])p->pin,
                      .spki_count = 1 },
        .accept = &p->profile,
        .accept_count = 1,
        .insecure_dev_tee = true,
    };
    httpa_policy_defaults(&p->policy);
    p->client = (struct httpa_client_config){
        .crypto = p->crypto,
        .random = httpa_random_system(),
        .policy = &p->policy,
        .verifiers = pair_verifiers,
        .verifier_count = COUNT(pair_verifiers),
    };
}

static inline void pair_init(struct pair *p)
{
    static const char *const origins[] = { PAIR_ORIGIN,
                                           "https://other.example" };
    static const char *const types[] = { "eat" };
    *p = (struct pair){ 0 };
    assert_ok(httpa_crypto_new(&p->crypto));
    assert_ok(httpa_key_generate(p->crypto, HTTPA_KEY_P256, &p->dev_key));
    assert_ok(
        httpa_key_generate(p->crypto, HTTPA_KEY_ED25519, &p->service_key));
    struct httpa_service_config config = {
        .crypto = p->crypto,
        .random = httpa_random_system(),
        .origins = origins,
        .origin_count = COUNT(origins),
        .label = "r1",
        .service_key = p->service_key,
        .evidence_types = types,
        .evidence_type_count = 1,
        .offers_fresh = true,
    };
    assert_ok(httpa_service_new(&config, &p->service));
    p->token = httpa_buf_growing(HTTPA_EAT_MAX);
    pair_policy(p);
}

static inline void pair_done(struct pair *p)
{
    httpa_session_free(p->session);
    httpa_buf_done(&p->token);
    httpa_service_free(p->service);
    httpa_key_free(p->service_key);
    httpa_key_free(p->dev_key);
    httpa_crypto_free(p->crypto);
}

/* A token over |rd| that says app = |app|; lives until the next one. */
static inline struct httpa_evidence pair_quote(struct pair *p,
                                               const uint8_t *rd,
                                               const char *app)
{
    struct httpa_eat_claim claim = { httpa_slice_str("app"),
                                     httpa_value_str(app) };
    struct httpa_eat_content content = {
        .rd = rd, .iat_s = PAIR_NOW, .claims = &claim, .claim_count = 1
    };
    httpa_buf_reset(&p->token);
    assert_ok(httpa_eat_write(p->crypto, p->dev_key, &content, &p->token));
    return (struct httpa_evidence){
        .media_type = httpa_slice_str(HTTPA_EAT_MEDIA_TYPE),
        .value = httpa_buf_slice(&p->token),
        .binding = HTTPA_BINDING_FRESH,
    };
}

/* An outer request head as it arrives: a copy of what was sent. */
static inline struct httpa_head pair_outer(const struct httpa_outer *outer,
                                           const char *method)
{
    struct httpa_head head = outer->head;
    head.is_request = true;
    head.method = httpa_slice_str(method);
    head.path = httpa_slice_str(HTTPA_WELL_KNOWN);
    return head;
}

/* The service's answer to |hello|: outer head and content. */
static inline enum httpa_err pair_serve(struct pair *p,
                                        struct httpa_hello *hello,
                                        const char *app,
                                        struct httpa_outer *ret_outer,
                                        struct httpa_buf *content)
{
    struct httpa_head head = pair_outer(httpa_hello_outer(hello), "ATTEST");
    struct httpa_handshake *hs = NULL;
    assert_int_equal(httpa_kind_of(&head), HTTPA_KIND_ATHS);
    enum httpa_err err =
        httpa_service_handshake(p->service, &head,
                                httpa_hello_content(hello), PAIR_NOW, NULL,
                                &hs);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_evidence e =
        pair_quote(p, httpa_handshake_report_data(hs), app);
    *ret_outer = *httpa_handshake_outer(hs);
    /* The copy's slices still point into the handshake: copy those too. */
    for (size_t i = 0; i < ret_outer->head.fields.n; i++) {
        struct httpa_field *f = &ret_outer->fields[i];
        const uint8_t *base = httpa_handshake_outer(hs)->bytes;
        if (f->name.p >= base && f->name.p < base + HTTPA_OUTER_BYTES) {
            f->name.p = ret_outer->bytes + (f->name.p - base);
        }
        if (f->value.p >= base && f->value.p < base + HTTPA_OUTER_BYTES) {
            f->value.p = ret_outer->bytes + (f->value.p - base);
        }
    }
    ret_outer->head.fields.v = ret_outer->fields;
    err = httpa_handshake_finish(hs, &e, NULL, PAIR_NOW, content);
    httpa_handshake_free(hs);
    return err;
}

/* A whole handshake; p->session afterwards. */
static inline enum httpa_err pair_attest(struct pair *p, const char *app)
{
    struct httpa_hello *hello = NULL;
    struct httpa_outer outer;
    struct httpa_buf content = httpa_buf_growing(400000);
    assert_ok(httpa_hello_new(&p->client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &hello));
    enum httpa_err err = pair_serve(p, hello, app, &outer, &content);
    if (err == HTTPA_OK) {
        httpa_session_free(p->session);
        p->session = NULL;
        err = httpa_hello_answer(hello, &outer.head,
                                 httpa_buf_slice(&content), PAIR_NOW,
                                 &p->session);
    }
    httpa_hello_free(hello);
    httpa_buf_done(&content);
    return err;
}

/* A sealed request, whole: outer head and records. */
struct pair_message {
    struct httpa_request *request;
    struct httpa_outer outer;
    struct httpa_buf records;
};

static inline void pair_send(struct pair *p, const char *method,
                             const char *path, struct httpa_slice body,
                             struct pair_message *m)
{
    struct httpa_field room[1];
    struct httpa_head head;
    httpa_head_init(&head, room, COUNT(room));
    head.is_request = true;
    head.method = httpa_slice_str(method);
    head.path = httpa_slice_str(path);
    assert_ok(httpa_fields_add(&head.fields, httpa_slice_str("x-case"),
                               httpa_slice_str("yes")));
    m->records = httpa_buf_growing(16u << 20);
    assert_ok(httpa_request_new(p->session, PAIR_NOW, &m->request));
    assert_ok(httpa_request_begin(m->request, &head, body.n,
                                  (struct httpa_clear_names){ 0 }, &m->outer,
                                  &m->records));
    if (body.n > 0) {
        assert_ok(httpa_request_data(m->request, body, false, &m->records));
    }
    assert_ok(httpa_request_end(m->request, NULL, &m->records));
}

static inline void pair_message_done(struct pair_message *m)
{
    httpa_request_free(m->request);
    httpa_buf_done(&m->records);
}

static inline enum httpa_err pair_open(struct pair *p,
                                       const struct pair_message *m,
                                       struct httpa_trusted **ret_x)
{
    struct httpa_head head = pair_outer(&m->outer, "POST");
    assert_int_equal(httpa_kind_of(&head), HTTPA_KIND_SEALED);
    return httpa_service_open(p->service, &head, PAIR_NOW, ret_x);
}

typedef enum httpa_err (*pair_read_fn)(void *from, struct httpa_slice in,
                                       size_t *ret_used,
                                       struct httpa_event *ret_event);

/* What was read of a message. */
struct pair_seen {
    unsigned status;
    char method[32];
    char path[128];
    struct httpa_buf content;
    bool complete;
    size_t fillers;
    size_t trailers;
};

static inline void pair_note(struct pair_seen *seen,
                             const struct httpa_event *event)
{
    switch (event->type) {
    case HTTPA_EVENT_HEAD:
        seen->status = event->head->status;
        snprintf(seen->method, sizeof(seen->method), "%.*s",
                 (int)event->head->method.n,
                 (const char *)event->head->method.p);
        snprintf(seen->path, sizeof(seen->path), "%.*s",
                 (int)event->head->path.n,
                 (const char *)event->head->path.p);
        break;
    case HTTPA_EVENT_DATA:
        httpa_buf_put_slice(&seen->content, event->data);
        break;
    case HTTPA_EVENT_FILLER:
        seen->fillers++;
        break;
    case HTTPA_EVENT_TRAILERS:
        seen->trailers = event->trailers->n;
        break;
    case HTTPA_EVENT_END:
        seen->complete = true;
        break;
    case HTTPA_EVENT_NONE:
        break;
    }
}

/* Feeds |in| in pieces of |step| bytes; the first error, or HTTPA_OK. */
static inline enum httpa_err pair_read(pair_read_fn fn, void *from,
                                       struct httpa_slice in, size_t step,
                                       struct pair_seen *seen)
{
    seen->content = httpa_buf_growing(16u << 20);
    for (size_t at = 0; at < in.n; at += step) {
        size_t n = in.n - at < step ? in.n - at : step;
        struct httpa_slice piece = httpa_slice_of(in.p + at, n);
        struct httpa_event event = { .type = HTTPA_EVENT_HEAD };
        while (event.type != HTTPA_EVENT_NONE || piece.n > 0) {
            size_t used = 0;
            enum httpa_err err = fn(from, piece, &used, &event);
            if (err != HTTPA_OK) {
                return err;
            }
            piece = httpa_slice_from(piece, used);
            pair_note(seen, &event);
        }
    }
    return HTTPA_OK;
}

static inline enum httpa_err pair_read_trusted(void *x, struct httpa_slice in,
                                               size_t *ret_used,
                                               struct httpa_event *ret_event)
{
    return httpa_trusted_read(x, in, ret_used, ret_event);
}

static inline enum httpa_err pair_read_request(void *r, struct httpa_slice in,
                                               size_t *ret_used,
                                               struct httpa_event *ret_event)
{
    return httpa_request_read(r, in, PAIR_NOW, ret_used, ret_event);
}

/* Answers |x| with |status| and |body|. */
static inline void pair_reply(struct httpa_trusted *x, unsigned status,
                              struct httpa_slice body,
                              struct httpa_outer *outer,
                              struct httpa_buf *out)
{
    struct httpa_head head;
    httpa_head_init(&head, NULL, 0);
    head.status = status;
    assert_ok(httpa_trusted_reply(x, &head, body.n, PAIR_NOW, outer, out));
    if (body.n > 0) {
        assert_ok(httpa_trusted_reply_data(x, body, false, out));
    }
    assert_ok(httpa_trusted_reply_end(x, NULL, out));
}

#endif
