#include "gateway/foresee.h"

#include <stdio.h>
#include <string.h>

#include "codec/time.h"
#include "collateral/pick.h"
#include "gateway/log.h"

#define DAY_S 86400

/* ---- what is said ---- */

static int64_t say_now(const struct httpa_collateral_outlook *now,
                       int64_t now_s, char *text, size_t size)
{
    if (now->err == HTTPA_ERR_UNDECIDED) {
        (void)snprintf(text, size,
                       "collateral: a client that has only what is sent here "
                       "cannot judge this evidence (%s: missing or stale)",
                       now->check);
        return 0;
    }
    if (now->err != HTTPA_OK) {
        (void)snprintf(text, size,
                       "evidence: clients refuse what this TEE makes (%s: %s)",
                       now->check, httpa_strerror(now->err));
        return now_s;
    }
    (void)snprintf(text, size,
                   "tcb: this platform is %s in Intel's evaluation %lld: "
                   "clients that demand UpToDate refuse it now",
                   now->status, (long long)now->evaluation);
    return now_s;
}

int64_t httpa_foresee_say(const struct httpa_collateral_outlook *now,
                          int64_t now_s,
                          const struct httpa_collateral_outlook *early,
                          int64_t early_issued_s, char *ret_text, size_t size)
{
    char when[HTTPA_TIME_RFC3339_LEN + 1] = "";
    struct httpa_buf b = httpa_buf_fixed((uint8_t *)when, sizeof(when) - 1);
    ret_text[0] = '\0';
    if (now->err != HTTPA_OK || !httpa_collateral_is_current(now)) {
        return say_now(now, now_s, ret_text, size);
    }
    if (early == NULL || early->err != HTTPA_OK ||
        httpa_collateral_is_current(early)) {
        return 0;
    }
    httpa_time_write_rfc3339(&b, early_issued_s);
    (void)snprintf(ret_text, size,
                   "tcb: this platform is UpToDate in Intel's evaluation %lld, "
                   "and %s in its newest, %lld: clients that demand UpToDate "
                   "will refuse, from %s where they have that one, and the "
                   "others once it is Intel's standard one; update the "
                   "firmware before",
                   (long long)now->evaluation, early->status,
                   (long long)early->evaluation, when);
    return early_issued_s;
}

static void
warn(struct httpa_foresee *f, const char *text, int64_t now_s)
{
    if (text[0] == '\0') {
        if (f->said[0] != '\0') {
            httpa_log_say("tcb: clients take this evidence again");
        }
    } else if (strcmp(f->said, text) != 0 || now_s - f->warned_s >= DAY_S) {
        httpa_log_say("WARNING: %s", text);
        f->warned_s = now_s;
    }
    (void)snprintf(f->said, sizeof(f->said), "%s", text);
}

/* ---- what is judged ---- */

/* What the host gives is sent along, so clients have it. */
static enum httpa_err add_host(const struct httpa_foresee_in *in,
                               struct httpa_collateral *c)
{
    struct httpa_buf pem = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    enum httpa_err err = httpa_quoter_endorsements(in->quoter, &pem);
    if (err == HTTPA_OK && pem.n > 0) {
        err = httpa_collateral_add(c, "host.pem", HTTPA_ENDORSEMENT_CHAIN,
                                   httpa_buf_slice(&pem));
    }
    httpa_buf_done(&pem);
    return err;
}

static enum httpa_err judge(const struct httpa_foresee_in *in,
                            struct httpa_collateral *c,
                            struct httpa_collateral_outlook *ret)
{
    struct httpa_collateral_picked p = { .pieces_max = HTTPA_ENDORSEMENTS_MAX,
                                         .bytes_max = SIZE_MAX };
    httpa_collateral_pick(in->fetch->crypto, in->evidence, 1, c, &p);
    const struct httpa_endorsements all = { .v = c->v, .n = c->n };
    return httpa_collateral_look_out(in->fetch->crypto, in->evidence, &all,
                                     in->fetch->now_s, ret);
}

static void look(struct httpa_foresee *f, const struct httpa_foresee_in *in,
                 struct httpa_collateral *c)
{
    struct httpa_collateral_diag diag;
    struct httpa_collateral_outlook now;
    struct httpa_collateral_outlook early = { 0 };
    int64_t issued_s = 0;
    char text[512];
    enum httpa_err err = add_host(in, c);
    if (err == HTTPA_OK) {
        err = judge(in, c, &now);
    }
    if (err != HTTPA_OK) {
        return;
    }
    err = in->asks ? httpa_collateral_fetch_next(in->fetch, in->needs, c,
                                                 &issued_s, &diag)
                   : HTTPA_ERR_UNSUPPORTED;
    if (err == HTTPA_OK) {
        err = judge(in, c, &early);
    } else if (err != HTTPA_ERR_UNSUPPORTED && err != HTTPA_ERR_ABORTED) {
        httpa_log_say("collateral: Intel's newest evaluation is not known: %s",
                      diag.text);
        if (now.err == HTTPA_OK && httpa_collateral_is_current(&now)) {
            return; /* what was foreseen is not taken back by silence */
        }
    }
    f->refused_from_s = httpa_foresee_say(
        &now, in->fetch->now_s, err == HTTPA_OK ? &early : NULL, issued_s, text,
        sizeof(text));
    warn(f, text, in->fetch->now_s);
}

void httpa_foresee_look(struct httpa_foresee *f,
                        const struct httpa_foresee_in *in)
{
    struct httpa_collateral_diag diag;
    struct httpa_collateral *c =
        httpa_collateral_new(in->fetch->dir, &diag);
    if (c != NULL) { /* else who reads the folder for clients says so */
        look(f, in, c);
        httpa_collateral_free(c);
    }
}
