#include "key_support.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/* One P-256 key in five encodings, of which only the first is accepted. */
#define SPKI_HEAD "3059301306072a8648ce3d020106082a8648ce3d030107034200"
#define POINT_X                                                                \
    "de7dc8882954363decbd54802d957c4c832b7874a40a7fe2a1effd01b503d780"
#define POINT_Y                                                                \
    "b332fff51fb2eb6c439d9e47e880e983ae5683580bb0c2e3fae475ee4d659f6d"
static const char p256_spki[] = SPKI_HEAD "04" POINT_X POINT_Y;

static const struct {
    const char *why;
    enum httpa_err err;
    const char *spki;
} bad_spkis[] = {
    { "hybrid point", HTTPA_ERR_MALFORMED, SPKI_HEAD "07" POINT_X POINT_Y },
    { "compressed point", HTTPA_ERR_MALFORMED,
      "3039301306072a8648ce3d020106082a8648ce3d030107032200"
      "03" POINT_X },
    { "curve written out", HTTPA_ERR_MALFORMED,
      "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d01010221"
      "00ffffffff00000001000000000000000000000000ffffffffffffffffffffffff305b04"
      "20ffffffff00000001000000000000000000000000fffffffffffffffffffffffc04205a"
      "c635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b031500c49d"
      "360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6e563a440"
      "f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33"
      "576b315ececbb6406837bf51f5022100ffffffff00000000ffffffffffffffffbce6faad"
      "a7179e84f3b9cac2fc632551020101034200"
      "04" POINT_X POINT_Y },
    { "point off the curve", HTTPA_ERR_MALFORMED,
      SPKI_HEAD "04" POINT_X POINT_X },
    { "a byte behind", HTTPA_ERR_MALFORMED,
      SPKI_HEAD "04" POINT_X POINT_Y "00" },
    { "length in two bytes where one would do", HTTPA_ERR_MALFORMED,
      "308159301306072a8648ce3d020106082a8648ce3d030107034200"
      "04" POINT_X POINT_Y },
    { "RSA of 1024 bits", HTTPA_ERR_UNSUPPORTED,
      "30819f300d06092a864886f70d010101050003818d0030818902818100d3f2aed20afd91"
      "82ae24a28852dad0ab1fb858a9c5777ac569de7f8de02fd78a3366f883bccf9c27b6f9a2"
      "159ebc4e1f38400cb3e032a1ba8e981bd63b2f727301f52f9150abd4441dd8385ca5fb81"
      "5bfde2da44f9cea4de29e73ac131959c8e1079a23718b5c239a6fdef60ac9efde4fe9f01"
      "6eb9df0f678f50bc0a712fa66b0203010001" },
    { "Ed448", HTTPA_ERR_UNSUPPORTED,
      "3043300506032b6571033a00787df07ec22c963e39a7e0f5493a72d9dd5d767a0cd963c0"
      "4718942a8313a39445b4e226bd2c60017da3c8c7de7af79e4ddc7ee12a3320cf80" },
    { "Ed25519 a byte short", HTTPA_ERR_MALFORMED,
      "3029300506032b65700320004fd099ccd47d7893dfe9ec24414ecb0d9b5420232aad30d9"
      "1c465be33cbe65" },
    { "nothing", HTTPA_ERR_MALFORMED, "" },
    { "an empty sequence", HTTPA_ERR_MALFORMED, "3000" },
};

static const char p521_spki[] =
    "30819b301006072a8648ce3d020106052b81040023038186000400be686595e913a45ccf"
    "ba7bd236e221fd22582e0b833b6f8b6be770cebda274a4fd143cd24a56dda8e6971d9109"
    "977daaddb629fd4097e3aa3c643b920908d50a5c00e282dd80fd0ebbe1ec6b9fb1708022"
    "25f2a7a94ffa100ac69c19728502e403f88f55c3c58967c95a5198256544eb1902d13b9a"
    "953e4ac9110eb76921837950a851";

static void there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        const struct httpa_key *key = keys[i];
        struct httpa_key *again = NULL;
        const struct httpa_pubkey *pub = pubs[i];
        assert_int_equal(httpa_key_kind_of(key), all_kinds[i]);
        struct httpa_buf pem = httpa_buf_growing(HTTPA_KEY_PEM_MAX);
        assert_ok(httpa_key_write_pem(key, &pem));
        assert_true(httpa_slice_starts(httpa_buf_slice(&pem),
                                       "-----BEGIN PRIVATE KEY-----\n"));
        assert_ok(httpa_key_read_pem(crypto, httpa_buf_slice(&pem), &again));
        assert_true(
            httpa_slice_equal(httpa_key_spki(key), httpa_key_spki(again)));
        assert_int_equal(httpa_pubkey_kind_of(pub), all_kinds[i]);
        assert_true(
            httpa_slice_equal(httpa_key_spki(key), httpa_pubkey_spki(pub)));
        struct httpa_buf small = httpa_buf_growing(20);
        assert_err(HTTPA_ERR_SPACE, httpa_key_write_pem(key, &small));
        httpa_buf_done(&small);
        httpa_buf_done(&pem);
        httpa_key_free(again);
    }
    httpa_key_free(NULL);
    httpa_pubkey_free(NULL);
}

static void bad_pem(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        "no PEM at all",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct httpa_key *key = NULL;
        assert_err(HTTPA_ERR_MALFORMED,
                   httpa_key_read_pem(crypto, httpa_slice_str(texts[i]), &key));
        assert_null(key);
    }
    static const uint8_t big[HTTPA_KEY_PEM_MAX + 1];
    struct httpa_key *key = NULL;
    assert_err(
        HTTPA_ERR_RANGE,
        httpa_key_read_pem(crypto, httpa_slice_of(big, sizeof(big)), &key));
    assert_int_equal(ERR_peek_error(), 0);
}

/* Reads what OpenSSL wrote to |bio|, which it takes. */
static enum httpa_err read_bio(BIO *bio, struct httpa_key **ret_key)
{
    char *text = NULL;
    long n = BIO_get_mem_data(bio, &text);
    enum httpa_err err =
        httpa_key_read_pem(crypto, httpa_slice_of(text, (size_t)n), ret_key);
    BIO_free(bio);
    return err;
}

/* Would ask for the passphrase on a terminal if it could. */
static void encrypted_pem(void **state)
{
    (void)state;
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    char passphrase[] = "secret";
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_128_cbc(),
                                                   passphrase, 6, NULL, NULL),
                     1);
    struct httpa_key *key = NULL;
    assert_err(HTTPA_ERR_MALFORMED, read_bio(bio, &key));
    EVP_PKEY_free(pkey);
}

/* A key of ours as OpenSSL's. */
static EVP_PKEY *as_openssl(const struct httpa_key *key)
{
    struct httpa_buf pem = httpa_buf_growing(HTTPA_KEY_PEM_MAX);
    assert_ok(httpa_key_write_pem(key, &pem));
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    httpa_buf_done(&pem);
    return pkey;
}

/* SEC 1 and PKCS #1. */
static void older_pem(void **state)
{
    (void)state;
    static const enum httpa_key_kind kinds[] = { HTTPA_KEY_P256,
                                                 HTTPA_KEY_RSA };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        EVP_PKEY *pkey = as_openssl(keys[kinds[i]]);
        BIO *bio = BIO_new(BIO_s_mem());
        assert_int_equal(PEM_write_bio_PrivateKey_traditional(
                             bio, pkey, NULL, NULL, 0, NULL, NULL),
                         1);
        struct httpa_key *key = NULL;
        assert_ok(read_bio(bio, &key));
        assert_true(httpa_slice_equal(httpa_key_spki(key),
                                      httpa_key_spki(keys[kinds[i]])));
        httpa_key_free(key);
        EVP_PKEY_free(pkey);
    }
}

static void unsupported_pem(void **state)
{
    (void)state;
    EVP_PKEY *pkeys[] = {
        EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521"),
        EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024),
        EVP_PKEY_Q_keygen(NULL, NULL, "ED448"),
        EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
    };
    for (size_t i = 0; i < COUNT(pkeys); i++) {
        BIO *bio = BIO_new(BIO_s_mem());
        assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkeys[i], NULL,
                                                       NULL, 0, NULL, NULL),
                         1);
        struct httpa_key *key = NULL;
        assert_err(HTTPA_ERR_UNSUPPORTED, read_bio(bio, &key));
        assert_null(key);
        EVP_PKEY_free(pkeys[i]);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static void one_encoding_per_key(void **state)
{
    (void)state;
    struct httpa_pubkey *pub = NULL;
    assert_ok(httpa_pubkey_read(crypto, hex(p256_spki), &pub));
    assert_slice_hex(httpa_pubkey_point(pub), "04" POINT_X POINT_Y);
    httpa_pubkey_free(pub);
    for (size_t i = 0; i < COUNT(bad_spkis); i++) {
        pub = NULL;
        enum httpa_err err =
            httpa_pubkey_read(crypto, hex(bad_spkis[i].spki), &pub);
        if (err != bad_spkis[i].err) {
            fail_msg("%s: %s", bad_spkis[i].why, httpa_err_name(err));
        }
        assert_null(pub);
    }
    static const uint8_t big[HTTPA_SPKI_MAX + 1];
    assert_err(
        HTTPA_ERR_RANGE,
        httpa_pubkey_read(crypto, httpa_slice_of(big, sizeof(big)), &pub));
    assert_int_equal(ERR_peek_error(), 0);
}

/* Whatever is accepted is written back as it came. */
static void try_read(struct httpa_slice in, void *arg)
{
    (void)arg;
    struct httpa_pubkey *pub = NULL;
    if (httpa_pubkey_read(crypto, in, &pub) == HTTPA_OK) {
        assert_true(httpa_slice_equal(in, httpa_pubkey_spki(pub)));
        httpa_pubkey_free(pub);
    }
}

/* To verify evidence with; there is no private one (unsupported_pem). */
static void p521(void **state)
{
    (void)state;
    struct httpa_pubkey *pub = NULL;
    struct httpa_key *key = NULL;
    assert_ok(httpa_pubkey_read(crypto, hex(p521_spki), &pub));
    assert_int_equal(httpa_pubkey_kind_of(pub), HTTPA_KEY_P521);
    assert_int_equal(httpa_pubkey_point(pub).n, 133);
    assert_true(
        httpa_slice_equal(httpa_pubkey_spki(pub), hex(p521_spki)));
    httpa_pubkey_free(pub);
    assert_err(HTTPA_ERR_UNSUPPORTED,
               httpa_key_generate(crypto, HTTPA_KEY_P521, &key));
    assert_null(key);
    mutate(hex(p521_spki), try_read, NULL);
}

static void mutations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        mutate(httpa_key_spki(keys[i]), try_read, NULL);
    }
}

static void from_coordinates(void **state)
{
    (void)state;
    struct httpa_pubkey *pub = NULL;
    assert_ok(httpa_pubkey_from_ec(crypto, HTTPA_KEY_P256, hex(POINT_X),
                                   hex(POINT_Y), &pub));
    assert_slice_hex(httpa_pubkey_spki(pub), p256_spki);
    httpa_pubkey_free(pub);
    /* The point with x = 5 of P-256, as a TPM writes it: no leading zeros. */
    assert_ok(httpa_pubkey_from_ec(
        crypto, HTTPA_KEY_P256, hex("05"),
        hex("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"),
        &pub));
    assert_int_equal(httpa_pubkey_point(pub).p[32], 5);
    httpa_pubkey_free(pub);

    const struct {
        const char *why;
        enum httpa_key_kind kind;
        enum httpa_err err;
        const char *x, *y;
    } rows[] = {
        { "off the curve", HTTPA_KEY_P256, HTTPA_ERR_MALFORMED, POINT_X,
          POINT_X },
        { "another curve", HTTPA_KEY_P384, HTTPA_ERR_MALFORMED, POINT_X,
          POINT_Y },
        { "too long", HTTPA_KEY_P256, HTTPA_ERR_MALFORMED, "00" POINT_X,
          POINT_Y },
        { "nothing", HTTPA_KEY_P256, HTTPA_ERR_MALFORMED, "", "" },
        { "half of nothing", HTTPA_KEY_P256, HTTPA_ERR_MALFORMED, POINT_X, "" },
        { "no curve", HTTPA_KEY_RSA, HTTPA_ERR_USAGE, POINT_X, POINT_Y },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        pub = NULL;
        enum httpa_err err = httpa_pubkey_from_ec(
            crypto, rows[i].kind, hex(rows[i].x), hex(rows[i].y), &pub);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        assert_null(pub);
    }
}

static void from_modulus(void **state)
{
    (void)state;
    struct httpa_pubkey *pub = NULL;
    struct httpa_slice spki = httpa_key_spki(keys[HTTPA_KEY_RSA]);
    /* ... INTEGER modulus, INTEGER 65537 at the very end. */
    struct httpa_slice modulus = httpa_slice_of(spki.p + spki.n - 5 - 384, 384);
    assert_ok(httpa_pubkey_from_rsa(crypto, modulus, 65537, &pub));
    assert_true(httpa_slice_equal(spki, httpa_pubkey_spki(pub)));
    assert_int_equal(httpa_pubkey_point(pub).n, 0);
    httpa_pubkey_free(pub);
    static const uint32_t bad[] = { 0, 1, 2, 65536 };
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_err(HTTPA_ERR_UNSUPPORTED,
                   httpa_pubkey_from_rsa(crypto, modulus, bad[i], &pub));
    }
    static const size_t sizes[] = { 0, 1, 128, 255 };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        assert_err(HTTPA_ERR_UNSUPPORTED,
                   httpa_pubkey_from_rsa(crypto,
                                         httpa_slice_of(modulus.p, sizes[i]),
                                         65537, &pub));
    }
    static const uint8_t big[1025] = { 0x80 };
    assert_err(HTTPA_ERR_UNSUPPORTED,
               httpa_pubkey_from_rsa(crypto, httpa_slice_of(big, sizeof(big)),
                                     65537, &pub));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(bad_pem),
        cmocka_unit_test(encrypted_pem),
        cmocka_unit_test(older_pem),
        cmocka_unit_test(unsupported_pem),
        cmocka_unit_test(one_encoding_per_key),
        cmocka_unit_test(p521),
        cmocka_unit_test(mutations),
        cmocka_unit_test(from_coordinates),
        cmocka_unit_test(from_modulus),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
