/* The form of a paravisor's report: lengths, zeros, and which key counts. */
#include "hcl_maker.h"
#include "support/test.h"

#define KEY(kid, n)                                                            \
    "{\"kid\":\"" kid "\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" n "\"}"
#define GOOD                                                                   \
    "{\"keys\":[" KEY("HCLAkPub", "gQID") "," KEY("HCLEkPub", "gQIE") "]}"

#define DATA (32u + HTTPA_HCL_REPORT)

static uint8_t room[HTTPA_HCL_MAX];

static enum httpa_err read_json(const char *json)
{
    struct httpa_hcl hcl;
    return httpa_hcl_read(hcl_make(room, NULL, json), &hcl);
}

static void a_good_one(void **state)
{
    struct httpa_hcl hcl;
    (void)state;
    struct httpa_slice in = hcl_make(room, NULL, GOOD);
    assert_ok(httpa_hcl_read(in, &hcl));
    assert_int_equal(hcl.kind, HTTPA_HCL_SNP);
    assert_ptr_equal(hcl.report.p, room + 32);
    assert_int_equal(hcl.report.n, HTTPA_HCL_REPORT);
    assert_true(httpa_slice_is(hcl.runtime_data, GOOD));
    assert_int_equal(hcl.modulus_n, 3);
    assert_memory_equal(hcl.modulus, "\x81\x02\x03", 3);
    in.n = DATA + 20 + strlen(GOOD); /* without the zeros */
    assert_ok(httpa_hcl_read(in, &hcl));
}

static void keys_that_do_not_count(void **state)
{
    static const struct {
        const char *json;
        enum httpa_err err;
    } rows[] = {
        { "{\"keys\":[" KEY("HCLEkPub", "gQID") "]}", HTTPA_ERR_MISSING },
        { "{\"keys\":[]}", HTTPA_ERR_MISSING },
        { "{}", HTTPA_ERR_MISSING },
        { "{\"keys\":" KEY("HCLAkPub", "gQID") "}", HTTPA_ERR_MALFORMED },
        /* a second key of the name, behind and before */
        { "{\"keys\":[" KEY("HCLAkPub", "gQID") "," KEY("HCLAkPub", "gQIE") "]}",
          HTTPA_ERR_DUPLICATE },
        { "{\"keys\":[" KEY("HCLAkPub", "gQID") "],\"keys\":["
          KEY("HCLAkPub", "gQIE") "]}",
          HTTPA_ERR_DUPLICATE },
        { "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\","
          "\"n\":\"gQID\",\"n\":\"gQIE\"}]}",
          HTTPA_ERR_DUPLICATE },
        /* another kind of key, another exponent, a number with zeros in front,
         * not base64url */
        { "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"EC\"}]}",
          HTTPA_ERR_UNSUPPORTED },
        { "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"Aw\","
          "\"n\":\"gQID\"}]}",
          HTTPA_ERR_UNSUPPORTED },
        { "{\"keys\":[" KEY("HCLAkPub", "AIED") "]}", HTTPA_ERR_MALFORMED },
        { "{\"keys\":[" KEY("HCLAkPub", "") "]}", HTTPA_ERR_MALFORMED },
        { "{\"keys\":[" KEY("HCLAkPub", "gQ+D") "]}", HTTPA_ERR_MALFORMED },
        { GOOD "x", HTTPA_ERR_TRAILING },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (read_json(rows[i].json) != rows[i].err) {
            fail_msg("row %zu: %s", i, httpa_strerror(read_json(rows[i].json)));
        }
    }
}

static void a_key_too_large(void **state)
{
    char json[1024];
    char n[4 * 173 + 1]; /* 519 bytes */
    (void)state;
    memset(n, 'g', sizeof(n) - 1);
    n[sizeof(n) - 1] = 0;
    (void)snprintf(json, sizeof(json), "{\"keys\":[" KEY("HCLAkPub", "%s") "]}",
                   n);
    assert_err(HTTPA_ERR_RANGE, read_json(json));
}

/* Numbers of the two headers, each off by one and at its largest. */
static void headers_that_lie(void **state)
{
    static const size_t at[] = { 0,        4,         8,         12,
                                 16,       28,        DATA,      DATA + 4,
                                 DATA + 8, DATA + 12, DATA + 16 };
    static const uint8_t largest[4] = { 0xff, 0xff, 0xff, 0xff };
    struct httpa_hcl hcl;
    (void)state;
    for (size_t i = 0; i < COUNT(at); i++) {
        struct httpa_slice in = hcl_make(room, NULL, GOOD);
        room[at[i]] ^= 8;
        assert_true(httpa_hcl_read(in, &hcl) != HTTPA_OK);
        memcpy(room + at[i], largest, 4);
        assert_true(httpa_hcl_read(in, &hcl) != HTTPA_OK);
    }
}

/* Every byte in front of, and behind, what a digest covers. */
static void no_changed_frame_is_read(void **state)
{
    struct httpa_hcl hcl;
    size_t end = DATA + 20 + strlen(GOOD);
    (void)state;
    for (size_t i = 0; i < HTTPA_HCL_MAX; i++) {
        bool hashed = i >= DATA + 20 && i < end;
        bool report = i >= 32 && i < DATA;
        bool version = i == 4;   /* 1 or 2, and both read the same */
        bool kind = i == DATA + 8; /* the verifier looks */
        struct httpa_slice in = hcl_make(room, NULL, GOOD);
        for (unsigned bit = 0; bit < 8; bit++) {
            room[i] ^= (uint8_t)(1u << bit);
            if (!hashed && !report && !version && !kind &&
                httpa_hcl_read(in, &hcl) == HTTPA_OK) {
                fail_msg("byte %zu changed, and it was read", i);
            }
            room[i] ^= (uint8_t)(1u << bit);
        }
    }
}

static void every_truncation(void **state)
{
    struct httpa_hcl hcl;
    struct httpa_slice in = hcl_make(room, NULL, GOOD);
    (void)state;
    for (in.n = 0; in.n < DATA + 20 + strlen(GOOD); in.n++) {
        assert_true(httpa_hcl_read(in, &hcl) != HTTPA_OK);
    }
    static uint8_t longer[HTTPA_HCL_MAX + 1];
    (void)hcl_make(longer, NULL, GOOD);
    assert_err(HTTPA_ERR_RANGE,
               httpa_hcl_read(httpa_slice_of(longer, sizeof(longer)), &hcl));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_one),
        cmocka_unit_test(keys_that_do_not_count),
        cmocka_unit_test(a_key_too_large),
        cmocka_unit_test(headers_that_lie),
        cmocka_unit_test(no_changed_frame_is_read),
        cmocka_unit_test(every_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
