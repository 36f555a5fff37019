#include "gateway/collateral.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "codec/time.h"
#include "collateral/facts.h"
#include "collateral/pick.h"
#include "gateway/log.h"
#include "gateway/quiet.h"
#include "gateway/state.h"

#define LOOK_NS UINT64_C(5000000000)
#define DAY_S 86400

struct httpa_gateway_collateral {
    struct httpa_gateway_collateral_config config;
    uv_thread_t thread;
    uv_mutex_t lock; /* of |pieces|, |ends| and |wanted| */
    uv_cond_t wake;
    struct httpa_gateway_pieces *pieces;
    bool ends;
    bool wanted; /* a look, at once */
    /* The thread's alone: */
    int64_t warned_s;
    struct httpa_collateral_diag said;
};

/* ---- reading ---- */

/* Lists and documents are issued every month; certificates are of any age. */
static void note(struct httpa_gateway_pieces *p, size_t i,
                 const struct httpa_collateral_facts *facts)
{
    bool dated = strcmp(facts->kind, "certificate") != 0 &&
                 strstr(facts->kind, "chain") == NULL && facts->issued_s != 0;
    if (dated && (p->issued_s == 0 || facts->issued_s < p->issued_s)) {
        p->issued_s = facts->issued_s;
    }
    if (facts->lapses_s != 0 &&
        (p->lapses_s == 0 || facts->lapses_s < p->lapses_s)) {
        p->lapses_s = facts->lapses_s;
        memcpy(p->first, p->all.names[i], sizeof(p->first));
    }
}

/* Leaves out what is damaged: a client could do nothing with it. */
static void drop_damaged(const struct httpa_gateway_collateral *c,
                         struct httpa_gateway_pieces *p)
{
    struct httpa_collateral_facts facts;
    for (size_t i = p->all.n; i-- > 0;) {
        if (httpa_collateral_look(c->config.crypto, &p->all.v[i], &facts) !=
            HTTPA_OK) {
            if (p->damaged++ == 0) { /* from the end on */
                memcpy(p->bad, p->all.names[i], sizeof(p->bad));
            }
            httpa_collateral_drop(&p->all, i);
        }
    }
}

/* Of what is left, as much as a handshake takes. */
static void
pick(const struct httpa_gateway_collateral *c, struct httpa_gateway_pieces *p)
{
    struct httpa_collateral_picked picked = {
        .pieces_max = c->config.pieces_max, .bytes_max = c->config.bytes_max
    };
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    bool known = httpa_quoter_evidence(c->config.quoter, &value) == HTTPA_OK;
    const struct httpa_evidence evidence = {
        .media_type =
            httpa_slice_str(httpa_quoter_media_type(c->config.quoter)),
        .value = httpa_buf_slice(&value),
    };
    httpa_collateral_pick(c->config.crypto, &evidence, known ? 1 : 0, &p->all,
                          &picked);
    httpa_buf_done(&value);
    p->foreign = picked.foreign;
    p->cut = picked.cut;
    memcpy(p->missed, picked.last, sizeof(p->missed));
}

static void note_all(const struct httpa_gateway_collateral *c,
                     struct httpa_gateway_pieces *p)
{
    struct httpa_collateral_facts facts;
    for (size_t i = 0; i < p->all.n; i++) {
        if (httpa_collateral_look(c->config.crypto, &p->all.v[i], &facts) ==
            HTTPA_OK) {
            note(p, i, &facts);
        }
    }
}

static enum httpa_err read_folder(const struct httpa_gateway_collateral *c,
                                  struct httpa_gateway_pieces **ret,
                                  struct httpa_collateral_diag *diag)
{
    struct httpa_gateway_pieces *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        httpa_collateral_say(diag, "out of memory");
        return HTTPA_ERR_MEMORY;
    }
    atomic_store(&p->holders, 1);
    enum httpa_err err = httpa_collateral_read(c->config.dir, &p->all, diag);
    if (err != HTTPA_OK) {
        httpa_gateway_pieces_release(p);
        return err;
    }
    drop_damaged(c, p);
    pick(c, p);
    note_all(c, p);
    *ret = p;
    return HTTPA_OK;
}

/* ---- telling ---- */

static void say_lapse(const struct httpa_gateway_collateral *c,
                      const struct httpa_gateway_pieces *p, int64_t now_s)
{
    char when[HTTPA_TIME_RFC3339_LEN + 1] = "";
    struct httpa_buf text = httpa_buf_fixed((uint8_t *)when, sizeof(when) - 1);
    httpa_time_write_rfc3339(&text, p->lapses_s);
    httpa_log_say("WARNING: collateral: %s/%s %s %s; httpa collateral fetch "
                  "gets a new one",
                  c->config.dir, p->first,
                  p->lapses_s > now_s ? "lapses at" : "has lapsed at", when);
}

/* Once a day, from a week before the first one lapses. */
static void
warn(struct httpa_gateway_collateral *c, const struct httpa_gateway_pieces *p)
{
    int64_t now_s = httpa_gate_now_s();
    if (p->lapses_s != 0 &&
        p->lapses_s - now_s < HTTPA_GATEWAY_COLLATERAL_AHEAD_S &&
        now_s - c->warned_s >= DAY_S) {
        c->warned_s = now_s;
        say_lapse(c, p, now_s);
    }
}

static void say_pieces(struct httpa_gateway_collateral *c,
                       const struct httpa_gateway_pieces *p)
{
    httpa_log_say("collateral: %zu pieces, %zu bytes, from %s", p->all.n,
                  httpa_collateral_size(&p->all), c->config.dir);
    if (p->damaged > 0) {
        httpa_log_say("WARNING: collateral: %zu damaged and not sent, the "
                      "last one %s/%s",
                      p->damaged, c->config.dir, p->bad);
    }
    if (p->foreign > 0) {
        httpa_log_say("collateral: %zu pieces are of other platforms, or "
                      "there twice, and not sent",
                      p->foreign);
    }
    if (p->cut > 0) {
        httpa_log_say("WARNING: collateral: %zu pieces are not sent: a "
                      "handshake has room for %zu, or %zu bytes, beside our "
                      "evidence; the last one is %s/%s",
                      p->cut, c->config.pieces_max, c->config.bytes_max,
                      c->config.dir, p->missed);
    }
    c->warned_s = 0;
    warn(c, p);
}

/* ---- looking again ---- */

static bool
same(const struct httpa_collateral *a, const struct httpa_collateral *b)
{
    bool equal = a->n == b->n;
    for (size_t i = 0; equal && i < a->n; i++) {
        equal = strcmp(a->names[i], b->names[i]) == 0 &&
                httpa_slice_equal(a->v[i].value, b->v[i].value);
    }
    return equal;
}

/* A reason is said when it is another one than before. */
static void say_once(struct httpa_gateway_collateral *c,
                     const struct httpa_collateral_diag *diag)
{
    if (strcmp(c->said.text, diag->text) != 0) {
        c->said = *diag;
        httpa_log_say("collateral: %s; what was read before stays", diag->text);
    }
}

static void look_again(struct httpa_gateway_collateral *c)
{
    struct httpa_gateway_pieces *fresh;
    struct httpa_collateral_diag diag;
    if (read_folder(c, &fresh, &diag) != HTTPA_OK) {
        say_once(c, &diag);
        warn(c, c->pieces);
        return;
    }
    c->said.text[0] = '\0';
    struct httpa_gateway_pieces *old = c->pieces; /* we alone change it */
    if (fresh->damaged == old->damaged && fresh->cut == old->cut &&
        fresh->foreign == old->foreign && same(&fresh->all, &old->all)) {
        httpa_gateway_pieces_release(fresh);
        warn(c, old);
        return;
    }
    uv_mutex_lock(&c->lock);
    c->pieces = fresh;
    uv_mutex_unlock(&c->lock);
    httpa_gateway_pieces_release(old);
    say_pieces(c, fresh);
}

static void run(void *arg)
{
    struct httpa_gateway_collateral *c = arg;
    uv_mutex_lock(&c->lock);
    while (!c->ends) {
        bool late = !c->wanted && uv_cond_timedwait(&c->wake, &c->lock,
                                                    LOOK_NS) == UV_ETIMEDOUT;
        if (c->wanted || late) {
            c->wanted = false;
            uv_mutex_unlock(&c->lock);
            look_again(c);
            uv_mutex_lock(&c->lock);
        }
    }
    uv_mutex_unlock(&c->lock);
}

/* ---- life ---- */

static enum httpa_err start(struct httpa_gateway_collateral *c)
{
    if (uv_mutex_init(&c->lock) != 0) {
        return HTTPA_ERR_MEMORY;
    }
    if (uv_cond_init(&c->wake) != 0) {
        uv_mutex_destroy(&c->lock);
        return HTTPA_ERR_MEMORY;
    }
    if (httpa_quiet_thread(&c->thread, run, c) != HTTPA_OK) {
        uv_cond_destroy(&c->wake);
        uv_mutex_destroy(&c->lock);
        return HTTPA_ERR_MEMORY;
    }
    return HTTPA_OK;
}

enum httpa_err httpa_gateway_collateral_new(
    const struct httpa_gateway_collateral_config *config,
    struct httpa_gateway_collateral **ret)
{
    struct httpa_collateral_diag diag;
    struct httpa_gateway_collateral *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    c->config = *config;
    if (read_folder(c, &c->pieces, &diag) != HTTPA_OK) {
        httpa_log_say("--collateral: %s", diag.text);
        free(c);
        return HTTPA_ERR_CONFIG;
    }
    say_pieces(c, c->pieces);
    enum httpa_err err = start(c);
    if (err != HTTPA_OK) {
        httpa_gateway_pieces_release(c->pieces);
        free(c);
        return err;
    }
    *ret = c;
    return HTTPA_OK;
}

void httpa_gateway_collateral_free(struct httpa_gateway_collateral *c)
{
    if (c == NULL) {
        return;
    }
    uv_mutex_lock(&c->lock);
    c->ends = true;
    uv_cond_signal(&c->wake);
    uv_mutex_unlock(&c->lock);
    uv_thread_join(&c->thread);
    uv_cond_destroy(&c->wake);
    uv_mutex_destroy(&c->lock);
    httpa_gateway_pieces_release(c->pieces);
    free(c);
}

void httpa_gateway_collateral_look(struct httpa_gateway_collateral *c)
{
    if (c != NULL) {
        uv_mutex_lock(&c->lock);
        c->wanted = true;
        uv_cond_signal(&c->wake);
        uv_mutex_unlock(&c->lock);
    }
}

struct httpa_gateway_pieces *
httpa_gateway_collateral_hold(struct httpa_gateway_collateral *c)
{
    if (c == NULL) {
        return NULL;
    }
    uv_mutex_lock(&c->lock);
    struct httpa_gateway_pieces *p = c->pieces;
    atomic_fetch_add(&p->holders, 1);
    uv_mutex_unlock(&c->lock);
    return p;
}

void httpa_gateway_pieces_release(struct httpa_gateway_pieces *p)
{
    if (p != NULL && atomic_fetch_sub(&p->holders, 1) == 1) {
        httpa_collateral_done(&p->all);
        free(p);
    }
}

struct httpa_endorsements
httpa_gateway_pieces_endorsements(const struct httpa_gateway_pieces *p)
{
    struct httpa_endorsements e = { 0 };
    if (p != NULL) {
        e.v = p->all.v;
        e.n = p->all.n;
    }
    return e;
}
