#include "gateway/quoter.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/log.h"
#include "gateway/quiet.h"

#define CREDENTIAL_MAX 4096u
/* Evidence that fails is said once in so many seconds. */
#define COMPLAIN_S 10

struct httpa_quoter_job {
    struct httpa_quoter_job *next;
    struct httpa_quoter *quoter;
    struct httpa_loop *loop;
    httpa_quoter_fn done;
    void *arg;
    _Atomic bool cancelled;
    bool activates;
    uint8_t rd[HTTPA_RD_LEN];
    struct httpa_buf credential;
    struct httpa_buf value;
    enum httpa_err err;
};

struct httpa_quoter {
    struct httpa_attester *attester;
    struct httpa_metrics *metrics;
    size_t waiting_max;
    uv_thread_t thread;
    uv_mutex_t lock; /* of the queue, |ends|, |endorsements|, |evidence| */
    uv_cond_t wake;
    struct httpa_quoter_job *first;
    struct httpa_quoter_job **last;
    bool ends;
    struct httpa_buf endorsements; /* PEM, of the last quote */
    struct httpa_buf evidence;     /* the last quote, when it |keeps| them */
    bool keeps;
    _Atomic size_t waiting;
    _Atomic uint64_t usual_us; /* of a quote, smoothed */
    _Atomic int64_t last_ok_s;
    int64_t complained_s; /* the quoter's thread only */
};

static void free_job(struct httpa_quoter_job *job)
{
    httpa_buf_done(&job->credential);
    httpa_buf_done(&job->value);
    free(job);
}

/* On the loop that asked. */
static void give_back(void *arg)
{
    struct httpa_quoter_job *job = arg;
    atomic_fetch_sub(&job->quoter->waiting, 1);
    if (!atomic_load(&job->cancelled)) {
        job->done(job->arg, job->err, httpa_buf_slice(&job->value));
    }
    free_job(job);
}

static void complain(struct httpa_quoter *q, const char *what, const char *text)
{
    int64_t now_s = (int64_t)time(NULL);
    if (now_s - q->complained_s >= COMPLAIN_S) {
        q->complained_s = now_s;
        httpa_log_say("tee: %s failed: %s", what, text);
    }
}

/* They may have changed with any quote.  Without them handshakes go on: a
 * client may have its own, and says so when it has not. */
static void refresh(struct httpa_quoter *q)
{
    struct httpa_attest_diag diag = { "" };
    struct httpa_buf pem = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_buf old;
    if (q->attester->endorsements == NULL) {
        return;
    }
    if (q->attester->endorsements(q->attester, &pem, &diag) != HTTPA_OK) {
        complain(q, "reading certificates", diag.text);
        httpa_buf_reset(&pem);
    }
    uv_mutex_lock(&q->lock);
    old = q->endorsements;
    q->endorsements = pem;
    uv_mutex_unlock(&q->lock);
    httpa_buf_done(&old);
}

enum httpa_err
httpa_quoter_endorsements(struct httpa_quoter *q, struct httpa_buf *ret_pem)
{
    uv_mutex_lock(&q->lock);
    httpa_buf_put_slice(ret_pem, httpa_buf_slice(&q->endorsements));
    uv_mutex_unlock(&q->lock);
    return httpa_buf_check(ret_pem);
}

/* Without memory the one before stays. */
static void keep(struct httpa_quoter *q, struct httpa_slice value)
{
    struct httpa_buf fresh = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_buf old = fresh;
    if (!q->keeps) {
        return;
    }
    httpa_buf_put_slice(&fresh, value);
    if (!fresh.failed) {
        uv_mutex_lock(&q->lock);
        old = q->evidence;
        q->evidence = fresh;
        uv_mutex_unlock(&q->lock);
        httpa_buf_done(&old);
    } else {
        httpa_buf_done(&fresh);
    }
}

enum httpa_err
httpa_quoter_evidence(struct httpa_quoter *q, struct httpa_buf *ret)
{
    uv_mutex_lock(&q->lock);
    enum httpa_err err = q->evidence.n > 0 ? HTTPA_OK : HTTPA_ERR_MISSING;
    httpa_buf_put_slice(ret, httpa_buf_slice(&q->evidence));
    uv_mutex_unlock(&q->lock);
    return err == HTTPA_OK ? httpa_buf_check(ret) : err;
}

static void make_first(struct httpa_quoter *q)
{
    static const uint8_t zeros[HTTPA_RD_LEN];
    struct httpa_attest_diag diag = { "" };
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    if (q->keeps) {
        if (q->attester->quote(q->attester, zeros, &value, &diag) == HTTPA_OK) {
            keep(q, httpa_buf_slice(&value));
        } else {
            complain(q, "a quote", diag.text);
        }
    }
    httpa_buf_done(&value);
    refresh(q);
}

static void quote(struct httpa_quoter *q, struct httpa_quoter_job *job)
{
    struct httpa_attest_diag diag = { "" };
    uint64_t start_ns = uv_hrtime();
    job->err = q->attester->quote(q->attester, job->rd, &job->value, &diag);
    uint64_t took_us = (uv_hrtime() - start_ns) / 1000;
    httpa_metrics_quote(q->metrics, took_us, job->err == HTTPA_OK);
    if (job->err != HTTPA_OK) {
        complain(q, "a quote", diag.text);
        return;
    }
    keep(q, httpa_buf_slice(&job->value));
    refresh(q);
    uint64_t usual_us = atomic_load(&q->usual_us);
    atomic_store(&q->usual_us, usual_us - usual_us / 8 + took_us / 8);
    atomic_store(&q->last_ok_s, (int64_t)time(NULL));
}

static void activate(struct httpa_quoter *q, struct httpa_quoter_job *job)
{
    struct httpa_attest_diag diag = { "" };
    job->err = q->attester->activate(
        q->attester, httpa_buf_slice(&job->credential), &job->value, &diag);
    if (job->err == HTTPA_ERR_DEVICE) {
        complain(q, "an activation", diag.text);
    }
}

static void work(struct httpa_quoter *q, struct httpa_quoter_job *job)
{
    if (atomic_load(&job->cancelled)) {
        job->err = HTTPA_ERR_ABORTED;
    } else if (job->activates) {
        activate(q, job);
    } else {
        quote(q, job);
    }
    /* Without memory for the message: later; there is no other way back. */
    while (httpa_loop_post(job->loop, give_back, job) != HTTPA_OK) {
        uv_sleep(50);
    }
}

static struct httpa_quoter_job *take(struct httpa_quoter *q)
{
    uv_mutex_lock(&q->lock);
    while (q->first == NULL && !q->ends) {
        uv_cond_wait(&q->wake, &q->lock);
    }
    struct httpa_quoter_job *job = q->first;
    if (job != NULL) {
        q->first = job->next;
        q->last = q->first == NULL ? &q->first : q->last;
    }
    uv_mutex_unlock(&q->lock);
    return job;
}

static void run(void *arg)
{
    struct httpa_quoter *q = arg;
    for (struct httpa_quoter_job *job = take(q); job != NULL; job = take(q)) {
        work(q, job);
    }
}

enum httpa_err
httpa_quoter_new(struct httpa_attester *attester, size_t waiting_max,
                 bool keeps, struct httpa_metrics *metrics,
                 struct httpa_quoter **ret)
{
    struct httpa_quoter *q = calloc(1, sizeof(*q));
    if (q == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    q->attester = attester;
    q->metrics = metrics;
    q->waiting_max = waiting_max;
    q->last = &q->first;
    q->endorsements = httpa_buf_growing(0);
    q->evidence = httpa_buf_growing(0);
    q->keeps = keeps;
    atomic_store(&q->last_ok_s, (int64_t)time(NULL)); /* opening made one */
    if (uv_mutex_init(&q->lock) != 0) {
        free(q);
        return HTTPA_ERR_MEMORY;
    }
    if (uv_cond_init(&q->wake) != 0) {
        uv_mutex_destroy(&q->lock);
        free(q);
        return HTTPA_ERR_MEMORY;
    }
    make_first(q);
    if (httpa_quiet_thread(&q->thread, run, q) != HTTPA_OK) {
        httpa_buf_done(&q->endorsements);
        httpa_buf_done(&q->evidence);
        uv_cond_destroy(&q->wake);
        uv_mutex_destroy(&q->lock);
        free(q);
        return HTTPA_ERR_MEMORY;
    }
    *ret = q;
    return HTTPA_OK;
}

void httpa_quoter_free(struct httpa_quoter *q)
{
    if (q == NULL) {
        return;
    }
    uv_mutex_lock(&q->lock);
    q->ends = true;
    uv_cond_signal(&q->wake);
    uv_mutex_unlock(&q->lock);
    uv_thread_join(&q->thread);
    uv_cond_destroy(&q->wake);
    uv_mutex_destroy(&q->lock);
    httpa_buf_done(&q->endorsements);
    httpa_buf_done(&q->evidence);
    free(q);
}

static void add(struct httpa_quoter *q, struct httpa_quoter_job *job)
{
    uv_mutex_lock(&q->lock);
    *q->last = job;
    q->last = &job->next;
    uv_cond_signal(&q->wake);
    uv_mutex_unlock(&q->lock);
}

static enum httpa_err ask(struct httpa_quoter *q, struct httpa_loop *loop,
                          httpa_quoter_fn done, void *arg,
                          struct httpa_quoter_job **ret)
{
    if (atomic_fetch_add(&q->waiting, 1) >= q->waiting_max) {
        atomic_fetch_sub(&q->waiting, 1);
        return HTTPA_ERR_BUSY;
    }
    struct httpa_quoter_job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        atomic_fetch_sub(&q->waiting, 1);
        return HTTPA_ERR_MEMORY;
    }
    job->quoter = q;
    job->loop = loop;
    job->done = done;
    job->arg = arg;
    job->value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    *ret = job;
    return HTTPA_OK;
}

enum httpa_err
httpa_quoter_quote(struct httpa_quoter *q, struct httpa_loop *loop,
                   const uint8_t rd[HTTPA_RD_LEN], httpa_quoter_fn done,
                   void *arg, struct httpa_quoter_job **ret_job)
{
    struct httpa_quoter_job *job;
    enum httpa_err err = ask(q, loop, done, arg, &job);
    if (err != HTTPA_OK) {
        return err;
    }
    memcpy(job->rd, rd, HTTPA_RD_LEN);
    add(q, job);
    *ret_job = job;
    return HTTPA_OK;
}

enum httpa_err
httpa_quoter_activate(struct httpa_quoter *q, struct httpa_loop *loop,
                      struct httpa_slice credential, httpa_quoter_fn done,
                      void *arg, struct httpa_quoter_job **ret_job)
{
    struct httpa_quoter_job *job;
    if (q->attester->activate == NULL) {
        return HTTPA_ERR_KEY;
    }
    if (credential.n > CREDENTIAL_MAX) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = ask(q, loop, done, arg, &job);
    if (err != HTTPA_OK) {
        return err;
    }
    job->activates = true;
    job->credential = httpa_buf_growing(CREDENTIAL_MAX);
    httpa_buf_put_slice(&job->credential, credential);
    add(q, job);
    *ret_job = job;
    return HTTPA_OK;
}

void httpa_quoter_cancel(struct httpa_quoter_job *job)
{
    if (job != NULL) {
        atomic_store(&job->cancelled, true);
    }
}

size_t httpa_quoter_waiting(const struct httpa_quoter *q)
{
    return atomic_load(&q->waiting);
}

uint32_t httpa_quoter_retry_after_s(const struct httpa_quoter *q)
{
    uint64_t us = atomic_load(&q->usual_us) * httpa_quoter_waiting(q);
    return (uint32_t)(us / 1000000 + 1 < 60 ? us / 1000000 + 1 : 60);
}

int64_t httpa_quoter_last_ok_s(const struct httpa_quoter *q)
{
    return atomic_load(&q->last_ok_s);
}

const char *httpa_quoter_media_type(const struct httpa_quoter *q)
{
    return q->attester->media_type;
}
