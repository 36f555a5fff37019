/* The small text formats: whatever a strict reader takes is, to the byte,
 * what the writer makes of the value; and JSON strings are always safe. */
#include "fuzz.h"

#include "base/ascii.h"
#include "base/writer.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/time.h"
#include "codec/utf8.h"

static uint8_t value_room[1 << 16];
static uint8_t text_room[1 << 18];
static struct httpa_buf value;
static struct httpa_buf text;

static void must_be_written_back(struct httpa_slice in)
{
    must(httpa_buf_check(&text) == HTTPA_OK);
    must(httpa_slice_equal(httpa_buf_slice(&text), in));
}

static void base64(struct httpa_slice in)
{
    if (httpa_base64_read(in, HTTPA_BASE64_STRICT, &value) == HTTPA_OK) {
        httpa_base64_write(&text, httpa_buf_slice(&value));
        must_be_written_back(in);
    }
}

static void base64_url(struct httpa_slice in)
{
    if (httpa_base64url_read(in, &value) == HTTPA_OK) {
        httpa_base64url_write(&text, httpa_buf_slice(&value));
        must_be_written_back(in);
    }
}

/* A lenient reading has a canonical text, which is strictly the same. */
static void base64_lenient(struct httpa_slice in)
{
    unsigned flags = HTTPA_BASE64_SKIP_SPACE | HTTPA_BASE64_LAX_END;
    if (httpa_base64_read(in, flags, &value) == HTTPA_OK) {
        size_t n = value.n;
        httpa_base64_write(&text, httpa_buf_slice(&value));
        must(httpa_base64_read(httpa_buf_slice(&text), HTTPA_BASE64_STRICT,
                               &value) == HTTPA_OK);
        must(value.n == 2 * n);
        must(httpa_slice_equal(httpa_slice_of(value.p, n),
                               httpa_slice_of(value.p + n, n)));
    }
}

static void hex(struct httpa_slice in)
{
    if (httpa_hex_read(in, &value) == HTTPA_OK) {
        httpa_write_hex(&text, httpa_buf_slice(&value));
        must(text.n == in.n);
        for (size_t i = 0; i < in.n; i++) {
            must(text.p[i] == httpa_ascii_lower(in.p[i]));
        }
    }
}

static void rfc3339(struct httpa_slice in)
{
    int64_t s;
    if (httpa_time_read_rfc3339(in, &s) == HTTPA_OK) {
        httpa_time_write_rfc3339(&text, s);
        must_be_written_back(in);
    }
}

static void imf(struct httpa_slice in)
{
    int64_t s;
    if (httpa_time_read_imf(in, &s) == HTTPA_OK) {
        httpa_time_write_imf(&text, s);
        must_be_written_back(in);
    }
}

static void json(struct httpa_slice in)
{
    struct httpa_json j = httpa_json_of(&text, HTTPA_JSON_COMPACT);
    httpa_json_string(&j, in);
    must(httpa_json_check(&j) == HTTPA_OK);
    must(httpa_utf8_valid(httpa_buf_slice(&text)));
    must(text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"');
    for (size_t i = 0; i < text.n; i++) {
        must(text.p[i] >= 0x20 && text.p[i] != 0x7f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const formats[])(struct httpa_slice) = {
        base64, base64_url, base64_lenient, hex, rfc3339, imf, json,
    };
    /* a byte in JSON takes six characters at most: all of it fits */
    if (size == 0 || size > sizeof(text_room) / 8) {
        return 0;
    }
    value = httpa_buf_fixed(value_room, sizeof(value_room));
    text = httpa_buf_fixed(text_room, sizeof(text_room));
    formats[data[0] % (sizeof(formats) / sizeof(formats[0]))](
        httpa_slice_of(data + 1, size - 1));
    return 0;
}
