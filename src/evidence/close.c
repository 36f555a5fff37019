/*
 * From checks to a result.  Whatever was decided on the way, a verdict never
 * says more than its checks do: a failing check refuses, an unknown one
 * leaves undecided, a warning is told.
 */
#include "evidence/verdict.h"

struct row {
    enum httpa_err err;
    enum httpa_result result;
    enum httpa_exit exit;
};

/* What is not here is refused with exit status 1. */
static const struct row rows[] = {
    { HTTPA_OK, HTTPA_RESULT_ACCEPTED, HTTPA_EXIT_DONE },
    { HTTPA_ERR_UNDECIDED, HTTPA_RESULT_UNDECIDED, HTTPA_EXIT_UNDECIDED },
    { HTTPA_ERR_EXPIRED, HTTPA_RESULT_REFUSED, HTTPA_EXIT_USAGE },
    { HTTPA_ERR_CONFIG, HTTPA_RESULT_REFUSED, HTTPA_EXIT_USAGE },
};

static struct row find(enum httpa_err err)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].err == err) {
            return rows[i];
        }
    }
    return (struct row){ err, HTTPA_RESULT_REFUSED, HTTPA_EXIT_REFUSED };
}

static const struct httpa_check *first(const struct httpa_verdict *v,
                                       size_t from, enum httpa_outcome outcome)
{
    for (size_t i = from; i < v->check_count; i++) {
        if (v->checks[i].outcome == outcome) {
            return &v->checks[i];
        }
    }
    return NULL;
}

const struct httpa_check *httpa_verdict_blame(const struct httpa_verdict *v,
                                              size_t from)
{
    const struct httpa_check *c = first(v, from, HTTPA_OUTCOME_FAIL);
    return c != NULL ? c : first(v, from, HTTPA_OUTCOME_UNKNOWN);
}

static enum httpa_err hold(const struct httpa_verdict *v, enum httpa_err err)
{
    if (v->spoilt) {
        return HTTPA_ERR_LIMIT;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    if (first(v, 0, HTTPA_OUTCOME_FAIL) != NULL) {
        return HTTPA_ERR_APPRAISAL;
    }
    if (first(v, 0, HTTPA_OUTCOME_UNKNOWN) != NULL) {
        return HTTPA_ERR_UNDECIDED;
    }
    return HTTPA_OK;
}

static struct httpa_slice str(const char *s)
{
    return s != NULL ? httpa_slice_str(s) : (struct httpa_slice){ 0 };
}

/* Text of a check that brings none: "seen X, expected Y". */
static struct httpa_slice compose(struct httpa_verdict *v,
                                  const struct httpa_check *c)
{
    if (c->text != NULL) {
        return httpa_slice_str(c->text);
    }
    uint8_t storage[512];
    struct httpa_buf b = httpa_buf_fixed(storage, sizeof(storage));
    httpa_buf_put_str(&b, c->id);
    httpa_buf_put_str(&b, ": seen ");
    httpa_value_write(&b, &c->seen);
    httpa_buf_put_str(&b, ", expected ");
    httpa_value_write(&b, &c->expected);
    httpa_buf_put_str(&b, ".");
    return httpa_buf_check(&b) == HTTPA_OK
               ? httpa_verdict_copy(v, httpa_buf_slice(&b))
               : httpa_slice_str(c->id);
}

static void explain(struct httpa_verdict *v, enum httpa_err err)
{
    const struct httpa_check *c = httpa_verdict_blame(v, 0);
    if (err == HTTPA_OK) {
        return;
    }
    if (err == HTTPA_ERR_LIMIT) {
        v->reason = (struct httpa_reason){
            .check = str("verdict.limit"),
            .text = str("The evidence says more than a verdict can hold, or "
                        "one thing twice."),
        };
    } else if (c == NULL) {
        v->reason = (struct httpa_reason){ .check = str(httpa_err_name(err)),
                                           .text = str(httpa_strerror(err)) };
    } else {
        v->reason = (struct httpa_reason){ .check = str(c->id),
                                           .text = compose(v, c),
                                           .advice = str(c->advice) };
    }
}

static const struct httpa_check *lapses_first(const struct httpa_verdict *v)
{
    const struct httpa_check *min = NULL;
    for (size_t i = 0; i < v->check_count; i++) {
        const struct httpa_check *c = &v->checks[i];
        bool holds = c->outcome == HTTPA_OUTCOME_PASS ||
                     c->outcome == HTTPA_OUTCOME_WARN;
        if (holds && c->lapses_s != 0 &&
            (min == NULL || c->lapses_s < min->lapses_s)) {
            min = c;
        }
    }
    return min;
}

enum httpa_err httpa_verdict_close(struct httpa_verdict *v, enum httpa_err err)
{
    err = hold(v, err);
    bool warned = first(v, 0, HTTPA_OUTCOME_WARN) != NULL;
    struct row row = find(err);
    v->result = err == HTTPA_OK && warned ? HTTPA_RESULT_ACCEPTED_WITH_WARNINGS
                                          : row.result;
    v->exit = row.exit;
    if (v->policy == HTTPA_OUTCOME_PASS) {
        v->policy = err != HTTPA_OK ? HTTPA_OUTCOME_FAIL
                    : warned        ? HTTPA_OUTCOME_WARN
                                    : HTTPA_OUTCOME_PASS;
    }
    explain(v, err);
    v->facts.open = v->open;
    v->facts.open_count = v->open_count;
    v->facts.lapses_first = lapses_first(v);
    return err;
}
