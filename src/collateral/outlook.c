#include "collateral/outlook.h"

#include <string.h>

#include "codec/cmw.h"

static const struct httpa_verifier *
find_verifier(const struct httpa_evidence *evidence)
{
    size_t n = 0;
    const struct httpa_verifier *const *known = httpa_verifiers_known(&n);
    for (size_t i = 0; i < n; i++) {
        if (httpa_cmw_is_type(evidence->media_type, known[i]->media_type)) {
            return known[i];
        }
    }
    return NULL;
}

static void copy_word(struct httpa_slice from, char to[HTTPA_COLLATERAL_WORD])
{
    size_t n = from.n < HTTPA_COLLATERAL_WORD - 1 ? from.n
                                                  : HTTPA_COLLATERAL_WORD - 1;
    if (n > 0) {
        memcpy(to, from.p, n);
    }
    to[n] = '\0';
}

static void
note_check(const struct httpa_verdict *v, struct httpa_collateral_outlook *o)
{
    enum httpa_outcome worst =
        o->err == HTTPA_ERR_UNDECIDED ? HTTPA_OUTCOME_UNKNOWN
                                      : HTTPA_OUTCOME_FAIL;
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (c->outcome == worst && o->check[0] == '\0') {
            copy_word(httpa_slice_str(c->id), o->check);
        }
    }
}

static void
note_claims(const struct httpa_verdict *v, struct httpa_collateral_outlook *o)
{
    const struct httpa_claim *status = httpa_verdict_find(v, 0, "tcb_status");
    const struct httpa_claim *number =
        httpa_verdict_find(v, 0, "evaluation_number");
    if (status != NULL && status->value.type == HTTPA_VALUE_TEXT) {
        copy_word(status->value.bytes, o->status);
    }
    if (number != NULL && number->value.type == HTTPA_VALUE_INTEGER) {
        o->evaluation = number->value.integer;
    }
}

enum httpa_err
httpa_collateral_look_out(const struct httpa_crypto *crypto,
                          const struct httpa_evidence *evidence,
                          const struct httpa_endorsements *all, int64_t now_s,
                          struct httpa_collateral_outlook *ret)
{
    const struct httpa_verifier *verifier = find_verifier(evidence);
    const struct httpa_verify_in in = { .crypto = crypto,
                                        .value = evidence->value,
                                        .endorsements = all->v,
                                        .endorsement_count = all->n,
                                        .now_s = now_s };
    struct httpa_collateral_outlook o = { 0 };
    if (verifier == NULL) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    struct httpa_verdict *v = httpa_verdict_new();
    if (v == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    o.err = verifier->verify(&in, v, 0);
    note_check(v, &o);
    note_claims(v, &o);
    httpa_verdict_free(v);
    if (o.err == HTTPA_ERR_MEMORY) {
        return o.err;
    }
    *ret = o;
    return HTTPA_OK;
}

bool httpa_collateral_is_current(const struct httpa_collateral_outlook *o)
{
    return o->status[0] == '\0' || strcmp(o->status, "UpToDate") == 0;
}
