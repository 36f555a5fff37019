#include <httpa/verdict.h>

#include "base/ascii.h"
#include "base/writer.h"
#include "codec/time.h"
#include "evidence/verdict.h"

struct httpa_value httpa_value_text(struct httpa_slice s)
{
    return (struct httpa_value){ .type = HTTPA_VALUE_TEXT, .bytes = s };
}

struct httpa_value httpa_value_str(const char *s)
{
    return httpa_value_text(httpa_slice_str(s));
}

struct httpa_value httpa_value_bytes(struct httpa_slice s)
{
    return (struct httpa_value){ .type = HTTPA_VALUE_BYTES, .bytes = s };
}

struct httpa_value httpa_value_integer(int64_t v)
{
    return (struct httpa_value){ .type = HTTPA_VALUE_INTEGER, .integer = v };
}

struct httpa_value httpa_value_boolean(bool v)
{
    return (struct httpa_value){ .type = HTTPA_VALUE_BOOLEAN, .integer = v };
}

struct httpa_value httpa_value_time(int64_t unix_s)
{
    return (struct httpa_value){ .type = HTTPA_VALUE_TIME, .integer = unix_s };
}

struct httpa_value httpa_value_texts(const struct httpa_slice *v, size_t n)
{
    return (struct httpa_value){ .type = HTTPA_VALUE_TEXTS,
                                 .texts = v,
                                 .count = n };
}

static void write_integer(struct httpa_buf *out, int64_t v)
{
    uint64_t magnitude = (uint64_t)v;
    if (v < 0) {
        httpa_buf_put_byte(out, '-');
        magnitude = 0 - magnitude;
    }
    httpa_write_decimal(out, magnitude);
}

void httpa_value_write(struct httpa_buf *out, const struct httpa_value *value)
{
    switch (value->type) {
    case HTTPA_VALUE_NONE:
        break;
    case HTTPA_VALUE_TEXT:
        httpa_buf_put_slice(out, value->bytes);
        break;
    case HTTPA_VALUE_BYTES:
        httpa_write_hex(out, value->bytes);
        break;
    case HTTPA_VALUE_INTEGER:
        write_integer(out, value->integer);
        break;
    case HTTPA_VALUE_BOOLEAN:
        httpa_buf_put_str(out, value->integer != 0 ? "true" : "false");
        break;
    case HTTPA_VALUE_TIME:
        httpa_time_write_rfc3339(out, value->integer);
        break;
    case HTTPA_VALUE_TEXTS:
        for (size_t i = 0; i < value->count; i++) {
            httpa_buf_put_str(out, i > 0 ? ", " : "");
            httpa_buf_put_slice(out, value->texts[i]);
        }
        break;
    }
}

static bool is_hex_of(struct httpa_slice hex, struct httpa_slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (hex.n != 2 * bytes.n) {
        return false;
    }
    for (size_t i = 0; i < bytes.n; i++) {
        if (httpa_ascii_lower(hex.p[2 * i]) != digits[bytes.p[i] >> 4] ||
            httpa_ascii_lower(hex.p[2 * i + 1]) != digits[bytes.p[i] & 15]) {
            return false;
        }
    }
    return true;
}

bool httpa_value_matches(const struct httpa_value *reference,
                         const struct httpa_value *claim)
{
    if (reference->type == HTTPA_VALUE_TEXT &&
        claim->type == HTTPA_VALUE_BYTES) {
        return claim->bytes.n > 0 && is_hex_of(reference->bytes, claim->bytes);
    }
    if (reference->type != claim->type) {
        return false;
    }
    switch (reference->type) {
    case HTTPA_VALUE_TEXT:
    case HTTPA_VALUE_BYTES:
        return httpa_slice_equal(reference->bytes, claim->bytes);
    case HTTPA_VALUE_INTEGER:
    case HTTPA_VALUE_BOOLEAN:
    case HTTPA_VALUE_TIME:
        return reference->integer == claim->integer;
    default:
        return false;
    }
}
