#include "session/bases.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/secret.h"

#define STRIPES 64u        /* locks: many more than threads */
#define SWEEPS 8u          /* calls that look at the whole table */
#define BUCKETS_MIN 16u    /* of a stripe; doubles with its bases */
#define SLAB_BYTES 65536u  /* bases are mapped so many at a time */

/* Bases live in mapped slabs, so that they can be kept out of core dumps,
 * swap and children.  Slabs are never given back while the table lives. */
struct slab {
    void *memory;
    struct slab *next;
};

struct stripe {
    pthread_mutex_t lock;
    struct httpa_base **buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
    struct httpa_base *free_list;
    struct httpa_base *oldest; /* of the unconfirmed; `newer` leads on */
    struct httpa_base *newest;
    struct slab *slabs;
};

struct httpa_bases {
    const struct httpa_crypto *crypto;
    struct httpa_bases_config config;
    /* Takes the place of a base that is not, whatever its suite. */
    struct httpa_traffic dummies[HTTPA_SUITE_COUNT];
    atomic_size_t all;
    atomic_size_t unconfirmed;
    atomic_uint next_sweep;
    struct stripe stripes[STRIPES];
};

/* ---- places ----------------------------------------------------------- */

/* The random bytes are ours and uniform: a peer cannot choose which bases
 * stand in one bucket. */
static uint64_t hash_of(const uint8_t random[HTTPA_BASE_ID_RANDOM])
{
    uint64_t h = 0;
    for (size_t i = 0; i < sizeof(h); i++) {
        h = h << 8 | random[i];
    }
    return h;
}

/* The suite that an id stands for, of a base or of none, so that the dummy of
 * a base that is not costs what the base would cost. */
static size_t mark_of(const uint8_t random[HTTPA_BASE_ID_RANDOM])
{
    return random[HTTPA_BASE_ID_RANDOM - 1] % HTTPA_SUITE_COUNT;
}

void httpa_bases_mark(uint8_t random[HTTPA_BASE_ID_RANDOM],
                      const struct httpa_suite *suite)
{
    uint8_t *last = &random[HTTPA_BASE_ID_RANDOM - 1];
    size_t rest = *last % (UINT8_MAX / HTTPA_SUITE_COUNT);
    size_t i = 0;
    while (i + 1 < HTTPA_SUITE_COUNT && httpa_suite_at(i) != suite) {
        i++;
    }
    *last = (uint8_t)(rest * HTTPA_SUITE_COUNT + i);
}

static struct stripe *stripe_of(struct httpa_bases *t,
                                const uint8_t random[HTTPA_BASE_ID_RANDOM])
{
    return &t->stripes[hash_of(random) % STRIPES];
}

static struct httpa_base **
bucket_of(const struct stripe *s, const uint8_t random[HTTPA_BASE_ID_RANDOM])
{
    return &s->buckets[hash_of(random) / STRIPES & (s->bucket_count - 1)];
}

/* The base with |id|, label included, or NULL.  Under the lock. */
static struct httpa_base *find(const struct stripe *s,
                               const struct httpa_base_id *id)
{
    struct httpa_base *b = *bucket_of(s, id->random);
    while (b != NULL && !httpa_slice_equal(httpa_base_id_text(&b->id),
                                           httpa_base_id_text(id))) {
        b = b->next;
    }
    return b;
}

static bool grow_buckets(struct stripe *s)
{
    if (s->count < s->bucket_count) {
        return true;
    }
    struct stripe bigger = *s;
    bigger.bucket_count *= 2;
    bigger.buckets =
        calloc(bigger.bucket_count, sizeof(struct httpa_base *));
    if (bigger.buckets == NULL) {
        return false;
    }
    for (size_t i = 0; i < s->bucket_count; i++) {
        while (s->buckets[i] != NULL) {
            struct httpa_base *b = s->buckets[i];
            struct httpa_base **to = bucket_of(&bigger, b->id.random);
            s->buckets[i] = b->next;
            b->next = *to;
            *to = b;
        }
    }
    free(s->buckets);
    s->buckets = bigger.buckets;
    s->bucket_count = bigger.bucket_count;
    return true;
}

/* ---- memory ----------------------------------------------------------- */

static bool add_slab(struct stripe *s)
{
    struct slab *slab = malloc(sizeof(*slab));
    void *p = mmap(NULL, SLAB_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slab == NULL || p == MAP_FAILED) {
        if (p != MAP_FAILED) {
            munmap(p, SLAB_BYTES);
        }
        free(slab);
        return false;
    }
    /* As far as the system allows: a limit on locked memory is no reason not
     * to serve. */
    (void)mlock(p, SLAB_BYTES);
    (void)madvise(p, SLAB_BYTES, MADV_DONTDUMP);
    (void)madvise(p, SLAB_BYTES, MADV_WIPEONFORK);
    slab->memory = p;
    slab->next = s->slabs;
    s->slabs = slab;
    struct httpa_base *bases = p;
    for (size_t i = 0; i < SLAB_BYTES / sizeof(*bases); i++) {
        bases[i].next = s->free_list;
        s->free_list = &bases[i];
    }
    return true;
}

static struct httpa_base *take_memory(struct stripe *s)
{
    if (s->free_list == NULL && !add_slab(s)) {
        return NULL;
    }
    struct httpa_base *b = s->free_list;
    s->free_list = b->next;
    return b;
}

/* The end of a base: its keys go. */
static void give_back(struct stripe *s, struct httpa_base *b)
{
    httpa_base_done(b);
    b->next = s->free_list;
    s->free_list = b;
}

/* ---- life, under the lock of the stripe ------------------------------- */

static void list_unconfirmed(struct httpa_bases *t, struct stripe *s,
                             struct httpa_base *b)
{
    b->older = s->newest;
    if (s->newest != NULL) {
        s->newest->newer = b;
    } else {
        s->oldest = b;
    }
    s->newest = b;
    atomic_fetch_add(&t->unconfirmed, 1);
}

static void unlist_unconfirmed(struct httpa_bases *t, struct stripe *s,
                               struct httpa_base *b)
{
    if (b->older != NULL) {
        b->older->newer = b->newer;
    } else {
        s->oldest = b->newer;
    }
    if (b->newer != NULL) {
        b->newer->older = b->older;
    } else {
        s->newest = b->older;
    }
    b->older = NULL;
    b->newer = NULL;
    atomic_fetch_sub(&t->unconfirmed, 1);
}

/* No ticket finds |b| any more; its memory stays while messages run. */
static void end(struct httpa_bases *t, struct stripe *s, struct httpa_base *b)
{
    struct httpa_base **at = bucket_of(s, b->id.random);
    while (*at != b) {
        at = &(*at)->next;
    }
    *at = b->next;
    b->next = NULL;
    s->count--;
    if (b->state == HTTPA_BASE_UNCONFIRMED) {
        unlist_unconfirmed(t, s, b);
    }
    b->state = HTTPA_BASE_CLOSING;
    atomic_fetch_sub(&t->all, 1);
    if (b->refs == 0) {
        give_back(s, b);
    }
}

static bool over(const struct httpa_base *b, int64_t now_s)
{
    return httpa_base_expired(b, now_s) ||
           (b->state == HTTPA_BASE_UNCONFIRMED &&
            now_s - b->created_s >= HTTPA_TIME_UNCONFIRMED_S);
}

/* ---- the table -------------------------------------------------------- */

static enum httpa_err init_stripe(struct stripe *s)
{
    s->buckets = calloc(BUCKETS_MIN, sizeof(struct httpa_base *));
    if (s->buckets == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    s->bucket_count = BUCKETS_MIN;
    return pthread_mutex_init(&s->lock, NULL) == 0 ? HTTPA_OK
                                                   : HTTPA_ERR_INTERNAL;
}

static enum httpa_err init_dummy(struct httpa_traffic *dummy,
                                 const struct httpa_random *rng,
                                 const struct httpa_suite *suite)
{
    dummy->suite = suite;
    enum httpa_err err =
        httpa_random_fill(rng, dummy->key, sizeof(dummy->key));
    return err == HTTPA_OK
               ? httpa_random_fill(rng, dummy->iv, sizeof(dummy->iv))
               : err;
}

enum httpa_err httpa_bases_new(const struct httpa_crypto *crypto,
                               const struct httpa_random *rng,
                               const struct httpa_bases_config *config,
                               struct httpa_bases **ret_bases)
{
    if (config->max == 0 || config->max_unconfirmed == 0) {
        return HTTPA_ERR_USAGE;
    }
    struct httpa_bases *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    t->crypto = crypto;
    t->config = *config;
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; i < HTTPA_SUITE_COUNT && err == HTTPA_OK; i++) {
        err = init_dummy(&t->dummies[i], rng, httpa_suite_at(i));
    }
    for (size_t i = 0; i < STRIPES && err == HTTPA_OK; i++) {
        err = init_stripe(&t->stripes[i]);
    }
    if (err != HTTPA_OK) {
        httpa_bases_free(t);
        return err;
    }
    *ret_bases = t;
    return HTTPA_OK;
}

static void free_stripe(struct stripe *s)
{
    while (s->slabs != NULL) {
        struct slab *slab = s->slabs;
        s->slabs = slab->next;
        httpa_wipe(slab->memory, SLAB_BYTES);
        munmap(slab->memory, SLAB_BYTES);
        free(slab);
    }
    if (s->bucket_count > 0) {
        pthread_mutex_destroy(&s->lock);
    }
    free(s->buckets);
}

void httpa_bases_free(struct httpa_bases *t)
{
    if (t == NULL) {
        return;
    }
    for (size_t i = 0; i < STRIPES; i++) {
        free_stripe(&t->stripes[i]);
    }
    httpa_wipe(t, sizeof(*t));
    free(t);
}

/* Ends the oldest unconfirmed base of one stripe, starting at |from|. */
static bool evict(struct httpa_bases *t, size_t from)
{
    for (size_t i = 0; i < STRIPES; i++) {
        struct stripe *s = &t->stripes[(from + i) % STRIPES];
        pthread_mutex_lock(&s->lock);
        bool found = s->oldest != NULL;
        if (found) {
            end(t, s, s->oldest);
        }
        pthread_mutex_unlock(&s->lock);
        if (found) {
            return true;
        }
    }
    return false;
}

static bool is_full(struct httpa_bases *t)
{
    return atomic_load(&t->all) >= t->config.max ||
           atomic_load(&t->unconfirmed) >= t->config.max_unconfirmed;
}

static enum httpa_err insert(struct httpa_bases *t, struct stripe *s,
                             const struct httpa_base_start *start)
{
    struct httpa_digest hash;
    if (find(s, &start->id) != NULL) {
        return HTTPA_ERR_DUPLICATE;
    }
    enum httpa_err err = httpa_hash_once(
        t->crypto, HTTPA_SHA256, httpa_base_id_text(&start->id), &hash);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_base *b = grow_buckets(s) ? take_memory(s) : NULL;
    if (b == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    httpa_base_init(b, start);
    memcpy(b->hash, hash.bytes, sizeof(b->hash));
    b->state = HTTPA_BASE_UNCONFIRMED;
    b->expires_s += HTTPA_TIME_GRACE_S;
    b->stripe = (uint32_t)(s - t->stripes);
    struct httpa_base **bucket = bucket_of(s, start->id.random);
    b->next = *bucket;
    *bucket = b;
    s->count++;
    list_unconfirmed(t, s, b);
    atomic_fetch_add(&t->all, 1);
    return HTTPA_OK;
}

/* Threads that insert at once may pass the limit by one each. */
enum httpa_err httpa_bases_insert(struct httpa_bases *t,
                                  const struct httpa_base_start *start)
{
    struct stripe *s = stripe_of(t, start->id.random);
    if (httpa_suite_at(mark_of(start->id.random)) !=
        start->keys->client.suite) {
        return HTTPA_ERR_USAGE;
    }
    if (is_full(t) && !evict(t, (size_t)(s - t->stripes))) {
        return HTTPA_ERR_BUSY;
    }
    pthread_mutex_lock(&s->lock);
    enum httpa_err err = insert(t, s, start);
    pthread_mutex_unlock(&s->lock);
    return err;
}

/* ---- accepting a message ---------------------------------------------- */

/* The base with |id| and a reference to it, or NULL; |ret_client| is the key
 * to verify with in both cases, and the work is the same. */
static struct httpa_base *look_up(struct httpa_bases *t, struct stripe *s,
                                  const struct httpa_base_id *id,
                                  int64_t now_s,
                                  struct httpa_traffic *ret_client)
{
    pthread_mutex_lock(&s->lock);
    struct httpa_base *b = find(s, id);
    if (b != NULL && over(b, now_s)) {
        b = NULL;
    }
    if (b != NULL) {
        b->refs++;
    }
    *ret_client =
        b != NULL ? b->keys.client : t->dummies[mark_of(id->random)];
    pthread_mutex_unlock(&s->lock);
    return b;
}

static void release(struct stripe *s, struct httpa_base *b)
{
    b->refs--;
    if (b->refs == 0 && b->state == HTTPA_BASE_CLOSING) {
        give_back(s, b);
    }
}

/* The one decision: may this message be answered, and by whom?  Under the
 * lock. */
static enum httpa_err decide(struct httpa_bases *t, struct stripe *s,
                             struct httpa_base *b, uint64_t n, int64_t now_s,
                             bool *ret_first)
{
    if (b->state == HTTPA_BASE_CLOSING) {
        return HTTPA_ERR_BASE_UNKNOWN;
    }
    enum httpa_err err = httpa_window_take(&b->window, n);
    if (err != HTTPA_OK) {
        return err;
    }
    b->used_s = now_s > b->used_s ? now_s : b->used_s;
    *ret_first = b->state == HTTPA_BASE_UNCONFIRMED;
    if (*ret_first) {
        unlist_unconfirmed(t, s, b);
        b->state = HTTPA_BASE_OPEN;
    }
    return HTTPA_OK;
}

/* A ticket that did not verify; 2^36 of them end a base. */
static void count_failure(struct httpa_bases *t, struct stripe *s,
                          struct httpa_base *b)
{
    b->failures++;
    if (b->failures >= HTTPA_LIMIT_FAILURES &&
        b->state != HTTPA_BASE_CLOSING) {
        end(t, s, b);
    }
}

/* What becomes of a message whose ticket verified or did not, |verified|;
 * gives the reference back if it is refused.  Under the lock. */
static enum httpa_err settle(struct httpa_bases *t, struct stripe *s,
                             struct httpa_accepted *a, int64_t now_s,
                             enum httpa_err verified)
{
    enum httpa_err err = verified;
    if (a->base == NULL) {
        return err == HTTPA_OK || err == HTTPA_ERR_TAG ? HTTPA_ERR_BASE_UNKNOWN
                                                       : err;
    }
    if (err == HTTPA_OK) {
        err = decide(t, s, a->base, a->ticket.n, now_s, &a->first);
    } else if (err == HTTPA_ERR_TAG) {
        count_failure(t, s, a->base);
        err = HTTPA_ERR_BASE_UNKNOWN;
    }
    if (err != HTTPA_OK) {
        release(s, a->base);
    }
    return err;
}

/* Not metered: forged tickets must not use up the key. */
static enum httpa_err verify(struct httpa_bases *t,
                             const struct httpa_traffic *client,
                             const struct httpa_ticket *ticket,
                             const struct httpa_ahl *ahl,
                             struct httpa_aead *scratch)
{
    struct httpa_tag_key key = { .aead = scratch, .iv = client->iv };
    enum httpa_err err = httpa_aead_init(scratch, t->crypto, client->suite,
                                         httpa_traffic_key(client));
    return err != HTTPA_OK ? err : httpa_ticket_open(key, ticket, ahl);
}

static enum httpa_err read_names(const struct httpa_ahl *ahl,
                                 struct httpa_base_id *ret_id,
                                 struct httpa_ticket *ret_ticket)
{
    struct httpa_slice token;
    enum httpa_err err = httpa_ahl_token(ahl, HTTPA_FIELD_BASE_ID, &token);
    if (err == HTTPA_OK) {
        err = httpa_base_id_read(token, ret_id);
    }
    return err != HTTPA_OK ? err : httpa_ticket_read(ahl, ret_ticket);
}

enum httpa_err httpa_bases_accept(struct httpa_bases *t,
                                  const struct httpa_ahl *ahl, int64_t now_s,
                                  struct httpa_aead *scratch,
                                  struct httpa_accepted *ret_accepted)
{
    struct httpa_base_id id;
    struct httpa_accepted a = { 0 };
    struct httpa_traffic client;
    enum httpa_err err = read_names(ahl, &id, &a.ticket);
    if (err != HTTPA_OK) {
        return err;
    }
    struct stripe *s = stripe_of(t, id.random);
    a.base = look_up(t, s, &id, now_s, &client);
    err = verify(t, &client, &a.ticket, ahl, scratch);
    httpa_traffic_done(&client);
    /* Also where there is no base: the lock is part of the work. */
    pthread_mutex_lock(&s->lock);
    err = settle(t, s, &a, now_s, err);
    pthread_mutex_unlock(&s->lock);
    if (err == HTTPA_OK) {
        *ret_accepted = a;
    }
    return err;
}

void httpa_bases_release(struct httpa_bases *t, struct httpa_accepted *a)
{
    if (a->base == NULL) {
        return;
    }
    struct stripe *s = &t->stripes[a->base->stripe];
    pthread_mutex_lock(&s->lock);
    release(s, a->base);
    pthread_mutex_unlock(&s->lock);
    a->base = NULL;
}

/* ---- what a message may do to its base -------------------------------- */

static enum httpa_err check_superseded(const struct httpa_accepted *a,
                                       const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] < 1 || numbers[i] >= a->ticket.n) {
            return HTTPA_ERR_HEAD;
        }
        for (size_t j = 0; j < i; j++) {
            if (numbers[j] == numbers[i]) {
                return HTTPA_ERR_HEAD;
            }
        }
    }
    return HTTPA_OK;
}

enum httpa_err httpa_bases_supersede(struct httpa_bases *t,
                                     const struct httpa_accepted *a,
                                     const uint64_t *numbers, size_t count)
{
    struct stripe *s = &t->stripes[a->base->stripe];
    enum httpa_err err = check_superseded(a, numbers, count);
    if (err != HTTPA_OK) {
        return err;
    }
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < count; i++) {
        if (httpa_window_used(&a->base->window, numbers[i])) {
            err = HTTPA_ERR_SEEN;
        }
    }
    for (size_t i = 0; i < count && err == HTTPA_OK; i++) {
        err = httpa_window_take(&a->base->window, numbers[i]);
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

bool httpa_bases_try(struct httpa_bases *t, const struct httpa_accepted *a)
{
    struct stripe *s = &t->stripes[a->base->stripe];
    pthread_mutex_lock(&s->lock);
    bool left = a->base->tries < HTTPA_LIMIT_TRIES;
    if (left) {
        a->base->tries++;
    }
    pthread_mutex_unlock(&s->lock);
    return left;
}

void httpa_bases_touch(struct httpa_bases *t, const struct httpa_accepted *a,
                       int64_t now_s)
{
    struct stripe *s = &t->stripes[a->base->stripe];
    pthread_mutex_lock(&s->lock);
    a->base->used_s = now_s > a->base->used_s ? now_s : a->base->used_s;
    pthread_mutex_unlock(&s->lock);
}

void httpa_bases_close(struct httpa_bases *t, const struct httpa_accepted *a)
{
    struct stripe *s = &t->stripes[a->base->stripe];
    pthread_mutex_lock(&s->lock);
    if (a->base->state != HTTPA_BASE_CLOSING) {
        end(t, s, a->base);
    }
    pthread_mutex_unlock(&s->lock);
}

/* ---- all of them ------------------------------------------------------ */

void httpa_bases_drain(struct httpa_bases *t, int64_t now_s, int64_t grace_s)
{
    for (size_t i = 0; i < STRIPES; i++) {
        struct stripe *s = &t->stripes[i];
        pthread_mutex_lock(&s->lock);
        for (size_t k = 0; k < s->bucket_count; k++) {
            for (struct httpa_base *b = s->buckets[k]; b != NULL;
                 b = b->next) {
                httpa_base_shorten(b, now_s, grace_s);
            }
        }
        pthread_mutex_unlock(&s->lock);
    }
}

static size_t sweep_stripe(struct httpa_bases *t, struct stripe *s,
                           int64_t now_s)
{
    size_t gone = 0;
    for (size_t k = 0; k < s->bucket_count; k++) {
        struct httpa_base *b = s->buckets[k];
        while (b != NULL) {
            struct httpa_base *next = b->next;
            if (over(b, now_s)) {
                end(t, s, b);
                gone++;
            }
            b = next;
        }
    }
    return gone;
}

size_t httpa_bases_sweep(struct httpa_bases *t, int64_t now_s)
{
    size_t gone = 0;
    unsigned turn = atomic_fetch_add(&t->next_sweep, 1) % SWEEPS;
    for (size_t i = turn; i < STRIPES; i += SWEEPS) {
        struct stripe *s = &t->stripes[i];
        pthread_mutex_lock(&s->lock);
        gone += sweep_stripe(t, s, now_s);
        pthread_mutex_unlock(&s->lock);
    }
    return gone;
}

struct httpa_bases_count httpa_bases_count(struct httpa_bases *t)
{
    return (struct httpa_bases_count){
        .all = atomic_load(&t->all),
        .unconfirmed = atomic_load(&t->unconfirmed),
    };
}
