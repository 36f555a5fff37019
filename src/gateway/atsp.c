/* AtSP: requests to the gateway itself (doc/protocol.md 11). */
#include "codec/cbor_write.h"
#include "codec/cmw.h"
#include "gateway/sealed.h"

#define CREDENTIAL "tpm-credential"
#define CREDENTIAL_TYPE "application/vnd.httpa.tpm-credential"
#define ACTIVATED "tpm-activated"
#define ACTIVATED_TYPE "application/vnd.httpa.tpm-activated"
#define COLLECTION_TYPE "application/cmw+cbor"

#define CREDENTIAL_MAX 4096u
#define ANSWER_MAX 512u

static const struct httpa_slice nothing;

/* {1: TPM2B_ID_OBJECT, 2: TPM2B_ENCRYPTED_SECRET}, nothing else; appended one
 * after the other, as the attester wants them. */
static enum httpa_err
read_credential(struct httpa_slice value, struct httpa_buf *out)
{
    struct httpa_cbor c = httpa_cbor_of(value, 0);
    struct httpa_cbor_map m = httpa_cbor_map(&c);
    struct httpa_cbor id = httpa_cbor_find_int(&m, 1);
    struct httpa_cbor secret = httpa_cbor_find_int(&m, 2);
    httpa_buf_put_slice(out, httpa_cbor_bytes(&id));
    httpa_buf_put_slice(out, httpa_cbor_bytes(&secret));
    enum httpa_err err = httpa_cbor_end(&c);
    if (err == HTTPA_OK) {
        err = httpa_cbor_end(&id);
    }
    if (err == HTTPA_OK) {
        err = httpa_cbor_end(&secret);
    }
    if (err == HTTPA_OK && m.n != 2) {
        err = HTTPA_ERR_UNSUPPORTED;
    }
    return err == HTTPA_OK ? httpa_buf_check(out) : err;
}

static void on_secret(void *arg, enum httpa_err err, struct httpa_slice secret)
{
    struct httpa_sealed *s = arg;
    uint8_t value_room[128];
    uint8_t room[ANSWER_MAX];
    struct httpa_buf value = httpa_buf_fixed(value_room, sizeof(value_room));
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    s->job = NULL;
    if (err != HTTPA_OK) {
        /* doc/protocol.md 11.2: the base lives on */
        httpa_visit_outcome(&s->visit, "ok", "activation");
        httpa_sealed_own_answer(s, 422, NULL, nothing);
        return;
    }
    httpa_cbor_put_map(&value, 1);
    httpa_cbor_put_uint(&value, 1);
    httpa_cbor_put_bytes(&value, secret);
    httpa_cmw_put_collection(&out, 1);
    httpa_cmw_put_label(&out, ACTIVATED);
    httpa_cmw_put_record(&out, ACTIVATED_TYPE, httpa_buf_slice(&value), 0);
    httpa_sealed_own_answer(s, 200, COLLECTION_TYPE, httpa_buf_slice(&out));
    httpa_buf_done(&value);
    httpa_buf_done(&out);
}

static enum httpa_err
activate(struct httpa_sealed *s, const struct httpa_cmw *entry)
{
    uint8_t room[CREDENTIAL_MAX];
    struct httpa_buf credential = httpa_buf_fixed(room, sizeof(room));
    if (!httpa_cmw_is(entry, CREDENTIAL_TYPE) ||
        read_credential(entry->value, &credential) != HTTPA_OK) {
        return HTTPA_ERR_HEAD;
    }
    enum httpa_err err = httpa_quoter_activate(
        s->visit.gate->gateway->quoter, s->visit.gate->loop,
        httpa_buf_slice(&credential), on_secret, s, &s->job);
    httpa_buf_done(&credential);
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
        all.kind != HTTPA_CMW_COLLECTION) {
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
    if (err == HTTPA_ERR_UNSUPPORTED) {
        httpa_sealed_own_answer(s, 422, NULL, nothing); /* there is no TPM */
    } else if (err == HTTPA_ERR_HEAD || err == HTTPA_ERR_RANGE) {
        httpa_sealed_refuse(s, HTTPA_ERR_HEAD, "content");
    } else if (err != HTTPA_OK) {
        httpa_sealed_refuse(s, HTTPA_ERR_IO, httpa_err_name(err));
    }
}
