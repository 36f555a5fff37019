/* AtHS at the client: the verdict, and the question to the device that some
 * policies need (doc/protocol.md 5.9, 11.2). */
#include "client/hello.h"

#include <string.h>

#include "base/secret.h"
#include "handshake/content.h"

static void add_checks(struct httpa_hello *h)
{
    const struct httpa_check finished = {
        .id = "handshake.finished",
        .outcome = HTTPA_OUTCOME_PASS,
        .of = HTTPA_OF_NONE,
        .source = "handshake",
        .has_age = true,
    };
    const struct httpa_check target = {
        .id = "handshake.target",
        .outcome = HTTPA_OUTCOME_PASS,
        .of = HTTPA_OF_NONE,
        .seen = httpa_value_text(h->origin_text),
        .expected = httpa_value_text(h->origin_text),
        .source = "handshake",
        .has_age = true,
    };
    httpa_verdict_check(h->verdict, &finished);
    httpa_verdict_check(h->verdict, &target);
}

static struct httpa_session_facts
facts_of(const struct httpa_hello *h, int64_t now_s)
{
    struct httpa_session_facts facts = {
        .suite = httpa_slice_str(h->greet.suite->name),
        .group = httpa_slice_str(h->greet.group->name),
        .creation = httpa_slice_str(httpa_creation_name(h->shown.creation)),
        .direct = h->shown.direct,
        .age_ms = (now_s - h->sent_s) * 1000,
    };
    if (httpa_ahl_token(&h->clear, HTTPA_FIELD_BASE_ID, &facts.base) !=
        HTTPA_OK) {
        facts.base = (struct httpa_slice){ 0 };
    }
    return facts;
}

static size_t
list_activations(const struct httpa_hello *h, struct httpa_activation *list)
{
    size_t n = 0;
    for (; n < h->config.activation_count; n++) {
        list[n] = h->config.activations[n];
    }
    return httpa_hello_activation(h, &list[n]) ? n + 1 : n;
}

/* Condition 3 of doc/protocol.md 6.3, by the client's own clock. */
static bool
was_seen(const struct httpa_hello *h, struct httpa_slice spki, int64_t now_s)
{
    int64_t max_age_s =
        h->config.policy != NULL ? h->config.policy->binding.key_max_age_s : 0;
    for (size_t i = 0; i < h->config.seen_key_count; i++) {
        const struct httpa_seen_key *k = &h->config.seen_keys[i];
        if (httpa_slice_equal(k->spki, spki) && k->seen_s <= now_s &&
            now_s - k->seen_s <= max_age_s) {
            return true;
        }
    }
    return false;
}

static void mark_seen(struct httpa_hello *h, int64_t now_s)
{
    for (size_t i = 0; i < h->shown.quote_count; i++) {
        const struct httpa_quote *q = &h->shown.quotes[i];
        h->shown.content.items[i].seen_fresh =
            q->binding == HTTPA_BINDING_KEY && was_seen(h, q->key, now_s);
    }
}

bool httpa_hello_seen_key(const struct httpa_hello *hello,
                          struct httpa_seen_key *ret_key)
{
    const char *binding = httpa_verdict_facts(hello->verdict)->binding;
    bool fresh =
        hello->made && binding != NULL && strcmp(binding, "fresh") == 0;
    for (size_t i = 0; fresh && i < hello->shown.quote_count; i++) {
        const struct httpa_quote *q = &hello->shown.quotes[i];
        if (q->binding == HTTPA_BINDING_KEY) {
            *ret_key = (struct httpa_seen_key){ .spki = q->key,
                                                .seen_s = hello->sent_s };
            return true;
        }
    }
    return false;
}

/* The caller's own come first: what the judged party chose to send is looked
 * at where those do not decide.  Neither has more than
 * HTTPA_ENDORSEMENTS_MAX. */
static size_t list_endorsements(const struct httpa_hello *h,
                                struct httpa_endorsement *list)
{
    size_t n = 0;
    for (; n < h->config.endorsement_count; n++) {
        list[n] = h->config.endorsements[n];
    }
    for (size_t i = 0; i < h->shown.content.endorsement_count; i++) {
        list[n++] = h->shown.content.endorsements[i];
    }
    return n;
}

static enum httpa_err appraise(struct httpa_hello *h, int64_t now_s)
{
    struct httpa_endorsement endorsements[2 * HTTPA_ENDORSEMENTS_MAX];
    struct httpa_slice chain[HTTPA_CHAIN_CERTS_MAX];
    /* remembered ones, and the one that was just earned */
    struct httpa_activation activations[HTTPA_ACTIVATIONS_MAX + 1];
    struct httpa_session_facts facts = facts_of(h, now_s);
    for (size_t i = 0; i < h->shown.chain.cert_count; i++) {
        chain[i] = httpa_cert_der(h->shown.chain.certs[i]);
    }
    struct httpa_appraisal in = {
        .crypto = h->config.crypto,
        .verifiers = h->config.verifiers,
        .verifier_count = h->config.verifier_count,
        .policy = h->config.policy,
        .origin = h->origin_text,
        .now_s = now_s,
        .evidence = h->shown.content.items,
        .evidence_count = h->shown.content.item_count,
        .endorsements = endorsements,
        .endorsement_count = list_endorsements(h, endorsements),
        .activations = activations,
        .activation_count = list_activations(h, activations),
        .service_spki = h->shown.service_spki,
        .service_chain = chain,
        .service_chain_count = h->shown.chain.cert_count,
        .public_roots = h->config.public_roots,
        .public_root_count = h->config.public_root_count,
        .session = &facts,
        .verified = h->config.verified,
    };
    return httpa_appraise(&in, h->verdict);
}

static const struct httpa_verifier *
asker(const struct httpa_hello *h, const struct httpa_evidence *item)
{
    for (size_t i = 0; i < h->config.verifier_count; i++) {
        const struct httpa_verifier *v = h->config.verifiers[i];
        if (v->ask != NULL &&
            httpa_slice_is_nocase(item->media_type, v->media_type)) {
            return v;
        }
    }
    return NULL;
}

/* The one item whose device can be asked; NULL when there is none or more
 * than one (doc/protocol.md 11.2). */
static const struct httpa_evidence *item_to_ask(const struct httpa_hello *h)
{
    const struct httpa_evidence *found = NULL;
    for (size_t i = 0; i < h->shown.content.item_count; i++) {
        const struct httpa_evidence *item = &h->shown.content.items[i];
        if (asker(h, item) == NULL) {
            continue;
        }
        if (found != NULL) {
            return NULL;
        }
        found = item;
    }
    return found;
}

enum httpa_err httpa_hello_judge(struct httpa_hello *hello, int64_t now_s)
{
    add_checks(hello);
    mark_seen(hello, now_s);
    enum httpa_err err = appraise(hello, now_s);
    struct httpa_reason why = httpa_verdict_reason(hello->verdict);
    hello->undecided = err == HTTPA_ERR_UNDECIDED;
    hello->wants_reply = hello->undecided &&
                         httpa_slice_is(why.check, "tpm.ak.activated") &&
                         !hello->has_activation && item_to_ask(hello) != NULL;
    return err;
}

bool httpa_hello_wants_reply(const struct httpa_hello *hello)
{
    return hello->wants_reply;
}

static void
write_question(const struct httpa_challenge *c, struct httpa_buf *out)
{
    httpa_cmw_put_collection(out, 1);
    httpa_cmw_put_label(out, c->ask_label);
    httpa_cmw_put_record(out, c->ask_type, httpa_buf_slice(&c->ask), 0);
}

enum httpa_err httpa_hello_ask(struct httpa_hello *hello, int64_t now_s,
                               struct httpa_buf *content,
                               struct httpa_request **ret_ask)
{
    if (!hello->wants_reply || hello->provisional != NULL) {
        return HTTPA_ERR_USAGE;
    }
    const struct httpa_evidence *item = item_to_ask(hello);
    struct httpa_verify_in in = { .crypto = hello->config.crypto,
                                  .value = item->value,
                                  .rd = item->rd,
                                  .now_s = now_s };
    enum httpa_err err =
        asker(hello, item)->ask(&in, &hello->config.random, &hello->challenge);
    if (err == HTTPA_OK) {
        write_question(&hello->challenge, content);
        err = httpa_buf_check(content);
    }
    if (err == HTTPA_OK) {
        err = httpa_hello_session(hello, now_s, &hello->provisional);
    }
    return err == HTTPA_OK
               ? httpa_request_new(hello->provisional, now_s, ret_ask)
               : err;
}

static enum httpa_err
read_reply(const struct httpa_hello *h, struct httpa_slice content)
{
    struct httpa_cmw all;
    struct httpa_cmw entry;
    enum httpa_err err = httpa_cmw_read(content, &all);
    if (err == HTTPA_OK) {
        err = httpa_cmw_find(&all, h->challenge.reply_label, &entry);
    }
    if (err == HTTPA_OK && !httpa_cmw_is(&entry, h->challenge.reply_type)) {
        err = HTTPA_ERR_MALFORMED;
    }
    return err == HTTPA_OK
               ? asker(h, item_to_ask(h))->replied(&h->challenge, entry.value)
               : err;
}

/* Everything again, with what is known now. */
static enum httpa_err judge_anew(struct httpa_hello *hello, int64_t now_s)
{
    struct httpa_verdict *verdict = httpa_verdict_new();
    if (verdict == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    httpa_verdict_free(hello->verdict);
    hello->verdict = verdict;
    return httpa_hello_judge(hello, now_s);
}

size_t httpa_hello_shown(const struct httpa_hello *hello,
                         const struct httpa_evidence **ret_items)
{
    *ret_items = hello->shown.content.items;
    return hello->shown.content.item_count;
}

enum httpa_err
httpa_hello_endorsed(struct httpa_hello *hello,
                     const struct httpa_endorsement *v, size_t n, int64_t now_s,
                     struct httpa_session **ret_session)
{
    if (!hello->undecided || hello->provisional != NULL) {
        return HTTPA_ERR_USAGE;
    }
    if (n > HTTPA_ENDORSEMENTS_MAX) {
        return HTTPA_ERR_LIMIT;
    }
    hello->config.endorsements = v;
    hello->config.endorsement_count = n;
    enum httpa_err err = judge_anew(hello, now_s);
    return err == HTTPA_OK ? httpa_hello_session(hello, now_s, ret_session)
                           : err;
}

enum httpa_err httpa_hello_replied(struct httpa_hello *hello, unsigned status,
                                   struct httpa_slice content, int64_t now_s,
                                   struct httpa_session **ret_session)
{
    if (hello->provisional == NULL) {
        return HTTPA_ERR_USAGE;
    }
    hello->wants_reply = false;
    enum httpa_err err =
        status == 200 ? read_reply(hello, content) : HTTPA_ERR_EVIDENCE;
    if (err != HTTPA_OK) {
        return err;
    }
    hello->has_activation = true;
    err = judge_anew(hello, now_s);
    if (err == HTTPA_OK) {
        int64_t end_s = httpa_hello_trust_end(hello, now_s);
        httpa_base_shorten(&hello->provisional->base, now_s, end_s - now_s);
        *ret_session = hello->provisional; /* its numbers go on */
        hello->provisional = NULL;
    }
    return err;
}

bool httpa_hello_activation(const struct httpa_hello *hello,
                            struct httpa_activation *ret_activation)
{
    const struct httpa_challenge *c = &hello->challenge;
    if (!hello->has_activation) {
        return false;
    }
    *ret_activation = (struct httpa_activation){
        .ak_name = httpa_slice_of(c->ak_name, c->ak_name_len),
        .ek_sha256 = httpa_slice_of(c->ek_sha256, sizeof(c->ek_sha256)),
    };
    return true;
}
