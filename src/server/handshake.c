/* AtHS at the service: from a parsed request to a base. */
#include "server/service.h"

#include <stdlib.h>

#include "base/secret.h"
#include "crypto/random.h"
#include "handshake/respond.h"
#include "session/message_write.h"
#include "wire/outer.h"

struct httpa_handshake {
    struct httpa_service *service;
    struct httpa_aths_choice choice;
    struct httpa_respond respond;
    struct httpa_base_id base_id;
    struct httpa_outer outer;
    struct httpa_message_writer writer;
    bool finished;
};

static struct httpa_aths_rules rules_of(const struct httpa_service *s,
                                        const struct httpa_quote_key *key,
                                        int64_t now_s)
{
    bool key_lives =
        key != NULL && now_s >= key->not_before_s && now_s < key->not_after_s;
    return (struct httpa_aths_rules){
        .crypto = s->crypto,
        .origins = (const char *const *)s->origins.v,
        .origin_count = s->origins.n,
        .label = s->label,
        .now_s = now_s,
        .date_window_s = s->date_window_s,
        .draining = atomic_load(&s->drain_end_s) != 0,
        .has_fresh = s->offers_fresh,
        .quote_key_age_s = key_lives ? key->not_after_s - key->not_before_s : 0,
    };
}

static enum httpa_err draw_base_id(struct httpa_handshake *hs)
{
    uint8_t random[HTTPA_BASE_ID_RANDOM];
    enum httpa_err err =
        httpa_random_fill(&hs->service->random, random, sizeof(random));
    if (err != HTTPA_OK) {
        return err;
    }
    httpa_bases_mark(random, hs->choice.suite);
    return httpa_base_id_make(httpa_slice_str(hs->service->label), random,
                              &hs->base_id);
}

static enum httpa_err
begin(struct httpa_handshake *hs, const struct httpa_ahl *request,
      struct httpa_slice content, const struct httpa_quote_key *key)
{
    const struct httpa_service *s = hs->service;
    struct httpa_respond_in in = {
        .crypto = s->crypto,
        .random = &s->random,
        .request = request,
        .request_content = content,
        .choice = &hs->choice,
        .base_id = httpa_base_id_text(&hs->base_id),
        .max_age_s = s->max_age_s,
        .idle_s = s->idle_s,
        .configuration = s->configuration,
        .service_key = s->service_key,
        .service_chain = httpa_buf_slice(&s->service_chain),
    };
    if (key != NULL) {
        in.quote_key = key->key;
        in.key_evidence = &key->evidence;
        in.key_not_before_s = key->not_before_s;
        in.key_not_after_s = key->not_after_s;
    }
    return httpa_respond_begin(&hs->respond, &in);
}

/* doc/protocol.md 13.4 */
static enum httpa_err
fill_outer(struct httpa_handshake *hs, const struct httpa_head *request)
{
    httpa_outer_init(&hs->outer, 200);
    enum httpa_err err = httpa_service_add_sealed(&hs->outer);
    if (err == HTTPA_OK) {
        err = httpa_outer_add_ahl(&hs->outer, &hs->respond.clear);
    }
    return err == HTTPA_OK
               ? httpa_service_add_cors(hs->service, request, &hs->outer)
               : err;
}

static enum httpa_err start_writer(struct httpa_handshake *hs)
{
    struct httpa_lane_start start = {
        .crypto = hs->service->crypto,
        .traffic = &hs->respond.keys.server,
        .n = 0,
    };
    return httpa_message_writer_init(&hs->writer, &start,
                                     HTTPA_PADDING_DEFAULT);
}

enum httpa_err httpa_service_handshake(struct httpa_service *service,
                                       const struct httpa_head *outer,
                                       struct httpa_slice content,
                                       int64_t now_s,
                                       const struct httpa_quote_key *quote_key,
                                       struct httpa_handshake **ret_hs)
{
    struct httpa_ahl request;
    struct httpa_aths_rules rules = rules_of(service, quote_key, now_s);
    enum httpa_err err =
        httpa_service_read_head(outer, HTTPA_PLACE_ATHS_REQUEST, &request);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_handshake *hs = calloc(1, sizeof(*hs));
    if (hs == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    hs->service = service;
    err = httpa_aths_judge(&rules, &request, content, &hs->choice);
    if (err == HTTPA_OK) {
        err = draw_base_id(hs);
    }
    if (err == HTTPA_OK) {
        err = begin(hs, &request, content, quote_key);
    }
    if (err == HTTPA_OK) {
        err = fill_outer(hs, outer);
    }
    if (err == HTTPA_OK) {
        err = start_writer(hs);
    }
    if (err != HTTPA_OK) {
        httpa_handshake_free(hs);
        return err;
    }
    *ret_hs = hs;
    return HTTPA_OK;
}

void httpa_handshake_free(struct httpa_handshake *hs)
{
    if (hs == NULL) {
        return;
    }
    httpa_message_writer_done(&hs->writer);
    httpa_respond_done(&hs->respond);
    httpa_wipe(hs, sizeof(*hs));
    free(hs);
}

bool httpa_handshake_wants_quote(const struct httpa_handshake *hs)
{
    return httpa_respond_wants_quote(&hs->respond);
}

const uint8_t *httpa_handshake_report_data(const struct httpa_handshake *hs)
{
    return hs->respond.rd.bytes;
}

const struct httpa_outer *
httpa_handshake_outer(const struct httpa_handshake *hs)
{
    return &hs->outer;
}

enum httpa_err
httpa_handshake_filler(struct httpa_handshake *hs, struct httpa_buf *out)
{
    return httpa_message_write_filler(&hs->writer, out);
}

static enum httpa_err write_finished(struct httpa_handshake *hs,
                                     const struct httpa_digest *finished,
                                     struct httpa_buf *out)
{
    uint8_t room[HTTPA_LIMIT_VALUE];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&text);
    httpa_sfv_put(&w, httpa_sfv_bytes(httpa_digest_slice(finished)));
    struct httpa_field field = { .name = httpa_slice_str("attest-binder"),
                                 .value = httpa_buf_slice(&text) };
    struct httpa_fields trailers = { .v = &field, .n = 1, .cap = 1 };
    enum httpa_err err = httpa_buf_check(&text);
    return err == HTTPA_OK
               ? httpa_message_write_trailers(&hs->writer, &trailers, out)
               : err;
}

/* Head and content into records; the head's bytes are kept for TH2. */
static enum httpa_err write_records(struct httpa_handshake *hs,
                                    const struct httpa_respond_sealed *sealed,
                                    struct httpa_slice content,
                                    struct httpa_buf *raw,
                                    struct httpa_buf *out)
{
    enum httpa_err err = httpa_message_write_head(&hs->writer, &sealed->head,
                                                  HTTPA_WRITE_MORE, out);
    if (err == HTTPA_OK) {
        httpa_buf_put_slice(raw, httpa_message_write_raw(&hs->writer));
        err = httpa_buf_check(raw);
    }
    return err == HTTPA_OK ? httpa_message_write_data(&hs->writer, content,
                                                      HTTPA_WRITE_FLUSH, out)
                           : err;
}

static enum httpa_err install(struct httpa_handshake *hs,
                              const struct httpa_keys *keys, int64_t now_s)
{
    struct httpa_base_start start = {
        .id = hs->base_id,
        .keys = keys,
        .target = httpa_slice_str(hs->choice.origin),
        .now_s = now_s,
        .max_age_s = hs->service->max_age_s,
        .idle_s = hs->service->idle_s,
    };
    return httpa_bases_insert(hs->service->bases, &start);
}

enum httpa_err
httpa_handshake_finish(struct httpa_handshake *hs,
                       const struct httpa_evidence *evidence,
                       const struct httpa_endorsements *endorsements,
                       int64_t now_s, struct httpa_buf *out)
{
    struct httpa_respond_sealed sealed;
    struct httpa_buf content = httpa_buf_growing(HTTPA_LIMIT_ATHS_CONTENT);
    struct httpa_buf raw = httpa_buf_growing(HTTPA_LIMIT_RECORD_DATA);
    struct httpa_digest finished;
    struct httpa_keys keys = { 0 };
    size_t from = out->n;

    enum httpa_err err = hs->finished ? HTTPA_ERR_USAGE : HTTPA_OK;
    if (err == HTTPA_OK && atomic_load(&hs->service->drain_end_s) != 0) {
        err = HTTPA_ERR_BUSY; /* draining began meanwhile */
    }
    hs->finished = true;
    if (err == HTTPA_OK) {
        err = httpa_respond_write(&hs->respond, evidence, endorsements, &sealed,
                                  &content);
    }
    if (err == HTTPA_OK) {
        err = write_records(hs, &sealed, httpa_buf_slice(&content), &raw, out);
    }
    if (err == HTTPA_OK) {
        err = httpa_respond_finish(&hs->respond, httpa_buf_slice(&raw),
                                   httpa_buf_slice(&content), &finished, &keys);
    }
    if (err == HTTPA_OK) {
        err = write_finished(hs, &finished, out);
    }
    if (err == HTTPA_OK) {
        err = install(hs, &keys, now_s);
    }
    if (err == HTTPA_OK) {
        atomic_fetch_add(&hs->service->handshakes, 1);
    } else {
        httpa_buf_cut(out, from);
    }
    httpa_keys_done(&keys);
    httpa_hs_keys_done(&hs->respond.keys);
    httpa_message_writer_fail(&hs->writer, HTTPA_ERR_USAGE);
    httpa_buf_done(&content);
    httpa_buf_done(&raw);
    return err;
}
