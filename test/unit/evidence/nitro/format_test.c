#include "codec/cbor_write.h"
#include "document.h"

#define PCR48 "5830" PCR32_ ZERO16_
#define PCR32_ \
    "11111111111111111111111111111111" \
    "11111111111111111111111111111111"
#define ZERO16_ "00000000000000000000000000000000"
#define PCR32 "5820" PCR32_
#define PCR64 "5840" PCR32_ PCR32_

static const struct {
    const char *name;
    const char *hex;
} defaults[] = {
    { "module_id", "6169" },         { "digest", "66534841333834" },
    { "timestamp", "1a00010000" },   { "pcrs", "a100" PCR48 },
    { "certificate", "4101" },       { "cabundle", "814102" },
    { "public_key", "f6" },          { "user_data", "f6" },
    { "nonce", "f6" },
};

static void put_hex(struct httpa_buf *b, const char *hex)
{
    uint8_t bytes[512];
    httpa_buf_put(b, bytes, unhex(hex, bytes, sizeof(bytes)));
}

/* One member that is not as in |defaults|. */
struct change {
    const char *why;
    const char *member; /* of another name: one more */
    const char *hex;    /* NULL: left out */
    size_t fill;        /* zeros behind it */
    enum httpa_err err;
};

static void put_member(struct httpa_buf *b, const char *name, const char *hex,
                       size_t fill)
{
    httpa_cbor_put_str(b, name);
    put_hex(b, hex);
    for (size_t i = 0; i < fill; i++) {
        httpa_buf_put_byte(b, 0);
    }
}

static void put_changed(struct httpa_buf *b, const struct change *c)
{
    size_t at = 0;
    while (at < COUNT(defaults) && strcmp(defaults[at].name, c->member) != 0) {
        at++;
    }
    bool more = at == COUNT(defaults);
    httpa_cbor_put_map(b, COUNT(defaults) + more - (c->hex == NULL));
    for (size_t i = 0; i < COUNT(defaults); i++) {
        if (i != at) {
            put_member(b, defaults[i].name, defaults[i].hex, 0);
        } else if (c->hex != NULL) {
            put_member(b, c->member, c->hex, c->fill);
        }
    }
    if (more) {
        put_member(b, c->member, c->hex, c->fill);
    }
}

/* |head| is everything in front of the payload, |sig_len| what is behind. */
static enum httpa_err read_with(const char *head, const struct httpa_buf *p,
                                size_t sig_len, struct httpa_nitro *ret)
{
    static uint8_t kept[16384];
    static const uint8_t sig[128];
    struct httpa_buf b = httpa_buf_fixed(kept, sizeof(kept));
    put_hex(&b, head);
    if (p != NULL) {
        httpa_cbor_put_bytes(&b, httpa_buf_slice(p));
    } else {
        httpa_cbor_put_null(&b);
    }
    httpa_cbor_put_bytes(&b, httpa_slice_of(sig, sig_len));
    assert_ok(httpa_buf_check(&b));
    uint8_t *exact = exact_copy(b.p, b.n);
    enum httpa_err err = httpa_nitro_read(httpa_slice_of(exact, b.n), ret);
    free(exact);
    return err;
}

#define HEAD "8444a1013822a0"

static const struct change changes[] = {
    { "as it is", "nonce", "f6", 0, HTTPA_OK },
    { "no id", "module_id", NULL, 0, HTTPA_ERR_MISSING },
    { "an empty id", "module_id", "60", 0, HTTPA_ERR_RANGE },
    { "an id of bytes", "module_id", "4169", 0, HTTPA_ERR_MALFORMED },
    { "the longest id", "module_id", "790100", 256, HTTPA_OK },
    { "a longer id", "module_id", "790101", 257, HTTPA_ERR_RANGE },
    { "no digest", "digest", NULL, 0, HTTPA_ERR_MISSING },
    { "SHA256", "digest", "66534841323536", 0, HTTPA_ERR_UNSUPPORTED },
    { "a number for the digest", "digest", "05", 0, HTTPA_ERR_MALFORMED },
    { "no timestamp", "timestamp", NULL, 0, HTTPA_ERR_MISSING },
    { "in 1970", "timestamp", "00", 0, HTTPA_ERR_RANGE },
    { "before", "timestamp", "20", 0, HTTPA_ERR_MALFORMED },
    { "a text", "timestamp", "6131", 0, HTTPA_ERR_MALFORMED },
    { "the last ms of 9999", "timestamp", "1b0000e677d21fdbff", 0, HTTPA_OK },
    { "in 10000", "timestamp", "1b0000e677d21fdc00", 0, HTTPA_ERR_RANGE },
    { "after all time", "timestamp", "1bffffffffffffffff", 0,
      HTTPA_ERR_RANGE },
    { "no registers", "pcrs", NULL, 0, HTTPA_ERR_MISSING },
    { "none of them", "pcrs", "a0", 0, HTTPA_ERR_RANGE },
    { "a list of them", "pcrs", "81" PCR48, 0, HTTPA_ERR_MALFORMED },
    { "of 32 and 64 bytes", "pcrs", "a200" PCR32 "01" PCR64, 0, HTTPA_OK },
    { "the last one", "pcrs", "a1181f" PCR48, 0, HTTPA_OK },
    { "one behind it", "pcrs", "a11820" PCR48, 0, HTTPA_ERR_RANGE },
    { "number -1", "pcrs", "a120" PCR48, 0, HTTPA_ERR_RANGE },
    { "far away", "pcrs", "a11b7fffffffffffffff" PCR48, 0, HTTPA_ERR_RANGE },
    { "a name", "pcrs", "a16130" PCR48, 0, HTTPA_ERR_RANGE },
    { "one twice", "pcrs", "a200" PCR48 "00" PCR32, 0, HTTPA_ERR_DUPLICATE },
    { "an empty one", "pcrs", "a10040", 0, HTTPA_ERR_RANGE },
    { "of 47 bytes", "pcrs", "a100582f", 47, HTTPA_ERR_RANGE },
    { "of text", "pcrs", "a1007830", 48, HTTPA_ERR_MALFORMED },
    { "no certificate", "certificate", NULL, 0, HTTPA_ERR_MISSING },
    { "null", "certificate", "f6", 0, HTTPA_ERR_MALFORMED },
    { "an empty one", "certificate", "40", 0, HTTPA_ERR_RANGE },
    { "the longest", "certificate", "590400", 1024, HTTPA_OK },
    { "a longer one", "certificate", "590401", 1025, HTTPA_ERR_RANGE },
    { "no bundle", "cabundle", NULL, 0, HTTPA_ERR_MISSING },
    { "an empty one", "cabundle", "80", 0, HTTPA_ERR_RANGE },
    { "null", "cabundle", "f6", 0, HTTPA_ERR_MALFORMED },
    { "bytes", "cabundle", "4102", 0, HTTPA_ERR_MALFORMED },
    { "of eight", "cabundle", "8841014101410141014101410141014101", 0,
      HTTPA_OK },
    { "of nine", "cabundle", "89410141014101410141014101410141014101", 0,
      HTTPA_ERR_RANGE },
    { "of nothing", "cabundle", "82410140", 0, HTTPA_ERR_RANGE },
    { "of text", "cabundle", "816101", 0, HTTPA_ERR_MALFORMED },
    { "of a long one", "cabundle", "81590401", 1025, HTTPA_ERR_RANGE },
    { "without these", "public_key", NULL, 0, HTTPA_OK },
    { "without these", "user_data", NULL, 0, HTTPA_OK },
    { "without these", "nonce", NULL, 0, HTTPA_OK },
    { "empty", "public_key", "40", 0, HTTPA_OK },
    { "the longest key", "public_key", "590400", 1024, HTTPA_OK },
    { "a longer key", "public_key", "590401", 1025, HTTPA_ERR_RANGE },
    { "the longest data", "user_data", "590200", 512, HTTPA_OK },
    { "longer data", "user_data", "590201", 513, HTTPA_ERR_RANGE },
    { "data of text", "user_data", "6161", 0, HTTPA_ERR_MALFORMED },
    { "the longest nonce", "nonce", "590200", 512, HTTPA_OK },
    { "a longer nonce", "nonce", "590201", 513, HTTPA_ERR_RANGE },
    { "undefined", "nonce", "f7", 0, HTTPA_ERR_MALFORMED },
    { "a NitroTPM", "nitrotpm_pcrs", "a100" PCR48, 0, HTTPA_ERR_UNSUPPORTED },
    { "a member of tomorrow", "x", "00", 0, HTTPA_ERR_UNSUPPORTED },
};

static void members(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct httpa_nitro doc;
        struct httpa_buf b = httpa_buf_growing(HTTPA_NITRO_MAX);
        put_changed(&b, &changes[i]);
        enum httpa_err err = read_with(HEAD, &b, 96, &doc);
        if (err != changes[i].err) {
            fail_msg("%s (%s): want %s, got %s", changes[i].member,
                     changes[i].why, httpa_err_name(changes[i].err),
                     httpa_err_name(err));
        }
        httpa_buf_done(&b);
    }
}

static void envelopes(void **state)
{
    static const struct {
        const char *why;
        const char *head;
        size_t sig_len;
        bool detached;
        enum httpa_err err;
    } rows[] = {
        { "as the device writes it", HEAD, 96, false, HTTPA_OK },
        { "in tag 18", "d2" HEAD, 96, false, HTTPA_OK },
        { "in another tag", "d1" HEAD, 96, false, HTTPA_ERR_MALFORMED },
        { "ES256", "8443a10126a0", 96, false, HTTPA_ERR_UNSUPPORTED },
        { "ES512", "8444a1013823a0", 96, false, HTTPA_ERR_UNSUPPORTED },
        { "no algorithm", "8440a0", 96, false, HTTPA_ERR_MISSING },
        { "one that nobody signed", "8440a1013822", 96, false,
          HTTPA_ERR_MISSING },
        { "more beside it", "8447a2013822044131a0", 96, false,
          HTTPA_ERR_UNSUPPORTED },
        { "a header that nobody signed", "8444a1013822a1044131", 96, false,
          HTTPA_ERR_UNSUPPORTED },
        { "of a name", "8444a1013822a1617800", 96, false,
          HTTPA_ERR_UNSUPPORTED },
        { "the payload is elsewhere", HEAD, 96, true, HTTPA_ERR_UNSUPPORTED },
        { "a signature of P-256", HEAD, 64, false, HTTPA_ERR_RANGE },
        { "one byte more", HEAD, 97, false, HTTPA_ERR_RANGE },
        { "no signature", HEAD, 0, false, HTTPA_ERR_RANGE },
    };
    struct httpa_buf b = httpa_buf_growing(HTTPA_NITRO_MAX);
    (void)state;
    put_changed(&b, &changes[0]);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_nitro doc;
        enum httpa_err err = read_with(
            rows[i].head, rows[i].detached ? NULL : &b, rows[i].sig_len, &doc);
        if (err != rows[i].err) {
            fail_msg("%s: want %s, got %s", rows[i].why,
                     httpa_err_name(rows[i].err), httpa_err_name(err));
        }
    }
    httpa_buf_done(&b);
}

/* Documents of 2025 have it, those of 2021 not. */
static void payloads_of_indefinite_length(void **state)
{
    struct httpa_nitro doc;
    struct httpa_buf b = httpa_buf_growing(HTTPA_NITRO_MAX);
    (void)state;
    put_changed(&b, &changes[0]);
    b.p[0] = 0xbf;
    assert_err(HTTPA_ERR_TRUNCATED, read_with(HEAD, &b, 96, &doc));
    httpa_buf_put_byte(&b, 0xff);
    assert_ok(read_with(HEAD, &b, 96, &doc));
    httpa_buf_put_byte(&b, 0x00);
    assert_err(HTTPA_ERR_TRAILING, read_with(HEAD, &b, 96, &doc));
    httpa_buf_done(&b);
}

static void a_member_twice(void **state)
{
    struct httpa_nitro doc;
    struct httpa_buf b = httpa_buf_growing(HTTPA_NITRO_MAX);
    (void)state;
    put_changed(&b, &changes[0]);
    b.p[0] = 0xaa;
    put_member(&b, "nonce", "4101", 0);
    assert_err(HTTPA_ERR_DUPLICATE, read_with(HEAD, &b, 96, &doc));
    httpa_buf_reset(&b);
    httpa_cbor_put_map(&b, 1);
    put_hex(&b, "0000");
    assert_err(HTTPA_ERR_UNSUPPORTED, read_with(HEAD, &b, 96, &doc));
    httpa_buf_done(&b);
}

static void what_is_read(void **state)
{
    struct document d = good_document();
    struct httpa_nitro doc;
    (void)state;
    d.tagged = true;
    struct httpa_buf b = make_document(&d);
    assert_ok(httpa_nitro_read(httpa_buf_slice(&b), &doc));
    assert_slice_is(doc.module_id, "i-0-enc0");
    assert_true(doc.timestamp_ms == NOW * 1000 + 346);
    assert_int_equal(doc.pcr_mask, 0x11f);
    assert_int_equal(doc.pcr[8].n, 48);
    assert_int_equal(doc.pcr[8].p[0], 0xa8);
    assert_int_equal(doc.pcr[5].n, 0);
    assert_memory_equal(doc.certificate.p, leaf.der, leaf.n);
    assert_int_equal(doc.cabundle_n, 2);
    assert_memory_equal(doc.cabundle[0].p, top.der, top.n);
    assert_memory_equal(doc.user_data.p, doc_rd, HTTPA_RD_LEN);
    assert_int_equal(doc.public_key.n + doc.nonce.n, 0);
    httpa_buf_put_byte(&b, 0);
    assert_err(HTTPA_ERR_TRAILING,
               httpa_nitro_read(httpa_buf_slice(&b), &doc));
    httpa_buf_done(&b);
}

static void longer_than_the_device_answers(void **state)
{
    struct httpa_nitro doc;
    uint8_t *large = calloc(1, HTTPA_NITRO_MAX + 1);
    (void)state;
    assert_non_null(large);
    assert_err(HTTPA_ERR_RANGE,
               httpa_nitro_read(httpa_slice_of(large, HTTPA_NITRO_MAX + 1),
                                &doc));
    free(large);
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_nitro doc;
    (void)arg;
    if (httpa_nitro_read(in, &doc) == HTTPA_OK) {
        assert_true(doc.pcr_mask != 0 && doc.certificate.n > 0);
        assert_true(doc.cabundle_n > 0);
        assert_int_equal(doc.cose.signature.n, 96);
    }
}

static void mutants(void **state)
{
    struct document d = good_document();
    struct httpa_buf b = make_document(&d);
    (void)state;
    mutate(httpa_buf_slice(&b), read_mutant, NULL);
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members),
        cmocka_unit_test(envelopes),
        cmocka_unit_test(payloads_of_indefinite_length),
        cmocka_unit_test(a_member_twice),
        cmocka_unit_test(what_is_read),
        cmocka_unit_test(longer_than_the_device_answers),
        cmocka_unit_test(mutants),
    };
    return cmocka_run_group_tests(tests, open_pki, close_pki);
}
