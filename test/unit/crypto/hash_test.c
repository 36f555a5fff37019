/* FIPS 180-4, RFC 4231 and RFC 5869. */
#include "crypto/hkdf.h"

#include "support.h"

static void known_digests(void **state)
{
    (void)state;
    static const struct {
        enum httpa_hash_id id;
        const char *in;
        const char *want;
    } rows[] = {
        { HTTPA_SHA256, "",
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { HTTPA_SHA256, "abc",
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { HTTPA_SHA384, "abc",
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
          "8086072ba1e7cc2358baeca134c825a7" },
        { HTTPA_SHA512, "abc",
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_digest d;
        assert_ok(httpa_hash_once(crypto, rows[i].id,
                                  httpa_slice_str(rows[i].in), &d));
        assert_int_equal(d.id, rows[i].id);
        assert_slice_hex(httpa_digest_slice(&d), rows[i].want);
    }
    uint8_t public_one[32];
    assert_ok(httpa_crypto_sha256(crypto, httpa_slice_str("abc"), public_one));
    assert_slice_hex(httpa_slice_of(public_one, 32), rows[1].want);
}

static void pieces_and_copies(void **state)
{
    (void)state;
    struct httpa_hash h;
    struct httpa_hash fork;
    struct httpa_digest whole;
    struct httpa_digest d;
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA384, httpa_slice_str("abcdef"),
                              &whole));
    assert_ok(httpa_hash_init(&h, crypto, HTTPA_SHA384));
    httpa_hash_update(&h, httpa_slice_str("abc"));
    httpa_hash_update(&h, (struct httpa_slice){ 0 });
    assert_ok(httpa_hash_copy(&h, &fork));
    httpa_hash_update(&h, httpa_slice_str("def"));
    assert_ok(httpa_hash_final(&h, &d));
    httpa_hash_done(&h);
    assert_true(httpa_digest_equal(&d, &whole));
    assert_ok(httpa_hash_final(&fork, &d)); /* untouched by what came after */
    httpa_hash_done(&fork);
    assert_false(httpa_digest_equal(&d, &whole));
    httpa_hash_done(&fork); /* twice does nothing */
}

static void final_uses_the_state_up(void **state)
{
    (void)state;
    struct httpa_hash h;
    struct httpa_digest d;
    assert_ok(httpa_hash_init(&h, crypto, HTTPA_SHA256));
    assert_ok(httpa_hash_final(&h, &d));
    httpa_hash_update(&h, httpa_slice_str("late"));
    assert_err(HTTPA_ERR_CRYPTO, httpa_hash_final(&h, &d));
    httpa_hash_done(&h);
}

static void digests_of_two_hashes_differ(void **state)
{
    (void)state;
    struct httpa_digest a = { .id = HTTPA_SHA256, .n = 32 };
    struct httpa_digest b = a;
    assert_true(httpa_digest_equal(&a, &b));
    b.id = HTTPA_SHA384;
    assert_false(httpa_digest_equal(&a, &b));
    b = a;
    b.bytes[31] = 1;
    assert_false(httpa_digest_equal(&a, &b));
}

static void hmac(void **state)
{
    (void)state;
    static const struct {
        enum httpa_hash_id id;
        const char *want;
    } rows[] = {
        { HTTPA_SHA256,
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { HTTPA_SHA384,
          "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
          "faea9ea9076ede7f4af152e8b2fa9cb6" },
        { HTTPA_SHA512,
          "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
          "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
    };
    static const char key[] = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b";
    const struct httpa_slice in[] = { httpa_slice_str("Hi "),
                                      httpa_slice_str(""),
                                      httpa_slice_str("There") };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_digest d;
        assert_ok(httpa_hmac(crypto, rows[i].id, hex(key), in, 3, &d));
        assert_slice_hex(httpa_digest_slice(&d), rows[i].want);
    }
}

/* The model of the context is keyed too: its key must never be the one used
 * when the caller's is empty. */
static void hmac_of_nothing(void **state)
{
    (void)state;
    struct httpa_digest d;
    assert_ok(httpa_hmac(crypto, HTTPA_SHA256, (struct httpa_slice){ 0 }, NULL,
                         0, &d));
    assert_slice_hex(httpa_digest_slice(&d),
                     "b613679a0814d9ec772f95d778c35fc5"
                     "ff1697c493715653c6c712144292c5ad");
}

static void rfc_5869(void **state)
{
    (void)state;
    static const struct {
        const char *ikm;
        const char *salt;
        const char *info;
        const char *prk;
        const char *okm;
    } rows[] = {
        { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
          "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
          "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
          "34007208d5b887185865" },
        { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
          "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
          "404142434445464748494a4b4c4d4e4f",
          "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
          "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
          "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
          "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
          "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
          "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
          "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
          "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
          "cc30c58179ec3e87c14c01d5c1f3434f1d87" },
        { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
          "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
          "9d201395faa4b61a96c8" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_secret prk;
        uint8_t okm[82];
        size_t n = strlen(rows[i].okm) / 2;
        assert_ok(httpa_hkdf_extract(crypto, HTTPA_SHA256, hex(rows[i].salt),
                                     hex(rows[i].ikm), &prk));
        assert_slice_hex(httpa_secret_slice(&prk), rows[i].prk);
        assert_ok(httpa_hkdf_expand(crypto, &prk, hex(rows[i].info), okm, n));
        assert_hex(okm, n, rows[i].okm);
        httpa_secret_done(&prk);
        assert_int_equal(prk.bytes[0] | prk.bytes[31], 0);
    }
}

static void expand_limits(void **state)
{
    (void)state;
    struct httpa_secret prk = { .hash = HTTPA_SHA256, .n = 32 };
    struct httpa_slice none = { 0 };
    uint8_t out[255 * 32 + 1] = { 0 };
    assert_ok(httpa_hkdf_expand(crypto, &prk, none, out, 255 * 32));
    assert_int_equal(out[255 * 32], 0);
    assert_err(HTTPA_ERR_RANGE,
               httpa_hkdf_expand(crypto, &prk, none, out, 255 * 32 + 1));
    assert_err(HTTPA_ERR_RANGE, httpa_hkdf_expand(crypto, &prk, none, out, 0));

    uint8_t context[256] = { 0 };
    char label[256];
    memset(label, 'a', sizeof(label));
    label[248] = 0; /* with the prefix of 7: 255 */
    assert_ok(httpa_expand_label(crypto, &prk, label,
                                 httpa_slice_of(context, 255), out, 32));
    assert_err(HTTPA_ERR_RANGE,
               httpa_expand_label(crypto, &prk, label,
                                  httpa_slice_of(context, 256), out, 32));
    label[248] = 'a';
    label[249] = 0;
    assert_err(HTTPA_ERR_RANGE,
               httpa_expand_label(crypto, &prk, label, none, out, 32));
}

/* RFC 8446 7.1 written out by hand. */
static void label_layout(void **state)
{
    (void)state;
    struct httpa_secret prk = { .hash = HTTPA_SHA384, .n = 48 };
    uint8_t by_hand[12];
    uint8_t by_label[12];
    assert_ok(httpa_hkdf_expand(crypto, &prk,
                                hex("000c09"
                                    "687474706132206976"
                                    "020102"),
                                by_hand, 12));
    assert_ok(
        httpa_expand_label(crypto, &prk, "iv", hex("0102"), by_label, 12));
    assert_memory_equal(by_hand, by_label, 12);

    struct httpa_secret next;
    assert_ok(httpa_expand_secret(crypto, &prk, "x", hex("01"), &next));
    assert_int_equal(next.n, 48);
    assert_ok(httpa_expand_secret(crypto, &prk, "x", hex("01"), &prk));
    assert_memory_equal(prk.bytes, next.bytes, 48); /* in place */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_digests),
        cmocka_unit_test(pieces_and_copies),
        cmocka_unit_test(final_uses_the_state_up),
        cmocka_unit_test(digests_of_two_hashes_differ),
        cmocka_unit_test(hmac),
        cmocka_unit_test(hmac_of_nothing),
        cmocka_unit_test(rfc_5869),
        cmocka_unit_test(expand_limits),
        cmocka_unit_test(label_layout),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
