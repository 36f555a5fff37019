#include "codec/bhttp.h"
#include "unit/session/message_test.h"

/* One step of a message that a peer writes, in any order he likes. */
struct step {
    int type; /* of the record; 0: no more */
    bool final;
    const char *data; /* NULL: a good head or trailers of its type */
    const char *name; /* a field of that head */
    const char *value;
};

static uint8_t wire[1 << 18];
static uint8_t events[1 << 17];

#define HEAD HTTPA_RECORD_HEAD
#define DATA HTTPA_RECORD_CONTENT
#define TAIL HTTPA_RECORD_TRAILERS
#define FILL HTTPA_RECORD_FILLER

static struct httpa_lane lane;

static struct httpa_slice good_data(const struct step *s, bool request,
                                    struct httpa_buf *room)
{
    const char *const fields[] = { s->name, s->value, NULL };
    if (s->data != NULL) {
        return httpa_slice_str(s->data);
    }
    httpa_buf_reset(room);
    if (s->type == HEAD) {
        assert_ok(httpa_bhttp_head_write(request ? a_request("POST", fields)
                                                 : a_response(200, fields),
                                         room));
    } else {
        const char *const sum[] = { s->name != NULL ? s->name : "x-sum",
                                    s->name != NULL ? s->value : "1", NULL };
        assert_ok(httpa_bhttp_fields_write(&a_request("", sum)->fields, room));
    }
    return httpa_buf_slice(room);
}

static struct httpa_slice write_steps(const struct step *steps, size_t n,
                                      bool request)
{
    uint8_t bytes[512];
    struct httpa_buf room = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    struct httpa_lane_start s = lane_start(&lane_keys.client, 1, test_bind());
    assert_ok(httpa_lane_init(&lane, &s));
    for (size_t i = 0; i < n && steps[i].type != 0; i++) {
        struct httpa_record r = {
            .type = (enum httpa_record_type)steps[i].type,
            .final = steps[i].final,
        };
        if (steps[i].type == HEAD || steps[i].type == TAIL) {
            r.data = good_data(&steps[i], request, &room);
        } else if (steps[i].data != NULL) {
            r.data = httpa_slice_str(steps[i].data);
        }
        assert_ok(httpa_record_seal(&lane, &r, HTTPA_PADDING_NONE, &out));
    }
    return httpa_buf_slice(&out);
}

static const struct {
    struct step steps[7];
    enum httpa_err want;
    const char *events;
    const char *why;
} rows[] = {
    { { { HEAD, true, NULL, NULL, NULL } }, HTTPA_OK, "HE", "head alone" },
    { { { HEAD, false, NULL, NULL, NULL }, { DATA, true, "ab", NULL, NULL } },
      HTTPA_OK, "HabE", "head, content" },
    { { { FILL, false, NULL, NULL, NULL },
        { HEAD, false, NULL, NULL, NULL },
        { DATA, false, "a", NULL, NULL },
        { FILL, false, "ignored", NULL, NULL },
        { DATA, false, NULL, NULL, NULL },
        { DATA, false, "b", NULL, NULL },
        { DATA, true, NULL, NULL, NULL } },
      HTTPA_OK, "FHaFbE", "fillers anywhere, empty content is no event" },
    { { { HEAD, false, NULL, NULL, NULL },
        { DATA, false, "a", NULL, NULL },
        { TAIL, true, NULL, NULL, NULL } },
      HTTPA_OK, "HaTE", "trailers" },
    { { { HEAD, false, NULL, NULL, NULL }, { TAIL, true, NULL, NULL, NULL } },
      HTTPA_OK, "HTE", "trailers without content" },
    { { { HEAD, false, NULL, NULL, NULL } }, HTTPA_ERR_TRUNCATED, "H",
      "no final record" },
    { { { HEAD, false, NULL, NULL, NULL }, { DATA, false, "ab", NULL, NULL } },
      HTTPA_ERR_TRUNCATED, "Hab", "no final record" },
    { { { FILL, false, NULL, NULL, NULL } }, HTTPA_ERR_TRUNCATED, "F",
      "no head" },
    { { { DATA, true, "a", NULL, NULL } }, HTTPA_ERR_ORDER, "",
      "content without a head" },
    { { { TAIL, true, NULL, NULL, NULL } }, HTTPA_ERR_ORDER, "",
      "trailers without a head" },
    { { { HEAD, false, NULL, NULL, NULL }, { HEAD, true, NULL, NULL, NULL } },
      HTTPA_ERR_ORDER, "H", "two heads" },
    { { { HEAD, false, NULL, NULL, NULL },
        { DATA, false, "a", NULL, NULL },
        { HEAD, true, NULL, NULL, NULL } },
      HTTPA_ERR_ORDER, "Ha", "a head behind content" },
    { { { HEAD, false, NULL, NULL, NULL }, { TAIL, false, NULL, NULL, NULL } },
      HTTPA_ERR_ORDER, "H", "trailers that are not final" },
    { { { HEAD, false, NULL, NULL, NULL }, { FILL, true, NULL, NULL, NULL } },
      HTTPA_ERR_ORDER, "H", "a final filler" },
    { { { FILL, true, NULL, NULL, NULL } }, HTTPA_ERR_ORDER, "",
      "a final filler" },
    { { { HEAD, true, NULL, NULL, NULL }, { DATA, true, "a", NULL, NULL } },
      HTTPA_ERR_TRAILING, "HE", "bytes behind the end" },
    { { { HEAD, true, NULL, NULL, NULL }, { FILL, false, NULL, NULL, NULL } },
      HTTPA_ERR_TRAILING, "HE", "a filler behind the end" },
    { { { HEAD, true, "", NULL, NULL } }, HTTPA_ERR_TRUNCATED, "",
      "an empty head" },
    { { { HEAD, true, "garbage", NULL, NULL } }, HTTPA_ERR_UNSUPPORTED, "",
      "not RFC 9292" },
    { { { HEAD, false, NULL, "content-length", "2" },
        { DATA, false, "a", NULL, NULL },
        { DATA, true, "b", NULL, NULL } },
      HTTPA_OK, "HabE", "content-length, right" },
    { { { HEAD, false, NULL, "content-length", "2" },
        { DATA, true, "a", NULL, NULL } },
      HTTPA_ERR_HEAD, "H", "content-length, too long" },
    { { { HEAD, false, NULL, "content-length", "2" },
        { DATA, true, "abc", NULL, NULL } },
      HTTPA_ERR_HEAD, "H", "content-length, too short" },
    { { { HEAD, true, NULL, "content-length", "1" } }, HTTPA_ERR_HEAD, "",
      "content-length without content" },
    { { { HEAD, false, NULL, "content-length", "1" },
        { TAIL, true, NULL, NULL, NULL } },
      HTTPA_ERR_HEAD, "H", "content-length, then trailers" },
    { { { HEAD, true, NULL, "transfer-encoding", "chunked" } },
      HTTPA_ERR_HEAD, "", "a refused field" },
    { { { HEAD, true, NULL, "attest-binder", ":AAAAAAAAAAAAAAAAAAAAAA==:" } },
      HTTPA_ERR_PLACE, "", "an Attest-* field in a wrong place" },
    { { { HEAD, true, NULL, "attest-new", "1" } }, HTTPA_ERR_PLACE, "",
      "an undefined Attest-* field" },
    { { { HEAD, true, NULL, "attest-secrets", ":AA==:" } }, HTTPA_ERR_HEAD,
      "", "secrets in a TrR" },
    { { { HEAD, false, NULL, NULL, NULL },
        { TAIL, true, NULL, "content-length", "1" } },
      HTTPA_ERR_HEAD, "H", "a refused trailer" },
    { { { HEAD, false, NULL, NULL, NULL },
        { TAIL, true, NULL, "attest-binder", ":AA==:" } },
      HTTPA_ERR_HEAD, "H", "Finished is the handshake's" },
};

static void each_sequence_gets_its_answer(void **state)
{
    static const size_t steps[] = { 1, 2, 3, 5, 19, 64, 1 << 20 };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_slice in =
            write_steps(rows[i].steps, COUNT(rows[i].steps), true);
        for (size_t k = 0; k < COUNT(steps); k++) {
            struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
            reader_start(HTTPA_MESSAGE_REQUEST, "");
            enum httpa_err got = read_all(in, steps[k], &log);
            if (got != rows[i].want) {
                fail_msg("%s, step %zu: want %s, got %s (%s)", rows[i].why,
                         steps[k], httpa_err_name(rows[i].want),
                         httpa_err_name(got),
                         reader.verdict.rule != NULL ? reader.verdict.rule
                                                     : "no rule");
            }
            assert_slice_is(httpa_buf_slice(&log), rows[i].events);
        }
    }
}

/* After an error nothing more comes out, whatever goes in. */
static void an_error_is_for_good(void **state)
{
    static const struct step bad[] = { { HEAD, true, NULL, "upgrade", "x" } };
    static const struct step good[] = { { HEAD, true, NULL, NULL, NULL } };
    struct httpa_event e;
    struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
    (void)state;
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_err(HTTPA_ERR_HEAD, read_all(write_steps(bad, 1, true), 99, &log));
    struct httpa_slice in = write_steps(good, 1, true);
    assert_err(HTTPA_ERR_HEAD, httpa_message_read(&reader, &in, &e));
    assert_err(HTTPA_ERR_HEAD, httpa_message_read_end(&reader));
    assert_int_equal(log.n, 0);
}

static void a_cut_message_is_never_whole(void **state)
{
    static const struct step steps[] = {
        { HEAD, false, NULL, NULL, NULL },
        { DATA, false, "first", NULL, NULL },
        { DATA, true, "last", NULL, NULL },
    };
    struct httpa_slice in = write_steps(steps, 3, true);
    (void)state;
    for (size_t n = 0; n < in.n; n++) {
        struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
        reader_start(HTTPA_MESSAGE_REQUEST, "");
        assert_err(HTTPA_ERR_TRUNCATED,
                   read_all(httpa_slice_of(in.p, n), 7, &log));
        assert_null(n == 0 ? NULL : memchr(log.p, 'E', log.n));
    }
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    const struct httpa_slice *good = arg;
    struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    enum httpa_err err = read_all(in, 1 << 20, &log);
    assert_int_equal(err == HTTPA_OK, httpa_slice_equal(in, *good));
    assert_true(log.n <= 11 && (err == HTTPA_OK ||
                                memchr(events, 'E', log.n) == NULL));
}

static void no_changed_byte_passes(void **state)
{
    static const struct step steps[] = {
        { HEAD, false, NULL, NULL, NULL },
        { DATA, false, "first", NULL, NULL },
        { DATA, true, "last", NULL, NULL },
    };
    struct httpa_slice in = write_steps(steps, 3, true);
    (void)state;
    mutate(in, read_mutant, &in);
}

static void responses_and_their_requests(void **state)
{
    static const struct {
        const char *method;
        unsigned status;
        const char *length; /* content-length, or NULL */
        const char *content;
        enum httpa_err want;
    } is[] = {
        { "GET", 200, "2", "ab", HTTPA_OK },
        { "HEAD", 200, "2", NULL, HTTPA_OK },
        { "HEAD", 200, "2", "ab", HTTPA_ERR_HEAD },
        { "GET", 204, NULL, "a", HTTPA_ERR_HEAD },
        { "GET", 204, NULL, NULL, HTTPA_OK },
        { "GET", 304, "9", NULL, HTTPA_OK },
        { "GET", 304, "9", "a", HTTPA_ERR_HEAD },
        { "GET", 200, "2", NULL, HTTPA_ERR_HEAD },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(is); i++) {
        const char *const fields[] = {
            is[i].length != NULL ? "content-length" : NULL, is[i].length, NULL
        };
        struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
        struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
        writer_start(HTTPA_PADDING_DEFAULT);
        assert_ok(httpa_message_write_head(
            &writer, a_response(is[i].status, fields), HTTPA_WRITE_MORE,
            &out));
        struct httpa_slice content = { 0 };
        if (is[i].content != NULL) {
            content = httpa_slice_str(is[i].content);
        }
        assert_ok(httpa_message_write_data(&writer, content, HTTPA_WRITE_END,
                                           &out));
        reader_start(HTTPA_MESSAGE_RESPONSE, is[i].method);
        assert_err(is[i].want, read_all(httpa_buf_slice(&out), 50, &log));
    }
}

#define FINISHED ":AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=:"

/* The response of a handshake: its own places, Finished as trailer, the raw
 * head for TH2. */
static void handshake_form(void **state)
{
    static const char *const fields[] = {
        "attest-policies",      "indirect, fresh",
        "attest-base-creation", "shared",
        "attest-configuration", FINISHED,
        "attest-quotes",        FINISHED ";type=\"a/b\";binding=fresh", NULL,
    };
    static const char *const finished[] = { "attest-binder", FINISHED, NULL };
    static const char *const two[] = { "attest-binder", FINISHED, "x", "1",
                                       NULL };
    (void)state;
    for (size_t bad = 0; bad < 2; bad++) {
        struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
        uint8_t raw[1024];
        writer_start(HTTPA_PADDING_DEFAULT);
        assert_ok(httpa_message_write_head(&writer, a_response(200, fields),
                                           HTTPA_WRITE_MORE, &out));
        struct httpa_slice head = httpa_message_write_raw(&writer);
        memcpy(raw, head.p, head.n);
        head.p = raw;
        assert_ok(httpa_message_write_data(&writer, httpa_slice_str("cmw"),
                                           HTTPA_WRITE_MORE, &out));
        assert_ok(httpa_message_write_trailers(
            &writer, &a_request("", bad != 0 ? two : finished)->fields,
            &out));
        reader_start(HTTPA_MESSAGE_ATHS, "");
        struct httpa_slice in = httpa_buf_slice(&out);
        struct httpa_event e;
        assert_ok(httpa_message_read(&reader, &in, &e));
        assert_int_equal(e.type, HTTPA_EVENT_HEAD);
        assert_true(httpa_slice_equal(httpa_message_read_raw(&reader), head));
        assert_true(httpa_ahl_has(httpa_message_read_ahl(&reader),
                                  HTTPA_FIELD_QUOTES));
        assert_int_equal(e.head->fields.n, 0);
        assert_ok(httpa_message_read(&reader, &in, &e));
        assert_slice_is(e.data, "cmw");
        enum httpa_err err = httpa_message_read(&reader, &in, &e);
        assert_err(bad != 0 ? HTTPA_ERR_HEAD : HTTPA_OK, err);
        assert_true(bad != 0 || httpa_ahl_has(httpa_message_read_ahl(&reader),
                                              HTTPA_FIELD_BINDER));
    }
}

static void fillers_are_bounded(void **state)
{
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    struct httpa_buf log = httpa_buf_fixed(events, sizeof(events));
    (void)state;
    writer_start(HTTPA_PADDING_NONE);
    for (size_t i = 0; i < HTTPA_LIMIT_EMPTY_RECORDS; i++) {
        assert_ok(httpa_message_write_filler(&writer, &out));
    }
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_err(HTTPA_ERR_TRUNCATED,
               read_all(httpa_buf_slice(&out), sizeof(wire), &log));
    assert_ok(httpa_message_write_filler(&writer, &out));
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_err(HTTPA_ERR_LIMIT,
               read_all(httpa_buf_slice(&out), sizeof(wire), &log));
}

/* A header alone makes nobody allocate, and a bad one is refused at once. */
static void nothing_is_kept_for_a_header(void **state)
{
    static const uint8_t big[] = { 0, 1, 0, 17 };
    static const uint8_t bad[] = { 0x40, 0, 0, 17 };
    struct httpa_event e;
    struct httpa_slice in = httpa_slice_of(big, sizeof(big));
    (void)state;
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_ok(httpa_message_read(&reader, &in, &e));
    assert_int_equal(e.type, HTTPA_EVENT_NONE);
    assert_int_equal(reader.record.cap, 0);
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    in = httpa_slice_of(bad, sizeof(bad));
    assert_err(HTTPA_ERR_MALFORMED, httpa_message_read(&reader, &in, &e));
}

static void plaintext_is_wiped(void **state)
{
    static const struct step steps[] = {
        { HEAD, false, NULL, NULL, NULL },
        { DATA, true, "a secret of the user", NULL, NULL },
    };
    struct httpa_slice in = write_steps(steps, 2, true);
    struct httpa_event e;
    (void)state;
    reader_start(HTTPA_MESSAGE_REQUEST, "");
    assert_ok(httpa_message_read(&reader, &in, &e));
    assert_ok(httpa_message_read(&reader, &in, &e));
    assert_slice_is(e.data, "a secret of the user");
    const uint8_t *at = e.data.p;
    assert_ok(httpa_message_read(&reader, &in, &e));
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(at[i], 0);
    }
}

static int teardown(void **state)
{
    httpa_lane_done(&lane);
    return message_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sequence_gets_its_answer),
        cmocka_unit_test(an_error_is_for_good),
        cmocka_unit_test(a_cut_message_is_never_whole),
        cmocka_unit_test(no_changed_byte_passes),
        cmocka_unit_test(responses_and_their_requests),
        cmocka_unit_test(handshake_form),
        cmocka_unit_test(fillers_are_bounded),
        cmocka_unit_test(nothing_is_kept_for_a_header),
        cmocka_unit_test(plaintext_is_wiped),
    };
    return cmocka_run_group_tests(tests, lane_setup, teardown);
}
