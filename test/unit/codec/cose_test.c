#include "codec/cose.h"
#include "codec/cbor.h"
#include "codec/cbor_write.h"
#include "support/shared.h"

static uint8_t raw[1024];

static struct httpa_slice bytes(const char *hex)
{
    return httpa_slice_of(raw, unhex(hex, raw, sizeof(raw)));
}

/* RFC 9052 C.2.1: one signer, ES256, kid "11". */
#define PAYLOAD "546869732069732074686520636f6e74656e742e"
#define SIGNATURE                                                          \
    "8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e"     \
    "2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36"
#define SIGN1                                                              \
    "d28443a10126a10442313154" PAYLOAD "5840" SIGNATURE

static void the_message_of_the_rfc(void **state)
{
    (void)state;
    struct httpa_cose_sign1 m;
    assert_ok(httpa_cose_sign1_read(bytes(SIGN1), HTTPA_COSE_TAGGED, &m));
    assert_true(m.alg == HTTPA_COSE_ES256);
    assert_slice_is(m.kid, "11");
    assert_int_equal(m.x5chain_n, 0);
    assert_false(m.detached);
    assert_slice_is(m.payload, "This is the content.");
    assert_hex(m.signature.p, m.signature.n, SIGNATURE);
    assert_hex(m.protected_header.p, m.protected_header.n, "a10126");

    uint8_t room[128];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cose_put_signed(&b, &m, (struct httpa_slice){ 0 }, m.payload);
    assert_hex(b.p, b.n,
               "846a5369676e61747572653143a101264054" PAYLOAD);
    httpa_buf_reset(&b);
    httpa_cose_put_signed(&b, &m, httpa_slice_of("\x11\xaa", 2),
                          httpa_slice_of("x", 1));
    assert_hex(b.p, b.n, "846a5369676e61747572653143a101264211aa4178");
}

struct row {
    const char *hex;
    enum httpa_cose_form form;
    enum httpa_err err;
    const char *why;
};

#define TAGGED HTTPA_COSE_TAGGED
#define UNTAGGED HTTPA_COSE_UNTAGGED
#define EITHER HTTPA_COSE_EITHER
#define P "43a10126" /* protected {1: -7} */

static const struct row rows[] = {
    { "84" P "a0" "4101" "4102", UNTAGGED, HTTPA_OK, "the smallest" },
    { "84" P "a0" "f6" "4102", UNTAGGED, HTTPA_OK, "detached payload" },
    { "84" P "a0" "40" "40", UNTAGGED, HTTPA_OK, "empty payload" },
    { "84" P "a118ff00" "40" "40", UNTAGGED, HTTPA_OK, "unknown parameter" },
    { "84" P "a1617800" "40" "40", UNTAGGED, HTTPA_OK, "named parameter" },
    { "84" "46a20126044131" "a0" "40" "40", UNTAGGED, HTTPA_OK,
      "protected kid" },
    { "d284" P "a0" "4101" "4102", EITHER, HTTPA_OK, "a tag is there" },
    { "84" P "a0" "4101" "4102", EITHER, HTTPA_OK, "no tag is there" },
    { "84" P "a0" "4101" "4102", TAGGED, HTTPA_ERR_MALFORMED, "no tag" },
    { "d284" P "a0" "4101" "4102", UNTAGGED, HTTPA_ERR_MALFORMED, "a tag" },
    { "d184" P "a0" "4101" "4102", TAGGED, HTTPA_ERR_MALFORMED,
      "the tag of COSE_Mac0" },
    { "d184" P "a0" "4101" "4102", EITHER, HTTPA_ERR_MALFORMED,
      "the tag of COSE_Mac0" },
    { "d2d284" P "a0" "4101" "4102", TAGGED, HTTPA_ERR_MALFORMED,
      "tagged twice" },
    { "83" P "a0" "4101", UNTAGGED, HTTPA_ERR_MALFORMED, "three members" },
    { "85" P "a0" "4101" "4102" "00", UNTAGGED, HTTPA_ERR_MALFORMED,
      "five members" },
    { "80", UNTAGGED, HTTPA_ERR_MALFORMED, "no member" },
    { "a0", UNTAGGED, HTTPA_ERR_MALFORMED, "a map" },
    { "", UNTAGGED, HTTPA_ERR_TRUNCATED, "nothing" },
    { "d2", TAGGED, HTTPA_ERR_TRUNCATED, "only a tag" },
    { "84" P "a0" "4101" "41", UNTAGGED, HTTPA_ERR_TRUNCATED, "cut off" },
    { "84" P "a0" "4101" "4102" "00", UNTAGGED, HTTPA_ERR_TRAILING,
      "a byte behind" },
    { "84" "a10126" "a0" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "protected header not wrapped" },
    { "84" "a0" "a0" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "protected header not wrapped" },
    { "84" P "40" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "unprotected header wrapped" },
    { "84" P "a0" "6161" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "payload is text" },
    { "84" P "a0" "40" "f6", UNTAGGED, HTTPA_ERR_MALFORMED, "no signature" },
    { "84" P "a0" "40" "8141ff", UNTAGGED, HTTPA_ERR_MALFORMED,
      "an array of signatures" },
    { "84" "40" "a0" "40" "40", UNTAGGED, HTTPA_ERR_MISSING,
      "no protected header" },
    { "84" "41a0" "a0" "40" "40", UNTAGGED, HTTPA_ERR_MISSING,
      "empty protected header" },
    { "84" "40" "a10126" "40" "40", UNTAGGED, HTTPA_ERR_MISSING,
      "alg is not protected" },
    { "84" "44a1012600" "a0" "40" "40", UNTAGGED, HTTPA_ERR_TRAILING,
      "a byte behind the protected map" },
    { "84" "4101" "a0" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "protected header is no map" },
    { "84" "42a101" "a0" "40" "40", UNTAGGED, HTTPA_ERR_TRUNCATED,
      "protected map cut off" },
    { "84" "44a101617a" "a0" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "alg is text" },
    { "84" "45a201260126" "a0" "40" "40", UNTAGGED, HTTPA_ERR_DUPLICATE,
      "alg twice" },
    { "84" P "a10126" "40" "40", UNTAGGED, HTTPA_ERR_DUPLICATE,
      "alg in both headers" },
    { "84" "46a20126044131" "a1044131" "40" "40", UNTAGGED,
      HTTPA_ERR_DUPLICATE, "kid in both headers" },
    { "84" P "a2044131044131" "40" "40", UNTAGGED, HTTPA_ERR_DUPLICATE,
      "kid twice" },
    { "84" P "a1046131" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "kid is text" },
    { "84" "46a20126028104" "a0" "40" "40", UNTAGGED, HTTPA_ERR_UNSUPPORTED,
      "critical parameters" },
    { "84" P "a1028104" "40" "40", UNTAGGED, HTTPA_ERR_UNSUPPORTED,
      "critical parameters, not protected" },
    { "84" P "a1182181" "4130" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "a chain of one is not an array" },
    { "84" P "a1182180" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "a chain of none" },
    { "84" P "a11821824130" "00" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "a number in the chain" },
    { "84" P "a118216130" "40" "40", UNTAGGED, HTTPA_ERR_MALFORMED,
      "chain is text" },
    { "84" P "a1182189" "404040404040404040" "40" "40", UNTAGGED,
      HTTPA_ERR_RANGE, "a chain of nine" },
    { "9f" P "a0" "40" "40" "ff", UNTAGGED, HTTPA_ERR_UNSUPPORTED,
      "indefinite" },
};

static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_cose_sign1 m = { .alg = 77 };
        struct httpa_slice in = bytes(rows[i].hex);
        uint8_t *exact = exact_copy(in.p, in.n);
        enum httpa_err err = httpa_cose_sign1_read(
            httpa_slice_of(exact, in.n), rows[i].form, &m);
        free(exact);
        if (err != rows[i].err) {
            fail_msg("%s (%s): %s", rows[i].hex, rows[i].why,
                     httpa_err_name(err));
        }
        assert_true(m.alg == (err == HTTPA_OK ? -7 : 77));
    }
}

static void there_and_back(void **state)
{
    (void)state;
    uint8_t head[16], room[128];
    struct httpa_buf h = httpa_buf_fixed(head, sizeof(head));
    httpa_cose_put_protected(&h, HTTPA_COSE_ES384);
    struct httpa_cose_sign1 m = {
        .protected_header = httpa_buf_slice(&h),
        .kid = httpa_slice_str("11"),
        .payload = httpa_slice_str("p"),
        .signature = httpa_slice_str("s"),
    };
    for (size_t n = 0; n < 3; n++) {
        m.x5chain_n = n;
        m.x5chain[0] = httpa_slice_str("leaf");
        m.x5chain[1] = httpa_slice_str("root");
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_cose_sign1_write(&b, HTTPA_COSE_TAGGED, &m);
        struct httpa_cose_sign1 back;
        assert_ok(httpa_cose_sign1_read(httpa_buf_slice(&b),
                                        HTTPA_COSE_TAGGED, &back));
        assert_true(back.alg == HTTPA_COSE_ES384);
        assert_int_equal(back.x5chain_n, n);
        assert_slice_is(back.x5chain[0], n > 0 ? "leaf" : "");
        assert_slice_is(back.x5chain[1], n > 1 ? "root" : "");
        assert_slice_is(back.kid, "11");
        assert_slice_is(back.payload, "p");
        assert_slice_is(back.signature, "s");
    }
    m = (struct httpa_cose_sign1){ .protected_header = httpa_buf_slice(&h),
                                   .detached = true };
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cose_sign1_write(&b, HTTPA_COSE_UNTAGGED, &m);
    assert_hex(b.p, b.n, "8444a1013822a0f640");
    assert_ok(httpa_cose_sign1_read(httpa_buf_slice(&b), HTTPA_COSE_UNTAGGED,
                                    &m));
    assert_true(m.detached);
}

static void the_example_is_written_to_the_byte(void **state)
{
    (void)state;
    struct httpa_cose_sign1 m;
    assert_ok(httpa_cose_sign1_read(bytes(SIGN1), HTTPA_COSE_TAGGED, &m));
    uint8_t room[128];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_cose_sign1_write(&b, HTTPA_COSE_TAGGED, &m);
    assert_hex(b.p, b.n, SIGN1);
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(httpa_cose_ecdsa_width(HTTPA_COSE_ES256), 32);
    assert_int_equal(httpa_cose_ecdsa_width(HTTPA_COSE_ES384), 48);
    assert_int_equal(httpa_cose_ecdsa_width(HTTPA_COSE_ES512), 66);
    assert_int_equal(httpa_cose_ecdsa_width(HTTPA_COSE_EDDSA), 0);
    assert_int_equal(httpa_cose_ecdsa_width(HTTPA_COSE_PS256), 0);
    assert_int_equal(httpa_cose_ecdsa_width(INT64_MIN), 0);
}

/* Real documents; one of them has a payload of indefinite length. */
static void documents_of_aws_nitro(void **state)
{
    (void)state;
    static const char *const names[] = {
        "enclave-debug",    "enclave-expired-2021",     "enclave-nonce",
        "enclave-userdata", "bad-certificate-tampered", "bad-signature-tampered"
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path),
                       "vectors/nitro/%s/attestation_doc.cbor", names[i]);
        uint8_t room[8192];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        if (!shared_read(path, &b)) {
            continue;
        }
        struct httpa_cose_sign1 m;
        assert_ok(httpa_cose_sign1_read(httpa_buf_slice(&b),
                                        HTTPA_COSE_UNTAGGED, &m));
        assert_true(m.alg == HTTPA_COSE_ES384);
        assert_int_equal(m.signature.n, 96);
        bool indefinite = strcmp(names[i], "enclave-userdata") == 0;
        struct httpa_cbor c = httpa_cbor_of(m.payload, 0);
        (void)httpa_cbor_map(&c);
        assert_err(indefinite ? HTTPA_ERR_UNSUPPORTED : HTTPA_OK,
                   httpa_cbor_end(&c));
        c = httpa_cbor_of(m.payload, HTTPA_CBOR_INDEFINITE);
        struct httpa_cbor_map doc = httpa_cbor_map(&c);
        assert_ok(httpa_cbor_end(&c));
        c = httpa_cbor_find_text(&doc, "digest");
        assert_slice_is(httpa_cbor_text(&c), "SHA384");
        c = httpa_cbor_find_text(&doc, "pcrs");
        struct httpa_cbor_map pcrs = httpa_cbor_map(&c);
        assert_ok(httpa_cbor_end(&c));
        c = httpa_cbor_find_int(&pcrs, 0);
        assert_int_equal(httpa_cbor_bytes(&c).n, 48);
        assert_ok(httpa_cbor_end(&c));
    }
}

static void check_token(const struct httpa_cbor_map *both, int64_t key)
{
    struct httpa_cbor v = httpa_cbor_find_int(both, key);
    struct httpa_slice token = httpa_cbor_bytes(&v);
    assert_ok(httpa_cbor_end(&v));
    struct httpa_cose_sign1 m;
    assert_ok(httpa_cose_sign1_read(token, HTTPA_COSE_TAGGED, &m));
    assert_int_equal(m.signature.n, 2 * httpa_cose_ecdsa_width(m.alg));
    v = httpa_cbor_of(m.payload, 0);
    struct httpa_cbor_map claims = httpa_cbor_map(&v);
    assert_ok(httpa_cbor_end(&v));
    v = httpa_cbor_find_int(&claims, 10);
    assert_true(httpa_cbor_bytes(&v).n >= 32);
    assert_ok(httpa_cbor_end(&v));
}

static void tokens_of_arm_cca(void **state)
{
    (void)state;
    static const char *const names[] = { "tf-rmm", "trustee-tf-rse",
                                         "veraison-es256-platform",
                                         "bad-rak-binding" };
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "vectors/cca/%s/cca_token.cbor",
                       names[i]);
        uint8_t room[4096];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        if (!shared_read(path, &b)) {
            continue;
        }
        struct httpa_cbor c = httpa_cbor_of(httpa_buf_slice(&b), 0);
        assert_true(httpa_cbor_tag(&c) == 399);
        struct httpa_cbor_map both = httpa_cbor_map(&c);
        assert_ok(httpa_cbor_end(&c));
        check_token(&both, 44234);
        check_token(&both, 44241);
    }
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_cose_sign1 m;
    if (httpa_cose_sign1_read(in, HTTPA_COSE_EITHER, &m) == HTTPA_OK) {
        (*(size_t *)arg)++;
        uint8_t room[512];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_cose_put_signed(&b, &m, (struct httpa_slice){ 0 }, m.payload);
        assert_ok(httpa_buf_check(&b));
    }
}

static void mutants_are_survived(void **state)
{
    (void)state;
    size_t read = 0;
    mutate(bytes(SIGN1), read_mutant, &read);
    mutate(bytes("84" P "a2044131182182413041314101"
                 "4102"),
           read_mutant, &read);
    assert_true(read > 500); /* flips in payload and signature */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_message_of_the_rfc),
        cmocka_unit_test(forms),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(the_example_is_written_to_the_byte),
        cmocka_unit_test(widths),
        cmocka_unit_test(documents_of_aws_nitro),
        cmocka_unit_test(tokens_of_arm_cca),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
