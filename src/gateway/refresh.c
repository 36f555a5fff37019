#include "gateway/refresh.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/foresee.h"
#include "gateway/log.h"
#include "gateway/quiet.h"

/* A start waits so long for what is missing; a round may take longer. */
#define START_MS 20000u
#define ROUND_MS 300000u

/* How often the thread looks whether our evidence needs something else. */
#define LOOK_NS UINT64_C(5000000000)

/* Rounds that somebody asks for are at least so far apart. */
#define GAP_NS UINT64_C(2000000000)

struct httpa_refresh {
    struct httpa_refresh_config config;
    uv_thread_t thread;
    bool runs;
    uv_mutex_t lock; /* of |wanted| and |ends| */
    uv_cond_t wake;
    bool wanted;
    bool ends;
    _Atomic bool stop; /* as |ends|, for libcurl */
    _Atomic int64_t last_ok_s;
    _Atomic int64_t last_failure_s;
    _Atomic uint64_t failures;
    _Atomic int64_t refused_from_s;

    /* One thread's: who makes it, then |thread|. */
    struct httpa_buf evidence;
    struct httpa_collateral_needs *needs; /* of it */
    struct httpa_collateral_diag said;
    struct httpa_foresee foresight;
    uint64_t next_ns; /* of uv_hrtime */
    uint64_t ended_ns;
    unsigned tries; /* rounds that failed since one did not */
    size_t failed;  /* documents of this round */
    struct httpa_collateral_diag why; /* the first of them */
    bool changed;
};

/* ---- what is needed ---- */

static struct httpa_evidence own(const struct httpa_refresh *r,
                                 const struct httpa_buf *value)
{
    return (struct httpa_evidence){
        .media_type =
            httpa_slice_str(httpa_quoter_media_type(r->config.quoter)),
        .value = httpa_buf_slice(value),
    };
}

static bool same_files(const struct httpa_collateral_needs *a,
                       const struct httpa_collateral_needs *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) {
        same = strcmp(a->v[i].file, b->v[i].file) == 0;
    }
    return same;
}

/* A reason is said when it is another one than before. */
static void say_once(struct httpa_refresh *r,
                     const struct httpa_collateral_diag *diag)
{
    if (strcmp(r->said.text, diag->text) != 0) {
        r->said = *diag;
        httpa_log_say("WARNING: collateral: nothing can be fetched: %s",
                      diag->text);
    }
}

/* Takes |value|, which is ours from now on, and what it needs. */
static bool
take(struct httpa_refresh *r, struct httpa_buf *value,
     struct httpa_collateral_needs *needs)
{
    struct httpa_collateral_diag diag;
    const struct httpa_evidence evidence = own(r, value);
    if (httpa_collateral_need(r->config.crypto, &evidence, needs, &diag) !=
        HTTPA_OK) {
        needs->n = 0;
        say_once(r, &diag);
    }
    bool others = !same_files(needs, r->needs);
    httpa_buf_done(&r->evidence);
    free(r->needs);
    r->evidence = *value;
    r->needs = needs;
    return others;
}

/* Looks at the last quote; whether it needs other documents. */
static bool renew_needs(struct httpa_refresh *r)
{
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_collateral_needs *needs = NULL;
    if (httpa_quoter_evidence(r->config.quoter, &value) == HTTPA_OK &&
        !httpa_slice_equal(httpa_buf_slice(&value),
                           httpa_buf_slice(&r->evidence))) {
        needs = calloc(1, sizeof(*needs));
    }
    if (needs == NULL) {
        httpa_buf_done(&value);
        return false;
    }
    return take(r, &value, needs);
}

/* ---- a round ---- */

static void
got(void *ctx, const struct httpa_collateral_need *need,
    enum httpa_collateral_got how)
{
    struct httpa_refresh *r = ctx;
    if (how == HTTPA_COLLATERAL_NEW) {
        httpa_log_say("collateral: a new %s", need->file);
        r->changed = true;
    } else if (how == HTTPA_COLLATERAL_NEWER_THERE) {
        httpa_log_say("WARNING: collateral: %s: what came is older than what "
                      "is there, or has lapsed",
                      need->file);
    }
}

static void failed(void *ctx, const char *why)
{
    struct httpa_refresh *r = ctx;
    if (r->failed++ == 0) {
        httpa_collateral_say(&r->why, "%s", why);
    }
}

static struct httpa_collateral_fetch
fetch_of(const struct httpa_refresh *r, uint64_t total_ms)
{
    struct httpa_collateral_fetch f = {
        .crypto = r->config.crypto,
        .dir = r->config.dir,
        .now_s = (int64_t)time(NULL),
        .cacert = r->config.cacert,
        .total_ms = total_ms,
        .stop = &r->stop,
    };
    memcpy(f.bases, r->config.bases, sizeof(f.bases));
    return f;
}

/* Part of |ms|: three quarters to all, so that a fleet which started together
 * does not ask together. */
static uint64_t jitter(uint64_t ms)
{
    uint32_t any = 0;
    (void)uv_random(NULL, NULL, &any, sizeof(any), 0, NULL);
    return ms - ms / 4 * (any % 1024) / 1024;
}

/* The first end of a document that is needed; 0: one is not there. */
static int64_t first_lapse_s(const struct httpa_refresh *r,
                             const struct httpa_collateral_fetch *f)
{
    int64_t first_s = INT64_MAX;
    for (size_t i = 0; i < r->needs->n; i++) {
        struct httpa_collateral_facts facts;
        if (r->needs->v[i].guess) {
            continue;
        }
        if (!httpa_collateral_fetch_has(f, &r->needs->v[i], &facts)) {
            if (r->needs->v[i].optional) {
                continue;
            }
            return 0;
        }
        first_s = facts.lapses_s < first_s ? facts.lapses_s : first_s;
    }
    return first_s;
}

/* A third of what is left, so that two more rounds can fail. */
static uint64_t after_success_ms(const struct httpa_refresh *r,
                                 const struct httpa_collateral_fetch *f)
{
    uint64_t every_ms = (uint64_t)r->config.every_s * 1000;
    int64_t lapse_s = first_lapse_s(r, f);
    int64_t left_s = lapse_s > f->now_s ? lapse_s - f->now_s : 0;
    uint64_t third_ms = left_s < INT32_MAX ? (uint64_t)left_s * 1000 / 3
                                           : UINT64_MAX;
    uint64_t least_ms = every_ms / 96 > 1000 ? every_ms / 96 : 1000;
    uint64_t ms = third_ms < every_ms ? third_ms : every_ms;
    return ms > least_ms ? ms : least_ms;
}

/* A minute, of a day, then twice as long, up to a quarter; later when a
 * service wants that. */
static uint64_t
after_failure_ms(const struct httpa_refresh *r, int64_t retry_after_s)
{
    uint64_t every_ms = (uint64_t)r->config.every_s * 1000;
    uint64_t ms = every_ms / 1440 > 1000 ? every_ms / 1440 : 1000;
    uint64_t asked_ms =
        retry_after_s > 0 ? (uint64_t)retry_after_s * 1000 : 0;
    ms = ms << (r->tries < 10 ? r->tries : 10);
    ms = ms < every_ms / 4 ? ms : every_ms / 4;
    ms = ms > asked_ms ? ms : asked_ms;
    return ms < every_ms ? ms : every_ms;
}

static void set_next(struct httpa_refresh *r, uint64_t ms)
{
    r->ended_ns = uv_hrtime();
    r->next_ns = r->ended_ns + ms * 1000000;
}

static void end_well(struct httpa_refresh *r, struct httpa_collateral_fetch *f)
{
    if (r->tries > 0) {
        httpa_log_say("collateral: all of it could be fetched again");
    }
    r->tries = 0;
    atomic_store(&r->last_ok_s, (int64_t)time(NULL));
    set_next(r, jitter(after_success_ms(r, f)));
}

static void end_badly(struct httpa_refresh *r, int64_t retry_after_s)
{
    uint64_t ms = after_failure_ms(r, retry_after_s);
    ms += jitter(ms) / 4;
    r->tries++;
    atomic_store(&r->last_failure_s, (int64_t)time(NULL));
    atomic_fetch_add(&r->failures, 1);
    set_next(r, ms);
    httpa_log_say("WARNING: collateral: %zu document%s could not be fetched; "
                  "again in %llu s; what is there stays; the first: %s",
                  r->failed, r->failed == 1 ? "" : "s",
                  (unsigned long long)(ms + 999) / 1000, r->why.text);
}

static void foresee(struct httpa_refresh *r, struct httpa_collateral_fetch *f,
                    bool asks)
{
    const struct httpa_evidence evidence = own(r, &r->evidence);
    const struct httpa_foresee_in in = { .fetch = f,
                                         .needs = r->needs,
                                         .evidence = &evidence,
                                         .quoter = r->config.quoter,
                                         .asks = asks };
    httpa_foresee_look(&r->foresight, &in);
    atomic_store(&r->refused_from_s, r->foresight.refused_from_s);
}

static void run_round(struct httpa_refresh *r, uint64_t total_ms)
{
    const struct httpa_collateral_listener to = { got, failed, r };
    struct httpa_collateral_fetch f = fetch_of(r, total_ms);
    struct httpa_collateral_diag diag;
    bool all = false;
    r->failed = 0;
    r->changed = false;
    if (httpa_collateral_fetch_start(&f, &diag) == HTTPA_OK) {
        all = httpa_collateral_fetch_all(&f, r->needs, &to);
    } else {
        failed(r, diag.text);
    }
    if (r->changed && r->runs) {
        r->config.changed(r->config.ctx);
    }
    if (atomic_load(&r->stop)) {
        return;
    }
    if (all) {
        end_well(r, &f);
    } else {
        end_badly(r, f.retry_after_s);
    }
    foresee(r, &f, true);
}

/* ---- the thread ---- */

/* When the next round is; one that somebody asked for keeps its distance. */
static uint64_t due_ns(const struct httpa_refresh *r)
{
    uint64_t soon_ns = r->ended_ns + GAP_NS;
    return r->wanted && soon_ns < r->next_ns ? soon_ns : r->next_ns;
}

/* Waits for a while, and says whether a round is due; false: the end. */
static bool wait_for_work(struct httpa_refresh *r, bool *ret_due)
{
    uv_mutex_lock(&r->lock);
    uint64_t now_ns = uv_hrtime();
    uint64_t left_ns = due_ns(r) > now_ns ? due_ns(r) - now_ns : 0;
    if (!r->ends && left_ns > 0) {
        (void)uv_cond_timedwait(&r->wake, &r->lock,
                                left_ns < LOOK_NS ? left_ns : LOOK_NS);
    }
    *ret_due = uv_hrtime() >= due_ns(r);
    r->wanted = r->wanted && !*ret_due;
    bool goes_on = !r->ends;
    uv_mutex_unlock(&r->lock);
    return goes_on;
}

static void run(void *arg)
{
    struct httpa_refresh *r = arg;
    bool due = false;
    while (wait_for_work(r, &due)) {
        bool others = renew_needs(r);
        if (r->needs->n == 0) {
            set_next(r, LOOK_NS / 1000000);
        } else if (due || others) {
            run_round(r, ROUND_MS);
        }
    }
}

/* ---- life ---- */

/* Whether the folder makes do: then nobody is asked before it is time.  Of
 * guesses one is enough. */
static bool is_warm(const struct httpa_refresh *r,
                    const struct httpa_collateral_fetch *f)
{
    bool guesses = false;
    bool guessed = false;
    bool all = true;
    for (size_t i = 0; i < r->needs->n; i++) {
        struct httpa_collateral_facts facts;
        bool has = httpa_collateral_fetch_has(f, &r->needs->v[i], &facts);
        guesses = guesses || r->needs->v[i].guess;
        guessed = guessed || (has && r->needs->v[i].guess);
        all = all && (has || r->needs->v[i].guess || r->needs->v[i].optional);
    }
    return all && (guessed || !guesses);
}

/* A round soon, after a part of the usual time: who restarts often would
 * never have one, and many restart together. */
static void begin(struct httpa_refresh *r, struct httpa_collateral_fetch *f)
{
    uint64_t soon_ms = (uint64_t)r->config.every_s * 1000 / 24;
    if (r->needs->n == 0) {
        set_next(r, soon_ms);
    } else if (is_warm(r, f)) {
        httpa_log_say("collateral: what our evidence needs is there");
        set_next(r, jitter(soon_ms));
        foresee(r, f, false);
    } else {
        httpa_log_say("collateral: fetching what is missing, for at most "
                      "%u s",
                      START_MS / 1000);
        run_round(r, START_MS);
    }
}

static enum httpa_err prepare(struct httpa_refresh *r)
{
    struct httpa_collateral_fetch f = fetch_of(r, START_MS);
    struct httpa_collateral_diag diag;
    r->needs = calloc(1, sizeof(*r->needs));
    if (r->needs == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    if (httpa_collateral_fetch_start(&f, &diag) != HTTPA_OK) {
        httpa_log_say("--collateral-fetch: %s", diag.text);
        return HTTPA_ERR_CONFIG;
    }
    (void)renew_needs(r);
    begin(r, &f);
    return HTTPA_OK;
}

enum httpa_err httpa_refresh_new(const struct httpa_refresh_config *config,
                                 struct httpa_refresh **ret)
{
    struct httpa_refresh *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    r->config = *config;
    r->evidence = httpa_buf_growing(0);
    if (uv_mutex_init(&r->lock) != 0) {
        free(r);
        return HTTPA_ERR_MEMORY;
    }
    if (uv_cond_init(&r->wake) != 0) {
        uv_mutex_destroy(&r->lock);
        free(r);
        return HTTPA_ERR_MEMORY;
    }
    enum httpa_err err = prepare(r);
    if (err != HTTPA_OK) {
        httpa_refresh_free(r);
        return err;
    }
    *ret = r;
    return HTTPA_OK;
}

enum httpa_err httpa_refresh_start(struct httpa_refresh *r)
{
    r->runs = true; /* before there is a thread that reads it */
    enum httpa_err err = httpa_quiet_thread(&r->thread, run, r);
    if (err != HTTPA_OK) {
        r->runs = false;
    }
    return err;
}

void httpa_refresh_free(struct httpa_refresh *r)
{
    if (r == NULL) {
        return;
    }
    atomic_store(&r->stop, true);
    uv_mutex_lock(&r->lock);
    r->ends = true;
    uv_cond_signal(&r->wake);
    uv_mutex_unlock(&r->lock);
    if (r->runs) {
        uv_thread_join(&r->thread);
    }
    uv_cond_destroy(&r->wake);
    uv_mutex_destroy(&r->lock);
    httpa_buf_done(&r->evidence);
    free(r->needs);
    free(r);
}

void httpa_refresh_now(struct httpa_refresh *r)
{
    if (r != NULL) {
        uv_mutex_lock(&r->lock);
        r->wanted = true;
        uv_cond_signal(&r->wake);
        uv_mutex_unlock(&r->lock);
    }
}

struct httpa_refresh_facts httpa_refresh_facts(const struct httpa_refresh *r)
{
    struct httpa_refresh_facts facts = { 0 };
    if (r != NULL) {
        facts.last_ok_s = atomic_load(&r->last_ok_s);
        facts.last_failure_s = atomic_load(&r->last_failure_s);
        facts.failures = atomic_load(&r->failures);
        facts.refused_from_s = atomic_load(&r->refused_from_s);
    }
    return facts;
}
