#include "gateway/keyring.h"

#include <stdlib.h>
#include <time.h>

#include "gateway/log.h"

struct httpa_keyring_key {
    struct httpa_quote_key quote;
    struct httpa_key *key;
    struct httpa_buf value; /* the evidence that |quote| shows */
    size_t holders;         /* under the ring's lock; the ring is one */
};

struct httpa_keyring {
    const struct httpa_crypto *crypto;
    const struct httpa_service *service;
    uint32_t life_s;
    uv_mutex_t lock; /* of |current| and every |holders| */
    struct httpa_keyring_key *current;
    struct httpa_keyring_key *next; /* being quoted; the renewing loop's */
    const char *media_type;
};

static void free_key(struct httpa_keyring_key *key)
{
    if (key != NULL) {
        httpa_key_free(key->key);
        httpa_buf_done(&key->value);
        free(key);
    }
}

enum httpa_err httpa_keyring_new(const struct httpa_crypto *crypto,
                                 const struct httpa_service *service,
                                 uint32_t life_s, struct httpa_keyring **ret)
{
    struct httpa_keyring *ring = calloc(1, sizeof(*ring));
    if (ring == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    ring->crypto = crypto;
    ring->service = service;
    ring->life_s = life_s;
    if (uv_mutex_init(&ring->lock) != 0) {
        free(ring);
        return HTTPA_ERR_MEMORY;
    }
    *ret = ring;
    return HTTPA_OK;
}

void httpa_keyring_free(struct httpa_keyring *ring)
{
    if (ring != NULL) {
        free_key(ring->current);
        free_key(ring->next);
        uv_mutex_destroy(&ring->lock);
        free(ring);
    }
}

static void release(struct httpa_keyring_key *key)
{
    if (key != NULL && --key->holders == 0) {
        free_key(key);
    }
}

/* The quote is there: the new key takes the old one's place. */
static void install(void *arg, enum httpa_err err, struct httpa_slice value)
{
    struct httpa_keyring *ring = arg;
    struct httpa_keyring_key *key = ring->next;
    ring->next = NULL;
    key->value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    httpa_buf_put_slice(&key->value, value);
    if (err != HTTPA_OK || httpa_buf_check(&key->value) != HTTPA_OK) {
        free_key(key); /* the quoter has said why; the next tick tries again */
        return;
    }
    key->quote.key = key->key;
    key->quote.evidence = (struct httpa_evidence){
        .media_type = httpa_slice_str(ring->media_type),
        .value = httpa_buf_slice(&key->value),
        .binding = HTTPA_BINDING_KEY,
    };
    key->holders = 1;
    uv_mutex_lock(&ring->lock);
    release(ring->current);
    ring->current = key;
    uv_mutex_unlock(&ring->lock);
}

static enum httpa_err
make(struct httpa_keyring *ring, int64_t now_s, uint8_t rd[HTTPA_RD_LEN])
{
    struct httpa_keyring_key *key = calloc(1, sizeof(*key));
    if (key == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    key->quote.not_before_s = now_s;
    key->quote.not_after_s = now_s + ring->life_s;
    enum httpa_err err =
        httpa_key_generate(ring->crypto, HTTPA_KEY_P256, &key->key);
    if (err == HTTPA_OK) {
        err = httpa_service_key_report_data(ring->service, key->key,
                                            key->quote.not_before_s,
                                            key->quote.not_after_s, rd);
    }
    if (err != HTTPA_OK) {
        free_key(key);
        return err;
    }
    ring->next = key;
    return HTTPA_OK;
}

void httpa_keyring_renew(struct httpa_keyring *ring, struct httpa_quoter *q,
                         struct httpa_loop *loop, int64_t now_s)
{
    int64_t ends_s = httpa_keyring_ends_s(ring);
    uint8_t rd[HTTPA_RD_LEN];
    struct httpa_quoter_job *job;
    if (ring->next != NULL || ends_s - now_s > (int64_t)ring->life_s / 5) {
        return;
    }
    ring->media_type = httpa_quoter_media_type(q);
    if (make(ring, now_s, rd) == HTTPA_OK &&
        httpa_quoter_quote(q, loop, rd, install, ring, &job) != HTTPA_OK) {
        free_key(ring->next);
        ring->next = NULL;
    }
}

struct httpa_keyring_key *
httpa_keyring_hold(struct httpa_keyring *ring, int64_t now_s)
{
    uv_mutex_lock(&ring->lock);
    struct httpa_keyring_key *key = ring->current;
    if (key != NULL && now_s < key->quote.not_after_s) {
        key->holders++;
    } else {
        key = NULL;
    }
    uv_mutex_unlock(&ring->lock);
    return key;
}

const struct httpa_quote_key *
httpa_keyring_quote_key(const struct httpa_keyring_key *key)
{
    return key != NULL ? &key->quote : NULL;
}

void httpa_keyring_release(struct httpa_keyring *ring,
                           struct httpa_keyring_key *key)
{
    if (key != NULL) {
        uv_mutex_lock(&ring->lock);
        release(key);
        uv_mutex_unlock(&ring->lock);
    }
}

int64_t httpa_keyring_ends_s(struct httpa_keyring *ring)
{
    uv_mutex_lock(&ring->lock);
    int64_t ends_s =
        ring->current != NULL ? ring->current->quote.not_after_s : 0;
    uv_mutex_unlock(&ring->lock);
    return ends_s;
}
