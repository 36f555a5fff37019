#include <string.h>

#include "codec/cmw.h"
#include "collateral/fetch.h"
#include "evidence/intel/collateral.h"

/* A chip that was looked for in several lines: its name behind the line's. */
static bool same_chip(const struct httpa_collateral_need *a,
                      const struct httpa_collateral_need *b)
{
    const char *x = strchr(a->file, '-');
    const char *y = strchr(b->file, '-');
    return a->guess && b->guess && x != NULL && y != NULL && strcmp(x, y) == 0;
}

/* Whether another line has the chip that |i| did not have. */
static bool is_elsewhere(const struct httpa_collateral_needs *needs,
                         const bool *got, size_t i)
{
    for (size_t k = 0; k < needs->n; k++) {
        if (got[k] && same_chip(&needs->v[i], &needs->v[k])) {
            return true;
        }
    }
    return false;
}

/* Of guesses, whether one was right. */
static bool look_at_guesses(const struct httpa_collateral_needs *needs,
                            const bool *got,
                            const struct httpa_collateral_listener *to)
{
    struct httpa_collateral_diag diag;
    bool all = true;
    for (size_t i = 0; i < needs->n; i++) {
        if (!got[i] && needs->v[i].guess && !is_elsewhere(needs, got, i)) {
            httpa_collateral_say(&diag, "%s: not to be had", needs->v[i].file);
            to->failed(to->ctx, diag.text);
            all = false;
        }
    }
    return all;
}

bool httpa_collateral_fetch_all(struct httpa_collateral_fetch *f,
                                const struct httpa_collateral_needs *needs,
                                const struct httpa_collateral_listener *to)
{
    bool got[HTTPA_COLLATERAL_NEEDS_MAX] = { false };
    struct httpa_collateral_diag diag;
    bool all = true;
    for (size_t i = 0; i < needs->n; i++) {
        const struct httpa_collateral_need *need = &needs->v[i];
        enum httpa_collateral_got how;
        enum httpa_err err = httpa_collateral_fetch_one(f, need, &how, &diag);
        got[i] = err == HTTPA_OK;
        if (got[i]) {
            to->got(to->ctx, need, how);
        } else if (err == HTTPA_ERR_ABORTED) {
            return false;
        } else if (err != HTTPA_ERR_MISSING || !need->guess) {
            to->failed(to->ctx, diag.text);
            all = all && need->optional && err == HTTPA_ERR_MISSING;
        }
    }
    return look_at_guesses(needs, got, to) && all;
}

/* ---- what comes next ---- */

static bool is_evaluated(const struct httpa_endorsement *e)
{
    static const char *const types[] = {
        HTTPA_INTEL_TYPE_TCB_INFO, HTTPA_INTEL_TYPE_TCB_CHAIN,
        HTTPA_INTEL_TYPE_QE_IDENTITY, HTTPA_INTEL_TYPE_QE_CHAIN
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (httpa_cmw_is_type(e->media_type, types[i])) {
            return true;
        }
    }
    return false;
}

/* Adds the early form of |need|, and says when it was issued. */
static enum httpa_err add_early(struct httpa_collateral_fetch *f,
                                const struct httpa_collateral_need *need,
                                struct httpa_collateral *c,
                                int64_t *ret_issued_s,
                                struct httpa_collateral_diag *diag)
{
    struct httpa_collateral_facts facts;
    struct httpa_buf file = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    enum httpa_err err = httpa_collateral_fetch_early(f, need, &file, diag);
    if (err == HTTPA_OK) {
        err = httpa_collateral_add(c, need->file,
                                   httpa_collateral_type(need->file),
                                   httpa_buf_slice(&file));
    }
    httpa_buf_done(&file);
    if (err == HTTPA_OK) {
        err = httpa_collateral_look(f->crypto, &c->v[c->n - 1], &facts);
    }
    if (err == HTTPA_OK) {
        *ret_issued_s = facts.issued_s;
    }
    return err;
}

enum httpa_err
httpa_collateral_fetch_next(struct httpa_collateral_fetch *f,
                            const struct httpa_collateral_needs *needs,
                            struct httpa_collateral *c, int64_t *ret_issued_s,
                            struct httpa_collateral_diag *diag)
{
    enum httpa_err err = HTTPA_ERR_UNSUPPORTED;
    for (size_t i = c->n; i-- > 0;) {
        if (is_evaluated(&c->v[i])) {
            httpa_collateral_drop(c, i);
        }
    }
    for (size_t i = 0; i < needs->n; i++) {
        if (needs->v[i].document == HTTPA_COLLATERAL_INTEL_INFO ||
            needs->v[i].document == HTTPA_COLLATERAL_INTEL_IDENTITY) {
            err = add_early(f, &needs->v[i], c, ret_issued_s, diag);
        }
        if (err != HTTPA_OK && err != HTTPA_ERR_UNSUPPORTED) {
            return err;
        }
    }
    return err;
}
