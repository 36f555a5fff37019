#include "codec/bhttp.h"

#include "base/reader.h"
#include "base/writer.h"

/* RFC 9292 3.3 */
enum framing { KNOWN_LENGTH_REQUEST = 0, KNOWN_LENGTH_RESPONSE = 1 };

/* RFC 9110 15: final status codes. */
#define STATUS_MIN 200u
#define STATUS_MAX 599u

/* RFC 9000 16: the two upper bits are the width. */
static uint64_t read_varint(struct httpa_reader *r)
{
    uint8_t first = httpa_read_u8(r);
    struct httpa_slice rest = httpa_read_slice(r, (1u << (first >> 6)) - 1);
    if (!httpa_reader_ok(r)) {
        return 0;
    }
    uint64_t v = first & 0x3f;
    for (size_t i = 0; i < rest.n; i++) {
        v = v << 8 | rest.p[i];
    }
    return v;
}

static struct httpa_slice read_sized(struct httpa_reader *r)
{
    uint64_t n = read_varint(r);
    if (n > r->in.n) {
        r->failed = true;
        n = 0;
    }
    return httpa_read_slice(r, (size_t)n);
}

/* RFC 9292 3.4, 3.5 */
static enum httpa_err
read_control(struct httpa_reader *r, struct httpa_head *head)
{
    uint64_t framing = read_varint(r);
    if (framing == KNOWN_LENGTH_REQUEST) {
        head->is_request = true;
        head->method = read_sized(r);
        head->scheme = read_sized(r);
        head->authority = read_sized(r);
        head->path = read_sized(r);
        return httpa_reader_ok(r) ? HTTPA_OK : HTTPA_ERR_TRUNCATED;
    }
    if (framing != KNOWN_LENGTH_RESPONSE) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    uint64_t status = read_varint(r);
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    if (status < STATUS_MIN || status > STATUS_MAX) {
        return status >= 100 && status < STATUS_MIN ? HTTPA_ERR_UNSUPPORTED
                                                    : HTTPA_ERR_RANGE;
    }
    head->status = (unsigned)status;
    return HTTPA_OK;
}

static enum httpa_err
check_field(struct httpa_slice name, struct httpa_slice value)
{
    if (name.n > HTTPA_BHTTP_NAME_MAX || value.n > HTTPA_BHTTP_VALUE_MAX) {
        return HTTPA_ERR_RANGE;
    }
    return name.n > 0 ? HTTPA_OK : HTTPA_ERR_MALFORMED;
}

/* RFC 9292 3.6: the lines of a section, without its length. */
static enum httpa_err
read_lines(struct httpa_slice section, struct httpa_fields *fields)
{
    struct httpa_reader r = httpa_reader_of(section);
    while (r.in.n > 0) {
        struct httpa_slice name = read_sized(&r);
        struct httpa_slice value = read_sized(&r);
        if (!httpa_reader_ok(&r)) {
            return HTTPA_ERR_MALFORMED;
        }
        enum httpa_err err = check_field(name, value);
        if (err == HTTPA_OK && fields->n == HTTPA_FIELDS_MAX) {
            err = HTTPA_ERR_LIMIT;
        }
        if (err == HTTPA_OK) {
            err = httpa_fields_add(fields, name, value);
        }
        if (err != HTTPA_OK) {
            return err;
        }
    }
    return HTTPA_OK;
}

/* A section that is all that is left. */
static enum httpa_err
read_section(struct httpa_reader *r, struct httpa_fields *fields)
{
    struct httpa_slice section = read_sized(r);
    enum httpa_err err = httpa_reader_end(r);
    return err == HTTPA_OK ? read_lines(section, fields) : err;
}

enum httpa_err
httpa_bhttp_head_read(struct httpa_slice in, struct httpa_head *ret_head)
{
    if (in.n > HTTPA_BHTTP_HEAD_MAX) {
        return HTTPA_ERR_RANGE;
    }
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_head head;
    httpa_head_init(&head, ret_head->fields.v, ret_head->fields.cap);
    enum httpa_err err = read_control(&r, &head);
    if (err == HTTPA_OK) {
        err = read_section(&r, &head.fields);
    }
    if (err == HTTPA_OK) {
        *ret_head = head;
    }
    return err;
}

enum httpa_err
httpa_bhttp_fields_read(struct httpa_slice in, struct httpa_fields *ret_fields)
{
    if (in.n > HTTPA_BHTTP_HEAD_MAX) {
        return HTTPA_ERR_RANGE;
    }
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_fields fields = { .v = ret_fields->v, .cap = ret_fields->cap };
    enum httpa_err err = read_section(&r, &fields);
    if (err == HTTPA_OK) {
        *ret_fields = fields;
    }
    return err;
}

/* Bytes of |v| as a variable-length integer. */
static size_t varint_size(size_t v)
{
    if (v < 1u << 6) {
        return 1;
    }
    return v < 1u << 14 ? 2 : 4;
}

/* |v| is below 2^30: check_control and measure have seen to it. */
static void put_varint(struct httpa_buf *b, size_t v)
{
    switch (varint_size(v)) {
    case 1:
        httpa_buf_put_byte(b, (uint8_t)v);
        break;
    case 2:
        httpa_write_u16(b, (uint16_t)(v | 1u << 14));
        break;
    default:
        httpa_write_u32(b, (uint32_t)v | 2u << 30);
        break;
    }
}

static void put_sized(struct httpa_buf *b, struct httpa_slice s)
{
    put_varint(b, s.n);
    httpa_buf_put_slice(b, s);
}

/* Bytes of a section without its length; checks what goes into it. */
static enum httpa_err
measure(const struct httpa_fields *fields, size_t *ret_size)
{
    size_t size = 0;
    if (fields->n > HTTPA_FIELDS_MAX) {
        return HTTPA_ERR_RANGE;
    }
    for (size_t i = 0; i < fields->n; i++) {
        const struct httpa_field *f = &fields->v[i];
        if (check_field(f->name, f->value) != HTTPA_OK) {
            return HTTPA_ERR_RANGE;
        }
        size += varint_size(f->name.n) + f->name.n;
        size += varint_size(f->value.n) + f->value.n;
    }
    *ret_size = size;
    return HTTPA_OK;
}

static void
put_section(struct httpa_buf *b, const struct httpa_fields *fields, size_t size)
{
    put_varint(b, size);
    for (size_t i = 0; i < fields->n; i++) {
        put_sized(b, fields->v[i].name);
        put_sized(b, fields->v[i].value);
    }
}

static void put_control(struct httpa_buf *b, const struct httpa_head *head)
{
    if (head->is_request) {
        put_varint(b, KNOWN_LENGTH_REQUEST);
        put_sized(b, head->method);
        put_sized(b, head->scheme);
        put_sized(b, head->authority);
        put_sized(b, head->path);
    } else {
        put_varint(b, KNOWN_LENGTH_RESPONSE);
        put_varint(b, head->status);
    }
}

static enum httpa_err check_control(const struct httpa_head *head)
{
    const struct httpa_slice parts[] = { head->method, head->scheme,
                                         head->authority, head->path };
    if (!head->is_request) {
        return head->status >= STATUS_MIN && head->status <= STATUS_MAX
                   ? HTTPA_OK
                   : HTTPA_ERR_RANGE;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].n > HTTPA_BHTTP_HEAD_MAX) {
            return HTTPA_ERR_RANGE;
        }
    }
    return HTTPA_OK;
}

/* The bytes behind |start| are ours: they stay when they are as they should
 * be, and go when they are not. */
static enum httpa_err settle(struct httpa_buf *b, size_t start)
{
    enum httpa_err err = httpa_buf_check(b);
    if (err == HTTPA_OK && b->n - start > HTTPA_BHTTP_HEAD_MAX) {
        err = HTTPA_ERR_RANGE;
    }
    if (err != HTTPA_OK) {
        httpa_buf_cut(b, start);
    }
    return err;
}

enum httpa_err
httpa_bhttp_head_write(const struct httpa_head *head, struct httpa_buf *ret_b)
{
    size_t size = 0, start = ret_b->n;
    enum httpa_err err = check_control(head);
    if (err == HTTPA_OK) {
        err = measure(&head->fields, &size);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    put_control(ret_b, head);
    put_section(ret_b, &head->fields, size);
    return settle(ret_b, start);
}

enum httpa_err httpa_bhttp_fields_write(const struct httpa_fields *fields,
                                        struct httpa_buf *ret_b)
{
    size_t size = 0, start = ret_b->n;
    enum httpa_err err = measure(fields, &size);
    if (err != HTTPA_OK) {
        return err;
    }
    put_section(ret_b, fields, size);
    return settle(ret_b, start);
}
