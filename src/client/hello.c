/* AtHS at the client: what is offered and sent. */
#include "client/hello.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "wire/outer.h"
#include "wire/target.h"

static enum httpa_err
pick_suites(const struct httpa_client_config *c, struct httpa_greet_in *in)
{
    for (size_t i = 0; c->suites == NULL && i < HTTPA_SUITE_COUNT; i++) {
        in->suites[in->suite_count++] = httpa_suite_at(i);
    }
    for (size_t i = 0; c->suites != NULL && i < c->suite_count; i++) {
        const struct httpa_suite *suite =
            httpa_suite_find(httpa_slice_str(c->suites[i]));
        if (suite == NULL || in->suite_count == HTTPA_SUITE_COUNT) {
            return HTTPA_ERR_CONFIG;
        }
        in->suites[in->suite_count++] = suite;
    }
    return in->suite_count > 0 ? HTTPA_OK : HTTPA_ERR_CONFIG;
}

/* secp384r1 is slow and buys nothing over the others: by configuration. */
static bool
by_default(const struct httpa_client_config *c, const struct httpa_group *group)
{
    return group->id != HTTPA_SECP384R1 &&
           httpa_group_available(c->crypto, group);
}

static enum httpa_err
pick_groups(const struct httpa_client_config *c, struct httpa_greet_in *in)
{
    for (size_t i = 0; c->groups == NULL && i < HTTPA_GROUP_COUNT; i++) {
        if (by_default(c, httpa_group_at(i))) {
            in->groups[in->group_count++] = httpa_group_at(i);
        }
    }
    for (size_t i = 0; c->groups != NULL && i < c->group_count; i++) {
        const struct httpa_group *group =
            httpa_group_find(httpa_slice_str(c->groups[i]));
        if (group == NULL || !httpa_group_available(c->crypto, group) ||
            in->group_count == HTTPA_GROUP_COUNT) {
            return HTTPA_ERR_CONFIG;
        }
        in->groups[in->group_count++] = group;
    }
    return in->group_count > 0 ? HTTPA_OK : HTTPA_ERR_CONFIG;
}

/* What a client offers it accepts, so it offers no more than its policy; and
 * `batch` not at all, which this version cannot verify. */
static enum httpa_err
pick_demands(const struct httpa_policy *policy, struct httpa_greet_in *in)
{
    struct httpa_demands *d = &in->demands;
    d->names_bindings = true;
    if (policy == NULL || policy->binding.fresh) {
        d->bindings[d->binding_count++] = HTTPA_BINDING_FRESH;
    }
    if (policy == NULL) {
        return HTTPA_OK;
    }
    if (policy->binding.key) {
        d->bindings[d->binding_count++] = HTTPA_BINDING_KEY;
        d->key_max_age_s = policy->binding.key_max_age_s;
    }
    d->direct = policy->base.direct;
    d->indirect = !policy->base.direct;
    if (policy->base.creation_new) {
        in->creations[in->creation_count++] = HTTPA_CREATION_NEW;
    }
    if (policy->base.creation_reuse) {
        in->creations[in->creation_count++] = HTTPA_CREATION_REUSE;
    }
    if (policy->base.creation_shared) {
        in->creations[in->creation_count++] = HTTPA_CREATION_SHARED;
    }
    return d->binding_count > 0 ? HTTPA_OK : HTTPA_ERR_CONFIG;
}

static enum httpa_err
take_origin(struct httpa_hello *h, struct httpa_slice origin)
{
    struct httpa_target target;
    enum httpa_err err = httpa_target_read(origin, &target);
    if (err != HTTPA_OK) {
        return HTTPA_ERR_CONFIG;
    }
    memcpy(h->origin, origin.p, origin.n);
    h->origin_text = httpa_slice_of(h->origin, origin.n);
    return HTTPA_OK;
}

static enum httpa_err begin(struct httpa_hello *h, int64_t now_s)
{
    struct httpa_greet_in in = {
        .crypto = h->config.crypto,
        .random = &h->config.random,
        .origin = h->origin_text,
        .date_s = h->config.send_date ? now_s : 0,
    };
    enum httpa_err err = pick_suites(&h->config, &in);
    if (err == HTTPA_OK) {
        err = pick_groups(&h->config, &in);
    }
    if (err == HTTPA_OK) {
        err = pick_demands(h->config.policy, &in);
    }
    return err == HTTPA_OK ? httpa_greet_begin(&h->greet, &in) : err;
}

static enum httpa_err fill_outer(struct httpa_hello *h)
{
    httpa_outer_init(&h->outer, 0);
    enum httpa_err err = httpa_outer_add_request(
        &h->outer, httpa_slice_str("application/cmw+cbor"));
    if (err == HTTPA_OK) {
        err = httpa_outer_add_ahl(&h->outer, &h->greet.request);
    }
    return err == HTTPA_OK
               ? httpa_outer_add_length(&h->outer, h->greet.content.n)
               : err;
}

enum httpa_err httpa_hello_new(const struct httpa_client_config *config,
                               struct httpa_slice origin, int64_t now_s,
                               struct httpa_hello **ret_hello)
{
    if (config->endorsement_count > HTTPA_ENDORSEMENTS_MAX ||
        config->activation_count > HTTPA_ACTIVATIONS_MAX) {
        return HTTPA_ERR_LIMIT;
    }
    struct httpa_hello *h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    h->config = *config;
    h->sent_s = now_s;
    h->head = httpa_buf_growing(HTTPA_LIMIT_RECORD_DATA);
    h->content = httpa_buf_growing(HTTPA_LIMIT_ATHS_CONTENT);
    h->finished = httpa_buf_growing(HTTPA_LIMIT_VALUE);
    h->verdict = httpa_verdict_new();
    enum httpa_err err =
        h->verdict != NULL ? take_origin(h, origin) : HTTPA_ERR_MEMORY;
    if (err == HTTPA_OK) {
        err = begin(h, now_s);
    }
    if (err == HTTPA_OK) {
        err = fill_outer(h);
    }
    if (err != HTTPA_OK) {
        httpa_hello_free(h);
        return err;
    }
    *ret_hello = h;
    return HTTPA_OK;
}

void httpa_hello_free(struct httpa_hello *hello)
{
    if (hello == NULL) {
        return;
    }
    httpa_session_free(hello->provisional);
    httpa_shown_done(&hello->shown);
    httpa_greet_done(&hello->greet);
    httpa_buf_done(&hello->head);
    httpa_buf_done(&hello->content);
    httpa_buf_done(&hello->finished);
    httpa_challenge_done(&hello->challenge);
    httpa_verdict_free(hello->verdict);
    httpa_wipe(hello, sizeof(*hello));
    free(hello);
}

const struct httpa_outer *httpa_hello_outer(const struct httpa_hello *hello)
{
    return &hello->outer;
}

struct httpa_slice httpa_hello_content(const struct httpa_hello *hello)
{
    return httpa_buf_slice(&hello->greet.content);
}

const struct httpa_verdict *httpa_hello_verdict(const struct httpa_hello *hello)
{
    return hello->verdict;
}

struct httpa_verdict *httpa_hello_take_verdict(struct httpa_hello *hello)
{
    struct httpa_verdict *v = hello->verdict;
    hello->verdict = NULL;
    return v;
}

struct httpa_slice httpa_refusal_token(const struct httpa_head *outer)
{
    const struct httpa_field *f =
        httpa_fields_find(&outer->fields, "attest-error");
    struct httpa_slice token = { 0 };
    if (f == NULL) {
        return token;
    }
    while (token.n < f->value.n && f->value.p[token.n] != ';') {
        token.n++;
    }
    token.p = f->value.p;
    return token;
}
