/*
 * KDFa and KDFe against values of an independent program (Python's hmac and
 * hashlib, from the text of Part 1), CFB against SP 800-38A, OAEP against
 * OpenSSL's decryption.
 */
#include "crypto/tpm.h"

#include "support.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define KEY_32                                                                 \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const uint8_t party_u[34] = {
    0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
    0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
    0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
};
static const uint8_t party_v[5] = { 0xbb, 0xbb, 0xbb, 0xbb, 0xbb };

static const struct {
    enum httpa_hash_id hash;
    size_t n;
    const char *kdfa;
    const char *kdfe;
} derived[] = {
    { HTTPA_SHA256, 16, "1d8439ab5d53adc5c09c7ec9766d5877",
      "f545f33d0e54e1f930f3696fe02f39e4" },
    { HTTPA_SHA256, 32,
      "93bdeae7d701dc81c221299aac73981afedcd33d5dc65f53c71f520aebff9e46",
      "f545f33d0e54e1f930f3696fe02f39e449582bfe2ffcea3e4778dc7e733cc4cb" },
    { HTTPA_SHA256, 40,
      "15a33a0b8aec49db918c8779ba861224b8e1c37140e57ecacd7bedf13fdf3e48"
      "f6c1f39dc7470aed",
      "f545f33d0e54e1f930f3696fe02f39e449582bfe2ffcea3e4778dc7e733cc4cb"
      "12e4bf9c9c4feca3" },
    { HTTPA_SHA384, 48,
      "3f5bf1f60c6f9be80e13404d6f550c2d9b8f33f9e33470456c661f55cc28c121"
      "4557e0536df4113f19a2d8e09182d78f",
      "4b25b1d53dadf370048ac84282b78f0cc7fe347b481f2c64d8955cc9274506d1"
      "ae333205e29967d954e8c6d2592fc2d1" },
};

static struct httpa_tpm_info info_of(const char *label)
{
    return (struct httpa_tpm_info){
        .label = label,
        .u = httpa_slice_of(party_u, sizeof(party_u)),
        .v = httpa_slice_of(party_v, sizeof(party_v)),
    };
}

static void derivations(void **state)
{
    (void)state;
    struct httpa_tpm_info storage = info_of("STORAGE");
    struct httpa_tpm_info identity = info_of("IDENTITY");
    for (size_t i = 0; i < COUNT(derived); i++) {
        uint8_t out[64];
        assert_ok(httpa_tpm_kdfa(crypto, derived[i].hash, hex(KEY_32), &storage,
                                 out, derived[i].n));
        assert_hex(out, derived[i].n, derived[i].kdfa);
        assert_ok(httpa_tpm_kdfe(crypto, derived[i].hash, hex(KEY_32),
                                 &identity, out, derived[i].n));
        assert_hex(out, derived[i].n, derived[i].kdfe);
    }
}

static void derivation_limits(void **state)
{
    (void)state;
    struct httpa_tpm_info info = info_of("INTEGRITY");
    static const size_t bad[] = { 0, 65, SIZE_MAX };
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t out[64];
        assert_err(HTTPA_ERR_RANGE,
                   httpa_tpm_kdfa(crypto, HTTPA_SHA256, hex(KEY_32), &info, out,
                                  bad[i]));
        assert_err(HTTPA_ERR_RANGE,
                   httpa_tpm_kdfe(crypto, HTTPA_SHA256, hex(KEY_32), &info, out,
                                  bad[i]));
    }
}

#define CFB_IV "000102030405060708090a0b0c0d0e0f"
#define CFB_TEXT                                                               \
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"         \
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"

static void sp_800_38a(void **state)
{
    (void)state;
    static const struct {
        const char *key, *want;
    } rows[] = {
        { "2b7e151628aed2a6abf7158809cf4f3c",
          "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
          "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6" },
        { "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
          "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b"
          "df10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471" },
    };
    uint8_t iv[16];
    unhex(CFB_IV, iv, sizeof(iv));
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t want[64];
        unhex(rows[i].want, want, sizeof(want));
        for (size_t n = 0; n <= 64; n++) { /* a stream: any length */
            uint8_t text[64];
            unhex(CFB_TEXT, text, sizeof(text));
            assert_ok(httpa_tpm_cfb_encrypt(crypto, hex(rows[i].key), iv,
                                            httpa_slice_of(text, n), text));
            assert_memory_equal(text, want, n);
        }
    }
    uint8_t out[16];
    assert_err(HTTPA_ERR_USAGE,
               httpa_tpm_cfb_encrypt(crypto, hex("00"), iv, hex("00"), out));
}

/* Decrypts with OpenSSL alone; the number of bytes, 0 on failure. */
static size_t oaep_decrypt(const struct httpa_key *key, const char *label,
                           struct httpa_slice in, uint8_t *out, size_t cap)
{
    struct httpa_buf pem = httpa_buf_growing(HTTPA_KEY_PEM_MAX);
    assert_ok(httpa_key_write_pem(key, &pem));
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    httpa_buf_done(&pem);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    size_t label_n = strlen(label) + 1;
    void *copy = OPENSSL_memdup(label, label_n);
    size_t n = cap;
    assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING),
                     1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, "SHA256", NULL), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, "SHA256", NULL), 1);
    assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy, (int)label_n),
                     1);
    int ok = EVP_PKEY_decrypt(ctx, out, &n, in.p, in.n);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return ok == 1 ? n : 0;
}

static void oaep(void **state)
{
    (void)state;
    struct httpa_key *key = NULL;
    struct httpa_pubkey *pub = NULL;
    assert_ok(httpa_key_generate(crypto, HTTPA_KEY_RSA, &key));
    assert_ok(httpa_pubkey_read(crypto, httpa_key_spki(key), &pub));
    struct httpa_buf sealed = httpa_buf_growing(384);
    assert_ok(httpa_tpm_oaep_encrypt(crypto, pub, HTTPA_SHA256, "IDENTITY",
                                     httpa_slice_str("seed"), &sealed));
    assert_int_equal(sealed.n, 384);
    uint8_t out[512];
    assert_int_equal(oaep_decrypt(key, "IDENTITY", httpa_buf_slice(&sealed),
                                  out, sizeof(out)),
                     4);
    assert_memory_equal(out, "seed", 4);
    assert_int_equal(oaep_decrypt(key, "DUPLICATE", httpa_buf_slice(&sealed),
                                  out, sizeof(out)),
                     0); /* the label is part of it */

    static const uint8_t big[384];
    struct httpa_buf none = httpa_buf_growing(383);
    assert_err(HTTPA_ERR_RANGE, httpa_tpm_oaep_encrypt(
                                    crypto, pub, HTTPA_SHA256, "IDENTITY",
                                    httpa_slice_of(big, 384 - 66 + 1), &none));
    assert_err(HTTPA_ERR_SPACE,
               httpa_tpm_oaep_encrypt(crypto, pub, HTTPA_SHA256, "IDENTITY",
                                      httpa_slice_of(big, 384 - 66), &none));
    httpa_buf_done(&sealed);
    httpa_pubkey_free(pub);
    httpa_key_free(key);

    assert_ok(httpa_key_generate(crypto, HTTPA_KEY_P256, &key));
    assert_ok(httpa_pubkey_read(crypto, httpa_key_spki(key), &pub));
    struct httpa_buf out_buf = httpa_buf_growing(384);
    assert_err(HTTPA_ERR_KEY,
               httpa_tpm_oaep_encrypt(crypto, pub, HTTPA_SHA256, "IDENTITY",
                                      httpa_slice_str("seed"), &out_buf));
    httpa_pubkey_free(pub);
    httpa_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivations),
        cmocka_unit_test(derivation_limits),
        cmocka_unit_test(sp_800_38a),
        cmocka_unit_test(oaep),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
