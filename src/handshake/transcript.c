#include "handshake/transcript.h"

#include "wire/limits.h"

static const struct httpa_slice none;

/* F over |ahl| without Attest-Quotes and Attest-Signatures. */
static enum httpa_err
fields_of(const struct httpa_ahl *ahl, struct httpa_buf *out)
{
    return httpa_ahl_canonical(ahl,
                               HTTPA_FIELD_BIT(HTTPA_FIELD_QUOTES) |
                                   HTTPA_FIELD_BIT(HTTPA_FIELD_SIGNATURES),
                               out);
}

enum httpa_err httpa_transcript_request(const struct httpa_crypto *crypto,
                                        const struct httpa_ahl *request,
                                        struct httpa_slice content,
                                        struct httpa_digest *ret_th0)
{
    struct httpa_buf f = httpa_buf_growing(HTTPA_AHL_CANONICAL_MAX);
    struct httpa_digest c0;
    struct httpa_digest c1;
    enum httpa_err err = fields_of(request, &f);
    if (err == HTTPA_OK) {
        err = httpa_schedule_c0(crypto, httpa_buf_slice(&f), none, &c0);
    }
    if (err == HTTPA_OK) {
        err = httpa_schedule_c1(crypto, &c0, none, &c1);
    }
    if (err == HTTPA_OK) {
        err = httpa_schedule_th0(crypto, &c1, none, content, ret_th0);
    }
    httpa_buf_done(&f);
    return err;
}

enum httpa_err httpa_transcript_th1(const struct httpa_crypto *crypto,
                                    const struct httpa_suite *suite,
                                    const struct httpa_digest *th0,
                                    const struct httpa_ahl *clear,
                                    struct httpa_digest *ret_th1)
{
    struct httpa_buf f = httpa_buf_growing(HTTPA_AHL_CANONICAL_MAX);
    enum httpa_err err = fields_of(clear, &f);
    if (err == HTTPA_OK) {
        err = httpa_schedule_th1(crypto, suite, th0, httpa_buf_slice(&f),
                                 ret_th1);
    }
    httpa_buf_done(&f);
    return err;
}

enum httpa_err httpa_transcript_binding(const struct httpa_crypto *crypto,
                                        const struct httpa_digest *th1,
                                        struct httpa_slice service_spki,
                                        const struct httpa_ahl *sealed,
                                        struct httpa_digest *ret_b)
{
    struct httpa_buf f = httpa_buf_growing(HTTPA_AHL_CANONICAL_MAX);
    enum httpa_err err = fields_of(sealed, &f);
    if (err == HTTPA_OK) {
        err = httpa_schedule_binding(crypto, th1, service_spki,
                                     httpa_buf_slice(&f), ret_b);
    }
    httpa_buf_done(&f);
    return err;
}

static enum httpa_err hash_answer(const struct httpa_transcript_end *end,
                                  struct httpa_digest *ret_th2)
{
    struct httpa_th2 t;
    enum httpa_err err = httpa_th2_init(&t, end->crypto, end->th1, end->head);
    if (err == HTTPA_OK) {
        httpa_th2_content(&t, end->content);
        err = httpa_th2_final(&t, ret_th2);
    }
    httpa_th2_done(&t);
    return err;
}

enum httpa_err httpa_transcript_finish(const struct httpa_transcript_end *end,
                                       struct httpa_digest *ret_finished,
                                       struct httpa_keys *ret_keys)
{
    struct httpa_digest th2;
    struct httpa_digest th3;
    struct httpa_digest finished;
    enum httpa_err err = hash_answer(end, &th2);
    if (err == HTTPA_OK) {
        err = httpa_schedule_finished(end->crypto, &end->keys->fin, &th2,
                                      &finished);
    }
    if (err == HTTPA_OK && ret_keys != NULL) {
        err = httpa_schedule_th3(end->crypto, &th2, &finished, &th3);
        if (err == HTTPA_OK) {
            err = httpa_schedule_traffic(end->crypto, end->suite,
                                         &end->keys->master, &th3, ret_keys);
        }
    }
    if (err == HTTPA_OK) {
        *ret_finished = finished;
    }
    return err;
}
