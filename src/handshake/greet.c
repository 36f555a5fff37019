#include "handshake/greet.h"

#include "base/secret.h"
#include "crypto/random.h"
#include "handshake/choice.h"

#define RANDOM_LEN 32u

static enum httpa_err set_written(struct httpa_ahl *ahl, enum httpa_field_id id,
                                  struct httpa_buf *text)
{
    enum httpa_err err = httpa_buf_check(text);
    return err == HTTPA_OK ? httpa_ahl_set(ahl, id, httpa_buf_slice(text))
                           : err;
}

static struct httpa_sfv_bare token(const char *s)
{
    return httpa_sfv_token(httpa_slice_str(s));
}

static enum httpa_err set_names(struct httpa_greet *g)
{
    uint8_t room[HTTPA_LIMIT_VALUE];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&b);
    for (size_t i = 0; i < g->in.suite_count; i++) {
        httpa_sfv_put(&w, token(g->in.suites[i]->name));
    }
    enum httpa_err err =
        set_written(&g->request, HTTPA_FIELD_CIPHER_SUITES, &b);
    httpa_buf_reset(&b);
    w = httpa_sfv_writer_of(&b);
    for (size_t i = 0; i < g->in.group_count; i++) {
        httpa_sfv_put(&w, token(g->in.groups[i]->name));
    }
    if (err == HTTPA_OK) {
        err = set_written(&g->request, HTTPA_FIELD_SUPPORTED_GROUPS, &b);
    }
    if (err == HTTPA_OK) {
        err = httpa_ahl_set_bare(&g->request, HTTPA_FIELD_VERSIONS,
                                 token(HTTPA_VERSION_TOKEN));
    }
    return err;
}

static enum httpa_err
put_share(struct httpa_greet *g, size_t i, struct httpa_sfv_writer *w)
{
    uint8_t room[HTTPA_SHARE_MAX];
    struct httpa_buf share = httpa_buf_fixed(room, sizeof(room));
    enum httpa_err err = httpa_kex_offer(g->in.crypto, g->in.random,
                                         g->in.groups[i], &share, &g->kex[i]);
    if (err == HTTPA_OK) {
        httpa_share_put(w, g->in.groups[i], httpa_buf_slice(&share));
    }
    return err;
}

static enum httpa_err set_shares(struct httpa_greet *g)
{
    uint8_t room[HTTPA_LIMIT_KEY_SHARES];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&b);
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < g->in.group_count; i++) {
        err = put_share(g, i, &w);
    }
    return err == HTTPA_OK
               ? set_written(&g->request, HTTPA_FIELD_KEY_SHARES, &b)
               : err;
}

static enum httpa_err set_random(struct httpa_greet *g)
{
    uint8_t random[RANDOM_LEN];
    enum httpa_err err =
        httpa_random_fill(g->in.random, random, sizeof(random));
    return err == HTTPA_OK
               ? httpa_ahl_set_bare(
                     &g->request, HTTPA_FIELD_RANDOM,
                     httpa_sfv_bytes(httpa_slice_of(random, sizeof(random))))
               : err;
}

static enum httpa_err set_demands(struct httpa_greet *g)
{
    uint8_t room[HTTPA_LIMIT_POLICIES];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_demands_write(&g->in.demands, &b);
    enum httpa_err err =
        b.n > 0 ? set_written(&g->request, HTTPA_FIELD_POLICIES, &b)
                : httpa_buf_check(&b);
    if (err != HTTPA_OK || g->in.creation_count == 0) {
        return err;
    }
    httpa_buf_reset(&b);
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&b);
    for (size_t i = 0; i < g->in.creation_count; i++) {
        httpa_sfv_put(&w, token(httpa_creation_name(g->in.creations[i])));
    }
    return set_written(&g->request, HTTPA_FIELD_BASE_CREATION, &b);
}

static enum httpa_err set_target(struct httpa_greet *g)
{
    enum httpa_err err = httpa_ahl_set_bare(&g->request, HTTPA_FIELD_TARGET,
                                            httpa_sfv_string(g->in.origin));
    if (err == HTTPA_OK && g->in.date_s != 0) {
        err = httpa_ahl_set_bare(&g->request, HTTPA_FIELD_DATE,
                                 httpa_sfv_date(g->in.date_s));
    }
    return err;
}

static enum httpa_err set_content(struct httpa_greet *g)
{
    httpa_aths_content_write_pad(&g->content);
    enum httpa_err err = httpa_buf_check(&g->content);
    return err == HTTPA_OK
               ? httpa_transcript_request(g->in.crypto, &g->request,
                                          httpa_buf_slice(&g->content), &g->th0)
               : err;
}

enum httpa_err
httpa_greet_begin(struct httpa_greet *g, const struct httpa_greet_in *in)
{
    typedef enum httpa_err (*step_fn)(struct httpa_greet *);
    static const step_fn steps[] = { set_names,   set_shares, set_random,
                                     set_demands, set_target, set_content };
    *g = (struct httpa_greet){ .in = *in };
    g->content = httpa_buf_growing(HTTPA_LIMIT_ATHS_CONTENT);
    httpa_ahl_init(&g->request, HTTPA_PLACE_ATHS_REQUEST);
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < sizeof(steps) / sizeof(steps[0]);
         i++) {
        err = steps[i](g);
    }
    return err;
}

static enum httpa_err
choose(struct httpa_greet *g, const struct httpa_ahl *clear, size_t *ret_kex)
{
    struct httpa_slice version;
    struct httpa_slice suite;
    struct httpa_slice group;
    if (httpa_ahl_token(clear, HTTPA_FIELD_VERSION, &version) != HTTPA_OK ||
        httpa_ahl_token(clear, HTTPA_FIELD_CIPHER_SUITE, &suite) != HTTPA_OK ||
        httpa_ahl_token(clear, HTTPA_FIELD_SUPPORTED_GROUP, &group) !=
            HTTPA_OK) {
        return HTTPA_ERR_MALFORMED;
    }
    for (size_t i = 0; i < g->in.suite_count; i++) {
        if (httpa_slice_is(suite, g->in.suites[i]->name)) {
            g->suite = g->in.suites[i];
        }
    }
    for (size_t i = 0; i < g->in.group_count; i++) {
        if (httpa_slice_is(group, g->in.groups[i]->name)) {
            g->group = g->in.groups[i];
            *ret_kex = i;
        }
    }
    return httpa_slice_is(version, HTTPA_VERSION_TOKEN) && g->suite != NULL &&
                   g->group != NULL
               ? HTTPA_OK
               : HTTPA_ERR_OFFER;
}

enum httpa_err
httpa_greet_clear(struct httpa_greet *g, const struct httpa_ahl *clear)
{
    struct httpa_sfv_room room;
    struct httpa_slice share;
    struct httpa_z z = { 0 };
    size_t kex = 0;
    enum httpa_err err = choose(g, clear, &kex);
    if (err == HTTPA_OK) {
        err = httpa_share_read(httpa_ahl_text(clear, HTTPA_FIELD_KEY_SHARE),
                               g->group, &room, &share);
    }
    if (err == HTTPA_OK) {
        err = httpa_kex_finish(g->in.crypto, &g->kex[kex], share, &z);
    }
    if (err == HTTPA_OK) {
        err = httpa_transcript_th1(g->in.crypto, g->suite, &g->th0, clear,
                                   &g->th1);
    }
    if (err == HTTPA_OK) {
        err = httpa_schedule_handshake(g->in.crypto, g->suite, &g->th1,
                                       httpa_z_slice(&z), &g->keys);
    }
    httpa_z_done(&z);
    for (size_t i = 0; i < g->in.group_count; i++) {
        httpa_kex_done(&g->kex[i]); /* one answer, one use */
    }
    return err;
}

static struct httpa_transcript_end
end_of(const struct httpa_greet *g, const struct httpa_greet_answer *answer)
{
    return (struct httpa_transcript_end){ .crypto = g->in.crypto,
                                          .suite = g->suite,
                                          .th1 = &g->th1,
                                          .keys = &g->keys,
                                          .head = answer->head,
                                          .content = answer->content };
}

enum httpa_err httpa_greet_close(const struct httpa_greet *g,
                                 const struct httpa_greet_answer *answer)
{
    struct httpa_transcript_end end = end_of(g, answer);
    struct httpa_digest finished;
    enum httpa_err err = httpa_transcript_finish(&end, &finished, NULL);
    if (err != HTTPA_OK) {
        return err;
    }
    return answer->finished.n == finished.n &&
                   httpa_ct_equal(answer->finished.p, finished.bytes,
                                  finished.n)
               ? HTTPA_OK
               : HTTPA_ERR_FINISHED;
}

enum httpa_err httpa_greet_keys(const struct httpa_greet *g,
                                const struct httpa_greet_answer *answer,
                                struct httpa_keys *ret_keys)
{
    struct httpa_transcript_end end = end_of(g, answer);
    struct httpa_digest finished;
    return httpa_transcript_finish(&end, &finished, ret_keys);
}

void httpa_greet_done(struct httpa_greet *g)
{
    for (size_t i = 0; i < g->in.group_count; i++) {
        httpa_kex_done(&g->kex[i]);
    }
    httpa_hs_keys_done(&g->keys);
    httpa_buf_done(&g->content);
    httpa_wipe(g, sizeof(*g));
}
