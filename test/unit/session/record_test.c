#include "session/record.h"

#include "support/lane.h"

static const uint8_t att[16] = { 0x0a, 0x35, 0x00, 0x0c, 0xb9, 0x39,
                                 0xe4, 0x54, 0xc9, 0xc2, 0xff, 0x6e,
                                 0xc3, 0xa0, 0x47, 0xa3 };

static struct httpa_lane out_lane;
static struct httpa_lane in_lane;

static void start(void)
{
    struct httpa_lane_start s = lane_start(
        &lane_keys.client, 1, httpa_slice_of(att, sizeof(att)));
    assert_ok(httpa_lane_init(&out_lane, &s));
    assert_ok(httpa_lane_init(&in_lane, &s));
}

static enum httpa_err open_bytes(struct httpa_slice bytes, uint8_t *to,
                                 struct httpa_record *ret)
{
    struct httpa_record_header h;
    enum httpa_err err = httpa_record_header_read(bytes.p, &h);
    return err != HTTPA_OK
               ? err
               : httpa_record_open(&in_lane, h,
                                   httpa_slice_from(bytes, 4), to, ret);
}

/* The published records of message 1, made without padding. */
static void published_vectors(void **state)
{
    uint8_t head[128];
    uint8_t bytes[256];
    uint8_t plain[256];
    size_t n = unhex("0004504f53540568747470730f6170692e6578616d706c652e636f6d"
                     "082f76312f636861741e0c636f6e74656e742d74797065106170706c"
                     "69636174696f6e2f6a736f6e",
                     head, sizeof(head));
    struct httpa_buf out = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_record r = { HTTPA_RECORD_HEAD, false,
                              httpa_slice_of(head, n) };
    (void)state;
    start();
    assert_ok(httpa_record_seal(&out_lane, &r, HTTPA_PADDING_NONE, &out));
    assert_hex(out.p, out.n,
               "000000550502ae4b8532455e1badf2585e418bca00de04148b9cbf8c26a44d"
               "3becef160b2f1730a0ef1ba5fb9d83af47f4a3f81ad9f40b9e2d9ea6a6cf0c"
               "5d74c9e2f7f10a0f9aec3f4e056779d11bd19c5afc808a32f256cc");
    assert_ok(open_bytes(httpa_buf_slice(&out), plain, &r));
    assert_int_equal(r.type, HTTPA_RECORD_HEAD);
    assert_false(r.final);
    assert_memory_equal(r.data.p, head, n);
    httpa_buf_reset(&out);
    r = (struct httpa_record){ HTTPA_RECORD_CONTENT, true,
                               httpa_slice_str("{\"q\":1}") };
    assert_ok(httpa_record_seal(&out_lane, &r, HTTPA_PADDING_NONE, &out));
    assert_hex(out.p, out.n,
               "80000018e9e3a6ce74a868301c672e0f6d69746717879706ad8c91e5");
    assert_ok(open_bytes(httpa_buf_slice(&out), plain, &r));
    assert_true(r.final);
    assert_slice_is(r.data, "{\"q\":1}");
}

static void headers(void **state)
{
    static const struct {
        uint32_t word;
        enum httpa_err want;
    } rows[] = {
        { 16, HTTPA_ERR_RANGE },         { 17, HTTPA_OK },
        { 65553, HTTPA_OK },             { 65554, HTTPA_ERR_RANGE },
        { 131071, HTTPA_ERR_RANGE },     { 0, HTTPA_ERR_RANGE },
        { 0x80000011u, HTTPA_OK },       { 0x00020011u, HTTPA_ERR_MALFORMED },
        { 0x40000011u, HTTPA_ERR_MALFORMED }, { 0xffffffffu,
                                                HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t w = rows[i].word;
        uint8_t b[4] = { (uint8_t)(w >> 24), (uint8_t)(w >> 16),
                         (uint8_t)(w >> 8), (uint8_t)w };
        struct httpa_record_header h;
        assert_err(rows[i].want, httpa_record_header_read(b, &h));
        if (rows[i].want == HTTPA_OK) {
            assert_int_equal(h.length, w & 0x1ffff);
            assert_int_equal(h.final, w >> 31);
        }
    }
}

static void sizes_and_padding(void **state)
{
    static const struct {
        size_t data;
        size_t padded;
        size_t bare;
    } rows[] = {
        { 0, 148, 21 },         { 127, 148, 148 },     { 128, 276, 149 },
        { 1022, 1044, 1043 },   { 1023, 1044, 1044 },  { 1024, 1045, 1045 },
        { 16384, 16405, 16405 }, { 895, 916, 916 },    { 896, 1044, 917 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(
            httpa_record_size(rows[i].data, HTTPA_PADDING_DEFAULT),
            rows[i].padded);
        assert_int_equal(httpa_record_size(rows[i].data, HTTPA_PADDING_NONE),
                         rows[i].bare);
    }
    /* doc/protocol.md 8.8 */
    assert_true(httpa_sealed_length(61, 7, HTTPA_PADDING_DEFAULT) == 296);
    assert_true(httpa_sealed_length(61, 0, HTTPA_PADDING_DEFAULT) == 148);
    assert_true(httpa_sealed_length(61, 32768, HTTPA_PADDING_DEFAULT) ==
                148 + 2 * 16405);
    assert_true(httpa_sealed_length(61, UINT64_C(1) << 40,
                                    HTTPA_PADDING_NONE) ==
                82 + (UINT64_C(1) << 26) * 16405);
}

/* Seals raw plaintext, as a peer that breaks the rules would. */
static struct httpa_slice forge(const char *plain, size_t n, uint8_t *to)
{
    uint8_t nonce[12];
    uint8_t header[4] = { 0, 0, (uint8_t)((n + 16) >> 8),
                          (uint8_t)(n + 16) };
    memcpy(to, header, 4);
    httpa_schedule_nonce(out_lane.iv, 1, out_lane.index++, nonce);
    assert_ok(httpa_aead_seal(
        &out_lane.aead, nonce,
        httpa_aead_two(httpa_slice_of(to, 4), httpa_slice_of(att, 16)),
        httpa_aead_one(httpa_slice_of(plain, n)), to + 4));
    return httpa_slice_of(to, n + 20);
}

static void type_bytes(void **state)
{
    static const struct {
        const char *plain;
        size_t n;
        int type; /* 0: refused */
        const char *data;
    } rows[] = {
        { "a\2", 2, 2, "a" },
        { "a\2\0\0\0", 5, 2, "a" },
        { "\4", 1, 4, "" },
        { "\1\1", 2, 1, "\1" },
        { "a\5", 2, 0, NULL },
        { "a\377\0", 3, 0, NULL },
        { "\0", 1, 0, NULL },
        { "\0\0\0\0\0\0", 6, 0, NULL },
    };
    (void)state;
    start();
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[64];
        uint8_t plain[64];
        struct httpa_record r;
        enum httpa_err err =
            open_bytes(forge(rows[i].plain, rows[i].n, bytes), plain, &r);
        assert_err(rows[i].type != 0 ? HTTPA_OK : HTTPA_ERR_MALFORMED, err);
        if (err == HTTPA_OK) {
            assert_int_equal(r.type, rows[i].type);
            assert_slice_is(r.data, rows[i].data);
        }
    }
}

/* Every bit of a record, its place in the sequence, its message. */
static void what_a_record_is_bound_to(void **state)
{
    uint8_t bytes[64];
    uint8_t plain[64];
    struct httpa_buf out = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_record r = { HTTPA_RECORD_CONTENT, false,
                              httpa_slice_str("secret") };
    (void)state;
    start();
    assert_ok(httpa_record_seal(&out_lane, &r, HTTPA_PADDING_NONE, &out));
    for (size_t bit = 0; bit < out.n * 8; bit++) {
        struct httpa_record got;
        in_lane.index = 0;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memset(plain, 'x', sizeof(plain));
        struct httpa_record_header h;
        enum httpa_err err = httpa_record_header_read(bytes, &h);
        if (err == HTTPA_OK && h.length + 4 <= out.n) {
            err = httpa_record_open(&in_lane, h,
                                    httpa_slice_of(bytes + 4, h.length),
                                    plain, &got);
            assert_null(memmem(plain, sizeof(plain), "secret", 6));
            assert_err(HTTPA_ERR_TAG, err);
        }
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    in_lane.index = 1;
    assert_err(HTTPA_ERR_TAG, open_bytes(httpa_buf_slice(&out), plain, &r));
    in_lane.index = 0;
    in_lane.n = 2;
    assert_err(HTTPA_ERR_TAG, open_bytes(httpa_buf_slice(&out), plain, &r));
    in_lane.index = 0;
    in_lane.n = 1;
    in_lane.bind[3] ^= 1;
    assert_err(HTTPA_ERR_TAG, open_bytes(httpa_buf_slice(&out), plain, &r));
    in_lane.index = 0;
    in_lane.bind[3] ^= 1;
    in_lane.bind_n = 0;
    assert_err(HTTPA_ERR_TAG, open_bytes(httpa_buf_slice(&out), plain, &r));
    in_lane.index = 0;
    in_lane.bind_n = 16;
    assert_ok(open_bytes(httpa_buf_slice(&out), plain, &r));
}

static void indexes_and_room_end(void **state)
{
    uint8_t bytes[64];
    struct httpa_buf out = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_buf small = httpa_buf_fixed(bytes, 20);
    struct httpa_record r = { HTTPA_RECORD_FILLER, false, { 0 } };
    (void)state;
    start();
    assert_err(HTTPA_ERR_SPACE,
               httpa_record_seal(&out_lane, &r, HTTPA_PADDING_NONE, &small));
    out_lane.index = HTTPA_LIMIT_RECORD_INDEX;
    assert_ok(httpa_record_seal(&out_lane, &r, HTTPA_PADDING_NONE, &out));
    assert_int_equal(out_lane.index, HTTPA_INDEX_TAG);
    size_t before = out.n;
    assert_err(HTTPA_ERR_REKEY,
               httpa_record_seal(&out_lane, &r, HTTPA_PADDING_NONE, &out));
    assert_int_equal(out.n, before);
    r.data = httpa_slice_of(bytes, HTTPA_LIMIT_RECORD_DATA + 1);
    assert_err(HTTPA_ERR_RANGE,
               httpa_record_seal(&out_lane, &r, HTTPA_PADDING_NONE, &out));
}

static int teardown(void **state)
{
    httpa_lane_done(&out_lane);
    httpa_lane_done(&in_lane);
    return lane_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(headers),
        cmocka_unit_test(sizes_and_padding),
        cmocka_unit_test(type_bytes),
        cmocka_unit_test(what_a_record_is_bound_to),
        cmocka_unit_test(indexes_and_room_end),
    };
    return cmocka_run_group_tests(tests, lane_setup, teardown);
}
