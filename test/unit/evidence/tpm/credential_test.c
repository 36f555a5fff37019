#include "evidence/tpm/credential.h"

#include "support.h"

static void what_is_an_endorsement_key(void **state)
{
    static const struct {
        uint32_t attributes;
        uint16_t symmetric, bits, mode;
        enum httpa_err err;
        const char *why;
    } rows[] = {
        { 0x000300b2, HTTPA_TPM_AES, 128, HTTPA_TPM_CFB, HTTPA_OK, "L-1" },
        { 0x000300f2, HTTPA_TPM_AES, 256, HTTPA_TPM_CFB, HTTPA_OK, "H-3" },
        { 0x000700b2, HTTPA_TPM_AES, 128, HTTPA_TPM_CFB, HTTPA_ERR_KEY,
          "signs" },
        { 0x000200b2, HTTPA_TPM_AES, 128, HTTPA_TPM_CFB, HTTPA_ERR_KEY,
          "not restricted: decrypts anything" },
        { 0x000300b0, HTTPA_TPM_AES, 128, HTTPA_TPM_CFB, HTTPA_ERR_KEY,
          "may leave its TPM" },
        { 0x000300b2, HTTPA_TPM_AES, 192, HTTPA_TPM_CFB, HTTPA_ERR_KEY,
          "AES-192" },
        { 0x000300b2, HTTPA_TPM_AES, 128, 0x40, HTTPA_ERR_KEY, "CTR" },
        { 0x000300b2, HTTPA_TPM_NULL, 0, 0, HTTPA_ERR_KEY, "no cipher" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_tpm_public p = { .attributes = rows[i].attributes,
                                      .symmetric = rows[i].symmetric,
                                      .symmetric_bits = rows[i].bits,
                                      .symmetric_mode = rows[i].mode };
        if (httpa_tpm_ek_check(&p) != rows[i].err) {
            fail_msg("%s", rows[i].why);
        }
    }
}

static const uint8_t secret[HTTPA_TPM_SECRET_LEN] = "the secret";

static struct httpa_buf make(const char *name, struct httpa_random rng)
{
    struct httpa_buf b = sample(name);
    struct httpa_buf out = httpa_buf_growing(HTTPA_TPM_CREDENTIAL_MAX);
    struct httpa_tpm_public ek;
    assert_ok(httpa_tpm_public_read(evidence_of(&b).ek_public, &ek));
    assert_ok(httpa_tpm_make_credential(crypto, &rng, &ek,
                                        httpa_slice_str("name"), secret, &out));
    httpa_buf_done(&b);
    return out;
}

/* Sizes as a TPM reads them; that one answers is shown with a real one. */
static void shape(void **state)
{
    static const struct {
        const char *sample;
        size_t mac, shared; /* bytes of the two parts that keys decide */
    } rows[] = { { "ekrsa.cbor", 32, 256 }, { "ek.cbor", 48, 4 + 96 } };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_tpm_credential c;
        struct httpa_buf out = make(rows[i].sample, httpa_random_system());
        assert_ok(httpa_tpm_credential_read(httpa_buf_slice(&out), &c));
        assert_int_equal(c.id_object.n, 2 + 2 + rows[i].mac + 2 + 32);
        assert_int_equal(c.encrypted_secret.n, 2 + rows[i].shared);
        assert_int_equal(c.id_object.p[3], rows[i].mac);
        httpa_buf_done(&out);
    }
}

static enum httpa_err no_random(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    (void)p;
    (void)n;
    return HTTPA_ERR_CRYPTO;
}

static void without_randomness_there_is_no_credential(void **state)
{
    struct httpa_random rng = { .fill = no_random };
    struct httpa_tpm_public ek;
    (void)state;
    struct httpa_buf b = sample("ekrsa.cbor");
    struct httpa_buf out = httpa_buf_growing(HTTPA_TPM_CREDENTIAL_MAX);
    assert_ok(httpa_tpm_public_read(evidence_of(&b).ek_public, &ek));
    assert_err(HTTPA_ERR_CRYPTO,
               httpa_tpm_make_credential(
                   crypto, &rng, &ek, httpa_slice_str("name"), secret, &out));
    assert_int_equal(out.n, 0);
    ek.name_alg = HTTPA_TPM_SHA1;
    assert_err(HTTPA_ERR_UNSUPPORTED,
               httpa_tpm_make_credential(
                   crypto, &rng, &ek, httpa_slice_str("name"), secret, &out));
    ek.attributes = 0;
    assert_err(HTTPA_ERR_KEY, httpa_tpm_make_credential(crypto, &rng, &ek,
                                                        httpa_slice_str("name"),
                                                        secret, &out));
    httpa_buf_done(&out);
    httpa_buf_done(&b);
}

static void what_is_no_credential(void **state)
{
    static const struct {
        const char *hex;
        enum httpa_err err;
        const char *why;
    } rows[] = {
        { "a2"
          "01430001aa"
          "02430001bb",
          HTTPA_OK, "both" },
        { "a1"
          "01430001aa",
          HTTPA_ERR_MISSING, "one" },
        { "a3"
          "01430001aa"
          "02430001bb"
          "0340",
          HTTPA_ERR_UNSUPPORTED, "an unknown key" },
        { "a2"
          "01430002aa"
          "02430001bb",
          HTTPA_ERR_MALFORMED, "prefix too large" },
        { "a2"
          "01430000aa"
          "02430001bb",
          HTTPA_ERR_MALFORMED, "prefix too small" },
        { "a2"
          "01420000"
          "02430001bb",
          HTTPA_ERR_MALFORMED, "empty" },
        { "a2"
          "0141aa"
          "02430001bb",
          HTTPA_ERR_MALFORMED, "no prefix" },
        { "a2"
          "01430001aa"
          "02430001bb"
          "00",
          HTTPA_ERR_TRAILING, "behind" },
        { "a2"
          "01430001aa"
          "01430001bb",
          HTTPA_ERR_DUPLICATE, "twice" },
        { "a2"
          "01430001aa"
          "0263616263",
          HTTPA_ERR_MALFORMED, "text" },
        { "", HTTPA_ERR_TRUNCATED, "nothing" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64];
        struct httpa_tpm_credential c;
        size_t n = unhex(rows[i].hex, room, sizeof(room));
        uint8_t *exact = exact_copy(room, n);
        enum httpa_err err =
            httpa_tpm_credential_read(httpa_slice_of(exact, n), &c);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        free(exact);
    }
}

static void answers(void **state)
{
    static const struct {
        const char *hex;
        enum httpa_err err;
    } rows[] = {
        { "a10141aa", HTTPA_OK },
        { "a10140", HTTPA_ERR_RANGE },
        { "a0", HTTPA_ERR_MISSING },
        { "a20141aa0241bb", HTTPA_ERR_UNSUPPORTED },
        { "a10141aa00", HTTPA_ERR_TRAILING },
        { "a1016161", HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64];
        struct httpa_slice s;
        size_t n = unhex(rows[i].hex, room, sizeof(room));
        assert_err(rows[i].err,
                   httpa_tpm_activated_read(httpa_slice_of(room, n), &s));
    }
    uint8_t room[80];
    uint8_t long_secret[65] = { 0 };
    struct httpa_slice s;
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_tpm_activated_write(&b, httpa_slice_str("secret"));
    assert_ok(httpa_tpm_activated_read(httpa_buf_slice(&b), &s));
    assert_slice_is(s, "secret");
    httpa_buf_reset(&b);
    httpa_tpm_activated_write(&b, httpa_slice_of(long_secret, 65));
    assert_err(HTTPA_ERR_RANGE,
               httpa_tpm_activated_read(httpa_buf_slice(&b), &s));
}

static void read_one(struct httpa_slice in, void *arg)
{
    struct httpa_tpm_credential c;
    struct httpa_slice s;
    (void)arg;
    (void)!httpa_tpm_credential_read(in, &c);
    (void)!httpa_tpm_activated_read(in, &s);
}

static void mutations(void **state)
{
    (void)state;
    struct httpa_buf out = make("ek.cbor", httpa_random_system());
    mutate(httpa_buf_slice(&out), read_one, NULL);
    httpa_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_an_endorsement_key),
        cmocka_unit_test(shape),
        cmocka_unit_test(without_randomness_there_is_no_credential),
        cmocka_unit_test(what_is_no_credential),
        cmocka_unit_test(answers),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
