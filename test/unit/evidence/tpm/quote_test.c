#include "evidence/tpm/quote.h"

#include "crypto/sign.h"
#include "support.h"

static void attributes(void **state)
{
    static const struct {
        uint32_t attributes;
        enum httpa_err err;
        const char *why;
    } rows[] = {
        { 0x00050072, HTTPA_OK, "as attestation keys are made" },
        { 0x00050472, HTTPA_OK, "noDA" },
        { 0x00040072, HTTPA_ERR_KEY, "not restricted: signs forged quotes" },
        { 0x00050070, HTTPA_ERR_KEY, "may leave its TPM" },
        { 0x00050062, HTTPA_ERR_KEY, "may move to another parent" },
        { 0x00050052, HTTPA_ERR_KEY, "made outside a TPM" },
        { 0x00010072, HTTPA_ERR_KEY, "does not sign" },
        { 0x00070072, HTTPA_ERR_KEY, "decrypts as well" },
        { 0x00030072, HTTPA_ERR_KEY, "a storage key" },
        { 0, HTTPA_ERR_KEY, "nothing" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_tpm_public p = { .attributes = rows[i].attributes,
                                      .symmetric = HTTPA_TPM_NULL };
        if (httpa_tpm_ak_check(&p) != rows[i].err) {
            fail_msg("%s", rows[i].why);
        }
    }
    struct httpa_tpm_public p = { .attributes = 0x00050072,
                                  .symmetric = HTTPA_TPM_AES };
    assert_err(HTTPA_ERR_KEY, httpa_tpm_ak_check(&p));
}

static void names(void **state)
{
    (void)state;
    struct httpa_buf b = sample("ecc.cbor");
    struct httpa_tpm_evidence e = evidence_of(&b);
    uint8_t room[HTTPA_TPM_NAME_MAX];
    struct httpa_buf name = httpa_buf_fixed(room, sizeof(room));
    struct httpa_digest d = digest_of(HTTPA_SHA256, e.ak_public);
    assert_ok(httpa_tpm_name(crypto, e.ak_public, &name));
    assert_int_equal(name.n, 34);
    assert_memory_equal(room, "\x00\x0b", 2);
    assert_memory_equal(room + 2, d.bytes, 32);
    httpa_buf_done(&b);
}

/* The key of a sample, its quote and signature. */
struct quote {
    struct httpa_buf b;
    struct httpa_tpm_evidence e;
    struct httpa_tpm_attest attest;
    struct httpa_tpm_signature signature;
    struct httpa_pubkey *key;
};

static struct quote open_quote(const char *name)
{
    struct quote q = { .b = sample(name) };
    struct httpa_tpm_public p;
    q.e = evidence_of(&q.b);
    assert_ok(httpa_tpm_attest_read(q.e.attest, &q.attest));
    assert_ok(httpa_tpm_signature_read(q.e.signature, &q.signature));
    assert_ok(httpa_tpm_public_read(q.e.ak_public, &p));
    assert_ok(httpa_tpm_key(crypto, &p, &q.key));
    return q;
}

static void close_quote(struct quote *q)
{
    httpa_pubkey_free(q->key);
    httpa_buf_done(&q->b);
}

static void signatures(void **state)
{
    enum httpa_hash_id hash = HTTPA_SHA512;
    (void)state;
    struct quote ecc = open_quote("ecc.cbor");
    struct quote rsa = open_quote("rsa.cbor");
    assert_ok(httpa_tpm_quote_signature(crypto, ecc.key, ecc.e.attest,
                                        &ecc.signature, &hash));
    assert_int_equal(hash, HTTPA_SHA256);
    assert_ok(httpa_tpm_quote_signature(crypto, rsa.key, rsa.e.attest,
                                        &rsa.signature, &hash));
    assert_err(HTTPA_ERR_SIGNATURE,
               httpa_tpm_quote_signature(crypto, ecc.key, rsa.e.attest,
                                         &ecc.signature, &hash));
    assert_err(HTTPA_ERR_UNSUPPORTED,
               httpa_tpm_quote_signature(crypto, rsa.key, rsa.e.attest,
                                         &ecc.signature, &hash));
    struct httpa_tpm_signature sha1 = rsa.signature;
    sha1.hash = HTTPA_TPM_SHA1;
    assert_err(
        HTTPA_ERR_UNSUPPORTED,
        httpa_tpm_quote_signature(crypto, rsa.key, rsa.e.attest, &sha1, &hash));
    struct httpa_tpm_signature other = rsa.signature;
    other.alg = HTTPA_TPM_RSASSA;
    assert_err(HTTPA_ERR_SIGNATURE,
               httpa_tpm_quote_signature(crypto, rsa.key, rsa.e.attest, &other,
                                         &hash));
    close_quote(&ecc);
    close_quote(&rsa);
}

static struct httpa_slice strip(struct httpa_slice s)
{
    while (s.n > 0 && s.p[0] == 0) {
        s = httpa_slice_from(s, 1);
    }
    return s;
}

/* TPMs drop leading zeros of r and s: signatures are made until one has. */
static void short_r_and_s_are_padded(void **state)
{
    struct httpa_key *key = NULL;
    struct httpa_pubkey *pub = NULL;
    struct httpa_slice message = httpa_slice_str("message");
    enum httpa_hash_id hash;
    bool seen = false;
    (void)state;
    assert_ok(httpa_key_generate(crypto, HTTPA_KEY_P256, &key));
    assert_ok(httpa_pubkey_read(crypto, httpa_key_spki(key), &pub));
    for (unsigned i = 0; i < 5000 && !seen; i++) {
        uint8_t room[64];
        struct httpa_buf raw = httpa_buf_fixed(room, sizeof(room));
        assert_ok(httpa_sign(crypto, key, HTTPA_SIGN_ES256, message, &raw));
        struct httpa_tpm_signature s = { .alg = HTTPA_TPM_ECDSA,
                                         .hash = HTTPA_TPM_SHA256,
                                         .r = strip(httpa_slice_of(room, 32)),
                                         .s = strip(
                                             httpa_slice_of(room + 32, 32)) };
        seen = s.r.n < 32 || s.s.n < 32;
        assert_ok(httpa_tpm_quote_signature(crypto, pub, message, &s, &hash));
    }
    assert_true(seen);
    uint8_t zeros[40] = { 0 };
    struct httpa_tpm_signature wide = { .alg = HTTPA_TPM_ECDSA,
                                        .hash = HTTPA_TPM_SHA256,
                                        .r = httpa_slice_of(zeros, 40),
                                        .s = httpa_slice_of(zeros, 40) };
    assert_true(httpa_tpm_quote_signature(crypto, pub, message, &wide, &hash) !=
                HTTPA_OK);
    zeros[0] = 1;
    assert_err(HTTPA_ERR_RANGE,
               httpa_tpm_quote_signature(crypto, pub, message, &wide, &hash));
    httpa_pubkey_free(pub);
    httpa_key_free(key);
}

static void binding(void **state)
{
    struct httpa_tpm_attest a = { .extra_data = httpa_slice_str("nonce") };
    struct httpa_tpm_attest none = { 0 };
    (void)state;
    assert_ok(httpa_tpm_quote_binds(&a, httpa_slice_str("nonce")));
    assert_err(HTTPA_ERR_EVIDENCE,
               httpa_tpm_quote_binds(&a, httpa_slice_str("nonc")));
    assert_err(HTTPA_ERR_EVIDENCE,
               httpa_tpm_quote_binds(&a, httpa_slice_str("noncE")));
    assert_err(HTTPA_ERR_EVIDENCE,
               httpa_tpm_quote_binds(&none, httpa_slice_str("")));
}

static enum httpa_err
digest(const struct quote *q, const struct httpa_tpm_pcrs *pcrs, size_t n)
{
    return httpa_tpm_quote_digest(crypto, HTTPA_SHA256, &q->attest, pcrs, n);
}

/* CVE-2022-0317: a quote over no registers must not vouch for values. */
static void registers(void **state)
{
    uint8_t other[48] = { 1 };
    (void)state;
    struct quote q = open_quote("rsa.cbor");
    struct httpa_tpm_pcrs pcrs[3];
    memcpy(pcrs, q.e.pcrs, sizeof(pcrs[0]) * 2);
    assert_ok(digest(&q, pcrs, 2));

    assert_err(HTTPA_ERR_EVIDENCE, digest(&q, pcrs, 1)); /* a bank missing */
    struct httpa_tpm_pcrs swapped[2] = { pcrs[1], pcrs[0] };
    assert_ok(digest(&q, swapped, 2)); /* the selection gives the order */
    pcrs[1].value[1] = httpa_slice_of(other, 48);
    assert_err(HTTPA_ERR_EVIDENCE, digest(&q, pcrs, 2)); /* another value */
    pcrs[1] = q.e.pcrs[1];
    pcrs[1].mask |= 1u << 7; /* a value that was not quoted */
    pcrs[1].value[7] = httpa_slice_of(other, 48);
    assert_err(HTTPA_ERR_EVIDENCE, digest(&q, pcrs, 2));
    pcrs[1] = q.e.pcrs[1];
    pcrs[2] = (struct httpa_tpm_pcrs){ .hash = HTTPA_TPM_SHA512, .mask = 1 };
    pcrs[2].value[0] = httpa_slice_of(other, 48);
    assert_err(HTTPA_ERR_EVIDENCE, digest(&q, pcrs, 3)); /* nor this bank */

    struct httpa_digest nothing =
        digest_of(HTTPA_SHA256, (struct httpa_slice){ 0 });
    struct quote empty = q;
    empty.attest.select[0].mask = 0;
    empty.attest.select[1].mask = 0;
    empty.attest.pcr_digest = httpa_digest_slice(&nothing);
    assert_err(HTTPA_ERR_EVIDENCE, digest(&empty, NULL, 0));
    close_quote(&q);
}

static void keys_of_other_sizes_are_refused(void **state)
{
    uint8_t modulus[256] = { 0x80 };
    struct httpa_pubkey *key = NULL;
    struct httpa_tpm_public p = { .type = HTTPA_TPM_RSA,
                                  .exponent = 65537,
                                  .modulus = httpa_slice_of(modulus, 128) };
    (void)state;
    modulus[127] = 1;
    assert_err(HTTPA_ERR_UNSUPPORTED, httpa_tpm_key(crypto, &p, &key));
    p.modulus.n = 256;
    p.exponent = 3;
    assert_err(HTTPA_ERR_UNSUPPORTED, httpa_tpm_key(crypto, &p, &key));
    struct httpa_tpm_public off = { .type = HTTPA_TPM_ECC,
                                    .curve = HTTPA_TPM_P256,
                                    .x = httpa_slice_of(modulus, 32),
                                    .y = httpa_slice_of(modulus, 32) };
    assert_err(HTTPA_ERR_MALFORMED, httpa_tpm_key(crypto, &off, &key));
    assert_null(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),
        cmocka_unit_test(names),
        cmocka_unit_test(signatures),
        cmocka_unit_test(short_r_and_s_are_padded),
        cmocka_unit_test(binding),
        cmocka_unit_test(registers),
        cmocka_unit_test(keys_of_other_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
