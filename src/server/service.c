#include "server/service.h"

#include <stdlib.h>
#include <string.h>

#include "handshake/chain.h"
#include "wire/outer.h"
#include "wire/target.h"

#define MAX_AGE_DEFAULT_S 3600u
#define IDLE_DEFAULT_S 600u
#define BASES_DEFAULT 1000000u
/* Strangers' bases are 1/8 of the table: they cannot push others out. */
#define UNCONFIRMED_SHARE 8u

static void strings_free(struct httpa_strings *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->v[i]);
    }
    free(s->v);
    *s = (struct httpa_strings){ 0 };
}

static enum httpa_err
strings_copy(struct httpa_strings *to, const char *const *from, size_t n)
{
    if (n == 0) {
        return HTTPA_OK;
    }
    to->v = calloc(n, sizeof(*to->v));
    if (to->v == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    for (; to->n < n; to->n++) {
        to->v[to->n] = strdup(from[to->n]);
        if (to->v[to->n] == NULL) {
            return HTTPA_ERR_MEMORY;
        }
    }
    return HTTPA_OK;
}

static bool origins_valid(const struct httpa_service_config *c)
{
    struct httpa_target target;
    for (size_t i = 0; i < c->origin_count; i++) {
        if (httpa_target_read(httpa_slice_str(c->origins[i]), &target) !=
            HTTPA_OK) {
            return false;
        }
    }
    return c->origin_count > 0;
}

/* The chain, where there is one, is that of the service key. */
static enum httpa_err check_chain(const struct httpa_service_config *c)
{
    if (c->service_chain.n == 0) {
        return HTTPA_OK;
    }
    struct httpa_chain chain;
    enum httpa_err err =
        httpa_chain_read(c->crypto, c->service_chain, true, &chain);
    if (err == HTTPA_OK &&
        (c->service_key == NULL || c->service_chain.n > HTTPA_LIMIT_CHAIN ||
         !httpa_slice_equal(chain.spki, httpa_key_spki(c->service_key)))) {
        err = HTTPA_ERR_CONFIG;
    }
    httpa_chain_done(&chain);
    return err == HTTPA_ERR_MEMORY || err == HTTPA_OK ? err : HTTPA_ERR_CONFIG;
}

static bool numbers_valid(const struct httpa_service_config *c)
{
    return (c->idle_s == 0 || c->idle_s >= HTTPA_LIMIT_IDLE_MIN_S) &&
           c->max_age_s <= HTTPA_LIMIT_AGE_S && c->idle_s <= HTTPA_LIMIT_AGE_S;
}

static enum httpa_err check(const struct httpa_service_config *c)
{
    if (c->crypto == NULL || c->random.fill == NULL || c->label == NULL ||
        !origins_valid(c) || !numbers_valid(c) ||
        !httpa_label_valid(httpa_slice_str(c->label))) {
        return HTTPA_ERR_CONFIG;
    }
    return check_chain(c);
}

static void
take_numbers(struct httpa_service *s, const struct httpa_service_config *c)
{
    s->crypto = c->crypto;
    s->random = c->random;
    s->service_key = c->service_key;
    s->offers_fresh = c->offers_fresh;
    s->max_age_s = c->max_age_s != 0 ? c->max_age_s : MAX_AGE_DEFAULT_S;
    s->idle_s = c->idle_s != 0 ? c->idle_s : IDLE_DEFAULT_S;
    s->date_window_s = c->date_window_s;
    memcpy(s->label, c->label, strlen(c->label) + 1);
    memcpy(s->configuration, c->configuration, sizeof(s->configuration));
}

static enum httpa_err
take_lists(struct httpa_service *s, const struct httpa_service_config *c)
{
    enum httpa_err err = strings_copy(&s->origins, c->origins, c->origin_count);
    if (err == HTTPA_OK) {
        err =
            strings_copy(&s->types, c->evidence_types, c->evidence_type_count);
    }
    if (err == HTTPA_OK) {
        err = strings_copy(&s->cors, c->cors_origins, c->cors_origin_count);
    }
    s->service_chain = httpa_buf_growing(HTTPA_LIMIT_CHAIN);
    httpa_buf_put_slice(&s->service_chain, c->service_chain);
    return err == HTTPA_OK && s->service_chain.failed ? HTTPA_ERR_MEMORY : err;
}

enum httpa_err httpa_service_new(const struct httpa_service_config *config,
                                 struct httpa_service **ret_service)
{
    enum httpa_err err = check(config);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_service *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    size_t max = config->bases_max != 0 ? config->bases_max : BASES_DEFAULT;
    struct httpa_bases_config bases = {
        .max = max,
        .max_unconfirmed =
            max > UNCONFIRMED_SHARE ? max / UNCONFIRMED_SHARE : 1,
    };
    take_numbers(s, config);
    err = take_lists(s, config);
    if (err == HTTPA_OK) {
        err = httpa_bases_new(s->crypto, &s->random, &bases, &s->bases);
    }
    if (err != HTTPA_OK) {
        httpa_service_free(s);
        return err;
    }
    *ret_service = s;
    return HTTPA_OK;
}

void httpa_service_free(struct httpa_service *service)
{
    if (service == NULL) {
        return;
    }
    httpa_bases_free(service->bases);
    strings_free(&service->origins);
    strings_free(&service->types);
    strings_free(&service->cors);
    httpa_buf_done(&service->service_chain);
    free(service);
}

enum httpa_err httpa_service_read_head(const struct httpa_head *outer,
                                       enum httpa_place place,
                                       struct httpa_ahl *ret_ahl)
{
    enum httpa_err err = httpa_outer_check(&outer->fields);
    if (err == HTTPA_OK) {
        err = httpa_ahl_read(&outer->fields, place, ret_ahl);
    }
    return err == HTTPA_ERR_LIMIT ? HTTPA_ERR_RANGE : err;
}

void httpa_service_sweep(struct httpa_service *service, int64_t now_s)
{
    httpa_bases_sweep(service->bases, now_s);
}

void httpa_service_drain(struct httpa_service *service, int64_t now_s,
                         int64_t grace_s)
{
    atomic_store(&service->drain_end_s, now_s + grace_s);
    httpa_bases_drain(service->bases, now_s, grace_s);
}

void httpa_service_stats(const struct httpa_service *service,
                         struct httpa_service_stats *ret_stats)
{
    *ret_stats = (struct httpa_service_stats){
        .bases = httpa_bases_count(service->bases).all,
        .handshakes = atomic_load(&service->handshakes),
        .accepted = atomic_load(&service->accepted),
        .replays = atomic_load(&service->replays),
        .unknown = atomic_load(&service->unknown),
    };
}

enum httpa_err
httpa_service_key_report_data(const struct httpa_service *service,
                              const struct httpa_key *key, int64_t not_before_s,
                              int64_t not_after_s, uint8_t ret_rd[64])
{
    struct httpa_digest rd;
    if (not_before_s < 0 || not_after_s <= not_before_s) {
        return HTTPA_ERR_USAGE;
    }
    enum httpa_err err = httpa_schedule_rd_key(
        service->crypto, httpa_key_spki(key), (uint64_t)not_before_s,
        (uint64_t)not_after_s, &rd);
    if (err == HTTPA_OK) {
        memcpy(ret_rd, rd.bytes, rd.n);
    }
    return err;
}
