/*
 * A sealed message under a known key.  Byte 0: what kind of message, and
 * whether the rest is wire bytes or a script; byte 1: how the wire is cut.
 * A script is steps of a type and a final bit, a length, and data, each
 * sealed as it should be: so the fuzzer reaches what is behind the tag.
 */
#include "fuzz.h"

#include "session/message_read.h"

static struct httpa_crypto *crypto;
static struct httpa_lane lane;
static struct httpa_message_reader reader;
static uint8_t wire[1 << 17];

static const struct httpa_traffic *traffic(void)
{
    static struct httpa_traffic t;
    t.suite = httpa_suite_at(0);
    return &t;
}

static struct httpa_lane_start begin(void)
{
    if (crypto == NULL) {
        must(httpa_crypto_new(&crypto) == HTTPA_OK);
    }
    return (struct httpa_lane_start){ .crypto = crypto,
                                      .traffic = traffic(),
                                      .n = 1 };
}

static struct httpa_slice seal(struct httpa_slice script)
{
    struct httpa_buf out = httpa_buf_fixed(wire, sizeof(wire));
    struct httpa_lane_start start = begin();
    must(httpa_lane_init(&lane, &start) == HTTPA_OK);
    while (script.n >= 2) {
        size_t n = script.p[1];
        struct httpa_record r = {
            .type = (enum httpa_record_type)(script.p[0] & 7),
            .final = (script.p[0] & 0x80) != 0,
        };
        script = httpa_slice_from(script, 2);
        n = n < script.n ? n : script.n;
        r.data = httpa_slice_of(script.p, n);
        script = httpa_slice_from(script, n);
        if (httpa_record_seal(&lane, &r, HTTPA_PADDING_NONE, &out) !=
            HTTPA_OK) {
            break;
        }
    }
    return httpa_buf_slice(&out);
}

struct seen {
    size_t heads;
    size_t ends;
    uint64_t content;
};

static void note(const struct httpa_event *e, struct seen *seen)
{
    must(seen->ends == 0);
    must(e->type == HTTPA_EVENT_HEAD || e->type == HTTPA_EVENT_FILLER ||
         seen->heads == 1);
    seen->heads += e->type == HTTPA_EVENT_HEAD ? 1 : 0;
    seen->ends += e->type == HTTPA_EVENT_END ? 1 : 0;
    seen->content += e->type == HTTPA_EVENT_DATA ? e->data.n : 0;
    must(seen->heads <= 1);
}

static enum httpa_err feed(struct httpa_slice piece, struct seen *seen)
{
    for (;;) {
        struct httpa_event e = { 0 };
        enum httpa_err err = httpa_message_read(&reader, &piece, &e);
        if (err != HTTPA_OK) {
            must(httpa_message_read(&reader, &piece, &e) == err);
            return err;
        }
        if (e.type == HTTPA_EVENT_NONE) {
            must(piece.n == 0);
            return HTTPA_OK;
        }
        note(&e, seen);
    }
}

static void read_message(struct httpa_slice in, uint8_t form, size_t step)
{
    struct httpa_lane_start start = begin();
    struct httpa_message_expect expect = {
        .form = (enum httpa_message_form)(form % 3),
        .target = httpa_slice_str("https://a.example"),
        .method = httpa_slice_str("GET"),
    };
    struct seen seen = { 0 };
    enum httpa_err err = HTTPA_OK;
    must(httpa_message_reader_init(&reader, &start, &expect) == HTTPA_OK);
    while (in.n > 0 && err == HTTPA_OK) {
        size_t n = in.n < step ? in.n : step;
        err = feed(httpa_slice_of(in.p, n), &seen);
        in = httpa_slice_from(in, n);
    }
    bool whole = httpa_message_read_end(&reader) == HTTPA_OK;
    must(whole == (err == HTTPA_OK && seen.ends == 1));
    must(!whole || !reader.verdict.content.has_length ||
         reader.verdict.content.length == seen.content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct httpa_slice rest = httpa_slice_of(data + 2, size - 2);
    size_t step = data[1] == 0 ? sizeof(wire) : data[1];
    bool raw = (data[0] & 0x80) != 0;
    read_message(raw ? rest : seal(rest), data[0] & 0x7f, step);
    return 0;
}
