/* RFC 8032, RFC 6979, own signatures, and signatures of an attacker. */
#include "crypto/sign.h"

#include "key_support.h"

#include <openssl/err.h>

/* RFC 6979 A.2.5 to A.2.7, message "sample", hash of the curve's size. */
#define P256_X                                                                 \
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define P256_Y                                                                 \
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define P256_R                                                                 \
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define P256_S                                                                 \
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
#define P256_N                                                                 \
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define ZERO_32                                                                \
    "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE_32                                                                 \
    "0000000000000000000000000000000000000000000000000000000000000001"
#define P384_X                                                                 \
    "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea" \
    "9055866064a254515480bc13"
#define P384_Y                                                                 \
    "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c" \
    "3ae0d4fe7344fd2533264720"
#define P384_SIG                                                               \
    "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a64815" \
    "2e44acf96e36dd1e80fabe46"                                                 \
    "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145" \
    "786e679e7b82c71a38628ac8"
#define P521_X                                                                 \
    "01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d4" \
    "6e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4"
#define P521_Y                                                                 \
    "00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25" \
    "741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5"
#define P521_R                                                                 \
    "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1" \
    "ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa"
#define P521_S                                                                 \
    "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623ea" \
    "a63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a"

static void tokens(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum httpa_scheme scheme;
        enum httpa_key_kind kind;
    } rows[] = {
        { "ed25519", HTTPA_SIGN_ED25519, HTTPA_KEY_ED25519 },
        { "ecdsa-p256-sha256", HTTPA_SIGN_ECDSA_P256_SHA256, HTTPA_KEY_P256 },
        { "ecdsa-p384-sha384", HTTPA_SIGN_ECDSA_P384_SHA384, HTTPA_KEY_P384 },
        { "rsa-pss-sha256", HTTPA_SIGN_RSA_PSS_SHA256, HTTPA_KEY_RSA },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_scheme s = HTTPA_SIGN_ES256;
        assert_ok(httpa_scheme_find(httpa_slice_str(rows[i].name), &s));
        assert_int_equal(s, rows[i].scheme);
        assert_string_equal(httpa_scheme_name(s), rows[i].name);
        assert_int_equal(httpa_scheme_of(rows[i].kind), s);
    }
    static const char *const unknown[] = { "", "Ed25519", "rsa-pss-sha25",
                                           "rsa-pkcs1-sha256", "none" };
    for (size_t i = 0; i < COUNT(unknown); i++) {
        enum httpa_scheme s = HTTPA_SIGN_ES256;
        assert_err(HTTPA_ERR_UNSUPPORTED,
                   httpa_scheme_find(httpa_slice_str(unknown[i]), &s));
        assert_int_equal(s, HTTPA_SIGN_ES256);
    }
    assert_null(httpa_scheme_name(HTTPA_SIGN_ES256)); /* no wire name */
}

/* Every scheme and every kind: fits, or says that it does not. */
static void every_pair(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        int fitting = 0;
        for (int i = 0; i < HTTPA_SCHEME_COUNT; i++) {
            enum httpa_scheme s = (enum httpa_scheme)i;
            struct httpa_slice message = httpa_slice_str("message");
            struct httpa_buf sig = httpa_buf_growing(HTTPA_SIGNATURE_MAX);
            enum httpa_err err =
                httpa_sign(crypto, keys[kind], s, message, &sig);
            if (err == HTTPA_OK) {
                fitting++;
                assert_ok(httpa_verify(crypto, pubs[kind], s, message,
                                       httpa_buf_slice(&sig)));
                assert_err(HTTPA_ERR_SIGNATURE,
                           httpa_verify(crypto, pubs[kind], s,
                                        httpa_slice_str("massage"),
                                        httpa_buf_slice(&sig)));
            } else {
                assert_err(HTTPA_ERR_KEY, err);
                assert_int_equal(sig.n, 0);
                assert_err(HTTPA_ERR_KEY,
                           httpa_verify(crypto, pubs[kind], s, message,
                                        httpa_slice_str("sig")));
            }
            httpa_buf_done(&sig);
        }
        static const int want[] = { 1, 2, 2, 5 };
        assert_int_equal(fitting, want[kind]);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static void rfc_8032(void **state)
{
    (void)state;
    struct httpa_pubkey *pub = NULL;
    assert_ok(httpa_pubkey_read(
        crypto,
        hex("302a300506032b6570032100"
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        &pub));
    assert_ok(httpa_verify(
        crypto, pub, HTTPA_SIGN_ED25519, (struct httpa_slice){ 0 },
        hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
            "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")));
    httpa_pubkey_free(pub);
}

static void rfc_6979(void **state)
{
    (void)state;
    struct httpa_pubkey *pub = NULL;
    assert_ok(httpa_pubkey_from_ec(crypto, HTTPA_KEY_P256, hex(P256_X),
                                   hex(P256_Y), &pub));
    assert_ok(httpa_verify(crypto, pub, HTTPA_SIGN_ES256,
                           httpa_slice_str("sample"), hex(P256_R P256_S)));
    assert_ok(httpa_verify(crypto, pub, HTTPA_SIGN_ECDSA_P256_SHA256,
                           httpa_slice_str("sample"),
                           hex("3046022100" P256_R "022100" P256_S)));
    httpa_pubkey_free(pub);
    assert_ok(httpa_pubkey_from_ec(crypto, HTTPA_KEY_P384, hex(P384_X),
                                   hex(P384_Y), &pub));
    assert_ok(httpa_verify(crypto, pub, HTTPA_SIGN_ES384,
                           httpa_slice_str("sample"), hex(P384_SIG)));
    httpa_pubkey_free(pub);
    assert_ok(httpa_pubkey_from_ec(crypto, HTTPA_KEY_P521, hex(P521_X),
                                   hex(P521_Y), &pub));
    assert_ok(httpa_verify(crypto, pub, HTTPA_SIGN_ES512,
                           httpa_slice_str("sample"), hex(P521_R P521_S)));
    assert_err(HTTPA_ERR_SIGNATURE,
               httpa_verify(crypto, pub, HTTPA_SIGN_ES512,
                            httpa_slice_str("simple"), hex(P521_R P521_S)));
    assert_err(HTTPA_ERR_SIGNATURE,
               httpa_verify(crypto, pub, HTTPA_SIGN_ES512,
                            httpa_slice_str("sample"), hex(P521_R)));
    assert_err(HTTPA_ERR_KEY,
               httpa_verify(crypto, pub, HTTPA_SIGN_ES384,
                            httpa_slice_str("sample"), hex(P384_SIG)));
    httpa_pubkey_free(pub);
}

static void hostile_ecdsa(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        enum httpa_scheme scheme;
        const char *sig;
    } rows[] = {
        { "empty", HTTPA_SIGN_ES256, "" },
        { "r only", HTTPA_SIGN_ES256, P256_R },
        { "a byte behind", HTTPA_SIGN_ES256, P256_R P256_S "00" },
        { "swapped", HTTPA_SIGN_ES256, P256_S P256_R },
        { "zeros", HTTPA_SIGN_ES256, ZERO_32 ZERO_32 },
        { "r = 0", HTTPA_SIGN_ES256, ZERO_32 P256_S },
        { "s = 0", HTTPA_SIGN_ES256, P256_R ZERO_32 },
        { "r = n", HTTPA_SIGN_ES256, P256_N P256_S },
        { "s = n", HTTPA_SIGN_ES256, P256_R P256_N },
        { "r = s = 1", HTTPA_SIGN_ES256, ONE_32 ONE_32 },
        { "DER where raw is due", HTTPA_SIGN_ES256,
          "3046022100" P256_R "022100" P256_S },
        { "raw where DER is due", HTTPA_SIGN_ECDSA_P256_SHA256, P256_R P256_S },
        { "empty DER", HTTPA_SIGN_ECDSA_P256_SHA256, "" },
        { "sequence of nothing", HTTPA_SIGN_ECDSA_P256_SHA256, "3000" },
        { "a byte behind", HTTPA_SIGN_ECDSA_P256_SHA256,
          "3046022100" P256_R "022100" P256_S "00" },
        { "a byte behind, inside", HTTPA_SIGN_ECDSA_P256_SHA256,
          "3047022100" P256_R "022100" P256_S "00" },
        { "zero in front of r", HTTPA_SIGN_ECDSA_P256_SHA256,
          "304702220000" P256_R "022100" P256_S },
        { "length in two bytes", HTTPA_SIGN_ECDSA_P256_SHA256,
          "308146022100" P256_R "022100" P256_S },
        { "negative r", HTTPA_SIGN_ECDSA_P256_SHA256,
          "30450220" P256_R "022100" P256_S },
        { "s of 0 bytes", HTTPA_SIGN_ECDSA_P256_SHA256,
          "3025022100" P256_R "0200" },
    };
    struct httpa_pubkey *pub = NULL;
    assert_ok(httpa_pubkey_from_ec(crypto, HTTPA_KEY_P256, hex(P256_X),
                                   hex(P256_Y), &pub));
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_err err =
            httpa_verify(crypto, pub, rows[i].scheme, httpa_slice_str("sample"),
                         hex(rows[i].sig));
        if (err != HTTPA_ERR_SIGNATURE) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
    }
    assert_int_equal(ERR_peek_error(), 0);
    httpa_pubkey_free(pub);
}

/* A salt of another length is another scheme on the wire; evidence of a TPM
 * may have any. */
static void salt_length(void **state)
{
    (void)state;
    const struct httpa_key *key = keys[HTTPA_KEY_RSA];
    const struct httpa_pubkey *pub = pubs[HTTPA_KEY_RSA];
    struct httpa_slice message = httpa_slice_str("message");
    struct httpa_buf fixed = httpa_buf_growing(HTTPA_SIGNATURE_MAX);
    struct httpa_buf longest = httpa_buf_growing(HTTPA_SIGNATURE_MAX);
    assert_ok(
        httpa_sign(crypto, key, HTTPA_SIGN_RSA_PSS_SHA256, message, &fixed));
    assert_ok(httpa_sign(crypto, key, HTTPA_SIGN_RSAPSS_ANY_SHA256, message,
                         &longest)); /* the longest that fits */
    assert_ok(httpa_verify(crypto, pub, HTTPA_SIGN_RSAPSS_ANY_SHA256, message,
                           httpa_buf_slice(&fixed)));
    assert_err(HTTPA_ERR_SIGNATURE,
               httpa_verify(crypto, pub, HTTPA_SIGN_RSA_PSS_SHA256, message,
                            httpa_buf_slice(&longest)));
    assert_err(HTTPA_ERR_SIGNATURE,
               httpa_verify(crypto, pub, HTTPA_SIGN_RSASSA_SHA256, message,
                            httpa_buf_slice(&fixed)));
    assert_err(HTTPA_ERR_SIGNATURE,
               httpa_verify(crypto, pub, HTTPA_SIGN_RSAPSS_ANY_SHA384, message,
                            httpa_buf_slice(&fixed)));
    httpa_buf_done(&fixed);
    httpa_buf_done(&longest);
}

struct signed_message {
    const struct httpa_pubkey *pub;
    enum httpa_scheme scheme;
    struct httpa_slice signature;
};

static void try_verify(struct httpa_slice in, void *arg)
{
    const struct signed_message *m = arg;
    if (!httpa_slice_equal(in, m->signature)) {
        assert_err(HTTPA_ERR_SIGNATURE,
                   httpa_verify(crypto, m->pub, m->scheme,
                                httpa_slice_str("message"), in));
    }
}

/* No changed signature verifies: there is one text for each. */
static void mutations(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct signed_message m = {
            .pub = pubs[kind],
            .scheme = httpa_scheme_of((enum httpa_key_kind)kind),
        };
        struct httpa_buf sig = httpa_buf_growing(HTTPA_SIGNATURE_MAX);
        assert_ok(httpa_sign(crypto, keys[kind], m.scheme,
                             httpa_slice_str("message"), &sig));
        m.signature = httpa_buf_slice(&sig);
        mutate(m.signature, try_verify, &m);
        httpa_buf_done(&sig);
    }
}

static void no_room(void **state)
{
    (void)state;
    uint8_t room[63];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    assert_err(HTTPA_ERR_SPACE,
               httpa_sign(crypto, keys[HTTPA_KEY_P256], HTTPA_SIGN_ES256,
                          httpa_slice_str("m"), &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),        cmocka_unit_test(every_pair),
        cmocka_unit_test(rfc_8032),      cmocka_unit_test(rfc_6979),
        cmocka_unit_test(hostile_ecdsa), cmocka_unit_test(salt_length),
        cmocka_unit_test(mutations),     cmocka_unit_test(no_room),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
