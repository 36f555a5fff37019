/* AtSP: requests to the gateway itself (doc/protocol.md 11). */
#include "codec/cmw.h"
#include "gateway/sealed.h"

/* Entries of a collection (doc/protocol.md 5.4). */
#define ENTRIES_MAX 32u

#define CREDENTIAL "tpm-credential"
#define CREDENTIAL_TYPE "application/vnd.httpa.tpm-credential"
#define ACTIVATED "tpm-activated"
#define ACTIVATED_TYPE "application/vnd.httpa.tpm-activated"
#define COLLECTION_TYPE "application/cmw+cbor"

#define ANSWER_MAX 512u

static const struct httpa_slice nothing;

/* doc/protocol.md 11.2: what does not parse is `head`; a TPM that refuses, or
 * that is not there, is 422 and the base lives on; the rest is our fault. */
static void refuse(struct httpa_sealed *s, enum httpa_err err)
{
    if (err == HTTPA_ERR_KEY) {
        httpa_visit_outcome(&s->visit, "ok", httpa_err_name(err));
        httpa_sealed_own_answer(s, 422, NULL, nothing);
    } else if (err >= 200 && err < 300) {
        httpa_sealed_refuse(s, HTTPA_ERR_HEAD, "content");
    } else {
        httpa_sealed_refuse(s, HTTPA_ERR_IO, httpa_err_name(err));
    }
}

/* |activated| is the value of the entry, as the attester wrote it. */
static void
on_activated(void *arg, enum httpa_err err, struct httpa_slice activated)
{
    struct httpa_sealed *s = arg;
    uint8_t room[ANSWER_MAX];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    s->job = NULL;
    if (err != HTTPA_OK) {
        refuse(s, err);
        return;
    }
    httpa_cmw_put_collection(&out, 1);
    httpa_cmw_put_label(&out, ACTIVATED);
    httpa_cmw_put_record(&out, ACTIVATED_TYPE, activated, 0);
    httpa_sealed_own_answer(s, 200, COLLECTION_TYPE, httpa_buf_slice(&out));
    httpa_buf_done(&out);
}

static enum httpa_err
activate(struct httpa_sealed *s, const struct httpa_cmw *entry)
{
    if (!httpa_cmw_is(entry, CREDENTIAL_TYPE)) {
        return HTTPA_ERR_HEAD;
    }
    if (!httpa_trusted_try(s->trusted)) {
        return HTTPA_ERR_KEY;
    }
    enum httpa_err err = httpa_quoter_activate(
        s->visit.gate->gateway->quoter, s->visit.gate->loop, entry->value,
        on_activated, s, &s->job);
    if (err == HTTPA_OK) {
        httpa_visit_watch(&s->visit, httpa_sealed_silence);
    }
    return err;
}

static enum httpa_err answer(struct httpa_sealed *s)
{
    struct httpa_cmw all;
    struct httpa_cmw entry;
    if (s->body.n == 0) {
        httpa_sealed_own_answer(s, 204, NULL, nothing);
        return HTTPA_OK;
    }
    if (httpa_cmw_read(httpa_buf_slice(&s->body), &all) != HTTPA_OK ||
        all.kind != HTTPA_CMW_COLLECTION || all.n > ENTRIES_MAX) {
        return HTTPA_ERR_HEAD;
    }
    if (httpa_cmw_find(&all, CREDENTIAL, &entry) != HTTPA_OK) {
        httpa_sealed_own_answer(s, 204, NULL, nothing);
        return HTTPA_OK;
    }
    return activate(s, &entry);
}

void httpa_sealed_atsp(struct httpa_sealed *s)
{
    enum httpa_err err = answer(s);
    httpa_buf_done(&s->body);
    if (err != HTTPA_OK) {
        refuse(s, err);
    }
}
