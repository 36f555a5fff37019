/*
 * The tamper matrix: every byte of every message of an exchange flipped,
 * removed, doubled, swapped with its neighbour, and the message cut there.
 * Nothing of it is ever accepted, and nothing crashes.
 */
#include "support/pair.h"
#include "wire/ahl.h"

enum change { FLIP, REMOVE, DOUBLE, SWAP, CUT, CHANGES };

/* |in| with one change at |at| into |out|; false where it changes nothing. */
static bool alter(struct httpa_slice in, size_t at, enum change c,
                  struct httpa_buf *out)
{
    httpa_buf_reset(out);
    httpa_buf_put(out, in.p, in.n);
    switch (c) {
    case FLIP:
        out->p[at] ^= (uint8_t)(1u << at % 8);
        return true;
    case REMOVE:
        memmove(out->p + at, out->p + at + 1, in.n - at - 1);
        out->n--;
        break;
    case DOUBLE:
        httpa_buf_cut(out, at);
        httpa_buf_put_byte(out, in.p[at]);
        httpa_buf_put(out, in.p + at, in.n - at);
        break;
    case SWAP:
        if (at + 1 >= in.n) {
            return false;
        }
        out->p[at] = in.p[at + 1];
        out->p[at + 1] = in.p[at];
        break;
    case CUT:
        httpa_buf_cut(out, at);
        break;
    case CHANGES:
        break;
    }
    assert_false(out->failed);
    return !httpa_slice_equal(httpa_buf_slice(out), in);
}

/* Whether two heads mean the same: what is covered is the canonical form, so
 * a blank more or less is no change (doc/protocol.md 4.3). */
static bool same_fields(const struct httpa_fields *a,
                        const struct httpa_fields *b, enum httpa_place place)
{
    static struct httpa_ahl x;
    static struct httpa_ahl y;
    static uint8_t rx[HTTPA_AHL_CANONICAL_MAX];
    static uint8_t ry[HTTPA_AHL_CANONICAL_MAX];
    struct httpa_buf fx = httpa_buf_fixed(rx, sizeof(rx));
    struct httpa_buf fy = httpa_buf_fixed(ry, sizeof(ry));
    return httpa_ahl_read(a, place, &x) == HTTPA_OK &&
           httpa_ahl_read(b, place, &y) == HTTPA_OK &&
           httpa_ahl_canonical(&x, 0, &fx) == HTTPA_OK &&
           httpa_ahl_canonical(&y, 0, &fy) == HTTPA_OK &&
           httpa_slice_equal(httpa_buf_slice(&fx), httpa_buf_slice(&fy));
}

/* One handshake with |change| applied to a part of one of its messages. */
struct handshake {
    struct pair *p;
    struct httpa_hello *hello;
    struct httpa_handshake *hs;
    struct httpa_buf content;
};

static void greet(struct pair *p, struct handshake *h)
{
    *h = (struct handshake){ .p = p };
    h->content = httpa_buf_growing(400000);
    assert_ok(httpa_hello_new(&p->client, httpa_slice_str(PAIR_ORIGIN),
                              PAIR_NOW, &h->hello));
}

static enum httpa_err answer(struct handshake *h,
                             const struct httpa_head *head,
                             struct httpa_slice content)
{
    enum httpa_err err = httpa_service_handshake(
        h->p->service, head, content, PAIR_NOW, NULL, &h->hs);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_evidence e =
        pair_quote(h->p, httpa_handshake_report_data(h->hs), "demo");
    return httpa_handshake_finish(h->hs, &e, NULL,
                                  PAIR_NOW, &h->content);
}

static enum httpa_err judge(struct handshake *h,
                            const struct httpa_head *head,
                            struct httpa_slice content)
{
    struct httpa_session *session = NULL;
    enum httpa_err err =
        httpa_hello_answer(h->hello, head, content, PAIR_NOW, &session);
    assert_true((err == HTTPA_OK) == (session != NULL));
    httpa_session_free(session);
    return err;
}

static void end(struct handshake *h)
{
    httpa_handshake_free(h->hs);
    httpa_hello_free(h->hello);
    httpa_buf_done(&h->content);
}

static bool is_attest(const struct httpa_field *f)
{
    return httpa_slice_starts(f->name, "attest-");
}

/* Field |i| of the request with change |c| at |at|; true when accepted. */
static bool request_field(struct pair *p, size_t i, size_t at, enum change c,
                          bool *ret_done)
{
    struct handshake h;
    struct httpa_buf value = httpa_buf_growing(8192);
    greet(p, &h);
    struct httpa_head sent = pair_outer(httpa_hello_outer(h.hello), "POST");
    struct httpa_field room[HTTPA_OUTER_FIELDS];
    struct httpa_head head = sent;
    memcpy(room, sent.fields.v, sent.fields.n * sizeof(room[0]));
    head.fields.v = room;
    *ret_done = at >= room[i].value.n;
    bool accepted = false;
    if (!*ret_done && alter(room[i].value, at, c, &value)) {
        room[i].value = httpa_buf_slice(&value);
        enum httpa_err err =
            answer(&h, &head, httpa_hello_content(h.hello));
        if (err == HTTPA_OK) {
            err = judge(&h, &httpa_handshake_outer(h.hs)->head,
                        httpa_buf_slice(&h.content));
        }
        accepted = err == HTTPA_OK &&
                   !same_fields(&sent.fields, &head.fields,
                                HTTPA_PLACE_ATHS_REQUEST);
    }
    end(&h);
    httpa_buf_done(&value);
    return accepted;
}

static void aths_request_fields(void **state)
{
    struct pair p;
    (void)state;
    pair_init(&p);
    struct handshake probe;
    greet(&p, &probe);
    size_t n = httpa_hello_outer(probe.hello)->head.fields.n;
    for (size_t i = 0; i < n; i++) {
        if (!is_attest(&httpa_hello_outer(probe.hello)->head.fields.v[i])) {
            continue;
        }
        bool done = false;
        for (size_t at = 0; !done; at++) {
            enum change c = (enum change)(at % CHANGES);
            if (request_field(&p, i, at, c, &done)) {
                fail_msg("field %zu byte %zu change %d", i, at, (int)c);
            }
        }
    }
    end(&probe);
    pair_done(&p);
}

static void aths_request_content(void **state)
{
    struct pair p;
    struct httpa_buf altered = httpa_buf_growing(8192);
    (void)state;
    pair_init(&p);
    for (int c = FLIP; c < CHANGES; c++) {
        for (size_t at = 0; at < 33; at++) { /* {"pad": [...]} */
            struct handshake h;
            greet(&p, &h);
            struct httpa_head head =
                pair_outer(httpa_hello_outer(h.hello), "POST");
            if (alter(httpa_hello_content(h.hello), at, (enum change)c,
                      &altered)) {
                enum httpa_err err =
                    answer(&h, &head, httpa_buf_slice(&altered));
                if (err == HTTPA_OK) {
                    err = judge(&h, &httpa_handshake_outer(h.hs)->head,
                                httpa_buf_slice(&h.content));
                }
                assert_int_not_equal(err, HTTPA_OK);
            }
            end(&h);
        }
    }
    httpa_buf_done(&altered);
    pair_done(&p);
}

static void aths_response_content(void **state)
{
    struct pair p;
    struct httpa_buf altered = httpa_buf_growing(400000);
    size_t len = SIZE_MAX;
    (void)state;
    pair_init(&p);
    for (int c = FLIP; c < CHANGES; c++) {
        for (size_t at = 0; at < len; at++) {
            struct handshake h;
            greet(&p, &h);
            struct httpa_head head =
                pair_outer(httpa_hello_outer(h.hello), "POST");
            assert_ok(answer(&h, &head, httpa_hello_content(h.hello)));
            len = h.content.n;
            if (at < len && alter(httpa_buf_slice(&h.content), at,
                                  (enum change)c, &altered)) {
                assert_int_not_equal(
                    HTTPA_OK, judge(&h, &httpa_handshake_outer(h.hs)->head,
                                    httpa_buf_slice(&altered)));
            }
            end(&h);
        }
    }
    httpa_buf_done(&altered);
    pair_done(&p);
}

/* A request whose records are altered is never complete at the service. */
static void request_records(void **state)
{
    struct pair p;
    struct httpa_buf altered = httpa_buf_growing(65536);
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    for (int c = FLIP; c < CHANGES; c++) {
        for (size_t at = 0; at < 296; at++) {
            struct pair_message m;
            struct httpa_trusted *x = NULL;
            struct pair_seen seen = { 0 };
            pair_send(&p, "POST", "/", httpa_slice_str("body"), &m);
            assert_int_equal(m.records.n, 296);
            if (alter(httpa_buf_slice(&m.records), at, (enum change)c,
                      &altered)) {
                assert_ok(pair_open(&p, &m, &x));
                enum httpa_err err =
                    pair_read(pair_read_trusted, x,
                              httpa_buf_slice(&altered), 4096, &seen);
                if (err == HTTPA_OK) {
                    err = httpa_trusted_read_end(x);
                }
                assert_int_not_equal(err, HTTPA_OK);
                assert_false(seen.complete && c != DOUBLE);
                httpa_trusted_free(x);
                httpa_buf_done(&seen.content);
            }
            pair_message_done(&m);
        }
    }
    httpa_buf_done(&altered);
    pair_done(&p);
}

/* An answer whose records are altered never ends well at the client. */
static void response_records(void **state)
{
    struct pair p;
    struct httpa_buf altered = httpa_buf_growing(65536);
    size_t len = SIZE_MAX;
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    for (int c = FLIP; c < CHANGES; c++) {
        for (size_t at = 0; at < len; at++) {
            struct pair_message m;
            struct httpa_trusted *x = NULL;
            struct httpa_outer outer;
            struct pair_seen seen = { 0 };
            struct pair_seen got = { 0 };
            struct httpa_buf out = httpa_buf_growing(65536);
            pair_send(&p, "GET", "/", (struct httpa_slice){ 0 }, &m);
            assert_ok(pair_open(&p, &m, &x));
            assert_ok(pair_read(pair_read_trusted, x,
                                httpa_buf_slice(&m.records), 4096, &seen));
            pair_reply(x, 200, httpa_slice_str("answer"), &outer, &out);
            len = out.n;
            if (at < len && alter(httpa_buf_slice(&out), at, (enum change)c,
                                  &altered)) {
                assert_ok(httpa_request_answer(m.request, &outer.head));
                enum httpa_err err =
                    pair_read(pair_read_request, m.request,
                              httpa_buf_slice(&altered), 4096, &got);
                if (err == HTTPA_OK) {
                    err = httpa_request_read_end(m.request);
                }
                assert_int_not_equal(err, HTTPA_OK);
                httpa_buf_done(&got.content);
            }
            httpa_trusted_free(x);
            pair_message_done(&m);
            httpa_buf_done(&seen.content);
            httpa_buf_done(&out);
        }
    }
    httpa_buf_done(&altered);
    pair_done(&p);
}

/* Every byte of the binder: never accepted; the request's outcome is then
 * unknown, and its number stays used. */
static void binder(void **state)
{
    struct pair p;
    struct httpa_buf altered = httpa_buf_growing(1024);
    (void)state;
    pair_init(&p);
    assert_ok(pair_attest(&p, "demo"));
    struct pair_message m;
    struct httpa_trusted *x = NULL;
    struct httpa_outer outer;
    struct pair_seen seen = { 0 };
    struct httpa_buf out = httpa_buf_growing(65536);
    pair_send(&p, "GET", "/", (struct httpa_slice){ 0 }, &m);
    assert_ok(pair_open(&p, &m, &x));
    assert_ok(pair_read(pair_read_trusted, x, httpa_buf_slice(&m.records),
                        4096, &seen));
    pair_reply(x, 200, httpa_slice_str("answer"), &outer, &out);
    for (size_t i = 0; i < outer.head.fields.n; i++) {
        struct httpa_field *f = &outer.fields[i];
        struct httpa_slice was = f->value;
        for (size_t at = 0; is_attest(f) && at < was.n * CHANGES; at++) {
            if (!alter(was, at / CHANGES, (enum change)(at % CHANGES),
                       &altered)) {
                continue;
            }
            f->value = httpa_buf_slice(&altered);
            assert_int_not_equal(
                HTTPA_OK, httpa_request_answer(m.request, &outer.head));
        }
        f->value = was;
    }
    assert_ok(httpa_request_answer(m.request, &outer.head));
    httpa_trusted_free(x);
    pair_message_done(&m);
    httpa_buf_done(&seen.content);
    httpa_buf_done(&out);
    httpa_buf_done(&altered);
    pair_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aths_request_fields),
        cmocka_unit_test(aths_request_content),
        cmocka_unit_test(aths_response_content),
        cmocka_unit_test(request_records),
        cmocka_unit_test(response_records),
        cmocka_unit_test(binder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
