/* AtHS at the client: the answer, in the order of doc/protocol.md 5.9. */
#include <string.h>

#include "base/secret.h"
#include "client/hello.h"
#include "wire/outer.h"

/* Events of the answer's message, gathered until the final record. */
static enum httpa_err take_head(struct httpa_hello *h,
                                const struct httpa_message_reader *r,
                                const struct httpa_head *head)
{
    const struct httpa_field *type =
        httpa_fields_find(&head->fields, "content-type");
    httpa_buf_put_slice(&h->head, httpa_message_read_raw(r));
    h->sealed = *httpa_message_read_ahl(r);
    h->status = head->status;
    h->is_cmw = type != NULL &&
                httpa_slice_is_nocase(type->value, "application/cmw+cbor");
    return httpa_buf_check(&h->head);
}

static enum httpa_err take_event(struct httpa_hello *h,
                                 const struct httpa_message_reader *r,
                                 const struct httpa_event *event)
{
    switch (event->type) {
    case HTTPA_EVENT_HEAD:
        return take_head(h, r, event->head);
    case HTTPA_EVENT_DATA:
        httpa_buf_put_slice(&h->content, event->data);
        return h->content.failed ? HTTPA_ERR_LIMIT : HTTPA_OK;
    case HTTPA_EVENT_TRAILERS:
        return httpa_ahl_bytes(httpa_message_read_ahl(r), HTTPA_FIELD_BINDER,
                               &h->finished);
    case HTTPA_EVENT_NONE:
    case HTTPA_EVENT_FILLER:
    case HTTPA_EVENT_END:
        break;
    }
    return HTTPA_OK;
}

static enum httpa_err read_message(struct httpa_hello *h, struct httpa_slice in)
{
    struct httpa_message_reader r = { 0 };
    struct httpa_lane_start lane = { .crypto = h->config.crypto,
                                     .traffic = &h->greet.keys.server,
                                     .n = 0 };
    struct httpa_message_expect expect = { .form = HTTPA_MESSAGE_ATHS };
    struct httpa_event event = { .type = HTTPA_EVENT_HEAD };
    enum httpa_err err = httpa_message_reader_init(&r, &lane, &expect);
    while (err == HTTPA_OK && event.type != HTTPA_EVENT_NONE) {
        err = httpa_message_read(&r, &in, &event);
        if (err == HTTPA_OK) {
            err = take_event(h, &r, &event);
        }
    }
    if (err == HTTPA_OK) {
        err = httpa_message_read_end(&r);
    }
    httpa_message_reader_done(&r);
    return err;
}

/* What the answer is at all (doc/protocol.md 3.2). */
static enum httpa_err form(const struct httpa_head *outer)
{
    bool has_version =
        httpa_fields_find(&outer->fields, "attest-version") != NULL;
    if (outer->status == 200 && has_version) {
        return httpa_outer_check(&outer->fields);
    }
    return outer->status >= 300 && httpa_refusal_token(outer).n > 0
               ? HTTPA_ERR_REFUSED
               : HTTPA_ERR_UNSUPPORTED;
}

static struct httpa_greet_answer parts(const struct httpa_hello *h)
{
    return (struct httpa_greet_answer){
        .head = httpa_buf_slice(&h->head),
        .content = httpa_buf_slice(&h->content),
        .finished = httpa_buf_slice(&h->finished),
    };
}

static enum httpa_err read_answer(struct httpa_hello *h,
                                  const struct httpa_head *outer,
                                  struct httpa_slice content)
{
    enum httpa_err err =
        httpa_ahl_read(&outer->fields, HTTPA_PLACE_ATHS_RESPONSE, &h->clear);
    if (err == HTTPA_OK) {
        err = httpa_greet_clear(&h->greet, &h->clear);
    }
    if (err == HTTPA_OK) {
        err = read_message(h, content);
    }
    if (err == HTTPA_OK) {
        struct httpa_greet_answer answer = parts(h);
        err = httpa_greet_close(&h->greet, &answer);
    }
    if (err == HTTPA_OK && (h->status != 200 || !h->is_cmw)) {
        err = HTTPA_ERR_HEAD;
    }
    return err == HTTPA_OK
               ? httpa_greet_open(&h->greet, &h->sealed,
                                  httpa_buf_slice(&h->content), &h->shown)
               : err;
}

enum httpa_err httpa_hello_answer(struct httpa_hello *hello,
                                  const struct httpa_head *outer,
                                  struct httpa_slice content, int64_t now_s,
                                  struct httpa_session **ret_session)
{
    if (hello->answered) {
        return HTTPA_ERR_USAGE; /* one answer per AtHS: shares are fresh */
    }
    enum httpa_err err = form(outer);
    if (err != HTTPA_OK) {
        return err;
    }
    hello->answered = true;
    err = read_answer(hello, outer, content);
    if (err == HTTPA_OK) {
        err = httpa_hello_judge(hello, now_s);
    }
    return err == HTTPA_OK ? httpa_hello_session(hello, now_s, ret_session)
                           : err;
}

/* A base that relies on `key` ends at not-after (doc/protocol.md 6.3).  What
 * it relies on is the verdict's word: an item that nobody judged is nothing. */
/* 0: no attested key was relied on. */
static int64_t key_end(const struct httpa_hello *hello)
{
    const char *binding = httpa_verdict_facts(hello->verdict)->binding;
    if (binding == NULL || strcmp(binding, "key") != 0) {
        return 0;
    }
    for (size_t i = 0; i < hello->shown.quote_count; i++) {
        if (hello->shown.quotes[i].binding == HTTPA_BINDING_KEY) {
            return hello->shown.quotes[i].not_after_s;
        }
    }
    return 0;
}

int64_t httpa_hello_trust_end(const struct httpa_hello *hello, int64_t now_s)
{
    const struct httpa_policy *policy = hello->config.policy;
    uint32_t after_s = policy != NULL ? policy->binding.reattest_after_s : 0;
    int64_t end_s = now_s + (after_s != 0 ? after_s : HTTPA_POLICY_REATTEST_S);
    int64_t key_s = key_end(hello);
    return key_s != 0 && key_s < end_s ? key_s : end_s;
}

static enum httpa_err
lifetimes(const struct httpa_hello *h, struct httpa_session_start *start)
{
    enum httpa_err err = httpa_ahl_param_integer(&h->clear, HTTPA_FIELD_BASE_ID,
                                                 "max-age", &start->max_age_s);
    if (err == HTTPA_OK) {
        err = httpa_ahl_param_integer(&h->clear, HTTPA_FIELD_BASE_ID, "idle",
                                      &start->idle_s);
        err = err == HTTPA_ERR_MISSING ? HTTPA_OK : err;
    }
    start->end_s = httpa_hello_trust_end(h, start->now_s);
    return err;
}

enum httpa_err httpa_hello_session(struct httpa_hello *hello, int64_t now_s,
                                   struct httpa_session **ret_session)
{
    struct httpa_keys keys = { 0 };
    struct httpa_greet_answer answer = parts(hello);
    struct httpa_session_start start = {
        .crypto = hello->config.crypto,
        .padding = hello->config.padding,
        .origin = hello->origin_text,
        .keys = &keys,
        .now_s = now_s,
    };
    if (hello->made) {
        return HTTPA_ERR_USAGE;
    }
    hello->made = true;
    enum httpa_err err =
        httpa_ahl_token(&hello->clear, HTTPA_FIELD_BASE_ID, &start.base_id);
    if (err == HTTPA_OK) {
        err = lifetimes(hello, &start);
    }
    if (err == HTTPA_OK) {
        err = httpa_greet_keys(&hello->greet, &answer, &keys);
    }
    if (err == HTTPA_OK) {
        err = httpa_session_new(&start, ret_session);
    }
    httpa_keys_done(&keys);
    httpa_hs_keys_done(&hello->greet.keys);
    return err;
}
