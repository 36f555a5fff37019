/* NIST's GCM test cases, RFC 8439 2.8.2, and what an attacker would send. */
#include "crypto/aead.h"

#include "support.h"

#include <openssl/err.h>

#define GCM_KEY "feffe9928665731c6d6a8f9467308308"
#define GCM_TEXT                                                               \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c"       \
    "3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define ZERO_16 "00000000000000000000000000000000"
#define ZERO_12 "000000000000000000000000"

static const struct vector {
    enum httpa_suite_id suite;
    const char *key;
    const char *nonce;
    const char *aad;
    const char *text;
    const char *sealed;
} vectors[] = {
    { HTTPA_AES_128_GCM_SHA256, ZERO_16, ZERO_12, "", "",
      "58e2fccefa7e3061367f1d57a4e7455a" },
    { HTTPA_AES_128_GCM_SHA256, ZERO_16, ZERO_12, "", ZERO_16,
      "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf" },
    { HTTPA_AES_128_GCM_SHA256, GCM_KEY, "cafebabefacedbaddecaf888",
      "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_TEXT,
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b2"
      "5466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
      "5bc94fbc3221a5db94fae95ae7121a47" },
    { HTTPA_AES_256_GCM_SHA384, ZERO_16 ZERO_16, ZERO_12, "", "",
      "530f8afbc74536b9a963b4f1c4cb738b" },
    { HTTPA_AES_256_GCM_SHA384, GCM_KEY GCM_KEY, "cafebabefacedbaddecaf888",
      "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_TEXT,
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48"
      "590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b" },
    { HTTPA_CHACHA20_POLY1305_SHA256,
      "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
      "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
      "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66"
      "202739393a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e6520"
      "74697020666f7220746865206675747572652c2073756e73637265656e20776f756c6420"
      "62652069742e",
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e"
      "8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c"
      "9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265"
      "86cec64b61161ae10b594f09e26a7e902ecbd0600691" },
};

struct sample {
    struct httpa_aead a;
    uint8_t nonce[12];
    uint8_t aad[32], text[256], sealed[256];
    size_t aad_n, text_n, sealed_n;
};

/* Keys s->a, which may have had another key and suite before. */
static void load(struct sample *s, const struct vector *v)
{
    assert_int_equal(unhex(v->nonce, s->nonce, 12), 12);
    s->aad_n = unhex(v->aad, s->aad, sizeof(s->aad));
    s->text_n = unhex(v->text, s->text, sizeof(s->text));
    s->sealed_n = unhex(v->sealed, s->sealed, sizeof(s->sealed));
    assert_ok(
        httpa_aead_init(&s->a, crypto, httpa_suite_at(v->suite), hex(v->key)));
}

static struct httpa_aead_parts aad_of(const struct sample *s)
{
    return httpa_aead_one(httpa_slice_of(s->aad, s->aad_n));
}

/* One object goes through all suites; every vector is sealed and opened twice
 * in turn, since only the nonce may carry over. */
static void known_answers(void **state)
{
    (void)state;
    struct sample s = { .aad_n = 0 };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        load(&s, &vectors[i]);
        for (int turn = 0; turn < 2; turn++) {
            uint8_t out[256];
            assert_ok(httpa_aead_seal(
                &s.a, s.nonce, aad_of(&s),
                httpa_aead_one(httpa_slice_of(s.text, s.text_n)), out));
            assert_memory_equal(out, s.sealed, s.sealed_n);
            assert_ok(httpa_aead_open(&s.a, s.nonce, aad_of(&s),
                                      httpa_slice_of(s.sealed, s.sealed_n),
                                      out));
            assert_memory_equal(out, s.text, s.text_n);
        }
    }
    httpa_aead_done(&s.a);
    httpa_aead_done(&s.a); /* twice does nothing */
}

/* Any cut of AAD and text into two pieces gives the same bytes. */
static void two_pieces(void **state)
{
    (void)state;
    struct sample s = { .aad_n = 0 };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        load(&s, &vectors[i]);
        for (size_t cut = 0; cut <= s.text_n; cut++) {
            size_t aad_cut = cut < s.aad_n ? cut : s.aad_n;
            uint8_t out[256];
            assert_ok(httpa_aead_seal(
                &s.a, s.nonce,
                httpa_aead_two(
                    httpa_slice_of(s.aad, aad_cut),
                    httpa_slice_of(s.aad + aad_cut, s.aad_n - aad_cut)),
                httpa_aead_two(httpa_slice_of(s.text, cut),
                               httpa_slice_of(s.text + cut, s.text_n - cut)),
                out));
            assert_memory_equal(out, s.sealed, s.sealed_n);
        }
    }
    httpa_aead_done(&s.a);
}

static void in_place(void **state)
{
    (void)state;
    struct sample s = { .aad_n = 0 };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        load(&s, &vectors[i]);
        size_t cut = s.text_n / 3;
        uint8_t room[256];
        memcpy(room, s.text, s.text_n);
        assert_ok(httpa_aead_seal(
            &s.a, s.nonce, aad_of(&s),
            httpa_aead_two(httpa_slice_of(room, cut),
                           httpa_slice_of(room + cut, s.text_n - cut)),
            room));
        assert_memory_equal(room, s.sealed, s.sealed_n);
        assert_ok(httpa_aead_open(&s.a, s.nonce, aad_of(&s),
                                  httpa_slice_of(room, s.sealed_n), room));
        assert_memory_equal(room, s.text, s.text_n);
    }
    httpa_aead_done(&s.a);
}

static void try_open(struct httpa_slice in, void *arg)
{
    struct sample *s = arg;
    if (httpa_slice_equal(in, httpa_slice_of(s->sealed, s->sealed_n))) {
        return;
    }
    uint8_t out[256];
    memset(out, 0x77, sizeof(out));
    assert_err(HTTPA_ERR_TAG,
               httpa_aead_open(&s->a, s->nonce, aad_of(s), in, out));
    size_t n = in.n < HTTPA_AEAD_TAG ? 0 : in.n - HTTPA_AEAD_TAG;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(out[i], 0); /* not one unverified byte */
    }
    assert_int_equal(out[n], 0x77);
}

static void every_bit_and_every_byte_counts(void **state)
{
    (void)state;
    struct sample s = { .aad_n = 0 };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        load(&s, &vectors[i]);
        mutate(httpa_slice_of(s.sealed, s.sealed_n), try_open, &s);
        struct httpa_slice sealed = httpa_slice_of(s.sealed, s.sealed_n);
        uint8_t out[256];
        for (size_t bit = 0; bit < 8 * sizeof(s.nonce); bit++) {
            s.nonce[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_err(HTTPA_ERR_TAG,
                       httpa_aead_open(&s.a, s.nonce, aad_of(&s), sealed, out));
            s.nonce[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * s.aad_n; bit++) {
            s.aad[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_err(HTTPA_ERR_TAG,
                       httpa_aead_open(&s.a, s.nonce, aad_of(&s), sealed, out));
            s.aad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_ok(httpa_aead_open(&s.a, s.nonce, aad_of(&s), sealed, out));
    }
    assert_int_equal(ERR_peek_error(), 0);
    httpa_aead_done(&s.a);
}

static void another_key_does_not_open(void **state)
{
    (void)state;
    struct sample s = { .aad_n = 0 };
    load(&s, &vectors[2]);
    void *before = s.a.ctx;
    assert_ok(httpa_aead_init(&s.a, crypto, s.a.suite, hex(ZERO_16)));
    assert_ptr_equal(s.a.ctx, before); /* keyed again in place */
    uint8_t out[256];
    assert_err(HTTPA_ERR_TAG,
               httpa_aead_open(&s.a, s.nonce, aad_of(&s),
                               httpa_slice_of(s.sealed, s.sealed_n), out));
    httpa_aead_done(&s.a);
}

static void misuse(void **state)
{
    (void)state;
    struct httpa_aead a = { 0 };
    uint8_t nonce[12] = { 0 };
    uint8_t out[32];
    const struct httpa_aead_parts none = { .first = { 0 } };
    const struct httpa_suite *suite = httpa_suite_at(0);
    static const size_t bad[] = { 0, 15, 17, 32 };
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t key[32] = { 0 };
        assert_err(
            HTTPA_ERR_USAGE,
            httpa_aead_init(&a, crypto, suite, httpa_slice_of(key, bad[i])));
    }
    assert_err(HTTPA_ERR_USAGE, httpa_aead_seal(&a, nonce, none, none, out));
    assert_err(HTTPA_ERR_USAGE,
               httpa_aead_open(&a, nonce, none, httpa_slice_of(out, 16), out));
    /* A failed re-key leaves no key, not the old one. */
    assert_ok(httpa_aead_init(&a, crypto, suite, hex(ZERO_16)));
    assert_err(HTTPA_ERR_USAGE, httpa_aead_init(&a, crypto, suite, hex("00")));
    assert_err(HTTPA_ERR_USAGE, httpa_aead_seal(&a, nonce, none, none, out));
    /* Lengths that OpenSSL's int cannot hold, also as a sum. */
    assert_ok(httpa_aead_init(&a, crypto, suite, hex(ZERO_16)));
    const struct httpa_slice half = { out, HTTPA_AEAD_TEXT_MAX / 2 + 1 };
    const struct httpa_slice huge = { out, SIZE_MAX };
    assert_err(HTTPA_ERR_USAGE,
               httpa_aead_seal(&a, nonce, none, httpa_aead_one(huge), out));
    assert_err(
        HTTPA_ERR_USAGE,
        httpa_aead_seal(&a, nonce, none, httpa_aead_two(half, half), out));
    assert_err(
        HTTPA_ERR_USAGE,
        httpa_aead_seal(&a, nonce, httpa_aead_two(huge, huge), none, out));
    httpa_aead_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(two_pieces),
        cmocka_unit_test(in_place),
        cmocka_unit_test(every_bit_and_every_byte_counts),
        cmocka_unit_test(another_key_does_not_open),
        cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
