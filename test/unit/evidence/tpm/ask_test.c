#include "evidence/tpm/ask.h"

#include "crypto/random.h"
#include "evidence/tpm/credential.h"
#include "support.h"

static enum httpa_err
ask(const struct httpa_buf *value, struct httpa_challenge *ret)
{
    struct httpa_random random = httpa_random_system();
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = httpa_buf_slice(value),
                                  .now_s = NOW };
    return httpa_tpm_ask(&in, &random, ret);
}

static void only_an_endorsed_key_is_asked(void **state)
{
    static const struct {
        const char *sample;
        enum httpa_err err;
    } rows[] = {
        { "ek.cbor", HTTPA_OK },
        { "ekrsa.cbor", HTTPA_OK },
        { "ecc.cbor", HTTPA_ERR_EVIDENCE }, /* no endorsement certificate */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_challenge c = { 0 };
        struct httpa_tpm_credential parsed;
        struct httpa_buf b = sample(rows[i].sample);
        assert_err(rows[i].err, ask(&b, &c));
        assert_int_equal(c.ak_name_len, rows[i].err == HTTPA_OK ? 34 : 0);
        if (rows[i].err == HTTPA_OK) {
            struct httpa_digest ek =
                digest_of(HTTPA_SHA256, evidence_of(&b).ek_chain.der[0]);
            assert_memory_equal(c.ek_sha256, ek.bytes, 32);
            assert_string_equal(c.ask_label, "tpm-credential");
            assert_ok(
                httpa_tpm_credential_read(httpa_buf_slice(&c.ask), &parsed));
        }
        httpa_challenge_done(&c);
        httpa_buf_done(&b);
    }
}

/* A credential for a key that the certificate does not name. */
static void not_another_key(void **state)
{
    struct httpa_challenge c = { 0 };
    (void)state;
    struct httpa_buf a = sample("ek.cbor");
    struct httpa_buf b = sample("ekrsa.cbor");
    struct httpa_buf mixed = httpa_buf_growing(65536);
    struct httpa_tpm_evidence e = evidence_of(&a);
    e.ek_public = evidence_of(&b).ek_public;
    httpa_tpm_evidence_write(&mixed, &e);
    assert_err(HTTPA_ERR_KEY, ask(&mixed, &c));
    assert_int_equal(c.ask.n, 0);
    httpa_buf_done(&mixed);
    httpa_buf_done(&b);
    httpa_buf_done(&a);
}

static enum httpa_err
reply(const struct httpa_challenge *c, struct httpa_slice secret)
{
    uint8_t room[96];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_tpm_activated_write(&b, secret);
    return httpa_tpm_replied(c, httpa_buf_slice(&b));
}

static void only_the_secret_is_an_answer(void **state)
{
    struct httpa_challenge c = { 0 };
    uint8_t wrong[33] = { 0 };
    (void)state;
    struct httpa_buf b = sample("ek.cbor");
    assert_ok(ask(&b, &c));
    memcpy(wrong, c.secret, 32);
    assert_err(HTTPA_ERR_EVIDENCE, reply(&c, httpa_slice_of(wrong, 33)));
    assert_err(HTTPA_ERR_EVIDENCE, reply(&c, httpa_slice_of(wrong, 31)));
    wrong[31] ^= 1;
    assert_err(HTTPA_ERR_EVIDENCE, reply(&c, httpa_slice_of(wrong, 32)));
    assert_err(HTTPA_ERR_MISSING,
               httpa_tpm_replied(&c, httpa_slice_of("\xa0", 1)));
    assert_ok(reply(&c, httpa_slice_of(c.secret, 32)));
    httpa_challenge_done(&c);
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_endorsed_key_is_asked),
        cmocka_unit_test(not_another_key),
        cmocka_unit_test(only_the_secret_is_an_answer),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
